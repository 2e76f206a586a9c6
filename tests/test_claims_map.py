"""What "Which learning rates work with which batch sizes?" says, each claim a test."""

import numpy as np
import pytest

from sgdlib import Dataset, LeastSquares, noisy_line, theory, train

LRS = [0.01, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.1, 1.2]
SIZES = [1, 2, 4, 8, 16, 32, 64, 100]


@pytest.fixture(scope="module")
def line():
    lesson = noisy_line(seed=42)
    return LeastSquares(Dataset(lesson.x, lesson.x @ lesson.truth, truth=lesson.truth))


@pytest.fixture(scope="module")
def exact(line):
    return np.array([[theory.growth(line, lr, size, "fresh") for lr in LRS] for size in SIZES])


def measured(line, lr, size, steps=40, replicas=500, seed=0):
    """The growth of the mean and of the median over the second half of the steps."""
    runs = train(
        line, lr=lr, batch_size=size, steps=steps, every=steps // 2, replicas=replicas, record=["loss"], seed=seed
    )
    half, end = runs.loss[:, 1], runs.loss[:, 2]
    growths = end.mean() / half.mean(), np.median(end) / np.median(half)
    return np.array(growths) ** (2 / steps)


def test_points_on_their_line_are_fitted_without_jitter(line):
    assert train(line, batch_size=1, steps=600).loss[0, -1] < 1e-20


def test_with_small_learning_rates_the_batch_size_does_not_matter(exact):
    small = exact[:, :2]
    assert (small.max(axis=0) / small.min(axis=0) < 1.01).all()


def test_where_gradient_descent_is_fastest_batch_size_1_hardly_moves_or_leaves(line, exact):
    fastest = LRS.index(0.7)
    assert exact[7].argmin() == fastest
    assert exact[0, fastest] > 0.95
    assert theory.growth(line, theory.best_lr(line), 1, "fresh") > 1


def test_the_border_is_the_limit_in_mean_square_upright_from_batch_size_8_and_leaning_below(line, exact):
    limits = [theory.mean_square_limit(line, size, "fresh") for size in SIZES]
    for size, limit in zip(SIZES, limits, strict=True):
        assert theory.growth(line, limit * 0.999, size, "fresh") < 1 < theory.growth(line, limit * 1.001, size, "fresh")
    assert (np.diff(limits) > 0).all()
    edge = theory.gd_limit(line)
    assert (np.array(limits[3:]) > 0.99 * edge).all()
    assert limits[0] < 0.75 * edge
    grows = exact > 1
    assert (grows[1:4] <= grows[:3]).all()
    assert (grows[3:] == grows[3]).all()


def test_from_batch_size_8_on_a_step_is_nearly_as_good_as_gradient_descents(exact):
    below = [LRS.index(lr) for lr in (0.01, 0.1, 0.2, 0.3, 0.4, 0.5)]
    assert (exact[3:, below] / exact[7, below] < 1.05).all()


def test_two_of_the_lessons_runs_stand_among_the_arrows(exact):
    rows = [exact[SIZES.index(16), LRS.index(lr)] > 1 for lr in (0.01, 0.1, 1.0, 1.1)]
    assert rows == [False, False, True, True]
    assert (exact[:, LRS.index(0.1)] < 1).all()


def test_no_column_gets_darker_upwards(exact):
    assert (np.diff(exact, axis=0) < 1e-9).all()


@pytest.mark.parametrize(("lr", "size"), [(0.1, 16), (0.5, 16), (1.0, 16), (0.4, 4), (1.1, 64)])
def test_the_measured_mean_is_the_exact_one_where_noise_is_moderate(line, lr, size):
    mean, _ = measured(line, lr, size, replicas=4000)
    assert mean == pytest.approx(theory.growth(line, lr, size, "fresh"), rel=0.02)


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_the_median_is_quicker_than_the_mean_and_the_more_so_the_smaller_the_batch(line, seed):
    ratios = []
    for size in (1, 4, 16, 64):
        _, median = measured(line, 0.5, size, replicas=2000, seed=seed)
        ratios.append(median / theory.growth(line, 0.5, size, "fresh"))
    assert ratios[0] < 0.85
    assert (np.diff(ratios) > -0.005).all()
    assert ratios[3] == pytest.approx(1, abs=0.01)


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_there_are_cells_that_grow_in_the_mean_and_shrink_in_the_median(line, exact, seed):
    assert exact[SIZES.index(2), LRS.index(0.9)] > 1
    assert measured(line, 0.9, 2, seed=seed)[1] < 0.95


def test_over_longer_times_five_hundred_runs_hold_too_few_of_those_that_carry_the_mean(line):
    exact = theory.growth(line, 0.9, 1, "fresh")
    assert all(measured(line, 0.9, 1, steps=200, seed=seed)[0] < 0.97 * exact for seed in range(5))
