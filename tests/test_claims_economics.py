"""What the post on batch economics says, each claim a test."""

import runpy
from math import ceil

import numpy as np
import pytest
from helpers.runs import assert_mean, line, some_data
from helpers.sites import ROOT

from sgdlib import theory, train

pytestmark = pytest.mark.ensemble

START, HOW, GOAL = (-1.0, 1.0), "replacement", 0.01
SIZES = (1, 2, 4, 8, 16, 32, 64)
STEPS = (228, 116, 60, 32, 18, 11, 7)  # theory.md's


def fastest(problem):
    """By batch size, the learning rate that needs the fewest steps, and those."""
    return {size: theory.fastest(problem, size, GOAL, START, HOW) for size in SIZES}


def winner(cost, best):
    """The batch size that is first at the goal, where a step of so many rows costs ``cost(rows)``."""
    return min(best, key=lambda size: best[size][1] * cost(size))


def test_the_steps_and_the_rows_are_those_of_the_notes(problem):
    steps = [steps for _, steps in fastest(problem).values()]
    assert tuple(steps) == STEPS
    assert [size * many for size, many in zip(SIZES, steps, strict=True)] == [228, 232, 240, 256, 288, 352, 448]


@some_data
def test_by_steps_the_largest_batch_wins_by_rows_the_smallest_and_by_time_one_in_between(seed):
    best = fastest(line(seed))
    assert winner(lambda size: 1, best) == 64
    assert winner(lambda size: size, best) == 1
    assert winner(lambda size: 1 + ceil(size / 8), best) in (16, 32)


@some_data
def test_a_wider_machine_favours_larger_batches_and_one_that_starts_for_free_smaller_ones(seed):
    best = fastest(line(seed))
    by_width = [winner(lambda size, width=width: 1 + ceil(size / width), best) for width in (1, 8, 64, 1000)]
    assert by_width == sorted(by_width)
    assert by_width[0] < by_width[-1] == 64
    assert winner(lambda size: 0 + ceil(size / 8), best) == 8


