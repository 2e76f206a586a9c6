"""A scene as one HTML file, which needs no server, no network and no other file."""

from __future__ import annotations

from html import escape

from sgdlib.base import words
from sgdlib.render import web
from sgdlib.scene import Scene

_STYLE = """
:root { color-scheme: light dark; }
body { max-width: 760px; margin: 0 auto; padding: 16px; background: var(--sgd-paper); color: var(--sgd-ink); }
body { font: 16px/1.5 system-ui, sans-serif; overflow-wrap: break-word; }
h1 { margin: 0 0 12px; font-size: 22px; line-height: 1.3; }
figure { margin: 0; }
figcaption { margin-top: 12px; color: var(--sgd-note); }
"""


def page(scene: Scene) -> str:
    """The whole page: title, player and caption, in a reader's light or dark.

    Where scripts are not run, the last frame of each row stands in the player's place.
    """
    title, caption = escape(scene.title), escape(scene.caption)
    return (
        f'<!doctype html>\n<html lang="{words.LANGUAGE.tag}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width">\n'
        f'<title>{title}</title>\n<meta name="description" content="{caption}">\n'
        f"<style>{web.stylesheet(system=True)}{_STYLE}</style>\n</head>\n<body>\n<main>\n<h1>{title}</h1>\n"
        f"<figure>{web.contained(scene)}\n<figcaption>{caption}</figcaption></figure>\n</main>\n"
        f"<script>{web.script()}</script>\n</body>\n</html>\n"
    )
