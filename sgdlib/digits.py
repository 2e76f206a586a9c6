"""Digits: numbers as they were meant, without those that counting in floats or a float of 32 bits adds."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import TypeVar

import numpy as np

NOISY = 15  # significant digits from which on a float may be another number, and what rounding added
COUNTED = 12  # significant digits that are left where a number was counted to in steps
SHORT = 10  # of these, as many as a number has that somebody wrote

_LONG = re.compile(r"\d*\.\d{9,}(?:e[+-]?\d+)?")

T = TypeVar("T")


def meant(value: float) -> float:
    """The number that was written where a float was given: the nearest short one, if one is near enough.

    Examples:
        >>> meant(0.30000000000000004), meant(0.10000000149011612), meant(0.3333333333333333)
        (0.3, 0.1, 0.3333333333333333)
    """
    value = float(value)
    if not math.isfinite(value) or digits_of(value) < NOISY:
        return value
    with np.errstate(over="ignore"):
        single = np.float32(value)
    if float(single) == value:
        return float(str(single))
    short = float(f"{value:.{COUNTED - 1}e}")
    return short if digits_of(short) <= SHORT else value


def digits_of(value: float) -> int:
    """The fewest significant digits that mean a float, and no other."""
    return max(1, len(repr(float(value)).split("e")[0].replace(".", "").strip("-0")))


def label_of(words: str) -> str:
    """A label, with its numbers as they were meant: f"{np.float32(0.1)}" writes digits that nobody gave.

    Examples:
        >>> import numpy as np
        >>> label_of(f"learning rate {np.float32(0.1)}"), label_of(f"lr {0.1 * 3}"), label_of("batch size 16")
        ('learning rate 0.1', 'lr 0.3', 'batch size 16')
    """
    return _LONG.sub(lambda found: _short(found[0]), words)


def labelled(runs: Mapping[str, T]) -> dict[str, T]:
    """Whatever has labels, by ``label_of`` them; by the labels as they are where two would become one."""
    short = {label_of(label): run for label, run in runs.items()}
    return short if len(short) == len(runs) else dict(runs)


def _short(number: str) -> str:
    meaning = meant(float(number))
    return number if meaning == float(number) else repr(meaning)
