"""What "How large is the jitter?" says, each claim a test, by real runs and by the theory."""

import numpy as np
import pytest
from helpers.runs import line, some_data

from sgdlib import Dataset, LeastSquares, theory, train

pytestmark = pytest.mark.ensemble

RATES, SIZES = (0.0125, 0.025, 0.05, 0.1, 0.2, 0.4), (1, 2, 4, 8, 16, 32, 64)


@pytest.mark.parametrize("seed", [1, 42])
def test_the_cloud_stays_as_it_is_and_as_theory_has_it_however_long_one_waits(seed):
    runs = train(line(seed), batch_size=1, steps=300, every=150, replicas=2000, record=["params"])
    exact = theory.noise_covariance(runs.problem, 0.1, 1, "fresh")
    for found in (np.cov(runs.params[:, 1].T), np.cov(runs.params[:, 2].T)):
        # 4 standard errors of a variance, and as much for the covariance
        assert np.abs(found - exact).max() < 4 * np.sqrt(2 / 2000) * exact.max() * 1.5


def test_the_clouds_mean_comes_in_along_gradient_descents_path(problem):
    runs = train(problem, batch_size=1, steps=40, replicas=4000, record=["params"])
    descent = train(problem, batch_size=None, steps=40).params[0]
    error = runs.params.std(axis=0) / 4000**0.5
    assert (np.abs(runs.params.mean(axis=0) - descent) <= 4.5 * error + 1e-12).all()


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_a_single_run_spends_its_time_as_the_bell_shape_has_it(problem, seed):
    run = train(problem, batch_size=1, steps=5000, seed=seed)
    error = run.params[0, 200:] - problem.minimiser.numpy()
    inverse = np.linalg.inv(theory.noise_covariance(problem, 0.1, 1, "fresh"))
    sigmas = np.sqrt((error @ inverse * error).sum(axis=1))
    assert np.mean(sigmas < 1) == pytest.approx(1 - np.exp(-1 / 2), abs=0.05)
    assert np.mean(sigmas < 2) == pytest.approx(1 - np.exp(-4 / 2), abs=0.05)
    assert round(1 - np.exp(-1 / 2), 2) == 0.39
    assert round(1 - np.exp(-4 / 2), 2) == 0.86


def test_the_single_run_of_5000_steps_lies_in_the_middle_of_many(problem):
    inverse = np.linalg.inv(theory.noise_covariance(problem, 0.1, 1, "fresh"))

    def inside(params):
        error = params[:, 200:] - problem.minimiser.numpy()
        sigmas = np.sqrt(np.einsum("rki,ij,rkj->rk", error, inverse, error))
        return np.array([(sigmas < 1).mean(axis=1), (sigmas < 2).mean(axis=1)])

    how = {"batch_size": 1, "steps": 5000, "record": ["params"]}
    shown = inside(train(problem, **how).params)[:, 0]
    low, high = np.percentile(inside(train(problem, replicas=100, **how).params), [25, 75], axis=1)
    assert (low < shown).all()
    assert (shown < high).all()


def test_with_a_loss_that_is_not_a_square_the_mean_leaves_gradient_descents_path():
    """Of |a − y|³, on 1 and −0.5: the mean of two steps and gradient descent's second step."""

    def gradient(a, y):
        return 3 * (a - y) * np.abs(a - y)

    rows, lr, start = np.array([1.0, -0.5]), 0.1, 2.0
    descent = start - lr * gradient(start, rows).mean()
    descent -= lr * gradient(descent, rows).mean()
    ones = start - lr * gradient(start, rows)
    twice = [one - lr * gradient(one, row) for one in ones for row in rows]
    assert abs(np.mean(twice) - descent) > 0.05


@some_data
def test_at_the_minimiser_the_mean_gradient_is_zero_and_no_rows_is(seed):
    problem = line(seed)
    gradients = 2 * (problem.data.x @ problem.minimiser - problem.data.y)[:, None] * problem.data.x
    assert abs(gradients.mean(dim=0)).max() < 1e-9
    assert (abs(gradients).max(dim=1).values > 1e-4).all()


