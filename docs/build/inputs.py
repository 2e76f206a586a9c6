"""What an example's page depends on, as one hash: all of it, so that no build shows what is no longer so."""

from __future__ import annotations

import hashlib
import json
import os
import platform
import re
import sys
import sysconfig
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from mkdocs.utils.yaml import yaml_load

PLAYER = "player"


def settings(root: Path) -> dict[str, Any]:
    """The settings of mkdocs-gallery, from mkdocs.yml."""
    with (root / "mkdocs.yml").open(encoding="utf-8") as file:
        gallery: dict[str, Any] = yaml_load(file)["plugins"]["gallery"]
    return gallery


def scripts(root: Path, ignored: str) -> list[Path]:
    """The gallery's scripts, in the order of their numbers.

    Args:
        root: the project's folder.
        ignored: a pattern; a script whose path holds it is left out.
    """
    found = (root / "gallery").glob("*.py")
    return sorted((path for path in found if not re.search(ignored, str(path))), key=by_number)


def by_number(script: Path) -> tuple[int, str]:
    """Where a script stands in the gallery: by its number, so that plot_10 comes after plot_9, then by its name."""
    number = re.match(r"plot_(\d+)", script.name)
    return int(number[1]) if number else 0, script.name


def keys(root: Path, examples: Iterable[Path]) -> dict[str, str]:
    """A hash for each example, by its stem, and one for the player.

    An example depends on itself, on sgdlib, on this glue, on the data and modules in the gallery's folder, on the
    settings of mkdocs-gallery, and on every version of what is installed. What is there counts, not when it changed.
    """
    library = list(_contents(root, "sgdlib", ".py"))
    made_with = [sys.version, platform.machine(), *_installed()]
    data = (part for part in _contents(root, "gallery", "") if not re.search(r"/plot_[^/]*\.py$|\.md$", part[0]))
    common = [
        *library,
        *_contents(root, "docs/build", ".py"),
        *data,
        *((name, _hash((root / name).read_bytes())) for name in ("constraints.txt",) if (root / name).exists()),
        ("settings", json.dumps(settings(root), sort_keys=True)),
    ]
    found = {path.stem: _together(common, made_with, path.name, _hash(path.read_bytes())) for path in examples}
    return found | {PLAYER: _together(library, made_with, list(_contents(root, "sgdlib/web", "")))}


def _contents(root: Path, folder: str, suffix: str) -> Iterator[tuple[str, str]]:
    """The path and the hash of every file below a folder."""
    for path in sorted((root / folder).rglob(f"*{suffix}")):
        if path.is_file() and "__pycache__" not in path.parts:
            yield path.relative_to(root).as_posix(), _hash(path.read_bytes())


def _installed() -> list[str]:
    """Every installed package with its version, from the names of the folders that say so."""
    folders = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}
    names = {entry.name for folder in folders for entry in os.scandir(folder)}
    return sorted(name for name in names if name.endswith((".dist-info", ".egg-info")))


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _together(*parts: object) -> str:
    return _hash(json.dumps(parts).encode())
