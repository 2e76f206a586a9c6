"""Data and runs that many tests are about, and the gallery's scripts as far as a test needs them."""

import functools
import re
from typing import Any

import numpy as np
import pytest
import torch

from helpers.sites import ROOT
from sgdlib import Dataset, LeastSquares, noisy_line
from sgdlib.experiment.samplers import IN_EPOCHS, SAMPLERS
from sgdlib.report.facts import facts

KINDS = [(name, drop_last) for name in SAMPLERS for drop_last in (False, True)[: 1 + (name in IN_EPOCHS)]]
every_kind = pytest.mark.parametrize(("sampler", "drop_last"), KINDS)


some_data = pytest.mark.parametrize("seed", [0, 1, 2, 3, 42])


@functools.cache
def line(seed):
    """The lesson's problem on other draws of its data."""
    return LeastSquares(noisy_line(seed=seed))


def assert_mean(values, expected):
    """The mean of independent values is within four standard errors of what is expected."""
    assert abs(values.mean() - expected) < 4 * values.std(ddof=1) / np.sqrt(len(values))


def wide(seed, n=60, p=4, apart=None):
    """Rows with ``p`` columns; the last all but the first, and only so far ``apart`` from it, if that is given."""
    draw = np.random.default_rng(seed)
    x = draw.normal(size=(n, p))
    if apart is not None:
        x[:, -1] = x[:, 0] + apart * x[:, -1]
    return Dataset(x, x @ np.arange(1.0, p + 1) + draw.normal(size=n))


def torch_path(run, replica=0, power=2, optimizer=torch.optim.SGD, schedule=None):
    """The path of torch's optimiser from the run's start, at its learning rate, on its recorded batches."""
    x, y = run.problem.data.x, run.problem.data.y
    a = torch.tensor(run.meta["start"], dtype=torch.float64, requires_grad=True)
    optimiser = optimizer([a], lr=run.meta["lr"])
    scheduler = schedule and schedule(optimiser)
    path = [a.detach().clone()]
    for rows in [np.arange(len(y))] * run.steps[-1] if run.batches is None else run.batches[replica]:
        rows = torch.from_numpy(rows[rows >= 0])
        optimiser.zero_grad()
        (x[rows] @ a - y[rows]).pow(power).mean().backward()
        optimiser.step()
        if scheduler:
            scheduler.step()
        path.append(a.detach().clone())
    return torch.stack(path).numpy()


def texts(run):
    """The facts of a run as readers see them, by id."""
    return {id: str(value) for id, value in facts(run).items()}


@functools.cache
def names_after(stem: str, cell: str) -> dict[str, Any]:
    """What a script has named when the cell that begins ``# %% cell`` has run."""
    cells = re.split(r"(?=^# %% )", (ROOT / "gallery" / f"{stem}.py").read_text(encoding="utf-8"), flags=re.MULTILINE)
    (last,) = (at for at, code in enumerate(cells) if code.startswith(f"# %% {cell}\n"))
    names: dict[str, Any] = {}
    exec("".join(cells[: last + 1]), names)
    return names
