"""Recorded: the arrays of a run, checked, sealed, compared and written down."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sgdlib.base import arrays, checks


def dtype_of(name: str) -> np.dtype[Any]:
    """Of the array that is recorded under a name; None becomes nan by a float's, as what is not finite is written."""
    return np.dtype(np.int64 if name == "batches" else np.float64)


def fits(name: str, values: object, wanted: tuple[int | None, ...]) -> None:
    """Refuse what is no array of the type and shape that is recorded under a name; None is any size."""
    dtype = dtype_of(name)
    allowed = f"a numpy array of {dtype} and of shape {wanted}"
    if not isinstance(values, np.ndarray) or values.dtype != dtype or arrays.masked(values):
        raise TypeError(checks.refusal(f"recorded {name}", values, allowed))
    if len(values.shape) != len(wanted) or any(
        want is not None and size != want for size, want in zip(values.shape, wanted, strict=True)
    ):
        raise ValueError(f"recorded {name} must be {allowed}; got shape {values.shape}.")


def sealed(values: NDArray[Any] | None) -> Any:
    """The same numbers, which nobody can write to."""
    if values is None:
        return None
    own = values.copy() if values.flags.writeable else values.view()  # whoever made it may write to it later
    own.flags.writeable = False
    return own


def same(one: NDArray[Any] | None, other: NDArray[Any] | None) -> bool:
    """Whether two arrays are equal; a value that is not finite equals any other such."""
    if one is None or other is None:
        return one is other
    if np.array_equal(one, other):
        return True
    if one.shape != other.shape:
        return False
    return bool(((one == other) | ~(np.isfinite(one) | np.isfinite(other))).all())


def nullable(values: NDArray[Any] | None) -> Any:
    """Lists for JSON, with None for what is not finite."""
    if values is None or np.isfinite(values).all():
        return None if values is None else values.tolist()
    written = values.astype(object)
    written[~np.isfinite(values)] = None
    return written.tolist()
