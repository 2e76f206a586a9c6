"""Curves: one number against another, each curve with its name beside it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sgdlib.base import checks
from sgdlib.base.formats import capital, significant
from sgdlib.base.words import joined, phrase
from sgdlib.charts.chart import Chart, short_label
from sgdlib.scene import Axis, Line, Look, Plot, Points, Words, labels, looks, style
from sgdlib.scene.axes import apart, linear, logarithmic, span, value_at
from sgdlib.scene.scene import log_ratio

Array = NDArray[np.float64]

HEIGHT = 200  # of the plot, in CSS pixels
ACROSS = style.ACROSS  # its width
POINTS = 401  # that a longer curve is thinned to
DOTTED = 16  # points of a curve, up to which each is drawn as a dot


@dataclass(frozen=True)
class Curves(Chart):
    """Curves with their names beside them, and what theory says in its own colour. For a ``Figure``.

    A curve of few points has a dot for each.

    Args:
        curves: by label (x, y), each (k,), x ascending; in their order if they have one.
        x_label, y_label: what the axes show, with their units where they have one.
        title: what is compared.
        theory: the same for what is expected; may be left out, and so may ``curves`` where this is given.
        levels: values of y to mark by a line across, by label.
        x_log, y_log: whether equal lengths are equal factors.
        digits: significant digits of the description's y, 1 to 17. Means of runs have no more than their error leaves.

    Raises:
        TypeError: if an argument is of the wrong type.
        ValueError: if there is no curve, x and y differ in length, x does not ascend, a log axis meets a number that
            is not positive, a label is longer than 30 letters or names two things.

    Examples:
        >>> line = ([1, 2, 4], [8, 4, 2])
        >>> Curves({"steps": line}, x_label="batch size", y_label="steps", title="Steps to the goal").alternative()
        'Steps to the goal: steps against batch size. Steps goes from 8 at 1 to 2 at 4.'
    """

    curves: Mapping[str, tuple[Any, Any]]
    x_label: str
    y_label: str
    title: str
    theory: Mapping[str, tuple[Any, Any]] | None = None
    levels: Mapping[str, float] | None = None
    x_log: bool = False
    y_log: bool = False
    digits: int = 4

    def __post_init__(self) -> None:
        for name in ("x_label", "y_label", "title"):
            checks.text(name, getattr(self, name))
        for name in ("x_log", "y_log"):
            checks.boolean(name, getattr(self, name))
        object.__setattr__(self, "digits", checks.integer("digits", self.digits, low=1, high=17))
        allowed = "a mapping of labels to (x, y), x and y each a sequence of numbers"
        for name in ("curves", "theory"):
            given = {} if name == "theory" and self.theory is None else getattr(self, name)
            pairs = checks.instance(name, given, Mapping, allowed).items()
            checked = {short_label(name, label): self._pair(name, label, pair) for label, pair in pairs}
            if len(checked) < len(pairs):
                raise ValueError(f"{name} must have labels that read differently; got {', '.join(map(repr, given))}.")
            object.__setattr__(self, name, checked)
        given = {} if self.levels is None else self.levels
        least, levels = 0.0 if self.y_log else None, {}
        for label, value in checks.instance("levels", given, Mapping, "a mapping of labels to values of y").items():
            levels[short_label("levels", label)] = checks.number(f"levels[{label!r}]", value, above=least)
        object.__setattr__(self, "levels", levels)
        names = [*self.curves, *self._theory, *levels]
        if not self.curves and not self._theory:
            raise ValueError(checks.refusal("curves", self.curves, f"{allowed}, at least one, or there must be theory"))
        if len(set(names)) < len(names):
            given = ", ".join(map(repr, names))
            raise ValueError(f"curves, theory and levels must have different labels; got {given}.")

    def axes(self) -> tuple[Axis, Axis]:
        """As wide and as high as all the curves and levels."""
        pairs = [*self.curves.values(), *self._theory.values()]
        return (
            _axis(self.x_label, [x for x, _ in pairs], self.x_log, 0.03),
            _axis(self.y_label, [*(y for _, y in pairs), *([v] for v in self._levels.values())], self.y_log, 0.07),
        )

    def draw(self, plot: Plot) -> None:
        """The levels, the theory, the curves and, above them, their labels."""
        plot.title, plot.height = self.title, HEIGHT
        paths: dict[str, Array] = {}  # by label, in CSS pixels
        roles: dict[str, str] = {}  # of the labels
        for label, value in self._levels.items():
            ends = plot.level(label, value, Line(role="truth", width=1.5, dash=style.TRUE_DASH))
            paths[label], roles[label] = _pixels(plot.x, plot.y, ends), "truth"
        for role, label, pair, look in self._looks():
            points = np.stack(pair, axis=1)  # (k, 2)
            width = 1.5 if role == "theory" else 2.0
            plot.mark(label, Line(role=role, width=width, dash=look.dash), points[_kept(plot.x, points[:, 0])], look)
            if len(points) <= DOTTED:
                plot.mark(label, Points(role=role, shape=look.shape, size=7.0), points, look)
            # the lightest colour of the order is too light for words
            paths[label], roles[label] = _pixels(plot.x, plot.y, points), role if look.order is None else "ink"
        for label, spot in labels.placed(paths, ACROSS, HEIGHT).items():
            at, tip = (
                (value_at(plot.x, px / ACROSS), value_at(plot.y, py / HEIGHT)) for px, py in (spot.place, spot.at)
            )
            if spot.tip is not None:
                plot.mark(f"{label}.leader", Line(role="level", width=1.0), [tip, at])
            plot.words(label, label, at, Words(role=roles[label], align=spot.align, lift=spot.lift))

    def _looks(self) -> Iterator[tuple[str, str, tuple[Any, Any], Look]]:
        """The role, the label, the points and the look of each curve, those that theory expects first."""
        for k, (label, pair) in enumerate(self._theory.items()):
            yield "theory", label, pair, Look(dash=(*style.TRUE_DASH, *(1.0, 2.0) * k), shape="ring")
        for (label, pair), look in zip(self.curves.items(), looks(len(self.curves)), strict=True):
            yield "model", label, pair, look

    def heading(self) -> str:
        """What is compared."""
        return self.title

    def alternative(self) -> str:
        """Where each curve begins and ends, and the levels."""
        axes = phrase("curves.axes", x=self.x_label, y=self.y_label)
        # whether a title ends a sentence can only be read
        ends = self.title.endswith(("?", "!", "."))
        sentences = [
            phrase("curves.sentence" if ends else "curves.alt", title=self.title, axes=capital(axes) if ends else axes)
        ]
        for label, (x, y) in {**self.curves, **self._theory}.items():
            x0, x1 = map(significant, (x[0], x[-1]))
            y0, y1 = (significant(end, self.digits) for end in (y[0], y[-1]))
            sentences.append(capital(phrase("curves.curve", label=label, x0=x0, x1=x1, y0=y0, y1=y1)))
        for label, value in self._levels.items():
            sentences.append(capital(phrase("curves.level", label=label, value=significant(value))))
        return joined("sentence", sentences)

    def numbers(self) -> list[Sequence[object]]:
        """Every point of every curve, and the levels, which have no x."""
        rows: list[Sequence[object]] = [("curve", self.x_label, self.y_label)]
        for label, pair in {**self.curves, **self._theory}.items():
            rows += [(label, *point) for point in zip(*pair, strict=True)]
        return rows + [(label, "", value) for label, value in self._levels.items()]

    @property
    def _theory(self) -> Mapping[str, tuple[Any, Any]]:
        return self.theory or {}

    @property
    def _levels(self) -> Mapping[str, float]:
        return self.levels or {}

    def _pair(self, name: str, label: str, pair: object) -> tuple[tuple[float, ...], tuple[float, ...]]:
        which, allowed = f"{name}[{label!r}]", "two sequences of numbers, x and y, as long as each other"
        if not isinstance(pair, Sequence) or isinstance(pair, str) or len(pair) != 2:
            raise TypeError(checks.refusal(which, pair, allowed))
        x, y = (checks.array(f"{which}, {axis}", values, ("k",)) for axis, values in zip("xy", pair, strict=True))
        if len(x) != len(y) or len(x) < 2:
            raise ValueError(checks.refusal(which, pair, f"{allowed}, of two points or more"))
        if (x[1:] < x[:-1]).any():
            raise ValueError(checks.refusal(f"{which}, x", pair[0], "numbers that ascend"))
        for axis, values, log in (("x", x, self.x_log), ("y", y, self.y_log)):
            if log and values.min() <= 0:
                raise ValueError(checks.refusal(f"{which}, {axis}", values.tolist(), "greater than 0 on a log axis"))
        return tuple(x.tolist()), tuple(y.tolist())


def _axis(label: str, parts: Sequence[Any], log: bool, margin: float) -> Axis:
    low, high = span(parts)
    if not log:
        return linear(label, [low, high], margin=margin)
    room = math.exp(margin * log_ratio(high, low)) if apart(low, high, log) else 2.0
    return logarithmic(label, low / room, high * room)


def _kept(x: Axis, values: Array) -> NDArray[np.int64]:
    """Which points of a curve to draw: evenly spaced across, the first and the last among them."""
    if len(values) <= POINTS:
        return np.arange(len(values))
    across = x.fractions(values)
    places = np.searchsorted(across, np.linspace(across[0], across[-1], POINTS))
    return np.unique(places.clip(0, len(values) - 1)).astype(np.int64)


def _pixels(x: Axis, y: Axis, points: Array) -> Array:
    """A curve as points about a CSS pixel apart, from the plot's lower left corner."""
    at = np.stack([x.fractions(points[:, 0]) * ACROSS, y.fractions(points[:, 1]) * HEIGHT], axis=1)
    along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(at, axis=0).T))])
    dense = np.linspace(0.0, along[-1], max(2, min(4000, int(along[-1]))))
    return np.stack([np.interp(dense, along, at[:, k]) for k in (0, 1)], axis=1)
