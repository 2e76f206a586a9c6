"""How the site's pages are laid out, with whatever fonts a reader has."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from helpers.cases import audited
from helpers.sites import POST

PHONES, WIDE = (390, 320), (1280, 800)
ALIKE = re.compile(r"gallery/plot_(?!3_sgd/)")  # so that one of them is enough for axe, which takes long
LAID_OUT = ["scrollable-region-focusable", "target-size"]  # axe's rules that depend on how wide letters are

# in the first frame, what listens to the width is told of it; a browser that has none to draw is waited for a second
TWO_FRAMES = """() => new Promise(done => {
    requestAnimationFrame(() => requestAnimationFrame(done));
    setTimeout(done, 1000);
})"""
LOOK = """() => ({
    sideways: document.documentElement.scrollWidth - innerWidth,
    tables: Array.from(document.querySelectorAll(".md-typeset__scrollwrap"), e => e.scrollWidth - e.clientWidth),
    formulas: Array.from(document.querySelectorAll("div.sgd-math"),
        e => [e.scrollWidth - e.clientWidth, e.scrollHeight - e.clientHeight, e.tabIndex]),
    emptyLines: Array.from(document.querySelectorAll("h1, h2, h3, h4"), heading => {
        const link = heading.querySelector(".headerlink"), before = heading.offsetHeight
        if (link) link.style.display = "none"
        const empty = heading.offsetHeight < before
        if (link) link.style.display = ""
        return empty ? heading.textContent : ""
    }).filter(text => text),
})"""


@pytest.fixture(scope="session", params=audited([("phone",), ("examples on a phone",), ("wide",)], ("phone",)))
def looks(request, site, typeset):
    """How each page looks at each width; and what axe finds there, of what depends on the layout."""
    seen = {}
    widths = WIDE if request.param == "wide" else PHONES
    context = typeset.new_context(
        viewport={"width": widths[0], "height": 844}, has_touch=widths == PHONES, reduced_motion="reduce"
    )
    page = context.new_page()
    for address in site.pages():
        if request.param != "wide" and bool(ALIKE.match(address)) != (request.param == "examples on a phone"):
            continue
        page.goto(site.address + address)
        page.evaluate("document.fonts.ready")
        for width in widths:
            page.set_viewport_size({"width": width, "height": 844})
            page.evaluate(TWO_FRAMES)
            seen[address, width] = page.evaluate(LOOK)
        if ALIKE.match(address):
            continue
        found = Axe().run(page, options={"runOnly": LAID_OUT})
        seen[address, width]["axe"] = found.generate_report() if found.violations_count else ""
    context.close()
    return seen


def of_examples(looks):
    """Whether only pages were looked at that have neither tables nor formulas."""
    return all(ALIKE.match(address) for address, _ in looks)


def test_nothing_scrolls_sideways(looks):
    assert {where: look["sideways"] for where, look in looks.items() if look["sideways"] > 0} == {}


def test_tables_of_numbers_fit_a_phone(looks):
    assert {len(look["tables"]) for (address, _), look in looks.items() if address == "speed/"} <= {6}
    assert any(look["tables"] for look in looks.values()) or of_examples(looks)
    assert {where: look["tables"] for where, look in looks.items() if any(over > 0 for over in look["tables"])} == {}


def test_formulas_fit_a_phone_and_none_is_a_stop_for_the_keyboard(looks):
    formulas = {where: look["formulas"] for where, look in looks.items() if look["formulas"]}
    assert len({address for address, _ in formulas}) >= 5 or of_examples(looks)
    assert {where: each for where, all_ in formulas.items() for each in all_ if each != [0, 0, -1]} == {}


def test_no_heading_has_an_empty_line_for_the_link_to_it(looks):
    assert {where: look["emptyLines"] for where, look in looks.items() if look["emptyLines"]} == {}


def test_axe_finds_nothing_that_depends_on_the_layout(looks):
    assert {where: look["axe"] for where, look in looks.items() if look.get("axe")} == {}


def test_a_formula_that_is_wider_than_a_phone_can_be_scrolled_with_the_keyboard(site, typeset_page):
    page = typeset_page
    page.set_viewport_size({"width": 320, "height": 844})
    page.goto(site.address + POST)
    formula = page.locator("div.sgd-math").first
    formula.evaluate(
        """({ firstChild: math }) => {
            for (let k = 0; k < 2; k++) math.append(...math.cloneNode(true).children)
        }"""
    )
    page.set_viewport_size({"width": 321, "height": 844})
    page.wait_for_function("document.querySelector('div.sgd-math').tabIndex == 0")
    assert page.evaluate("document.documentElement.scrollWidth") <= 321
    assert formula.get_attribute("role") == "region"
    assert formula.get_attribute("aria-label") == "Formula"
    assert Axe().run(page, options={"runOnly": LAID_OUT}).violations_count == 0
    formula.focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_function("document.querySelector('div.sgd-math').scrollLeft > 0")
    page.set_viewport_size({"width": 1280, "height": 844})
    page.wait_for_function("document.querySelector('div.sgd-math').tabIndex == -1")


COVERED = """() => Array.from(document.querySelectorAll("article .highlight"), block => {
    const button = block.querySelector(".md-code__button")?.getBoundingClientRect()
    if (!button) return ""
    const range = document.createRange()
    range.selectNodeContents(block.querySelector("code"))
    const under = text => text.right > button.left && text.bottom > button.top && text.top < button.bottom
    return Array.from(range.getClientRects()).some(under) ? block.textContent : "no"
})"""


def test_no_code_lies_under_the_button_that_copies_it(site, typeset):
    context = typeset.new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    page = context.new_page()
    seen = []
    for address in (POST, "gallery/plot_8_map/"):
        page.goto(site.address + address)
        page.wait_for_selector(".md-code__button")
        seen += page.evaluate(COVERED)
    context.close()
    assert set(seen) - {""} == {"no"}
