from fractions import Fraction

import numpy as np
import pytest
import torch
from helpers.runs import wide

from sgdlib import Dataset, LeastSquares, noisy_line, train
from sgdlib.experiment.problem import Problem

DATA = {
    "a line, seed 42": noisy_line(seed=42),
    "a line, seed 7, 30 points": noisy_line(n=30, seed=7),
    "a line without noise": noisy_line(noise=0.0, seed=1),
    "four columns": wide(seed=0),
    "badly conditioned": wide(seed=1, apart=1e-4),  # the normal equations would lose 8 of 16 digits
    "fewer rows than columns": wide(seed=2, n=3),
}
every_data = pytest.mark.parametrize("data", DATA.values(), ids=DATA)


class OnlyLoss(Problem):
    """Least squares again, from its definition, with no gradient of its own."""

    def loss(self, params, rows=None):
        if rows is None:
            rows = torch.arange(self.data.n).expand(len(params), -1)
        return torch.stack(
            [
                torch.nn.functional.mse_loss(self.data.x[r] @ a, self.data.y[r])
                for a, r in zip(params, rows, strict=True)
            ]
        )


def some_params(data, seed=0, replicas=5):
    return torch.from_numpy(np.random.default_rng(seed).normal(size=(replicas, data.p)) * 5)


def some_rows(data, batch_size, seed=0, replicas=5):
    return torch.from_numpy(np.random.default_rng(seed).integers(data.n, size=(replicas, batch_size)))


@every_data
def test_the_minimiser_is_lapacks(data):
    theirs = torch.linalg.lstsq(data.x, data.y, driver="gelsd").solution  # of least norm where there are many
    ours = LeastSquares(data).minimiser
    assert ours.dtype == torch.float64
    # rounding, 1e-16, times the condition number of the worst, 1e4, with room for how that is taken apart
    torch.testing.assert_close(ours, theirs, rtol=1e-10, atol=1e-12)


@every_data
@pytest.mark.parametrize("batch_size", [None, 1, 16])
def test_the_loss_is_the_mean_squared_error(data, batch_size):
    params = some_params(data)
    rows = None if batch_size is None else some_rows(data, batch_size)
    torch.testing.assert_close(
        LeastSquares(data).loss(params, rows), OnlyLoss(data).loss(params, rows), rtol=1e-12, atol=0
    )


@every_data
@pytest.mark.parametrize("batch_size", [None, 1, 16])
def test_the_gradient_is_autograds(data, batch_size):
    params = some_params(data)
    rows = None if batch_size is None else some_rows(data, batch_size)
    ours = LeastSquares(data).gradient(params, rows)
    assert ours.shape == params.shape
    for theirs in (Problem.gradient(LeastSquares(data), params, rows), OnlyLoss(data).gradient(params, rows)):
        torch.testing.assert_close(ours, theirs, rtol=1e-12, atol=1e-12)


@every_data
def test_the_hessian_is_autograds(data):
    problem = LeastSquares(data)
    (params,) = some_params(data, replicas=1)
    theirs = torch.autograd.functional.hessian(lambda a: problem.loss(a[None])[0], params)
    torch.testing.assert_close(problem.hessian, theirs, rtol=1e-12, atol=1e-12)
    assert problem.hessian.dtype == torch.float64


@every_data
def test_the_excess_loss_is_half_the_hessians_form(data):
    problem = LeastSquares(data)
    params = some_params(data)
    away = (params - problem.minimiser).numpy()
    form = 0.5 * np.einsum("ri,ij,rj->r", away, problem.hessian.numpy(), away)
    np.testing.assert_allclose(problem.loss(params).numpy() - problem.lowest_loss, form, rtol=1e-9, atol=1e-10)


def test_the_numbers_of_seed_42(problem):
    assert problem.minimiser.numpy().round(4).tolist() == [2.8615, 9.9999]
    assert np.linalg.eigvalsh(problem.hessian.numpy()).round(4).tolist() == [0.6861, 2.0031]
    assert round(problem.lowest_loss, 4) == 0.2387


