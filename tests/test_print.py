"""What comes out of a printer."""

import io
import re
import unicodedata

import pytest
from helpers.sites import POST
from pypdf import PdfReader

PAGE = (680, 1009)  # CSS pixels of A4 within margins of 15 mm

LOADED = "[...document.querySelectorAll('sgd-player')].every(player => player.rows)"
TEXTS_AND_CHARTS = """() => {
    const boxes = elements => Array.from(elements, element => element.getBoundingClientRect())
        .filter(box => box.width && box.height).map(box => [box.left, box.top, box.right, box.bottom])
    const words = []
    for (const walk = document.createTreeWalker(document.querySelector("article"), 4); walk.nextNode();) {
        const within = walk.currentNode.parentElement
        if (!walk.currentNode.data.trim() || !within.checkVisibility()) continue
        if (within.closest("svg, math, thead, .sgd-alt")) continue // in charts, or for screen readers alone
        const range = document.createRange()
        range.selectNodeContents(walk.currentNode)
        words.push([walk.currentNode.data.trim(), boxes([range])])
    }
    return { words, charts: boxes(document.querySelectorAll(".sgd-panel")) }
}"""


def within(words, boxes):
    """The words, of those with a box each, that lie across one of the boxes by more than a pixel."""

    def across(one, other):
        return all(min(one[k + 2], other[k + 2]) - max(one[k], other[k]) > 1 for k in (0, 1))

    return [text for text, places in words for place in places if any(across(place, box) for box in boxes)]


def plain(text):
    """A text without its spaces, and with letters where a font has ligatures and small digits."""
    return "".join(unicodedata.normalize("NFKC", text).split())


def pages(page):
    """The text of each page on paper, without its spaces."""
    page.wait_for_function(LOADED)
    read = PdfReader(io.BytesIO(page.pdf(format="A4", prefer_css_page_size=True)))
    return [plain(sheet.extract_text()) for sheet in read.pages]


@pytest.fixture
def post(site, typeset_page):
    typeset_page.goto(site.address + POST)
    return typeset_page


@pytest.mark.audit
def test_the_lesson_takes_few_pages_and_no_row_of_a_table_is_on_two(post):
    printed = pages(post)
    assert 5 < len(printed) <= 26
    rows = post.locator(".sgd-table tbody tr")
    texts = rows.evaluate_all("all => all.map(row => Array.from(row.cells, cell => cell.textContent))")
    assert len(texts) == 12
    for setting, note, _, end in texts:
        first = plain(end.partition("×")[0])[
            :30
        ]  # raised digits that a font lacks come from another, without their text
        assert any(plain(note) in sheet and first in sheet for sheet in printed), setting
    assert "Download" not in "".join(printed)


def test_no_words_lie_across_a_chart_and_a_row_is_lower_than_a_page(post):
    post.set_viewport_size({"width": PAGE[0], "height": PAGE[1]})
    post.emulate_media(media="print")
    post.wait_for_function(LOADED)
    seen = post.evaluate(TEXTS_AND_CHARTS)
    assert len(seen["charts"]) > 40
    assert within(seen["words"], seen["charts"]) == []
    rows = post.locator(".sgd-table tbody tr").evaluate_all("all => all.map(row => row.offsetHeight)")
    assert max(rows) <= PAGE[1] / 2


CONTROLS = "button, input, select, nav, [role=button], [role=slider], .md-clipboard, .md-header, .headerlink, .sgd-take"


@pytest.mark.parametrize("address", [POST, "blog/what-a-batch-buys/", "gallery/plot_3_sgd/", "speed/"])
def test_nothing_that_could_be_pressed_is_printed(site, page, address):
    page.goto(site.address + address)
    page.wait_for_function(LOADED)
    if address == POST:
        page.wait_for_selector(".md-code__button")
    page.emulate_media(media="print")
    seen = page.locator(CONTROLS).evaluate_all(
        """all => all.filter(one => one.checkVisibility({ opacityProperty: true, visibilityProperty: true }))
            .filter(one => one.getBoundingClientRect().width > 1).map(one => one.outerHTML.slice(0, 90))"""
    )
    assert seen == []


def test_a_folded_answer_is_printed(site, page):
    page.goto(site.address + "blog/what-a-batch-buys/")
    answers = page.locator("details > p").all_text_contents()
    assert len(answers) >= 3
    printed = "".join(pages(page))
    assert [answer for answer in answers if plain(answer)[:30] not in printed] == []


COLOURS = """() => Array.from(document.querySelectorAll("article *"))
    .filter(one => [...one.childNodes].some(node => node.nodeType == 3 && node.data.trim()) && one.checkVisibility())
    .map(one => getComputedStyle(one)[one.closest("svg") ? "fill" : "color"])"""


def on_white(colour):
    """The contrast of a colour such as rgba(0, 0, 0, 0.5) with paper, from 1 to 21."""
    red, green, blue, alpha = ([float(value) for value in re.findall(r"[\d.]+", colour)] + [1.0])[:4]
    shades = [1 + alpha * (channel / 255 - 1) for channel in (red, green, blue)]
    linear = [shade / 12.92 if shade <= 0.04045 else ((shade + 0.055) / 1.055) ** 2.4 for shade in shades]
    return 1.05 / (0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2] + 0.05)


def test_what_is_white_on_black_on_a_screen_can_be_read_on_paper(site, chromium):
    context = chromium.new_context(color_scheme="dark", reduced_motion="reduce")
    page = context.new_page()
    page.goto(site.address + POST)
    page.wait_for_function(LOADED)
    assert page.evaluate("document.body.dataset.mdColorScheme") == "slate"
    page.emulate_media(media="print", color_scheme="dark")
    page.wait_for_function("document.querySelectorAll('.sgd-plot').length > 40")
    colours = set(page.evaluate(COLOURS))
    context.close()
    assert len(colours) >= 6
    assert {colour: on_white(colour) for colour in colours if on_white(colour) < 3} == {}
