import os
import pickle
import random
import shutil

import numpy as np
import pytest
import torch
from helpers.browser import QUIET
from helpers.fonts import FONTS, alone
from helpers.sites import ADDRESS, FIGURE, ROOT, build, project, served
from hypothesis import settings

from sgdlib import Animation, LeastSquares, LineFit, LossCurve, ParameterPlane, noisy_line, train

# the same examples in every run, and none kept in a folder; no test is timed
settings.register_profile("steady", derandomize=True, database=None, deadline=None)
settings.load_profile("steady")


@pytest.fixture(scope="session")
def problem():
    """The lesson's: 100 points about a line, from seed 42."""
    return LeastSquares(noisy_line(seed=42))


VIEWS = [LineFit(), ParameterPlane(), LossCurve()]


@pytest.fixture(scope="session")
def animation(problem):
    """The film of the lesson's run, as a player shows it."""
    return Animation({"batch size 16": train(problem)}, VIEWS, name="sgd")


@pytest.fixture(scope="session")
def pair(problem):
    """Two runs in one film."""
    runs = {"sixteen": train(problem, steps=20), "all": train(problem, steps=20, batch_size=None)}
    return Animation(runs, VIEWS, name="pair")


@pytest.fixture
def global_random_state():
    """Fails a test that changes the random state of torch, numpy or random."""

    def state():
        return pickle.dumps((torch.get_rng_state().tolist(), np.random.get_state(), random.getstate()))  # noqa: NPY002

    before = state()
    yield
    assert state() == before


@pytest.fixture(scope="session", params=["/", "/some/where/"], ids=["root", "prefix"])
def either_site(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("site") / "built"
    with served(folder, request.param) as site:
        done = build(ROOT, folder, site.address)
        assert done.returncode == 0, done.stdout
        yield site


@pytest.fixture(scope="session")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("site") / "built"
    with served(folder, "/some/where/") as site:
        done = build(ROOT, folder, site.address)
        assert done.returncode == 0, done.stdout
        yield site


def absent(why):
    """Skip what needs something that is not installed; where all should be, fail."""
    (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(why)


@pytest.fixture(scope="session")
def start_chromium():
    """Starts Chromium, in another environment if need be."""
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        absent("no Chromium on the path; on Debian: apt-get install chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:

        def launch(env=None):
            browser = playwright.chromium.launch(executable_path=path, args=QUIET, env=env)
            begin = browser.new_context

            def patient(**settings):
                """A context in which whatever is waited for has two minutes, for the machine may be busy."""
                context = begin(**settings)
                context.set_default_timeout(120_000)
                return context

            browser.new_context = patient
            return browser

        yield launch


@pytest.fixture(scope="session")
def chromium(start_chromium):
    browser = start_chromium()
    yield browser
    browser.close()


@pytest.fixture(scope="session", params=FONTS)
def typeset(request, start_chromium, tmp_path_factory):
    """Chromium where there are no fonts but these; every test of a layout runs with each set."""
    fonts = FONTS[request.param]
    folder = fonts.folder()
    if folder is None:
        absent(f"the fonts of the {request.param} set are not installed; on Debian: apt-get install {fonts.package}")
    browser = start_chromium(alone(folder, fonts, tmp_path_factory.mktemp("fonts")))
    yield browser
    browser.close()


@pytest.fixture
def page(chromium):
    context = chromium.new_context(viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
    yield context.new_page()
    context.close()


@pytest.fixture
def typeset_page(typeset):
    context = typeset.new_context(viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
    yield context.new_page()
    context.close()


@pytest.fixture(scope="session")
def clean(tmp_path_factory):
    """A small project that was built once: its folder, with all its caches, and the site."""
    folder = project(tmp_path_factory.mktemp("clean") / "project", {"plot_1_first.py": FIGURE})
    done = build(folder, folder / "site", ADDRESS)
    assert done.returncode == 0, done.stdout
    return folder


@pytest.fixture
def copy(clean, tmp_path):
    """A copy of it, to do harm to."""
    shutil.copytree(clean, tmp_path / "project", symlinks=True)
    return tmp_path / "project"