@some_data
def test_half_the_learning_rate_or_twice_the_batch_halves_the_floor_where_the_learning_rate_is_small(seed):
    floors = np.array([[theory.noise_floor(line(seed), lr, b, "replacement") for lr in RATES] for b in SIZES])
    left, up = floors[:, 1:4] / floors[:, :3], floors[:-1, :4] / floors[1:, :4]
    assert (abs(left - 2) < 0.2).all()
    assert (abs(up - 2) < 0.2).all()
    diagonal = floors[:-1, :3] / floors[1:, 1:4]
    assert (abs(diagonal - 1) < 0.15).all()
    assert (floors[:, 5] / floors[:, 4] > 2.2).all()  # the last column


def test_in_the_last_column_of_the_map_the_floor_falls_to_less_than_two_fifths(problem):
    for size in SIZES:
        high, low = (theory.noise_floor(problem, lr, size, "replacement") for lr in (0.4, 0.2))
        assert low < 0.4 * high


def test_a_smaller_learning_rate_needs_as_many_more_steps_to_arrive(problem):
    slope = [theory.half_lives(problem, lr)[0] for lr in (0.0125, 0.025, 0.05)]
    assert slope[0] / slope[1] == pytest.approx(2, rel=0.02)
    assert slope[1] / slope[2] == pytest.approx(2, rel=0.03)


@pytest.mark.parametrize(
    ("lr", "size", "times"), [(0.05, 16, 1.0), (0.5, 16, 1.8), (0.5, 1, 3.4)], ids=["small", "large", "large, one row"]
)
def test_the_rule_is_right_for_small_learning_rates_and_so_many_times_too_low_for_large_ones(problem, lr, size, times):
    exact = theory.noise_floor(problem, lr, size, "fresh")
    assert round(exact / theory.first_order_floor(problem, lr, size, "fresh"), 1) == times
    how = {"steps": 150, "every": 10, "replicas": 1000, "record": ["loss"]}
    runs = train(problem, lr=lr, batch_size=size, start=problem.minimiser.tolist(), **how)
    excess = runs.loss[:, 10:].mean(axis=1) - problem.lowest_loss
    assert abs(excess.mean() - exact) < 4 * excess.std() / 1000**0.5


@some_data
@pytest.mark.parametrize("lr", [0.1, 0.5])
def test_the_rule_leaves_out_that_steps_are_finite_the_same_for_all_batches_and_that_small_batches_pull_unevenly(
    seed, lr
):
    problem = line(seed)
    hessian, one = problem.hessian.numpy(), np.eye(2)
    rows = problem.data.x.numpy()
    residuals = rows @ problem.minimiser.numpy() - problem.data.y.numpy()
    noise = (4 * (rows * residuals[:, None]).T @ (rows * residuals[:, None]) / len(rows)).ravel()
    steady = np.kron(one - lr * hessian, one - lr * hessian)  # the pull of all rows, step by step
    kicked = np.linalg.solve(np.eye(4) - steady, lr**2 * noise).reshape(2, 2)
    finite = 0.5 * np.trace(hessian @ kicked) / theory.first_order_floor(problem, lr, 1, "fresh")
    ratio = {
        b: theory.noise_floor(problem, lr, b, "fresh") / theory.first_order_floor(problem, lr, b, "fresh")
        for b in (1, 16, 64)
    }
    assert ratio[64] == pytest.approx(finite, rel=0.01)
    assert ratio[16] == pytest.approx(finite, rel=0.04)
    assert ratio[1] > (1.4 if lr == 0.5 else 1.04) * finite


def test_at_the_limit_in_mean_square_the_exact_floor_has_gone_to_infinity_and_the_rule_has_not(problem):
    limit = theory.mean_square_limit(problem, 1, "fresh")
    assert theory.noise_floor(problem, limit * (1 - 1e-9), 1, "fresh") > 1e6
    assert theory.first_order_floor(problem, limit, 1, "fresh") < 1


@some_data
def test_the_deviation_of_batch_size_64_is_an_eighth_of_that_of_1_and_less_without_replacement(seed):
    def deviations(size, sampler):
        return np.sqrt(np.diag(theory.noise_covariance(line(seed), 0.1, size, sampler)))

    assert deviations(1, "fresh") / deviations(64, "replacement") == pytest.approx(8, rel=0.1)
    assert (deviations(1, "fresh") / deviations(64, "fresh") > 12).all()


