"""Views: what to look at in a run. A view turns runs into one panel of a scene.

The axes are fixed from all the runs that are to be compared, and hold every state that is no worse than
the start (its loss is at most the loss at the start). A run that goes farther leaves the panel, and the
panel says so.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sgdlib import checks
from sgdlib.axes import drawable, inside, linear, logarithmic, rounded, span, straight, thinned
from sgdlib.contours import contours
from sgdlib.data import Dataset
from sgdlib.facts import significant
from sgdlib.problems import LeastSquares
from sgdlib.run import Run
from sgdlib.scene import Axis, Line, Mark, Panel, Point, Points, Trail, Words

HIGHEST = 100.0  # the loss axis ends at no more than so many times the loss at the start
TRAIL = 1001  # the most points of a path or a curve


class View(ABC):
    """One way to look at runs."""

    @abstractmethod
    def check(self, run: Run) -> None:
        """Refuse a run that this view cannot show, by a ``ValueError`` that says why."""

    @abstractmethod
    def axes(self, runs: Sequence[Run]) -> tuple[Axis, Axis]:
        """The two axes that all the runs share."""

    @abstractmethod
    def panel(self, runs: Mapping[str, Run], slots: NDArray[np.int64], axes: tuple[Axis, Axis]) -> Panel:
        """The panel of one experiment.

        Args:
            runs: the runs to draw, by label; they share their problem and their recorded steps.
            slots: (F,) for each frame, which recorded step it shows.
            axes: what ``axes`` returned for all the runs that are compared.
        """


@dataclass(frozen=True)
class Scatter(View):
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

    def check(self, run: Run) -> None:
        """Any run will do: none is drawn."""

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


@dataclass(frozen=True)
class LineFit(View):
    """The data, the true line where it is known, and each run's current line."""

    def check(self, run: Run) -> None:
        """The run must have fitted a slope and an intercept, and recorded params and loss."""
        _need_line("data of the runs", run.problem.data)
        need_recorded(run, "params", "loss")

    def axes(self, runs: Sequence[Run]) -> tuple[Axis, Axis]:
        """x from the data, y from the data and every line no worse than the start."""
        data = runs[0].problem.data
        x = linear("x", data.x[:, 0])
        ends = np.array([[x.low, x.high], [1.0, 1.0]])
        lines = [_no_worse(run) @ ends for run in runs]
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
            marks.append(Line((true,), "truth", dashed=True))
            if true:
                marks.append(Words(("true line",), (_along(true, 0.97),), "truth", align="right", lift=-30))
        for order, run in zip(_orders(runs), runs.values(), strict=True):
            lines = [straight(x, y, *params) for params in run.params[0, slots].tolist()]
            marks.append(Line(tuple(lines), "model", order=order))
            lost = tuple("" if line else "the line is off the picture" for line in lines)
            marks.append(_warning(x, y, lost))
        return Panel("The data and the line", x, y, tuple(marks), height=150)


