import os
import pickle
import random
import shutil
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
import torch
from helpers.browser import QUIET
from helpers.fonts import FONTS, alone
from helpers.sites import ADDRESS, FIGURE, ROOT, Site, build, once, project, served
from hypothesis import settings

from sgdlib import Animation, LeastSquares, LineFit, LossCurve, ParameterPlane, noisy_line, train

# the same examples in every run, and none kept in a folder; no test is timed
settings.register_profile("steady", derandomize=True, database=None, deadline=None)
settings.load_profile("steady")

SHARED = pytest.StashKey[dict[str, str]]()
SERVED = {"prefix": "/some/where/", "root": "/"}  # a site works wherever it is put
ALONE = ("audit", "browser", "ensemble", "site")  # what make quick leaves out
LONGEST = 10.0  # seconds of processor time that a test may take that it does not leave out


def pytest_configure(config):
    """Serve the site from the process that all others were started by: it is there until the last has ended."""
    if hasattr(config, "workerinput"):
        return
    left = ExitStack()
    config.add_cleanup(left.close)
    folder = Path(left.enter_context(TemporaryDirectory()))
    sites = {name: left.enter_context(served(folder / name, prefix)).address for name, prefix in SERVED.items()}
    config.stash[SHARED] = {"folder": str(folder), **sites}


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node):
    node.workerinput["shared"] = node.config.stash[SHARED]


@pytest.hookimpl(tryfirst=True)  # before what is left out is left out
def pytest_collection_modifyitems(items):
    """Mark what needs a browser or a built site by the fixtures that it asks for."""
    for item in items:
        names = set(getattr(item, "fixturenames", ()))
        if "start_chromium" in names:
            item.add_marker("browser")
        if names & {"shared", "clean"}:
            item.add_marker("site")


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call(pyfuncitem):
    """Fail what takes long, by itself or by what it starts, and has no mark that says so."""
    before = sum(os.times()[:4])
    result = yield
    spent = sum(os.times()[:4]) - before
    if spent > LONGEST and not any(pyfuncitem.get_closest_marker(name) for name in ALONE):
        pytest.fail(f"it took {spent:.0f} s of processor time; give it one of the marks {', '.join(ALONE)}")
    return result


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


@pytest.fixture(scope="session")
def shared(request):
    """What all processes that run tests have in common: a folder, and the addresses at which it is served."""
    return getattr(request.config, "workerinput", {}).get("shared") or request.config.stash[SHARED]


def built(shared, name):
    """The site, served under a prefix; built by the first process that asks for it."""
    site = Site(shared[name], Path(shared["folder"]) / name)

    def make():
        done = build(ROOT, site.folder, site.address)
        assert done.returncode == 0, done.stdout

    once(site.folder, make)
    return site


@pytest.fixture(scope="session", params=["prefix", pytest.param("root", marks=pytest.mark.audit)])
def either_site(request, shared):
    return built(shared, request.param)


@pytest.fixture(scope="session")
def site(shared):
    return built(shared, "prefix")


# the first set in every run, the others in the audit
TYPESET = [pytest.param(name, marks=[pytest.mark.audit] * (name != next(iter(FONTS)))) for name in FONTS]


def absent(why):
    """Skip what needs something that is not installed; where all should be, fail."""
    (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(why)


@pytest.fixture(scope="session")
def node():
    """The path of Node.js, which reads scripts as another browser would."""
    return shutil.which("node") or absent("no node on the path; on Debian: apt-get install nodejs")


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


@pytest.fixture(scope="session", params=TYPESET)
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
def clean(shared):
    """A small project that was built once: its folder, with all its caches, and the site."""
    folder = Path(shared["folder"]) / "clean"

    def make():
        done = build(project(folder, {"plot_1_first.py": FIGURE}), folder / "site", ADDRESS)
        assert done.returncode == 0, done.stdout

    once(folder, make)
    return folder


@pytest.fixture
def copy(clean, tmp_path):
    """A copy of it, to do harm to."""
    shutil.copytree(clean, tmp_path / "project", symlinks=True)
    return tmp_path / "project"
