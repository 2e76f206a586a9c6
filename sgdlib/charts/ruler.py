"""Ruler: a number line with labelled marks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sgdlib.base import checks
from sgdlib.base.formats import capital, label_of, significant
from sgdlib.base.words import joined, phrase
from sgdlib.charts.chart import Chart, axis, short_label
from sgdlib.scene import Axis, Line, Plot, Points, Words, style
from sgdlib.scene.axes import value_at

ACROSS = style.ACROSS  # of a plot, in CSS pixels
LEVEL = 18  # CSS pixels from one line of labels to the next


@dataclass(frozen=True)
class Ruler(Chart):
    """A number line with labelled marks, such as learning-rate limits. For a ``Figure``.

    Args:
        marks: the values to mark, by label; each label is written with its value.
        label: what the line shows, with its unit where it has one.
        low, high: its ends; a little beyond the marks if left out.
        log: whether equal lengths are equal factors.

    Raises:
        TypeError: if an argument is of the wrong type.
        ValueError: if there is no mark, a mark lies beyond the ends, or a label is longer than 30 letters.

    Examples:
        >>> Ruler({"best": 0.74, "limit": 1.0}, label="learning rate").alternative()
        'Number line of learning rate: best at 0.74, limit at 1.'
    """

    marks: Mapping[str, float]
    label: str
    low: float | None = None
    high: float | None = None
    log: bool = False

    def __post_init__(self) -> None:
        allowed = 'a mapping of labels to numbers, at least one, such as {"limit": 0.998}'
        if not checks.instance("marks", self.marks, Mapping, allowed):
            raise ValueError(checks.refusal("marks", self.marks, allowed))
        checks.text("label", self.label)
        checks.boolean("log", self.log)
        least = 0.0 if self.log else None
        values = []
        for name, value in self.marks.items():
            short_label("marks", name)
            values.append(checks.number(f"marks[{name!r}]", value, above=least))
        low = min(values) if self.low is None else checks.number("low", self.low, above=least)
        high = max(values) if self.high is None else checks.number("high", self.high, above=low)
        if not low <= min(values) <= max(values) <= high:
            raise ValueError(
                f"marks must be from low to high, {low:g} to {high:g}; got {min(values):g} to {max(values):g}. "
                "Leave low and high out, and the ends lie a little beyond the marks."
            )
        object.__setattr__(self, "marks", dict(zip(self.marks, values, strict=True)))

    def axes(self) -> tuple[Axis, Axis]:
        """The line across; up only counts lines of labels."""
        values = list(self.marks.values())
        if self.log:
            low, high = min(values) / 1.3, max(values) * 1.3
        else:
            room = (0.08 * max(values) - 0.08 * min(values)) or 0.08 * (abs(values[0]) or 1.0)
            low, high = min(values) - room, max(values) + room
        low, high = low if self.low is None else self.low, high if self.high is None else self.high
        x = axis(self.label, low, high, self.log)
        lines = [level for _, level in self._places(x)]
        return x, Axis("", min(*lines, 0) - 1.0, max(*lines, 0) + 1.0, ())

    def draw(self, plot: Plot) -> None:
        """The line, and each mark with a thin line to its label."""
        plot.title, plot.height = self.heading(), round(LEVEL * (plot.y.high - plot.y.low))
        plot.level("line", 0.0, Line(role="note", width=1.5))
        for (value, words), (beside, level) in zip(self._ordered(), self._places(plot.x), strict=True):
            plot.mark(words, Line(role="level", width=1.0), [(value, 0.0), (value, level)])
            plot.mark(f"{words}.mark", Points(role="theory", shape="diamond", size=7.0), [(value, 0.0)])
            at = (value_at(plot.x, beside / ACROSS), float(level))
            plot.words(words, words, at, Words(role="theory", align="left" if level > 0 else "right"))

    def heading(self) -> str:
        """What the line shows."""
        return capital(self.label)

    def alternative(self) -> str:
        """Every mark and its value."""
        marks = (phrase("ruler.at", label=label_of(name), value=significant(at)) for name, at in self.marks.items())
        return phrase("ruler.alt", label=self.label, marks=joined("comma", marks))

    def numbers(self) -> list[Sequence[object]]:
        """Every mark's label and value."""
        return [("mark", self.label), *self.marks.items()]

    def _ordered(self) -> list[tuple[float, str]]:
        """Values, ascending, with their words."""
        pairs = sorted((value, name) for name, value in self.marks.items())
        return [
            (value, phrase("ruler.mark", label=label_of(name), value=significant(value, 3))) for value, name in pairs
        ]

    def _places(self, x: Axis) -> list[tuple[float, int]]:
        """For each mark, ascending: where its label begins above or ends below, in CSS pixels, and its line.

        A label in the left half stands above, right of its thin line, one in the right half below, left of it. From
        the middle outwards each goes beyond those it meets, so that no thin line crosses a label.
        """
        wide = [style.wide(words) + 8 for _, words in self._ordered()]
        stems = [x.fraction(value) * ACROSS for value, _ in self._ordered()]
        above = [k for k, stem in enumerate(stems) if stem < ACROSS / 2]
        below = list(range(len(above), len(stems)))
        lefts = [min(stems[k] + 3, ACROSS - wide[k]) for k in above]
        lefts += [max(0.0, stems[k] + 2 - wide[k]) for k in below]
        lines = [0] * len(stems)
        for side, sign in ((above[::-1], 1), (below, -1)):
            for nearer, k in enumerate(side):
                covered = [
                    abs(lines[other])
                    for other in side[:nearer]
                    if lefts[k] < max(lefts[other] + wide[other], stems[other]) + 3
                    and min(lefts[other], stems[other]) - 3 < lefts[k] + wide[k]
                ]
                lines[k] = sign * (1 + max(covered, default=0))
        ends = [left if line > 0 else left + width - 5 for left, line, width in zip(lefts, lines, wide, strict=True)]
        return list(zip(ends, lines, strict=True))
