"""One gallery script made into a page, by mkdocs-gallery: what happens in an example's own process."""

from __future__ import annotations

import contextlib
import io
import logging
import os
import random
import re
import sys
import warnings
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import mkdocs_gallery.gen_single
import numpy as np
import torch
from mkdocs.config import load_config
from mkdocs_gallery.gen_data_model import GalleryScript
from mkdocs_gallery.gen_gallery import generate_gallery_md
from PIL import Image

from build import archive, figures, inputs, posts
from build.cache import Cache
from build.packing import pack
from build.shelf import POSTER, Record, Shelf
from sgdlib import raster, style
from sgdlib.scene import Scene
from sgdlib.shown import Shown

# what of mkdocs-gallery's files is not for the site: what differs from build to build, and what thumbnails are made of
_LEFT = re.compile(r"\.pickle$|^\.?index\.md|^mg_execution_times\.md|^images/mkd_glr_[^/]*$")


class ExampleError(Exception):
    """An example raised, warned, or said something on standard error; says where and how."""


class Scraper:
    """Puts the figure that a cell ends with on its page.

    Args:
        shelf: where figures are put.
        cache: what has been drawn before.
    """

    def __init__(self, shelf: Shelf, cache: Cache):
        self._shelf = shelf
        self._cache = cache
        self.scenes: dict[str, Scene] = {}  # of films, by their keys
        self.trouble: OSError | None = None

    def __call__(self, block: tuple[str, str, int], script: GalleryScript) -> str:
        """Return the mark of the cell's last value where it is a figure, else nothing."""
        names = script.run_vars.example_globals
        shown = names.get("___")  # where mkdocs-gallery leaves a cell's last value
        if not isinstance(shown, Shown):
            return ""
        names["___"] = None  # it is shown here, so its repr need not be
        try:
            record, scenes = figures.put(shown, script.script_stem, self._shelf, self._cache)
        except OSError as error:  # not the script's fault: a full disk, a missing font
            self.trouble = error
            raise
        self.scenes |= {plate.film: scenes[plate.name] for plate in record.plates if plate.moves}
        self._stills(record, shown.scene(), script.run_vars.image_path_iterator)
        return posts.token(record.name)

    def _stills(self, record: Record, scene: Scene, paths: Iterator[Any]) -> None:
        """A still of every panel, from which a script chooses its thumbnail by number."""
        for plate, row in zip(record.plates, scene.rows, strict=True):
            with Image.open(self._shelf.folder / f"{plate.name}{POSTER}") as poster:
                top = style.PAD + raster.header_height(row)
                for panel in row.panels:
                    bottom = top + raster.panel_height(panel)
                    box = (0, top * style.DENSITY, poster.width, bottom * style.DENSITY)
                    poster.crop(box).save(next(paths))
                    top = bottom


def compiled(script: Path, root: Path, folder: Path, cache: Cache) -> tuple[bytes, dict[str, Scene]]:
    """Run a script and make its page.

    Args:
        script: the Python file.
        root: the project's folder.
        folder: an empty one within it, to work in.
        cache: what has been drawn before.

    Returns:
        All its files, packed, and the scenes of its films by their keys.

    Raises:
        ExampleError: if it raises, warns, or says anything on standard error.
    """
    pages = folder / "gallery"
    scraper = Scraper(Shelf(pages / "figures", pages / "records"), cache)
    _run(script, root, pages, scraper)
    made = {path.relative_to(pages).as_posix(): path for path in sorted(pages.rglob("*")) if path.is_file()}
    return pack({name: path.read_bytes() for name, path in made.items() if not _LEFT.search(name)}), scraper.scenes


def _run(script: Path, root: Path, pages: Path, scraper: Scraper) -> None:
    """Let mkdocs-gallery make a gallery of one script."""
    alone = {
        **inputs.settings(root),
        "gallery_dirs": str(pages.relative_to(root)),
        "ignore_pattern": rf"/(?!{re.escape(script.name)}$)[^/]*$",
    }
    config = load_config(str(root / "mkdocs.yml"), docs_dir=str(pages.parent), plugins={"gallery": alone}, hooks=[])
    config = config.plugins.on_config(config)
    conf: dict[str, Any] = config.plugins["gallery"].config
    conf["image_scrapers"] = (scraper,)
    conf["capture_repr"] = ()  # a page shows what a cell prints, and its figure
    said = io.StringIO()
    conf["call_memory"] = partial(_run_cell, said)
    conf["first_notebook_cell"] = f"%pip install -q {archive.HERE}"
    mkdocs_gallery.gen_single.tqdm = lambda scripts, desc: scripts  # type: ignore[attr-defined]
    handler = logging.StreamHandler(said)
    handler.setLevel(logging.WARNING)
    logging.getLogger("mkdocs").addHandler(handler)
    # a warning is a fault that has not happened yet
    warnings.filterwarnings("error", module=r"__main__$|sgdlib\b")
    # a script that forgets a seed says the same in every build all the same
    random.seed(0)
    np.random.seed(0)  # noqa: NPY002
    torch.manual_seed(0)
    sys.addaudithook(partial(_refuse_to_write, root))
    generate_gallery_md(conf, config)
    if scraper.trouble:
        raise scraper.trouble
    if conf["failing_examples"]:
        raise ExampleError(*conf["failing_examples"].values())
    if said.getvalue():  # a warning elsewhere, an error in a thread, a word of logging: none is for the page
        raise ExampleError(f"gallery/{script.name} warned, or said on standard error:\n{said.getvalue()}")


def _run_cell(said: io.StringIO, cell: Callable[[], Any]) -> tuple[float, Any]:
    """Run a cell, in which leaving Python is a failure like any other; its memory is not measured."""
    try:
        with contextlib.redirect_stderr(said):
            return 0.0, cell()
    except SystemExit as error:
        left = RuntimeError(f"the script called sys.exit({error.code!r})")
        raise left.with_traceback(error.__traceback__) from None


def _refuse_to_write(root: Path, event: str, arguments: tuple[Any, ...]) -> None:
    """Keep a script from writing where its project lies: the next build would find other sources than this one."""
    if event != "open" or isinstance(arguments[0], int) or not arguments[2] & (os.O_WRONLY | os.O_RDWR):
        return
    path = Path(os.path.abspath(os.fsdecode(arguments[0])))
    if path.is_relative_to(root) and not path.is_relative_to(root / ".cache"):
        raise PermissionError(
            f"A gallery script must not write into the project; got {path.relative_to(root).as_posix()!r}. "
            "End a cell with what is to be seen, or write into a folder of tempfile."
        )
