"""Run: the record of what happened in a training run."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sgdlib.base import checks, files
from sgdlib.base.arrays import Array
from sgdlib.base.frozen import Frozen
from sgdlib.base.words import phrase
from sgdlib.experiment import kinds
from sgdlib.experiment.problem import Problem, checked_problem
from sgdlib.experiment.recorded import dtype_of, fits, nullable, same, sealed
from sgdlib.experiment.settings import RECORDABLE, Settings

FORMAT = "sgdlib run 1"


@dataclass(frozen=True)
class Outcome:
    """How a replica ended.

    Args:
        diverged_at: the first step whose loss on all rows was not finite, or more than a million times the
            loss at the start; None if there was none. The loss is looked at where steps are recorded: one that rises
            so far and falls again between two of them is not seen.

    Examples:
        >>> str(Outcome()), str(Outcome(37))
        ('finished', 'diverged at step 37')
    """

    diverged_at: int | None = None

    def __post_init__(self) -> None:
        if self.diverged_at is not None:
            checks.integer("diverged_at", self.diverged_at, low=1)

    def __str__(self) -> str:
        step = self.diverged_at
        return phrase("outcome.finished") if step is None else phrase("outcome.diverged", step=step)


@dataclass(frozen=True, eq=False, repr=False)
class Run:
    """What happened, never changed afterwards. ``train`` makes it.

    Shapes: R replicas, k recorded steps, p parameters, B rows in a batch.

    Args:
        problem: what was trained.
        meta: every setting and seed, JSON-able, as ``Settings.to_json`` writes them; ``settings`` reads them.
        steps: (k,) the recorded step numbers, from 0.
        outcome: one a replica.
        recorded: the arrays that were asked for, by name; "batches" is None for gradient descent, a statistic of
            an author's own is (R, k) float64.

    Attributes:
        params: (R, k, p) float64; ``[:, 0]`` is the start.
        loss: (R, k) float64, on all rows, at ``params``.
        batches: (R, k − 1, B) int64, the rows of the recorded steps after the start; −1 pads a partial
            batch; None for gradient descent.
    All of them are read-only: ``torch.tensor(run.params)`` and ``run.params.copy()`` make copies that are yours to
    change, where ``torch.from_numpy`` would warn of memory that it must not write to.

    Raises:
        TypeError: if an argument is of the wrong type.
        ValueError: if the shapes do not fit together.

    Examples:
        >>> from sgdlib import LeastSquares, noisy_line, train
        >>> run = train(LeastSquares(noisy_line()), lr=0.1, batch_size=16, steps=20, seed=0)
        >>> run.params.shape, run.loss.shape, run.batches.shape, str(run.outcome[0])
        ((1, 21, 2), (1, 21), (1, 20, 16), 'finished')
    """

    problem: Problem
    meta: Mapping[str, Any]
    steps: NDArray[np.int64]
    outcome: tuple[Outcome, ...]
    recorded: Mapping[str, NDArray[Any] | None]

    def __post_init__(self) -> None:
        checked_problem(self.problem)
        meta = checks.settings("meta", self.meta)
        checks.instance("recorded", self.recorded, Mapping, "a mapping of names to arrays")
        steps = checks.array("steps", self.steps, ("k",))
        if steps[0] != 0 or (np.diff(steps) <= 0).any() or (steps % 1 != 0).any():
            raise ValueError(checks.refusal("steps", self.steps, "whole numbers that start at 0 and grow"))
        outcome = tuple(checks.instance("outcome", self.outcome, tuple, "a tuple of Outcome, one a replica"))
        if not outcome or not all(isinstance(one, Outcome) for one in outcome):
            raise TypeError(checks.refusal("outcome", self.outcome, "a tuple of Outcome, one a replica"))
        shapes = {
            "params": (len(outcome), len(steps), self.problem.p),
            "loss": (len(outcome), len(steps)),
            "batches": (len(outcome), len(steps) - 1, None),
        }
        if not self.recorded:
            raise ValueError(checks.refusal("recorded", self.recorded, "at least one of params, loss, batches"))
        record = meta["record"] if isinstance(meta.get("record"), list) else []
        names = [*RECORDABLE, *(name for name in record if name not in RECORDABLE)]  # the latter are statistics
        for name, values in self.recorded.items():
            checks.choice("recorded name", name, names)
            if values is not None or name != "batches":
                fits(name, values, shapes.get(name, shapes["loss"]))
        batches, n = self.recorded.get("batches"), self.problem.n
        if batches is not None and ((batches < -1) | (batches >= n)).any():
            raise ValueError(f"recorded batches must be row numbers from 0 to {n - 1}, or −1 for none; got others.")
        recorded = Frozen({name: sealed(values) for name, values in self.recorded.items()})
        kept = {"steps": sealed(steps.astype(np.int64)), "meta": Frozen(meta), "recorded": recorded}
        for name, value in kept.items():
            object.__setattr__(self, name, value)

    def _read(self, name: str) -> Any:
        if name not in self.recorded:
            kept = ", ".join(self.recorded)
            raise AttributeError(
                f"{name} of this run was not recorded, only {kept}. Train again with record={(*self.recorded, name)}."
            )
        return self.recorded[name]

    @property
    def params(self) -> Array:
        """(R, k, p): the parameters at each recorded step."""
        return self._read("params")

    @property
    def loss(self) -> Array:
        """(R, k): the loss on all rows at each recorded step."""
        return self._read("loss")

    @property
    def batches(self) -> NDArray[np.int64] | None:
        """(R, k − 1, B): the rows of each recorded step after the start; None for gradient descent."""
        return self._read("batches")

    @property
    def settings(self) -> Settings:
        """How it was trained; without factories, which ``meta`` cannot hold.

        Raises:
            ValueError: if ``meta`` lacks a setting.
        """
        return Settings.from_json(self.meta)

    @property
    def lrs(self) -> tuple[float, ...] | None:
        """(k − 1,): the learning rate of each recorded step after the start; None without a schedule."""
        lrs = self.meta.get("lrs")
        return None if lrs is None else tuple(lrs)

    @property
    def replicas(self) -> int:
        """How many independent runs this record holds."""
        return len(self.outcome)

    def replica(self, k: int) -> Run:
        """The same Run with replica ``k`` alone, 0 to replicas − 1."""
        k = checks.integer("k", k, low=0, high=self.replicas - 1)
        if self.replicas == 1:
            return self
        alone = {name: None if values is None else values[k : k + 1] for name, values in self.recorded.items()}
        return Run(self.problem, {**self.meta, "replica": k}, self.steps, self.outcome[k : k + 1], alone)

    def __eq__(self, other: object) -> bool:
        """Equal in every setting and value; a value that is not finite equals any other such."""
        if not isinstance(other, Run):
            return NotImplemented
        return self is other or (
            (self.meta, self.outcome, self.problem) == (other.meta, other.outcome, other.problem)
            and np.array_equal(self.steps, other.steps)
            and self.recorded.keys() == other.recorded.keys()
            and all(same(values, other.recorded[name]) for name, values in self.recorded.items())
        )

    def __repr__(self) -> str:
        ends = ", ".join(str(one) for one in self.outcome[:3]) + ", …" * (self.replicas > 3)
        return f"Run({self.replicas} × {self.steps[-1]} steps, recorded {', '.join(self.recorded)}: {ends})"

    def to_json(self) -> dict[str, Any]:
        """The record as plain lists and numbers, exactly, with None for what is not finite.

        Raises:
            TypeError: if the problem is of a kind that could not be read again.
        """
        return {
            "format": FORMAT,
            "problem": kinds.to_json(self.problem),
            "meta": dict(self.meta),
            "steps": self.steps.tolist(),
            "outcome": [one.diverged_at for one in self.outcome],
            "recorded": {name: nullable(values) for name, values in self.recorded.items()},
        }

    def save(self, path: str | Path) -> None:
        """Write the record to a .json file, whole or not at all.

        Raises:
            TypeError, ValueError: if ``path`` does not end in .json or its folder does not exist.
            TypeError: if the problem is of a kind that could not be loaded again.
        """
        path = checks.target("path", path, (".json",))
        record = json.dumps(self.to_json(), allow_nan=False, ensure_ascii=False)
        with files.whole(path) as file:
            file.write(record.encode())

    @classmethod
    def load(cls, path: str | Path) -> Run:
        """Read the record that ``save`` wrote; ``Run.load(path) == run``.

        Raises:
            FileNotFoundError: if there is no such file.
            TypeError, ValueError: if ``path`` is no .json file, or not one that ``save`` wrote.
        """
        allowed = f"a file that Run.save wrote, of format {FORMAT!r}"
        path = checks.source("path", path, allowed, (".json",))
        try:
            record = json.loads(path.read_bytes())
        except (ValueError, RecursionError):
            raise ValueError(checks.refusal("path", str(path), allowed)) from None
        if not isinstance(record, dict) or record.get("format") != FORMAT:
            raise ValueError(checks.refusal("path", str(path), allowed))
        try:
            return cls(
                problem=kinds.from_json(record["problem"]),
                meta=record["meta"],
                steps=np.array(record["steps"], dtype=np.int64),
                outcome=tuple(Outcome(step) for step in record["outcome"]),
                recorded={
                    name: None if values is None else np.array(values, dtype=dtype_of(name))
                    for name, values in record["recorded"].items()
                },
            )
        except (AttributeError, KeyError, OverflowError, RecursionError, TypeError, ValueError) as error:
            raise ValueError(f"{checks.refusal('path', str(path), allowed)} It cannot be read: {error}") from error
