"""Times of several ways to do one thing, in turns, so that a busy machine is as busy for each."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping


def medians(ways: Mapping[str, Callable[[], object]], rounds: int = 3) -> dict[str, float]:
    """The median time of each in seconds, after one round that does not count.

    Args:
        ways: what to do, by name.
        rounds: how often each is done.
    """
    taken: dict[str, list[float]] = {name: [] for name in ways}
    for turn in range(rounds + 1):
        for name, way in ways.items():
            begun = time.perf_counter()
            way()
            if turn:
                taken[name].append(time.perf_counter() - begun)
    return {name: statistics.median(times) for name, times in taken.items()}


def table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    """A table in Markdown; all columns but the first are numbers, which keep their units."""
    whole = [(first, *(number.replace(" ", "\N{NO-BREAK SPACE}") for number in numbers)) for first, *numbers in rows]
    lines = [head, ("---", *["---:"] * (len(head) - 1)), *whole]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
