"""The gallery's scripts, run as far as a test needs them."""

import functools
import re
from pathlib import Path
from typing import Any

GALLERY = Path(__file__).parents[1] / "gallery"


@functools.cache
def names_after(stem: str, cell: str) -> dict[str, Any]:
    """What a script has named when the cell that begins ``# %% cell`` has run."""
    cells = re.split(r"(?=^# %% )", (GALLERY / f"{stem}.py").read_text(encoding="utf-8"), flags=re.MULTILINE)
    (last,) = (at for at, code in enumerate(cells) if code.startswith(f"# %% {cell}\n"))
    names: dict[str, Any] = {}
    exec("".join(cells[: last + 1]), names)
    return names
