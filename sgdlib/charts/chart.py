"""Chart: a picture that knows no run."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence

from sgdlib.base import checks
from sgdlib.base.formats import label_of
from sgdlib.scene import Axis, Plot
from sgdlib.scene.axes import linear, logarithmic

LONGEST = 30  # letters of a label


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


def short_label(name: str, given: object) -> str:
    """A label as it is written; one that is no text, or too long, is refused."""
    label = label_of(checks.text(f"{name}, a label", given))
    if len(label) > LONGEST:
        raise ValueError(checks.refusal(f"{name}, a label", given, f"of at most {LONGEST} letters, to be seen"))
    return label


def axis(label: str, low: float, high: float, log: bool) -> Axis:
    """An axis from one value to another."""
    return logarithmic(label, low, high) if log else linear(label, [low, high], margin=0.0)
