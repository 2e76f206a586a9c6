"""What a maintainer can rely on: a build is right or red, whatever goes wrong."""

from __future__ import annotations

import filecmp
import importlib
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from sites import ROOT, build, project

from sgdlib import Animation, LeastSquares, LossCurve, noisy_line, train

ADDRESS = "http://127.0.0.1:8000/"
PLAIN = '''"""
# A {title}

With an introduction.
"""

# %% draw

from sgdlib import Animation, LeastSquares, LossCurve, noisy_line, train

run = train(LeastSquares(noisy_line()), batch_size=16, steps=3)
print("steps taken:", run.steps[-1])
Animation({{"sixteen": run}}, [LossCurve()])
'''
FIGURE = PLAIN.format(title="figure")


def script(code, title="script"):
    return f'"""\n# A {title}\n\nWith an introduction.\n"""\n\n# %% code\n\n{code}\n'


def seconds(folder, limit):
    """Give examples so many seconds."""
    settings = folder / "mkdocs.yml"
    settings.write_text(re.sub(r"seconds_per_example: \d+", f"seconds_per_example: {limit}", settings.read_text()))


def same(one, other):
    """Whether two folders hold the same files with the same bytes; says what differs."""
    names = [{path.relative_to(folder) for path in folder.rglob("*") if path.is_file()} for folder in (one, other)]
    assert names[0] == names[1]
    assert filecmp.cmpfiles(one, other, names[0], shallow=False)[1:] == ([], [])
    return True


@pytest.fixture(scope="module")
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
            assert f"gallery/{name} said on standard error:" in done.stdout
            assert words in done.stdout
    assert same(copy / "site", clean / "site")


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


@pytest.mark.parametrize(
    ("edit", "changed"),
    [
        (lambda folder: append(folder / "sgdlib" / "train.py"), {"player", "plot_1_a", "plot_2_b"}),
        (lambda folder: append(folder / "sgdlib" / "theory" / "floor.py"), {"player", "plot_1_a", "plot_2_b"}),
        (lambda folder: append(folder / "sgdlib" / "web" / "player.js"), {"player"}),
        (lambda folder: append(folder / "gallery" / "data" / "points.csv"), {"plot_1_a", "plot_2_b"}),
        (lambda folder: (folder / "gallery" / "new.csv").write_text("x\n"), {"plot_1_a", "plot_2_b"}),
        (lambda folder: append(folder / "gallery" / "plot_2_b.py"), {"plot_2_b"}),
        (lambda folder: append(folder / "gallery" / "README.md"), set()),
        (lambda folder: append(folder / "docs" / "build" / "pages.py"), {"plot_1_a", "plot_2_b"}),
        (lambda folder: append(folder / "constraints.txt"), {"plot_1_a", "plot_2_b"}),
        (
            lambda folder: (folder / "mkdocs.yml").write_text(
                (folder / "mkdocs.yml").read_text().replace("show_signature: false", "show_signature: true")
            ),
            {"plot_1_a", "plot_2_b"},
        ),
        (lambda folder: os.utime(folder / "gallery" / "plot_1_a.py", (0, 0)), set()),
    ],
    ids=[
        *(
            "sgdlib",
            "a module of theory",
            "the player",
            "data",
            "new data",
            "one example",
            "the gallery's introduction",
        ),
        *("the glue", "a pinned version", "a setting", "a date alone"),
    ],
)
def test_an_edit_runs_again_what_depends_on_it_and_nothing_else(tmp_path, keys, edit, changed):
    folder = project(tmp_path / "project", {"plot_1_a.py": FIGURE, "plot_2_b.py": FIGURE}, library=True)
    shutil.copy(ROOT / "constraints.txt", folder)
    (folder / "gallery" / "data").mkdir()
    (folder / "gallery" / "data" / "points.csv").write_text("x,y\n")
    before = keys(folder)
    assert set(before) == {"player", "plot_1_a", "plot_2_b"}
    assert len(set(before.values())) == 3
    edit(folder)
    assert {name for name, key in keys(folder).items() if key != before[name]} == changed


