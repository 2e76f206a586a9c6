import dataclasses
import itertools
import json
import math

import numpy as np
import pytest

from sgdlib import Animation, AnimationTable, Figure, LineFit, LossCurve, ParameterPlane, Scatter, noisy_line, train
from sgdlib.scene import FORMAT, Axis, Band, Cells, Line, Panel, Points, Reading, Readout, Row, Scene, Trail, Words, at

VIEWS = [LineFit(), ParameterPlane(), LossCurve()]
RUNS = {
    "settling": {"batch_size": 16},
    "wandering": {"batch_size": 16, "lr": 1.0, "steps": 300},
    "exploding": {"batch_size": 16, "lr": 1.1, "steps": 300},
    "no longer finite": {"batch_size": 16, "lr": 100.0, "steps": 300},
}


def strict(scene):
    """The scene's JSON, read by its standard: no NaN and no Infinity."""

    def refuse(word):
        raise AssertionError(f"{word} is not JSON")

    return json.loads(json.dumps(scene.to_json()), parse_constant=refuse)


def numbers(value):
    """Every number in a piece of JSON."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from numbers(item)
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        yield value


@pytest.fixture(params=RUNS.values(), ids=RUNS)
def scene(request, problem):
    return Animation({"a run": train(problem, **request.param)}, VIEWS, name="a-run").scene()


def test_the_json_of_a_scene_is_strict_whatever_the_run_did(scene):
    record = strict(scene)
    assert record["format"] == FORMAT
    assert all(math.isfinite(value) for value in numbers(record))


def test_no_coordinate_is_absurdly_far(scene):
    for panel in scene.rows[0].panels:
        for mark in panel.marks:
            match mark:
                case Trail():
                    points = mark.path
                case Words():
                    points = mark.places
                case _:
                    points = [point for frame in mark.frames for point in frame]
            for px, py in points:
                if not math.isnan(px):
                    assert -51 < panel.x.fraction(px) < 51
                    assert -51 < panel.y.fraction(py) < 51


def test_the_json_holds_all_that_the_scene_holds(scene):
    record = strict(scene)

    def same(plain, value):
        if isinstance(plain, int) and dataclasses.is_dataclass(value):
            plain = record["marks"][plain]  # a panel names its marks by their places
        if dataclasses.is_dataclass(value):
            assert plain.get("kind", None) == getattr(value, "kind", None)
            fields = [field.name for field in dataclasses.fields(value)]
            assert set(plain) - {"kind", "format"} - ({"marks"} if value is scene else set()) == set(fields)
            return all(same(plain[name], getattr(value, name)) for name in fields)
        if isinstance(value, tuple):
            return len(plain) == len(value) and all(map(same, plain, value))
        return plain is None if isinstance(value, float) and math.isnan(value) else plain == value

    assert same(record, scene)


def test_marks_that_panels_share_are_written_once(problem):
    runs = {f"batch size {size}": train(problem, batch_size=size, steps=5) for size in (1, 16, 100)}
    record = strict(AnimationTable(runs, VIEWS).scene())
    marks = record["marks"]
    assert len({json.dumps(mark) for mark in marks}) == len(marks)
    used = [[set(panel["marks"]) for panel in row["panels"]] for row in record["rows"]]
    assert set().union(*(panel for row in used for panel in row)) == set(range(len(marks)))
    for one, other in itertools.pairwise(used):
        shared = [marks[place]["role"] for place in one[1] & other[1]]
        assert {"level", "theory"} <= set(shared)  # contours and the minimiser


def test_the_text_of_a_scene_is_its_json(scene):
    assert json.loads(scene.to_text()) == strict(scene)


def test_every_mark_has_one_value_or_one_for_each_frame(scene):
    count = len(scene.steps)
    for row in scene.rows:
        assert all(len(readout.frames) == count for reading in row.readings for readout in reading.readouts)
        for panel in row.panels:
            for mark in panel.marks:
                values = mark.shown if isinstance(mark, Trail) else mark.frames
                assert len(values) in (1, count)
                assert not isinstance(mark, Words) or len(mark.places) in (1, count)


def test_a_scene_is_never_changed(scene):
    for thing in (scene, scene.rows[0], scene.rows[0].panels[0], scene.rows[0].panels[0].marks[0]):
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(thing, dataclasses.fields(thing)[0].name, None)
        hash(thing)  # all the way down nothing can change


def test_frames_count_the_steps_from_the_first_to_the_last(problem):
    for steps, every, frames in ((5, 1, 6), (100, 1, 101), (300, 1, 101), (3000, 1, 101), (40, 7, 7)):
        run = train(problem, steps=steps, every=every)
        shown = Animation({"a run": run}, [LossCurve()]).scene().steps
        assert len(shown) == frames
        assert (shown[0], shown[-1]) == (0, steps)
        assert set(shown) <= set(run.steps.tolist())
        assert list(shown) == sorted(shown)


def test_the_read_outs_say_what_the_record_says(problem):
    run = train(problem, steps=250, batch_size=4)
    scene = Animation({"a run": run}, [LossCurve()]).scene()
    (reading,) = scene.rows[0].readings
    step, slope, intercept, loss = reading.readouts
    assert [readout.label for readout in (step, slope, intercept, loss)] == ["step", "slope", "intercept", "loss"]
    for frame, number in enumerate(scene.steps):
        assert step.frames[frame] == str(number)
        assert float(slope.frames[frame].replace("−", "-")) == pytest.approx(run.params[0, number, 0], abs=0.00501)
        assert float(intercept.frames[frame].replace("−", "-")) == pytest.approx(run.params[0, number, 1], abs=0.00501)
        assert float(loss.frames[frame]) == pytest.approx(run.loss[0, number], rel=0.001)


def test_the_rows_of_a_table_share_axes_and_clock(problem):
    runs = {f"learning rate {lr}": train(problem, lr=lr) for lr in (0.01, 0.1, 1.0, 1.1)}
    table = AnimationTable(runs, VIEWS, name="rates")
    scene = table.scene()
    assert [row.label for row in scene.rows] == list(runs)
    for column in range(len(VIEWS)):
        assert len({(row.panels[column].x, row.panels[column].y) for row in scene.rows}) == 1
    for row, label in zip(scene.rows, table, strict=True):
        alone = table[label].scene()
        assert alone.rows == (row,)
        assert alone.steps == scene.steps


def test_a_scene_is_the_same_each_time(problem):
    first, second = (Animation({"a": train(problem)}, VIEWS, name="a").scene() for _ in range(2))
    assert first == second
    assert json.dumps(first.to_json()) == json.dumps(second.to_json())


def test_a_picture_without_time_has_one_frame():
    scene = Figure([Scatter(noisy_line())]).scene()
    assert scene.steps == (0,)
    (panel,) = scene.rows[0].panels
    (points,) = panel.marks
    data = noisy_line()
    drawn = np.array(points.frames[0])
    np.testing.assert_allclose(drawn[:, 0], data.x[:, 0], atol=1e-5)
    np.testing.assert_allclose(drawn[:, 1], data.y, atol=1e-5)


def test_one_value_stands_for_all_frames():
    assert at(("a",), 7) == "a"
    assert at(("a", "b"), 1) == "b"


def test_marks_name_their_kind():
    axis = Axis("x", 0.0, 1.0, ((0.0, "0"),))
    marks = (
        Points((((0.0, math.nan),),), "data"),
        Line((((0.0, 0.0), (1.0, 1.0)),), "truth"),
        Trail(((0.0, math.inf),), (1,), "model"),
        Words(("here",), ((0.5, 0.5),), "note"),
        Band(((0.0, 1.0),), ((0.0, 0.5),), (1,), "ensemble"),
        Cells((0.0, 1.0), (0.0, 1.0), ((None,),)),
    )
    row = Row("row", (Reading((Readout("step", ("0",)),)),), (Panel("panel", axis, axis, marks, 100),))
    plain = strict(Scene(None, "t", "c", "a", (0,), (row,)))["marks"]
    assert [mark["kind"] for mark in plain] == ["points", "line", "trail", "words", "band", "cells"]
    assert plain[0]["frames"] == [[[0.0, None]]]
    assert plain[2]["path"] == [[0.0, None]]
