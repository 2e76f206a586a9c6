"""Replicas: how a run with several of them is drawn beside its median."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sgdlib.experiment.run import Run
from sgdlib.scene import Line, Look, Plot, Points, Trail
from sgdlib.scene.axes import straight

SINGLES = 3  # single runs drawn thin
LINES = 30  # of LineFit
CLOUD = 200  # points of ParameterPlane
DIGITS = 3  # of a coordinate among many: to a thousandth of the axis


def role(run: Run) -> str:
    """What the main mark of a run stands for."""
    return "model" if run.replicas == 1 else "ensemble"


def singles(plot: Plot, paths: list[NDArray[np.float64]], look: Look, x: str = "") -> None:
    """Single runs, thin.

    Args:
        plot: where they are drawn.
        paths: (k, 2) each, where a run was, in the axes' units.
        look: of the runs that they are of.
        x: as for ``Plot.mark``.
    """
    for k, path in enumerate(paths):
        plot.mark(f"single {k}", Trail(role="model", width=0.8, shape=look.shape, size=5.0), path, look, x)


def cloud(plot: Plot, run: Run, look: Look) -> None:
    """Where the first runs are at each frame."""
    places = run.params[:CLOUD, plot.slots].swapaxes(0, 1)  # (F, R, 2)
    plot.mark("cloud", Points(role="ensemble", size=4.0), places, look, digits=DIGITS)


def lines(plot: Plot, run: Run, look: Look) -> None:
    """The lines of the first runs at each frame: one mark with gaps."""
    ends = straight(plot.x, plot.y, run.params[:LINES, plot.slots].swapaxes(0, 1))  # (F, R, 2, 2)
    gaps = np.full_like(ends[:, :, :1], np.nan)
    through = np.concatenate([ends, gaps], axis=2).reshape(len(ends), -1, 2)
    plot.mark("lines", Line(role="model", width=0.8), through, look, digits=DIGITS)
