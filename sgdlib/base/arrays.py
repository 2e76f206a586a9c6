"""Columns: what a list, an array, a tensor, or another library's series or data frame holds, as a plain array.

Data frames are known by what they have, ``columns`` and ``to_numpy``, so that none of their libraries is needed.
"""

from __future__ import annotations

from numbers import Real
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

MISSING = ("NoneType", "NAType", "NaTType")  # the types of None, of pandas' NA and of its NaT


class UnfitError(Exception):
    """Something that is no number; its text says what and where, as a refusal ends.

    Args:
        words: the text.
        missing: whether it stands for a number that is not known, and not for another kind of thing.
    """

    def __init__(self, words: str, missing: bool):
        super().__init__(f"{words}{', a missing value. Leave such rows out, or fill them in' * missing}.")
        self.missing = missing


def is_frame(given: Any) -> bool:
    """Whether something is a table with named columns, as pandas and polars have them."""
    return hasattr(given, "columns") and hasattr(given, "to_numpy")


def labels(given: Any) -> tuple[str, ...] | None:
    """What a data frame calls its columns, each in one line; None where they are not called by texts, or for no frame.

    Examples:
        >>> labels([[1.0, 2.0]]) is None
        True
    """
    names = list(given.columns) if is_frame(given) else []
    if not names or not all(isinstance(name, str) for name in names):
        return None
    return tuple(one_line(name) for name in names)


def one_line(name: str) -> str:
    """A name without line breaks, and with single blanks.

    Examples:
        >>> one_line(" area\\n(m²) ")
        'area (m²)'
    """
    return " ".join(name.split())


def pairs_other_rows(x: Any, y: Any) -> bool:
    """Whether two frames or series number their rows differently, so that the k-th of one is not that of the other."""
    same = getattr(getattr(x, "index", None), "equals", None)
    other = getattr(y, "index", None)
    return same is not None and hasattr(other, "equals") and not same(other)


def plain(given: Any) -> NDArray[Any]:
    """The numbers as an array; of another type than numbers where that is what was given.

    Truth values of a data frame or a series are 0 and 1.

    Raises:
        UnfitError: if a value is missing, by mask, as None, NA or NaT; or if a column holds no numbers.
        TypeError, ValueError, RuntimeError, OverflowError: as ``numpy.asarray``.
    """
    if masked(given):
        raise UnfitError("masked values", missing=True)
    if is_frame(given):
        names = list(given.columns)
        if len(set(names)) < len(names):
            raise UnfitError(f"two columns of one name in {names}", missing=False)
        return np.stack([_series(given[name], f" in column {name!r}") for name in names], axis=1)
    if hasattr(given, "to_numpy"):
        return _series(given, "")
    values = np.asarray(given.detach() if hasattr(given, "detach") else given)
    return _numbers(values, "") if values.dtype == object and values.size else values


def masked(given: Any) -> bool:
    """Whether a value in an array, or in a list of arrays, is masked: numpy hands out what the mask hides."""
    if isinstance(given, (list, tuple)):
        return any(masked(each) for each in given if not isinstance(each, float))
    return isinstance(given, np.ma.MaskedArray) and bool(np.ma.is_masked(given))


def _series(series: Any, where: str) -> NDArray[Any]:
    values = np.asarray(series.to_numpy())
    if values.dtype == object:
        return _numbers(values, where)
    if values.dtype.kind not in "iufb":
        raise UnfitError(f"values of {values.dtype}{where}", missing=False)
    return values.astype(np.float64)


def _numbers(values: NDArray[Any], where: str) -> Array:
    """Objects that are all numbers, as floats."""
    for value in values.flat:
        if not isinstance(value, Real):
            missing = type(value).__name__ in MISSING
            raise UnfitError(f"{value!r:.60} of type {type(value).__name__}{where}", missing)
    return values.astype(np.float64)
