"""Letters: words that change with every frame, set from letters that are drawn once.

matplotlib lays a text out and draws its letters anew each time, which was half of the time that a frame took.
"""

from __future__ import annotations

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.text import Text
from numpy.typing import NDArray

from sgdlib.render.artists import text
from sgdlib.scene import style

Pixels = NDArray[np.uint8]


class Letters:
    """The letters of one size, as dark as ink, on paper.

    They stand at whole pixels, each as far from the next as it is wide: figures, all of one width, stay in their
    columns.

    Args:
        size: of the font, in device pixels.

    Attributes:
        margin: from a picture's left edge to where its words begin, in pixels.
        middle: from its upper edge to the middle of a line.

    Examples:
        >>> letters = Letters(24.0)
        >>> one, two = letters.words("1"), letters.words("12")
        >>> one.shape[0] == two.shape[0], one.shape[1] < two.shape[1]
        (True, True)
    """

    def __init__(self, size: float):
        self.margin, self.middle = round(size / 2), round(size)  # room for what hangs over
        self._size = size
        self._canvas = FigureCanvasAgg(Figure(figsize=(5 * size / 72, 2 * self.middle / 72), dpi=72))
        self._drawn: dict[str, tuple[Pixels, int]] = {}
        paper, ink = (255 * np.array([*to_rgb(style.LIGHT[role]), 1.0]) for role in ("paper", "ink"))
        share = np.linspace(0.0, 1.0, 256)[:, None]  # of a pixel that a letter covers
        self._shades = np.rint(paper * (1 - share) + ink * share).astype(np.uint8)  # (256, 4)

    def words(self, words: str) -> Pixels:
        """Words in one line: (2 middle, width, 4) uint8, with a margin at both ends."""
        letters = [self._letter(letter) for letter in words]
        covered = np.zeros((2 * self.middle, 2 * self.margin + sum(width for _, width in letters)), np.uint8)
        left = 0
        for drawn, width in letters:
            area = covered[:, left : left + drawn.shape[1]]
            np.maximum(area, drawn, out=area)
            left += width
        return self._shades[covered]

    def _letter(self, letter: str) -> tuple[Pixels, int]:
        """How far a letter covers each pixel, with a margin at both sides, and its width without."""
        if letter not in self._drawn:
            # between two others, for by itself it has no more width than ink
            width = round(self._width(f"0{letter}0") - self._width("00"))
            renderer = self._canvas.get_renderer()
            renderer.clear()
            self._placed(letter).draw(renderer)
            drawn = np.asarray(self._canvas.buffer_rgba())[:, : width + 2 * self.margin, 3].copy()
            self._drawn[letter] = drawn, width
        return self._drawn[letter]

    def _width(self, words: str) -> float:
        return float(self._placed(words).get_window_extent(self._canvas.get_renderer()).width)

    def _placed(self, words: str) -> Text:
        placed = text(self.margin, self.middle, words, fontsize=self._size)
        placed.set_figure(self._canvas.figure)
        return placed
