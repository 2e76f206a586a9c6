import json
from functools import partial
from itertools import product

import numpy as np
import pytest
import torch
from helpers.cases import audited
from helpers.runs import torch_path
from torch.optim import SGD, Adafactor, Adagrad, Adam, Optimizer, RMSprop
from torch.optim.lr_scheduler import (
    CyclicLR,
    ExponentialLR,
    LambdaLR,
    OneCycleLR,
    ReduceLROnPlateau,
    SequentialLR,
    StepLR,
)

from sgdlib import Animation, LeastSquares, LossCurve, ParameterPlane, Run, train
from sgdlib.experiment.optimisers import Stepper, dry_run
from sgdlib.experiment.settings import Settings
from sgdlib.report import captions
from sgdlib.report.facts import all_facts
from sgdlib.scene import Line

OPTIMISERS = {
    "SGD": SGD,
    "momentum": partial(SGD, momentum=0.9),
    "Nesterov": partial(SGD, momentum=0.8, nesterov=True, weight_decay=0.01),
    "Adam": Adam,
    "AMSGrad": partial(Adam, amsgrad=True, betas=(0.5, 0.9)),
    "RMSprop": partial(RMSprop, centered=True, momentum=0.5),
    "Adagrad": partial(Adagrad, lr_decay=0.01),
    **{name: getattr(torch.optim, name) for name in ("AdamW", "Adadelta", "Adamax", "NAdam", "RAdam", "ASGD", "Rprop")},
}
SCHEDULES = {
    "none": None,
    "LambdaLR": lambda optimiser: LambdaLR(optimiser, lambda t: 1 / (1 + t)),
    "StepLR": partial(StepLR, step_size=20, gamma=0.5),
    "ExponentialLR": partial(ExponentialLR, gamma=0.97),
    "OneCycleLR": partial(OneCycleLR, max_lr=0.1, total_steps=60, cycle_momentum=False),
}
CYCLE = partial(OneCycleLR, max_lr=0.05, total_steps=60)
every_optimiser = pytest.mark.parametrize("optimizer", OPTIMISERS.values(), ids=OPTIMISERS)


@pytest.mark.parametrize(
    ("optimizer", "schedule", "replicas"),
    audited(
        product(OPTIMISERS.values(), SCHEDULES.values(), (1, 3)),
        *product(OPTIMISERS.values(), (None,), (1, 3)),
        *product((OPTIMISERS["momentum"], OPTIMISERS["Adam"]), SCHEDULES.values(), (1,)),
    ),
    ids=map(" × ".join, product(OPTIMISERS, SCHEDULES, "13")),
)
def test_a_run_is_torchs_own_on_the_same_batches(problem, optimizer, schedule, replicas):
    run = train(problem, steps=60, batch_size=8, optimizer=optimizer, schedule=schedule, replicas=replicas)
    for k in range(replicas):
        path = torch_path(run, replica=k, optimizer=optimizer, schedule=schedule)
        np.testing.assert_allclose(run.params[k], path, rtol=0, atol=1e-9)


@pytest.mark.parametrize("optimizer", [SGD, partial(SGD, momentum=0.9), Adam], ids=["none", "momentum", "betas"])
def test_a_schedule_may_change_more_than_the_learning_rate(problem, optimizer):
    run = train(problem, steps=60, optimizer=optimizer, schedule=CYCLE)
    np.testing.assert_allclose(run.params[0], torch_path(run, optimizer=optimizer, schedule=CYCLE), rtol=0, atol=1e-9)
    assert run.meta["schedule"]["changes"] == ["betas" if optimizer is Adam else "momentum"]


def test_a_setting_that_a_schedule_changes_from_the_outset_is_told(problem):
    assert train(problem, steps=1, optimizer=SGD, schedule=CYCLE).meta["schedule"]["changes"] == ["momentum"]


@pytest.mark.parametrize("schedule", [None, SCHEDULES["StepLR"]], ids=["none", "StepLR"])
def test_a_schedule_alone_goes_with_plain_sgd(problem, schedule):
    alone, named = (train(problem, optimizer=optimizer, schedule=schedule) for optimizer in (None, SGD))
    np.testing.assert_allclose(alone.params, named.params, rtol=1e-12)


