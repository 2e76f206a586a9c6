"""Whatever goes wrong in an example is told, is red until it is mended, and stays its own."""

from __future__ import annotations

import re

import pytest
from helpers.sites import ADDRESS, FIGURE, build, project, same, script

pytestmark = pytest.mark.site


def seconds(folder, limit):
    """Give examples so many seconds."""
    settings = folder / "mkdocs.yml"
    settings.write_text(re.sub(r"seconds_per_example: \d+", f"seconds_per_example: {limit}", settings.read_text()))


def test_whatever_goes_wrong_in_examples_is_told_and_fails_every_build_until_it_is_mended(tmp_path):
    bad = {
        "plot_2_raises.py": (script("print('before')\n1 / 0", "fault"), "ZeroDivisionError: division by zero"),
        "plot_3_hangs.py": (
            script("while True:\n    pass", "loop"),
            "took longer than 3 s of processor time and was stopped.",
        ),
        "plot_4_crashes.py": (script("import os\nos.kill(os.getpid(), 11)", "crash"), "crashed: SIGSEGV."),
        "plot_5_leaves.py": (script("import os\nos._exit(0)", "leave"), "left Python before its end."),
        "plot_6_exits.py": (script("import sys\nsys.exit(0)", "exit"), "the script called sys.exit(0)"),
        "plot_7_warns.py": (script("import warnings\nwarnings.warn('mind')", "warning"), "UserWarning: mind"),
        "plot_8_names.py": (script("no_such_name", "name"), "NameError: name 'no_such_name' is not defined"),
    }
    folder = project(tmp_path / "project", {"plot_1_good.py": FIGURE} | {name: code for name, (code, _) in bad.items()})
    seconds(folder, 3)
    for ran in (8, 7):
        done = build(folder, folder / "site", ADDRESS)
        assert done.returncode != 0
        assert "7 gallery example(s) failed." in done.stdout
        for name, (_, why) in bad.items():
            assert f"\n{name.removesuffix('.py')}\n" in done.stdout
            assert why in done.stdout, done.stdout
        assert len(re.findall(r"\] gallery/", done.stdout)) == ran  # what was good is kept, and nothing else
        assert not (folder / "site").exists()
        assert not (folder / ".cache" / "content").exists()
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


@pytest.mark.audit
def test_a_limit_of_time_counts_what_an_example_computes_and_not_what_it_waits(tmp_path):
    """On a busy machine it waits for its turn; ten times the limit on the clock is for one that waits for ever."""
    waits = {
        "plot_1_waits.py": script("import time\nwhile time.process_time() < 0.2:\n    time.sleep(0.3)", "short one"),
        "plot_2_waits.py": script("import threading\nthreading.Event().wait()", "long one"),
    }
    folder = project(tmp_path / "project", waits)
    seconds(folder, 2)
    done = build(folder, folder / "site", ADDRESS)
    assert done.returncode != 0
    assert "1 gallery example(s) failed." in done.stdout
    assert "gallery/plot_2_waits.py took longer than 20 s and was stopped." in done.stdout


SAVING = FIGURE.split("draw\n")[1].split("print")[0]
WRITING = {
    "open": ("open('new.txt', 'w').close()", "gallery/new.txt"),
    "append": ("with open('points.csv', 'a') as file:\n    file.write('x')", "gallery/points.csv"),
    "save": (SAVING + "run.save('run.json')", "gallery/run.json"),
    "torch": ("import torch\ntorch.save(torch.ones(2), 'tensor.pt')", "gallery/tensor.pt"),
    "numpy": ("import numpy\nnumpy.save('array.npy', numpy.ones(2))", "gallery/array.npy"),
    "another process": ("import subprocess\nsubprocess.run(['touch', 'touched'], check=True)", "gallery/touched"),
    "a database": ("import sqlite3\nsqlite3.connect('base.db').execute('create table t (x)')", "gallery/base.db"),
    "a link": ("import os\nos.symlink('/tmp', 'link')", "gallery/link"),
    "another name": ("import os\nos.rename('points.csv', 'moved.csv')", "gallery/moved.csv', 'gallery/points.csv"),
    "its own end": ("import os\nos.remove('points.csv')", "gallery/points.csv"),
    "above": ("import os\nos.chdir('..')\nopen('gone', 'w').close()", "gone"),
    "once": ("import os\nif not os.path.exists('once'):\n    open('once', 'w').close()", "gallery/once"),
    "itself": ("with open('plot_12_writes.py', 'a') as file:\n    file.write('#')", "gallery/plot_12_writes.py"),
}


