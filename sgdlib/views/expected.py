"""Overlays: what theory says a run should do, as marks in the views that show what it did."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sgdlib import theory
from sgdlib.experiment.least_squares import LeastSquares
from sgdlib.experiment.replicas import middle_loss
from sgdlib.experiment.run import Run
from sgdlib.report.facts import optimiser
from sgdlib.scene import Axis, Line, Mark, Words, style
from sgdlib.scene.axes import drawable, inside, thinned, written
from sgdlib.theory.spectrum import is_exact, least_squares

POINTS = 201  # of a curve
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
        why = str(optimiser(run)) if made.is_sgd else f"{optimiser(run)}, which is {made.qualified_name}"
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


def curve_marks(run: Run, x: Axis, y: Axis) -> list[Mark]:
    """The expected loss dashed, the noise floor thin, each with its name beside it."""
    curve, steps, runs = expected(run), run.steps.astype(np.float64), middle_loss(run)
    kept = thinned(len(steps), POINTS)
    points = np.stack([steps, curve], axis=1)
    marks: list[Mark] = [Line((drawable(x, y, points[kept]),), "theory", width=1.5, dash=style.TRUE_DASH)]
    # named where it is well above the lowest losses, or highest above the run; else where it leaves the picture
    inner = [k for k in kept.tolist() if inside(x, y, (steps[k], curve[k]))]
    seen = [k for k in inner if 0.12 < x.fraction(steps[k]) < 0.6 and 0.2 < y.fraction(curve[k]) < 0.88]
    if inner:
        above = {k: y.fraction(curve[k]) - max(0.0, y.fraction(min(runs[k], y.high))) / 2 for k in seen}
        place = max(seen, key=lambda k: above[k]) if seen else inner[-1]
        across, left = x.fraction(steps[place]), x.fraction(steps[place]) < 0.7
        at = (written(x, x.value(across + (0.02 if left else -0.02))), written(y, curve[place]))
        marks.append(Words(("expected",), (at,), "theory", "left" if left else "right", lift=9 if seen else -9))
    rest = floor(run)
    if rest is not None and y.low < rest < y.high:
        level = written(y, rest)
        marks.append(Line((((x.low, level), (x.high, level)),), "theory", width=1.0))
        marks.append(Words(("noise floor",), ((written(x, x.value(0.98)), level),), "theory", align="right", lift=9))
    return marks


def plane_marks(run: Run, x: Axis, y: Axis, height: float) -> list[Mark]:
    """The mean path dashed, and the ellipses of one and two standard deviations at rest.

    Args:
        run: passed ``check``, with two parameters.
        x, y: the panel's axes.
        height: of the plot, in CSS pixels.
    """
    problem, lr, size, sampler = _law(run)
    path = theory.mean_path(problem, lr, run.settings.steps, run.settings.start)
    drawn = drawable(x, y, path[thinned(len(path), POINTS)])
    marks: list[Mark] = [Line((drawn,), "theory", width=1.5, dash=style.TRUE_DASH)]
    if not _rests(run):
        return marks
    covariance = theory.noise_covariance(problem, lr, size, sampler)
    pixels = np.array([style.ACROSS / (x.high - x.low), height / (y.high - y.low)])
    if np.sqrt(np.linalg.eigvalsh(pixels[:, None] * covariance * pixels)[-1]) < SMALLEST:
        return marks
    best = problem.minimiser.numpy()
    apart = pixels[1] * np.sqrt(covariance[1, 1])  # between the lowest points of the two, in CSS pixels
    for sigmas in (1, 2):
        outline = drawable(x, y, best + sigmas * ellipse(covariance))
        marks.append(Line((outline,), "theory", width=1.0))
        words = f"{sigmas}σ" if apart > APART else "1σ, 2σ" if sigmas == 2 else ""
        lowest = min(outline, key=lambda point: point[1])
        if words and inside(x, y, lowest):
            marks.append(Words((words,), (lowest,), "theory", align="center", lift=-8))
    return marks


def named(marks: list[Mark], first: bool) -> list[Mark]:
    """The marks, with their names only for the first run of a panel: those of the next look alike."""
    return [mark for mark in marks if first or not isinstance(mark, Words)]


def ellipse(covariance: NDArray[np.float64]) -> NDArray[np.float64]:
    """(m, 2): closed, the points e with eᵀ Σ⁻¹ e = 1."""
    values, vectors = np.linalg.eigh(covariance)
    angles = np.linspace(0.0, 2 * np.pi, 73)
    circle = np.stack([np.cos(angles), np.sin(angles)])  # (2, m)
    points: NDArray[np.float64] = (vectors @ (np.sqrt(values.clip(0.0))[:, None] * circle)).T
    return points


def _rests(run: Run) -> bool:
    problem, lr, size, sampler = _law(run)
    if size is None or theory.batch_factor(problem.n, size, sampler) == 0:
        return False
    return lr < theory.mean_square_limit(problem, size, sampler)


def _law(run: Run) -> tuple[LeastSquares, float, int | None, str | None]:
    """What the theory takes of a run that ``check`` has not refused: problem, learning rate, batch size and sampler."""
    settings = run.settings
    return least_squares(run.problem), settings.lr, settings.stages.get(1), settings.sampler