def append(path):
    with path.open("a") as file:
        file.write("\n")


@pytest.fixture
def keys(monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "docs")
    from build import inputs

    return lambda folder: inputs.keys(folder, inputs.scripts(folder, "__init__"))


@pytest.mark.parametrize("other", ["python", "machine", "package"])
def test_another_python_or_another_version_of_a_package_runs_everything_again(tmp_path, keys, monkeypatch, other):
    folder = project(tmp_path / "project", {"plot_1_a.py": FIGURE})
    before = keys(folder)
    if other == "python":
        monkeypatch.setattr(sys, "version", "3.99")
    elif other == "machine":
        monkeypatch.setattr("platform.machine", lambda: "abacus")
    else:
        packages = tmp_path / "packages"
        (packages / "torch-99.dist-info").mkdir(parents=True)
        monkeypatch.setattr("sysconfig.get_path", lambda _: str(packages))
    assert not set(before.values()) & set(keys(folder).values())


@pytest.mark.parametrize("other", ["raster", "letters", "artists", "encode", "scene", "style", "matplotlib", "PIL"])
def test_films_are_drawn_again_when_what_draws_them_is_another(tmp_path, monkeypatch, other):
    monkeypatch.syspath_prepend(ROOT / "docs")
    from build import films

    scene = Animation({"one": train(LeastSquares(noisy_line()), steps=3)}, [LossCurve()]).scene()
    before = films.key(scene)
    assert films.key(scene) == before
    if other in ("matplotlib", "PIL"):
        monkeypatch.setattr(f"{other}.__version__", "99")
    else:
        module = importlib.import_module(f"sgdlib.{other}")
        shutil.copy(module.__file__, tmp_path)
        append(tmp_path / f"{other}.py")
        monkeypatch.setattr(module, "__file__", str(tmp_path / f"{other}.py"))
    assert films.key(scene) != before


def test_what_no_build_has_used_for_long_is_not_kept(copy):
    old = copy / ".cache" / "built" / "old"
    old.write_bytes(b"")
    os.utime(old, (0, 0))
    assert build(copy, copy / "site", ADDRESS).returncode == 0
    assert not old.exists()


# Kills the process before the k-th time that any process of a build writes, makes, moves or removes something in the
# project, and keeps a list of what each such time was.
KILLER = """
import os, signal, sys
told, last, project = os.environ["TOLD"], int(os.environ["LAST"]), os.environ["PROJECT"]
def hook(event, args):
    path = args[0] if args else ""
    writes = event in ("os.rename", "os.mkdir", "os.remove", "os.rmdir")
    if event == "open" and isinstance(args[1], str):
        writes = bool(set(args[1]) & set("wxa+"))
    if writes and isinstance(path, (str, os.PathLike)) and os.fspath(path).startswith(project):
        file = os.open(told, os.O_RDWR | os.O_APPEND | os.O_CREAT)
        os.write(file, f"{event} {os.path.relpath(path, project)}".encode().ljust(200)[:199] + b"\\n")
        size = os.fstat(file).st_size
        os.close(file)
        if size == 200 * last:
            os.kill(os.getpid(), signal.SIGKILL)
sys.addaudithook(hook)
"""


def build_killed(folder, last=-1):
    """Build in a folder whose project kills the process that is about to do the k-th writing; tells them all."""
    told = folder.parent / "told"
    told.unlink(missing_ok=True)
    (folder / "sitecustomize.py").write_text(KILLER)
    watch = {"TOLD": str(told), "LAST": str(last), "PROJECT": str(folder)}
    done = build(folder, folder / "site", ADDRESS, PYTHONPATH=str(folder), **watch)
    (folder / "sitecustomize.py").unlink()
    return done, told.read_text().splitlines()


