"""Views of a run as a line through data, and as a curve of its loss."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sgdlib import checks, crowd, numbers, overlays, style
from sgdlib.axes import drawable, linear, logarithmic, span, straight, written
from sgdlib.data import Dataset
from sgdlib.digits import significant
from sgdlib.ensemble import HIGH, LOW, MIDDLE, middle_loss, middle_params, percentile, told
from sgdlib.run import Run
from sgdlib.scene import Axis, Line, Mark, Panel, Point, Points, Words
from sgdlib.view import Still, View, fitted, looks, need_recorded, no_worse, trail, warning

HIGHEST = 100.0  # the loss axis ends at no more than so many times the loss at the start


@dataclass(frozen=True)
class Scatter(Still):
    """The points of a data set. For a ``Figure``, or behind nothing in an ``Animation``.

    Args:
        data: a Dataset with one column beside the column of ones.

    Raises:
        TypeError: if ``data`` is not a Dataset.
        ValueError: if it is not a line's.
    """

    data: Dataset

    def __post_init__(self) -> None:
        checks.instance("data", self.data, Dataset, "a Dataset, such as noisy_line() makes")
        _need_line("data", self.data)

    def axes(self, runs: Sequence[Run] = ()) -> tuple[Axis, Axis]:
        """From the data alone."""
        return linear("x", self.data.x[:, 0]), linear("y", self.data.y)

    def panel(
        self,
        runs: Mapping[str, Run] | None = None,
        slots: NDArray[np.int64] | None = None,
        axes: tuple[Axis, Axis] | None = None,
    ) -> Panel:
        """The points alone."""
        x, y = axes or self.axes()
        return Panel(f"{self.data.n} points", x, y, (_points(self.data, x, y),), height=190)

    def heading(self) -> str:
        """How many points there are."""
        return f"{self.data.n} data points"

    def alternative(self) -> str:
        """The ranges of the points."""
        pairs = (self.data.x[:, 0], self.data.y)
        (x0, x1), (y0, y1) = ((significant(v.min().item()), significant(v.max().item())) for v in pairs)
        return f"Scatter plot of {self.data.n} points: x from {x0} to {x1}, y from {y0} to {y1}."

    def numbers(self) -> list[Sequence[object]]:
        """Every point."""
        return numbers.rows_of(self.data)


@dataclass(frozen=True)
class LineFit(View):
    """The data, the true line where it is known, and each run's current line; of several replicas up to 30."""

    def check(self, run: Run) -> None:
        """The run must have fitted a slope and an intercept, and recorded params and loss."""
        _need_line("data of the runs", run.problem.data)
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
        marks: list[Mark] = [_points(data, x, y)]
        if data.truth is not None:
            true = straight(x, y, *data.truth.tolist())
            marks.append(Line((true,), "truth", dash=style.TRUE_DASH))
            if true:
                marks.append(Words(("true line",), (_along(x, y, true, 0.97),), "truth", align="right", lift=-30))
        lost: dict[str, Sequence[str]] = {}
        for look, (label, run) in zip(looks(runs), runs.items(), strict=True):
            if run.replicas > 1:
                marks.append(crowd.lines(x, y, run, slots, look))
            lines = [straight(x, y, *params) for params in middle_params(run)[slots].tolist()]
            marks.append(Line(tuple(lines), crowd.role(run), dash=look.dash, order=look.order))
            lost[label] = ["" if line else "off the picture" for line in lines]
        marks.append(warning(x, y, lost))
        return Panel("The data and the line", x, y, fitted(marks, x, y, 170), height=170)


