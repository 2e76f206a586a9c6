"""What writes the content knows no site generator; its MkDocs plugin has typed options and is never out of date."""

import ast
import os
import re
import subprocess
import sys
import time
from multiprocessing.connection import wait
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PRESS = ROOT / "docs" / "press"
ADAPTERS = {"hooks", "plugin", "example", "gallery"}  # of MkDocs, and of mkdocs-gallery
CORE = sorted({path.stem for path in PRESS.glob("*.py")} - ADAPTERS - {"__init__"})
GENERATORS = ("mkdocs", "mkdocs_gallery", "material")


def imported(module):
    for node in ast.walk(ast.parse((PRESS / f"{module}.py").read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield (node.module or "").split(".")[0]


@pytest.mark.parametrize("module", CORE)
def test_the_core_imports_no_site_generator(module):
    assert not set(imported(module)) & set(GENERATORS)


def test_the_content_can_be_written_where_no_site_generator_is_installed():
    code = (
        f"import sys; sys.path.insert(0, 'docs'); sys.modules.update(dict.fromkeys({GENERATORS}))\n"
        "from press import check, content, formulas, posts, publish\n"
        "print(callable(content.write))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, text=True, capture_output=True)
    assert done.stdout == "True\n", done.stderr


@pytest.fixture
def plugin(monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "docs")
    from press import plugin

    return plugin


@pytest.mark.parametrize(
    ("options", "faults"),
    [
        ({"seconds_per_example": 120}, []),
        ({"seconds_per_example": "120"}, ["seconds_per_example"]),
        ({"seconds_per_example": True}, ["seconds_per_example"]),
        ({}, ["seconds_per_example"]),
        ({"seconds_per_example": 1, "only": 3}, ["only"]),
        ({"seconds_per_example": 1, "second_per_example": 3}, ["second_per_example"]),
    ],
)
def test_an_option_of_the_plugin_has_its_type_and_its_name(plugin, options, faults):
    errors, warnings = plugin.Press().load_config(options)
    assert [name for name, _ in [*errors, *warnings]] == faults


def test_a_server_whose_own_code_was_edited_says_so_and_builds_nothing(plugin, monkeypatch, tmp_path):
    monkeypatch.setattr(plugin, "_LOADED", {})
    config = plugin.MkDocsConfig()
    config.load_dict({"site_name": "A site", "docs_dir": str(tmp_path), "site_url": "https://example.org/"})
    with pytest.raises(plugin.PluginError, match=r"docs/press was edited\. Start this command again\."):
        plugin.Press().on_config(config)


def spin():
    while True:
        pass


ENDS = {
    "well": (lambda: None, ""),
    "raises": (lambda: 1 / 0, r"(?s)Traceback .*ZeroDivisionError: division by zero"),
    "disk": (lambda: os.stat("/nowhere/at/all"), r"No such file or directory: /nowhere/at/all"),
    "leaves": (lambda: os._exit(0), r"job left Python before its end\."),
    "leaves by another code": (lambda: os._exit(3), r"job left Python before its end\."),
    "crashes": (lambda: os.kill(os.getpid(), 9), r"job crashed: SIGKILL\."),
    "computes": (spin, r"job took longer than 1 s of processor time and was stopped\. .*"),
    "waits": (lambda: time.sleep(60), r"job took longer than 1 s and was stopped\. .*"),
}


@pytest.mark.parametrize("end", ENDS)
def test_whatever_ends_a_process_is_named(end, monkeypatch, tmp_path):
    monkeypatch.syspath_prepend(ROOT / "docs")
    from press.process import Job

    work, message = ENDS[end]
    if end == "waits":
        monkeypatch.setattr("press.process._WALL", 1)
    (tmp_path / "project").mkdir()
    job = Job("job", work, tmp_path, "example", seconds=1, script=True)
    wait([job.sentinel])
    failure = job.failure()
    if end == "computes" and "10 s" in failure:
        pytest.skip("this machine is too busy to compute for a second in ten")
    assert re.fullmatch(message, failure), failure
    assert job.written() == []
