import math
from functools import partial
from itertools import islice

import numpy as np
import pytest
import torch

from sgdlib import LeastSquares, noisy_line, train
from sgdlib.experiment.samplers import IN_EPOCHS, SAMPLERS, batches

# (sampler, drop_last): every combination there is
KINDS = [(name, drop_last) for name in SAMPLERS for drop_last in (False, True)[: 1 + (name in IN_EPOCHS)]]
every_kind = pytest.mark.parametrize(("sampler", "drop_last"), KINDS)
in_epochs = pytest.mark.parametrize("sampler", IN_EPOCHS)


def draw(sampler, count, n=10, batch_size=4, replicas=3, drop_last=False, seed=0):
    generator = torch.Generator().manual_seed(seed)
    drawn = batches(sampler, n=n, batch_size=batch_size, replicas=replicas, drop_last=drop_last, generator=generator)
    return [rows.numpy() for rows in islice(drawn, count)]


def chi_square(counts, expected):
    return ((np.asarray(counts) - expected) ** 2 / expected).sum()


@every_kind
@pytest.mark.parametrize("batch_size", [1, 4, 5, 10])
def test_a_batch_has_a_row_of_numbers_for_each_replica(sampler, drop_last, batch_size):
    for rows in draw(sampler, 20, batch_size=batch_size, drop_last=drop_last):
        partial = sampler in IN_EPOCHS and not drop_last and rows.shape[1] == 10 % batch_size
        assert rows.shape == (3, batch_size) or partial
        assert rows.dtype == np.int64
        assert rows.min() >= 0
        assert rows.max() < 10


@every_kind
def test_only_replacement_repeats_a_row_within_a_batch(sampler, drop_last):
    drawn = draw(sampler, 200, drop_last=drop_last)
    repeats = sum(len(set(one)) < len(one) for rows in drawn for one in rows.tolist())
    # four of ten with replacement all differ with probability .504: 298 repeats expected of 600, deviation 12
    assert (250 < repeats < 346) if sampler == "replacement" else repeats == 0


@pytest.mark.parametrize("sampler", ["fresh", "replacement", "epochs"])
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_every_row_is_as_likely_in_every_place(sampler, seed):
    drawn = np.stack([rows[:, :4] for rows in draw(sampler, 2000, batch_size=5, seed=seed)])  # (2000, 3, 4)
    for place in range(4):
        counts = np.bincount(drawn[:, :, place].ravel(), minlength=10)
        assert chi_square(counts, 600) < 39.3  # the 99.999 % quantile for 9 degrees of freedom: 36 are looked at


def test_every_order_of_an_epoch_is_as_likely():
    drawn = draw("epochs", 2000, n=3, batch_size=3)
    _, counts = np.unique([one for rows in drawn for one in rows], axis=0, return_counts=True)
    assert len(counts) == 6
    assert chi_square(counts, 1000) < 20.5  # the 99.9 % quantile for 5 degrees of freedom


@pytest.mark.parametrize(("size", "quantile"), [(1, 20.5), (2, 36.1), (3, 43.8), (4, 36.1), (5, 20.5)])
@pytest.mark.parametrize(("replicas", "count"), [(1, 20_000), (5000, 4)])
def test_every_subset_is_as_likely_to_be_a_fresh_batch(size, quantile, replicas, count):
    drawn = np.concatenate(draw("fresh", count, n=6, batch_size=size, replicas=replicas))
    subsets, counts = np.unique(np.sort(drawn, axis=1), axis=0, return_counts=True)
    assert len(subsets) == math.comb(6, size)
    assert chi_square(counts, 20_000 / math.comb(6, size)) < quantile  # of 99.9 %


def test_fresh_batches_one_after_another_are_independent():
    drawn = np.concatenate(draw("fresh", 6000, n=3, batch_size=1, replicas=1))[:, 0]
    counts = np.bincount(drawn[:-1] * 3 + drawn[1:], minlength=9)
    assert chi_square(counts, 5999 / 9) < 26.1  # the 99.9 % quantile for 8 degrees of freedom


