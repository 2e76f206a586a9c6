"""LossCurve: the loss of each run against the step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sgdlib.base import checks
from sgdlib.base.formats import significant
from sgdlib.base.words import phrase
from sgdlib.experiment.replicas import HIGH, LOW, MIDDLE, middle_loss, percentile, told
from sgdlib.experiment.run import Run
from sgdlib.scene import Axis, Line, Plot, Trail, Words, style
from sgdlib.scene.axes import linear, logarithmic
from sgdlib.views import expected, replicas
from sgdlib.views.view import View, need_recorded, with_looks

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
        x = linear(phrase("axis.step"), [0.0, float(runs[0].steps[-1])], margin=0.03, least=1.0)
        room = 1.2 * (high / low) ** 0.06
        return x, logarithmic(phrase("axis.loss"), low / room**2.5, high * room)  # more below, for the words there

    def draw(self, plot: Plot, runs: Mapping[str, Run]) -> None:
        """The lowest loss dashed, the curves so far solid."""
        plot.title, plot.height = phrase("panel.loss"), 140
        optimum = next(iter(runs.values())).problem.optimum
        if optimum is not None and plot.y.low < optimum.lowest_loss < plot.y.high:
            words = phrase("mark.lowest", loss=significant(optimum.lowest_loss))
            line = Line(role="theory", width=1.5, dash=style.TRUE_DASH)
            plot.level("lowest", optimum.lowest_loss, line, words, Words(role="theory", lift=-9))
        lost: dict[str, Sequence[str]] = {}
        for label, run, look in with_looks(runs):
            if run.replicas > 1:
                low, high = (plot.over(run.steps, percentile(run.loss, q)) for q in (LOW, HIGH))
                plot.band("band", low, high, "ensemble", look, x="steps")
                each = [plot.over(run.steps, loss) for loss in run.loss[: replicas.SINGLES]]
                replicas.singles(plot, each, look, x="steps")
            if self.theory:
                expected.draw_curve(plot, run, label, named=not lost)
            curve = middle_loss(run)
            mark = Trail(role=replicas.role(run), dash=look.dash, shape=look.shape, hover=True)
            plot.mark("loss", mark, plot.over(run.steps, curve), look, x="steps")
            lost[label] = [_beyond(loss, plot.y) for loss in curve[plot.slots].tolist()]
        plot.warning(lost)


def _curves(run: Run) -> list[NDArray[np.float64]]:
    """The losses that are drawn of a run, each (k,)."""
    if run.replicas == 1:
        return [run.loss[0]]
    return [*run.loss[: replicas.SINGLES], *(told(percentile(run.loss, q)) for q in (LOW, MIDDLE, HIGH))]


def _beyond(loss: float, y: Axis) -> str:
    if loss < y.low:
        return phrase("lost.below")
    return "" if loss <= y.high else phrase("lost.above")
