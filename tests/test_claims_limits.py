"""What "Why is a learning rate of 1.0 too much?" says, each claim a test, by real runs and by the theory."""

import numpy as np
import pytest
from helpers.runs import line, some_data
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from sgdlib import Dataset, LeastSquares, theory, train

pytestmark = pytest.mark.ensemble

SIZES = (1, 4, 16, 64)
BETWEEN = {"lr": 0.73, "batch_size": 1, "sampler": "replacement", "record": ["loss"]}


def along(run):
    """(k, p): how far from the minimiser, along each eigenvector of the Hessian."""
    _, vectors = np.linalg.eigh(run.problem.hessian.numpy())
    return np.abs((run.params[0] - run.problem.minimiser.numpy()) @ vectors)


def fates(seed, sampler, steps=500, replicas=200, **settings):
    """The losses at the last step, and the one at the start."""
    runs = train(
        line(seed),
        **{"lr": 1.0, **settings},
        sampler=sampler,
        steps=steps,
        every=steps,
        replicas=replicas,
        record=["loss"],
    )
    return runs.loss[:, -1], runs.loss[0, 0]


@some_data
@pytest.mark.parametrize("lr", [0.1, 0.3, 0.95])
def test_the_half_lives_are_those_of_a_run(seed, lr):
    run = train(line(seed), lr=lr, batch_size=None, steps=10)
    measured = 10 * np.log(0.5) / np.log(along(run)[10] / along(run)[0])
    np.testing.assert_allclose(measured, theory.half_lives(run.problem, lr), rtol=1e-6)


def test_one_eigenvector_lies_close_to_the_slope_and_the_other_close_to_the_intercept(problem):
    _, vectors = np.linalg.eigh(problem.hessian.numpy())
    np.testing.assert_allclose(np.abs(vectors), np.eye(2), atol=0.05)


@some_data
def test_a_larger_learning_rate_quickens_the_slope_but_not_the_intercept(seed):
    best = theory.best_lr(line(seed))
    slope, intercept = np.array([theory.half_lives(line(seed), lr) for lr in (0.1, 0.3, best, 0.95, 1.0)]).T
    assert (np.diff(slope) < 0).all()
    assert intercept[3] > intercept[0] > intercept[2] > intercept[1]
    assert intercept[4] == np.inf


@some_data
def test_at_the_best_learning_rate_both_halve_equally_quickly_and_no_other_is_quicker(seed):
    best = theory.best_lr(line(seed))
    slope, intercept = theory.half_lives(line(seed), best)
    assert slope == pytest.approx(intercept)
    for lr in np.linspace(0.05, theory.gd_limit(line(seed)), 40):
        assert theory.gd_rate(line(seed), lr) >= theory.gd_rate(line(seed), best) - 1e-12


def test_the_best_learning_rate_does_in_seven_steps_what_0_1_takes_forty_for(problem):
    run = train(problem, lr=theory.best_lr(problem), batch_size=None, steps=7)
    assert run.loss[0, 7] < 1.1 * problem.lowest_loss
    slow = train(problem, lr=0.1, batch_size=None, steps=40).loss[0]
    assert slow[7] > 10 * problem.lowest_loss
    assert run.loss[0, 7] < slow[40] < run.loss[0, 6]


def test_at_1_the_slope_settles_while_the_intercept_bounces_ever_wider(problem):
    slope, intercept = along(train(problem, lr=1.0, batch_size=None, steps=40)).T
    assert slope[10] < 1e-4 * slope[0]
    assert (np.diff(intercept) > 0).all()


@some_data
def test_gradient_descent_at_1_grows_on_every_data_set(seed):
    loss = train(line(seed), lr=1.0, batch_size=None, steps=300).loss[0]
    assert loss[300] > loss[100] > loss[20]


@given(arrays(np.float64, st.integers(1, 30), elements=st.floats(-1e3, 1e3)))
@example(np.array([1e-212, 0.0]))  # whose curvature is no float
def test_the_edge_is_never_above_1_with_a_column_of_ones(column):
    data = Dataset(np.stack([column, np.ones_like(column)], axis=1), column)
    assert theory.gd_limit(LeastSquares(data)) <= 1 + 1e-12


def test_at_best_with_x_of_mean_0_gradient_descent_at_1_bounces_for_ever():
    column = np.linspace(-1, 1, 20)
    problem = LeastSquares(Dataset(np.stack([column, np.ones(20)], axis=1), 3 * column + 10))
    assert theory.gd_limit(problem) == pytest.approx(1)
    run = train(problem, lr=1.0, batch_size=None, steps=100)
    assert run.params[0, 100, 1] == pytest.approx(1)  # the start's intercept
    assert run.params[0, 99, 1] == pytest.approx(19)  # and as far on the other side


