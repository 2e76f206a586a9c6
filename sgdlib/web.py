"""A scene as HTML."""

from __future__ import annotations

import base64
import io
from html import escape

from sgdlib import encode, raster
from sgdlib.scene import Scene


def picture(alt: str, size: tuple[int, int], film: str, poster: str, loading: str = "lazy") -> str:
    """An image that plays once and rests, or its last frame alone for readers who asked for less motion.

    Args:
        alt: what it shows, for someone who does not see it.
        size: width and height in CSS pixels.
        film: the address of the moving image.
        poster: the address of its last frame; the film's own where nothing moves.
        loading: "lazy", or "eager" for an image that is seen at once.

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
        f'loading="{loading}" decoding="async"></picture>'
    )


def embedded(scene: Scene) -> str:
    """The picture with its images inside it, for a notebook."""
    film, poster = io.BytesIO(), io.BytesIO()
    encode.png([raster.last(scene)], poster)
    still = _data("png", poster)
    if len(scene.steps) == 1:
        return picture(scene.alt, raster.size(scene), still, still)
    encode.gif(raster.frames(scene), film)
    return picture(scene.alt, raster.size(scene), _data("gif", film), still)


def _data(kind: str, image: io.BytesIO) -> str:
    return f"data:image/{kind};base64,{base64.b64encode(image.getvalue()).decode()}"
