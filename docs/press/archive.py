"""sgdlib's source as one file, that pip can install from the site itself, or that a notebook brings along."""

from __future__ import annotations

import base64
import json
import tomllib
import zipfile
from functools import cache
from pathlib import Path
from typing import Any

from press.packing import pack

ROOT = Path(__file__).resolve().parents[2]
PARTS = ("pyproject.toml", "README.md", "LICENSE", "sgdlib/**/*.py", "sgdlib/py.typed", "sgdlib/**/*.[jc]s*")
HERE = "archive:"  # in the place of a notebook's first cell, until it is known where the site is published
_BROUGHT = """\
# This notebook brings along the library that it needs. Only packages that are not installed yet are fetched.
import base64, importlib.metadata, io, re, subprocess, sys, tempfile, zipfile

installed = {{str(package.name).lower() for package in importlib.metadata.distributions()}}
missing = [needed for needed in {needed} if re.match(r"[\\w-]+", needed)[0] not in installed]
if missing:
    subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", *missing], check=True)

archive = "{archive}"
sys.path.insert(0, tempfile.mkdtemp())
zipfile.ZipFile(io.BytesIO(base64.b64decode(archive))).extractall(sys.path[0])"""


@cache  # until the next build, which imports this anew
def _project() -> dict[str, Any]:
    project: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return project


def name() -> str:
    """The archive's file name, with the version."""
    return f"{_project()['name']}-{_project()['version']}.zip"


def address(site_url: str) -> str:
    """Where the archive is published."""
    return f"{site_url.rstrip('/')}/{name()}"


@cache
def content() -> bytes:
    """The archive itself."""
    found = {path.relative_to(ROOT).as_posix(): path.read_bytes() for part in PARTS for path in ROOT.glob(part)}
    return pack(found, zipfile.ZIP_DEFLATED)


def notebook(made: bytes, site_url: str | None) -> bytes:
    """A notebook with a first cell by which it finds the library.

    Args:
        made: as mkdocs-gallery has made it, with a first cell of its own.
        site_url: where the site is published; ``None`` if that is not known.
    """
    cells = json.loads(made)
    first = cells["cells"][0]
    first["source"] = [f"%pip install -q {address(site_url)}" if site_url else _brought()]
    if not site_url:  # nobody wants to read it
        first["metadata"] = {"jupyter": {"source_hidden": True}}
    return json.dumps(cells, indent=2).encode()


@cache
def _brought() -> str:
    return _BROUGHT.format(needed=_project()["dependencies"], archive=base64.b64encode(content()).decode())
