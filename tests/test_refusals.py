"""Every argument of every public name refuses every kind of badness, before any work."""

import inspect
import re
from functools import partial
from math import inf, nan
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from sgdlib import (
    Animation,
    AnimationTable,
    Curves,
    Dataset,
    Figure,
    HeatMap,
    LeastSquares,
    LineFit,
    LossCurve,
    ParameterPlane,
    Ruler,
    Run,
    Scatter,
    noisy_line,
    read_csv,
    theory,
    train,
)
from sgdlib.experiment.problem import Problem
from sgdlib.experiment.run import Outcome

HUGE = 10**400


class OnlyLoss(Problem):
    def loss(self, params, rows=None):
        return params.square().sum(-1)


LINE = noisy_line(n=20)
WIDE = Dataset(np.random.default_rng(0).normal(size=(9, 4)), np.arange(9.0))
ONE_X = Dataset([[2.0, 1.0]] * 5, np.arange(5.0))  # every point at the same x: no one minimiser
PROBLEM = LeastSquares(LINE)
SHORT = {"steps": 5, "batch_size": 4}
RUN = train(PROBLEM, **SHORT)
TWO = train(PROBLEM, replicas=2, **SHORT)
PARTS = {
    "problem": PROBLEM,
    "meta": {"lr": 0.1},
    "steps": np.array([0, 1, 2]),
    "outcome": (Outcome(),),
    "recorded": {"loss": np.ones((1, 3))},
}

SMOOTH = {"problem": PROBLEM, "lr": 0.1, "batch_size": 4, "sampler": "fresh"}
BATCH = {"problem": PROBLEM, "batch_size": 4, "sampler": "fresh"}
SIMULATED = {"steps": 20, "replicas": 5, "seed": 0}

GRID = {"x_label": "x", "y_label": "y", "title": "z"}

