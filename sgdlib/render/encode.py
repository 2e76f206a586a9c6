"""Encode: frames as a file. The only user of Pillow."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from sgdlib.scene import style

Pixels = NDArray[np.uint8]

COLOURS = 64  # of a film's palette: 45 dB on these flat pictures, and a fifth fewer bytes than 255
BITS = 5  # a colour channel keeps so many bits when its place in the palette is looked up


def indexed(frame: Callable[[int], Pixels], count: int) -> list[Image.Image]:
    """All frames of a film with one palette, chosen from the first, the middle and the last: nothing flickers.

    Args:
        frame: draws the frame of a number, (height, width, 4) uint8 with an opaque alpha, all of one size. Frames
            are asked for one by one, and each is read before the next is asked for.
        count: how many there are, at least one.
    """
    # every other pixel of every other row has all colours
    some = [frame(number)[::2, ::2, :3].copy() for number in (0, count // 2, count - 1)]
    sample = Image.fromarray(np.concatenate(some))
    chosen = sample.quantize(COLOURS, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    palette = np.array(chosen.getpalette(), dtype=np.float32).reshape(-1, 3)[:COLOURS]
    table = _table(palette)
    colours = palette.astype(np.uint8).tobytes()
    seen = frame(0).view(np.uint32)[:, :, 0].copy()  # (height, width): a pixel is one number
    places = table[_code(seen)]
    film = []
    for number in range(count):
        now = frame(number).view(np.uint32)[:, :, 0]
        changed = np.flatnonzero(now != seen)  # little of a picture moves, and only that is looked up
        places = places.copy()
        places.flat[changed] = table[_code(now.flat[changed])]
        np.copyto(seen, now)
        image = Image.fromarray(places)
        image.putpalette(colours)
        film.append(image)
    return film


def gif(film: Sequence[Image.Image], file: BinaryIO) -> None:
    """Write a GIF that plays once and rests on its last frame.

    Args:
        film: as ``indexed`` returns it.
        file: where the bytes go.
    """
    film[0].save(file, format="GIF", save_all=True, append_images=film[1:], duration=_durations(film), disposal=1)


def webp(film: Sequence[Image.Image], file: BinaryIO) -> None:
    """Write a WebP that plays once and rests on its last frame, without loss; arguments as for ``gif``."""
    film[0].save(
        file,
        format="WEBP",
        save_all=True,
        append_images=film[1:],
        duration=_durations(film),
        loop=1,
        lossless=True,
        quality=0,  # of the search for repeats: 20 takes a third more time, for as many bytes
        method=1,  # a tenth more bytes than 2, in two thirds of the time
        # never a key frame after the first: 40 times fewer bytes
        kmin=style.FRAMES,
        kmax=style.FRAMES + 1,
    )


def png(frame: Pixels, file: BinaryIO) -> None:
    """Write a picture, (height, width, 3) uint8, as a PNG."""
    Image.fromarray(frame).save(file, format="PNG")


FILMS: dict[str, Callable[[Sequence[Image.Image], BinaryIO], None]] = {".gif": gif, ".webp": webp}


def _durations(film: Sequence[Image.Image]) -> list[int]:
    return [style.frame_ms(frame) for frame in range(len(film))]


def _table(palette: NDArray[np.float32]) -> NDArray[np.uint8]:
    """The nearest of the palette's colours, (m, 3), for every colour of ``BITS`` bits a channel: (2¹⁵,)."""
    levels = np.linspace(0.0, 255.0, 2**BITS, dtype=np.float32)
    cube = np.stack(np.meshgrid(levels, levels, levels, indexing="ij"), axis=-1).reshape(-1, 3)
    # |c − p|² without the |c|² that no choice of p changes
    distance: NDArray[np.float32] = (palette**2).sum(axis=1) - 2 * cube @ palette.T
    nearest: NDArray[np.uint8] = distance.argmin(axis=1).astype(np.uint8)
    return nearest


def _code(pixels: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """The place of colours, red in the lowest byte, in the table."""
    red, green, blue = (pixels >> (8 * channel + 8 - BITS) & (2**BITS - 1) for channel in range(3))
    code: NDArray[np.uint32] = red << 2 * BITS | green << BITS | blue
    return code
