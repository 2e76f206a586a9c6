"""Scene: what is to be seen, as pure data. A frame is a function of the scene and a frame number.

A scene has rows, a row has panels, a panel has two axes and marks in the axes' units. A mark has a value
for each frame, or one value that stands for all of them. Marks that move are drawn above those that don't.
"""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from typing import Any, TypeVar

from sgdlib.scene.marks import Cells, Mark, Shape, Words

FORMAT = "sgdlib scene 2"
LARGEST, SMALLEST = sys.float_info.max, 5e-324  # of the positive floats

T = TypeVar("T")


def at(frames: Sequence[T], frame: int) -> T:
    """The value of a mark at a frame: its only one, or one for each frame."""
    return frames[frame] if len(frames) > 1 else frames[0]


def log_ratio(above: float, below: float) -> float:
    """log(above / below) of two numbers greater than 0, also where their ratio is no float."""
    ratio = above / below
    return math.log(ratio) if 1e-300 < ratio < 1e300 else math.log(above) - math.log(below)


@dataclass(frozen=True)
class Axis:
    """One axis of a panel.

    Args:
        label: what it shows, with its unit where it has one.
        low, high: the values at its two ends.
        ticks: values and what to write at them.
        log: whether equal lengths are equal factors.
    """

    label: str
    low: float
    high: float
    ticks: tuple[tuple[float, str], ...]
    log: bool = False

    def fraction(self, value: float) -> float:
        """How far along the axis a value lies: 0 at ``low``, 1 at ``high``; nan for a value with no place."""
        if not self.log:
            half = self._half()
            return (half * value - half * self.low) / (half * self.high - half * self.low)
        if not value > 0:
            return math.nan if math.isnan(value) else -math.inf
        return log_ratio(value, self.low) / log_ratio(self.high, self.low)

    def value(self, fraction: float) -> float:
        """The value that lies so far along the axis; the nearest float where it lies beyond them."""
        if self.log:
            power = math.log(self.low) + fraction * log_ratio(self.high, self.low)
            return max(math.exp(min(power, math.log(LARGEST))), SMALLEST)
        half = self._half()
        value = (half * self.low + fraction * (half * self.high - half * self.low)) / half
        return min(max(value, -LARGEST), LARGEST)

    def _half(self) -> float:
        """What the ends are multiplied by, so that their difference is a float: halves where it passes the largest."""
        return 0.5 if math.isinf(self.high - self.low) else 1.0


@dataclass(frozen=True)
class Panel:
    """One picture with axes; marks are clipped to it.

    Args:
        title: a few words above it.
        x, y: its axes.
        marks: what it shows, back to front.
        height: of the plot, in CSS pixels.
    """

    title: str
    x: Axis
    y: Axis
    marks: tuple[Mark, ...]
    height: int


@dataclass(frozen=True)
class Readout:
    """A number that is read out above the panels.

    Args:
        label: what it is.
        frames: for each frame, its text.
    """

    label: str
    frames: tuple[str, ...]


@dataclass(frozen=True)
class Reading:
    """What is read out of one run, in one line.

    Args:
        readouts: its numbers.
        order: as for ``Points``; None for the only run of a row.
        dash, shape: of the run's marks, by which the line and they are told to belong together.
        columns: for each number, the room that it and its label need, in figures of its size; what is left over is
            shared out evenly. The same for all lines that stand below each other. () for columns as wide as each other.
    """

    readouts: tuple[Readout, ...]
    order: float | None = None
    dash: tuple[float, ...] = ()
    shape: Shape = "dot"
    columns: tuple[float, ...] = ()


@dataclass(frozen=True)
class Row:
    """One experiment: its label, what is read out of each of its runs, and its panels."""

    label: str
    readings: tuple[Reading, ...]
    panels: tuple[Panel, ...]


@dataclass(frozen=True)
class Scene:
    """All that is to be seen of one figure.

    Args:
        name: the figure's name, or None.
        title: a few words.
        caption: a sentence or more, with every setting.
        alt: what the figure shows, for someone who does not see it.
        steps: the step number that each frame shows; one frame, of step 0, for a picture without time.
        rows: the experiments; a film of one row stacks its panels, a film of several sets them side by side.

    Examples:
        >>> from sgdlib.scene import Points
        >>> axis = Axis("x", 0.0, 1.0, ticks=((0.0, "0"), (1.0, "1")))
        >>> dot = Points(frames=(((0.0, 0.0),), ((1.0, 1.0),)), role="model")
        >>> row = Row("a dot", (), (Panel("it moves", axis, axis, (dot,), height=100),))
        >>> scene = Scene("dot", "A dot", "It moves.", "A dot that moves.", (0, 1), (row,))
        >>> scene.to_json()["rows"][0]["panels"][0]["marks"], scene.to_json()["marks"][0]["frames"]
        ([0], [[[0.0, 0.0]], [[1.0, 1.0]]])
    """

    name: str | None
    title: str
    caption: str
    alt: str
    steps: tuple[int, ...]
    rows: tuple[Row, ...]

    def words(self) -> Iterator[str]:
        """All that is written in its picture."""
        for row in self.rows:
            yield row.label
            for readout in (readout for reading in row.readings for readout in reading.readouts):
                yield from (readout.label, *readout.frames)
            for panel in row.panels:
                yield from (panel.title, panel.x.label, panel.y.label)
                yield from (words for axis in (panel.x, panel.y) for _, words in axis.ticks)
                for mark in panel.marks:
                    if isinstance(mark, Words):
                        yield from mark.frames
                    elif isinstance(mark, Cells):
                        yield from (words for line in mark.words for words in line)

    def to_json(self) -> dict[str, Any]:
        """The scene as plain lists, numbers and strings, with None for what is not finite.

        Panels that show the same mark share it: ``marks`` lists the different ones, and each panel names its
        own by their places in that list.
        """
        record = _plain(self)
        marks: dict[str, Any] = {}  # by what they are, in the order of their first use
        for row in record["rows"]:
            for panel in row["panels"]:
                keys = [json.dumps(mark) for mark in panel["marks"]]
                marks |= {key: mark for key, mark in zip(keys, panel["marks"], strict=True) if key not in marks}
                panel["marks"] = [list(marks).index(key) for key in keys]
        return {"format": FORMAT, **record, "marks": list(marks.values())}

    def to_text(self) -> str:
        """``to_json`` as the text of a file, without a space too many."""
        return json.dumps(self.to_json(), allow_nan=False, ensure_ascii=False, separators=(",", ":"))


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if hasattr(value, "__dataclass_fields__"):
        kind = {"kind": value.kind} if hasattr(value, "kind") else {}
        return kind | {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    return value
