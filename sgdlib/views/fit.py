"""LineFit: the data, and the line that each run has found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sgdlib.charts.scatter import data_points
from sgdlib.experiment.replicas import middle_params
from sgdlib.experiment.run import Run
from sgdlib.scene import Axis, Line, Mark, Panel, Point, Words, style
from sgdlib.scene.axes import linear, span, straight, written
from sgdlib.scene.labels import fitted
from sgdlib.views import replicas
from sgdlib.views.view import View, looks, need_recorded, no_worse, warning

HIGHEST = 100.0  # the loss axis ends at no more than so many times the loss at the start


@dataclass(frozen=True)
class LineFit(View):
    """The data, the true line where it is known, and each run's current line; of several replicas up to 30."""

    def check(self, run: Run) -> None:
        """The problem must predict a line of a slope and an intercept, the run have recorded params and loss."""
        if not run.problem.is_line:
            raise ValueError(
                "runs must be of a problem that predicts a line by a slope and an intercept, such as LeastSquares of "
                f"one column and a column of ones, for LineFit; got {type(run.problem).__name__} with {run.problem.p} "
                "parameters, which predicts none. Use LossCurve, which draws any problem."
            )
        need_recorded(run, "params", "loss")

    def axes(self, runs: Sequence[Run]) -> tuple[Axis, Axis]:
        """x from the data, y from the data and every line no worse than the start."""
        data = runs[0].problem.data
        x = linear("x", data.x[:, 0])
        ends = np.array([[x.low, x.high], [1.0, 1.0]])
        lines = [no_worse(run) @ ends for run in runs]
        if data.truth is not None:
            lines.append(data.truth.numpy() @ ends)
        return x, linear("y", span([data.y, *lines]), margin=0.04)

    def panel(self, runs: Mapping[str, Run], slots: NDArray[np.int64], axes: tuple[Axis, Axis]) -> Panel:
        """The points, the true line dashed, the current lines solid."""
        x, y = axes
        data = next(iter(runs.values())).problem.data
        marks: list[Mark] = [data_points(data, x, y)]
        if data.truth is not None:
            true = straight(x, y, *data.truth.tolist())
            marks.append(Line((true,), "truth", dash=style.TRUE_DASH))
            if true:
                marks.append(Words(("true line",), (_along(x, y, true, 0.97),), "truth", align="right", lift=-30))
        lost: dict[str, Sequence[str]] = {}
        for look, (label, run) in zip(looks(runs), runs.items(), strict=True):
            if run.replicas > 1:
                marks.append(replicas.lines(x, y, run, slots, look))
            lines = [straight(x, y, *params) for params in middle_params(run)[slots].tolist()]
            marks.append(Line(tuple(lines), replicas.role(run), dash=look.dash, order=look.order))
            lost[label] = ["" if line else "off the picture" for line in lines]
        marks.append(warning(x, y, lost))
        return Panel("The data and the line", x, y, fitted(marks, x, y, 170), height=170)


def _along(x: Axis, y: Axis, line: tuple[Point, ...], fraction: float) -> Point:
    (x0, y0), (x1, y1) = line
    return (written(x, x0 + fraction * (x1 - x0)), written(y, y0 + fraction * (y1 - y0)))
