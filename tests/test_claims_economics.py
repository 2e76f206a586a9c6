"""What "What does a larger batch buy?" says, each claim a test, by real runs and by the theory."""

import numpy as np
import pytest

from sgdlib import LeastSquares, noisy_line, theory, train

SIZES = (1, 2, 4, 8, 16, 32, 64)
START = (-1.0, 1.0)


def fastest(problem):
    return {b: theory.fastest(problem, b, 0.01, START, "replacement") for b in SIZES}


@pytest.fixture(scope="module")
def best(problem):
    return fastest(problem)


def test_the_fewest_steps_and_the_rows_they_read(best):
    assert [steps for _, steps in best.values()] == [228, 116, 60, 32, 18, 11, 7]
    assert [b * steps for b, (_, steps) in best.items()] == [228, 232, 240, 256, 288, 352, 448]


@pytest.mark.parametrize("seed", [0, 1, 42])
def test_the_trade_is_nearly_perfect_up_to_8_and_turns_bad_beyond(seed):
    rows = [b * steps for b, (_, steps) in fastest(LeastSquares(noisy_line(seed=seed))).items()]
    assert rows[3] < 1.2 * rows[0]
    assert 1.6 * rows[0] < rows[6] < 2.2 * rows[0]
    assert rows == sorted(rows)


@pytest.mark.parametrize("size", [1, 4, 16, 64])
def test_real_runs_reach_the_goal_in_that_many_steps(problem, best, size):
    lr, steps = best[size]
    runs = train(problem, lr=lr, batch_size=size, steps=steps, sampler="replacement", replicas=4000, record=["loss"])
    excess = runs.loss[:, -1] - problem.lowest_loss
    assert abs(excess.mean() - 0.01) < 0.0006 + 4 * excess.std() / 4000**0.5


def test_in_steps_the_largest_batch_wins_and_in_rows_the_smallest(best):
    steps = [best[b][1] for b in (1, 4, 16, 64)]
    rows = [b * best[b][1] for b in (1, 4, 16, 64)]
    assert steps == sorted(steps, reverse=True)
    assert rows == sorted(rows)
    assert rows[2] < 1.3 * rows[0]  # three of the curves are nearly one


def test_in_time_the_best_batch_grows_with_what_is_read_side_by_side(best):
    def winner(parallel):
        return min(best, key=lambda b: best[b][1] * (1 + np.ceil(b / parallel)))

    winners = [winner(parallel) for parallel in (1, 8, 64)]
    assert winners == sorted(set(winners))
    assert winners[0] > 1
    assert winner(8) not in (1, 64)
    assert (1 + 64 / 8, 1 + 16 / 8) == (9, 3)
    assert best[16][1] / best[64][1] < 3


def test_the_linear_rule_keeps_the_floor_to_16_is_four_times_off_at_64_and_unstable_at_128(problem):
    floors = [theory.noise_floor(problem, 0.0125 * b, b, "replacement") for b in SIZES]
    assert [round(floor, 4) for floor in floors] == [0.0041, 0.0041, 0.0042, 0.0044, 0.0049, 0.0062, 0.0165]
    assert floors[6] / floors[0] == pytest.approx(4, abs=0.1)
    assert theory.gd_limit(problem) < 0.0125 * 128


def test_real_runs_have_that_floor(problem):
    for b in (16, 64):
        runs = train(
            problem, lr=0.0125 * b, batch_size=b, steps=300, every=300, sampler="replacement", replicas=4000,
            record=["loss"],
        )  # fmt: skip
        excess = runs.loss[:, -1] - problem.lowest_loss
        floor = theory.noise_floor(problem, 0.0125 * b, b, "replacement")
        assert abs(excess.mean() - floor) < 4 * excess.std() / 4000**0.5


def test_the_noise_scale_is_below_1_at_the_start_and_in_the_hundreds_at_the_end(problem):
    descent = train(problem, batch_size=None, steps=60)
    scale = theory.gradient_noise_scale(problem, descent.params[0])
    assert (round(scale[0], 2), round(scale[20], 1), round(scale[50])) == (0.42, 6.9, 288)
    assert (np.diff(scale) > 0).all()


def test_at_the_start_any_single_row_points_the_right_way(problem):
    x, y = problem.data.x.numpy(), problem.data.y.numpy()
    gradients = 2 * (x @ START - y)[:, None] * x
    assert (gradients @ gradients.mean(axis=0) > 0).all()
