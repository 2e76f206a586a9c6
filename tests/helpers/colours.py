"""Colours as readers see them: how light they are, how far apart, and where they stand in a picture."""

from __future__ import annotations

import re

import numpy as np

# a colour of any kind that a style has, as red, green, blue and alpha from 0 to 255: what a canvas paints with it
RGBA = """colour => { const canvas = new OffscreenCanvas(1, 1).getContext("2d", {willReadFrequently: true});
    canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1); return [...canvas.getImageData(0, 0, 1, 1).data]; }"""


def colour(name: str) -> np.ndarray:
    """Red, green and blue, from 0 to 255, of "#rrggbb"."""
    return np.array([int(name[k : k + 2], 16) for k in (1, 3, 5)])


def luminance(name: str) -> float:
    """Relative luminance, as WCAG defines it, of "#rrggbb", "rgb(r, g, b)" or "color(srgb r g b)": 0 black, 1 white."""
    if name.startswith("#"):
        channels = [value / 255 for value in colour(name).tolist()]
    else:
        values = [float(value) for value in re.findall(r"[\d.]+", name)][:3]
        channels = [value / 255 for value in values] if name.startswith("rgb") else values
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """The ratio of two opaque colours as WCAG defines it: from 1 to 21."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def over(name: str, paper: str, opacity: float) -> str:
    """A colour that shows some of the paper."""
    mixed = opacity * colour(name) + (1 - opacity) * colour(paper)
    return "#" + "".join(f"{round(channel):02x}" for channel in mixed.tolist())


def where(pixels: np.ndarray, name: str, tolerance: int = 8) -> np.ndarray:
    """(m, 2): row and column of the pixels of a colour."""
    return np.argwhere(np.abs(pixels.astype(int) - colour(name)).max(axis=-1) <= tolerance)
