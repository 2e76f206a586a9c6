"""Steps a second: many replicas in one loop, beside what else trains a line by SGD; also while every core is busy."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch
from sklearn.linear_model import SGDRegressor
from timing import medians, table

from sgdlib import LeastSquares, noisy_line, train

REPLICAS, STEPS, SIZE, LR = 4096, 100, 16, 0.1


def loop(x: torch.Tensor, y: torch.Tensor, replace: bool, steps: int) -> None:
    """The lesson's own loop: autograd, one run."""
    params = torch.tensor([-1.0, 1.0], dtype=x.dtype, requires_grad=True)
    for _ in range(steps):
        rows = torch.randint(100, (SIZE,)) if replace else torch.randperm(100)[:SIZE]
        loss = (x[rows] @ params - y[rows]).square().mean()
        loss.backward()
        with torch.no_grad():
            params -= LR * params.grad
            params.grad.zero_()


def by_numpy(x: np.ndarray, y: np.ndarray, steps: int) -> None:
    """A loop in NumPy with the gradient by hand, one run."""
    generator, params = np.random.default_rng(0), np.array([-1.0, 1.0])
    for _ in range(steps):
        rows = generator.integers(0, 100, SIZE)
        params -= LR * 2 / SIZE * x[rows].T @ (x[rows] @ params - y[rows])


def by_sklearn(x: np.ndarray, y: np.ndarray, steps: int) -> None:
    """scikit-learn, a batch a call; it steps on each row of it in turn."""
    model, generator = SGDRegressor(learning_rate="constant", eta0=LR, penalty=None), np.random.default_rng(0)
    for _ in range(steps):
        rows = generator.integers(0, 100, SIZE)
        model.partial_fit(x[rows, :1], y[rows])


@contextmanager
def busy() -> Iterator[None]:
    """A process on each core that only counts, ended with the block."""
    others = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(os.cpu_count() or 1)]
    try:
        yield
    finally:
        for other in others:
            other.kill()
            other.wait()


def compared(speed: dict[str, float]) -> list[tuple[str, ...]]:
    """Rows of a table: each way, its steps a second, and by how many times each of ours is faster."""
    ours = [value for name, value in speed.items() if name.startswith("4096")]
    return [
        (name, f"{value:,.0f}", *("" if name.startswith("4096") else f"{own / value:,.0f}" for own in ours))
        for name, value in speed.items()
    ]


def measured(rounds: int = 25) -> str:
    """The table of steps a second, on the machine as it is and with every core busy."""
    problem = LeastSquares(noisy_line(seed=42))
    x, y = problem.data.x, problem.data.y
    how = {"batch_size": SIZE, "steps": STEPS, "every": STEPS, "replicas": REPLICAS, "record": ["params", "loss"]}
    few = 300
    ways = {
        "4096 replicas, with replacement": (lambda: train(problem, sampler="replacement", **how), REPLICAS * STEPS),
        "4096 replicas, fresh batches": (lambda: train(problem, sampler="fresh", **how), REPLICAS * STEPS),
        "the lesson's loop, with replacement": (lambda: loop(x, y, True, few), few),
        "the lesson's loop, fresh batches": (lambda: loop(x, y, False, few), few),
        "NumPy loop, with replacement": (lambda: by_numpy(x.numpy(), y.numpy(), few), few),
        "SGDRegressor.partial_fit": (lambda: by_sklearn(x.numpy(), y.numpy(), few), few),
    }
    times = medians({name: way for name, (way, _) in ways.items()}, rounds)
    rows = compared({name: ways[name][1] / time for name, time in times.items()})
    with busy():
        both = list(ways)[:4]  # ours and the lesson's
        times = medians({name: ways[name][0] for name in both}, rounds)
    rows += compared({f"{name}, every core busy": ways[name][1] / time for name, time in times.items()})
    head = ("batch size 16, float64", "steps a second", "4096 with replacement: times", "4096 fresh: times")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    train(problem, sampler="fresh", **{**how, "steps": 2000, "every": 2000})
    more = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    return (
        f"{table(head, rows)}\n\nRecording start and end alone, twenty times as many steps take {more / 1024:.0f} "
        "MB more memory: a record holds what it is asked for.\n\nA core is busy where another process counts on it "
        "all the time."
    )


if __name__ == "__main__":
    print(measured())
