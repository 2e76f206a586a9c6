"""Figures and tables as HTML, with addresses that begin with ``pages.SITE`` until their page is known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from press.pages import SITE
from press.records import FILMS, NUMBERS, POSTER, SCENE
from sgdlib.base.formats import capital
from sgdlib.render import raster, web
from sgdlib.scene import Scene

_KINDS = {".gif": "GIF", ".webp": "WebP", NUMBERS: "numbers (CSV)", SCENE: "scene (JSON)", POSTER: "picture (PNG)"}


@dataclass(frozen=True)
class Plate:
    """A row of a figure's scene, which has files of its own.

    Args:
        name: of its files.
        place: of the row in the figure's scene, from 0.
        scene: of that row alone.
        film: what the pixels of its film depend on, as one hash.
        note, settings, end: what to notice, how it was trained and how it ended, in a table.
    """

    name: str
    place: int
    scene: Scene
    film: str
    note: str = ""
    settings: str = ""
    end: str = ""

    @property
    def moves(self) -> bool:
        """Whether it has films beside its picture."""
        return len(self.scene.steps) > 1


def figure(plate: Plate, scene: str, script: str) -> str:
    """A figure with its caption.

    Args:
        plate: what it shows.
        scene: the name of the scene that the plate is a row of.
        script: the stem of the gallery script that made it.
    """
    title = plate.scene.title
    content = _stage(plate, several=False) + (web.BAR if plate.moves else "")
    taken = [_take(plate.name, suffix, title) for suffix in (FILMS if plate.moves else (POSTER,))]
    return (
        f'<figure class="sgd-figure" id="figure-{plate.name}">'
        f"{web.player(plate.name, _file(scene + SCENE), content)}"
        f"<figcaption><strong>{escape(title)}.</strong> {escape(plate.scene.caption)}"
        f"{_takes(plate, scene, script, title, plate.name, taken)}</figcaption></figure>"
    )


def table(name: str, title: str, caption: str, plates: Sequence[Plate], script: str) -> str:
    """A table with a row for each plate."""
    said = f"<small> {escape(caption)}</small>" if caption else ""
    # the roles say again what the elements are, for browsers forget it when CSS lays a table out as a grid
    content = (
        f'<p class="sgd-heading" id="title-{name}"><strong>{escape(title)}</strong>{said}</p>'
        f"{web.BAR if plates[0].moves else ''}"
        f'<table class="sgd-table" role="table" aria-labelledby="title-{name}">'
        '<thead role="rowgroup"><tr role="row"><th role="columnheader" scope="col">Setting</th>'
        '<th role="columnheader" scope="col">What to notice</th><th role="columnheader" scope="col">Animation</th>'
        '<th role="columnheader" scope="col">At the end</th></tr></thead>'
        f'<tbody role="rowgroup">{"".join(map(_row, plates))}</tbody></table>'
    )
    return (
        f'<div class="sgd-experiments" id="figure-{name}">'
        f"{web.player(name, _file(name + SCENE), content)}{_takes(plates[0], name, script, title, name, [])}</div>"
    )


def _file(name: str) -> str:
    return f"{SITE}/gallery/figures/{name}"


def _stage(plate: Plate, several: bool) -> str:
    (row,) = plate.scene.rows
    poster = _file(plate.name + POSTER)
    film = _file(plate.name + FILMS[0]) if plate.moves else poster
    image = web.picture(plate.scene.alt, raster.size(plate.scene), film, poster)
    heights = [raster.panel_height(panel) for panel in row.panels]
    return web.stage(plate.place, len(row.readings), heights, plate.scene.alt, noscript=image, several=several)


def _takes(plate: Plate, scene: str, script: str, title: str, name: str, films: list[str]) -> str:
    """What a reader can take away of the figure of a name and a title, in one line."""
    taken = films + [_take(scene, suffix, title) for suffix in (NUMBERS, SCENE)]
    taken.append(f'<a href="{escape(f"{SITE}/gallery/{script}.py")}" download>script (Python)</a>')
    frame = f' <a class="sgd-here" href="#{name}@0">Link to this step</a>' if plate.moves else ""
    return f'<span class="sgd-take">Download: {" ".join(taken)}{frame}</span>'


def _take(name: str, suffix: str, title: str) -> str:
    kind = _KINDS[suffix]
    return f'<a href="{escape(_file(name + suffix))}" download aria-label="{escape(f"{kind}: {title}")}">{kind}</a>'


def _row(plate: Plate) -> str:
    films = " ".join(_take(plate.name, suffix, plate.scene.title) for suffix in FILMS)
    return (
        f'<tr role="row" id="figure-{plate.name}"><th role="rowheader" scope="row">'
        f"{escape(capital(plate.scene.rows[0].label))}<small>{escape(plate.settings)}</small></th>"
        f'<td role="cell">{escape(plate.note)}</td>'
        f'<td role="cell">{_stage(plate, several=plate.moves)}</td>'
        f'<td role="cell">{escape(plate.end)}. <span class="sgd-take">{films}</span></td></tr>'
    )
