import re
from functools import partial

import numpy as np
import pytest
import torch
from helpers.runs import texts, wide
from helpers.scenes import drawn, of

from sgdlib import Animation, AnimationTable, Curves, Dataset, LeastSquares, LossCurve, noisy_line, train
from sgdlib.base.formats import exact, fixed, labelled, shortened, significant
from sgdlib.report.captions import method
from sgdlib.report.facts import arrival, late_distance, settled
from sgdlib.report.values import Vector
from sgdlib.scene import Words

SUPERSCRIPT = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹−", "-0123456789-")


def read(words):
    """The number that a reader reads."""
    if "× 10" in words:
        mantissa, power = words.split(" × 10")
        return float(f"{mantissa.translate(SUPERSCRIPT)}e{power.translate(SUPERSCRIPT)}")
    return float(words.translate(SUPERSCRIPT))


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (0.0, "0"),
        (3.0, "3"),
        (0.23874, "0.2387"),
        (-1.0, "−1"),
        (999999.0, "1000000"),
        (1e6, "1 × 10⁶"),
        (-2.875e17, "−2.875 × 10¹⁷"),
        (1e-4, "0.0001"),
        (9.9999e-5, "1 × 10⁻⁴"),
        (1e-300, "1 × 10⁻³⁰⁰"),
        (float("inf"), "not finite"),
        (float("nan"), "not finite"),
    ],
)
def test_significant(value, words):
    assert significant(value) == words


@pytest.mark.parametrize(
    ("value", "decimals", "words"),
    [
        (9.9738, 2, "9.97"),
        (-1.0, 2, "−1.00"),
        (0.24214, 4, "0.2421"),
        (99999.0, 2, "99999.00"),
        (-123456.7, 2, "−123457"),
        (-5.3e8, 2, "−5 × 10⁸"),
        (float("-inf"), 2, "not finite"),
    ],
)
def test_fixed(value, decimals, words):
    assert fixed(value, decimals) == words


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("power", range(-30, 31, 3))
def test_a_number_in_words_is_the_number(sign, power):
    for digit in (1.0, 2.34567, 9.99949):
        value = sign * digit * 10.0**power
        assert read(significant(value)) == pytest.approx(value, rel=5e-4)  # four digits
        if abs(value) >= 1e6:
            assert read(fixed(value)) == pytest.approx(value, rel=0.5)  # one digit
        else:
            assert read(fixed(value)) == pytest.approx(value, abs=0.5)


def test_a_vector_is_written_as_a_reader_would():
    assert str(Vector((-1.0, 1.0))) == "(−1, 1)"
    assert str(Vector((0.5,))) == "(0.5)"


RUNS = {
    "gradient descent": {"batch_size": None},
    "sgd": {"batch_size": 16, "seed": 5},
    "late": {"batch_size": 16, "lr": 0.01, "steps": 50},
    "exploding": {"batch_size": 16, "lr": 1.1, "steps": 400},
    "thinned": {"batch_size": 4, "sampler": "epochs", "every": 7},
}


@pytest.fixture(params=RUNS.values(), ids=RUNS)
def run(request, problem):
    return train(problem, **request.param)


@pytest.mark.parametrize("value", [0.1, 0.123456, -1.0, 10.0, 1050.0, 123456.0, 1e-7, 2.5e9, 0.0, 1 / 3])
def test_a_setting_is_told_exactly(value):
    assert read(exact(value)) == value


def test_facts_say_what_the_record_says(run):
    known, x, y = texts(run), run.problem.data.x.numpy(), run.problem.data.y.numpy()
    slope, intercept = run.params[0, -1]
    best = np.linalg.lstsq(x, y, rcond=None)[0]
    expected = {
        "start loss": np.mean((x @ run.params[0, 0] - y) ** 2),
        "final loss": np.mean((x @ run.params[0, -1] - y) ** 2),
        "lowest loss": np.mean((x @ best - y) ** 2),
        "final slope": slope,
        "final intercept": intercept,
        "best slope": best[0],
        "best intercept": best[1],
        "true slope": 3.0,
        "true intercept": 10.0,
        "learning rate": run.meta["lr"],
        "points": 100,
        "steps": run.meta["steps"],
        "batch size": run.meta["batch_size"] or 100,
        "seed": run.meta["seed"],
        "data seed": 42,
        "noise": 0.6,
    }
    for name, value in expected.items():
        digits = 0.5 if name.startswith("final") and abs(value) > 1e5 and "loss" not in name else 5e-4
        assert read(known[name]) == pytest.approx(value, rel=digits), name
    assert known["outcome"] == str(run.outcome[0])
    assert known["start"] == "(−1, 1)"


