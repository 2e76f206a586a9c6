"""Problem: a loss over the rows of a data set, for many parameter vectors at once.

Shapes, in the same letters everywhere: R replicas, B rows in a batch, n rows in all, p parameters.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable

import torch
from torch import Tensor

from sgdlib.base import checks
from sgdlib.experiment.data import Dataset
from sgdlib.experiment.torch_state import own_torch_state


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
        first = [-1.0, 1.0] if self.data.p == 2 else [0.0] * self.data.p
        return torch.tensor(first, dtype=torch.float64, device="cpu")

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
        if rows is not None and has_gaps(rows, self.data.n):
            return without_gaps(self.gradient, params, rows)
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


def has_gaps(rows: Tensor, n: int) -> bool:
    """Whether a number in it is no row of n, or there are none."""
    numbers = rows.numpy()
    return bool(not numbers.size or numbers.min() < 0 or numbers.max() >= n)


def without_gaps(found: Callable[[Tensor, Tensor], Tensor], params: Tensor, rows: Tensor) -> Tensor:
    """What ``found`` gives for batches some of whose rows are −1, for none: for all at once that have as many left."""
    sizes = (rows >= 0).sum(1)  # (R,)
    allowed = "rows must be row numbers of the data, or −1 for none in a batch that has others"
    if not rows.numel():
        raise ValueError(f"{allowed}; got none, in shape {tuple(rows.shape)}.")
    if int(rows.min()) < -1 or int(sizes.min()) == 0 or not bool((rows < 0).any()):
        raise ValueError(
            f"{allowed}; got {int(rows.min())} to {int(rows.max())} and batches of {int(sizes.min())} or more."
        )
    groups = [(sizes == size).nonzero()[:, 0] for size in sizes.unique()]
    parts = [found(params[group], rows[group][rows[group] >= 0].view(len(group), -1)) for group in groups]
    return torch.cat(parts)[torch.cat(groups).argsort()]
