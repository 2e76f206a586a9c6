"""Marks: what a panel shows, as pure data in its axes' units. Each has a role, which gives it its colour."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

Point = tuple[float, float]
Shape = Literal["ring", "dot", "cross", "square", "diamond", "triangle"]


@dataclass(frozen=True)
class Points:
    """Separate points: for each frame, where they are.

    Args:
        frames: for each frame, (x, y) of each point.
        role: what the points stand for; see ``sgdlib.scene.style.LIGHT``.
        shape: "ring", "dot", "cross", "square", "diamond" or "triangle".
        size: the diameter in CSS pixels.
        order: from 0 to 1, the place among settings that have an order; None otherwise.
    """

    kind: ClassVar[str] = "points"
    frames: tuple[tuple[Point, ...], ...]
    role: str
    shape: Shape = "dot"
    size: float = 5.0
    order: float | None = None


@dataclass(frozen=True)
class Line:
    """A polyline: for each frame, its points; none where there is nothing to draw.

    Args:
        frames: for each frame, the (x, y) it goes through.
        role: what the line stands for.
        width: in CSS pixels.
        dash: lengths drawn and left out in turn, in line widths; none for a solid line.
        order: as for ``Points``.
    """

    kind: ClassVar[str] = "line"
    frames: tuple[tuple[Point, ...], ...]
    role: str
    width: float = 2.0
    dash: tuple[float, ...] = ()
    order: float | None = None


@dataclass(frozen=True)
class Trail:
    """A polyline that is revealed with time, and a point at the end of what is shown.

    Args:
        path: all the (x, y) it goes through in the end.
        shown: for each frame, how many of them are shown.
        role, width, dash, order: as for ``Line``; a path of a width below 1.5 is company, not read out when pointed at.
        shape: of the point.
        size: its diameter in CSS pixels.
    """

    kind: ClassVar[str] = "trail"
    path: tuple[Point, ...]
    shown: tuple[int, ...]
    role: str
    width: float = 1.5
    dash: tuple[float, ...] = ()
    shape: Shape = "dot"
    size: float = 9.0
    order: float | None = None


@dataclass(frozen=True)
class Words:
    """A short text beside a mark.

    Args:
        frames: for each frame, what it says; an empty text is not drawn.
        places: for each frame, the (x, y) it stands at.
        role: what it speaks of.
        align: which end of the text is at the place.
        lift: CSS pixels from the place up to the middle of the text; negative for below.
        order: as for ``Points``.
    """

    kind: ClassVar[str] = "words"
    frames: tuple[str, ...]
    places: tuple[Point, ...]
    role: str
    align: Literal["left", "center", "right"] = "left"
    lift: float = 0.0
    order: float | None = None


@dataclass(frozen=True)
class Band:
    """The area between two polylines that is revealed with time, and its two outlines.

    Args:
        upper, lower: all the (x, y) that each goes through in the end; as many, and finite.
        shown: for each frame, how many of them are shown.
        role: what the band stands for.
        order: as for ``Points``.
    """

    kind: ClassVar[str] = "band"
    upper: tuple[Point, ...]
    lower: tuple[Point, ...]
    shown: tuple[int, ...]
    role: str
    order: float | None = None


@dataclass(frozen=True)
class Cells:
    """A grid of coloured cells, the same in every frame.

    Args:
        x: (c + 1,) the cells' edges across.
        y: (r + 1,) their edges up.
        values: (r, c) the place of each on the ordered scale, from 0 to 1; None for a cell that stays empty.
        words: (r, c) a short text in each, black or white, whichever stands out; () for none.
        role: of a text in an empty cell.
        order: None.
        gap: between cells, in CSS pixels; 0 for cells that touch.
    """

    kind: ClassVar[str] = "cells"
    x: tuple[float, ...]
    y: tuple[float, ...]
    values: tuple[tuple[float | None, ...], ...]
    words: tuple[tuple[str, ...], ...] = ()
    role: str = "note"
    order: float | None = None
    gap: float = 1.0


Mark = Points | Line | Trail | Words | Band | Cells
