"""The font of the formulas: those glyphs of STIX Two Math that the site's pages need.

A browser without a mathematical font sets formulas wrongly, and one that has some takes the wrong one. The whole font
has 1.5 MB, the glyphs of a few formulas 20 kB. It is under the Open Font License; ``docs/assets/formulas.txt``,
which is published beside it, says so.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import importlib.util
import inspect
import io
import sys
import unicodedata
from pathlib import Path

from selectolax.lexbor import LexborHTMLParser

from press.cache import Cache

FONT = "assets/formulas.woff2"
KEPT_NAMES = [0, 1, 2, 3, 4, 5, 6, 13, 14]  # the font's own, its copyright, and its license

_HEAD = "</head>"

# what MathML Core makes of the only letter of an <mi>
_SLANTED = (*range(0x1D434, 0x1D468), *range(0x1D6E2, 0x1D71C), 0x1D6A4, 0x1D6A5, 0x210E)
_ITALIC = {ord(unicodedata.normalize("NFKD", chr(code))): code for code in _SLANTED if unicodedata.name(chr(code), "")}


def letters(html: str) -> set[str]:
    """The characters that a page's formulas are drawn with: a variable slanted, if it is a single letter."""
    found: set[str] = set()
    for part in LexborHTMLParser(html).css("math *"):
        text = part.text(deep=False)
        found.update(text.translate(_ITALIC) if part.tag == "mi" and len(text) == 1 else text)
    return found


def preloaded(html: str, url: str) -> str:
    """A page that asks for the font at once if it has formulas, so that they don't jump when it arrives.

    Args:
        html: of the whole page.
        url: its address within the site.
    """
    if "<math" not in html:
        return html
    address = "../" * url.count("/") + FONT
    link = f'<link rel="preload" href="{address}" as="font" type="font/woff2" crossorigin>'
    return html.replace(_HEAD, f"{link}{_HEAD}", 1)


def write(site: Path, cache: Cache) -> None:
    """Put the font into the built site, if a page has a formula."""
    used = sorted(set().union(*(letters(page.read_text(encoding="utf-8")) for page in site.rglob("*.html"))))
    if not used:
        return
    source = whole()
    made_with = [inspect.getsource(sys.modules[__name__]), *map(importlib.metadata.version, ("fonttools", "brotli"))]
    parts = ["".join(used), hashlib.sha256(source.read_bytes()).hexdigest(), *made_with]
    key = hashlib.sha256("\n".join(parts).encode()).hexdigest()
    font = cache.get(key)
    if font is None:
        font = subset(source, used)
        cache.put(key, font)
    (site / FONT).write_bytes(font)


def whole() -> Path:
    """Where ziamath, of which nothing else is used, keeps the font."""
    found = importlib.util.find_spec("ziamath")  # and it is not loaded
    assert found is not None and found.submodule_search_locations
    return Path(found.submodule_search_locations[0]) / "fonts" / "STIXTwoMath-Regular.ttf"


def subset(source: Path, characters: list[str]) -> bytes:
    """A font with the glyphs of these characters, their forms of other sizes, and what lays formulas out.

    A character that it lacks, such as one of another script in ``\\text``, is left to the reader's own fonts.
    """
    from fontTools import subset as tool  # takes longer to load than a build that needs no new font

    options = tool.Options(
        flavor="woff2",
        hinting=False,
        layout_features=["ssty", "dtls", "kern"],  # forms for indices and below accents
        name_IDs=KEPT_NAMES,
    )
    subsetter = tool.Subsetter(options)
    subsetter.populate(text="".join(characters))
    file = io.BytesIO()
    with tool.load_font(source, options) as font:
        subsetter.subset(font)
        tool.save_font(font, file, options)
    return file.getvalue()