def test_arrival_is_the_first_step_with_a_hundredth_of_the_way_left(run):
    best = np.linalg.lstsq(run.problem.data.x.numpy(), run.problem.data.y.numpy(), rcond=None)[0]
    start = np.abs(np.array([-1.0, 1.0]) - best)
    there = [t for t, a in zip(run.steps, run.params[0], strict=True) if (np.abs(a - best) <= 0.01 * start).all()]
    gone = [t for t, a in zip(run.steps, run.params[0], strict=True) if not (np.abs(a - best) <= 0.1 * start).all()]
    there = [t for t in there if t > max(gone)]
    assert arrival(run) == (there[0] if there else None)
    assert texts(run)["arrival"] == (f"step {there[0]}" if there else "never")


def test_a_run_that_wanders_past_the_minimiser_has_not_arrived(problem):
    run = train(problem, lr=1.0, batch_size=16, seed=58)
    distance = np.abs(run.params[0] - problem.minimiser.numpy())
    assert (distance <= 0.01 * distance[0]).all(axis=1).any()
    assert arrival(run) is None
    assert texts(run)["arrival"] == "never"


def test_settled_is_the_step_from_which_on_a_parameter_stays_near(run):
    best = np.linalg.lstsq(run.problem.data.x.numpy(), run.problem.data.y.numpy(), rcond=None)[0]
    for k, step in enumerate(settled(run)):
        far = np.abs(run.params[0, :, k] - best[k]) > 0.1 * abs(run.params[0, 0, k] - best[k])
        later = run.steps[far.nonzero()[0].max() + 1 :]
        assert step == (later[0] if later.size else None)


def test_late_distance_is_over_the_last_fifth_of_the_record(run):
    best = np.linalg.lstsq(run.problem.data.x.numpy(), run.problem.data.y.numpy(), rcond=None)[0]
    late = run.params[0, -round((len(run.steps) - 1) / 5) :]
    expected = np.sqrt(np.mean(np.sum((late - best) ** 2, axis=1)))
    assert late_distance(run) == pytest.approx(expected, rel=1e-9)


def test_facts_of_a_run_that_is_no_longer_finite(problem):
    known = texts(train(problem, lr=1e30, steps=60))
    assert known["final loss"] == known["final slope"] == known["late distance"] == "not finite"
    assert known["outcome"].startswith("diverged at step ")


def test_facts_of_more_parameters_name_them_by_number():
    run = train(LeastSquares(wide(seed=0)), start=[0.0] * 4, lr=0.05)
    assert {f"final a[{k}]" for k in range(4)} <= set(texts(run))
    assert "data seed" not in texts(run)
    assert "true a[0]" not in texts(run)


def test_facts_of_very_many_parameters_are_few():
    p = 3000
    data = Dataset(np.random.default_rng(0).normal(size=(5, p)) / 50, np.arange(5.0), truth=np.zeros(p))
    known = texts(train(LeastSquares(data), batch_size=1, steps=2))
    assert len(known) < 30
    assert known["start"] == f"({'0, ' * 20}…)"
    assert known["final loss"] != known["start loss"]
    few = Dataset(data.x[:, :20], data.y, truth=np.zeros(20))
    assert {"final a[19]", "best a[19]", "true a[19]"} <= set(texts(train(LeastSquares(few), batch_size=1, steps=2)))


def test_facts_of_data_without_noise():
    known = texts(train(LeastSquares(noisy_line(noise=0.0)), start=(3.0, 10.0), steps=3))
    assert (known["noise"], known["final slope"], known["final intercept"]) == ("0.0", "3.0000", "10.0000")


SGD, schedules = torch.optim.SGD, torch.optim.lr_scheduler


class Unnamed(SGD):
    """An optimiser with a setting that cannot be written."""

    def __init__(self, params, lr, rule=None):
        super().__init__(params, lr=lr)
        self.param_groups[0]["rule"] = rule


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ({}, "SGD, batch size 16"),
        ({"batch_size": None}, "gradient descent"),
        ({"optimizer": SGD}, "SGD, batch size 16"),
        ({"optimizer": partial(SGD, foreach=False)}, "SGD, batch size 16"),
        ({"optimizer": partial(SGD, momentum=0.9)}, "SGD with momentum 0.9, batch size 16"),
        ({"optimizer": partial(SGD, momentum=np.float32(0.5))}, "SGD with momentum 0.5, batch size 16"),
        (
            {"optimizer": partial(SGD, momentum=0.9, nesterov=True)},
            "SGD with momentum 0.9 and Nesterov’s step, batch size 16",
        ),
        ({"optimizer": partial(SGD, momentum=0.9), "batch_size": None}, "gradient descent with momentum 0.9"),
        ({"optimizer": partial(SGD, maximize=True)}, "SGD with maximize, batch size 16"),
        ({"optimizer": torch.optim.Adam}, "Adam, batch size 16"),
        ({"optimizer": torch.optim.AdamW}, "AdamW, batch size 16"),
        ({"optimizer": torch.optim.Adam, "batch_size": None}, "Adam on all rows"),
        ({"optimizer": partial(torch.optim.Adam, betas=(0.5, 0.9))}, "Adam with betas (0.5, 0.9), batch size 16"),
        ({"optimizer": partial(torch.optim.AdamW, weight_decay=0)}, "AdamW with weight decay 0, batch size 16"),
        (
            {"optimizer": partial(torch.optim.Adafactor, eps=(None, 1e-7))},
            "Adafactor with eps (none, 1 × 10⁻⁷), batch size 16",
        ),
        ({"optimizer": partial(Unnamed, rule=len)}, "Unnamed with rule, batch size 16"),
        ({"batch_size": {1: 1, 20: 4, 40: 16}}, "SGD, batch size 1, 4 from step 20, 16 from step 40"),
    ],
)
def test_the_method_is_called_what_it_is(problem, how, words):
    run = train(problem, steps=50, **how)
    assert method(run) == words
    assert words.startswith(texts(run)["optimiser"])