# public name: how it is called, and arguments it takes
CALLS = {
    "noisy_line": (noisy_line, {}),
    "Dataset": (Dataset, {"x": [[0.0, 1.0], [2.0, 1.0]], "y": [1.0, 5.0]}),
    "read_csv": (read_csv, {"path": Path(__file__).with_name("conftest.py"), "x": ["a"], "y": "b"}),
    "LeastSquares": (LeastSquares, {"data": LINE}),
    "train": (train, {"problem": PROBLEM} | SHORT),
    "Run": (Run, PARTS),
    "Run.replica": (TWO.replica, {"k": 0}),
    "Run.save": (RUN.save, {}),
    "Run.load": (Run.load, {}),
    "Scatter": (Scatter, {"data": LINE}),
    "Ruler": (Ruler, {"marks": {"limit": 1.0}, "label": "learning rate"}),
    "HeatMap": (HeatMap, {"x": [1, 2], "y": [1, 2], "values": [[1, 2], [3, 4]]} | GRID),
    "Curves": (Curves, {"curves": {"a": ([1, 2], [3, 4])}} | GRID),
    "Animation": (Animation, {"runs": {"sgd": RUN}, "views": [LossCurve()]}),
    "Animation.save": (Animation({"sgd": RUN}, [LossCurve()]).save, {}),
    "AnimationTable": (AnimationTable, {"runs": {"a": RUN, "b": RUN}, "views": [LossCurve()]}),
    "AnimationTable[…]": (AnimationTable({"a": RUN}, [LossCurve()]).__getitem__, {}),
    "AnimationTable.save": (AnimationTable({"a": RUN}, [LossCurve()]).save, {}),
    "Figure": (Figure, {"views": [Scatter(LINE)]}),
    "Figure.save": (Figure([Scatter(LINE)]).save, {}),
    "LineFit": (lambda runs: Animation(runs, [LineFit()]), {}),
    "ParameterPlane": (lambda runs: Animation(runs, [ParameterPlane()]), {}),
    "LossCurve": (lambda runs: Animation(runs, [LossCurve()]), {}),
    "ParameterPlane(…)": (ParameterPlane, {}),
    "LossCurve(…)": (LossCurve, {}),
    "LossCurve, theory": (lambda runs: Animation(runs, [LossCurve(theory=True)]), {}),
    "ParameterPlane, theory": (lambda runs: Animation(runs, [ParameterPlane(theory=True)]), {}),
    "theory.batch_factor": (theory.batch_factor, {"n": 20, "batch_size": 4, "sampler": "fresh"}),
    "theory.gd_limit": (theory.gd_limit, {"problem": PROBLEM}),
    "theory.best_lr": (theory.best_lr, {"problem": PROBLEM}),
    "theory.gd_rate": (theory.gd_rate, {"problem": PROBLEM, "lr": 0.1}),
    "theory.half_lives": (theory.half_lives, {"problem": PROBLEM, "lr": 0.1}),
    "theory.mean_path": (theory.mean_path, {"problem": PROBLEM, "lr": 0.1, "steps": 5, "start": [1.0, 1.0]}),
    "theory.heavy_ball_limit": (theory.heavy_ball_limit, {"problem": PROBLEM, "momentum": 0.9}),
    "theory.heavy_ball_rate": (theory.heavy_ball_rate, {"problem": PROBLEM, "lr": 0.1, "momentum": 0.9}),
    "theory.best_heavy_ball": (theory.best_heavy_ball, {"problem": PROBLEM}),
    "theory.growth": (theory.growth, SMOOTH),
    "theory.mean_square_limit": (theory.mean_square_limit, BATCH),
    "theory.expected_excess_loss": (theory.expected_excess_loss, SMOOTH | {"steps": 5, "start": [1.0, 1.0]}),
    "theory.noise_covariance": (theory.noise_covariance, SMOOTH),
    "theory.noise_floor": (theory.noise_floor, SMOOTH),
    "theory.first_order_covariance": (theory.first_order_covariance, SMOOTH),
    "theory.first_order_floor": (theory.first_order_floor, SMOOTH),
    "theory.lyapunov_exponent": (theory.lyapunov_exponent, SMOOTH | SIMULATED),
    "theory.almost_sure_limit": (theory.almost_sure_limit, BATCH | SIMULATED),
    "theory.gradient_noise_scale": (theory.gradient_noise_scale, {"problem": PROBLEM, "params": [[1.0, 1.0]]}),
    "theory.average_covariance": (theory.average_covariance, BATCH | {"steps": 5}),
    "theory.average_excess_loss": (theory.average_excess_loss, BATCH | {"steps": 5}),
    "theory.fastest": (theory.fastest, BATCH | {"target": 0.1, "start": [1.0, 1.0]}),
}

NO_NUMBER = {"None": None, "text": "1", "bool": True, "complex": 1j, "list": [1], "bytes": b"1", "object": object()}
NUMBER = NO_NUMBER | {
    "nan": nan,
    "inf": inf,
    "−inf": -inf,
    "huge": HUGE,
    "numpy bool": np.True_,
    "numpy nan": np.float32(nan),
}
INTEGER = NO_NUMBER | {
    "fraction": 2.5,
    "whole float": 2.0,
    "nan": nan,
    "inf": inf,
    "huge": HUGE,
    "huger than Python writes": 10**5000,
    "minus huge": -HUGE,
    "tensor of a bool": torch.tensor(True),
    "tensor of two": torch.tensor([1, 2]),
}
COUNT = INTEGER | {"zero": 0, "negative": -1}
SEED = INTEGER | {"negative": -1, "too large": 2**63}
NO_ARRAY = {
    "None": None,
    "text": "12",
    "bools": [True, False],
    "complex": [1j, 1j],
    "object": object(),
    "mapping": {0: 1.0},
    "set": {1.0, 2.0},
}


def array(size):
    """Badness of a vector of ``size`` numbers."""
    values = {"nan": nan, "inf": inf, "−inf": -inf, "huge": HUGE, "a text": "1", "a None": None}
    return NO_ARRAY | {
        **{f"one is {name}": [1.0] * (size - 1) + [value] for name, value in values.items()},
        "one number": 1.0,
        "empty": [],
        "one too few": [1.0] * (size - 1),
        "one too many": [1.0] * (size + 1),
        "two axes": [[1.0] * size],
        "ragged": [[1.0], [1.0, 2.0]],
    }


