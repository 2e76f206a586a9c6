"""BaseFigure: what can be shown in a notebook and saved as a file."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from pathlib import Path

from sgdlib.base import checks, files
from sgdlib.render import encode, page, raster, web
from sgdlib.scene import Scene

NAME = re.compile(r"[a-z0-9-]+")
SUFFIXES = (*encode.FILMS, ".png", ".html", ".json", ".csv")


class BaseFigure(ABC):
    """Something that can be shown and saved.

    Args:
        title: a few words; made from what is shown if left out.
        caption: a sentence or more; made from what is shown, with every setting, if left out.
        name: what posts and files call it, of lower-case letters, digits and hyphens; None where the
            script's name will do.
    """

    def __init__(self, title: str | None, caption: str | None, name: str | None):
        self.title = title if title is None else checks.text("title", title)
        self.caption = caption if caption is None else checks.text("caption", caption)
        self.name = name
        if name is not None:
            allowed = "of lower-case letters, digits and hyphens, such as 'sgd-bs16'"
            if not NAME.fullmatch(checks.instance("name", name, str, allowed)):
                raise ValueError(checks.refusal("name", name, allowed))

    @abstractmethod
    def scene(self) -> Scene:
        """What is to be seen, as pure data."""

    @abstractmethod
    def csv(self) -> str:
        """The numbers it is drawn from, as comma-separated values with a header."""

    def save(self, path: str | Path) -> None:
        """Write it to a file, whole or not at all.

        Args:
            path: ends in .gif or .webp for the film, .png for its last frame, .html for a page that plays it and
                needs no other file, .json for the scene, .csv for the numbers.

        Raises:
            TypeError, ValueError: if the suffix is not known or the folder does not exist, before any work.
        """
        path = checks.target("path", path, SUFFIXES)
        scene = self.scene()
        suffix = path.suffix.lower()
        with files.whole(path) as file:
            if suffix == ".json":
                file.write(scene.to_text().encode())
            elif suffix == ".html":
                file.write(page.page(scene).encode())
            elif suffix == ".csv":
                file.write(self.csv().encode())
            elif suffix == ".png":
                encode.png(raster.last(scene), file)
            else:
                stage = raster.Stage(scene)
                encode.FILMS[suffix](encode.indexed(stage.rgba, len(stage)), file)

    def _repr_html_(self) -> str:
        """The player in a notebook's cell, with nothing to fetch."""
        return web.embedded(self.scene())


def slug(label: str) -> str:
    """A label as part of a file name: "batch size 16" becomes "batch-size-16".

    Examples:
        >>> slug("learning rate 0.01")
        'learning-rate-0-01'
    """
    return re.sub(r"[^a-z0-9]+", "-", label.lower()).strip("-")
