"""A figure that a script's cell ended with: its pictures, its numbers, and a record of what it says."""

from __future__ import annotations

import json
import re
from dataclasses import asdict

from press import films, markup
from press.cache import Cache
from press.records import NUMBERS, POSTER, SCENE, Plate, Record, Records
from sgdlib import AnimationTable, Run
from sgdlib.base.formats import labelled
from sgdlib.figures.animation import Animation
from sgdlib.figures.base import NAME, BaseFigure, slug
from sgdlib.render import raster
from sgdlib.report.facts import all_facts
from sgdlib.scene import Scene


def put(shown: BaseFigure, script: str, records: Records, cache: Cache) -> tuple[Record, dict[str, Scene]]:
    """Put a figure into the records, all but its films.

    Args:
        shown: what a script's cell ended with.
        script: the script's stem; gives the name where the figure has none.
        records: where it is put.
        cache: what has been drawn before.

    Returns:
        The figure's record, and the scene of each of its plates.

    Raises:
        ValueError: if the script has made a figure or a row of that name before.
    """
    whole = shown.scene()
    name = whole.name or script_name(script)
    scenes = _scenes(shown, whole, name)
    runs = _runs(shown)
    facts = all_facts(runs)
    notes = shown.notes if isinstance(shown, AnimationTable) else {}
    plates = [
        _plate(plate, place, scene, notes.get(scene.rows[0].label, ""))
        for place, (plate, scene) in enumerate(scenes.items())
    ]
    record = Record(
        name=name,
        script=script,
        title=whole.title,
        # a table's rows have captions of their own, so it shows only what its author says of it
        caption=(shown.caption or "") if isinstance(shown, AnimationTable) else whole.caption,
        scene=name,
        table=isinstance(shown, AnimationTable),
        plates=tuple(plates),
        facts={label: {id: str(value) for id, value in each.items()} for label, each in facts.items()},
    )
    for known in records.records():
        known.refuse_double(record)
    records.folder.mkdir(parents=True, exist_ok=True)
    records.kept.mkdir(parents=True, exist_ok=True)
    for plate in plates:
        still = films.still(scenes[plate.name], plate.film, cache)
        (records.folder / f"{plate.name}{POSTER}").write_bytes(still)
    (records.folder / f"{name}{SCENE}").write_text(whole.to_text(), encoding="utf-8")
    (records.folder / f"{name}{NUMBERS}").write_text(shown.csv(), encoding="utf-8")
    html = {each.name: markup.figure(each, runs, facts) for each in (record, *record.rows())}
    text = json.dumps(asdict(record) | {"html": html}, ensure_ascii=False, indent=1)
    (records.kept / f"{name}.json").write_text(text, encoding="utf-8")
    return record, scenes


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
        film=films.key(scene),
        note=note,
    )


def _scenes(shown: BaseFigure, whole: Scene, name: str) -> dict[str, Scene]:
    if isinstance(shown, AnimationTable):
        rows = {label: shown[label].scene() for label in shown}
        return {f"{name}-{slug(label)}": scene for label, scene in rows.items()}
    return {name: whole}


def _runs(shown: BaseFigure) -> dict[str, Run]:
    return labelled(shown.runs) if isinstance(shown, (Animation, AnimationTable)) else {}
