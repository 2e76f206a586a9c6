"""Overlays: what theory says a run should do, drawn in the views that show what it did."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sgdlib import theory
from sgdlib.base.words import phrase
from sgdlib.experiment.least_squares import LeastSquares
from sgdlib.experiment.replicas import middle_loss
from sgdlib.experiment.run import Run
from sgdlib.report.facts import optimiser
from sgdlib.scene import Line, Plot, Words, style
from sgdlib.scene.axes import ellipse, inside, thinned
from sgdlib.theory.spectrum import is_exact, least_squares

POINTS = 201  # of a curve
DASHED = Line(role="theory", width=1.5, dash=style.TRUE_DASH)
THIN = Line(role="theory", width=1.0)
SMALLEST = 2.0  # CSS pixels: a half-length below which an ellipse is a dot, and not drawn
APART = 14.0  # CSS pixels between two words, one below the other


def check(run: Run) -> None:
    """Refuse a run whose expected loss and path are not known exactly: by types and settings, never by a name."""
    problem, settings = run.problem, run.settings
    why = ""
    if not is_exact(problem):
        why = f"a {type(problem).__module__}.{type(problem).__qualname__}"
    elif not settings.optimizer.is_default_sgd:
        made = settings.optimizer
        why = str(optimiser(run)) if made.is_sgd else f"{optimiser(run)}, which is {made.qualified_name or made.name}"
    elif settings.schedule is not None:
        why = f"the schedule {settings.schedule.name}"
    elif len(settings.stages) > 1:
        why = "a batch size that changes"
    elif settings.sampler not in (None, "fresh", "replacement"):
        why = f"the sampler {settings.sampler!r}, whose batches depend on each other"
    if why:
        raise ValueError(
            "runs must be of least squares by torch's plain SGD with a constant learning rate and batch size, with "
            f"sampler 'fresh' or 'replacement', or by gradient descent, for theory=True; got {why}. "
            "Leave theory out: no exact curve is known."
        )


def expected(run: Run) -> NDArray[np.float64]:
    """(k,): the exact expected loss at the recorded steps; inf where it passes the largest float."""
    problem, lr, size, sampler = _law(run)
    excess = theory.expected_excess_loss(problem, lr, size, run.settings.steps, run.settings.start, sampler)
    curve: NDArray[np.float64] = problem.lowest_loss + excess[run.steps]
    return curve


def floor(run: Run) -> float | None:
    """The loss at which the expected one comes to rest; None for gradient descent and beyond the mean-square limit."""
    law = _law(run)
    return law[0].lowest_loss + theory.noise_floor(*law) if _rests(run) else None


def draw_curve(plot: Plot, run: Run, label: str, named: bool) -> None:
    """The expected loss dashed, the noise floor thin, each with its name beside it.

    Args:
        plot: of losses over steps.
        run: passed ``check``.
        label: the run's.
        named: whether to name them: those of the next run of a panel look alike.
    """
    x, y = plot.x, plot.y
    curve, steps, runs = expected(run), run.steps.astype(np.float64), middle_loss(run)
    kept = thinned(len(steps), POINTS)
    points = np.stack([steps, curve], axis=1)
    plot.mark(f"{label}.expected", DASHED, points[kept])
    # named where it is well above the lowest losses, or highest above the run; else where it leaves the picture
    inner = [k for k in kept.tolist() if inside(x, y, points[k])]
    clear = [k for k in inner if 0.12 < x.fraction(steps[k]) < 0.6 and 0.2 < y.fraction(curve[k]) < 0.88]
    if inner and named:
        above = {k: y.fraction(curve[k]) - max(0.0, y.fraction(min(runs[k], y.high))) / 2 for k in clear}
        place = max(clear, key=lambda k: above[k]) if clear else inner[-1]
        look = Words(role="theory", lift=9 if clear else -9)
        plot.label(f"{label}.expected", phrase("mark.expected"), points[place].tolist(), look, 0.02, 0.7)
    rest = floor(run)
    if rest is not None and y.low < rest < y.high:
        words = phrase("mark.floor") if named else ""
        plot.level(f"{label}.floor", rest, THIN, words, Words(role="theory", align="right", lift=9))


def draw_plane(plot: Plot, run: Run, label: str, named: bool) -> None:
    """The mean path dashed, and the ellipses of one and two standard deviations at rest.

    Args:
        plot: of the two parameters.
        run: passed ``check``, with two parameters.
        label, named: as for ``draw_curve``.
    """
    problem, lr, size, sampler = _law(run)
    path = theory.mean_path(problem, lr, run.settings.steps, run.settings.start)
    plot.mark(f"{label}.mean", DASHED, path[thinned(len(path), POINTS)])
    if not _rests(run):
        return
    covariance = theory.noise_covariance(problem, lr, size, sampler)
    pixels = np.array([style.ACROSS / (plot.x.high - plot.x.low), plot.height / (plot.y.high - plot.y.low)])
    if np.sqrt(np.linalg.eigvalsh(pixels[:, None] * covariance * pixels)[-1]) < SMALLEST:
        return
    apart = pixels[1] * np.sqrt(covariance[1, 1])  # between the lowest points of the two, in CSS pixels
    values, vectors = np.linalg.eigh(covariance)
    for sigmas in (1, 2):
        outline = problem.minimiser.numpy() + ellipse(sigmas * np.sqrt(values.clip(0.0)), vectors, 73)
        drawn = plot.mark(f"{label}.{sigmas} sigma", THIN, outline)
        words = f"{sigmas}σ" if apart > APART else "1σ, 2σ" if sigmas == 2 else ""
        lowest = drawn[drawn[:, 1].argmin()].tolist()
        if named and words and inside(plot.x, plot.y, lowest):
            plot.words(f"{label}.{sigmas} sigma", words, lowest, Words(role="theory", align="center", lift=-8))


def _rests(run: Run) -> bool:
    problem, lr, size, sampler = _law(run)
    if size is None or theory.batch_factor(problem.n, size, sampler) == 0:
        return False
    return lr < theory.mean_square_limit(problem, size, sampler)


def _law(run: Run) -> tuple[LeastSquares, float, int | None, str | None]:
    """What theory takes of a run that passed ``check``: problem, learning rate, batch size and sampler."""
    settings = run.settings
    return least_squares(run.problem), settings.lr, settings.stages.get(1), settings.sampler
