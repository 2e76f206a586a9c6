"""Encode: frames as a file. The only user of Pillow."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from sgdlib import style

Pixels = NDArray[np.uint8]

COLOURS = 64  # of a GIF's palette: 45 dB on these flat pictures, and a fifth fewer bytes than 255
BITS = 5  # a colour channel keeps so many bits when its place in the palette is looked up


def gif(frames: Iterable[Pixels], file: BinaryIO) -> None:
    """Write a GIF that plays once and rests on its last frame.

    All frames share one palette, chosen from the first, the middle and the last of them, so that nothing flickers.

    Args:
        frames: (height, width, 3) uint8 each, all of one size, at least one.
        file: where the bytes go.
    """
    drawn = list(frames)
    sample = Image.fromarray(np.concatenate([drawn[0], drawn[len(drawn) // 2], drawn[-1]]))
    chosen = sample.quantize(COLOURS, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    palette = np.array(chosen.getpalette(), dtype=np.float32).reshape(-1, 3)[:COLOURS]
    table = _table(palette)
    images = (_indexed(frame, table, palette) for frame in drawn)
    next(images).save(
        file,
        format="GIF",
        save_all=True,
        append_images=images,
        duration=[style.frame_ms(frame) for frame in range(len(drawn))],
        disposal=1,
    )


def webp(frames: Iterable[Pixels], file: BinaryIO) -> None:
    """Write a lossless WebP that plays once and rests on its last frame; arguments as for ``gif``."""
    first, *rest = map(Image.fromarray, frames)
    first.save(
        file,
        format="WEBP",
        save_all=True,
        append_images=rest,
        duration=[style.frame_ms(frame) for frame in range(1 + len(rest))],
        loop=1,
        lossless=True,
        quality=30,
        method=2,
        # never a key frame after the first: 40 times fewer bytes
        kmin=style.FRAMES,
        kmax=style.FRAMES + 1,
    )


def png(frames: Iterable[Pixels], file: BinaryIO) -> None:
    """Write the last frame as a PNG; arguments as for ``gif``."""
    *_, last = frames
    Image.fromarray(last).save(file, format="PNG", optimize=True)


ENCODERS: dict[str, Callable[[Iterable[Pixels], BinaryIO], None]] = {".gif": gif, ".webp": webp, ".png": png}


def _table(palette: NDArray[np.float32]) -> NDArray[np.uint8]:
    """The nearest of the palette's colours, (m, 3), for every colour of ``BITS`` bits a channel: (2¹⁵,)."""
    levels = np.linspace(0.0, 255.0, 2**BITS, dtype=np.float32)
    cube = np.stack(np.meshgrid(levels, levels, levels, indexing="ij"), axis=-1).reshape(-1, 3)
    # |c − p|² without the |c|² that no choice of p changes
    distance: NDArray[np.float32] = (palette**2).sum(axis=1) - 2 * cube @ palette.T
    nearest: NDArray[np.uint8] = distance.argmin(axis=1).astype(np.uint8)
    return nearest


def _indexed(frame: Pixels, table: NDArray[np.uint8], palette: NDArray[np.float32]) -> Image.Image:
    red, green, blue = (frame[:, :, channel].astype(np.uint16) >> (8 - BITS) for channel in range(3))
    image = Image.fromarray(table[(red << 2 * BITS) | (green << BITS) | blue])
    image.putpalette(palette.astype(np.uint8).tobytes())
    return image
