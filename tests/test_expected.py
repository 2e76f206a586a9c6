import numpy as np
import pytest
from helpers.runs import texts
from helpers.scenes import of, panels, readouts

from sgdlib import Animation, LineFit, LossCurve, ParameterPlane, theory, train
from sgdlib.report.captions import describe, title
from sgdlib.report.facts import all_facts
from sgdlib.scene import Band, Line, Points, Trail, Words
from sgdlib.views import expected

HOW = {
    "fresh": {"batch_size": 4, "lr": 0.3},
    "replacement": {"batch_size": 4, "lr": 0.3, "sampler": "replacement"},
    "gradient descent": {"batch_size": None},
    "thinned": {"batch_size": 16, "every": 7},
    "beyond the limit": {"batch_size": 1, "lr": 0.9},
}


def panel(view, run):
    return panels(Animation({"run": run}, [view]).scene())[0]


@pytest.fixture(params=HOW.values(), ids=HOW)
def run(request, problem):
    return train(problem, **request.param)


@pytest.fixture(scope="module")
def many(problem):
    return train(problem, lr=0.3, batch_size=4, replicas=250, record=("params", "loss"))


def test_the_expected_curve_and_the_floor_are_those_of_the_theory(problem, run):
    shown = panel(LossCurve(theory=True), run)
    meta = run.meta
    how = (problem, meta["lr"], meta["batch_size"])
    exact = problem.lowest_loss + theory.expected_excess_loss(*how, meta["steps"], meta["start"], meta["sampler"])
    curve = next(line.frames[0] for line in of(shown, Line, "theory") if len(line.frames[0]) > 2)
    assert [x for x, _ in curve] == run.steps.tolist()
    seen = np.array(curve)[:, 1] < shown.y.high
    np.testing.assert_allclose(np.array(curve)[seen, 1], exact[run.steps][seen], rtol=1e-4)
    words = {mark.frames[0] for mark in of(shown, Words)}
    assert "expected" in words
    rests = meta["batch_size"] is not None and meta["lr"] < theory.mean_square_limit(*how[::2], meta["sampler"])
    assert ("noise floor" in words) == rests
    if rests:
        (level,) = {mark.places[0][1] for mark in of(shown, Words) if mark.frames[0] == "noise floor"}
        assert level == pytest.approx(problem.lowest_loss + theory.noise_floor(*how, meta["sampler"]), rel=1e-4)


def test_real_runs_have_the_expected_loss(problem):
    runs = train(problem, lr=0.3, batch_size=4, replicas=4000, record=["loss"], steps=40)
    curve = expected.expected(runs)
    error = runs.loss.std(axis=0) / np.sqrt(runs.replicas)
    assert (np.abs(runs.loss.mean(axis=0) - curve) <= 5 * error + 1e-9).all()


def test_an_ellipse_is_a_level_set_of_the_covariance_and_holds_what_it_should(problem, many):
    covariance = theory.noise_covariance(problem, 0.3, 4, "fresh")
    shown = panel(ParameterPlane(near=0.6, theory=True), many)
    outlines = [np.array(line.frames[0]) for line in of(shown, Line, "theory") if not line.dash]
    for sigmas, outline in zip((1, 2), outlines, strict=True):
        away = outline - problem.minimiser.numpy()
        squared = np.einsum("mi,ij,mj->m", away, np.linalg.inv(covariance), away)
        np.testing.assert_allclose(np.sqrt(squared), sigmas, rtol=1e-2)
    ends = train(problem, lr=0.3, batch_size=4, replicas=20_000, record=["params"], every=100).params[:, -1]
    away = ends - problem.minimiser.numpy()
    within = np.einsum("mi,ij,mj->m", away, np.linalg.inv(covariance), away) <= 4
    assert within.mean() == pytest.approx(1 - np.exp(-2), abs=0.012)  # four errors, and they are no exact Gaussian
    assert {"1σ", "2σ"} <= {mark.frames[0] for mark in of(shown, Words)}