@dataclass(frozen=True)
class ParameterPlane(View):
    """The two parameters as a plane: contours of the loss, the path so far, the minimiser.

    Args:
        near: half the width of a plane close around the minimiser, in units of the parameters, where jitter
            can be seen; None for one that holds the start and every place no worse.

    Raises:
        TypeError, ValueError: if ``near`` is not a finite number greater than 0.
    """

    near: float | None = None

    def __post_init__(self) -> None:
        if self.near is not None:
            checks.number("near", self.near, above=0.0)

    def check(self, run: Run) -> None:
        """The run must have two parameters, one minimiser, and recorded params and loss."""
        problem = run.problem
        if problem.data.p != 2 or not isinstance(problem, LeastSquares):
            raise ValueError(
                f"runs must be of least squares with two parameters for ParameterPlane; got {type(problem).__name__} "
                f"with {problem.data.p}. Use LossCurve, which draws any problem."
            )
        if np.linalg.matrix_rank(problem.hessian.numpy()) < 2:
            raise ValueError(
                "runs must be of a loss with one minimiser for ParameterPlane; got a Hessian of rank "
                f"{np.linalg.matrix_rank(problem.hessian.numpy())}. Take data whose columns are independent."
            )
        need_recorded(run, "params", "loss")

    def axes(self, runs: Sequence[Run]) -> tuple[Axis, Axis]:
        """Close around the first minimiser, or around all of them and every place no worse than the start."""
        across, up = runs[0].problem.data.names
        if self.near is not None:
            best_x, best_y = runs[0].problem.minimiser.tolist()  # type: ignore[attr-defined]
            sides = np.array([-self.near, self.near])
            return linear(across, best_x + sides, margin=0.0), linear(up, best_y + sides, margin=0.0)
        visited = [_no_worse(run) for run in runs]
        best = [run.problem.minimiser.numpy()[None] for run in runs]  # type: ignore[attr-defined]
        # as far again beyond a minimiser as a third of the way to it, so that it never lies on the border
        beyond = [at + (at - run.params[:1, 0]) / 3 for at, run in zip(best, runs, strict=True)]
        x, y = (span([part[:, k] for part in (*visited, *best, *beyond)]) for k in (0, 1))
        return linear(across, x, margin=0.1), linear(up, y, margin=0.1)

    def panel(self, runs: Mapping[str, Run], slots: NDArray[np.int64], axes: tuple[Axis, Axis]) -> Panel:
        """Contours behind, then each run's path and place."""
        x, y = axes
        first = next(iter(runs.values()))
        problem = first.problem
        assert isinstance(problem, LeastSquares)  # ``check`` has refused anything else
        best = problem.minimiser.numpy()
        highest = first.loss[0, 0]
        if self.near is not None:  # the loss at the steepest of the panel's sides
            sharpest = np.linalg.eigvalsh(problem.hessian.numpy())[-1]
            highest = problem.lowest_loss + sharpest * self.near**2 / 2
        marks: list[Mark] = contours(problem, highest, x, y)
        marks.append(Points((drawable(x, y, best[None]),), "theory", shape="cross", size=12))
        left = x.fraction(best[0]) < 0.5
        place = (rounded(x.value(x.fraction(best[0]) + (0.03 if left else -0.03))), rounded(best[1]))
        marks.append(Words(("minimiser",), (place,), "theory", align="left" if left else "right", lift=11))
        start = drawable(x, y, first.params[0, :1])
        if inside(x, y, start[0]):
            marks.append(Points((start,), "note", shape="ring", size=8))
            beside = (rounded(x.value(x.fraction(start[0][0]) + 0.03)), start[0][1])
            marks.append(Words(("start",), (beside,), "note", lift=-4))
        for order, run in zip(_orders(runs), runs.values(), strict=True):
            kept = thinned(len(run.steps), TRAIL)
            path = drawable(x, y, run.params[0, kept])
            shown = tuple((np.searchsorted(kept, slots, side="right")).tolist())
            places = drawable(x, y, run.params[0, slots])
            marks.append(Trail(path, shown, "model", order=order))
            marks.append(Points(tuple((place,) for place in places), "model", size=9, order=order))
            marks.append(_warning(x, y, tuple(_whither(x, y, place) for place in places)))
        title = "The two parameters" if self.near is None else "Close to the minimiser"
        return Panel(title, x, y, tuple(marks), height=170 if self.near is None else 150)


