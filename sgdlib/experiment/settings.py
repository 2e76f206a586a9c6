"""Settings: how a problem is trained, in plain values that a file can hold."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import InitVar, dataclass, field, fields
from typing import Any

from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler

from sgdlib.base import checks
from sgdlib.base.frozen import Frozen, FrozenList
from sgdlib.experiment.problem import Problem
from sgdlib.experiment.samplers import IN_EPOCHS, SAMPLERS, Stages, checked_sizes

Factory = Callable[..., Optimizer]
Schedule = Callable[[Optimizer], LRScheduler]
Statistic = Callable[..., Any]  # called as function(problem, state); returns a real number for each replica, (R,)

RECORDABLE = ("params", "loss", "batches")
TORCH_SGD = "torch.optim.sgd.SGD"  # the qualified name of torch's own SGD, and of nothing else
OWN_STEP = "step"  # among what was "changed": the step of this one optimiser is not its class's


@dataclass(frozen=True, kw_only=True)
class OptimizerSettings:
    """An optimiser, by its class and its settings. ``optimisers.dry_run`` makes it.

    Args:
        name: of its class, for readers; it decides nothing.
        qualified_name: of its class; None in a file from before it was kept, where "SGD" is torch's own.
        settings: those that JSON can hold.
        changed: names of those that differ from the class's own; "step" where this one has a step or hooks of its own.
        factory: what makes it; None for the update that ``train`` makes by itself, and in what comes from a file.
    """

    name: str = "SGD"
    qualified_name: str | None = None
    settings: Mapping[str, Any] = field(default_factory=Frozen)
    changed: Sequence[str] = field(default_factory=lambda: FrozenList([]))
    factory: Factory | None = field(default=None, compare=False, repr=False)

    @property
    def is_sgd(self) -> bool:
        """Whether it is torch's own SGD, with whatever settings: by its class, not by what it is called."""
        return self.qualified_name == TORCH_SGD or (self.qualified_name is None and self.name == "SGD")

    @property
    def is_default_sgd(self) -> bool:
        """Whether every step is parameters − learning rate · gradient."""
        return self.is_sgd and not self.changed


@dataclass(frozen=True, kw_only=True)
class ScheduleSettings:
    """A schedule of the learning rate. ``optimisers.dry_run`` makes it.

    Args:
        name: of its class.
        settings: those that JSON can hold.
        changes: names of the optimiser's settings that it changes beside the learning rate.
        factory: what makes it; None in what comes from a file.
    """

    name: str
    settings: Mapping[str, Any]
    changes: Sequence[str]
    factory: Schedule | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, kw_only=True)
