"""The player where others put it: on a scaled slide, in a page from right to left, in colours of a reader's own, in a
shadow root, and in a page that may not fetch its data."""

from __future__ import annotations

import numpy as np
import pytest
from helpers.browser import frame_of, go, put
from helpers.colours import RGBA, contrast
from helpers.scenes import readouts

from sgdlib import Animation, Figure, HeatMap, LossCurve, ParameterPlane, train
from sgdlib.render import web
from sgdlib.scene import style

# where a browser has put the head of a panel's path, in pixels of the screen
HEAD = """panel => { const all = [...document.querySelectorAll(".sgd-panel")][panel]
        .querySelectorAll(".sgd-trail ~ .sgd-dot");
    const box = [...all].at(-1).getBoundingClientRect();
    return [box.x + box.width / 2, box.y + box.height / 2]; }"""


@pytest.mark.parametrize("panel", [1, 2], ids=["path", "curve"])
@pytest.mark.parametrize(
    ("css", "scale"),
    [
        ("transform: scale(0.5)", 0.5),
        ("transform: scale(1.6)", 1.6),
        ("transform: translate(90px, 40px) scale(0.7, 1.2)", 1.2),
        ("zoom: 1.5", 1.5),
        ("zoom: 0.6; transform: scale(1.4)", 0.84),
    ],
    ids=["smaller", "larger", "stretched", "zoomed", "both"],
)
def test_a_pointer_reads_and_seeks_what_lies_under_it(page, animation, css, scale, panel):
    page.set_viewport_size({"width": 1280, "height": 1400})
    put(page, f'<div style="width: 700px; transform-origin: 0 0; {css}">', animation, "</div>")
    frame = 4 if panel == 1 else 60
    go(page, frame)
    x, y = page.evaluate(HEAD, panel)
    go(page, 100)
    page.mouse.move(x, y)
    reading = readouts(animation.scene())
    tip = page.locator(".sgd-tip")
    assert tip.inner_text() == ", ".join(f"{r.label} {r.frames[frame]}" for r in reading)
    box, row = tip.bounding_box(), page.locator(".sgd-row").bounding_box()
    # its foot is 12 px of the player's own above the point, and it is centred there if the row has room;
    # a pixel each for what a browser rounds
    assert abs(y - 12 * scale - (box["y"] + box["height"])) <= 2
    assert row["x"] - 1 <= box["x"] <= x <= box["x"] + box["width"] <= row["x"] + row["width"] + 1
    page.mouse.click(x, y)
    assert frame_of(page) == frame


PLACES = """() => { const home = document.querySelector("sgd-player").getBoundingClientRect();
    return [...document.querySelectorAll("sgd-player :is(.sgd-panel text, .sgd-panel, .sgd-trail, button, dd, input)")]
        .map(one => { const box = one.getBoundingClientRect();
            return [box.x - home.x, box.y - home.y, box.width, box.height]; }); }"""


def test_in_a_page_from_right_to_left_all_is_where_it_was(page, pair):
    """An axis runs to the right in any language, and so does the slider of what happens along it."""
    put(page, pair, width=700)
    places = page.evaluate(PLACES)
    assert len(places) > 60
    page.evaluate("document.documentElement.dir = 'rtl'")
    assert np.abs(np.subtract(page.evaluate(PLACES), places)).max() <= 0.1  # of a pixel, for what a browser rounds
    put(page, '<div dir="rtl">', pair, "</div>", width=700)  # and one that is drawn there
    assert np.abs(np.subtract(page.evaluate(PLACES), places)).max() <= 0.1
    go(page, 3)
    page.get_by_label("Step", exact=True).focus()
    page.keyboard.press("ArrowRight")
    assert frame_of(page) == 4
    box = page.get_by_label("Step", exact=True).bounding_box()
    page.mouse.click(box["x"] + box["width"] - 2, box["y"] + box["height"] / 2)
    assert frame_of(page) == 20


