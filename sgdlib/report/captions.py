"""Titles, captions and text alternatives, made from the records of runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sgdlib.base.formats import capital
from sgdlib.experiment.plain import is_plain_sgd
from sgdlib.experiment.run import Run
from sgdlib.report.facts import SAMPLED, facts, learning_rate, method, settled

Known = Mapping[str, Mapping[str, str]]  # the facts of each run, by its label


def title(runs: Mapping[str, Run]) -> str:
    """What was run, in a few words."""
    return capital("; ".join(f"{method(run)}, learning rate {learning_rate(run)}{_many(run)}" for run in runs.values()))


def _many(run: Run) -> str:
    return f", {run.replicas} runs" if run.replicas > 1 else ""


def all_facts(runs: Mapping[str, Run]) -> Known:
    """The facts of each run, by its label."""
    return {label: facts(run) for label, run in runs.items()}


def describe(runs: Mapping[str, Run], known: Known | None = None) -> str:
    """A caption with every setting that the runs share, and how each ended; by their facts, where these are known."""
    known = all_facts(runs) if known is None else known

    def shared(name: str, words: str) -> list[str]:
        values = {each.get(name) for each in known.values()}
        return [words.format(values.pop())] if len(values) == 1 and None not in values else []

    samplers = sorted({run.meta["sampler"] for run in runs.values()} - {None})
    plain = all(is_plain_sgd(run.meta) for run in runs.values())
    settings = [
        *([] if plain else shared("optimiser", "{}")),
        *shared("learning rate", "learning rate {}"),
        *shared("batch size", "batch size {}"),
        *([SAMPLED[name] for name in samplers] or ["all rows in every step"]),
        *shared("runs", "{} runs"),
        *shared("steps", "{} steps"),
        *shared("start", "from {}"),
        *(shared("seed", "seed {}") if samplers else []),
        *shared("data seed", "data seed {}"),
    ]
    ends = []
    for label, run in runs.items():
        who = ("It" if run.replicas == 1 else "They") if len(runs) == 1 else capital(label)
        several = run.replicas > 1 and len(runs) == 1
        ends.append(f"{who} {'end' if several else 'ends'} {_end(run, known[label])}.")
    return f"{capital(', '.join(settings))}. {' '.join(ends)}"


def _end(run: Run, known: Mapping[str, str]) -> str:
    """Where a run ended, as the rest of a sentence: "at slope 2.8725 and …, with loss 0.2421"."""
    if run.replicas > 1:
        lost = f"; {known['diverged']} diverged" if not known["diverged"].startswith("0 ") else ""
        low, high = (known[f"{q}th percentile of the final loss"] for q in (10, 90))
        return f"with a median loss of {known['median final loss']}, and 80 % of runs from {low} to {high}{lost}"
    names = run.problem.names
    shown = len(names) <= 2 and "params" in run.recorded
    place = " and ".join(f"{name} {known[f'final {name}']}" for name in names) if shown else ""
    diverged = "" if known["outcome"] == "finished" else f"; it {known['outcome']}"
    return f"{f'at {place}, ' if place else ''}with loss {known['final loss']}{diverged}"


def alternative(name: str, runs: Mapping[str, Run], panels: Sequence[str], known: Known | None = None) -> str:
    """What an animation shows, for someone who does not see it; by the runs' facts, where these are known.

    Args:
        name: the animation's title.
        runs: by label.
        panels: the title of each.
        known: the facts of each run, by its label.
    """
    known = all_facts(runs) if known is None else known
    shown = "; ".join(map(str.lower, panels))
    ends = "; ".join(
        f"{label}{f'{_many(run)},' if run.replicas > 1 else ''} goes from loss {known[label]['start loss']} at "
        f"{known[label]['start']} and ends {_end(run, known[label])}"
        for label, run in runs.items()
    )
    steps = next(iter(runs.values())).meta["steps"]
    return f"{name}. Animation over {steps} steps of {shown}. {capital(ends)}.{_settling(runs)}"


def _settling(runs: Mapping[str, Run]) -> str:
    """When each parameter came to stay near its best value: whether the line first rose or first turned."""
    told = [
        (f"{label}, " if len(runs) > 1 else "")
        + ", ".join(
            f"{name} from step {step} on" if step is not None else f"{name} never"
            for name, step in zip(run.problem.names, settled(run), strict=True)
        )
        for label, run in runs.items()
        if _settles(run)
    ]
    return f" Within a tenth of the first distance from the minimiser: {'; '.join(told)}." if told else ""


def _settles(run: Run) -> bool:
    """Whether there is one path, and a best value for it to come from afar to."""
    if run.replicas > 1 or "params" not in run.recorded or run.problem.p > 2:
        return False
    optimum = run.problem.optimum
    return optimum is not None and bool((run.params[0, 0] != optimum.minimiser.numpy()).all())
