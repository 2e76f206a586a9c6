"""The player and scenes of columns: what marks name is drawn, other columns are drawn in their place, and what does not
fit is refused. The scenes here are written by hand."""

from __future__ import annotations

import json
import re
from typing import get_args

import numpy as np
import pytest
from helpers.browser import go, put
from helpers.cases import audited

from sgdlib.render import web
from sgdlib.scene.marks import Mark

AXIS = {"label": "x", "low": 0, "high": 1, "ticks": [[0, "0"], [1, "1"]], "log": False}
LOOK = {"role": "model", "order": None, "run": None, "hover": False}
KINDS = [kind.kind for kind in get_args(Mark)]


def numbers(*shape, seed=0):
    return np.random.default_rng(seed).uniform(0.1, 0.9, shape).round(4).tolist()


def columns(frames=101, seed=0, items=4):
    """Numbers for every column: of a mark of each kind, of two runs."""
    clock = list(range(frames))
    made = {
        "data.x": numbers(items, seed=seed),
        "data.y": numbers(frames, items, seed=seed + 1),
        "fit.y": numbers(frames, 2, seed=seed + 2),
        "fit.x": [0, 1],
        "clock": clock,
        "shown": [frame + 1 for frame in clock],
        "note.x": [0.5],
        "note.y": numbers(frames, 1, seed=seed + 3),
        "note.text": [f"note {seed} {frame}" for frame in clock],
        "fixed.text": [f"fixed {seed}"],
        "edges": [0.2, 0.5, 0.8],
        "cells": [*numbers(3, seed=seed), None],
        "cells.text": ["a", "b", "", f"{seed}"],
        "step": [str(frame) for frame in clock],
    }
    for run in "ab":
        seed += 10
        made |= {f"{run}.x": numbers(frames, seed=seed), f"{run}.y": numbers(frames, seed=seed + 1)}
        made[f"{run}.low"] = [value / 2 for value in made[f"{run}.y"]]
        made[f"{run}.text"] = [f"{run}{seed} {frame}" for frame in clock]
    return made


DASHED = {"width": 2, "dash": [4, 2]}
MARKS = {
    "points": {"x": "data.x", "y": "data.y", "shape": "ring", "size": 6},
    "line": {"x": "fit.x", "y": "fit.y", "width": 3, "dash": []},
    "trail": {"x": "a.x", "y": "a.y", "shown": "shown", "shape": "dot", "size": 9, **DASHED},
    "band": {"x": "a.x", "upper": "a.y", "lower": "a.low", "shown": "shown"},
    "cells": {"x": "edges", "y": "edges", "values": "cells", "text": "cells.text", "gap": 1},
    "words": {"x": "note.x", "y": "note.y", "text": "note.text", "align": "left", "lift": 5},
}
TRAIL = {"kind": "trail", **LOOK, **MARKS["trail"]}


def panel(marks, high=1.0):
    return {"title": "A panel", "x": {**AXIS, "high": high}, "y": AXIS, "height": 200, "marks": marks}


def reading(run):
    readouts = [{"label": "step", "text": "step"}, {"label": run, "text": f"{run}.text"}]
    return {"run": run, "order": None, "dash": [], "shape": "dot", "widths": [4, 9], "readouts": readouts}


def scene(data, frames=101, rows=1, marks=None):
    """A plane with one mark of each kind and the paths of two runs, and the two over the clock."""
    plane = [{"kind": kind, **LOOK, **fields} for kind, fields in MARKS.items()]
    plane.append({**plane[-1], "text": "fixed.text", "y": "note.x"})
    for run in "ab":
        plane.append({**TRAIL, "x": f"{run}.x", "y": f"{run}.y", "run": run, "hover": True})
    over = [{**TRAIL, "x": "clock", "y": f"{run}.y", "run": run, "hover": True} for run in "ab"]
    panels = [panel(plane if marks is None else marks), panel(over, high=100)]
    each = [
        {"id": str(k), "label": f"Row {k}", "readings": [reading("a"), reading("b")], "panels": panels}
        for k in range(rows)
    ]
    texts = {"name": "hand", "title": "By hand", "caption": "c", "alt": "a"}
    return {"format": "sgdlib scene 3", **texts, "steps": list(range(frames)), "columns": data, "rows": each}


