"""sgdlib's source as one file that pip can install from the site itself."""

from __future__ import annotations

import tomllib
import zipfile
from pathlib import Path

from sgdlib import files

ROOT = Path(__file__).resolve().parents[2]
PARTS = ("pyproject.toml", "README.md", "LICENSE", "sgdlib/**/*.py", "sgdlib/py.typed", "sgdlib/web/*")
EPOCH = (1980, 1, 1, 0, 0, 0)  # the same bytes whenever the site is built


def name() -> str:
    """The archive's file name, with the version."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return f"{project['name']}-{project['version']}.zip"


def address(site_url: str | None) -> str:
    """Where the archive is published."""
    return f"{(site_url or '').rstrip('/')}/{name()}"


def write(root: Path, site: Path) -> None:
    """Write the archive into the built site."""
    found = sorted(path for part in PARTS for path in root.glob(part))
    with files.whole(site / name()) as file, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in found:
            entry = zipfile.ZipInfo(path.relative_to(root).as_posix(), EPOCH)
            archive.writestr(entry, path.read_bytes(), zipfile.ZIP_DEFLATED)
