import csv
import json
import os
import re
from functools import partial

import numpy as np
import pandas
import pytest
import torch

from sgdlib import (
    Animation,
    AnimationTable,
    Curves,
    Dataset,
    Figure,
    HeatMap,
    LeastSquares,
    LineFit,
    LossCurve,
    ParameterPlane,
    Ruler,
    Scatter,
    noisy_line,
    report,
    train,
)
from sgdlib.figures.base import slug
from sgdlib.render import encode, raster, web
from sgdlib.report.facts import facts
from sgdlib.scene import Trail


@pytest.fixture(scope="module")
def run(problem):
    return train(problem, batch_size=16, steps=4, seed=3)


@pytest.fixture(scope="module")
def exploding(problem):
    return train(problem, batch_size=16, lr=3.0, steps=60)


def number(words):
    return float(words.replace("−", "-"))


def test_words_that_are_given_are_kept(run):
    for kind, shown in (
        (Animation, {"runs": {"a": run}, "views": [LossCurve()]}),
        (AnimationTable, {"runs": {"a": run}, "views": [LossCurve()]}),
        (Figure, {"views": [Scatter(noisy_line())]}),
    ):
        scene = kind(**shown, title="A title", caption="A caption.", name="a-name").scene()
        assert (scene.title, scene.caption, scene.name) == ("A title", "A caption.", "a-name")
        assert kind(**shown).scene().name is None


def test_a_title_says_what_was_run(run, problem):
    gd = train(problem, batch_size=None, steps=4)
    title = lambda **runs: Animation(runs, [LossCurve()]).scene().title  # noqa: E731
    assert title(a=run) == "SGD, batch size 16, learning rate 0.1"
    assert title(a=gd) == "Gradient descent, learning rate 0.1"
    assert title(a=run, b=gd) == "SGD, batch size 16, learning rate 0.1; gradient descent, learning rate 0.1"


def test_a_caption_has_every_setting_and_the_end(run):
    caption = Animation({"a": run}, [LossCurve()]).scene().caption
    for words in (
        "earning rate 0.1",
        "batch size 16",
        "each batch drawn without replacement",
        "4 steps",
        "from (−1, 1)",
        "seed 3",
        "data seed 42",
    ):
        assert words in caption
    slope, intercept = run.params[0, -1]
    assert caption.endswith(f"at slope {slope:.4f} and intercept {intercept:.4f}, with loss {run.loss[0, -1]:.4g}.")


@pytest.mark.parametrize(
    ("how", "title", "caption"),
    [
        (
            {"optimizer": torch.optim.Adam},
            "Adam, batch size 16, learning rate 0.1",
            "Adam, learning rate 0.1, batch size",
        ),
        (
            {"optimizer": partial(torch.optim.SGD, momentum=0.9), "batch_size": None},
            "Gradient descent with momentum 0.9, learning rate 0.1",
            "Gradient descent with momentum 0.9, learning rate 0.1, ",
        ),
        (
            {"schedule": partial(torch.optim.lr_scheduler.StepLR, step_size=2)},
            "SGD, batch size 16, learning rate 0.1 at step 1, 0.01 at step 4 (by StepLR)",
            "Learning rate 0.1 at step 1, 0.01 at step 4 (by StepLR), batch size 16, ",
        ),
        (
            {"batch_size": {1: 1, 3: 4}},
            "SGD, batch size 1, 4 from step 3, learning rate 0.1",
            "Learning rate 0.1, batch size 1, 4 from step 3, each batch drawn without replacement",
        ),
    ],
)
def test_words_never_claim_plain_sgd_for_something_else(problem, how, title, caption):
    other = train(problem, steps=4, **how)
    scene = Animation({"a": other}, [LossCurve()]).scene()
    assert scene.title == title
    assert scene.caption.startswith(caption)
    assert title in scene.alt
    both = Animation({"a": other, "b": train(problem, steps=4)}, [LossCurve()]).scene()
    assert both.title == f"{title}; SGD, batch size 16, learning rate 0.1"


