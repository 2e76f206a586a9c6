"""Rows: the numbers of those in a batch, with −1 for none where batches are not as large as each other."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor


def has_gaps(rows: Tensor, n: int) -> bool:
    """Whether a number in it is no row of n, or there are none."""
    numbers = rows.numpy()
    return bool(not numbers.size or numbers.min() < 0 or numbers.max() >= n)


def without_gaps(found: Callable[[Tensor, Tensor], Tensor], params: Tensor, rows: Tensor) -> Tensor:
    """What ``found`` gives for batches some of whose rows are −1, for none: for all at once that have as many left."""
    sizes = (rows >= 0).sum(1)  # (R,)
    allowed = "rows must be row numbers of the data, or −1 for none in a batch that has others"
    if not rows.numel():
        raise ValueError(f"{allowed}; got none, in shape {tuple(rows.shape)}.")
    if int(rows.min()) < -1 or int(sizes.min()) == 0 or not bool((rows < 0).any()):
        raise ValueError(
            f"{allowed}; got {int(rows.min())} to {int(rows.max())} and batches of {int(sizes.min())} or more."
        )
    groups = [(sizes == size).nonzero()[:, 0] for size in sizes.unique()]
    parts = [found(params[group], rows[group][rows[group] >= 0].view(len(group), -1)) for group in groups]
    return torch.cat(parts)[torch.cat(groups).argsort()]
