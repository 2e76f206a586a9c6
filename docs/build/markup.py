"""Figures and tables as HTML."""

from __future__ import annotations

from collections.abc import Callable
from html import escape

from build.films import FILM, POSTER
from build.shelf import Plate, Record
from sgdlib.web import picture

Address = Callable[[str], str]  # from a picture's file name to its address as a page sees it


def figure(record: Record, address: Address, eager: bool = False) -> str:
    """A figure with its caption, or a table with a row for each plate."""
    if record.table:
        return _table(record, address)
    (plate,) = record.plates
    return (
        f'<figure class="sgd-figure" id="figure-{record.name}">{_picture(plate, address, eager)}'
        f"<figcaption><strong>{escape(record.title)}.</strong> {escape(record.caption)} {_again(plate, address)}"
        "</figcaption></figure>"
    )


def _picture(plate: Plate, address: Address, eager: bool) -> str:
    poster = address(plate.name + POSTER)
    film = address(plate.name + FILM) if plate.moves else poster
    return picture(plate.alt, plate.size, film, poster, loading="eager" if eager else "lazy")


def _again(plate: Plate, address: Address) -> str:
    """A film plays once, or not at all; its own file plays it, which needs no script."""
    if not plate.moves:
        return ""
    label = escape(f"Play the film: {plate.title}")
    return f'<a class="sgd-again" href="{escape(address(plate.name + FILM))}" aria-label="{label}">Play the film</a>'


def _table(record: Record, address: Address) -> str:
    # the roles say again what the elements are, for browsers forget it when CSS lays a table out as a grid
    rows = "".join(_row(record, plate, address) for plate in record.plates)
    return (
        f'<table class="sgd-table" id="figure-{record.name}" role="table">'
        f"<caption>{escape(record.title)}{_said(record)}</caption>"
        '<thead role="rowgroup"><tr role="row"><th role="columnheader" scope="col">Setting</th>'
        '<th role="columnheader" scope="col">What to notice</th><th role="columnheader" scope="col">Animation</th>'
        '<th role="columnheader" scope="col">At the end</th></tr></thead>'
        f'<tbody role="rowgroup">{rows}</tbody></table>'
    )


def _said(record: Record) -> str:
    return f"<small>{escape(record.caption)}</small>" if record.caption else ""


def _row(record: Record, plate: Plate, address: Address) -> str:
    known = record.facts[plate.label]
    settings = f"{plate.label[:1].upper()}{plate.label[1:]}"
    others = ", ".join(f"{name} {known[name]}" for name in ("learning rate", "batch size") if name not in plate.label)
    end = f"Final loss {known['final loss']}"
    if known["outcome"] != "finished":
        end += f", {known['outcome']}"
    if "late distance" in known:
        end += f". Distance from the minimiser over the last fifth of the run: {known['late distance']}"
    return (
        f'<tr role="row" id="figure-{plate.name}"><th role="rowheader" scope="row">{escape(settings)}'
        f"<small>{escape(others)}, {escape(known['steps'])} steps</small></th>"
        f'<td role="cell">{escape(plate.note)}</td>'
        f'<td role="cell">{_picture(plate, address, eager=False)}</td>'
        f'<td role="cell">{escape(end)}. {_again(plate, address)}</td></tr>'
    )
