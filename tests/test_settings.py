"""Settings, the steps they make, and what a recorder keeps of these."""

import dataclasses
import json
from functools import partial

import numpy as np
import pytest
import torch
from helpers.runs import torch_path
from torch.optim import SGD, Adam
from torch.optim.lr_scheduler import StepLR

from sgdlib import LeastSquares, Run, noisy_line, train
from sgdlib.experiment.optimisers import dry_run
from sgdlib.experiment.problem import Problem
from sgdlib.experiment.recorder import Recorder
from sgdlib.experiment.settings import OptimizerSettings, Settings
from sgdlib.experiment.steps import steps

HOWS = {
    "sgd": {"batch_size": 4, "replicas": 2},
    "gradient descent": {"batch_size": None},
    "growing batches": {"batch_size": {1: 2, 4: 5}, "seed": 3},
    "epochs": {"sampler": "epochs", "batch_size": 16, "drop_last": True},
    "momentum": {"optimizer": partial(SGD, momentum=0.9), "start": (2.0, 3.0)},
    "a schedule": {"optimizer": Adam, "schedule": partial(StepLR, step_size=3), "every": 4, "record": ("loss",)},
}
every_how = pytest.mark.parametrize("how", HOWS.values(), ids=HOWS)


def made(how, p=2):
    """Settings by hand, of train's arguments."""
    rest = {name: value for name, value in how.items() if name not in ("optimizer", "schedule")}
    return dry_run(Settings(steps=10, **rest), p, how.get("optimizer"), how.get("schedule"))


@every_how
def test_a_run_has_the_settings_it_was_made_with_also_from_its_file(problem, how, tmp_path):
    run = train(problem, steps=10, **how)
    expected = dataclasses.replace(made(how), start=how.get("start", (-1.0, 1.0)))
    assert run.settings == expected
    assert run.settings != dataclasses.replace(expected, lr=0.2)
    run.save(tmp_path / "run.json")
    assert Run.load(tmp_path / "run.json").settings == expected
    meta = json.loads(json.dumps(expected.to_json()))
    assert meta == {name: value for name, value in run.meta.items() if name not in ("lrs", "torch")}


@every_how
def test_steps_and_a_recorder_by_hand_are_what_train_does(problem, how):
    settings = made(how)
    recorder = Recorder(problem, settings, {})
    for state in steps(problem, settings):
        recorder.add(state)
    assert recorder.run(settings) == train(problem, steps=10, **how)