def test_gradient_descent_takes_an_optimiser_too(problem):
    run = train(problem, batch_size=None, steps=50, optimizer=Adam)
    np.testing.assert_allclose(run.params[0], torch_path(run, optimizer=Adam), rtol=0, atol=1e-10)


@pytest.mark.parametrize("kind", [Adafactor, lambda *args, **how: MatrixFree(*args, **how)])
def test_a_single_replica_is_a_vector_to_the_optimiser(problem, kind):
    run = train(problem, steps=50, optimizer=kind)  # which treats a matrix otherwise
    np.testing.assert_allclose(run.params[0], torch_path(run, optimizer=kind), rtol=0, atol=1e-10)


def test_the_start_stays_where_it_is():
    start = torch.tensor([[1.0, 2.0]])
    stepper = Stepper(start, dry_run(Settings(lr=0.5), 2, Adam, None))
    assert stepper.step(torch.ones(1, 2)).tolist() != [[1.0, 2.0]]
    assert start.tolist() == [[1.0, 2.0]]


def test_a_replica_that_diverges_leaves_the_others_alone_under_momentum(problem):
    run = train(problem, optimizer=partial(SGD, momentum=0.9), lr=0.4, batch_size=1, replicas=30, steps=100)
    assert 0 < sum(one.diverged_at is not None for one in run.outcome) < 30
    for k in range(30):
        path = torch_path(run, replica=k, optimizer=partial(SGD, momentum=0.9))
        np.testing.assert_allclose(run.params[k], path, rtol=1e-6)


@pytest.mark.parametrize("every", [1, 7])
def test_the_learning_rates_of_the_recorded_steps_are_kept(problem, every):
    run = train(problem, lr=0.4, steps=20, every=every, schedule=SCHEDULES["LambdaLR"])
    assert run.meta["lrs"] == pytest.approx([0.4 / step for step in run.steps[1:]], rel=1e-15)


def test_the_record_names_optimiser_and_schedule(problem):
    run = train(
        problem, optimizer=partial(SGD, momentum=0.9), schedule=partial(StepLR, step_size=3, gamma=0.5), steps=4
    )
    kept = run.meta["optimizer"]
    assert (kept["name"], kept["changed"], kept["settings"]["momentum"]) == ("SGD", ["momentum"], 0.9)
    assert kept["settings"]["nesterov"] is False
    assert not {"lr", "params", "initial_lr"} & set(kept["settings"])
    assert run.meta["schedule"] == {"name": "StepLR", "settings": {"step_size": 3, "gamma": 0.5}, "changes": []}
    assert train(problem, optimizer=Adam, steps=1).meta["optimizer"]["settings"]["betas"] == [0.9, 0.999]
    assert train(problem, schedule=SCHEDULES["LambdaLR"], steps=1).meta["schedule"]["settings"] == {}


@every_optimiser
def test_the_same_settings_give_the_same_run(problem, optimizer):
    how = {"optimizer": optimizer, "schedule": SCHEDULES["StepLR"], "replicas": 2, "steps": 30}
    assert train(problem, **how) == train(problem, **how)


@every_optimiser
def test_an_optimiser_leaves_global_random_state_alone(problem, optimizer, global_random_state):
    train(problem, optimizer=optimizer, schedule=SCHEDULES["StepLR"], steps=5, replicas=2)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float16])
def test_parameters_stay_float64_whatever_the_start(problem, dtype):
    start = torch.tensor([0.1, 0.2], dtype=dtype)
    run = train(problem, start=start, optimizer=Adam, steps=20)
    np.testing.assert_allclose(run.params[0], torch_path(run, optimizer=Adam), rtol=0, atol=1e-10)
    assert run.params[0, 0].tolist() == start.tolist()


class Halving(Optimizer):
    """An optimiser of an author's own: goes half as far at each step."""

    def __init__(self, params, lr):
        super().__init__(params, {"lr": lr})
        self.length = 1.0

    def step(self, closure=None):
        for leaf in self.param_groups[0]["params"]:
            leaf.data.add_(leaf.grad.sign(), alpha=-self.param_groups[0]["lr"] * self.length)
        self.length /= 2


