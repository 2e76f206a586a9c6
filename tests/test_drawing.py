"""What a figure says is not cut, covered or crossed: in films, and in the player in a real browser."""

import io
import itertools
import re

import numpy as np
import pytest
from helpers.cases import audited
from helpers.colours import colour, where
from helpers.scenes import drawn, moving, nothing, of, panels, place, readouts
from PIL import Image

from sgdlib import (
    Animation,
    AnimationTable,
    Curves,
    Dataset,
    Figure,
    HeatMap,
    LeastSquares,
    LossCurve,
    ParameterPlane,
    train,
)
from sgdlib.render import raster
from sgdlib.render.raster import column_widths
from sgdlib.scene import Axis, Line, Plot, Reading, Row, Scene, Words, labels, style
from sgdlib.scene.scene import LARGEST

UNIT = Axis("x", 0.0, 1.0, ())
GRID = {"x_label": "a", "y_label": "b", "title": "t"}


def boxes(panel):
    """Left, lower, right and upper side of each text in a panel, in CSS pixels from its lower left corner."""
    for words in of(panel, Words):
        for said, (x, y) in zip(words.frames, words.places * len(words.frames), strict=False):
            wide = style.wide(said)
            left = panel.x.fraction(x) * style.ACROSS - wide * {"left": 0, "center": 0.5, "right": 1}[words.align]
            middle = panel.y.fraction(y) * panel.height + words.lift
            yield said, (left, middle - style.SMALL / 2, left + wide, middle + style.SMALL / 2)


def assert_within(panel):
    for said, (left, low, right, high) in boxes(panel):
        assert left >= -0.1, said
        assert low >= 0, said
        assert right <= style.ACROSS + 0.1, said
        assert high <= panel.height, said


@pytest.mark.parametrize("scale", [1.0, 30.0, 125.0, 1e4])
@pytest.mark.parametrize("steps", [1, 5, 60])
def test_words_about_the_lowest_loss_are_within_the_panel(problem, scale, steps):
    data = problem.data
    far = LeastSquares(Dataset(data.x, scale * data.y))
    run = train(far, steps=steps, lr=0.3, batch_size=None, start=(3 * scale, 9.5 * scale))
    scene = Animation({"a": run}, [LossCurve(theory=True), ParameterPlane(theory=True)]).scene()
    for panel in panels(scene):
        assert_within(panel)


