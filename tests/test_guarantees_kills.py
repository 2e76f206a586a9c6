"""A build that was stopped or killed, or that found its caches damaged, leaves a tree that builds as a clean one."""

from __future__ import annotations

import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
from helpers.cases import audited
from helpers.sites import ADDRESS, build, same, script

# Kills the process before the k-th time that any process of a build writes, makes, moves or removes something in the
# project, and keeps a list of what each such time was. Does nothing while nobody has said which k.
KILLER = """
import os, signal, sys
project = {project!r}
told, last = project + ".told", project + ".last"
def hook(event, args):
    path = args[0] if args else ""
    writes = event in ("os.rename", "os.mkdir", "os.remove", "os.rmdir")
    if event == "open" and isinstance(args[1], str):
        writes = bool(set(args[1]) & set("wxa+"))
    if writes and isinstance(path, (str, os.PathLike)) and os.fspath(path).startswith(project):
        file = os.open(told, os.O_RDWR | os.O_APPEND | os.O_CREAT)
        os.write(file, f"{{event}} {{os.path.relpath(path, project)}}".encode().ljust(200)[:199] + b"\\n")
        size = os.fstat(file).st_size
        os.close(file)
        if size == 200 * number:
            os.kill(os.getpid(), signal.SIGKILL)
if os.path.exists(last):
    number = int(open(last).read())
    sys.addaudithook(hook)
"""


def build_killed(folder, last=-1):
    """Build in a folder whose glue kills the process that is about to do the k-th writing; tells them all."""
    told, number = (folder.with_name(f"{folder.name}.{name}") for name in ("told", "last"))
    told.unlink(missing_ok=True)
    number.write_text(str(last))
    done = build(folder, folder / "site", ADDRESS)
    number.unlink()
    return done, told.read_text().splitlines()


def chosen(times, random_ones=2):
    """Of all times to kill a build: those at which something is kept or takes its place, and some others."""
    matters = [k for k, what in enumerate(times, 1) if re.match(r"os.rename|\S+ \.(cache/built|cache/work|site)", what)]
    matters = [k for k in matters if not re.search(r"site\.new/", times[k - 1])]
    matters = sorted({matters[int(place)] for place in np.linspace(0, len(matters) - 1, 7)})
    others = random.Random(len(times)).sample(range(1, len(times) + 1), random_ones)
    return sorted({*matters, *others})


@pytest.mark.audit
@pytest.mark.parametrize("caches", ["kept", "empty"])
def test_a_build_killed_at_a_write_or_a_rename_leaves_a_tree_that_builds_as_a_clean_one(copy, clean, caches):
    """The site is the old one, or the new one, or, between two renames, beside its place."""

    def begin():
        if caches == "empty":
            shutil.rmtree(copy / ".cache")

    with (copy / "docs" / "press" / "__init__.py").open("a") as file:
        file.write(KILLER.format(project=str(copy)))
    assert build(copy, copy / "site", ADDRESS).returncode == 0  # and keep what that glue makes
    begin()
    (copy / "docs" / "index.md").write_text("# Home\n\nA new sentence.\n")
    done, times = build_killed(copy)
    assert done.returncode == 0, done.stdout
    shutil.copytree(copy / "site", copy.parent / "new")
    for last in chosen(times):
        shutil.rmtree(copy / "site")
        shutil.copytree(clean / "site", copy / "site")
        begin()
        done, _ = build_killed(copy, last)
        what = f"{last}: {times[last - 1]}"
        assert done.returncode != 0, what
        found = copy / "site" if (copy / "site").exists() else copy / ".site.old"
        assert same(found, copy.parent / "new" if newer(found) else clean / "site"), what
        done = build(copy, copy / "site", ADDRESS)
        assert done.returncode == 0, f"{what}\n{done.stdout}"
        assert same(copy / "site", copy.parent / "new"), what
        assert not list(copy.glob(".site*")), what


def test_a_site_that_was_left_beside_its_place_is_put_back_even_if_the_build_fails(copy, clean):
    (copy / "site").rename(copy / ".site.old")  # as a build does that is killed between two renames
    (copy / "gallery" / "plot_2_second.py").write_text(script("1 / 0"))
    assert build(copy, copy / "site", ADDRESS).returncode != 0
    assert same(copy / "site", clean / "site")


def newer(site):
    return "A new sentence." in (site / "index.html").read_text()


@pytest.mark.audit
def test_a_build_killed_at_any_moment_leaves_a_tree_that_builds_as_a_clean_one(copy, clean):
    for moment in (0.3, 2.0, 3.3):
        shutil.rmtree(copy / ".cache")
        process = begun(copy)
        time.sleep(moment)
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        assert build(copy, copy / "site", ADDRESS).returncode == 0
        assert same(copy / "site", clean / "site")


WAITING = """import os, time
marks = open({marks!r}, "a")
print(os.getpid(), file=marks, flush=True)
while True:
    time.sleep(0.1)"""


def waiting(folder):
    """Add an example to a project that never ends; returns where it says its process."""
    marks = folder.parent / "marks"
    (folder / "gallery" / "plot_2_waits.py").write_text(script(WAITING.format(marks=str(marks)), "waiting one"))
    shutil.rmtree(folder / ".cache")
    return marks


