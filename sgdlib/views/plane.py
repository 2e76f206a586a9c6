"""ParameterPlane: the two parameters of a least-squares problem, with contours of its loss."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from sgdlib.base import checks
from sgdlib.base.formats import significant
from sgdlib.base.words import phrase, term
from sgdlib.experiment.problem import Optimum, Problem
from sgdlib.experiment.replicas import middle_params
from sgdlib.experiment.run import Run
from sgdlib.scene import Axis, Line, Plot, Points, Trail, Words
from sgdlib.scene.axes import apart, drawable, ellipse, inside, linear, span
from sgdlib.theory.spectrum import curvatures
from sgdlib.views import expected, replicas
from sgdlib.views.view import View, need_recorded, no_worse, with_looks

ASIDE, ABOVE = 0.13, 0.065  # how far apart two labels of contours are, in panel sizes, or only the first is written


@dataclass(frozen=True)
class ParameterPlane(View):
    """The two parameters as a plane: contours of the loss, the path so far, the minimiser.

    Args:
        near: half the width of a plane close around the minimiser, in units of the parameters, where jitter
            can be seen; None for one that holds the start and every place no worse.
        theory: whether to draw the mean path, and the ellipses of one and two standard deviations at rest, too.

    Raises:
        TypeError, ValueError: if ``near`` is not a finite number greater than 0, or ``theory`` not True or False.
    """

    near: float | None = None
    theory: bool = False

    def __post_init__(self) -> None:
        if self.near is not None:
            checks.number("near", self.near, above=0.0)
        checks.boolean("theory", self.theory)

    def check(self, run: Run) -> None:
        """The run must have two parameters, one minimiser, and recorded params and loss."""
        optimum = _optimum(run.problem)
        if optimum.rank < 2:
            raise ValueError(
                "runs must be of a loss with one minimiser for ParameterPlane; got a Hessian of rank "
                f"{optimum.rank}. Take data whose columns are independent."
            )
        need_recorded(run, "params", "loss")
        # whether floats tell places of the plane near the minimiser from each other, and hold their losses
        if self.near is not None and not (
            all(apart(at - self.near, at + self.near) for at in optimum.minimiser.tolist())
            and math.isfinite(_rise(optimum, self.near))
        ):
            raise ValueError(
                "near must be a width at which places near the minimiser, and their losses, are different floats; "
                f"got {self.near:g} around {significant(optimum.minimiser[0].item())} and "
                f"{significant(optimum.minimiser[1].item())}. Take it nearer to the run's own distances."
            )
        if self.theory:
            expected.check(run)

    def axes(self, runs: Sequence[Run]) -> tuple[Axis, Axis]:
        """Close around the first minimiser, or around all of them and every place no worse than the start."""
        across, up = (term("parameter", name) for name in runs[0].problem.names)
        if self.near is not None:
            best_x, best_y = _optimum(runs[0].problem).minimiser.tolist()
            sides = np.array([-self.near, self.near])
            return linear(across, best_x + sides, margin=0.0), linear(up, best_y + sides, margin=0.0)
        visited = [no_worse(run) for run in runs]
        best = [_optimum(run.problem).minimiser.numpy()[None] for run in runs]
        # as far again beyond a minimiser as a third of the way to it, so that it never lies on the border
        beyond = [at + (at - run.params[:1, 0]) / 3 for at, run in zip(best, runs, strict=True)]
        x, y = (span([part[:, k] for part in (*visited, *best, *beyond)]) for k in (0, 1))
        return linear(across, x, margin=0.1), linear(up, y, margin=0.1)

    def draw(self, plot: Plot, runs: Mapping[str, Run]) -> None:
        """Contours behind, then each run's path and place."""
        label, first = next(iter(runs.items()))
        optimum = _optimum(first.problem)
        if self.near is None:
            plot.title, plot.height, highest = phrase("panel.plane"), 170, first.loss[0, 0]
        else:  # up to the loss at the steepest of the panel's sides
            highest = optimum.lowest_loss + _rise(optimum, self.near)
            plot.title, plot.height = phrase("panel.near"), 140
        _draw_contours(plot, first.problem, highest)
        best = optimum.minimiser.tolist()
        plot.mark("minimiser", Points(role="theory", shape="cross", size=12), [best])
        plot.label("minimiser", phrase("mark.minimiser"), best, Words(role="theory", lift=11))
        (start,) = drawable(plot.x, plot.y, first.params[0, :1]).tolist()
        if inside(plot.x, plot.y, start):
            plot.mark(f"{label}.start", Points(role="note", shape="ring", size=8), [start])
            plot.label(f"{label}.start", phrase("mark.start"), start, Words(role="note", lift=-4))
        lost: dict[str, Sequence[str]] = {}
        for label, run, look in with_looks(runs):
            if run.replicas > 1:
                replicas.singles(plot, list(run.params[: replicas.SINGLES]), look)
                replicas.cloud(plot, run, look)
            if self.theory:
                expected.draw_plane(plot, run, label, named=not lost)
            path = middle_params(run)
            plot.mark("path", Trail(role=replicas.role(run), dash=look.dash, shape=look.shape, hover=True), path, look)
            lost[label] = [_whither(plot, place) for place in drawable(plot.x, plot.y, path[plot.slots]).tolist()]
        plot.warning(lost)


