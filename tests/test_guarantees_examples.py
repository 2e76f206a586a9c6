"""Whatever goes wrong in an example is told, is red until it is mended, and stays its own."""

from __future__ import annotations

import re

import pytest
from sites import ADDRESS, FIGURE, build, project, same, script


def seconds(folder, limit):
    """Give examples so many seconds."""
    settings = folder / "mkdocs.yml"
    settings.write_text(re.sub(r"seconds_per_example: \d+", f"seconds_per_example: {limit}", settings.read_text()))


def test_whatever_goes_wrong_in_examples_is_told_and_fails_every_build_until_it_is_mended(tmp_path):
    bad = {
        "plot_2_raises.py": (script("print('before')\n1 / 0", "fault"), "ZeroDivisionError: division by zero"),
        "plot_3_hangs.py": (script("while True:\n    pass", "loop"), "took longer than 8 s and was stopped."),
        "plot_4_crashes.py": (script("import os\nos.kill(os.getpid(), 11)", "crash"), "crashed: SIGSEGV."),
        "plot_5_leaves.py": (script("import os\nos._exit(0)", "leave"), "left Python before its end."),
        "plot_6_exits.py": (script("import sys\nsys.exit(0)", "exit"), "the script called sys.exit(0)"),
        "plot_7_warns.py": (script("import warnings\nwarnings.warn('mind')", "warning"), "UserWarning: mind"),
        "plot_8_names.py": (script("no_such_name", "name"), "NameError: name 'no_such_name' is not defined"),
    }
    folder = project(tmp_path / "project", {"plot_1_good.py": FIGURE} | {name: code for name, (code, _) in bad.items()})
    seconds(folder, 8)
    for ran in (8, 7):
        done = build(folder, folder / "site", ADDRESS)
        assert done.returncode != 0
        assert "7 gallery example(s) failed." in done.stdout
        for name, (_, why) in bad.items():
            assert f"\n{name.removesuffix('.py')}\n" in done.stdout
            assert why in done.stdout, done.stdout
        assert len(re.findall(r"\] gallery/", done.stdout)) == ran  # what was good is kept, and nothing else
        assert not (folder / "site").exists()
        assert not list((folder / "docs" / "gallery").glob("*"))
    for name in bad:
        (folder / "gallery" / name).write_text(script("print('mended')", name))
    done = build(folder, folder / "site", ADDRESS)
    assert done.returncode == 0, done.stdout
    assert "mended" in (folder / "site" / "gallery" / "plot_3_hangs" / "index.html").read_text()


def test_a_failing_build_leaves_the_published_site_as_it_was(copy, clean):
    (copy / "gallery" / "plot_2_second.py").write_text(script("1 / 0"))
    assert build(copy, copy / "site", ADDRESS).returncode != 0
    assert same(copy / "site", clean / "site")
    assert [path.name for path in copy.glob(".*")] == [".cache"]


@pytest.mark.parametrize("edited", ["plot_1_edits.py", "points.csv"], ids=["itself", "data"])
def test_an_example_that_is_edited_while_it_runs_fails_the_build_and_is_not_kept(tmp_path, edited):
    code = script(f"import subprocess\nsubprocess.run(['sh', '-c', 'echo \"# an edit\" >> {edited}'], check=True)")
    folder = project(tmp_path / "project", {"plot_1_edits.py": code})
    (folder / "gallery" / "points.csv").write_text("x,y\n")
    for edits in (1, 2):
        done = build(folder, folder / "site", ADDRESS)
        assert done.returncode != 0
        assert "something it depends on was edited while it ran; build again." in done.stdout
        assert (folder / "gallery" / edited).read_text().count("\n# an edit") == edits
        assert len(list((folder / ".cache" / "built").iterdir())) == 1  # the player
    (folder / "gallery" / "plot_1_edits.py").write_text(script("print('mended')"))
    assert build(folder, folder / "site", ADDRESS).returncode == 0


WRITING = {
    "plot_2_opens.py": ("open('new.txt', 'w')", "gallery/new.txt"),
    "plot_3_appends.py": ("open('../docs/index.md', 'a')", "docs/index.md"),
    "plot_4_saves.py": (FIGURE.split("draw\n")[1].split("print")[0] + "run.save('run.json')", "gallery/.run.json."),
    "plot_5_makes.py": ("import os\nos.open(b'made', os.O_CREAT | os.O_RDWR)", "gallery/made"),
    "plot_6_goes.py": ("import os\nos.chdir('..')\nfrom pathlib import Path\nPath('gone').write_text('')", "gone"),
}


def test_an_example_writes_nothing_into_the_project_and_fails_every_build_if_it_tries(copy, clean):
    for number, (name, (code, _)) in enumerate(WRITING.items()):
        (copy / "gallery" / name).write_text(script(code, f"writer {number}"))

    def sources():
        found = [*copy.glob("*"), *copy.glob("gallery/**/*"), *copy.glob("docs/*")]
        return {path: path.read_bytes() for path in found if path.is_file()}

    before = sources()
    for _ in range(2):
        done = build(copy, copy / "site", ADDRESS)
        assert done.returncode != 0
        assert f"{len(WRITING)} gallery example(s) failed." in done.stdout
        for name, (_, path) in WRITING.items():
            assert name in done.stdout
            assert f"A gallery script must not write into the project; got '{path}" in done.stdout
        assert sources() == before
    for name in WRITING:
        (copy / "gallery" / name).unlink()
    code = "import tempfile\nwith tempfile.TemporaryFile('w') as file:\n    print(file.write('words'))"
    (copy / "gallery" / "plot_2_elsewhere.py").write_text(script(code))
    assert build(copy, copy / "site", ADDRESS).returncode == 0


