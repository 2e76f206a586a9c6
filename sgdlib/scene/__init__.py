"""What is to be seen, as pure data: the scene, its axes and marks, and the looks that all figures share."""

from sgdlib.scene.marks import Band, Cells, Line, Mark, Point, Points, Shape, Trail, Words
from sgdlib.scene.scene import FORMAT, Axis, Panel, Reading, Readout, Row, Scene, at

__all__ = [
    "FORMAT",
    "Axis",
    "Band",
    "Cells",
    "Line",
    "Mark",
    "Panel",
    "Point",
    "Points",
    "Reading",
    "Readout",
    "Row",
    "Scene",
    "Shape",
    "Trail",
    "Words",
    "at",
]
