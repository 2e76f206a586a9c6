import dataclasses
import itertools
import json
import math

import numpy as np
import pytest
from helpers.scenes import ONE_OF_EACH, moving, nothing, panels, readouts

from sgdlib import (
    Animation,
    AnimationTable,
    Figure,
    HeatMap,
    LineFit,
    LossCurve,
    ParameterPlane,
    Scatter,
    noisy_line,
    train,
)
from sgdlib.render import raster
from sgdlib.scene import FORMAT, MARKS, Trail, at, column, merged

GRID = {"x_label": "a", "y_label": "b", "title": "t"}
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
    for panel in panels(scene):
        for mark in panel.marks:
            match mark.kind:
                case "trail":
                    points = mark.path
                case "words":
                    points = mark.places
                case _:
                    points = [point for frame in mark.frames for point in frame]
            for px, py in points:
                if not math.isnan(py):
                    assert -51 < panel.x.fraction(px) < 51
                    assert -51 < panel.y.fraction(py) < 51


def test_the_json_holds_all_that_the_scene_holds(scene):
    record = strict(scene)

    def same(plain, value):
        if dataclasses.is_dataclass(value):
            assert plain.get("kind", None) == getattr(value, "kind", None)
            fields = [field.name for field in dataclasses.fields(value)]
            assert set(plain) - {"kind", "format"} == set(fields)
            return all(same(plain[name], getattr(value, name)) for name in fields)
        if isinstance(value, dict):
            return list(plain) == list(value) and all(same(plain[name], value[name]) for name in value)
        if isinstance(value, np.ndarray):
            return len(plain) == len(value) and all(map(same, plain, value if value.ndim > 1 else value.tolist()))
        if isinstance(value, tuple):
            return len(plain) == len(value) and all(map(same, plain, value))
        return plain is None if isinstance(value, float) and math.isnan(value) else plain == value

    assert same(record, scene)


def columns_of(thing):
    """All the columns that a part of a scene, as JSON, names."""
    if isinstance(thing, list):
        return set().union(*map(columns_of, thing))
    if not isinstance(thing, dict):
        return set()
    own = {thing[name] for name in NAMING if "label" not in thing and isinstance(thing.get(name), str)}
    return own | {thing["text"]} if set(thing) == {"label", "text"} else own.union(*map(columns_of, thing.values()))


NAMING = ("x", "y", "shown", "upper", "lower", "values", "text")


def test_every_column_that_is_named_is_there_and_every_one_that_is_there_is_named(problem):
    many = train(problem, steps=5, replicas=4)
    table = AnimationTable({"one": train(problem, steps=5), "many": many}, VIEWS).scene()
    for scene in (table, Figure([Scatter(problem.data), HeatMap([1, 2], [1, 2], [[1, 2], [3, 4]], **GRID)]).scene()):
        record = strict(scene)
        assert columns_of(record["rows"]) == set(record["columns"])


def test_what_panels_share_is_one_column(problem):
    runs = {f"batch size {size}": train(problem, batch_size=size, steps=5) for size in (1, 16, 100)}
    scene = AnimationTable(runs, VIEWS).scene()
    rows = [
        {name for panel in row.panels for mark in panel.marks for name in vars(mark).values()} for row in scene.rows
    ]
    for one, other in itertools.pairwise(rows):
        shared = one & other & set(scene.columns)
        assert {"linefit.data.x", "parameterplane.minimiser.x", "losscurve.steps", "shown"} <= shared
        assert any(name.startswith("parameterplane.loss") for name in shared)  # contours
    apart = [{name for name in row if "batch size" in str(name)} for row in rows]
    assert not apart[0] & apart[1] & set(scene.columns)


def test_two_columns_of_one_name_that_differ_are_refused():
    first, nothing = column([1.0, math.nan]), column([1.0, math.nan])
    assert merged([{"a": first}, {"a": nothing, "b": column(["x"])}]).keys() == {"a", "b"}
    for other in ([1.0, 2.0], [1.0], [[1.0, math.nan]], ["1.0", "nan"]):
        with pytest.raises(ValueError, match="two of the name 'a'"):
            merged([{"a": first}, {"a": column(other)}])


def test_a_column_is_never_changed(scene):
    for values in scene.columns.values():
        with pytest.raises(ValueError, match="read-only"):
            values[0] = values[-1]


def test_the_text_of_a_scene_is_its_json(scene):
    assert json.loads(scene.to_text()) == strict(scene)


def test_every_mark_has_one_value_or_one_for_each_frame(scene):
    count = len(scene.steps)
    assert all(len(readout.frames) == count for readout in readouts(scene))
    for panel in panels(scene):
        for mark in panel.marks:
            assert len(mark.shown if mark.kind == "trail" else mark.frames) in (1, count)
            assert mark.kind != "words" or len(mark.places) in (1, count)


def test_what_is_read_out_when_pointed_at_moves_and_says_whose_it_is(problem):
    many = train(problem, steps=5, replicas=4)
    runs = {"many": many, "one": train(problem, steps=5)}
    for panel in panels(Animation(runs, [ParameterPlane(), LossCurve()]).scene()):
        assert [mark.run for mark in panel.marks if mark.hover] == ["many", "one"]
        assert all(mark.kind == "trail" and len(mark.shown) > 1 for mark in panel.marks if mark.hover)
        # what theory says and the data are no run's
        assert {mark.run for mark in panel.marks if mark.role in ("theory", "data", "note", "level")} == {None}
        assert {mark.run for mark in panel.marks if mark.role in ("model", "ensemble")} == set(runs)
    assert [reading.run for reading in Animation(runs, [LossCurve()]).scene().rows[0].readings] == list(runs)


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
    step, slope, intercept, loss = readouts(scene)
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
    for view in range(len(VIEWS)):
        assert len({(row.panels[view].x, row.panels[view].y) for row in scene.rows}) == 1
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
    (panel,) = panels(scene)
    (points,) = panel.marks
    data = noisy_line()
    drawn = np.array(points.frames[0])
    np.testing.assert_allclose(drawn[:, 0], data.x[:, 0], atol=1e-5)
    np.testing.assert_allclose(drawn[:, 1], data.y, atol=1e-5)


def test_one_value_stands_for_all_frames():
    assert at(("a",), 7) == "a"
    assert at(("a", "b"), 1) == "b"


@pytest.mark.parametrize("kind", MARKS)
def test_every_kind_of_mark_is_drawn_in_a_film(kind):
    scene = moving(ONE_OF_EACH[kind])
    assert {type(mark) for mark in scene.rows[0].panels[0].marks} == {kind}
    drawn, without = (raster.last(each, density=1).astype(int) for each in (scene, moving(nothing)))
    assert (np.abs(drawn - without).max(axis=-1) > 30).sum() > 100


def test_marks_name_their_kind():
    assert [kind.kind for kind in MARKS] == [kind.__name__.lower() for kind in MARKS]
    record = strict(moving(lambda plot: plot.mark("a", Trail(role="model"), np.array([(0.5, math.inf), (1.0, 0.5)]))))
    (mark,) = record["rows"][0]["panels"][0]["marks"]
    assert mark["kind"] == "trail"
    assert record["columns"][mark["x"]] == [None, 1.0]
    assert record["columns"][mark["shown"]] == [1, 2]
