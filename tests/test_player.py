"""The player, in a real browser: alone on a page, in a notebook, and in the built site."""

from __future__ import annotations

import json
import math
import re
from itertools import product

import nbformat
import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from helpers.browser import frame_of, go, put
from helpers.cases import audited
from helpers.colours import luminance
from helpers.scenes import ONE_OF_EACH, moving, nothing, of, panels, readouts
from helpers.sites import POST, build, project, served
from nbconvert import HTMLExporter

from sgdlib import Animation, AnimationTable, Figure, LineFit, LossCurve, ParameterPlane, Scatter, train
from sgdlib.render import raster, web
from sgdlib.scene import MARKS, Line, Points, Trail, style

VIEWS = [LineFit(), ParameterPlane(), LossCurve()]
LAST = 100


@pytest.fixture(scope="module")
def table(problem):
    runs = {f"batch size {size}": train(problem, batch_size=size, steps=20) for size in (1, 16, 100)}
    return AnimationTable(runs, VIEWS, name="sizes")


@pytest.fixture
def lively(chromium):
    """A page of a reader who did not ask for less motion."""
    context = chromium.new_context(viewport={"width": 1280, "height": 900}, reduced_motion="no-preference")
    yield context.new_page()
    context.close()


# what stands in each plot: its size, and the class and path of each thing drawn in it
DRAWN = """() => [...document.querySelectorAll(".sgd-panel:has(svg)")].map(panel => {
    const plot = panel.querySelector(".sgd-plot"), box = panel.getBoundingClientRect();
    return {
        width: plot.width.baseVal.value, height: plot.height.baseVal.value,
        top: box.top + plot.y.baseVal.value, left: box.left + plot.x.baseVal.value,
        paths: [...panel.querySelectorAll(".sgd-plot path:not(.sgd-pointed)")].map(path => ({
            kind: path.getAttribute("class"), d: path.getAttribute("d"),
        })),
    };
})"""
NUMBER = r"-?[\d.]+(?:e-?\d+)?"


def vertices(d):
    return [(float(x), float(y)) for x, y in re.findall(rf"[ML]({NUMBER}) ({NUMBER})", d)]


def centres(d):
    """Of the circles and squares in a path."""
    circles = re.findall(rf"M({NUMBER}) ({NUMBER})a({NUMBER})", d)
    squares = re.findall(rf"M({NUMBER}) ({NUMBER})h({NUMBER})v", d)
    return [(float(x) + float(r), float(y)) for x, y, r in circles] + [
        (float(x) + float(side) / 2, float(y) + float(side) / 2) for x, y, side in squares
    ]


def expected(mark, panel, frame, plot):
    """Where the scene says that a mark's points are, in the plot's pixels."""

    def place(point):
        x, y = panel.x.fraction(point[0]), panel.y.fraction(point[1])
        return (x * plot["width"], (1 - y) * plot["height"])

    if mark.kind == "trail":
        return [place(point) for point in mark.path[: mark.shown[frame]]]
    return [place(point) for point in (mark.frames[frame] if len(mark.frames) > 1 else mark.frames[0])]


@pytest.mark.parametrize("width", [360, 700])
@pytest.mark.parametrize("frame", [0, 7, 20])
def test_marks_are_where_the_scene_says(page, pair, width, frame):
    put(page, pair, width=width)
    go(page, frame)
    compared = 0
    for panel, plot in zip(panels(pair.scene()), page.evaluate(DRAWN), strict=True):
        lines = [vertices(path["d"]) for path in plot["paths"] if "sgd-line" in path["kind"]]
        spots = [centres(path["d"]) for path in plot["paths"] if re.search("sgd-(dot|ring|square)", path["kind"])]
        for mark in panel.marks:
            if mark.kind == "words" or (mark.kind == "points" and mark.shape == "cross"):
                continue
            wanted = expected(mark, panel, frame, plot)
            if not wanted:
                continue
            found = spots if mark.kind == "points" else lines
            same = [got for got in found if len(got) == len(wanted) and np.abs(np.subtract(got, wanted)).max() <= 0.5]
            assert same, (mark.kind, mark.role)
            if mark.kind == "trail":
                assert any(np.abs(np.subtract(got, wanted[-1:])).max() <= 0.5 for got in spots if len(got) == 1)
            compared += len(wanted)
    assert compared > 100


