"""What the post on getting rid of the jitter says, each claim a test."""

from functools import partial

import numpy as np
import pytest
import torch
from torch.optim.lr_scheduler import LambdaLR, MultiStepLR

from sgdlib import Dataset, LeastSquares, noisy_line, theory, train
from sgdlib.facts import late_distance

HOW = "replacement"
FALLS = partial(MultiStepLR, milestones=[199, 399], gamma=0.25)
KINDS = {
    "as before": {},
    "smaller steps": {"schedule": FALLS},
    "larger batch": {"batch_size": {1: 1, 200: 4, 400: 16}},
}

some_data = pytest.mark.parametrize("seed", [0, 1, 2, 3, 42])


def line(seed):
    return LeastSquares(noisy_line(seed=seed))


def one(problem, **how):
    return train(problem, **({"lr": 0.1, "batch_size": 1, "sampler": HOW, "start": (2.5, 9.7), "steps": 600} | how))


def curvatures(problem):
    return np.linalg.eigvalsh(problem.hessian.numpy())


def assert_mean(values, expected):
    """The mean of independent values is within four standard errors of what is expected."""
    assert abs(values.mean() - expected) < 4 * values.std(ddof=1) / np.sqrt(len(values))


@pytest.fixture(scope="module")
def stairs():
    """(R, 601) losses above the lowest, by kind."""
    problem = line(42)
    many = {label: one(problem, **how, replicas=1500, record=["loss"]) for label, how in KINDS.items()}
    return {label: run.loss - problem.lowest_loss for label, run in many.items()}


def test_until_step_200_the_three_are_one_and_then_they_part(problem):
    before, small, large = (one(problem, **how) for how in KINDS.values())
    for run in (small, large):
        np.testing.assert_allclose(run.params[:, :200], before.params[:, :200], rtol=0, atol=1e-12)
        assert not np.allclose(run.params[:, 200], before.params[:, 200], rtol=0, atol=1e-6)
    lrs = small.meta["lrs"]  # of steps 1 to 600
    assert [lrs[198], lrs[199], lrs[398], lrs[399]] == pytest.approx([0.1, 0.025, 0.025, 0.00625])


@some_data
@pytest.mark.parametrize("run_seed", range(3))
def test_both_cures_calm_a_run(seed, run_seed):
    before, small, large = (late_distance(one(line(seed), **how, seed=run_seed)) for how in KINDS.values())
    assert max(small, large) < 0.85 * before


@pytest.mark.parametrize("step", [198, 399, 600])
def test_a_larger_batch_comes_down_to_the_floors_of_theory(problem, stairs, step):
    size = {198: 1, 399: 4, 600: 16}[step]
    assert_mean(stairs["larger batch"][:, step], theory.noise_floor(problem, 0.1, size, HOW))


def test_smaller_steps_come_down_to_the_floors_of_theory_but_slowly(problem, stairs):
    small, large = stairs["smaller steps"], stairs["larger batch"]
    assert_mean(small[:, 399], theory.noise_floor(problem, 0.1 / 4, 1, HOW))
    last = theory.noise_floor(problem, 0.1 / 16, 1, HOW)
    assert last < small[:, 600].mean() < 2 * last  # on its way
    for edge in (200, 400):
        assert small[:, edge + 20 : edge + 30].mean() > 1.4 * large[:, edge + 20 : edge + 30].mean()


@some_data
@pytest.mark.parametrize("k", [1, 2])
def test_a_step_by_four_and_a_batch_times_four_have_nearly_one_floor(seed, k):
    small = theory.noise_floor(line(seed), 0.1 / 4**k, 1, HOW)
    large = theory.noise_floor(line(seed), 0.1, 4**k, HOW)
    assert small == pytest.approx(large, rel=0.15)
    assert small == pytest.approx(theory.noise_floor(line(seed), 0.1, 1, HOW) / 4**k, rel=0.15)


