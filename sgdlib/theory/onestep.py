"""What one step of SGD does to the second moment of the error.

A symmetric (r, r) matrix S is held as k = r (r + 1) / 2 numbers: the upper triangle, with √2 before what stands
off the diagonal. Then inner products stay what they are, and the linear maps of this module are symmetric
matrices.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from sgdlib.base.arrays import Array
from sgdlib.experiment.least_squares import LeastSquares
from sgdlib.theory.factor import batch_factor
from sgdlib.theory.spectrum import Spectrum, spectrum


@dataclass(frozen=True)
class OneStep:
    r"""The map of the second moment S = E[e eᵀ] of the error, for any learning rate.

    .. math::

        S \to S - \text{lr}\,(HS + SH) + \text{lr}^2 \big(D S + f C + f (K m + (K m)^T)\big), \qquad
        D S = (1 - f)\, H S H + f\, \text{mean}_i (h_i S h_i)

    Where :math:`h_i = 2 x_i x_i^T` and :math:`g_i = 2 r_i x_i` are one row's Hessian and its gradient at the
    minimiser, :math:`f` is the batch factor, :math:`C = \text{mean}(g_i g_i^T)`, :math:`m` the mean error and
    :math:`K m = \text{mean}(h_i m\, g_i^T)`. The last term is there because the same rows decide both how a batch
    curves and where it pushes; it dies out with m.

    Args:
        modes: the problem, in the coordinates in which its Hessian is diagonal.
        factor: f, 0 to 1.
    """

    modes: Spectrum
    factor: float

    @cached_property
    def _pairs(self) -> tuple[NDArray[np.intp], NDArray[np.intp], Array]:
        first, second = np.triu_indices(len(self.modes.values))
        return first, second, np.where(first == second, 1.0, np.sqrt(2.0))

    @cached_property
    def _squares(self) -> Array:
        first, second, weight = self._pairs
        rows = self.modes.rows
        return weight * rows[:, first] * rows[:, second]  # (n, k): x xᵀ of each row

    @cached_property
    def damping(self) -> Array:
        """(k,): the map S → HS + SH, which is diagonal."""
        first, second, _ = self._pairs
        return self.modes.values[first] + self.modes.values[second]

    @cached_property
    def kick(self) -> Array:
        """(k, k): the map S → D S."""
        first, second, _ = self._pairs
        products = self.modes.values[first] * self.modes.values[second]
        squares = self._squares
        each: Array = 4.0 / len(squares) * squares.T @ squares
        return self.factor * each + np.diag((1.0 - self.factor) * products)

    @cached_property
    def noise(self) -> Array:
        """(k,): f C, the covariance of one row's gradient 2 r_i x_i at the minimiser, times f."""
        gradients = 2.0 * self.modes.residual[:, None] * self.modes.rows  # (n, r)
        return self.factor * self.pack(gradients.T @ gradients / len(gradients))

    @cached_property
    def tangle(self) -> Array:
        """(k, r): the map m → f (K m + (K m)ᵀ)."""
        squares, weighted = self._squares, self.modes.residual[:, None] * self.modes.rows
        # h m gᵀ = 4 r (x·m) x xᵀ is symmetric as it stands, hence 2 · 4
        return 8.0 * self.factor / len(squares) * squares.T @ weighted

    def pack(self, matrix: Array) -> Array:
        """(k,) of a symmetric (r, r) matrix."""
        first, second, weight = self._pairs
        return weight * matrix[first, second]

    def unpack(self, packed: Array) -> Array:
        """The symmetric (r, r) matrix of (k,)."""
        first, second, weight = self._pairs
        matrix = np.empty((len(self.modes.values),) * 2)
        matrix[first, second] = matrix[second, first] = packed / weight
        return matrix

    def excess(self, packed: Array) -> Array:
        """The expected excess loss ½ tr(HS), (…,), of second moments (k, …)."""
        first, second, _ = self._pairs
        return 0.5 * self.modes.values @ packed[first == second]

    def matrix(self, lr: float) -> Array:
        """(k, k): the whole map for one learning rate, without what is added to S from outside."""
        return np.diag(1.0 - lr * self.damping) + lr**2 * self.kick

    def moments(self, error: Array, lrs: Iterable[Array]) -> Iterator[Array]:
        """The second moments at step 0, 1, 2, …, up to the last learning rate.

        Args:
            error: (r,) the error at the start.
            lrs: of step 1, 2, …: (L,) each, for L courses side by side.

        Yields:
            (k, 1) at the start, which all courses share, then (k, L).
        """
        mean, second = error[:, None], self.pack(np.outer(error, error))[:, None]
        yield second
        for lr in lrs:
            added = self.kick @ second + self.tangle @ mean + self.noise[:, None]
            second = second - lr * self.damping[:, None] * second + lr**2 * added
            mean = mean - lr * self.modes.values[:, None] * mean
            yield second


def one_step(problem: LeastSquares, batch_size: int | None, sampler: str | None) -> OneStep:
    """The map of a problem, for batches as ``batch_factor`` takes them."""
    return OneStep(spectrum(problem), batch_factor(problem.n, batch_size, sampler))
