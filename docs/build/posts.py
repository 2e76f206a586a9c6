"""What a post can name: figures, facts and printed output of the gallery. Anything unknown is an error."""

from __future__ import annotations

import re
import traceback
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TypeVar

import jinja2

from build.addresses import resolve
from build.pages import PRINTED
from build.shelf import Shelf
from build.transcript import cells

T = TypeVar("T")

CALLS = """{{ figure("figure") }}, {{ fact("figure", "run", "fact") }} and {{ output("script", "cell") }}"""

_DATE = re.compile(r"^date: (\d{4}-\d{2}-\d{2})", re.MULTILINE)
_TOKEN = re.compile(r"<!-- figure ([a-z0-9-]+) -->")


@dataclass(frozen=True)
class Sources:
    """Where the gallery's results lie.

    Args:
        shelf: the figures.
        scripts: the folder of the gallery's scripts.
        pages: the folder of the Markdown made of them.
    """

    shelf: Shelf
    scripts: Path
    pages: Path

    def figure(self, page_url: str, name: str) -> str:
        """The figure's HTML, for a page at ``page_url``."""
        return resolve(self.shelf.record(name).html[name], page_url, self.pages.name)

    def fact(self, figure: str, label: str, name: str) -> str:
        """A fact of one run in a figure, from the run's record."""
        runs = self.shelf.record(figure).facts
        known = _known(runs, label, f"run in the figure {figure!r}")
        return _known(known, name, f"fact of {label!r} in the figure {figure!r}")

    def output(self, script: str, cell: str, code: bool = True) -> str:
        """A named cell of a script and what it printed; what it printed alone with ``code=False``."""
        scripts = {path.stem: path for path in sorted(self.scripts.glob("*.py"))}
        path = _known(scripts, script, "gallery script")
        found = _known(cells(path, self.pages / f"{script}.md"), cell, f"cell in {script}.py")
        shown = f"```python\n{found.code}\n```\n" if code else ""
        if found.printed:
            shown += f"\n{PRINTED}{found.printed}\n```\n"
        elif not code:
            raise LookupError(f"The cell {cell!r} in {script}.py printed nothing.")
        return shown


def newest(folder: Path) -> int:
    """When the newest post was written: its date at noon, in seconds since 1970; 0 without a dated post."""
    heads = (path.read_text(encoding="utf-8").split("---")[1:2] for path in folder.glob("*.md"))
    dates = [found[1] for head in heads for part in head if (found := _DATE.search(part))]
    return int(datetime.fromisoformat(f"{max(dates)}T12:00:00+00:00").timestamp()) if dates else 0


def token(name: str) -> str:
    """What stands for a figure in Markdown: a comment, which no extension of Markdown takes apart."""
    return f"<!-- figure {name} -->"


def fill(html: str, page_url: str, sources: Sources) -> str:
    """Put the figures into a page that Markdown has been made into."""
    return _TOKEN.sub(lambda found: sources.figure(page_url, found[1]), html)


def _known(table: dict[str, T], name: str, what: str) -> T:
    if name not in table:
        raise LookupError(f"There is no {what} called {name!r}. Known: {', '.join(table) or 'none'}.")
    return table[name]


def render(markdown: str, sources: Sources) -> str:
    """Fill in a page's ``{{ fact(…) }}`` and ``{{ output(…) }}``, and put a token for ``{{ figure(…) }}``.

    Raises:
        LookupError: if a name is unknown; lists those that are known.
        ValueError: if a page says anything else between the braces; says what it can.
    """
    excerpt, separator, _ = markdown.partition("<!-- more -->")
    if separator and re.search(r"\{\{\s*figure\(", excerpt):
        raise LookupError("a figure must stand below <!-- more -->: what stands above is shown on other pages, too")
    # comments and blocks get marks that no page has, so that {# and {% are ordinary text
    environment = jinja2.Environment(
        undefined=jinja2.StrictUndefined,
        block_start_string="{%%%",
        block_end_string="%%%}",
        comment_start_string="{###",
        comment_end_string="###}",
        keep_trailing_newline=True,
        autoescape=False,  # Markdown out of our own files
    )

    def figure(name: str) -> str:
        return token(sources.shelf.record(name).name)

    try:
        page = environment.from_string(markdown)
        return page.render(figure=figure, fact=sources.fact, output=sources.output)
    except (LookupError, TypeError, jinja2.TemplateError) as error:
        frames = traceback.extract_tb(error.__traceback__)
        lines = [frame.lineno for frame in frames if frame.filename in ("<template>", "<unknown>") and frame.lineno]
        where = f"in {markdown.splitlines()[lines[-1] - 1].strip()!r}: " if lines else ""
        if isinstance(error, LookupError):
            raise LookupError(f"{where}{error.args[0]}") from error
        what = re.sub(r"\S*\.(?=\w+\(\))", "", str(error))  # fact(), not Sources.fact()
        raise ValueError(f"{where}{what}. A page can say {CALLS}.") from error
