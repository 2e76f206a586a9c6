"""The figures that the gallery has made: pictures in a folder, and beside each a record of what it says.

A record is what a post can ask for: captions, alternative texts and facts, all from the runs.
"""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass, field
from pathlib import Path

from build.films import Studio
from sgdlib import AnimationTable, Run, raster
from sgdlib.animation import Animation
from sgdlib.facts import facts
from sgdlib.scene import Scene
from sgdlib.shown import NAME, Shown, slug

SCENE, NUMBERS = ".json", ".csv"


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
    """

    name: str
    script: str
    title: str
    caption: str
    scene: str
    table: bool
    plates: tuple[Plate, ...]
    facts: dict[str, dict[str, str]] = field(default_factory=dict)


class Shelf:
    """A folder of figures.

    Args:
        folder: where the pictures, scenes and numbers lie, which are published.
        records: where the records lie, which are not.
    """

    def __init__(self, folder: Path, records: Path):
        self.folder = folder
        self._records = records

    def names(self) -> list[str]:
        """The figures on the shelf."""
        return sorted(path.stem for path in self._records.glob("*.json"))

    def record(self, name: str) -> Record:
        """What is known of a figure, or of one row of a table.

        Raises:
            LookupError: if there is none of that name; lists those there are.
        """
        if name not in self.names():
            rows = {plate.name: (table, plate) for table in map(self.record, self.names()) for plate in table.plates}
            if name in rows:
                table, plate = rows[name]
                own = {plate.label: table.facts[plate.label]}
                return Record(name, table.script, plate.title, plate.caption, table.name, False, (plate,), own)
            raise LookupError(f"There is no figure {name!r}. Known figures: {', '.join(self.names()) or 'none'}.")
        known = json.loads((self._records / f"{name}.json").read_text(encoding="utf-8"))
        plates = tuple(
            Plate(**{**plate, "size": tuple(plate["size"]), "heights": tuple(plate["heights"])})
            for plate in known.pop("plates")
        )
        return Record(**known, plates=plates)

    def put(self, shown: Shown, script: str, studio: Studio) -> Record:
        """Draw a figure and put it on the shelf.

        Args:
            shown: what a script's cell ended with.
            script: the script's stem; gives the name where the figure has none.
            studio: draws the films.

        Raises:
            ValueError: if a figure or a row of that name is there already.
        """
        whole = shown.scene()
        name = whole.name or script_name(script)
        scenes = _scenes(shown, whole, name)
        self._refuse_doubles({name, *scenes}, script)
        studio.make(scenes, self.folder)
        (self.folder / f"{name}{SCENE}").write_text(whole.to_text(), encoding="utf-8")
        (self.folder / f"{name}{NUMBERS}").write_text(shown.csv(), encoding="utf-8")
        notes = shown.notes if isinstance(shown, AnimationTable) else {}
        record = Record(
            name=name,
            script=script,
            title=whole.title,
            # a table's rows have captions of their own, so it shows only what its author says of it
            caption=(shown.caption or "") if isinstance(shown, AnimationTable) else whole.caption,
            scene=name,
            table=isinstance(shown, AnimationTable),
            plates=tuple(
                _plate(plate, place, scene, notes.get(scene.rows[0].label, ""))
                for place, (plate, scene) in enumerate(scenes.items())
            ),
            facts={label: facts(run) for label, run in _runs(shown).items()},
        )
        text = json.dumps(asdict(record), ensure_ascii=False, indent=1)
        self._records.mkdir(exist_ok=True)
        (self._records / f"{name}.json").write_text(text, encoding="utf-8")
        return record

    def _refuse_doubles(self, new: set[str], script: str) -> None:
        for known in map(self.record, self.names()):
            doubles = new & {known.name, *(plate.name for plate in known.plates)}
            if doubles:
                raise ValueError(
                    f"name must be unique in the site; {script} makes a figure {min(doubles)!r}, and {known.script} "
                    "has made one before. Give one of them another name=."
                )


def script_name(script: str) -> str:
    """The name of a script's only unnamed figure: ``plot_3_sgd`` makes ``sgd``.

    Raises:
        ValueError: if that gives no name of lower-case letters, digits and hyphens.
    """
    name = re.sub(r"^plot_(\d+(_|$))?", "", script).replace("_", "-").lower()
    if not NAME.fullmatch(name):
        raise ValueError(
            f"name must be given where a script's does not make one of a–z, 0–9 and hyphens; got {script}.py, "
            f"which makes {name!r}. Say name=… in the figure."
        )
    return name


def _plate(name: str, place: int, scene: Scene, note: str) -> Plate:
    (row,) = scene.rows
    return Plate(
        name=name,
        row=place,
        label=row.label,
        title=scene.title,
        caption=scene.caption,
        alt=scene.alt,
        size=raster.size(scene),
        lines=len(row.readings),
        heights=tuple(map(raster.panel_height, row.panels)),
        moves=len(scene.steps) > 1,
        note=note,
    )


def _scenes(shown: Shown, whole: Scene, name: str) -> dict[str, Scene]:
    if isinstance(shown, AnimationTable):
        rows = {label: shown[label].scene() for label in shown}
        return {f"{name}-{slug(label)}": scene for label, scene in rows.items()}
    return {name: whole}


def _runs(shown: Shown) -> dict[str, Run]:
    return dict(shown.runs) if isinstance(shown, (Animation, AnimationTable)) else {}