class MatrixFree(Halving):
    """Refuses anything but a vector."""

    def step(self, closure=None):
        assert all(leaf.ndim == 1 for leaf in self.param_groups[0]["params"])
        super().step()


class Clipping(Halving):
    """Scales the gradient by the length of all of it."""

    def step(self, closure=None):
        for leaf in self.param_groups[0]["params"]:
            leaf.data.sub_(leaf.grad / max(1.0, float(leaf.grad.norm())))


class Momentless(Halving):
    def __init__(self, params, lr):
        super().__init__(params, lr)
        del self.param_groups[0]["lr"]


def test_an_optimiser_of_ones_own_may_have_replicas_that_do_not_meet(problem):
    run = train(problem, optimizer=Halving, lr=1.0, replicas=4, batch_size=1, steps=2)
    assert np.isin(np.abs(np.diff(run.params[:, :, :], axis=1)), [1.0, 0.5]).all()
    assert train(problem, optimizer=Clipping, steps=3).meta["optimizer"]["name"] == "Clipping"


REFUSED_OPTIMISERS = {
    "text": ("adam", TypeError, r"optimizer must be a factory of a torch.optim.Optimizer.*got 'adam' of type str"),
    "an optimiser": (SGD([torch.ones(1)]), TypeError, r"(?s)optimizer must be a factory.*of type SGD"),
    "another class": (dict, ValueError, "must be a factory.*It made a dict"),
    "another signature": (torch.nn.Linear, ValueError, "It raised TypeError: .*unexpected keyword argument 'lr'"),
    "bad settings": (partial(SGD, momentum=-1), ValueError, "It raised ValueError: Invalid momentum value: -1"),
    "a closure": (torch.optim.LBFGS, ValueError, "makes a step from one gradient; got LBFGS, which needs 'closure'"),
    "matrices": (torch.optim.Muon, ValueError, "must be a factory.*Muon only supports 2D parameters"),
    "sparse": (torch.optim.SparseAdam, ValueError, "It raised RuntimeError: SparseAdam does not support dense"),
    "its own lr": (
        lambda params, lr: SGD(params, lr=0.5),
        ValueError,
        "must be one that takes the lr.*has 0.5 where.*with 0.1",
    ),
    "no lr": (
        Momentless,
        ValueError,
        "must be one that takes the lr it is called with.*None where it was called with 0.1",
    ),
    "other parameters": (
        lambda params, lr: SGD([torch.ones(2)], lr=lr),
        ValueError,
        "must be one that takes the parameters it is",
    ),
}
REFUSED_SCHEDULES = {
    "text": ("cosine", TypeError, "schedule must be a factory of a torch.optim.lr_scheduler.*got 'cosine'"),
    "a schedule": (StepLR(SGD([torch.ones(1)]), 3), TypeError, "schedule must be a factory.*of type StepLR"),
    "settings missing": (StepLR, ValueError, "It raised TypeError: .*'step_size'"),
    "another class": (id, ValueError, "schedule must be a factory.*It made a int"),
    "a metric": (
        ReduceLROnPlateau,
        ValueError,
        "goes by the number of the step alone; got ReduceLROnPlateau.*'metrics'",
    ),
    "another optimiser": (lambda _: StepLR(SGD([torch.ones(1)]), 3), ValueError, "It made a StepLR of another"),
    "too short": (
        partial(OneCycleLR, max_lr=1, total_steps=9, cycle_momentum=False),
        ValueError,
        "step 10 of 100, must",
    ),
    "negative": (partial(LambdaLR, lr_lambda=lambda t: 3 - t), ValueError, "of at least 0; got -0.1 in step 5"),
    "nan": (
        partial(LambdaLR, lr_lambda=lambda t: float("nan")),
        ValueError,
        "finite learning rates.*got nan in step 1",
    ),
    "complex": (partial(LambdaLR, lr_lambda=lambda t: 1j), ValueError, "finite learning rates.*got 0.1j in step 1"),
    "an error": (partial(LambdaLR, lr_lambda=lambda t: 1 / (7 - t)), ValueError, "step 7 of 100.*ZeroDivisionError"),
}


