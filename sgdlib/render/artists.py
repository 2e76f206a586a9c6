"""Artists: the marks of a scene as what matplotlib draws, in CSS pixels."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.lines import Line2D
from matplotlib.patches import Polygon, Rectangle
from matplotlib.patheffects import withStroke
from matplotlib.text import Text
from numpy.typing import ArrayLike, NDArray

from sgdlib.render import glyphs
from sgdlib.scene import Band, Cells, Columns, Line, Mark, Points, Reading, Trail, Words, at, style

# an artist, how it is brought to a frame, and whether all frames are the same
Moving = tuple[Artist, Callable[[int], None], bool]
Place = Callable[[ArrayLike, ArrayLike], NDArray[np.float64]]  # from a panel's units to CSS pixels, (…, 2)

_EDGE: dict[str, Any] = {"markeredgecolor": style.LIGHT["paper"], "markeredgewidth": 1.0}
_SHAPES: dict[str, dict[str, Any]] = {
    "dot": {"marker": "o", **_EDGE},
    "square": {"marker": "s", **_EDGE},
    "diamond": {"marker": "D", **_EDGE},
    "triangle": {"marker": "^", **_EDGE},
    "ring": {"marker": "o", "markerfacecolor": "none", "markeredgewidth": 1.2},
    "cross": {"marker": "x", "markeredgewidth": 2.2},
}
_LINE = 2  # matplotlib draws lines above areas, the grid above a cell, unless it is told
_HALO = withStroke(linewidth=3, foreground=style.LIGHT["paper"])


def text(x: float, y: float, words: str, letters: str | None = None, **how: Any) -> Text:
    """A text; its look is that of a label where nothing else is said.

    Args:
        x, y: where it stands, in CSS pixels.
        words: what it says.
        letters: of all that it will say; of ``words`` if left out.
        how: as matplotlib's ``Text``.
    """
    look: dict[str, Any] = {"color": style.LIGHT["ink"], "fontsize": style.NORMAL, "verticalalignment": "center"}
    family = glyphs.families(words if letters is None else letters)
    # never read as TeX: a label is shown as it was given
    return Text(x, y, words, fontfamily=family, parse_math=False, **(look | how))


def colour(role: str, order: float | None) -> str:
    """The colour of a mark: its role's, or its place's among settings that have an order."""
    return style.LIGHT[role] if order is None else style.ordered(order)


def swatch(reading: Reading, left: float, y: float) -> list[Artist]:
    """A piece of a run's line with its point, as they are in the panels."""
    own, right = colour("model", reading.order), left + style.SWATCH - 6
    return [
        _line([left, right], [y, y], own, reading.dash, width=2.0),
        _marker([(left + right) / 2], [y], own, reading.shape, size=7.0),
    ]


def artists(mark: Mark, columns: Columns, place: Place) -> list[Moving]:
    """What draws a mark, back to front."""
    own = colour(mark.role, mark.order)
    match mark:
        case Words():
            return [_words(mark, columns, place, own)]
        case Points():
            return [_placed(_marker([], [], own, mark.shape, mark.size), mark, columns, place)]
        case Line():
            return [_placed(_line([], [], own, mark.dash, mark.width), mark, columns, place)]
        case Trail():
            return _trail(mark, columns, place, own)
        case Band():
            return _band(mark, columns, place, own)
        case Cells():
            return list(_cells(mark, columns, place, own))


def _pixels(columns: Columns, x: str, y: str, place: Place) -> list[NDArray[np.float64]]:
    """(n, 2): the points of two columns in CSS pixels, for each frame or once for all."""
    points = place(columns[x], columns[y])
    return list(points if points.ndim == 3 else points[None])


def _line(
    x: list[float], y: list[float], own: str, dash: tuple[float, ...], width: float, opacity: float = 1
) -> Line2D:
    look: dict[str, Any] = {"dashes": dash or (None, None), "solid_joinstyle": "round", "solid_capstyle": "butt"}
    return Line2D(x, y, color=own, linewidth=width, alpha=opacity, **look)


