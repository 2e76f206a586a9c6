"""Plot: what a view or a chart draws into. It collects marks, and the columns that they name."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import cycle

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sgdlib.base.words import counted, joined, phrase
from sgdlib.scene import style
from sgdlib.scene.axes import DIGITS, drawable, near, thinned, value_at, written
from sgdlib.scene.marks import Band, Cells, Line, Mark, Points, Shape, Trail, Words
from sgdlib.scene.scene import Axis, Column, Panel, column, merged

Array = NDArray[np.float64]

LONGEST = 401  # points that a longer path is thinned to


@dataclass(frozen=True)
class Look:
    """How the marks of one run, or one curve, are told from those of the others in its panel.

    Args:
        run: its id; None for what is not of one run.
        order: its place among them, from 0 to 1; None for one alone.
        dash: of its lines, as for ``Line``.
        shape: of its points, as for ``Points``.
    """

    run: str | None = None
    order: float | None = None
    dash: tuple[float, ...] = ()
    shape: Shape = "dot"


PLAIN = Look()


def looks(count: int) -> list[Look]:
    """The looks of so many runs, or curves, that have an order; of one alone, a plain one."""
    if count == 1:
        return [PLAIN]
    return [
        Look(order=place / (count - 1), dash=dash, shape=shape)
        for place, dash, shape in zip(range(count), cycle(style.DASHES), cycle(style.SHAPES), strict=False)
    ]


class Plot:
    """A panel that is being drawn.

    What is added first is farthest back. Each mark is given a name, and its columns are called
    "<plot>.<run>.<name>.x" and so on, without the run where it belongs to none. Set ``title`` and ``height``
    before anything is drawn.

    Args:
        x, y: the panel's axes.
        slots: (F,) for each frame, which recorded step it shows; one for a picture without time.
        name: begins the names of its columns.

    Examples:
        >>> plot = Plot(Axis("x", 0.0, 1.0, ()), Axis("y", 0.0, 1.0, ()), name="square")
        >>> plot.mark("corners", Points(role="data", shape="ring"), [[0, 0], [1, 1]]).shape
        (2, 2)
        >>> plot.label("corner", "here", (1, 1), Words(role="note"))
        >>> [(mark.kind, mark.y) for mark in plot.panel().marks]
        [('points', 'square.corners.y'), ('words', 'square.corner.words.y')]
    """

    title = ""
    height = 170  # of the plot, in CSS pixels

    def __init__(self, x: Axis, y: Axis, slots: ArrayLike = (0,), name: str = "plot"):
        self.x, self.y, self.name = x, y, name
        self.slots = np.asarray(slots)
        self.columns: dict[str, Column] = {}
        self._marks: list[Mark] = []

    def panel(self) -> Panel:
        """All that has been added."""
        return Panel(self.title, self.x, self.y, tuple(self._marks), self.height)

    def add(self, mark: Mark) -> None:
        """Add a mark whose columns are there."""
        self._marks.append(mark)

    def column(self, name: str, values: ArrayLike, look: Look = PLAIN) -> str:
        """Add a column of numbers, (n,) or (F, n), or of texts, and return its name in the scene.

        Raises:
            ValueError: if another column has this name.
        """
        return self._column(".".join(filter(None, (self.name, look.run, name))), values)

    def mark(
        self,
        name: str,
        mark: Points | Line | Trail,
        points: ArrayLike,
        look: Look = PLAIN,
        x: str = "",
        digits: int = DIGITS,
    ) -> Array:
        """Add points, a line through them, or a trail that is revealed up to each frame.

        Args:
            name: of the mark.
            mark: how it looks.
            points: (n, 2), or (F, n, 2) where they move, in the axes' units; one that is not finite is not drawn. Of a
                trail (k, 2), where the run was at each recorded step: it is thinned, and every frame's own step kept.
            look: gives the run, and its order.
            x: the name of a column across that marks share, such as the steps; one of its own if left out.
            digits: of an axis, that a coordinate is written to.

        Returns:
            The points as they are drawn.
        """
        if isinstance(mark, Trail):
            kept = self._kept(len(np.asarray(points)))
            points, mark = np.asarray(points)[kept], replace(mark, shown=self._shown(kept))
        across, up, drawn = self._placed(name, points, look, x, digits)
        self.add(replace(mark, x=across, y=up, order=look.order, run=look.run))
        return drawn

    def band(self, name: str, lower: Array, upper: Array, role: str, look: Look = PLAIN, x: str = "") -> None:
        """The area between two paths, (k, 2) each over the same steps; arguments as for a trail."""
        kept = self._kept(len(lower))
        across, low, _ = self._placed(f"{name}.lower", lower[kept], look, x)
        _, up, _ = self._placed(f"{name}.upper", upper[kept], look, x)
        shown = self._shown(kept)
        self.add(Band(x=across, upper=up, lower=low, shown=shown, role=role, order=look.order, run=look.run))

    def level(self, name: str, value: float, line: Line, text: str = "", words: Words | None = None) -> Array:
        """A line across at a value of y, and its name near the end that its words align with.

        Returns:
            (2, 2): its two ends.
        """
        ends = np.array([[end, written(self.y, value)] for end in (self.x.low, self.x.high)])
        x, y = (self.column(f"{name}.{axis}", ends[:, k]) for k, axis in enumerate("xy"))
        self.add(replace(line, x=x, y=y))
        if text and words:
            beside = value_at(self.x, 0.98 if words.align == "right" else 0.02)
            self.words(name, text, (beside, float(ends[0, 1])), words)
        return ends

    def words(self, name: str, text: str | Sequence[str], at: Sequence[float], words: Words) -> None:
        """A short text, brought to where the panel's border does not cut it.

        What does not fit below what it speaks of stands above it, and the other way round.

        Args:
            name: of the mark; or of the mark that it speaks of.
            text: what it says, or for each frame what it says.
            at: (x, y), in the axes' units.
            words: how it looks.
        """
        texts = [text] if isinstance(text, str) else list(text)
        half, up = style.SMALL * 0.6, self.y.fraction(at[1]) * self.height
        least, most = half - up, self.height - half - up  # of the lift
        lifts = (lift for lift in (words.lift, -words.lift) if least <= lift <= most)
        wide = max(map(style.wide, texts)) / style.ACROSS
        before = wide * {"left": 0.0, "center": 0.5, "right": 1.0}[words.align]  # of the place
        x = self.column(f"{name}.words.x", [_between(self.x, at[0], before, 1 - wide + before)])
        y = self.column(f"{name}.words.y", [at[1]])
        column = self.column(f"{name}.words.text", texts)
        self.add(replace(words, x=x, y=y, text=column, lift=next(lifts, max(least, min(words.lift, most)))))

    def label(
        self, name: str, text: str, at: Sequence[float], words: Words, beside: float = 0.03, flips: float = 0.5
    ) -> None:
        """Words beside a point: right of it, and left of it in the panel's right part.

        Args:
            name, text, at, words: as for ``words``.
            beside: how far from the point, in panel widths.
            flips: where that part begins, in panel widths.
        """
        across = self.x.fraction(at[0])
        right = across < flips
        end = (value_at(self.x, across + (beside if right else -beside)), written(self.y, at[1]))
        self.words(name, text, end, replace(words, align="left" if right else "right"))

    def warning(self, lost: Mapping[str, Sequence[str]]) -> None:
        """What the panel says, in its top right corner, while a run is out of sight.

        Args:
            lost: by the label of each run, for each frame what is to be said of it; "" for nothing.
        """
        frames = [_of_each(dict(zip(lost, frame, strict=True))) for frame in zip(*lost.values(), strict=True)]
        corner = (value_at(self.x, 0.98), value_at(self.y, 1.0))
        self.words(f"{', '.join(lost)}.warning", frames, corner, Words(role="note", align="right", lift=-11))

    def cells(
        self, name: str, x: ArrayLike, y: ArrayLike, values: ArrayLike, text: ArrayLike | None = None, gap: float = 1.0
    ) -> None:
        """A grid of coloured cells.

        Args:
            name: of the mark.
            x, y: the cells' edges, (c + 1,) and (r + 1,), as they are written down.
            values: (r, c), from 0 to 1; nan for an empty cell.
            text: (r, c), a short text in each; None for none.
            gap: as for the mark ``Cells``.
        """
        across, up = self.column(f"{name}.x", x), self.column(f"{name}.y", y)
        shades = self.column(f"{name}.values", np.ravel(values))
        said = None if text is None else self.column(f"{name}.text", np.ravel(text))
        self.add(Cells(x=across, y=up, values=shades, text=said, role="note", gap=gap))

    def over(self, steps: ArrayLike, values: ArrayLike) -> Array:
        """(k, 2): values over steps, those far off the panel brought up or down to where they can be drawn."""
        up = [near(self.y, value) for value in np.asarray(values).tolist()]
        return np.stack([np.asarray(steps, dtype=np.float64), up], axis=1)

    def _column(self, name: str, values: ArrayLike) -> str:
        self.columns = merged([self.columns, {name: column(values)}])
        return name

    def _placed(
        self, name: str, points: ArrayLike, look: Look, x: str = "", digits: int = DIGITS
    ) -> tuple[str, str, Array]:
        """The names of the two columns of points, and the points as they are drawn."""
        drawn = drawable(self.x, self.y, points, digits)
        if x:  # has a value where y is not finite, too
            across = self.column(x, [written(self.x, at) for at in np.asarray(points)[..., 0].tolist()])
        else:
            across = self.column(f"{name}.x", drawn[..., 0], look)
        return across, self.column(f"{name}.y", drawn[..., 1], look), drawn

    def _kept(self, count: int) -> NDArray[np.int64]:
        """Which of so many recorded steps are drawn; every frame's own is one of them."""
        return np.union1d(thinned(count, LONGEST), self.slots)

    def _shown(self, kept: NDArray[np.int64]) -> str:
        return self._column("shown", np.searchsorted(kept, self.slots, side="right"))


def _between(x: Axis, at: float, low: float, high: float) -> float:
    """A place on an axis, as it is or where it is between two fractions."""
    fraction = x.fraction(at)
    return at if low <= fraction <= high else value_at(x, max(low, min(fraction, high)))


def _of_each(said: Mapping[str, str]) -> str:
    """One sentence for what is said of each run; with several runs, which of them it is said of."""
    if len(said) == 1:
        return next(iter(said.values()))
    same = {words: [label for label in said if said[label] == words] for words in said.values() if words}

    def sentence(named: Callable[[list[str]], str]) -> str:
        return joined("semicolon", (phrase("lost.runs", runs=named(runs), where=where) for where, runs in same.items()))

    whole = sentence(lambda runs: joined("comma", runs))
    return whole if style.wide(whole) <= style.ACROSS else sentence(lambda runs: counted("runs", len(runs)))
