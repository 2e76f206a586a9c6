"""Axes with round ticks, and points brought to where they can be drawn."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sgdlib.base.formats import power_of_ten, significant
from sgdlib.base.words import phrase
from sgdlib.scene.scene import LARGEST, SMALLEST, Axis, log_ratio

REACH = 50.0  # how far off a panel a mark may lie, in panel sizes, before it is drawn nearer
BELOW = 10.0  # the same for what has no place at all, such as a loss of 0 on a log axis
CLOSE = 1e-9  # of the larger of two numbers, or of a factor, that they must differ by to be the ends of an axis
ONE_NUMBER = 1e-290  # and at least by so much: what is less has too few digits for ticks between
LONG = 6  # characters of a tick label that fit beside a panel
DIGITS = 5  # significant digits of a coordinate: finer than any screen, and the same on every machine


def rounded(value: float, digits: int = DIGITS) -> float:
    """A number to so many significant digits; as it is where these would pass the largest float."""
    short = float(f"{value:.{digits - 1}e}")
    return value if math.isinf(short) else short


def written(axis: Axis, value: float, digits: int = DIGITS) -> float:
    """A coordinate as it is written down: to a hundred-thousandth of its axis, wherever that starts."""
    return _all_written(axis, [value], digits)[0]


def _all_written(axis: Axis, values: list[float], digits: int) -> list[float]:
    if axis.log:
        digits += max(0, -math.floor(math.log10(log_ratio(axis.high, axis.low))))
        return [rounded(value, digits) for value in values]
    digits -= math.floor(math.log10(_part(axis.low, axis.high, 0.1))) + 1
    return [_short(value, digits) for value in values]


def _short(value: float, decimals: int) -> float:
    try:
        return round(value, decimals)
    except OverflowError:  # it would pass the largest float
        return value


def value_at(axis: Axis, fraction: float) -> float:
    """The value that lies so far along an axis, as it is written down."""
    return written(axis, axis.value(fraction))


def _part(low: float, high: float, share: float) -> float:
    """So much of the difference of two numbers, which may pass the largest float."""
    return share * high - share * low if math.isinf(high - low) else share * (high - low)


def linear(label: str, values: ArrayLike, margin: float = 0.06, least: float = 0.0) -> Axis:
    """A linear axis that holds all finite values, with about five round ticks at least ``least`` apart.

    Tick labels that would be long have a power of ten taken out of them, into the axis's label.

    Examples:
        >>> [text for _, text in linear("x", [-1.0, 1.0]).ticks]
        ['−1', '−0.5', '0', '0.5', '1']
    """
    low, high = span([values])
    largest = max(abs(low), abs(high))
    pad = _part(low, high, margin) if apart(low, high) else max(0.1 * (largest or 1.0), ONE_NUMBER)
    rough = Axis(label, max(low - pad, -LARGEST), min(high + pad, LARGEST), ())
    low, high = written(rough, rough.low), written(rough, rough.high)
    ticks = _round_ticks(low, high, least)
    power = math.floor(math.log10(max(abs(low), abs(high))))
    if _longest(ticks) > LONG:
        shorter = _round_ticks(low / 10.0**power, high / 10.0**power, least / 10.0**power)
        if len(shorter) == len(ticks) and _longest(shorter) < _longest(ticks):
            ticks = tuple((value, words) for (value, _), (_, words) in zip(ticks, shorter, strict=True))
            label = phrase("axis.scaled", label=label, ten=power_of_ten(power))
    return Axis(label, low, high, ticks)


def apart(low: float, high: float, log: bool = False) -> bool:
    """Whether two numbers are far enough from each other to be the ends of an axis; else they are one number."""
    if log:
        return log_ratio(high, low) > CLOSE
    return high - low > max(CLOSE * max(abs(low), abs(high)), ONE_NUMBER)


def _longest(ticks: tuple[tuple[float, str], ...]) -> int:
    return max((len(words) for _, words in ticks), default=0)


def _round_ticks(low: float, high: float, least: float = 0.0) -> tuple[tuple[float, str], ...]:
    rough = max(_part(low, high, 0.2), least)
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(factor * power for factor in (1, 2, 2.5, 5, 10) if factor * power >= 0.999 * rough)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    digits = max(4, len(str(max(abs(first), abs(last)))) + 2)  # so that neighbours read differently
    return tuple((float(f"{step * k:.15g}"), significant(step * k, digits)) for k in range(first, last + 1))


def logarithmic(label: str, low: float, high: float) -> Axis:
    """A logarithmic axis from ``low`` to ``high``, both greater than 0, with ticks at powers of ten.

    On a short axis also at twice and five times these, or at round numbers where there are too few. Ends that are
    no floats, or one number, are brought to where they are some.
    """
    low, high = max(low, SMALLEST), min(max(high, ONE_NUMBER), LARGEST)
    if not apart(low, high, log=True):
        low, high = low / 2, min(2 * high, LARGEST)
    rough = Axis(label, low, high, (), log=True)
    low, high = written(rough, low), written(rough, high)
    decades = range(math.ceil(math.log10(low)), math.floor(math.log10(high)) + 1)
    every = max(1, round(len(decades) / 5))
    factors = (1,) if len(decades) > 2 else (1, 2, 5)
    places = [(k, factor) for k in range(decades.start - 1, decades.stop) for factor in factors]
    ticks = tuple(
        (value, _power(factor, k))
        for k, factor in places
        if k % every == 0 and low <= (value := rounded(factor * 10.0**k)) <= high
    )
    short = tuple((value, words) for value, words in ticks if len(words) <= LONG)
    if len(short) > 3:  # what is left tells enough
        ticks = short
    return Axis(label, low, high, ticks if len(ticks) > 1 else _round_ticks(low, high), log=True)


def _power(factor: int, power: int) -> str:
    if -3 <= power <= 3 or (power, factor) == (4, 1):
        return significant(factor * 10.0**power)
    return power_of_ten(power, str(factor) if factor > 1 else "")


def drawable(x: Axis, y: Axis, points: ArrayLike, digits: int = DIGITS) -> NDArray[np.float64]:
    """Points as a mark takes them: rounded, and those far off the panel brought nearer.

    A point more than ``REACH`` panel sizes away is moved towards the panel's middle, so that a run that
    explodes leaves the picture in its own direction and no backend meets numbers it cannot draw.

    Args:
        x, y: the panel's axes.
        points: (…, 2), not necessarily finite.
        digits: of an axis, that a coordinate is written to.

    Returns:
        (…, 2); nan twice where a coordinate is not a number.
    """
    drawn = np.array(points, dtype=np.float64, order="C")
    flat = drawn.reshape(-1, 2)
    flat[~np.isfinite(flat).all(axis=1)] = np.nan
    away = np.stack([x.fractions(flat[:, 0]), y.fractions(flat[:, 1])], axis=1) - 0.5
    far = np.abs(away).max(axis=1, initial=0.0)
    for row in np.flatnonzero(far > REACH):
        # where infinite: a loss of 0 on a log axis, or so far away that the panel is nothing beside it
        across, up = away[row] / far[row] * REACH if np.isfinite(far[row]) else away[row].clip(-BELOW, BELOW)
        flat[row] = x.value(0.5 + float(across)), y.value(0.5 + float(up))
    for k, axis in enumerate((x, y)):
        flat[:, k] = _all_written(axis, flat[:, k].tolist(), digits)
    return drawn


def near(axis: Axis, value: float) -> float:
    """A value, or the nearest that ``drawable`` leaves where it is along its axis; what is not finite stays so."""
    away = axis.fraction(value) - 0.5
    if not math.isfinite(value) or abs(away) < REACH:
        return value
    return axis.value(0.5 + math.copysign(0.999 * REACH if math.isfinite(away) else BELOW, away))


def inside(x: Axis, y: Axis, point: Sequence[float]) -> bool:
    """Whether a point lies within the panel."""
    return 0 <= x.fraction(point[0]) <= 1 and 0 <= y.fraction(point[1]) <= 1


def straight(x: Axis, y: Axis, lines: ArrayLike) -> NDArray[np.float64]:
    """The ends of straight lines where they meet the panel's border.

    Args:
        x, y: the panel's axes, linear.
        lines: (…, 2), the slope and the intercept of each.

    Returns:
        (…, 2, 2): the two ends of each; nan for one that misses the panel.
    """
    slopes, intercepts = np.moveaxis(np.asarray(lines, dtype=np.float64), -1, 0)
    with np.errstate(all="ignore"):  # a line that is level, or not finite, meets no side
        crossings = np.sort([(side - intercepts) / slopes for side in (y.low, y.high)], axis=0)
        level = (slopes == 0) & (y.low <= intercepts) & (intercepts <= y.high)
        left = np.where(level, x.low, np.maximum(x.low, crossings[0]))
        right = np.where(level, x.high, np.minimum(x.high, crossings[1]))
        ends = np.stack([np.stack([at, intercepts + slopes * at], axis=-1) for at in (left, right)], axis=-2)
    seen = (left < right) & np.isfinite(slopes) & np.isfinite(intercepts) & (level | (slopes != 0))
    return np.where(seen[..., None, None], ends, np.nan)


def ellipse(lengths: NDArray[np.float64], vectors: NDArray[np.float64], count: int) -> NDArray[np.float64]:
    """(count, 2): the points of a closed ellipse about the origin.

    Args:
        lengths: (2,) of its half axes.
        vectors: (2, 2) their directions, one a column.
        count: of points, the first and the last the same.
    """
    angles = np.linspace(0.0, 2 * np.pi, count)
    circle = np.stack([np.cos(angles), np.sin(angles)])  # (2, count)
    points: NDArray[np.float64] = (vectors @ (lengths[:, None] * circle)).T
    return points


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