def chosen(times, random_ones=2):
    """Of all times to kill a build: those at which something is kept or takes its place, and some others."""
    matters = [k for k, what in enumerate(times, 1) if re.match(r"os.rename|\S+ \.(cache/built|cache/work|site)", what)]
    matters = [k for k in matters if not re.search(r"site\.new/", times[k - 1])]
    matters = sorted({matters[int(place)] for place in np.linspace(0, len(matters) - 1, 7)})
    others = random.Random(len(times)).sample(range(1, len(times) + 1), random_ones)
    return sorted({*matters, *others})


@pytest.mark.parametrize("caches", ["kept", "empty"])
def test_a_build_killed_at_a_write_or_a_rename_leaves_a_tree_that_builds_as_a_clean_one(copy, clean, caches):
    """The site is the old one, or the new one, or, between two renames, beside its place."""

    def begin():
        if caches == "empty":
            shutil.rmtree(copy / ".cache")

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


def test_a_build_killed_at_any_moment_leaves_a_tree_that_builds_as_a_clean_one(copy, clean):
    for moment in (0.3, 2.0, 3.3):
        shutil.rmtree(copy / ".cache")
        process = begun(copy)
        time.sleep(moment)
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        assert build(copy, copy / "site", ADDRESS).returncode == 0
        assert same(copy / "site", clean / "site")


def test_a_build_that_is_killed_leaves_no_example_running(copy):
    slow = script("import time\ntime.sleep(3)\nopen('ended', 'w').close()", "slow one")
    (copy / "gallery" / "plot_2_slow.py").write_text(slow)
    shutil.rmtree(copy / ".cache")
    process = begun(copy)
    for line in process.stdout:
        if "player" in line:  # the first that is done; the slow one is under way
            break
    process.kill()
    process.communicate(timeout=2)  # whoever else writes there has ended, too
    time.sleep(4)
    assert not (copy / "gallery" / "ended").exists()


