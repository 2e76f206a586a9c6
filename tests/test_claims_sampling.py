"""What "Does it matter how the batch is drawn?" says, each claim a test, by real runs."""

import numpy as np
import pytest

from sgdlib import Dataset, LeastSquares, theory, train


def losses(problem, sampler, lr=0.1, size=10, passes=14, replicas=2000, seed=0, **more):
    """(replicas, steps of a pass): the excess loss in the last of many passes from the minimiser."""
    n = problem.data.n
    steps = n // size if more.get("drop_last") else -(-n // size)
    runs = train(
        problem,
        lr=lr,
        batch_size=size,
        sampler=sampler,
        steps=steps * passes,
        replicas=replicas,
        start=problem.minimiser.tolist(),
        record=["loss"],
        seed=seed,
        **more,
    )
    return runs.loss[:, -steps:] - problem.lowest_loss


def excess(*given, **how):
    return losses(*given, **how).mean(axis=0)


@pytest.mark.parametrize("sampler", ["replacement", "fresh"])
def test_batches_without_memory_have_a_flat_floor_where_theory_has_it(problem, sampler):
    found = losses(problem, sampler, replicas=4000)
    error = found.std(axis=0) / 4000**0.5
    assert (abs(found.mean(axis=0) - theory.noise_floor(problem, 0.1, 10, sampler)) < 4 * error).all()


@pytest.mark.parametrize("seed", [0, 1])
def test_epochs_are_lower_throughout_and_fall_from_the_middle_of_a_pass_to_its_end(problem, seed):
    epochs = excess(problem, "epochs", seed=seed)
    assert (epochs < theory.noise_floor(problem, 0.1, 10, "fresh") * 0.7).all()
    assert epochs[9] < 0.6 * epochs[4]
    assert epochs[9] < epochs[0] < epochs[2]
    assert (np.diff(epochs[4:]) < 1e-5).all()


def test_cyclic_runs_end_in_one_loop_that_is_sometimes_lower_and_sometimes_higher(problem):
    run = train(problem, batch_size=10, sampler="cyclic", steps=300, start=problem.minimiser.tolist())
    np.testing.assert_allclose(run.params[0, 290:300], run.params[0, 280:290], atol=1e-6)
    assert abs(run.params[0, 40:50] - run.params[0, 290:300]).max() < 0.01
    loop = run.loss[0, 290:300] - problem.lowest_loss
    assert loop.min() < excess(problem, "epochs").min()
    assert loop.max() > theory.noise_floor(problem, 0.1, 10, "replacement")


def test_where_the_cyclic_loop_lies_depends_on_the_order_of_the_rows(problem):
    def worst(order):
        data = Dataset(problem.data.x[order], problem.data.y[order])
        run = train(LeastSquares(data), batch_size=10, sampler="cyclic", steps=200, start=problem.minimiser.tolist())
        return run.loss[0, -10:].max() - problem.lowest_loss

    by_target = worst(problem.data.y.argsort())
    assert by_target > 1.5 * worst(list(range(100)))


def halved(problem, sampler, high, **how):
    """How many times lower the floor is with half the learning rate: the mean of a pass, its middle, its end."""
    one, other = (excess(problem, sampler, lr=lr, passes=round(2 / lr), **how) for lr in (high, high / 2))
    return one.mean() / other.mean(), one[4] / other[4], one[9] / other[9]


def test_half_the_learning_rate_halves_the_floor_of_independent_batches(problem):
    assert halved(problem, "replacement", 0.1) == pytest.approx((2, 2, 2), abs=0.35)


def test_in_epochs_it_lowers_it_by_the_power_of_1_6_in_the_middle_of_a_pass_and_of_3_at_its_end(problem):
    _, middle, end = halved(problem, "epochs", 0.1, replicas=4000)
    assert np.log2(middle) == pytest.approx(1.6, abs=0.15)
    assert np.log2(end) == pytest.approx(3, abs=0.35)


@pytest.mark.parametrize(("size", "kept", "dropped"), [(32, 0.0028, 0.00007), (16, 0.0022, 0.00029)])
def test_a_partial_last_batch_raises_the_excess_at_the_end_of_a_pass(problem, size, kept, dropped):
    for drop_last, expected, half_a_digit in ((False, kept, 0.00005), (True, dropped, 0.000005)):
        found = losses(problem, "epochs", size=size, drop_last=drop_last, replicas=8000)[:, -1]
        assert abs(found.mean() - expected) < half_a_digit + 4 * found.std() / 8000**0.5


def test_a_partial_batch_of_4_of_32_raises_it_40_times_and_makes_the_best_moment_the_worst(problem):
    kept, dropped = (excess(problem, "epochs", size=32, drop_last=drop, replicas=4000) for drop in (False, True))
    assert kept[-1] / dropped[-1] == pytest.approx(40, rel=0.15)
    assert kept.argmax() == len(kept) - 1
    assert dropped.argmin() == len(dropped) - 1
    assert kept.argmin() == len(kept) - 2  # after the three large ones


def test_the_clouds_of_the_figures_say_so_too(problem):
    runs = train(problem, batch_size=32, sampler="epochs", start=problem.minimiser.tolist(), steps=40, replicas=100)
    spread = ((runs.params - problem.minimiser.numpy()) ** 2).sum(axis=2).mean(axis=0)
    assert all(spread[4 * epoch] > 1.3 * spread[4 * epoch - 1] for epoch in range(3, 11))