def show(page, record):
    page.goto("about:blank")  # a new document, so that the pointer has been nowhere
    html = f'<sgd-player name="hand"><script type="application/json">{json.dumps(record)}</script></sgd-player>'
    put(page, f"<style>{web.stylesheet()}</style>", html, f"<script>{web.script()}</script>", width=700)
    page.wait_for_function("document.querySelectorAll('.sgd-plot').length % 6 == 0")


DRAWN = "[...document.querySelectorAll('.sgd-row, .sgd-count')].map(one => one.innerHTML)"


def update(page, data, steps=None):
    page.evaluate("([c, s]) => document.querySelector('sgd-player').update(c, s ?? undefined)", [data, steps])


def tips(page):
    """What is read out at places all over each panel."""
    found = []
    for box in [one.bounding_box() for one in page.locator(".sgd-panel").all()]:
        for x, y in ((0.3, 0.3), (0.5, 0.5), (0.7, 0.4)):
            page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"])
            page.evaluate("new Promise(done => requestAnimationFrame(() => setTimeout(done, 20)))")
            rings = page.locator(".sgd-pointed").all()
            tip = "".join(page.locator(".sgd-tip").all_text_contents())
            found.append((tip, [one.get_attribute("d") or "" for one in rings]))
    page.mouse.move(0, 0)
    return found


@pytest.mark.parametrize(("frames", "frame"), audited([(101, 0), (101, 37), (41, 20), (161, 100)], (101, 37), (41, 20)))
def test_after_an_update_all_is_as_if_it_had_been_so_from_the_start(page, frames, frame):
    before, after = columns(), columns(frames, seed=100, items=7)
    show(page, scene(after, frames, rows=2))
    go(page, frame)
    wanted = page.evaluate(DRAWN), tips(page)
    show(page, scene(before, rows=2))
    go(page, frame)
    assert page.evaluate(DRAWN) != wanted[0]
    if frames == 101:
        after = {name: values for name, values in after.items() if values != before[name]}
    update(page, after, None if frames == 101 else list(range(frames)))
    slider = page.get_by_label("Step", exact=True)
    assert (slider.get_attribute("max"), slider.input_value()) == (str(frames - 1), str(frame))
    assert page.evaluate(DRAWN) == wanted[0]
    assert tips(page) == wanted[1]


def test_fewer_frames_bring_a_player_to_its_last(page):
    show(page, scene(columns()))
    update(page, columns(11), list(range(11)))
    assert page.locator(".sgd-count").inner_text() == "step 10"
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowLeft")
    assert page.locator("dd").first.inner_text() == "9"


CHANGED = """name => new Promise(done => {
    const player = document.querySelector("sgd-player"), touched = new Set();
    const look = new MutationObserver(list => list.forEach(each => touched.add(each.target)));
    look.observe(player, { attributes: true, childList: true, characterData: true, subtree: true });
    const values = player.columns[name].map(value => value * 0.9);
    player.update({ [name]: values });
    const names = () => [...touched].map(node => node.getAttribute?.("class") ?? node.nodeName);
    setTimeout(() => done(names().filter(name => name !== "#text")), 100); // read-outs, which say the same
})"""


def test_only_marks_that_name_a_changed_column_are_drawn_again(page):
    show(page, scene(columns()))
    go(page, 50)
    assert sorted(set(page.evaluate(CHANGED, "b.x"))) == ["sgd-line sgd-trail sgd-alone", "sgd-points sgd-dot"]
    assert page.evaluate(CHANGED, "edges") == ["g"]