def test_a_caption_says_that_a_run_diverged(exploding):
    scene = Animation({"a": exploding}, [LossCurve()]).scene()
    assert f"diverged at step {exploding.outcome[0].diverged_at}" in scene.caption
    assert f"diverged at step {exploding.outcome[0].diverged_at}" in scene.alt


def test_a_caption_of_several_runs_says_how_each_ended(run, problem):
    runs = {"first": run, "second": train(problem, batch_size=16, steps=4, seed=4)}
    caption = Animation(runs, [LossCurve()]).scene().caption
    assert ", seed " not in caption  # not shared
    assert "First ends at slope" in caption
    assert "Second ends at slope" in caption


def test_an_alternative_text_says_which_run_settled_when(problem):
    best = problem.minimiser.tolist()
    runs = {
        "gradient descent": train(problem, steps=40),
        "slow": train(problem, lr=0.001, steps=40),
        "at rest": train(problem, steps=40, start=best),
    }
    away = np.abs(runs["gradient descent"].params[0] - best)
    steps = [int(np.flatnonzero(column > column[0] / 10)[-1]) + 1 for column in away.T]
    of_one = f"slope from step {steps[0]} on, intercept from step {steps[1]} on."
    of_all = f"gradient descent, {of_one.removesuffix('.')}; slow, slope never, intercept never."
    alt = Animation(runs, [LossCurve()]).scene().alt
    assert alt.endswith(f" Within a tenth of the first distance from the minimiser: {of_all}")
    one = Animation({"a": runs["gradient descent"]}, [LossCurve()]).scene().alt
    assert one.endswith(f" Within a tenth of the first distance from the minimiser: {of_one}")
    assert "Within a tenth" not in Animation({"at rest": runs["at rest"]}, [LossCurve()]).scene().alt


def test_an_alternative_text_has_the_numbers_of_the_run(run):
    alt = Animation({"batch size 16": run}, [LossCurve()]).scene().alt
    for words in ("SGD, batch size 16, learning rate 0.1", "4 steps", "loss 88.58 at (−1, 1)"):
        assert words in alt
    slope, intercept = run.params[0, -1]
    assert f"ends at slope {slope:.4f} and intercept {intercept:.4f}, with loss {run.loss[0, -1]:.4g}" in alt


def test_the_alternative_text_of_a_picture_has_the_range_of_its_points():
    data = noisy_line(seed=1)
    alt = Figure([Scatter(data)]).scene().alt
    words = alt.removeprefix("Scatter plot of 100 points: x from ").removesuffix(".").replace(", y from ", " to ")
    expected = [data.x[:, 0].min(), data.x[:, 0].max(), data.y.min(), data.y.max()]
    assert [number(word) for word in words.split(" to ")] == pytest.approx([float(v) for v in expected], rel=5e-4)


def test_an_animation_has_a_panel_for_each_view_in_their_order(run):
    views = [LossCurve(), LineFit(), ParameterPlane(), Scatter(run.problem.data)]
    (row,) = Animation({"a": run}, views).scene().rows
    assert [panel.title for panel in row.panels] == [
        "The loss",
        "The data and the line",
        "The two parameters",
        "100 points",
    ]


def test_a_row_of_a_table_is_an_animation_named_after_it(run, exploding, problem):
    runs = {"batch size 16": run, "GD, lr = 0.5": train(problem, batch_size=None, steps=4, lr=0.5)}
    table = AnimationTable(runs, [LossCurve()], name="sizes")
    assert (list(table), len(table)) == (list(runs), 2)
    for label, name in zip(runs, ("sizes-batch-size-16", "sizes-gd-lr-0-5"), strict=True):
        row = table[label]
        assert isinstance(row, Animation)
        assert row.name == row.scene().name == name
        assert row.scene().rows[0].label == label
        assert list(row.runs.values()) == [runs[label]]
    assert AnimationTable(runs, [LossCurve()])["batch size 16"].name is None


def test_a_tables_notes_are_by_label(run):
    table = AnimationTable({"a": run, "b": run}, [LossCurve()], notes={"b": "Look here."})
    assert table.notes == {"b": "Look here."}
    assert AnimationTable({"a": run}, [LossCurve()]).notes == {}