# each thing that is seen in a player: what it is, its colour and what it lies on
SEEN = f"""() => {{ const plain = {RGBA};
    const paper = plain(getComputedStyle(document.documentElement).backgroundColor);
    const over = (colour, opacity, below) => {{ const [r, g, b, a] = plain(colour);
        const share = (a / 255) * opacity;
        return `rgb(${{[r, g, b].map((c, k) => c * share + below[k] * (1 - share)).join(", ")}})`; }};
    const found = [], white = `rgb(${{paper.slice(0, 3).join(", ")}})`;
    const say = (kind, one, colour, opacity = 1) => found.push([kind, one.getAttribute("class") ?? one.tagName,
        over(colour, opacity, paper), white]);
    for (const one of document.querySelectorAll("sgd-player :is(.sgd-line, .sgd-ring, .sgd-cross, .sgd-border)"))
        say("mark", one, getComputedStyle(one).stroke, Number(getComputedStyle(one).strokeOpacity));
    for (const one of document.querySelectorAll("sgd-player :is(.sgd-points:not(.sgd-ring, .sgd-cross), button svg)"))
        say("mark", one, getComputedStyle(one).fill);
    for (const one of document.querySelectorAll("sgd-player .sgd-cell")) // what it is told by lies at its edge
        say("mark", one, getComputedStyle(one).stroke);
    for (const one of document.querySelectorAll("sgd-player text:not(.sgd-on)"))
        say("text", one, getComputedStyle(one).fill);
    for (const one of document.querySelectorAll("sgd-player .sgd-on")) {{
        const cell = plain(getComputedStyle(one.previousElementSibling).fill).slice(0, 3);
        found.push(["text", "sgd-on", over(getComputedStyle(one).fill, 1, cell), `rgb(${{cell.join(", ")}})`]); }}
    for (const one of document.querySelectorAll("sgd-player :is(dt, dd, select, .sgd-count)"))
        say("text", one, getComputedStyle(one).color);
    const tip = document.querySelector(".sgd-tip"), its = getComputedStyle(tip);
    if (tip.textContent) {{
        found.push(["text", "sgd-tip", over(its.color, 1, paper), over(its.backgroundColor, 1, paper)]);
        say("mark", tip, its.backgroundColor); }}
    return found; }}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_in_a_readers_own_colours_every_word_and_mark_can_be_seen(chromium, problem, pair, scheme):
    context = chromium.new_context(
        viewport={"width": 900, "height": 2500}, reduced_motion="reduce", forced_colors="active", color_scheme=scheme
    )
    page = context.new_page()
    runs = train(problem, steps=20, batch_size=4, replicas=20, record=("params", "loss"))
    many = Animation({"many": runs}, [ParameterPlane(theory=True), LossCurve(theory=True)])
    cells = HeatMap([0, 1, 2], [0, 1], [[0.1, 1.0, 10.0], [3.0, 0.5, 30.0]], title="Map", x_label="x", y_label="y")
    put(
        page,
        "<style>:root { background: Canvas; color-scheme: light dark; }</style>",
        pair,
        many,
        Figure([cells]),
    )
    page.wait_for_function("document.querySelectorAll('.sgd-border').length == 6")
    x, y = page.evaluate(HEAD, 2)
    page.mouse.move(x, y)
    for kind_scheme in ("default", "slate"):  # whatever the site's own switch says
        page.evaluate("scheme => document.body.setAttribute('data-md-color-scheme', scheme)", kind_scheme)
        found = page.evaluate(SEEN)
        assert {"sgd-title", "sgd-words", "sgd-on", "sgd-cell", "sgd-tip", "DT", "SELECT"} <= {
            name for _, name, *_ in found
        }
        assert len(found) > 100
        for kind, name, colour, below in found:
            assert contrast(colour, below) >= (4.5 if kind == "text" else 3), (name, colour, below)
    # and the runs that share a panel are told apart as before, by dash and shape
    assert len({mark.get_attribute("stroke-dasharray") for mark in page.locator(".sgd-trail").all()}) >= 2
    context.close()


SHADOW = """([content, css, dark]) => { const home = document.body.appendChild(document.createElement("div"));
    if (dark) document.body.setAttribute("data-md-color-scheme", "slate");
    home.attachShadow({ mode: "open" }).innerHTML = css + content; }"""


def bare(shown):
    """A player with its scene inside it, without the style sheet and the script."""
    return web.contained(shown.scene())


@pytest.mark.parametrize("dark", [False, True])
def test_in_a_shadow_root_it_plays(page, animation, dark):
    put(page, f"<style>{web.stylesheet()}</style>", f"<script>{web.script()}</script>", near=False)
    page.evaluate(SHADOW, [bare(animation), f"<style>{web.stylesheet()}</style>", dark])
    page.wait_for_selector(".sgd-border")
    assert page.locator("sgd-player img").count() == 0
    page.get_by_label("Restart").click()
    page.get_by_role("button", name="Play", exact=True).click()
    page.wait_for_function("document.querySelector('div').shadowRoot.querySelector('.sgd-scrub').value > 2")
    x, y = page.locator(".sgd-trail").last.evaluate(
        "path => { const box = path.getBoundingClientRect(); return [box.x + 20, box.y + 20]; }"
    )
    page.mouse.move(x, y)
    assert page.locator(".sgd-tip").inner_text().startswith("step ")
    ink, paper = page.locator("sgd-player").evaluate(
        "it => [getComputedStyle(it).color, getComputedStyle(it).backgroundColor]"
    )
    assert contrast(ink, paper) >= 4.5  # the page around may be of any colour


def test_in_a_shadow_root_it_waits_for_a_linked_style_sheet(page, animation):
    late = []
    page.route("http://late.example/player.css", lambda route: late.append(route))
    put(page, f"<script>{web.script()}</script>", near=False)
    page.context.set_offline(False)
    page.evaluate(SHADOW, [bare(animation), '<link rel="stylesheet" href="http://late.example/player.css">', False])
    page.wait_for_timeout(200)
    assert page.locator("sgd-player img").count() == 1
    assert page.locator(".sgd-trouble").count() == 0
    late[0].fulfill(body=web.stylesheet(), content_type="text/css")
    page.wait_for_selector(".sgd-border")
    assert page.locator("sgd-player img").count() == 0


def test_without_its_style_sheet_it_says_so_and_leaves_the_picture(page, animation):
    put(page, f"<script>{web.script()}</script>", near=False)
    page.evaluate(SHADOW, [bare(animation), "", False])
    page.wait_for_selector(".sgd-trouble")
    assert "sgdlib.web.stylesheet()" in page.locator(".sgd-trouble").inner_text()
    assert page.locator("img").bounding_box()["height"] > 100
    assert page.locator(".sgd-bar").count() == 0


def beside(folder, animation, content):
    """A page that asks for its scene, as the site's pages do."""
    (folder / "sgd.json").write_text(animation.scene().to_text())
    animation.save(folder / "sgd.png")
    (folder / "index.html").write_text(
        f"<!doctype html><meta charset=utf-8><title>t</title><style>{web.stylesheet()}</style>"
        f"{content}<script>{web.script()}</script>"
    )
    return (folder / "index.html").as_uri()


