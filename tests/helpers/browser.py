"""What tests do with a player in a page."""

from __future__ import annotations

from typing import Any

# a browser that nobody looks at, and that asks nobody for anything of its own
QUIET = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def put(page: Any, *cells: Any, width: int | None = None, near: bool = True) -> None:
    """Show pieces of HTML, with nothing around them and no network, and wait until the first is drawn."""
    page.context.set_offline(True)
    room = f"width: {width}px" if width else ""
    body = "".join(cell if isinstance(cell, str) else cell._repr_html_() for cell in cells)
    page.set_content(f'<!doctype html><html lang="en"><title>Test</title><body style="margin: 0; {room}">{body}')
    if near:
        page.wait_for_selector(".sgd-border")


def go(page: Any, frame: int) -> None:
    """Bring the first player of a page to a frame."""
    page.get_by_label("Step", exact=True).first.fill(str(frame))


def frame_of(page: Any, k: int = 0) -> int:
    """The frame that the k-th slider of a page is at."""
    return int(page.get_by_label("Step", exact=True).nth(k).input_value())
