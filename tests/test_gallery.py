"""Every gallery script: run whole, and a lesson."""

import re

import pytest
from helpers.sites import ROOT

from sgdlib import AnimationTable
from sgdlib.figures.animation import BaseFigure

SCRIPTS = sorted((ROOT / "gallery").glob("plot_*.py"))


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.stem)
def test_a_script_runs_whole_and_prints_what_it_found(site, script):
    """A build runs it, and fails where it raises, warns or writes a file; its page has what it printed."""
    page = (site.folder / "gallery" / script.stem / "index.html").read_text(encoding="utf-8")
    printed = re.findall(r'<div class="[^"]*sgd-printed[^"]*">(.*?)</div>', page, re.DOTALL)
    assert printed
    assert all(re.sub("<[^>]*>", "", block).strip() for block in printed)


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.stem)
def test_a_script_is_a_lesson_of_40_to_120_lines(script):
    lines = script.read_text(encoding="utf-8").splitlines()
    assert 40 <= len(lines) <= 120
    assert lines[0] == '"""'
    assert lines[1].startswith("# ")


def test_the_tables_have_the_lessons_rows():
    def table(stem, name):
        code = next(path for path in SCRIPTS if path.stem == stem).read_text(encoding="utf-8")
        # a cell's last value is not kept by a script, so it is caught on its way out
        names = {}
        exec(code.replace("\nAnimationTable(\n", "\nshown = AnimationTable(\n"), names)
        assert isinstance(names["shown"], BaseFigure)
        assert names["shown"].name == name
        return names["shown"]

    rates = table("plot_4_learning_rates", "learning-rates")
    sizes = table("plot_5_batch_sizes", "batch-sizes")
    assert isinstance(rates, AnimationTable)
    assert [run.meta["lr"] for run in rates.runs.values()] == [0.01, 0.1, 1.0, 1.1]
    assert {run.meta["batch_size"] for run in rates.runs.values()} == {16}
    assert [run.meta["batch_size"] for run in sizes.runs.values()] == [1, 2, 4, 8, 16, 32, 64, 100]
    assert {run.meta["lr"] for run in sizes.runs.values()} == {0.1}
    for shown in (rates, sizes):
        assert set(shown.notes) == set(shown.runs)
        assert {(run.meta["steps"], *run.meta["start"]) for run in shown.runs.values()} == {(100, -1.0, 1.0)}
