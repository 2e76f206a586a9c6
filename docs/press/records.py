"""What a post can ask for, all from the runs: of each example its figures, facts, and the output of its cells."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

SCENE, NUMBERS, POSTER = ".json", ".csv", ".png"
FILMS = (".gif", ".webp")


@dataclass(frozen=True)
class Figure:
    """A figure, or one row of a table.

    Args:
        html: of the figure, with addresses that begin with ``markup.SITE``.
        facts: by the label of a run, then by the name of a fact.
        row: whether it is a row of a table.
    """

    html: str
    facts: dict[str, dict[str, str]]
    row: bool = False


@dataclass
class Cell:
    """A cell's code, and what it printed ("" for nothing)."""

    code: str
    printed: str = ""


@dataclass(frozen=True)
class Record:
    """What came of one example.

    Args:
        figures: by name.
        cells: those that have a name behind their ``# %%``, by that.
        films: what the pixels of each film depend on, as one hash, by the name of the film's files.
        packages: the version of each package that was loaded.
    """

    figures: dict[str, Figure] = field(default_factory=dict)
    cells: dict[str, Cell] = field(default_factory=dict)
    films: dict[str, str] = field(default_factory=dict)
    packages: dict[str, str] = field(default_factory=dict)


def read(text: bytes) -> Record:
    """A record, from the JSON that it is kept as."""
    kept = json.loads(text)
    figures = {name: Figure(**figure) for name, figure in kept["figures"].items()}
    cells = {name: Cell(**cell) for name, cell in kept["cells"].items()}
    return Record(figures, cells, kept["films"], kept["packages"])


def load(folder: Path) -> dict[str, Record]:
    """The records in a folder, by the stems of their examples."""
    return {path.stem: read(path.read_bytes()) for path in sorted(folder.glob("*.json"))}


def claim(owners: dict[str, str], names: Iterable[str], script: str) -> None:
    """Note whose figures have these names.

    Raises:
        ValueError: if another figure has one of them.
    """
    doubles = sorted(owners.keys() & set(names))
    if doubles:
        raise ValueError(
            f"name must be unique in the site; {script} makes a figure {doubles[0]!r}, and {owners[doubles[0]]} "
            "has made one before. Give one of them another name=."
        )
    owners.update(dict.fromkeys(names, script))