def test_on_the_lessons_data_1_lies_beyond_the_edge_and_a_step_widens_the_error_by_three_in_a_thousand(problem):
    assert problem.data.x[:, 0].mean() != 0
    assert theory.gd_limit(problem) < 1
    away = np.linalg.norm(
        train(problem, lr=1.0, batch_size=None, steps=300).params[0] - problem.minimiser.numpy(), axis=1
    )
    assert np.log(away[300] / away[100]) / 200 == pytest.approx(0.003, abs=0.0005)
    assert np.log(theory.gd_rate(problem, 1.0)) == pytest.approx(np.log(away[300] / away[100]) / 200, rel=1e-3)


@some_data
@pytest.mark.parametrize("size", SIZES)
def test_the_limit_in_mean_square_lies_below_the_edge_and_the_almost_sure_one_above_it(seed, size):
    square = theory.mean_square_limit(line(seed), size, "replacement")
    sure = theory.almost_sure_limit(line(seed), size, "replacement", steps=300, replicas=50)
    assert square < theory.gd_limit(line(seed))
    assert sure.value > square - 4 * sure.standard_error


@some_data
def test_the_limit_in_mean_square_rises_with_the_batch(seed):
    assert (np.diff([theory.mean_square_limit(line(seed), size, "replacement") for size in SIZES]) > 0).all()


def test_in_the_mean_the_batch_does_not_matter(problem):
    runs = train(problem, lr=0.5, batch_size=1, steps=8, replicas=20_000, sampler="replacement", record=["params"])
    path = theory.mean_path(problem, 0.5, 8, (-1.0, 1.0))
    np.testing.assert_allclose(runs.params.mean(axis=0), path, atol=0.15)


def test_the_best_rate_without_noise_is_above_the_limit_in_mean_square_of_batch_size_1(problem):
    assert theory.best_lr(problem) > theory.mean_square_limit(problem, 1, "replacement")


def test_at_batch_size_4_a_single_run_comes_back_where_gradient_descent_does_not(problem):
    value, error = theory.lyapunov_exponent(problem, 1.0, 4, "replacement")
    assert value + 4 * error < 0 < np.log(theory.gd_rate(problem, 1.0))
    clean = LeastSquares(Dataset(problem.data.x, 0 * problem.data.y))  # no noise but that of the curvature
    late = train(clean, lr=1.0, batch_size=4, sampler="replacement", steps=2000, every=2000, replicas=40)
    assert np.median(late.loss[:, -1]) < 0.01 * late.loss[0, 0]
    assert train(clean, lr=1.0, batch_size=None, steps=2000).loss[0, -1] > 100 * late.loss[0, 0]
    assert theory.mean_square_limit(problem, 4, "replacement") < 1


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_between_the_limits_the_expected_loss_explodes_and_the_typical_run_does_not(problem, seed):
    runs = train(problem, steps=200, every=20, replicas=500, seed=seed, **BETWEEN)
    expected = theory.expected_excess_loss(problem, 0.73, 1, 200, (-1.0, 1.0), "replacement")
    median = np.median(runs.loss, axis=0)
    assert expected[200] > 1e3 * runs.loss[0, 0]
    assert (median[5:] < runs.loss[0, 0]).all()
    assert median[-1] < 2 * median[5]
    assert runs.loss[:, -1].mean() < expected[200] / 5  # rare runs, which 500 hold too few of
    assert runs.loss[:, -1].mean() > 10 * median[-1]
    assert np.mean([one.diverged_at is not None for one in runs.outcome]) < 0.01  # hardly any


def test_0_73_lies_between_the_second_limit_and_the_third(problem):
    sure = theory.almost_sure_limit(problem, 1, "replacement", steps=500, replicas=200)
    assert theory.mean_square_limit(problem, 1, "replacement") < 0.73 < sure.value - 4 * sure.standard_error


def test_at_step_20_expected_loss_and_the_mean_of_500_still_agree(problem):
    runs = train(problem, steps=20, every=20, replicas=20_000, **BETWEEN)
    expected = theory.expected_excess_loss(problem, 0.73, 1, 20, (-1.0, 1.0), "replacement")[20] + problem.lowest_loss
    assert runs.loss[:, -1].mean() == pytest.approx(expected, rel=0.3)