@pytest.mark.parametrize(
    ("label", "name"),
    [
        ("batch size 16", "batch-size-16"),
        ("learning rate 0.01", "learning-rate-0-01"),
        ("  GD (all)! ", "gd-all"),
        ("ä", ""),
    ],
)
def test_slug(label, name):
    assert slug(label) == name


@pytest.mark.parametrize("labels", [("lr 0.1", "lr 0,1"), ("A", "a"), ("a", "a!"), ("a", "?")])
def test_labels_that_would_name_one_file_are_refused(run, labels):
    with pytest.raises(ValueError, match="runs must have labels that differ in a–z and 0–9"):
        AnimationTable(dict.fromkeys(labels, run), [LossCurve()])


def test_a_run_alongside_widens_the_axes_and_is_not_drawn(run, problem):
    worse = train(problem, lr=1.5, steps=4)
    alone, beside = (Animation({"a": run}, [LossCurve()], alongside=others).scene() for others in ((), (worse,)))
    both = Animation({"a": run, "b": worse}, [LossCurve()]).scene()
    panels = [scene.rows[0].panels[0] for scene in (alone, beside, both)]
    assert (panels[1].x, panels[1].y) == (panels[2].x, panels[2].y)
    assert panels[0].y != panels[1].y
    assert [len([m for m in panel.marks if isinstance(m, Trail)]) for panel in panels] == [1, 1, 2]


def test_a_replica_can_be_drawn(problem):
    runs = train(problem, replicas=3, steps=4)
    scenes = [Animation({"a": runs.replica(k)}, [LossCurve()]).scene() for k in range(3)]
    assert len(set(scenes)) == 3


def test_a_run_of_losses_alone_can_be_drawn_as_a_curve(problem):
    run = train(problem, steps=4, record=["loss"])
    scene = Animation({"a": run}, [LossCurve()]).scene()
    assert [readout.label for readout in scene.rows[0].readings[0].readouts] == ["step", "loss"]
    assert scene.caption.endswith(f"It ends with loss {run.loss[0, -1]:.4g}.")


EVERY = {
    "animation": lambda run: Animation({"a": run}, [LossCurve()], name="a"),
    "table": lambda run: AnimationTable({"a": run, "b": run}, [LossCurve()], name="a"),
    "figure": lambda run: Figure([Scatter(run.problem.data)], name="a"),
    "run": lambda run: run,
}
every_shown = pytest.mark.parametrize("make", [EVERY[k] for k in ("animation", "table", "figure")], ids=list(EVERY)[:3])


@every_shown
def test_json_is_the_scene(make, run, tmp_path):
    shown = make(run)
    shown.save(tmp_path / "scene.json")
    assert json.loads((tmp_path / "scene.json").read_bytes()) == json.loads(json.dumps(shown.scene().to_json()))


@every_shown
@pytest.mark.parametrize(
    ("suffix", "begins"),
    [(".gif", b"GIF89a"), (".webp", b"RIFF"), (".png", b"\x89PNG"), (".json", b'{"format"'), (".PNG", b"\x89PNG")],
)
def test_the_suffix_says_how_to_save(make, run, suffix, begins, tmp_path):
    make(run).save(str(tmp_path / f"a{suffix}"))
    assert (tmp_path / f"a{suffix}").read_bytes().startswith(begins)
    assert len(list(tmp_path.iterdir())) == 1


def test_saving_replaces_what_was_there(run, tmp_path):
    (tmp_path / "a.json").write_text("something else")
    Animation({"a": run}, [LossCurve()]).save(tmp_path / "a.json")
    assert json.loads((tmp_path / "a.json").read_bytes())["title"].startswith("SGD")


class Stopped(BaseException):
    """Not an Exception: as when the user presses Ctrl-C."""


def stop(*_, **__):
    raise Stopped


def stop_after_some_bytes(frames, file):
    file.write(b"half a")
    stop()


