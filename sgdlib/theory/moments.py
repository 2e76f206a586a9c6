"""SGD on least squares in mean square: its limit, its rate, and the expected loss at every step."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from sgdlib.base import checks
from sgdlib.base.arrays import Array
from sgdlib.experiment.least_squares import LeastSquares
from sgdlib.theory.onestep import OneStep, one_step
from sgdlib.theory.spectrum import least_squares


def growth(problem: LeastSquares, lr: float, batch_size: int | None, sampler: str | None) -> float:
    r"""The factor by which each step of SGD multiplies the mean squared error, in the long run, noise aside.

    .. math:: \rho\big(S \to S - \text{lr}\,(HS + SH) + \text{lr}^2 D S\big)

    The spectral radius :math:`\rho` of what one step does to the second moment of the error; D as in
    ``theory.onestep``. Below 1 the error settles at the noise floor, above 1 its mean square grows without bound.
    Directions in which the rows have no curvature do not count: nothing moves along them. See Feuer and Weinstein
    (1985), 10.1109/TASSP.1985.1164493, and Mulayoff and Michaeli (2024), arXiv:2306.07850.

    Args:
        problem: a LeastSquares.
        lr: the learning rate, greater than 0.
        batch_size: how many rows make a step, 1 to n; None for gradient descent.
        sampler: "replacement" or "fresh"; None or any sampler for gradient descent.

    Returns:
        The factor per step for the *squared* error; for gradient descent the square of ``gd_rate``. inf where it is
        larger than the largest float.

    Raises:
        TypeError: if an argument is of the wrong type.
        ValueError: if an argument is out of its range, or the sampler is one without closed forms.

    Examples:
        >>> from sgdlib import noisy_line
        >>> problem = LeastSquares(noisy_line(seed=42))
        >>> round(growth(problem, 0.7, 1, "fresh"), 3), round(growth(problem, 0.71, 1, "fresh"), 3)
        (0.983, 1.007)
    """
    problem, lr = least_squares(problem), checks.number("lr", lr, above=0.0)
    step = one_step(problem, batch_size, sampler)
    if lr * step.modes.highest > 1e100:
        return math.inf
    return float(np.abs(np.linalg.eigvalsh(step.matrix(lr))).max())


def mean_square_limit(problem: LeastSquares, batch_size: int | None, sampler: str | None) -> float:
    r"""The learning rate at which SGD stops converging in mean square.

    .. math:: \frac{1}{\lambda_{\max}(A^{-1} D)}, \qquad A S = HS + SH

    D as in ``theory.onestep``. At most ``gd_limit``, and equal to it for gradient descent. Between this limit and
    ``almost_sure_limit`` single runs keep coming back, and stray so far in between that their mean square grows without
    bound. See Mulayoff and Michaeli (2024), arXiv:2306.07850.

    Args, Raises: as ``growth``.

    Returns:
        A learning rate, greater than 0.

    Examples:
        >>> from sgdlib import noisy_line
        >>> problem = LeastSquares(noisy_line(seed=42))
        >>> [round(mean_square_limit(problem, size, "replacement"), 4) for size in (1, 4, 16, None)]
        [0.707, 0.965, 0.9962, 0.9985]
    """
    problem = least_squares(problem)
    return limit(one_step(problem, batch_size, sampler))


def limit(step: OneStep) -> float:
    """The mean-square limit of a map that is already made."""
    scale = 1.0 / np.sqrt(step.damping)
    return float(1.0 / np.linalg.eigvalsh(scale[:, None] * step.kick * scale)[-1])


def expected_excess_loss(
    problem: LeastSquares, lr: Any, batch_size: int | None, steps: int, start: Any, sampler: str | None
) -> Array:
    r"""The expected excess loss of SGD at every step, exactly.

    .. math:: E[L(a_t)] - L(a^*) = \tfrac12\, \text{tr}(H S_t)

    By the recursion of ``theory.onestep`` from :math:`S_0 = e_0 e_0^T`; it holds beyond the mean-square limit too,
    where it grows. The loss has no factor ½. See Feuer and Weinstein (1985), 10.1109/TASSP.1985.1164493.

    Args:
        problem: a LeastSquares.
        lr: the learning rate, greater than 0; or, for one that changes, (steps,) those of step 1, 2, ….
        batch_size: how many rows make a step, 1 to n; None for gradient descent.
        steps: how many updates, at least 1.
        start: (p,) the parameters before the first step.
        sampler: "replacement" or "fresh"; None or any sampler for gradient descent.

    Returns:
        (steps + 1,) in units of the loss; inf from where it passes the largest float.

    Raises:
        TypeError: if an argument is of the wrong type.
        ValueError: if an argument is out of its range, or the sampler is one without closed forms.

    Examples:
        >>> from sgdlib import noisy_line
        >>> problem = LeastSquares(noisy_line(seed=42))
        >>> expected_excess_loss(problem, 0.1, 16, 100, (-1.0, 1.0), "fresh")[[0, 10, 100]].round(4).tolist()
        [88.3371, 1.9699, 0.0019]
        >>> falling = 0.1 / (1 + np.arange(1000) / 10) ** 0.3
        >>> expected_excess_loss(problem, falling, 4, 1000, (-1.0, 1.0), "fresh")[[100, 1000]].round(4).tolist()
        [0.0048, 0.002]
    """
    problem, steps = least_squares(problem), checks.integer("steps", steps, low=1)
    lrs = _rates(lr, steps)
    first = checks.array("start", start, (problem.p,))
    step = one_step(problem, batch_size, sampler)
    expected = np.full(steps + 1, math.inf)
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        for t, second in enumerate(step.moments(step.modes.coordinates(first), lrs[:, None])):
            (excess,) = step.excess(second)
            if not math.isfinite(excess):
                break
            expected[t] = excess
    if not math.isfinite(expected[0]):
        raise ValueError(f"start must be where the loss is finite; got {first.tolist()}, where it is not.")
    return expected


def _rates(lr: Any, steps: int) -> Array:
    """(steps,): the learning rate of each step."""
    if not hasattr(lr, "__len__"):
        return np.full(steps, checks.number("lr (or one for each step)", lr, above=0.0))
    lrs = checks.array("lr", lr, (steps,))
    if lrs.min() <= 0.0:
        raise ValueError(checks.refusal("lr", lr, "greater than 0 at each step"))
    return lrs
