import json
import math

import numpy as np
import pytest
import torch
from helpers.scenes import of, panels

from sgdlib import Animation, Dataset, LeastSquares, LineFit, LossCurve, ParameterPlane, noisy_line, train
from sgdlib.scene import Line, Points, Trail, Words
from sgdlib.scene.axes import inside
from sgdlib.views.loss import HIGHEST


def panel(view, *runs):
    """The view's panel of runs, as an animation has it."""
    return panels(Animation({f"run {k}": run for k, run in enumerate(runs)}, [view]).scene())[0]


def words(panel, frame):
    """All that the panel says at a frame."""
    return [text for mark in of(panel, Words) if (text := mark.frames[frame if len(mark.frames) > 1 else 0])]


def numbers(label):
    return float(label.replace("−", "-"))


@pytest.fixture(scope="module")
def settling(problem):
    return train(problem, batch_size=16)


@pytest.fixture(scope="module")
def exploding(problem):
    return train(problem, batch_size=16, lr=1.1, steps=100)


@pytest.fixture(scope="module")
def lost(problem):
    return train(problem, batch_size=16, lr=1e6, steps=100)


def test_the_line_at_a_frame_is_the_parameters_of_its_step(settling):
    shown = panel(LineFit(), settling)
    (line,) = of(shown, Line, "model")
    assert len(line.frames) == 101
    for ends, (slope, intercept) in zip(line.frames, settling.params[0], strict=True):
        for x, y in ends:
            assert y == pytest.approx(intercept + slope * x, abs=1e-4)  # of an axis some ten long


def test_with_several_runs_a_panel_says_which_of_them_is_lost(settling, exploding, lost):
    assert words(panel(ParameterPlane(), settling, lost), 100)[-1] == "run 1 no longer finite"
    above = words(panel(LossCurve(), settling, exploding, lost), 100)[-1]
    assert above == "run 1, run 2 above the picture ↑"


def test_a_loss_below_the_picture_is_said_to_be(problem):
    exact = LeastSquares(noisy_line(noise=0.0))
    run = train(exact, lr=0.5, batch_size=None, steps=1000)
    assert run.loss[0, -1] < 1e-12 * run.loss[0, 0]
    assert "below the picture ↓" in words(panel(LossCurve(), run), 100)


def test_a_plane_near_the_minimiser_is_as_wide_as_asked_and_has_it_in_the_middle(settling):
    shown = panel(ParameterPlane(near=0.5), settling)
    for axis, best in zip((shown.x, shown.y), settling.problem.minimiser.tolist(), strict=True):
        assert (axis.low, axis.high) == (pytest.approx(best - 0.5, abs=1e-4), pytest.approx(best + 0.5, abs=1e-4))
    assert "start" not in words(shown, 0)
    assert any("off the picture" in text for text in words(shown, 0))
    assert not any("off the picture" in text for text in words(shown, 100))
    assert len(of(shown, Line, "level")) >= 3


def test_the_true_line_is_drawn_where_it_is_known(settling):
    (true,) = of(panel(LineFit(), settling), Line, "truth")
    assert true.dash
    assert [y for _, y in true.frames[0]] == pytest.approx([10 + 3 * x for x, _ in true.frames[0]], abs=1e-4)


def test_the_path_reveals_exactly_the_steps_so_far(settling):
    for view, record in (
        (ParameterPlane(), settling.params[0]),
        (LossCurve(), np.stack([settling.steps, settling.loss[0]], axis=1)),
    ):
        shown = panel(view, settling)
        (trail,) = of(shown, Trail)
        assert trail.shown == list(range(1, 102))
        np.testing.assert_allclose(trail.path, record, rtol=1e-4, atol=1e-4)


def test_a_long_path_is_thinned_and_never_ahead_of_its_frame(problem):
    run = train(problem, steps=5000, batch_size=16)
    scene = Animation({"run": run}, [LossCurve()]).scene()
    (trail,) = of(panels(scene)[0], Trail)
    assert 401 <= len(trail.path) <= 401 + 101
    assert [trail.path[count - 1][0] for count in trail.shown] == list(scene.steps)  # its end is where the run is
    assert [x for x, _ in trail.path] == sorted({x for x, _ in trail.path})


