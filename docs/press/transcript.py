"""What the cells of a gallery script say and what they printed.

A cell is named behind its ``# %%``. What it printed is read from the page that mkdocs-gallery has made, so a
post and the gallery cannot differ.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from mkdocs_gallery.py_source_parser import split_code_and_text_blocks

from press.pages import PRINTED

_HEADER = re.compile(r"^# ?%%(.*)$")
_SEGMENT = re.compile(r"<!-- GENERATED FROM PYTHON SOURCE LINES (\d+)-\d+ -->\n")
_PRINTED = re.compile(rf"^(```+){re.escape(PRINTED)}\n(.*?)\n\1$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Cell:
    """A cell's code, and what it printed ("" for nothing)."""

    code: str
    printed: str


def cells(script: Path, page: Path) -> dict[str, Cell]:
    """The named cells of a script.

    Args:
        script: the Python file.
        page: the Markdown that mkdocs-gallery has made of it.
    """
    lines = script.read_text(encoding="utf-8").splitlines()
    headers = {number: match[1].strip() for number, line in enumerate(lines, 1) if (match := _HEADER.match(line))}
    pieces = _SEGMENT.split(page.read_text(encoding="utf-8"))
    segments = dict(zip(map(int, pieces[1::2]), pieces[2::2], strict=True))
    blocks = split_code_and_text_blocks(script)[1]
    named = {}
    for label, content, first in blocks:
        above = [number for number in headers if number < first]
        if label == "code" and above and headers[max(above)]:
            printed = _PRINTED.search(segments[first])
            named[headers[max(above)]] = Cell(content.strip("\n"), printed[2] if printed else "")
    return named
