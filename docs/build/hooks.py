"""The events of a build, in their order, and what this site does at each."""

from __future__ import annotations

import logging
import os
import sys
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import mkdocs_gallery.gen_gallery
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import Abort, PluginError
from mkdocs.plugins import event_priority
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page
from mkdocs.utils import CountHandler
from mkdocs_gallery import glr_path_static

if TYPE_CHECKING:
    from build.posts import Sources

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "docs"))

from build.release import Release  # noqa: E402

_DAY = 86400  # in seconds

_release = Release(ROOT / ".cache" / "lock")

# it would load matplotlib, at each build; the examples, which need it, are run by another process
mkdocs_gallery.gen_gallery._import_matplotlib = lambda: None  # type: ignore[attr-defined]


def on_config(config: MkDocsConfig) -> None:
    """Say how mkdocs-gallery works here, and where the site is built. Runs after its own, for hooks come last."""
    # live reload keeps the process, so what may have been edited is imported anew
    for name in [name for name in sys.modules if name.startswith("build.") and name != "build.release"]:
        del sys.modules[name]
    if not config.site_url:
        raise PluginError("SITE_URL must be where the site is published, such as https://example.org/sgd/; got ''.")
    from build import inputs, posts

    config.site_dir = str(_release.begin(Path(config.site_dir)))
    # a date that stands in what is built is that of the newest post, not of the day
    os.environ.setdefault("SOURCE_DATE_EPOCH", str(posts.newest(Path(config.docs_dir) / "blog" / "posts")))
    # mkdocs-gallery's style sheets and badges are for pages that look like its own
    config.extra_css[:] = [sheet for sheet in config.extra_css if not str(sheet).startswith("sg_gallery")]
    config.theme.dirs.remove(glr_path_static())
    config.markdown_extensions.append("build.mathml")
    conf = _gallery(config)
    conf["plot_gallery"] = False  # the examples have been run when it makes their index
    logging.getLogger("mkdocs.plugins.mkdocs-gallery").setLevel(logging.WARNING)
    conf["within_subsection_order"] = lambda: inputs.by_number


@event_priority(100)  # before mkdocs-gallery makes its index
def on_pre_build(config: MkDocsConfig) -> None:
    """Run what examples have changed, and fill the folder of the gallery's pages."""
    import mkdocs_gallery.gen_single

    from build import examples, inputs, pages

    _sources.cache_clear()
    mkdocs_gallery.gen_single.tqdm = lambda scripts, desc: scripts  # type: ignore[attr-defined]
    scripts = inputs.scripts(ROOT, _gallery(config)["ignore_pattern"])
    troubles = pages.troubles(scripts)
    if troubles:
        raise PluginError("\n".join(troubles))
    try:
        examples.make(ROOT, scripts, _pages(config), config.site_url or "", _seconds(config))
    except (examples.ExamplesError, ValueError) as error:
        raise PluginError(str(error)) from error


def on_files(files: Files, config: MkDocsConfig) -> None:
    """Add the player."""
    for name in ("player.css", "player.js"):
        content = (_pages(config) / "records" / name).read_text(encoding="utf-8")
        files.append(File.generated(config, f"assets/{name}", content=content))


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Fill in the posts' facts and output; tidy the gallery's pages."""
    from build import archive, pages
    from build.posts import render

    folder, uri = _pages(config), Path(page.file.src_uri)
    if uri.parts[0] == folder.name:
        if uri.stem == "index":
            return pages.index(markdown, folder)
        page.meta.setdefault("description", pages.heading(markdown)[1])
        return pages.example(markdown, uri.stem, archive.address(config.site_url))
    try:
        return render(markdown, _sources(_pages(config)))
    except (LookupError, ValueError) as error:
        raise PluginError(f"{page.file.src_uri}: {error}") from error


def on_page_content(html: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Put the figures into the page."""
    from build.posts import fill

    return fill(html, page.url, _sources(_pages(config)))


def on_post_page(output: str, page: Page, config: MkDocsConfig) -> str:
    """Name what the theme leaves without a name; ask for the formulas' font where there are some."""
    from build import formulas, pages

    return formulas.asked(pages.named(output), page.url)


@event_priority(-100)  # after every plugin
def on_post_build(config: MkDocsConfig) -> None:
    """Publish sgdlib's source, so that a downloaded example can be run elsewhere; then the site, if it is sound."""
    from build import archive, check, formulas
    from build.cache import Cache

    archive.write(ROOT, Path(config.site_dir))
    formulas.write(Path(config.site_dir), Cache(ROOT / ".cache" / "built"))
    faults = check.faults(Path(config.site_dir), config.site_url or "")
    if config.strict and faults:
        raise PluginError("\n".join(faults))
    counters = [each for each in logging.getLogger("mkdocs").handlers if isinstance(each, CountHandler)]
    if not any(counter.get_counts() for counter in counters):  # else mkdocs stops here, for they are faults
        config.site_dir = str(_release.publish())


def on_build_error(error: Exception) -> None:
    """Leave the old site as it was; of a trouble with files, say which in one line."""
    _release.end()
    if isinstance(error, OSError):
        file = f": {error.filename}" if error.filename else ""
        raise Abort(f"The site cannot be built. {error.strerror or error}{file}") from error


def _gallery(config: MkDocsConfig) -> dict[str, Any]:
    conf: dict[str, Any] = config.plugins["gallery"].config
    return conf


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
    from build.posts import Sources
    from build.shelf import Shelf

    return Sources(Shelf(pages / "figures", pages / "records"), ROOT / "gallery", pages)