@pytest.mark.audit
def test_who_writes_is_told_by_whatever_means_and_every_time_and_nobody_else(tmp_path):
    reads = "import os\nfrom pathlib import Path\nprint(Path('points.csv').read_text(), *sorted(os.listdir()))"
    folder = project(tmp_path / "project", {"plot_99_reads.py": script(reads, "reader")})
    (folder / "gallery" / "points.csv").write_text("x,y\n")
    for number, (name, (code, _)) in enumerate(WRITING.items()):
        (folder / "gallery" / f"plot_{number}_writes.py").write_text(script(code, f"writer, {name}"))

    def sources():
        found = [*folder.glob("*"), *folder.glob("gallery/**/*"), *folder.glob("docs/*")]
        return {path: path.read_bytes() for path in found if path.is_file()}

    before = sources()
    for _ in range(2):
        done = build(folder, folder / "site", ADDRESS)
        assert done.returncode != 0
        assert f"{len(WRITING)} gallery example(s) failed." in done.stdout, done.stdout
        for number, (_, path) in enumerate(WRITING.values()):
            why = f"plot_{number}_writes\nA gallery script must not write into the project; got '{path}'."
            assert why in done.stdout, done.stdout
        assert sources() == before
    for number, _ in enumerate(WRITING):
        (folder / "gallery" / f"plot_{number}_writes.py").unlink()
    code = "import tempfile\nwith tempfile.TemporaryFile('w') as file:\n    print(file.write('words'))"
    (folder / "gallery" / "plot_2_elsewhere.py").write_text(script(code))
    assert build(folder, folder / "site", ADDRESS).returncode == 0
    page = (folder / "site" / "gallery" / "plot_99_reads" / "index.html").read_text()
    assert "x,y\n README.md plot_99_reads.py points.csv\n" in page  # and no other script


AFAR = {
    "makes": "import os\nif not os.path.exists({new!r}):\n    open({new!r}, 'w').close()",
    "edits": "import subprocess\nsubprocess.run(['sh', '-c', 'echo >> {old}'], check=True)",
}


@pytest.mark.audit
def test_who_writes_into_the_project_itself_is_found_among_those_that_ran_then(tmp_path):
    """It knows where the project lies; others run at the same time, and are kept."""
    folder = project(tmp_path / "project", {f"plot_{k}_good.py": script("print(1)", f"good {k}") for k in range(4)})
    new, old = folder / "gallery" / "new.txt", folder / "docs" / "index.md"
    for name, code in AFAR.items():
        (folder / "gallery" / f"plot_1_{name}.py").write_text(script(code.format(new=str(new), old=old), name))
    for ran in (4 + 2 + 1, 2):
        done = build(folder, folder / "site", ADDRESS)
        assert done.returncode != 0
        assert "2 gallery example(s) failed." in done.stdout, done.stdout
        assert "plot_1_makes\nA gallery script must not write into the project; got 'gallery/new.txt'." in done.stdout
        assert "plot_1_edits\nA gallery script must not write into the project; got 'docs/index.md'." in done.stdout
        first = {re.split(r"[ :]", line)[1] for line in done.stdout.splitlines() if line.startswith("[")}
        assert len(first) == ran
        assert not new.exists()
    for name in AFAR:
        (folder / "gallery" / f"plot_1_{name}.py").unlink()
    assert build(folder, folder / "site", ADDRESS).returncode == 0


@pytest.mark.audit
def test_an_edit_while_examples_run_is_nobodys_fault_and_is_seen_by_the_next_build(tmp_path):
    """The build shows what was there when it began, and keeps it as that."""
    edited = "from pathlib import Path\nprint(Path('points.csv').read_text())"
    folder = project(tmp_path / "project", {"plot_1_reads.py": script(edited, "reader")})
    points = folder / "gallery" / "points.csv"
    points.write_text("before")
    with (folder / "docs" / "press" / "runner.py").open() as file:
        runner = file.read()
    editing = f"if Path({str(points)!r}).read_text() == 'before':\n    Path({str(points)!r}).write_text('after')\n\n\n"
    (folder / "docs" / "press" / "runner.py").write_text(runner.replace("def main(", f"{editing}def main("))
    done = build(folder, folder / "site", ADDRESS)
    assert done.returncode == 0, done.stdout
    page = folder / "site" / "gallery" / "plot_1_reads" / "index.html"
    assert "before" in page.read_text()
    assert points.read_text() == "after"
    assert build(folder, folder / "site", ADDRESS).returncode == 0
    assert "after" in page.read_text()


