"""View: one way to look at runs, and what all views share.

The axes are fixed from all the runs that are to be compared, and hold every state that is no worse than
the start (its loss is at most the loss at the start). A run that goes farther leaves the panel, and the
panel says so.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from sgdlib.experiment.run import Run
from sgdlib.scene import Axis, Look, Plot, looks


class View(ABC):
    """One way to look at runs: two axes, and what is drawn on them.

    Examples:
        >>> from sgdlib import Animation, LeastSquares, noisy_line, train
        >>> from sgdlib.scene import Trail
        >>> from sgdlib.scene.axes import linear, span
        >>> class Slope(View):
        ...     def axes(self, runs):
        ...         last = float(runs[0].steps[-1])
        ...         return linear("step", [0.0, last]), linear("slope", span(run.params[..., 0] for run in runs))
        ...
        ...     def draw(self, plot, runs):
        ...         plot.title = "The slope"
        ...         for label, run, look in with_looks(runs):
        ...             plot.mark("slope", Trail(role="model"), plot.over(run.steps, run.params[0, :, 0]), look)
        >>> run = train(LeastSquares(noisy_line()), steps=9)
        >>> Animation({"a run": run}, [Slope()]).scene().rows[0].panels[0].title
        'The slope'
    """

    def check(self, run: Run) -> None:  # noqa: B027 (a view may show any run)
        """Refuse a run that this view cannot show, by a ``ValueError`` that says why."""

    @abstractmethod
    def axes(self, runs: Sequence[Run]) -> tuple[Axis, Axis]:
        """The two axes that all the runs share."""

    @abstractmethod
    def draw(self, plot: Plot, runs: Mapping[str, Run]) -> None:
        """Draw one experiment.

        Args:
            plot: on the axes that ``axes`` returned for all the runs that are compared.
            runs: the runs to draw, by label; they share their problem and their recorded steps.
        """


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


def with_looks(runs: Mapping[str, Run]) -> list[tuple[str, Run, Look]]:
    """Each of the runs that share a panel: its label, which is its id, the run, and how it is told from the others."""
    pairs = zip(runs.items(), looks(len(runs)), strict=True)
    return [(label, run, replace(look, run=label)) for (label, run), look in pairs]
