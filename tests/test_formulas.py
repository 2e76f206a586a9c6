"""The font of the formulas, and how signs are set."""

import io
import re
import unicodedata

import pytest
from fontTools.ttLib import TTFont
from helpers.sites import POST, ROOT

FONT = "assets/formulas.woff2"


@pytest.fixture
def mathml(monkeypatch):
    """What a formula in LaTeX becomes."""
    monkeypatch.syspath_prepend(ROOT / "docs")
    from press.mathml import formula

    return lambda latex: formula(latex, block=True)


@pytest.mark.audit
def test_only_pages_with_formulas_fetch_the_font_and_they_draw_all_in_it(site, page):
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    tools = page.context.new_cdp_session(page)
    for domain in ("DOM", "CSS"):
        tools.send(f"{domain}.enable")
    with_formulas = 0
    for address in site.pages():
        asked.clear()
        page.goto(site.address + address)
        page.evaluate("document.fonts.ready")
        there = "<math" in (site.folder / address / "index.html").read_text()
        assert asked.count(site.address + FONT) == there, address
        with_formulas += there
        root = tools.send("DOM.getDocument")["root"]["nodeId"]
        leaves = tools.send("DOM.querySelectorAll", {"nodeId": root, "selector": "mi, mo, mn, mtext"})["nodeIds"]
        assert bool(leaves) == there
        for leaf in leaves:
            used = tools.send("CSS.getPlatformFontsForNode", {"nodeId": leaf})["fonts"]
            assert all(font["isCustomFont"] for font in used), (address, used)
    assert with_formulas >= 5


def test_the_font_is_small_and_has_no_letter_that_no_formula_needs(site):
    content = (site.folder / FONT).read_bytes()
    assert len(content) <= 40_000
    font = TTFont(io.BytesIO(content))
    assert "MATH" in font
    pages = "".join(page.read_text() for page in site.folder.rglob("*.html"))
    written = {
        unicodedata.normalize("NFKC", letter) for letter in "".join(re.findall("<math.*?</math>", pages, re.DOTALL))
    }
    letters = {chr(code) for code in font.getBestCmap()}
    more = {letter for letter in letters if unicodedata.normalize("NFKC", letter) not in written}
    assert {
        letter for letter in more if not unicodedata.mirrored(letter)
    } == set()  # a bracket comes with its other half


def test_whose_the_font_is_stands_beside_it(site):
    name = TTFont(io.BytesIO((site.folder / FONT).read_bytes()))["name"]
    beside = (site.folder / "assets" / "formulas.txt").read_text()
    assert name.getDebugName(0) in beside
    assert "SIL Open Font License, Version 1.1" in name.getDebugName(13)
    assert "SIL OPEN FONT LICENSE" in beside


def test_a_build_makes_it_once(monkeypatch, tmp_path):
    monkeypatch.syspath_prepend(ROOT / "docs")
    from press import formulas
    from press.cache import Cache

    (tmp_path / "assets").mkdir()
    page = tmp_path / "index.html"
    page.write_text("<p>no formula</p>")
    formulas.write(tmp_path, Cache(tmp_path / "cache"))
    assert not (tmp_path / FONT).exists()
    page.write_text("<math><mi>a</mi><mo>&amp;</mo><mi>lr</mi><mtext>学</mtext></math>")
    formulas.write(tmp_path, Cache(tmp_path / "cache"))
    first = (tmp_path / FONT).read_bytes()
    # a letter that stands alone is slanted; one of another script is left to other fonts
    assert {chr(code) for code in TTFont(io.BytesIO(first)).getBestCmap()} == set("𝑎&lr")
    monkeypatch.setattr(formulas, "subset", None)
    (tmp_path / FONT).unlink()
    formulas.write(tmp_path, Cache(tmp_path / "cache"))
    assert (tmp_path / FONT).read_bytes() == first


@pytest.mark.parametrize(
    ("latex", "markup"),
    [
        (r"\infty", "<mi>∞</mi>"),
        ("a/t", '<mo lspace="0" rspace="0">/</mo>'),
        ("a_{t+1}", '<mrow><mi>t</mi><mo lspace="0" rspace="0">+</mo><mn>1</mn></mrow>'),
        ("t+1", "<mo>+</mo>"),
        (r"\hat y", '<mo lspace="0" rspace="0" stretchy="false">^</mo>'),
        (r"\sum_t", '<mo largeop="true" movablelimits="false">∑</mo>'),
        ("a < b", "<mo>&lt;</mo>"),
    ],
)
def test_signs_are_set_as_tex_sets_them(mathml, latex, markup):
    assert markup in mathml(latex)


def test_an_index_stands_below_its_letter(site, page):
    """Where a browser takes a font that is not for formulas, a_{t+1} becomes at+1."""
    page.goto(site.address + POST)
    page.evaluate("document.fonts.ready")
    boxes = page.locator("math msub").evaluate_all(
        "all => all.map(sub => Array.from(sub.children, part => part.getBoundingClientRect().bottom))"
    )
    assert len(boxes) >= 4
    assert all(index > letter + 1 for letter, index in boxes)
