"""Look over the built site: what Markdown's own check cannot see, for it stands in HTML."""

from __future__ import annotations

import json
import posixpath
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

from selectolax.lexbor import LexborHTMLParser


@dataclass(frozen=True)
class _Page:
    """What a page offers and asks for.

    Args:
        ids: of its elements, and how many have each.
        asks: the tag and the address of all that it names.
        players: the address of each player's scene, by the figure's name.
    """

    ids: Counter[str]
    asks: tuple[tuple[str, str], ...]
    players: dict[str, str]


def faults(site: Path, site_url: str) -> list[str]:
    """Links and figures that lead nowhere, names that two elements of a page share, pages that nothing leads to.

    Args:
        site: the folder of a built site.
        site_url: where it will be published.
    """
    prefix = urlsplit(site_url).path.rstrip("/")
    # a look at the disk for each link would take longer than all the rest, for every page links to every other
    files = {path.relative_to(site).as_posix() for path in site.rglob("*") if path.is_file()}
    pages = {name: _read(site / name) for name in sorted(files) if name.endswith(".html")}
    found, linked = [], {"index.html", "404.html"}

    @cache
    def last(scene: str) -> int:
        """The number of a scene's last frame."""
        return len(json.loads((site / scene).read_text(encoding="utf-8"))["steps"]) - 1

    for name, page in pages.items():
        found += [f"{name}: {count} elements are called #{each}" for each, count in page.ids.items() if count > 1]
        for tag, address in page.asks:
            parts = urlsplit(address)
            if parts.scheme or parts.netloc:
                continue
            path = parts.path.removeprefix(prefix) if parts.path.startswith("/") else parts.path
            base = "" if parts.path.startswith("/") else posixpath.dirname(name)
            target = posixpath.normpath(posixpath.join(base, unquote(path.lstrip("/")))) if parts.path else name
            if target not in files:
                target = posixpath.normpath(posixpath.join(target, "index.html"))
            if target not in files:
                found.append(f"{name}: <{tag}> leads to {address}, where there is nothing")
            elif target in pages:
                if tag == "a" and target != name:
                    linked.add(target)
                wrong = _anchor(target, pages[target], unquote(parts.fragment), last)
                if wrong:
                    found.append(f"{name}: <{tag}> leads to {address}, {wrong}")
    return found + [f"{name}: no page leads to it" for name in sorted(set(pages) - linked)]


def _read(path: Path) -> _Page:
    tree = LexborHTMLParser(path.read_text(encoding="utf-8"))
    asks = [
        (node.tag or "", address)
        for node in tree.css("[href], [src], [srcset]")
        for name in ("href", "src", "srcset")
        if (address := node.attributes.get(name)) is not None
    ]
    return _Page(
        Counter(node.attributes["id"] or "" for node in tree.css("[id]")),
        tuple(dict.fromkeys(asks)),
        {node.attributes["name"] or "": node.attributes["src"] or "" for node in tree.css("sgd-player[src]")},
    )


def _anchor(target: str, page: _Page, fragment: str, last: Callable[[str], int]) -> str:
    """What is wrong with the part of an address behind the #; "" for nothing."""
    name, at, frame = fragment.partition("@")
    if not at:
        return "" if not name or name in page.ids else f"and that page has no #{name}"
    players = [player for player in page.players if name == player or name.startswith(f"{player}-")]
    if f"figure-{name}" not in page.ids or not players:
        return f"and that page has no figure {name}"
    end = last(posixpath.join(posixpath.dirname(target), page.players[max(players, key=len)]))
    return "" if frame.isdigit() and int(frame) <= end else f"but the last frame of {name} is {end}"
