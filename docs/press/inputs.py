"""What an example's page depends on: its inputs, as one hash, and the packages that it loads."""

from __future__ import annotations

import hashlib
import json
import os
import platform
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib import metadata
from pathlib import Path

from press import files

PLAYER, RECORD = "player", "record.json"  # what is no example, and an example's record among its files

_SOURCES = ("sgdlib", "gallery", "docs/press")
_BOM = b"\xef\xbb\xbf"


def scripts(root: Path, only: str = "") -> list[Path]:
    """The gallery's scripts, in the order of their numbers.

    Args:
        root: the project's folder.
        only: the stem of one; "" for all.
    """
    found = (root / "gallery").glob(f"{only or '*'}.py")
    return sorted((path for path in found if path.name != "__init__.py"), key=by_number)


def by_number(script: Path) -> tuple[int, str]:
    """Where a script stands in the gallery: by its number, so that plot_10 comes after plot_9, then by its name."""
    number = re.match(r"plot_(\d+)", script.name)
    return int(number[1]) if number else 0, script.name


def keys(root: Path, stems: Iterable[str]) -> dict[str, str]:
    """A hash for each example, by its stem, and one for the player.

    An example depends on itself, on sgdlib, on this glue, and on the data and modules in the gallery's folder; what is
    there counts, not when it changed. It depends on packages, too: those are found by ``packages``.
    """
    library = list(_contents(root, "sgdlib", ".py"))
    made_with = [sys.version, platform.machine()]
    data = (part for part in _contents(root, "gallery", "") if not _other(part[0]))
    common = [*library, *_contents(root, "docs/press", ".py"), *data]
    own = {stem: (root / "gallery" / f"{stem}.py").read_bytes() for stem in stems}
    found = {stem: _together(common, made_with, stem, _hash(content)) for stem, content in own.items()}
    player = [list(_contents(root, "sgdlib", suffix)) for suffix in (".js", ".css")]
    return found | {PLAYER: _together(library, made_with, player)}


def copy(root: Path, folder: Path) -> None:
    """Copy all that examples depend on, so that they run on what is there now, whoever edits it meanwhile."""
    for name in _SOURCES:
        files.copy(root / name, folder / name)


def lend(root: Path, stem: str, folder: Path) -> None:
    """Copy what an example may read: itself, and the data and modules beside it. Its key knows of nothing else."""

    def others(above: str, names: list[str]) -> list[str]:
        return [name for name in names if _other((Path(above) / name).relative_to(root).as_posix())]

    files.copy(root / "gallery", folder, ignore=others)
    # a byte order mark is allowed, and mkdocs-gallery stumbles over it
    script = (root / "gallery" / f"{stem}.py").read_bytes().removeprefix(_BOM)
    (folder / f"{stem}.py").write_bytes(script)
    (folder / "README.md").write_text("# Gallery\n", encoding="utf-8")  # what mkdocs-gallery knows a gallery by


def packages(modules: Iterable[str]) -> dict[str, str]:
    """The version of every package that brings one of these modules.

    Examples:
        >>> list(packages(["numpy", "json"]))
        ['numpy']
    """
    owners = _owners()
    names = {name for module in modules for name in owners.get(module.partition(".")[0], ())}
    return {name: metadata.version(name) for name in sorted(names)}


def version(package: str) -> str | None:
    """The version of a package that is installed today; ``None`` if it is not."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


@cache
def _owners() -> Mapping[str, list[str]]:
    return metadata.packages_distributions()


def _contents(root: Path, folder: str, suffix: str) -> Iterator[tuple[str, str]]:
    """The path and the hash of every file below a folder; links are followed."""
    found = [Path(above) / name for above, _, names in os.walk(root / folder, followlinks=True) for name in names]
    for path in sorted(path for path in found if path.name.endswith(suffix) and path.is_file()):
        if "__pycache__" not in path.parts:
            yield path.relative_to(root).as_posix(), _hash(path.read_bytes())


def _other(path: str) -> bool:
    """Whether a file in the gallery's folder is none that examples read: a script, or a text of the site."""
    return re.search(r"^gallery/plot_[^/]*\.py$|\.md$", path) is not None


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _together(*parts: object) -> str:
    return _hash(json.dumps(parts).encode())