SAYING = {
    "plot_2_helper.py": ("from lib import helper\nhelper.warn()", "UserWarning: from afar"),
    "plot_3_thread.py": (
        "import threading\nthread = threading.Thread(target=lambda: 1 / 0)\nthread.start()\nthread.join()",
        "ZeroDivisionError: division by zero",
    ),
    "plot_4_logs.py": ("import logging\nlogging.warning('logged')", "WARNING:root:logged"),
    "plot_5_says.py": ("import sys\nprint('aside', file=sys.stderr)", "aside"),
}


def test_what_an_example_says_on_standard_error_fails_every_build(copy, clean):
    for number, (name, (code, _)) in enumerate(SAYING.items()):
        (copy / "gallery" / name).write_text(script(code, f"speaker {number}"))
    (copy / "gallery" / "lib").mkdir()
    (copy / "gallery" / "lib" / "helper.py").write_text(
        "import warnings\n\ndef warn():\n    warnings.warn('from afar')\n"
    )
    for _ in range(2):
        done = build(copy, copy / "site", ADDRESS)
        assert done.returncode != 0
        assert f"{len(SAYING)} gallery example(s) failed." in done.stdout
        for name, (_, words) in SAYING.items():
            assert f"gallery/{name} warned, or said on standard error:" in done.stdout
            assert words in done.stdout
    assert same(copy / "site", clean / "site")


def test_a_workshop_that_is_killed_is_told(copy):
    (copy / "gallery" / "plot_2_kills.py").write_text(script("import os\nos.kill(os.getppid(), 9)", "killer"))
    done = build(copy, copy / "site", ADDRESS)
    assert done.returncode != 0
    assert "SIGKILL ended the process that runs the examples; build again." in done.stdout


def test_examples_do_not_leak_into_each_other(tmp_path):
    messy = """
import os, random, sys, warnings
import matplotlib, numpy, torch
import sgdlib, sgdlib.style
torch.manual_seed(1)
torch.set_default_dtype(torch.float64)
torch.set_num_threads(2)
numpy.random.seed(1)
random.seed(1)
matplotlib.rcParams["lines.linewidth"] = 20
os.environ["MESSY"] = "yes"
os.chdir("/")
sys.path.insert(0, "/nowhere")
sgdlib.style.FONT = "Comic Sans"
sgdlib.train = None
import colorsys
print("made a mess")"""
    tidy = """
import os, random, sys
import matplotlib, numpy, torch
import sgdlib, sgdlib.style
print(torch.initial_seed(), torch.rand(1), torch.get_num_threads())
print(numpy.random.rand(), random.random())
print(matplotlib.rcParams["lines.linewidth"], os.environ.get("MESSY"), os.path.basename(os.getcwd()))
print("/nowhere" in sys.path, sgdlib.style.FONT, sgdlib.train is None, "colorsys" in sys.modules)"""

    def printed(scripts):
        folder = project(tmp_path / str(len(scripts)), scripts)
        done = build(folder, folder / "site", ADDRESS)
        assert done.returncode == 0, done.stdout
        page = (folder / "site" / "gallery" / "plot_5_tidy" / "index.html").read_text()
        return page[page.index("<article") : page.index("</article")]

    others = {f"plot_{number}_messy.py": script(messy, f"mess {number}") for number in range(1, 5)}
    apart = printed({"plot_5_tidy.py": script(tidy, "tidy one")})
    assert "DejaVu Sans False False" in apart
    assert printed(others | {"plot_5_tidy.py": script(tidy, "tidy one")}) == apart


def test_an_example_finds_the_same_settings_whoever_builds(tmp_path):
    asked = """
import locale, os, sys, time
import matplotlib, torch
print(time.localtime(0).tm_hour, sys.flags.hash_randomization, sys.flags.utf8_mode, locale.setlocale(locale.LC_ALL, ""))
print(matplotlib.get_backend(), torch.get_num_threads(), os.environ["OMP_NUM_THREADS"])"""
    folder = project(tmp_path / "project", {"plot_1_asks.py": script(asked)})
    theirs = {"TZ": "Pacific/Kiritimati", "LC_ALL": "POSIX", "PYTHONHASHSEED": "7", "PYTHONUTF8": "0"}
    done = build(folder, folder / "site", ADDRESS, MPLBACKEND="svg", OMP_NUM_THREADS="2", **theirs)
    assert done.returncode == 0, done.stdout
    page = (folder / "site" / "gallery" / "plot_1_asks" / "index.html").read_text()
    assert "0 0 1 C.UTF-8\nagg 1 1\n" in page
