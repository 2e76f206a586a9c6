"""LineFit: the data, and the line that each run has found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from sgdlib.base.words import phrase
from sgdlib.charts.scatter import pairs
from sgdlib.experiment.replicas import middle_params
from sgdlib.experiment.run import Run
from sgdlib.scene import Axis, Line, Plot, Points, Words, style
from sgdlib.scene.axes import linear, span, straight, written
from sgdlib.views import replicas
from sgdlib.views.view import View, need_recorded, no_worse, with_looks


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

    def draw(self, plot: Plot, runs: Mapping[str, Run]) -> None:
        """The points, the true line dashed, the current lines solid."""
        plot.title, plot.height = phrase("panel.fit"), 170
        data = next(iter(runs.values())).problem.data
        plot.mark("data", Points(role="data", shape="ring"), pairs(data))
        if data.truth is not None:
            ends = plot.mark("truth", Line(role="truth", dash=style.TRUE_DASH), straight(plot.x, plot.y, data.truth))
            if np.isfinite(ends).all():
                x, y = (ends[0] + 0.97 * (ends[1] - ends[0])).tolist()
                place = (written(plot.x, x), written(plot.y, y))
                plot.words("truth", phrase("mark.truth"), place, Words(role="truth", align="right", lift=-30))
        lost: dict[str, Sequence[str]] = {}
        for label, run, look in with_looks(runs):
            if run.replicas > 1:
                replicas.lines(plot, run, look)
            lines = straight(plot.x, plot.y, middle_params(run)[plot.slots])  # (F, 2, 2)
            plot.mark("line", Line(role=replicas.role(run), dash=look.dash), lines, look)
            lost[label] = [phrase("lost.line") if off else "" for off in np.isnan(lines[:, 0, 0])]
        plot.warning(lost)
