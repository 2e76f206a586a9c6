"""What a player that has left its page still holds: nothing. What holds it, such as a theme, is not its own."""

from __future__ import annotations

import pytest
from helpers.browser import frame_of, go, put

from sgdlib import Animation, LineFit, LossCurve, ParameterPlane, train
from sgdlib.render import web

TRIPS = 8
# One panel has more nodes and listeners than this, so whatever a player kept of each trip would show.
NODES, LISTENERS = 60, 2


@pytest.fixture(scope="module")
def animation(problem):
    return Animation({"batch size 16": train(problem)}, [LineFit(), ParameterPlane(), LossCurve()], name="sgd")


def counted(page):
    """How many nodes and listeners are alive, once what nothing holds has been collected."""
    browser = page.context.new_cdp_session(page)
    browser.send("Performance.enable")
    browser.send("HeapProfiler.enable")
    for _ in range(2):  # what held a node may itself be collected first
        browser.send("HeapProfiler.collectGarbage")
    known = {metric["name"]: metric["value"] for metric in browser.send("Performance.getMetrics")["metrics"]}
    browser.detach()
    return known["Nodes"], known["JSEventListeners"]


# a visit to a player, as a page that others hold on to: it comes, is drawn, and is taken out
VISIT = """async html => {
    const player = new DOMParser().parseFromString(html, "text/html").body.firstChild;
    document.body.append(player);
    for (let waits = 0; !player.querySelector(".sgd-border"); waits++) {
        if (waits === 6000) throw new Error("the player was not drawn");
        await new Promise(done => setTimeout(done, 10));
    }
    player.querySelector("[aria-label=Restart]").click();
    player.remove();
    (window.held ??= []).push(player);
}"""
SIZE = """html => { const count = node => 1 + [...node.childNodes].map(count).reduce((sum, one) => sum + one, 0);
    return count(new DOMParser().parseFromString(html, "text/html").body.firstChild); }"""


def test_one_that_is_held_when_it_has_left_is_as_empty_as_it_came(page, animation):
    put(page, f"<style>{web.stylesheet()}</style>", f"<script>{web.script()}</script>", near=False)
    html = web.contained(animation.scene())
    size = page.evaluate(SIZE, html)
    page.evaluate(VISIT, html)
    nodes, listeners = counted(page)
    for _ in range(TRIPS):
        page.evaluate(VISIT, html)
    more = [(after - before) / TRIPS for after, before in zip(counted(page), (nodes, listeners), strict=True)]
    # each that is held has the nodes that it came with
    assert more[0] <= size + NODES
    assert more[1] <= LISTENERS
    kept = page.evaluate(
        "Object.entries(held[0]).filter(([, value]) => typeof value === 'object' && value).map(([k]) => k)"
    )
    assert set(kept) <= {"sizes", "visible"}


def test_one_that_comes_back_goes_on_where_it_was(page, animation):
    put(page, animation)
    go(page, 12)
    page.evaluate(
        "() => { window.kept = document.querySelector('sgd-player'); window.home = kept.parentNode; kept.remove(); }"
    )
    page.wait_for_timeout(50)
    assert page.evaluate("kept.querySelectorAll('svg, button').length") == 0
    page.evaluate("home.prepend(kept)")
    page.wait_for_selector(".sgd-border")
    assert frame_of(page) == 12
    page.get_by_label("One step forward").click()
    assert page.locator(".sgd-reading dd").first.inner_text() == "13"
    assert page.locator(".sgd-bar").count() == page.locator(".sgd-row").count() == 1
    assert page.locator("sgd-player img").count() == 0


# an element that takes a player's place and does nothing
NOTHING = 'customElements.define("sgd-player", class extends HTMLElement {});'


def growth(page, site, script):
    """By how many nodes and listeners each round trip between two pages of the site grows what is alive."""
    if script is not None:
        page.route("**/player.js", lambda route: route.fulfill(body=script, content_type="text/javascript"))
    drawn = ".sgd-border" if script is None else ""

    def come(figure):
        # looked at until it is there: the theme scrolls a page that has come to its top, sooner or later
        page.wait_for_function(
            """([figure, there]) => {
                document.querySelector(figure)?.scrollIntoView();
                return Boolean(document.querySelector(there));
            }""",
            arg=[f"#figure-{figure}", f"#figure-{figure} {drawn}".strip()],
        )

    # until the theme has the map of the site, it leaves a click to the browser
    with page.expect_request_finished(lambda request: request.url.endswith("sitemap.xml")):
        page.goto(site.address)
    page.evaluate("window.same = true")
    come("sgd")
    counts = []
    for _ in range(TRIPS):
        page.get_by_role("link", name="Read the lesson").click()
        come("gradient-descent")
        page.go_back()
        page.wait_for_function("Boolean(document.querySelector('.sgd-hero'))")
        come("sgd")
        counts.append(counted(page))
    assert page.evaluate("window.same") is True  # it was the theme that fetched the pages
    page.unroute_all()
    # the first trips also fill what a theme keeps once
    return [(last - first) / (TRIPS - 2) for first, last in zip(counts[1], counts[-1], strict=True)]


def test_instant_navigation_keeps_no_more_with_players_than_without(site, chromium):
    """The theme holds on to the pages that it leaves; what they hold is not more for having had players."""
    measured = []
    for script in (NOTHING, None):
        context = chromium.new_context(viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
        measured.append(growth(context.new_page(), site, script))
        context.close()
    without, players = measured
    assert players[0] - without[0] <= NODES
    assert players[1] - without[1] <= LISTENERS