@pytest.mark.parametrize("y", [0.0, 0.02, 0.5, 0.98, 1.0])
@pytest.mark.parametrize("x", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("align", ["left", "center", "right"])
@pytest.mark.parametrize("lift", [-30.0, -9.0, 0.0, 9.0])
def test_words_are_brought_within_the_panel_beside_what_they_speak_of(x, y, align, lift):
    def speak(at, lift):
        plot = Plot(UNIT, UNIT)
        plot.height = 140
        plot.words("a", "lowest possible, 3752", at, Words(role="theory", align=align, lift=lift))
        shown = Scene(None, "t", "c", "a", (0,), plot.columns, (Row("a", "a", (), (plot.panel(),)),))
        return panels(shown)[0]

    panel = speak((x, y), lift)
    assert_within(panel)
    (words,) = of(panel, Words)
    if 40 < 140 * y < 100:
        assert words.lift == lift
    assert abs(words.lift) <= max(abs(lift), style.SMALL)
    assert speak(words.places[0], words.lift) == panel


def test_several_runs_that_left_are_counted_where_their_names_have_no_room(problem):
    runs = {f"learning rate {1.5 + k / 10:.1f}": train(problem, lr=1.5 + k / 10, steps=40) for k in range(4)}
    (panel,) = panels(Animation(runs, [LossCurve()]).scene())
    assert_within(panel)
    assert "4 runs above the picture ↑" in [said for said, _ in boxes(panel)]


def test_the_border_of_a_panel_is_above_its_grid_in_a_film():
    axis = Axis("x", 0.0, 1.0, ((0.3, "a"), (0.6, "b")))
    scene = moving(nothing, axis=axis, slots=[0])
    (panel,) = scene.rows[0].panels
    frame, top = raster.last(scene, density=2), raster.size(scene)[1] - raster.panel_height(panel)
    for x, y in ((0.3, 0.0), (0.6, 1.0), (0.0, 0.3), (1.0, 0.6)):
        row, column = np.round(place(panel, x, y, top, 2)).astype(int)
        around = frame[row - 2 : row + 2, column - 2 : column + 2].reshape(-1, 3).astype(int)
        border = np.abs(around - colour(style.LIGHT["frame"])).max(axis=-1) <= 8
        assert border.sum() == 8, (x, y)  # a line two pixels wide, whole across four


def fine(count):
    values = np.add.outer(np.arange(count), np.arange(count)).astype(float)
    return Figure([HeatMap(np.arange(count), np.arange(count), values, **GRID)])


@pytest.mark.parametrize(("count", "density"), audited(itertools.product((60, 47), (1, 2)), (60, 1), (47, 2)))
def test_fine_cells_touch_in_a_film(count, density):
    scene = fine(count).scene()
    (panel,) = panels(scene)
    top = raster.size(scene)[1] - raster.panel_height(panel)
    inside = (place(panel, 0.5, count - 1.5, top, density), place(panel, count - 1.5, 0.5, top, density))
    (r0, c0), (r1, c1) = (np.round(corner).astype(int) for corner in inside)
    cells = raster.last(scene, density)[r0:r1, c0:c1]
    shades = {value for row in panel.marks[0].values for value in row}
    known = {tuple(colour(style.ordered(shade)).tolist()) for shade in shades}
    assert set(map(tuple, np.unique(cells.reshape(-1, 3), axis=0).tolist())) <= known


def test_large_cells_have_gaps():
    assert panels(fine(5).scene())[0].marks[0].gap == 1.0
    assert panels(fine(60).scene())[0].marks[0].gap == 0.0


@pytest.fixture(scope="module")
def wordy(problem):
    data = problem.data
    named = LeastSquares(Dataset(data.x, data.y, names=("temperature effect", "bias")))
    runs = {"sixteen of them": train(named, steps=20), "all": train(named, steps=20, batch_size=None, lr=1.4)}
    return Animation(runs, [LossCurve()])


def test_columns_of_read_outs_have_the_room_that_they_need(wordy):
    scene = wordy.scene()
    readings = scene.rows[0].readings
    assert readings[0].widths == readings[1].widths
    widths = column_widths(readings[0], style.WIDTH - 2 * style.PAD)
    assert sum(widths) == pytest.approx(style.WIDTH - 2 * style.PAD + style.GAP)
    for line in range(len(readings)):
        for column, readout in enumerate(readouts(scene, line)):
            room = widths[column] - (style.SWATCH if column == 0 else 0)
            needed = max(style.wide(readout.label), *(style.wide(said, style.VALUE) for said in readout.frames))
            assert needed <= room + 0.5 or sum(widths) < style.WIDTH


def test_columns_share_what_is_left_and_what_is_missing():
    assert column_widths(Reading("a", (None,) * 4), 340) == [85.0] * 4
    even = column_widths(Reading("a", (None,) * 3, widths=(5.0, 5.0, 5.0)), 292)
    assert even == pytest.approx([100.0] * 3)
    tight = column_widths(Reading("a", (None,) * 2, widths=(90.0, 30.0)), 292)
    assert sum(tight) == pytest.approx(300)
    assert tight[0] > 2.5 * tight[1]


def test_a_label_is_cut_in_a_film_only_where_it_has_no_room(problem):
    def width(label):
        """How far to the right a label of a row is inked."""
        frame = raster.last(moving(nothing, label=label, slots=[0]), density=1)
        return where(frame[: style.PAD + style.HEADER], style.LIGHT["ink"], 60)[:, 1].max()

    assert width("i" * 50) == pytest.approx(50 * width("i" * 20) / 20, rel=0.1)  # narrow letters, all there
    assert width("W" * 50) <= style.WIDTH - style.PAD


def test_read_outs_of_a_table_line_up_with_one_that_explodes(problem):
    runs = {f"lr {lr}": train(problem, lr=lr, steps=60) for lr in (0.1, 1.4)}
    table = AnimationTable(runs, [LossCurve()], name="a")
    assert len({row.readings[0].widths for row in table.scene().rows}) == 1
    assert table["lr 0.1"].scene().rows == (table.scene().rows[0],)


def crossings(panel):
    """How many curves or other labels each thin line to a label meets."""
    thin = [mark.frames[0] for mark in of(panel, Line, "level")]
    curves = [mark.frames[0] for mark in of(panel, Line) if mark.role != "level"]

    def pixels(points):
        at = [(panel.x.fraction(x) * style.ACROSS, panel.y.fraction(y) * panel.height) for x, y in points]
        path = np.array(at)
        return np.concatenate([np.linspace(a, b, 200) for a, b in itertools.pairwise(path)])

    for line in thin:
        drawn = pixels(line)
        away = np.hypot(*(drawn - drawn[0]).T)
        beyond = drawn[away > 5]  # it begins at its own curve
        near = [np.hypot(*(pixels(curve)[:, None] - beyond[None, ::2]).T).min() for curve in curves]
        yield sum(distance < 1.0 for distance in near)


NEAR = {
    "parallel": {f"curve {k}": (np.arange(50), 10 - np.arange(50) / 10 + 0.2 * k) for k in range(4)},
    "fan": {f"a longer name {k}": (np.arange(30), k * np.arange(30) / 8 + 3) for k in range(6)},
    "waves": {f"wave {k}": (np.arange(200), np.sin(np.arange(200) / 9 + k / 3)) for k in range(4)},
    "falling": {f"batch {2**k}": (np.arange(60), 9 * 0.9 ** (np.arange(60) * (1 + k / 9))) for k in range(6)},
}


@pytest.mark.parametrize(("name",), audited(zip(NEAR, strict=True), ("fan",), ("falling",)))
def test_no_thin_line_to_a_label_crosses_a_curve_that_it_can_avoid(name):
    panel = drawn(Curves(NEAR[name], x_label="x", y_label="y", title="t"))
    crossed = sum(map(bool, crossings(panel)))
    assert crossed == 0
    known = list(boxes(panel))
    for k, (_, (left, low, right, high)) in enumerate(known):
        assert not any(a < right and left < c and b < high and low < d for _, (a, b, c, d) in known[:k])


def test_a_thin_line_knows_what_it_crosses():
    level = np.stack([np.arange(200.0), np.full(200, 50.0)], axis=1)
    spot = labels.Spot((80.0, 90.0), "left", 0.0, (60.0, 50.0))
    assert not labels._crosses(spot, level, np.empty((0, 2)), [])
    assert labels._crosses(spot, level, level + np.array([0, 20]), [])
    assert labels._crosses(spot, level, np.empty((0, 2)), [(60.0, 65.0, 90.0, 80.0)])


def put(page, shown, width):
    """Show a figure alone, at a width in CSS pixels."""
    page.context.set_offline(True)
    page.set_content(f'<!doctype html><body style="margin: 0; width: {width}px">{shown._repr_html_()}')
    page.wait_for_selector(".sgd-border")


CUT = """() => [...document.querySelectorAll(".sgd-reading dt, .sgd-reading dd")]
    .filter(one => one.scrollWidth > one.clientWidth + 1).map(one => one.textContent)"""
FREE = """() => [...document.querySelectorAll(".sgd-reading")].map(line => [...line.children].map(column =>
    column.clientWidth - Math.max(...[...column.children].map(one => {
        const words = document.createRange(); words.selectNodeContents(one); return words.getBoundingClientRect().width;
    }))))"""


@pytest.mark.parametrize("width", [320, 360, 700])
def test_the_player_cuts_no_read_out_beside_free_space(page, wordy, width):
    put(page, wordy, width)
    cut, free = page.evaluate(CUT), page.evaluate(FREE)
    # columns are made for letters of an average width, so that one may have a little to spare where another lacks it
    assert not cut or max(min(column) for column in zip(*free, strict=True)) < 25, (cut, free)
    if width >= 700:
        assert not cut
    lefts = page.evaluate("""() => [...document.querySelectorAll(".sgd-reading")].map(line =>
        [...line.children].map(column => Math.round(column.getBoundingClientRect().left)))""")
    assert lefts[0] == lefts[1]


def test_fine_cells_touch_in_the_player(page):
    for count, gaps in ((60, False), (5, True)):
        put(page, fine(count), 360)
        box = page.locator(".sgd-panel").first.bounding_box()
        shot = page.screenshot(clip=box, type="png")
        panel = fine(count).scene().rows[0].panels[0]
        pixels = np.asarray(Image.open(io.BytesIO(shot)).convert("RGB"))
        (r0, c0), (r1, c1) = (
            np.round(place(panel, *at, 0, 1)).astype(int) for at in ((0.5, count - 1.5), (count - 1.5, 0.5))
        )
        white = (pixels[r0 + 2 : r1 - 2, c0 + 2 : c1 - 2].min(axis=-1) > 230).mean()
        assert (white > 0) == gaps


def test_the_player_places_extreme_numbers_where_the_scene_says(page):
    extremes = {
        "x": ([-LARGEST, 0.0, LARGEST], [1e-10, 1.0, 1e300]),
        "y": ([-1e308, 1e307, 1e308], [1e300, 1e-5, 1e-10]),
    }
    view = Curves(extremes, x_label="a", y_label="b", title="t", y_log=True)
    put(page, Figure([view]), 360)
    panel = drawn(view)
    placed = page.evaluate('() => [...document.querySelectorAll(".sgd-line")].map(path => path.getAttribute("d"))')
    paths = [np.array(re.findall(r"[ML](-?[\d.]+) (-?[\d.]+)", d), dtype=float) for d in placed]
    size = page.evaluate('() => document.querySelector(".sgd-plot").width.baseVal.value')
    for mark in of(panel, Line, "model"):
        wanted = [(panel.x.fraction(x) * size, (1 - panel.y.fraction(y)) * panel.height) for x, y in mark.frames[0]]
        assert any(path.shape == (3, 2) and np.abs(path - wanted).max() < 0.02 for path in paths)
