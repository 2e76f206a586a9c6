"""Raster: a scene as pixels. The only user of matplotlib.

The scene is laid out in CSS pixels on one canvas. What stands still is drawn once and kept as a
background; for a frame the background is restored and only what moves is drawn.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from math import nan
from typing import Any

import matplotlib
import numpy as np
from matplotlib.artist import Artist
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from matplotlib.patheffects import withStroke
from matplotlib.text import Text
from numpy.typing import NDArray

from sgdlib import style
from sgdlib.scene import Line, Mark, Panel, Point, Points, Row, Scene, Trail, Words, at

Pixels = NDArray[np.uint8]

_SHAPES: dict[str, dict[str, Any]] = {
    "dot": {"marker": "o", "markeredgecolor": style.PAPER, "markeredgewidth": 1.0},
    "ring": {"marker": "o", "markerfacecolor": "none", "markeredgewidth": 1.2},
    "cross": {"marker": "x", "markeredgewidth": 2.2},
}
# what matplotlib reads while it draws, so that nobody's rcParams reach a film
_PLAIN = {key: value for key, value in matplotlib.rcParamsDefault.items() if not key.startswith("backend")}


def panel_height(panel: Panel) -> int:
    """The height of a panel with its title and tick labels, in CSS pixels."""
    return style.TITLE + panel.height + style.FOOT


def header_height(row: Row) -> int:
    """The height of what stands above a row's panels, in CSS pixels."""
    return style.HEADER + style.READOUT * len(row.readouts)


def size(scene: Scene) -> tuple[int, int]:
    """The width and height of a scene in CSS pixels: one row stacks its panels, several set them in a line."""
    if len(scene.rows) == 1:
        row = scene.rows[0]
        return style.WIDTH, style.PAD + header_height(row) + sum(map(panel_height, row.panels))
    heights = [style.PAD + header_height(row) + max(map(panel_height, row.panels)) for row in scene.rows]
    return style.WIDTH * max(len(row.panels) for row in scene.rows), sum(heights)


