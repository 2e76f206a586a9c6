"""What changes in a folder, by whatever means it is written."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path

State = Mapping[str, tuple[int, ...]]

_SOURCES = ("docs", "gallery", "sgdlib")
_MADE = "__pycache__"  # by Python


def state(folder: Path, leave: Iterable[str] = ()) -> State:
    """All that lies below a folder: by its path, numbers of which some change whenever it is written."""
    found: dict[str, tuple[int, ...]] = {}
    for above, folders, files in os.walk(folder):
        here = Path(above).relative_to(folder)
        folders[:] = [name for name in folders if name != _MADE and (here / name).as_posix() not in leave]
        found |= {(here / name).as_posix(): _mark(os.path.join(above, name)) for name in files}
        found |= {(here / name).as_posix(): (0,) for name in folders}
    return found


def project(root: Path) -> State:
    """What people write in a project's folder: its sources, and what lies at its top; hidden files are nobody's."""
    top = [entry for entry in os.scandir(root) if not entry.name.startswith(".")]
    found = {entry.name: (0,) if entry.is_dir() else _mark(entry.path) for entry in top}
    for name in _SOURCES:
        below = state(root / name, leave=["gallery"] if name == "docs" else []).items()
        found |= {f"{name}/{path}": mark for path, mark in below if "/." not in f"/{path}"}
    return found


def changed(before: State, after: State) -> list[str]:
    """What was written, made or removed in between; of a new folder, the folder alone."""
    paths = {path for path in before.keys() | after.keys() if before.get(path) != after.get(path)}
    return sorted(path for path in paths if not any(path.startswith(f"{other}/") for other in paths))


def move(path: Path, target: Path) -> None:
    """Put what is there where nothing is."""
    if os.path.lexists(path) and not os.path.lexists(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        os.rename(path, target)


def remove(path: Path) -> None:
    """Remove a file, or a folder with all that is in it."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _mark(path: str) -> tuple[int, ...]:
    try:
        found = os.lstat(path)
    except FileNotFoundError:  # gone by now
        return ()
    return found.st_mtime_ns, found.st_ctime_ns, found.st_size, found.st_ino
