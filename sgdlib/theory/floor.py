"""The noise floor: how far from the minimiser SGD with a constant learning rate comes to rest."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sgdlib.base import checks
from sgdlib.base.arrays import Array
from sgdlib.experiment.least_squares import LeastSquares
from sgdlib.theory.moments import limit
from sgdlib.theory.onestep import OneStep, one_step
from sgdlib.theory.spectrum import least_squares


def noise_covariance(problem: LeastSquares, lr: float, batch_size: int | None, sampler: str | None) -> Array:
    r"""The covariance of the parameters at the noise floor, exactly.

    .. math:: \Sigma = (A - \text{lr}\, D)^{-1}\, \text{lr}\, f\, C, \qquad A S = HS + SH

    Where C is the covariance of one row's gradient at the minimiser, f the batch factor and D as in
    ``theory.onestep``. The mean there is the minimiser. It is 0 along directions in which the rows have no curvature,
    and for gradient descent. See Feuer and Weinstein (1985), 10.1109/TASSP.1985.1164493, and Ziyin et al. (2022),
    arXiv:2102.05375.

    Args:
        problem: a LeastSquares.
        lr: the learning rate, greater than 0 and less than ``mean_square_limit``.
        batch_size: how many rows make a step, 1 to n; None for gradient descent.
        sampler: "replacement" or "fresh"; None or any sampler for gradient descent.

    Returns:
        (p, p) in units of the parameters, squared.

    Raises:
        TypeError: if an argument is of the wrong type.
        ValueError: if an argument is out of its range, or the sampler is one without closed forms.

    Examples:
        >>> from sgdlib import noisy_line
        >>> covariance = noise_covariance(LeastSquares(noisy_line(seed=42)), 0.1, 16, "replacement")
        >>> np.sqrt(np.diag(covariance)).round(4).tolist()
        [0.0395, 0.0408]
    """
    step, packed = stationary(problem, lr, batch_size, sampler)
    return step.modes.covariance(step.unpack(packed))


def noise_floor(problem: LeastSquares, lr: float, batch_size: int | None, sampler: str | None) -> float:
    r"""The expected excess loss at the noise floor, exactly.

    .. math:: \tfrac12\, \text{tr}(H \Sigma)

    With Σ from ``noise_covariance``. The loss has no factor ½. See Ziyin et al. (2022), arXiv:2102.05375.

    Args, Raises: as ``noise_covariance``.

    Returns:
        At least 0, in units of the loss.

    Examples:
        >>> from sgdlib import noisy_line
        >>> problem = LeastSquares(noisy_line(seed=42))
        >>> [round(noise_floor(problem, 0.1, size, "fresh"), 5) for size in (1, 4, 16, 100)]
        [0.03724, 0.0086, 0.00186, 0.0]
    """
    step, packed = stationary(problem, lr, batch_size, sampler)
    return float(step.excess(packed))


def first_order_covariance(problem: LeastSquares, lr: float, batch_size: int | None, sampler: str | None) -> Array:
    r"""The covariance of the parameters at the noise floor, to first order in the learning rate.

    .. math:: H \Sigma + \Sigma H = \text{lr}\, f\, C

    Where the noise is the same everywhere, :math:`C = 2 \sigma^2 H` and this is :math:`\text{lr}\, f \sigma^2 I`, with
    :math:`\sigma^2` the mean squared residual. It has no limit of its own: at larger learning rates it is too
    low. See Mandt, Hoffman and Blei (2017), arXiv:1704.04289.

    Args:
        problem: a LeastSquares.
        lr: the learning rate, greater than 0.
        batch_size: how many rows make a step, 1 to n; None for gradient descent.
        sampler: "replacement" or "fresh"; None or any sampler for gradient descent.

    Returns:
        (p, p) in units of the parameters, squared.

    Raises:
        TypeError: if an argument is of the wrong type.
        ValueError: if an argument is out of its range, or the sampler is one without closed forms.

    Examples:
        >>> from sgdlib import noisy_line
        >>> covariance = first_order_covariance(LeastSquares(noisy_line(seed=42)), 0.1, 16, "replacement")
        >>> np.sqrt(np.diag(covariance)).round(4).tolist()
        [0.0387, 0.0387]
    """
    step, packed = _first_order(problem, lr, batch_size, sampler)
    return step.modes.covariance(step.unpack(packed))


def first_order_floor(problem: LeastSquares, lr: float, batch_size: int | None, sampler: str | None) -> float:
    r"""The expected excess loss at the noise floor, to first order in the learning rate.

    .. math:: \tfrac12\, \text{tr}(H \Sigma) = \tfrac14\, \text{lr}\, f\, \text{tr}(C)

    With Σ from ``first_order_covariance``. See Mandt, Hoffman and Blei (2017), arXiv:1704.04289.

    Args, Raises: as ``first_order_covariance``.

    Returns:
        At least 0, in units of the loss.

    Examples:
        >>> from sgdlib import noisy_line
        >>> problem = LeastSquares(noisy_line(seed=42))
        >>> round(noise_floor(problem, 0.5, 1, "fresh") / first_order_floor(problem, 0.5, 1, "fresh"), 1)
        3.4
    """
    step, packed = _first_order(problem, lr, batch_size, sampler)
    return float(step.excess(packed))


def stationary(problem: LeastSquares, lr: float, batch_size: int | None, sampler: str | None) -> tuple[OneStep, Array]:
    """One step, and the second moment that it leaves as it is, (k,)."""
    problem, lr = least_squares(problem), checks.number("lr", lr, above=0.0)
    step = one_step(problem, batch_size, sampler)
    highest = limit(step)
    if lr >= highest:
        raise ValueError(
            f"lr must be less than the mean-square limit, {highest:.6g} here; got {lr:g}. "
            "From there on the error has no stationary covariance: lower lr, or enlarge batch_size."
        )
    packed: NDArray[Any] = np.linalg.solve(np.diag(step.damping) - lr * step.kick, lr * step.noise)
    return step, packed


def _first_order(
    problem: LeastSquares, lr: float, batch_size: int | None, sampler: str | None
) -> tuple[OneStep, Array]:
    problem, lr = least_squares(problem), checks.number("lr", lr, above=0.0)
    step = one_step(problem, batch_size, sampler)
    with np.errstate(over="ignore"):
        return step, lr * step.noise / step.damping
