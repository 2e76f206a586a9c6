"""Scatter: the points of a data set."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sgdlib.base import checks
from sgdlib.base.csv_text import distinct
from sgdlib.base.formats import significant
from sgdlib.base.words import counted, phrase
from sgdlib.charts.chart import Chart
from sgdlib.experiment.data import Dataset
from sgdlib.scene import Axis, Plot, Points
from sgdlib.scene.axes import linear


@dataclass(frozen=True)
class Scatter(Chart):
    """The points of a data set. For a ``Figure``, or behind nothing in an ``Animation``.

    Args:
        data: a Dataset with one column beside the column of ones.

    Raises:
        TypeError: if ``data`` is not a Dataset.
        ValueError: if it is not a line's.
    """

    data: Dataset

    def __post_init__(self) -> None:
        checks.instance("data", self.data, Dataset, "a Dataset, such as noisy_line() makes")
        need_line("data", self.data)

    def axes(self) -> tuple[Axis, Axis]:
        """From the data alone."""
        return linear("x", self.data.x[:, 0]), linear("y", self.data.y)

    def draw(self, plot: Plot) -> None:
        """The points alone."""
        plot.title, plot.height = counted("points", self.data.n), 190
        plot.mark("data", Points(role="data", shape="ring"), pairs(self.data))

    def heading(self) -> str:
        """How many points there are."""
        return counted("scatter.title", self.data.n)

    def alternative(self) -> str:
        """The ranges of the points."""
        low, high = ([significant(end) for end in ends] for ends in (pairs(self.data).min(0), pairs(self.data).max(0)))
        points = counted("points", self.data.n)
        return phrase("scatter.alt", points=points, x0=low[0], x1=high[0], y0=low[1], y1=high[1])

    def numbers(self) -> list[Sequence[object]]:
        """Every point under a header: x, or one column for each parameter, and y."""
        columns = ("x",) if self.data.names == ("slope", "intercept") else self.data.names
        points = zip(self.data.x.tolist(), self.data.y.tolist(), strict=True)
        return [(*distinct("y", *columns)[1:], "y"), *((*x[: len(columns)], y) for x, y in points)]


def need_line(name: str, data: Dataset) -> None:
    """Refuse data that are no points of a plane."""
    if not data.is_line:
        raise ValueError(
            f"{name} must have two columns, the second all ones, to be drawn as a line; "
            f"got {data.p} columns for the parameters {', '.join(data.names)}. Use LossCurve, which draws any data."
        )


def pairs(data: Dataset) -> NDArray[np.float64]:
    """(n, 2): every point of a data set."""
    return np.stack([data.x[:, 0].numpy(), data.y.numpy()], axis=1)
