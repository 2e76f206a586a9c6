"""The events of a build, in their order, and what this site does at each."""

from __future__ import annotations

import ast
import re
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jinja2
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.plugins import event_priority
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page
from mkdocs_gallery import glr_path_static

if TYPE_CHECKING:
    from build.posts import Sources

ROOT = Path(__file__).resolve().parents[2]

if sys.version_info >= (3, 14):  # mkdocs-gallery 0.10.4 reads docstrings by names that were taken away there
    ast.Str = ast.Constant
    ast.Constant.s = property(lambda self: self.value)


def on_config(config: MkDocsConfig) -> None:
    """Hand mkdocs-gallery our scraper. Runs after its own, for hooks come last."""
    # live reload keeps the process, so what may have been edited is imported anew
    for name in [name for name in sys.modules if name.split(".")[0] in ("build", "sgdlib")]:
        del sys.modules[name]
    sys.path[:] = [str(ROOT / "docs"), *(path for path in sys.path if path != str(ROOT / "docs"))]
    if not config.site_url:
        raise PluginError("SITE_URL must be where the site is published, such as https://example.org/sgd/; got ''.")
    from build import archive, gallery
    from build.films import Studio

    # mkdocs-gallery's style sheets and badges are for pages that look like its own
    config.extra_css[:] = [sheet for sheet in config.extra_css if not str(sheet).startswith("sg_gallery")]
    config.theme.dirs.remove(glr_path_static())
    config.markdown_extensions.append("build.mathml")
    studio = Studio(ROOT / ".cache" / "films")
    gallery.configure(_gallery(config), _sources(config).shelf, studio, archive.address(config.site_url))


@event_priority(100)  # before mkdocs-gallery writes
def on_pre_build(config: MkDocsConfig) -> None:
    """Start from an empty folder, so that no page or figure outlives its script."""
    from build import pages

    shutil.rmtree(_pages(config), ignore_errors=True)
    ignored = re.compile(_gallery(config)["ignore_pattern"])
    scripts = sorted((ROOT / "gallery").glob("*.py"))
    troubles = pages.troubles(script for script in scripts if not ignored.search(str(script)))
    if troubles:
        raise PluginError("\n".join(troubles))


def on_files(files: Files, config: MkDocsConfig) -> None:
    """Add the player; stop here if an example failed, and show what every failing one said."""
    from sgdlib import web

    files.append(File.generated(config, "assets/player.css", content=web.stylesheet()))
    files.append(File.generated(config, "assets/player.js", content=web.script()))
    conf = _gallery(config)
    conf["image_scrapers"][0].close()
    failures = conf["failing_examples"]
    if failures:
        told = "\n\n".join(f"{Path(script).relative_to(ROOT)}\n{why}" for script, why in failures.items())
        raise PluginError(f"{len(failures)} gallery example(s) failed.\n\n{told}")


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
        return render(markdown, _sources(config))
    except (LookupError, TypeError, jinja2.TemplateError) as error:
        raise PluginError(f"{page.file.src_uri}: {error}") from error


def on_page_content(html: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Put the figures into the page."""
    from build.posts import fill

    return fill(html, page.url, _sources(config))


def on_post_page(output: str, page: Page, config: MkDocsConfig) -> str:
    """Name what the theme leaves without a name."""
    from build import pages

    return pages.named(output)


def on_post_build(config: MkDocsConfig) -> None:
    """Publish sgdlib's source, so that a downloaded example can be run elsewhere."""
    from build import archive

    archive.write(ROOT, Path(config.site_dir))


def _gallery(config: MkDocsConfig) -> dict[str, Any]:
    conf: dict[str, Any] = config.plugins["gallery"].config
    return conf


def _pages(config: MkDocsConfig) -> Path:
    """The folder that mkdocs-gallery writes its pages to."""
    return Path(config.docs_dir) / "gallery"


def _sources(config: MkDocsConfig) -> Sources:
    from build.posts import Sources
    from build.shelf import Shelf

    pages = _pages(config)
    return Sources(Shelf(pages / "figures", pages / "records"), ROOT / "gallery", pages, f"{pages.name}/figures")