TEXT = {"number": 1, "bool": True, "list": ["a"], "bytes": b"a", "empty": "", "blank": " \t"}
NAME = TEXT | {
    "upper case": "Data",
    "blank inside": "a b",
    "underscore": "a_b",
    "a path": "../a",
    "new line": "a\n",
    "not ASCII": "größe",
}
NO_MAPPING = {"text": "a", "number": 1, "zero": 0, "False": False, "list": [("a", 1)]}
SETTINGS = NO_MAPPING | {"an object": {"a": object()}, "not finite": {"a": nan}, "a tensor": {"a": torch.ones(1)}}
CURVES = NO_MAPPING | {
    "label a number": {1: ([1, 2], [3, 4])},
    "label empty": {"": ([1, 2], [3, 4])},
    "a long label": {"a" * 31: ([1, 2], [3, 4])},
    "x alone": {"b": [1, 2, 3]},
    "a text": {"b": "12"},
    "None inside": {"b": None},
    "one point": {"b": ([1], [2])},
    "y longer": {"b": ([1, 2], [3, 4, 5])},
    "x descending": {"b": ([2, 1], [3, 4])},
    "x of texts": {"b": (["1", "2"], [3, 4])},
    "y nan": {"b": ([1, 2], [3, nan])},
    "y inf": {"b": ([1, 2], [3, inf])},
}
NO_DATASET = {
    "None": None,
    "text": "data",
    "an array": np.ones((3, 2)),
    "a pair": (LINE.x, LINE.y),
    "a problem": PROBLEM,
}
NO_SEQUENCE = {"None": None, "text": "loss", "bytes": b"loss", "number": 1, "set": {"loss"}, "generator": iter(())}
RUNS = {
    "None": None,
    "a run": RUN,
    "list": [RUN],
    "empty": {},
    "label a number": {1: RUN},
    "label empty": {"": RUN},
    "label blank": {" ": RUN},
    "a run None": {"a": None},
    "a run text": {"a": "run.json"},
    "other steps": {"a": RUN, "b": train(PROBLEM, steps=6, batch_size=4)},
    "other every": {"a": RUN, "b": train(PROBLEM, every=2, **SHORT)},
    "other data": {"a": RUN, "b": train(LeastSquares(noisy_line(n=20, seed=1)), **SHORT)},
    "no loss": {"a": train(PROBLEM, record=["params"], **SHORT)},
}
VIEWS = NO_SEQUENCE | {
    "empty": [],
    "a view": LossCurve(),
    "a class": [LossCurve],
    "text inside": ["LossCurve"],
    "None inside": [LossCurve(), None],
}
NO_FACTORY = {
    "text": "Adam",
    "number": 1,
    "zero": 0,
    "list": [torch.optim.SGD],
    "empty": {},
    "another class": dict,
    "a class of nothing": object,
    "what gives None": print,
    "what raises": lambda *_, **__: 1 / 0,
}
PATH = {
    "None": None,
    "number": 1,
    "bool": True,
    "bytes": b"a.json",
    "empty": "",
    "no suffix": "a",
    "unknown suffix": "a.bmp",
    "suffix alone": ".gif",
    "missing folder": "missing/a.json",
    "a folder": "folder.json",
    "a null byte": "a\0.json",
}
RATE = NUMBER | {"zero": 0.0, "negative": -0.1, "too small for a float": 5e-324 / 2}
SIZE = {kind: value for kind, value in COUNT.items() if kind != "None"} | {"more than n": 21}
SAMPLER = TEXT | {"None": None, "unknown": "random", "upper case": "Fresh"}
LAW = SAMPLER | {"no closed form": "epochs", "no closed form either": "cyclic"}
LEAST_SQUARES = {"None": None, "text": "problem", "data": LINE, "a class": LeastSquares, "a loss alone": OnlyLoss(LINE)}
MOMENTUM = NUMBER | {"negative": -0.1, "one": 1.0, "two": 2}
BELOW = {kind: bad for kind, bad in RATE.items() if kind != "None"} | {"beyond the limit": 1.0}
EXACT = {"problem": LEAST_SQUARES, "lr": RATE, "batch_size": SIZE, "sampler": LAW}
DRAWN = {"problem": LEAST_SQUARES, "batch_size": SIZE, "sampler": LAW}
ENSEMBLE = {"steps": COUNT, "replicas": COUNT | {"one": 1}, "seed": SEED}
LOSS_ALONE = {"a": train(PROBLEM, record=["loss"], **SHORT)}
FOUR = {"a": train(LeastSquares(WIDE), start=[0.0] * 4, **SHORT)}
NO_TRUTH = {"None": None, "text": "True", "number": 1, "list": [True]}
LIMIT = {name: bad for name, bad in NUMBER.items() if bad is not None}
INEXACT = {
    name: {"a": train(PROBLEM, steps=5, **how)}
    for name, how in {
        "epochs": {"batch_size": 4, "sampler": "epochs"},
        "cyclic": {"batch_size": 4, "sampler": "cyclic"},
        "momentum": {"batch_size": 4, "optimizer": partial(torch.optim.SGD, momentum=0.9)},
        "Adam": {"batch_size": None, "optimizer": torch.optim.Adam},
        "a schedule": {"batch_size": 4, "schedule": partial(torch.optim.lr_scheduler.StepLR, step_size=2)},
        "a growing batch": {"batch_size": {1: 1, 3: 4}},
    }.items()
}