def falling(problem, a, steps, **how):
    shrink = partial(LambdaLR, lr_lambda=lambda t: 10 * a / (10 * a + t))
    return one(problem, **({"schedule": shrink, "steps": steps, "start": (-1.0, 1.0), "record": ["loss"]} | how))


def test_a_must_be_more_than_0_729(problem):
    assert round(0.5 / curvatures(problem)[0], 3) == 0.729


@pytest.mark.parametrize("a", [0.2, 0.5])
def test_below_it_even_without_noise_the_loss_falls_as_a_smaller_power_of_t(problem, a):
    run = falling(problem, a, 2000, batch_size=None, record=["params", "loss"])
    _, vectors = np.linalg.eigh(problem.hessian.numpy())
    flat = ((run.params[0] - problem.minimiser.numpy()) @ vectors[:, 0]) ** 2  # in the end all that is left
    power = np.log(flat[2000] / flat[1000]) / np.log(2)
    assert power == pytest.approx(-2 * a * curvatures(problem)[0], rel=0.02)
    assert power > -1


def test_above_it_the_loss_falls_as_1_over_t_to_what_theory_says(problem):
    """Excess times t goes to ½ Σ λ a² C / (2 a λ − 1), in the Hessian's own directions."""
    a, steps = 2.0, 2500
    values, vectors = np.linalg.eigh(problem.hessian.numpy())
    inverse = vectors.T @ theory.average_covariance(problem, 1, 1, HOW) @ vectors  # H⁻¹ C H⁻¹
    noise = np.diag(inverse) * values**2
    limit = 0.5 * (values * a**2 * noise / (2 * a * values - 1)).sum()
    late = falling(problem, a, steps, replicas=600).loss[:, -1] - problem.lowest_loss
    assert late.mean() * steps == pytest.approx(limit, rel=0.2)
    # the best a has for its constant what an average has
    assert limit > theory.average_excess_loss(problem, 1, 1, HOW)


@some_data
def test_of_three_a_the_largest_is_lowest(seed):
    ends = [falling(line(seed), a, 400, replicas=40).loss[:, -1].mean() for a in (0.2, 0.5, 2.0)]
    excess = np.array(ends) - line(seed).lowest_loss
    assert (excess[:-1] > 3 * excess[1:]).all()


@pytest.fixture(scope="module")
def jittering():
    """(R, 2201, 2): weights minus the best, from far away."""
    problem = line(42)
    run = one(problem, steps=2200, replicas=300, start=(-1.0, 1.0), record=["params"])
    return run.params - problem.minimiser.numpy()


def mean_excess(problem, away):
    return 0.5 * np.einsum("rp,pq,rq->r", away, problem.hessian.numpy(), away).mean()


def test_an_average_is_a_hundred_times_lower_than_the_last_step(problem, jittering):
    average = mean_excess(problem, jittering[:, 201:].mean(axis=1))
    assert mean_excess(problem, jittering[:, -1]) > 100 * average
    assert average == pytest.approx(theory.average_excess_loss(problem, 1, 2000, HOW), rel=0.25)
    half = mean_excess(problem, jittering[:, 201:1201].mean(axis=1))
    assert half == pytest.approx(2 * average, rel=0.3)  # as 1/T, with no floor


def test_an_average_of_few_is_no_better_and_one_from_the_start_is_worse(problem, jittering):
    last = mean_excess(problem, jittering[:, -1])
    assert mean_excess(problem, jittering[:, 201:204].mean(axis=1)) > 0.7 * last
    early, late = (mean_excess(problem, jittering[:, first:].mean(axis=1)) for first in (0, 201))
    assert early > 2 * late


def test_the_learning_rate_is_not_in_the_average(problem):
    ends = []
    for lr in (0.05, 0.2):
        run = one(problem, lr=lr, steps=2200, replicas=300, start=problem.minimiser, record=["params"])
        ends.append(mean_excess(problem, run.params[:, 201:].mean(axis=1) - problem.minimiser.numpy()))
    assert ends[0] == pytest.approx(ends[1], rel=0.3)


