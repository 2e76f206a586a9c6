import copy
import json
import pickle

import pytest

from sgdlib import LeastSquares, noisy_line, train
from sgdlib.base.frozen import Frozen

SETTINGS = {"lr": 0.1, "start": [-1.0, [1.0]], "data": {"seed": 42}}
CHANGES = {
    "set": lambda one: one.__setitem__("lr", 1),
    "delete": lambda one: one.__delitem__("lr"),
    "update": lambda one: one.update(lr=1),
    "merge": lambda one: one.__ior__({"lr": 1}),
    "pop": lambda one: one.pop("lr"),
    "popitem": lambda one: one.popitem(),
    "setdefault": lambda one: one.setdefault("new", 1),
    "clear": lambda one: one.clear(),
    "a list in it": lambda one: one["start"].append(2.0),
    "a list in a list": lambda one: one["start"][1].extend([2.0]),
    "an item of a list": lambda one: one["start"].__setitem__(0, 5.0),
    "a dict in it": lambda one: one["data"].__setitem__("seed", 1),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_frozen_record_refuses_every_change(change):
    frozen = Frozen(SETTINGS)
    with pytest.raises(TypeError, match="never changed"):
        change(frozen)
    assert frozen == SETTINGS


def test_it_goes_through_json_copy_and_pickle():
    frozen = Frozen(SETTINGS)
    assert json.loads(json.dumps(frozen)) == SETTINGS
    for twin in (copy.copy(frozen), copy.deepcopy(frozen), pickle.loads(pickle.dumps(frozen))):
        assert twin == SETTINGS
        assert type(twin) is Frozen


def test_a_run_goes_through_json_copy_and_pickle():
    run = train(LeastSquares(noisy_line()), batch_size=16, steps=5)
    assert json.loads(json.dumps(run.meta)) == run.meta
    for twin in (copy.deepcopy(run), pickle.loads(pickle.dumps(run))):
        assert twin == run
        assert twin.problem.data == run.problem.data
