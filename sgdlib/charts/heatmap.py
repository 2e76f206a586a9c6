"""HeatMap: numbers on a grid as colours, with their scale."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from sgdlib.base import checks
from sgdlib.base.formats import label_of, significant
from sgdlib.base.words import joined, phrase
from sgdlib.charts.chart import Chart, axis
from sgdlib.scene import Axis, Plot, Points, Words, style
from sgdlib.scene.axes import apart, value_at, written
from sgdlib.scene.scene import LARGEST

HEIGHT = 190  # of the plot, in CSS pixels
SCALE = 0.14  # of it for the scale, above the cells
SHADES = 5  # cells of the scale


@dataclass(frozen=True)
class HeatMap(Chart):
    """Numbers on a grid as colours, with their scale above. For a ``Figure``.

    Args:
        x: (c,) the middle of each column, ascending.
        y: (r,) the middle of each row, ascending.
        values: (r, c); nan for a cell that stays empty.
        x_label, y_label: what the axes show.
        title: what the values are.
        marks: cells to mark with a ring: the (x, y) of each, by label, or in a sequence for rings without labels.
        words: (r, c) a short text for each cell; None for none.
        x_log, y_log, log: whether equal lengths, or equal steps of colour, are equal factors.

    Raises:
        TypeError: if an argument is of the wrong type.
        ValueError: if shapes do not fit, x or y do not ascend, or a log scale meets a number that is not positive.

    Examples:
        >>> HeatMap([1, 2], [1, 2], [[0, 1], [2, 3]], x_label="a", y_label="b", title="loss").alternative()
        'Heat map of loss from 0 to 3: a from 1 to 2, b from 1 to 2.'
    """

    x: Any
    y: Any
    values: Any
    x_label: str
    y_label: str
    title: str
    marks: Mapping[str, tuple[float, float]] | Sequence[tuple[float, float]] = ()
    words: Sequence[Sequence[str]] | None = None
    x_log: bool = False
    y_log: bool = False
    log: bool = False
    _rings: tuple[tuple[str, tuple[float, float]], ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        for name in ("x_label", "y_label", "title"):
            checks.text(name, getattr(self, name))
        for name in ("x_log", "y_log", "log"):
            checks.boolean(name, getattr(self, name))
        for name, log in (("x", self.x_log), ("y", self.y_log)):
            middles = checks.array(name, getattr(self, name), ("c",))
            if len(middles) < 2 or (middles[1:] <= middles[:-1]).any() or (log and middles[0] <= 0):
                above = ", all greater than 0" if log else ""
                raise ValueError(checks.refusal(name, getattr(self, name), f"two numbers or more, ascending{above}"))
            object.__setattr__(self, name, tuple(middles.tolist()))
            self._check_edges(name, log)
        shape = (len(self.y), len(self.x))
        allowed = f"numbers of shape {shape}, y by x, nan for an empty cell" + ", all greater than 0" * self.log
        checks.unmasked("values", self.values)
        try:
            values = np.array(self.values, dtype=np.float64)
        except (TypeError, ValueError, OverflowError):
            raise TypeError(checks.refusal("values", self.values, allowed)) from None
        finite = values[~np.isnan(values)]
        if values.shape != shape or not finite.size or np.isinf(finite).any() or (self.log and finite.min() <= 0):
            raise ValueError(checks.refusal("values", self.values, allowed))
        object.__setattr__(self, "values", tuple(map(tuple, values.tolist())))
        object.__setattr__(self, "_rings", tuple(self._checked_marks()))
        if self.words is not None:
            allowed = f"texts of shape {shape}, y by x"
            given = checks.instance("words", self.words, Sequence, allowed)
            rows = tuple(tuple(row) if isinstance(row, Sequence) else () for row in given)
            texts = all(isinstance(text, str) for row in rows for text in row)
            if not texts or [len(row) for row in rows] != [shape[1]] * shape[0]:
                raise ValueError(checks.refusal("words", self.words, allowed))
            object.__setattr__(self, "words", rows)

    def _check_edges(self, name: str, log: bool) -> None:
        """Refuse a grid whose cells, or the scale above them, have no place among the floats."""
        given = getattr(self, name)
        edges = np.array(_edges(given, log))
        fits = np.isfinite(edges).all() and (not log or edges[0] > 0) and (edges[1:] > edges[:-1]).all()
        if not fits or not apart(edges[0], edges[-1], log):
            allowed = "numbers that can be the middles of cells: apart, and within the range of floats"
            raise ValueError(checks.refusal(name, given, allowed))
        if name == "y" and _above(Axis("y", edges[0], edges[-1], (), log)) >= LARGEST:
            allowed = "numbers above which a scale has room within the range of floats"
            raise ValueError(checks.refusal(name, given, allowed))

    def _checked_marks(self) -> Iterator[tuple[str, tuple[float, float]]]:
        given: Any = self.marks
        if not isinstance(given, Mapping):
            given = dict(enumerate(checks.instance("marks", given, Sequence, "(x, y) by label, or a sequence of them")))
        for key, place in given.items():
            name = f"marks[{key!r}]"
            label = "" if given is not self.marks else label_of(checks.text("marks, a label", key))
            px, py = checks.array(name, place, (2,)).tolist()
            if not all(edges[0] <= value <= edges[-1] for value, edges in zip((px, py), self._edges(), strict=True)):
                raise ValueError(checks.refusal(name, place, "(x, y) within the grid"))
            yield label, (px, py)

    def axes(self) -> tuple[Axis, Axis]:
        """As wide as the cells, and higher by the scale."""
        across, up = self._edges()
        x = axis(self.x_label, across[0], across[-1], self.x_log)
        cells = axis(self.y_label, up[0], up[-1], self.y_log)
        y = Axis(self.y_label, cells.low, written(cells, _above(cells)), cells.ticks, self.y_log)
        return x, y

    def draw(self, plot: Plot) -> None:
        """The cells, their scale above, and rings with labels."""
        plot.title, plot.height = self.title, HEIGHT
        x, y = plot.x, plot.y
        across, up = (
            [written(axis, edge) for edge in edges] for axis, edges in zip((x, y), self._edges(), strict=True)
        )
        width, height = np.diff(x.fractions(across)).min() * style.ACROSS, np.diff(y.fractions(up)).min() * HEIGHT
        gap = 0.0 if min(width, height) < style.FINE else 1.0
        shades, steps = Axis(self.title, *self._range(), (), self.log), np.linspace(0.0, 1.0, SHADES).tolist()
        values = np.array(self.values)
        shaded = shades.fractions(values) if shades.low < shades.high else np.where(np.isnan(values), np.nan, 0.5)
        rounded = [[round(shade, 3) for shade in row] for row in shaded.tolist()]
        plot.cells("cells", across, up, rounded, self.words, gap)
        shares = [value_at(x, k / SHADES) for k in range(SHADES + 1)]
        strip = [value_at(y, 1 - 0.75 * SCALE), y.high]
        plot.cells("scale", shares, strip, [steps], [[significant(shades.value(step), 2) for step in steps]])
        for k, (label, at) in enumerate(self._rings):
            # a light ring within a dark one: one of them stands out on any cell
            plot.mark(f"ring {k}", Points(role="ink", shape="ring", size=11.0), [at])
            plot.mark(f"ring {k}", Points(role="paper", shape="ring", size=8.5), [at])
            if label:
                plot.label(f"ring {k}", label, at, Words(role="ink"), beside=0.035, flips=0.6)

    def heading(self) -> str:
        """What the values are."""
        return self.title

    def alternative(self) -> str:
        """The ranges, and what is marked."""
        low, high = map(significant, self._range())
        x0, x1, y0, y1 = map(significant, (self.x[0], self.x[-1], self.y[0], self.y[-1]))
        sides = {"x": self.x_label, "x0": x0, "x1": x1, "y": self.y_label, "y0": y0, "y1": y1}
        alt = phrase("heatmap.alt", title=self.title, low=low, high=high, **sides)
        rings = []
        for label, at in self._rings:
            px, py = map(significant, at)
            cell = phrase("heatmap.cell", x=px, y=py)
            rings.append(phrase("heatmap.at", label=label, x=px, y=py) if label else cell)
        return phrase("heatmap.marked", alt=alt, marks=joined("semicolon", rings)) if rings else alt

    def numbers(self) -> list[Sequence[object]]:
        """Every cell: x, y and its value, empty where it has none."""
        rows: list[Sequence[object]] = [(self.x_label, self.y_label, self.title)]
        for py, row in zip(self.y, self.values, strict=True):
            rows += [(px, py, "" if np.isnan(v) else v) for px, v in zip(self.x, row, strict=True)]
        return rows

    def _edges(self) -> tuple[list[float], list[float]]:
        return _edges(self.x, self.x_log), _edges(self.y, self.y_log)

    def _range(self) -> tuple[float, float]:
        return float(np.nanmin(self.values)), float(np.nanmax(self.values))


def _edges(middles: Sequence[float], log: bool) -> list[float]:
    """Half way between neighbours, and as far beyond the first and the last."""
    at = np.log(middles) if log else np.array(middles)
    inner = at[1:] / 2 + at[:-1] / 2
    with np.errstate(over="ignore", under="ignore"):  # what is no float is refused
        edges = np.concatenate([[at[0] + (at[0] - inner[0])], inner, [at[-1] + (at[-1] - inner[-1])]])
        found: list[float] = (np.exp(edges) if log else edges).tolist()
    return found


def _above(cells: Axis) -> float:
    """Where an axis of cells ends that has room for their scale, too."""
    return cells.value(1 / (1 - SCALE))
