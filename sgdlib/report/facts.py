"""What a run's record says of itself, in words: read-outs, captions and the numbers in the posts."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from sgdlib.base import checks
from sgdlib.base.formats import exact, fixed, meant, measured, significant
from sgdlib.experiment.plain import OWN_STEP, PLAIN, is_sgd
from sgdlib.experiment.replicas import HIGH, LOW, MIDDLE, diverged
from sgdlib.experiment.run import Run
from sgdlib.report.estimates import measured_percentile

SAMPLED = {
    "fresh": "each batch drawn without replacement",
    "replacement": "each row drawn with replacement",
    "epochs": "all rows reshuffled for each epoch",
    "cyclic": "all rows read in order, again and again",
}
ARRIVED = 0.01  # of the way from the start that may be left when a parameter has arrived
NEARBY = 0.1  # of the way from the start that may be left while a parameter stays near
SETTINGS = {  # whose own names say too little
    "nesterov": "Nesterov’s step",
    "lr_decay": "learning rate decay",
    OWN_STEP: "a step of its own",
}
NAMED = 20  # parameters at most of which each has facts of its own
LATE = 0.2  # of the recorded steps that count as late


def vector(values: list[float]) -> str:
    """A parameter vector as a reader would write it: (−1, 1); the first of very many."""
    return f"({', '.join([*(significant(value, 6) for value in values[:NAMED]), *['…'] * (len(values) > NAMED)])})"


def arrival(run: Run) -> int | None:
    """The first recorded step at which every parameter has gone 99 % of its way to the minimiser.

    None if there is no such step, or if the run goes away again: from an arrival on, every parameter stays
    within a tenth of its starting distance. The run has one replica and a problem with an ``optimum``.
    """
    distance = _distance(run)  # (k, p)
    near = (distance <= ARRIVED * distance[0]).all(axis=1)
    away = np.flatnonzero(~_nearby(distance).all(axis=1))
    there = [step for step in np.flatnonzero(near) if away.size == 0 or step > away[-1]]
    return int(run.steps[there[0]]) if there else None


def settled(run: Run) -> list[int | None]:
    """For each parameter, the first recorded step from which on it stays near the minimiser.

    Near means within a tenth of its starting distance; None for a parameter that is not there at the end.
    """
    away = ~_nearby(_distance(run))  # (k, p)
    last = [np.flatnonzero(column) for column in away.T]
    steps = [int(found[-1]) + 1 if found.size else 0 for found in last]
    return [int(run.steps[step]) if step < len(run.steps) else None for step in steps]


def _distance(run: Run) -> NDArray[np.float64]:
    away: NDArray[np.float64] = np.abs(run.params[0] - _minimiser(run))
    return away


def _minimiser(run: Run) -> NDArray[np.float64]:
    optimum = run.problem.optimum
    if optimum is None:
        raise ValueError(checks.refusal("run", run, "of a problem with an optimum"))
    minimiser: NDArray[np.float64] = optimum.minimiser.numpy()
    return minimiser


def _nearby(distance: NDArray[np.float64]) -> NDArray[np.bool_]:
    close: NDArray[np.bool_] = distance <= NEARBY * distance[0]
    return close


def late_distance(run: Run) -> float:
    """The root mean square distance from the minimiser over the last fifth of the recorded steps.

    In units of the parameters. The run has one replica and a problem with an ``optimum``.
    """
    late = run.params[0, -max(1, round(LATE * (len(run.steps) - 1))) :]
    away = late - _minimiser(run)
    with np.errstate(over="ignore", invalid="ignore"):
        return float(np.sqrt(np.mean(np.sum(away**2, axis=1))))


def method(run: Run) -> str:
    """What was run: "gradient descent", "SGD, batch size 16" or "Adam on all rows"."""
    made = optimiser(run)
    if run.meta["batch_size"] is not None:
        return f"{made}, batch size {batch_size(run)}"
    return made if is_sgd(run.meta) else f"{made} on all rows"


def optimiser(run: Run) -> str:
    """What made the steps, with the settings that are not its own: "SGD", "SGD with momentum 0.9", "Adam"."""
    made = run.meta.get("optimizer", PLAIN)
    name = "gradient descent" if is_sgd(run.meta) and run.meta["batch_size"] is None else str(made["name"])
    known = [_setting(each, made["settings"]) for each in made["changed"]]
    return f"{name} with {' and '.join(known)}" if known else name


def _setting(name: str, settings: Mapping[str, object]) -> str:
    words, value = _words(name), settings.get(name)
    if isinstance(value, bool):
        return words if value else f"no {words}"
    return f"{words} {_value(value)}" if name in settings else words


def _words(setting: str) -> str:
    return SETTINGS.get(setting, setting.replace("_", " "))


def _value(value: object) -> str:
    if isinstance(value, list):
        return f"({', '.join(map(_value, value))})"
    return exact(value) if isinstance(value, (int, float)) else str(value).lower()


def batch_size(run: Run) -> str:
    """How many rows made a step: "16", or "1, 4 from step 200" where it changed."""
    size = run.meta["batch_size"]
    if not isinstance(size, list):
        return str(size or run.problem.n)
    (_, first), *later = size
    return ", ".join([str(first), *(f"{many} from step {step}" for step, many in later)])


def learning_rate(run: Run) -> str:
    """The learning rate; with a schedule, its first and last and what lies beyond, and the schedule's name."""
    schedule, lrs = run.meta.get("schedule"), run.meta.get("lrs")
    if schedule is None or lrs is None:
        return exact(run.meta["lr"])
    words = [f"{significant(lrs[0])} at step {run.steps[1]}"]
    words += [f"up to {significant(max(lrs))}"] if max(lrs) > max(lrs[0], lrs[-1]) else []
    words += [f"down to {significant(min(lrs))}"] if min(lrs) < min(lrs[0], lrs[-1]) else []
    words += [f"{significant(lrs[-1])} at step {run.steps[-1]}"] if len(lrs) > 1 else []
    more = " and ".join(_words(name) for name in schedule["changes"])
    return f"{', '.join(words)} (by {schedule['name']}{f', which changes {more} too' if more else ''})"


