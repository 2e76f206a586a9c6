"""What is saved of a problem, and by which class it is loaded."""

import importlib
import json
import sys
from dataclasses import dataclass

import numpy as np
import pytest
import torch

from sgdlib import LeastSquares, Problem, Run, noisy_line, train

LINE = noisy_line(n=5)
SHORT = {"steps": 3, "batch_size": 2}


class Powers(Problem, kind="powers of the residual"):
    """With a setting of any type, kept by an __init__ of its own."""

    def __init__(self, data, setting):
        super().__init__(data)
        self.setting = setting

    def loss(self, params, rows=None):
        x, y = self.batch(rows)
        return ((x * params[:, None, :]).sum(-1) - y).square().mean(-1)


@dataclass(frozen=True)
class Pulled(Problem, kind="pulled to a place"):
    """With settings that a dataclass keeps."""

    place: torch.Tensor
    by: float = 0.5

    def loss(self, params, rows=None):
        return self.by * (params - self.place).square().sum(-1)


SETTINGS = {
    "a number": 0.1,
    "an integer": 3,
    "True": True,
    "None": None,
    "a text": "größe",
    "a tuple": (1, 2.0, "three", (4,)),
    "no numbers": (),
    "weights": torch.tensor([[0.1, 1 / 3], [1e-300, -0.0]], dtype=torch.float64),
    "rows": torch.tensor([1, 2]),
    "an array": np.array([0.1, 1 / 3]),
    "truth values": np.array([True, False]),
    "weights in a tuple": (torch.ones(2, dtype=torch.float64), 1),
}


def pairs(one, other):
    return zip(one, other, strict=True) if isinstance(one, tuple) else [(one, other)]


@pytest.mark.parametrize("setting", SETTINGS.values(), ids=SETTINGS)
def test_what_saves_loads_the_same(setting, tmp_path):
    run = train(Powers(LINE, setting), **SHORT)
    run.save(tmp_path / "run.json")
    again = Run.load(tmp_path / "run.json")
    assert again == run
    assert again.problem is not run.problem
    for given, back in pairs(setting, again.problem.setting):
        assert type(back) is type(given)
        assert np.array_equal(back, given)
        if isinstance(given, (np.ndarray, torch.Tensor)):
            assert back.dtype == given.dtype
            assert repr(back) == repr(given)  # a zero's sign, too


def test_a_problem_that_a_dataclass_keeps_is_compared_by_its_numbers(tmp_path):
    def made(last):
        return Pulled(LINE, torch.tensor([1.0, last], dtype=torch.float64))

    assert made(2.0) == made(2.0)
    assert made(2.0) != made(3.0)
    assert made(2.0) != Pulled(noisy_line(n=6), made(2.0).place)
    assert "by=0.5" in repr(made(2.0))
    run = train(made(2.0), **SHORT)
    run.save(tmp_path / "run.json")
    assert Run.load(tmp_path / "run.json") == run


UNSAVABLE = {
    "a module": torch.nn.Linear(2, 1),
    "a function": abs,
    "a list": [1, 2],
    "a mapping": {"a": 1},
    "nan": float("nan"),
    "weights of float32": torch.ones(2),
    "weights that are not finite": torch.tensor([np.inf]).double(),
    "another data set": LINE,
    "a numpy number": np.float64(0.5),
}


@pytest.mark.parametrize("setting", UNSAVABLE.values(), ids=UNSAVABLE)
def test_what_cannot_be_loaded_again_trains_and_is_refused_by_save(setting, tmp_path):
    run = train(Powers(LINE, setting), **SHORT)
    with pytest.raises(TypeError, match=r"^problem must be .*got a Powers, whose setting is .*Mend that, or save"):
        run.save(tmp_path / "run.json")
    assert not list(tmp_path.iterdir())
    assert run.problem == run.problem
    assert run.problem != Powers(LINE, 1)


def test_what_is_not_kept_is_not_saved(tmp_path):
    class Forgetful(Powers, kind="forgetful"):
        def __init__(self, data, power):
            super().__init__(data, "…")
            self.exponent = power

    run = train(Forgetful(LINE, 2), **SHORT)
    with pytest.raises(TypeError, match=r"got a Forgetful, whose __init__ takes power and keeps no self\.power"):
        run.save(tmp_path / "run.json")
    assert run.problem == run.problem
    assert run.problem != Forgetful(LINE, 2)  # which may be another, as far as one can see

    class Kind(Powers, kind="kind"):
        def __init__(self, data, kind):
            super().__init__(data, "…")
            self.kind = kind

    with pytest.raises(TypeError, match="whose __init__ takes kind"):
        train(Kind(LINE, "any"), **SHORT).save(tmp_path / "run.json")


