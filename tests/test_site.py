"""The built site, opened in a real browser."""

from __future__ import annotations

import contextlib
import io
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from urllib.parse import urlsplit

import pytest
from helpers.sites import POST, ROOT

RATES = [f"learning rate {lr}" for lr in ("0.01", "0.1", "1.0", "1.1")]
SIZES = [f"batch size {size}" for size in (1, 2, 4, 8, 16, 32, 64, 100)]


@dataclass
class Visit:
    """What happened while a page was read to its end."""

    troubles: list[str]
    requested: list[str]
    images: list[dict]
    links: list[str]
    ids: list[str]


READ = """async () => {
    for (let y = 0; y < document.documentElement.scrollHeight; y += 800) {
        scrollTo(0, y);
        // a frame, or a second where the browser has none to draw
        await new Promise(done => { requestAnimationFrame(done); setTimeout(done, 1000); });
    }
    await Promise.allSettled([...document.images].map(image => image.decode()));
    return {
        ids: [...document.querySelectorAll("[id]")].map(element => element.id),
        links: [...document.querySelectorAll("a[href]")].map(link => link.href),
        images: [...document.querySelectorAll("article img")].map(image => ({
            alt: image.alt,
            width: Number(image.getAttribute("width")),
            height: Number(image.getAttribute("height")),
            ratio: image.naturalWidth / image.naturalHeight,
            shown: image.getBoundingClientRect().width,
        })),
    };
}"""


def read(chromium, address, **settings):
    """Open a page in a fresh profile and read it to its end."""
    context = chromium.new_context(viewport={"width": 1280, "height": 900}, **settings)
    page = context.new_page()
    visit = Visit([], [], [], [], [])
    page.on("console", lambda said: visit.troubles.append(said.text) if said.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: visit.troubles.append(str(error)))
    page.on("request", lambda request: visit.requested.append(request.url))
    page.on("requestfailed", lambda request: visit.troubles.append(f"failed: {request.url}"))
    page.on("response", lambda got: visit.troubles.append(f"{got.status}: {got.url}") if got.status >= 400 else None)
    page.goto(address)
    found = page.evaluate(READ)
    visit.images, visit.links, visit.ids = found["images"], found["links"], found["ids"]
    context.close()
    return visit


@pytest.fixture(scope="session")
def visits(either_site, chromium):
    """Every page of the site, read once."""
    return {address: read(chromium, either_site.address + address) for address in either_site.pages()}


def test_every_page_loads_without_a_complaint_and_asks_nobody_else(either_site, visits):
    assert {"", "blog/", POST, "gallery/", "gallery/plot_1_data/"} <= set(visits)
    host = urlsplit(either_site.address).netloc
    for address, visit in visits.items():
        assert visit.troubles == [], address
        assert {urlsplit(url).netloc for url in visit.requested if not url.startswith("data:")} == {host}, address


def test_every_image_has_its_size_and_an_alternative_text_of_its_own(visits):
    assert len(visits["gallery/"].images) == len(list((ROOT / "gallery").glob("plot_*.py")))
    for address, visit in visits.items():
        alts = [image["alt"] for image in visit.images]
        assert len(set(alts)) == len(alts), address
        for image in visit.images:
            assert len(image["alt"]) > 20, (address, image)
            assert image["width"] / image["height"] == pytest.approx(image["ratio"], rel=0.01), (address, image)
            assert image["shown"] > 200, (address, image)


def test_no_two_elements_of_a_page_share_an_id(visits):
    for address, visit in visits.items():
        assert len(set(visit.ids)) == len(visit.ids), (address, sorted(i for i in visit.ids if visit.ids.count(i) > 1))


def test_every_link_within_the_site_leads_somewhere(either_site, visits, page):
    everywhere = {link.split("#")[0] for visit in visits.values() for link in visit.links}
    inner = {link for link in everywhere if urlsplit(link).netloc == urlsplit(either_site.address).netloc}
    assert len(inner) > 10
    assert {link for link in inner if not page.context.request.get(link).ok} == set()


