"""Marks: what a panel shows. A mark names the columns that it draws; its role gives it its colour.

The names are empty in a mark that a plot has still to give its columns.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal, get_args

Shape = Literal["ring", "dot", "cross", "square", "diamond", "triangle"]
Align = Literal["left", "center", "right"]


@dataclass(frozen=True, kw_only=True)
class _Mark:
    """What all marks have.

    Args:
        role: what the mark stands for; see ``sgdlib.scene.style.LIGHT``.
        order: from 0 to 1, the place among settings that have an order; None otherwise.
        run: the id of the run that it belongs to; None for data, theory and notes.
        hover: whether it is read out when it is pointed at.
    """

    kind: ClassVar[str]
    role: str
    order: float | None = None
    run: str | None = None
    hover: bool = False


@dataclass(frozen=True, kw_only=True)
class Points(_Mark):
    """Separate points.

    Args:
        x, y: columns, a value for each point.
        shape: "ring", "dot", "cross", "square", "diamond" or "triangle".
        size: the diameter in CSS pixels.
    """

    kind = "points"
    x: str = ""
    y: str = ""
    shape: Shape = "dot"
    size: float = 5.0


@dataclass(frozen=True, kw_only=True)
class Line(_Mark):
    """A polyline, with a gap where a value is not a number.

    Args:
        x, y: columns, a value for each point that it goes through.
        width: in CSS pixels.
        dash: lengths drawn and left out in turn, in line widths; none for a solid line.
    """

    kind = "line"
    x: str = ""
    y: str = ""
    width: float = 2.0
    dash: tuple[float, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Trail(_Mark):
    """A polyline that is revealed with time, and a point at the end of what is shown.

    Args:
        x, y: columns, a value for each point that it goes through in the end.
        shown: a column, for each frame how many of them are shown.
        width, dash: as for ``Line``.
        shape, size: of the point, as for ``Points``.
    """

    kind = "trail"
    x: str = ""
    y: str = ""
    shown: str = ""
    width: float = 1.5
    dash: tuple[float, ...] = ()
    shape: Shape = "dot"
    size: float = 9.0


@dataclass(frozen=True, kw_only=True)
class Band(_Mark):
    """The area between two polylines that is revealed with time, and its two outlines.

    Args:
        x, upper, lower: columns, a finite value for each place that the two go through in the end.
        shown: as for ``Trail``.
    """

    kind = "band"
    x: str = ""
    upper: str = ""
    lower: str = ""
    shown: str = ""


@dataclass(frozen=True, kw_only=True)
class Words(_Mark):
    """A short text beside a mark.

    Args:
        x, y: columns of one value, the place that it stands at.
        text: a column of texts, for each frame what it says; an empty text is not drawn.
        align: which end of the text is at the place.
        lift: CSS pixels from the place up to the middle of the text; negative for below.
    """

    kind = "words"
    x: str = ""
    y: str = ""
    text: str = ""
    align: Align = "left"
    lift: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Cells(_Mark):
    """A grid of coloured cells, the same in every frame.

    Args:
        x: a column, (c + 1,) the cells' edges across.
        y: a column, (r + 1,) their edges up.
        values: a column, (r·c,) row by row, the place of each on the ordered scale, from 0 to 1; nan for a cell that
            stays empty.
        text: a column of texts, (r·c,) one in each, black or white, whichever stands out; None for none.
        role: of a text in an empty cell.
        gap: between cells, in CSS pixels; 0 for cells that touch.
    """

    kind = "cells"
    x: str = ""
    y: str = ""
    values: str = ""
    text: str | None = None
    gap: float = 1.0


Mark = Points | Line | Trail | Band | Words | Cells
MARKS: tuple[type[Mark], ...] = get_args(Mark)  # every kind that there is: whatever draws scenes draws all of them