CASES = {
    "noisy_line": {
        "n": COUNT,
        "slope": NUMBER | {"beyond float32": 1e39},
        "intercept": NUMBER | {"beyond float32": 1e39},
        "noise": NUMBER | {"negative": -0.1, "beyond float32": 1e39},
        "seed": SEED,
    },
    "Dataset": {
        "x": NO_ARRAY
        | {
            "one axis": [1.0, 2.0],
            "three axes": [[[1.0]], [[1.0]]],
            "no rows": np.ones((0, 2)),
            "no columns": np.ones((2, 0)),
            "ragged": [[1.0], [1.0, 2.0]],
            "nan": [[nan, 1.0], [0.0, 1.0]],
            "inf": [[0.0, 1.0], [inf, 1.0]],
            "huge": [[HUGE, 1.0], [0.0, 1.0]],
            "beyond float64": np.array([[np.longdouble("1e400"), 1.0], [0.0, 1.0]]),
            "nan in a tensor": torch.full((2, 2), nan),
        },
        "y": array(2),
        "truth": {kind: value for kind, value in array(2).items() if kind != "None"},
        "origin": SETTINGS,
        "names": {kind: value for kind, value in NO_SEQUENCE.items() if kind != "None"}
        | {
            "empty": [],
            "too few": ["a"],
            "too many": ["a", "b", "c"],
            "twice": ["a", "a"],
            "a number": ["a", 1],
            "None inside": ["a", None],
            "blank": ["a", " "],
            "two lines": ["a", "b\nc"],
            "taken": ["a", "loss"],
        },
    },
    "read_csv": {
        "path": {
            "None": None,
            "number": 1,
            "bytes": b"a.csv",
            "empty": "",
            "a folder": "folder.json",
            "a null byte": "a\0.csv",
            "no table": Path(__file__),
        },
        "x": NO_SEQUENCE | {"empty": [], "twice": ["a", "a"], "y too": ["a", "b"], "a number": [1], "blank": [" "]},
        "y": TEXT | {"None": None},
        "intercept": {"None": None, "number": 1, "text": "no"},
    },
    "LeastSquares": {"data": NO_DATASET},
    "train": {
        "problem": {"None": None, "text": "problem", "data": LINE, "a class": LeastSquares},
        "lr": RATE,
        "batch_size": SIZE
        | {
            "no sizes": {},
            "not from step 1": {2: 4},
            "from step 0": {0: 4, 1: 4},
            "a step of text": {"1": 4},
            "a step True": {True: 4},
            "a size None": {1: None},
            "a size too large": {1: 4, 3: 21},
        },
        "steps": COUNT,
        "start": {kind: value for kind, value in array(2).items() if kind != "None"}
        | {"where the loss overflows": [1e200, 0.0]},
        "sampler": SAMPLER,
        "drop_last": {"None": None, "number": 1, "text": "no", "where nothing is dropped": True},
        "seed": SEED,
        "replicas": COUNT | {"more than memory": 10**9},
        "record": NO_SEQUENCE
        | {
            "empty": [],
            "unknown": ["speed"],
            "a number": [1],
            "twice": ["loss", "loss"],
            "None inside": ["loss", None],
        },
        "every": COUNT,
        "optimizer": NO_FACTORY
        | {
            "an optimiser": torch.optim.SGD([torch.ones(1)]),
            "a schedule": torch.optim.lr_scheduler.StepLR,
            "a closure": torch.optim.LBFGS,
            "of matrices": torch.optim.Muon,
            "sparse": torch.optim.SparseAdam,
        },
        "schedule": NO_FACTORY
        | {
            "an optimiser": torch.optim.SGD,
            "settings missing": torch.optim.lr_scheduler.StepLR,
            "a metric": torch.optim.lr_scheduler.ReduceLROnPlateau,
        },
    },
    "Run": {
        "problem": {"None": None, "text": "problem", "data": LINE},
        "meta": SETTINGS | {"None": None},
        "steps": NO_ARRAY
        | {
            "empty": [],
            "two axes": [[0, 1, 2]],
            "not from 0": [1, 2, 3],
            "falling": [0, 2, 1],
            "twice": [0, 1, 1],
            "fraction": [0, 1, 1.5],
            "nan": [0, 1, nan],
            "inf": [0, 1, inf],
            "huge": [0, 1, HUGE],
            "one axis less": 0,
        },
        "outcome": {
            "None": None,
            "list": [Outcome()],
            "empty": (),
            "text": "finished",
            "texts": ("finished",),
            "None inside": (None,),
        },
        "recorded": {
            "None": None,
            "array": np.ones((1, 3)),
            "empty": {},
            "unknown": {"speed": np.ones((1, 3))},
            "name a number": {1: np.ones((1, 3))},
            "loss a list": {"loss": [[1.0, 1.0, 1.0]]},
            "loss None": {"loss": None},
            "loss a tensor": {"loss": torch.ones(1, 3)},
            "loss of integers": {"loss": np.ones((1, 3), dtype=int)},
            "loss of texts": {"loss": np.full((1, 3), "1")},
            "a step too few": {"loss": np.ones((1, 2))},
            "an axis too few": {"loss": np.ones(3)},
            "a replica too many": {"loss": np.ones((2, 3))},
            "a parameter too many": {"params": np.ones((1, 3, 3))},
            "batches of floats": {"batches": np.ones((1, 2, 4))},
            "a batch too many": {"batches": np.ones((1, 3, 4), dtype=np.int64)},
            "a row too high": {"batches": np.full((1, 2, 4), 20)},
            "a row too low": {"batches": np.full((1, 2, 4), -2)},
        },
    },
    "Run.replica": {"k": INTEGER | {"negative": -1, "too large": 2}},
    "Run.save": {"path": PATH | {"a film": "a.gif"}},
    "Run.load": {
        "path": {kind: value for kind, value in PATH.items() if kind != "missing folder"} | {"a film": "a.gif"}
    },
    "Scatter": {"data": NO_DATASET | {"four columns": WIDE}},
    "Ruler": {
        "marks": NO_MAPPING
        | {
            "None": None,
            "empty": {},
            "label a number": {1: 1.0},
            "label empty": {"": 1.0},
            "a long label": {"a" * 31: 1.0},
        }
        | {f"a mark {kind}": {"a": bad} for kind, bad in NUMBER.items()},
        "label": TEXT | {"None": None},
        "low": LIMIT | {"above a mark": 2.0},
        "high": LIMIT | {"below a mark": 0.5},
        "log": NO_TRUTH,
    },
    "HeatMap": {
        "x": array(2) | {"descending": [2, 1], "equal": [1, 1], "one": [1]},
        "y": array(2) | {"descending": [2, 1], "equal": [1, 1], "one": [1]},
        "values": NO_ARRAY
        | {"a row": [1, 2], "a column too many": [[1, 2, 3]] * 2, "all nan": [[nan] * 2] * 2}
        | {"inf": [[1, inf], [1, 1]]},
        "x_label": TEXT | {"None": None},
        "y_label": TEXT | {"None": None},
        "title": TEXT | {"None": None},
        "marks": NO_MAPPING | {"label empty": {"": (1, 1)}, "one number": {"a": 1.0}, "off the grid": {"a": (9, 1)}},
        "words": {"text": "abcd", "number": 1, "too few": [["a", "b"]], "numbers": [[1, 2], [3, 4]]},
        "x_log": NO_TRUTH,
        "y_log": NO_TRUTH,
        "log": NO_TRUTH,
    },
    "Curves": {
        "curves": CURVES | {"empty": {}, "None": None},
        "theory": CURVES | {"a label of curves": {"a": ([1, 2], [3, 4])}},
        "levels": NO_MAPPING
        | {"a label of curves": {"a": 1.0}, "label empty": {"": 1.0}, "a long label": {"b" * 31: 1.0}}
        | {f"a level {kind}": {"b": bad} for kind, bad in NUMBER.items()},
        "x_label": TEXT | {"None": None},
        "y_label": TEXT | {"None": None},
        "title": TEXT | {"None": None},
        "x_log": NO_TRUTH,
        "y_log": NO_TRUTH,
        "digits": COUNT | {"too many": 18},
    },
    "Animation": {
        "runs": RUNS,
        "views": VIEWS,
        "title": TEXT,
        "caption": TEXT,
        "name": NAME,
        "alongside": NO_SEQUENCE | {"a mapping": {"a": RUN}, "None inside": [None], "text inside": ["run"]},
    },
    "Animation.save": {"path": PATH},
    "AnimationTable": {
        "runs": RUNS | {"one slug": {"lr 0.1": RUN, "LR 0,1": RUN}, "no slug": {"η": RUN}},
        "views": VIEWS,
        "title": TEXT,
        "caption": TEXT,
        "name": NAME,
        "notes": NO_MAPPING
        | {"unknown label": {"c": "Look."}, "label a number": {1: "Look."}, "empty": {"a": ""}, "None": {"a": None}},
    },
    "AnimationTable[…]": {"label": {"None": None, "number": 0, "unknown": "b", "list": ["a"], "empty": ""}},
    "AnimationTable.save": {"path": PATH},
    "Figure": {
        "views": VIEWS | {"a view of runs": [LossCurve()]},
        "title": TEXT,
        "caption": TEXT,
        "name": NAME,
    },
    "Figure.save": {"path": PATH},
    # what a view cannot show
    "LineFit": {"runs": {"four parameters": FOUR, "no params": LOSS_ALONE}},
    "ParameterPlane": {
        "runs": {
            "four parameters": FOUR,
            "no params": LOSS_ALONE,
            "no minimiser": {"a": train(OnlyLoss(LINE), **SHORT)},
            "many minimisers": {"a": train(LeastSquares(ONE_X), steps=5, batch_size=4)},
        }
    },
    "ParameterPlane(…)": {
        "near": {name: bad for name, bad in NUMBER.items() if bad is not None} | {"zero": 0.0, "negative": -0.5},
        "theory": NO_TRUTH,
    },
    "LossCurve(…)": {"theory": NO_TRUTH},
    "LossCurve, theory": {"runs": INEXACT},
    "ParameterPlane, theory": {"runs": INEXACT},
    "LossCurve": {"runs": {"no loss": {"a": train(PROBLEM, record=["params"], **SHORT)}}},
    "theory.batch_factor": {"n": COUNT, "batch_size": SIZE, "sampler": LAW},
    "theory.gd_limit": {"problem": LEAST_SQUARES},
    "theory.best_lr": {"problem": LEAST_SQUARES},
    "theory.gd_rate": {"problem": LEAST_SQUARES, "lr": RATE},
    "theory.half_lives": {"problem": LEAST_SQUARES, "lr": RATE},
    "theory.mean_path": {"problem": LEAST_SQUARES, "lr": RATE, "steps": COUNT, "start": array(2)},
    "theory.heavy_ball_limit": {"problem": LEAST_SQUARES, "momentum": MOMENTUM},
    "theory.heavy_ball_rate": {"problem": LEAST_SQUARES, "lr": RATE, "momentum": MOMENTUM},
    "theory.best_heavy_ball": {"problem": LEAST_SQUARES},
    "theory.growth": EXACT,
    "theory.mean_square_limit": DRAWN,
    "theory.expected_excess_loss": EXACT
    | {
        "lr": RATE
        | {f"five, {kind}": bad for kind, bad in array(5).items() if kind != "one number"}
        | {"one of five zero": [0.1] * 4 + [0]}
    }
    | {"steps": COUNT, "start": array(2) | {"where the loss overflows": [1e200, 0.0]}},
    "theory.noise_covariance": EXACT | {"lr": RATE | {"beyond the limit": 1.0}},
    "theory.noise_floor": EXACT | {"lr": RATE | {"beyond the limit": 1.0}},
    "theory.first_order_covariance": EXACT,
    "theory.first_order_floor": EXACT,
    "theory.lyapunov_exponent": EXACT | ENSEMBLE,
    "theory.almost_sure_limit": DRAWN | ENSEMBLE,
    "theory.gradient_noise_scale": {
        "problem": LEAST_SQUARES,
        "params": NO_ARRAY
        | {
            "nan": [[nan, 1.0]],
            "inf": [[1.0, inf]],
            "one axis": [1.0, 1.0],
            "a column too many": [[1.0] * 3],
            "empty": [],
        },
    },
    "theory.average_covariance": DRAWN | {"steps": COUNT, "lr": BELOW},
    "theory.average_excess_loss": DRAWN | {"steps": COUNT, "lr": BELOW},
    "theory.fastest": DRAWN | {"target": RATE | {"met at the start": 1e6}, "start": array(2)},
}


