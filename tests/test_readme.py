"""What the README says is true."""

import contextlib
import io
import re
import runpy
from pathlib import Path

import numpy as np
import pytest
from helpers.colours import contrast, luminance
from helpers.sites import served
from PIL import Image

import sgdlib

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


PYTHON = re.findall(r"^```python\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
ROOMS = "area,floor,rent\n30,1,510\n45,3,700\n28,2,495\n60,4,905\n52,1,760\n"


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    """All its Python, run from top to bottom in one folder: the folder, what was printed, and the names it made."""
    folder, names = tmp_path_factory.mktemp("readme"), {}
    (folder / "rooms.csv").write_text(ROOMS)
    with contextlib.chdir(folder), contextlib.redirect_stdout(io.StringIO()) as printed:
        for code in PYTHON:
            exec(code, names)
    return folder, printed.getvalue(), names


def test_its_python_runs_in_the_order_in_which_it_stands(ran):
    folder, printed, names = ran
    assert len([line for line in PYTHON[0].splitlines() if line]) <= 10
    assert printed.rstrip().endswith("finished")
    made = ["figure.json", "figure.png", "player.css", "player.js", "rooms.csv", "run.gif", "run.html", "run.json"]
    assert sorted(path.name for path in folder.iterdir()) == made
    assert str(names["rooms"].outcome[0]) == "finished"
    assert names["rooms"].loss[0, -1] < names["rooms"].loss[0, 0] / 10
    assert names["networks"].params.shape == (20, 301, 65)
    assert (names["networks"].loss[:, -1] < names["networks"].loss[:, 0] / 2).all()


def test_no_python_of_it_is_left_out():
    """What is indented is for a shell or for Markdown; Python that nobody runs would grow old unseen."""
    for code in re.findall(r"(?:^    .+\n)+", README, re.MULTILINE):
        assert not [name for name in sgdlib.__all__ if f"{name}(" in code or f"import {name}" in code]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_its_recipe_puts_a_figure_into_a_page(ran, page, scheme):
    folder, *_ = ran
    (html,) = re.findall(r"^```html\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
    (folder / "page.html").write_text(html, encoding="utf-8")
    page.emulate_media(color_scheme=scheme)
    troubles = []
    page.on("pageerror", lambda error: troubles.append(str(error)))
    with served(folder, "/") as site:
        page.goto(site.address + "page.html")
        page.wait_for_selector(".sgd-border")
        assert re.split(r"\s+", page.locator(".sgd-reading").inner_text())[:2] == ["step", "100"]
        page.get_by_label("Restart").click()
        assert page.locator(".sgd-reading dd").first.inner_text() == "0"
        page.get_by_role("button", name="Play", exact=True).click()
        page.wait_for_function("document.querySelector('.sgd-scrub').value > 2")
        paper = page.evaluate(
            "() => { document.body.style.background = 'Canvas';"
            "return getComputedStyle(document.body).backgroundColor; }"
        )
        ink = page.evaluate("getComputedStyle(document.querySelector('.sgd-title')).fill")
        assert contrast(paper, ink) >= 4.5
        assert (luminance(paper) < 0.2) == (scheme == "dark")
        assert page.locator("sgd-player img").count() == 0
    page.goto((folder / "page.html").as_uri())
    assert page.locator("sgd-player img").bounding_box()["height"] > 100
    assert "opened from a file" in page.locator("sgd-player").inner_text()
    assert troubles == []


def test_its_picture_is_what_the_library_draws_today():
    drawing = runpy.run_path(str(ROOT / ".github" / "picture.py"))
    committed = np.asarray(Image.open(drawing["PICTURE"]).convert("RGB")).astype(int)
    drawn = drawing["picture"]().astype(int)
    assert committed.shape == drawn.shape
    # another processor may round an edge's shade differently, by a step or two
    assert np.abs(committed - drawn).max() <= 3, "draw it anew: python .github/picture.py"


@pytest.mark.parametrize("command", sorted(set(re.findall(r"^    make (\w+)", README, re.MULTILINE))))
def test_every_command_it_names_is_in_the_makefile(command):
    assert re.search(rf"^{command}:.*## ", (ROOT / "Makefile").read_text(), re.MULTILINE)


def test_every_folder_it_names_is_there():
    for folder in re.findall(r"^\| `(\S+?)/` \|", README, re.MULTILINE):
        assert (ROOT / folder).is_dir()


def test_every_installed_package_is_pinned_exactly():
    lines = [line for line in (ROOT / "constraints.txt").read_text().splitlines() if not line.startswith("#")]
    pinned = {line.split("==")[0].lower().replace("_", "-") for line in lines}
    assert all(re.fullmatch(r"[\w.-]+==[\w.]+", line) for line in lines)
    asked = re.findall(r'^    "([\w-]+)>=', (ROOT / "pyproject.toml").read_text(), re.MULTILINE)
    assert len(asked) > 10
    assert set(asked) <= pinned
