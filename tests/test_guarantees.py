"""What a maintainer can rely on: a build is right or red, whatever goes wrong."""

from __future__ import annotations

import filecmp
import os
import re
import shutil
import sys

import pytest
from sites import ROOT, build, project

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


@pytest.mark.parametrize("other", ["python", "package"])
def test_another_python_or_another_version_of_a_package_runs_everything_again(tmp_path, keys, monkeypatch, other):
    folder = project(tmp_path / "project", {"plot_1_a.py": FIGURE})
    before = keys(folder)
    if other == "python":
        monkeypatch.setattr(sys, "version", "3.99")
    else:
        packages = tmp_path / "packages"
        (packages / "torch-99.dist-info").mkdir(parents=True)
        monkeypatch.setattr("sysconfig.get_path", lambda _: str(packages))
    assert not set(before.values()) & set(keys(folder).values())


# Kills the process before the k-th time that it writes, makes or moves something in the project, counting over all
# processes of a build. Without a number it only counts.
KILLER = """
import fcntl, os, signal, sys
count, last, project = os.environ["COUNT"], int(os.environ["LAST"]), os.environ["PROJECT"]
def hook(event, args):
    if event == "open":
        writes = isinstance(args[1], str) and set(args[1]) & set("wxa+")
        path = args[0]
    else:
        writes, path = event in ("os.rename", "os.mkdir", "os.remove", "os.rmdir"), args[0] if args else ""
    if writes and isinstance(path, (str, os.PathLike)) and os.fspath(path).startswith(project):
        number = os.open(count, os.O_RDWR | os.O_APPEND | os.O_CREAT)
        os.write(number, b".")
        size = os.fstat(number).st_size
        os.close(number)
        if size == last:
            os.kill(os.getpid(), signal.SIGKILL)
sys.addaudithook(hook)
"""


@pytest.fixture
def killed(tmp_path):
    """Build in a folder, and kill the process that does the k-th writing; returns how often was written."""
    (tmp_path / "killer").mkdir()
    (tmp_path / "killer" / "sitecustomize.py").write_text(KILLER)

    def run(folder, last):
        count = tmp_path / "count"
        count.unlink(missing_ok=True)
        watch = {"COUNT": str(count), "LAST": str(last), "PROJECT": str(folder)}
        done = build(folder, folder / "site", ADDRESS, PYTHONPATH=str(tmp_path / "killer"), **watch)
        return done, count.stat().st_size

    return run


def test_count(copy, clean, killed):
    done, many = killed(copy, -1)
    print(many)
    shutil.rmtree(copy / ".cache")
    done, many = killed(copy, -1)
    print(many)
    assert 0