@pytest.mark.parametrize("frame", [0, 1])
@pytest.mark.parametrize(
    "mark",
    [
        lambda plot: plot.mark("a", Points(role="truth", size=10), [[(0.2, 0.3)], [(0.7, 0.6)]]),
        lambda plot: plot.mark("a", Line(role="truth", width=3), [[(0.1, 0.1), (0.9, 0.4)], [(0.2, 0.8), (0.6, 0.2)]]),
        lambda plot: plot.mark("a", Trail(role="truth", width=3), [(0.1, 0.5), (0.5, 0.9), (0.9, 0.1)]),
        lambda plot: plot.band(
            "a", np.array([(0.1, 0.4), (0.5, 0.3), (0.9, 0.1)]), np.array([(0.1, 0.5), (0.5, 0.9), (0.9, 0.8)]), "truth"
        ),
        lambda plot: plot.cells(
            "a", (0.2, 0.4, 0.8), (0.3, 0.5, 0.9), [(0.2, 0.5), (0.7, 1.0)], [("a", "b"), ("c", "")]
        ),
    ],
    ids=["points", "line", "path", "band", "cells"],
)
def test_marks_are_where_the_film_has_them(page, mark, frame):
    scene = moving(mark, slots=(1, 2))
    put(page, web.embedded(scene), width=style.WIDTH)
    go(page, frame)
    (plot,) = page.evaluate(DRAWN)
    (panel,) = scene.rows[0].panels
    top = raster.size(scene)[1] - raster.panel_height(panel) + style.TITLE
    drawn, without = (raster.Stage(each).frame(frame).astype(int) for each in (scene, moving(nothing, slots=(1, 2))))
    pixels = np.argwhere(np.abs(drawn - without).max(axis=-1) > 100)
    box = page.evaluate(
        """() => { const all = [...document.querySelectorAll(".sgd-plot path:not(.sgd-pointed)")].map(path => {
                const box = path.getBBox(), line = path.matches(".sgd-line");
                // half a line's width is outside its points; of a point, half a pixel is its white edge
                const more = line ? Number(path.getAttribute("stroke-width")) / 2 : -0.5;
                const beside = line ? 0 : -0.5;
                return [box.y - more, box.x - beside, box.y + box.height + more, box.x + box.width + beside]; });
            return [0, 1, 2, 3].map(k => (k < 2 ? Math.min : Math.max)(...all.map(box => box[k]))); }"""
    )
    assert plot["width"] == style.WIDTH - style.MARGIN_LEFT - style.MARGIN_RIGHT
    drawn = [*(pixels.min(axis=0) / style.DENSITY), *((pixels.max(axis=0) + 1) / style.DENSITY)]
    seen = np.add(box, (top, style.MARGIN_LEFT, top, style.MARGIN_LEFT))
    # a line's ends are butt in one and stand out by their slant in the other; its middle is the same
    middle = [(np.array(one)[:2] + np.array(one)[2:]) / 2 for one in (drawn, seen)]
    assert np.abs(middle[0] - middle[1]).max() <= 0.5
    assert np.abs(np.array(drawn) - seen).max() <= 2


@pytest.mark.parametrize("kind", MARKS)
def test_every_kind_of_mark_is_drawn_by_the_player(page, kind):
    put(page, web.embedded(moving(ONE_OF_EACH[kind])), width=style.WIDTH)
    go(page, 1)
    inked = page.evaluate(
        """() => [...document.querySelectorAll(".sgd-plot :is(path:not(.sgd-pointed), text)")]
            .map(node => node.getBBox()).filter(box => box.width > 10 && box.height > 5).length"""
    )
    assert inked
    assert page.locator(".sgd-trouble").count() == 0


@pytest.mark.parametrize("theme", ["default", "slate"])
def test_words_in_cells_stand_out_in_both_palettes(page, theme):
    count = 41
    edges = tuple(k / count for k in range(count + 1))
    values = [k / (count - 1) for k in range(count)]
    scene = moving(lambda plot: plot.cells("a", edges, (0.0, 1.0), [values], [["8"] * count]), slots=[0])
    put(page, web.embedded(scene), width=700)
    page.evaluate(f"document.body.setAttribute('data-md-color-scheme', '{theme}')")
    colours = page.evaluate(
        """() => { const canvas = new OffscreenCanvas(1, 1).getContext("2d", {willReadFrequently: true});
            const plain = colour => { canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1);
                return `rgb(${[...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3).join(", ")})`; };
            return [".sgd-cell", ".sgd-on"].map(one =>
                [...document.querySelectorAll(one)].map(node => plain(getComputedStyle(node).fill))); }"""
    )
    assert len(colours[0]) == len(colours[1]) == count
    shades, inks = ([luminance(one) for one in each] for each in colours)
    for pair in zip(shades, inks, strict=True):
        assert (max(pair) + 0.05) / (min(pair) + 0.05) >= 4.5
    assert shades == sorted(shades, reverse=theme == "default")


def test_the_last_frame_is_there_at_once_and_the_read_outs_are_text(page, animation):
    put(page, animation)
    run = animation.runs["batch size 16"]
    assert frame_of(page) == LAST
    reading = page.locator(".sgd-reading").inner_text()
    assert re.split(r"\s+", reading) == ["step", "100", "slope", "2.85", "intercept", "10.03", "loss", "0.2396"]
    assert run.loss[0, -1] == pytest.approx(0.2396, abs=5e-5)
    assert page.locator("img").count() == 0


def test_the_controls_drive_the_clock(page, animation):
    put(page, animation)
    page.get_by_label("Restart").click()
    assert frame_of(page) == 0
    page.get_by_label("One step forward").click()
    page.get_by_label("One step forward").click()
    assert frame_of(page) == 2
    page.get_by_label("One step back").click()
    assert frame_of(page) == 1
    page.get_by_label("Step", exact=True).fill("37")
    assert page.locator(".sgd-count").inner_text() == "step 37"
    assert page.locator(".sgd-reading dd").first.inner_text() == "37"


