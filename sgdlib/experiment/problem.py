"""Problem: a loss over the rows of a data set, for many parameter vectors at once.

Shapes, in the same letters everywhere: R replicas, B rows in a batch, n rows in all, p parameters.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

import torch
from torch import Tensor

from sgdlib.base import checks
from sgdlib.experiment.arguments import arguments
from sgdlib.experiment.data import Dataset, checked_names, own
from sgdlib.experiment.rows import has_gaps, without_gaps
from sgdlib.experiment.torch_state import own_torch_state

ADVICE = {  # by what a problem returns in another shape
    "loss": "Take the mean over a replica's rows alone: .mean(-1).",
    "gradient": "Sum over a replica's rows alone.",
}


@dataclass(frozen=True)
class Optimum:
    """Where a loss is smallest, and how it curves there.

    Args:
        minimiser: (p,); one of them, where there are many.
        lowest_loss: the loss at the minimiser.
        curvature: gives the Hessian at the minimiser, (p, p); called once it is asked for, for it may be large.
        rank: in how many directions the loss curves; p if there is one minimiser.
        quadratic: whether the loss is the lowest plus half the Hessian's form, exactly and everywhere.
    """

    minimiser: Tensor
    lowest_loss: float
    curvature: Callable[[], Tensor]
    rank: int
    quadratic: bool = False

    @property
    def hessian(self) -> Tensor:
        """(p, p): the second derivative of the loss at the minimiser."""
        return self.curvature()


@dataclass(frozen=True, eq=False)
class Problem(ABC):
    """A loss to be minimised, and its parameters. A subclass gives ``loss``; the gradient then comes from autograd.

    It has one parameter a column of its data, or as many as the ``start`` that it sets. What else it can be asked for
    it says by ``names``, ``optimum`` and ``is_line``. Problems are equal if their class, data and arguments are; each
    argument of an ``__init__`` is kept as an attribute of its own name, after ``super().__init__(data)``.

    Args:
        data: the rows and targets.
        kind: of the class, a name that no other has; with it, runs are saved, and loaded wherever the class is there.

    Examples:
        >>> class Absolute(Problem):  # the mean absolute error: one number for each replica
        ...     def loss(self, params, rows=None):
        ...         x, y = self.batch(rows)
        ...         return ((x * params[:, None, :]).sum(-1) - y).abs().mean(-1)
        >>> from sgdlib import noisy_line
        >>> Absolute(noisy_line()).loss(torch.zeros(3, 2, dtype=torch.float64)).shape
        torch.Size([3])
    """

    kinds: ClassVar[dict[str, type[Problem]]] = {}  # the classes that are loaded from files, by their kind
    kind: ClassVar[str | None] = None

    data: Dataset

    def __init_subclass__(cls, kind: str | None = None, **more: Any) -> None:
        super().__init_subclass__(**more)
        cls.kind = kind  # and not that of the class it is made from, whose loss may be another
        type.__setattr__(cls, "__eq__", cls.__eq__)  # a dataclass would write another, which cannot compare tensors
        if kind is not None:
            other = Problem.kinds.setdefault(checks.text("kind", kind), cls)
            if (other.__module__, other.__qualname__) != (cls.__module__, cls.__qualname__):
                raise ValueError(
                    f"kind must be one that no other class has; got {kind!r} for {cls.__qualname__}, which is that "
                    f"of {other.__module__}.{other.__qualname__}. Take another."
                )
            Problem.kinds[kind] = cls  # a class that is declared again, as in a notebook, takes its own place

    def __eq__(self, other: object) -> bool:
        """Equal in class, data and arguments; a problem whose arguments are not known equals itself alone."""
        if not isinstance(other, Problem) or type(other) is not type(self):
            return NotImplemented
        try:
            return self is other or (self.data == other.data and arguments(self) == arguments(other))
        except TypeError:
            return False

    def __post_init__(self) -> None:
        checks.instance("data", self.data, Dataset, "a Dataset, such as noisy_line() makes")

    @property
    def n(self) -> int:
        """The number of rows."""
        return self.data.n

    @property
    def p(self) -> int:
        """The number of parameters."""
        return len(self.start)

    @property
    def start(self) -> Tensor:
        """(p,) float64: where ``train`` starts if it is not told, and so how many parameters there are.

        As it was set; else (−1, 1) for two columns of data, as in the lesson, and zeros for more.
        """
        given: Tensor | None = vars(self).get("start")
        if given is not None:
            return own(given)
        first = [-1.0, 1.0] if self.data.p == 2 else [0.0] * self.data.p
        return torch.tensor(first, dtype=torch.float64, device="cpu")

    @start.setter
    def start(self, value: Any) -> None:
        vars(self)["start"] = torch.from_numpy(checks.array("start", value, ("p",))).clone()

    @cached_property
    def names(self) -> tuple[str, ...]:
        """What the p parameters are called: as the columns of the data where there are as many, else a[0], a[1], …."""
        return self.data.names if self.p == self.data.p else tuple(f"a[{k}]" for k in range(self.p))

    @property
    def optimum(self) -> Optimum | None:
        """Where the loss is smallest; None where that is not known."""
        return None

    @property
    def is_line(self) -> bool:
        """Whether the parameters are the slope and the intercept of a line through the data, which it predicts."""
        return False

    def batch(self, rows: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """The rows and targets of each replica's batch, (R, B, columns) and (R, B); with 1 for R where it is all rows.

        Args:
            rows: as for ``loss``.
        """
        x, y = self.data.x, self.data.y
        return (x[None], y[None]) if rows is None else (x[rows], y[rows])

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
        if rows is not None and has_gaps(rows, self.n):
            return without_gaps(self.gradient, params, rows)
        with own_torch_state(), torch.enable_grad():
            leaf = params.detach().clone().requires_grad_()
            loss = checked_result("loss", self, self.loss(leaf, rows), (len(leaf),))
            # replicas do not meet, so the gradient of their sum is each one's own
            (gradient,) = torch.autograd.grad(loss.sum(), leaf, allow_unused=True) if loss.requires_grad else (None,)
        if gradient is None:
            raise ValueError(
                f"problem must have a loss that torch can differentiate by params; got that of {type(self).__name__}, "
                "whose result does not hang on them. Leave out .detach(), .item(), .numpy() and torch.no_grad(), or "
                "give the class a gradient(params, rows) of its own."
            )
        return gradient


def checked_problem(given: object) -> Problem:
    """Return ``given``, which must be a problem that has its data, and names for its parameters."""
    problem = checks.instance("problem", given, Problem, "a problem, such as LeastSquares(data)")
    if "data" not in vars(problem):
        name = type(problem).__name__
        raise TypeError(
            f"problem must be one that has its data; got one of {name}, whose __init__ never called Problem's. "
            f"Say super().__init__(data) in {name}.__init__."
        )
    checked_names("names of the problem", problem.names, problem.p)
    return problem


def checked_result(what: str, problem: Problem, given: object, shape: tuple[int, ...]) -> Tensor:
    """Return what a problem's "loss" or "gradient" returned: real numbers, (R,) or (R, p).

    Raises:
        TypeError: if it is no tensor of floating-point numbers.
        ValueError: if it is not of the shape.
    """
    allowed = (
        f"problem must have a {what} that returns a floating-point tensor of shape {shape}, for each replica its own"
    )
    name = type(problem).__name__
    if not isinstance(given, Tensor) or not given.dtype.is_floating_point:
        raise TypeError(f"{allowed}; got {getattr(given, 'dtype', type(given).__name__)!s} from that of {name}.")
    if given.shape != shape:
        raise ValueError(f"{allowed}; got shape {tuple(given.shape)} from that of {name}. {ADVICE[what]}")
    return given
