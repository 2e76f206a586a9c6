import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from helpers.runs import every_kind, torch_path, wide

from sgdlib import Dataset, LeastSquares, noisy_line, train
from sgdlib.experiment.problem import Problem


class Quartic(Problem):
    """A loss that is finite near its minimiser and explodes from afar: the mean fourth power of the residual."""

    def loss(self, params, rows=None):
        x, y = (self.data.x, self.data.y) if rows is None else (self.data.x[rows], self.data.y[rows])
        return ((x * params[:, None, :]).sum(-1) - y).pow(4).mean(-1)


def dot(x, a, columns):
    """A sum over columns in the order given, so that it is rounded alike on every machine."""
    return sum(x[..., j] * a[..., j] for j in columns)


class TwoOrders(Problem):
    """Least squares, whose batches add up from the other end and so are rounded otherwise."""

    def loss(self, params, rows=None):
        x, y = (self.data.x, self.data.y) if rows is None else (self.data.x[rows], self.data.y[rows])
        columns = range(self.data.p)
        return (dot(x, params[:, None, :], columns if rows is None else columns[::-1]) - y).square().mean(-1)


def gd_path(problem, lr, steps, start):
    """(steps + 1, p): a* + (I − lr H)ᵗ (a_0 − a*), all of it numpy's."""
    x, y = problem.data.x.numpy(), problem.data.y.numpy()
    best = np.linalg.lstsq(x, y, rcond=None)[0]
    shrink = np.eye(x.shape[1]) - lr * 2 / len(x) * x.T @ x
    away = np.array(start) - best
    return np.array([best + np.linalg.matrix_power(shrink, t) @ away for t in range(steps + 1)])


@every_kind
@pytest.mark.parametrize("batch_size", [1, 16, 32, 100])
def test_sgd_is_torchs_on_the_same_batches(problem, sampler, drop_last, batch_size):
    run = train(problem, batch_size=batch_size, steps=200, sampler=sampler, drop_last=drop_last, seed=1)
    np.testing.assert_allclose(run.params[0], torch_path(run), rtol=0, atol=1e-10)


@pytest.mark.parametrize("sampler", ["fresh", "replacement"])
def test_sgd_with_growing_batches_is_torchs(problem, sampler):
    run = train(problem, batch_size={1: 1, 20: 4, 50: 16}, steps=100, sampler=sampler, replicas=2)
    for k in range(2):
        np.testing.assert_allclose(run.params[k], torch_path(run, replica=k), rtol=0, atol=1e-10)


@pytest.mark.parametrize("lr", [0.01, 0.1, 0.7437, 1.1])
def test_gradient_descent_is_its_closed_form(problem, lr):
    run = train(problem, lr=lr, batch_size=None, steps=200)
    np.testing.assert_allclose(run.params[0], gd_path(problem, lr, 200, (-1.0, 1.0)), rtol=1e-10, atol=1e-10)
    assert run.batches is None


def test_gradient_descent_is_its_closed_form_with_more_parameters():
    problem, start = LeastSquares(wide(seed=3)), [5.0, -5.0, 0.0, 1.0]
    run = train(problem, lr=0.2, batch_size=None, steps=100, start=start)
    np.testing.assert_allclose(run.params[0], gd_path(problem, 0.2, 100, start), rtol=0, atol=1e-10)


def test_the_loss_is_on_all_rows_at_the_parameters(problem):
    run = train(problem, batch_size=4, steps=30, replicas=3)
    residual = run.params @ problem.data.x.numpy().T - problem.data.y.numpy()  # (R, k, n)
    np.testing.assert_allclose(run.loss, (residual**2).mean(axis=-1), rtol=1e-12)


@pytest.mark.parametrize("sampler", ["fresh", "epochs", "cyclic"])
def test_a_batch_of_all_rows_is_gradient_descent(problem, sampler):
    whole, gd = (train(problem, batch_size=size, steps=200, sampler=sampler) for size in (100, None))
    np.testing.assert_allclose(whole.params, gd.params, rtol=0, atol=1e-10)


