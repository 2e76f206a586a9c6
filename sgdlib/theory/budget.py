"""What a batch buys: the noise scale, averages of iterates, and the learning rate that needs the fewest steps."""

from __future__ import annotations

from itertools import repeat
from typing import Any

import numpy as np

from sgdlib.base import checks
from sgdlib.base.arrays import Array
from sgdlib.experiment.least_squares import LeastSquares
from sgdlib.theory.floor import stationary
from sgdlib.theory.moments import limit
from sgdlib.theory.onestep import OneStep, one_step
from sgdlib.theory.spectrum import least_squares

MOST = 100_000  # steps after which the search for a learning rate gives up
GRID, LOOKS = 65, 5  # learning rates tried at once, and how often the grid closes in


def gradient_noise_scale(problem: LeastSquares, params: Any) -> Array:
    r"""How many rows a batch needs for its noise to be as large as its signal.

    .. math:: \frac{\text{tr}\, \text{Cov}(g)}{|G|^2}

    Where g is one row's gradient and G the gradient on all rows. It grows without bound where training comes close to
    the minimiser; beyond n it means little, since a batch of each row once has no noise at all. As a stand-in for the
    critical batch size, which belongs to a whole course of training, it rests on strong assumptions: the loss curves
    alike in all directions, and every step has the best of all learning rates.
    See McCandlish et al. (2018), arXiv:1812.06162, and Merrill et al. (2025), arXiv:2505.23971.

    Args:
        problem: a LeastSquares.
        params: (k, p) where to measure.

    Returns:
        (k,) rows; inf where the gradient is 0, and 0 where every row has the same gradient.

    Raises:
        TypeError: if an argument is of the wrong type.
        ValueError: if ``params`` is not of shape (k, p) and finite.

    Examples:
        >>> from sgdlib import noisy_line, train
        >>> run = train(LeastSquares(noisy_line(seed=42)), lr=0.1, batch_size=None)
        >>> gradient_noise_scale(run.problem, run.params[0, [0, 20, 50]]).round(2).tolist()
        [0.42, 6.86, 287.93]
    """
    problem = least_squares(problem)
    where = checks.array("params", params, ("k", problem.p))
    x, y = problem.data.x.numpy(), problem.data.y.numpy()
    lengths = np.einsum("ij,ij->i", x, x)  # (n,)
    with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
        residual = where @ x.T - y  # (k, n)
        signal = np.square(2.0 / len(x) * residual @ x).sum(axis=1)
        noise = np.maximum(4.0 / len(x) * residual**2 @ lengths - signal, 0.0)
        scale: Array = np.where(noise > 0.0, noise / signal, 0.0)
    return scale


def average_covariance(
    problem: LeastSquares, batch_size: int | None, steps: int, sampler: str | None, *, lr: float | None = None
) -> Array:
    r"""The covariance of the average of so many iterates at the noise floor.

    .. math:: \frac{f}{T}\, H^{-1} C H^{-1}, \qquad \text{or exactly} \quad
        \frac{1}{T^2} \sum_{s,t} (I - \text{lr}\, H)^{|s - t|}\, \Sigma

    Where C is the covariance of one row's gradient at the minimiser, f the batch factor and T ``steps``. The first is
    the leading order in 1/T and in the learning rate, which is not in it: averages of many small steps forget it. The
    second, with its transpose where s > t, has Σ from ``noise_covariance`` and holds for every T. Along directions
    without curvature both are 0. See Polyak and Juditsky (1992), 10.1137/0330046.

    Args:
        problem: a LeastSquares.
        batch_size: how many rows make a step, 1 to n; None for gradient descent.
        steps: how many iterates are averaged, at least 1, after those that come down from the start.
        sampler: "replacement" or "fresh"; None or any sampler for gradient descent.
        lr: the learning rate, greater than 0 and less than ``mean_square_limit``, for what is exact; None for the
            leading order.

    Returns:
        (p, p) in units of the parameters, squared.

    Raises:
        TypeError: if an argument is of the wrong type.
        ValueError: if an argument is out of its range, or the sampler is one without closed forms.

    Examples:
        >>> from sgdlib import noisy_line
        >>> covariance = average_covariance(LeastSquares(noisy_line(seed=42)), 1, 2000, "replacement")
        >>> np.sqrt(np.diag(covariance)).round(3).tolist()
        [0.019, 0.011]
    """
    step, inner = _average(problem, batch_size, steps, sampler, lr)
    return step.modes.covariance(inner)


