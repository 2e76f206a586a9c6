"""The theory against ensembles of real runs, within four standard errors of their own.

In all of the noise floors here the error's fourth moment is finite (what one step does to it has no eigenvalue above
.92), so a sample's standard error of a second moment means what it says.
"""

import numpy as np
import pytest
from helpers.runs import wide

from sgdlib import Dataset, LeastSquares, noisy_line, theory, train

pytestmark = pytest.mark.ensemble


def steep(seed=5, n=64):
    """A line over x from 0 to 4, noisier where x is larger: a condition number of 27, and noise of another shape."""
    draw = np.random.default_rng(seed)
    x = draw.uniform(0, 4, n)
    return Dataset(np.stack([x, np.ones(n)], axis=1), 10 + 3 * x + 0.3 * x * draw.normal(size=n))


PROBLEMS = {
    "a line, seed 42": LeastSquares(noisy_line(seed=42)),
    "four columns": LeastSquares(wide(seed=0, n=64)),
    "badly conditioned": LeastSquares(steep()),
}
WHEN = {0.05: (350, 250), 0.1: (160, 200), 0.5: (50, 100)}  # steps until the start is forgotten, and steps after
EARLY = {0.05: [1, 5, 15, 30, 60], 0.1: [1, 3, 8, 15, 30], 0.5: [1, 2, 3, 5, 8]}
CASES = [
    pytest.param(name, size, lr, sampler, id=f"{name}, {size}, {lr}, {sampler}")
    for name, problem in PROBLEMS.items()
    for size in sorted({1, 4, 16, 64, problem.data.n})
    for lr in WHEN
    for sampler in ("fresh", "replacement")
]


def assert_mean(samples, expected, rounding=1e-10):
    """The mean of samples (R, …) is what was expected, within four of its standard errors and rounding."""
    error = samples.std(axis=0, ddof=1) / np.sqrt(len(samples))
    off = np.abs(samples.mean(axis=0) - expected)
    worst = np.max(off / (error + 1e-300))
    assert (off <= 4 * error + rounding * (1 + np.abs(expected))).all(), f"off by {worst:.1f} standard errors"


def excess(problem, params):
    """(R, k) of (R, k, p)."""
    error = params - problem.minimiser.numpy()
    return 0.5 * np.einsum("rki,ij,rkj->rk", error, problem.hessian.numpy(), error)


@pytest.mark.parametrize(("name", "size", "lr", "sampler"), CASES)
def test_runs_go_where_the_theory_says(name, size, lr, sampler):
    problem = PROBLEMS[name]
    if lr >= theory.mean_square_limit(problem, size, sampler):
        with pytest.raises(ValueError, match="mean-square limit"):
            theory.noise_covariance(problem, lr, size, sampler)
        return
    forget, after = WHEN[lr]
    start = problem.minimiser.numpy() + np.linspace(-1.0, 2.0, problem.data.p)
    how = {"lr": lr, "batch_size": size, "steps": forget + after, "start": start, "sampler": sampler}
    run = train(problem, replicas=300, record=("params",), seed=size, **how)
    early = EARLY[lr]
    assert_mean(run.params[:, early], theory.mean_path(problem, lr, early[-1], start)[early])
    expected = theory.expected_excess_loss(problem, lr, size, early[-1], start, sampler)
    assert_mean(excess(problem, run.params[:, early]), expected[early])
    late = run.params[:, forget:] - problem.minimiser.numpy()
    # the mean over a run's late steps is one sample: steps depend on each other, runs do not
    covariance = np.einsum("rki,rkj->rij", late, late) / late.shape[1]
    # of the start, a millionth is left at most
    assert_mean(covariance, theory.noise_covariance(problem, lr, size, sampler), rounding=1e-6)
    floor = excess(problem, run.params[:, forget:]).mean(axis=1)
    assert_mean(floor, theory.noise_floor(problem, lr, size, sampler), rounding=1e-6)


