"""Train by stochastic gradient descent, record what happens, and show it.

The road is one way: data, problem, train, Run, views, Scene, film.
"""

from sgdlib import theory
from sgdlib.animation import Animation, AnimationTable, Figure
from sgdlib.curves import Curves
from sgdlib.data import Dataset, noisy_line
from sgdlib.heatmap import HeatMap
from sgdlib.plane import ParameterPlane
from sgdlib.problems import LeastSquares
from sgdlib.ruler import Ruler
from sgdlib.run import Run
from sgdlib.tables import read_csv
from sgdlib.train import train
from sgdlib.views import LineFit, LossCurve, Scatter

__all__ = [
    "Animation",
    "AnimationTable",
    "Curves",
    "Dataset",
    "Figure",
    "HeatMap",
    "LeastSquares",
    "LineFit",
    "LossCurve",
    "ParameterPlane",
    "Ruler",
    "Run",
    "Scatter",
    "noisy_line",
    "read_csv",
    "theory",
    "train",
]
