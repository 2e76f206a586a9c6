"""Raster: a scene as pixels.

The scene is laid out in CSS pixels on one canvas. What stands still is drawn once and kept as a
background; for a frame the background is restored and only what moves is drawn.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import matplotlib
import numpy as np
from matplotlib.artist import Artist
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from matplotlib.text import Text
from numpy.typing import ArrayLike, NDArray

from sgdlib.render import glyphs
from sgdlib.render.artists import Place, artists, swatch, text
from sgdlib.render.letters import Letters
from sgdlib.scene import Mark, Panel, Reading, Row, Scene, Words, at, style

Pixels = NDArray[np.uint8]

# what matplotlib reads while it draws, so that nobody's rcParams reach a film
_PLAIN = {key: value for key, value in matplotlib.rcParamsDefault.items() if not key.startswith("backend")}

_NO_GLYPH = r"Glyph \d+"  # a letter that no font has is drawn as a box: a stage has warned of it, once and for all


@contextmanager
def _plain() -> Iterator[None]:
    """While matplotlib draws: its own settings, whatever the caller's are, and no second word on missing letters."""
    kept = dict.copy(matplotlib.rcParams)  # past its lookup of each value, too
    with warnings.catch_warnings(), glyphs.unlogged():
        warnings.filterwarnings("ignore", _NO_GLYPH)
        dict.update(matplotlib.rcParams, _PLAIN)  # past the checks of each value, which take 2 ms a frame
        try:
            yield
        finally:
            dict.update(matplotlib.rcParams, kept)


def panel_height(panel: Panel) -> int:
    """The height of a panel with its title and tick labels, in CSS pixels."""
    return style.TITLE + panel.height + style.FOOT


def header_height(row: Row) -> int:
    """The height of what stands above a row's panels, in CSS pixels."""
    return style.HEADER + style.READOUT * len(row.readings)


