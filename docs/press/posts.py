"""What a post can name: figures, facts and printed output of the gallery. Anything unknown is an error."""

from __future__ import annotations

import re
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import TypeVar

import jinja2
from mkdocs.utils.meta import get_data

from press.addresses import resolve
from press.pages import CODE, PRINTED, fenced
from press.records import Records

T = TypeVar("T")

CALLS = """{{ figure("figure") }}, {{ fact("figure", "run", "fact") }} and {{ output("script", "cell") }}"""

_LINK = re.compile(r"(?<!!)\[([^\]]*)\]\(<?([^)\s#>]+\.md)[^)]*\)")
_DEFINED = re.compile(r"^ {0,3}\[([^\]]+)\]:[ \t]*<?([^\s#>]+\.md).*\n?", re.MULTILINE)  # where a reference leads to
_REFERENCE = re.compile(r"(?<!!)\[([^\]]+)\](?:\[([^\]]*)\])?(?!\()")
_TOKEN = re.compile(r"<!-- figure ([a-z0-9-]+) -->")


@dataclass(frozen=True)
class Sources:
    """Where the gallery's results lie.

    Args:
        records: the figures, and what cells printed.
        gallery: the folder of the gallery's pages, from the site's root.
    """

    records: Records
    gallery: str

    def figure(self, page_url: str, name: str) -> str:
        """The figure's HTML, for a page at ``page_url``."""
        return resolve(self.records.record(name).html[name], page_url, self.gallery)

    def fact(self, figure: str, label: str, name: str) -> str:
        """A fact of one run in a figure, from the run's record."""
        runs = self.records.record(figure).facts
        known = _known(runs, label, f"run in the figure {figure!r}")
        return _known(known, name, f"fact of {label!r} in the figure {figure!r}")

    def output(self, script: str, cell: str, code: bool = True) -> str:
        """A named cell of a script and what it printed; what it printed alone with ``code=False``."""
        cells = _known(self.records.cells, script, "gallery script")
        found = _known(cells, cell, f"cell in {script}.py")
        shown = fenced(found["code"], CODE) if code else ""
        if found["printed"]:
            shown += f"\n{fenced(found['printed'], PRINTED)}"
        elif not code:
            raise LookupError(f"The cell {cell!r} in {script}.py printed nothing.")
        return shown


def newest(folder: Path) -> int:
    """When the newest post was written: its date at noon, in seconds since 1970; 0 without a dated post."""
    heads = (get_data(path.read_text(encoding="utf-8-sig"))[1] for path in folder.rglob("*.md"))
    dates = [found for head in heads if not head.get("draft") and (found := _created(head.get("date")))]
    noon = time(12, tzinfo=UTC)
    return int(datetime.combine(max(dates), noon).timestamp()) if dates else 0


def _created(given: object) -> date | None:
    """The day of a post: its ``date``, or the ``created`` in that."""
    found = given.get("created") if isinstance(given, dict) else given
    if isinstance(found, datetime):
        return found.date()
    return found if isinstance(found, date) else None


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
        return token(sources.records.record(name).name)

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
