"""Recorder: keeps of the states of a training what was asked for, and makes the Run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from sgdlib.base import arrays, checks
from sgdlib.base.arrays import Array
from sgdlib.experiment.problem import Problem, checked_result
from sgdlib.experiment.run import Outcome, Run
from sgdlib.experiment.settings import RECORDABLE, Settings, Statistic
from sgdlib.experiment.steps import State, as_array, steps

DIVERGED = 1e6  # a loss this many times the loss at the start counts as diverged


class Recorder:
    """Keeps the states of ``steps`` that settings ask for, given in their order.

    Args:
        problem: what is trained.
        settings: of which record, every, steps, replicas and batch size are used.
        statistics: a function for each name in ``settings.record`` that is not of the library's own; see ``train``.

    Raises:
        ValueError: if a name has no function, or if the arrays would be too large.

    Examples:
        >>> from sgdlib import LeastSquares, noisy_line, train
        >>> problem, settings = LeastSquares(noisy_line()), Settings(steps=20, every=5)
        >>> recorder = Recorder(problem, settings, {})
        >>> for state in steps(problem, settings):
        ...     recorder.add(state)
        >>> recorder.run(settings) == train(problem, steps=20, every=5)
        True
    """

    def __init__(self, problem: Problem, settings: Settings, statistics: Mapping[str, Statistic]):
        for name in settings.record:
            checks.choice("record", name, (*RECORDABLE, *statistics))
        replicas, last, every = settings.replicas, settings.steps, settings.every
        width = {"params": problem.p, "batches": max(settings.stages.values(), default=0)}
        numbers = replicas * (last // every + 2) * sum(width.get(name, 1) for name in settings.record)
        if numbers > checks.LARGEST_COUNT:
            raise ValueError(
                f"record must be of at most {checks.LARGEST_COUNT} numbers; got {', '.join(settings.record)} at "
                f"every={every} of {last} steps and {replicas} replicas, {numbers} numbers. Record less, or with a "
                "larger every."
            )
        self._problem, self._statistics = problem, statistics
        self._steps = np.unique(np.append(np.arange(0, last, every), last))
        self._recorded: dict[str, NDArray[Any] | None] = {}
        for name in settings.record:
            self._recorded[name] = np.empty((replicas, len(self._steps), *[problem.p] * (name == "params")))
        if "batches" in settings.record:
            shape = (replicas, len(self._steps) - 1, width["batches"])
            self._recorded["batches"] = np.full(shape, -1) if settings.stages else None
        self._start: list[float] = []  # (p,) at the first state
        self._limit = np.empty(replicas)  # of the loss of each replica that has not diverged
        self._diverged_at = np.zeros(replicas, dtype=np.int64)  # 0 for never
        self._lrs: list[float] = []

    def add(self, state: State) -> None:
        """Keep the next state, if its step is one of those that are recorded.

        Raises:
            TypeError, ValueError: if what the loss or a statistic returns is not of shape (R,); if the loss at the
                start is not finite.
        """
        slot = len(self._lrs)
        if slot == len(self._steps) or state.step != self._steps[slot]:
            return
        given = self._problem.loss(state.params)
        if state.step == 0:
            checked_result("loss", self._problem, given, self._limit.shape)
        params, loss = state.params.numpy(), as_array(given)  # (R, p), (R,)
        if state.step == 0:
            self._start = params[0].tolist()
            if not np.isfinite(loss).all():
                raise ValueError(f"start must be where the loss is finite; got {self._start}, where it is {loss[0]:g}.")
            # a start that fits exactly has loss 0, and rounding alone would pass a million times that
            self._limit = DIVERGED * loss.clip(min=np.finfo(np.float64).eps)
        self._diverged_at[_is_beyond(loss, self._limit) & (self._diverged_at == 0)] = state.step
        self._lrs.append(state.lr)
        for name, array in self._recorded.items():
            if name == "batches":
                if array is not None and state.rows is not None:
                    array[:, slot - 1, : state.rows.shape[1]] = state.rows.numpy()
            elif array is not None:
                array[:, slot] = params if name == "params" else loss if name == "loss" else self._value(name, state)

    def _value(self, name: str, state: State) -> NDArray[Any]:
        """(R,): what a statistic makes of a state."""
        given, replicas = self._statistics[name](self._problem, state), len(self._limit)
        allowed = f"a function that returns real numbers of shape ({replicas},), one for each replica"
        try:
            values = arrays.plain(given)
        except (arrays.UnfitError, ValueError, TypeError, RuntimeError, OverflowError):
            raise TypeError(checks.refusal(f"record, {name!r},", given, allowed)) from None
        if values.dtype.kind not in "iuf":
            raise TypeError(checks.refusal(f"record, {name!r},", given, allowed))
        if values.shape != (replicas,):
            raise ValueError(f"record, {name!r}, must be {allowed}; got shape {values.shape}.")
        return values

    def run(self, settings: Settings) -> Run:
        """What was recorded of the states that were made with these settings, all of which have been added."""
        if len(self._lrs) < len(self._steps):
            got = f"{len(self._lrs)} of {len(self._steps)}"
            raise ValueError(f"add must have been called with every state before run; got {got} that are recorded.")
        lrs = None if settings.schedule is None else self._lrs[1:]
        for array in self._recorded.values():
            if array is not None:
                array.flags.writeable = False  # so that the record need not copy it
        return Run(
            problem=self._problem,
            meta=settings.to_json() | {"start": self._start, "lrs": lrs, "torch": torch.__version__},
            steps=self._steps,
            outcome=tuple(Outcome(step or None) for step in self._first_beyond(settings).tolist()),
            recorded=self._recorded,
        )

    def _first_beyond(self, settings: Settings) -> NDArray[np.int64]:
        """(R,): the step from which a replica that was seen to have diverged had; 0 for one that was not.

        Between recorded steps the loss is not known: the steps are made again up to where it was seen.
        """
        first = self._diverged_at.copy()
        left = np.flatnonzero(first) if settings.every > 1 else np.empty(0, dtype=np.int64)
        states = steps(self._problem, settings)
        while len(left):
            state = next(states)
            lost = _is_beyond(as_array(self._problem.loss(state.params[left])), self._limit[left])
            first[left[lost]] = state.step
            left = left[~lost & (first[left] > state.step + 1)]
        return first


def _is_beyond(loss: Array, limit: Array) -> NDArray[np.bool_]:
    return ~(np.isfinite(loss) & (loss <= limit))