def stop_late(patch):
    """Draw the frames that a palette is chosen from, and stop at the next."""
    draw, drawn = raster.Stage.rgba, []

    def rgba(stage, number):
        drawn.append(number)
        return draw(stage, number) if len(drawn) <= 3 else stop()

    patch.setattr(raster.Stage, "rgba", rgba)


# where a save can fail: a part of it that is made to raise, for each suffix that comes there
FAILURES = {
    "drawing": (".gif .webp .png", lambda patch: patch.setattr(raster.Stage, "rgba", stop)),
    "a later frame": (".gif .webp", stop_late),
    "encoding": (".gif .webp", lambda patch: [patch.setitem(encode.FILMS, s, stop) for s in (".gif", ".webp")]),
    "half way through": (
        ".gif .webp",
        lambda patch: [patch.setitem(encode.FILMS, s, stop_after_some_bytes) for s in (".gif", ".webp")],
    ),
    "encoding a still": (".png", lambda patch: patch.setattr(encode, "png", stop_after_some_bytes)),
    "writing numbers": (".json", lambda patch: patch.setattr(json, "dumps", stop)),
    "making the scene": (
        ".gif .webp .png .json",
        lambda patch: [patch.setattr(kind, "scene", stop) for kind in (Animation, AnimationTable, Figure)],
    ),
    "writing what is recorded": (
        ".csv",
        lambda patch: [patch.setattr(kind, "csv", stop) for kind in (Animation, AnimationTable, Figure)],
    ),
    "moving into place": (".gif .webp .png .json .csv", lambda patch: patch.setattr(os, "replace", stop)),
}


@pytest.mark.parametrize("existing", [None, b"an older film"], ids=["no file", "an older file"])
@pytest.mark.parametrize(
    ("make", "suffix", "fail"),
    [
        pytest.param(
            make,
            suffix,
            fail,
            id=f"{what}, {where}, {suffix}",
            marks=[pytest.mark.audit] * (what in ("table", "figure")),  # which are saved as an animation is
        )
        for what, make in EVERY.items()
        for where, (suffixes, fail) in FAILURES.items()
        for suffix in suffixes.split()
        if what != "run" or (suffix == ".json" and where != "making the scene")  # a record has no scene and no film
    ],
)
def test_a_failed_save_leaves_everything_as_it_was(make, suffix, fail, existing, run, tmp_path, monkeypatch):
    shown, path = make(run), tmp_path / f"film{suffix}"
    if existing:
        path.write_bytes(existing)
    with monkeypatch.context() as patch:
        fail(patch)
        with pytest.raises(Stopped):
            shown.save(path)
    assert [file.read_bytes() for file in tmp_path.iterdir()] == ([existing] if existing else [])
    assert not existing or path.read_bytes() == existing


@pytest.mark.parametrize("make", EVERY.values(), ids=EVERY)
@pytest.mark.parametrize("name", ["film.bmp", "film", "missing/film.json", "missing/film.gif"])
def test_a_refused_save_leaves_no_file(make, name, run, tmp_path):
    with pytest.raises(ValueError, match="path must be"):
        make(run).save(tmp_path / name)
    assert not list(tmp_path.iterdir())


@every_shown
def test_csv_holds_every_recorded_number(make, run, tmp_path):
    make(run).save(tmp_path / "numbers.csv")
    with (tmp_path / "numbers.csv").open(newline="", encoding="utf-8") as file:
        header, *rows = csv.reader(file)
    if isinstance(make(run), Figure):
        assert header == ["x", "y"]
        assert [[float(x), float(y)] for x, y in rows] == [
            [x[0], y] for x, y in zip(run.problem.data.x.tolist(), run.problem.data.y.tolist(), strict=True)
        ]
        return
    assert header == ["run", "step", "loss", "slope", "intercept"]
    own = [row for row in rows if row[0] == "a"]
    assert [int(step) for _, step, *_ in own] == run.steps.tolist()
    assert [float(loss) for _, _, loss, *_ in own] == run.loss[0].tolist()
    assert [[float(value) for value in place] for _, _, _, *place in own] == run.params[0].tolist()
    assert {label for label, *_ in rows} == set(make(run).runs)


