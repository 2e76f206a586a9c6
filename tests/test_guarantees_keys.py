"""A build runs and draws again what an edit bears upon, and nothing else."""

from __future__ import annotations

import importlib
import os
import re
import shutil
import sys
import sysconfig
import venv
from pathlib import Path

import pytest
from helpers.sites import ADDRESS, FIGURE, ROOT, build, project, script

from sgdlib import Animation, LeastSquares, LossCurve, noisy_line, train


@pytest.mark.parametrize(
    ("edit", "changed"),
    [
        (lambda folder: append(folder / "sgdlib" / "experiment" / "train.py"), {"player", "plot_1_a", "plot_2_b"}),
        (lambda folder: append(folder / "sgdlib" / "theory" / "floor.py"), {"player", "plot_1_a", "plot_2_b"}),
        (lambda folder: append(folder / "sgdlib" / "render" / "js" / "player.js"), {"player"}),
        (lambda folder: append(folder / "gallery" / "data" / "points.csv"), {"plot_1_a", "plot_2_b"}),
        (lambda folder: (folder / "gallery" / "new.csv").write_text("x\n"), {"plot_1_a", "plot_2_b"}),
        (lambda folder: append(folder / "gallery" / "plot_2_b.py"), {"plot_2_b"}),
        (lambda folder: append(folder / "gallery" / "README.md"), set()),
        (lambda folder: append(folder / "docs" / "press" / "pages.py"), {"plot_1_a", "plot_2_b"}),
        (lambda folder: append(folder / "mkdocs.yml"), set()),
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
        *("the glue", "a setting of the site", "a date alone"),
    ],
)
def test_an_edit_runs_again_what_depends_on_it_and_nothing_else(tmp_path, keys, edit, changed):
    folder = project(tmp_path / "project", {"plot_1_a.py": FIGURE, "plot_2_b.py": FIGURE}, library=True)
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
    from press import inputs

    return lambda folder: inputs.keys(folder, [path.stem for path in inputs.scripts(folder)])


@pytest.mark.parametrize("other", ["python", "machine"])
def test_another_python_or_another_machine_runs_everything_again(tmp_path, keys, monkeypatch, other):
    folder = project(tmp_path / "project", {"plot_1_a.py": FIGURE})
    before = keys(folder)
    if other == "python":
        monkeypatch.setattr(sys, "version", "3.99")
    else:
        monkeypatch.setattr("platform.machine", lambda: "abacus")
    assert not set(before.values()) & set(keys(folder).values())


def install(packages, name, version):
    """What pip leaves of a package with one module, that knows its version."""
    for old in packages.glob(f"{name}-*.dist-info"):
        shutil.rmtree(old)
    (packages / f"{name}.py").write_text(f"version = {version!r}\n")
    told = packages / f"{name}-{version}.dist-info"
    told.mkdir()
    (told / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    (told / "RECORD").write_text(f"{name}.py,,\n{told.name}/METADATA,,\n")


@pytest.mark.audit
def test_another_version_runs_again_what_has_loaded_it_and_a_package_that_nobody_loads_runs_nothing(tmp_path):
    uses = {"plot_1_uses.py": script("import abacus\nprint('beads:', abacus.version)", "user")}
    folder = project(tmp_path / "project", {**uses, "plot_2_does_not.py": script("print('none')", "other")})
    venv.create(tmp_path / "python", symlinks=True)
    (packages,) = (tmp_path / "python" / "lib").glob("*/site-packages")
    (packages / "others.pth").write_text(sysconfig.get_path("purelib"))

    def ran():
        done = build(folder, folder / "site", ADDRESS, python=str(tmp_path / "python" / "bin" / "python"))
        assert done.returncode == 0, done.stdout
        assert f"beads: {version}" in (folder / "site" / "gallery" / "plot_1_uses" / "index.html").read_text()
        return re.findall(r"^\[.*\] ([^\s:]+)", done.stdout, re.MULTILINE)

    for version in ("1.0", "2.0"):
        install(packages, "abacus", version)
        assert "gallery/plot_1_uses.py" in ran()
    install(packages, "linter", "1.0")  # as the tests' packages are, after the site has been built
    assert ran() == []
    install(packages, "abacus", version := "3.0")
    assert ran() == ["gallery/plot_1_uses.py"]


RENDER = ["raster", "letters", "glyphs", "artists", "encode"]
DRAWING = [*(f"render.{name}" for name in RENDER), "scene.scene", "scene.style"]


def test_what_draws_films_is_all_that_the_raster_and_the_encoder_use_to_draw():
    used, more = set(), {"raster", "encode"}
    while more:
        used |= more
        found = [(ROOT / "sgdlib" / "render" / f"{name}.py").read_text(encoding="utf-8") for name in more]
        inside = re.findall(r"^from sgdlib\.render(?:\.(\w+))? import (.+)$", "\n".join(found), re.MULTILINE)
        more = {name for module, names in inside for name in ([module] if module else names.split(", "))} - used
    assert used == set(RENDER)


@pytest.mark.parametrize("other", [*DRAWING, "matplotlib", "PIL"])
def test_films_are_drawn_again_when_what_draws_them_is_another(tmp_path, monkeypatch, other):
    monkeypatch.syspath_prepend(ROOT / "docs")
    from press import films

    scene = Animation({"one": train(LeastSquares(noisy_line()), steps=3)}, [LossCurve()]).scene()
    before = films.key(scene)
    assert films.key(scene) == before
    if other in ("matplotlib", "PIL"):
        monkeypatch.setattr(f"{other}.__version__", "99")
    else:
        module = importlib.import_module(f"sgdlib.{other}")
        source = shutil.copy(module.__file__, tmp_path)
        append(Path(source))
        monkeypatch.setattr(module, "__file__", source)
    assert films.key(scene) != before


def test_what_no_build_has_used_for_long_is_not_kept(copy):
    old = copy / ".cache" / "built" / "old"
    old.write_bytes(b"")
    os.utime(old, (0, 0))
    assert build(copy, copy / "site", ADDRESS).returncode == 0
    assert not old.exists()
