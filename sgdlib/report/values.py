"""Values: what facts are besides numbers. What decides asks them; ``str`` writes them for readers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sgdlib.base.formats import exact, significant
from sgdlib.base.words import joined, phrase, term

LONGEST = 20  # numbers of a vector that are written


@dataclass(frozen=True)
class Vector:
    """Parameters as a reader would write them; the first of very many.

    Examples:
        >>> str(Vector((-1.0, 1.0)))
        '(−1, 1)'
    """

    values: tuple[float, ...]

    def __str__(self) -> str:
        short = joined("vector", (significant(value, 6) for value in self.values[:LONGEST]))
        return phrase("vector.long" if len(self.values) > LONGEST else "vector", values=short)


@dataclass(frozen=True)
class Share:
    """So many of all.

    Examples:
        >>> str(Share(3, 200))
        '3 of 200'
    """

    count: int
    total: int

    def __str__(self) -> str:
        return phrase("share", part=self.count, total=self.total)


@dataclass(frozen=True)
class Arrival:
    """The step at which something is reached; None for never.

    Examples:
        >>> str(Arrival(57)), str(Arrival(None))
        ('step 57', 'never')
    """

    step: int | None

    def __str__(self) -> str:
        return phrase("arrival.never") if self.step is None else phrase("arrival.step", step=self.step)


@dataclass(frozen=True)
class Sampler:
    """How batches were drawn, by the sampler's name; None for all rows in every step.

    Examples:
        >>> str(Sampler("epochs"))
        'all rows reshuffled for each epoch'
    """

    name: str | None

    def __str__(self) -> str:
        return phrase(f"sampler.{self.name}") if self.name else phrase("sampler.none")


@dataclass(frozen=True)
class BatchSize:
    """How many rows made a step.

    Args:
        size: from the first step on.
        later: (step, size) for each change.

    Examples:
        >>> str(BatchSize(1, ((200, 4),)))
        '1, 4 from step 200'
    """

    size: int
    later: tuple[tuple[int, int], ...] = ()

    def __str__(self) -> str:
        changes = (phrase("batch_size.later", size=size, step=step) for step, size in self.later)
        return joined("comma", (self.size, *changes))


@dataclass(frozen=True)
class Optimiser:
    """What made the steps.

    Args:
        name: of its class; None for gradient descent.
        changed: the settings that differ from its class's own, by name.
        settings: the values of those that can be written.

    Examples:
        >>> str(Optimiser("SGD", ("momentum", "nesterov"), {"momentum": 0.9, "nesterov": True}))
        'SGD with momentum 0.9 and Nesterov’s step'
        >>> str(Optimiser(None))
        'gradient descent'
    """

    name: str | None
    changed: tuple[str, ...] = ()
    settings: Mapping[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        name = phrase("optimiser.descent") if self.name is None else self.name
        if not self.changed:
            return name
        return phrase("optimiser.changed", name=name, settings=joined("and", map(self._setting, self.changed)))

    def _setting(self, name: str) -> str:
        word, value = _setting_name(name), self.settings.get(name)
        if name not in self.settings or value is True:
            return word
        if value is False:
            return phrase("changed.off", name=word)
        return phrase("changed.value", name=word, value=_plain(value))


@dataclass(frozen=True)
class Rates:
    """A learning rate that a schedule changed.

    Args:
        first, last: the first and the last recorded (step, lr).
        lowest, highest: of all that are recorded.
        schedule: the name of its class.
        changes: what else it changed, by name.
    """

    first: tuple[int, float]
    last: tuple[int, float]
    lowest: float
    highest: float
    schedule: str
    changes: tuple[str, ...] = ()

    def __str__(self) -> str:
        (step, lr), (last_step, last_lr) = self.first, self.last
        parts = [phrase("lr.at", lr=significant(lr), step=step)]
        if self.highest > max(lr, last_lr):
            parts.append(phrase("lr.highest", lr=significant(self.highest)))
        if self.lowest < min(lr, last_lr):
            parts.append(phrase("lr.lowest", lr=significant(self.lowest)))
        if last_step > step:
            parts.append(phrase("lr.at", lr=significant(last_lr), step=last_step))
        rates = joined("comma", parts)
        if not self.changes:
            return phrase("lr.schedule", rates=rates, schedule=self.schedule)
        return phrase(
            "lr.changes", rates=rates, schedule=self.schedule, settings=joined("and", map(_setting_name, self.changes))
        )


def _setting_name(name: str) -> str:
    return term("setting", name).replace("_", " ")


def _plain(value: object) -> str:
    """What JSON can hold, as a setting's value."""
    if isinstance(value, list):
        return phrase("vector", values=joined("vector", map(_plain, value)))
    if value is None:
        return phrase("number.none")
    return exact(value) if isinstance(value, (int, float)) else str(value).lower()
