"""Samplers: which rows make each batch.

=============== =============================================================================
"fresh"         every batch is drawn anew, without replacement within the batch
"replacement"   every row is drawn anew, so a batch can hold a row twice
"epochs"        all rows are shuffled, read in order, and shuffled again when they run out
"cyclic"        all rows are read in the data's own order, again and again
=============== =============================================================================

The last two come to an end of the data where n is no multiple of the batch size. The rows left over
make a smaller batch, or with ``drop_last`` none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import torch
from torch import Generator, Tensor

Epochs = Callable[[int, int, int, Generator], Iterator[Tensor]]


def _permutations(replicas: int, n: int, generator: Generator) -> Tensor:
    """Independent uniform permutations, (R, n): the order of n random numbers."""
    return torch.rand(replicas, n, generator=generator, dtype=torch.float64).argsort(dim=1)


def _fresh(n: int, batch_size: int, replicas: int, generator: Generator) -> Iterator[Tensor]:
    while True:
        yield _permutations(replicas, n, generator)[:, :batch_size]


def _replacement(n: int, batch_size: int, replicas: int, generator: Generator) -> Iterator[Tensor]:
    while True:
        yield torch.randint(n, (replicas, batch_size), generator=generator)


def _epochs(n: int, batch_size: int, replicas: int, generator: Generator) -> Iterator[Tensor]:
    while True:
        yield from _permutations(replicas, n, generator).split(batch_size, dim=1)


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


def batches(
    sampler: str, *, n: int, batch_size: int, replicas: int, drop_last: bool, generator: Generator
) -> Iterator[Tensor]:
    """Draw batches without end.

    Args:
        sampler: a name in ``SAMPLERS``.
        n: how many rows there are.
        batch_size: how many rows make a batch, 1 to n.
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
    for rows in SAMPLERS[sampler](n, batch_size, replicas, generator):
        if not drop_last or rows.shape[1] == batch_size:
            yield rows
