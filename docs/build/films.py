"""Films and their last frames, drawn in worker processes and kept for the next build."""

from __future__ import annotations

import hashlib
import inspect
import json
import multiprocessing
import os
import shutil
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import matplotlib
import PIL

from sgdlib import artists, encode, files, raster, style
from sgdlib.scene import Scene

FILMS, POSTER = tuple(encode.FILMS), ".png"


def key(scene: Scene) -> str:
    """What the pixels of a film depend on, as one hash."""
    sources = "".join(inspect.getsource(module) for module in (raster, artists, encode, style))
    made_with = [sources, matplotlib.__version__, PIL.__version__]
    content = json.dumps([scene.to_json(), made_with], sort_keys=True)
    return hashlib.sha256(content.encode()).hexdigest()


def draw(scene: Scene, base: Path) -> None:
    """Draw a scene's films, where it moves, and its last frame last, each whole or not at all.

    Args:
        scene: what to draw.
        base: the files' name, without a suffix.
    """
    stage = raster.Stage(scene)
    if len(stage) > 1:
        film = encode.indexed(stage.shown, len(stage))
        for suffix, write in encode.FILMS.items():
            with files.whole(base.with_suffix(suffix)) as file:
                write(film, file)
    with files.whole(base.with_suffix(POSTER)) as file:
        encode.png(stage.frame(len(stage) - 1), file)


class Studio:
    """Draws scenes on every core and remembers what it has drawn.

    Args:
        cache: the folder to remember in.
    """

    def __init__(self, cache: Path):
        self._cache = cache
        self._workers: ProcessPoolExecutor | None = None

    def make(self, scenes: Mapping[str, Scene], folder: Path) -> None:
        """Put ``<name>.gif`` and ``.webp``, where it moves, and ``.png`` for each scene into the folder."""
        self._cache.mkdir(parents=True, exist_ok=True)
        folder.mkdir(parents=True, exist_ok=True)
        kept = {name: self._cache / key(scene) for name, scene in scenes.items()}
        # the last frame is written last: where it is, the films are
        missing = [name for name, base in kept.items() if not base.with_suffix(POSTER).exists()]
        if missing:
            list(self._pool().map(draw, [scenes[name] for name in missing], [kept[name] for name in missing]))
        for name, scene in scenes.items():
            for suffix in (*FILMS, POSTER) if len(scene.steps) > 1 else (POSTER,):
                shutil.copyfile(kept[name].with_suffix(suffix), folder / f"{name}{suffix}")

    def close(self) -> None:
        """Let the workers go."""
        if self._workers is not None:
            self._workers.shutdown(cancel_futures=True)
            self._workers = None

    def _pool(self) -> ProcessPoolExecutor:
        if self._workers is None:
            # not forked: torch has threads by now, and a fork does not take them along
            context = multiprocessing.get_context("spawn")
            self._workers = ProcessPoolExecutor(os.cpu_count(), mp_context=context)
        return self._workers