def begun(folder, *command):
    """A build, or another command of mkdocs, under way, with its children in a group of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "mkdocs", *(command or ("build", "--site-dir", str(folder / "site")))],
        cwd=folder,
        env={**os.environ, "SITE_URL": ADDRESS, "NO_MKDOCS_2_WARNING": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


@pytest.mark.parametrize("harm", ["cut short", "emptied", "another's content"])
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


def test_one_damaged_file_is_enough_to_be_noticed(copy, clean):
    for path in sorted((copy / ".cache" / "built").iterdir()):
        content = bytearray(path.read_bytes())
        content[-1] ^= 1
        path.write_bytes(content)
        assert build(copy, copy / "site", ADDRESS).returncode == 0
        assert same(copy / "site", clean / "site")


def test_two_builds_at_once_both_end_right(copy, clean):
    shutil.rmtree(copy / ".cache")
    builds = [begun(copy) for _ in range(2)]
    said = [process.communicate()[0] for process in builds]
    assert [process.returncode for process in builds] == [0, 0], said
    assert sum("Another build is at work in this folder; waiting for its end." in each for each in said) == 1
    assert same(copy / "site", clean / "site")


@pytest.mark.parametrize(
    ("command", "send"),
    [("build", os.killpg), ("serve", os.killpg), ("build", os.kill)],
    ids=["build", "serve", "build, told alone"],
)
def test_ctrl_c_stops_within_a_second_and_leaves_a_tree_that_builds(copy, clean, command, send):
    """A terminal tells every process of it; a program that runs it may tell the first alone."""
    (copy / "gallery" / "plot_2_slow.py").write_text(script("import time\ntime.sleep(30)", "slow one"))
    shutil.rmtree(copy / ".cache")
    process = begun(copy, *(["serve", "--dev-addr", "127.0.0.1:0"] if command == "serve" else []))
    for line in process.stdout:
        if "player" in line:  # the first that is done; the slow one is under way
            break
    time.sleep(1)
    asked = time.monotonic()
    send(process.pid, signal.SIGINT)
    process.communicate()
    assert time.monotonic() - asked < 1
    assert command == "serve" or process.returncode != 0
    assert subprocess.run(["pgrep", "-g", str(process.pid)], capture_output=True).stdout == b""
    assert same(copy / "site", clean / "site")
    (copy / "gallery" / "plot_2_slow.py").unlink()
    assert build(copy, copy / "site", ADDRESS).returncode == 0
    assert same(copy / "site", clean / "site")


def alone(*commands):
    """Run what follows where file systems can be mounted and the network is not there; skips where that is barred."""
    unshare = ["unshare", "--mount", "--net", "--map-root-user"]
    if shutil.which("unshare") is None or subprocess.run([*unshare, "true"], capture_output=True).returncode:
        pytest.skip("no namespaces here: unshare is missing or not allowed")
    return [*unshare, "sh", "-ec", "\n".join([*commands, 'exec "$@"']), "sh"]


def test_no_network_is_needed(copy, clean):
    shutil.rmtree(copy / ".cache")
    done = build(copy, copy / "site", ADDRESS, before=alone())
    assert done.returncode == 0, done.stdout
    assert same(copy / "site", clean / "site")


@pytest.mark.parametrize(
    ("mount", "says"),
    [
        ("mount -t tmpfs -o size=64k none .cache", "No space left on device"),
        ("mount -t tmpfs -o size=400k none out", "No space left on device"),
        ("mount -t tmpfs -o size=64k none docs/gallery", "No space left on device"),
        ("mount -t tmpfs -o size=64k,ro none out", "Read-only file system"),
        ("mount -t tmpfs -o ro none .cache", "Read-only file system"),
        ("mount --bind {empty} {fonts}", r"The font DejaVu Sans is missing\.|No such file or directory: .*\.ttf"),
    ],
    ids=["cache full", "output full", "pages full", "output read-only", "cache read-only", "font missing"],
)
def test_a_disk_that_is_full_or_read_only_is_told_in_a_line_and_the_old_site_stays(copy, clean, mount, says):
    import matplotlib

    for name in ("out", "empty", "docs/gallery"):
        (copy / name).mkdir(exist_ok=True)
    shutil.rmtree(copy / ".cache")
    (copy / ".cache").mkdir()
    fonts = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
    command = mount.format(empty=copy / "empty", fonts=fonts)
    site = copy / ("out/site" if " out" in mount else "site")
    done = build(copy, site, ADDRESS, before=alone(command))
    assert done.returncode != 0
    assert len([line for line in done.stdout.splitlines() if re.search(says, line)]) == 1, done.stdout
    assert "Traceback" not in done.stdout, done.stdout
    assert same(copy / "site", clean / "site")
    assert build(copy, copy / "site", ADDRESS).returncode == 0
    assert same(copy / "site", clean / "site")


def test_a_link_to_the_sites_folder_is_followed(copy, clean):
    (copy / "site").rename(copy / "elsewhere")
    (copy / "site").symlink_to("elsewhere")
    for words in ("once", "twice"):
        (copy / "docs" / "index.md").write_text(f"{POST}\n{words}\n")
        done = build(copy, copy / "site", ADDRESS)
        assert done.returncode == 0, done.stdout
        assert (copy / "site").is_symlink()
        assert words in (copy / "elsewhere" / "index.html").read_text()
        assert sorted(path.name for path in copy.glob(".*")) == [".cache"]


def test_a_workshop_that_is_killed_is_told(copy):
    (copy / "gallery" / "plot_2_kills.py").write_text(script("import os\nos.kill(os.getppid(), 9)", "killer"))
    done = build(copy, copy / "site", ADDRESS)
    assert done.returncode != 0
    assert "SIGKILL ended the process that runs the examples; build again." in done.stdout


def test_a_full_folder_for_temporary_files_does_no_harm(copy, clean):
    shutil.rmtree(copy / ".cache")
    (copy.parent / "tmp").mkdir()
    before = alone(f"mount -t tmpfs -o size=4k none {copy.parent / 'tmp'}")
    done = build(copy, copy / "site", ADDRESS, before=before, TMPDIR=str(copy.parent / "tmp"))
    assert done.returncode == 0, done.stdout
    assert same(copy / "site", clean / "site")


POST = '# Home\n\n{{ figure("first") }}\n'


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('<a href="nowhere/">a raw link</a>', "index.html: <a> leads to nowhere/, where there is nothing"),
        ('<a href="gallery/#nothing">a raw anchor</a>', "leads to gallery/#nothing, and that page has no #nothing"),
        ('<img src="missing.png" alt="">', "index.html: <img> leads to missing.png, where there is nothing"),
        ('<a href="#second@1">no such figure</a>', "leads to #second@1, and that page has no figure second"),
        ('<a href="#first@4">no such frame</a>', "leads to #first@4, but the last frame of first is 3"),
        ("[nowhere](nowhere.md)", "contains a link 'nowhere.md', but the target is not found"),
        ("[no anchor](#nothing)", "index.html: <a> leads to #nothing, and that page has no #nothing"),
        ("[no frame](#first@4)", "index.html: <a> leads to #first@4, but the last frame of first is 3"),
        ('{{ figure("first") }}', "index.html: 2 elements are called #figure-first"),
        ("[absolute](/gallery/)", "contains an absolute link '/gallery/'"),
        ('{{ figure("missing") }}', "There is no figure 'missing'. Known figures: first."),
    ],
    ids=[
        *("link", "anchor", "image", "figure's link", "frame"),
        *("Markdown link", "Markdown anchor", "Markdown frame", "twice", "absolute link", "figure"),
    ],
)
def test_a_planted_fault_fails_the_build_and_says_where_it_is(copy, clean, text, says):
    (copy / "docs" / "index.md").write_text(f"{POST}\n{text}\n")
    done = build(copy, copy / "site", ADDRESS)
    assert done.returncode != 0
    assert says in done.stdout, done.stdout
    assert same(copy / "site", clean / "site")


def test_what_is_right_passes_the_check(copy):
    links = '<a href="#first@3">last</a> <a href="gallery/plot_1_first/">page</a> [first](#first@0)'
    (copy / "docs" / "index.md").write_text(f"{POST}\n{links}\n")
    done = build(copy, copy / "site", ADDRESS)
    assert done.returncode == 0, done.stdout


def test_all_faults_of_the_site_are_told(copy):
    (copy / "docs" / "index.md").write_text(f'{POST}\n<a href="nowhere/">a</a> <a href="#first@4">b</a>\n')
    done = build(copy, copy / "site", ADDRESS)
    assert done.returncode != 0
    assert "leads to nowhere/" in done.stdout
    assert "leads to #first@4" in done.stdout


def test_a_page_that_nothing_leads_to_fails_the_build(copy):
    (copy / "docs" / "alone.md").write_text("# Alone\n")
    done = build(copy, copy / "site", ADDRESS)
    assert done.returncode != 0
    assert "alone/index.html: no page leads to it" in done.stdout


DAY = """
import datetime, time
real, late = time.time, 400 * 86400
time.time = lambda: real() + late
class Later(datetime.datetime):
    @classmethod
    def now(cls, tz=None):
        return super().now(tz) + datetime.timedelta(seconds=late)
datetime.datetime = Later
"""


def test_two_clean_builds_elsewhere_on_another_day_are_the_same_bytes_and_so_is_a_warm_one(copy, clean, tmp_path):
    for name in (".cache", "docs/gallery", "site"):
        shutil.rmtree(copy / name)
    other = tmp_path / "elsewhere"
    shutil.move(copy, other)
    (tmp_path / "day").mkdir()
    (tmp_path / "day" / "sitecustomize.py").write_text(DAY)
    elsewhere = {"TZ": "Pacific/Kiritimati", "LC_ALL": "POSIX", "LANG": "de_DE", "OMP_NUM_THREADS": "2"}
    elsewhere |= {"PYTHONHASHSEED": "7", "HOME": str(tmp_path), "PYTHONPATH": str(tmp_path / "day")}
    for _ in ("cold", "warm"):
        done = build(other, other / "site", ADDRESS, **elsewhere)
        assert done.returncode == 0, done.stdout
        assert same(other / "site", clean / "site")
