"""Ensembles: what runs with several replicas do together, step by step."""

from __future__ import annotations

import numpy as np

from sgdlib.base.arrays import Array
from sgdlib.experiment.run import Run

LOW, MIDDLE, HIGH = 10.0, 50.0, 90.0  # the percentiles that are shown
LOST = 1e300  # stands for what is not finite: larger than all, so that percentiles stay what they are


def percentile(values: Array, q: float) -> Array:
    """A percentile over the replicas, at each recorded step.

    Args:
        values: (R, k, …), not necessarily finite.
        q: from 0 to 100.

    Returns:
        (k, …): ``np.percentile``, where a number that is not finite counts as the largest; ``LOST`` where that is met.

    Examples:
        >>> percentile(np.array([[1.0], [2.0], [np.nan]]), 50.0).tolist()
        [2.0]
    """
    tamed = np.nan_to_num(values, nan=LOST, posinf=LOST, neginf=-LOST).clip(-LOST, LOST)
    return np.percentile(tamed, q, axis=0)


def unclipped(values: Array) -> Array:
    """Percentiles as they are read out: inf where a run that is no longer finite has a part in one."""
    return np.where(np.abs(values) > 1e-3 * LOST, np.inf, values)


def middle_loss(run: Run) -> Array:
    """(k,): the loss of the only replica, or the median of several."""
    return run.loss[0] if run.replicas == 1 else percentile(run.loss, MIDDLE)


def middle_params(run: Run) -> Array:
    """(k, p): the parameters of the only replica, or the median of each over several."""
    return run.params[0] if run.replicas == 1 else percentile(run.params, MIDDLE)


def diverged(run: Run) -> int:
    """How many replicas diverged."""
    return sum(one.diverged_at is not None for one in run.outcome)
