import json
from functools import partial

import numpy as np
import pytest
import torch
from torch.optim.lr_scheduler import ExponentialLR

from sgdlib import Dataset, LeastSquares, Run, noisy_line, train
from sgdlib.experiment.problem import Problem
from sgdlib.experiment.run import Outcome

DATA = LeastSquares(noisy_line(n=20, seed=1))
RUNS = {
    "sgd": train(DATA, batch_size=4, steps=10, seed=2),
    "gradient descent": train(DATA, batch_size=None, steps=10),
    "partial batches": train(DATA, batch_size=8, steps=10, sampler="epochs", replicas=3),
    "thinned": train(DATA, batch_size=4, steps=10, every=3, record=["params", "loss"]),
    "growing batches": train(DATA, batch_size={1: 2, 4: 5, 8: 20}, steps=10, replicas=2),
    "another optimiser": train(DATA, batch_size=4, steps=10, optimizer=torch.optim.Adam),
    "a schedule": train(DATA, batch_size=4, steps=10, every=3, schedule=partial(ExponentialLR, gamma=0.5)),
    "names of its own": train(
        LeastSquares(Dataset([[1.0, 2.0], [3.0, 1.0]], [1.0, 2.0], names=["a b", "c"])), batch_size=1
    ),
    "loss alone": train(DATA, batch_size=4, steps=10, record=["loss"]),
    "diverged": train(DATA, lr=1.5, batch_size=4, steps=60),
    "no longer finite": train(DATA, lr=1e30, batch_size=4, steps=60, replicas=2),
}
every_run = pytest.mark.parametrize("run", RUNS.values(), ids=RUNS)


def strict(text):
    """JSON as its standard has it: no NaN and no Infinity."""

    def refuse(word):
        raise AssertionError(f"{word} is not JSON")

    return json.loads(text, parse_constant=refuse)


@every_run
def test_a_run_comes_back_from_its_file(run, tmp_path):
    run.save(tmp_path / "run.json")
    again = Run.load(tmp_path / "run.json")
    assert again == run
    assert (again.outcome, again.problem, again.meta) == (run.outcome, run.problem, run.meta)
    assert again.problem.data.names == run.problem.data.names
    assert again.steps.tolist() == run.steps.tolist()
    assert list(again.recorded) == list(run.recorded)
    for name, values in run.recorded.items():
        if values is None:
            assert again.recorded[name] is None
            continue
        finite = np.isfinite(values)
        assert again.recorded[name].dtype == values.dtype
        assert np.array_equal(np.isfinite(again.recorded[name]), finite)
        assert np.array_equal(again.recorded[name][finite], values[finite])


@every_run
def test_the_file_is_strict_json_that_holds_every_number(run, tmp_path):
    run.save(str(tmp_path / "run.json"))
    record = strict((tmp_path / "run.json").read_text(encoding="utf-8"))
    assert record["problem"]["data"]["y"] == run.problem.data.y.tolist()
    assert record["outcome"] == [one.diverged_at for one in run.outcome]
    losses = [value for one in record["recorded"]["loss"] for value in one]
    expected = [float(value) if np.isfinite(value) else None for value in run.loss.ravel()]
    assert losses == expected


def test_a_number_that_is_not_finite_is_null():
    run = RUNS["no longer finite"]
    assert not np.isfinite(run.params[:, -1]).any()
    assert run.to_json()["recorded"]["params"][0][-1] == [None, None]


@every_run
def test_arrays_are_frozen(run):
    for values in (run.steps, *run.recorded.values()):
        if values is not None:
            with pytest.raises(ValueError, match="read-only"):
                values[...] = 0


@pytest.mark.parametrize("name", ["problem", "meta", "steps", "outcome", "recorded", "params", "loss", "batches"])
def test_a_run_is_never_changed(name):
    run = RUNS["sgd"]
    with pytest.raises(AttributeError):
        setattr(run, name, None)
    for mapping in (run.meta, run.recorded):
        with pytest.raises(TypeError):
            mapping["lr"] = 1.0


def test_a_replica_is_the_same_run_with_that_replica_alone():
    run = RUNS["partial batches"]
    for k in range(3):
        alone = run.replica(k)
        assert alone.replicas == 1
        assert alone.outcome == run.outcome[k : k + 1]
        assert dict(alone.meta) == {**run.meta, "replica": k}
        for name in run.recorded:
            assert np.array_equal(getattr(alone, name), getattr(run, name)[k : k + 1])
    assert RUNS["gradient descent"].replica(0).batches is None
    assert run.replica(0) != run.replica(1)


