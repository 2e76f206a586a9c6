"""What the lesson says, each claim a test: general ones on many draws of the data and of the batches."""

import numpy as np
import pytest
import torch
from helpers.runs import line, names_after, some_data
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from sgdlib import Dataset, LeastSquares, theory, train
from sgdlib.report.facts import arrival, late_distance

pytestmark = pytest.mark.ensemble

SLOPE, INTERCEPT = 0, 1
START = (-1.0, 1.0)
SIZES = (1, 2, 4, 8, 16, 32, 64)


def gone(run, share):
    """For each parameter, the first step, on the mean of all replicas, with ``share`` of its way behind it."""
    away = np.abs(run.params.mean(axis=0) - run.problem.minimiser.numpy())
    return (away <= (1 - share) * away[0]).argmax(axis=0)


def jitter(run, since):
    """(p,): the standard deviation of the parameters from step ``since`` on, over all replicas."""
    return run.params[:, since:].std(axis=(0, 1))


@some_data
@pytest.mark.parametrize("batch_size", [None, 16])
def test_the_intercept_settles_before_the_slope(seed, batch_size):
    run = train(line(seed), batch_size=batch_size, replicas=1 if batch_size is None else 20)
    steps = gone(run, 0.9)
    assert 0 < 2 * steps[INTERCEPT] < steps[SLOPE]


@some_data
def test_it_is_curvature_that_puts_the_intercept_first_not_distance(seed):
    problem = line(seed)
    run = train(problem, batch_size=None, start=(problem.minimiser - 5.0).tolist())  # equally far away in both
    steps = gone(run, 0.9)
    assert 0 < 2 * steps[INTERCEPT] < steps[SLOPE]
    assert problem.hessian[INTERCEPT, INTERCEPT] > 2 * problem.hessian[SLOPE, SLOPE]


def half_lives(problem, lr):
    """For each eigenvector of the Hessian, after how many steps gradient descent has halved the distance."""
    run = train(problem, lr=lr, batch_size=None, steps=20)
    _, vectors = np.linalg.eigh(problem.hessian.numpy())
    away = np.abs((run.params[0] - problem.minimiser.numpy()) @ vectors)
    return 20 * np.log(0.5) / np.log(away[20] / away[0])


def test_at_learning_rate_0_1_the_slope_halves_in_10_steps_and_the_intercept_in_3_1(problem):
    even = (2 * np.arange(1000) + 1) / 1000 - 1  # spread as U(−1, 1) is, without chance: the Hessian is diag(2/3, 2)
    assert half_lives(LeastSquares(Dataset(np.stack([even, np.ones(1000)], axis=1), even)), lr=0.1).round(
        1
    ).tolist() == [10.0, 3.1]
    assert half_lives(problem, lr=0.1).round(1).tolist() == [9.8, 3.1]  # the lesson's 100 points


@some_data
def test_the_gradient_at_the_start_is_larger_in_the_intercept(seed):
    ((slope, intercept),) = line(seed).gradient(torch.tensor([START], dtype=torch.float64)).abs().tolist()
    assert intercept > slope


def test_after_ten_steps_nine_tenths_of_the_rise_are_done_and_little_more_than_half_of_the_turn(problem):
    path, best = train(problem, batch_size=None).params[0], problem.minimiser.numpy()
    done = 1 - (path[10] - best) / (path[0] - best)
    assert done == pytest.approx((0.55, 0.90), abs=0.005)


def test_the_loss_at_the_start_is_88_58(problem):
    assert round(problem.loss(torch.tensor([START], dtype=torch.float64)).item(), 2) == 88.58


def test_no_draw_of_the_data_makes_a_learning_rate_above_1_converge():
    for seed in range(300):
        assert np.linalg.eigvalsh(line(seed).hessian.numpy())[-1] >= 2