@pytest.mark.parametrize("batch_size", [None, 1, 16])
@pytest.mark.parametrize("name", ["a line, seed 42", "four columns"])
def test_a_problem_with_a_loss_alone_trains_to_the_same_path(name, batch_size):
    data = DATA[name]
    how = {"batch_size": batch_size, "steps": 50, "start": [1.0] * data.p, "lr": 0.05, "replicas": 2, "seed": 4}
    ours, theirs = train(LeastSquares(data), **how), train(OnlyLoss(data), **how)
    np.testing.assert_allclose(ours.params, theirs.params, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(ours.loss, theirs.loss, rtol=1e-12, atol=1e-12)


def test_problems_are_equal_by_their_data(problem):
    assert problem == LeastSquares(noisy_line(seed=42))
    assert problem != LeastSquares(noisy_line(seed=43))
    assert problem != "a problem"


class Weighted(LeastSquares):
    """Another loss, under the name of least squares."""

    def loss(self, params, rows=None):
        return 2 * super().loss(params, rows)


def test_problems_of_two_kinds_are_not_equal(problem):
    assert Weighted(problem.data) != problem
    assert problem != Weighted(problem.data)
    assert Weighted(problem.data) == Weighted(noisy_line(seed=42))


@pytest.mark.parametrize("kind", [LeastSquares, OnlyLoss], ids=["closed form", "autograd"])
@pytest.mark.parametrize("sampler", ["epochs", "cyclic"])
def test_the_record_of_partial_batches_gives_the_gradients_of_its_steps(kind, sampler):
    problem, lr = kind(noisy_line(n=10, seed=3)), 0.05
    run = train(problem, lr=lr, batch_size=4, sampler=sampler, steps=7, replicas=3)
    assert (run.batches == -1).any()
    params, batches = torch.tensor(run.params), torch.tensor(run.batches)
    for step in range(7):  # all replicas of a step, whose batches are as large as each other
        moved = params[:, step] - lr * problem.gradient(params[:, step], batches[:, step])
        np.testing.assert_allclose(moved, params[:, step + 1], rtol=0, atol=1e-14)
    for k in range(3):  # all steps of a replica, whose batches are not
        moved = params[k, :-1] - lr * problem.gradient(params[k, :-1], batches[k])
        np.testing.assert_allclose(moved, params[k, 1:], rtol=0, atol=1e-14)


def test_the_loss_of_a_partial_batch_is_that_of_its_rows(problem):
    params, rows = some_params(problem.data, replicas=3), torch.tensor([[4, -1, 9], [1, 2, 3], [-1, -1, 7]])
    losses = problem.loss(params, rows)
    for k, own in enumerate(([4, 9], [1, 2, 3], [7])):
        assert losses[k] == problem.loss(params[k : k + 1], torch.tensor([own]))[0]


@pytest.mark.parametrize("rows", [[[0, 100]], [[0, -2]], [[-1, -1]], [[100, -1]], [[]]])
@pytest.mark.parametrize("call", ["loss", "gradient"])
def test_rows_that_are_not_there_are_refused_by_name(problem, call, rows):
    with pytest.raises(ValueError, match=r"^rows must be row numbers of the data, or −1 for none.*got"):
        getattr(problem, call)(torch.zeros(1, 2, dtype=torch.float64), torch.tensor(rows, dtype=torch.int64))


def test_a_start_is_the_problems_own_where_none_is_given():
    line, four = noisy_line(n=9), wide(seed=0)
    assert train(LeastSquares(line), batch_size=1, steps=1).meta["start"] == [-1.0, 1.0]
    run = train(LeastSquares(four), batch_size=1, steps=1, lr=1e-3)
    assert run.meta["start"] == [0.0] * 4
    assert run == train(LeastSquares(four), batch_size=1, steps=1, lr=1e-3, start=[0.0] * 4)

    class Elsewhere(OnlyLoss):
        start = torch.tensor([3.0, 10.0])

    assert train(Elsewhere(line), batch_size=1, steps=1, start=None).meta["start"] == [3.0, 10.0]


def squares(problem, params, rows):
    x, y = (problem.data.x, problem.data.y) if rows is None else (problem.data.x[rows], problem.data.y[rows])
    return ((x * params[:, None, :]).sum(-1) - y).square()  # (R, B)


class OneForAll(Problem):
    def loss(self, params, rows=None):
        return squares(self, params, rows).mean()


class OneForAllOfABatch(Problem):
    def loss(self, params, rows=None):
        return squares(self, params, rows).mean(-1 if rows is None else None)


class OneForEachRow(Problem):
    def loss(self, params, rows=None):
        return squares(self, params, rows)


class PlainNumber(Problem):
    def loss(self, params, rows=None):
        return squares(self, params, rows).mean().item()


class Counted(Problem):
    def loss(self, params, rows=None):
        return (squares(self, params, rows) > 1).sum(-1)


class Detached(Problem):
    def loss(self, params, rows=None):
        return squares(self, params.detach(), rows).mean(-1)


class OfOtherNumbers(Problem):
    def loss(self, params, rows=None):
        return torch.ones(len(params), requires_grad=True) * 2


class Unlike(Problem):
    def loss(self, params, rows=None):
        return squares(self, params, rows).mean(-1)

    def gradient(self, params, rows=None):
        return super().gradient(params, rows).sum(0)


class Forgetful(Problem):
    def __init__(self, data):
        self.rows = data

    def loss(self, params, rows=None):
        return squares(self, params, rows).mean(-1)


@pytest.mark.parametrize("replicas", [1, 3])
@pytest.mark.parametrize(
    ("kind", "error", "message"),
    [
        (OneForAll, ValueError, r"loss that returns .* of shape \(R,\).*got shape \(\) from that of OneForAll. .*mean"),
        (OneForAllOfABatch, ValueError, r"loss that .* of shape \(R,\).*got shape \(\) from that of OneForAllOfABatch"),
        (OneForEachRow, ValueError, r"loss that returns .*got shape \(R, 100\) from that of OneForEachRow"),
        (PlainNumber, TypeError, "loss that returns a floating-point tensor.*got float from that of PlainNumber"),
        (Counted, TypeError, r"loss that returns a floating-point tensor.*got torch.int64 from that of Counted"),
        (Detached, ValueError, "loss that torch can differentiate.*that of Detached.*Leave out .detach"),
        (OfOtherNumbers, ValueError, "loss that torch can differentiate.*that of OfOtherNumbers"),
        (Unlike, ValueError, r"gradient that returns .* of shape \(R, 2\).*got shape \(2,\) from that of Unlike"),
        (Forgetful, TypeError, r"one of Forgetful, whose __init__ never .*Say super\(\).__init__\(data\)"),
    ],
)
def test_a_loss_of_ones_own_that_does_not_fit_is_refused(kind, error, message, replicas):
    with pytest.raises(error, match=f"problem must .*{message}".replace("(R", rf"({replicas}")):
        train(kind(noisy_line()), replicas=replicas)


def test_training_needs_no_minimiser(problem, monkeypatch):
    monkeypatch.setattr("sgdlib.experiment.least_squares.solve", None)  # takes long for thousands of columns
    assert train(LeastSquares(noisy_line(seed=42)), steps=5) == train(problem, steps=5)


def test_rows_far_from_0_lose_and_pull_as_their_exact_sums_say():
    t = 1.7e9 + 864.0 * np.arange(100)
    problem = LeastSquares(Dataset(np.stack([t, np.ones(100)], axis=1), 2 * t + 3))
    places = [[2.0, 5.0], [1.5, 7.0], [2.0, 3.0]]
    params = torch.tensor(places, dtype=torch.float64)
    for (slope, intercept), loss, pull in zip(places, problem.loss(params), problem.gradient(params), strict=True):
        missed = [(Fraction(slope) - 2) * Fraction(at) + Fraction(intercept) - 3 for at in t.tolist()]
        exact = [2 * sum(miss * at for miss, at in zip(missed, map(Fraction, t.tolist()), strict=True)) / 100]
        exact.append(2 * sum(missed) / 100)
        # floats near the targets are 5e-7 apart, so that the rows as they are would give some seven digits
        np.testing.assert_allclose(pull, [float(number) for number in exact], rtol=1e-11, atol=1e-2)
        assert float(loss) == pytest.approx(float(sum(miss * miss for miss in missed) / 100), rel=1e-11, abs=1e-12)