@pytest.mark.parametrize("size", [1, 4, 16, 64])
def test_runs_meet_the_goal_where_theory_says(problem, size):
    lr, steps = theory.fastest(problem, size, GOAL, START, HOW)
    many = train(problem, lr=lr, batch_size=size, steps=steps, sampler=HOW, replicas=2000, record=["loss"])
    expected = theory.expected_excess_loss(problem, lr, size, steps, START, HOW)
    for step in (1, steps // 2, steps):
        assert_mean(many.loss[:, step] - problem.lowest_loss, expected[step])
    assert expected[-1] <= GOAL < expected[-2]


@some_data
def test_a_larger_batch_takes_longer_steps(seed):
    lrs = [lr for lr, _ in fastest(line(seed)).values()]
    assert lrs == sorted(lrs)
    assert lrs[-1] > 10 * lrs[0]


@some_data
@pytest.mark.parametrize("run_seed", range(4))
def test_in_the_race_a_batch_of_64_has_arrived_when_one_of_1_is_far_from_it(seed, run_seed):
    best = fastest(line(seed))
    excess = {}
    for size in (1, 8, 64):
        run = train(line(seed), lr=best[size][0], batch_size=size, steps=60, sampler=HOW, seed=run_seed)
        excess[size] = run.loss[0] - run.problem.lowest_loss
    ten = {size: values[10] for size, values in excess.items()}
    assert ten[64] < 0.1 < ten[8] < ten[1]
    at_seven = excess[1][7] / excess[1][0]  # when 64 meets the goal on average; the loss goes as the distance squared
    assert at_seven > 0.25
    assert ten[1] > 0.2 * excess[1][0]  # less than half of the way, for the loss is as its square
    assert excess[1][-1] > 10 * max(excess[8][-1], excess[64][-1])


@some_data
def test_the_trade_is_nearly_perfect_up_to_8_rows_and_then_gets_worse(seed):
    best = fastest(line(seed))
    rows = np.array([size * steps for size, (_, steps) in best.items()]) / best[1][1]
    assert (np.diff(rows) > 0).all()
    assert rows[SIZES.index(8)] < 1.2
    assert rows[SIZES.index(64)] > 1.4


def test_64_rows_read_nearly_twice_the_fewest(problem):
    best = fastest(problem)
    assert 1.9 < 64 * best[64][1] / best[1][1] < 2.1


@some_data
def test_even_without_noise_some_steps_are_needed(seed):
    _, steps = theory.fastest(line(seed), None, GOAL, START, None)
    assert 1 < steps <= theory.fastest(line(seed), 64, GOAL, START, HOW)[1]


def scaled(problem, size, rows=1600, replicas=300):
    how = {"steps": rows // size, "sampler": HOW, "replicas": replicas, "record": ["loss"]}
    return train(problem, lr=0.0125 * size, batch_size=size, **how).loss - problem.lowest_loss


def test_by_the_rule_curves_up_to_16_rows_lie_on_top_of_each_other_and_64_lies_above(problem):
    mean = {size: scaled(problem, size).mean(axis=0) for size in (1, 4, 16, 64)}
    at = np.arange(0, 1601, 64)
    one, four, sixteen, many = (mean[size][at // size] for size in (1, 4, 16, 64))
    for near in (four, sixteen):
        assert (np.abs(np.log10(near / one)) < 0.25).all()  # of the five decades that the figure shows
    assert (many[1:] > 3 * one[1:]).all()


@pytest.mark.parametrize("size", SIZES)
def test_the_scaled_floors_are_those_of_theory(problem, size):
    floor = theory.noise_floor(problem, 0.0125 * size, size, HOW)
    late = scaled(problem, size, rows=3200)
    assert_mean(late[:, late.shape[1] // 2 :].mean(axis=1), floor)
    rule = theory.first_order_floor(problem, 0.0125, 1, HOW)
    assert theory.first_order_floor(problem, 0.0125 * size, size, HOW) == pytest.approx(rule)
    assert rule < floor
    assert (floor < 1.25 * rule) == (size <= 16)
    assert 4 < theory.noise_floor(problem, 0.8, 64, HOW) / rule < 4.5  # four times off


def test_the_rule_makes_128_rows_explode_and_any_batch_size_much_alike(problem):
    assert theory.gd_limit(problem) < 0.0125 * 128
    assert 2 < theory.gd_rate(problem, 1.6) < 2.5  # more than doubles
    for size in (1, 2, 4, 8, 16, 32, 64, 100):
        value, error = theory.lyapunov_exponent(problem, 1.6, size, HOW, steps=200, replicas=50)
        assert np.exp(value - 4 * error) > 2  # and so explodes
        assert value == pytest.approx(np.log(theory.gd_rate(problem, 1.6)), abs=0.06)
        many = train(problem, lr=1.6, batch_size=size, sampler=HOW, replicas=50, record=["loss"])
        assert all(outcome.diverged_at is not None for outcome in many.outcome)
    assert train(problem, lr=1.6, batch_size=None).outcome[0].diverged_at is not None


def test_just_above_the_limit_a_typical_run_of_four_or_eight_rows_does_better_than_gradient_descent(problem):
    assert theory.gd_limit(problem) < 1.0
    alone, _ = theory.lyapunov_exponent(problem, 1.0, None, None)
    assert round(alone, 3) == 0.003
    for size, notes in ((4, -0.0182), (8, -0.0155)):
        value, error = theory.lyapunov_exponent(problem, 1.0, size, "fresh", steps=1000)
        assert abs(value - notes) < 4 * error + 0.0005
        assert value < -0.01 < alone


def test_the_rule_is_a_tenth_low_at_8_rows_a_fifth_at_16_and_at_64_a_quarter_of_the_floor(problem):
    rule = theory.first_order_floor(problem, 0.0125, 1, HOW)
    times = [theory.noise_floor(problem, 0.0125 * size, size, HOW) / rule for size in (8, 16, 64)]
    assert [round(each, 1) for each in times] == [1.1, 1.2, 4.1]


def test_along_gradient_descent_the_noise_scale_passes_the_critical_batch_shortly_before_the_goal(problem):
    run = train(problem, lr=0.1, batch_size=None)
    scale = theory.gradient_noise_scale(problem, run.params[0])
    goal = int((run.loss[0] - problem.lowest_loss <= GOAL).argmax())
    assert 0 < goal - int((scale > 64).argmax()) < 6
    # a lower goal has a larger critical batch
    ratio = [
        64 * theory.fastest(problem, 64, goal, START, HOW)[1] / theory.fastest(problem, 1, goal, START, HOW)[1]
        for goal in (0.1, 0.01, 0.001)
    ]
    assert ratio[0] > ratio[1] > ratio[2]


@pytest.fixture(scope="module")
def script():
    """The names of the script behind the race and the clocks."""
    return runpy.run_path(str(ROOT / "gallery" / "plot_10_batch_buys.py"))


def test_a_step_costs_1_and_1_for_every_eight_rows_that_are_begun(script):
    time = script["clocks"]["time"]
    assert [time(size) for size in (1, 7, 8, 9, 16, 17, 64)] == [2, 2, 2, 3, 3, 4, 9]
    best = fastest(line(42))
    assert winner(time, best) == 16
    assert {size: best[size][1] * time(size) for size in (16, 32, 64)} == {16: 54, 32: 55, 64: 63}


def test_when_64_rows_have_arrived_the_run_of_one_row_has_gone_about_a_third_of_its_way(problem, script):
    arrived = theory.fastest(problem, 64, GOAL, START, HOW)[1]
    far = {
        label: np.linalg.norm(run.params[0] - problem.minimiser.numpy(), axis=1)
        for label, run in script["runs"].items()
    }
    share = {label: 1 - each[arrived] / each[0] for label, each in far.items()}
    assert share["batch size 64"] > 0.98
    assert 0.28 < share["batch size 1"] < 0.38


@pytest.mark.parametrize("size", [1, 8, 64])
def test_the_runs_of_the_race_lie_in_the_middle_of_many(problem, script, size):
    lr, _ = theory.fastest(problem, size, GOAL, START, HOW)
    how = {"lr": lr, "batch_size": size, "steps": 60, "sampler": HOW, "record": ["loss"]}
    shown, many = script["runs"][f"batch size {size}"].loss[0], train(problem, replicas=600, **how).loss
    for step in (10, 60):
        low, high = np.percentile(many[:, step], [25, 75])
        assert low < shown[step] < high


def test_k_small_steps_are_nearly_one_long_one(problem):
    """The mean weights after k steps at lr and after one step at k·lr differ to second order in k·lr."""
    far = [
        np.linalg.norm(
            train(problem, lr=lr, batch_size=None, steps=8).params[0, -1]
            - train(problem, lr=8 * lr, batch_size=None, steps=1).params[0, -1]
        )
        for lr in (0.001, 0.0005)
    ]
    assert far[0] / far[1] == pytest.approx(4, rel=0.05)


@some_data
def test_the_noise_scale_grows_along_gradient_descent_from_below_a_row_to_more_than_all(seed):
    path = train(line(seed), lr=0.1, batch_size=None).params[0]
    scale = theory.gradient_noise_scale(line(seed), path)
    assert (np.diff(scale[1:]) > 0).all()
    assert scale[0] < 1
    assert scale[20] < 20
    assert scale[50] > 50
    assert scale[-1] > 100


def test_the_figure_of_the_noise_scale_ends_soon_after_the_goal_and_all_rows_for_one_of_each_has_no_noise(problem):
    shown = runpy.run_path(str(ROOT / "gallery" / "plot_10_linear_scaling.py"))
    scale, goal = shown["scale"], shown["goal"]
    assert scale[goal - 1] < 100 < scale[goal]
    assert len(scale) - 1 == 50
    assert theory.batch_factor(100, 100, "fresh") == 0.0


def test_the_noise_scale_is_the_batch_whose_noise_is_as_large_as_its_signal(problem):
    """The squared error of a batch's gradient, over many batches of that many rows, is the squared gradient."""
    at = train(problem, lr=0.1, batch_size=None, steps=20).params[0, 20:]
    size = round(float(theory.gradient_noise_scale(problem, at)[0]))
    rng = np.random.default_rng(0)
    x, y = problem.data.x.numpy(), problem.data.y.numpy()
    each = 2 * (x @ at[0] - y)[:, None] * x  # (n, p)
    batches = each[rng.integers(len(x), size=(4000, size))].mean(axis=1)
    noise = np.square(batches - each.mean(axis=0)).sum(axis=1).mean()
    assert noise == pytest.approx(np.square(each.mean(axis=0)).sum(), rel=0.1)
