"""Axes with round ticks, and points brought to where they can be drawn."""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sgdlib.facts import significant
from sgdlib.scene import Axis, Point

REACH = 50.0  # how far off a panel a mark may lie, in panel sizes, before it is drawn nearer
DIGITS = 6  # significant digits of a coordinate: finer than any screen, and the same on every machine

_SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def rounded(value: float) -> float:
    """A coordinate as it is written down."""
    return float(f"{value:.{DIGITS - 1}e}")


def linear(label: str, values: ArrayLike, margin: float = 0.06) -> Axis:
    """A linear axis that holds all the values, with about five round ticks.

    Examples:
        >>> [text for _, text in linear("x", [-1.0, 1.0]).ticks]
        ['−1', '−0.5', '0', '0.5', '1']
    """
    low, high = span([values])
    pad = margin * (high - low) or max(1.0, abs(high)) * 0.1
    low, high = rounded(low - pad), rounded(high + pad)
    rough = (high - low) / 5
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(factor * power for factor in (1, 2, 2.5, 5, 10) if factor * power >= 0.999 * rough)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    ticks = tuple((rounded(step * k), significant(step * k)) for k in range(first, last + 1))
    return Axis(label, low, high, ticks)


def logarithmic(label: str, low: float, high: float) -> Axis:
    """A logarithmic axis from ``low`` to ``high``, both greater than 0, with ticks at powers of ten."""
    low, high = rounded(low), rounded(high)
    decades = range(math.ceil(math.log10(low)), math.floor(math.log10(high)) + 1)
    factors = (1.0,) if len(decades) > 2 else (1.0, 2.0, 5.0)
    every = max(1, round(len(decades) / 5))
    values = [factor * 10.0**k for k in range(decades.start - 1, decades.stop) for factor in factors]
    ticks = tuple(
        (rounded(value), _power(value)) for value in values if low <= value <= high and _on_grid(value, every)
    )
    return Axis(label, low, high, ticks, log=True)


def _on_grid(value: float, every: int) -> bool:
    return every == 1 or round(math.log10(value)) % every == 0


def _power(value: float) -> str:
    if 1e-3 <= value <= 1e4:
        return significant(value)
    return f"10{str(round(math.log10(value))).translate(_SUPERSCRIPT)}"


def drawable(x: Axis, y: Axis, points: NDArray[np.float64]) -> tuple[Point, ...]:
    """Points as a mark takes them: rounded, and those far off the panel brought nearer.

    A point more than ``REACH`` panel sizes away is moved towards the panel's middle, so that a run that
    explodes leaves the picture in its own direction and no backend meets numbers it cannot draw.

    Args:
        x, y: the panel's axes.
        points: (m, 2), not necessarily finite.

    Returns:
        m points; (nan, nan) where a coordinate is not a number.
    """
    return tuple(_near(x, y, px, py) for px, py in points.tolist())


def _near(x: Axis, y: Axis, px: float, py: float) -> Point:
    across, up = x.fraction(px) - 0.5, y.fraction(py) - 0.5
    far = max(abs(across), abs(up))
    if not math.isfinite(px) or not math.isfinite(py) or math.isnan(far):
        return (math.nan, math.nan)
    if far <= REACH:
        return (rounded(px), rounded(py))
    if math.isinf(far):  # a loss of 0 on a log axis
        return (rounded(px), rounded(y.value(0.5 - REACH)))
    return (rounded(x.value(0.5 + across * REACH / far)), rounded(y.value(0.5 + up * REACH / far)))


def inside(x: Axis, y: Axis, point: Point) -> bool:
    """Whether a point lies within the panel."""
    return 0 <= x.fraction(point[0]) <= 1 and 0 <= y.fraction(point[1]) <= 1


def straight(x: Axis, y: Axis, slope: float, intercept: float) -> tuple[Point, ...]:
    """The two ends of a straight line where it meets the panel's border; none if it misses the panel."""
    if not (math.isfinite(slope) and math.isfinite(intercept)):
        return ()
    left, right = x.low, x.high
    if slope != 0:
        crossings = sorted(((y.low - intercept) / slope, (y.high - intercept) / slope))
        left, right = max(left, crossings[0]), min(right, crossings[1])
    elif not y.low <= intercept <= y.high:
        return ()
    if left >= right:
        return ()
    return tuple((rounded(at), rounded(intercept + slope * at)) for at in (left, right))


def thinned(count: int, most: int) -> NDArray[np.int64]:
    """At most ``most`` of the numbers 0 … count − 1, evenly spaced, the first and the last among them.

    Examples:
        >>> thinned(4, most=9).tolist(), thinned(1001, most=3).tolist()
        ([0, 1, 2, 3], [0, 500, 1000])
    """
    return np.unique(np.linspace(0, count - 1, min(count, most)).round().astype(np.int64))


def span(values: Iterable[ArrayLike]) -> tuple[float, float]:
    """The smallest and the largest of several arrays of finite values."""
    flat = np.concatenate([np.ravel(np.asarray(part)) for part in values])
    return float(flat.min()), float(flat.max())
