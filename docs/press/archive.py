"""sgdlib's source as one file, that pip can install from the site itself, or that a notebook brings along."""

from __future__ import annotations

import base64
import json
import tomllib
import zipfile
from functools import cached_property
from pathlib import Path

from press.files import pack

PARTS = ("pyproject.toml", "README.md", "LICENSE", "sgdlib/**/*.py", "sgdlib/py.typed", "sgdlib/**/*.[jc]s*")
PLACE = "archive:"  # in the place of a notebook's first cell, until it is known where the site is published
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


class Library:
    """The archive of a project's library.

    Args:
        project: the project's folder.
    """

    def __init__(self, project: Path):
        self._project = project
        self._about = tomllib.loads((project / "pyproject.toml").read_text(encoding="utf-8"))["project"]
        self.name = f"{self._about['name']}-{self._about['version']}.zip"

    @cached_property
    def content(self) -> bytes:
        """The archive itself."""
        found = [path for part in PARTS for path in self._project.glob(part)]
        content = {path.relative_to(self._project).as_posix(): path.read_bytes() for path in found}
        return pack(content, zipfile.ZIP_DEFLATED)

    def address(self, site_url: str) -> str:
        """Where the archive is published."""
        return f"{site_url.rstrip('/')}/{self.name}"

    def notebook(self, made: bytes, site_url: str | None) -> bytes:
        """A notebook with a first cell by which it finds the library.

        Args:
            made: as mkdocs-gallery has made it, with a first cell of its own.
            site_url: where the site is published; ``None`` if that is not known.
        """
        cells = json.loads(made)
        first = cells["cells"][0]
        first["source"] = [f"%pip install -q {self.address(site_url)}" if site_url else self._brought]
        if not site_url:  # nobody wants to read it
            first["metadata"] = {"jupyter": {"source_hidden": True}}
        return json.dumps(cells, indent=2).encode()

    @cached_property
    def _brought(self) -> str:
        needed, archive = self._about["dependencies"], base64.b64encode(self.content).decode()
        return _BROUGHT.format(needed=needed, archive=archive)
