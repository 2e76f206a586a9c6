"""Where one run stands for many it is an ordinary one, and numbers that compare come from many: each claim a test.

Ordinary means: from the middle half of 2000 runs with batches of their own, in what the text is about.
"""

import functools
from pathlib import Path

import numpy as np
import pytest
from helpers.runs import names_after

from sgdlib import LeastSquares, noisy_line, theory, train
from sgdlib.report.facts import arrival, late_distance

pytestmark = pytest.mark.ensemble

POSTS = Path(__file__).parents[1] / "docs" / "blog" / "posts"
PROBLEM = LeastSquares(noisy_line(seed=42))
BEST = PROBLEM.minimiser.numpy()
SIZES = (1, 2, 4, 8, 16, 32, 64)


def many(lr=0.1, size=16, sampler="fresh", steps=100, start=(-1.0, 1.0), replicas=2000):
    """An ensemble, made once."""
    return made(lr, size, sampler, steps, start, replicas)


@functools.cache
def made(lr, size, sampler, steps, start, replicas):
    how = {"batch_size": size, "sampler": sampler, "steps": steps, "start": start, "record": ("params", "loss")}
    return train(PROBLEM, lr=lr, replicas=replicas, seed=1, **how)


def like(run, **more):
    """Many runs with a run's settings."""
    meta = run.meta
    return many(meta["lr"], meta["batch_size"], meta["sampler"], meta["steps"], tuple(meta["start"]), **more)


def late_distances(runs):
    """(R,): the root mean square distance from the minimiser over the last fifth."""
    late = runs.params[:, -round(0.2 * (len(runs.steps) - 1)) :] - BEST
    return np.sqrt((late**2).sum(axis=2).mean(axis=1))


def arrivals(runs):
    """(R,): the first step with a hundredth of both ways left; inf for a run without one."""
    away = np.abs(runs.params - BEST)
    near = (away <= 0.01 * away[:, :1]).all(axis=2)
    return np.where(near.any(axis=1), near.argmax(axis=1), np.inf)


def distances(runs, step):
    """(R,): how far from the minimiser each run is."""
    return np.linalg.norm(runs.params[:, step] - BEST, axis=1)


def is_ordinary(value, among):
    low, high = np.percentile(among, (25, 75))
    return low <= value <= high


def test_the_lessons_run_arrives_and_trembles_as_most_do():
    sgd = names_after("plot_3_sgd", "watch")["sgd"]
    assert is_ordinary(arrival(sgd), arrivals(like(sgd)))
    assert is_ordinary(late_distance(sgd), late_distances(like(sgd)))


@pytest.mark.parametrize("size", SIZES)
def test_each_row_of_the_batch_sizes_trembles_as_most_do(size):
    run = names_after("plot_5_batch_sizes", "runs")["runs"][f"batch size {size}"]
    assert is_ordinary(late_distance(run), late_distances(like(run)))


def test_each_row_of_the_learning_rates_fares_as_most_do():
    runs = names_after("plot_4_learning_rates", "runs")["runs"]
    slow, right, wild, lost = runs.values()
    assert is_ordinary(slow.loss[0, -1], like(slow).loss[:, -1])
    assert is_ordinary(arrival(right), arrivals(like(right)))
    assert is_ordinary(wild.loss[0, -1], like(wild).loss[:, -1])
    assert is_ordinary(wild.loss.min(), like(wild).loss.min(axis=1))  # how near it gets
    steps = [one.diverged_at for one in like(lost).outcome]
    assert is_ordinary(lost.outcome[0].diverged_at, steps)


def test_the_patient_run_arrives_when_most_do():
    patient = names_after("plot_4_learning_rates", "patience")["patient"]
    assert is_ordinary(arrival(patient), arrivals(like(patient, replicas=500)))


@pytest.mark.parametrize("way", ["with replacement", "fresh", "reshuffled epochs"])
def test_each_way_to_draw_strays_as_most_do(way):
    run = names_after("plot_9_sampling", "four ways")["runs"][way]
    assert is_ordinary(late_distance(run), late_distances(like(run)))


def test_the_run_in_epochs_comes_back_in_its_last_pass_as_three_in_four_do():
    run = names_after("plot_9_sampling", "four ways")["runs"]["reshuffled epochs"]
    crowd = like(run)
    for step in (93, 100):
        assert is_ordinary(distances(run, step)[0], distances(crowd, step))
    away = np.array([distances(run, step)[0] for step in range(93, 101)])
    assert away.argmax() == 0
    assert away.argmin() == 7
    back = (distances(crowd, 100) < distances(crowd, 93)).mean()
    assert back == pytest.approx(0.76, abs=0.04)  # four standard errors of 2000 runs
    for sampler in ("fresh", "replacement"):  # where no step of a pass is special
        other = many(size=10, sampler=sampler, start=tuple(run.meta["start"]))
        assert (distances(other, 100) < distances(other, 93)).mean() == pytest.approx(0.5, abs=0.05)


def test_most_runs_of_sgd_are_there_before_gradient_descent():
    """61 to 65 in a hundred by two independent counts; median 60 to 61."""
    alone = arrival(train(PROBLEM, batch_size=None))
    found = arrivals(many())
    assert alone == 64
    assert (found < alone).mean() == pytest.approx(0.63, abs=0.02 + 4 * 0.011)
    assert np.median(found) == pytest.approx(60.5, abs=1.5)