def patiently(found):
    """Wait until something is true, however slow the machine is; what never comes ends the test."""
    for _ in range(6000):
        if found():
            return
        time.sleep(0.02)
    raise AssertionError("it did not happen in two minutes")


def ended(process):
    """Whether a process is there no more, or only until its parent has asked for its end."""
    done = subprocess.run(["ps", "-o", "stat=", "-p", str(process)], capture_output=True, text=True)
    return not done.stdout.strip() or done.stdout.strip().startswith("Z")


def test_a_build_that_is_killed_leaves_no_example_running(copy):
    marks = waiting(copy)
    process = begun(copy)
    patiently(lambda: marks.exists() and marks.read_text())
    process.kill()
    process.communicate(timeout=120)  # whoever else writes there has ended, too
    patiently(lambda: ended(marks.read_text().strip()))


def begun(folder, *command, interrupted=signal.SIG_DFL):
    """A build, or another command of mkdocs, under way, with its children in a group of its own.

    It does by default, or ignores, what Ctrl-C sends, whatever the process that runs the tests does.
    """
    return subprocess.Popen(
        [sys.executable, "-m", "mkdocs", *(command or ("build", "--site-dir", str(folder / "site")))],
        cwd=folder,
        env={**os.environ, "SITE_URL": ADDRESS, "NO_MKDOCS_2_WARNING": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
        # a shell that starts something in the background lets it ignore Ctrl-C, and so what that starts
        preexec_fn=lambda: signal.signal(signal.SIGINT, interrupted),
    )


@pytest.mark.parametrize(("harm",), audited([("cut short",), ("emptied",), ("another's content",)], ("cut short",)))
def test_a_damaged_cache_counts_as_none(copy, clean, harm):
    files = sorted(path for path in (copy / ".cache").rglob("*") if path.is_file() and path.stat().st_size)
    assert {path.suffix for path in files} >= {"", ".gif", ".webp", ".png", ".json"}
    contents = [path.read_bytes() for path in files]
    for place, path in enumerate(files):
        other = {"cut short": contents[place][:-9], "emptied": b"", "another's content": contents[place - 1]}
        path.write_bytes(other[harm])
    done = build(copy, copy / "site", ADDRESS)
    assert done.returncode == 0, done.stdout
    assert same(copy / "site", clean / "site")


@pytest.mark.audit
def test_one_damaged_file_is_enough_to_be_noticed(copy, clean):
    for path in sorted((copy / ".cache" / "built").iterdir()):
        content = bytearray(path.read_bytes())
        content[-1] ^= 1
        path.write_bytes(content)
        assert build(copy, copy / "site", ADDRESS).returncode == 0
        assert same(copy / "site", clean / "site")


@pytest.mark.audit
def test_two_builds_at_once_both_end_right(copy, clean):
    shutil.rmtree(copy / ".cache")
    builds = [begun(copy) for _ in range(2)]
    said = [process.communicate()[0] for process in builds]
    assert [process.returncode for process in builds] == [0, 0], said
    assert sum("Another build is at work in this folder; waiting for its end." in each for each in said) == 1
    assert same(copy / "site", clean / "site")


@pytest.mark.parametrize(
    ("command", "send"),
    audited([("build", os.killpg), ("serve", os.killpg), ("build", os.kill)]),
    ids=["build", "serve", "build, told alone"],
)
def test_ctrl_c_stops_all_of_it_and_leaves_a_tree_that_builds(copy, clean, command, send):
    """A terminal tells every process of it; a program that runs it may tell the first alone."""
    marks = waiting(copy)
    process = begun(copy, *(["serve", "--dev-addr", "127.0.0.1:0"] if command == "serve" else []))
    patiently(lambda: marks.exists() and marks.read_text())
    send(process.pid, signal.SIGINT)
    process.communicate(timeout=120)  # it would wait for the example, which has no end
    assert command == "serve" or process.returncode != 0
    patiently(lambda: ended(marks.read_text().strip()))
    assert subprocess.run(["pgrep", "-g", str(process.pid)], capture_output=True).stdout == b""
    assert same(copy / "site", clean / "site")
    (copy / "gallery" / "plot_2_waits.py").unlink()
    assert build(copy, copy / "site", ADDRESS).returncode == 0
    assert same(copy / "site", clean / "site")


@pytest.mark.audit
def test_a_build_in_the_background_of_a_shell_is_not_stopped_by_ctrl_c(copy):
    """It ignores what Ctrl-C sends to all processes of a terminal, which is meant for those in the foreground."""
    marks = copy.parent / "marks"
    code = WAITING.format(marks=str(marks)).replace("True", f"not os.path.exists({str(copy.parent / 'go')!r})")
    (copy / "gallery" / "plot_2_waits.py").write_text(script(code, "waiting one"))
    process = begun(copy, interrupted=signal.SIG_IGN)
    patiently(lambda: marks.exists() and marks.read_text())
    os.killpg(process.pid, signal.SIGINT)
    (copy.parent / "go").touch()
    said = process.communicate(timeout=120)[0]
    assert process.returncode == 0, said