def narrow():
    """The script's: fifty points with x from 0 to 10."""
    x = torch.linspace(0, 10, 50)
    noise = torch.randn(50, generator=torch.Generator().manual_seed(42))
    return LeastSquares(Dataset(torch.stack([x, torch.ones(50)], dim=1), 0.5 * x + 2 + 0.6 * noise))


def test_the_best_momentum_is_next_to_none_on_the_line_and_large_in_the_valley(problem):
    _, momentum = theory.best_heavy_ball(problem)
    assert round(momentum, 2) == 0.07
    assert round(theory.heavy_ball_rate(problem, *theory.best_heavy_ball(problem)), 2) == 0.26
    assert round(theory.gd_rate(problem, theory.best_lr(problem)), 2) == 0.49
    low, high = curvatures(narrow())
    assert high > 100 * low
    assert theory.best_heavy_ball(narrow())[1] > 0.6
    # steps that shrink the error as much: more than ten of gradient descent for one of the ball's
    gd, ball = (
        theory.gd_rate(narrow(), theory.best_lr(narrow())),
        theory.heavy_ball_rate(narrow(), *theory.best_heavy_ball(narrow())),
    )
    assert np.log(ball) < 10 * np.log(gd)


@some_data
def test_momentum_0_9_is_a_mistake_on_the_line_at_every_learning_rate(seed):
    none = theory.gd_rate(line(seed), theory.best_lr(line(seed)))
    lrs = np.linspace(0, theory.heavy_ball_limit(line(seed), 0.9), 301)[1:-1]
    rates = [theory.heavy_ball_rate(line(seed), lr, 0.9) for lr in lrs.tolist()]
    assert min(rates) == pytest.approx(np.sqrt(0.9))
    assert min(rates) > none + 0.3


def test_gradient_descent_is_first_in_the_valley_and_the_ball_at_its_end():
    problem = narrow()
    how = {"lr": round(theory.gd_limit(problem) / 2, 4), "batch_size": None, "start": (-0.4, 4.0)}
    plain = train(problem, **how)
    ball = train(problem, **how, optimizer=partial(torch.optim.SGD, momentum=0.8))
    _, vectors = np.linalg.eigh(problem.hessian.numpy())
    across = [np.abs((run.params[0] - problem.minimiser.numpy()) @ vectors[:, 1]) for run in (plain, ball)]
    assert across[0][1] < 0.01 * across[0][0]
    assert across[1][1:20].max() > 0.5 * across[1][0]  # from wall to wall
    excess = [run.loss[0] - problem.lowest_loss for run in (plain, ball)]
    assert excess[1][2:10].max() > excess[0][2]
    assert excess[1][-1] < 0.01 * excess[0][-1]


def test_momentum_0_9_jitters_as_ten_times_the_learning_rate(problem):
    ball = partial(torch.optim.SGD, momentum=0.9)
    floors = [
        one(problem, lr=lr, start=problem.minimiser, optimizer=optimizer, replicas=300, record=["loss"])
        .loss[:, 300:]
        .mean()
        - problem.lowest_loss
        for lr, optimizer in ((0.01, None), (0.01, ball), (0.1, None))
    ]
    assert floors[1] == pytest.approx(floors[2], rel=0.2)
    assert floors[1] == pytest.approx(10 * floors[0], rel=0.2)


def test_on_a_noise_floor_a_smaller_step_helps_and_on_the_way_it_does_not(problem, stairs):
    assert stairs["smaller steps"][:, 250].mean() < 0.5 * stairs["as before"][:, 250].mean()
    far = {"start": (-1.0, 1.0), "steps": 30, "replicas": 100, "record": ["loss"]}
    slow, fast = (one(problem, lr=lr, **far).loss[:, -1].mean() for lr in (0.1 / 4, 0.1))
    assert slow > 3 * fast