def test_they_are_earlier_since_the_first_touch_counts_not_since_they_are_nearer():
    away = np.abs(many().params - BEST)
    near = (away <= 0.01 * away[:, :1]).all(axis=2)
    assert near[:, :64].any(axis=1).mean() > 0.58
    assert near[:, 64].mean() < 0.53


@pytest.mark.parametrize("size", [1, 16])
def test_the_mean_of_the_runs_moves_as_gradient_descent(size):
    runs = many(size=size)
    gap = runs.params.mean(axis=0)[1:] - train(PROBLEM, batch_size=None).params[0, 1:]
    assert (np.abs(gap) < 5 * runs.params.std(axis=0)[1:] / len(runs.params) ** 0.5).all()


def test_what_lags_is_the_mean_loss():
    alone = train(PROBLEM, batch_size=None).loss[0] - PROBLEM.lowest_loss
    exact = theory.expected_excess_loss(PROBLEM, 0.1, 16, 100, (-1.0, 1.0), "fresh")
    assert (exact[2:] > alone[2:]).all()
    assert (exact[:20] < 1.1 * alone[:20]).all()  # at first too little to be seen
    assert exact[60] > 2 * alone[60]
    assert exact.min() > 0.0018  # it never gets to the lowest loss
    runs = many().loss - PROBLEM.lowest_loss
    assert (np.abs(runs.mean(axis=0) - exact)[1:] < 5 * runs.std(axis=0)[1:] / len(runs) ** 0.5).all()


@pytest.mark.parametrize(
    ("size", "median"), list(zip(SIZES, (0.217, 0.150, 0.104, 0.072, 0.049, 0.031, 0.017), strict=True))
)
def test_typical_distances_by_batch_size(size, median):
    """Medians of 4000 other runs, counted without this library, to three decimals."""
    found = late_distances(many(size=size))
    error = 1.25 * found.std() * (1 / 2000 + 1 / 4000) ** 0.5
    assert np.median(found) == pytest.approx(median, abs=4 * error + 0.0005)


@pytest.mark.parametrize(("runs", "low", "high"), [(200, 44.2, 55.8), (500, 46.3, 53.7)])
def test_the_range_that_is_printed_holds_the_median_nine_times_in_ten(runs, low, high):
    drawn = np.random.default_rng(0).standard_cauchy((4000, runs))  # heavy tails, median 0
    below, above = np.percentile(drawn, (low, high), axis=1)
    assert ((below < 0) & (above > 0)).mean() == pytest.approx(0.9, abs=0.02)


@pytest.mark.parametrize(
    ("post", "words", "stem", "code"),
    [
        ("stochastic-gradient-descent", "So here are a thousand:", "plot_3_slower", '"replicas": 1000'),
        ("stochastic-gradient-descent", "as two hundred runs show", "plot_4_learning_rates", "replicas=200"),
        ("stochastic-gradient-descent", "Of two thousand runs", "plot_5_batch_sizes", '"replicas": 2000'),
        ("why-one-is-too-much", "two hundred simulated runs", "plot_6_too_much", '"replicas": 200}'),
        ("why-one-is-too-much", "two hundred runs of each kind", "plot_6_too_much", '"every": 500, "replicas": 200}'),
        ("why-one-is-too-much", "the five hundred runs", "plot_6_too_much", '"replicas": 500'),
        ("how-the-batch-is-drawn", "three hundred of each", "plot_9_sampling", '"replicas": 300'),
    ],
)
def test_a_post_says_how_many_runs_its_numbers_come_from(post, words, stem, code):
    assert words in " ".join((POSTS / f"{post}.md").read_text(encoding="utf-8").split())
    assert code in (POSTS.parents[2] / "gallery" / f"{stem}.py").read_text(encoding="utf-8")


@pytest.mark.parametrize("page", ["../../index.md", "stochastic-gradient-descent.md"])
def test_what_is_exact_estimated_and_measured_is_told_apart(page):
    text = (POSTS / page).read_text(encoding="utf-8")
    assert "behaviour of SGD is known exactly" not in text
    assert "drawn anew" in text
    assert "estimated" in text
    assert "measured" in text


@pytest.mark.parametrize(
    "words",
    [
        "Its shape is (100, 2)",
        "The second column is the bias",
        "any function that has a derivative",
        "*autograd*",
        'The underscore says "in place" again',
        "in place too",
        '{{ output("plot_3_sgd", "recovered", code=False) }}',
    ],
)
def test_the_lesson_leaves_nothing_out(words):
    assert words in (POSTS / "stochastic-gradient-descent.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(("stem", "line"), [("2_gradient_descent", "mse(y, y_hat)"), ("3_sgd", "mse(y[rows], y_hat)")])
def test_both_loops_use_the_loss_that_was_defined(stem, line):
    code = (POSTS.parents[2] / "gallery" / f"plot_{stem}.py").read_text(encoding="utf-8")
    assert f"    loss = {line}\n    loss.backward()" in code
    assert code.count("** 2).mean()") == 1  # its definition
