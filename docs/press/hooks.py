"""The events of a build, in their order, and what this site does at each."""

from __future__ import annotations

import logging
import os
import posixpath
import sys
from functools import cache
from html import escape, unescape
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import Abort, PluginError
from mkdocs.plugins import event_priority
from mkdocs.structure.files import File, Files, InclusionLevel
from mkdocs.structure.pages import Page
from mkdocs.utils import CountHandler, get_relative_url

if TYPE_CHECKING:
    from press.posts import Sources

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "docs"))

from press.publish import Publisher  # noqa: E402

_DAY = 86400  # in seconds
_OWN = ("127.0.0.1", "localhost", "::1")

_publisher = Publisher(ROOT / ".cache" / "lock")


def on_config(config: MkDocsConfig) -> None:
    """Say where the site is built, and how."""
    # live reload keeps the process, so what may have been edited is imported anew
    for name in [name for name in sys.modules if name.startswith("press.") and name != "press.publish"]:
        del sys.modules[name]
    if not config.site_url:
        raise PluginError("SITE_URL must be where the site is published, such as https://example.org/sgd/; got ''.")
    from press import posts

    config.site_dir = str(_publisher.begin(Path(config.site_dir)))
    # a date that stands in what is built is that of the newest post, not of the day
    os.environ.setdefault("SOURCE_DATE_EPOCH", str(posts.newest(Path(config.docs_dir) / "blog" / "posts")))
    config.markdown_extensions.append("press.mathml")


@event_priority(100)  # before any plugin
def on_pre_build(config: MkDocsConfig) -> None:
    """Run what examples have changed, and fill the folder of the gallery's pages."""
    from press import examples, inputs, pages

    _sources.cache_clear()
    scripts = inputs.scripts(ROOT, config.extra.get("only", ""))
    troubles = pages.troubles(scripts)
    if troubles:
        raise PluginError("\n".join(troubles))
    folder = _pages(config)
    try:
        examples.make(ROOT, scripts, folder, _published(config), _seconds(config))
    except (examples.ExamplesError, ValueError) as error:
        raise PluginError(str(error)) from error
    titles = {script.stem: pages.title(folder, script.stem) for script in scripts}
    readme = (ROOT / "gallery" / "README.md").read_text(encoding="utf-8")
    (folder / "index.md").write_text(pages.index(readme, folder, titles), encoding="utf-8")
    listed = [f"{folder.name}/index.md", *({title: f"{folder.name}/{stem}.md"} for stem, title in titles.items())]
    config.nav = _filled(config.nav, folder.name, listed)


def on_files(files: Files, config: MkDocsConfig) -> None:
    """Add the player."""
    for name in ("player.css", "player.js"):
        content = (_pages(config) / "records" / name).read_text(encoding="utf-8")
        files.append(File.generated(config, f"assets/{name}", content=content))


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Fill in the posts' facts and output; tidy the gallery's pages."""
    from press import archive, pages, posts

    folder, uri = _pages(config), Path(page.file.src_uri)
    markdown = posts.without_drafts(markdown, lambda target: _left_out(page, target, files))
    if uri.parts[0] == folder.name:
        if uri.stem == "index":
            return markdown
        page.meta.setdefault("description", pages.plain(pages.heading(markdown)[1]))
        there = get_relative_url(archive.name(), page.url)
        return pages.example(markdown, uri.stem, there, _published(config))
    try:
        return posts.render(markdown, _sources(folder))
    except (LookupError, ValueError) as error:
        raise PluginError(f"{page.file.src_uri}: {error}") from error


def on_page_content(html: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Put the figures into the page, and leave markup out of its name and description."""
    from press.pages import plain
    from press.posts import fill

    page.title = escape(plain(unescape(page.title or "")), quote=False)
    if "description" in page.meta:
        page.meta["description"] = escape(unescape(page.meta["description"]))  # the theme puts it into an attribute
    return fill(html, page.url, _sources(_pages(config)))


def on_post_page(output: str, page: Page, config: MkDocsConfig) -> str:
    """Name what the theme leaves without a name; ask for the formulas' font where there are some."""
    from press import formulas, pages

    return formulas.asked(pages.named(output), page.url)


@event_priority(-100)  # after every plugin
def on_post_build(config: MkDocsConfig) -> None:
    """Publish sgdlib's source, so that a downloaded example can be run elsewhere; then the site, if it is sound."""
    from press import archive, check, formulas
    from press.cache import Cache

    (Path(config.site_dir) / archive.name()).write_bytes(archive.content())
    formulas.write(Path(config.site_dir), Cache(ROOT / ".cache" / "built"))
    faults = check.faults(Path(config.site_dir), config.site_url or "")
    if config.strict and faults:
        raise PluginError("\n".join(faults))
    counters = [each for each in logging.getLogger("mkdocs").handlers if isinstance(each, CountHandler)]
    if not any(counter.get_counts() for counter in counters):  # else mkdocs stops here, for they are faults
        config.site_dir = str(_publisher.publish())


def on_build_error(error: Exception) -> None:
    """Leave the old site as it was; of a trouble with files, say which in one line."""
    _publisher.end()
    if isinstance(error, OSError):
        file = f": {error.filename}" if error.filename else ""
        raise Abort(f"The site cannot be built. {error.strerror or error}{file}") from error


def _left_out(page: Page, target: str, files: Files) -> bool:
    """Whether a page that another links to is there and not published, as a draft."""
    file = files.get_file_from_path(posixpath.normpath(posixpath.join(posixpath.dirname(page.file.src_uri), target)))
    return file is not None and file.inclusion is InclusionLevel.EXCLUDED


def _filled(nav: Any, gallery: str, pages: list[Any]) -> Any:
    """The navigation with these pages wherever mkdocs.yml names the gallery's folder."""
    if isinstance(nav, list):
        return [_filled(item, gallery, pages) for item in nav]
    if isinstance(nav, dict):
        return {title: _filled(item, gallery, pages) for title, item in nav.items()}
    return pages if nav == gallery else nav


def _published(config: MkDocsConfig) -> str | None:
    """Where the site is published; ``None`` if nobody has said so, and mkdocs.yml names a server of one's own."""
    address = config.site_url or ""
    return None if "SITE_URL" not in os.environ and urlsplit(address).hostname in _OWN else address


def _seconds(config: MkDocsConfig) -> int:
    """How long an example may take."""
    given = config.extra.get("seconds_per_example")
    if type(given) is not int or not 1 <= given <= _DAY:
        raise PluginError(f"extra: seconds_per_example in mkdocs.yml must be from 1 to {_DAY}; got {given!r}.")
    return given


def _pages(config: MkDocsConfig) -> Path:
    """The folder of the gallery's pages."""
    return Path(config.docs_dir) / "gallery"


@cache  # until the next build
def _sources(pages: Path) -> Sources:
    from press.posts import Sources
    from press.records import Records

    return Sources(Records(pages / "figures", pages / "records"), pages.name)
