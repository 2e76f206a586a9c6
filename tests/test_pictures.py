import numpy as np
import pytest

from sgdlib import Figure, HeatMap, Ruler, Scatter, noisy_line, style
from sgdlib.ruler import ACROSS
from sgdlib.scene import Cells, Points, Words

LIMITS = {"the lesson’s": 0.1, "best": 0.7437, "B = 1": 0.707, "B = 16": 0.9968, "B = 64": 0.9984, "GD": 0.99848}
GRID = {"x_label": "lr", "y_label": "B", "title": "loss"}


def boxes(panel):
    """Left, right and line of each label, in CSS pixels."""
    for words in (mark for mark in panel.marks if isinstance(mark, Words)):
        wide, at = style.LETTER * style.SMALL * len(words.frames[0]), panel.x.fraction(words.places[0][0]) * ACROSS
        left = at if words.align == "left" else at - wide
        yield left, left + wide, words.places[0][1]


@pytest.mark.parametrize("log", [False, True])
@pytest.mark.parametrize("marks", [LIMITS, {"one": 1.0}, {f"mark {k}": 1.0 + k for k in range(9)}])
def test_labels_of_a_ruler_are_in_the_picture_and_none_meets_another(marks, log):
    panel = Ruler(marks, label="learning rate", log=log).panel()
    labels = list(boxes(panel))
    assert len(labels) == len(marks)
    for k, (left, right, line) in enumerate(labels):
        assert -4 <= left < right <= ACROSS + 4
        assert panel.y.low < line < panel.y.high
        assert not any(line == its and left < end and begin < right for begin, end, its in labels[:k])
    spots = sorted(mark.frames[0][0][0] for mark in panel.marks if isinstance(mark, Points))
    assert spots == pytest.approx(sorted(marks.values()), rel=1e-4)


def test_a_heat_map_has_each_value_in_its_place_and_colours_in_their_order():
    values = np.array([[1.0, 10.0, 100.0], [1000.0, np.nan, 10.0]])
    view = HeatMap([1, 2, 3], [1, 10], values, y_log=True, log=True, **GRID)
    cells, scale = (mark for mark in view.panel().marks if isinstance(mark, Cells))
    assert cells.values == ((0.0, 0.333, 0.667), (1.0, None, 0.333))
    assert cells.x == (0.5, 1.5, 2.5, 3.5)
    assert cells.y == pytest.approx((10**-0.5, 10**0.5, 10**1.5), rel=1e-4)
    assert scale.values == ((0.0, 0.25, 0.5, 0.75, 1.0),)
    assert (scale.words[0][0], scale.words[0][-1]) == ("1", "1000")
    assert scale.y[0] > cells.y[-1]


def test_a_marked_cell_has_rings_and_a_label():
    panel = HeatMap([1, 2], [1, 2], [[1, 2], [3, 4]], marks={"here": (2, 1)}, **GRID).panel()
    assert [mark.frames[0] for mark in panel.marks if isinstance(mark, Points)] == [((2.0, 1.0),)] * 2
    assert [mark.frames[0] for mark in panel.marks if isinstance(mark, Words)] == ["here"]


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
