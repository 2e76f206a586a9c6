"""Problems: a loss over the rows of a data set, for many parameter vectors at once.

Shapes, in the same letters everywhere: R replicas, B rows in a batch, n rows in all, p parameters.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any

import numpy as np
import torch
from torch import Tensor

from sgdlib import checks
from sgdlib.data import Dataset, own
from sgdlib.solution import Solution, solve


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

    @property
    def start(self) -> Tensor:
        """(p,): where ``train`` starts if it is not told; (−1, 1) for two parameters, as in the lesson, else zeros."""
        return torch.tensor([-1.0, 1.0] if self.data.p == 2 else [0.0] * self.data.p, dtype=torch.float64)

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
        """The gradient of each replica's loss, by autograd.

        Args:
            params: (R, p).
            rows: as for ``loss``; also with −1 for no row, as a run's record of partial batches has it.

        Returns:
            (R, p).
        """
        if rows is not None and bool((rows < 0).any()):
            return _without_gaps(self.gradient, params, rows)
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

    kind = "least squares"

    @cached_property
    def solution(self) -> Solution:
        """The minimiser and what it was found by, as arrays."""
        return solve(self.data.x.numpy(), self.data.y.numpy())

    @property
    def minimiser(self) -> Tensor:
        """(p,): where the loss is smallest, by the singular values of x."""
        return torch.tensor(self.solution.minimiser)

    @property
    def rank(self) -> int:
        """How many columns of x are independent."""
        return self.solution.rank

    @property
    def hessian(self) -> Tensor:
        """(p, p): the second derivative of the loss, the same everywhere."""
        return own(self._hessian)

    @cached_property
    def _hessian(self) -> Tensor:
        x = self.data.x
        hessian: Tensor = 2.0 / self.data.n * x.T @ x
        return hessian

    @cached_property
    def lowest_loss(self) -> float:
        """The loss at the minimiser."""
        with np.errstate(over="ignore"):
            return float(np.square(self.solution.residual).mean())

    @cached_property
    def _reduced(self) -> tuple[Tensor, Tensor, Tensor]:
        """(k, p), (k,) and a number: R, c and what no parameters can mend in L(a) = |Ra − c|² + rest, by X/√n = QR.

        For the columns and targets as ``_near`` takes them.
        """
        known = self.solution.near
        x, y = (torch.tensor(values) / self.data.n**0.5 for values in (known.x, known.y))
        q, r = torch.linalg.qr(x)
        c = q.T @ y
        return r, c, (y - q @ c).square().sum()

    def _near(self, params: Tensor) -> Tensor:
        """(R, p): the parameters with which columns moved near to 0 predict the same."""
        known = self.solution.near
        if not known.moved:
            return params
        made_up = params @ torch.tensor(known.share()) - known.lift / known.level  # (R,)
        only = torch.zeros(self.data.p, dtype=torch.float64)
        only[known.constant] = 1.0
        return params + made_up[:, None] * only

    def loss(self, params: Tensor, rows: Tensor | None = None) -> Tensor:
        """The mean squared error of each replica: see ``Problem.loss``; a row −1 is none, as for ``gradient``.

        Over all rows it takes p² operations a replica and not np, by an orthogonal decomposition of x.
        """
        if rows is not None:
            try:
                return self._residual(params, rows)[1].square().mean(-1)  # (R,)
            except IndexError:
                return _without_gaps(self.loss, params, rows)
        r, c, rest = self._reduced
        return (self._near(params) @ r.T - c).square().sum(-1) + rest

    def gradient(self, params: Tensor, rows: Tensor | None = None) -> Tensor:
        """The gradient in closed form: see ``Problem.gradient``."""
        if rows is None:
            x = self.data.x
            return 2.0 / self.data.n * (params @ x.T - self.data.y) @ x  # (R, p)
        try:
            x, residual = self._residual(params, rows)
        except IndexError:
            return _without_gaps(self.gradient, params, rows)
        return 2.0 / rows.shape[1] * torch.einsum("rb,rbp->rp", residual, x)

    def _residual(self, params: Tensor, rows: Tensor) -> tuple[Tensor, Tensor]:
        """(R, B, p) and (R, B): the rows of each batch, and by how much each misses its target."""
        flat = rows.reshape(-1)  # many times faster to select by than rows of them
        x = self.data.x.index_select(0, flat).view(*rows.shape, -1)
        return x, torch.einsum("rbp,rp->rb", x, params) - self.data.y.index_select(0, flat).view(rows.shape)

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self) or not isinstance(other, LeastSquares):
            return NotImplemented
        return self.data == other.data

    __hash__ = None  # type: ignore[assignment]  # equal by content, so not a key

    def __repr__(self) -> str:
        return f"LeastSquares({self.data!r})"

    def to_json(self) -> dict[str, Any]:
        """The problem as plain lists and numbers, exactly."""
        return {"kind": self.kind, "data": self.data.to_json()}


def _without_gaps(found: Callable[[Tensor, Tensor], Tensor], params: Tensor, rows: Tensor) -> Tensor:
    """What ``found`` gives for batches some of whose rows are −1, for none: for all at once that have as many left."""
    sizes = (rows >= 0).sum(1)  # (R,)
    if int(rows.min()) < -1 or int(sizes.min()) == 0 or not bool((rows < 0).any()):
        raise ValueError(
            "rows must be row numbers of the data, or −1 for none in a batch that has others; "
            f"got {int(rows.min())} to {int(rows.max())} and batches of {int(sizes.min())} or more."
        )
    groups = [(sizes == size).nonzero()[:, 0] for size in sizes.unique()]
    parts = [found(params[group], rows[group][rows[group] >= 0].view(len(group), -1)) for group in groups]
    return torch.cat(parts)[torch.cat(groups).argsort()]


def to_json(problem: Problem) -> dict[str, Any]:
    """A problem as plain lists and numbers, exactly.

    Raises:
        TypeError: if ``from_json`` could not make it again.
    """
    if type(problem) is not LeastSquares:
        allowed = "one that has a to_json and can be loaded again, which is a LeastSquares and no other kind"
        raise TypeError(f"{checks.refusal('problem', problem, allowed)} Save its arrays instead, with numpy.savez.")
    return problem.to_json()


def from_json(record: Mapping[str, Any]) -> LeastSquares:
    """The problem that ``to_json`` wrote.

    Raises:
        ValueError: if it is of a kind that is not known here.
    """
    checks.choice("problem kind", record["kind"], (LeastSquares.kind,))
    return LeastSquares(Dataset(**record["data"]))
