"""What is to be seen, as pure data: the scene, its columns and marks, and the looks that all figures share."""

from sgdlib.scene.marks import MARKS, Band, Cells, Line, Mark, Points, Shape, Trail, Words
from sgdlib.scene.plot import Look, Plot, looks
from sgdlib.scene.scene import FORMAT, Axis, Column, Columns, Panel, Reading, Readout, Row, Scene, at, column, merged

__all__ = [
    "FORMAT",
    "MARKS",
    "Axis",
    "Band",
    "Cells",
    "Column",
    "Columns",
    "Line",
    "Look",
    "Mark",
    "Panel",
    "Plot",
    "Points",
    "Reading",
    "Readout",
    "Row",
    "Scene",
    "Shape",
    "Trail",
    "Words",
    "at",
    "column",
    "looks",
    "merged",
]
