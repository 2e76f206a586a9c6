"""The same numbers come out under any state of torch that a caller may have set, and the state stays."""

import subprocess
import sys
from contextlib import contextmanager
from functools import partial

import numpy as np
import pytest
import torch
from helpers.cases import audited
from helpers.runs import every_kind, torch_path

from sgdlib import Dataset, LeastSquares, noisy_line, train
from sgdlib.experiment.problem import Problem
from sgdlib.experiment.torch_state import own_torch_state


@contextmanager
def setting(change, back):
    change()
    try:
        yield
    finally:
        back()


STATES = {
    "deterministic": partial(
        setting,
        lambda: torch.use_deterministic_algorithms(True),
        lambda: torch.use_deterministic_algorithms(False),
    ),
    "deterministic, warnings": partial(
        setting,
        lambda: torch.use_deterministic_algorithms(True, warn_only=True),
        lambda: torch.use_deterministic_algorithms(False),
    ),
    "float64": partial(
        setting, lambda: torch.set_default_dtype(torch.float64), lambda: torch.set_default_dtype(torch.float32)
    ),
    "float16": partial(
        setting, lambda: torch.set_default_dtype(torch.float16), lambda: torch.set_default_dtype(torch.float32)
    ),
    "meta": partial(setting, lambda: torch.set_default_device("meta"), lambda: torch.set_default_device(None)),
    "with meta": partial(torch.device, "meta"),
    "inference": torch.inference_mode,
    "no gradient": torch.no_grad,
    "gradient": torch.enable_grad,
    "autocast": partial(torch.autocast, "cpu"),
    "numpy's errors": partial(np.errstate, all="raise"),
}
every_state = pytest.mark.parametrize("state", STATES.values(), ids=STATES)
SHORT = {"steps": 12, "batch_size": 16, "replicas": 3}


class Own(Problem):
    """Least squares again, with autograd's gradient and a tensor made without a device."""

    def loss(self, params, rows=None):
        if rows is None:
            rows = torch.arange(self.data.n).expand(len(params), -1)
        return ((self.data.x[rows] * params[:, None, :]).sum(-1) - self.data.y[rows]).square().mean(-1)


def same(one, other):
    assert one.params.tobytes() == other.params.tobytes()
    assert one.loss.tobytes() == other.loss.tobytes()
    assert np.array_equal(one.batches, other.batches)


@every_state
def test_the_same_data_are_drawn(state):
    expected = noisy_line(n=500, seed=3)
    with state():
        drawn = noisy_line(n=500, seed=3)
    assert drawn.x.tolist() == expected.x.tolist()
    assert drawn.y.tolist() == expected.y.tolist()
    assert (drawn.x.dtype, drawn.x.device.type) == (torch.float64, "cpu")


@every_state
@every_kind
def test_the_same_runs_are_made(problem, state, sampler, drop_last):
    how = SHORT | {"sampler": sampler, "drop_last": drop_last}
    expected = train(problem, **how)
    with state():
        same(train(LeastSquares(noisy_line(seed=42)), **how), expected)


@every_state
def test_a_run_that_diverges_is_the_same(problem, state):
    how = {"lr": 1e150, "steps": 5}
    expected = train(problem, **how)
    with state():
        assert train(problem, **how) == expected


@every_state
@pytest.mark.parametrize(
    ("optimizer",),
    audited(
        [(torch.optim.SGD,), (partial(torch.optim.SGD, momentum=0.9),), (torch.optim.Adam,), (torch.optim.RMSprop,)],
        (torch.optim.SGD,),
        (torch.optim.Adam,),
    ),
)
@pytest.mark.parametrize("kind", [LeastSquares, Own])
def test_the_same_runs_are_made_with_an_optimiser(problem, state, optimizer, kind):
    schedule = partial(torch.optim.lr_scheduler.StepLR, step_size=5)
    how = SHORT | {"optimizer": optimizer, "schedule": schedule}
    expected = train(kind(problem.data), **how)
    with state():
        same(train(kind(problem.data), **how), expected)


