import json
import math
import re

import numpy as np
import pytest
from helpers.scenes import drawn, of
from hypothesis import given, settings
from hypothesis import strategies as st

from sgdlib import Figure, HeatMap, Ruler, Scatter, noisy_line
from sgdlib.charts.ruler import ACROSS
from sgdlib.render import raster
from sgdlib.scene import Cells, Points, Words, style

LIMITS = {"the lesson’s": 0.1, "best": 0.7437, "B = 1": 0.707, "B = 16": 0.9968, "B = 64": 0.9984, "GD": 0.99848}
GRID = {"x_label": "lr", "y_label": "B", "title": "loss"}


def boxes(panel):
    """Left, right and line of each label, in CSS pixels."""
    for words in of(panel, Words):
        wide, at = style.LETTER * style.SMALL * len(words.frames[0]), panel.x.fraction(words.places[0][0]) * ACROSS
        left = at if words.align == "left" else at - wide
        yield left, left + wide, words.places[0][1]


@pytest.mark.parametrize("log", [False, True])
@pytest.mark.parametrize("marks", [LIMITS, {"one": 1.0}, {f"mark {k}": 1.0 + k for k in range(9)}])
def test_labels_of_a_ruler_are_in_the_picture_and_none_meets_another(marks, log):
    panel = drawn(Ruler(marks, label="learning rate", log=log))
    labels = list(boxes(panel))
    assert len(labels) == len(marks)
    for k, (left, right, line) in enumerate(labels):
        assert -4 <= left < right <= ACROSS + 4
        assert panel.y.low < line < panel.y.high
        assert not any(line == its and left < end and begin < right for begin, end, its in labels[:k])
    spots = sorted(mark.frames[0][0][0] for mark in of(panel, Points))
    assert spots == pytest.approx(sorted(marks.values()), rel=1e-4)


def test_a_heat_map_has_each_value_in_its_place_and_colours_in_their_order():
    values = np.array([[1.0, 10.0, 100.0], [1000.0, np.nan, 10.0]])
    view = HeatMap([1, 2, 3], [1, 10], values, y_log=True, log=True, **GRID)
    cells, scale = of(drawn(view), Cells)
    assert np.array_equal(cells.values, [[0.0, 0.333, 0.667], [1.0, np.nan, 0.333]], equal_nan=True)
    assert cells.x == [0.5, 1.5, 2.5, 3.5]
    assert cells.y == pytest.approx([10**-0.5, 10**0.5, 10**1.5], rel=1e-4)
    assert scale.values == [[0.0, 0.25, 0.5, 0.75, 1.0]]
    assert (scale.words[0][0], scale.words[0][-1]) == ("1", "1000")
    assert scale.y[0] > cells.y[-1]


def test_a_marked_cell_has_rings_and_a_label():
    panel = drawn(HeatMap([1, 2], [1, 2], [[1, 2], [3, 4]], marks={"here": (2, 1)}, **GRID))
    assert [mark.frames[0] for mark in of(panel, Points)] == [[(2.0, 1.0)]] * 2
    assert [mark.frames[0] for mark in of(panel, Words)] == ["here"]


def test_a_figure_of_several_kinds_tells_the_numbers_of_each():
    figure = Figure(
        [
            Scatter(noisy_line(n=2)),
            Ruler({"GD": 1.0}, label="lr"),
            HeatMap([1, 2], [3, 4], [[1, 2], [3, np.nan]], **GRID),
        ]
    )
    lines = figure.csv().splitlines()
    assert lines[0] == "x,y"
    assert lines[3:] == [
        "",
        "mark,lr",
        "GD,1.0",
        "",
        "lr,B,loss",
        "1.0,3.0,1.0",
        "2.0,3.0,2.0",
        "1.0,4.0,3.0",
        "2.0,4.0,",
    ]
    assert [panel.title for panel in figure.scene().rows[0].panels] == ["2 points", "Lr", "loss"]
    assert figure.scene().alt.count(".") >= 3


finite = st.floats(allow_nan=False, allow_infinity=False)
sides = st.lists(finite, min_size=2, max_size=3, unique=True).map(sorted)


@pytest.mark.parametrize("values", [[-1e308, 1e308], [1.0, math.nextafter(1.0, 2.0)], [5e-324, 1.7976931348623157e308]])
@pytest.mark.parametrize("log", [False, True])
def test_the_colours_of_extreme_floats_are_in_their_order(values, log):
    if log and values[0] <= 0:
        return
    view = HeatMap([1, 2], [1, 2], [values, values], log=log, **GRID)
    cells, scale = of(drawn(view), Cells)
    assert cells.values == [[0.0, 1.0]] * 2
    assert len(scale.words[0]) == 5
    assert raster.last(Figure([view]).scene(), density=1).any()


@settings(max_examples=60)
@given(x=sides, y=sides, values=st.lists(finite, min_size=9, max_size=9), logs=st.tuples(*[st.booleans()] * 3))
def test_a_heat_map_of_any_floats_is_drawn_or_the_argument_is_named(x, y, values, logs):
    grid = np.array(values)[: len(x) * len(y)].reshape(len(y), len(x))
    how = dict(zip(("x_log", "y_log", "log"), logs, strict=True))
    try:
        view = HeatMap(x, y, grid, **how, **GRID)
    except ValueError as refused:
        assert re.match("(x|y|values) must be", str(refused))
        return
    record = json.loads(Figure([view]).scene().to_text())
    columns, (cells, *_) = record["columns"], record["rows"][0]["panels"][0]["marks"]
    assert all(isinstance(edge, float) for axis in "xy" for edge in columns[cells[axis]])
    assert all(0 <= value <= 1 for value in columns[cells["values"]])


@pytest.mark.parametrize("log", [False, True])
@pytest.mark.parametrize(
    ("x", "y", "name"),
    [([1, 1 + 1e-15], [1, 2], "x"), ([1, 2], [1, 1 + 1e-15], "y"), ([1, 2], [1.0, 1.7e308], "y")],
)
def test_cells_that_have_no_place_are_refused_by_name(x, y, name, log):
    with pytest.raises(ValueError, match=f"^{name} must be numbers"):
        HeatMap(x, y, [[1, 2], [3, 4]], x_log=log, y_log=log, **GRID)


@given(marks=st.lists(finite, min_size=1, max_size=4), log=st.booleans())
def test_a_ruler_of_any_floats_is_drawn_or_the_argument_is_named(marks, log):
    try:
        view = Ruler({f"mark {k}": value for k, value in enumerate(marks)}, label="x", log=log)
    except ValueError as refused:
        assert log
        assert str(refused).startswith("marks['mark ")
        return
    panel = drawn(view)
    spots = [panel.x.fraction(mark.frames[0][0][0]) for mark in of(panel, Points)]
    assert all(-1e-5 <= spot <= 1 + 1e-5 for spot in spots)
    assert spots == sorted(spots)