IMAGE = web.picture('A "line" & <more>.', (360, 732), film="sgd.png", poster="sgd.png")


@pytest.mark.parametrize("way", ["rows", "alone", "by script"])
def test_opened_from_the_file_system_the_picture_stands(page, animation, tmp_path, way):
    stage = web.stage(0, 1, [200, 200, 200], "A film.", noscript=IMAGE) + web.BAR
    content = web.player("sgd", "sgd.json", f"<noscript>{IMAGE}</noscript>" if way == "alone" else stage)
    page.goto(beside(tmp_path, animation, "" if way == "by script" else content))
    if way == "by script":  # a theme's instant navigation reads pages where no script runs, so noscript has elements
        page.evaluate(
            """html => document.body.append(
                ...new DOMParser().parseFromString(html, "text/html").body.childNodes)""",
            content,
        )
    page.wait_for_selector(".sgd-trouble")
    said = page.locator("sgd-player").inner_text()
    assert "Only a picture of this figure: a page that is opened from a file may not read its data." in said
    assert "damaged" not in said
    image = page.locator("sgd-player img")
    assert image.get_attribute("alt") == 'A "line" & <more>.'
    assert image.evaluate("image => image.decode().then(() => image.naturalWidth)") == 360 * style.DENSITY
    assert image.bounding_box()["width"] == 360
    assert page.locator(".sgd-bar, .sgd-alt").count() == 0


def test_in_a_built_page_that_is_opened_from_the_file_system_each_row_has_its_picture(page, animation, tmp_path):
    rows = "".join(web.stage(k, 1, [200], f"Row {k}.", noscript=IMAGE, several=True) for k in range(3))
    page.goto(beside(tmp_path, animation, web.player("sgd", "sgd.json", web.BAR + rows)))
    page.wait_for_selector(".sgd-trouble")
    assert page.locator("img:visible").count() == 3
    assert page.locator(".sgd-trouble").count() == 1