def test_csv_leaves_out_what_is_not_finite_or_not_recorded_and_quotes_labels(problem):
    lost = train(problem, lr=1e200, steps=3, record=["loss"])
    text = Animation({'say "a, b"': lost}, [LossCurve()]).csv()
    assert text.splitlines()[0] == "run,step,loss"
    assert text.splitlines()[-1] == '"say ""a, b""",3,'
    assert next(csv.reader([text.splitlines()[-1]]))[0] == 'say "a, b"'


def test_csv_of_other_data_names_its_columns():
    data = Dataset([[1.0, 1.0], [3.0, 1.0]], [5.0, 6.0], names=("y", "b"))
    assert Figure([Scatter(data)]).csv().splitlines() == ["y.1,b,y", "1.0,1.0,5.0", "3.0,1.0,6.0"]


def test_csv_has_no_two_columns_of_one_name(tmp_path):
    names = ["run", "replica", "run.1"]
    data = Dataset(np.random.default_rng(0).normal(size=(9, 3)), np.arange(9.0), names=names)
    runs = {"a": train(LeastSquares(data), lr=0.01, batch_size=1, steps=2, replicas=2)}
    Animation(runs, [LossCurve()]).save(tmp_path / "numbers.csv")
    table = pandas.read_csv(tmp_path / "numbers.csv")
    header = (tmp_path / "numbers.csv").read_text(encoding="utf-8").splitlines()[0]
    assert header == "run,replica,step,loss,run.2,replica.1,run.1"
    assert table["run.1"].tolist() == runs["a"].params[..., 2].ravel().tolist()


def test_csv_of_points_has_one_column_y(tmp_path):
    data = Dataset([[1.0, 1.0], [2.0, 1.0]], [3.0, 4.0], names=["y", "one"])
    Figure([Scatter(data)]).save(tmp_path / "points.csv")
    assert (tmp_path / "points.csv").read_text(encoding="utf-8") == "y.1,one,y\n1.0,1.0,3.0\n2.0,1.0,4.0\n"


def test_csv_of_pictures_whose_axes_share_a_name_has_no_two_columns_of_it(tmp_path):
    same = {"x_label": "lr", "y_label": "lr", "title": "lr"}
    views = [
        Curves({"a": ([1, 2], [3, 4])}, **same),
        HeatMap([1, 2], [1, 2], [[3, 4], [5, 6]], **same),
        Ruler({"a": 1}, label="mark"),
    ]
    headers = []
    for view in views:
        Figure([view]).save(tmp_path / "picture.csv")
        headers.append((tmp_path / "picture.csv").read_text(encoding="utf-8").splitlines()[0])
    assert headers == ["curve,lr,lr.1", "lr,lr.1,lr.2", "mark,mark.1"]


@pytest.mark.parametrize("make", [Animation, AnimationTable])
@pytest.mark.parametrize("caption", [None, "Two runs."])
def test_facts_are_found_once_a_scene(problem, make, caption, monkeypatch):
    runs = {"a": train(problem, steps=5), "b": train(problem, steps=5, seed=1)}
    shown, asked = make(runs, [LossCurve(), ParameterPlane()], caption=caption), []
    monkeypatch.setattr(report.facts, "facts", lambda run: (asked.append(id(run)), facts(run))[1])
    shown.scene()
    assert sorted(asked) == sorted(map(id, runs.values()))


@every_shown
def test_in_a_notebook_it_is_the_player_with_all_it_needs_inside(make, run):
    html = make(run)._repr_html_()
    assert "<sgd-player" in html
    assert "data:image/png;base64," in html  # where scripts are not run
    assert web.script() in html
    assert web.stylesheet() in html
    (record,) = re.findall(r'<script type="application/json">(.*?)</script>', html)
    assert json.loads(record) == json.loads(json.dumps(make(run).scene().to_json()))
    assert not re.findall(r"(?:src|href)=.(?!data:)", html.replace(web.script(), ""))