@pytest.fixture
def nothing_may_happen(tmp_path, monkeypatch):
    """Fails a test in which a step is taken, a scene is made or a file is written."""

    def fail(*_):
        raise AssertionError("work was done before the refusal")

    (tmp_path / "folder.json").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(LeastSquares, "gradient", fail)
    monkeypatch.setattr(Run, "to_json", fail)
    for kind in (Animation, AnimationTable, Figure):
        monkeypatch.setattr(kind, "scene", fail)
    yield
    assert [path.name for path in tmp_path.rglob("*")] == ["folder.json"]


def assert_refused(subject, argument, value):
    call, good = CALLS[subject]
    with pytest.raises((TypeError, ValueError)) as caught:
        call(value) if subject == "AnimationTable[…]" else call(**good | {argument: value})
    words = str(caught.value)
    assert re.search(rf"\b{argument}\b", words), "names the argument"
    assert re.search(r" must (be|have|give) ", words), "says what is allowed"
    assert re.search(r"\bgot \S", words), "says what was given"
    assert len(words) < 500


@pytest.mark.parametrize(
    ("subject", "argument"), [(subject, argument) for subject, arguments in CASES.items() for argument in arguments]
)
def test_badness_is_refused_before_any_work(subject, argument, nothing_may_happen):
    for kind, value in CASES[subject][argument].items():
        try:
            assert_refused(subject, argument, value)
        except BaseException as error:
            error.add_note(f"where it is: {kind}")
            raise