@every_state
def test_a_problem_has_the_same_numbers(problem, state):
    params = torch.tensor([[0.5, 2.0], [3.0, -1.0]], dtype=torch.float64)
    rows = torch.tensor([[0, 5, 7], [1, 2, 99]])
    expected = [kind(problem.data).gradient(params, rows).tolist() for kind in (LeastSquares, Own)]
    with state():
        again = LeastSquares(noisy_line(seed=42))
        assert [kind(again.data).gradient(params, rows).tolist() for kind in (LeastSquares, Own)] == expected
        assert again.loss(params).tolist() == problem.loss(params).tolist()
        assert again.lowest_loss == problem.lowest_loss
        assert again.minimiser.tolist() == problem.minimiser.tolist()
        assert again.start.tolist() == problem.start.tolist()
        assert again.hessian.tolist() == problem.hessian.tolist()
        made = again.gradient(params, rows)
    assert (made.dtype, made.device.type) == (torch.float64, "cpu")


@pytest.mark.parametrize("kind", [LeastSquares, Own])
def test_data_made_in_inference_mode_can_be_trained_on_outside_of_it(problem, kind):
    with torch.inference_mode():
        made = kind(Dataset(problem.data.x, problem.data.y))
    same(train(made, **SHORT), train(kind(problem.data), **SHORT))
    run = train(made, steps=5)
    np.testing.assert_allclose(run.params[0], torch_path(run), rtol=0, atol=1e-10)


def test_the_state_is_as_before(problem):
    def told():
        return (
            torch.get_default_dtype(),
            torch.get_default_device(),
            torch.is_inference_mode_enabled(),
            torch.is_grad_enabled(),
            torch.are_deterministic_algorithms_enabled(),
            torch.get_num_threads(),
            torch.is_autocast_enabled("cpu"),
            np.geterr(),
        )

    with torch.device("meta"), torch.autocast("cpu"), torch.inference_mode():
        before = told()
        train(problem, **SHORT)
        with own_torch_state():
            assert torch.empty(1).device.type == "cpu"
        assert told() == before


# the numbers are told in full, so that a bit that differs is seen; and threads that torch starts stay
THREADS = """
import hashlib, os, sys, numpy as np, torch
torch.set_num_threads(1)  # for the data sets, whose copies torch may part
from sgdlib import Dataset, LeastSquares, noisy_line, train
threads = lambda: len(os.listdir("/proc/self/task")) if os.path.exists("/proc/self/task") else 0
found, started = [], []
draw = np.random.default_rng(0)
wide, long = draw.uniform(size=(400, 40)), np.stack([draw.uniform(-1, 1, 200000), np.ones(200000)], axis=1)
long = Dataset(long, 3 * long[:, 0] + draw.normal(size=200000), names=("slope", "intercept"))
CASES = [
    (noisy_line(), {"replicas": 4096, "sampler": "replacement"}),
    (noisy_line(), {"replicas": 4096, "sampler": "fresh"}),
    (noisy_line(), {"replicas": 4096, "sampler": "fresh", "batch_size": 70}),
    (noisy_line(), {"replicas": 4096, "sampler": "epochs"}),
    (noisy_line(), {"replicas": 40000, "batch_size": None}),
    (long, {"batch_size": 100000}),
    (long, {"batch_size": None}),
    (Dataset(wide, wide.sum(axis=1)), {"replicas": 1000, "start": [0.0] * 40, "lr": 0.01}),
]
torch.set_num_threads(int(sys.argv[1]))
for data, how in CASES:
    before = threads()
    run = train(LeastSquares(data), steps=3, **how)
    started.append(threads() - before)
    found.append(hashlib.sha256(run.params.tobytes() + run.loss.tobytes()).hexdigest())
before = threads()
torch.ones(200, 1000).exp()  # to know that threads would be seen
print(threads() - before, *started, *found)
"""


def told_with(threads):
    done = subprocess.run([sys.executable, "-c", THREADS, str(threads)], text=True, capture_output=True, check=True)
    return done.stdout.split()


@pytest.mark.ensemble
def test_torch_parts_no_work_and_the_numbers_are_the_same_for_any_number_of_threads():
    one, four = told_with(1), told_with(4)
    assert four[1:] == one[1:]
    assert four[1:9] == 8 * ["0"]
    assert four[0] == ("3" if sys.platform == "linux" else "0")