def test_the_keyboard_walks_through_all_of_it(page, animation):
    put(page, '<a href="#here" id="before">before</a>', animation)
    page.locator("#before").focus()
    names = []
    for _ in range(6):
        page.keyboard.press("Tab")
        names.append(page.evaluate("document.activeElement.getAttribute('aria-label')"))
        outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert outline == "solid", names
    assert names == ["Step", "Restart", "One step back", "Play", "One step forward", "Speed"]
    page.get_by_label("Step", exact=True).focus()
    for key, frame in (("Home", 0), ("ArrowRight", 1), ("ArrowRight", 2), ("ArrowLeft", 1), ("End", LAST)):
        page.keyboard.press(key)
        assert frame_of(page) == frame, key
    page.keyboard.press("Home")
    page.keyboard.press("ArrowLeft")
    assert frame_of(page) == 0
    page.keyboard.press(" ")
    page.wait_for_function("document.querySelector('.sgd-scrub').value > 2")
    page.keyboard.press(" ")
    rests = frame_of(page)
    page.wait_for_timeout(300)
    assert frame_of(page) == rests
    page.get_by_role("button", name="Play", exact=True).focus()
    page.keyboard.press("ArrowRight")
    assert frame_of(page) == rests + 1
    page.keyboard.press(" ")
    page.wait_for_function(f"document.querySelector('.sgd-scrub').value > {rests + 2}")


def test_keys_do_not_reach_what_is_around_a_player(page, animation):
    put(page, animation)
    page.evaluate("addEventListener('keydown', event => (window.heard = [...(window.heard ?? []), event.key]))")
    page.get_by_label("Step", exact=True).focus()
    for key in (" ", "ArrowLeft", "Home", "a"):
        page.keyboard.press(key)
    assert page.evaluate("window.heard") == ["a"]
    page.get_by_label("Speed").focus()
    page.keyboard.press("ArrowDown")
    assert page.get_by_label("Speed").input_value() == "2"


def test_what_is_said_is_said_at_rest_and_not_on_every_frame(page, animation):
    put(page, animation)
    status = page.get_by_role("status")
    assert status.inner_text() == ""
    page.get_by_label("Step", exact=True).focus()
    page.keyboard.press("Home")
    assert status.text_content() == "step 0, slope −1.00, intercept 1.00, loss 88.58"
    assert page.get_by_label("Step", exact=True).get_attribute("aria-valuetext") == status.text_content()
    page.evaluate(
        """() => { window.changes = 0; const slider = document.querySelector(".sgd-scrub");
            const count = new MutationObserver(list => (window.changes += list.length));
            const said = document.querySelector("[role=status]");
            count.observe(said, {childList: true, characterData: true, subtree: true});
            count.observe(slider, {attributeFilter: ["aria-valuetext"]}); }"""
    )
    page.keyboard.press(" ")
    page.wait_for_function("document.querySelector('.sgd-scrub').value > 15")
    assert page.evaluate("window.changes") <= 1  # the slider says once that it plays
    page.keyboard.press(" ")
    assert status.text_content().startswith(f"step {frame_of(page)}, slope")


@pytest.mark.parametrize("speed", ["0.25", "0.5", "1", "4"])
def test_the_speed_can_be_chosen(page, animation, speed):
    page.clock.install()  # its time passes when told to, whatever the machine does meanwhile
    put(page, animation)
    page.get_by_label("Speed").select_option(speed)
    go(page, 40)
    page.clock.pause_at((page.evaluate("Date.now()") + 1000) / 1000)
    page.get_by_role("button", name="Play", exact=True).click()
    page.clock.run_for(10 * style.FRAME_MS)
    tick = float(speed) * 16 / style.FRAME_MS  # in frames; playing begins between two ticks
    assert abs(frame_of(page) - 40 - 10 * float(speed)) <= 1 + tick


def test_a_table_moves_as_one(page, table):
    page.set_viewport_size({"width": 1280, "height": 2500})
    put(page, table)
    sliders = page.locator("input[type=range]")
    assert sliders.count() == 4
    assert [slider.get_attribute("aria-label") for slider in sliders.all()] == [
        "Step",
        *(f"Step, batch size {size}" for size in (1, 16, 100)),
    ]

    def frames():
        steps = page.locator(".sgd-reading > div:first-child dd").all_inner_texts()
        return {slider.input_value() for slider in sliders.all()} | set(steps)

    sliders.nth(2).fill("7")
    assert frames() == {"7"}
    sliders.nth(0).fill("3")
    assert frames() == {"3"}
    page.get_by_label("One step back").click()
    assert frames() == {"2"}
    sliders.nth(3).focus()
    page.keyboard.press("End")
    assert frames() == {"20"}
    page.get_by_role("button", name="Play", exact=True).click()
    page.wait_for_function("(({ value }) => value >= 4 && value < 20)(document.querySelector('.sgd-scrub'))")
    page.evaluate("document.querySelector('[aria-label=Pause]').click()")
    assert len(frames()) == 1


