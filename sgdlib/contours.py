"""Contours of a least-squares loss: ellipses, exactly."""

from __future__ import annotations

import math

import numpy as np

from sgdlib.axes import drawable
from sgdlib.facts import significant
from sgdlib.problems import LeastSquares
from sgdlib.scene import Axis, Line, Mark, Words


def contours(problem: LeastSquares, highest: float, x: Axis, y: Axis) -> list[Mark]:
    """Ellipses of equal loss, each labelled with it.

    With e = a − a*, the loss is the lowest plus ½ eᵀHe, so an ellipse has the Hessian's eigenvectors for axes
    and half-lengths √(2 (loss − lowest) / eigenvalue).

    Args:
        problem: least squares with two parameters and one minimiser.
        highest: the highest loss that matters.
        x, y: the panel's axes.
    """
    lowest, best = problem.lowest_loss, problem.minimiser.numpy()
    values, vectors = np.linalg.eigh(problem.hessian.numpy())
    angles = np.linspace(0.0, 2 * np.pi, 97)
    circle = np.stack([np.cos(angles), np.sin(angles)])  # (2, m)
    marks: list[Mark] = []
    for level in _levels(lowest, highest):
        stretch = np.sqrt(2 * (level - lowest) / values)
        ellipse = drawable(x, y, best + (vectors @ (stretch[:, None] * circle)).T)
        marks.append(Line((ellipse,), "level", width=1.0))
        # labelled where it passes nearest to the lower right, away from the path
        seen = [p for p in ellipse if 0.1 < x.fraction(p[0]) < 0.93 and 0.06 < y.fraction(p[1]) < 0.94]
        if seen:
            place = max(seen, key=lambda p: x.fraction(p[0]) - 2 * y.fraction(p[1]))
            marks.append(Words((significant(level, 3),), (place,), "note", align="center"))
    return marks


def _levels(lowest: float, highest: float) -> list[float]:
    """Losses to draw contours at: 1, 3, 10, 30, … where they fit, else fractions of the way down."""
    span = highest - lowest
    power = math.floor(math.log10(highest)) if highest > 0 else 0
    round_ones = [factor * 10.0**k for k in range(power - 3, power + 1) for factor in (1, 3)]
    fitting = [level for level in round_ones if lowest + span / 200 < level <= 1.5 * highest]
    if len(fitting) >= 3 or span <= 0:
        return fitting
    return [lowest + span / 4.0**k for k in range(4)]
