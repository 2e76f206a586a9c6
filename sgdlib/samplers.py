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

import torch
from torch import Generator, Tensor

from sgdlib import checks

Epochs = Callable[[int, int, int, Generator], Iterator[Tensor]]


def _permutations(replicas: int, n: int, generator: Generator, first: int) -> Tensor:
    """The first so many places of independent uniform permutations, (R, first): the order of n random numbers."""
    drawn = torch.rand(replicas, n, generator=generator, dtype=torch.float64)
    return drawn.topk(first, dim=1, largest=False).indices  # as argsort, whose other places nobody asked for


def _fresh(n: int, batch_size: int, replicas: int, generator: Generator) -> Iterator[Tensor]:
    while True:
        yield _permutations(replicas, n, generator, batch_size)


def _replacement(n: int, batch_size: int, replicas: int, generator: Generator) -> Iterator[Tensor]:
    while True:
        yield torch.randint(n, (replicas, batch_size), generator=generator)


def _epochs(n: int, batch_size: int, replicas: int, generator: Generator) -> Iterator[Tensor]:
    while True:
        yield from _permutations(replicas, n, generator, n).split(batch_size, dim=1)


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


def checked_sizes(given: object, n: int, sampler: str) -> dict[int, int]:
    """Return ``batch_size`` as a mapping from the first step at which it holds to a size, in order.

    Args:
        given: an integer from 1 to n; or such a mapping, for a sampler that draws every batch anew.
        n: how many rows there are.
        sampler: a name in ``SAMPLERS``.

    Raises:
        TypeError: if a step or a size is no integer.
        ValueError: if one is out of its range, if no size holds from step 1 on, or for another sampler.

    Examples:
        >>> checked_sizes(16, 100, "epochs"), checked_sizes({5: 8, 1: 2}, 100, "fresh")
        ({1: 16}, {1: 2, 5: 8})
    """
    if not isinstance(given, Mapping):
        words = "batch_size (None for gradient descent, a mapping for one that changes)"
        return {1: checks.integer(words, given, low=1, high=n)}
    sizes = {
        checks.integer("batch_size, a first step", first, low=1): checks.integer(
            f"batch_size, from step {first} on,", size, low=1, high=n
        )
        for first, size in given.items()
    }
    if 1 not in sizes:
        allowed = "a mapping from first steps to sizes that begins at step 1, such as {1: 4, 200: 16}"
        raise ValueError(checks.refusal("batch_size", given, allowed))
    if sampler not in ANEW:
        raise ValueError(
            f"batch_size must be one integer with sampler {sampler!r}; got a mapping, {sizes}. "
            f"Only {' and '.join(map(repr, ANEW))} draw every batch anew, so that its size may change."
        )
    return dict(sorted(sizes.items()))


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
    if isinstance(batch_size, Mapping):
        firsts = sorted(batch_size)
        for first, after in zip_longest(firsts, firsts[1:]):
            stage = batches(
                sampler,
                n=n,
                batch_size=batch_size[first],
                replicas=replicas,
                drop_last=drop_last,
                generator=generator,
            )
            yield from islice(stage, None if after is None else after - first)
        return
    for rows in SAMPLERS[sampler](n, batch_size, replicas, generator):
        if not drop_last or rows.shape[1] == batch_size:
            yield rows
