"""A figure that a script's cell ended with: its pictures, its numbers, and what pages can ask for."""

from __future__ import annotations

import re
from pathlib import Path

from press import files, films, markup
from press.cache import Cache
from press.markup import Plate
from press.records import NUMBERS, POSTER, SCENE, Figure
from sgdlib import AnimationTable, Run
from sgdlib.base.formats import labelled
from sgdlib.figures.animation import Animation
from sgdlib.figures.base import NAME, BaseFigure, slug
from sgdlib.report import captions
from sgdlib.report.facts import all_facts


def put(figure: BaseFigure, script: str, folder: Path, cache: Cache) -> tuple[dict[str, Figure], list[Plate]]:
    """Put the files of a figure into a folder, all but its films.

    Args:
        figure: what a script's cell ended with.
        script: the script's stem; gives the name where the figure has none.
        folder: of figures.
        cache: what has been drawn before.

    Returns:
        The figure, and each row of a table, by name; and its plates.
    """
    whole = figure.scene()
    name = whole.name or script_name(script)
    runs = _runs(figure)
    facts = all_facts(runs)
    texts = {label: {id: str(value) for id, value in each.items()} for label, each in facts.items()}
    if isinstance(figure, AnimationTable):
        plates, rows = [], {}
        for place, each in enumerate(figure):
            scene = figure[each].scene()
            label = scene.rows[0].label
            settings = captions.cell_settings(label, runs[label], facts[label])
            end = captions.cell_end(runs[label], facts[label])
            note = figure.notes.get(label, "")
            plate = Plate(f"{name}-{slug(each)}", place, scene, films.key(scene), note, settings, end)
            plates.append(plate)
            rows[plate.name] = Figure(markup.figure(plate, name, script), {label: texts[label]}, row=True)
        # its rows have captions of their own, so it shows only what its author says of it
        html = markup.table(name, whole.title, figure.caption or "", plates, script)
    else:
        plates, rows = [Plate(name, 0, whole, films.key(whole))], {}
        html = markup.figure(plates[0], name, script)
    made = {plate.name + POSTER: films.still(plate.scene, plate.film, cache) for plate in plates}
    made |= {name + SCENE: whole.to_text().encode(), name + NUMBERS: figure.csv().encode()}
    files.write(folder, made)
    return {name: Figure(html, texts)} | rows, plates


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


def _runs(figure: BaseFigure) -> dict[str, Run]:
    return labelled(figure.runs) if isinstance(figure, (Animation, AnimationTable)) else {}
