"""Training: settings that are checked, the steps that they make, and the record of these."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch

from sgdlib.experiment.optimisers import dry_run
from sgdlib.experiment.problem import Problem, checked_problem
from sgdlib.experiment.recorder import Recorder
from sgdlib.experiment.run import Run
from sgdlib.experiment.settings import RECORDABLE, Factory, Schedule, Settings, Statistic, record_names
from sgdlib.experiment.steps import steps as steps_of
from sgdlib.experiment.torch_state import own_torch_state


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
    record: Sequence[str | tuple[str, Statistic]] = RECORDABLE,
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
        record: what to keep, of "params", "loss" and "batches"; and statistics of one's own, as pairs of a name and a
            function. It is called as ``function(problem, state)`` with a ``sgdlib.experiment.steps.State`` and returns
            a real number for each replica: (R,), a tensor or an array. ``Run.recorded`` has them by name.
        every: keep each ``every``-th step, and always the first and the last. The loss on all rows is computed at
            these alone.
        optimizer: makes a ``torch.optim.Optimizer``, called as ``optimizer([params], lr=lr)``; None for the
            plain update above. One that lets replicas meet is refused where there are several.
        schedule: makes a ``torch.optim.lr_scheduler``, called as ``schedule(optimizer)`` and stepped after
            every update; None for a learning rate that stays. Both factories are called several times:
            what they make is first tried on made-up numbers, a schedule to its last step.

    Returns:
        A Run, with its ``settings``: optimizer and schedule by name and plain settings. The optimizer's qualified name
        says which class it is: two may share a name.

    Raises:
        TypeError: if an argument is of the wrong type.
        ValueError: if an argument is out of its range, before any step is taken.

    Examples:
        >>> from sgdlib import LeastSquares, noisy_line
        >>> run = train(LeastSquares(noisy_line(seed=42)), lr=0.1, batch_size=None, steps=100)
        >>> run.params[0, -1].round(2).tolist()
        [2.86, 10.0]
        >>> run = train(LeastSquares(noisy_line(seed=42)), optimizer=torch.optim.Adam, steps=100)
        >>> run.settings.optimizer.name, run.settings.optimizer.settings["betas"]
        ('Adam', [0.9, 0.999])
        >>> norm = ("gradient norm", lambda problem, state: problem.gradient(state.params).norm(dim=1))
        >>> run = train(LeastSquares(noisy_line(seed=42)), batch_size=None, steps=100, record=("loss", norm))
        >>> run.recorded["gradient norm"][0, [0, -1]].round(2).tolist()
        [18.53, 0.0]
    """
    settings = Settings(
        lr=lr,
        batch_size=batch_size,
        steps=steps,
        start=start,
        sampler=sampler,
        drop_last=drop_last,
        seed=seed,
        replicas=replicas,
        record=record_names(record),
        every=every,
        problem=checked_problem(problem),
    )
    recorder = Recorder(problem, settings, dict(one for one in record if not isinstance(one, str)))
    settings = dry_run(settings, problem.p, optimizer, schedule)
    for state in steps_of(problem, settings):
        recorder.add(state)
    return recorder.run(settings)