@every_how
def test_every_state_has_what_made_it(problem, how):
    run = train(problem, steps=10, **how | {"every": 1, "record": ("params", "batches")})
    states = list(steps(problem, made(how)))
    assert [state.step for state in states] == list(range(11))
    np.testing.assert_array_equal(np.stack([state.params for state in states], axis=1), run.params)
    path = torch_path(run, optimizer=how.get("optimizer", SGD), schedule=how.get("schedule"))
    np.testing.assert_allclose([state.params[0].numpy() for state in states], path, rtol=0, atol=1e-10)
    falls = 10.0 if "schedule" in how else 1.0  # every third step
    assert [state.lr for state in states[1:]] == pytest.approx([0.1 / falls ** (t // 3) for t in range(10)])
    for t, state in enumerate(states[1:]):
        rows = None if run.batches is None else run.batches[:, t]
        assert (state.rows is None) == (rows is None)
        assert rows is None or state.rows.tolist() == rows[:, : state.rows.shape[1]].tolist()
    assert states[0].rows is None


def test_settings_are_never_changed():
    with pytest.raises(dataclasses.FrozenInstanceError):
        Settings().lr = 1.0


REFUSED = {
    "lr": {"lr": 0.0},
    "batch_size": {"batch_size": 0},
    "batch_size in epochs": {"batch_size": {1: 1, 2: 2}, "sampler": "epochs"},
    "steps": {"steps": 0},
    "start": {"start": (float("nan"), 1.0)},
    "sampler": {"sampler": "shuffle"},
    "sampler, none": {"sampler": None},
    "drop_last": {"drop_last": True},
    "seed": {"seed": -1},
    "replicas": {"replicas": 0},
    "record": {"record": "loss"},
    "record, twice": {"record": ("loss", "loss")},
    "every": {"every": 0},
    "optimizer": {"optimizer": Adam},
    "schedule": {"schedule": partial(StepLR, step_size=3)},
}


@pytest.mark.parametrize(("name", "how"), REFUSED.items(), ids=REFUSED)
def test_settings_by_hand_refuse_what_train_refuses(name, how):
    with pytest.raises((TypeError, ValueError), match=rf"^{name.split(',')[0].split()[0]}\b.* must be .*got "):
        Settings(**how)


@pytest.mark.parametrize("how", [{"batch_size": 101}, {"start": (1.0, 2.0, 3.0)}, {"replicas": 10**8}])
def test_settings_that_do_not_fit_a_problem_are_refused_with_trains_words(problem, how, monkeypatch):
    monkeypatch.setattr(LeastSquares, "gradient", None)
    with pytest.raises(ValueError) as by_hand:
        next(steps(problem, Settings(**how)))
    with pytest.raises(ValueError) as trained:
        train(problem, **how)
    assert str(by_hand.value) == str(trained.value)


def test_settings_of_a_file_train_again_but_for_what_a_file_cannot_hold(problem, tmp_path):
    run = train(problem, steps=5, batch_size=4)
    assert list(steps(problem, run.settings))[-1].params.tolist() == run.params[:, -1].tolist()
    for how in ({"optimizer": Adam}, {"schedule": partial(StepLR, step_size=3)}):
        with pytest.raises(ValueError, match=r"^settings must be .*factory.*got "):
            next(steps(problem, train(problem, steps=5, **how).settings))


def test_a_record_that_lacks_a_setting_says_which_there_are(problem):
    run = train(problem, steps=2)
    meta = {name: value for name, value in run.meta.items() if name != "every"}
    with pytest.raises(ValueError, match=r"^meta must have lr, .*every.*got lr, "):
        _ = Run(problem, meta, run.steps, run.outcome, run.recorded).settings


def test_an_optimiser_without_its_qualified_name_is_torchs_if_it_is_called_sgd():
    assert OptimizerSettings(name="SGD").is_default_sgd
    assert not OptimizerSettings(name="Adam").is_sgd
    assert not OptimizerSettings(name="SGD", changed=["momentum"]).is_default_sgd


def gradient_norm(problem, state):
    return problem.gradient(state.params).norm(dim=1)


@pytest.mark.parametrize("every", [1, 4])
def test_a_statistic_is_recorded_saved_loaded_and_compared(problem, every, tmp_path):
    how = {"steps": 10, "replicas": 3, "every": every}
    run = train(problem, record=(("gradient norm", gradient_norm), "params"), **how)
    assert list(run.recorded) == ["params", "gradient norm"]
    x, y = problem.data.x.numpy(), problem.data.y.numpy()
    gradients = 2 / len(y) * (run.params @ x.T - y) @ x  # (R, k, p)
    kept = run.recorded["gradient norm"]
    assert (kept.shape, kept.dtype, kept.flags.writeable) == ((3, len(run.steps)), np.float64, False)
    np.testing.assert_allclose(kept, np.linalg.norm(gradients, axis=2), rtol=1e-10)
    assert run.meta["record"] == ["params", "gradient norm"]
    run.save(tmp_path / "run.json")
    assert Run.load(tmp_path / "run.json") == run
    other = train(problem, record=("params", ("gradient norm", lambda *at: 2 * gradient_norm(*at))), **how)
    assert other != run
    assert other.settings == run.settings
    assert run.replica(1).recorded["gradient norm"].tolist() == kept[1:2].tolist()


def test_a_statistic_may_be_of_numpy_of_integers_or_not_finite(problem):
    functions = {"numpy": lambda p, s: s.params.numpy()[:, 0], "count": lambda p, s: (s.params > 0).sum(1)}
    functions["log"] = lambda p, s: torch.full((2,), s.step, dtype=torch.float32).log()
    run = train(problem, steps=3, replicas=2, record=["params", *functions.items()])
    assert np.array_equal(run.recorded["numpy"], run.params[:, :, 0])
    assert np.array_equal(run.recorded["count"], (run.params > 0).sum(-1))
    np.testing.assert_allclose(run.recorded["log"][0], [-np.inf, 0.0, np.log(2), np.log(3)], rtol=1e-6)


BAD_STATISTICS = {
    "nothing": lambda problem, state: None,
    "one number": lambda problem, state: 1.0,
    "every parameter": lambda problem, state: state.params,
    "another size": lambda problem, state: torch.ones(3),
    "texts": lambda problem, state: ["a", "b"],
    "truths": lambda problem, state: torch.tensor([True, False]),
    "complex": lambda problem, state: torch.ones(2, dtype=torch.complex64),
}


@pytest.mark.parametrize("function", BAD_STATISTICS.values(), ids=BAD_STATISTICS)
def test_what_a_statistic_may_not_return_is_refused_by_name_before_a_step(problem, function, monkeypatch):
    monkeypatch.setattr(LeastSquares, "gradient", None)
    with pytest.raises((TypeError, ValueError), match=r"(?s)^record, 'mine', must be a function .*\(2,\).*got "):
        train(problem, replicas=2, record=("loss", ("mine", function)))


@pytest.mark.parametrize(
    "record",
    [
        ["loss", ("mine", 3)],
        [("loss", gradient_norm)],
        [("", gradient_norm)],
        [(1, gradient_norm)],
        [("mine", gradient_norm), ("mine", gradient_norm)],
        [gradient_norm],
        ["mine"],
    ],
)
def test_a_record_of_other_things_is_refused(problem, record, monkeypatch):
    monkeypatch.setattr(LeastSquares, "loss", None)
    with pytest.raises((TypeError, ValueError), match=r"(?s)^record must be .*got "):
        train(problem, record=record)


class Counting(LeastSquares):
    """Counts how often its loss over all rows is computed."""

    count = 0

    def loss(self, params, rows=None):
        type(self).count += rows is None
        return super().loss(params, rows)


@pytest.mark.parametrize(("record", "every", "count"), [("params", 1, 101), ("params", 10, 11), ("loss", 40, 4)])
def test_the_loss_over_all_rows_is_computed_where_it_is_recorded_alone(record, every, count, monkeypatch):
    monkeypatch.setattr(Counting, "count", 0)
    train(Counting(noisy_line()), every=every, record=[record])
    assert Counting.count == count


class Rising(Problem):
    """A loss that hangs on the step alone: the parameter counts the steps."""

    losses = (1.0, 1.0, 1e9, 1.0, 1.0, 1e9, 1e9)

    def loss(self, params, rows=None):
        return torch.tensor(self.losses, dtype=torch.float64)[params[:, 0].long()]

    def gradient(self, params, rows=None):
        return torch.tensor([[-1.0, 0.0]], dtype=torch.float64).expand(len(params), 2)


@pytest.mark.parametrize(("every", "step"), [(1, 2), (2, 2), (3, 2), (4, 2), (6, 2)])
def test_a_divergence_that_is_seen_later_has_its_first_step(every, step):
    run = train(Rising(noisy_line(n=3)), lr=1.0, start=(0, 0), batch_size=None, steps=6, every=every)
    assert run.outcome[0].diverged_at == step


def test_a_divergence_that_passes_between_recorded_steps_is_not_seen():
    run = train(Rising(noisy_line(n=3)), lr=1.0, start=(0, 0), batch_size=None, steps=4, every=4)
    assert str(run.outcome[0]) == "finished"


def test_a_recorder_that_has_not_seen_every_state_makes_no_run(problem):
    recorder = Recorder(problem, Settings(steps=3), {})
    recorder.add(next(steps(problem, Settings(steps=3))))
    with pytest.raises(ValueError, match=r"^add must have been called with every state before run; got 1 of 4"):
        recorder.run(Settings(steps=3))


def test_a_bare_function_is_refused_by_saying_that_it_needs_a_name(problem):
    with pytest.raises(TypeError, match=r"^record must be a sequence of .*pairs \(name, function\).*such as"):
        train(problem, record=["loss", lambda problem, state: state.params[:, 0]])
