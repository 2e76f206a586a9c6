"""What tests do with a player in a page, and with what a browser says of it."""

from __future__ import annotations

import re
from typing import Any

# a colour of any kind that a style has, as red, green, blue and alpha from 0 to 255: what a canvas paints with it
RGBA = """colour => { const canvas = new OffscreenCanvas(1, 1).getContext("2d", {willReadFrequently: true});
    canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1); return [...canvas.getImageData(0, 0, 1, 1).data]; }"""


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


def luminance(colour: str) -> float:
    """Relative luminance of an opaque colour as WCAG defines it: from 0, black, to 1, white."""
    values = [float(value) for value in re.findall(r"[\d.]+", colour)][:3]
    channels = [value / 255 for value in values] if colour.startswith("rgb") else values
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """The ratio of two opaque colours as WCAG defines it: from 1 to 21."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)
