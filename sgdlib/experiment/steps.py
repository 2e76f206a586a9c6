"""Steps: training, one state after another. Shapes: R replicas, B rows in a batch, n rows in all, p parameters."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import repeat
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from sgdlib.base import checks
from sgdlib.base.arrays import Array
from sgdlib.experiment.optimisers import Stepper
from sgdlib.experiment.problem import Problem, checked_problem, checked_result
from sgdlib.experiment.samplers import batches
from sgdlib.experiment.settings import Settings


class State(NamedTuple):
    """Where training stands after a step. Its tensors are to be read: training goes on from them.

    Args:
        step: its number; 0 is the start.
        params: (R, p) float64.
        rows: (R, B) int64, the batch of the step; None at the start and for gradient descent.
        lr: the learning rate of the step; at the start, that of the settings.
    """

    step: int
    params: Tensor
    rows: Tensor | None
    lr: float


def steps(problem: Problem, settings: Settings) -> Iterator[State]:
    """Make one step after another; nothing is recorded, and no loss over all rows is computed.

    Args:
        problem: what to minimise.
        settings: whose optimiser and schedule have their factories.

    Yields:
        The state at the start, and after each of ``settings.steps`` steps.

    Raises:
        TypeError, ValueError: if the settings do not fit the problem, before the first state.

    Examples:
        >>> from sgdlib import LeastSquares, noisy_line
        >>> problem = LeastSquares(noisy_line(seed=42))
        >>> for state in steps(problem, Settings(batch_size=None, steps=2)):
        ...     print(state.step, round(problem.loss(state.params).item(), 2))
        0 88.58
        1 57.65
        2 37.75
    """
    settings = replace(settings, problem=checked_problem(problem))
    optimizer, schedule, replicas = settings.optimizer, settings.schedule, settings.replicas
    for described in (schedule, None if optimizer.is_default_sgd else optimizer):
        if described is not None and described.factory is None:
            allowed = f"settings whose {described.name} has its factory, which no file holds"
            raise ValueError(f"{checks.refusal('settings', settings, allowed)} Make it with optimisers.dry_run.")
    params = torch.from_numpy(np.tile(np.array(settings.start), (replicas, 1)))  # (R, p)
    yield State(0, params, None, settings.lr)
    drawn: Iterator[Tensor | None] = repeat(None)
    if settings.sampler is not None:
        drawn = batches(
            settings.sampler,
            n=problem.n,
            batch_size=settings.stages,
            replicas=replicas,
            drop_last=settings.drop_last,
            generator=torch.Generator().manual_seed(settings.seed),
        )
    stepper = None if optimizer.factory is None and schedule is None else Stepper(params, settings)
    for step, rows in zip(range(1, settings.steps + 1), drawn, strict=False):
        gradient = problem.gradient(params, rows)  # (R, p)
        if step == 1:
            checked_result("gradient", problem, gradient, (replicas, problem.p))
        if stepper is None:
            params = torch.from_numpy(params.numpy() - settings.lr * as_array(gradient))
        else:
            params = stepper.step(gradient)
        yield State(step, params, rows, settings.lr if stepper is None else stepper.lr)


def as_array(values: Tensor) -> Array:
    """A problem's numbers for NumPy, which parts its work among no threads: they would wait on a busy machine."""
    return values.detach().to(torch.float64).numpy()