@pytest.mark.parametrize("subject", CALLS)
def test_the_table_has_every_argument(subject):
    call, _ = CALLS[subject]
    assert set(inspect.signature(call).parameters) == set(CASES[subject])


def test_the_table_has_all_of_the_theory():
    named = {name.removeprefix("theory.") for name in CALLS if name.startswith("theory.")}
    assert named == set(theory.__all__) - {"Estimate"}


@pytest.mark.parametrize("sampler", ["fresh", "replacement"])
def test_drop_last_is_refused_where_no_batch_is_partial(sampler):
    with pytest.raises(ValueError, match=r"drop_last must be False with sampler.*'epochs' and 'cyclic'"):
        train(PROBLEM, batch_size=4, sampler=sampler, drop_last=True)


def test_an_unknown_sampler_is_told_the_known_ones():
    with pytest.raises(ValueError, match="'fresh', 'replacement', 'epochs', 'cyclic'; got 'shuffle'"):
        train(PROBLEM, batch_size=4, sampler="shuffle")


# anything at all; integers between those that cost nothing and those that are refused are left out
single = st.one_of(
    st.floats(),
    st.integers(-(10**6), 500),
    st.integers(min_value=10**10),
    st.integers(max_value=-(10**10)),
    st.booleans(),
    st.none(),
    st.text(max_size=5),
    st.binary(max_size=5),
    st.complex_numbers(),
    st.decimals(),
    st.fractions(),
    st.lists(st.floats() | st.integers() | st.none(), max_size=3),
    st.dictionaries(st.integers(), st.floats(), max_size=2),
    st.builds(object),
    st.floats().map(np.float64),
    st.floats(width=32).map(np.float32),
    st.integers(-100, 100).map(np.int8),
    st.floats().map(torch.tensor),
    st.integers(-100, 100).map(np.array),
)
anything = st.one_of(
    single,
    st.lists(single, min_size=2, max_size=2),
    st.lists(st.lists(st.floats(), min_size=2, max_size=2), min_size=1, max_size=2),
)
NUMERIC = {
    "noisy_line": ["n", "slope", "intercept", "noise", "seed"],
    "Dataset": ["x", "y", "truth"],
    "train": ["lr", "batch_size", "steps", "start", "seed", "replicas", "every"],
    "Run": ["steps"],
    "Run.replica": ["k"],
    "theory.batch_factor": ["n", "batch_size"],
    "theory.mean_path": ["lr", "steps", "start"],
    "theory.half_lives": ["lr"],
    "theory.heavy_ball_rate": ["lr", "momentum"],
    "theory.growth": ["lr", "batch_size"],
    "theory.expected_excess_loss": ["lr", "batch_size", "steps", "start"],
    "theory.noise_covariance": ["lr"],
    "theory.first_order_covariance": ["lr"],
    "theory.lyapunov_exponent": ["lr", "seed"],
    "theory.gradient_noise_scale": ["params"],
}