def _marker(x: list[float], y: list[float], own: str, shape: str, size: float) -> Line2D:
    return Line2D(x, y, color=own, linestyle="none", markersize=size, **_SHAPES[shape])


def _placed(artist: Line2D, mark: Points | Line, columns: Columns, place: Place) -> Moving:
    placed = _pixels(columns, mark.x, mark.y, place)
    return artist, lambda frame: artist.set_data(*at(placed, frame).T), len(placed) == 1


def _trail(mark: Trail, columns: Columns, place: Place, own: str) -> list[Moving]:
    (placed,), counts = _pixels(columns, mark.x, mark.y, place), columns[mark.shown].tolist()
    path = _line([], [], own, mark.dash, mark.width, style.TRAIL if mark.order is None else 1.0)
    head = _marker([], [], own, mark.shape, mark.size)

    def reveal(frame: int) -> None:
        path.set_data(*placed[: at(counts, frame)].T)

    def lead(frame: int) -> None:
        count = at(counts, frame)
        head.set_data(*placed[count - 1 : count].T)

    still = len(counts) == 1
    return [(path, reveal, still), (head, lead, still)]


def _band(mark: Band, columns: Columns, place: Place, own: str) -> list[Moving]:
    sides = [_pixels(columns, mark.x, side, place)[0] for side in (mark.upper, mark.lower)]  # (m, 2) each
    counts = columns[mark.shown].tolist()
    area = Polygon(np.zeros((1, 2)), facecolor=own, edgecolor="none", alpha=style.AREA, zorder=_LINE)
    still = len(counts) == 1

    def reveal(frame: int) -> None:
        upper, lower = (side[: at(counts, frame)] for side in sides)
        area.set_xy(np.concatenate([upper, lower[::-1]]))

    outlines = [_line([], [], own, (), width=1.0) for _ in sides]

    def trace(frame: int) -> None:
        for outline, side in zip(outlines, sides, strict=True):
            outline.set_data(*side[: at(counts, frame)].T)

    return [(area, reveal, still), *((outline, trace, still) for outline in outlines)]


def _cells(mark: Cells, columns: Columns, place: Place, own: str) -> Iterator[Moving]:
    x, y = columns[mark.x], columns[mark.y]
    across, up = place(x, y[0])[:, 0].tolist(), place(x[0], y)[:, 1].tolist()
    texts = columns[mark.text].tolist() if mark.text else []
    for cell, value in enumerate(columns[mark.values].tolist()):
        row, column = divmod(cell, len(x) - 1)
        (left, right), (bottom, top) = across[column : column + 2], up[row : row + 2]
        empty = np.isnan(value)
        look: dict[str, Any] = {"facecolor": "none" if empty else style.ordered(value), "zorder": _LINE}
        # at whole pixels where they touch, for two soft edges would let the paper shine through
        look |= {"edgecolor": style.LIGHT["paper"], "linewidth": mark.gap} if mark.gap else {"antialiased": False}
        yield Rectangle((left, top), right - left, bottom - top, **look), lambda frame: None, True
        if texts and texts[cell]:
            ink = own if empty else "white" if value > style.WHITE_FROM else "black"
            look = {"color": ink, "fontsize": style.SMALL, "horizontalalignment": "center"}
            yield text((left + right) / 2, (top + bottom) / 2, texts[cell], **look), lambda frame: None, True


def _words(mark: Words, columns: Columns, place: Place, own: str) -> Moving:
    look: dict[str, Any] = {"color": own, "fontsize": style.SMALL, "horizontalalignment": mark.align}
    placed, texts = _pixels(columns, mark.x, mark.y, place), columns[mark.text].tolist()
    words = text(0, 0, "", letters="".join(texts), path_effects=[_HALO], **look)

    def update(frame: int) -> None:
        ((x, y),) = at(placed, frame)
        words.set_position((x, y - mark.lift))
        words.set_text(at(texts, frame))

    return words, update, len(texts) == len(placed) == 1
