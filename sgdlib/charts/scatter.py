"""Scatter: the points of a data set."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sgdlib.base import checks
from sgdlib.base.csv_text import distinct
from sgdlib.base.formats import significant
from sgdlib.charts.chart import Chart
from sgdlib.experiment.data import Dataset
from sgdlib.scene import Axis, Panel, Points
from sgdlib.scene.axes import drawable, linear


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

    def panel(self, axes: tuple[Axis, Axis] | None = None) -> Panel:
        """The points alone."""
        x, y = axes or self.axes()
        return Panel(f"{self.data.n} points", x, y, (data_points(self.data, x, y),), height=190)

    def heading(self) -> str:
        """How many points there are."""
        return f"{self.data.n} data points"

    def alternative(self) -> str:
        """The ranges of the points."""
        pairs = (self.data.x[:, 0], self.data.y)
        (x0, x1), (y0, y1) = ((significant(v.min().item()), significant(v.max().item())) for v in pairs)
        return f"Scatter plot of {self.data.n} points: x from {x0} to {x1}, y from {y0} to {y1}."

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


def data_points(data: Dataset, x: Axis, y: Axis) -> Points:
    """Every point of a data set, as a ring."""
    pairs = np.stack([data.x[:, 0].numpy(), data.y.numpy()], axis=1)
    return Points((drawable(x, y, pairs),), "data", shape="ring", size=5)