@pytest.mark.parametrize("shift", [-0.5, 0.0, 0.5], ids=["leans left", "upright", "leans right"])
@pytest.mark.parametrize("seed", [0, 42])
@pytest.mark.parametrize("noise", [0.0, 0.6, 5.0])
def test_a_contour_has_the_loss_it_is_labelled_with(seed, noise, shift):
    data = noisy_line(seed=seed, noise=noise)
    problem = LeastSquares(Dataset(data.x + torch.tensor([shift, 0.0]), data.y))
    shown = panel(ParameterPlane(), train(problem))
    lines, labels = of(shown, Line, "level"), [mark for mark in of(shown, Words, "note") if len(mark.frames) == 1]
    x, y = problem.data.x.numpy(), problem.data.y.numpy()
    losses = []
    for line in lines:
        (ellipse,) = line.frames
        each = np.array([np.mean((x @ np.array(a) - y) ** 2) for a in ellipse])
        near = [max(abs(shown.x.fraction(a) - 0.5), abs(shown.y.fraction(b) - 0.5)) < 50 for a, b in ellipse]
        assert all(near)
        np.testing.assert_allclose(each, each[0], rtol=1e-3)
        losses.append(each[0])
    assert len(lines) >= 3
    labelled = [mark for mark in labels if mark.frames[0] != "start"]
    assert labelled
    for mark in labelled:
        place = np.array(mark.places[0])
        assert np.mean((x @ place - y) ** 2) == pytest.approx(numbers(mark.frames[0]), rel=0.01)  # three digits
        assert inside(shown.x, shown.y, mark.places[0])
    assert max(losses) <= 1.5 * train(problem).loss[0, 0] * 1.001


def test_the_minimiser_is_marked_and_named(problem, settling):
    shown = panel(ParameterPlane(), settling)
    (cross,) = (mark for mark in of(shown, Points, "theory"))
    best = np.linalg.lstsq(problem.data.x.numpy(), problem.data.y.numpy(), rcond=None)[0]
    assert cross.frames[0][0] == pytest.approx(best, abs=1e-4)
    assert cross.shape == "cross"
    assert {"minimiser", "start"} <= set(words(shown, 0))


def test_the_axes_hold_every_state_no_worse_than_the_start(problem):
    for lr in (0.1, 0.9, 1.0, 1.1):
        run = train(problem, lr=lr, batch_size=16)
        shown = panel(ParameterPlane(), run)
        for place, loss in zip(run.params[0].tolist(), run.loss[0], strict=True):
            assert loss > run.loss[0, 0] or inside(shown.x, shown.y, place)
        curve = panel(LossCurve(), run)
        assert all(inside(curve.x, curve.y, (0.0, loss)) for loss in run.loss[0] if loss <= run.loss[0, 0])
        assert curve.y.high < 3 * HIGHEST * run.loss[0, 0]


def test_the_axes_are_those_of_all_runs_together(problem, settling, exploding):
    for view in (LineFit(), ParameterPlane(), LossCurve()):
        both, other = panel(view, settling, exploding), panel(view, exploding, settling)
        assert (both.x, both.y) == (other.x, other.y)


def test_the_lowest_loss_is_a_dashed_line(problem, settling):
    (line,) = of(panel(LossCurve(), settling), Line, "theory")
    assert line.dash
    assert [y for _, y in line.frames[0]] == pytest.approx([problem.lowest_loss] * 2, rel=5e-5)


def test_a_run_that_stays_in_the_picture_is_not_said_to_leave_it(settling):
    for view in (LineFit(), ParameterPlane(), LossCurve()):
        shown = panel(view, settling)
        assert not any("picture" in text or "finite" in text for frame in range(101) for text in words(shown, frame))


ARROWS = {"→": 0, "↗": 45, "↑": 90, "↖": 135, "←": 180, "↙": 225, "↓": 270, "↘": 315}