def test_n_rows_with_replacement_are_not_gradient_descent(problem):
    whole, gd = (train(problem, batch_size=size, steps=200, sampler="replacement") for size in (100, None))
    assert np.abs(whole.params - gd.params).max() > 0.01


@every_kind
def test_each_replica_follows_its_own_batches(problem, sampler, drop_last):
    run = train(problem, batch_size=32, steps=50, sampler=sampler, drop_last=drop_last, replicas=3)
    assert run.params.shape == (3, 51, 2)
    for k in range(3):
        np.testing.assert_allclose(run.params[k], torch_path(run, replica=k), rtol=0, atol=1e-10)


@pytest.mark.parametrize(
    ("every", "steps", "recorded"),
    [
        (1, 3, [0, 1, 2, 3]),
        (2, 6, [0, 2, 4, 6]),
        (4, 10, [0, 4, 8, 10]),
        (10, 10, [0, 10]),
        (99, 10, [0, 10]),
        (1, 1, [0, 1]),
    ],
)
def test_every_thins_the_record_and_keeps_the_last_step(problem, every, steps, recorded):
    full = train(problem, steps=steps, batch_size=5, replicas=2)
    run = train(problem, steps=steps, batch_size=5, replicas=2, every=every)
    assert run.steps.tolist() == recorded
    assert np.array_equal(run.params, full.params[:, recorded])
    assert np.array_equal(run.loss, full.loss[:, recorded])
    assert np.array_equal(run.batches, full.batches[:, np.array(recorded[1:]) - 1])


@pytest.mark.parametrize("record", [("loss",), ["batches"], ("loss", "params"), ("params", "loss", "batches")])
def test_record_keeps_what_was_asked_for(problem, record):
    full, run = train(problem, steps=5), train(problem, steps=5, record=record)
    assert set(run.recorded) == set(record)
    for name in record:
        assert np.array_equal(run.recorded[name], full.recorded[name])


def first_above(run, replica=0):
    """The first step whose loss is not finite or more than a million times the first."""
    losses = run.loss[replica]
    return int(np.flatnonzero(~(np.isfinite(losses) & (losses / 1e6 <= losses[0])))[0])


@pytest.mark.parametrize("batch_size", [None, 16])
@pytest.mark.parametrize("lr", [1.1, 2.0, 1e10, 1e200])
def test_divergence_is_an_outcome_and_names_its_first_step(problem, lr, batch_size):
    run = train(problem, lr=lr, batch_size=batch_size, steps=200)
    assert str(run.outcome[0]) == f"diverged at step {first_above(run)}"


def test_training_goes_on_through_divergence_and_keeps_every_value(problem):
    run = train(problem, lr=3.0, batch_size=16, steps=1000)
    # at worst a hair's breadth off: the powers of ten differ by hundreds, the digits by rounding
    np.testing.assert_allclose(run.params[0, :300], torch_path(run)[:300], rtol=1e-8)
    assert np.isfinite(run.loss[0, :100]).all()
    assert not np.isfinite(run.loss[0, -1])
    assert not np.isfinite(run.params[0, -1]).any()
    assert run.batches.min() >= 0


def test_thinning_does_not_hide_the_step_of_divergence(problem):
    how = {"lr": 1.5, "batch_size": 16, "steps": 300}
    full = train(problem, **how)
    assert train(problem, every=300, record=["params"], **how).outcome == full.outcome


def test_a_loss_that_overflows_has_diverged_even_from_a_start_so_high(problem):
    run = train(problem, lr=50.0, batch_size=None, start=(1e152, 0.0), steps=3)
    assert np.isfinite(run.loss[0, 0])
    assert run.outcome[0].diverged_at == first_above(run)


