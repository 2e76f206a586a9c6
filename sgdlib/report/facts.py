"""What a run's record says of itself: the values that captions, tables and posts are made from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from sgdlib.base import checks
from sgdlib.base.arrays import Array
from sgdlib.base.formats import Number, shortened
from sgdlib.experiment.replicas import HIGH, LOW, MIDDLE, diverged
from sgdlib.experiment.run import Outcome, Run
from sgdlib.report.estimates import measured_percentile
from sgdlib.report.values import Arrival, BatchSize, Optimiser, Rates, Sampler, Share, Vector

Fact = int | str | Number | Share | Arrival | Vector | Sampler | BatchSize | Optimiser | Rates | Outcome
Facts = Mapping[str, Fact]  # by id

ARRIVED = 0.01  # of the way from the start that may be left when a parameter has arrived
NEARBY = 0.1  # of the way from the start that may be left while a parameter stays near
NAMED = 20  # parameters at most of which each has facts of its own
ORIGINS = {"noise": "noise", "seed": "data seed"}  # settings of the data that are facts
LATE = 0.2  # of the recorded steps that count as late


def arrival(run: Run) -> int | None:
    """The first recorded step at which every parameter has gone 99 % of its way to the minimiser.

    None if there is no such step, or if the run goes away again: from an arrival on, every parameter stays
    within a tenth of its starting distance. The run has one replica and a problem with an ``optimum``.
    """
    distance = _distance(run)  # (k, p)
    near = (distance <= ARRIVED * distance[0]).all(axis=1)
    away = np.flatnonzero(~_nearby(distance).all(axis=1))
    arrived = [step for step in np.flatnonzero(near) if away.size == 0 or step > away[-1]]
    return int(run.steps[arrived[0]]) if arrived else None


def settled(run: Run) -> list[int | None]:
    """For each parameter, the first recorded step from which on it stays near the minimiser.

    Near means within a tenth of its starting distance; None for a parameter that is not there at the end.
    """
    away = ~_nearby(_distance(run))  # (k, p)
    last = [np.flatnonzero(column) for column in away.T]
    steps = [int(found[-1]) + 1 if found.size else 0 for found in last]
    return [int(run.steps[step]) if step < len(run.steps) else None for step in steps]


def _distance(run: Run) -> Array:
    """(k, p): how far each parameter is from its best value."""
    return np.abs(run.params[0] - _minimiser(run))


def _minimiser(run: Run) -> Array:
    optimum = run.problem.optimum
    if optimum is None:
        raise ValueError(checks.refusal("run", run, "of a problem with an optimum"))
    return optimum.minimiser.numpy()


def _nearby(distance: Array) -> NDArray[np.bool_]:
    return distance <= NEARBY * distance[0]


def late_distance(run: Run) -> float:
    """The root mean square distance from the minimiser over the last fifth of the recorded steps.

    In units of the parameters. The run has one replica and a problem with an ``optimum``.
    """
    late = run.params[0, -max(1, round(LATE * (len(run.steps) - 1))) :]
    away = late - _minimiser(run)
    with np.errstate(over="ignore", invalid="ignore"):
        return float(np.sqrt(np.mean(np.sum(away**2, axis=1))))


def optimiser(run: Run) -> Optimiser:
    """What made the steps, with the settings that are not its own."""
    made = run.settings.optimizer
    descent = made.is_sgd and run.settings.batch_size is None
    settings = {name: made.settings[name] for name in made.changed if name in made.settings}
    return Optimiser(None if descent else made.name, tuple(made.changed), settings)


def batch_size(run: Run) -> BatchSize:
    """How many rows made a step."""
    (_, first), *later = (run.settings.stages or {1: run.problem.n}).items()
    return BatchSize(first, tuple(later))


def learning_rate(run: Run) -> Number | Rates:
    """The learning rate; with a schedule, its first and last and what lies beyond."""
    schedule, lrs = run.settings.schedule, run.lrs
    if schedule is None or lrs is None:
        return Number(shortened(run.settings.lr), "exact")
    first, last = (int(run.steps[1]), lrs[0]), (int(run.steps[-1]), lrs[-1])
    return Rates(first, last, min(lrs), max(lrs), schedule.name, tuple(schedule.changes))


def facts(run: Run) -> dict[str, Fact]:
    """Every fact that a post may quote of a run, by its id: a value, which ``str`` writes for readers.

    The run has recorded its loss; what its parameters tell is left out if they were not recorded, or are those
    of several replicas: of these it tells how many there are, how many diverged, and percentiles of their final loss.
    Single parameters have facts where there are at most 20 of them.

    Examples:
        >>> from sgdlib import LeastSquares, noisy_line, train
        >>> run = train(LeastSquares(noisy_line()), lr=0.1, batch_size=None)
        >>> str(facts(run)["start loss"]), str(facts(run)["final slope"]), facts(run)["outcome"]
        ('88.58', '2.8587', Outcome(diverged_at=None))
    """
    settings, problem = run.settings, run.problem
    found: dict[str, Fact] = {
        "points": problem.n,
        "optimiser": optimiser(run),
        "learning rate": learning_rate(run),
        "batch size": batch_size(run),
        "steps": settings.steps,
        "sampler": Sampler(settings.sampler),
        "seed": settings.seed,
        "start": Vector(tuple(settings.start or ())),
        "start loss": Number(run.loss[0, 0], "measured"),
    }
    if run.replicas > 1:
        found |= _many(run)
    else:
        found |= {"final loss": Number(run.loss[0, -1], "measured"), "outcome": run.outcome[0]}
    has_params = "params" in run.recorded and run.replicas == 1
    if has_params:
        found |= _each("final", problem.names, run.params[0, -1], "fixed")
    data, optimum = problem.data, problem.optimum
    if data.truth is not None:
        found |= _each("true", data.names, data.truth.numpy(), "exact")
    for name, fact in ORIGINS.items():
        if name in data.origin:
            value = data.origin[name]
            found[fact] = Number(value, "float") if isinstance(value, float) else value
    if optimum is not None:
        found |= _each("best", problem.names, optimum.minimiser.numpy(), "fixed")
        found["lowest loss"] = Number(optimum.lowest_loss, "measured")
    if optimum is not None and has_params:
        found["arrival"] = Arrival(arrival(run))
        found["late distance"] = Number(late_distance(run), "measured", 3)
    return found


def all_facts(runs: Mapping[str, Run]) -> dict[str, Facts]:
    """The facts of each run, by its label."""
    return {label: facts(run) for label, run in runs.items()}


def _each(kind: str, names: Sequence[str], values: Array, form: Literal["fixed", "exact"]) -> dict[str, Fact]:
    """A fact of each parameter, unless they are too many."""
    if len(names) > NAMED:
        return {}
    return {f"{kind} {name}": Number(value, form) for name, value in zip(names, values.tolist(), strict=True)}


def _many(run: Run) -> dict[str, Fact]:
    low, middle, high = (measured_percentile(run.loss[:, -1], q) for q in (LOW, MIDDLE, HIGH))
    return {
        "runs": run.replicas,
        "median final loss": middle,
        "10th percentile of the final loss": low,
        "90th percentile of the final loss": high,
        "diverged": Share(diverged(run), run.replicas),
    }
