import random

import matplotlib
import numpy as np
import pytest
from helpers.colours import colour, over, where
from helpers.scenes import moving, of, panels, place

from sgdlib import Animation, AnimationTable, Figure, LineFit, LossCurve, ParameterPlane, Scatter, train
from sgdlib.render import raster
from sgdlib.scene import Axis, Line, Points, Trail, Words, style

VIEWS = [LineFit(), ParameterPlane(), LossCurve()]
SCENES = {
    "one run": lambda problem: Animation({"sgd": train(problem, steps=6)}, VIEWS),
    "two runs": lambda problem: Animation({"a": train(problem, steps=6), "b": train(problem, steps=6, lr=0.5)}, VIEWS),
    "a run that explodes": lambda problem: Animation({"sgd": train(problem, steps=6, lr=1e30)}, VIEWS),
    "a table": lambda problem: AnimationTable(
        {"a": train(problem, steps=6), "b": train(problem, steps=6, lr=1.1)}, VIEWS
    ),
    "a picture": lambda problem: Figure([Scatter(problem.data)]),
}


ALIKE = ("two runs", "a run that explodes")  # drawn as one run is
PARAMS = [pytest.param(make, id=name, marks=[pytest.mark.audit] * (name in ALIKE)) for name, make in SCENES.items()]


@pytest.fixture(scope="module", params=PARAMS)
def scene(request, problem):
    return request.param(problem).scene()


