"""Optimisers and schedules of torch.optim: run dry before the first step, driven, and described.

Replicas are the rows of one tensor, so an optimiser must treat each row as if it were alone. That is not
read off a list of names: an optimiser is run on two rows together and on each by itself.
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any, TypeVar

import torch
from torch import Tensor
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler

from sgdlib.base import checks
from sgdlib.base.frozen import Frozen, FrozenList
from sgdlib.experiment.settings import (
    OWN_STEP,
    TORCH_SGD,
    Factory,
    OptimizerSettings,
    Schedule,
    ScheduleSettings,
    Settings,
)

T = TypeVar("T")

OPTIMIZER = (
    "a factory of a torch.optim.Optimizer, called as optimizer([params], lr=lr), such as torch.optim.Adam "
    "or functools.partial(torch.optim.SGD, momentum=0.9)"
)
SCHEDULE = (
    "a factory of a torch.optim.lr_scheduler, called as schedule(optimizer), such as "
    "functools.partial(torch.optim.lr_scheduler.StepLR, step_size=100)"
)
HOW = ("foreach", "fused", "capturable", "differentiable")  # how it is computed, not what
TRIES = 3  # updates of a dry run


class Stepper:
    """Parameters, and the optimiser that moves them.

    Args:
        params: (R, p) the start; it is not changed.
        settings: whose optimiser and schedule have factories; without one the optimiser is torch's plain SGD.

    Attributes:
        lr: the learning rate of the last step made.

    Examples:
        >>> stepper = Stepper(torch.tensor([[1.0, 2.0]]), Settings(lr=0.5))
        >>> stepper.step(torch.tensor([[1.0, 0.0]])).tolist()
        [[0.5, 2.0]]
    """

    def __init__(self, params: Tensor, settings: Settings):
        # a single replica is a plain vector, as it is anywhere else: some optimisers treat a matrix otherwise
        self._leaf = (params[0] if len(params) == 1 else params).detach().clone().requires_grad_()
        self._optimizer = (settings.optimizer.factory or torch.optim.SGD)([self._leaf], lr=settings.lr)
        schedule = None if settings.schedule is None else settings.schedule.factory
        self._schedule = None if schedule is None else schedule(self._optimizer)
        self._shape = params.shape
        self.lr = settings.lr

    def step(self, gradient: Tensor) -> Tensor:
        """Make one update.

        Args:
            gradient: (R, p).

        Returns:
            (R, p) the new parameters.
        """
        self.lr = float(self._optimizer.param_groups[0]["lr"])
        self._leaf.grad = gradient.reshape(self._leaf.shape)
        self._optimizer.step()
        if self._schedule is not None:
            self._schedule.step()
        return self._leaf.detach().clone().view(self._shape)


def dry_run(settings: Settings, p: int, optimizer: Factory | None, schedule: Schedule | None) -> Settings:
    """The settings with the optimiser and the schedule that these make; what cannot train is refused.

    They are run on made-up numbers, a schedule to its end, so that one that is too short is refused before training.

    Args:
        settings: of which learning rate, steps and replicas are used.
        p: how many parameters there are.
        optimizer, schedule: as for ``train``.

    Raises:
        TypeError: if an argument is no factory at all.
        ValueError: if what it makes does not fit.

    Examples:
        >>> kinds = [torch.optim.SGD, partial(torch.optim.SGD, momentum=0.9), torch.optim.Adam]
        >>> made = [dry_run(Settings(), 2, kind, None).optimizer for kind in kinds]
        >>> [(one.name, one.changed, one.is_sgd, one.is_default_sgd) for one in made]
        [('SGD', [], True, True), ('SGD', ['momentum'], True, False), ('Adam', [], False, False)]
    """
    if optimizer is None and schedule is None:
        return settings
    lr, replicas = settings.lr, settings.replicas
    factory = torch.optim.SGD if optimizer is None else optimizer
    if not callable(factory):
        raise TypeError(checks.refusal("optimizer", optimizer, OPTIMIZER))
    if schedule is not None and not callable(schedule):
        raise TypeError(checks.refusal("schedule", schedule, SCHEDULE))
    start = torch.linspace(-1.0, 2.0, 2 * p, dtype=torch.float64).reshape(2, p)
    made = _optimizer(factory, start[0].clone().requires_grad_(), lr)
    name, own_settings = type(made).__name__, _settings(made)
    alone = [_attempt("optimizer", OPTIMIZER, factory, partial(_path, row, factory, lr)) for row in start]
    if replicas > 1:
        together = _attempt("optimizer", OPTIMIZER, factory, partial(_path, start, factory, lr))
        if not torch.allclose(together, torch.stack(alone), rtol=1e-9, atol=1e-12, equal_nan=True):
            raise ValueError(
                f"optimizer must be one that treats each number by itself where replicas is above 1; got {name} and "
                f"replicas {replicas}, and in it one replica would change another. Train with replicas=1."
            )
    arguments = inspect.signature(type(made)).parameters
    defaults = {key: one.default for key, one in arguments.items() if key not in HOW}
    changed = [key for key, value in own_settings.items() if key in defaults and value != defaults[key]]
    changed += [OWN_STEP] if _has_own_step(made) else []
    described = OptimizerSettings(
        name=name,
        qualified_name=_qualified_name(type(made)),
        settings=_plain(own_settings),
        changed=FrozenList(changed),
        factory=factory,
    )
    scheduled = None if schedule is None else _schedule(schedule, made, settings.steps)
    return replace(settings, optimizer=described, schedule=scheduled)


def _qualified_name(kind: type) -> str:
    """A class's module and name; one that only says that it is torch's SGD is told from it."""
    if kind is torch.optim.SGD:
        return TORCH_SGD
    name = f"{kind.__module__}.{kind.__qualname__}"
    return f"{name} (another)" if name == TORCH_SGD else name


def _has_own_step(optimiser: Optimizer) -> bool:
    """Whether one optimiser steps otherwise than its class does."""
    hooks = (getattr(optimiser, f"_optimizer_step_{when}_hooks", None) for when in ("pre", "post"))
    return "step" in vars(optimiser) or any(hooks)


def _attempt(name: str, allowed: str, given: object, call: Callable[[], T]) -> T:
    """What ``call`` returns; whatever it raises becomes a refusal."""
    try:
        return call()
    except Exception as error:
        words = f"{type(error).__name__}: {error}"[:200]
        raise ValueError(f"{checks.refusal(name, given, allowed)} It raised {words}") from error


def _optimizer(factory: Factory, leaf: Tensor, lr: float) -> Optimizer:
    made = _attempt("optimizer", OPTIMIZER, factory, lambda: factory([leaf], lr=lr))
    if not isinstance(made, Optimizer):
        raise ValueError(f"{checks.refusal('optimizer', factory, OPTIMIZER)} It made a {type(made).__name__}.")
    if [id(one) for group in made.param_groups for one in group["params"]] != [id(leaf)]:
        raise ValueError(
            f"optimizer must be one that takes the parameters it is called with; got {factory!r:.100}, with others."
        )
    if made.param_groups[0].get("lr") != lr:
        raise ValueError(
            f"optimizer must be one that takes the lr it is called with; got {factory!r:.100}, which has "
            f"{made.param_groups[0].get('lr')!r} where it was called with {lr}. Say lr= to train instead."
        )
    if _needs(made.step):
        raise ValueError(
            f"optimizer must be one that makes a step from one gradient; got {type(made).__name__}, which needs "
            f"{_needs(made.step)!r} to measure the loss anew. Take another, such as torch.optim.Adam."
        )
    return made


def _needs(step: Callable[..., object]) -> str | None:
    """The first argument that a step cannot do without."""
    arguments = inspect.signature(step).parameters.values()
    plain = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    return next((one.name for one in arguments if one.kind in plain and one.default is one.empty), None)


def _path(start: Tensor, factory: Factory, lr: float) -> Tensor:
    """(p,) or (2, p): where made-up gradients lead, large and small ones side by side."""
    leaf = start.clone().requires_grad_()
    made = factory([leaf], lr=lr)
    for step in range(1, TRIES + 1):
        leaf.grad = (start + step) * (0.01 + 99.99 * (start > 0.5).double())
        made.step()
    return leaf.detach()


def _schedule(schedule: Schedule, optimiser: Optimizer, steps: int) -> ScheduleSettings:
    """Run a schedule to its end on an optimiser that trains nothing."""
    before = _settings(optimiser)
    made = _attempt("schedule", SCHEDULE, schedule, lambda: schedule(optimiser))
    if not isinstance(made, LRScheduler) or getattr(made, "optimizer", None) is not optimiser:
        other = " of another optimizer" if isinstance(made, LRScheduler) else ""
        raise ValueError(f"{checks.refusal('schedule', schedule, SCHEDULE)} It made a {type(made).__name__}{other}.")
    name = type(made).__name__
    if _needs(made.step):
        raise ValueError(
            f"schedule must be one that goes by the number of the step alone; got {name}, which needs "
            f"{_needs(made.step)!r}. Take another, such as torch.optim.lr_scheduler.StepLR."
        )
    hidden = ("optimizer", "base_lrs", "last_epoch")  # given by the rest of the record
    settings = _plain({key: value for key, value in vars(made).items() if key not in hidden and key[0] != "_"})
    changes = set()
    (leaf,) = optimiser.param_groups[0]["params"]
    leaf.grad = torch.zeros_like(leaf)
    for step in range(1, steps + 1):
        _learning_rate(schedule, optimiser.param_groups[0]["lr"], step)
        now = _settings(optimiser)
        changes |= {key for key in before if now.get(key) != before[key]}
        if step == 1:
            optimiser.step()  # a schedule warns if nothing was trained before it
        _attempt(f"schedule, in step {step} of {steps},", SCHEDULE, schedule, made.step)
    return ScheduleSettings(name=name, settings=settings, changes=FrozenList(sorted(changes)), factory=schedule)


def _learning_rate(schedule: Schedule, given: Any, step: int) -> None:
    try:
        fits = math.isfinite(given) and given >= 0
    except (TypeError, ValueError, OverflowError, RuntimeError):
        fits = False
    if not fits:
        raise ValueError(
            f"schedule must give finite learning rates of at least 0; got {given!r:.60} in step {step}, "
            f"from {schedule!r:.100}."
        )


def _settings(optimiser: Optimizer) -> dict[str, Any]:
    settings = {key: value for key, value in optimiser.param_groups[0].items() if key not in ("params", "lr")}
    return {key: value.item() if getattr(value, "shape", None) == () else value for key, value in settings.items()}


def _plain(settings: dict[str, Any]) -> Frozen:
    """Those settings that JSON can hold, as it holds them."""
    plain = {key: value for key, value in settings.items() if _is_plain(value)}
    return Frozen(checks.settings("settings", plain))


def _is_plain(value: object) -> bool:
    if isinstance(value, (tuple, list)):
        return all(map(_is_plain, value))
    return value is None or isinstance(value, (str, int)) or (isinstance(value, float) and math.isfinite(value))
