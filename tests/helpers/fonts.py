"""Sets of fonts: a browser that is given one sees pages as on a machine that has no others."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

FOLDERS = ("/usr/share/fonts", "/usr/local/share/fonts", "~/.local/share/fonts", "~/.fonts")


@dataclass(frozen=True)
class Fonts:
    """Fonts that come together.

    Args:
        package: what brings them, on Debian.
        file: one of them; the others lie beside it.
        sans, mono: the families that stand for any other.
    """

    package: str
    file: str
    sans: str
    mono: str

    def folder(self) -> Path | None:
        """Where they are, if they are installed."""
        found = (path for folder in FOLDERS for path in sorted(Path(folder).expanduser().rglob(self.file)))
        return next((path.parent for path in found), None)


FONTS = {
    "DejaVu": Fonts("fonts-dejavu-core", "DejaVuSans.ttf", "DejaVu Sans", "DejaVu Sans Mono"),
    "Liberation": Fonts("fonts-liberation", "LiberationSans-Regular.ttf", "Liberation Sans", "Liberation Mono"),
    # fonts-noto-core has no letters of one width
    "Noto": Fonts("fonts-noto-core", "NotoSans-Regular.ttf", "Noto Sans", "Noto Sans"),
}


def alone(folder: Path, fonts: Fonts, work: Path) -> dict[str, str]:
    """The environment of a program that shall see only these fonts.

    Args:
        folder: where they are.
        fonts: which they are.
        work: an empty folder for the settings.
    """
    names = {"sans-serif": fonts.sans, "serif": fonts.sans, "monospace": fonts.mono}
    aliases = "".join(
        f"<alias><family>{asked}</family><prefer><family>{given}</family></prefer></alias>"
        for asked, given in names.items()
    )
    settings = f"<fontconfig><dir>{folder}</dir><cachedir>{work / 'cache'}</cachedir>{aliases}</fontconfig>"
    (work / "fonts.conf").write_text(f'<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd">{settings}')
    return {**os.environ, "FONTCONFIG_FILE": str(work / "fonts.conf")}
