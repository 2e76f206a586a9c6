"""Chart: a picture that knows no run."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence

from sgdlib.scene import Axis, Plot


class Chart(ABC):
    """A picture that knows no run. A ``Figure`` is made of these, and an ``Animation`` can have one among its views."""

    @abstractmethod
    def axes(self) -> tuple[Axis, Axis]:
        """The two axes, from what it shows alone."""

    @abstractmethod
    def draw(self, plot: Plot) -> None:
        """Draw it, on its own axes."""

    @abstractmethod
    def heading(self) -> str:
        """A few words for a title."""

    @abstractmethod
    def alternative(self) -> str:
        """What it shows, for someone who does not see it."""

    @abstractmethod
    def numbers(self) -> list[Sequence[object]]:
        """What it is drawn from: a header, and rows."""