@given(arrays(np.float64, st.integers(1, 30), elements=st.floats(-1e3, 1e3)))
def test_with_a_column_of_ones_the_learning_rates_limit_is_never_above_1(column):
    hessian = LeastSquares(Dataset(np.stack([column, np.ones_like(column)], axis=1), column)).hessian.numpy()
    assert 2 / np.linalg.eigvalsh(hessian)[-1] <= 1 + 1e-12  # rounding of the eigenvalue


@some_data
def test_learning_rate_0_01_is_far_from_the_minimiser_after_100_steps(seed):
    run = train(line(seed), lr=0.01, batch_size=16)
    assert arrival(run) is None
    assert run.loss[0, -1] > 5 * run.problem.lowest_loss


@pytest.mark.parametrize("run_seed", range(5))
def test_learning_rate_0_01_arrives_late_but_arrives(problem, run_seed):
    run = train(problem, lr=0.01, batch_size=16, steps=2000, seed=run_seed)
    assert 500 < arrival(run) < 900
    assert run.loss[0, -1] < 1.01 * problem.lowest_loss


@some_data
def test_gradient_descent_at_0_01_arrives_after_some_700_steps(seed):
    assert 500 < arrival(train(line(seed), lr=0.01, batch_size=None, steps=2000)) < 900


@some_data
@pytest.mark.parametrize("run_seed", range(5))
def test_learning_rate_1_does_not_get_near(seed, run_seed):
    run = train(line(seed), lr=1.0, batch_size=16, seed=run_seed)
    away = np.linalg.norm(run.params[0, -20:] - run.problem.minimiser.numpy(), axis=1)
    settled = train(line(seed), lr=0.1, batch_size=16, seed=run_seed)
    near = np.linalg.norm(settled.params[0, -20:] - run.problem.minimiser.numpy(), axis=1)
    assert np.median(away) > 5 * near.max()


def test_at_learning_rate_1_a_run_fares_as_the_batches_are_drawn(problem):
    """Fresh batches wander farthest, reshuffled epochs least; theory.md's medians are 79, 67 and 13."""
    median = {}
    for sampler in ("fresh", "replacement", "epochs"):
        many = train(problem, lr=1.0, batch_size=16, sampler=sampler, replicas=3000, record=["loss"], every=100)
        median[sampler] = np.median(many.loss[:, -1])
    assert median["epochs"] * 3 < median["replacement"] < median["fresh"]


def test_at_learning_rate_1_a_run_fares_as_the_data_are():
    median = [
        np.median(train(line(seed), lr=1.0, batch_size=16, replicas=500, record=["loss"], every=100).loss[:, -1])
        for seed in range(20)
    ]
    assert max(median) > 100 * min(median)


def test_with_one_row_a_batch_0_8_explodes(problem):
    many = train(problem, lr=0.8, batch_size=1, steps=1000, replicas=200, seed=1, record=["loss"], every=1000)
    assert all(one.diverged_at is not None for one in many.outcome)
    calm = train(problem, lr=0.8, batch_size=None, steps=1000)
    assert calm.loss[0, -1] < 1.001 * problem.lowest_loss


def test_learning_rate_1_1_explodes_on_every_draw():
    for seed in range(60):
        run = train(line(seed), lr=1.1, batch_size=16, steps=200, replicas=20, seed=seed, record=["loss"])
        assert all(one.diverged_at is not None for one in run.outcome)
        assert (run.loss[:, 100] > 100 * run.loss[:, 0]).mean() > 0.5


@some_data
def test_jitter_falls_as_the_batch_grows(seed):
    late = [jitter(train(line(seed), batch_size=size, steps=300, replicas=40), since=150) for size in SIZES]
    assert (np.diff(late, axis=0) < 0).all()
    # to first order in the learning rate the variance is as (n − B) / (B (n − 1)): from 1 to 16, a factor of 4.3² less
    np.testing.assert_allclose(late[0] / late[4], np.sqrt(16 * 99 / 84), rtol=0.25)


@some_data
def test_64_lies_closer_to_gradient_descent_than_16(seed):
    gd = train(line(seed), batch_size=None).params

    def distance(size):
        return np.linalg.norm(train(line(seed), batch_size=size, replicas=20).params - gd, axis=-1).mean()

    assert 2 * distance(64) < distance(16) < distance(1)


