"""Figures and tables as HTML, with addresses that begin with ``gallery:`` until their page is known."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

from press.addresses import GALLERY
from press.records import FILMS, NUMBERS, POSTER, SCENE, Plate, Record
from sgdlib import Run
from sgdlib.base.formats import capital
from sgdlib.render import web
from sgdlib.report import captions
from sgdlib.report.facts import Facts

_KINDS = {".gif": "GIF", ".webp": "WebP", NUMBERS: "numbers (CSV)", SCENE: "scene (JSON)"}


def figure(record: Record, runs: Mapping[str, Run], facts: Mapping[str, Facts]) -> str:
    """A figure with its caption, or a table with a row for each plate.

    Args:
        record: of the figure.
        runs: that it shows, by label.
        facts: of each run, by its label.
    """
    if record.table:
        return _table(record, runs, facts)
    (plate,) = record.plates
    bar = web.BAR if plate.moves else ""
    content = _stage(plate, several=False) + bar
    films = FILMS if plate.moves else (POSTER,)
    taken = [_take(plate.name + suffix, suffix, record.title) for suffix in films]
    return (
        f'<figure class="sgd-figure" id="figure-{record.name}">'
        f"{web.player(record.name, _file(record.scene + SCENE), content)}"
        f"<figcaption><strong>{escape(record.title)}.</strong> {escape(record.caption)}"
        f"{_takes(record, taken)}</figcaption></figure>"
    )


def _file(name: str) -> str:
    return f"{GALLERY}/figures/{name}"


def _stage(plate: Plate, several: bool) -> str:
    poster = _file(plate.name + POSTER)
    film = _file(plate.name + FILMS[0]) if plate.moves else poster
    image = web.picture(plate.alt, plate.size, film, poster)
    return web.stage(plate.row, plate.lines, plate.heights, plate.alt, noscript=image, several=several)


def _takes(record: Record, taken: list[str]) -> str:
    """What a reader can take away, in one line."""
    taken += [_take(record.scene + suffix, suffix, record.title) for suffix in (NUMBERS, SCENE)]
    taken.append(f'<a href="{escape(f"{GALLERY}/{record.script}.py")}" download>script (Python)</a>')
    frame = ""
    if record.plates[0].moves:
        frame = f' <a class="sgd-here" href="#{record.name}@0">Link to this step</a>'
    return f'<span class="sgd-take">Download: {" ".join(taken)}{frame}</span>'


def _take(file: str, suffix: str, title: str) -> str:
    kind = _KINDS.get(suffix, "picture (PNG)")
    return f'<a href="{escape(_file(file))}" download aria-label="{escape(f"{kind}: {title}")}">{kind}</a>'


def _table(record: Record, runs: Mapping[str, Run], facts: Mapping[str, Facts]) -> str:
    moves = record.plates[0].moves
    # the roles say again what the elements are, for browsers forget it when CSS lays a table out as a grid
    rows = "".join(_row(plate, runs[plate.label], facts[plate.label]) for plate in record.plates)
    content = (
        f'<p class="sgd-heading" id="title-{record.name}"><strong>{escape(record.title)}</strong>{_said(record)}</p>'
        f"{web.BAR if moves else ''}"
        f'<table class="sgd-table" role="table" aria-labelledby="title-{record.name}">'
        '<thead role="rowgroup"><tr role="row"><th role="columnheader" scope="col">Setting</th>'
        '<th role="columnheader" scope="col">What to notice</th><th role="columnheader" scope="col">Animation</th>'
        '<th role="columnheader" scope="col">At the end</th></tr></thead>'
        f'<tbody role="rowgroup">{rows}</tbody></table>'
    )
    return (
        f'<div class="sgd-experiments" id="figure-{record.name}">'
        f"{web.player(record.name, _file(record.scene + SCENE), content)}"
        f"{_takes(record, [])}</div>"
    )


def _said(record: Record) -> str:
    return f"<small> {escape(record.caption)}</small>" if record.caption else ""


def _row(plate: Plate, run: Run, facts: Facts) -> str:
    settings = captions.cell_settings(plate.label, run, facts)
    films = " ".join(_take(plate.name + suffix, suffix, plate.title) for suffix in FILMS)
    return (
        f'<tr role="row" id="figure-{plate.name}"><th role="rowheader" scope="row">{escape(capital(plate.label))}'
        f"<small>{escape(settings)}</small></th>"
        f'<td role="cell">{escape(plate.note)}</td>'
        f'<td role="cell">{_stage(plate, several=plate.moves)}</td>'
        f'<td role="cell">{escape(captions.cell_end(run, facts))}. <span class="sgd-take">{films}</span></td></tr>'
    )
