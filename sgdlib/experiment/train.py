"""The only training loop."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from sgdlib.base import checks
from sgdlib.experiment.least_squares import Array
from sgdlib.experiment.optimisers import Factory, Schedule, Walk, tried
from sgdlib.experiment.problem import Problem, checked_gradient, checked_loss, checked_problem
from sgdlib.experiment.run import RECORDABLE, Outcome, Run
from sgdlib.experiment.samplers import IN_EPOCHS, SAMPLERS, batches, checked_sizes
from sgdlib.experiment.torch_state import own_torch_state

DIVERGED = 1e6  # a loss this many times the loss at the start counts as diverged


@own_torch_state()
@torch.no_grad()
@np.errstate(all="ignore")  # a run that diverges goes on
def train(
    problem: Problem,
    *,
    lr: float = 0.1,
    batch_size: int | Mapping[int, int] | None = 16,
    steps: int = 100,
    start: Any = None,
    sampler: str = "fresh",
    drop_last: bool = False,
    seed: int = 0,
    replicas: int = 1,
    record: Sequence[str] = RECORDABLE,
    every: int = 1,
    optimizer: Factory | None = None,
    schedule: Schedule | None = None,
) -> Run:
    r"""Run stochastic gradient descent, or another optimiser, and record it.

    .. math:: a_{t+1} = a_t - \text{lr}\, \nabla L_{B_t}(a_t)

    Where :math:`L_{B_t}` is the loss over the rows of batch t (Robbins and Monro 1951,
    10.1214/aoms/1177729586). Training goes on through divergence: it is an outcome, not an error.

    ``seed``, ``sampler``, ``batch_size``, ``drop_last`` and ``replicas`` together fix the batches, whatever
    the other settings: runs that share them see the same rows. No global random state is read or changed, and
    torch's threads, modes and defaults have no part in the numbers of a LeastSquares.

    Args:
        problem: what to minimise, such as ``LeastSquares(data)``.
        lr: the learning rate, greater than 0; for a loss without the factor ½.
        batch_size: how many rows make a step, 1 to n; None for all of them, which is gradient descent. With
            "fresh" and "replacement" also a mapping from the first step at which it holds to a size, such as
            ``{1: 1, 200: 4}``: a batch that grows where the learning rate would fall (Smith, Kindermans,
            Ying and Le 2018, arXiv:1711.00489).
        steps: how many updates, at least 1.
        start: (p,) the parameters before the first step; None for the problem's own, which is (−1, 1) for two
            parameters, as in the lesson, and else zeros.
        sampler: "fresh", "replacement", "epochs" or "cyclic"; see ``sgdlib.experiment.samplers``.
        drop_last: leave out an epoch's last batch where it is smaller; for "epochs" and "cyclic" alone.
        seed: of the batches, 0 to 2⁶³ − 1.
        replicas: how many independent runs to make in one loop.
        record: what to keep, of "params", "loss" and "batches".
        every: keep each ``every``-th step, and always the first and the last.
        optimizer: makes a ``torch.optim.Optimizer``, called as ``optimizer([params], lr=lr)``; None for the
            plain update above. One that lets replicas meet is refused where there are several.
        schedule: makes a ``torch.optim.lr_scheduler``, called as ``schedule(optimizer)`` and stepped after
            every update; None for a learning rate that stays. Both factories are called several times:
            what they make is first tried on made-up numbers, a schedule to its last step.

    Returns:
        A Run, with every setting in its ``meta``: "optimizer" and "schedule" by name and plain settings, and
        with a schedule "lrs", the learning rate of each recorded step after the start. The optimizer's
        "qualified_name" says which class it is: two may share a name.

    Raises:
        TypeError: if an argument is of the wrong type.
        ValueError: if an argument is out of its range, before any step is taken.

    Examples:
        >>> from sgdlib import LeastSquares, noisy_line
        >>> run = train(LeastSquares(noisy_line(seed=42)), lr=0.1, batch_size=None, steps=100)
        >>> run.params[0, -1].round(2).tolist()
        [2.86, 10.0]
        >>> run = train(LeastSquares(noisy_line(seed=42)), optimizer=torch.optim.Adam, steps=100)
        >>> run.meta["optimizer"]["name"], run.meta["optimizer"]["settings"]["betas"]
        ('Adam', [0.9, 0.999])
    """
    n, p = checked_problem(problem).n, problem.p
    lr = checks.number("lr", lr, above=0.0)
    sampler = checks.choice("sampler", sampler, SAMPLERS)
    sizes = None if batch_size is None else checked_sizes(batch_size, n, sampler)  # first step: size
    steps = checks.integer("steps", steps, low=1)
    first = checks.array("start", problem.start if start is None else start, (p,))
    if checks.boolean("drop_last", drop_last) and (sampler not in IN_EPOCHS or batch_size is None):
        raise ValueError(
            f"drop_last must be False with sampler {sampler!r} and batch_size {batch_size}; got True. "
            f"Only {' and '.join(map(repr, IN_EPOCHS))} have a last batch to drop."
        )
    seed = checks.integer("seed", seed, low=0, high=checks.LARGEST_SEED)
    replicas = checks.integer("replicas", replicas, low=1, high=checks.LARGEST_COUNT // n)
    kept = _names(record)
    every = checks.integer("every", every, low=1)
    width = {"params": p, "loss": 1, "batches": max(sizes.values()) if sizes else 0}
    numbers = replicas * (steps // every + 2) * sum(width[name] for name in kept)
    if numbers > checks.LARGEST_COUNT:
        raise ValueError(
            f"record must be of at most {checks.LARGEST_COUNT} numbers; got {', '.join(kept)} at every={every} "
            f"of {steps} steps and {replicas} replicas, {numbers} numbers. Record less, or with a larger every."
        )
    params = torch.from_numpy(np.tile(first, (replicas, 1)))  # (R, p)
    loss = _numbers(checked_loss(problem, problem.loss(params), replicas))  # (R,)
    if not np.isfinite(loss).all():
        raise ValueError(f"start must be where the loss is finite; got {first.tolist()}, where it is {loss[0]:g}.")
    moved_by = tried(optimizer, schedule, lr=lr, p=p, replicas=replicas, steps=steps)

    drawn = None
    if sizes is not None:
        drawn = batches(
            sampler,
            n=n,
            batch_size=sizes,
            replicas=replicas,
            drop_last=drop_last,
            generator=torch.Generator().manual_seed(seed),
        )
    at = np.unique(np.append(np.arange(0, steps, every), steps))
    arrays: dict[str, np.ndarray | None] = {}
    if "params" in kept:
        arrays["params"] = np.empty((replicas, len(at), p))
    if "loss" in kept:
        arrays["loss"] = np.empty((replicas, len(at)))
    if "batches" in kept:
        arrays["batches"] = None if sizes is None else np.full((replicas, len(at) - 1, width["batches"]), -1)

    # a start that fits exactly has loss 0, and rounding alone would pass a million times that
    limit = DIVERGED * loss.clip(min=np.finfo(np.float64).eps)
    diverged_at = np.zeros(replicas, dtype=np.int64)
    walk = None if optimizer is None and schedule is None else Walk(params, lr, optimizer, schedule)
    lrs: list[float] | None = None if schedule is None else []
    slot = 0
    for step in range(steps + 1):
        rows = None
        if step > 0:
            rows = None if drawn is None else next(drawn)  # (R, B)
            gradient = problem.gradient(params, rows)  # (R, p)
            if step == 1:
                checked_gradient(problem, gradient, (replicas, p))
            params = torch.from_numpy(params.numpy() - lr * _numbers(gradient)) if walk is None else walk.step(gradient)
            loss = _numbers(problem.loss(params))
            lost = ~(np.isfinite(loss) & (loss <= limit))
            diverged_at[lost & (diverged_at == 0)] = step
        if step == at[slot]:
            _keep(arrays, slot, params.numpy(), loss, rows)
            if walk is not None and lrs is not None and step > 0:
                lrs.append(walk.lr)
            slot += 1

    for values in arrays.values():
        if values is not None:
            values.flags.writeable = False  # so that the record need not copy it
    return Run(
        problem=problem,
        meta={
            "lr": lr,
            "batch_size": list(sizes.items()) if isinstance(batch_size, Mapping) and sizes else sizes and sizes[1],
            "steps": steps,
            "start": first.tolist(),
            "sampler": None if batch_size is None else sampler,
            "drop_last": bool(drop_last),
            "seed": seed,
            "replicas": replicas,
            "record": list(kept),
            "every": every,
            **moved_by,
            "lrs": lrs,
            "torch": torch.__version__,
        },
        steps=at,
        outcome=tuple(Outcome(step or None) for step in diverged_at.tolist()),
        recorded=arrays,
    )


def _names(record: Sequence[str]) -> tuple[str, ...]:
    allowed = "a sequence of different names of " + ", ".join(map(repr, RECORDABLE)) + ", at least one"
    if isinstance(record, str) or not isinstance(record, Sequence):
        raise TypeError(checks.refusal("record", record, allowed))
    for name in record:
        checks.choice("record", name, RECORDABLE)
    if not record or len(set(record)) < len(record):
        raise ValueError(checks.refusal("record", record, allowed))
    return tuple(name for name in RECORDABLE if name in record)


def _numbers(values: Tensor) -> Array:
    """A problem's numbers for NumPy, which parts its work among no threads: they would wait on a busy machine."""
    numbers: Array = values.detach().to(torch.float64).numpy()
    return numbers


def _keep(arrays: dict[str, np.ndarray | None], slot: int, params: Array, loss: Array, rows: Tensor | None) -> None:
    for name, values in (("params", params), ("loss", loss)):
        array = arrays.get(name)
        if array is not None:
            array[:, slot] = values
    chosen = arrays.get("batches")
    if chosen is not None and rows is not None:
        chosen[:, slot - 1, : rows.shape[1]] = rows