def test_a_kind_is_one_classs():
    with pytest.raises(ValueError, match=r"^kind must be one that no other class has; got 'least squares' for .*Mine"):

        class Mine(Problem, kind="least squares"):
            pass

    assert Problem.kinds["least squares"] is LeastSquares
    with pytest.raises(TypeError, match=r"^kind must be a string"):

        class Numbered(Problem, kind=3):
            pass

    class Heir(LeastSquares):
        """Of no kind: its loss may be another."""

    assert Heir.kind is None


def test_a_class_that_is_declared_again_takes_its_own_place(tmp_path):
    def cell(factor):
        class Scaled(Problem, kind="scaled"):
            def loss(self, params, rows=None):
                return factor * params.square().sum(-1)

        return Scaled

    first, again = cell(1.0), cell(2.0)
    run = train(first(LINE), **SHORT)
    run.save(tmp_path / "run.json")  # also one that the former class made
    assert type(Run.load(tmp_path / "run.json").problem) is again


def test_least_squares_are_written_as_they_ever_were(tmp_path):
    train(LeastSquares(LINE), **SHORT).save(tmp_path / "run.json")
    assert list(json.loads((tmp_path / "run.json").read_bytes())["problem"]) == ["kind", "data"]
    old = json.loads((tmp_path / "run.json").read_bytes())
    assert old["problem"] == {"kind": "least squares", "data": LINE.to_json()}


FAR = """
import torch
from sgdlib import Problem

class Far(Problem, kind="far away"):
    def __init__(self, data, weights):
        super().__init__(data)
        self.weights = weights

    def loss(self, params, rows=None):
        return (params - self.weights).square().sum(-1)
"""


def test_a_file_imports_nothing_and_says_what_to_import(tmp_path, monkeypatch):
    (tmp_path / "faraway.py").write_text(FAR)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(Problem, "kinds", dict(Problem.kinds))
    far = importlib.import_module("faraway").Far(LINE, torch.ones(2).double())
    train(far, **SHORT).save(tmp_path / "run.json")
    assert b'"class": "faraway.Far"' in (tmp_path / "run.json").read_bytes()
    del sys.modules["faraway"], Problem.kinds["far away"]  # as in another process
    with pytest.raises(ValueError, match=r"Run\.save.*got 'far away'. Import what .*: the file says 'faraway\.Far'"):
        Run.load(tmp_path / "run.json")
    assert "faraway" not in sys.modules
    again = importlib.import_module("faraway")
    assert type(Run.load(tmp_path / "run.json").problem) is again.Far
    del sys.modules["faraway"]


HOSTILE = {
    "a class of another library": {"kind": "os.system", "class": "os.system", "data": "echo"},
    "a kind that is no text": {"kind": ["least squares"]},
    "an argument that is not taken": {"kind": "powers of the residual", "setting": 1, "power": 2},
    "a tensor of texts": {"kind": "powers of the residual", "setting": {"tensor": ["a"]}},
    "a tensor and more": {"kind": "powers of the residual", "setting": {"tensor": [1], "run": "it"}},
    "a ragged array": {"kind": "powers of the residual", "setting": {"array": [[1], [1, 2]]}},
    "a start of another size": {"kind": "pulled to a place", "place": {"tensor": [1.0]}, "start": {"tensor": [1.0]}},
}


@pytest.mark.parametrize("problem", HOSTILE.values(), ids=HOSTILE)
def test_a_file_that_no_class_takes_is_refused(problem, tmp_path):
    path = tmp_path / "run.json"
    train(LeastSquares(LINE), **SHORT).save(path)
    record = json.loads(path.read_bytes())
    path.write_text(json.dumps(record | {"problem": {"data": record["problem"]["data"]} | problem}))
    before = set(sys.modules)
    with pytest.raises(ValueError, match=r"^path must be a file that Run\.save wrote.*run\.json.*cannot be read"):
        Run.load(path)
    assert set(sys.modules) == before
