"""Gradient descent with momentum on least squares: Polyak's heavy ball."""

from __future__ import annotations

import math

import numpy as np

from sgdlib.base import checks
from sgdlib.experiment.least_squares import LeastSquares
from sgdlib.theory.spectrum import least_squares, spectrum


def heavy_ball_limit(problem: LeastSquares, momentum: float) -> float:
    r"""The learning rate at which the heavy ball stops converging.

    .. math:: \frac{2 (1 + \beta)}{\lambda_{\max}}

    For :math:`a_{t+1} = a_t - \text{lr}\, \nabla L(a_t) + \beta (a_t - a_{t-1})` on all rows, which is
    ``torch.optim.SGD`` with ``momentum`` β. See Polyak (1964), 10.1016/0041-5553(64)90137-5.

    Args:
        problem: a LeastSquares.
        momentum: β, at least 0 and less than 1.

    Returns:
        A learning rate, greater than 0.

    Raises:
        TypeError, ValueError: as ``descent.gd_limit``, or if ``momentum`` is out of range.

    Examples:
        >>> from sgdlib import noisy_line
        >>> round(heavy_ball_limit(LeastSquares(noisy_line(seed=42)), 0.9), 4)
        1.8971
    """
    problem, momentum = least_squares(problem), _momentum(momentum)
    return 2.0 * (1.0 + momentum) / spectrum(problem).highest


def heavy_ball_rate(problem: LeastSquares, lr: float, momentum: float) -> float:
    r"""The factor by which each step of the heavy ball shrinks the error, in the long run.

    .. math:: \max_i |z_i|, \qquad z_i^2 - (1 + \beta - \text{lr}\, \lambda_i) z_i + \beta = 0

    See Polyak (1964), 10.1016/0041-5553(64)90137-5, and Goh (2017), 10.23915/distill.00006.

    Args:
        problem: a LeastSquares.
        lr: the learning rate, greater than 0.
        momentum: β, at least 0 and less than 1.

    Returns:
        The factor per step, at least √β.

    Raises:
        TypeError, ValueError: as ``descent.gd_rate``, or if ``momentum`` is out of range.

    Examples:
        >>> from sgdlib import noisy_line
        >>> problem = LeastSquares(noisy_line(seed=42))
        >>> round(heavy_ball_rate(problem, *best_heavy_ball(problem)), 2), round(heavy_ball_rate(problem, 0.1, 0.9), 2)
        (0.26, 0.95)
    """
    problem, lr = least_squares(problem), checks.number("lr", lr, above=0.0)
    momentum = _momentum(momentum)
    with np.errstate(over="ignore"):
        half = np.abs(1.0 + momentum - lr * spectrum(problem).values) / 2.0  # (r,)
    real = half > math.sqrt(momentum)  # otherwise the two roots are conjugate, of modulus √β
    root = np.sqrt(np.where(real, (half - math.sqrt(momentum)), 0.0)) * np.sqrt(half + math.sqrt(momentum))
    return float(np.where(real, half + root, math.sqrt(momentum)).max())


def best_heavy_ball(problem: LeastSquares) -> tuple[float, float]:
    r"""The learning rate and momentum with which the heavy ball converges fastest.

    .. math::

        \text{lr} = \Big(\frac{2}{\sqrt{\lambda_{\max}} + \sqrt{\lambda_{\min}}}\Big)^2, \qquad
        \beta = \Big(\frac{\sqrt{\lambda_{\max}} - \sqrt{\lambda_{\min}}}
        {\sqrt{\lambda_{\max}} + \sqrt{\lambda_{\min}}}\Big)^2

    Its rate is :math:`\sqrt\beta`. See Polyak (1964), 10.1016/0041-5553(64)90137-5.

    Args, Raises: as ``descent.gd_limit``.

    Returns:
        (lr, momentum).

    Examples:
        >>> from sgdlib import noisy_line
        >>> [round(value, 2) for value in best_heavy_ball(LeastSquares(noisy_line(seed=42)))]
        [0.79, 0.07]
    """
    modes = spectrum(least_squares(problem))
    low, high = math.sqrt(modes.lowest), math.sqrt(modes.highest)
    return (2.0 / (high + low)) ** 2, ((high - low) / (high + low)) ** 2


def _momentum(given: float) -> float:
    momentum = checks.number("momentum", given, low=0.0)
    if momentum >= 1.0:
        raise ValueError(checks.refusal("momentum", given, "a number of at least 0 and less than 1"))
    return momentum