SAYING = {
    "plot_2_helper.py": ("from lib import helper\nhelper.warn()", "UserWarning: from afar"),
    "plot_3_thread.py": (
        "import threading\nthread = threading.Thread(target=lambda: 1 / 0)\nthread.start()\nthread.join()",
        "ZeroDivisionError: division by zero",
    ),
    "plot_4_logs.py": ("import logging\nlogging.warning('logged')", "WARNING:root:logged"),
    "plot_5_says.py": ("import sys\nprint('aside', file=sys.stderr)", "aside"),
}


@pytest.mark.audit
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


def test_a_runner_that_is_killed_is_told(copy):
    (copy / "gallery" / "plot_2_kills.py").write_text(script("import os\nos.kill(os.getppid(), 9)", "killer"))
    done = build(copy, copy / "site", ADDRESS)
    assert done.returncode != 0
    assert "SIGKILL ended the process that runs the examples; build again." in done.stdout


def test_examples_do_not_leak_into_each_other(tmp_path):
    messy = """
import os, random, sys, warnings
import matplotlib, numpy, torch
import sgdlib, sgdlib.scene.style
torch.manual_seed(1)
torch.set_default_dtype(torch.float64)
torch.set_num_threads(2)
numpy.random.seed(1)
random.seed(1)
matplotlib.rcParams["lines.linewidth"] = 20
os.environ["MESSY"] = "yes"
os.chdir("/")
sys.path.insert(0, "/nowhere")
sgdlib.scene.style.FONT = "Comic Sans"
sgdlib.experiment.train = None
import colorsys
print("made a mess")"""
    tidy = """
import os, random, sys
import matplotlib, numpy, torch
import sgdlib, sgdlib.scene.style
print(torch.initial_seed(), torch.rand(1), torch.get_num_threads())
print(numpy.random.rand(), random.random())
print(matplotlib.rcParams["lines.linewidth"], os.environ.get("MESSY"), os.path.basename(os.getcwd()))
print("/nowhere" in sys.path, sgdlib.scene.style.FONT, sgdlib.experiment.train is None, "colorsys" in sys.modules)"""

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
print(matplotlib.get_backend(), torch.get_num_threads(), os.environ["OMP_NUM_THREADS"])
print(sys.flags.optimize, sys.flags.dev_mode, sys.warnoptions, os.environ.get("MINE"))"""
    folder = project(tmp_path / "project", {"plot_1_asks.py": script(asked)})
    theirs = {"TZ": "Pacific/Kiritimati", "LC_ALL": "POSIX", "PYTHONHASHSEED": "7", "PYTHONUTF8": "0"}
    theirs |= {"PYTHONOPTIMIZE": "2", "PYTHONWARNINGS": "error", "PYTHONDEVMODE": "1", "PYTHONINSPECT": "", "MINE": "1"}
    done = build(folder, folder / "site", ADDRESS, MPLBACKEND="svg", OMP_NUM_THREADS="2", **theirs)
    assert done.returncode == 0, done.stdout
    page = (folder / "site" / "gallery" / "plot_1_asks" / "index.html").read_text()
    assert "0 0 1 C.UTF-8\nagg 1 1\n0 False [] None\n" in page


VERDICTS = {
    "plot_1_asserts.py": ("assert False, 'it is not so'", "AssertionError: it is not so"),
    "plot_2_warns.py": ("import warnings\nwarnings.warn('mind')", "UserWarning: mind"),
    "plot_3_reads.py": ("def f():\n    'words'\nassert f.__doc__ == 'words'", ""),
    # others' code may say so, and nobody is told
    "plot_4_is_old.py": ("import warnings\nwarnings.warn_explicit('old', DeprecationWarning, 'elsewhere.py', 1)", ""),
}


@pytest.mark.audit
def test_whoever_builds_decides_no_verdict_and_none_is_kept(tmp_path):
    scripts = {name: script(code, name) for name, (code, _) in VERDICTS.items()}
    folder = project(tmp_path / "project", scripts)
    for theirs in ({"PYTHONOPTIMIZE": "2", "PYTHONWARNINGS": "ignore"}, {"PYTHONWARNINGS": "error"}, {}):
        done = build(folder, folder / "site", ADDRESS, **theirs)
        assert "2 gallery example(s) failed." in done.stdout, done.stdout
        assert all(says in done.stdout for _, says in VERDICTS.values())
