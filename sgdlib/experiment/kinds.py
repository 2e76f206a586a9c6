"""Kinds: how problems are saved, and loaded again by the classes that are declared.

A file names no code that is imported or run, and holds no pickle: its numbers are given to a class that is there.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sgdlib.experiment.arguments import arguments, read
from sgdlib.experiment.data import Dataset
from sgdlib.experiment.problem import Problem

CLASS = "class"  # of a file: which class made it, as words for a reader; no argument can be called so


def to_json(problem: Problem) -> dict[str, Any]:
    """A problem as plain lists and numbers, exactly.

    Raises:
        TypeError: if ``from_json`` could not make it again.
    """
    made = type(problem)
    try:
        if made.kind is None:
            raise TypeError(f'whose class has no kind: declare it as class {made.__name__}(Problem, kind="…")')
        given = arguments(problem)
        if "kind" in given:
            raise TypeError("whose __init__ takes kind, which is what its class has")
    except TypeError as error:
        raise TypeError(
            f"problem must be one that is declared with its kind, and so can be loaded again; got a {made.__name__}, "
            f"{error}. Mend that, or save the run's arrays instead, with numpy.savez."
        ) from None
    if "data" in given:
        given["data"] = problem.data.to_json()
    ours = made.__module__.split(".")[0] == __name__.split(".")[0]  # which is there whenever a file is read
    return {"kind": made.kind, **({} if ours else {CLASS: f"{made.__module__}.{made.__qualname__}"}), **given}


def from_json(record: Mapping[str, Any]) -> Problem:
    """The problem that ``to_json`` wrote.

    Raises:
        KeyError, TypeError, ValueError: if its kind is not declared, or its arguments do not fit.
    """
    made = Problem.kinds.get(record["kind"])
    if made is None:
        raise ValueError(
            f"its problem must be of a kind that is declared, such as {', '.join(map(repr, Problem.kinds))}; got "
            f"{record['kind']!r:.80}. Import what declares it, and load again: the file says {record.get(CLASS)!r:.80}."
        )
    given = {name: read(value) for name, value in record.items() if name not in ("kind", CLASS, "data")}
    return made(**given, **({"data": Dataset(**record["data"])} if "data" in record else {}))