class Settings:
    """How a problem is trained; see ``train`` for what each argument means.

    Args:
        lr, steps, drop_last, seed, replicas, every: as for ``train``.
        batch_size: as for ``train``; a mapping is kept as its items. ``stages`` has either as a mapping.
        start: (p,); None for the problem's own.
        sampler: as for ``train``; None for gradient descent.
        record: as for ``train``, with the name of a statistic alone.
        optimizer, schedule: as ``optimisers.dry_run`` describes them.
        problem: what the settings have to fit, if it is known; it is not kept.

    Raises:
        TypeError, ValueError: as ``train`` does.

    Examples:
        >>> Settings(lr=0.1, batch_size={1: 4, 50: 16}).batch_size
        ((1, 4), (50, 16))
    """

    lr: float = 0.1
    batch_size: int | Mapping[int, int] | Stages | None = 16
    steps: int = 100
    start: Sequence[float] | None = None
    sampler: str | None = "fresh"
    drop_last: bool = False
    seed: int = 0
    replicas: int = 1
    record: Sequence[str] = RECORDABLE
    every: int = 1
    optimizer: OptimizerSettings = OptimizerSettings(qualified_name=TORCH_SGD)
    schedule: ScheduleSettings | None = None
    problem: InitVar[Problem | None] = None

    def __post_init__(self, problem: Problem | None) -> None:
        checks.instance("optimizer", self.optimizer, OptimizerSettings, "an OptimizerSettings, as dry_run makes")
        if self.schedule is not None:
            checks.instance("schedule", self.schedule, ScheduleSettings, "a ScheduleSettings, as dry_run makes")
        n, p = (None, "p") if problem is None else (problem.n, problem.p)
        start = problem.start if problem is not None and self.start is None else self.start
        descends = self.batch_size is None
        sampler = None if descends and self.sampler is None else checks.choice("sampler", self.sampler, SAMPLERS)
        if checks.boolean("drop_last", self.drop_last) and (sampler not in IN_EPOCHS or descends):
            raise ValueError(
                f"drop_last must be False with sampler {sampler!r} and batch_size {self.batch_size}; got True. "
                f"Only {' and '.join(map(repr, IN_EPOCHS))} have a last batch to drop."
            )
        checked = {
            "lr": checks.number("lr", self.lr, above=0.0),
            "batch_size": checked_sizes(self.batch_size, n or checks.LARGEST_COUNT, sampler),
            "steps": checks.integer("steps", self.steps, low=1),
            "start": None if start is None else tuple(checks.array("start", start, (p,)).tolist()),
            "sampler": None if descends else sampler,
            "drop_last": bool(self.drop_last),
            "seed": checks.integer("seed", self.seed, low=0, high=checks.LARGEST_SEED),
            "replicas": checks.integer("replicas", self.replicas, low=1, high=checks.LARGEST_COUNT // (n or 1)),
            "record": record_names(self.record),
            "every": checks.integer("every", self.every, low=1),
        }
        for name, value in checked.items():
            object.__setattr__(self, name, value)

    @property
    def stages(self) -> dict[int, int]:
        """The size of a batch by the first step at which it holds; none for gradient descent."""
        size = self.batch_size
        return {1: size} if isinstance(size, int) else dict(size or ())

    def to_json(self) -> dict[str, Any]:
        """The settings by name, as ``Run.meta`` has them."""
        schedule = None if self.schedule is None else _values(self.schedule)
        return _values(self) | {"optimizer": _values(self.optimizer), "schedule": schedule}

    @classmethod
    def from_json(cls, meta: Mapping[str, Any]) -> Settings:
        """The settings that ``to_json`` wrote, which may be among others. The first files had no optimizer or schedule.

        Raises:
            ValueError: if one is missing.
        """
        names = [each.name for each in fields(cls)]
        given = {name: meta[name] for name in names if name in meta}
        if not {*names[:-2]} <= {*given}:
            raise ValueError(f"meta must have {', '.join(names)}; got {', '.join(meta) or 'none of them'} alone.")
        made = {"optimizer": OptimizerSettings, "schedule": ScheduleSettings}
        return cls(**given | {name: kind(**given[name]) for name, kind in made.items() if given.get(name)})


def record_names(record: Sequence[str | tuple[str, Statistic]]) -> tuple[str, ...]:
    """What is recorded: the library's own first, and in their order."""
    allowed = f"a sequence of different names of {', '.join(map(repr, RECORDABLE))} and pairs (name, function)"
    if isinstance(record, str) or not isinstance(record, Sequence):
        raise TypeError(checks.refusal("record", record, f"{allowed}, at least one"))
    names = []
    for one in record:
        is_pair = isinstance(one, tuple) and len(one) == 2 and callable(one[1]) and one[0] not in RECORDABLE
        if not isinstance(one, str) and not is_pair:
            raise TypeError(checks.refusal("record", one, f"{allowed}, such as ('gradient norm', gradient_norm)"))
        names.append(checks.text("record", one[0] if is_pair else one))
    if not names or len(set(names)) < len(names):
        raise ValueError(checks.refusal("record", record, f"{allowed}, at least one"))
    return tuple(sorted(names, key=(*RECORDABLE, *names).index))


def _values(settings: Settings | OptimizerSettings | ScheduleSettings) -> dict[str, Any]:
    return {each.name: getattr(settings, each.name) for each in fields(settings) if each.compare}