def facts(run: Run) -> dict[str, str]:
    """Every fact that a post may quote of a run, by name.

    The run has recorded its loss; what its parameters tell is left out if they were not recorded, or are those
    of several replicas: of these it tells how many there are, how many diverged, and percentiles of their final loss.
    Single parameters have facts where there are at most 20 of them.

    Examples:
        >>> from sgdlib import LeastSquares, noisy_line, train
        >>> run = train(LeastSquares(noisy_line()), lr=0.1, batch_size=None)
        >>> facts(run)["start loss"], facts(run)["final slope"], facts(run)["outcome"]
        ('88.58', '2.8587', 'finished')
    """
    meta, problem = run.meta, run.problem
    known = {
        "points": str(problem.n),
        "optimiser": optimiser(run),
        "learning rate": learning_rate(run),
        "batch size": batch_size(run),
        "steps": str(meta["steps"]),
        "sampler": SAMPLED[meta["sampler"]] if meta["sampler"] else "all rows in every step",
        "seed": str(meta["seed"]),
        "start": vector(meta["start"]),
        "start loss": measured(run.loss[0, 0]),
    }
    known |= _many(run) if run.replicas > 1 else _ending(run)
    has_params = "params" in run.recorded and run.replicas == 1
    names = problem.names if problem.p <= NAMED else ()
    if has_params:
        known |= {f"final {name}": fixed(value, 4) for name, value in zip(names, run.params[0, -1], strict=False)}
    data = problem.data
    if data.truth is not None and data.p <= NAMED:
        known |= {f"true {name}": exact(value) for name, value in zip(data.names, data.truth.tolist(), strict=True)}
    known |= {name: str(value) for name, value in _origin(run).items()}
    optimum = problem.optimum
    if optimum is not None:
        best = optimum.minimiser.tolist()
        known |= {f"best {name}": fixed(value, 4) for name, value in zip(names, best, strict=False)}
        known["lowest loss"] = measured(optimum.lowest_loss)
    if optimum is not None and has_params:
        step = arrival(run)
        known |= {
            "arrival": "never" if step is None else f"step {step}",
            "late distance": measured(late_distance(run), 3),
        }
    return known


def _ending(run: Run) -> dict[str, str]:
    return {"final loss": measured(run.loss[0, -1]), "outcome": str(run.outcome[0])}


def _many(run: Run) -> dict[str, str]:
    low, middle, high = (measured_percentile(run.loss[:, -1], q) for q in (LOW, MIDDLE, HIGH))
    return {
        "runs": str(run.replicas),
        "median final loss": middle,
        "10th percentile of the final loss": low,
        "90th percentile of the final loss": high,
        "diverged": f"{diverged(run)} of {run.replicas}",
    }


def _origin(run: Run) -> dict[str, object]:
    origin = run.problem.data.origin
    renamed = {"seed": "data seed", "noise": "noise"}
    known = {renamed[name]: value for name, value in origin.items() if name in renamed}
    return {name: meant(value) if isinstance(value, float) else value for name, value in known.items()}
