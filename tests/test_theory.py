"""The theory against what is computed in another way: every batch in turn, numpy's matrices, torch's optimiser."""

import itertools
from math import inf, log, sqrt

import numpy as np
import pytest
import torch
from helpers.cases import audited
from helpers.runs import wide

from sgdlib import Dataset, LeastSquares, theory, train

SAMPLERS = ("replacement", "fresh")
every_sampler = pytest.mark.parametrize("sampler", SAMPLERS)
ONE = LeastSquares(Dataset([[1.0], [0.4], [-2.0], [0.7], [1.5]], [1.0, 2.0, -3.0, 0.0, 1.0]))
ONES = LeastSquares(Dataset([[1.0]] * 4, [0.0, 1.0, 2.0, 5.0]))
SMALL = {
    "a line": LeastSquares(Dataset([[0.1, 1], [2.0, 1], [-1.0, 1], [0.5, 1], [1.2, 1]], [1.0, 3.0, -4.0, 0.0, 1.0])),
    "three columns": LeastSquares(wide(seed=4, n=6, p=3)),
    "one column": ONE,
    "fewer rows than columns": LeastSquares(wide(seed=2, n=3)),
    "a column twice": LeastSquares(Dataset(wide(seed=4, n=6, p=2).x[:, [0, 1, 0]], np.arange(6.0) ** 2)),
}
every_small = pytest.mark.parametrize("small", SMALL.values(), ids=SMALL)