@pytest.mark.parametrize(("panel", "frame"), [(1, 5), (2, 50)], ids=["path", "curve"])
def test_pointing_reads_out_a_step_and_clicking_goes_there(page, animation, panel, frame):
    put(page, animation)
    shown = panels(animation.scene())[panel]
    plot = page.evaluate(DRAWN)[panel]
    (trail,) = of(shown, Trail)
    x, y = expected(trail, shown, frame, plot)[-1]
    away = 2 if panel == 1 else -30  # anywhere above a step of the curve means that step
    page.mouse.move(plot["left"] + x, plot["top"] + y + away)
    reading = readouts(animation.scene())
    assert page.locator(".sgd-tip").inner_text() == ", ".join(f"{r.label} {r.frames[frame]}" for r in reading)
    page.mouse.click(plot["left"] + x, plot["top"] + y + away)
    assert frame_of(page) == frame
    page.keyboard.press("ArrowRight")  # and the keyboard goes on from there
    assert frame_of(page) == frame + 1
    page.mouse.move(0, 0)
    assert not page.locator(".sgd-tip").is_visible()


def rests(page):
    """Wait until nothing asks to be drawn for a while, which ``window.ticks`` counts."""
    page.wait_for_function(
        """() => { const before = window.ticks;
        return new Promise(done => setTimeout(() => done(window.ticks === before), 400)); }""",
        polling=100,  # not at each drawing, which would be asked for, too
    )


def test_it_plays_once_when_it_comes_into_view_and_rests(lively, animation):
    put(
        lively,
        '<p style="height: 3000px">far above</p>',
        animation,
        '<p style="height: 3000px">far below</p>',
        near=False,
    )
    lively.evaluate(
        """() => { window.ticks = 0; const ask = requestAnimationFrame;
        window.requestAnimationFrame = act => { window.ticks++; return ask(act); } }"""
    )
    rests(lively)
    lively.locator("sgd-player").scroll_into_view_if_needed()
    lively.evaluate("document.querySelector('sgd-player').scrollIntoView({block: 'center'})")
    lively.wait_for_function("document.querySelector('.sgd-scrub')?.value < 20")
    lively.wait_for_function("document.querySelector('.sgd-scrub').value > 20")
    lively.evaluate("scrollTo(0, 0)")
    rests(lively)  # off screen it spends nothing
    assert frame_of(lively) < LAST
    lively.evaluate("document.querySelector('sgd-player').scrollIntoView({block: 'center'})")
    lively.wait_for_function(f"document.querySelector('.sgd-scrub').value == {LAST}")
    assert lively.get_by_role("button", name="Play", exact=True).count() == 1
    lively.evaluate("scrollTo(0, 0)")
    lively.wait_for_timeout(200)
    lively.evaluate("document.querySelector('sgd-player').scrollIntoView({block: 'center'})")
    lively.wait_for_timeout(400)
    assert frame_of(lively) == LAST


def test_twenty_players_keep_their_own_time(page, pair):
    troubles = []
    page.on("pageerror", lambda error: troubles.append(str(error)))
    put(page, *[pair] * 20)
    page.evaluate("scrollTo(0, document.documentElement.scrollHeight / 2)")
    page.wait_for_function("document.querySelectorAll('.sgd-plot').length >= 18")
    one = page.get_by_label("Step", exact=True).nth(18)
    one.scroll_into_view_if_needed()
    one.fill("4")
    one.focus()
    page.keyboard.press("ArrowRight")
    assert [frame_of(page, k) for k in range(20)] == 18 * [20] + [5, 20]
    assert page.locator(".sgd-bar").count() == 20
    assert troubles == []


def test_moving_a_player_elsewhere_does_no_harm(page, animation):
    put(page, animation, '<main id="elsewhere"></main>')
    go(page, 12)
    page.evaluate("document.querySelector('#elsewhere').append(document.querySelector('sgd-player'))")
    assert frame_of(page) == 12
    page.get_by_label("One step forward").click()
    assert page.locator(".sgd-reading dd").first.inner_text() == "13"
    assert page.locator(".sgd-bar").count() == 1


@pytest.mark.parametrize(("width",), audited([(320,), (360,), (700,)], (360,)))
def test_it_takes_the_room_that_was_kept_for_it(typeset_page, table, animation, width):
    page = typeset_page
    for shown in (animation, table):
        scene = shown.scene()
        empty = web.player("x", "none.json", "").replace("</sgd-player>", "")
        page.set_content("<p></p>")
        heights = []
        for html in (shown._repr_html_().replace(web.script(), ""), shown._repr_html_()):
            put_raw = re.sub(r"<picture>.*?</picture>", "", html).replace(" sgd-still", "")  # as in a page of the site
            page.set_content(f'<body style="margin: 0; width: {width}px">{put_raw}')
            page.wait_for_timeout(300)
            heights.append(page.evaluate("document.querySelector('sgd-player').getBoundingClientRect().height"))
        assert heights[0] == heights[1], (type(shown), len(scene.rows), empty)