def test_a_batch_of_64_with_replacement_holds_some_rows_twice_and_leaves_out_more(problem):
    rows = train(problem, batch_size=64, sampler="replacement", record=["batches"]).batches[0]
    assert max(len(set(batch)) for batch in rows.tolist()) < 64
    rows = train(problem, batch_size=64, record=["batches"]).batches[0]
    assert {len(set(batch)) for batch in rows.tolist()} == {64}


@pytest.mark.parametrize("seed", [0, 1, 2, 3])
def test_from_the_minimiser_the_run_without_replacement_keeps_closer(problem, seed):
    start = problem.minimiser.tolist()
    with_, without = (
        train(problem, batch_size=64, sampler=sampler, start=start, seed=seed).loss[0].mean() - problem.lowest_loss
        for sampler in ("replacement", "fresh")
    )
    assert without < with_ / 1.5


@pytest.mark.parametrize("sampler", ["replacement", "fresh"])
def test_the_runs_of_64_rows_shown_lie_in_the_middle_of_many(problem, sampler):
    how = {"batch_size": 64, "sampler": sampler, "start": problem.minimiser.tolist(), "record": ["loss"]}
    shown, many = train(problem, seed=7, **how).loss.mean(), train(problem, replicas=600, **how).loss.mean(axis=1)
    assert np.percentile(many, 25) < shown < np.percentile(many, 75)


def test_of_the_runs_of_64_rows_shown_the_one_without_replacement_keeps_closer_though_not_at_every_step(problem):
    how = {"batch_size": 64, "start": problem.minimiser.tolist(), "seed": 7}
    with_, without = (
        np.linalg.norm(train(problem, sampler=sampler, **how).params[0, 1:] - problem.minimiser.numpy(), axis=1)
        for sampler in ("replacement", "fresh")
    )
    assert 0.55 < (without < with_).mean() < 0.95
    assert without.mean() < with_.mean()
    assert without[-1] > with_[-1]  # as it happens


def test_a_hundred_rows_out_of_a_hundred_without_replacement_is_gradient_descent_and_with_it_never_is(problem):
    descent = train(problem, batch_size=None).params
    np.testing.assert_allclose(train(problem, batch_size=100, sampler="fresh").params, descent, atol=1e-9)
    start = problem.minimiser.tolist()
    with_ = train(problem, batch_size=100, sampler="replacement", start=start).params[0, 1:]
    assert (abs(with_ - problem.minimiser.numpy()).max(axis=1) > 1e-4).all()


def test_the_ellipses_are_nearly_round_in_numbers(problem):
    axes = np.sqrt(np.linalg.eigvalsh(theory.noise_covariance(problem, 0.1, 1, "fresh")))
    assert axes[1] / axes[0] < 1.2


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_at_step_30_the_cloud_has_the_intercept_lies_to_the_left_and_is_wider_than_at_the_end(problem, seed):
    params = train(problem, batch_size=1, replicas=150, seed=seed).params
    away = params[:, 30].mean(axis=0) - problem.minimiser.numpy()
    assert away[0] < -0.25
    assert abs(away[1]) < 0.06
    assert params[:, 30, 0].std() > 1.5 * params[:, 100, 0].std()


@some_data
def test_far_from_the_minimiser_the_rows_disagree_more(seed):
    rows, targets = line(seed).data.x.numpy(), line(seed).data.y.numpy()

    def noise(params):
        return (2 * (rows @ params - targets)[:, None] * rows).var(axis=0)

    path = theory.mean_path(line(seed), 0.1, 20, (-1.0, 1.0))
    assert (noise(path[5]) > noise(path[20])).all()
    assert (noise(path[20]) > noise(line(seed).minimiser.numpy())).all()


def test_by_step_60_the_expected_loss_is_as_good_as_on_the_floor(problem):
    excess = theory.expected_excess_loss(problem, 0.1, 1, 100, (-1.0, 1.0), "fresh")
    floor = theory.noise_floor(problem, 0.1, 1, "fresh")
    assert round(excess[60] / floor, 2) == 1.05
    assert excess[30] > 2 * floor


def test_points_on_a_line_let_a_run_rest(problem):
    exact = LeastSquares(Dataset(problem.data.x, problem.data.x @ problem.data.truth))
    run = train(exact, batch_size=1, steps=600)
    assert run.loss[0, -1] < 1e-20
