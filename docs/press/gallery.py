"""One gallery script made into a page, by mkdocs-gallery: what happens in an example's own process."""

from __future__ import annotations

import ast
import contextlib
import io
import json
import logging
import os
import random
import re
import sys
import warnings
from collections.abc import Callable, Iterator
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image

if sys.version_info >= (3, 14):  # mkdocs-gallery 0.10.4 reads docstrings by names that were taken away there
    ast.Str = ast.Constant
    ast.Constant.s = property(lambda self: self.value)

from mkdocs.config import load_config
from mkdocs_gallery import gen_gallery, gen_single
from mkdocs_gallery.gen_data_model import GalleryScript

from press import archive, figures, inputs, posts, records
from press.cache import Cache
from press.markup import Plate
from press.pages import CODE, PRINTED, fenced
from press.records import POSTER, Cell, Record
from sgdlib.figures.base import BaseFigure
from sgdlib.render import raster
from sgdlib.scene import Scene, style

# what of mkdocs-gallery's files is not for the site: what differs from build to build, and what thumbnails are made of
_LEFT = re.compile(r"\.(pickle|md5)$|^\.?index\.md|^mg_execution_times\.md|^images/mkd_glr_[^/]*$")
_PAGES = Path("pages", "gallery")
_HEADER = re.compile(r"^# ?%%(.*)$")
_CODES = re.compile(r"\x1B(?:[@-Z\\-_]|\[[0-?]*[ -/]*[@-~])")  # of a terminal, such as for colours


class ExampleError(Exception):
    """An example raised, warned, or said something on standard error; says where and how."""


class Scraper:
    """Puts the figure that a cell ends with on its page, and notes what cells say and print.

    It stands in the place of mkdocs-gallery's scraper of figures, and of its template for what a cell printed; so a
    post and the gallery cannot differ.

    Args:
        folder: where figures are put.
        cache: what has been drawn before.
    """

    def __init__(self, folder: Path, cache: Cache):
        self._folder = folder
        self._cache = cache
        self._owners: dict[str, str] = {}
        self._cell = Cell("")
        self.record = Record()
        self.scenes: dict[str, Scene] = {}  # of films, by their keys
        self.error: OSError | None = None

    def __call__(self, block: tuple[str, str, int], script: GalleryScript) -> str:
        """Return the mark of the cell's last value where it is a figure, else nothing."""
        _, code, first = block
        self._cell = Cell(code.strip("\n"))
        above = script.src_py_file.read_text(encoding="utf-8").splitlines()[: first - 1]
        headers = [found[1].strip() for line in above if (found := _HEADER.match(line))]
        if headers and headers[-1]:
            self.record.cells[headers[-1]] = self._cell
        names = script.run_vars.example_globals
        figure = names.get("___")  # where mkdocs-gallery leaves a cell's last value
        if not isinstance(figure, BaseFigure):
            return ""
        names["___"] = None  # it is shown here, so its repr need not be
        try:
            made, plates = figures.put(figure, script.script_stem, self._folder, self._cache)
            self._stills(plates, script.run_vars.image_path_iterator)
        except OSError as error:  # not the script's fault: a full disk, a missing font
            self.error = error
            raise
        records.claim(self._owners, made, script.script_stem)
        self.record.figures.update(made)
        self.record.films.update({plate.name: plate.film for plate in plates if plate.moves})
        self.scenes |= {plate.film: plate.scene for plate in plates if plate.moves}
        return posts.token(next(iter(made)))

    def format(self, printed: str) -> str:
        """What the last cell printed, as it stands on its page."""
        self._cell.printed = _CODES.sub("", printed).strip("\n")
        return fenced(self._cell.printed, PRINTED)

    def _stills(self, plates: list[Plate], paths: Iterator[Any]) -> None:
        """A still of every panel, from which a script chooses its thumbnail by number."""
        for plate in plates:
            (row,) = plate.scene.rows
            with Image.open(self._folder / f"{plate.name}{POSTER}") as poster:
                top = style.PAD + raster.header_height(row)
                for panel in row.panels:
                    bottom = top + raster.panel_height(panel)
                    box = (0, top * style.DENSITY, poster.width, bottom * style.DENSITY)
                    poster.crop(box).save(next(paths))
                    top = bottom


