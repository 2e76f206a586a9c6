"""A figure that a script's cell ended with: its pictures, its numbers, and what pages can ask for."""

from __future__ import annotations

import re
from pathlib import Path

from press import files, films, markup
from press.cache import Cache
from press.markup import Plate
from press.records import NUMBERS, POSTER, SCENE, Figure
from sgdlib import AnimationTable, Run
from sgdlib.figures.animation import Animation
from sgdlib.figures.base import NAME, Shown, slug
from sgdlib.report.facts import facts


def put(shown: Shown, script: str, folder: Path, cache: Cache) -> tuple[dict[str, Figure], list[Plate]]:
    """Put the files of a figure into a folder, all but its films.

    Args:
        shown: what a script's cell ended with.
        script: the script's stem; gives the name where the figure has none.
        folder: of figures.
        cache: what has been drawn before.

    Returns:
        The figure, and each row of a table, by name; and its plates.
    """
    whole = shown.scene()
    name = whole.name or script_name(script)
    found = {label: facts(run) for label, run in _runs(shown).items()}
    if isinstance(shown, AnimationTable):
        scenes = {label: shown[label].scene() for label in shown}
        plates = [
            Plate(
                f"{name}-{slug(label)}",
                place,
                scene,
                films.key(scene),
                {label: found[label]},
                shown.notes.get(label, ""),
            )
            for place, (label, scene) in enumerate(scenes.items())
        ]
        # its rows have captions of their own, so it shows only what its author says of it
        html = markup.table(name, whole.title, shown.caption or "", plates, script)
        rows = {plate.name: Figure(markup.figure(plate, name, script), plate.facts, row=True) for plate in plates}
    else:
        plates, rows = [Plate(name, 0, whole, films.key(whole), found)], {}
        html = markup.figure(plates[0], name, script)
    made = {plate.name + POSTER: films.still(plate.scene, plate.film, cache) for plate in plates}
    made |= {name + SCENE: whole.to_text().encode(), name + NUMBERS: shown.csv().encode()}
    files.write(folder, made)
    return {name: Figure(html, found)} | rows, plates


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


def _runs(shown: Shown) -> dict[str, Run]:
    return dict(shown.runs) if isinstance(shown, (Animation, AnimationTable)) else {}
