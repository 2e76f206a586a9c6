import json
import math
from itertools import product

import numpy as np
import pytest
from helpers.cases import audited
from helpers.colours import contrast
from helpers.scenes import drawn, of, panels
from hypothesis import given, settings
from hypothesis import strategies as st

from sgdlib import Curves, Figure, train
from sgdlib.charts.curves import ACROSS, DOTTED, HEIGHT, POINTS
from sgdlib.render import raster
from sgdlib.scene import Line, Points, Words, labels, style

WORDS = {"x_label": "steps", "y_label": "loss", "title": "A comparison"}
FALLING = {f"batch {size}": (np.arange(60), 88.0 * 0.98 ** (np.sqrt(size) * np.arange(60))) for size in (1, 4, 16, 64)}


def boxes(panel):
    """Left, lower, right and upper side of each label, in CSS pixels, by what it says."""
    found = {}
    for words in of(panel, Words):
        ((x, y),) = words.places
        wide = style.LETTER * style.SMALL * len(words.frames[0])
        at = panel.x.fraction(x) * ACROSS
        left = at if words.align == "left" else at - wide
        middle = panel.y.fraction(y) * HEIGHT + words.lift
        found[words.frames[0]] = (left, middle - style.SMALL / 2, left + wide, middle + style.SMALL / 2)
    return found


@pytest.mark.parametrize(
    ("count", "y_log"), audited(product((2, 3, 4), (False, True)), (2, True), (3, False), (4, True))
)
def test_labels_are_in_the_picture_and_meet_neither_each_other_nor_a_curve(count, y_log):
    curves = dict(list(FALLING.items())[:count])
    panel = drawn(Curves(curves, levels={"goal": 10.0}, y_log=y_log, **WORDS))
    known = boxes(panel)
    assert set(known) == {*curves, "goal"}
    for label, (left, low, right, high) in known.items():
        assert left >= 0
        assert low >= 0
        assert right <= ACROSS
        assert high <= HEIGHT
        for other, (x0, y0, x1, y1) in known.items():
            assert label == other or x1 <= left or right <= x0 or y1 <= low or high <= y0
        for other, (x, y) in curves.items():
            across = np.linspace(x[0], x[-1], 2000)
            up = np.interp(across, x, np.log(y) if y_log else y)
            px = np.array([panel.x.fraction(v) * ACROSS for v in across])
            py = np.array([panel.y.fraction(v) * HEIGHT for v in (np.exp(up) if y_log else up)])
            assert not ((left < px) & (px < right) & (low < py) & (py < high)).any(), (label, other)
        assert label != "goal" or not low < panel.y.fraction(10.0) * HEIGHT < high


def test_a_label_without_room_beside_its_curve_is_led_to_it_by_a_thin_line():
    near = {
        name: (np.arange(50), 10 - np.arange(50) / 10 + up) for name, up in (("low", 0), ("mid", 0.2), ("high", 0.4))
    }
    panel = drawn(Curves(near, **WORDS))
    led = of(panel, Line, "level")
    assert led
    for line in led:
        (x, y), end = line.frames[0]
        assert any(abs(np.interp(x, *near[name]) - y) < 0.02 for name in near)
        assert any(end == mark.places[0] for mark in of(panel, Words))


def test_curves_are_told_apart_by_more_than_colour():
    panel = drawn(Curves(FALLING, **WORDS))
    lines = of(panel, Line, "model")
    assert len({line.dash for line in lines}) == len({line.order for line in lines}) == 4
    assert [line.order for line in lines] == sorted(line.order for line in lines)


@pytest.mark.parametrize("palette", [style.LIGHT, style.DARK], ids=["light", "dark"])
def test_every_label_has_a_colour_that_words_can_be_read_in(palette):
    view = Curves(FALLING, theory={"exact": FALLING["batch 4"]}, levels={"goal": 10.0}, **WORDS)
    words = of(drawn(view), Words)
    assert len(words) == 6
    assert all(mark.order is None for mark in words)  # its lightest colours have 3:1 only
    assert all(contrast(palette[mark.role], palette["paper"]) >= 4.5 for mark in words)