@pytest.mark.parametrize(("optimizer", "error", "message"), REFUSED_OPTIMISERS.values(), ids=REFUSED_OPTIMISERS)
@pytest.mark.parametrize("replicas", [1, 2])
def test_what_makes_no_fitting_optimiser_is_refused(problem, optimizer, error, message, replicas):
    with pytest.raises(error, match=message):
        train(problem, optimizer=optimizer, replicas=replicas)


@pytest.mark.parametrize("optimizer", [Adafactor, Clipping])
def test_an_optimiser_in_which_replicas_meet_is_refused(problem, optimizer):
    with pytest.raises(
        ValueError, match=f"optimizer must be one that treats each number by itself.*got {optimizer.__name__} and"
    ):
        train(problem, optimizer=optimizer, replicas=2)


@pytest.mark.parametrize(("schedule", "error", "message"), REFUSED_SCHEDULES.values(), ids=REFUSED_SCHEDULES)
def test_what_makes_no_fitting_schedule_is_refused(problem, schedule, error, message):
    with pytest.raises(error, match=message):
        train(problem, schedule=schedule)


def test_a_schedule_is_tried_to_the_last_step_and_no_further(problem):
    falling = partial(LambdaLR, lr_lambda=lambda t: 3 - t)
    assert train(problem, steps=4, schedule=falling).meta["lrs"] == pytest.approx([0.3, 0.2, 0.1, 0.0])
    with pytest.raises(ValueError, match=r"got -0.1 in step 5"):
        train(problem, steps=5, schedule=falling)


def test_a_schedule_that_does_not_fit_its_optimiser_is_refused(problem):
    with pytest.raises(ValueError, match=r"schedule must be a factory.*It raised ValueError: optimizer must support"):
        train(problem, optimizer=Adagrad, schedule=CYCLE)


def test_a_schedule_that_is_long_enough_is_taken(problem):
    schedule = partial(OneCycleLR, max_lr=1, total_steps=9, cycle_momentum=False)
    assert train(problem, steps=9, schedule=schedule).steps[-1] == 9


def test_schedules_may_follow_one_another(problem):
    def schedule(optimiser):
        return SequentialLR(optimiser, [StepLR(optimiser, 5), ExponentialLR(optimiser, 0.9)], milestones=[10])

    run = train(problem, steps=30, schedule=schedule)
    np.testing.assert_allclose(run.params[0], torch_path(run, schedule=schedule), rtol=0, atol=1e-10)


def test_plain_settings_hold_what_json_can(problem):
    cycle = partial(CyclicLR, base_lr=0.1, max_lr=0.2, step_size_up=4, cycle_momentum=False)
    settings = train(problem, schedule=cycle, steps=2).meta["schedule"]["settings"]
    assert (settings["mode"], settings["max_lrs"], settings["cycle_momentum"]) == ("triangular", [0.2], False)
    weird = partial(SGD, weight_decay=torch.tensor(0.25))
    assert train(problem, optimizer=weird, steps=2).meta["optimizer"]["settings"]["weight_decay"] == 0.25


def at_a_tenth(params, lr):
    """torch's own SGD, whose gradients a hook makes smaller."""

    def smaller(optimiser, *_):
        params[0].grad.mul_(0.1)

    made = SGD(params, lr=lr)
    made.register_step_pre_hook(smaller)
    return made


def stepping_up(params, lr):
    """torch's own SGD, with the step of another."""
    made = SGD(params, lr=lr)
    made.step = partial(torch.no_grad()(lambda leaf: leaf.add_(lr * leaf.grad)), params[0])
    return made


class Raised(SGD):
    def step(self, closure=None):
        super().step()
        super().step()


def called_sgd(*bases, module=__name__, **content):
    """A class of one's own that is called SGD."""
    return type("SGD", bases, {"__module__": module, **content})