def test_a_run_that_leaves_the_plane_is_said_to_leave_it_and_where_to(exploding):
    shown = panel(ParameterPlane(), exploding)
    gone = 0
    for frame, (slope, intercept) in enumerate(exploding.params[0]):
        across, up = shown.x.fraction(slope) - 0.5, shown.y.fraction(intercept) - 0.5
        said = [text for text in words(shown, frame) if "off the picture" in text]
        if max(abs(across), abs(up)) <= 0.5:
            assert not said
            continue
        gone += 1
        (text,) = said
        angle = math.degrees(math.atan2(up, across))
        off = (ARROWS[text[-1]] - angle + 180) % 360 - 180
        assert abs(off) < 23  # half the angle between two arrows
    assert gone > 50


def test_a_loss_above_the_axis_is_said_to_be_there(exploding):
    shown = panel(LossCurve(), exploding)
    above = ["above the picture ↑" in words(shown, frame) for frame in range(101)]
    assert above == (exploding.loss[0] > shown.y.high).tolist()
    assert above[-1]


def test_a_line_that_misses_the_picture_is_said_to(exploding):
    shown = panel(LineFit(), exploding)
    (line,) = of(shown, Line, "model")
    for frame, ends in enumerate(line.frames):
        assert ("off the picture" in words(shown, frame)) == np.isnan(ends).all()


def test_a_run_that_is_no_longer_finite_is_said_to_be(lost):
    assert not np.isfinite(lost.params[0, -1]).all()
    assert "no longer finite" in words(panel(ParameterPlane(), lost), 100)
    assert "off the picture" in words(panel(LineFit(), lost), 100)
    assert "above the picture ↑" in words(panel(LossCurve(), lost), 100)


def test_a_run_that_starts_where_it_ends_can_be_drawn():
    problem = LeastSquares(noisy_line(noise=0.0))
    for start in ((3.0, 10.0), problem.minimiser.tolist()):
        run = train(problem, start=start, steps=5)
        Animation({"still": run}, [LineFit(), ParameterPlane(), LossCurve()]).scene()


@pytest.mark.parametrize("scale", [1e-6, 1e6])
@pytest.mark.parametrize("offset", [0.0, 1e9])
def test_data_of_any_size_can_be_drawn(scale, offset):
    problem = LeastSquares(noisy_line(slope=3 * scale, intercept=10 * scale + offset * scale, noise=0.6 * scale))
    run = train(problem, start=(problem.minimiser + scale).tolist(), steps=20)
    scene = Animation({"run": run}, [LineFit(), ParameterPlane(), LossCurve()]).scene()
    _, plane, _ = panels(scene)
    (trail,) = of(plane, Trail)
    assert all(inside(plane.x, plane.y, place) for place in trail.path)
    assert len(set(trail.path)) == 21


def test_runs_side_by_side_take_ordered_colours(settling, exploding):
    shown = panel(LossCurve(), settling, exploding)
    trails = of(shown, Trail)
    assert [mark.order for mark in trails] == [0.0, 1.0]
    assert len({mark.dash for mark in trails}) == len({mark.shape for mark in trails}) == 2
    assert [mark.order for mark in of(panel(LossCurve(), settling), Trail)] == [None]


@pytest.mark.parametrize("near", [1e-12, 1e200])
def test_a_plane_whose_places_no_float_tells_apart_is_refused(problem, near):
    with pytest.raises(ValueError, match="near must be"):
        Animation({"a": train(problem, steps=2)}, [ParameterPlane(near=near)])


@pytest.mark.parametrize("start", [(1e150, 1e150), (1e-300, -1e-300), (1e15, -1e153)])
@pytest.mark.parametrize("lr", [1e-300, 0.1, 1e300])
def test_runs_of_extreme_numbers_are_drawn(problem, start, lr):
    run = train(problem, start=start, lr=lr, steps=8)
    views = [LineFit(), ParameterPlane(), LossCurve(), LossCurve(theory=True), ParameterPlane(theory=True)]
    for panel in json.loads(Animation({"a": run}, views).scene().to_text())["rows"][0]["panels"]:
        for axis in (panel["x"], panel["y"]):
            assert axis["low"] < axis["high"]
