"""A figure saved as one HTML file, opened from the disk in a real browser."""

import re
from itertools import product

import pytest
from axe_playwright_python.sync_playwright import Axe
from helpers.cases import audited
from helpers.colours import contrast, luminance

from sgdlib import Animation, AnimationTable, Figure, LineFit, LossCurve, ParameterPlane, Scatter, train

VIEWS = [LineFit(), ParameterPlane(), LossCurve()]


@pytest.fixture(scope="module")
def saved(problem, tmp_path_factory):
    folder = tmp_path_factory.mktemp("saved")
    runs = {f"batch size {size}": train(problem, batch_size=size, steps=20) for size in (1, 16)}
    Animation({"batch size 16": runs["batch size 16"]}, VIEWS, title="One run").save(folder / "animation.html")
    AnimationTable(runs, VIEWS, title="Two runs").save(folder / "table.html")
    Figure([Scatter(problem.data)], title="The data").save(folder / "figure.html")
    return folder


TITLES = {"animation": "One run", "table": "Two runs", "figure": "The data"}


@pytest.mark.parametrize(
    ("kind", "width", "scheme"),
    audited(
        product(TITLES, (390, 1280), ("light", "dark")),
        ("animation", 390, "dark"),
        ("table", 1280, "light"),
        ("figure", 390, "light"),
    ),
)
def test_it_opens_from_the_disk_and_plays(chromium, saved, kind, width, scheme):
    context = chromium.new_context(
        viewport={"width": width, "height": 2600}, color_scheme=scheme, reduced_motion="reduce", offline=True
    )
    page, asked, troubles = context.new_page(), [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.goto((saved / f"{kind}.html").as_uri())
    page.wait_for_function(
        "document.querySelectorAll('.sgd-row:has(.sgd-border)').length == document.querySelectorAll('.sgd-row').length"
    )
    assert [url for url in asked if not url.startswith("data:")] == [(saved / f"{kind}.html").as_uri()]
    assert page.title() == page.locator("h1").inner_text() == TITLES[kind]
    assert page.locator("html").get_attribute("lang") == "en"
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    paper = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (luminance(paper) < 0.2) == (scheme == "dark")
    for name in ("h1", "figcaption"):
        assert contrast(page.evaluate(f"getComputedStyle(document.querySelector('{name}')).color"), paper) >= 4.5
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    if kind != "figure":
        page.get_by_label("Restart").click()
        page.get_by_role("button", name="Play", exact=True).click()
        page.wait_for_function("document.querySelector('.sgd-scrub').value > 2")
    assert troubles == []
    context.close()


@pytest.mark.parametrize("kind", TITLES)
def test_a_phone_does_not_shrink_it(chromium, saved, kind):
    context = chromium.new_context(viewport={"width": 390, "height": 844}, is_mobile=True, has_touch=True)
    page = context.new_page()
    page.goto((saved / f"{kind}.html").as_uri())
    page.wait_for_selector(".sgd-border")
    assert page.evaluate("visualViewport.width") == 390
    context.close()


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize(("kind", "rows"), [("animation", 1), ("table", 2), ("figure", 1)])
def test_without_scripts_each_row_has_its_last_frame(chromium, saved, kind, rows, width):
    context = chromium.new_context(viewport={"width": width, "height": 900}, java_script_enabled=False)
    page = context.new_page()
    page.goto((saved / f"{kind}.html").as_uri())
    assert page.locator("img:visible").count() == rows
    for image in page.locator("img").all():
        assert 350 <= image.bounding_box()["width"] <= 360  # its words are as large as they were drawn, or nearly
        assert len(image.get_attribute("alt")) > 10
    assert page.locator("img").first.bounding_box()["y"] - page.locator("h1").bounding_box()["y"] < 100
    for part in (".sgd-bar", ".sgd-panel", ".sgd-reading", ".sgd-foot"):
        assert page.locator(f"{part}:visible").count() == 0
    context.close()


@pytest.mark.parametrize(
    "words", ["</script><script>window.hacked = 1</script>", '"><img src=x onerror=alert(1)>', "a & b"]
)
def test_any_words_are_text(page, problem, tmp_path, words):
    run = train(problem, steps=3)
    Animation({words: run}, [LossCurve()], title=words, caption=words).save(tmp_path / "strange.html")
    page.goto((tmp_path / "strange.html").as_uri())
    page.wait_for_selector(".sgd-border")
    assert page.title() == page.locator("h1").inner_text() == page.locator("figcaption").inner_text() == words
    assert page.evaluate("window.hacked") is None
    assert page.locator("img").count() == 0


def test_it_needs_no_other_file(saved):
    text = (saved / "animation.html").read_text(encoding="utf-8")
    assert not re.search(r"""(src|href|srcset)="(?!data:)|@import|url\(""", text.split("<script>")[0])