@dataclass(frozen=True)
class LossCurve(View):
    """The loss on all rows against the step, on a log axis, and the lowest loss there is.

    Of several replicas it shows the median, a band that holds eight in ten, and three single runs.

    Args:
        theory: whether to draw the exact expected loss and the noise floor, too.

    Raises:
        TypeError: if ``theory`` is not True or False.
    """

    theory: bool = False

    def __post_init__(self) -> None:
        checks.boolean("theory", self.theory)

    def check(self, run: Run) -> None:
        """The run must have recorded its loss; with ``theory``, it must be one whose expected loss is known."""
        need_recorded(run, "loss")
        if self.theory:
            overlays.check(run)

    def axes(self, runs: Sequence[Run]) -> tuple[Axis, Axis]:
        """Steps across; losses from the lowest there is to at most a hundred times the start's."""
        start = max(float(run.loss[0, 0]) for run in runs) or 1.0
        seen = np.concatenate([curve for run in runs for curve in _curves(run)])
        if self.theory:
            seen = np.concatenate([seen, *map(overlays.expected, runs)])
        seen = seen[np.isfinite(seen) & (seen > 1e-12 * start)]
        low, high = (float(seen.min()), float(seen.max())) if seen.size else (start, start)
        high = min(max(high, start), HIGHEST * start)
        x = linear("step", [0.0, float(runs[0].steps[-1])], margin=0.03, least=1.0)
        room = 1.2 * (high / low) ** 0.06
        return x, logarithmic("loss", low / room**2.5, high * room)  # more below, for the words there

    def panel(self, runs: Mapping[str, Run], slots: NDArray[np.int64], axes: tuple[Axis, Axis]) -> Panel:
        """The lowest loss dashed, the curves so far solid."""
        x, y = axes
        marks: list[Mark] = []
        lowest = getattr(next(iter(runs.values())).problem, "lowest_loss", None)
        if lowest is not None and y.low < lowest < y.high:
            level = written(y, lowest)
            marks.append(Line((((x.low, level), (x.high, level)),), "theory", width=1.5, dash=style.TRUE_DASH))
            words = f"lowest possible, {significant(lowest)}"
            marks.append(Words((words,), ((written(x, x.value(0.02)), level),), "theory", lift=-9))
        lost: dict[str, Sequence[str]] = {}
        for look, (label, run) in zip(looks(runs), runs.items(), strict=True):
            steps = run.steps.astype(np.float64)
            if run.replicas > 1:
                marks.append(crowd.band(x, y, run, slots, look))
                each = np.stack([np.stack([steps, loss], axis=1) for loss in run.loss[: crowd.SINGLES]])
                marks += crowd.singles(x, y, each, slots, look)
            if self.theory:
                marks += overlays.named(overlays.curve_marks(run, x, y), first=not lost)
            curve = np.stack([steps, middle_loss(run)], axis=1)  # (k, 2)
            marks.append(trail(x, y, curve, slots, look, crowd.role(run)))
            lost[label] = [_beyond(loss, y) for loss in middle_loss(run)[slots].tolist()]
        marks.append(warning(x, y, lost))
        return Panel("The loss", x, y, fitted(marks, x, y, 140), height=140)


def _curves(run: Run) -> list[NDArray[np.float64]]:
    """The losses that are drawn of a run, each (k,)."""
    if run.replicas == 1:
        return [run.loss[0]]
    return [*run.loss[: crowd.SINGLES], *(told(percentile(run.loss, q)) for q in (LOW, MIDDLE, HIGH))]


def _need_line(name: str, data: Dataset) -> None:
    if not data.is_line:
        raise ValueError(
            f"{name} must have two columns, the second all ones, to be drawn as a line; "
            f"got {data.p} columns for the parameters {', '.join(data.names)}. Use LossCurve, which draws any data."
        )


def _points(data: Dataset, x: Axis, y: Axis) -> Points:
    pairs = np.stack([data.x[:, 0].numpy(), data.y.numpy()], axis=1)
    return Points((drawable(x, y, pairs),), "data", shape="ring", size=5)


def _along(x: Axis, y: Axis, line: tuple[Point, ...], fraction: float) -> Point:
    (x0, y0), (x1, y1) = line
    return (written(x, x0 + fraction * (x1 - x0)), written(y, y0 + fraction * (y1 - y0)))


def _beyond(loss: float, y: Axis) -> str:
    if loss < y.low:
        return "below the picture ↓"
    return "" if loss <= y.high else "above the picture ↑"