def test_what_theory_says_and_a_level_have_colours_of_their_own():
    pair = ([1, 2, 4], [4.0, 2.0, 1.0])
    panel = drawn(Curves({"runs": pair}, theory={"exact": pair, "rule": pair}, levels={"goal": 3}, **WORDS))
    exact, rule = of(panel, Line, "theory")
    assert exact.dash != rule.dash
    assert exact.frames == [[(1.0, 4.0), (2.0, 2.0), (4.0, 1.0)]]
    (level,) = of(panel, Line, "truth")
    assert {y for _, y in level.frames[0]} == {3.0}
    alone = Curves({}, theory={"exact": pair}, **WORDS)
    assert of(drawn(alone), Line, "theory")


@pytest.mark.parametrize(("count", "dots"), [(DOTTED, True), (DOTTED + 1, False)])
def test_a_curve_of_few_points_has_a_dot_for_each(count, dots):
    panel = drawn(Curves({"a": (range(count), range(count))}, **WORDS))
    assert [len(mark.frames[0]) for mark in of(panel, Points)] == [count] * dots


@pytest.mark.parametrize("x_log", [False, True])
def test_a_long_curve_is_thinned_evenly_across_and_keeps_its_ends(x_log):
    x = np.arange(1.0, 20001.0)
    panel = drawn(Curves({"a": (x, 1 / x)}, x_log=x_log, y_log=True, **WORDS))
    ((*path,),) = of(panel, Line, "model")[0].frames
    assert 200 <= len(path) <= POINTS
    assert path[0] == (1.0, 1.0)
    assert path[-1] == (20000.0, 5e-5)
    steps = np.diff([panel.x.fraction(px) for px, _ in path])
    # on a log axis the first whole numbers lie far apart
    assert steps.max() <= max(2.5 / POINTS, (panel.x.fraction(2.0) - panel.x.fraction(1.0)) + 1e-9)


@pytest.mark.parametrize("axis", ["x", "y"])
def test_a_log_axis_refuses_what_has_no_place_on_it(axis):
    pair = ([0, 1], [1, 2]) if axis == "x" else ([1, 2], [0, 1])
    with pytest.raises(ValueError, match=rf"curves\['a'\], {axis} must be greater than 0 on a log axis"):
        Curves({"a": pair}, **{f"{axis}_log": True}, **WORDS)
    with pytest.raises(ValueError, match="levels"):
        Curves({"a": ([1, 2], [1, 2])}, levels={"goal": 0.0}, y_log=True, **WORDS)


def test_a_figure_of_curves_tells_their_numbers():
    view = Curves({"a": ([1, 2], [3, 4.5])}, theory={"b": ([1, 2], [3, 4])}, levels={"goal": 3.5}, **WORDS)
    assert Figure([view]).csv().splitlines() == [
        "curve,steps,loss",
        "a,1.0,3.0",
        "a,2.0,4.5",
        "b,1.0,3.0",
        "b,2.0,4.0",
        "goal,,3.5",
    ]
    assert Figure([view]).scene().alt == (
        "A comparison: loss against steps. A goes from 3 at 1 to 4.5 at 2. B goes from 3 at 1 to 4 at 2. "
        "Goal is at 3.5."
    )


@pytest.mark.parametrize(
    ("label", "told"),
    [
        ("gradient descent", "Gradient descent goes"),
        ("a wide line", "A wide line goes"),
        ("16 rows", "16 rows goes"),
        ("a = 0.2", "a = 0.2 goes"),  # a quantity is not called A
        ("β 0.9", "β 0.9 goes"),
    ],
)
def test_each_sentence_of_the_alternative_begins_as_a_sentence(label, told):
    view = Curves({label: ([1, 2], [3, 4])}, levels={"the goal": 3.5}, **{**WORDS, "title": "Which falls?"})
    assert view.alternative() == f"Which falls? Loss against steps. {told} from 3 at 1 to 4 at 2. The goal is at 3.5."


def test_a_label_stands_beside_its_own_curve():
    level = np.stack([np.arange(300.0), np.full(300, 50.0)], axis=1)
    found = labels.placed({"low": level, "high": level + np.array([0, 20])}, 300, 100)
    assert found["low"].lift < 0 < found["high"].lift