@pytest.mark.parametrize("sampler", ["fresh", "replacement"])
def test_1_lies_above_two_limits_of_batch_size_16_and_next_to_the_third(problem, sampler):
    assert theory.mean_square_limit(problem, 16, sampler) < theory.gd_limit(problem) < 1
    sure = theory.almost_sure_limit(problem, 16, sampler, steps=500, replicas=200)
    assert abs(sure.value - 1) < 0.005


@pytest.mark.parametrize("sampler", ["fresh", "replacement", "epochs"])
def test_at_1_data_seed_3_explodes_however_the_batches_are_drawn(sampler):
    edges = {seed: theory.gd_limit(line(seed)) for seed in (42, 1, 5, 3)}
    assert min(edges, key=edges.get) == 3  # where the edge is lowest
    late, start = fates(3, sampler)
    assert np.median(late) > 100 * start


@pytest.mark.parametrize("sampler", ["fresh", "replacement"])
@pytest.mark.parametrize("seed", [42, 1])
def test_at_1_the_lesson_wanders_with_batches_drawn_anew(seed, sampler):
    late, start = fates(seed, sampler)
    assert np.median(late) < 10 * start
    assert np.percentile(late, 90) > start


@pytest.mark.parametrize("seed", [42, 1])
def test_at_1_reshuffled_epochs_settle_though_far_above_the_lowest_loss(seed):
    late, start = fates(seed, "epochs")
    assert np.percentile(late, 90) < start
    assert np.median(late) > 5 * line(seed).lowest_loss


@some_data
def test_at_1_reshuffled_epochs_end_lower_than_fresh_batches(seed):
    assert np.median(fates(seed, "epochs")[0]) < np.median(fates(seed, "fresh")[0]) / 2


def test_at_1_data_seed_5_explodes_with_batches_drawn_anew_and_wanders_in_epochs():
    epochs, start = fates(5, "epochs")
    assert np.median(epochs) < 100 * start
    assert np.percentile(epochs, 90) > start
    for sampler in ("fresh", "replacement"):
        assert np.median(fates(5, sampler)[0]) > 100 * start


@some_data
def test_the_flatter_direction_has_an_edge_of_its_own_far_above_1(seed):
    assert 2 / np.linalg.eigvalsh(line(seed).hessian.numpy())[0] > 2


def test_a_half_in_front_of_the_loss_doubles_every_limit(problem):
    """Half the loss is the loss of data divided by √2, rows and targets alike."""
    half = LeastSquares(Dataset(problem.data.x / 2**0.5, problem.data.y / 2**0.5))
    assert theory.gd_limit(half) == pytest.approx(2 * theory.gd_limit(problem))
    for size in SIZES:
        doubled = 2 * theory.mean_square_limit(problem, size, "replacement")
        assert theory.mean_square_limit(half, size, "replacement") == pytest.approx(doubled)


@pytest.mark.parametrize(
    ("sampler", "after_100", "after_1000"),
    [
        ({"sampler": "fresh"}, (4.7, 79, 766), 101),
        ({"sampler": "replacement"}, (2.0, 67, 832), 33),
        ({"sampler": "epochs", "drop_last": True}, (0.7, 13, 126), 2.1),
    ],
    ids=["fresh", "replacement", "epochs"],
)
def test_at_1_the_lessons_losses_are_spread_over_decades(problem, sampler, after_100, after_1000):
    """Each within 4 standard errors of both ensembles, this one and the one of 3000 that the numbers are from."""
    how = {"steps": 1000, "every": 100, "replicas": 1000, "record": ["loss"]}
    loss = np.log(train(problem, lr=1.0, batch_size=16, seed=1, **sampler, **how).loss)
    for losses, expected in ((loss[:, 1], after_100), (loss[:, 10], (None, after_1000, None))):
        low, middle, high = np.percentile(losses, (10, 50, 90))
        error = 4 * (high - low) / 2.56 * (1 / 1000 + 1 / 3000) ** 0.5
        # of a normal distribution's median, and of its outer tenths
        for found, each, factor in zip((low, middle, high), expected, (1.71, 1.25, 1.71), strict=True):
            assert each is None or abs(found - np.log(each)) < factor * error


def test_gradient_descent_at_1_is_at_155_after_100_steps_and_at_525_after_300(problem):
    loss = train(problem, lr=1.0, batch_size=None, steps=300).loss[0]
    assert (round(loss[100]), round(loss[300])) == (155, 525)


@pytest.mark.parametrize("sampler", ["fresh", "replacement", "epochs"])
@some_data
def test_at_1_1_every_run_explodes_on_every_draw_of_the_data(seed, sampler):
    late, start = fates(seed, sampler, lr=1.1, steps=300)
    assert (late > 100 * start).all()
