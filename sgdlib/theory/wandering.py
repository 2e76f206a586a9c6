"""Almost surely: where a single run of SGD settles, though its mean square may not.

Between the mean-square limit and this one, every run comes back in the end, but now and then goes so far astray
that the mean square over many runs has no bound. Nothing here has a closed form: these are simulations, with their
errors.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sgdlib.base import checks
from sgdlib.base.arrays import Array
from sgdlib.experiment.least_squares import LeastSquares
from sgdlib.theory.moments import limit
from sgdlib.theory.onestep import one_step
from sgdlib.theory.spectrum import Spectrum, least_squares

BLOCK = 50  # steps whose rows are drawn at once
WARM_UP = 0.1  # of the steps, taken first and not counted, until the direction has forgotten its start
RATIO, CELLS = 1.1, 16  # the search climbs by this ratio, over so many learning rates at once
HIGHEST = 1e6  # times the mean-square limit, where the search gives up


class Estimate(NamedTuple):
    """A simulated value and its standard error, both in the same units."""

    value: float
    standard_error: float


def lyapunov_exponent(
    problem: LeastSquares,
    lr: float,
    batch_size: int | None,
    sampler: str | None,
    *,
    steps: int = 2000,
    replicas: int = 250,
    seed: int = 0,
) -> Estimate:
    r"""The long-run growth, per step, of the logarithm of a single run's error, noise aside.

    .. math:: \gamma = \lim_{t \to \infty} \frac1t \log \| (I - \text{lr}\, H_t) \cdots (I - \text{lr}\, H_1) v \|

    Where :math:`H_t` is the Hessian over the rows of batch t. Below 0 every run keeps coming back, though the mean
    square over many runs has a bound only below ``mean_square_limit``; above 0 every run leaves. See Gürbüzbalaban,
    Şimşekli and Zhu (2021), arXiv:2006.04740.

    Args:
        problem: a LeastSquares.
        lr: the learning rate, greater than 0.
        batch_size: how many rows make a step, 1 to n; None for gradient descent.
        sampler: "replacement" or "fresh"; None or any sampler for gradient descent.
        steps: how many to average over, at least 1, after a tenth as many to warm up.
        replicas: how many independent runs the standard error comes from, at least 2.
        seed: of the batches, 0 to 2⁶³ − 1. No global random state is read or changed.

    Returns:
        (value, standard_error) per step. Without randomness, exact with an error of 0. −inf where a batch removes the
        error at once, inf where a step overflows.

    Raises:
        TypeError: if an argument is of the wrong type.
        ValueError: if an argument is out of its range, or the sampler is one without closed forms.

    Examples:
        >>> from sgdlib import noisy_line
        >>> problem = LeastSquares(noisy_line(seed=42))
        >>> value, error = lyapunov_exponent(problem, 0.73, 1, "fresh", steps=500, replicas=100)
        >>> value + 4 * error < 0  # above the mean-square limit, .707, and yet every run settles
        True
    """
    problem, lr = least_squares(problem), checks.number("lr", lr, above=0.0)
    step = one_step(problem, batch_size, sampler)
    steps, replicas, seed = _settings(steps, replicas, seed)
    if batch_size is None or step.factor == 0.0:
        with np.errstate(over="ignore", divide="ignore"):
            return Estimate(float(np.log(np.abs(1.0 - lr * step.modes.values)).max()), 0.0)
    (growths,) = _growths(step.modes, np.array([lr]), batch_size, sampler == "fresh", steps, replicas, seed)
    return _estimate(growths)


def almost_sure_limit(
    problem: LeastSquares,
    batch_size: int | None,
    sampler: str | None,
    *,
    steps: int = 2000,
    replicas: int = 250,
    seed: int = 0,
) -> Estimate:
    r"""The learning rate at which single runs of SGD stop settling, by simulation.

    The smallest at which ``lyapunov_exponent`` reaches 0: at least ``mean_square_limit``, and possibly more than
    ``gd_limit``. It is found by following the same batches at many learning rates, first coarsely from the
    mean-square limit upward, then closely. See Gürbüzbalaban, Şimşekli and Zhu (2021), arXiv:2006.04740.

    On the lesson's data the default settings take a second or two for an error below .001. The time grows with
    ``batch_size`` and p², the error falls with the root of ``steps`` · ``replicas``. Where some directions
    hardly curve, 10⁻³ of the steepest, ask for more steps: they take long to forget the start.

    Args:
        problem: a LeastSquares.
        batch_size: how many rows make a step, 1 to n; None for gradient descent.
        sampler: "replacement" or "fresh"; None or any sampler for gradient descent.
        steps: how many to average over, at least 1, after a tenth as many to warm up.
        replicas: how many independent runs the standard error comes from, at least 2.
        seed: of the batches, 0 to 2⁶³ − 1. No global random state is read or changed.

    Returns:
        (value, standard_error), both learning rates. Without randomness, ``gd_limit`` with an error of 0. (inf, 0) if
        there is none below a million times the mean-square limit.

    Raises:
        TypeError: if an argument is of the wrong type.
        ValueError: if an argument is out of its range, or the sampler is one without closed forms.

    Examples:
        >>> from sgdlib import noisy_line
        >>> limit, error = almost_sure_limit(LeastSquares(noisy_line(seed=42)), 1, "fresh", steps=500, replicas=50)
        >>> round(limit, 1), error < 0.01
        (0.8, True)
    """
    problem = least_squares(problem)
    step = one_step(problem, batch_size, sampler)
    steps, replicas, seed = _settings(steps, replicas, seed)
    lowest = limit(step)
    if batch_size is None or step.factor == 0.0:
        return Estimate(lowest, 0.0)

    def follow(lrs: Array, steps: int) -> Array:
        return _growths(step.modes, lrs, batch_size, sampler == "fresh", steps, replicas, seed)

    ladder: Array = lowest * RATIO ** np.arange(CELLS, dtype=np.float64)
    while ladder[0] < HIGHEST * lowest:
        above = np.flatnonzero(follow(ladder, -(-steps // 10)).mean(axis=1) > 0.0)
        if above.size:
            close = np.linspace(max(lowest, ladder[above[0]] / RATIO**2), ladder[above[0]] * RATIO, CELLS + 1)
            low, high = close[_cell(follow(close, steps))]
            close = np.linspace(float(low), float(high), CELLS + 1)  # narrow enough for a straight line
            growths = follow(close, steps)
            cell = _cell(growths)
            return _root(close[cell], growths[cell])
        ladder = ladder * RATIO ** (CELLS - 1)
    return Estimate(math.inf, 0.0)


def _settings(steps: int, replicas: int, seed: int) -> tuple[int, int, int]:
    return (
        checks.integer("steps", steps, low=1),
        checks.integer("replicas", replicas, low=2),
        checks.integer("seed", seed, low=0, high=checks.LARGEST_SEED),
    )


def _growths(modes: Spectrum, lrs: Array, batch_size: int, fresh: bool, steps: int, replicas: int, seed: int) -> Array:
    """(L, R): the mean growth of log error per step, at each learning rate, along the same batches."""
    generator = np.random.default_rng(seed)
    warm_up = round(WARM_UP * steps)
    error = np.repeat(generator.normal(size=(replicas, modes.values.size, 1)), len(lrs), axis=2)  # (R, r, L)
    total = np.zeros((replicas, len(lrs)))
    drawn = _batches(len(modes.rows), batch_size, fresh, replicas, generator)
    with np.errstate(over="ignore", under="ignore", invalid="ignore", divide="ignore"):
        for step in range(warm_up + steps):
            rows = modes.rows[next(drawn)]  # (R, B, r)
            hessian = 2.0 / batch_size * rows.transpose(0, 2, 1) @ rows  # (R, r, r)
            error = error - lrs * (hessian @ error)
            size = np.abs(error).max(axis=1)  # (R, L)
            error /= np.where(size > 0.0, size, 1.0)[:, None, :]
            if step >= warm_up:
                total += np.log(size)
    return np.where(np.isnan(total), math.inf, total).T / steps


def _batches(
    n: int, batch_size: int, fresh: bool, replicas: int, generator: np.random.Generator
) -> Iterator[NDArray[np.int64]]:
    """Row numbers (R, B) of one step after the other, without end."""
    count = BLOCK * replicas
    while True:
        if fresh and batch_size > 1:
            drawn = _subsets(n, batch_size, count, generator)
        else:
            drawn = generator.integers(n, size=(count, batch_size))
        yield from drawn.reshape(BLOCK, replicas, batch_size)


def _subsets(n: int, batch_size: int, count: int, generator: np.random.Generator) -> NDArray[np.int64]:
    """Independent uniform subsets, (count, B), by Floyd's algorithm (Bentley 1987, 10.1145/30401.315746)."""
    chosen = np.empty((batch_size, count), dtype=np.int64)
    for place, last in enumerate(range(n - batch_size, n)):
        row = generator.integers(last + 1, size=count)
        chosen[place] = np.where((chosen[:place] == row).any(axis=0), last, row)
    return chosen.T


def _estimate(growths: Array) -> Estimate:
    """The mean over replicas (R,) and its standard error."""
    mean = float(growths.mean())
    if not math.isfinite(mean):
        return Estimate(mean, 0.0)
    return Estimate(mean, float(growths.std(ddof=1) / math.sqrt(growths.size)))


def _cell(growths: Array) -> slice:
    """The two neighbours between which the mean of growths (L, R) first passes 0."""
    high = max(1, int(np.argmax(np.append(growths.mean(axis=1)[:-1] > 0.0, True))))
    return slice(high - 1, high + 1)


def _root(lrs: Array, growths: Array) -> Estimate:
    """Where the straight line through the means of growths (2, R) at two learning rates passes 0."""
    low, high = growths.mean(axis=1)
    share = -low / (high - low)
    between = (1.0 - share) * growths[0] + share * growths[1]  # (R,), of mean 0
    width = float(lrs[1] - lrs[0])
    return Estimate(float(lrs[0]) + float(share) * width, _estimate(between).standard_error * width / float(high - low))
