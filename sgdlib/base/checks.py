"""Refuse bad input before any work is done.

Every check takes the argument's name and what was given, and returns the value in its plain type.
A wrong type is a ``TypeError``, a wrong value a ``ValueError``; both name the argument, what was
given and what is allowed.
"""

from __future__ import annotations

import json
import math
import operator
import reprlib
import unicodedata
from collections.abc import Iterable, Mapping
from numbers import Real
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from sgdlib.base import arrays

T = TypeVar("T")

LARGEST_SEED = 2**63 - 1
LARGEST_COUNT = 10**9  # of anything: as many numbers take 8 GB


def refusal(name: str, given: object, allowed: str) -> str:
    """The one sentence every refusal is made of."""
    try:
        text = reprlib.repr(given)
    except ValueError:  # an integer of more digits than Python writes
        text = "a value too long to write"
    return f"{name} must be {allowed}; got {text} of type {type(given).__name__}."


def integer(name: str, given: object, low: int, high: int = LARGEST_COUNT) -> int:
    """Return ``given`` as an int between ``low`` and ``high``, both included."""
    span = f"an integer from {low} to {high}"
    truth = isinstance(given, bool) or "bool" in str(getattr(given, "dtype", ""))
    if truth or not hasattr(given, "__index__") or arrays.masked(given):
        raise TypeError(refusal(name, given, span))
    try:
        value = operator.index(given)
    except TypeError:
        raise TypeError(refusal(name, given, span)) from None
    if not low <= value <= high:
        raise ValueError(refusal(name, given, span))
    return value


def number(name: str, given: object, above: float | None = None, low: float | None = None) -> float:
    """Return ``given`` as a finite float, greater than ``above`` or at least ``low``."""
    span = "a finite number"
    span += f" greater than {above:g}" if above is not None else ""
    span += f" of at least {low:g}" if low is not None else ""
    if isinstance(given, (bool, np.bool_)) or not isinstance(given, Real):
        raise TypeError(refusal(name, given, span))
    try:
        value = float(given)
    except OverflowError:
        value = math.inf
    too_low = (above is not None and value <= above) or (low is not None and value < low)
    if not math.isfinite(value) or too_low:
        raise ValueError(refusal(name, given, span))
    return value


def boolean(name: str, given: object) -> bool:
    """Return ``given``, which must be True or False."""
    if not isinstance(given, (bool, np.bool_)):
        raise TypeError(refusal(name, given, "True or False"))
    return bool(given)


def text(name: str, given: object) -> str:
    """Return ``given``, which must be a string with something in it."""
    words = instance(name, given, str, "a string")
    if not words.strip():
        raise ValueError(refusal(name, given, "a string that is not empty"))
    if any(unicodedata.category(letter) == "Cc" for letter in words):
        raise ValueError(refusal(name, given, "a string of one line"))
    return words


def choice(name: str, given: object, allowed: Iterable[str]) -> str:
    """Return ``given``, which must be one of the ``allowed`` strings."""
    span = "one of " + ", ".join(repr(word) for word in allowed)
    word = instance(name, given, str, span)
    if word not in allowed:
        raise ValueError(refusal(name, given, span))
    return word


def instance(name: str, given: object, kind: type[T], allowed: str) -> T:
    """Return ``given``, which must be an instance of ``kind``."""
    if not isinstance(given, kind):
        raise TypeError(refusal(name, given, allowed))
    return given


def array(name: str, given: Any, shape: tuple[int | str, ...]) -> NDArray[np.float64]:
    """Return ``given`` as a new float64 array of finite numbers.

    Args:
        name: the argument's name, for the message.
        given: a tensor, an array, nested sequences of numbers, or a series or data frame of another library.
        shape: the shape it must have; a string stands for any size of at least 1.
    """
    allowed = f"real, finite numbers of shape ({', '.join(map(str, shape))}{',' * (len(shape) == 1)})"
    try:
        values = arrays.plain(given)
    except arrays.UnfitError as error:
        raise (ValueError if error.missing else TypeError)(f"{name} must be {allowed}; got {error}") from None
    except (ValueError, TypeError, RuntimeError, OverflowError):
        raise ValueError(refusal(name, given, allowed)) from None
    if values.dtype.kind not in "iuf":
        raise TypeError(refusal(name, given, allowed))
    fits = len(values.shape) == len(shape) and all(
        size >= 1 if isinstance(wanted, str) else size == wanted
        for size, wanted in zip(values.shape, shape, strict=True)
    )
    if not fits:
        raise ValueError(f"{name} must be {allowed}; got shape {values.shape}.")
    with np.errstate(over="ignore"):  # a longer float may not fit
        plain = np.array(values, dtype=np.float64)
    if not np.isfinite(plain).all():
        raise ValueError(f"{name} must be {allowed}; got values that are not finite.")
    return plain


def unmasked(name: str, given: T) -> T:
    """Return ``given``, in which no number may be masked."""
    if arrays.masked(given):
        raise ValueError(refusal(name, given, "numbers without a mask, which would be lost"))
    return given


def settings(name: str, given: object) -> dict[str, Any]:
    """Return ``given``, a mapping of names to what JSON can hold, as it will come back from a file."""
    allowed = "a mapping of names to numbers, texts, None, lists or mappings of these, as JSON can hold them"
    try:
        plain = json.loads(json.dumps(dict(instance(name, given, Mapping, allowed)), allow_nan=False))
    except (TypeError, ValueError, RecursionError):
        raise TypeError(refusal(name, given, allowed)) from None
    return dict(plain)


def target(name: str, given: object, suffixes: Iterable[str]) -> Path:
    """Return ``given`` as the path of a file that may be written: a known suffix, an existing folder."""
    allowed = "a path ending in " + ", ".join(suffixes)
    if not isinstance(given, (str, Path)):
        raise TypeError(refusal(name, given, allowed))
    path = Path(given)
    if path.suffix.lower() not in suffixes or "\0" in str(path):
        raise ValueError(refusal(name, given, allowed))
    if path.is_dir():
        raise ValueError(f"{name} must be {allowed}; got {str(path)!r}, which is a folder.")
    if not path.parent.is_dir():
        raise ValueError(
            f"{name} must be {allowed}, in a folder that exists; got {str(path)!r}. "
            f"Make the folder {str(path.parent)!r} first."
        )
    return path


def source(name: str, given: object, allowed: str, suffixes: Iterable[str] = ()) -> Path:
    """Return ``given`` as the path of a file that is there: with one of the suffixes, if any are given.

    Raises:
        FileNotFoundError: if it is not there.
    """
    if not isinstance(given, (str, Path)):
        raise TypeError(refusal(name, given, allowed))
    path = Path(given)
    if not str(given) or "\0" in str(given) or (suffixes and path.suffix.lower() not in suffixes) or path.is_dir():
        raise ValueError(refusal(name, str(given), allowed))
    if not path.exists():
        raise FileNotFoundError(f"{refusal(name, str(given), allowed)} From here, that is {path.absolute()}.")
    return path