def compile_page(folder: Path, stem: str, cache: Cache) -> tuple[dict[str, bytes], dict[str, Scene]]:
    """Run a script and make its page.

    Args:
        folder: an empty one to work in, but for ``project/gallery`` with what the script may read.
        stem: of the script.
        cache: what has been drawn before.

    Returns:
        The files for the gallery's folder, by their paths in it, with the example's record among them; and the scenes
        of its films by their keys.

    Raises:
        ExampleError: if it raises, warns, or says anything on standard error.
    """
    pages = folder / _PAGES
    scraper = Scraper(pages / "figures", cache)
    pages.mkdir(parents=True)
    (folder / "mkdocs.yml").write_text("site_name: Gallery\n", encoding="utf-8")
    os.chdir(folder)  # where mkdocs-gallery looks for its project
    config = load_config("mkdocs.yml", docs_dir=pages.parent.name, plugins={"gallery": _settings(stem)})
    config = config.plugins.on_config(config)
    conf: dict[str, Any] = config.plugins["gallery"].config
    conf["image_scrapers"] = (scraper,)
    conf["capture_repr"] = ()  # a page shows what a cell prints, and its figure
    errors = io.StringIO()
    conf["call_memory"] = partial(_run_cell, errors)
    vars(gen_single).update(tqdm=lambda scripts, desc: scripts, CODE_OUTPUT=scraper, codestr2md=_code)
    vars(gen_gallery).update(check_spaces_in_filenames=lambda files: None)  # it looks at the whole path
    handler = logging.StreamHandler(errors)
    handler.setLevel(logging.WARNING)
    logging.getLogger("mkdocs").addHandler(handler)
    # a warning is a fault that has not happened yet
    warnings.filterwarnings("error", module=r"__main__$|sgdlib\b")
    # a script that forgets a seed says the same in every build all the same
    random.seed(0)
    np.random.seed(0)  # noqa: NPY002
    torch.manual_seed(0)
    gen_gallery.generate_gallery_md(conf, config)
    if scraper.error:
        raise scraper.error
    if conf["failing_examples"]:
        raise ExampleError(*conf["failing_examples"].values())
    if errors.getvalue():  # a warning elsewhere, an error in a thread, a word of logging: none is for the page
        raise ExampleError(f"gallery/{stem}.py warned, or said on standard error:\n{errors.getvalue()}")
    scraper.record.packages.update(inputs.packages(sys.modules))
    made = {path.relative_to(pages).as_posix(): path for path in sorted(pages.rglob("*")) if path.is_file()}
    files = {name: path.read_bytes() for name, path in made.items() if not _LEFT.search(name)}
    return files | {inputs.RECORD: json.dumps(asdict(scraper.record)).encode()}, scraper.scenes


def _settings(stem: str) -> dict[str, Any]:
    """How mkdocs-gallery makes a gallery of one script."""
    return {
        "examples_dirs": "project/gallery",
        "gallery_dirs": str(_PAGES),
        "filename_pattern": "/plot_",
        "ignore_pattern": rf"/(?!{re.escape(stem)}\.py$)[^/]*$",
        "download_all_examples": False,  # its zips differ from build to build
        "min_reported_time": 1000000,  # and so would a page that tells its running time
        "show_signature": False,
        "remove_config_comments": True,
        "first_notebook_cell": archive.PLACE,
    }


def _code(code: str, lang: str = "python", lineno: int | None = None, is_exc: bool = False) -> str:
    """In the place of mkdocs-gallery's function for the code of a cell."""
    return fenced(code, CODE)


def _run_cell(errors: io.StringIO, cell: Callable[[], Any]) -> tuple[float, Any]:
    """Run a cell, in which leaving Python is a failure like any other; its memory is not measured."""
    try:
        with contextlib.redirect_stderr(errors):
            return 0.0, cell()
    except SystemExit as error:
        left = RuntimeError(f"the script called sys.exit({error.code!r})")
        raise left.with_traceback(error.__traceback__) from None