def test_a_replica_that_diverges_leaves_the_others_alone():
    problem = Quartic(noisy_line(n=20, noise=3.0))
    run = train(problem, lr=0.003, batch_size=1, start=(3.0, 10.0), steps=200, replicas=20, seed=1)
    lost = [one.diverged_at is not None for one in run.outcome]
    assert 0 < sum(lost) < 20
    for k, gone in enumerate(lost):
        assert np.isfinite(run.params[k]).all() != gone
        if not gone:
            np.testing.assert_allclose(run.params[k], torch_path(run, replica=k, power=4), rtol=0, atol=1e-10)
        else:
            assert run.outcome[k].diverged_at == first_above(run, k)


def test_a_start_that_fits_exactly_does_not_diverge_by_rounding():
    x, truth = wide(seed=0, p=12).x, torch.linspace(0.1, 9.7, 12, dtype=torch.float64)
    run = train(TwoOrders(Dataset(x, dot(x, truth, range(12)))), lr=0.02, batch_size=1, start=truth)
    assert run.loss[0, 0] == 0 < run.loss[0, -1] < 1e-25
    assert str(run.outcome[0]) == "finished"


ENSEMBLE = """
import re
from sgdlib import LeastSquares, noisy_line, train

def most():
    return int(re.search(r"VmHWM:\\s+(\\d+) kB", open("/proc/self/status").read())[1]) / 1024

how = {"replicas": 1000, "batch_size": 1, "sampler": "replacement", "record": ["params", "loss"]}
train(LeastSquares(noisy_line()), steps=30, every=30, **how)
before = most()
train(LeastSquares(noisy_line()), steps=3000, every=EVERY, **how)
print(most() - before)
"""


@pytest.mark.ensemble
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="only Linux tells a process its own peak")
@pytest.mark.parametrize(("every", "low", "high"), [(3000, 0, 10), (1, 30, 200)], ids=["ends", "every step"])
def test_an_ensemble_takes_memory_for_what_it_records_alone(every, low, high):
    code = ENSEMBLE.replace("EVERY", str(every))
    done = subprocess.run([sys.executable, "-c", code], text=True, capture_output=True, check=True)
    assert low <= float(done.stdout) <= high  # MB; 3000 steps of 1000 runs are 72


@every_kind
def test_the_same_settings_give_the_same_run(problem, sampler, drop_last):
    how = {"sampler": sampler, "drop_last": drop_last, "replicas": 2, "seed": 7}
    first, second = train(problem, **how), train(problem, **how)
    assert first == second
    assert first.params.tobytes() == second.params.tobytes()


@every_kind
def test_training_leaves_global_random_state_alone(problem, sampler, drop_last, global_random_state):
    train(problem, sampler=sampler, drop_last=drop_last, replicas=2)


def test_training_does_not_read_global_random_state(problem):
    with torch.random.fork_rng():
        torch.manual_seed(0)
        first = train(problem)
        torch.manual_seed(1)
        assert train(problem) == first


def test_the_meta_holds_every_setting_and_is_json(problem):
    how = {
        "lr": np.float64(0.25),
        "batch_size": np.int64(7),
        "steps": 12,
        "start": torch.tensor([0.5, 2.0]),
        "sampler": "epochs",
        "drop_last": True,
        "seed": 9,
        "replicas": 2,
        "record": ["loss", "params"],
        "every": 5,
    }
    meta = train(problem, **how).meta
    assert json.loads(json.dumps(dict(meta), allow_nan=False)) == dict(meta)
    assert dict(meta) == how | {
        "lr": 0.25,
        "batch_size": 7,
        "start": [0.5, 2.0],
        "record": ["params", "loss"],
        "optimizer": {"name": "SGD", "qualified_name": "torch.optim.sgd.SGD", "settings": {}, "changed": []},
        "schedule": None,
        "lrs": None,
        "torch": torch.__version__,
    }


def test_the_meta_of_gradient_descent_names_no_sampler(problem):
    meta = train(problem, batch_size=None).meta
    assert (meta["batch_size"], meta["sampler"], meta["drop_last"]) == (None, None, False)