@pytest.mark.parametrize(("table", "labels"), [("learning-rates", RATES), ("batch-sizes", SIZES)])
def test_both_tables_have_all_their_rows(site, page, table, labels):
    page.goto(site.address + POST)
    rows = page.locator(f"#figure-{table} tbody tr")
    assert [text.split("\n")[0].lower() for text in rows.locator("th").all_inner_texts()] == labels
    for k, label in enumerate(labels):
        row = rows.nth(k)
        assert label in row.locator(".sgd-row").get_attribute("aria-label").lower()
        assert "Final loss" in row.inner_text()
        assert row.locator("td").first.inner_text().endswith(".")
    assert page.locator(f"#figure-{table} table").get_by_role("row").count() == len(labels) + 1


def test_the_404_page_has_its_styles_and_leads_home(either_site, chromium):
    context = chromium.new_context()
    page = context.new_page()
    failed = []
    page.on("response", lambda answer: failed.append(answer.url) if answer.status >= 400 else None)
    missing = either_site.address + "no/such/page/"
    page.goto(missing)
    assert failed == [missing]
    assert page.evaluate("""getComputedStyle(document.querySelector(".md-header")).position""") == "sticky"
    page.locator("a.md-header__button.md-logo").click()
    page.wait_for_selector("h1:has-text('SGD in motion')")
    assert page.url.rstrip("./") == either_site.address.rstrip("/")
    context.close()


def test_a_post_shows_the_date_the_reading_time_the_category_and_the_contents(site, page):
    page.goto(site.address + POST)
    about = page.locator(".md-sidebar--post").inner_text()
    assert "2026" in about
    assert "min read" in about
    assert "Lessons" in about
    assert page.locator(".md-sidebar--secondary nav a").count() >= 8


def test_a_reader_who_types_the_lessons_code_gets_what_it_says_was_printed(site, page):
    page.goto(site.address + POST)
    cells = page.locator("article .highlight:not(.sgd-printed)").evaluate_all(
        """cells => cells.map(cell => [
            cell.textContent.trim(),
            cell.nextElementSibling.matches(".sgd-printed") ? cell.nextElementSibling.textContent.trim() : null,
        ])"""
    )
    assert len(cells) >= 7
    assert sum(shown is not None for _, shown in cells) >= 3
    names = {}
    for code, shown in cells:
        with contextlib.redirect_stdout(io.StringIO()) as printed:
            exec(code, names)
        assert shown in (None, printed.getvalue().strip()), code


def test_the_theme_says_what_its_search_is_and_gives_checkboxes_only_what_they_can_have(site, page):
    page.goto(site.address)
    assert page.locator(".md-search").get_attribute("aria-label") == "Search"
    assert page.locator("input[type=checkbox][autocomplete]").count() == 0


def test_the_lesson_prints_what_its_code_printed(site, page):
    page.goto(site.address + POST)
    text = page.locator("article").inner_text()
    assert "tensor([[ 0.7645,  1.0000]," in text
    assert "loss of the first guess: 88.58" in text
    assert "{{" not in text


def test_downloads_run_elsewhere(site, tmp_path):
    """With the archive that the site offers, and without the repository."""
    (archive,) = site.folder.glob("sgdlib-*.zip")
    elsewhere = tmp_path / "packages"
    subprocess.run(
        [
            sys.executable,
            "-m",
            "pip",
            "install",
            "-q",
            "--no-deps",
            "--no-build-isolation",
            "--target",
            elsewhere,
            archive,
        ],
        check=True,
        capture_output=True,
    )
    script = (site.folder / "gallery" / "plot_1_data.py").read_text()
    assert script == (ROOT / "gallery" / "plot_1_data.py").read_text()
    told = subprocess.run(
        [sys.executable, "-c", script + "\nimport sgdlib\nprint(sgdlib.__file__)"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(elsewhere)},
        check=True,
        capture_output=True,
        text=True,
    )
    assert "loss of the first guess: 88.58" in told.stdout
    assert str(elsewhere) in told.stdout.splitlines()[-1]


def test_notebooks_install_the_library_from_this_site_and_hold_the_scripts_code(site):
    for script in sorted((ROOT / "gallery").glob("plot_*.py")):
        notebook = json.loads((site.folder / "gallery" / f"{script.stem}.ipynb").read_text())
        first, *cells = ["".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "code"]
        (archive,) = site.folder.glob("sgdlib-*.zip")
        assert first == f"%pip install -q {site.address}{archive.name}"
        compile("\n".join(cells), script.name, "exec")
        assert all(cell.strip() in script.read_text() for cell in cells)