def test_a_replica_ends_as_it_ended_among_the_others(problem):
    run = train(problem, lr=0.85, batch_size=1, steps=60, replicas=6)
    assert len(set(run.outcome)) > 2
    assert [run.replica(k).outcome for k in range(6)] == [(one,) for one in run.outcome]


@pytest.mark.parametrize("name", ["params", "batches"])
def test_reading_what_was_not_recorded_says_so(name):
    with pytest.raises(AttributeError, match=rf"{name} .*not recorded, only loss.*record=\('loss', '{name}'\)"):
        getattr(RUNS["loss alone"], name)


def test_a_file_from_before_parameters_had_names_is_read(tmp_path):
    record = RUNS["sgd"].to_json()
    del record["problem"]["data"]["names"]
    (tmp_path / "run.json").write_text(json.dumps(record), encoding="utf-8")
    assert Run.load(tmp_path / "run.json") == RUNS["sgd"]


def altered(run, change):
    """The run with one thing in its record changed."""
    parts = {
        "problem": run.problem,
        "meta": dict(run.meta),
        "steps": run.steps.copy(),
        "outcome": run.outcome,
        "recorded": {name: values.copy() for name, values in run.recorded.items()},
    }
    change(parts)
    return Run(**parts)


def nudge(array, index):
    array[index] = np.nextafter(array[index], np.inf) if array.dtype.kind == "f" else array[index] - 1


