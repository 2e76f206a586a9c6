"""What "How do you get rid of the jitter?" says, each claim a test, by real runs and by the theory."""

from functools import partial

import numpy as np
import pytest
import torch
from torch.optim.lr_scheduler import LambdaLR, MultiStepLR

from sgdlib import Dataset, LeastSquares, theory, train


def mean_excess(problem, steps=1000, **how):
    """(k,) at every fiftieth step, over 400 runs."""
    how = {"batch_size": 1, "every": 50, "replicas": 400, "record": ["loss"]} | how
    return train(problem, steps=steps, **how).loss.mean(axis=0) - problem.lowest_loss


def decay(a):
    return partial(LambdaLR, lr_lambda=lambda t: min(1, a / (0.1 * (t + 1))))


def excess(problem, params):
    error = params - problem.minimiser.numpy()
    return np.einsum("ri,ij,rj->r", error, problem.hessian.numpy(), error) / 2


def test_a_tenth_of_the_learning_rate_and_ten_times_the_batch_have_nearly_the_same_floor(problem):
    small = theory.noise_floor(problem, 0.01, 1, "fresh")
    assert theory.noise_floor(problem, 0.1, 10, "fresh") == pytest.approx(small, rel=0.15)
    tenth = partial(MultiStepLR, milestones=[150], gamma=0.1)
    late = [
        mean_excess(problem, schedule=tenth)[-5:].mean(),
        mean_excess(problem, batch_size={1: 1, 151: 10})[-5:].mean(),
    ]
    assert late == pytest.approx([small, small], rel=0.2)
    assert max(late) < theory.noise_floor(problem, 0.1, 1, "fresh") / 8


def test_the_remedies_are_one_run_up_to_step_150_and_the_smaller_steps_take_longer_to_calm(problem):
    tenth = partial(MultiStepLR, milestones=[150], gamma=0.1)
    many = {"batch_size": 1, "steps": 300, "replicas": 400}
    constant, smaller, larger = (
        train(problem, **many | more) for more in ({}, {"schedule": tenth}, {"batch_size": {1: 1, 151: 10}})
    )
    for other in (smaller, larger):
        np.testing.assert_allclose(other.params[:, :151], constant.params[:, :151])
    at_180 = [run.loss[:, 180].mean() - problem.lowest_loss for run in (smaller, larger)]
    assert at_180[0] > 3 * at_180[1]


def test_the_rate_1_over_t_needs_an_a_above_one_over_twice_the_smallest_eigenvalue(problem):
    bound = 1 / (2 * np.linalg.eigvalsh(problem.hessian.numpy())[0])
    assert round(bound, 3) == 0.729

    def slope(a):
        loss = mean_excess(problem, schedule=decay(a))
        return np.log(loss[20] / loss[5]) / np.log(1000 / 250)

    assert slope(3.0) == pytest.approx(-1, abs=0.2)
    # below the bound it falls like t to the minus 2 λmin a
    assert slope(0.3) == pytest.approx(-0.3 / bound, abs=0.1)
    assert slope(0.5) == pytest.approx(-0.5 / bound, abs=0.1)


def test_with_the_smallest_a_a_thousand_steps_are_worse_than_a_constant_learning_rate(problem):
    slow, constant = mean_excess(problem, schedule=decay(0.3)), mean_excess(problem)
    assert slow[-1] > 3 * constant[-1]


def test_far_above_the_bound_the_excess_is_about_proportional_to_a_and_below_it_it_is_far_worse(problem):
    end = {a: mean_excess(problem, schedule=decay(a))[-1] for a in (0.35, 0.7, 1.5, 3.0, 6.0)}
    assert 1.3 < end[3.0] / end[1.5] < 2.2
    assert 1.5 < end[6.0] / end[3.0] < 2.5
    assert end[0.35] / end[0.7] > 10


def test_the_mean_place_is_more_than_a_hundred_times_better_and_as_theory_has_it(problem):
    runs = train(problem, batch_size=1, steps=2200, replicas=400)
    last, mean = excess(problem, runs.params[:, -1]), excess(problem, runs.params[:, 201:].mean(axis=1))
    assert last.mean() / mean.mean() > 100
    expected = theory.average_excess_loss(problem, 1, 2000, "fresh")
    assert round(expected, 5) == 0.00024
    # the formula is the first order in 1/T; beside it stands what the start of the mean remembers
    assert mean.mean() == pytest.approx(expected, rel=0.1 + 4 * mean.std() / mean.mean() / 20)
    assert abs(mean.mean() - 0.00026) < 0.000005 + 4 * mean.std() / 20
    assert abs(last.mean() - 0.037) < 0.0005 + 4 * last.std() / 20


def test_a_mean_from_step_0_remembers_the_way_down(problem):
    runs = train(problem, batch_size=1, steps=2000, replicas=100)
    whole, late = (excess(problem, runs.params[:, first:].mean(axis=1)).mean() for first in (0, 201))
    assert whole > 3 * late
    assert runs.loss[0, 0] > 300 * problem.lowest_loss


def test_momentum_09_is_a_mistake_on_the_lesson_and_helps_where_a_direction_is_flat(problem):
    flat = LeastSquares(Dataset(problem.data.x * torch.tensor([0.1, 1.0]), problem.data.y))

    def rates(each):
        lr, momentum = theory.best_heavy_ball(each)
        plain = theory.gd_rate(each, theory.best_lr(each))
        return plain, theory.heavy_ball_rate(each, lr, 0.9), theory.heavy_ball_rate(each, lr, momentum), momentum

    plain, heavy, best, momentum = rates(problem)
    assert (round(plain, 2), round(heavy, 2), round(best, 2), round(momentum, 2)) == (0.49, 0.95, 0.26, 0.07)
    assert min(theory.heavy_ball_rate(problem, lr, 0.9) for lr in np.linspace(0.01, 1.8, 200)) > 0.94
    plain, heavy, best, momentum = rates(flat)
    assert best < heavy < plain
    assert np.log(heavy) / np.log(plain) > 7  # so many steps in one


def test_of_the_populations_problem_the_best_momentum_leaves_27_hundredths_against_half():
    """x uniform in (−1, 1), so that the Hessian is diag(2/3, 2)."""
    square = Dataset(np.array([[3**-0.5, 1.0], [-(3**-0.5), 1.0]]), np.zeros(2))
    problem = LeastSquares(square)
    np.testing.assert_allclose(problem.hessian.numpy(), np.diag([2 / 3, 2]), atol=1e-12)
    lr, momentum = theory.best_heavy_ball(problem)
    assert round(momentum, 2) == 0.07
    assert round(theory.heavy_ball_rate(problem, lr, momentum), 2) == 0.27
    assert theory.gd_rate(problem, theory.best_lr(problem)) == pytest.approx(0.5)


def test_momentum_raises_the_floor_at_the_same_learning_rate(problem):
    heavy = partial(torch.optim.SGD, momentum=0.9)
    plain = mean_excess(problem, 800, lr=0.01)[-2:].mean()
    assert mean_excess(problem, 800, lr=0.01, optimizer=heavy)[-2:].mean() > 5 * plain
