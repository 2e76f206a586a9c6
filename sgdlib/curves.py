"""Curves: numbers against numbers, as lines that say what they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import cycle
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sgdlib import checks, style
from sgdlib.axes import drawable, linear, logarithmic, rounded
from sgdlib.facts import significant
from sgdlib.run import Run
from sgdlib.scene import Axis, Line, Mark, Panel, Points, Words
from sgdlib.view import Still

HEIGHT = 190  # of the plot, in CSS pixels
APART = 0.09  # of the lines of the key, as a part of the plot's height


@dataclass(frozen=True)
class Curves(Still):
    """Curves in one panel, with a key where there are several. For a ``Figure``.

    Args:
        curves: the (x, y) of each, by label: two sequences of one length, two numbers or more.
        x_label, y_label: what the axes show.
        title: what the panel shows.
        x_log, y_log: whether equal lengths on the axis are equal factors.

    Raises:
        TypeError: if an argument is of the wrong type.
        ValueError: if there is no curve, x and y differ in length, or a log axis meets a number that is not positive.

    Examples:
        >>> Curves({"square": ([1, 2, 3], [1, 4, 9])}, x_label="n", y_label="area", title="Areas").alternative()
        'Areas: area against n. Square goes from 1 at 1 to 9 at 3.'
    """

    curves: Mapping[str, Any]
    x_label: str
    y_label: str
    title: str
    x_log: bool = False
    y_log: bool = False

    def __post_init__(self) -> None:
        for name in ("x_label", "y_label", "title"):
            checks.text(name, getattr(self, name))
        for name in ("x_log", "y_log"):
            checks.boolean(name, getattr(self, name))
        given = checks.instance("curves", self.curves, Mapping, "a mapping of labels to (x, y)")
        if not given:
            raise ValueError(checks.refusal("curves", given, "a mapping of one label or more to (x, y)"))
        kept = {}
        for label, curve in given.items():
            checks.text("curves, a label", label)
            kept[label] = tuple(map(tuple, self._checked(f"curves[{label!r}]", curve).tolist()))
        object.__setattr__(self, "curves", kept)

    def _checked(self, name: str, curve: Any) -> NDArray[np.float64]:
        """(2, k): a curve's x and y."""
        points = checks.array(name, curve, (2, "k"))
        if points.shape[1] < 2:
            raise ValueError(checks.refusal(name, curve, "x and y of two numbers or more"))
        for values, log, axis in zip(points, (self.x_log, self.y_log), "xy", strict=True):
            if log and values.min() <= 0:
                allowed = f"numbers greater than 0, for {axis}_log is on"
                raise ValueError(checks.refusal(f"{name}, its {axis}", values.min(), allowed))
        return points

    def axes(self, runs: Sequence[Run] = ()) -> tuple[Axis, Axis]:
        """As wide as the curves, with room for the key."""
        x, y = (np.concatenate([np.array(curve[k]) for curve in self.curves.values()]) for k in (0, 1))
        room = 0.3 if len(self.curves) > 1 else 0.04
        return _axis(self.x_label, x, self.x_log, room), _axis(self.y_label, y, self.y_log, room=0.06)

    def panel(
        self,
        runs: Mapping[str, Run] | None = None,
        slots: NDArray[np.int64] | None = None,
        axes: tuple[Axis, Axis] | None = None,
    ) -> Panel:
        """The curves, and beside them which is which."""
        x, y = axes or self.axes()
        marks: list[Mark] = []
        several = len(self.curves) > 1
        dashes, shapes = cycle(style.DASHES), cycle(style.SHAPES)
        for k, (label, curve) in enumerate(self.curves.items()):
            points = drawable(x, y, np.array(curve).T)
            dash, shape = next(dashes), next(shapes)
            order = k / (len(self.curves) - 1) if several else None
            marks.append(Line((points,), "model", dash=dash if several else (), order=order))
            marks.append(Points((points[-1:],), "model", shape=shape, size=7.0, order=order))
            if several:  # a line of the key
                height = rounded(y.value(0.92 - APART * k))
                sample = tuple((rounded(x.value(part)), height) for part in (0.73, 0.8))
                marks.append(Line((sample,), "model", dash=dash, order=order))
                marks.append(Points((sample[1:],), "model", shape=shape, size=7.0, order=order))
                marks.append(Words((label,), ((rounded(x.value(0.83)), height),), "ink"))
        return Panel(self.title, x, y, tuple(marks), HEIGHT)

    def heading(self) -> str:
        """What the panel shows."""
        return self.title

    def alternative(self) -> str:
        """Where each curve begins and ends."""
        told = " ".join(
            f"{label[:1].upper()}{label[1:]} goes from {significant(y[0])} at {significant(x[0])} to "
            f"{significant(y[-1])} at {significant(x[-1])}."
            for label, (x, y) in self.curves.items()
        )
        return f"{self.title}: {self.y_label} against {self.x_label}. {told}"

    def numbers(self) -> list[Sequence[object]]:
        """Every point of every curve."""
        rows: list[Sequence[object]] = [("curve", self.x_label, self.y_label)]
        for label, (x, y) in self.curves.items():
            rows += [(label, *point) for point in zip(x, y, strict=True)]
        return rows


def _axis(label: str, values: NDArray[np.float64], log: bool, room: float) -> Axis:
    """An axis for all the values; above the highest there is so much room, as a part of the axis."""
    low, high = float(values.min()), float(values.max())
    part = room / (1 - room)
    if log:
        wide = high / low if high > low else 10.0
        return logarithmic(label, low / wide**0.04, high * wide**part)
    wide = high - low or abs(high) or 1.0
    return linear(label, [low - 0.04 * wide, high + part * wide], margin=0.0)
