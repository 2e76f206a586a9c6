"""Problems: a loss over the rows of a data set, for many parameter vectors at once.

Shapes, in the same letters everywhere: R replicas, B rows in a batch, n rows in all, p parameters.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from functools import cached_property
from typing import Any

import torch
from torch import Tensor

from sgdlib import checks
from sgdlib.data import Dataset


class Problem(ABC):
    """A loss to be minimised. A subclass gives ``loss``; the gradient then comes from autograd.

    Args:
        data: the rows and targets.
    """

    def __init__(self, data: Dataset):
        self._data = checks.instance("data", data, Dataset, "a Dataset, such as noisy_line() makes")

    @property
    def data(self) -> Dataset:
        """The rows and targets."""
        return self._data

    @abstractmethod
    def loss(self, params: Tensor, rows: Tensor | None = None) -> Tensor:
        """The loss of each replica.

        Args:
            params: (R, p).
            rows: (R, B) int64, the rows of each replica's batch; None for all rows.

        Returns:
            (R,).
        """

    def gradient(self, params: Tensor, rows: Tensor | None = None) -> Tensor:
        """The gradient of each replica's loss, by autograd; arguments as for ``loss``.

        Returns:
            (R, p).
        """
        leaf = params.detach().requires_grad_()
        with torch.enable_grad():
            # replicas do not meet, so the gradient of their sum is each one's own
            (gradient,) = torch.autograd.grad(self.loss(leaf, rows).sum(), leaf)
        return gradient


class LeastSquares(Problem):
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

    kind = "least squares"

    @cached_property
    def minimiser(self) -> Tensor:
        """(p,): where the loss is smallest, by an orthogonal decomposition of x."""
        minimiser: Tensor = torch.linalg.pinv(self.data.x) @ self.data.y
        return minimiser

    @cached_property
    def hessian(self) -> Tensor:
        """(p, p): the second derivative of the loss, the same everywhere."""
        hessian: Tensor = 2.0 / self.data.n * self.data.x.T @ self.data.x
        return hessian

    @cached_property
    def lowest_loss(self) -> float:
        """The loss at the minimiser."""
        return float(self.loss(self.minimiser[None]))

    @cached_property
    def _reduced(self) -> tuple[Tensor, Tensor, Tensor]:
        """(k, p), (k,) and a number: R, c and what no parameters can mend in L(a) = |Ra − c|² + rest, by X/√n = QR."""
        x, y = self.data.x / self.data.n**0.5, self.data.y / self.data.n**0.5
        q, r = torch.linalg.qr(x)
        c = q.T @ y
        return r, c, (y - q @ c).square().sum()

    def loss(self, params: Tensor, rows: Tensor | None = None) -> Tensor:
        """The mean squared error of each replica: see ``Problem.loss``.

        Over all rows it takes p² operations a replica and not np, by an orthogonal decomposition of x.
        """
        if rows is not None:
            return self._residual(params, rows)[1].square().mean(-1)  # (R,)
        r, c, rest = self._reduced
        return (params @ r.T - c).square().sum(-1) + rest

    def gradient(self, params: Tensor, rows: Tensor | None = None) -> Tensor:
        """The gradient in closed form: see ``Problem.gradient``."""
        if rows is None:
            return 2.0 / self.data.n * (params @ self.data.x.T - self.data.y) @ self.data.x  # (R, p)
        x, residual = self._residual(params, rows)
        return 2.0 / rows.shape[1] * torch.einsum("rb,rbp->rp", residual, x)

    def _residual(self, params: Tensor, rows: Tensor) -> tuple[Tensor, Tensor]:
        """(R, B, p) and (R, B): the rows of each batch, and by how much each misses its target."""
        flat = rows.reshape(-1)  # many times faster to select by than rows of them
        x = self.data.x.index_select(0, flat).view(*rows.shape, -1)
        return x, torch.einsum("rbp,rp->rb", x, params) - self.data.y.index_select(0, flat).view(rows.shape)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, LeastSquares):
            return NotImplemented
        return self.data == other.data

    __hash__ = None  # type: ignore[assignment]  # equal by content, so not a key

    def __repr__(self) -> str:
        return f"LeastSquares({self.data!r})"

    def to_json(self) -> dict[str, Any]:
        """The problem as plain lists and numbers, exactly."""
        return {"kind": self.kind, "data": self.data.to_json()}


def from_json(record: Mapping[str, Any]) -> LeastSquares:
    """The problem that ``to_json`` wrote.

    Raises:
        ValueError: if it is of a kind that is not known here.
    """
    checks.choice("problem kind", record["kind"], (LeastSquares.kind,))
    return LeastSquares(Dataset(**record["data"]))