def column_widths(reading: Reading, room: float) -> list[float]:
    """How wide each number of a line of read-outs is, the gap after it included.

    Args:
        reading: the line.
        room: for all of them, in CSS pixels.
    """
    needs = [style.LETTER * style.VALUE * letters + style.GAP for letters in reading.widths]
    if not needs:
        return [room / len(reading.readouts)] * len(reading.readouts)
    free = (room + style.GAP - sum(needs)) / len(needs)
    if free >= 0:
        return [need + free for need in needs]
    return [need * (room + style.GAP) / sum(needs) for need in needs]


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
        >>> len(stage), stage.frame(0).shape == (*reversed(size(stage.scene)), 3)
        (1, True)
    """

    def __init__(self, scene: Scene, density: int = style.DENSITY):
        self.scene = scene
        glyphs.warn_of_boxes(scene.words())
        width, height = size(scene)
        self._moving: list[tuple[Artist, Callable[[int], None]]] = []
        self._still: list[Artist] = []
        self._values: list[tuple[int, int, list[str]]] = []  # where they begin, their middle, in pixels; their texts
        self._density = density
        with _plain():
            # at 72 dpi a point is a CSS pixel, so that line widths and font sizes are in CSS pixels too
            figure = Figure(figsize=(width / 72, height / 72), dpi=72 * density, facecolor=style.LIGHT["paper"])
            self._canvas = FigureCanvasAgg(figure)
            self._axes = figure.add_axes((0, 0, 1, 1), xlim=(0, width), ylim=(height, 0))
            self._axes.set_axis_off()
            self._lay_out()
            self._moving.sort(key=lambda moving: isinstance(moving[0], Text))  # no path covers a word
            self._canvas.draw()
            self._background = self._canvas.copy_from_bbox(figure.bbox)
            self._over, self._ink = self._above()
            self._letters = Letters(style.VALUE * density)

    def __len__(self) -> int:
        return len(self.scene.steps)

    def frame(self, number: int) -> Pixels:
        """Draw one frame: (height, width, 3) uint8, a function of the scene and the number alone."""
        return self.rgba(number)[:, :, :3].copy()

    def rgba(self, number: int) -> Pixels:
        """The same with an opaque alpha, (height, width, 4), in memory that the next frame overwrites."""
        with _plain():
            self._canvas.restore_region(self._background)
            for artist, update in self._moving:
                update(number)
                self._axes.draw_artist(artist)
            values = [self._letters.words(at(texts, number)) for _, _, texts in self._values]
        pixels = np.asarray(self._canvas.buffer_rgba())
        flat = pixels.reshape(-1, 4)
        opacity = self._ink[:, 3:] / np.float32(255)
        flat[self._over, :3] = np.rint(flat[self._over, :3] * (1 - opacity) + self._ink[:, :3] * opacity)
        for words, (left, middle, _) in zip(values, self._values, strict=True):
            top, start = middle - self._letters.middle, left - self._letters.margin
            area = pixels[top : top + words.shape[0], start : start + words.shape[1]]
            np.minimum(area, words[:, : area.shape[1]], out=area)  # dark on light
        return pixels

    def _above(self) -> tuple[NDArray[np.int64], Pixels]:
        """The words that stand still, drawn once: the pixels that they ink, and with what. No path covers them."""
        self._canvas.get_renderer().clear()
        for words in self._still:
            self._axes.draw_artist(words)
        drawn = np.asarray(self._canvas.buffer_rgba()).reshape(-1, 4)
        inked = np.flatnonzero(drawn[:, 3])
        return inked, drawn[inked]

    def _lay_out(self) -> None:
        top = float(style.PAD)
        for row in self.scene.rows:
            self._header(row, top)
            top += header_height(row)
            left, stacked = 0.0, len(self.scene.rows) == 1
            for panel in row.panels:
                self._panel(panel, left, top)
                left, top = (left, top + panel_height(panel)) if stacked else (left + style.WIDTH, top)
            top += style.PAD + max(map(panel_height, row.panels))

    def _text(self, x: float, y: float, words: str, **how: Any) -> Text:
        added = text(x, y, words, **how)
        self._axes.add_artist(added)
        return added

    def _short(self, room: float, x: float, y: float, words: str, **how: Any) -> None:
        """A text, cut to the room there is, in CSS pixels."""
        added = self._text(x, y, words, **how)
        kept = len(words)
        while kept > 1 and added.get_window_extent().width > room * self._density:
            kept -= 1
            added.set_text(f"{words[:kept].rstrip()}…")

    def _header(self, row: Row, top: float) -> None:
        left = float(style.PAD)
        self._short(
            style.WIDTH - 2 * left, left, top + style.HEADER / 2, row.label, fontsize=style.LARGE, fontweight="bold"
        )
        for line, reading in enumerate(row.readings):
            y = top + style.HEADER + line * style.READOUT
            widths = column_widths(reading, style.WIDTH - 2 * left)
            if reading.order is not None:
                for artist in swatch(reading, left, y + 10):
                    self._axes.add_artist(artist)
            for column, readout in enumerate(reading.readouts):
                x = left + sum(widths[:column])
                beside = style.SWATCH if reading.order is not None and column == 0 else 0.0
                look: dict[str, Any] = {"fontsize": style.SMALL, "color": style.LIGHT["note"]}
                self._short(widths[column] - style.GAP - beside, x + beside, y + 10, readout.label, **look)
                texts = self.scene.columns[readout.text].tolist()
                self._values.append((round(x * self._density), round((y + 24) * self._density), texts))

    def _panel(self, panel: Panel, left: float, top: float) -> None:
        x0, x1 = left + style.MARGIN_LEFT, left + style.WIDTH - style.MARGIN_RIGHT
        y0, y1 = top + style.TITLE, top + style.TITLE + panel.height

        def place(x: ArrayLike, y: ArrayLike) -> NDArray[np.float64]:
            across, up = x0 + panel.x.fractions(x) * (x1 - x0), y1 - panel.y.fractions(y) * (y1 - y0)
            return np.stack(np.broadcast_arrays(across, up), axis=-1)

        self._text(x0, top + style.TITLE / 2 + 2, panel.title, fontweight="bold")
        border = Rectangle((x0, y0), x1 - x0, y1 - y0, facecolor="none", edgecolor=style.LIGHT["frame"], linewidth=1)
        border.set_zorder(2)  # matplotlib draws areas below lines, and so below the grid, unless it is told
        small: dict[str, Any] = {"fontsize": style.SMALL, "color": style.LIGHT["note"]}
        for value, words in panel.x.ticks:
            x, _ = place(value, panel.y.high)
            self._axes.add_artist(Line2D([x, x], [y0, y1], color=style.LIGHT["grid"], linewidth=1))
            self._text(x, y1 + 9, words, horizontalalignment="center", **small)
        for value, words in panel.y.ticks:
            _, y = place(panel.x.low, value)
            self._axes.add_artist(Line2D([x0, x1], [y, y], color=style.LIGHT["grid"], linewidth=1))
            self._text(x0 - 5, y, words, horizontalalignment="right", **small)
        self._text((x0 + x1) / 2, y1 + 23, panel.x.label, horizontalalignment="center", **small)
        self._text(left + 9, (y0 + y1) / 2, panel.y.label, rotation=90, horizontalalignment="center", **small)
        self._axes.add_artist(border)
        for mark in panel.marks:
            self._mark(mark, place, border)

    def _mark(self, mark: Mark, place: Place, border: Rectangle) -> None:
        for artist, update, still in artists(mark, self.scene.columns, place):
            self._axes.add_artist(artist)
            artist.set_clip_path(border)
            update(0)
            artist.set_animated(not still or isinstance(mark, Words))
            if not still:
                self._moving.append((artist, update))
            elif isinstance(mark, Words):
                self._still.append(artist)


def last(scene: Scene, density: int = style.DENSITY) -> Pixels:
    """The last frame alone, the one that a film rests on."""
    return Stage(scene, density).frame(len(scene.steps) - 1)