@pytest.mark.parametrize("sampler", ["fresh", "replacement"])
@pytest.mark.parametrize("size", [16, 64])
@pytest.mark.parametrize("share", [0.95, 1.05])
def test_near_the_limit_the_mean_square_does_as_it_should(problem, size, share, sampler):
    # small batches and the other data are left out: near their limits a few runs in thousands carry the mean, and a
    # sample's standard error says nothing. There test_theory.py goes through every batch in turn
    lr = share * theory.mean_square_limit(problem, size, sampler)
    start = problem.minimiser.numpy() + np.array([-30.0, 60.0])  # far above the noise floor
    how = {"lr": lr, "batch_size": size, "steps": 50, "start": start, "sampler": sampler}
    run = train(problem, replicas=2000, record=("params",), seed=1, **how)
    at = [1, 5, 10, 20, 35, 50]
    expected = theory.expected_excess_loss(problem, lr, size, 50, start, sampler)[at]
    found = excess(problem, run.params[:, at])
    assert_mean(found, expected)
    falls = np.diff(found.mean(axis=0)[2:]) < 0
    assert (falls == (share < 1)).all()
    assert (falls == (np.diff(expected[2:]) < 0)).all()


def test_an_average_forgets_the_jitter(problem):
    lr, forget, steps = 0.1, 200, 2000
    run = train(
        problem,
        lr=lr,
        batch_size=1,
        steps=forget + steps,
        sampler="replacement",
        replicas=600,
        record=("params",),
        seed=3,
    )
    average = run.params[:, forget + 1 :].mean(axis=1, keepdims=True)
    of_average, of_last = excess(problem, average)[:, 0], excess(problem, run.params[:, -1:])[:, 0]
    assert_mean(of_last, theory.noise_floor(problem, lr, 1, "replacement"))
    assert round(of_last.mean(), 3) == 0.037
    # at the floor E[e_s e_tᵀ] = (I − lr H)^|s − t| Σ, and so the average of T has, exactly,
    shrink = np.eye(2) - lr * problem.hessian.numpy()
    sigma = theory.noise_covariance(problem, lr, 1, "replacement")
    total, power = steps * sigma, sigma
    for apart in range(1, steps):
        power = shrink @ power
        total = total + (steps - apart) * (power + power.T)
    exact = 0.5 * np.trace(problem.hessian.numpy() @ total) / steps**2
    assert_mean(of_average, exact)
    assert round(exact, 5) == 0.00026
    # the leading order is without the learning rate, here 7 % low
    leading = theory.average_excess_loss(problem, 1, steps, "replacement")
    assert round(leading, 5) == 0.00024
    assert 0.9 < leading / exact < 1


@pytest.mark.parametrize(("lr", "settles"), [(0.65, True), (0.73, True), (0.80, False)])
def test_single_runs_settle_below_the_almost_sure_limit_alone(lr, settles):
    # one row a batch: the mean-square limit is .707, the almost-sure limit .756. With targets of 0 there is no floor
    problem = LeastSquares(Dataset(noisy_line(seed=42).x, np.zeros(100)))
    value, error = theory.lyapunov_exponent(problem, lr, 1, "fresh")
    run = train(problem, lr=lr, batch_size=1, steps=300, replicas=1000, record=("params",), every=100, seed=2)
    size = np.log(np.linalg.norm(run.params - problem.minimiser.numpy(), axis=2))
    growth = (size[:, -1] - size[:, -2]) / 100
    spread = growth.std(ddof=1) / np.sqrt(len(growth))
    assert abs(growth.mean() - value) < 4 * np.hypot(spread, error)
    assert (np.median(size[:, -1]) < np.median(size[:, 1])) == settles


@pytest.mark.parametrize("sampler", ["fresh", "replacement"])
def test_a_batch_that_curves_more_also_pushes_elsewhere(sampler):
    # few rows, whose residuals grow with x: here the cross term of the recursion is much of the loss
    problem = LeastSquares(Dataset([[0.1], [0.3], [-0.2], [1.5], [0.5]], [2.0, 1.0, -1.0, 6.0, -3.0]))
    how = {"lr": 0.15, "batch_size": 2, "steps": 5, "start": problem.minimiser.numpy() + 2.0, "sampler": sampler}
    run = train(problem, replicas=20000, record=("params",), seed=1, **how)
    assert_mean(excess(problem, run.params), theory.expected_excess_loss(problem, **how))
