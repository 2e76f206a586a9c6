"""LeastSquares: the mean squared error of a linear model. Shapes: see ``sgdlib.experiment.problem``."""

from __future__ import annotations

from functools import cached_property

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from sgdlib.base.arrays import Array
from sgdlib.experiment.problem import Optimum, Problem
from sgdlib.experiment.rows import has_gaps, without_gaps
from sgdlib.experiment.solution import Near, Solution, near, solve

_AT_HAND = 2**15  # numbers of x that are looked up at once: they stay in a core's cache


class LeastSquares(Problem, kind="least squares"):
    r"""Mean squared error of a linear model, without the factor ½.

    .. math:: L(a) = \frac1n \sum_i (x_i \cdot a - y_i)^2

    Its gradient is :math:`\frac2n X^T (Xa - y)`, its Hessian :math:`H = \frac2n X^T X`. The excess loss
    :math:`L(a) - L(a^*)` is exactly :math:`\tfrac12 (a - a^*)^T H (a - a^*)`. See Bottou, Curtis and
    Nocedal (2018), arXiv:1606.04838, with a factor ½ there.

    Args:
        data: the rows and targets, of any p.

    Attributes:
        data: the Dataset.
        minimiser: (p,) float64 tensor; of least norm where the rows leave a choice.
        hessian: (p, p) float64 tensor.
        lowest_loss: the loss at the minimiser.
        rank: how many columns of x are independent, whatever their offset and size; p if there is one minimiser.

    Raises:
        TypeError: if ``data`` is not a Dataset.

    Examples:
        >>> from sgdlib import noisy_line
        >>> problem = LeastSquares(noisy_line(seed=42))
        >>> [round(value, 4) for value in problem.minimiser.tolist()]
        [2.8615, 9.9999]
        >>> round(problem.loss(torch.tensor([[-1.0, 1.0]], dtype=torch.float64)).item(), 2)
        88.58
    """

    @cached_property
    def solution(self) -> Solution:
        """The minimiser and what it was found by, as arrays."""
        return solve(self.data.x.numpy(), self.data.y.numpy())

    @property
    def minimiser(self) -> Tensor:
        """(p,): where the loss is smallest, by the singular values of x."""
        return torch.tensor(self.solution.minimiser, device="cpu")

    @property
    def rank(self) -> int:
        """How many columns of x are independent."""
        return self.solution.rank

    @property
    def hessian(self) -> Tensor:
        """(p, p): the second derivative of the loss, the same everywhere."""
        x = self.data.x
        return 2.0 / self.n * x.T @ x

    @cached_property
    def lowest_loss(self) -> float:
        """The loss at the minimiser."""
        with np.errstate(over="ignore"):
            return float(np.square(self.solution.residual).mean())

    @property
    def optimum(self) -> Optimum | None:
        """All of these; None for a subclass that has a loss of its own."""
        if type(self).loss is not LeastSquares.loss:
            return None
        return Optimum(self.minimiser, self.lowest_loss, lambda: self.hessian, self.rank, quadratic=True)

    @property
    def is_line(self) -> bool:
        """Whether the data have one column beside the column of ones."""
        return self.data.is_line

    @cached_property
    def _table(self) -> tuple[Array, Array]:
        """(p, n) and (n,): the columns of x, each in one piece, and y."""
        return np.ascontiguousarray(self.data.x.numpy().T), self.data.y.numpy()

    @cached_property
    def _near(self) -> Near:
        """The rows and targets moved near to 0: training needs these, and no minimiser."""
        return near(self.data.x.numpy(), self.data.y.numpy())

    @cached_property
    def _reduced(self) -> tuple[Array, Array, float]:
        """(k, p), (k,) and a number: R, c and what no parameters can mend in L(a) = |Ra − c|² + rest, by X/√n = QR.

        For the columns and targets moved near to 0, as ``sgdlib.experiment.solution`` has them.
        """
        q, r = np.linalg.qr(self._near.x / self.n**0.5)
        y = self._near.y / self.n**0.5
        c = q.T @ y
        return r, c, float(np.square(y - q @ c).sum())

    def loss(self, params: Tensor, rows: Tensor | None = None) -> Tensor:
        """The mean squared error of each replica: see ``Problem.loss``; a row −1 is none, as for ``gradient``.

        Over all rows it takes p² operations a replica and not np, by an orthogonal decomposition of x, where no
        gradient by ``params`` is asked for.
        """
        if rows is None and not params.requires_grad:
            away, rest = self._away(params)
            return torch.from_numpy(np.square(away).sum(axis=0) + rest)  # (R,)
        if rows is None:
            return (params @ self.data.x.T - self.data.y).square().mean(-1)
        if has_gaps(rows, self.n):
            return without_gaps(self.loss, params, rows)
        flat = rows.reshape(-1)  # many times faster to select by than rows of them
        x = self.data.x.index_select(0, flat).view(*rows.shape, -1)
        y = self.data.y.index_select(0, flat).view(rows.shape)
        return (torch.einsum("rbp,rp->rb", x, params) - y).square().mean(-1)

    def gradient(self, params: Tensor, rows: Tensor | None = None) -> Tensor:
        """The gradient in closed form: see ``Problem.gradient``.

        It is NumPy's work. torch would part it among its threads, and these wait for each other wherever another
        program has one's core.
        """
        if rows is None:
            gradient = 2.0 * np.einsum("kr,kp->rp", self._away(params)[0], self._reduced[0])  # (R, p)
            return torch.from_numpy(self._near.gradient(gradient))
        if has_gaps(rows, self.n):
            return without_gaps(self.gradient, params, rows)
        a, drawn = params.detach().numpy(), rows.numpy()  # (R, p), (R, B)
        gradient = np.empty(a.shape)
        size = max(1, _AT_HAND // max(1, drawn.shape[1] * self.p))
        for first in range(0, len(a), size):
            part = slice(first, first + size)
            gradient[part] = self._mean_gradient(a[part], drawn[part])
        return torch.from_numpy(gradient)

    def _away(self, params: Tensor) -> tuple[Array, float]:
        """(k, R) and a number: Ra − c of each replica, and the rest of the loss."""
        r, c, rest = self._reduced
        a = np.ascontiguousarray(self._near.params(params.detach().numpy()).T)  # (p, R)
        return np.einsum("kp,pr->kr", r, a) - c[:, None], rest

    def _mean_gradient(self, a: Array, rows: NDArray[np.int64]) -> Array:
        """(R, p): the mean over the rows (R, B) of each replica at (R, p)."""
        columns, targets = self._table
        x = columns.take(rows.reshape(-1), axis=1).reshape(-1, *rows.shape).transpose(1, 2, 0)  # (R, B, p)
        residual = np.einsum("rbp,rp->rb", x, a) - targets.take(rows)
        return 2.0 / rows.shape[1] * np.einsum("rb,rbp->rp", residual, x)
