import numpy as np
import pytest

from sgdlib import Curves, Figure
from sgdlib.scene import Line, Points, Words

LABELS = {"x_label": "step", "y_label": "loss", "title": "Loss"}


def test_curves_go_through_their_points_and_end_in_a_mark():
    curves = {"down": ([0, 1, 2], [4.0, 2.0, 1.0]), "up": ([0, 3], [1.0, 2.0])}
    panel = Curves(curves, **LABELS).panel()
    lines = [mark for mark in panel.marks if isinstance(mark, Line)]
    ends = [mark for mark in panel.marks if isinstance(mark, Points)]
    for k, (x, y) in enumerate(curves.values()):
        assert lines[2 * k].frames[0] == tuple(zip(x, y, strict=True))
        assert ends[2 * k].frames[0][-1] == (x[-1], y[-1])


def test_the_key_says_which_is_which_by_colour_dash_and_shape_beside_the_curves():
    panel = Curves({"one": ([0, 10], [4, 2]), "two": ([0, 5], [4, 1])}, **LABELS).panel()
    lines = [mark for mark in panel.marks if isinstance(mark, Line)]
    shapes = [mark.shape for mark in panel.marks if isinstance(mark, Points)]
    assert [mark.frames[0] for mark in panel.marks if isinstance(mark, Words)] == ["one", "two"]
    for curve, sample in (lines[:2], lines[2:]):
        assert (curve.dash, curve.order) == (sample.dash, sample.order)
        assert min(x for x, _ in sample.frames[0]) > 10
    assert lines[0].dash != lines[2].dash
    assert shapes[0] == shapes[1] != shapes[2] == shapes[3]


def test_a_curve_alone_has_the_panel_to_itself():
    panel = Curves({"one": ([0, 10], [4, 2])}, **LABELS).panel()
    assert not [mark for mark in panel.marks if isinstance(mark, Words)]
    assert panel.x.high < 11


@pytest.mark.parametrize("log", [False, True])
def test_the_axes_hold_all_curves(log):
    curves = {"a": ([1, 100], [0.01, 10]), "b": ([5, 50], [100, 0.1])}
    x, y = Curves(curves, x_log=log, y_log=log, **LABELS).axes()
    assert (x.log, y.log) == (log, log)
    assert x.low <= 1 < 100 < x.high
    assert y.low <= 0.01 < 100 < y.high


def test_its_numbers_are_all_points_and_a_figure_saves_it(tmp_path):
    view = Curves({"a": (np.arange(3), np.arange(3) ** 2.0)}, **LABELS)
    assert view.numbers() == [("curve", "step", "loss"), ("a", 0, 0), ("a", 1, 1), ("a", 2, 4)]
    Figure([view], name="squares").save(tmp_path / "squares.png")
    assert (tmp_path / "squares.png").stat().st_size > 1000
