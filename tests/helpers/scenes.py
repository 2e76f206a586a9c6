"""Scenes of a few marks, marks read back with what is in their columns, and where points lie in a picture."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np

from sgdlib import Figure
from sgdlib.scene import Axis, Band, Cells, Line, Plot, Points, Row, Scene, Trail, Words, style

UNIT = Axis("x", 0.0, 1.0, ((0.0, "0"), (1.0, "1")))


def moving(draw, label="a label", title="a panel", axis=UNIT, slots=(0, 1)):
    """A scene of what a function draws into one plot, with a frame for each slot."""
    plot = Plot(axis, axis, slots)
    plot.title, plot.height = title, 100
    draw(plot)
    return Scene(None, "t", "c", "a", tuple(slots), plot.columns, (Row("row", label, (), (plot.panel(),)),))


def panels(scene, row=0):
    """A row's panels, each with its marks as ``seen`` reads them."""
    return [
        SimpleNamespace(
            title=panel.title,
            x=panel.x,
            y=panel.y,
            height=panel.height,
            marks=[seen(mark, scene.columns) for mark in panel.marks],
        )
        for panel in scene.rows[row].panels
    ]


def drawn(chart):
    """The panel of a chart alone."""
    return panels(Figure([chart]).scene())[0]


def of(panel, kind, role=None):
    """The marks of a kind, a class, and of a role if one is given."""
    return [mark for mark in panel.marks if mark.kind == kind.kind and role in (None, mark.role)]


def points(columns, x, y):
    """For each frame, or once for all, the (x, y) of two columns."""
    pairs = np.stack(np.broadcast_arrays(columns[x], columns[y]), axis=-1)
    return [[tuple(pair) for pair in frame] for frame in (pairs if pairs.ndim == 3 else pairs[None]).tolist()]


def seen(mark, columns):
    """A mark, with numbers and texts in place of the names of its columns."""
    found = SimpleNamespace(kind=mark.kind, **vars(mark))
    if mark.kind in ("points", "line"):
        found.frames = points(columns, mark.x, mark.y)
    elif mark.kind == "trail":
        (found.path,) = points(columns, mark.x, mark.y)
    elif mark.kind == "band":
        (found.upper,), (found.lower,) = (points(columns, mark.x, side) for side in (mark.upper, mark.lower))
    elif mark.kind == "words":
        found.frames = columns[mark.text].tolist()
        found.places = [place for (place,) in points(columns, mark.x, mark.y)]
    else:
        found.x, found.y = columns[mark.x].tolist(), columns[mark.y].tolist()
        shape = (len(found.y) - 1, len(found.x) - 1)
        found.values = columns[mark.values].reshape(shape).tolist()
        found.words = columns[mark.text].reshape(shape).tolist() if mark.text else []
    if hasattr(mark, "shown"):
        found.shown = columns[mark.shown].tolist()
    return found


def place(panel, x, y, top, density=1):
    """(row, column), in pixels from the top left, of a point of a panel that starts at ``top``."""
    width = style.WIDTH - style.MARGIN_LEFT - style.MARGIN_RIGHT
    column = style.MARGIN_LEFT + panel.x.fraction(x) * width
    row = top + style.TITLE + (1 - panel.y.fraction(y)) * panel.height
    return density * np.array([row, column])


def readouts(scene, reading=0, row=0):
    """What is read out of a run: the label of each number, and its text for each frame."""
    return [
        SimpleNamespace(label=each.label, frames=scene.columns[each.text].tolist())
        for each in scene.rows[row].readings[reading].readouts
    ]


# how each kind of mark is drawn by hand; one that is missing here, or that nothing draws, fails
ONE_OF_EACH = {
    Points: lambda plot: plot.mark("a", Points(role="truth", size=20), [(0.5, 0.5)]),
    Line: lambda plot: plot.mark("a", Line(role="truth", width=4), [(0.1, 0.1), (0.9, 0.9)]),
    Trail: lambda plot: plot.mark("a", Trail(role="truth"), np.array([(0.1, 0.9), (0.9, 0.1)])),
    Band: lambda plot: plot.band("a", np.array([(0.1, 0.1), (0.9, 0.1)]), np.array([(0.1, 0.9), (0.9, 0.9)]), "truth"),
    Words: lambda plot: plot.words("a", "some words", (0.1, 0.5), Words(role="truth")),
    Cells: lambda plot: plot.cells("a", [0.1, 0.9], [0.1, 0.9], [[1.0]]),
}


def nothing(plot):
    """A plot of which nothing is seen."""