class AcceptedError(Exception):
    """What the first step of training raises here: all arguments were accepted."""


@pytest.fixture
def no_step(monkeypatch):
    def stop(*_):
        raise AcceptedError

    monkeypatch.setattr(LeastSquares, "gradient", stop)


def test_a_record_larger_than_memory_is_refused(no_step):
    with pytest.raises(ValueError, match=r"record must be of at most 1000000000 numbers.*larger every"):
        train(PROBLEM, steps=10**4, replicas=10**5, batch_size=None)
    with pytest.raises(AcceptedError):
        train(PROBLEM, steps=10**4, replicas=10**3, batch_size=None, every=100)


@pytest.mark.parametrize("examples", [40, pytest.param(200, marks=pytest.mark.audit)])
@pytest.mark.parametrize(
    ("subject", "argument"), [(subject, argument) for subject, names in NUMERIC.items() for argument in names]
)
def test_any_value_is_accepted_or_refused_by_name(subject, argument, examples, no_step):
    call, good = CALLS[subject]
    names = "|".join(CASES[subject])

    @settings(max_examples=examples)
    @given(anything)
    def holds(value):
        try:
            call(**good | {argument: value})
        except AcceptedError:
            pass
        except (TypeError, ValueError) as error:
            assert re.search(rf"\b({names})\b", str(error))  # where two do not fit together, either is named

    holds()
