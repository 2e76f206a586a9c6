"""LossCurve: the loss of each run against the step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sgdlib.base import checks
from sgdlib.base.formats import significant
from sgdlib.experiment.replicas import HIGH, LOW, MIDDLE, middle_loss, percentile, told
from sgdlib.experiment.run import Run
from sgdlib.scene import Axis, Line, Mark, Panel, Words, style
from sgdlib.scene.axes import linear, logarithmic, written
from sgdlib.scene.labels import fitted
from sgdlib.views import expected, replicas
from sgdlib.views.view import View, looks, need_recorded, trail, warning

HIGHEST = 100.0  # the loss axis ends at no more than so many times the loss at the start


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
            expected.check(run)

    def axes(self, runs: Sequence[Run]) -> tuple[Axis, Axis]:
        """Steps across; losses from the lowest there is to at most a hundred times the start's."""
        start = max(float(run.loss[0, 0]) for run in runs) or 1.0
        seen = np.concatenate([curve for run in runs for curve in _curves(run)])
        if self.theory:
            seen = np.concatenate([seen, *map(expected.expected, runs)])
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
        optimum = next(iter(runs.values())).problem.optimum
        if optimum is not None and y.low < optimum.lowest_loss < y.high:
            level = written(y, optimum.lowest_loss)
            marks.append(Line((((x.low, level), (x.high, level)),), "theory", width=1.5, dash=style.TRUE_DASH))
            words = f"lowest possible, {significant(optimum.lowest_loss)}"
            marks.append(Words((words,), ((written(x, x.value(0.02)), level),), "theory", lift=-9))
        lost: dict[str, Sequence[str]] = {}
        for look, (label, run) in zip(looks(runs), runs.items(), strict=True):
            steps = run.steps.astype(np.float64)
            if run.replicas > 1:
                marks.append(replicas.band(x, y, run, slots, look))
                each = np.stack([np.stack([steps, loss], axis=1) for loss in run.loss[: replicas.SINGLES]])
                marks += replicas.singles(x, y, each, slots, look)
            if self.theory:
                marks += expected.named(expected.curve_marks(run, x, y), first=not lost)
            curve = np.stack([steps, middle_loss(run)], axis=1)  # (k, 2)
            marks.append(trail(x, y, curve, slots, look, replicas.role(run)))
            lost[label] = [_beyond(loss, y) for loss in middle_loss(run)[slots].tolist()]
        marks.append(warning(x, y, lost))
        return Panel("The loss", x, y, fitted(marks, x, y, 140), height=140)


def _curves(run: Run) -> list[NDArray[np.float64]]:
    """The losses that are drawn of a run, each (k,)."""
    if run.replicas == 1:
        return [run.loss[0]]
    return [*run.loss[: replicas.SINGLES], *(told(percentile(run.loss, q)) for q in (LOW, MIDDLE, HIGH))]


def _beyond(loss: float, y: Axis) -> str:
    if loss < y.low:
        return "below the picture ↓"
    return "" if loss <= y.high else "above the picture ↑"
