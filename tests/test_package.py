"""What pip installs is the library, whole, and nothing else."""

import os
import shutil
import subprocess
import sys
import tarfile
import zipfile

import pytest
from helpers.sites import ROOT

BUILD = """import sys
from setuptools import build_meta

folder = sys.argv[1]
build_meta.build_wheel(folder)
build_meta.build_sdist(folder)"""


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """The folder with the wheel and the source archive, and what was said while they were built."""
    folder, out = (tmp_path_factory.mktemp(name) for name in ("project", "out"))
    for path in ("pyproject.toml", "MANIFEST.in", "README.md", "LICENSE"):
        shutil.copy(ROOT / path, folder)
    for path in ("sgdlib", "tests", "docs/press"):
        shutil.copytree(ROOT / path, folder / path, ignore=shutil.ignore_patterns("__pycache__"))
    done = subprocess.run(
        [sys.executable, "-c", BUILD, str(out)],
        cwd=folder,
        env={name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"},  # it warns of it
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    assert done.returncode == 0, done.stdout
    return out, done.stdout


def sources():
    return {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "sgdlib").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def test_the_wheel_holds_every_file_of_the_library(built):
    out, _ = built
    (wheel,) = out.glob("*.whl")
    with zipfile.ZipFile(wheel) as packed:
        names = {name for name in packed.namelist() if ".dist-info/" not in name}
    assert names == sources()
    assert "sgdlib/render/js/player.js" in names


def test_the_source_archive_holds_the_library_and_no_tests_that_could_not_run(built):
    out, _ = built
    (archive,) = out.glob("*.tar.gz")
    with tarfile.open(archive) as packed:
        names = {member.name.partition("/")[2] for member in packed if member.isfile()}
    beside = {"LICENSE", "MANIFEST.in", "PKG-INFO", "README.md", "pyproject.toml", "setup.cfg"}
    assert {name for name in names if not name.startswith("sgdlib.egg-info/")} == sources() | beside


def test_they_are_built_without_a_warning(built):
    _, said = built
    assert "warning" not in said.lower(), said
