"""What mkdocs-gallery is told: how a cell's figure becomes part of its page, and how progress is shown."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import mkdocs_gallery.gen_single
from mkdocs_gallery.gen_data_model import GalleryScript
from PIL import Image

from build import posts
from build.films import POSTER, Studio
from build.shelf import Record, Shelf
from sgdlib import raster, style
from sgdlib.scene import Scene
from sgdlib.shown import Shown


class Scraper:
    """Puts the figure that a cell ends with on its page.

    Args:
        shelf: where figures are put.
        studio: draws their films.
    """

    def __init__(self, shelf: Shelf, studio: Studio):
        self._shelf = shelf
        self._studio = studio

    def __call__(self, block: tuple[str, str, int], script: GalleryScript) -> str:
        """Return the mark of the cell's last value where it is a figure, else nothing."""
        names = script.run_vars.example_globals
        shown = names.get("___")  # where mkdocs-gallery leaves a cell's last value
        if not isinstance(shown, Shown):
            return ""
        names["___"] = None  # it is shown here, so its repr need not be
        record = self._shelf.put(shown, script.script_stem, self._studio)
        self._stills(record, shown.scene(), script.run_vars.image_path_iterator)
        return posts.token(record.name)

    def close(self) -> None:
        """Let the studio's workers go."""
        self._studio.close()

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


def configure(conf: dict[str, Any], shelf: Shelf, studio: Studio, archive: str) -> None:
    """Give mkdocs-gallery what its YAML cannot hold.

    Args:
        conf: its settings, changed in place.
        shelf: where figures are put.
        studio: draws their films.
        archive: the address of sgdlib's source, for the notebooks' first cell.
    """
    conf["image_scrapers"] = (Scraper(shelf, studio),)
    conf["capture_repr"] = ()  # a page shows what a cell prints, and its figure
    conf["call_memory"] = run_cell
    conf["within_subsection_order"] = lambda: by_number
    conf["first_notebook_cell"] = f"%pip install -q {archive}"
    # its progress bar redraws itself; a line for each example is for people and for logs
    mkdocs_gallery.gen_single.tqdm = progress  # type: ignore[attr-defined]


def by_number(script: Path) -> tuple[int, str]:
    """Where a script stands in the gallery: by its number, so that plot_10 comes after plot_9, then by its name."""
    number = re.match(r"plot_(\d+)", script.name)
    return int(number[1]) if number else 0, script.name


def run_cell(cell: Callable[[], Any]) -> tuple[float, Any]:
    """Run a cell, in which leaving Python is a failure like any other; its memory is not measured."""
    try:
        return 0.0, cell()
    except SystemExit as error:
        raise RuntimeError(f"the script called sys.exit({error.code!r})") from error


def progress(scripts: Iterable[GalleryScript], desc: str) -> Iterator[GalleryScript]:
    """Print a line for each example, with its time at the end."""
    every = list(scripts)
    for place, script in enumerate(every, start=1):
        print(f"[{place}/{len(every)}] gallery/{script.script_stem}.py", end=" ", flush=True)
        begun = time.perf_counter()
        yield script
        print(f"… {time.perf_counter() - begun:.1f} s", flush=True)