def test_words_can_be_read_on_a_phone_and_panels_stack(typeset_page, animation):
    page = typeset_page
    put(page, animation, width=360)
    sizes = page.evaluate(
        """() => [...document.querySelectorAll("sgd-player *")]
            .filter(one => [...one.childNodes].some(node => node.nodeType == 3 && node.textContent.trim()))
            .filter(one => !one.matches("script"))
            .map(one => parseFloat(getComputedStyle(one).fontSize))"""
    )
    assert len(sizes) > 30
    assert min(sizes) >= 11
    plots = page.evaluate(DRAWN)
    assert len({plot["left"] for plot in plots}) == 1
    assert [plot["top"] for plot in plots] == sorted(plot["top"] for plot in plots)
    assert page.evaluate("document.documentElement.scrollWidth") <= 1280
    put(page, animation, width=700)
    assert len({plot["top"] for plot in page.evaluate(DRAWN)}) == 2


def test_a_finger_finds_every_control(typeset, table):
    context = typeset.new_context(viewport={"width": 360, "height": 800}, has_touch=True, is_mobile=True)
    page = context.new_page()
    put(page, '<meta name="viewport" content="width=device-width">', table)
    for control in page.locator("button, select, input").all():
        box = control.bounding_box()
        assert min(box["width"], box["height"]) >= 44, control
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    context.close()


def test_runs_that_share_a_panel_differ_by_more_than_colour(page, pair):
    put(page, pair)
    marks = page.locator(".sgd-panel").nth(1).locator(".sgd-trail")
    assert len({mark.get_attribute("stroke-dasharray") for mark in marks.all()}) == 2
    assert page.locator(".sgd-swatch").count() == 2


BAD = {
    "malformed": ("{", "its data are damaged or could not be read"),
    "of another format": ('{"format": "sgdlib scene 1"}', "of the format “sgdlib scene 1”, not"),
    "not a scene": ("null", "of the format “undefined”, not"),
    "without rows": ('{"format": "sgdlib scene 3", "steps": [0], "title": "t"}', "damaged"),
    "missing": (None, "its data are missing (404)"),
}


@pytest.mark.parametrize(("text", "message"), BAD.values(), ids=BAD)
def test_what_cannot_be_shown_says_so_and_the_rest_works(page, animation, tmp_path, text, message):
    if text is not None:
        (tmp_path / "bad.json").write_text(text)
    (tmp_path / "good.json").write_text(animation.scene().to_text())
    (tmp_path / "404.html").write_text("none")
    stage = web.stage(0, 1, [200, 200, 200], "A film.") + web.BAR
    (tmp_path / "index.html").write_text(
        f"<!doctype html><meta charset=utf-8><title>t</title><style>{web.stylesheet()}</style>"
        f"{web.player('bad', 'bad.json', stage)}"
        f"{web.player('good', 'good.json', stage)}<script>{web.script()}</script>"
    )
    with served(tmp_path, "/") as site:
        page.goto(site.address)
        page.wait_for_selector(".sgd-border")
        bad, good = page.locator("sgd-player").all()
        assert "This figure cannot be shown: " in bad.inner_text()
        assert message in bad.inner_text()
        assert bad.locator("button").count() == 0
        good.get_by_label("Restart").click()
        assert good.locator(".sgd-count").inner_text() == "step 0"


def test_a_run_that_is_no_longer_finite_is_drawn_as_far_as_it_goes(page, problem):
    troubles = []
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.on("console", lambda said: troubles.append(said.text) if said.type == "error" else None)
    run = train(problem, lr=1e30, steps=30)
    assert not math.isfinite(run.loss[0, -1])
    put(page, Animation({"lost": run}, VIEWS))
    assert "no longer finite" in page.locator(".sgd-words").all_text_contents()
    assert "NaN" not in page.locator("sgd-player").inner_html()
    go(page, 1)
    assert any("off the picture" in words for words in page.locator(".sgd-words").all_text_contents())
    assert troubles == []


STRANGE = [
    "<script>window.hacked = 1</script>",
    '"><img src=x onerror="window.hacked = 1">',
    "</script><script>window.hacked = 1</script>",
    "Tom & \"Jerry\" 'n' &amp;",
    "𝔸 beyond the first plane",
    "שלום עולם",
    "{{ braces }} [a](b) *c*",
]


@pytest.mark.parametrize("words", STRANGE)
def test_any_name_is_shown_as_text_in_a_notebook(page, problem, words):
    if not re.search("[a-z]", words):
        words += " x"  # a row needs such letters, for these name its files
    runs = {words: train(problem, steps=5), "other": train(problem, steps=5, seed=1)}
    put(
        page, Animation(runs, [LossCurve()], title=words, caption=words), AnimationTable(runs, [LossCurve()], title="t")
    )
    assert page.locator(".sgd-reading dt").first.inner_text() == words
    assert page.locator("figcaption").first.inner_text() == f"{words}. {words}"
    assert words in page.locator("strong").all_inner_texts()
    assert words in page.get_by_label(f"Step, {words}", exact=True).get_attribute("aria-label")
    assert page.evaluate("window.hacked") is None
    assert page.locator("img").count() == 0


