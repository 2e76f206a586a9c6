"""Mend what mkdocs-gallery and the theme leave undone on a page."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterable
from html import escape
from pathlib import Path

from markdown import markdown as compiled
from PIL import Image
from selectolax.lexbor import LexborHTMLParser

from press.archive import Library
from press.mathml import EXTENSION

_NOTE = re.compile(r"<!--\n DO NOT EDIT\..*?-->\n|!!! note\n\n +Click \[here\].*?code\n", re.DOTALL)
_FOOT = re.compile(r'<div id="download_links"></div>.*', re.DOTALL)
_INTRO = re.compile(r"^# (.+)\n\n((?:.+\n)+)", re.MULTILINE)

_ACTION = re.compile(r'<nav class="md-post__action">(.*?)</nav>', re.DOTALL)
# what the theme says, and what it is to say
_NAMES = {
    'data-md-component="search" role="dialog"': 'data-md-component="search" role="dialog" aria-label="Search"',
    '<nav class="md-nav md-nav--primary">': '<nav class="md-nav md-nav--primary" aria-label="This post">',
    '<nav class="md-nav">': '<nav class="md-nav" aria-label="About this post">',
    'id="__drawer" autocomplete="off"': 'id="__drawer"',
    'id="__search" autocomplete="off"': 'id="__search"',
}

SITE = "site:"  # what the address of something in the site begins with, until it is known which page will say it
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


def example(markdown: str, stem: str, library: Library, site_url: str | None) -> str:
    """An example's page as this site shows it.

    Args:
        markdown: as mkdocs-gallery has made it.
        stem: of the script.
        library: sgdlib's source, which the script needs.
        site_url: where the site is published; ``None`` if that is not known.
    """
    description = json.dumps(plain(heading(markdown)[1]), ensure_ascii=False)
    take_home = (
        "## Take it home\n\n"
        f"[Python script]({stem}.py){{ .md-button download }} [Notebook]({stem}.ipynb){{ .md-button download }}\n\n"
        "Both need the library that this site is made with. "
    )
    if site_url:
        take_home += "The notebook's first cell installs it; for the script:\n\n"
        take_home += fenced(f"pip install {library.address(site_url)}", "sh")
    else:
        archive = f'<a href="{SITE}/{library.name}" download>{library.name}</a>'
        take_home += f"The notebook brings it along; for the script, take {archive}:\n\n"
        take_home += fenced(f"pip install {library.name}", "sh")
    body = _FOOT.sub(lambda _: take_home, _NOTE.sub("", markdown))
    return f"---\ndescription: {description}\n---\n{body}"


def plain(markdown: str) -> str:
    """A few words without their markup, for places that show none: a title of a browser's tab, a description.

    Examples:
        >>> plain("The *noise* of `SGD` at $\\\\eta = 1$")
        'The noise of SGD at η=1'
    """
    generic = {"pymdownx.arithmatex": {"generic": True}}
    html = compiled(markdown, extensions=["pymdownx.arithmatex", EXTENSION], extension_configs=generic)
    return LexborHTMLParser(html).text().strip()


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


def faults(scripts: Iterable[Path]) -> list[str]:
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
    for part, with_name in _NAMES.items():
        html = html.replace(part, with_name)
    for section in LexborHTMLParser(html).css('nav[data-md-level="1"][aria-labelledby]'):
        label, heading = section.attributes["aria-labelledby"], section.css_first(".md-nav__title")
        name = escape(heading.text(strip=True)) if heading else ""
        html = html.replace(f'level="1" aria-labelledby="{label}"', f'level="1" aria-label="Pages of {name}"')
    return _ACTION.sub(r'<div class="md-post__action">\1</div>', html)