NOT_PLAIN = {
    "a class called SGD": called_sgd(Adam),
    "a subclass called SGD": called_sgd(SGD),
    "one that says it is torch's": called_sgd(Adam, module="torch.optim.sgd"),
    "a subclass with a step of its own": Raised,
    "momentum": partial(SGD, momentum=0.9),
    "maximize": partial(SGD, maximize=True),
    "a hook": at_a_tenth,
    "a step of this one": stepping_up,
    "a class called gradient descent": type("gradient descent", (Adam,), {}),
}
VIEWS = [LossCurve(theory=True), ParameterPlane(theory=True), ParameterPlane(near=0.5, theory=True)]


@pytest.mark.parametrize("view", VIEWS, ids=["loss", "plane", "near"])
@pytest.mark.parametrize("batch_size", [4, None])
@pytest.mark.parametrize("optimizer", NOT_PLAIN.values(), ids=NOT_PLAIN)
def test_theory_is_refused_where_it_does_not_hold_whatever_an_optimiser_is_called(problem, optimizer, batch_size, view):
    run = train(problem, optimizer=optimizer, batch_size=batch_size, steps=3)
    kept = run.meta["optimizer"]
    assert kept["qualified_name"] != "torch.optim.sgd.SGD" or kept["changed"]
    with pytest.raises(ValueError, match="plain SGD"):
        Animation({"SGD": run}, [view])


@pytest.mark.parametrize("view", VIEWS, ids=["loss", "plane", "near"])
@pytest.mark.parametrize("optimizer", [None, SGD, partial(SGD, foreach=True, momentum=0.0)], ids=["none", "SGD", "set"])
def test_theory_is_drawn_over_torchs_own_sgd_whatever_its_label(problem, optimizer, view, tmp_path):
    run = train(problem, optimizer=optimizer, batch_size=4, steps=3)
    assert run.meta["optimizer"]["name"] == "SGD"
    assert run.meta["optimizer"]["qualified_name"] == "torch.optim.sgd.SGD"
    run.save(tmp_path / "run.json")
    loaded = Run.load(tmp_path / "run.json")
    assert loaded.meta["optimizer"]["qualified_name"] == "torch.optim.sgd.SGD"
    marks = Animation({"Adam": loaded}, [view]).scene().rows[0].panels[0].marks
    assert any(isinstance(mark, Line) and mark.role == "theory" for mark in marks)


def without_qualified_name(run, path):
    """The run from a file as they were written before the qualified name was kept."""
    record = run.to_json()
    record["meta"] = {**record["meta"], "optimizer": dict(record["meta"]["optimizer"])}
    del record["meta"]["optimizer"]["qualified_name"]
    path.write_text(json.dumps(record))
    return Run.load(path)


def test_an_older_file_that_says_sgd_counts_as_torchs_and_adam_does_not(problem, tmp_path):
    run = without_qualified_name(train(problem, steps=3), tmp_path / "run.json")
    assert Animation({"a": run}, [LossCurve(theory=True)]).scene().title == "SGD, batch size 16, learning rate 0.1"
    for other, words in ((Adam, "Adam"), (partial(SGD, momentum=0.9), "SGD with momentum 0.9")):
        run = without_qualified_name(train(problem, steps=3, optimizer=other), tmp_path / "run.json")
        with pytest.raises(ValueError, match=words):
            Animation({"a": run}, [LossCurve(theory=True)])


def test_what_is_only_called_sgd_is_not_gradient_descent_and_is_named_in_captions(problem):
    run = train(problem, optimizer=called_sgd(Adam), batch_size=None, steps=3)
    assert captions.title({"a": run}) == "SGD on all rows, learning rate 0.1"
    assert captions.describe({"a": run}, all_facts({"a": run})).startswith("SGD, learning rate 0.1, ")
    run = train(problem, optimizer=type("gradient descent", (Adam,), {}), batch_size=None, steps=3)
    assert captions.title({"a": run}).startswith("Gradient descent on all rows")


def test_theory_is_refused_for_a_loss_that_only_inherits(problem):
    class Halved(LeastSquares):
        def gradient(self, params, rows=None):
            return super().gradient(params, rows) / 2

    run = train(Halved(problem.data), batch_size=4, steps=3)
    for view in VIEWS:
        with pytest.raises(ValueError, match=r"Halved"):
            Animation({"a": run}, [view])