def test_a_thousand_updates_make_no_node(page):
    show(page, scene(columns()))
    browser = page.context.new_cdp_session(page)

    def nodes():
        browser.send("HeapProfiler.collectGarbage")
        return browser.send("Memory.getDOMCounters")["nodes"]

    update(page, columns(seed=1))
    before = page.evaluate("document.querySelectorAll('*').length"), nodes()
    page.evaluate(
        "async all => { for (let k = 0; k < 1000; k++) document.querySelector('sgd-player').update(all[k % 2]); }",
        [columns(seed=2), columns(seed=3)],
    )
    assert page.evaluate("document.querySelectorAll('*').length") == before[0]
    assert nodes() <= before[1] + 20


def test_an_update_leaves_the_focus_the_speed_and_the_pointer_where_they_are_and_goes_on_playing(page):
    show(page, scene(columns(frames=101)))
    page.get_by_label("Speed").select_option("0.25")
    go(page, 10)
    page.get_by_role("button", name="Play", exact=True).click()
    update(page, columns(seed=5))
    assert page.evaluate("document.activeElement.getAttribute('aria-label')") == "Pause"
    page.wait_for_function("document.querySelector('.sgd-scrub').value > 12")
    page.keyboard.press(" ")
    assert page.get_by_label("Speed").input_value() == "0.25"
    box = page.locator(".sgd-panel").nth(1).bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 60)
    tip = page.locator(".sgd-tip").inner_text()
    update(page, columns(seed=6))
    assert page.locator(".sgd-tip").inner_text() != tip != ""


def test_a_mark_is_read_out_for_its_run_and_because_it_says_so(page):
    """Two runs of no order, whose widths say nothing: what is pointed at is what has ``hover``."""
    data = columns()
    thin = {**TRAIL, "width": 0.5, "run": "b", "hover": True, "x": "b.x", "y": "b.y"}
    show(page, scene(data, marks=[{**TRAIL, "run": "a", "width": 5}, thin]))
    box = page.locator(".sgd-panel").first.bounding_box()
    said = set()
    for x in range(60, int(box["width"]) - 20, 25):
        page.mouse.move(box["x"] + x, box["y"] + 120)
        said.add(page.locator(".sgd-tip").text_content())
    said -= {""}
    assert len(said) > 3
    assert all(re.fullmatch(r"step \d+, b b20 \d+", text) for text in said)


BAD = {
    "a name": ({"c.x": [1]}, None, "there is no column “c.x”; there are: data.x, data.y"),
    "its length": ({"a.x": [0.5] * 100}, None, "the length of column “a.y” is 101, not 100"),
    "its frames": ({"fit.y": [[0, 1]] * 100}, None, "the length of column “fit.y” is 100, not 101"),
    "a frame": ({"fit.y": [*[[0, 1]] * 100, [0]]}, None, "the length of column “fit.y” is 1, not 2"),
    "how much is shown": ({"shown": [1, 2]}, None, "the length of column “shown” is 2, not 101"),
    "a read-out": ({"a.text": ["1", "2"]}, None, "the length of column “a.text” is 2, not 101"),
    "cells": ({"cells": [1, 2, 3]}, None, "the length of column “cells” is 3, not 4"),
    "words of cells": ({"cells.text": ["x"]}, None, "the length of column “cells.text” is 1, not 4"),
    "a place": ({"note.y": [1, 2]}, None, "the length of column “note.y” is 2, not 1"),
    "other steps alone": ({}, [0, 1, 2], "the length of column “step” is 101, not 3"),
    "no steps": ({}, [], "the length of column “steps” is 0, not 1"),
}


def test_columns_that_do_not_fit_are_refused_and_change_nothing(page):
    show(page, scene(columns()))
    before = page.evaluate(DRAWN)
    for data, steps, message in BAD.values():
        with pytest.raises(Exception, match=re.escape(message)):
            update(page, data, steps)
    go(page, 0)
    go(page, 100)
    assert page.evaluate(DRAWN) == before


