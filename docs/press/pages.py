"""Mend what mkdocs-gallery and the theme leave undone on a page."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable
from html import escape
from pathlib import Path

from PIL import Image

from press.mathml import letters

_NOTE = re.compile(r"<!--\n DO NOT EDIT\..*?-->\n|!!! note\n\n +Click \[here\].*?code\n", re.DOTALL)
_FOOT = re.compile(r'<div id="download_links"></div>.*', re.DOTALL)
_SECTION = re.compile(
    r'(<nav class="md-nav" data-md-level="1") aria-labelledby="\w+"([^>]*>)'
    r'(\s*<label class="md-nav__title"[^>]*>\s*<span class="md-nav__icon md-icon"></span>\s*)([^<]*?)(?=\s*<)'
)
_FORMULA = re.compile(r"\$([^$\n]+)\$|\\\((.+?)\\\)")
_INTRO = re.compile(r"^# (.+)\n\n((?:.+\n)+)", re.MULTILINE)

CODE, PRINTED = "python", "{ .text .sgd-printed }"  # what is said behind a fence


def fenced(text: str, kind: str) -> str:
    """A block of code, or of what it printed, between fences that nothing in it can end.

    Examples:
        >>> print(fenced("print(1)", CODE))
        ```python
        print(1)
        ```
        <BLANKLINE>
    """
    fence = "`" * max(3, *(len(ticks) + 1 for ticks in re.findall("`+", text)), 0)
    content = text.strip("\n")
    return f"{fence}{kind}\n{content}\n{fence}\n"


def example(markdown: str, stem: str, archive: str, site_url: str | None) -> str:
    """An example's page as this site shows it.

    Args:
        markdown: as mkdocs-gallery has made it.
        stem: of the script.
        archive: the address of sgdlib's source, from the page.
        site_url: where the site is published; ``None`` if that is not known.
    """
    name = archive.rpartition("/")[2]
    take_home = (
        "## Take it home\n\n"
        f"[Python script]({stem}.py){{ .md-button download }} [Notebook]({stem}.ipynb){{ .md-button download }}\n\n"
        "Both need the library that this site is made with. "
    )
    if site_url:
        take_home += "The notebook's first cell installs it; for the script:\n\n"
        take_home += fenced(f"pip install {site_url.rstrip('/')}/{name}", "sh")
    else:
        take_home += f'The notebook brings it along; for the script, take <a href="{archive}" download>{name}</a>:\n\n'
        take_home += fenced(f"pip install {name}", "sh")
    return _FOOT.sub(lambda _: take_home, _NOTE.sub("", markdown))


def plain(markdown: str) -> str:
    """A few words without their markup, for places that show none: a title of a browser's tab, a description.

    Examples:
        >>> plain("The *noise* of `SGD` at $\\\\eta = 1$")
        'The noise of SGD at η=1'
    """
    text = _FORMULA.sub(lambda found: letters(found[1] or found[2]), markdown)
    text = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", text)
    return re.sub(r"(?<!\w)(\*\*|__|\*|_|`+)(?=\S)(.*?\S)\1(?!\w)", r"\2", text)


def title(folder: Path, stem: str) -> str:
    """An example's title as plain text, in HTML."""
    return escape(plain(heading((folder / f"{stem}.md").read_text(encoding="utf-8"))[0]), quote=False)


def index(readme: str, folder: Path, stems: Iterable[str]) -> str:
    """The gallery's first page: a card for each example, with links that mkdocs checks.

    Args:
        readme: what stands above the cards.
        folder: where the examples' pages lie.
        stems: of the examples, in their order.
    """
    cards = "\n".join(_card(folder, stem) for stem in stems)
    return f'{readme}\n\n<ul class="sgd-cards" markdown>\n{cards}\n</ul>\n'


def heading(markdown: str) -> tuple[str, str]:
    """An example's title and its introduction.

    Raises:
        ValueError: if it lacks one of them.
    """
    found = _INTRO.search(markdown)
    if found is None:
        raise ValueError("it must begin with a docstring: a '# Title', an empty line, an introduction")
    return found[1], " ".join(found[2].split())


def troubles(scripts: Iterable[Path]) -> list[str]:
    """What keeps gallery scripts from becoming pages: a name, a title, an introduction that is wrong or not there."""
    found: list[str] = []
    titles: dict[str, Path] = {}
    for script in scripts:
        if not script.name.startswith("plot_"):
            found.append(f"gallery/{script.name}: an example is called plot_….py; a module is for a folder in gallery/")
            continue
        if " " in script.name:
            found.append(f"gallery/{script.name}: an example's name has no spaces, as it is part of addresses")
            continue
        try:
            title, _ = heading(f"{ast.get_docstring(ast.parse(script.read_bytes())) or ''}\n")
        except SyntaxError as error:
            found.append(f"gallery/{script.name}, line {error.lineno}: {error.msg}")
        except ValueError as error:
            found.append(f"gallery/{script.name}: {error}")
        else:
            if titles.setdefault(title, script) != script:
                found.append(f"gallery/{script.name}: its title, “{title}”, is that of gallery/{titles[title].name}")
    return found


def _card(folder: Path, stem: str) -> str:
    title, intro = heading((folder / f"{stem}.md").read_text(encoding="utf-8"))
    thumb = f"images/thumb/mkd_glr_{stem}_thumb.png"
    with Image.open(folder / thumb) as image:
        size = f"width={image.width} height={image.height}"
    return (
        f"<li markdown>\n\n![Thumbnail of the example “{plain(title)}”]({thumb}){{ {size} loading=lazy }}\n\n"
        f"**[{title}]({stem}.md)**\n\n{intro}\n\n</li>\n"
    )


def named(html: str) -> str:
    """The theme's page with a name for all that needs one, and no attribute that a checkbox cannot have."""
    html = html.replace(
        'data-md-component="search" role="dialog"', 'data-md-component="search" role="dialog" aria-label="Search"'
    )
    html = html.replace(
        '<nav class="md-nav md-nav--primary">', '<nav class="md-nav md-nav--primary" aria-label="This post">'
    )
    html = html.replace('<nav class="md-nav">', '<nav class="md-nav" aria-label="About this post">')
    html = re.sub(
        r'<nav class="md-post__action">(.*?)</nav>', r'<div class="md-post__action">\1</div>', html, flags=re.S
    )
    html = _SECTION.sub(r'\1 aria-label="Pages of \4"\2\3\4', html)
    return re.sub(r'(<input [^>]*type="checkbox"[^>]*?) autocomplete="off"', r"\1", html)
