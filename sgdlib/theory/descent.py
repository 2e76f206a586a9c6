"""Gradient descent on least squares: its limit, its rate and its path."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from sgdlib.base import checks
from sgdlib.base.arrays import Array
from sgdlib.experiment.least_squares import LeastSquares
from sgdlib.theory.spectrum import least_squares, spectrum


def gd_limit(problem: LeastSquares) -> float:
    r"""The learning rate at which gradient descent stops converging.

    .. math:: \frac{2}{\lambda_{\max}}

    Where :math:`\lambda` are the eigenvalues of the Hessian :math:`\frac2n X^T X`: the loss has no factor ½, with
    which the limit would be twice as high. SGD converges in the mean below the same limit, whatever the batch.
    See Polyak (1964), 10.1016/0041-5553(64)90137-5.

    Args:
        problem: a LeastSquares.

    Returns:
        A learning rate, greater than 0.

    Raises:
        TypeError: if ``problem`` is not a LeastSquares.
        ValueError: if its data have no curvature at all.

    Examples:
        >>> from sgdlib import noisy_line
        >>> round(gd_limit(LeastSquares(noisy_line(seed=42))), 5)
        0.99848
    """
    return 2.0 / spectrum(least_squares(problem)).highest


def best_lr(problem: LeastSquares) -> float:
    r"""The constant learning rate with which gradient descent converges fastest.

    .. math:: \frac{2}{\lambda_{\min} + \lambda_{\max}}

    Its rate is :math:`(\kappa - 1)/(\kappa + 1)` with :math:`\kappa = \lambda_{\max} / \lambda_{\min}`. Eigenvalues
    that are 0 do not count: nothing moves along their eigenvectors. See Polyak (1964), 10.1016/0041-5553(64)90137-5.

    Args, Returns, Raises: as ``gd_limit``.

    Examples:
        >>> from sgdlib import noisy_line
        >>> round(best_lr(LeastSquares(noisy_line(seed=42))), 4)
        0.7437
    """
    modes = spectrum(least_squares(problem))
    return 2.0 / (modes.lowest + modes.highest)


def gd_rate(problem: LeastSquares, lr: float) -> float:
    r"""The factor by which each step of gradient descent shrinks the error, in the long run.

    .. math:: \max_i |1 - \text{lr}\, \lambda_i|

    Over the eigenvalues that are not 0. Above 1 the error grows. See Polyak (1964), 10.1016/0041-5553(64)90137-5.

    Args:
        problem: a LeastSquares.
        lr: the learning rate, greater than 0.

    Returns:
        The factor per step, at least 0.

    Raises:
        TypeError, ValueError: as ``gd_limit``, or if ``lr`` is not a finite number greater than 0.

    Examples:
        >>> from sgdlib import noisy_line
        >>> problem = LeastSquares(noisy_line(seed=42))
        >>> round(gd_rate(problem, best_lr(problem)), 2)
        0.49
    """
    problem, lr = least_squares(problem), checks.number("lr", lr, above=0.0)
    with np.errstate(over="ignore"):
        return float(np.abs(1.0 - lr * spectrum(problem).values).max())


def half_lives(problem: LeastSquares, lr: float) -> Array:
    r"""How many steps of gradient descent halve the error along each eigenvector of the Hessian.

    .. math:: \frac{\log \frac12}{\log |1 - \text{lr}\, \lambda_i|}

    "Intercept first, slope later" is this, not the distance each has to go. It holds below ``best_lr``; above it the
    steepest direction is the last to arrive.

    Args:
        problem: a LeastSquares.
        lr: the learning rate, greater than 0.

    Returns:
        (p,) steps, by ascending eigenvalue; inf where the error does not shrink, 0 where one step removes it.

    Raises:
        TypeError, ValueError: as ``gd_rate``.

    Examples:
        >>> from sgdlib import noisy_line
        >>> half_lives(LeastSquares(noisy_line(seed=42)), 0.1).round(1).tolist()
        [9.8, 3.1]
    """
    problem, lr = least_squares(problem), checks.number("lr", lr, above=0.0)
    values = spectrum(problem).values
    flat = np.zeros(problem.p - len(values))
    with np.errstate(over="ignore", divide="ignore"):
        shrink = -np.log(np.abs(1.0 - lr * np.append(flat, values)))  # (p,), at most 0 where the error does not shrink
        return np.where(shrink > 0.0, math.log(2.0) / np.abs(shrink), math.inf)


def mean_path(problem: LeastSquares, lr: float, steps: int, start: Any) -> Array:
    r"""The path of gradient descent, which on least squares is also the mean path of SGD.

    .. math:: a_t = a^* + (I - \text{lr}\, H)^t (a_0 - a^*)

    Exactly so for SGD with batches that are independent of each other, "replacement" and "fresh", of any size
    (Robbins and Monro 1951, 10.1214/aoms/1177729586): a batch's gradient is right on average, and linear in a.

    Args:
        problem: a LeastSquares.
        lr: the learning rate, greater than 0.
        steps: how many updates, at least 1.
        start: (p,) the parameters before the first step.

    Returns:
        (steps + 1, p) parameters; not finite where they pass the largest float.

    Raises:
        TypeError, ValueError: as ``gd_rate``, or if ``steps`` or ``start`` does not fit.

    Examples:
        >>> from sgdlib import noisy_line
        >>> mean_path(LeastSquares(noisy_line(seed=42)), 0.1, 100, (-1.0, 1.0))[-1].round(4).tolist()
        [2.8587, 10.0001]
    """
    problem, lr = least_squares(problem), checks.number("lr", lr, above=0.0)
    steps = checks.integer("steps", steps, low=1)
    first = checks.array("start", start, (problem.p,))
    modes = spectrum(problem)
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        error = modes.coordinates(first)  # (r,)
        powers = (1.0 - lr * modes.values) ** np.arange(steps + 1)[:, None]  # (steps + 1, r)
        path: Array = first + ((powers - 1.0) * error) @ modes.vectors.T
    return path
