"""sgdlib's source as one file that pip can install from the site itself."""

from __future__ import annotations

import tomllib
import zipfile
from functools import cache
from pathlib import Path

from build.packing import pack

ROOT = Path(__file__).resolve().parents[2]
PARTS = ("pyproject.toml", "README.md", "LICENSE", "sgdlib/**/*.py", "sgdlib/py.typed", "sgdlib/web/*")
HERE = "archive:"  # stands for the address until it is known where the site is published


@cache  # until the next build, which imports this anew
def name() -> str:
    """The archive's file name, with the version."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return f"{project['name']}-{project['version']}.zip"


def address(site_url: str | None) -> str:
    """Where the archive is published."""
    return f"{(site_url or '').rstrip('/')}/{name()}"


def write(root: Path, site: Path) -> None:
    """Write the archive into the built site."""
    found = {path.relative_to(root).as_posix(): path.read_bytes() for part in PARTS for path in root.glob(part)}
    (site / name()).write_bytes(pack(found, zipfile.ZIP_DEFLATED))
