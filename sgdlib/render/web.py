"""A scene as HTML: the player, the room it takes, and the picture for readers without JavaScript."""

from __future__ import annotations

import base64
import io
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from html import escape
from importlib.resources import files

from sgdlib.base import words
from sgdlib.render import encode, raster
from sgdlib.scene import Scene, style

# the marks by which a page, a notebook or an editor says that it is dark
_DARK = '[data-md-color-scheme="slate"], [data-jp-theme-light="false"], .vscode-dark'


# the player's modules, each after those that it needs at once
MODULES = (
    *("words", "dom", "geometry", "columns", "marks", "panel", "bar", "row", "clock"),
    *("watch", "scene2", "load", "fallback", "player"),
)
SPOKEN = ("player.", "list.comma", "list.semicolon")  # how the ids of its words begin


def script() -> str:
    """The player's JavaScript: its words, and its modules joined into one classic script.

    No other kind of script runs in a page from disk.

    Imports, comments and indents are left out: those are for whoever edits the modules.
    """
    folder = files("sgdlib.render") / "js"
    lines = (line for name in MODULES for line in (folder / f"{name}.js").read_text(encoding="utf-8").splitlines())
    code = (f" {line.strip()}".partition(" //")[0].strip().removeprefix("export ") for line in lines)
    kept = "\n".join(line for line in code if line and not line.startswith("import "))
    spoken = {id.partition(".")[2]: text for id, text in words.LANGUAGE.table.items() if id.startswith(SPOKEN)}
    constant = json.dumps(spoken, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
    return f'(() => {{\n"use strict";\nconst WORDS = {constant};\n{kept}\n}})();\n'


def stylesheet(system: bool = False) -> str:
    """The player's CSS, with the colours, sizes and times of ``sgdlib.scene.style``.

    It also serves within a shadow root. Comments are left out: those are for whoever edits it.

    Args:
        system: whether the player is dark where a reader's system is, too, for a page that is so itself. It is
            always dark in the dark of this site, of JupyterLab and of Visual Studio Code.
    """
    sizes = {
        "left": f"{style.MARGIN_LEFT}px",
        "right": f"{style.MARGIN_RIGHT}px",
        "title": f"{style.TITLE}px",
        "foot": f"{style.FOOT}px",
        "line-height": f"{style.READOUT}px",
        "trail": str(style.TRAIL),
        "area": str(style.AREA),
        "white-from": str(style.WHITE_FROM),
        "first": str(style.FIRST_MS),
        "slow": str(style.SLOW_MS),
        "slows": str(style.SLOW),
        "each": str(style.FRAME_MS),
    }
    light = _properties(sizes | style.LIGHT | _numbered(style.ORDERED))
    dark = _properties({"white-from": str(style.WHITE_FROM_DARK)} | style.DARK | _numbered(style.ORDERED_DARK))
    css = re.sub(r"\s*/\*.*?\*/", "", (files("sgdlib.render") / "player.css").read_text(encoding="utf-8"))
    systems = f"@media screen and (prefers-color-scheme: dark) {{ :root, :host {{ {dark} }} }}\n" if system else ""
    # paper is white
    return f":root, :host {{ {light} }}\n@media screen {{\n{_DARK} {{ {dark} }}\n}}\n{systems}{css}"


def _numbered(colours: Iterable[str]) -> dict[str, str]:
    return {f"ordered-{k}": colour for k, colour in enumerate(colours)}


def _properties(values: dict[str, str]) -> str:
    return " ".join(f"--sgd-{name}: {value};" for name, value in values.items())


def picture(alt: str, size: tuple[int, int], film: str, poster: str) -> str:
    """An image that plays once and rests, or its last frame alone in print and for who asked for less motion.

    Args:
        alt: what it shows, for someone who does not see it.
        size: width and height in CSS pixels.
        film: the address of the moving image.
        poster: the address of its last frame; the film's own where nothing moves.

    Examples:
        >>> picture("A line.", (360, 100), film="line.png", poster="line.png")
        '<picture><img src="line.png" alt="A line." width="360" height="100" loading="lazy" decoding="async"></picture>'
    """
    width, height = size
    still = ""
    if film != poster:
        still = f'<source media="(prefers-reduced-motion: reduce), print" srcset="{escape(poster)}">'
    return (
        f'<picture>{still}<img src="{escape(film)}" alt="{escape(alt)}" width="{width}" height="{height}" '
        'loading="lazy" decoding="async"></picture>'
    )


def stage(
    number: int,
    lines: int,
    heights: Sequence[int],
    alt: str,
    *,
    noscript: str = "",
    still: str = "",
    several: bool = False,
) -> str:
    """Where the player draws a row, with the room that it will take, so that nothing moves when it comes.

    Args:
        number: the row's place in the scene, from 0.
        lines: how many lines of read-outs it has.
        heights: of its panels, in CSS pixels; see ``sgdlib.render.raster.panel_height``.
        alt: what it shows, for someone who does not see it.
        noscript: an image for a page where no script runs.
        still: an image for a notebook, in which a script may or may not run; the player takes it away.
        several: whether the player shows several rows that move, each with a slider of its own.
    """
    readings = '<div class="sgd-reading"></div>' * lines
    panels = "".join(f'<div class="sgd-panel" style="--sgd-height: {height}px"></div>' for height in heights)
    foot = '<div class="sgd-foot"></div>' if several else ""
    return (
        f'<div class="sgd-row{" sgd-still" if still else ""}" data-row="{number}" role="group" '
        f'aria-label="{escape(alt)}">{readings}<div class="sgd-panels">{panels}</div>{foot}'
        f'<p class="sgd-alt">{escape(alt)}</p>{f"<noscript>{noscript}</noscript>" if noscript else ""}{still}</div>'
    )


BAR = '<div class="sgd-bar"></div>'  # where the player puts its buttons, with the room that they will take


def player(name: str, source: str, content: str) -> str:
    """The player of a scene.

    Args:
        name: of the figure.
        source: the address of the scene's JSON.
        content: HTML with the stages of its rows, and with ``BAR`` if it moves.
    """
    return f'<sgd-player name="{escape(name)}" src="{escape(source)}">{content}</sgd-player>'


def embedded(scene: Scene) -> str:
    """The player for a notebook, with all it needs inside it: nothing is fetched.

    Where scripts are not run, the last frame stands in its place.
    """
    return (
        f'<style>{stylesheet()}</style><figure style="margin: 0; max-width: 760px">{contained(scene)}'
        f"<figcaption><strong>{escape(scene.title)}.</strong> {escape(scene.caption)}</figcaption></figure>"
        f"<script>{script()}</script>"
    )


def contained(scene: Scene) -> str:
    """The player of a scene with the scene inside it, and the last frame of each row until it comes."""
    moves, several = len(scene.steps) > 1, len(scene.rows) > 1
    rows = ""
    for number, row in enumerate(scene.rows):
        label, alt = ("", scene.alt) if not several else (f"<strong>{escape(row.label)}</strong>", row.label)
        heights = [raster.panel_height(panel) for panel in row.panels]
        still = _last(replace(scene, rows=(row,)), alt)
        rows += label + stage(number, len(row.readings), heights, alt, still=still, several=several and moves)
    bar = BAR if moves else ""
    # "</script>" in a label would end the element that holds it
    record = scene.to_text().replace("<", "\\u003c")
    return (
        f'<sgd-player name="{escape(scene.name or "")}"><script type="application/json">{record}</script>'
        f"{bar if several else ''}{rows}{'' if several else bar}</sgd-player>"
    )


def _last(scene: Scene, alt: str) -> str:
    """Its last frame, as an image that is nowhere else."""
    file = io.BytesIO()
    encode.png(raster.last(scene), file)
    address = f"data:image/png;base64,{base64.b64encode(file.getvalue()).decode()}"
    return picture(alt, raster.size(scene), address, address)
