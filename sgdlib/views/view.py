"""View: one way to look at runs, and what all views share.

The axes are fixed from all the runs that are to be compared, and hold every state that is no worse than
the start (its loss is at most the loss at the start). A run that goes farther leaves the panel, and the
panel says so.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import cycle

import numpy as np
from numpy.typing import NDArray

from sgdlib.charts.chart import Chart
from sgdlib.experiment.run import Run
from sgdlib.scene import Axis, Panel, Shape, Trail, Words, style
from sgdlib.scene.axes import drawable, thinned, written

TRAIL = 401  # the points that a longer path is thinned to


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
class Fixed(View):
    """A chart as a view of runs, none of which it draws."""

    chart: Chart

    def check(self, run: Run) -> None:
        """Any run will do."""

    def axes(self, runs: Sequence[Run]) -> tuple[Axis, Axis]:
        """The chart's own."""
        return self.chart.axes()

    def panel(self, runs: Mapping[str, Run], slots: NDArray[np.int64], axes: tuple[Axis, Axis]) -> Panel:
        """The chart's, the same in every frame."""
        return self.chart.panel(axes)


def need_recorded(run: Run, *names: str) -> None:
    """Refuse a run that lacks what is to be drawn."""
    missing = [name for name in names if name not in run.recorded]
    if missing:
        raise ValueError(
            f"runs must have recorded {' and '.join(names)} to be drawn; got {run!r}. "
            f"Train again with {' and '.join(missing)} in record."
        )


def no_worse(run: Run) -> NDArray[np.float64]:
    """(m, p): the recorded parameters, of all replicas, whose loss is at most the loss at the start."""
    kept: NDArray[np.float64] = run.params[run.loss <= run.loss[:, :1]]
    return kept


@dataclass(frozen=True)
class Look:
    """How the marks of one run are told from those of the others in its panel.

    Args:
        order: its place among them, from 0 to 1; None for a run alone.
        dash: of its lines; see ``sgdlib.scene.scene.Line``.
        shape: of its point.
    """

    order: float | None = None
    dash: tuple[float, ...] = ()
    shape: Shape = "dot"


def looks(runs: Mapping[str, Run]) -> list[Look]:
    """The look of each of the runs that share a panel."""
    if len(runs) == 1:
        return [Look()]
    dashes, shapes = cycle(style.DASHES), cycle(style.SHAPES)
    return [Look(k / (len(runs) - 1), next(dashes), next(shapes)) for k in range(len(runs))]


def trail(
    x: Axis, y: Axis, points: NDArray[np.float64], slots: NDArray[np.int64], look: Look, role: str = "model"
) -> Trail:
    """The path of a run in a panel, up to each frame.

    Args:
        x, y: the panel's axes.
        points: (k, 2), where the run was at each recorded step, in the axes' units.
        slots: (F,) for each frame, which recorded step it shows.
        look: the run's.
        role: what the path stands for.
    """
    kept = np.union1d(thinned(len(points), TRAIL), slots)  # every frame's own step is a point of the path
    shown = tuple(np.searchsorted(kept, slots, side="right").tolist())
    path = drawable(x, y, points[kept])
    return Trail(path, shown, role, dash=look.dash, shape=look.shape, order=look.order)


def warning(x: Axis, y: Axis, lost: Mapping[str, Sequence[str]]) -> Words:
    """What a panel says, in its top right corner, while a run is out of sight.

    Args:
        x, y: the panel's axes.
        lost: by the label of each run, for each frame what is to be said of it; "" for nothing.
    """
    frames = tuple(_told(dict(zip(lost, frame, strict=True))) for frame in zip(*lost.values(), strict=True))
    return Words(frames, ((written(x, x.value(0.98)), written(y, y.value(1.0))),), "note", align="right", lift=-11)


def _told(said: Mapping[str, str]) -> str:
    """One sentence for what is said of each run; with several runs, which of them it is said of."""
    if len(said) == 1:
        return next(iter(said.values()))
    same = {words: [label for label in said if said[label] == words] for words in said.values() if words}
    whole = "; ".join(f"{', '.join(labels)} {words}" for words, labels in same.items())
    if style.wide(whole) <= style.ACROSS:
        return whole
    return "; ".join(
        f"{len(labels)} runs {words}" if len(labels) > 1 else f"1 run {words}" for words, labels in same.items()
    )