@pytest.mark.parametrize(
    ("schedule", "words"),
    [
        (partial(schedules.StepLR, step_size=5, gamma=0.5), "0.1 at step 1, 0.05 at step 10 (by StepLR)"),
        (
            partial(schedules.LambdaLR, lr_lambda=lambda t: [1, 4, 2][t % 3]),
            "0.1 at step 1, up to 0.4, 0.1 at step 10 (by LambdaLR)",
        ),
        (
            partial(schedules.CyclicLR, base_lr=0.1, max_lr=0.01, step_size_up=4, cycle_momentum=False),
            "0.1 at step 1, down to 0.01, 0.0775 at step 10 (by CyclicLR)",
        ),
    ],
)
def test_a_learning_rate_that_changes_is_told_with_its_ends(problem, schedule, words):
    assert texts(train(problem, steps=10, schedule=schedule))["learning rate"] == words


def test_a_learning_rate_is_told_of_the_recorded_steps_alone(problem):
    run = train(problem, steps=10, every=10, schedule=partial(schedules.StepLR, step_size=5, gamma=0.5))
    assert texts(run)["learning rate"] == "0.05 at step 10 (by StepLR)"


def test_a_schedule_that_changes_more_says_so(problem):
    cycle = partial(schedules.OneCycleLR, max_lr=0.1, total_steps=10)
    run = train(problem, steps=10, optimizer=partial(SGD, momentum=0.9), schedule=cycle)
    assert texts(run)["learning rate"].endswith("(by OneCycleLR, which changes momentum too)")
    run = train(problem, steps=10, optimizer=torch.optim.Adam, schedule=cycle)
    assert texts(run)["learning rate"].endswith("(by OneCycleLR, which changes betas too)")


def test_a_record_from_before_optimisers_had_a_name_is_plain_sgd(problem):
    run = train(problem, steps=5)
    meta = {name: value for name, value in run.meta.items() if name not in ("optimizer", "schedule", "lrs")}
    old = type(run)(problem, meta, run.steps, run.outcome, run.recorded)
    assert texts(old) == texts(run)


COUNTED = [(f"{k / 10:.1f}", value) for k, value in enumerate(np.arange(0.1, 1.05, 0.1), start=1)]


@pytest.mark.parametrize(("words", "value"), [*COUNTED, ("0.1", np.float32(0.1)), ("0.003", np.float32(0.003))])
def test_a_number_of_numpys_reads_as_it_was_meant(problem, words, value):
    run = train(problem, lr=value, steps=2)
    assert texts(run)["learning rate"] == words.removesuffix(".0")
    label = f"learning rate {value}"
    scene = Animation({label: run, "other": run}, [LossCurve()]).scene()
    assert scene.rows[0].readings[0].readouts[0].label == f"learning rate {float(words)}"
    assert f"learning rate {float(words)}, other" == scene.rows[0].label
    assert not re.search(r"\d\.\d{8}", scene.caption + scene.alt)
    table = AnimationTable({label: run}, [LossCurve()])
    assert table[label].scene().rows == table.scene().rows  # by the label that was given
    curves = drawn(Curves({label: ([1, 2], [1, 2])}, x_label="a", y_label="b", title="c"))
    assert f"learning rate {float(words)}" in [mark.frames[0] for mark in of(curves, Words)]


@pytest.mark.parametrize("value", [1 / 3, 2 / 3, 0.1234567890123, 16777217.0, 1e22, 5e-324, 1.7e308])
def test_a_number_of_many_digits_that_were_meant_keeps_them(value):
    assert shortened(value) == value


def test_labels_that_would_become_one_stay_as_they_are(problem):
    runs = {label: train(problem, lr=0.3, steps=2) for label in ("lr 0.3", "lr 0.30000000000000004")}
    assert list(labelled(runs)) == list(runs)
    assert [row.label for row in AnimationTable(runs, [LossCurve()]).scene().rows] == list(runs)
    with pytest.raises(ValueError, match="read differently"):
        Curves({label: ([1, 2], [1, 2]) for label in runs}, x_label="a", y_label="b", title="c")
