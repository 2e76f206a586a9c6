"""The MkDocs plugin: lets the core write its content, adds that to the site, and publishes what is sound."""

from __future__ import annotations

import copy
import logging
import os
import posixpath
from datetime import UTC, date, datetime, time
from functools import cached_property
from html import escape, unescape
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from mkdocs.config.base import BaseConfigOption, Config, ValidationError
from mkdocs.config.config_options import Type
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import Abort, PluginError
from mkdocs.plugins import BasePlugin, event_priority
from mkdocs.structure.files import Files, InclusionLevel, get_files
from mkdocs.structure.pages import Page
from mkdocs.utils import CountHandler
from mkdocs.utils.meta import get_data

from press import changes, check, content, formulas, mathml, pages, posts, records
from press.cache import Cache
from press.files import described
from press.publish import Publisher

_DAY = 86400  # in seconds
_OWN = ("127.0.0.1", "localhost", "::1")
_HERE = Path(__file__).parent
_LOADED = changes.state(_HERE)


class Seconds(BaseConfigOption[int]):
    """So many seconds, of a day at most."""

    def run_validation(self, value: object) -> int:
        """Return the value, or say what is wrong with it."""
        if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= _DAY:
            raise ValidationError(f"must be from 1 to {_DAY}; got {value!r}.")
        return value


class Options(Config):
    """The plugin's options.

    Args:
        seconds_per_example: how much processor time an example may take; ten times that may pass on the clock.
        only: the stem of the one example to show; "" for all.
    """

    seconds_per_example = Seconds()
    only = Type(str, default="")


class Press(BasePlugin[Options]):
    """One build of the site."""

    _publisher: Publisher | None = None  # from ``on_config`` on

    def on_config(self, config: MkDocsConfig) -> None:
        """Say where the site is built, and how."""
        if changes.state(_HERE) != _LOADED:
            raise PluginError("docs/press was edited. Start this command again.")
        if not config.site_url:
            raise PluginError("SITE_URL must be where the site is published, such as https://example.org/sgd/; got ''.")
        self._project = Path(config.config_file_path).resolve().parent
        self._content = self._project / ".cache" / "content"
        self._publisher = Publisher(self._project / ".cache" / "lock", Path(config.site_dir))
        config.site_dir = str(self._publisher.begin())
        # a date that stands in what is built is that of the newest post, not of the day
        os.environ.setdefault("SOURCE_DATE_EPOCH", str(_newest(Path(config.docs_dir) / "blog" / "posts")))
        config.markdown_extensions.append(mathml.EXTENSION)

    @event_priority(100)  # before any other plugin
    def on_pre_build(self, config: MkDocsConfig) -> None:
        """Let the core write its content, and put the gallery's pages into the navigation."""
        seconds, only = self.config.seconds_per_example, self.config.only
        try:
            listed = content.write(self._project, self._content, _published(config), seconds, only)
        except content.ContentError as error:
            raise PluginError(str(error)) from error
        config.nav = _filled(config.nav, content.GALLERY, listed)

    @event_priority(100)
    def on_files(self, files: Files, config: MkDocsConfig) -> None:
        """Add what the core has written, as if it lay in the folder of the pages."""
        place = copy.copy(config)
        place.docs_dir, place.exclude_docs = str(self._content / content.SITE), None
        for file in get_files(place):
            files.append(file)

    def on_page_markdown(self, markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
        """Fill in the posts' facts and output."""
        markdown = posts.without_drafts(markdown, lambda target: _left_out(page, target, files))
        if page.file.src_uri.startswith(f"{content.GALLERY}/"):
            return markdown
        try:
            return posts.render(markdown, self._sources)
        except (LookupError, ValueError) as error:
            raise PluginError(f"{page.file.src_uri}: {error}") from error

    def on_page_content(self, html: str, page: Page, config: MkDocsConfig, files: Files) -> str:
        """Put the figures into the page, and leave markup out of its name and description."""
        page.title = escape(pages.plain(unescape(page.title or "")), quote=False)
        if "description" in page.meta:
            page.meta["description"] = escape(unescape(page.meta["description"]))  # the theme puts it into an attribute
        return posts.fill(html, page.url, self._sources)

    def on_post_page(self, output: str, page: Page, config: MkDocsConfig) -> str:
        """Name what the theme leaves without a name; ask for the formulas' font where a page has some."""
        return formulas.preloaded(pages.named(output), page.url)

    @event_priority(-100)  # after every other plugin
    def on_post_build(self, config: MkDocsConfig) -> None:
        """Publish the site, if it is sound."""
        site = Path(config.site_dir)
        formulas.write(site, Cache(self._project / content.CACHE))
        faults = check.faults(site, config.site_url or "")
        if config.strict and faults:
            raise PluginError("\n".join(faults))
        counters = [each for each in logging.getLogger("mkdocs").handlers if isinstance(each, CountHandler)]
        # else mkdocs stops here, for they are faults
        if self._publisher is not None and not any(counter.get_counts() for counter in counters):
            config.site_dir = str(self._publisher.publish())

    def on_build_error(self, error: Exception) -> None:
        """Leave the old site as it was; of a trouble with files, say which in one line."""
        if self._publisher is not None:
            self._publisher.end()
        if isinstance(error, OSError):
            raise Abort(f"The site cannot be built. {described(error)}") from error

    @cached_property
    def _sources(self) -> posts.Sources:
        return posts.Sources(records.load(self._content / content.RECORDS))


def _newest(folder: Path) -> int:
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


def _left_out(page: Page, target: str, files: Files) -> bool:
    """Whether a page that another links to is a draft, which is not published."""
    file = files.get_file_from_path(posixpath.normpath(posixpath.join(posixpath.dirname(page.file.src_uri), target)))
    return file is not None and file.inclusion is InclusionLevel.EXCLUDED


def _filled(nav: Any, gallery: str, listed: list[str]) -> Any:
    """The navigation with these pages wherever mkdocs.yml names the gallery's folder."""
    if isinstance(nav, list):
        return [_filled(item, gallery, listed) for item in nav]
    if isinstance(nav, dict):
        return {title: _filled(item, gallery, listed) for title, item in nav.items()}
    return listed if nav == gallery else nav


def _published(config: MkDocsConfig) -> str | None:
    """Where the site is published; ``None`` if nobody has said so, and mkdocs.yml names a server of one's own."""
    address = config.site_url or ""
    return None if "SITE_URL" not in os.environ and urlsplit(address).hostname in _OWN else address
