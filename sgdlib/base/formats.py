"""Digits: how a number is written, without those that counting in floats or a float of 32 bits adds."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeVar

import numpy as np

from sgdlib.base.words import phrase, sentence

NOISY = 15  # significant digits from which on a float may be another number, and what rounding added
COUNTED = 12  # significant digits that are left where a number was counted to in steps
SHORT = 10  # of these, as many as a number has that somebody wrote

_SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_LONG = re.compile(r"\d*\.\d{9,}(?:e[+-]?\d+)?")

T = TypeVar("T")


def shortened(value: float) -> float:
    """The number that was written where a float was given: the nearest short one, if one is near enough.

    Examples:
        >>> shortened(0.30000000000000004), shortened(0.10000000149011612), shortened(0.3333333333333333)
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


def significant(value: float, digits: int = 4) -> str:
    """A number to so many significant digits, with a true minus and no ``e``.

    Examples:
        >>> significant(0.23874), significant(-1.0), significant(2.875e17), significant(float("nan"))
        ('0.2387', '−1', '2.875 × 10¹⁷', 'not finite')
    """
    if not math.isfinite(value):
        return phrase("number.infinite")
    if value != 0 and not 1e-4 <= abs(value) < 1e6:
        mantissa, exponent = f"{value:.{digits - 1}e}".split("e")
        short = mantissa.rstrip("0").rstrip(".") if "." in mantissa else mantissa
        return localised(f"{short}e{exponent}")
    return localised(np.format_float_positional(value, digits, unique=False, fractional=False, trim="-"))


def measured(value: float, digits: int = 4) -> str:
    """A number to so many significant digits, zeros at its end kept: they were measured.

    Examples:
        >>> measured(0.23999), measured(88.58), measured(0.4, digits=3), measured(2.875e17)
        ('0.2400', '88.58', '0.400', '2.875 × 10¹⁷')
    """
    if not math.isfinite(value) or value == 0 or not 1e-4 <= abs(value) < 10.0 ** min(4, digits):
        return significant(value, digits)
    return localised(f"{value:#.{digits}g}".rstrip("."))


def exact(value: float) -> str:
    """A setting as it was given, in the fewest digits that mean it.

    Digits that come from counting in floats, or from a float of 32 bits, mean nothing.

    Examples:
        >>> exact(0.1), exact(0.123456), exact(-1.0), exact(1e-7)
        ('0.1', '0.123456', '−1', '1 × 10⁻⁷')
        >>> exact(0.1 + 0.2), exact(float(np.float32(0.1))), exact(1 / 3)
        ('0.3', '0.1', '0.3333333333333333')
    """
    return significant(shortened(value), digits_of(shortened(value)))


def fixed(value: float, decimals: int = 2) -> str:
    """A number to so many decimals, for columns of figures that line up; shorter where it is huge or tiny.

    Examples:
        >>> fixed(9.9738), fixed(-1.0), fixed(-5.3e8), fixed(0.0), fixed(-0.0012)
        ('9.97', '−1.00', '−5 × 10⁸', '0.00', '−0.001')
    """
    if not abs(value) < 1e6:
        return significant(value, 1)
    if 0 < abs(value) < 0.5 * 10.0**-decimals:
        return significant(float(f"{value:.0e}"), 1)
    return localised(f"{value:.{0 if abs(value) >= 1e5 else decimals}f}")


def localised(digits: str) -> str:
    """Digits as Python writes them, with the marks of the language. Every number comes by here.

    Examples:
        >>> localised("-1.5"), localised("2e-07")
        ('−1.5', '2 × 10⁻⁷')
    """
    mantissa, _, exponent = digits.partition("e")
    mantissa = mantissa.replace("-", phrase("number.minus")).replace(".", phrase("number.point"))
    if not exponent:
        return mantissa
    return power_of_ten(int(exponent), mantissa)


def power_of_ten(power: int, mantissa: str = "") -> str:
    """A power of ten, and what it is multiplied by.

    Examples:
        >>> power_of_ten(-7), power_of_ten(5, "2")
        ('10⁻⁷', '2 × 10⁵')
    """
    ten = phrase("number.ten", exponent=str(power).translate(_SUPERSCRIPT))
    return phrase("number.power", mantissa=mantissa, ten=ten) if mantissa else ten


@dataclass(frozen=True)
class Number:
    """A number and how it is written, which is what ``str`` gives.

    Args:
        value: the number.
        form: "measured" and "fixed", by the functions of these names; "exact", as a setting; "float", as Python does,
            for what is a float and says so.
        digits: significant ones that are known, or decimals where it is fixed.

    Examples:
        >>> str(Number(88.58123, "measured")), str(Number(0.1, "exact")), str(Number(2.5, "fixed", 2))
        ('88.58', '0.1', '2.50')
    """

    value: float
    form: Literal["measured", "fixed", "exact", "float"]
    digits: int = 4

    def __str__(self) -> str:
        if self.form == "measured":
            return measured(self.value, self.digits)
        if self.form == "fixed":
            return fixed(self.value, self.digits)
        return exact(self.value) if self.form == "exact" else localised(repr(shortened(self.value)))


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
    short = shortened(float(number))
    return number if short == float(number) else repr(short)


def capital(label: str) -> str:
    """A user's label at the beginning of a sentence; a letter that stands for a quantity stays as it is.

    A label is a text and nothing else, so what it begins with can only be read.

    Examples:
        >>> capital("gradient descent"), capital("a line"), capital("a = 0.2"), capital("β 0.9")
        ('Gradient descent', 'A line', 'a = 0.2', 'β 0.9')
    """
    quantity = re.match(r"[^\W\d_](?! ?\w)|[^\x00-\x7f]", label)
    return label if quantity else sentence(label)
