"""A build runs and draws again what an edit bears upon, and nothing else."""

from __future__ import annotations

import importlib
import os
import shutil
import sys

import pytest
from sites import ADDRESS, FIGURE, ROOT, build, project

from sgdlib import Animation, LeastSquares, LossCurve, noisy_line, train


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
