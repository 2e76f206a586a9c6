"""Films and their last frames, drawn once for each scene and kept."""

from __future__ import annotations

import hashlib
import inspect
import io
import json

import matplotlib
import PIL

from press.cache import Cache
from press.records import FILMS, POSTER
from sgdlib.render import artists, encode, glyphs, letters, raster
from sgdlib.scene import Scene, style
from sgdlib.scene import scene as marks


def key(scene: Scene) -> str:
    """What the pixels of a film depend on, as one hash."""
    sources = "".join(inspect.getsource(module) for module in (raster, letters, glyphs, artists, encode, marks, style))
    made_with = [sources, matplotlib.__version__, PIL.__version__]
    content = json.dumps([scene.to_json(), made_with], sort_keys=True)
    return hashlib.sha256(content.encode()).hexdigest()


def still(scene: Scene, base: str, cache: Cache) -> bytes:
    """A scene's last frame as PNG.

    Args:
        scene: what to draw.
        base: its key.
        cache: where it is kept.
    """
    kept = cache.get(base + POSTER)
    if kept is None:
        file = io.BytesIO()
        encode.png(raster.last(scene), file)
        kept = file.getvalue()
        cache.put(base + POSTER, kept)
    return kept


def complete(base: str, cache: Cache) -> bool:
    """Whether all films of a key are kept, whole."""
    return all(cache.get(base + suffix) is not None for suffix in FILMS)


def draw(scene: Scene, base: str, cache: Cache) -> None:
    """Draw a scene's films and keep them.

    Args:
        scene: what to draw.
        base: its key.
        cache: where they are kept.
    """
    stage = raster.Stage(scene)
    film = encode.indexed(stage.rgba, len(stage))
    for suffix, write in encode.FILMS.items():
        file = io.BytesIO()
        write(film, file)
        cache.put(base + suffix, file.getvalue())