def test_a_frame_after_any_other_is_the_frame_drawn_fresh(scene):
    last = len(scene.steps) - 1
    shuffled = random.Random(0).sample(range(last + 1), last + 1)
    fresh = [raster.Stage(scene, density=1).frame(number) for number in range(last + 1)]
    stage = raster.Stage(scene, density=1)
    for number in [*range(last + 1), *shuffled, last, 0, last, last, last // 2, 0, *reversed(shuffled)]:
        assert np.array_equal(stage.frame(number), fresh[number]), number
    assert np.array_equal(raster.last(scene, density=1), fresh[-1])


@pytest.mark.parametrize("density", [1, 2, pytest.param(3, marks=pytest.mark.audit)])
def test_a_frame_has_the_size_of_the_scene(scene, density):
    width, height = raster.size(scene)
    frame = raster.last(scene, density)
    assert frame.shape == (density * height, density * width, 3)
    assert frame.dtype == np.uint8


def test_one_row_is_as_wide_as_a_phone_and_rows_line_up(problem):
    run = train(problem, steps=3)
    one = Animation({"a": run}, VIEWS).scene()
    three = AnimationTable({"a": run, "b": run, "c": run}, VIEWS).scene()
    assert raster.size(one)[0] == style.WIDTH
    assert raster.size(three)[0] == 3 * style.WIDTH
    frame = raster.last(three, density=1)
    assert len(frame) % 3 == 0
    first, second, third = np.split(frame[:, 100:], 3)  # without the labels on the left
    assert np.array_equal(first, second)
    assert np.array_equal(second, third)


def test_nothing_is_drawn_at_the_edge(scene):
    frame = raster.last(scene, density=1)
    for edge in (frame[:3], frame[-3:], frame[:, :2], frame[:, -2:]):
        assert (edge == colour(style.LIGHT["paper"])).all()


STRANGE = {
    "figure.dpi": 33.0,
    "figure.facecolor": "black",
    "savefig.facecolor": "red",
    "font.size": 30.0,
    "font.family": ["serif"],
    "lines.linewidth": 9.0,
    "lines.marker": "s",
    "lines.antialiased": False,
    "text.antialiased": False,
    "text.hinting": "none",
    "text.color": "red",
    "text.parse_math": True,
    "axes.facecolor": "yellow",
    "axes.unicode_minus": False,
    "axes.xmargin": 0.4,
    "axes.grid": True,
    "path.sketch": (3.0, 100.0, 2.0),
    "path.simplify": False,
    "path.effects": [],
    "patch.linewidth": 7.0,
    "patch.antialiased": False,
    "patch.force_edgecolor": True,
    "agg.path.chunksize": 100,
    "xtick.color": "red",
    "savefig.dpi": 20.0,
}


@pytest.fixture(scope="module")
def ordinary(problem):
    """A scene, and its last frame as it is drawn without anybody's settings."""
    scene = SCENES["one run"](problem).scene()
    return scene, raster.last(scene, density=1)


@pytest.mark.parametrize("key", STRANGE)
def test_nobodys_settings_change_a_film_or_are_changed(ordinary, key):
    scene, plain = ordinary
    with matplotlib.rc_context({key: STRANGE[key]}):
        before = dict(matplotlib.rcParams)
        stage = raster.Stage(scene, density=1)
        frames = [stage.frame(number) for number in (0, len(scene.steps) - 1)]
        assert dict(matplotlib.rcParams) == before
    assert np.array_equal(frames[-1], plain)


def test_no_figure_is_left_open_and_the_backend_is_nobodys_business(problem):
    before = matplotlib.get_backend(auto_select=False)
    raster.last(SCENES["one run"](problem).scene(), density=1)
    assert matplotlib.get_backend(auto_select=False) == before


@pytest.mark.parametrize("density", [1, 2])
def test_a_line_is_where_the_scene_says(problem, density):
    scene = Animation({"a": train(problem, steps=6)}, [LineFit()]).scene()
    (panel,) = panels(scene)
    (line,) = of(panel, Line, "model")
    top = raster.size(scene)[1] - raster.panel_height(panel)
    stage = raster.Stage(scene, density)
    for number in (0, 3, 6):
        blue = where(stage.frame(number), style.LIGHT["model"])
        start, end = (place(panel, *point, top, density) for point in line.frames[number])
        along = (end - start) / np.linalg.norm(end - start)
        away = (blue + 0.5 - start) @ [-along[1], along[0]]
        assert len(blue) > 100 * density
        assert np.abs(away).max() < 1.5 * density  # half of a line two CSS pixels wide, and half a pixel
        reach = (blue + 0.5 - start) @ along
        assert reach.min() < 4 * density
        assert reach.max() > np.linalg.norm(end - start) - 4 * density


def test_a_point_is_where_the_scene_says():
    spots = ((0.25, 0.75), (0.8, 0.1))
    scene = moving(lambda plot: plot.mark("dot", Points(role="truth", size=9), [[spot] for spot in spots]))
    (panel,) = scene.rows[0].panels
    stage = raster.Stage(scene, density=2)
    for number, spot in enumerate(spots):
        dot = where(stage.frame(number), style.LIGHT["truth"])
        middle = place(panel, *spot, raster.size(scene)[1] - raster.panel_height(panel), 2)
        assert dot.mean(axis=0) + 0.5 == pytest.approx(middle, abs=0.6)


def test_a_log_axis_places_by_factors():
    axis = Axis("x", 1.0, 1e4, ((1.0, "1"),), log=True)
    scene = moving(lambda plot: plot.mark("dot", Points(role="truth", size=9), [(100.0, 10.0)]), axis=axis, slots=[0])
    dot = where(raster.last(scene), style.LIGHT["truth"]).mean(axis=0) + 0.5
    top = 2 * (raster.size(scene)[1] - style.FOOT - 100)
    left, width = 2 * style.MARGIN_LEFT, 2 * (style.WIDTH - style.MARGIN_LEFT - style.MARGIN_RIGHT)
    assert dot == pytest.approx([top + 150, left + width / 2], abs=0.6)


def test_a_trail_shows_no_more_than_its_frame(problem):
    path = ((0.1, 0.5), (0.5, 0.5), (0.9, 0.5))
    scene = moving(lambda plot: plot.mark("path", Trail(role="model", width=4), np.array(path)), slots=range(3))
    (panel,) = scene.rows[0].panels
    top = raster.size(scene)[1] - raster.panel_height(panel)
    _, start = place(panel, *path[0], top, 2)
    for number, end in ((1, path[1]), (2, path[2])):
        frame = raster.Stage(scene).frame(number)
        row, column = place(panel, *end, top, 2)
        inked = np.flatnonzero((frame[int(row)].astype(int) @ [1, 0, -1]) < -30)  # bluer than red
        assert inked.min() == pytest.approx(start, abs=6)
        assert inked.max() == pytest.approx(column + 9, abs=3)  # the point at its end is 9 CSS pixels wide


def test_a_band_is_filled_between_its_outlines_up_to_its_frame():
    upper, lower = ((0.1, 0.9), (0.5, 0.9), (0.9, 0.9)), ((0.1, 0.2), (0.5, 0.2), (0.9, 0.2))
    scene = moving(lambda plot: plot.band("band", np.array(lower), np.array(upper), "ensemble"), slots=range(3))
    (panel,) = scene.rows[0].panels
    top = raster.size(scene)[1] - raster.panel_height(panel)
    filled = over(style.LIGHT["ensemble"], style.LIGHT["paper"], style.AREA)
    for number in (1, 2):
        frame = raster.Stage(scene, density=2).frame(number)
        inside, edge = where(frame, filled, 2) + 0.5, where(frame, style.LIGHT["ensemble"], 40) + 0.5
        corners = np.array([place(panel, *upper[0], top, 2), place(panel, *lower[number], top, 2)])
        assert np.abs(inside.min(axis=0) - corners[0]).max() <= 2.5
        assert np.abs(inside.max(axis=0) - corners[1]).max() <= 2.5
        assert {round(row) for row in edge[:, 0]} >= {round(row) for row in corners[:, 0]}


def test_cells_are_where_the_scene_says_in_the_colours_of_their_order():
    scene = moving(lambda plot: plot.cells("cells", (0, 0.5, 1), (0, 0.25, 1), [(0.0, 0.3), (np.nan, 1.0)]), slots=[0])
    (panel,) = scene.rows[0].panels
    top = raster.size(scene)[1] - raster.panel_height(panel)
    frame = raster.last(scene)
    for x, y, colours in ((0.2, 0.1, 0.0), (0.7, 0.1, 0.3), (0.2, 0.8, None), (0.7, 0.8, 1.0)):
        row, column = place(panel, x, y, top, 2).astype(int)
        own = style.LIGHT["paper"] if colours is None else style.ordered(colours)
        assert np.abs(frame[row, column] - colour(own)).max() <= 1


@pytest.mark.parametrize(("value", "words"), [(0.0, "#000000"), (1.0, "#ffffff"), (np.nan, style.LIGHT["note"])])
def test_words_in_a_cell_stand_out(value, words):
    scene = moving(lambda plot: plot.cells("cells", (0, 1), (0, 1), [[value]], [["MMM"]]), slots=[0])
    assert len(where(raster.last(scene), words, 4)) > 20


def test_marks_are_clipped_to_their_panel():
    scene = moving(lambda plot: plot.mark("line", Line(role="truth"), [[(-5, -5), (5, 5)], [(0, 2), (1, 2)]]))
    (panel,) = scene.rows[0].panels
    stage = raster.Stage(scene, density=1)
    top = raster.size(scene)[1] - raster.panel_height(panel)
    (bottom, left), (upper, right) = place(panel, 0, 0, top), place(panel, 1, 1, top)
    drawn = where(stage.frame(0), style.LIGHT["truth"], tolerance=60)
    assert len(drawn) > 50
    assert (drawn.min(axis=0) >= np.array([upper, left]) - 1).all()
    assert (drawn.max(axis=0) <= np.array([bottom, right]) + 1).all()
    assert not len(where(stage.frame(1), style.LIGHT["truth"], tolerance=60))


WORDS = [
    "$x$",
    "$\\frac{1}$",
    "<b>",
    "a & b",
    "100 %",
    "\\alpha",
    "x_1^2",
    "größer",
    "−1 × 10⁶ → ↗ ½",
    "{",
    "a\nb",
    " ",
]


@pytest.mark.parametrize("words", WORDS)
def test_any_label_is_drawn_as_it_was_given(words):
    scene = moving(
        lambda plot: plot.words("a", [words, "x"], (0.5, 0.5), Words(role="note")),
        label=words,
        title=words,
        axis=Axis(words, 0.0, 1.0, ((0.5, words),)),
    )
    stage = raster.Stage(scene, density=1)
    first, second = stage.frame(0), stage.frame(1)
    assert (first != second).any()


def test_dollars_are_not_mathematics():
    drawn = [
        raster.last(moving(lambda plot, said=said: plot.words("a", said, (0.5, 0.5), Words(role="note")), slots=[0]))
        for said in ("$x$", "x", "S")
    ]
    assert len({frame.tobytes() for frame in drawn}) == 3
    inked = [(frame != 255).sum() for frame in drawn]
    assert inked[0] > inked[1]  # both dollars are there
