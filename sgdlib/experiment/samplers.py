"""Samplers: which rows make each batch.

=============== =============================================================================
"fresh"         every batch is drawn anew, without replacement within the batch
"replacement"   every row is drawn anew, so a batch can hold a row twice
"epochs"        all rows are shuffled, read in order, and shuffled again when they run out
"cyclic"        all rows are read in the data's own order, again and again
=============== =============================================================================

The last two come to an end of the data where n is no multiple of the batch size. The rows left over
make a smaller batch, or with ``drop_last`` none. With the first two the batch size may change on the way.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import islice, zip_longest

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Generator, Tensor

from sgdlib.base import checks

_PLACES = 2**19  # of a table that is at hand while batches are drawn
_FIRST_BLOCK = 8  # steps whose batches are drawn at once, at the start; part of what a seed means, like _PLACES

Rows = NDArray[np.int64]
Stages = tuple[tuple[int, int], ...]  # first steps, and the size of a batch from there on
Epochs = Callable[[int, int, int, Generator], Iterator[Tensor]]


def _fresh(n: int, batch_size: int, replicas: int, generator: Generator) -> Iterator[Tensor]:
    few = min(batch_size, n - batch_size)  # the smaller part is drawn, be it the batch or what it leaves out
    at_once = max(1, _PLACES // n)
    for steps in _blocks(max(1, at_once // replicas)):
        left = range(steps * replicas, 0, -at_once)
        drawn = np.concatenate([_subsets(min(count, at_once), n, few, generator) for count in left])
        rows = drawn if few == batch_size else _others(drawn, n)
        yield from torch.from_numpy(rows.reshape(steps, replicas, batch_size))


def _blocks(largest: int) -> Iterator[int]:
    """For how many steps batches are drawn at once: few at first, so that the first is there soon, then twice as many.

    Examples:
        >>> list(islice(_blocks(20), 4))
        [8, 16, 20, 20]
    """
    size = _FIRST_BLOCK
    while True:
        yield min(size, largest)
        size = min(2 * size, largest)


def _subsets(count: int, n: int, size: int, generator: Generator) -> Rows:
    """Draw with replacement, and draw again what came twice, until nothing does.

    No row is treated otherwise than another, so that each subset of the rows is as likely as any other. The random
    numbers are torch's and all else is NumPy's, which does not wait for threads on a busy machine.

    Returns:
        (count, size) int64, each row of it with different numbers from 0 to n − 1.
    """
    drawn = _numbers(n, count * size, generator)
    place = (drawn.reshape(count, size) + np.arange(0, count * n, n)[:, None]).reshape(-1)  # in a table of all subsets'
    free = np.min_scalar_type(size).type(size)
    ticket = np.tile(np.arange(size, dtype=free.dtype), count)  # less than free
    table = np.full(count * n, free)  # the ticket that took a place; within a subset, the first one of a round
    table[place[::-1]] = ticket[::-1]  # of all values for a place the last one stays
    repeats = np.flatnonzero(table.take(place) != ticket)
    while len(repeats):
        drawn[repeats] = _numbers(n, len(repeats), generator)
        place = drawn[repeats] + repeats // size * n
        untaken = table.take(place) == free
        table[place[untaken][::-1]] = ticket[repeats[untaken][::-1]]
        repeats = repeats[~(untaken & (table.take(place) == ticket[repeats]))]
    return drawn.reshape(count, size)


def _others(subsets: Rows, n: int) -> Rows:
    """(count, n − size) int64, in order: which of the numbers from 0 to n − 1 are not in each subset (count, size)."""
    begins = np.arange(0, len(subsets) * n, n)[:, None]
    left = np.ones(len(subsets) * n, dtype=np.bool_)
    left[begins + subsets] = False
    return np.flatnonzero(left).reshape(len(subsets), -1) - begins


def _numbers(n: int, count: int, generator: Generator) -> Rows:
    return torch.randint(n, (count,), generator=generator, dtype=torch.int64).numpy()


def _replacement(n: int, batch_size: int, replicas: int, generator: Generator) -> Iterator[Tensor]:
    while True:
        yield torch.from_numpy(_numbers(n, replicas * batch_size, generator).reshape(replicas, batch_size))


def _epochs(n: int, batch_size: int, replicas: int, generator: Generator) -> Iterator[Tensor]:
    while True:
        # the order of n random numbers is as likely to be any permutation
        order = torch.rand(replicas, n, generator=generator, dtype=torch.float64).numpy()
        yield from torch.from_numpy(order.argsort(axis=1, kind="stable")).split(batch_size, dim=1)


def _cyclic(n: int, batch_size: int, replicas: int, generator: Generator) -> Iterator[Tensor]:
    while True:
        yield from torch.arange(n).expand(replicas, n).split(batch_size, dim=1)


SAMPLERS: dict[str, Epochs] = {
    "fresh": _fresh,
    "replacement": _replacement,
    "epochs": _epochs,
    "cyclic": _cyclic,
}

IN_EPOCHS = ("epochs", "cyclic")
ANEW = ("fresh", "replacement")


def checked_sizes(given: object, n: int, sampler: str | None) -> int | Stages | None:
    """Return ``batch_size`` in plain types: a mapping as its items, in order.

    Args:
        given: None for gradient descent; an integer from 1 to n; or, for a sampler that draws every batch anew, a
            mapping from the first step at which it holds to a size, or pairs of these.
        n: how many rows there are.
        sampler: a name in ``SAMPLERS``.

    Raises:
        TypeError: if a step or a size is no integer.
        ValueError: if one is out of its range, if no size holds from step 1 on, or for another sampler.

    Examples:
        >>> checked_sizes(16, 100, "epochs"), checked_sizes({5: 8, 1: 2}, 100, "fresh")
        (16, ((1, 2), (5, 8)))
    """
    if given is None:
        return None
    pairs = tuple(given.items()) if isinstance(given, Mapping) else given
    if not isinstance(pairs, (tuple, list)) or not all(
        isinstance(pair, (tuple, list)) and len(pair) == 2 for pair in pairs
    ):
        words = "batch_size (None for gradient descent, a mapping for one that changes)"
        return checks.integer(words, given, low=1, high=n)
    sizes = {
        checks.integer("batch_size, a first step", first, low=1): checks.integer(
            f"batch_size, from step {first} on,", size, low=1, high=n
        )
        for first, size in pairs
    }
    if 1 not in sizes:
        allowed = "a mapping from first steps to sizes that begins at step 1, such as {1: 4, 200: 16}"
        raise ValueError(checks.refusal("batch_size", given, allowed))
    if sampler not in ANEW:
        raise ValueError(
            f"batch_size must be one integer with sampler {sampler!r}; got a mapping, {sizes}. "
            f"Only {' and '.join(map(repr, ANEW))} draw every batch anew, so that its size may change."
        )
    return tuple(sorted(sizes.items()))


def batches(
    sampler: str, *, n: int, batch_size: int | Mapping[int, int], replicas: int, drop_last: bool, generator: Generator
) -> Iterator[Tensor]:
    """Draw batches without end.

    Args:
        sampler: a name in ``SAMPLERS``.
        n: how many rows there are.
        batch_size: how many rows make a batch, 1 to n; or a mapping from the first step at which it holds
            to a size, drawn in sequence from the one generator.
        replicas: how many independent batches to draw for each step.
        drop_last: leave out a batch that is smaller than the others.
        generator: the only source of randomness.

    Yields:
        (replicas, batch_size) int64, row numbers from 0 to n − 1; fewer columns for a last, partial batch.

    Examples:
        >>> drawn = batches(
        ...     "cyclic", n=3, batch_size=2, replicas=1, drop_last=False, generator=torch.Generator()
        ... )
        >>> [next(drawn).tolist() for _ in range(3)]
        [[[0, 1]], [[2]], [[0, 1]]]
    """
    stages = sorted({1: batch_size}.items() if isinstance(batch_size, int) else batch_size.items())
    for (first, size), after in zip_longest(stages, [first for first, _ in stages[1:]]):
        drawn = SAMPLERS[sampler](n, size, replicas, generator)
        whole = (rows for rows in drawn if not drop_last or rows.shape[1] == size)
        yield from islice(whole, None if after is None else after - first)