CHANGES = {
    "one parameter": lambda parts: nudge(parts["recorded"]["params"], (0, 3, 1)),
    "one loss": lambda parts: nudge(parts["recorded"]["loss"], (0, 10)),
    "one row of a batch": lambda parts: nudge(parts["recorded"]["batches"], (0, 9, 0)),
    "one step": lambda parts: nudge(parts["steps"], -1) if parts["steps"][-1] > 10 else parts["steps"].put(-1, 11),
    "one setting": lambda parts: parts["meta"].update(lr=0.2),
    "the outcome": lambda parts: parts.update(outcome=(Outcome(3),)),
    "the data": lambda parts: parts.update(problem=LeastSquares(noisy_line(n=20, seed=3))),
    "what was recorded": lambda parts: parts["recorded"].pop("batches"),
    "a loss that is not finite": lambda parts: parts["recorded"]["loss"].put(3, np.nan),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_one_change_makes_a_run_unequal(change):
    run = RUNS["sgd"]
    assert altered(run, lambda parts: None) == run
    assert altered(run, change) != run


def test_a_run_equals_no_other_thing():
    assert RUNS["sgd"] != RUNS["sgd"].to_json()


def damaged(change):
    record = RUNS["sgd"].to_json() | {"recorded": dict(RUNS["sgd"].to_json()["recorded"])}
    change(record)
    return json.dumps(record)


DAMAGED = {
    "empty": "",
    "no text": b"\xff\xfe\x00",
    "no JSON": "lr = 0.1",
    "cut short": damaged(lambda record: None)[:-20],
    "a list": "[1, 2]",
    "a number": "1",
    "deeply nested": "[" * 100_000,
    "another format": '{"format": "sgdlib scene 1"}',
    "nothing but the format": '{"format": "sgdlib run 1"}',
    "without steps": damaged(lambda record: record.pop("steps")),
    "without recorded": damaged(lambda record: record.pop("recorded")),
    "a huge step": damaged(lambda record: record.update(steps=[0, 10**30])),
    "broken steps": damaged(lambda record: record.update(steps=[*range(10), 9.5])),
    "too few losses": damaged(lambda record: record["recorded"].update(loss=[[1.0]])),
    "ragged losses": damaged(lambda record: record["recorded"].update(loss=[[1.0], []])),
    "a loss of text": damaged(lambda record: record["recorded"].update(loss=[["high"] * 11])),
    "an unknown array": damaged(lambda record: record["recorded"].update(speed=[[1.0]])),
    "a batch without numbers": damaged(lambda record: record["recorded"].update(batches=[[[None] * 4] * 10])),
    "a row that is not there": damaged(lambda record: record["recorded"].update(batches=[[[20] * 4] * 10])),
    "recorded a list": damaged(lambda record: record.update(recorded=[])),
    "a meta that is a list": damaged(lambda record: record.update(meta=[1])),
    "an outcome of text": damaged(lambda record: record.update(outcome=["finished"])),
    "an unknown problem": damaged(lambda record: record.update(problem={"kind": "hinge", "data": {}})),
    "a problem without data": damaged(lambda record: record.update(problem={"kind": "least squares"})),
    "data with a null": damaged(
        lambda record: record.update(
            problem={"kind": "least squares", "data": {"x": [[None]], "y": [1.0], "truth": None, "origin": {}}}
        )
    ),
}


@pytest.mark.parametrize("content", DAMAGED.values(), ids=DAMAGED)
def test_a_foreign_or_damaged_file_is_refused_by_name(content, tmp_path):
    path = tmp_path / "run.json"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(ValueError, match=r"^path must be a file that Run\.save wrote.*run\.json"):
        Run.load(path)


def test_loading_a_file_that_is_not_there_says_so(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"missing\.json"):
        Run.load(tmp_path / "missing.json")


def test_a_folder_that_is_not_there_says_so_too(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(
        FileNotFoundError, match=r"^path must be a file that Run\.save wrote.*got 'no/run\.json'"
    ) as caught:
        Run.load("no/run.json")
    assert str(tmp_path / "no" / "run.json") in str(caught.value)


class Named(Problem):
    """A problem with a to_json of its own, of a kind that is not known."""

    def loss(self, params, rows=None):
        return params.square().sum(-1)

    def to_json(self):
        return {"kind": "named", "data": self.data.to_json()}


class Renamed(LeastSquares):
    """Another loss, under the name of least squares."""

    def loss(self, params, rows=None):
        return 2 * super().loss(params, rows)


@pytest.mark.parametrize("kind", [Named, Renamed])
def test_what_could_not_be_loaded_again_is_not_saved(kind, tmp_path):
    run = train(kind(noisy_line(n=3)), batch_size=1, steps=2)
    with pytest.raises(TypeError, match=rf"^problem must be one that .* can be loaded again.*got .*{kind.__name__}"):
        run.save(tmp_path / "run.json")
    assert not list(tmp_path.iterdir())
    assert run == run  # equality needs no file
    assert run != train(kind(noisy_line(n=3)), batch_size=1, steps=2, seed=1)


def test_runs_are_compared_as_arrays(monkeypatch):
    same = train(DATA, batch_size=4, steps=10, seed=2)
    monkeypatch.setattr(Run, "to_json", None)
    assert RUNS["sgd"] == same
    assert RUNS["no longer finite"] == Run(**vars(RUNS["no longer finite"]))
    assert RUNS["sgd"] != RUNS["diverged"]
    monkeypatch.setattr(np, "array_equal", None)
    assert same == same  # not looked at


def test_a_run_is_a_copy_of_what_others_may_write_to():
    losses = np.ones((1, 3))
    run = Run(DATA, {}, np.arange(3), (Outcome(),), {"loss": losses})
    losses[0, 1] = 7.0
    assert run.loss.tolist() == [[1.0, 1.0, 1.0]]


def test_a_saved_run_goes_through_a_symbolic_link(tmp_path):
    (tmp_path / "kept").mkdir()
    (tmp_path / "run.json").symlink_to(tmp_path / "kept" / "other.json")
    RUNS["sgd"].save(tmp_path / "run.json")
    assert (tmp_path / "run.json").is_symlink()
    assert Run.load(tmp_path / "kept" / "other.json") == RUNS["sgd"]


class Unwritable(Problem):
    def loss(self, params, rows=None):
        return params.square().sum(-1)


def test_a_problem_that_cannot_be_written_is_refused_and_leaves_no_file(tmp_path):
    run = train(Unwritable(noisy_line(n=3)), batch_size=1, steps=2)
    with pytest.raises(TypeError, match=r"problem must .* loaded again; got a Unwritable, whose class has no kind"):
        run.save(tmp_path / "run.json")
    assert not list(tmp_path.iterdir())


def test_a_tensor_of_a_record_is_a_copy_and_makes_no_warning(problem):
    run = train(problem, steps=3)
    for values in (run.params, run.loss, run.batches):
        tensor = torch.tensor(values)
        before = values.copy()
        tensor += 1
        assert np.array_equal(values, before)
