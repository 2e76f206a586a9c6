"""What of torch's state is the caller's: kept out, so that the same numbers come out under any of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import torch


@contextmanager
def own_torch_state() -> Iterator[None]:
    """Compute on the CPU with tensors that autograd can use later, whatever the caller has set for its thread.

    Inference mode, autocast and a default device, such as "meta", have no part in what is done within. What holds
    for the whole process (the default dtype, deterministic algorithms, the number of threads) is never touched: what
    is done within says its dtypes, and takes no operation that the others change.

    Examples:
        >>> with torch.inference_mode(), own_torch_state():
        ...     torch.ones(2).is_inference()
        False
    """
    with ExitStack() as own:
        own.enter_context(torch.inference_mode(False))
        own.enter_context(torch.autocast("cpu", enabled=False))
        if torch.get_default_device().type != "cpu":  # else not said anew, for each call of torch then takes longer
            own.enter_context(torch.device("cpu"))
        yield
