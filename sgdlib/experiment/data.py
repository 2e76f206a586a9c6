"""Data sets: rows of numbers, a target for each, and how they came to be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from sgdlib.base import arrays, checks
from sgdlib.base.arrays import Array
from sgdlib.base.frozen import Frozen
from sgdlib.experiment.torch_state import own_torch_state

TAKEN = ("step", "loss")  # what a run's own numbers are called

_COPY = getattr(torch, "_lazy_clone", torch.clone)  # the first copies once it is written to, so it costs nothing


def own(tensor: Tensor) -> Tensor:
    """The same numbers as a tensor of its own: what changes it changes nothing else.

    Examples:
        >>> kept = torch.zeros(2)
        >>> own(kept).add_(1), kept
        (tensor([1., 1.]), tensor([0., 0.]))
    """
    return _COPY(tensor)


class Dataset:
    """Rows and targets for a regression, held in float64.

    The intercept is a column of ones in ``x``, as in the lesson: the model is ``y = x @ a``.

    Args:
        x: shape (n, p). One row a data point, one column a feature. Also a data frame, of pandas for one.
        y: shape (n,). The targets. Also a series; its rows are those of x, by their index where both have one.
        truth: shape (p,), or None. The parameters of a linear model that the data were drawn with, where known.
        origin: how the data were made, as JSON-able settings; kept in the record of every run.
        names: what the p columns are called, and the parameters of a linear model; None for the names of a data
            frame's columns, or else slope and intercept where the data make a line, or a[0], a[1], ….

    Attributes:
        x: (n, p) float64 tensor. It is yours, as y and truth are: what changes it changes no data set.
        y: (n,) float64 tensor.
        truth: (p,) float64 tensor, or None.
        origin: a read-only mapping.
        names: a tuple of p texts.

    Raises:
        TypeError: if an argument is of the wrong type.
        ValueError: if a shape does not fit, or a number is missing or not finite.

    Examples:
        >>> data = Dataset([[0.0, 1.0], [2.0, 1.0]], [1.0, 5.0])
        >>> data.n, data.p, data.names
        (2, 2, ('slope', 'intercept'))
    """

    origin: Mapping[str, Any]
    names: tuple[str, ...]

    @own_torch_state()
    def __init__(
        self,
        x: Any,
        y: Any,
        truth: Any = None,
        origin: Mapping[str, Any] | None = None,
        names: Sequence[str] | None = None,
    ):
        rows = checks.array("x", x, ("n", "p"))
        targets = checks.array("y", y, (rows.shape[0],))
        if arrays.pairs_other_rows(x, y):
            raise ValueError(
                "y must have the index of x; got another one. Take both from one table, or say y.to_numpy()."
            )
        true = None if truth is None else checks.array("truth", truth, (rows.shape[1],))
        settings = {"made by": "hand"} if origin is None else checks.settings("origin", origin)
        vars(self).update(
            _x=_kept(rows),
            _y=_kept(targets),
            _truth=None if true is None else _kept(true),
            origin=Frozen(settings),
        )
        word, called = ("names", names) if names is not None else ("columns of x", arrays.labels(x))
        usual = ("slope", "intercept") if self.is_line else tuple(f"a[{index}]" for index in range(self.p))
        vars(self)["names"] = usual if called is None else checked_names(word, called, self.p)

    @property
    def x(self) -> Tensor:
        """(n, p): the rows."""
        return own(vars(self)["_x"])

    @property
    def y(self) -> Tensor:
        """(n,): the targets."""
        return own(vars(self)["_y"])

    @property
    def truth(self) -> Tensor | None:
        """(p,): the parameters that the data were drawn with; None where they are not known."""
        truth = vars(self)["_truth"]
        return None if truth is None else own(truth)

    def __setattr__(self, name: str, *_: object) -> None:
        raise AttributeError(f"a Dataset is never changed; make a new one to change its {name}")

    __delattr__ = __setattr__

    @property
    def n(self) -> int:
        """The number of rows."""
        return int(vars(self)["_x"].shape[0])

    @property
    def p(self) -> int:
        """The number of columns."""
        return int(vars(self)["_x"].shape[1])

    @property
    def is_line(self) -> bool:
        """Whether the model is a line: two columns, the second all ones."""
        return self.p == 2 and bool((self.x[:, 1] == 1).all())

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Dataset):
            return NotImplemented
        mine, theirs = vars(self), vars(other)
        return self is other or (
            (self.names, self.origin) == (other.names, other.origin)
            and all(np.array_equal(mine[name], theirs[name]) for name in ("_x", "_y", "_truth"))
        )

    def __repr__(self) -> str:
        return f"Dataset(n={self.n}, p={self.p}, origin={dict(self.origin)})"

    def to_json(self) -> dict[str, Any]:
        """The data as plain lists and numbers, exactly."""
        return {
            "x": self.x.tolist(),
            "y": self.y.tolist(),
            "truth": None if self.truth is None else self.truth.tolist(),
            "origin": dict(self.origin),
            "names": list(self.names),
        }


def _kept(values: Array) -> Tensor:
    return torch.from_numpy(values).clone()  # torch lends no memory of numpy's by ``own``


def checked_names(word: str, given: object, p: int) -> tuple[str, ...]:
    """Return ``given``, which must be a list or tuple of p names."""
    allowed = f"a list or tuple of {p} different names, none of them {' or '.join(map(repr, TAKEN))}"
    if not isinstance(given, (list, tuple)):
        raise TypeError(checks.refusal(word, given, allowed))
    names = tuple(checks.text(f"{word}, each of them,", name) for name in given)
    if len(set(names)) != p or len(names) != p or set(TAKEN) & set(names):
        raise ValueError(checks.refusal(word, given, allowed))
    return names


@own_torch_state()
def noisy_line(
    n: int = 100,
    slope: float = 3.0,
    intercept: float = 10.0,
    noise: float = 0.6,
    seed: int = 42,
) -> Dataset:
    r"""Draw points scattered about a line: :math:`y = \text{slope}\, x + \text{intercept} + \varepsilon`.

    Where :math:`x \sim U(-1, 1)` and :math:`\varepsilon \sim N(0, \text{noise}^2)`. The numbers are drawn in
    float32, in the order in which the lesson types it, so they are the ones a reader gets after
    ``torch.manual_seed(seed)``; they are kept as float64. No global random state is read or changed.

    Args:
        n: how many points, at least 1.
        slope: the true slope.
        intercept: the true intercept.
        noise: the standard deviation of the noise, in units of y; 0 for none.
        seed: of the generator, 0 to 2⁶³ − 1.

    Returns:
        A Dataset with ``x`` of shape (n, 2), whose second column is ones, and ``truth`` (slope, intercept).

    Raises:
        TypeError: if an argument is of the wrong type.
        ValueError: if an argument is out of its range.

    Examples:
        >>> data = noisy_line(seed=42)
        >>> data.x[0].tolist()
        [0.7645385265350342, 1.0]
    """
    n = checks.integer("n", n, low=1)
    slope = checks.number("slope", slope)
    intercept = checks.number("intercept", intercept)
    noise = checks.number("noise", noise, low=0.0)
    seed = checks.integer("seed", seed, low=0, high=checks.LARGEST_SEED)

    generator = torch.Generator().manual_seed(seed)
    x = torch.ones(n, 2, dtype=torch.float32)
    x[:, 0].uniform_(-1.0, 1.0, generator=generator)
    truth = torch.tensor([slope, intercept], dtype=torch.float32)
    y = x @ truth + torch.randn(n, generator=generator, dtype=torch.float32) * noise
    if not bool(torch.isfinite(y).all()):
        raise ValueError(
            "slope, intercept and noise must give targets that float32 can hold; "
            f"got slope={slope:g}, intercept={intercept:g}, noise={noise:g}. Take smaller ones."
        )
    return Dataset(
        x,
        y,
        truth=[slope, intercept],
        origin={
            "made by": "noisy_line",
            "n": n,
            "slope": slope,
            "intercept": intercept,
            "noise": noise,
            "seed": seed,
        },
    )
