"""Scenes made by hand, and where their points lie in a picture."""

from __future__ import annotations

import numpy as np

from sgdlib.scene import Axis, Panel, Row, Scene, style


def moving(mark, label="a label", title="a panel", axis=None, frames=2):
    """A scene with one mark on axes from 0 to 1."""
    axis = axis or Axis("x", 0.0, 1.0, ((0.0, "0"), (1.0, "1")))
    return Scene(
        None, "t", "c", "a", tuple(range(frames)), (Row(label, (), (Panel(title, axis, axis, (mark,), 100),)),)
    )


def place(panel, x, y, top, density=1):
    """(row, column), in pixels from the top left, of a point of a panel that starts at ``top``."""
    width = style.WIDTH - style.MARGIN_LEFT - style.MARGIN_RIGHT
    column = style.MARGIN_LEFT + panel.x.fraction(x) * width
    row = top + style.TITLE + (1 - panel.y.fraction(y)) * panel.height
    return density * np.array([row, column])