def average_excess_loss(
    problem: LeastSquares, batch_size: int | None, steps: int, sampler: str | None, *, lr: float | None = None
) -> float:
    r"""The expected excess loss of the average of so many iterates at the noise floor.

    .. math:: \frac{f}{2T}\, \text{tr}(C H^{-1})

    To leading order; exactly, with ``lr``: as ``average_covariance``. See Polyak and Juditsky (1992), 10.1137/0330046.

    Args, Raises: as ``average_covariance``.

    Returns:
        At least 0, in units of the loss.

    Examples:
        >>> from sgdlib import noisy_line
        >>> problem = LeastSquares(noisy_line(seed=42))
        >>> round(average_excess_loss(problem, 1, 2000, "replacement"), 5)
        0.00024
        >>> round(average_excess_loss(problem, 1, 2000, "replacement", lr=0.1), 5)
        0.00026
    """
    step, inner = _average(problem, batch_size, steps, sampler, lr)
    return float(0.5 * step.modes.values @ np.diag(inner))


def fastest(
    problem: LeastSquares, batch_size: int | None, target: float, start: Any, sampler: str | None
) -> tuple[float, int]:
    r"""The constant learning rate that needs the fewest steps to bring the expected excess loss down to a target.

    .. math:: \min_{\text{lr}}\; \min \{t : E[L(a_t)] - L(a^*) \le \text{target}\}

    Over learning rates below the mean-square limit, by exact recursions on grids that close in. Steps times batch size
    is the number of rows read: it hardly grows with the batch at first, and then it does (the critical batch
    size). See Shallue et al. (2019), arXiv:1811.03600, and McCandlish et al. (2018), arXiv:1812.06162.

    Args:
        problem: a LeastSquares.
        batch_size: how many rows make a step, 1 to n; None for gradient descent.
        target: the expected excess loss to reach, greater than 0, in units of the loss; less than at the start.
        start: (p,) the parameters before the first step.
        sampler: "replacement" or "fresh"; None or any sampler for gradient descent.

    Returns:
        (lr, steps); of the learning rates that need as few steps, one that comes lowest.

    Raises:
        TypeError: if an argument is of the wrong type.
        ValueError: if an argument is out of its range, the sampler is one without closed forms, or the target is out of
            reach: already met at the start, or not met within 100 000 steps.

    Examples:
        >>> from sgdlib import noisy_line
        >>> lr, steps = fastest(LeastSquares(noisy_line(seed=42)), 16, 0.01, (-1.0, 1.0), "replacement")
        >>> round(lr, 2), steps
        (0.3, 18)
    """
    problem, target = least_squares(problem), checks.number("target", target, above=0.0)
    first = checks.array("start", start, (problem.p,))
    step = one_step(problem, batch_size, sampler)
    error = step.modes.coordinates(first)
    at_start = 0.5 * float(step.modes.values @ error**2)
    if not target < at_start < np.inf:
        raise ValueError(
            f"target must be less than the excess loss at the start, {at_start:g} here, and that must be finite; "
            f"got {target:g}. Ask for less, or start elsewhere."
        )
    highest = limit(step)
    rise = float(step.excess(step.noise / step.damping))  # of the noise floor with lr
    lowest = min(highest, target / rise if rise > 0.0 else highest) / GRID
    lrs = np.geomspace(lowest, highest * (1.0 - 1e-9), GRID)
    steps = MOST
    for _ in range(LOOKS):
        excess, steps = _first_below(step, error, lrs, target, steps)
        best = int(np.argmin(excess))
        if excess[best] > target:
            raise ValueError(
                f"target must be an excess loss that can be reached within {MOST} steps; got {target:g}. "
                "Ask for a higher one, or enlarge batch_size."
            )
        hit = np.flatnonzero(excess <= target)
        low, high = lrs[max(hit[0] - 1, 0)], lrs[min(hit[-1] + 1, GRID - 1)]
        chosen = float(lrs[best])
        lrs = np.sort(np.append(np.linspace(low, high, GRID - 1), chosen))
    return chosen, steps


def _first_below(step: OneStep, error: Array, lrs: Array, target: float, most: int) -> tuple[Array, int]:
    """The excess losses (L,) at the first step where any is at most ``target``, and that step; or at the last."""
    for t, second in enumerate(step.moments(error, repeat(lrs))):
        excess = step.excess(second)
        if t == most or (excess <= target).any():
            break
    return excess, t


def _average(
    problem: LeastSquares, batch_size: int | None, steps: int, sampler: str | None, lr: float | None
) -> tuple[OneStep, Array]:
    problem, steps = least_squares(problem), checks.integer("steps", steps, low=1)
    if lr is None:
        step = one_step(problem, batch_size, sampler)
        values = step.modes.values
        return step, step.unpack(step.noise) / steps / np.outer(values, values)
    step, packed = stationary(problem, lr, batch_size, sampler)
    apart = np.arange(1.0, steps)
    # how much all pairs of different iterates add, beside the T that are paired with themselves
    pairs = np.array([(steps - apart) @ shrink**apart for shrink in 1.0 - step.modes.values * lr])  # (r,)
    return step, step.unpack(packed) * (steps + pairs[:, None] + pairs) / steps**2
