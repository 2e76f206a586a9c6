"""Train by stochastic gradient descent, record what happens, and show it.

The road is one way: data, problem, train, Run, views, Scene, film.
"""

from sgdlib import theory
from sgdlib.charts.curves import Curves
from sgdlib.charts.heatmap import HeatMap
from sgdlib.charts.ruler import Ruler
from sgdlib.charts.scatter import Scatter
from sgdlib.experiment.data import Dataset, noisy_line
from sgdlib.experiment.least_squares import LeastSquares
from sgdlib.experiment.problem import Problem
from sgdlib.experiment.run import Run
from sgdlib.experiment.tables import read_csv
from sgdlib.experiment.train import train
from sgdlib.figures.animation import Animation, AnimationTable, Figure
from sgdlib.render import web as web
from sgdlib.views.fit import LineFit
from sgdlib.views.loss import LossCurve
from sgdlib.views.plane import ParameterPlane

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
    "Problem",
    "Ruler",
    "Run",
    "Scatter",
    "noisy_line",
    "read_csv",
    "theory",
    "train",
]
