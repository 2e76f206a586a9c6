"""The only colours, sizes and frame rates, for films and for the player. Sizes are in CSS pixels."""

from __future__ import annotations

import unicodedata
from typing import Literal

FRAME_MS = 40  # how long a frame is shown
SLOW_MS = 60  # and while most happens
FIRST_MS = 500  # and the first one, so that there is time to look at it
SLOW = 15  # how many frames after the first are slow
FRAMES = 101  # the most frames a film has: 4.8 s with these times, and no film may move for more than 5 s
DENSITY = 2  # device pixels a CSS pixel in films, so that they are sharp on a phone

WIDTH = 360  # of a panel and of a film: the narrowest phone in use
PAD = 10
MARGIN_LEFT = 56  # room for tick labels and the axis label
MARGIN_RIGHT = 12
ACROSS = WIDTH - MARGIN_LEFT - MARGIN_RIGHT  # of a plot in a film
TITLE = 24  # above a plot
FOOT = 36  # below a plot: tick labels and the axis label
HEADER = 22  # the label of a row
READOUT = 36  # a line of read-outs
GAP = 8  # between two of them
SWATCH = 28  # room for a piece of a run's line beside its label

FONT = "DejaVu Sans"  # comes with matplotlib, and its digits are of one width
LETTER = 0.62  # the average width of its letters, in font sizes; a Chinese one is as wide as it is high
SMALL = 11
NORMAL = 12
VALUE = 13  # of a read-out
LARGE = 14

TRAIL = 0.7  # opacity of a path, so that what lies under a tangle shows through; still 3:1 on paper

AREA = 0.16  # opacity of a band, so that what lies under it shows through; its outlines are opaque

# A colour means one thing on the whole site. Each has at least 3:1 against the paper, in both palettes.
LIGHT = {
    "paper": "#ffffff",
    "ink": "#1f2328",
    "frame": "#c4cad3",
    "grid": "#eceef2",
    "data": "#687080",
    "model": "#0b62c4",
    "truth": "#b34700",
    "theory": "#7b2d8b",
    "ensemble": "#0a6b58",
    "level": "#858d9b",
    "note": "#4d5562",
}
DARK = {
    "paper": "#14171c",
    "ink": "#e4e7ec",
    "frame": "#4a525e",
    "grid": "#262b33",
    "data": "#8f98a6",
    "model": "#5aa6f8",
    "truth": "#f5924b",
    "theory": "#cf8be0",
    "ensemble": "#3fbf9f",
    "level": "#6b7483",
    "note": "#b3bac5",
}

# Settings that have an order (batch sizes, learning rates) take colours that have one.
ORDERED = ("#3f93dc", "#2273c3", "#12559c", "#0b3a70", "#061f40")
ORDERED_DARK = ("#3a78b8", "#5596d6", "#7db4ea", "#aed1f5", "#e3f0fd")

FINE = 8.0  # CSS pixels: where the sides of cells are shorter, there are no gaps between them

WHITE_FROM, WHITE_FROM_DARK = 0.21, 2.0  # from which place on that scale words are white; black stands out before it

# Runs that share a panel differ by more than colour. Lengths drawn and left out, in line widths.
DASHES: tuple[tuple[float, ...], ...] = ((), (4.0, 1.5), (1.5, 1.5), (5.0, 1.5, 1.5, 1.5))
SHAPES: tuple[Literal["dot", "square", "diamond", "triangle"], ...] = ("dot", "square", "diamond", "triangle")
TRUE_DASH = (4.0, 2.0)  # of what is not a run: the true line, a bound


def wide(words: str, size: float = SMALL) -> float:
    """About how wide words are in a font size, in the same units; from their letters alone, whatever fonts there are.

    Examples:
        >>> round(wide("step", size=10), 1), round(wide("学習率", size=10), 1)
        (24.8, 30.0)
    """
    widths = (1.0 if unicodedata.east_asian_width(letter) in "WF" else LETTER for letter in words)
    return size * sum(widths)


def frame_ms(frame: int) -> int:
    """How long a film shows a frame, in milliseconds."""
    return FIRST_MS if frame == 0 else SLOW_MS if frame <= SLOW else FRAME_MS


def ordered(position: float) -> str:
    """The colour of a setting on the ordered scale.

    Args:
        position: from 0, the first setting, to 1, the last.
    """
    place = position * (len(ORDERED) - 1)
    below = min(int(place), len(ORDERED) - 2)
    ends = [[int(colour[at : at + 2], 16) for at in (1, 3, 5)] for colour in ORDERED[below : below + 2]]
    mixed = [round(low + (high - low) * (place - below)) for low, high in zip(*ends, strict=True)]
    return "#" + "".join(f"{channel:02x}" for channel in mixed)
