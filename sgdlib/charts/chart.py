"""Chart: a picture that knows no run."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence

from sgdlib.scene import Axis, Panel


class Chart(ABC):
    """A picture that knows no run. A ``Figure`` is made of these, and an ``Animation`` can have one among its views."""

    @abstractmethod
    def axes(self) -> tuple[Axis, Axis]:
        """The two axes, from what it shows alone."""

    @abstractmethod
    def panel(self, axes: tuple[Axis, Axis] | None = None) -> Panel:
        """The panel, on axes of its own if no others are given."""

    @abstractmethod
    def heading(self) -> str:
        """A few words for a title."""

    @abstractmethod
    def alternative(self) -> str:
        """What it shows, for someone who does not see it."""

    @abstractmethod
    def numbers(self) -> list[Sequence[object]]:
        """What it is drawn from: a header, and rows."""
