"""Glyphs: installed fonts for letters that the films' own font lacks."""

from __future__ import annotations

import logging
import unicodedata
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import lru_cache

from matplotlib import font_manager
from matplotlib.ft2font import FT2Font

from sgdlib.scene import style

WEIGHTS = ("normal", "bold")  # that words are set in
BOXES = "Last Resort"  # comes with matplotlib, and has a box for every letter there is


def families(words: str) -> list[str]:
    """The families of fonts to set words in: the films' own, and for letters that it lacks, installed ones.

    Examples:
        >>> families("learning rate → 0.1")
        ['DejaVu Sans']
    """
    return [style.FONT, *_chosen(words)[0]]


def warn_of_boxes(words: Iterable[str]) -> None:
    """Warn, naming the letters, if there are some that no installed font has."""
    boxes = _chosen("".join(words))[1]
    if boxes:
        named = ", ".join(f"{letter} (U+{ord(letter):04X})" for letter in boxes)
        warnings.warn(
            f"No installed font has {named}: in films and pictures they are boxes. Install a font that has them, "
            "such as one of Noto's, or write them otherwise.",
            stacklevel=2,
        )


def _chosen(words: str) -> tuple[tuple[str, ...], str]:
    """Families for the letters that the films' font lacks, as few as do, and the letters that none has."""
    seen = {letter for letter in words if unicodedata.category(letter) not in ("Cc", "Cf", "Zs", "Zl", "Zp")}
    lacking = "".join(sorted(seen - _have(style.FONT, "".join(sorted(seen)))))
    if not lacking:
        return (), ""
    # the list is one of the program's, and may grow; what was found in another is of no use
    files = tuple((one.fname, getattr(one, "index", 0), one.name) for one in font_manager.fontManager.ttflist)
    return _searched(lacking, files)


@lru_cache(maxsize=256)
def _searched(lacking: str, files: tuple[tuple[str, int, str], ...]) -> tuple[tuple[str, ...], str]:
    names = {name for path, index, name in files if not name.startswith(BOXES) and _in_file(path, index, lacking)}
    letters = {name: _have(name, lacking) for name in sorted(names - {style.FONT})}
    left, chosen = set(lacking), []
    while any(found & left for found in letters.values()):
        # of several, one that looks like the films' own; of these, the first by name
        best = max(letters, key=lambda name: (len(letters[name] & left), "Sans" in name))
        chosen.append(best)
        left -= letters[best]
    return tuple(chosen), "".join(sorted(left))


@lru_cache(maxsize=1024)
def _have(family: str, letters: str) -> frozenset[str]:
    """Those letters that a family has in every weight: matplotlib takes one file of it for each."""
    found = frozenset(letters)
    with unlogged():
        for weight in WEIGHTS:
            wanted = font_manager.FontProperties(family=[family], weight=weight)
            file = font_manager.findfont(wanted, fallback_to_default=False)
            found &= _in_file(str(file), getattr(file, "face_index", 0), letters)
    return found


@contextmanager
def unlogged() -> Iterator[None]:
    """While matplotlib takes fonts: no word of its log on a family that has one weight for all."""
    log = logging.getLogger("matplotlib.font_manager")

    def nothing(record: logging.LogRecord) -> bool:  # one for each call: the end of an inner one ends no outer one
        return False

    log.addFilter(nothing)
    try:
        yield
    finally:
        log.removeFilter(nothing)


@lru_cache(maxsize=8192)
def _in_file(path: str, index: int, letters: str) -> frozenset[str]:
    try:
        font = FT2Font(path, face_index=index) if index else FT2Font(path)
    except (OSError, RuntimeError):  # it was taken away since the list was made, or is damaged
        return frozenset()
    return frozenset(letter for letter in letters if font.get_char_index(ord(letter)))