SCRIPT = '''"""
# A figure

With an introduction.
"""

# %%

from sgdlib import Animation, AnimationTable, LeastSquares, LossCurve, noisy_line, train

words = {words!r}
problem = LeastSquares(noisy_line())
runs = {{words: train(problem, steps=3), "other": train(problem, steps=3, seed=1)}}
Animation(runs, [LossCurve()], title=words, caption=words, name="strange")

# %%

AnimationTable(runs, [LossCurve()], title=words, caption=words, name="table", notes={{words: words}})
'''


@pytest.mark.audit
def test_any_name_is_shown_as_text_in_a_page(page, tmp_path):
    # rows need letters in their labels, for these name their files
    strange = [words if re.search("[a-z]", words) else f"{words} x" for words in STRANGE]
    scripts = {f"plot_{k}_a.py": SCRIPT.format(words=words) for k, words in enumerate(strange)}
    scripts = {
        name: text.replace('"strange"', f'"strange-{name[5]}"').replace('"table"', f'"table-{name[5]}"')
        for name, text in scripts.items()
    }
    scripts = {name: text.replace("# A figure", f"# Figure {name[5]}") for name, text in scripts.items()}
    with served(tmp_path / "site", "/") as site:
        done = build(project(tmp_path / "project", scripts), tmp_path / "site", site.address)
        assert done.returncode == 0, done.stdout
        for k, words in enumerate(strange):
            page.goto(f"{site.address}gallery/plot_{k}_a/")
            page.wait_for_selector(".sgd-border")
            page.locator(".sgd-table").scroll_into_view_if_needed()
            assert page.locator(".sgd-reading dt").first.inner_text() == words
            assert page.locator("figcaption").first.inner_text().startswith(f"{words}. {words}")
            assert page.locator(".sgd-heading").inner_text().split("\n")[0].strip() == words
            assert page.locator(".sgd-table td").first.inner_text() == words
            assert page.evaluate("window.hacked") is None


def test_in_jupyter_it_is_the_player(page, animation):
    """Jupyter puts a cell's HTML in by innerHTML and makes its scripts anew, so that they run."""
    page.context.set_offline(True)
    page.set_content("<!doctype html><title>t</title><div id=one></div><div id=two></div>")
    for place in ("one", "two"):
        page.evaluate(
            """([place, html]) => {
                const cell = document.getElementById(place);
                cell.innerHTML = html;
                for (const old of cell.querySelectorAll("script")) {
                    const script = document.createElement("script");
                    for (const { name, value } of old.attributes) script.setAttribute(name, value);
                    script.textContent = old.textContent;
                    old.replaceWith(script);
                }
            }""",
            [place, animation._repr_html_()],
        )
    page.wait_for_selector("#one .sgd-border")
    page.locator("#two").get_by_label("Restart").click()
    assert (frame_of(page, 0), frame_of(page, 1)) == (LAST, 0)


def test_in_a_notebook_made_into_a_page_it_is_the_player(chromium, animation, problem, tmp_path):
    cells = []
    for shown in (animation, Figure([Scatter(problem.data)])):
        cell = nbformat.v4.new_code_cell("shown")
        cell.outputs = [nbformat.v4.new_output("display_data", data={"text/html": shown._repr_html_()})]
        cells.append(cell)
    body, _ = HTMLExporter().from_notebook_node(
        nbformat.v4.new_notebook(
            cells=cells, metadata={"language_info": {"name": "python", "pygments_lexer": "python"}}
        )
    )
    (tmp_path / "notebook.html").write_text(body, encoding="utf-8")
    context = chromium.new_context(viewport={"width": 1000, "height": 900}, reduced_motion="reduce", offline=True)
    page = context.new_page()
    page.goto((tmp_path / "notebook.html").as_uri(), wait_until="commit")
    page.wait_for_selector(".sgd-border")
    page.get_by_label("Restart").click()
    assert page.locator(".sgd-reading dd").first.inner_text() == "0"
    page.locator("sgd-player").nth(1).scroll_into_view_if_needed()
    page.wait_for_selector("sgd-player:nth-of-type(1) .sgd-ring")
    assert len(centres(page.evaluate(DRAWN)[-1]["paths"][0]["d"])) == 100
    context.close()


def test_where_no_script_runs_a_notebook_has_the_last_frame(chromium, animation):
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.set_content(animation._repr_html_())
    box = page.locator("img").bounding_box()
    assert (box["width"], box["height"]) == raster.size(animation.scene())
    assert not page.locator(".sgd-bar").is_visible()
    context.close()


# in the built site


def drawn_all(page):
    """Scroll to what is not drawn yet, until every player has drawn every row."""
    page.wait_for_function(
        """() => {
            const left = [...document.querySelectorAll(".sgd-row")].find(row => !row.querySelector(".sgd-plot"));
            left?.scrollIntoView({ block: "center", behavior: "instant" });
            return !left;
        }"""
    )
    page.evaluate("scrollTo({ top: 0, behavior: 'instant' })")