def test_before_its_scene_is_there_a_player_takes_no_columns_and_says_when_it_does(page):
    put(page, f"<style>{web.stylesheet()}</style>", f"<script>{web.script()}</script>", near=False)
    page.evaluate(
        """record => { const player = document.createElement("sgd-player"), held = document.createElement("script");
            held.type = "application/json"; held.textContent = JSON.stringify(record); player.append(held);
            document.body.append(player);
            try { player.update({}); } catch (error) { window.refused = error.message; }
            player.addEventListener("load", () => player.update({ "a.text": Array(101).fill("new") })); }""",
        scene(columns()),
    )
    assert "has no scene yet" in page.evaluate("window.refused")
    page.wait_for_selector(".sgd-border")
    assert page.locator("dd").nth(1).inner_text() == "new"


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_mark_is_drawn(page, kind):
    show(page, scene(columns(), marks=[{"kind": kind, **LOOK, **MARKS[kind]}]))
    assert page.evaluate("customElements.get('sgd-player').kinds.toSorted()") == sorted(KINDS)
    nodes = page.locator(".sgd-panel").first.locator(".sgd-plot :is(path, text):not(.sgd-pointed)")
    assert nodes.count() >= 1
    for node in nodes.all():
        box = node.bounding_box()
        assert max(box["width"], box["height"]) > 3
        assert node.get_attribute("d") or node.text_content()


def points(data, x, y, frames):
    """Two columns as a scene 2 has them: for each frame, its points."""
    both = [data[name] if isinstance(data[name][0], list) else [data[name]] for name in (x, y)]
    moves = max(map(len, both)) > 1
    return [
        [list(point) for point in zip(*(each[frame if len(each) > 1 else 0] for each in both), strict=True)]
        for frame in range(frames if moves else 1)
    ]


def test_a_scene_2_is_shown_as_the_scene_3_that_says_the_same(page):
    data, frames = columns(), 101
    now = scene(data)
    # in a scene 2 it is the width and the order of a mark that say what is read out, and for which run
    for k, (run, order) in enumerate({"a": 0.0, "b": 1.0}.items()):
        now["rows"][0]["readings"][k]["order"] = order
        for mark in (mark for each in now["rows"][0]["panels"] for mark in each["marks"] if mark["run"] == run):
            mark["order"] = order
    old = json.loads(json.dumps(now)) | {"format": "sgdlib scene 2", "marks": []}
    del old["columns"]
    for each in old["rows"][0]["panels"]:
        for place, mark in enumerate(each["marks"]):
            name, was = (
                mark.get,
                {key: mark[key] for key in ("kind", "role", "order", "width", "dash", "shape", "size") if key in mark},
            )
            match mark["kind"]:
                case "points" | "line":
                    was |= {"frames": points(data, name("x"), name("y"), frames)}
                case "trail":
                    was |= {"path": points(data, name("x"), name("y"), 1)[0], "shown": data["shown"]}
                    was["width"] = 2 if mark["hover"] else 1.4
                case "band":
                    sides = {side: points(data, "a.x", name(side), 1)[0] for side in ("upper", "lower")}
                    was |= {**sides, "shown": data["shown"]}
                case "words":
                    places = [first for (first,) in points(data, name("x"), name("y"), frames)]
                    was |= {"places": places, "frames": data[name("text")], "align": "left", "lift": 5}
                case "cells":
                    pair = [data["cells"][:2], data["cells"][2:]], [data["cells.text"][:2], data["cells.text"][2:]]
                    was |= {"x": data["edges"], "y": data["edges"], "values": pair[0], "words": pair[1], "gap": 1}
            if mark["kind"] == "trail" and not mark["hover"]:
                mark["width"] = 1.4  # in both
                now["rows"][0]["panels"][0]["marks"][place]["width"] = 1.4
            each["marks"][place] = len(old["marks"])
            old["marks"].append(was)
    for line in old["rows"][0]["readings"]:
        line["columns"] = line.pop("widths")
        line["readouts"] = [{"label": one["label"], "frames": data[one["text"]]} for one in line["readouts"]]
        del line["run"]
    drawn = []
    for record in (now, old):
        show(page, record)
        go(page, 60)
        drawn.append((page.evaluate(DRAWN), tips(page)))
    assert drawn[0] == drawn[1]
    assert len({tip for tip, _ in drawn[0][1]}) > 3