@some_data
@pytest.mark.parametrize("run_seed", [0, 1])
def test_all_rows_without_replacement_are_gradient_descent(seed, run_seed):
    every = train(line(seed), batch_size=100, seed=run_seed)
    np.testing.assert_allclose(every.params, train(line(seed), batch_size=None).params, rtol=0, atol=1e-12)


@pytest.fixture(scope="module")
def sizes():
    """The runs of the table of batch sizes."""
    return names_after("plot_5_batch_sizes", "runs")["runs"]


def test_the_tables_own_runs_shake_less_from_row_to_row_and_their_last_loss_does_not_tell(sizes):
    runs = list(sizes.values())
    assert (np.diff([late_distance(run) for run in runs]) < 0).all()
    assert (np.diff([run.loss[0, -1] for run in runs]) > 0).any()


def test_the_tables_own_runs_are_as_its_notes_have_them(problem, sizes):
    gd = train(problem, batch_size=None).params[0]
    four, sixteen, thirty_two, sixty_four = (
        np.linalg.norm(sizes[f"batch size {size}"].params[0] - gd, axis=1) for size in (4, 16, 32, 64)
    )
    assert four[1:20].max() > 0.8  # it staggers at the start
    assert four[60:].max() > 0.15  # and stays restless
    assert sixteen[60:].max() < 0.15  # in the plane seen from afar, less than the dot
    assert thirty_two[1:6].max() > 0.25  # its first steps err
    assert thirty_two[12:].max() < 0.1  # then it is close to gradient descent
    assert sixty_four.max() < 0.2


def test_the_tables_own_run_at_learning_rate_1_neither_comes_down_nor_explodes():
    run = names_after("plot_4_learning_rates", "runs")["runs"]["learning rate 1.0"]
    assert run.loss.min() > 10
    assert run.outcome[0].diverged_at is None


def steps_to_a_hundredth(lr):
    """(2,): after how many steps gradient descent has a hundredth of the error left in the slope, in the intercept."""
    left = np.abs(1 - lr * np.linalg.eigvalsh(line(42).hessian.numpy()))
    return np.log(0.01) / np.log(left)


def test_the_sharp_direction_is_done_first_below_the_best_learning_rate_and_last_above(problem):
    best = theory.best_lr(problem)
    for lr in (0.01, 0.1, 0.5, 0.99 * best):
        slope, intercept = steps_to_a_hundredth(lr)
        assert intercept < slope
    for lr in (1.01 * best, 0.9, 0.99):
        slope, intercept = steps_to_a_hundredth(lr)
        assert intercept > slope
    assert steps_to_a_hundredth(0.9).round(1).tolist() == pytest.approx([4.8, 21], abs=0.5)
    away = np.abs(train(problem, lr=0.9, batch_size=None).params[0] - problem.minimiser.numpy())
    assert (away[:, SLOPE] < 0.01 * away[0, SLOPE]).argmax() < (away[:, INTERCEPT] < 0.01 * away[0, INTERCEPT]).argmax()


@some_data
def test_batch_size_1_still_jitters_after_2000_steps(seed):
    run = train(line(seed), batch_size=1, steps=3000)
    before, after = (run.params[0, first : first + 1001].std(axis=0) for first in (1000, 2000))
    assert (after > 0.7 * before).all()
    assert (after > 0.1).all()


@some_data
@pytest.mark.parametrize("batch_size", [*SIZES, None])
def test_every_batch_size_arrives_at_learning_rate_0_1(seed, batch_size):
    run = train(line(seed), batch_size=batch_size, steps=200, replicas=100)
    late = run.params[:, 100:].mean(axis=(0, 1))
    np.testing.assert_allclose(late, run.problem.minimiser.numpy(), atol=0.05)
    assert np.median(run.loss[:, -1]) < 1.3 * run.problem.lowest_loss
