"""Titles, captions and text alternatives: runs and their facts, in the words of the table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from sgdlib.base.formats import capital
from sgdlib.base.words import counted, joined, phrase, sentence, term, within
from sgdlib.experiment.replicas import diverged
from sgdlib.experiment.run import Run
from sgdlib.report.facts import Fact, Facts, batch_size, learning_rate, optimiser, settled
from sgdlib.report.values import Sampler, Share


def method(run: Run) -> str:
    """What was run: "gradient descent", "SGD, batch size 16" or "Adam on all rows"."""
    if run.settings.batch_size is not None:
        return phrase("method.batches", optimiser=optimiser(run), size=batch_size(run))
    return str(optimiser(run)) if run.settings.optimizer.is_sgd else phrase("method.rows", optimiser=optimiser(run))


def title(runs: Mapping[str, Run]) -> str:
    """What was run, in a few words."""
    return sentence(joined("semicolon", map(_method_and_rate, runs.values())))


def _method_and_rate(run: Run) -> str:
    words = {"method": method(run), "lr": learning_rate(run)}
    return phrase("title.run", **words) if run.replicas == 1 else phrase("title.replicas", **words, runs=_replicas(run))


def _replicas(run: Run) -> str:
    return counted("runs", run.replicas)


def _steps(run: Run) -> str:
    return counted("steps", run.settings.steps)


def describe(runs: Mapping[str, Run], facts: Mapping[str, Facts]) -> str:
    """A caption with every setting that runs share, and how each ended.

    Args:
        runs: by label.
        facts: of each run, by its label.
    """
    if len(runs) == 1:
        (label, run), *_ = runs.items()
        ends = phrase("caption.one" if run.replicas == 1 else "caption.many", end=_end(run, facts[label]))
    else:
        each = (phrase("caption.run", label=capital(label), end=_end(run, facts[label])) for label, run in runs.items())
        ends = joined("sentence", each)
    settings = joined("comma", _settings(list(runs.values()), list(facts.values())))
    return phrase("caption", settings=sentence(settings), ends=ends)


def _settings(runs: Sequence[Run], facts: Sequence[Facts]) -> Iterator[str]:
    """What runs have in common; of samplers, all."""
    first, *others = facts
    shared = {id: value for id, value in first.items() if all(each.get(id) == value for each in others)}
    if "optimiser" in shared and not all(run.settings.optimizer.is_default_sgd for run in runs):
        yield str(shared["optimiser"])
    yield from _named(("learning rate", "batch size"), shared)
    samplers = sorted({run.settings.sampler for run in runs if run.settings.sampler is not None})
    yield from map(str, map(Sampler, samplers or (None,)))
    if "runs" in shared:
        yield _replicas(runs[0])
    if "steps" in shared:
        yield _steps(runs[0])
    yield from _named(("start", "seed", "data seed") if samplers else ("start", "data seed"), shared)


def _named(ids: Sequence[str], facts: Facts) -> list[str]:
    """Those of the facts that are known, each with its name."""
    return [phrase(f"fact.{id}", value=facts[id]) for id in ids if id in facts]


def _end(run: Run, facts: Facts) -> str:
    """Where a run ended, as the rest of a sentence: "at slope 2.8725 and …, with loss 0.2421"."""
    if run.replicas > 1:
        return _with_share(run, phrase("end.replicas", **_percentiles(facts)))
    names = run.problem.names
    end = phrase("end.loss", loss=facts["final loss"])
    if len(names) <= 2 and "params" in run.recorded:
        places = (phrase("place.value", name=term("parameter", name), value=facts[f"final {name}"]) for name in names)
        end = phrase("end.place", place=joined("and", places), loss=facts["final loss"])
    step = run.outcome[0].diverged_at
    return end if step is None else phrase("end.diverged", end=end, step=step)


def _percentiles(facts: Facts) -> dict[str, Fact]:
    low, high = (facts[f"{q}th percentile of the final loss"] for q in (10, 90))
    return {"median": facts["median final loss"], "low": low, "high": high}


def _with_share(run: Run, end: str) -> str:
    """How replicas ended, with how many of them diverged, if any did."""
    share = Share(diverged(run), run.replicas)
    return phrase("end.share", end=end, share=share) if share.count else end


def cell_settings(label: str, run: Run, facts: Facts) -> str:
    """The settings of a table's row, but for those that its label says."""
    settings = (words for words in _named(("learning rate", "batch size"), facts) if words not in label)
    return joined("comma", (*settings, _steps(run)))


def cell_end(run: Run, facts: Facts) -> str:
    """How a run ended, or each of its replicas, for a cell of a table."""
    if run.replicas > 1:
        return _with_share(run, phrase("cell.replicas", runs=_replicas(run), **_percentiles(facts)))
    end, step = phrase("cell.loss", loss=facts["final loss"]), run.outcome[0].diverged_at
    if step is not None:
        end = phrase("cell.diverged", end=end, step=step)
    if "late distance" in facts:
        end = phrase("cell.distance", end=end, distance=facts["late distance"])
    return end


def alternative(name: str, runs: Mapping[str, Run], panels: Sequence[str], facts: Mapping[str, Facts]) -> str:
    """What an animation shows, for someone who does not see it.

    Args:
        name: the animation's title.
        runs: by label.
        panels: the title of each.
        facts: of each run, by its label.
    """
    courses = capital(joined("semicolon", (_course(label, run, facts[label]) for label, run in runs.items())))
    text = phrase(
        "alt",
        title=name,
        steps=_steps(next(iter(runs.values()))),
        panels=joined("semicolon", map(within, panels)),
        ends=courses,
    )
    settling = [_settling(label if len(runs) > 1 else "", run) for label, run in runs.items() if _settles(run)]
    return phrase("alt.settling", text=text, runs=joined("semicolon", settling)) if settling else text


def _course(label: str, run: Run, facts: Facts) -> str:
    """From where to where a run went."""
    ends = {"loss": facts["start loss"], "start": facts["start"], "end": _end(run, facts)}
    if run.replicas == 1:
        return phrase("alt.run", label=label, **ends)
    return phrase("alt.replicas", label=label, runs=_replicas(run), **ends)


def _settling(label: str, run: Run) -> str:
    """When each parameter came to stay near its best value: whether the line first rose or first turned."""
    names = (term("parameter", name) for name in run.problem.names)
    steps = (
        phrase("settling.never", name=name) if step is None else phrase("settling.from", name=name, step=step)
        for name, step in zip(names, settled(run), strict=True)
    )
    parameters = joined("comma", steps)
    return phrase("settling.run", label=label, parameters=parameters) if label else parameters


def _settles(run: Run) -> bool:
    """Whether there is one path, and a best value for it to come from afar to."""
    if run.replicas > 1 or "params" not in run.recorded or run.problem.p > 2:
        return False
    optimum = run.problem.optimum
    return optimum is not None and bool((run.params[0, 0] != optimum.minimiser.numpy()).all())
