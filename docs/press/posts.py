"""What a post can name: figures, facts and printed output of the gallery. Anything unknown is an error."""

from __future__ import annotations

import posixpath
import re
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

import jinja2

from press.pages import CODE, PRINTED, SITE, fenced
from press.records import Figure, Record

T = TypeVar("T")

CALLS = """{{ figure("figure") }}, {{ fact("figure", "run", "fact") }} and {{ output("script", "cell") }}"""

_LINK = re.compile(r"(?<!!)\[([^\]]*)\]\(<?([^)\s#>]+\.md)[^)]*\)")
_DEFINED = re.compile(r"^ {0,3}\[([^\]]+)\]:[ \t]*<?([^\s#>]+\.md).*\n?", re.MULTILINE)  # where a reference leads to
_REFERENCE = re.compile(r"(?<!!)\[([^\]]+)\](?:\[([^\]]*)\])?(?!\()")
_TOKEN = re.compile(r"<!-- figure ([a-z0-9-]+) -->")
_ADDRESS = re.compile(rf'(?<=="){SITE}/([^"]*)')  # where an attribute begins; in a text, quotes are escaped


@dataclass(frozen=True)
class Sources:
    """What the gallery has made.

    Args:
        records: of the examples, by their stems.
    """

    records: Mapping[str, Record]

    def figure(self, name: str) -> Figure:
        """A figure, or a row of a table."""
        if name not in self._figures:
            names = sorted(name for name, figure in self._figures.items() if not figure.row)
            raise LookupError(f"There is no figure {name!r}. Known figures: {', '.join(names) or 'none'}.")
        return self._figures[name]

    def fact(self, figure: str, label: str, name: str) -> str:
        """A fact of one run in a figure, from the run's record."""
        facts = _found(self.figure(figure).facts, label, f"run in the figure {figure!r}")
        return _found(facts, name, f"fact of {label!r} in the figure {figure!r}")

    def output(self, script: str, cell: str, code: bool = True) -> str:
        """A named cell of a script and what it printed; what it printed alone with ``code=False``."""
        found = _found(_found(self.records, script, "gallery script").cells, cell, f"cell in {script}.py")
        shown = fenced(found.code, CODE) if code else ""
        if found.printed:
            shown += f"\n{fenced(found.printed, PRINTED)}"
        elif not code:
            raise LookupError(f"The cell {cell!r} in {script}.py printed nothing.")
        return shown

    @cached_property
    def _figures(self) -> dict[str, Figure]:
        return {name: figure for record in self.records.values() for name, figure in record.figures.items()}


def without_drafts(markdown: str, left_out: Callable[[str], bool]) -> str:
    """A page whose links to what is not published are their words alone.

    Examples:
        >>> without_drafts("see [this post](draft.md#end) and [that](that.md)", "draft.md".__eq__)
        'see this post and [that](that.md)'
        >>> without_drafts("see [this post][1]\\n\\n[1]: draft.md\\n", "draft.md".__eq__)
        'see this post\\n\\n'
    """
    markdown = _LINK.sub(lambda found: found[1] if left_out(found[2]) else found[0], markdown)
    names = {found[1].lower() for found in _DEFINED.finditer(markdown) if left_out(found[2])}
    if not names:
        return markdown
    markdown = _DEFINED.sub(lambda found: "" if found[1].lower() in names else found[0], markdown)
    return _REFERENCE.sub(lambda found: found[1] if (found[2] or found[1]).lower() in names else found[0], markdown)


def token(name: str) -> str:
    """What stands for a figure in Markdown: a comment, which no extension of Markdown takes apart."""
    return f"<!-- figure {name} -->"


def fill(html: str, page_url: str, sources: Sources) -> str:
    """Put the figures into a page that Markdown has been made into, with addresses from there.

    Args:
        html: of the page.
        page_url: of the page, from the site's root.
        sources: of the figures.

    Examples:
        >>> fill('<a href="site:/gallery/figures/a.png">', "blog/post/", Sources({}))
        '<a href="../../gallery/figures/a.png">'
    """
    folder = posixpath.dirname(page_url) or "."
    html = _TOKEN.sub(lambda found: sources.figure(found[1]).html, html)
    return _ADDRESS.sub(lambda found: posixpath.relpath(found[1], folder), html)


def _found(table: Mapping[str, T], name: str, what: str) -> T:
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
        sources.figure(name)  # an unknown one is an error
        return token(name)

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