def _optimum(problem: Problem) -> Optimum:
    """The optimum of a problem of two parameters whose contours are ellipses; any other is refused."""
    optimum = problem.optimum
    if problem.p != 2 or optimum is None or not optimum.quadratic:
        raise ValueError(
            "runs must be of a problem with two parameters and a quadratic loss, such as LeastSquares, for "
            f"ParameterPlane; got {type(problem).__name__} with {problem.p} and "
            f"{'no' if optimum is None else 'a'} known optimum. Use LossCurve, which draws any problem."
        )
    return optimum


def _draw_contours(plot: Plot, problem: Problem, highest: float) -> None:
    """Ellipses of equal loss, each labelled with it.

    With e = a − a*, the loss is the lowest plus ½ eᵀHe, so an ellipse has the Hessian's eigenvectors for axes
    and half-lengths √(2 (loss − lowest) / eigenvalue).

    Args:
        plot: where they are drawn.
        problem: of two parameters, with a quadratic loss and one minimiser.
        highest: the highest loss that matters.
    """
    x, y, optimum = plot.x, plot.y, _optimum(problem)
    lowest, best = optimum.lowest_loss, optimum.minimiser.numpy()
    values = curvatures(problem, optimum)  # to all digits, where the ellipses are long and thin
    _, vectors = np.linalg.eigh(optimum.hessian.numpy())
    labelled: list[tuple[float, float]] = []
    for level in _levels(lowest, highest):
        outline = best + ellipse(np.sqrt(2 * (level - lowest) / values), vectors, 97)
        drawn = plot.mark(f"loss {level}", Line(role="level", width=1.0), outline)
        # labelled where it passes nearest to the lower right, away from the path
        fractions = [(x.fraction(px), y.fraction(py), (px, py)) for px, py in drawn.tolist()]
        seen = [each for each in fractions if 0.1 < each[0] < 0.93 and 0.06 < each[1] < 0.94]
        if seen:
            across, up, place = max(seen, key=lambda each: each[0] - 2 * each[1])
            if all(abs(across - left) > ASIDE or abs(up - below) > ABOVE for left, below in labelled):
                labelled.append((across, up))
                plot.words(f"loss {level}", significant(level, 3), place, Words(role="note", align="center"))


def _rise(optimum: Optimum, near: float) -> float:
    """By how much the loss grows from the minimiser to so far away, in the direction in which it grows fastest."""
    return float(np.linalg.eigvalsh(optimum.hessian.numpy())[-1]) * near * near / 2


def _levels(lowest: float, highest: float) -> list[float]:
    """Losses to draw contours at: 1, 3, 10, 30, … where they fit, else fractions of the way down."""
    span = highest - lowest
    power = math.floor(math.log10(highest)) if highest > 0 else 0
    round_ones = [factor * 10.0**k for k in range(power - 3, power + 1) for factor in (1, 3)]
    fitting = [level for level in round_ones if lowest + span / 200 < level <= 1.5 * highest]
    if len(fitting) >= 3 or span <= 0:
        return fitting
    return [lowest + span / 4.0**k for k in range(4)]


def _whither(plot: Plot, place: Sequence[float]) -> str:
    if math.isnan(place[0]):
        return phrase("lost.infinite")
    if inside(plot.x, plot.y, place):
        return ""
    angle = math.atan2(plot.y.fraction(place[1]) - 0.5, plot.x.fraction(place[0]) - 0.5)
    return phrase("lost.place", arrow="→↗↑↖←↙↓↘"[round(angle / (math.pi / 4)) % 8])