def test_the_mean_path_is_that_of_gradient_descent(problem, many):
    (path,) = (line for line in of(panel(ParameterPlane(theory=True), many), Line, "theory") if line.dash)
    np.testing.assert_allclose(path.frames[0], theory.mean_path(problem, 0.3, 100, (-1.0, 1.0)), atol=2e-4)


def test_gradient_descent_has_no_ellipse(problem):
    shown = panel(ParameterPlane(near=0.5, theory=True), train(problem, batch_size=None))
    assert len(of(shown, Line, "theory")) == 1


def test_the_band_and_the_median_are_percentiles_of_the_runs(many):
    shown = panel(LossCurve(), many)
    (band,), (median,) = of(shown, Band), of(shown, Trail, "ensemble")
    for path, q in ((band.lower, 10), (median.path, 50), (band.upper, 90)):
        np.testing.assert_allclose([y for _, y in path], np.percentile(many.loss, q, axis=0), rtol=1e-4)
    assert band.shown == median.shown == list(range(1, 102))
    for k, single in enumerate(of(shown, Trail, "model")):
        np.testing.assert_allclose([y for _, y in single.path], many.loss[k], rtol=1e-4)
    assert len(of(shown, Trail, "model")) == 3


def test_the_cloud_has_the_first_replicas_and_moves(many):
    shown = panel(ParameterPlane(near=0.6), many)
    (cloud,) = of(shown, Points, "ensemble")
    assert len(cloud.frames) == 101
    for frame in (50, 100):
        np.testing.assert_allclose(cloud.frames[frame], many.params[:200, frame], atol=1e-3)


def test_the_lines_of_an_ensemble_are_those_of_its_first_replicas(many):
    thin, median = of(panel(LineFit(), many), Line, "model"), of(panel(LineFit(), many), Line, "ensemble")
    ends = np.array([point for point in thin[0].frames[-1] if not np.isnan(point[0])]).reshape(30, 2, 2)
    slopes = (ends[:, 1, 1] - ends[:, 0, 1]) / (ends[:, 1, 0] - ends[:, 0, 0])
    np.testing.assert_allclose(slopes, many.params[:30, -1, 0], atol=0.01)
    assert len(median) == 1


def test_words_about_an_ensemble_say_how_many_and_where(many):
    known, runs = texts(many), {"a": many}
    chance = np.random.default_rng(0)
    for name, q in (("median final loss", 50), ("10th percentile of the final loss", 10)):
        error = np.std([np.percentile(chance.choice(many.loss[:, -1], 250), q) for _ in range(400)])  # by the bootstrap
        assert float(known[name]) == pytest.approx(np.percentile(many.loss[:, -1], q), abs=2 * error)
        last = 10.0 ** -len(known[name].partition(".")[2])  # what a one in the last digit is worth
        assert error / 5 < last < 5 * error  # no digit beyond what 250 runs know, and none kept back
    assert (known["runs"], known["diverged"]) == ("250", "0 of 250")
    assert "250 runs" in title(runs)
    assert "250 runs" in describe(runs, all_facts(runs))
    read = readouts(Animation(runs, [LossCurve()]).scene())
    assert [readout.label for readout in read] == ["step", "median loss", "10 % below", "90 % below"]
    assert float(read[1].frames[-1]) == pytest.approx(np.median(many.loss[:, -1]), abs=5e-5)


def test_an_ensemble_of_which_some_are_lost_is_drawn_and_told(problem):
    runs = train(problem, lr=1e30, batch_size=1, replicas=20, steps=30)
    scene = Animation({"a": runs}, [LineFit(), ParameterPlane(), LossCurve()]).scene()
    assert "20 of 20 diverged" in scene.caption
    assert readouts(scene)[1].frames[-1] == "not finite"


def test_an_ensemble_of_losses_alone_can_be_drawn(problem):
    runs = train(problem, replicas=5, steps=5, record=["loss"])
    assert Animation({"a": runs}, [LossCurve(theory=True)]).csv().splitlines()[0] == "run,replica,step,loss"