def test_with_scripts_no_image_of_a_figure_is_requested(site, page):
    requested = []
    page.on("request", lambda request: requested.append(request.url))
    page.goto(site.address + POST)
    drawn_all(page)
    assert not [url for url in requested if re.search(r"/figures/.*\.(gif|webp|png)$", url)]
    assert len([url for url in requested if "/figures/" in url]) == 7  # a table's rows share one file


def test_a_link_opens_a_figure_at_its_frame(site, page):
    page.goto(site.address + POST + "#learning-rates@37")
    figure = page.locator("#figure-learning-rates")
    figure.locator(".sgd-border").first.wait_for()
    slider = figure.get_by_label("Step", exact=True)
    assert slider.input_value() == "37"
    assert -1 < figure.bounding_box()["y"] < 300
    page.evaluate(
        """document.body.insertAdjacentHTML('beforeend',
            '<a id=link href="#learning-rates-learning-rate-1-0@12">x</a>')"""
    )
    page.locator("#link").click()
    page.wait_for_function("document.querySelector('#figure-learning-rates .sgd-scrub')?.value == 12")
    row = page.locator("#figure-learning-rates-learning-rate-1-0")
    page.wait_for_function(
        "document.querySelector('#figure-learning-rates-learning-rate-1-0').getBoundingClientRect().top < 300"
    )
    assert row.locator(".sgd-reading dd").first.inner_text() == "12"
    page.goto(site.address + POST + "#learning-rates@1000")
    page.wait_for_function("document.querySelector('#figure-learning-rates .sgd-scrub')?.value == 100")
    slider.fill("20")
    link = figure.get_by_text("Link to this step")
    assert link.get_attribute("href") == "#learning-rates@20"


def test_a_figure_that_was_opened_at_a_frame_does_not_run_away(site, lively):
    lively.goto(site.address + POST + "#gradient-descent@37")
    lively.locator("#figure-gradient-descent .sgd-border").first.wait_for()
    lively.wait_for_timeout(1200)
    assert lively.locator("#figure-gradient-descent .sgd-scrub").input_value() == "37"


COLOURS = """() => [...document.querySelectorAll("sgd-player :is(.sgd-line, .sgd-points, .sgd-words)")].map(
    mark => { const style = getComputedStyle(mark);
        return mark.matches(".sgd-line, .sgd-ring, .sgd-cross") ? style.stroke : style.fill; })"""


def test_colours_follow_the_sites_switch_at_once_and_every_mark_can_be_seen(site, page):
    page.goto(site.address + "gallery/plot_3_sgd/")
    drawn_all(page)
    seen = {}
    for scheme in ("default", "slate"):
        assert page.evaluate("document.body.dataset.mdColorScheme") == scheme
        paper = luminance(page.evaluate("getComputedStyle(document.body).backgroundColor"))
        seen[scheme] = page.evaluate(COLOURS)
        assert len(set(seen[scheme])) >= 6
        for colour in set(seen[scheme]):
            low, high = sorted((luminance(colour), paper))
            assert (high + 0.05) / (low + 0.05) >= 3, (scheme, colour)
        page.locator("label[title^='Switch to']:visible").click()
    assert not set(seen["default"]) & set(seen["slate"])
    dark = tuple(int(style.DARK["model"][k : k + 2], 16) for k in (1, 3, 5))
    assert f"rgb{dark}" in seen["slate"]


def test_nothing_moves_for_a_reader_who_asked_for_less_motion(site, page):
    page.goto(site.address + POST)
    for figure in ("sgd", "learning-rates"):
        page.locator(f"#figure-{figure} .sgd-row").first.scroll_into_view_if_needed()
        page.locator(f"#figure-{figure} .sgd-border").first.wait_for()
        page.wait_for_load_state("networkidle")
        before = page.screenshot()
        page.wait_for_timeout(3000)
        assert page.screenshot() == before


@pytest.mark.parametrize(("motion", "suffix"), [("no-preference", ".gif"), ("reduce", ".png")])
def test_without_scripts_a_figure_is_an_image(site, chromium, motion, suffix):
    context = chromium.new_context(
        viewport={"width": 390, "height": 844}, java_script_enabled=False, reduced_motion=motion
    )
    page = context.new_page()
    page.goto(site.address + POST)
    images = page.locator("article img")
    assert images.count() == 5 + 4 + 8
    for image in images.all():
        assert 300 < image.bounding_box()["width"] <= 390
        assert len(image.get_attribute("alt")) > 20
    images.nth(2).scroll_into_view_if_needed()
    image = images.nth(2).element_handle()
    for _ in range(1200):  # it is fetched when it comes near, and no script can wait for that here
        if image.evaluate("image => image.currentSrc"):
            break
        page.wait_for_timeout(100)
    assert image.evaluate("image => image.currentSrc").endswith(f"sgd{suffix}")
    assert not page.locator(".sgd-bar").first.is_visible()
    assert not page.locator(".sgd-panel").first.is_visible()
    context.close()


