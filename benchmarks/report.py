"""Measure everything and write it into a page of the site, docs/speed.md. Takes about half an hour."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Callable
from pathlib import Path

import ensembles
import films
import growth
import lesson
import matplotlib
import rebuilds
import torch

from sgdlib.base.files import whole
from sgdlib.scene import style

HERE = Path(__file__).parent
PAGE = HERE.parent / "docs" / "speed.md"
PARTS: dict[str, Callable[[], str]] = {
    "films": films.measured,
    "ensembles": ensembles.measured,
    "site": rebuilds.measured,
    "growth": growth.measured,
    "lesson": lesson.measured,
}


def main() -> None:
    """Measure each part, and write the page when all are there."""
    tables = {}
    for name, measured in PARTS.items():
        print(f"measuring: {name}", file=sys.stderr, flush=True)
        tables[name] = measured()
        print(tables[name], flush=True)
    machine = (
        f"This was measured with {os.cpu_count()} cores, Python {platform.python_version()}, PyTorch "
        f"{torch.__version__.split('+')[0]} and matplotlib {matplotlib.__version__}."
    )
    text = (HERE / "speed.md").read_text(encoding="utf-8")
    with whole(PAGE) as file:
        file.write(text.format(machine=machine, frames=style.FRAMES, **tables).encode())


if __name__ == "__main__":
    main()
