"""Plain: which runs were made by torch's own SGD, as their records tell. Names are for readers and decide nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

TORCHS = "torch.optim.sgd.SGD"  # the qualified name of torch's own SGD, and of nothing else
PLAIN = {"name": "SGD", "qualified_name": TORCHS, "settings": {}, "changed": []}  # the update train makes by itself
OWN_STEP = "step"  # among what was "changed": the step of this one optimiser is not its class's


def is_sgd(meta: Mapping[str, Any]) -> bool:
    """Whether steps were made by torch's own SGD, with whatever settings: by its class, not by what it is called.

    A record from before the qualified name was kept has the name alone, and "SGD" is torch's there.

    Args:
        meta: of a run.
    """
    made = meta.get("optimizer", PLAIN)
    return bool(made.get("qualified_name", TORCHS if made["name"] == PLAIN["name"] else None) == TORCHS)


def is_plain_sgd(meta: Mapping[str, Any]) -> bool:
    """Whether every step was parameters − lr · gradient: by torch's own SGD with no setting changed.

    Args:
        meta: of a run; a schedule may have changed the learning rate.

    Examples:
        >>> from functools import partial
        >>> import torch
        >>> from sgdlib.experiment.optimisers import tried
        >>> how = {"lr": 0.1, "p": 2, "replicas": 1, "steps": 5}
        >>> made = [torch.optim.SGD, partial(torch.optim.SGD, momentum=0.9)]
        >>> [is_plain_sgd(tried(one, None, **how)) for one in made]
        [True, False]
    """
    return is_sgd(meta) and not meta.get("optimizer", PLAIN)["changed"]