class Stage:
    """A scene set up for drawing.

    Args:
        scene: what to draw.
        density: device pixels a CSS pixel.

    Examples:
        >>> from sgdlib import Figure, Scatter, noisy_line
        >>> stage = Stage(Figure(views=[Scatter(noisy_line())]).scene(), density=1)
        >>> stage.frame(0).shape == (*reversed(size(stage.scene)), 3)
        True
    """

    def __init__(self, scene: Scene, density: int = style.DENSITY):
        self.scene = scene
        width, height = size(scene)
        self._moving: list[tuple[Artist, Callable[[int], None]]] = []
        with matplotlib.rc_context(_PLAIN):
            # at 72 dpi a point is a CSS pixel, so that line widths and font sizes are in CSS pixels too
            figure = Figure(figsize=(width / 72, height / 72), dpi=72 * density, facecolor=style.PAPER)
            self._canvas = FigureCanvasAgg(figure)
            self._axes = figure.add_axes((0, 0, 1, 1), xlim=(0, width), ylim=(height, 0))
            self._axes.set_axis_off()
            self._lay_out()
            self._moving.sort(key=lambda moving: isinstance(moving[0], Text))  # no path covers a word
            self._canvas.draw()
            self._background = self._canvas.copy_from_bbox(figure.bbox)

    def frame(self, number: int) -> Pixels:
        """Draw one frame: (height, width, 3) uint8, a function of the scene and the number alone."""
        with matplotlib.rc_context(_PLAIN):
            self._canvas.restore_region(self._background)
            for artist, update in self._moving:
                update(number)
                self._axes.draw_artist(artist)
        return np.asarray(self._canvas.buffer_rgba())[:, :, :3].copy()

    def _lay_out(self) -> None:
        top = float(style.PAD)
        for row in self.scene.rows:
            self._header(row, top)
            top += header_height(row)
            if len(self.scene.rows) == 1:
                for panel in row.panels:
                    self._panel(panel, 0.0, top)
                    top += panel_height(panel)
            else:
                for place, panel in enumerate(row.panels):
                    self._panel(panel, float(place * style.WIDTH), top)
                top += style.PAD + max(map(panel_height, row.panels))

    def _text(self, x: float, y: float, words: str, **how: Any) -> Text:
        look: dict[str, Any] = {"color": style.INK, "fontsize": style.NORMAL, "verticalalignment": "center"}
        # never read as TeX: a label is shown as it was given
        text = Text(x, y, words, fontfamily=style.FONT, parse_math=False, **(look | how))
        self._axes.add_artist(text)
        return text

    def _header(self, row: Row, top: float) -> None:
        left = float(style.PAD)
        whole = _shortened(row.label, style.WIDTH - 2 * left, style.LARGE * 1.15)  # bold is wider
        self._text(left, top + style.HEADER / 2, whole, fontsize=style.LARGE, fontweight="bold")
        for line, readouts in enumerate(row.readouts):
            y = top + style.HEADER + line * style.READOUT
            room = style.WIDTH - 2 * left
            # where several runs share the panels, the first column holds a run's label
            first = room / len(readouts) if readouts[0].order is None else 0.36 * room
            pitch = (room - first) / max(1, len(readouts) - 1)
            for column, readout in enumerate(readouts):
                x = left + (first + (column - 1) * pitch if column else 0.0)
                colour = style.ROLES["note"] if readout.order is None else style.ordered(readout.order)
                label = _shortened(readout.label, (pitch if column else first) - 4, style.SMALL)
                self._text(x, y + 10, label, fontsize=style.SMALL, color=colour)
                value = self._text(x, y + 24, "", fontsize=style.NORMAL + 1)
                self._moves(value, partial(_write, value, readout.frames))

    def _moves(self, artist: Artist, update: Callable[[int], None]) -> None:
        artist.set_animated(True)
        self._moving.append((artist, update))

    def _panel(self, panel: Panel, left: float, top: float) -> None:
        x0, x1 = left + style.MARGIN_LEFT, left + style.WIDTH - style.MARGIN_RIGHT
        y0, y1 = top + style.TITLE, top + style.TITLE + panel.height

        def place(point: Point) -> Point:
            return (
                x0 + panel.x.fraction(point[0]) * (x1 - x0),
                y1 - panel.y.fraction(point[1]) * (y1 - y0),
            )

        self._text(x0, top + style.TITLE / 2 + 2, panel.title, fontweight="bold")
        border = Rectangle((x0, y0), x1 - x0, y1 - y0, facecolor="none", edgecolor=style.FRAME, linewidth=1)
        small: dict[str, Any] = {"fontsize": style.SMALL, "color": style.ROLES["note"]}
        for value, words in panel.x.ticks:
            x, _ = place((value, panel.y.high))
            self._axes.add_artist(Line2D([x, x], [y0, y1], color=style.GRID, linewidth=1))
            self._text(x, y1 + 9, words, horizontalalignment="center", **small)
        for value, words in panel.y.ticks:
            _, y = place((panel.x.low, value))
            self._axes.add_artist(Line2D([x0, x1], [y, y], color=style.GRID, linewidth=1))
            self._text(x0 - 5, y, words, horizontalalignment="right", **small)
        self._text((x0 + x1) / 2, y1 + 23, panel.x.label, horizontalalignment="center", **small)
        self._text(left + 9, (y0 + y1) / 2, panel.y.label, rotation=90, horizontalalignment="center", **small)
        self._axes.add_artist(border)
        for mark in panel.marks:
            self._mark(mark, place, border)

    def _mark(self, mark: Mark, place: Callable[[Point], Point], border: Rectangle) -> None:
        order = mark.order
        colour = style.ROLES[mark.role] if order is None else style.ordered(order)
        match mark:
            case Words():
                artist, update, still = self._words(mark, place, colour)
            case Points():
                look = {"linestyle": "none", "markersize": mark.size, "color": colour} | _SHAPES[mark.shape]
                artist, update, still = _polyline(mark.frames, place, look)
            case Line():
                look = {"linewidth": mark.width, "color": colour, "dashes": (4, 2) if mark.dashed else (None, None)}
                artist, update, still = _polyline(mark.frames, place, look)
            case Trail():
                artist, update, still = _trail(mark, place, {"linewidth": mark.width, "color": colour})
        self._axes.add_artist(artist)
        artist.set_clip_path(border)
        update(0)
        if not still or isinstance(mark, Words):
            self._moves(artist, update)

    def _words(
        self, mark: Words, place: Callable[[Point], Point], colour: str
    ) -> tuple[Artist, Callable[[int], None], bool]:
        text = self._text(
            0, 0, "", color=colour, fontsize=style.SMALL, horizontalalignment=mark.align, path_effects=[_HALO]
        )

        def update(frame: int) -> None:
            x, y = place(at(mark.places, frame))
            text.set_position((x, y - mark.lift))
            text.set_text(at(mark.frames, frame))

        return text, update, len(mark.frames) == len(mark.places) == 1


def _shortened(words: str, room: float, size: float) -> str:
    """Words cut to the room there is, in CSS pixels, for letters of an average width."""
    most = int(room / (style.LETTER * size))
    return words if len(words) <= most else f"{words[: most - 1].rstrip()}…"


def _write(text: Text, frames: tuple[str, ...], frame: int) -> None:
    text.set_text(at(frames, frame))


_HALO = withStroke(linewidth=3, foreground=style.PAPER)


def _polyline(
    frames: tuple[tuple[Point, ...], ...], place: Callable[[Point], Point], look: dict[str, Any]
) -> tuple[Artist, Callable[[int], None], bool]:
    placed = [np.array([place(point) for point in points] or [(nan, nan)]) for points in frames]  # (m, 2)
    artist = Line2D([], [], **look)
    return artist, lambda frame: artist.set_data(*at(placed, frame).T), len(frames) == 1


def _trail(
    mark: Trail, place: Callable[[Point], Point], look: dict[str, Any]
) -> tuple[Artist, Callable[[int], None], bool]:
    placed = np.array([place(point) for point in mark.path])  # (m, 2)
    artist = Line2D([], [], solid_joinstyle="round", alpha=style.TRAIL if mark.order is None else 1.0, **look)
    return artist, lambda frame: artist.set_data(*placed[: at(mark.shown, frame)].T), len(mark.shown) == 1


def frames(scene: Scene, density: int = style.DENSITY) -> Iterator[Pixels]:
    """All frames of a scene in order, each (height, width, 3) uint8."""
    stage = Stage(scene, density)
    return (stage.frame(number) for number in range(len(scene.steps)))


def last(scene: Scene, density: int = style.DENSITY) -> Pixels:
    """The last frame alone, the one that a film rests on."""
    return Stage(scene, density).frame(len(scene.steps) - 1)