@dataclass(frozen=True)
class LossCurve(View):
    """The loss on all rows against the step, on a log axis, and the lowest loss there is."""

    def check(self, run: Run) -> None:
        """The run must have recorded its loss."""
        need_recorded(run, "loss")

    def axes(self, runs: Sequence[Run]) -> tuple[Axis, Axis]:
        """Steps across; losses from the lowest there is to at most a hundred times the start's."""
        start = max(float(run.loss[0, 0]) for run in runs) or 1.0
        seen = np.concatenate([run.loss[0] for run in runs])
        seen = seen[np.isfinite(seen) & (seen > 1e-12 * start)]
        low, high = (float(seen.min()), float(seen.max())) if seen.size else (start, start)
        high = min(max(high, start), HIGHEST * start)
        x = linear("step", [0.0, float(runs[0].steps[-1])], margin=0.03)
        room = 1.2 * (high / low) ** 0.06
        return x, logarithmic("loss", low / room**2.5, high * room)  # more below, for the words there

    def panel(self, runs: Mapping[str, Run], slots: NDArray[np.int64], axes: tuple[Axis, Axis]) -> Panel:
        """The lowest loss dashed, the curves so far solid."""
        x, y = axes
        marks: list[Mark] = []
        lowest = getattr(next(iter(runs.values())).problem, "lowest_loss", None)
        if lowest is not None and y.low < lowest < y.high:
            level = rounded(lowest)
            marks.append(Line((((x.low, level), (x.high, level)),), "theory", dashed=True, width=1.5))
            words = f"lowest possible, {significant(lowest)}"
            marks.append(Words((words,), ((rounded(x.value(0.98)), level),), "theory", align="right", lift=-9))
        for order, run in zip(_orders(runs), runs.values(), strict=True):
            kept = thinned(len(run.steps), TRAIL)
            curve = np.stack([run.steps.astype(np.float64), run.loss[0]], axis=1)  # (k, 2)
            shown = tuple((np.searchsorted(kept, slots, side="right")).tolist())
            places = drawable(x, y, curve[slots])
            marks.append(Trail(drawable(x, y, curve[kept]), shown, "model", order=order))
            marks.append(Points(tuple((place,) for place in places), "model", size=9, order=order))
            above = tuple("" if loss <= y.high else "above the picture ↑" for loss in run.loss[0, slots])
            marks.append(_warning(x, y, above))
        return Panel("The loss", x, y, tuple(marks), height=120)


def _need_line(name: str, data: Dataset) -> None:
    if data.names != ("slope", "intercept"):
        raise ValueError(
            f"{name} must have two columns, the second all ones, to be drawn as a line; "
            f"got {data.p} columns for the parameters {', '.join(data.names)}. Use LossCurve, which draws any data."
        )


def need_recorded(run: Run, *names: str) -> None:
    """Refuse a run that lacks what is to be drawn."""
    missing = [name for name in names if name not in run.recorded]
    if missing:
        raise ValueError(
            f"runs must have recorded {' and '.join(names)} to be drawn; got {run!r}. "
            f"Train again with {' and '.join(missing)} in record."
        )


def _no_worse(run: Run) -> NDArray[np.float64]:
    """(m, p): the recorded parameters whose loss is at most the loss at the start."""
    kept: NDArray[np.float64] = run.params[0, run.loss[0] <= run.loss[0, 0]]
    return kept


def _orders(runs: Mapping[str, Run]) -> list[float | None]:
    return [None] if len(runs) == 1 else [k / (len(runs) - 1) for k in range(len(runs))]


def _points(data: Dataset, x: Axis, y: Axis) -> Points:
    pairs = np.stack([data.x[:, 0].numpy(), data.y.numpy()], axis=1)
    return Points((drawable(x, y, pairs),), "data", shape="ring", size=5)


def _along(line: tuple[Point, ...], fraction: float) -> Point:
    (x0, y0), (x1, y1) = line
    return (rounded(x0 + fraction * (x1 - x0)), rounded(y0 + fraction * (y1 - y0)))


def _warning(x: Axis, y: Axis, frames: tuple[str, ...]) -> Words:
    """What a panel says, in its top right corner, while a run is out of sight."""
    return Words(frames, ((rounded(x.value(0.98)), rounded(y.value(1.0))),), "note", align="right", lift=-11)


def _whither(x: Axis, y: Axis, place: Point) -> str:
    if math.isnan(place[0]):
        return "no longer finite"
    if inside(x, y, place):
        return ""
    angle = math.atan2(y.fraction(place[1]) - 0.5, x.fraction(place[0]) - 0.5)
    return f"off the picture {'→↗↑↖←↙↓↘'[round(angle / (math.pi / 4)) % 8]}"
