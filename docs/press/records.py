"""The figures that the gallery has made: pictures in a folder, and beside them a record of what each says.

A record is what a post can ask for: captions, alternative texts, facts, all from the runs, and the figure as HTML.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

SCENE, NUMBERS, POSTER = ".json", ".csv", ".png"
FILMS = (".gif", ".webp")
CELLS = ".cells"  # what a script's cells say and printed


@dataclass(frozen=True)
class Plate:
    """One picture or film.

    Args:
        name: of its files.
        row: its place in the figure's scene, from 0.
        label: what a table calls its row.
        title: a few words.
        caption, alt: in words.
        size: of the film, width and height in CSS pixels.
        lines: of read-outs above its panels in the player.
        heights: of its panels in the player, in CSS pixels.
        moves: whether there is a film beside the picture.
        film: what the film's pixels depend on, as one hash.
        note: what to notice, in a table.
    """

    name: str
    row: int
    label: str
    title: str
    caption: str
    alt: str
    size: tuple[int, int]
    lines: int
    heights: tuple[int, ...]
    moves: bool
    film: str
    note: str = ""


@dataclass(frozen=True)
class Record:
    """What a post can ask for of one figure.

    Args:
        name: of the figure.
        script: the stem of the gallery script that made it.
        title, caption: in words.
        scene: the name of the scene that its plates are rows of.
        table: whether the plates are rows of a table.
        plates: its pictures.
        facts: by the label of a run, then by the name of a fact.
        html: of the figure and of each row of a table, by name, with the addresses of ``press.markup``.
    """

    name: str
    script: str
    title: str
    caption: str
    scene: str
    table: bool
    plates: tuple[Plate, ...]
    facts: dict[str, dict[str, str]] = field(default_factory=dict)
    html: dict[str, str] = field(default_factory=dict)

    def rows(self) -> Iterator[Record]:
        """The rows of a table, each as a figure of its own."""
        for plate in self.plates if self.table else ():
            own = {plate.label: self.facts[plate.label]}
            yield Record(
                plate.name, self.script, plate.title, plate.caption, self.name, False, (plate,), own, self.html
            )

    def refuse_double(self, other: Record) -> None:
        """Raise ``ValueError`` if another figure, or a row of it, has a name that this one has."""
        mine, theirs = ({record.name, *(plate.name for plate in record.plates)} for record in (self, other))
        if mine & theirs:
            raise ValueError(
                f"name must be unique in the site; {other.script} makes a figure {min(mine & theirs)!r}, and "
                f"{self.script} has made one before. Give one of them another name=."
            )


class Records:
    """A folder of figures, as it is when it is first asked for a figure.

    Args:
        folder: where the pictures, films, scenes and numbers lie, which are published.
        kept: where the records lie, which are not.
    """

    def __init__(self, folder: Path, kept: Path):
        self.folder = folder
        self.kept = kept

    def records(self) -> list[Record]:
        """What is known of every figure, in the order of their names."""
        return [read(path.read_bytes()) for path in sorted(self.kept.glob("*.json"))]

    def record(self, name: str) -> Record:
        """What is known of a figure, or of one row of a table.

        Raises:
            LookupError: if there is none of that name; lists those there are.
        """
        if name not in self._named:
            figures = [record.name for record in self._named.values() if record.name == record.scene]
            raise LookupError(f"There is no figure {name!r}. Known figures: {', '.join(sorted(figures)) or 'none'}.")
        return self._named[name]

    @cached_property
    def cells(self) -> dict[str, dict[str, dict[str, str]]]:
        """The code and the output of the named cells of each script."""
        kept = sorted(self.kept.glob(f"*{CELLS}"))
        return {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in kept}

    @cached_property
    def _named(self) -> dict[str, Record]:
        figures = self.records()
        return {record.name: record for figure in figures for record in (figure, *figure.rows())}


def read(text: bytes) -> Record:
    """A record, from the JSON that it is kept as."""
    known: dict[str, Any] = json.loads(text)
    plates = tuple(
        Plate(**{**plate, "size": tuple(plate["size"]), "heights": tuple(plate["heights"])})
        for plate in known.pop("plates")
    )
    return Record(**known, plates=plates)