def test_print_has_the_last_frame_and_no_controls(site, page):
    page.set_viewport_size({"width": 390, "height": 500})  # so that some panels of the figure are out of sight
    page.goto(site.address + POST)
    page.locator("#figure-sgd").scroll_into_view_if_needed()
    page.locator("#figure-sgd .sgd-border").first.wait_for()
    page.locator("#figure-sgd .sgd-scrub").fill("10")
    page.emulate_media(media="print")
    page.wait_for_function("document.querySelector('#figure-sgd .sgd-reading dd').textContent == '100'")
    assert page.locator(".sgd-row").count() == page.locator(".sgd-row:has(.sgd-plot)").count() == 17
    paths = page.locator("#figure-sgd .sgd-trail").evaluate_all("all => all.map(path => path.getAttribute('d'))")
    assert [len(vertices(path)) for path in paths] == 3 * [LAST + 1]
    assert page.locator(".sgd-bar:visible, .sgd-foot:visible, .sgd-take:visible").count() == 0
    page.emulate_media(media="screen")
    page.wait_for_function("document.querySelector('#figure-sgd .sgd-reading dd').textContent == '10'")


@pytest.mark.parametrize(("width", "scheme"), audited(product((320, 390, 1280), ("light", "dark")), (390, "light")))
def test_axe_finds_nothing(site, chromium, width, scheme):
    context = chromium.new_context(
        viewport={"width": width, "height": 900}, color_scheme=scheme, reduced_motion="reduce", has_touch=width < 600
    )
    page = context.new_page()
    for address in ("", "blog/", POST, "blog/how-large-is-the-jitter/", "gallery/", "gallery/plot_3_sgd/"):
        page.goto(site.address + address)
        drawn_all(page)
        found = Axe().run(page)
        assert found.violations_count == 0, found.generate_report()
    context.close()


def test_instant_navigation_there_and_back(site, lively):
    troubles = []
    lively.on("pageerror", lambda error: troubles.append(str(error)))
    lively.on("console", lambda said: troubles.append(said.text) if said.type in ("error", "warning") else None)
    lively.goto(site.address)
    lively.evaluate("window.same = true")
    lively.locator("#figure-sgd .sgd-border").first.wait_for()
    lively.get_by_role("link", name="Read the lesson").click()
    lively.locator("#figure-gradient-descent .sgd-panels").scroll_into_view_if_needed()
    lively.locator("#figure-gradient-descent .sgd-border").first.wait_for()
    lively.locator("#figure-gradient-descent").get_by_label("Restart").click()
    assert lively.locator("#figure-gradient-descent .sgd-count").inner_text() == "step 0"
    lively.go_back()
    lively.wait_for_selector("h1:has-text('SGD in motion')")
    lively.locator("#figure-sgd .sgd-border").first.wait_for()
    lively.locator("#figure-sgd").get_by_label("Restart").click()
    assert lively.locator("#figure-sgd .sgd-count").inner_text() == "step 0"
    assert lively.evaluate("window.same") is True
    assert lively.locator(".sgd-bar").count() == 1
    assert troubles == []


@pytest.mark.parametrize("width", [390, 1280])
def test_nothing_shifts_while_a_post_is_read(site, typeset, width):
    context = typeset.new_context(viewport={"width": width, "height": 844})
    page = context.new_page()
    page.add_init_script(
        """window.shifts = []; new PerformanceObserver(list => shifts.push(...list.getEntries().map(entry =>
            [entry.value, entry.sources.map(source => source.node?.outerHTML?.slice(0, 80))])))
            .observe({type: "layout-shift", buffered: true})"""
    )
    page.goto(site.address + POST)
    drawn_all(page)
    page.wait_for_timeout(500)
    assert page.evaluate("window.shifts") == []
    # on a slow line a page is drawn as far as it has come: what comes first must stand first
    beside, post = (page.locator(part).bounding_box() for part in (".md-sidebar--post", ".md-content--post > article"))
    assert beside["y"] + beside["height"] <= post["y"] or beside["x"] + beside["width"] <= post["x"]
    context.close()


def test_a_reader_can_take_everything_home(site, page):
    page.goto(site.address + POST)
    for name, table in (("sgd", False), ("learning-rates", True)):
        links = page.locator(f"#figure-{name} a[download]")
        kinds = [re.search(r"\.\w+$", link.get_attribute("href"))[0] for link in links.all()]
        films = [".gif", ".webp"] * (4 if table else 1)
        assert kinds == [*films, ".csv", ".json", ".py"]
        answers = {}
        for kind, link in zip(kinds, links.all(), strict=True):
            answers[kind] = page.context.request.get(link.evaluate("link => link.href"))
            assert answers[kind].ok
        assert answers[".gif"].body()[:6] == b"GIF89a"
        assert answers[".webp"].body()[8:12] == b"WEBP"
        assert answers[".csv"].text().startswith("run,step,loss,slope,intercept\n")
        assert json.loads(answers[".json"].text())["name"] == name
        assert "import" in answers[".py"].text()
    assert page.locator("#figure-data a[download]").count() == 4
