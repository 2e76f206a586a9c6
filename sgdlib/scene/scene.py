"""Scene: what is to be seen, as pure data. A frame is a function of the scene and a frame number.

A scene has columns of data, and rows; a row has panels, a panel has two axes and marks, and a mark names the columns
that it draws, in the axes' units. What panels share is one column. A column has a value for each item, or one for each
frame and item. Marks that move are drawn above those that don't.
"""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sgdlib.scene.marks import Mark, Shape

FORMAT = "sgdlib scene 3"
LARGEST, SMALLEST = sys.float_info.max, 5e-324  # of the positive floats

Column = NDArray[Any]  # numbers, (n,) one an item or (F, n) one a frame and item; or texts, (n,)
Columns = Mapping[str, Column]
T = TypeVar("T")
Number = TypeVar("Number", float, NDArray[np.float64])


def at(frames: Sequence[T], frame: int) -> T:
    """What is there at a frame: the only one, or one for each frame."""
    return frames[frame] if len(frames) > 1 else frames[0]


def merged(parts: Iterable[Columns]) -> dict[str, Column]:
    """Columns of several parts of a scene as one; a name that comes twice is one column.

    Raises:
        ValueError: if two columns of one name differ.
    """
    whole: dict[str, Column] = {}
    for part in parts:
        for name, column in part.items():
            first = whole.setdefault(name, column)
            if first is not column and _plain(first) != _plain(column):
                raise ValueError(f"columns that differ must have different names; got two of the name {name!r}.")
    return whole


def column(values: ArrayLike) -> Column:
    """Numbers or texts as a column, never to be changed."""
    made = np.array(values)
    made.setflags(write=False)
    return made


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
            return self._linear(value)
        if not value > 0:
            return math.nan if math.isnan(value) else -math.inf
        return log_ratio(value, self.low) / log_ratio(self.high, self.low)

    def fractions(self, values: ArrayLike) -> NDArray[np.float64]:
        """``fraction`` of each of many values, in an array of their shape."""
        given = np.asarray(values, dtype=np.float64)
        if self.log:  # one by one: the last digit of NumPy's logarithm differs from machine to machine
            return np.array([self.fraction(value) for value in given.ravel().tolist()]).reshape(given.shape)
        with np.errstate(all="ignore"):  # what passes the largest float is infinite
            return self._linear(given)

    def value(self, fraction: float) -> float:
        """The value that lies so far along the axis; the nearest float where it lies beyond them."""
        if self.log:
            power = math.log(self.low) + fraction * log_ratio(self.high, self.low)
            return max(math.exp(min(power, math.log(LARGEST))), SMALLEST)
        half = self._half()
        value = (half * self.low + fraction * (half * self.high - half * self.low)) / half
        return min(max(value, -LARGEST), LARGEST)

    def _linear(self, value: Number) -> Number:
        half = self._half()
        return (half * value - half * self.low) / (half * self.high - half * self.low)

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
        text: a column of texts, for each frame what it says.
    """

    label: str
    text: str


@dataclass(frozen=True)
class Reading:
    """What is read out of one run, in one line.

    Args:
        run: the run's id.
        readouts: its numbers.
        order, dash, shape: of the run's marks, by which the line and they are told to belong together; the order is
            None for the only run of a row.
        widths: for each number, the room that it and its label need, in figures of its size; what is left over is
            shared out evenly. The same for all lines that stand below each other.
    """

    run: str
    readouts: tuple[Readout, ...]
    order: float | None = None
    dash: tuple[float, ...] = ()
    shape: Shape = "dot"
    widths: tuple[float, ...] = ()


@dataclass(frozen=True)
class Row:
    """One experiment: its id and label, what is read out of each of its runs, and its panels."""

    id: str
    label: str
    readings: tuple[Reading, ...]
    panels: tuple[Panel, ...]


@dataclass(frozen=True, eq=False)
class Scene:
    """All that is to be seen of one figure.

    Args:
        name: the figure's name, or None.
        title: a few words.
        caption: a sentence or more, with every setting.
        alt: what the figure shows, for someone who does not see it.
        steps: the step number that each frame shows; one frame, of step 0, for a picture without time.
        columns: by name, what marks and read-outs name.
        rows: the experiments; a film of one row stacks its panels, a film of several sets them side by side.

    Examples:
        >>> from sgdlib.scene import Plot, Points
        >>> axis = Axis("x", 0.0, 1.0, ticks=((0.0, "0"), (1.0, "1")))
        >>> plot = Plot(axis, axis, slots=[0, 1], name="dots")
        >>> _ = plot.mark("dot", Points(role="model"), [[[0.0, 0.0]], [[1.0, 1.0]]])
        >>> row = Row("a", "a dot", (), (plot.panel(),))
        >>> scene = Scene("dot", "A dot", "It moves.", "A dot that moves.", (0, 1), plot.columns, (row,))
        >>> scene.to_json()["columns"]
        {'dots.dot.x': [[0.0], [1.0]], 'dots.dot.y': [[0.0], [1.0]]}
    """

    name: str | None
    title: str
    caption: str
    alt: str
    steps: tuple[int, ...]
    columns: Columns
    rows: tuple[Row, ...]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Scene) and self.to_text() == other.to_text()

    def __hash__(self) -> int:
        return hash(self.to_text())

    def words(self) -> Iterator[str]:
        """All that is written in its picture."""
        for row in self.rows:
            yield row.label
            yield from (readout.label for reading in row.readings for readout in reading.readouts)
            for panel in row.panels:
                yield from (panel.title, panel.x.label, panel.y.label)
                yield from (words for axis in (panel.x, panel.y) for _, words in axis.ticks)
        yield from (words for column in self.columns.values() if column.dtype.kind == "U" for words in column.tolist())

    def to_json(self) -> dict[str, Any]:
        """The scene as plain lists, numbers and strings, with None for what is not finite."""
        return {"format": FORMAT, **_plain(self)}

    def to_text(self) -> str:
        """``to_json`` as the text of a file, without a space too many."""
        return json.dumps(self.to_json(), allow_nan=False, ensure_ascii=False, separators=(",", ":"))


def _plain(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        value = value.tolist()
    if isinstance(value, (tuple, list)):
        return [_plain(item) for item in value]
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if hasattr(value, "__dataclass_fields__"):
        kind = {"kind": value.kind} if hasattr(value, "kind") else {}
        return kind | {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    return value
