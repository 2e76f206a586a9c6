"""Crowd: how a run with several replicas is drawn beside its median."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from sgdlib.experiment.replicas import HIGH, LOW, percentile
from sgdlib.experiment.run import Run
from sgdlib.scene import Axis, Band, Line, Point, Points, Trail
from sgdlib.scene.axes import drawable, straight, thinned
from sgdlib.views.view import TRAIL, Look

SINGLES = 3  # single runs drawn thin
LINES = 30  # of LineFit
CLOUD = 200  # points of ParameterPlane
DIGITS = 3  # of a coordinate in a crowd: to a thousandth of the axis, for there are many


def role(run: Run) -> str:
    """What the main mark of a run stands for."""
    return "model" if run.replicas == 1 else "ensemble"


def band(x: Axis, y: Axis, run: Run, slots: NDArray[np.int64], look: Look) -> Band:
    """The band that holds eight in ten losses, up to each frame."""
    kept = np.union1d(thinned(len(run.steps), TRAIL), slots)
    steps = run.steps[kept].astype(np.float64)
    upper, lower = (drawable(x, y, np.stack([steps, percentile(run.loss[:, kept], q)], axis=1)) for q in (HIGH, LOW))
    shown = tuple(np.searchsorted(kept, slots, side="right").tolist())
    return Band(upper, lower, shown, "ensemble", look.order)


def singles(x: Axis, y: Axis, paths: NDArray[np.float64], slots: NDArray[np.int64], look: Look) -> list[Trail]:
    """The first few runs, thin.

    Args:
        x, y: the panel's axes.
        paths: (R, k, 2) where each run was, in the axes' units.
        slots: (F,) for each frame, which recorded step it shows.
        look: the run's.
    """
    kept = np.union1d(thinned(paths.shape[1], TRAIL), slots)
    shown = tuple(np.searchsorted(kept, slots, side="right").tolist())
    return [
        Trail(drawable(x, y, path[kept]), shown, "model", width=0.8, shape=look.shape, size=5.0, order=look.order)
        for path in paths[:SINGLES]
    ]


def cloud(x: Axis, y: Axis, run: Run, slots: NDArray[np.int64], look: Look) -> Points:
    """Where the first runs are at each frame."""
    places = run.params[:CLOUD, slots]  # (R, F, 2)
    frames = tuple(drawable(x, y, places[:, frame], DIGITS) for frame in range(len(slots)))
    return Points(frames, "ensemble", size=4.0, order=look.order)


def lines(x: Axis, y: Axis, run: Run, slots: NDArray[np.int64], look: Look) -> Line:
    """The lines of the first runs at each frame: one mark with gaps."""
    frames: list[tuple[Point, ...]] = []
    for slot in slots:
        ends: list[Point] = []
        for slope, intercept in run.params[:LINES, slot].tolist():
            ends += [*straight(x, y, slope, intercept, DIGITS), (math.nan, math.nan)]
        frames.append(tuple(ends))
    return Line(tuple(frames), "model", width=0.8, order=look.order)