def population(n=64):
    """Data with the moments of x ~ U(−1, 1) up to the fifth, a column of ones, and noise ±0.6 whatever x is."""
    nodes = np.sqrt(1 / 3 + np.array([-1, 1]) * np.sqrt(4 / 45))  # with both signs: Chebyshev's four
    x = np.repeat(np.concatenate([nodes, -nodes]), 2)
    rows = np.stack([x, np.ones(8)], axis=1)
    y = rows @ [3.0, 10.0] + np.tile([0.6, -0.6], 4)
    return LeastSquares(Dataset(np.tile(rows, (n // 8, 1)), np.tile(y, n // 8)))


def known(problem):
    """x, y, the Hessian and the minimiser by numpy alone."""
    x, y = problem.data.x.numpy(), problem.data.y.numpy()
    return x, y, 2 / len(x) * x.T @ x, np.linalg.lstsq(x, y, rcond=None)[0]


def one_step(problem, lr, batch_size, sampler):
    """What one step does to (vec S, m, 1), averaged over every batch there is; and I − lr H_B ⊗ itself alone."""
    x, y, _, best = known(problem)
    n, p = x.shape
    batches = itertools.combinations(range(n), batch_size)
    if sampler == "replacement":
        batches = itertools.product(range(n), repeat=batch_size)
    maps = []
    for rows in map(list, batches):
        shrink = np.eye(p) - lr * 2 / batch_size * x[rows].T @ x[rows]
        push = -lr * 2 / batch_size * x[rows].T @ (x[rows] @ best - y[rows])
        whole = np.zeros((p * p + p + 1,) * 2)
        whole[: p * p, : p * p] = np.kron(shrink, shrink)
        whole[: p * p, p * p : -1] = np.kron(shrink, push[:, None]) + np.kron(push[:, None], shrink)
        whole[: p * p, -1] = np.kron(push, push)
        whole[p * p : -1, p * p : -1] = shrink
        whole[p * p : -1, -1] = push
        whole[-1, -1] = 1.0
        maps.append(whole)
    mean = np.mean(maps, axis=0)
    return mean, mean[: p * p, : p * p]


def radius(problem, matrix):
    """The spectral radius of a map of S, on the row space alone."""
    x, *_ = known(problem)
    onto = np.linalg.pinv(x) @ x
    both = np.kron(onto, onto)
    return np.abs(np.linalg.eigvals(both @ matrix @ both)).max()


def sizes(problem):
    return range(1, min(3, problem.data.n) + 1)


@every_small
@every_sampler
@pytest.mark.parametrize("share", [0.1, 0.7, 1.3])
def test_the_expected_loss_is_the_mean_over_every_batch(small, sampler, share):
    _, _, hessian, best = known(small)
    start = np.linspace(-3.0, 4.0, small.data.p)
    for size in sizes(small):
        lr = share * theory.mean_square_limit(small, size, sampler)
        whole, _ = one_step(small, lr, size, sampler)
        error = start - best
        state, expected = np.concatenate([np.kron(error, error), error, [1.0]]), []
        for _ in range(21):
            expected.append(0.5 * np.sum(hessian.ravel() * state[: hessian.size]))
            state = whole @ state
        ours = theory.expected_excess_loss(small, lr, size, 20, start, sampler)
        np.testing.assert_allclose(ours, expected, rtol=1e-9, atol=1e-12)


@every_small
@every_sampler
def test_growth_passes_one_at_the_limit(small, sampler):
    for size in sizes(small):
        limit = theory.mean_square_limit(small, size, sampler)
        for share in (0.3, 0.999, 1.001, 2.0):
            ours = theory.growth(small, share * limit, size, sampler)
            theirs = radius(small, one_step(small, share * limit, size, sampler)[1])
            np.testing.assert_allclose(ours, theirs, rtol=1e-10)
            assert (ours < 1) == (share < 1)


@every_small
@every_sampler
def test_the_noise_covariance_is_what_a_step_leaves_as_it_is(small, sampler):
    x, _, hessian, _ = known(small)
    for size, share in itertools.product(sizes(small), (0.2, 0.9)):
        lr = share * theory.mean_square_limit(small, size, sampler)
        whole, alone = one_step(small, lr, size, sampler)
        sigma = theory.noise_covariance(small, lr, size, sampler)
        after = (alone @ sigma.ravel() + whole[: sigma.size, -1]).reshape(sigma.shape)
        np.testing.assert_allclose(after, sigma, rtol=1e-9, atol=1e-12)
        along = np.linalg.pinv(x) @ x
        np.testing.assert_allclose(along @ sigma @ along, sigma, rtol=1e-9, atol=1e-12)
        floor = theory.noise_floor(small, lr, size, sampler)
        np.testing.assert_allclose(floor, 0.5 * np.trace(hessian @ sigma), rtol=1e-9, atol=1e-12)


@every_small
@every_sampler
def test_the_first_order_is_what_is_left_at_small_learning_rates(small, sampler):
    x, y, hessian, best = known(small)
    gradients = 2 * (x @ best - y)[:, None] * x
    for size in sizes(small):
        sigma = theory.first_order_covariance(small, 0.3, size, sampler)
        pushed = 0.3 * theory.batch_factor(len(x), size, sampler) * gradients.T @ gradients / len(x)
        np.testing.assert_allclose(hessian @ sigma + sigma @ hessian, pushed, rtol=1e-9, atol=1e-12)
        floor = theory.first_order_floor(small, 0.3, size, sampler)
        np.testing.assert_allclose(floor, np.trace(pushed) / 4, rtol=1e-9, atol=1e-12)
        tiny = theory.noise_covariance(small, 3e-7, size, sampler)
        np.testing.assert_allclose(tiny, 1e-6 * sigma, rtol=1e-4, atol=1e-16)


@every_small
def test_limits_and_rates_of_gradient_descent_are_those_of_its_matrix(small):
    *_, hessian, _ = known(small)
    values = np.linalg.eigvalsh(hessian)
    steep = values[values > 1e-9]
    assert theory.gd_limit(small) == pytest.approx(2 / steep[-1])
    assert theory.best_lr(small) == pytest.approx(2 / (steep[0] + steep[-1]))
    for lr in (0.01, theory.best_lr(small), theory.gd_limit(small), 3.0):
        assert theory.gd_rate(small, lr) == pytest.approx(np.abs(1 - lr * steep).max(), abs=1e-12)
        halved = np.abs(1 - lr * values) ** np.nan_to_num(theory.half_lives(small, lr), posinf=0.0)
        shrinks = (np.abs(1 - lr * values) < 1 - 1e-12) & (np.abs(1 - lr * values) > 1e-12)
        np.testing.assert_allclose(halved[shrinks], 0.5)
        assert (theory.half_lives(small, lr)[np.abs(1 - lr * values) > 1 + 1e-12] == inf).all()
    tried = [theory.gd_rate(small, lr) for lr in np.linspace(0.01, 1, 100) * theory.gd_limit(small)]
    assert theory.gd_rate(small, theory.best_lr(small)) <= min(tried) + 1e-12
    assert theory.gd_rate(small, theory.gd_limit(small)) == pytest.approx(1)


def test_a_direction_without_curvature_never_halves_and_one_step_can_do_all():
    assert theory.half_lives(SMALL["a column twice"], 0.1)[0] == inf
    assert theory.half_lives(ONES, 0.5).tolist() == [0.0]
    assert theory.gd_rate(ONES, 0.5) == 0


@every_small
@pytest.mark.parametrize("lr", [0.05, 0.4])
def test_the_mean_path_is_gradient_descents(small, lr):
    start = np.linspace(-3.0, 4.0, small.data.p)
    run = train(small, lr=lr, batch_size=None, steps=30, start=start)
    np.testing.assert_allclose(theory.mean_path(small, lr, 30, start), run.params[0], rtol=1e-8, atol=1e-10)
    for size, sampler in ((None, None), (None, "epochs"), (small.data.n, "fresh")):
        ours = theory.expected_excess_loss(small, lr, size, 30, start, sampler)
        np.testing.assert_allclose(ours, run.loss[0] - small.lowest_loss, rtol=1e-8, atol=1e-10)


@every_small
@pytest.mark.parametrize("how", [(None, None), (None, "cyclic"), (0, "fresh")])
def test_all_rows_are_gradient_descent(small, how):
    size, sampler = how if how[0] is None else (small.data.n, how[1])
    limit = theory.gd_limit(small)
    assert theory.mean_square_limit(small, size, sampler) == pytest.approx(limit)
    assert theory.almost_sure_limit(small, size, sampler) == pytest.approx((limit, 0.0))
    assert theory.growth(small, 0.3, size, sampler) == pytest.approx(theory.gd_rate(small, 0.3) ** 2)
    expected = log(theory.gd_rate(small, 0.3))
    assert theory.lyapunov_exponent(small, 0.3, size, sampler) == pytest.approx((expected, 0.0))
    assert not theory.noise_covariance(small, 0.5 * limit, size, sampler).any()
    assert not theory.average_covariance(small, size, 10, sampler).any()


def test_the_batch_factor_is_the_variance_of_a_mean():
    values = np.array([1.0, 4.0, -2.0, 0.5, 3.0])
    for size in (1, 2, 3, 4, 5):
        fresh = np.var([np.mean(some) for some in itertools.combinations(values, size)])
        again = np.var([np.mean(some) for some in itertools.product(values, repeat=size)])
        assert theory.batch_factor(5, size, "fresh") == pytest.approx(fresh / values.var(), abs=1e-15)
        assert theory.batch_factor(5, size, "replacement") == pytest.approx(again / values.var())
    assert theory.batch_factor(1, 1, "fresh") == 0
    assert theory.batch_factor(5, None, None) == theory.batch_factor(5, None, "epochs") == 0


LIMITS = {1: 0.70871, 2: 0.88784, 4: 0.96813, 8: 0.99195, 16: 0.99801, 32: 0.99951, 64: 0.99988}


@pytest.mark.parametrize("size", LIMITS)
def test_the_limit_of_a_population_is_its_closed_form(size):
    factor = 1 / size
    a = 1 / 3 + 4 * factor / 15
    closed = 2 / (1 + a + sqrt((1 - a) ** 2 + 4 * factor**2 / 3))
    ours = theory.mean_square_limit(population(), size, "replacement")
    assert ours == pytest.approx(closed, rel=1e-12)
    assert round(ours, 5) == LIMITS[size]


def test_where_the_noise_is_the_same_everywhere_its_first_order_is_a_circle():
    ours = theory.first_order_covariance(population(), 0.1, 4, "replacement")
    np.testing.assert_allclose(ours, 0.1 / 4 * 0.36 * np.eye(2), atol=1e-15)


# batch size: mean-square limit with replacement and fresh, almost-sure limit with replacement
SEED_42 = {
    1: (0.7070, 0.7070, 0.756),
    2: (0.8840, 0.8859, 0.958),
    4: (0.9650, 0.9669, 1.009),
    8: (0.9897, 0.9909, 1.009),
    16: (0.9962, 0.9968, 1.001),
    32: (0.9979, 0.9982, 0.999),
    64: (0.9983, 0.9984, 0.999),
}


@pytest.mark.ensemble
@pytest.mark.parametrize("size", SEED_42)
def test_the_limits_of_seed_42(problem, size):
    replacement, fresh, surely = SEED_42[size]
    assert round(theory.mean_square_limit(problem, size, "replacement"), 4) == replacement
    assert round(theory.mean_square_limit(problem, size, "fresh"), 4) == fresh
    value, error = theory.almost_sure_limit(problem, size, "replacement")
    assert error < 0.0005
    assert abs(value - surely) < 0.002 + 4 * error  # the reference is itself simulated, to ±.002


# batch size: standard deviations of slope and intercept and excess loss with replacement, excess loss fresh
FLOORS = {
    1: (0.168, 0.167, 0.0372, 0.0372),
    4: (0.080, 0.082, 0.00887, 0.00860),
    16: (0.040, 0.041, 0.00219, 0.00186),
    64: (0.020, 0.020, 0.00055, 0.00020),
    100: (0.016, 0.016, 0.00035, 0.0),
}


@pytest.mark.parametrize("size", FLOORS)
def test_the_noise_floors_of_seed_42(problem, size):
    slope, intercept, replacement, fresh = FLOORS[size]
    spread = np.sqrt(np.diag(theory.noise_covariance(problem, 0.1, size, "replacement")))
    assert spread.round(3).tolist() == [slope, intercept]
    digits = 4 if size == 1 else 5
    assert round(theory.noise_floor(problem, 0.1, size, "replacement"), digits) == replacement
    assert round(theory.noise_floor(problem, 0.1, size, "fresh"), digits) == fresh


def test_other_numbers_of_seed_42(problem):
    assert round(theory.gd_limit(problem), 5) == 0.99848
    assert round(theory.best_lr(problem), 4) == 0.7437
    for size, low in ((1, 3.4), (16, 1.8)):
        exact, first = (f(problem, 0.5, size, "fresh") for f in (theory.noise_floor, theory.first_order_floor))
        assert round(exact / first, 1) == low
    scaled = [theory.noise_floor(problem, 0.0125 * size, size, "replacement") for size in (1, 16, 32, 64)]
    assert np.round(scaled, 4).tolist() == [0.0041, 0.0049, 0.0062, 0.0165]
    with pytest.raises(ValueError, match="mean-square limit"):
        theory.noise_floor(problem, 0.0125 * 100, 100, "replacement")


def test_the_half_lives_of_the_population():
    assert theory.half_lives(population(), 0.1).round(1).tolist() == [10.0, 3.1]
    lr, momentum = theory.best_heavy_ball(population())
    assert round(momentum, 2) == 0.07
    assert round(theory.heavy_ball_rate(population(), lr, momentum), 2) == 0.27
    assert theory.gd_rate(population(), theory.best_lr(population())) == pytest.approx(0.5)


STEPS = {1: 228, 2: 116, 4: 60, 8: 32, 16: 18, 32: 11, 64: 7}


@pytest.mark.parametrize("size", STEPS)
def test_the_fewest_steps_of_seed_42(problem, size):
    lr, steps = theory.fastest(problem, size, 0.01, (-1.0, 1.0), "replacement")
    assert steps == STEPS[size]
    assert theory.expected_excess_loss(problem, lr, size, steps, (-1.0, 1.0), "replacement")[-1] <= 0.01


@pytest.mark.parametrize(("size", "share"), audited([(1, 0.2), (2, 0.3), (None, 0.5)], (2, 0.3)))
@every_small
def test_no_learning_rate_is_faster_than_the_fastest(small, size, share):
    start = np.linspace(-3.0, 4.0, small.data.p)
    limit = theory.mean_square_limit(small, size, "fresh")
    target = max(theory.noise_floor(small, share * limit, size, "fresh"), 1e-6)
    lr, steps = theory.fastest(small, size, target, start, "fresh")
    assert 0 < lr < limit
    at = theory.expected_excess_loss(small, lr, size, steps, start, "fresh")
    assert at[-1] <= target < at[:-1].min()
    for other in np.append(np.geomspace(1e-3, 1, 150, endpoint=False) * limit, lr * np.linspace(0.98, 1.02, 20)):
        if other < limit and steps > 1:
            assert theory.expected_excess_loss(small, other, size, steps - 1, start, "fresh").min() > target


def test_a_target_out_of_reach_is_refused(problem):
    with pytest.raises(ValueError, match=r"target must be less than the excess loss at the start.*got 100"):
        theory.fastest(problem, 16, 100.0, (-1.0, 1.0), "fresh")


@pytest.mark.audit
def test_a_target_that_takes_too_many_steps_is_refused(problem):
    with pytest.raises(ValueError, match=r"target must be .* within 100000 steps; got 1e-07"):
        theory.fastest(problem, 1, 1e-7, (-1.0, 1.0), "fresh")


@every_small
def test_the_noise_scale_is_the_noise_over_the_signal(small):
    params = np.random.default_rng(0).normal(size=(4, small.data.p)) * 3
    for one, ours in zip(params, theory.gradient_noise_scale(small, params), strict=True):
        rows = torch.arange(small.data.n)[:, None]
        each = small.gradient(torch.from_numpy(one).repeat(small.data.n, 1), rows).numpy()
        assert ours == pytest.approx(each.var(axis=0).sum() / (each.mean(axis=0) ** 2).sum())


def test_the_noise_scale_grows_along_gradient_descent(problem):
    path = train(problem, lr=0.1, batch_size=None).params[0]
    scale = theory.gradient_noise_scale(problem, path)
    assert [float(f"{scale[t]:.2g}") for t in (0, 20)] == [0.42, 6.9]
    assert round(scale[50]) == 288
    assert theory.gradient_noise_scale(LeastSquares(Dataset([[1.0]] * 2, [1.0, -1.0])), [[0.0]]).tolist() == [inf]
    assert theory.gradient_noise_scale(LeastSquares(Dataset([[1.0]] * 2, [1.0, 1.0])), [[0.0], [1.0]]).tolist() == [
        0,
        0,
    ]


@every_small
@every_sampler
def test_an_average_has_the_covariance_of_polyak_and_juditsky(small, sampler):
    x, y, hessian, best = known(small)
    gradients = 2 * (x @ best - y)[:, None] * x
    inverse = np.linalg.pinv(hessian)
    for size in sizes(small):
        factor = theory.batch_factor(len(x), size, sampler)
        theirs = factor / 50 * inverse @ gradients.T @ gradients / len(x) @ inverse
        ours = theory.average_covariance(small, size, 50, sampler)
        np.testing.assert_allclose(ours, theirs, rtol=1e-9, atol=1e-14)
        excess = theory.average_excess_loss(small, size, 50, sampler)
        np.testing.assert_allclose(excess, 0.5 * np.trace(hessian @ theirs), rtol=1e-9, atol=1e-14)


@every_small
@every_sampler
def test_a_learning_rate_that_changes_moves_the_mean_over_every_batch(small, sampler):
    _, _, hessian, best = known(small)
    start = np.linspace(-3.0, 4.0, small.data.p)
    for size in sizes(small):
        lrs = theory.mean_square_limit(small, size, sampler) * np.array([0.3, 1.2, 0.05, 0.7, 0.01, 0.4])
        error = start - best
        state, expected = np.concatenate([np.kron(error, error), error, [1.0]]), []
        for lr in [*lrs, None]:
            expected.append(0.5 * np.sum(hessian.ravel() * state[: hessian.size]))
            state = state if lr is None else one_step(small, lr, size, sampler)[0] @ state
        ours = theory.expected_excess_loss(small, lrs, size, 6, start, sampler)
        np.testing.assert_allclose(ours, expected, rtol=1e-9, atol=1e-12)
        constant = theory.expected_excess_loss(small, [lrs[0]] * 6, size, 6, start, sampler)
        assert constant.tolist() == theory.expected_excess_loss(small, lrs[0], size, 6, start, sampler).tolist()


def test_slow_learning_rates_fall_to_the_excess_losses_of_the_notes(problem):
    lrs = 0.1 / (1 + np.arange(10_000) / 10) ** 0.3
    excess = theory.expected_excess_loss(problem, lrs, 4, 10_000, (-1.0, 1.0), "fresh")[[100, 1000, 10_000]]
    assert excess.round(5).tolist() == [0.0048, 0.002, 0.00099]


@every_small
@every_sampler
@pytest.mark.parametrize("steps", [1, 2, 7])
def test_an_average_has_exactly_the_covariance_that_every_batch_gives_it(small, sampler, steps):
    """From the noise floor, the second moments of (error, sum of errors so far), one step after the other."""
    _, _, hessian, best = known(small)
    p = len(best)
    zero, one = np.zeros((p, p)), np.eye(p)
    for size in sizes(small):
        lr = 0.6 * theory.mean_square_limit(small, size, sampler)
        sigma = theory.noise_covariance(small, lr, size, sampler)
        after, _ = one_step(small, lr, size, sampler)
        state = np.concatenate([sigma.ravel(), np.zeros(p), [1.0]])
        np.testing.assert_allclose((after @ state)[: p * p], sigma.ravel(), rtol=1e-9, atol=1e-12)
        mean = one - lr * hessian  # of what a step does, which is all that E[e_t+k e_tᵀ] needs
        whole = np.block([[sigma, sigma], [sigma, sigma]])  # of (e, sum) after one of them
        carry = np.block([[mean, zero], [mean, one]])
        for _ in range(steps - 1):
            whole = carry @ whole @ carry.T
            fresh = sigma - mean @ sigma @ mean.T  # what the batch's own noise puts on top
            whole = whole + np.block([[fresh, fresh], [fresh, fresh]])
        theirs = whole[p:, p:] / steps**2
        ours = theory.average_covariance(small, size, steps, sampler, lr=lr)
        np.testing.assert_allclose(ours, theirs, rtol=1e-9, atol=1e-12 * np.abs(theirs).max() + 1e-14)
        excess = theory.average_excess_loss(small, size, steps, sampler, lr=lr)
        np.testing.assert_allclose(excess, 0.5 * np.trace(hessian @ theirs), rtol=1e-9, atol=1e-14)


def companion(problem, lr, momentum):
    """What the heavy ball does to (error, error before)."""
    _, _, hessian, _ = known(problem)
    one = np.eye(len(hessian))
    return np.block([[(1 + momentum) * one - lr * hessian, -momentum * one], [one, 0 * one]])


@pytest.mark.parametrize("momentum", [0.0, 0.3, 0.9])
@pytest.mark.parametrize("share", [0.05, 0.5, 0.999, 1.001])
def test_the_heavy_ball_is_torchs(problem, momentum, share):
    lr = share * theory.heavy_ball_limit(problem, momentum)
    *_, best = known(problem)
    a = torch.tensor([-1.0, 1.0], dtype=torch.float64, requires_grad=True)
    optimiser = torch.optim.SGD([a], lr=lr, momentum=momentum)
    error = np.tile(np.array([-1.0, 1.0]) - best, 2)
    matrix = companion(problem, lr, momentum)
    for _ in range(100):
        optimiser.zero_grad()
        problem.loss(a[None]).sum().backward()
        optimiser.step()
        error = matrix @ error
        np.testing.assert_allclose(a.detach().numpy() - best, error[:2], rtol=1e-8, atol=1e-10)
    rate = theory.heavy_ball_rate(problem, lr, momentum)
    assert rate == pytest.approx(np.abs(np.linalg.eigvals(matrix)).max(), rel=1e-9)
    assert (rate < 1) == (share < 1)


@pytest.mark.parametrize("name", ["a line", "three columns"])
def test_no_heavy_ball_is_faster_than_the_best(name):
    small = SMALL[name]
    best = theory.heavy_ball_rate(small, *theory.best_heavy_ball(small))
    assert best == pytest.approx(sqrt(theory.best_heavy_ball(small)[1]), rel=1e-6)
    # there the companion has a double eigenvalue: rounding by ε moves it by √ε
    assert best == pytest.approx(
        np.abs(np.linalg.eigvals(companion(small, *theory.best_heavy_ball(small)))).max(), rel=1e-6
    )
    for momentum in np.linspace(0, 0.99, 30):
        for share in np.linspace(0.01, 1, 30):
            lr = share * theory.heavy_ball_limit(small, momentum)
            assert theory.heavy_ball_rate(small, lr, momentum) >= best - 1e-9


def exponent(lr, size, sampler):
    """The mean of log |1 − lr h_B| over every batch of ONE, where there is but one direction."""
    curve = 2 * ONE.data.x[:, 0].numpy() ** 2
    batches = itertools.combinations(curve, size)
    if sampler == "replacement":
        batches = itertools.product(curve, repeat=size)
    return np.mean([np.log(np.abs(1 - lr * np.mean(batch))) for batch in batches])


@pytest.mark.ensemble
@every_sampler
@pytest.mark.parametrize("size", [1, 2, 3])
@pytest.mark.parametrize("lr", [0.1, 0.4, 1.0])
def test_the_lyapunov_exponent_of_one_direction_is_a_mean(size, lr, sampler):
    value, error = theory.lyapunov_exponent(ONE, lr, size, sampler)
    assert abs(value - exponent(lr, size, sampler)) < 4 * error
    assert error < 0.003


@pytest.mark.ensemble
@every_sampler
@pytest.mark.parametrize("size", [1, 2, 3])
def test_the_almost_sure_limit_of_one_direction_is_a_root(size, sampler):
    value, error = theory.almost_sure_limit(ONE, size, sampler)
    around = [exponent(value + side * 4 * error, size, sampler) for side in (-1, 1)]
    assert around[0] < 0 < around[1]
    assert error < 0.005
    # the first root: exponents below are negative
    below = np.linspace(theory.mean_square_limit(ONE, size, sampler), value - 4 * error, 50)
    assert all(exponent(lr, size, sampler) < 0 for lr in below)


def test_rows_that_are_all_alike_leave_nothing_to_chance():
    value, error = theory.almost_sure_limit(ONES, 2, "replacement")
    assert (value, error) == (pytest.approx(1.0), pytest.approx(0.0, abs=1e-12))
    assert theory.lyapunov_exponent(ONES, 0.5, 2, "replacement") == (-inf, 0.0)
    assert theory.lyapunov_exponent(ONES, 1e308, 2, "replacement") == (inf, 0.0)


def test_the_standard_error_is_the_spread_of_estimates(problem):
    found = [theory.lyapunov_exponent(problem, 0.75, 1, "fresh", steps=200, replicas=20, seed=k) for k in range(100)]
    values, errors = np.array(found).T
    assert values.std(ddof=1) == pytest.approx(np.sqrt(np.mean(errors**2)), rel=4 / sqrt(2 * 99))


def test_a_seed_fixes_the_simulation(problem, global_random_state):
    how = {"steps": 50, "replicas": 10}
    first, again, other = (theory.almost_sure_limit(problem, 4, "fresh", seed=seed, **how) for seed in (1, 1, 2))
    assert first == again != other


def test_beyond_the_limit_there_is_no_floor_and_the_error_says_where_it_is(problem):
    for call in (theory.noise_covariance, theory.noise_floor):
        with pytest.raises(ValueError, match=r"lr must be less than the mean-square limit, 0\.70699.*got 0\.75"):
            call(problem, 0.75, 1, "fresh")
        with pytest.raises(ValueError, match="mean-square limit"):
            call(problem, theory.mean_square_limit(problem, 1, "fresh"), 1, "fresh")


@pytest.mark.parametrize("sampler", ["epochs", "cyclic"])
def test_a_sampler_without_a_closed_form_says_where_to_look(problem, sampler):
    with pytest.raises(ValueError, match=r"'replacement' or 'fresh'; got .*1803\.07964.*2006\.05988.*replicas"):
        theory.growth(problem, 0.1, 16, sampler)


def test_what_overflows_is_infinite_and_warns_of_nothing(problem):
    expected = theory.expected_excess_loss(problem, 3.0, 16, 2000, (-1.0, 1.0), "fresh")
    assert np.isfinite(expected[:100]).all()
    assert expected[-1] == inf
    assert not np.isnan(expected).any()
    assert theory.growth(problem, 1e200, 16, "fresh") == inf
    assert theory.expected_excess_loss(problem, 1e300, 16, 3, (-1.0, 1.0), "fresh")[1:].tolist() == [inf] * 3


def test_data_without_curvature_are_refused():
    for flat in (np.zeros((3, 2)), np.full((3, 2), 1e-200), np.full((3, 2), 1e150)):
        with pytest.raises(ValueError, match=r"problem must have .*got"):
            theory.gd_limit(LeastSquares(Dataset(flat, [1.0, 2.0, 3.0])))


def test_thirty_parameters_are_no_trouble():
    problem = LeastSquares(wide(seed=0, n=500, p=30))
    lr = 0.9 * theory.mean_square_limit(problem, 8, "fresh")
    floor = theory.noise_floor(problem, lr, 8, "fresh")
    assert theory.expected_excess_loss(problem, lr, 8, 2000, np.zeros(30), "fresh")[-1] == pytest.approx(floor)