@pytest.mark.parametrize("size", [1, 1000, pytest.param(2**18 - 1, marks=pytest.mark.audit)])
def test_fresh_batches_of_a_large_data_set(size):
    drawn = np.concatenate(draw("fresh", 2, n=2**18, batch_size=size, replicas=3))  # more than a table holds at once
    assert drawn.shape == (6, size)
    for one in drawn:
        assert len(np.unique(one)) == size
        assert 0 <= one.min() <= one.max() < 2**18
    assert len(np.unique(drawn, axis=0)) == 6


def fresh_in_plain_python(steps, n, batch_size, replicas, seed):
    """The same batches without torch: what an engine in another language has to do."""
    words = np.random.MT19937()
    words._legacy_seeding(seed)
    at_once, few, block, batches = max(1, 2**19 // n), min(batch_size, n - batch_size), 8, []
    while len(batches) < steps * replicas:
        left = min(block, max(1, at_once // replicas)) * replicas
        block *= 2
        while left > 0:
            subsets = [[0] * few for _ in range(min(left, at_once))]
            left -= len(subsets)
            taken, again = set(), [(k, place) for k in range(len(subsets)) for place in range(few)]
            while again:
                drawn = [(k, place, int(words.random_raw()) % n) for k, place in again]
                again = []
                for k, place, row in drawn:
                    if (k, row) in taken:
                        again.append((k, place))
                    else:
                        taken.add((k, row))
                        subsets[k][place] = row
            batches += [rows if few == batch_size else [row for row in range(n) if row not in rows] for rows in subsets]
    return np.array(batches[: steps * replicas]).reshape(steps, replicas, batch_size)


@pytest.mark.parametrize("seed", [0, 42, 2**32 - 1])
@pytest.mark.parametrize(
    ("n", "batch_size", "replicas", "steps"),
    [
        (100, 16, 1, 60),
        (100, 64, 3, 40),
        (100, 1, 1, 30),
        (7, 6, 5, 9),
        (3, 3, 2, 4),
        (5000, 40, 60, 3),
        (100, 8, 5500, 2),
    ],
)
def test_fresh_batches_are_those_of_the_few_rules_they_are_drawn_by(n, batch_size, replicas, steps, seed):
    drawn = draw("fresh", steps, n=n, batch_size=batch_size, replicas=replicas, seed=seed)
    assert np.array_equal(drawn, fresh_in_plain_python(steps, n, batch_size, replicas, seed))


def _reached(generator, state):
    """Whether a generator is in a state; if not, it takes one number more."""
    return torch.equal(generator.get_state(), state) or not torch.randint(9, (1,), generator=generator).numel()


def test_the_first_fresh_batch_waits_for_few_random_numbers():
    generator = torch.Generator().manual_seed(0)
    next(batches("fresh", n=100, batch_size=16, replicas=1, drop_last=False, generator=generator))
    at, untouched = generator.get_state(), torch.Generator().manual_seed(0)
    drawn = next(k for k in range(1000) if _reached(untouched, at))
    assert 8 * 16 <= drawn < 2 * 8 * 16


def test_a_fresh_batch_of_all_rows_has_them_in_order():
    assert all((rows == np.arange(10)).all() for rows in draw("fresh", 3, batch_size=10))


def test_with_replacement_every_pair_is_as_likely():
    drawn = np.stack(draw("replacement", 2000, n=3, batch_size=2)).reshape(-1, 2)
    counts = np.bincount(drawn @ [3, 1], minlength=9)
    assert chi_square(counts, len(drawn) / 9) < 26.1  # the 99.9 % quantile for 8 degrees of freedom


@in_epochs
@pytest.mark.parametrize("batch_size", [1, 3, 4, 5, 10])
def test_an_epoch_visits_each_row_once(sampler, batch_size):
    length = -(-10 // batch_size)
    drawn = draw(sampler, 4 * length, batch_size=batch_size)
    for first in range(0, len(drawn), length):
        epoch = np.concatenate(drawn[first : first + length], axis=1)  # (R, n)
        assert (np.sort(epoch, axis=1) == np.arange(10)).all()
        assert [rows.shape[1] for rows in drawn[first : first + length]][-1] == (10 % batch_size or batch_size)


@in_epochs
def test_drop_last_leaves_the_partial_batch_out_and_starts_anew(sampler):
    drawn = draw(sampler, 8, batch_size=4, drop_last=True)
    assert {rows.shape for rows in drawn} == {(3, 4)}
    for first in range(0, 8, 2):
        epoch = np.concatenate(drawn[first : first + 2], axis=1)
        assert all(len(set(one)) == 8 for one in epoch.tolist())


def test_epochs_are_shuffled_anew():
    first, second = draw("epochs", 2, n=100, batch_size=100)
    assert (first != second).any(axis=1).all()


def test_cyclic_reads_the_rows_in_order():
    drawn = draw("cyclic", 6, batch_size=4)
    assert [rows[0].tolist() for rows in drawn] == 2 * [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9]]
    assert all((rows == rows[0]).all() for rows in drawn)


@pytest.mark.parametrize("sampler", ["fresh", "replacement", "epochs"])
def test_replicas_are_independent(sampler):
    drawn = np.stack(draw(sampler, 3000, n=3, batch_size=1, replicas=2))[:, :, 0]  # (3000, 2)
    counts = np.bincount(drawn @ [3, 1], minlength=9)
    assert chi_square(counts, 3000 / 9) < 26.1  # the 99.9 % quantile for 8 degrees of freedom


@in_epochs
@pytest.mark.parametrize("batch_size", [1, 7, 16, 32, 100])
def test_the_mean_of_an_epochs_gradients_is_the_full_gradient(problem, sampler, batch_size):
    params = torch.tensor([[-1.0, 1.0]], dtype=torch.float64)
    drawn = draw(sampler, -(-100 // batch_size), n=100, batch_size=batch_size, replicas=1)
    total = sum(rows.shape[1] * problem.gradient(params, torch.from_numpy(rows.copy())) for rows in drawn)
    torch.testing.assert_close(total / 100, problem.gradient(params), rtol=1e-12, atol=1e-12)


GROWING = {1: 1, 3: 4, 4: 2, 9: 10}
GROWN = [1, 1, 4, 2, 2, 2, 2, 2, 10, 10]


def by_hand(replicas, seed):
    """Batches of these sizes with replacement, drawn one after the other from one generator of torch's."""
    generator = torch.Generator().manual_seed(seed)
    return [torch.randint(10, (replicas, size), generator=generator).numpy() for size in GROWN]


@pytest.mark.parametrize("given", [GROWING, dict(reversed(GROWING.items()))], ids=["in order", "out of order"])
def test_a_batch_grows_at_its_steps_and_draws_on(given):
    for rows, expected in zip(draw("replacement", 10, batch_size=given, seed=5), by_hand(3, 5), strict=True):
        assert np.array_equal(rows, expected)
    fresh = draw("fresh", 10, batch_size=given, seed=5)
    assert [rows.shape[1] for rows in fresh] == GROWN
    assert all(len(set(one)) == len(one) for rows in fresh for one in rows.tolist())
    assert not np.array_equal(fresh[2], fresh[8][:, :4])


@pytest.mark.parametrize("sampler", ["fresh", "replacement"])
def test_a_run_with_growing_batches_pads_them_to_the_largest(sampler):
    problem = LeastSquares(noisy_line(n=10))
    run = train(problem, batch_size=GROWING, steps=10, sampler=sampler, seed=5, replicas=3)
    assert run.batches.shape == (3, 10, 10)
    for step, rows in enumerate(draw(sampler, 10, batch_size=GROWING, seed=5)):
        assert np.array_equal(run.batches[:, step, : rows.shape[1]], rows)
        assert (run.batches[:, step, rows.shape[1] :] == -1).all()
    assert run.meta["batch_size"] == [[1, 1], [3, 4], [4, 2], [9, 10]]


@pytest.mark.parametrize("sampler", ["fresh", "replacement"])
def test_one_size_from_the_first_step_on_is_that_size(problem, sampler):
    one, many = (train(problem, batch_size=size, steps=20, sampler=sampler) for size in (7, {1: 7}))
    assert np.array_equal(one.params, many.params)
    assert np.array_equal(one.batches, many.batches)


@pytest.mark.parametrize(
    ("sizes", "error", "message"),
    [
        ({}, ValueError, r"begins at step 1, such as \{1: 4, 200: 16\}; got \{\}"),
        ({2: 4}, ValueError, r"begins at step 1.*got \{2: 4\}"),
        ({0: 4, 1: 4}, ValueError, "a first step must be an integer from 1 to .* got 0"),
        ({1: 4, "9": 5}, TypeError, "a first step must be an integer from 1 to .* got '9'"),
        ({1: 4, 9.5: 5}, TypeError, "a first step must be an integer .* got 9.5"),
        ({1: 4, 9: 11}, ValueError, "from step 9 on, must be an integer from 1 to 10; got 11"),
        ({1: 4, 9: 0}, ValueError, "from step 9 on, must be an integer from 1 to 10; got 0"),
        ({1: None}, TypeError, "from step 1 on, must be an integer from 1 to 10; got None"),
    ],
)
def test_sizes_that_do_not_fit_are_refused(sizes, error, message):
    with pytest.raises(error, match=f"batch_size.*{message}"):
        train(LeastSquares(noisy_line(n=10)), batch_size=sizes)


@in_epochs
def test_a_batch_cannot_grow_within_an_epoch(sampler):
    with pytest.raises(ValueError, match=f"batch_size must be one integer with sampler '{sampler}'.*'fresh' and 'repl"):
        train(LeastSquares(noisy_line(n=10)), batch_size={1: 4, 5: 8}, sampler=sampler)


SHORT = {"batch_size": 7, "steps": 30, "replicas": 2, "seed": 3}


@every_kind
@pytest.mark.parametrize(
    "change",
    [
        {"lr": 0.7},
        {"steps": 45},
        {"start": (5.0, -5.0)},
        {"every": 3},
        {"record": ["batches"]},
        {"optimizer": torch.optim.Adam},
        {"schedule": partial(torch.optim.lr_scheduler.StepLR, step_size=3)},
    ],
    ids=lambda change: next(iter(change)),
)
def test_nothing_but_seed_sampler_sizes_and_replicas_fixes_the_batches(problem, sampler, drop_last, change):
    how = SHORT | {"sampler": sampler, "drop_last": drop_last}
    every = change.get("every", 1)
    expected = train(problem, **how).batches[:, every - 1 :: every]
    assert np.array_equal(train(problem, **how | change).batches[:, : expected.shape[1]], expected)


@every_kind
def test_other_data_of_the_same_size_have_the_same_batches(problem, sampler, drop_last):
    how = SHORT | {"sampler": sampler, "drop_last": drop_last}
    other = LeastSquares(noisy_line(seed=7))
    assert np.array_equal(train(problem, **how).batches, train(other, **how).batches)


@pytest.mark.parametrize("sampler", ["fresh", "replacement", "epochs"])
def test_another_seed_gives_other_batches(problem, sampler):
    first, second = (train(problem, **SHORT | {"sampler": sampler, "seed": seed}).batches for seed in (0, 1))
    assert not np.array_equal(first, second)
    assert not np.array_equal(first[0], first[1])
