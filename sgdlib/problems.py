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
from numpy.typing import NDArray
from torch import Tensor

from sgdlib import checks
from sgdlib.data import Dataset, own
from sgdlib.solution import Solution, solve
from sgdlib.state import own_torch_state

_AT_HAND = 2**15  # numbers of x that are looked up at once: they stay in a core's cache

Array = NDArray[np.float64]


class Problem(ABC):
    """A loss to be minimised. A subclass gives ``loss``; the gradient then comes from autograd.

    Args:
        data: the rows and targets.

    Examples:
        >>> class Absolute(Problem):  # the mean absolute error: one number for each replica
        ...     def loss(self, params, rows=None):
        ...         x, y = (self.data.x, self.data.y) if rows is None else (self.data.x[rows], self.data.y[rows])
        ...         return ((x * params[:, None, :]).sum(-1) - y).abs().mean(-1)
        >>> from sgdlib import noisy_line
        >>> Absolute(noisy_line()).loss(torch.zeros(3, 2, dtype=torch.float64)).shape
        torch.Size([3])
    """

    def __init__(self, data: Dataset):
        self._data = checks.instance("data", data, Dataset, "a Dataset, such as noisy_line() makes")

    @property
    def data(self) -> Dataset:
        """The rows and targets."""
        if not hasattr(self, "_data"):
            name = type(self).__name__
            raise TypeError(
                f"problem must be one that has its data; got one of {name}, whose __init__ never called Problem's. "
                f"Say super().__init__(data) in {name}.__init__."
            )
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

        Raises:
            TypeError, ValueError: if ``loss`` does not return a tensor (R,) that has a gradient.
        """
        if rows is not None and _has_gaps(rows, self.data.n):
            return _without_gaps(self.gradient, params, rows)
        with own_torch_state(), torch.enable_grad():
            leaf = params.detach().clone().requires_grad_()
            loss = checked_loss(self, self.loss(leaf, rows), len(leaf))
            # replicas do not meet, so the gradient of their sum is each one's own
            (gradient,) = torch.autograd.grad(loss.sum(), leaf, allow_unused=True) if loss.requires_grad else (None,)
        if gradient is None:
            raise ValueError(
                f"problem must have a loss that torch can differentiate by params; got that of {type(self).__name__}, "
                "whose result does not hang on them. Leave out .detach(), .item(), .numpy() and torch.no_grad(), or "
                "give the class a gradient(params, rows) of its own."
            )
        return gradient


def checked_loss(problem: Problem, given: object, replicas: int) -> Tensor:
    """Return what a problem's loss returned: a real number for each replica.

    Raises:
        TypeError: if it is no tensor of floating-point numbers.
        ValueError: if it is not of shape (replicas,).
    """
    return _checked("loss", problem, given, (replicas,), "Take the mean over a replica's rows alone: .mean(-1).")


def checked_gradient(problem: Problem, given: object, shape: tuple[int, ...]) -> Tensor:
    """Return what a problem's gradient returned, of shape (R, p); refused as by ``checked_loss``."""
    return _checked("gradient", problem, given, shape, "Sum over a replica's rows alone.")


def _checked(what: str, problem: Problem, given: object, shape: tuple[int, ...], advice: str) -> Tensor:
    allowed = (
        f"problem must have a {what} that returns a floating-point tensor of shape {shape}, for each replica its own"
    )
    name = type(problem).__name__
    if not isinstance(given, Tensor) or not given.dtype.is_floating_point:
        raise TypeError(f"{allowed}; got {getattr(given, 'dtype', type(given).__name__)!s} from that of {name}.")
    if given.shape != shape:
        raise ValueError(f"{allowed}; got shape {tuple(given.shape)} from that of {name}. {advice}")
    return given


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
    def _table(self) -> tuple[Array, Array]:
        """(p, n) and (n,): the columns of x, each in one piece, and y."""
        return np.ascontiguousarray(self.data.x.numpy().T), self.data.y.numpy()

    @cached_property
    def _reduced(self) -> tuple[Array, Array, float]:
        """(k, p), (k,) and a number: R, c and what no parameters can mend in L(a) = |Ra − c|² + rest, by X/√n = QR.

        For the columns and targets moved near to 0, as ``sgdlib.solution`` has them.
        """
        known = self.solution.near
        q, r = np.linalg.qr(known.x / self.data.n**0.5)
        y = known.y / self.data.n**0.5
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
        if _has_gaps(rows, self.data.n):
            return _without_gaps(self.loss, params, rows)
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
            return torch.from_numpy(self.solution.near.gradient(gradient))
        if _has_gaps(rows, self.data.n):
            return _without_gaps(self.gradient, params, rows)
        a, drawn = params.detach().numpy(), rows.numpy()  # (R, p), (R, B)
        gradient = np.empty(a.shape)
        size = max(1, _AT_HAND // max(1, drawn.shape[1] * self.data.p))
        for first in range(0, len(a), size):
            part = slice(first, first + size)
            gradient[part] = self._mean_gradient(a[part], drawn[part])
        return torch.from_numpy(gradient)

    def _away(self, params: Tensor) -> tuple[Array, float]:
        """(k, R) and a number: Ra − c of each replica, and the rest of the loss."""
        r, c, rest = self._reduced
        a = np.ascontiguousarray(self.solution.near.params(params.detach().numpy()).T)  # (p, R)
        return np.einsum("kp,pr->kr", r, a) - c[:, None], rest

    def _mean_gradient(self, a: Array, rows: NDArray[np.int64]) -> Array:
        """(R, p): the mean over the rows (R, B) of each replica at (R, p)."""
        columns, targets = self._table
        x = columns.take(rows.reshape(-1), axis=1).reshape(-1, *rows.shape).transpose(1, 2, 0)  # (R, B, p)
        residual = np.einsum("rbp,rp->rb", x, a) - targets.take(rows)
        mean: Array = 2.0 / rows.shape[1] * np.einsum("rb,rbp->rp", residual, x)
        return mean

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


def _has_gaps(rows: Tensor, n: int) -> bool:
    """Whether a number in it is no row of n."""
    numbers = rows.numpy()
    return bool(numbers.min() < 0 or numbers.max() >= n)


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