finite = st.floats(allow_nan=False, allow_infinity=False)
EXTREMES = {
    "beyond a double on a log axis": ([1, 2], [1e-10, 1e300], True),
    "beyond a double": ([1, 2], [-1e308, 1e308], False),
    "one ulp": ([1, 2], [1.0, math.nextafter(1.0, 2.0)], False),
    "one ulp on a log axis": ([1, 2], [1.0, 1.0 + 1e-15], True),
    "the largest": ([-1e308, 1e308], [1.7976931348623157e308, 1.7976931348623157e308], False),
    "the smallest": ([0, 5e-324], [5e-324, 1e-323], True),
}


@pytest.mark.parametrize(("x", "y", "y_log"), EXTREMES.values(), ids=EXTREMES)
def test_curves_of_extreme_floats_are_drawn(x, y, y_log):
    scene = Figure([Curves({"a": (x, y)}, levels={"goal": y[0]}, y_log=y_log, **WORDS)]).scene()
    (panel,) = panels(scene)
    (path,) = of(panel, Line, "model")[0].frames
    ends = [(panel.x.fraction(px), panel.y.fraction(py)) for px, py in path]
    assert np.all((np.array(ends) >= -1e-5) & (np.array(ends) <= 1 + 1e-5))
    assert raster.last(scene, density=1).any()
    assert json.loads(scene.to_text())["columns"]


@settings(max_examples=50)
@given(st.lists(st.tuples(finite, finite), min_size=2, max_size=5), st.booleans(), st.booleans(), st.none() | finite)
def test_curves_of_any_floats_are_drawn_or_the_argument_is_named(points, x_log, y_log, level):
    x, y = zip(*sorted(points), strict=True)
    levels = None if level is None else {"goal": level}
    try:
        view = Curves({"a": (x, y)}, x_log=x_log, y_log=y_log, levels=levels, **WORDS)
    except ValueError as refused:
        assert (x_log and min(x) <= 0) or (y_log and min(*y, 1.0 if level is None else level) <= 0)
        assert "['a']" in str(refused) or "['goal']" in str(refused)
        return
    record = json.loads(Figure([view]).scene().to_text())
    path = next(mark for mark in record["rows"][0]["panels"][0]["marks"] if mark["role"] == "model")
    assert all(isinstance(number, float) for axis in "xy" for number in record["columns"][path[axis]])


def test_the_losses_of_a_run_that_diverged_are_drawn(problem):
    losses = train(problem, lr=1e8, batch_size=None, steps=25).loss[0]
    kept = np.isfinite(losses)
    assert losses[kept].max() / losses[kept].min() > 1e280
    panel = drawn(Curves({"a": (np.flatnonzero(kept), losses[kept])}, y_log=True, **WORDS))
    (path,) = of(panel, Line, "model")[0].frames
    # a learning rate that is far too large multiplies the error by one factor a step: a straight line
    up = np.array([panel.y.fraction(y) for _, y in path])
    np.testing.assert_allclose(np.diff(up, 2)[2:], 0, atol=1e-4)


def test_a_level_and_a_label_are_in_their_places_on_an_axis_far_from_0():
    panel = drawn(Curves({"a": ([0, 1], [1e6, 1e6 + 1])}, levels={"goal": 1e6 + 0.4}, **WORDS))
    (level,) = of(panel, Line, "truth")
    assert panel.y.fraction(level.frames[0][0][1]) == pytest.approx(panel.y.fraction(1e6 + 0.4), abs=1e-4)


@pytest.mark.parametrize(("digits", "told"), [(4, "0.01007 at 228"), (2, "0.01 at 228"), (1, "0.01 at 228")])
def test_a_description_has_no_digit_more_of_y_than_is_asked_for_and_x_keeps_its_own(digits, told):
    view = Curves({"mean": ([0, 228], [88.34, 0.010068])}, digits=digits, **WORDS)
    first = {4: "88.34", 2: "88", 1: "90"}[digits]
    assert view.alternative() == f"A comparison: loss against steps. Mean goes from {first} at 0 to {told}."
