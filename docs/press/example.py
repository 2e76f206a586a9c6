"""Run one gallery script and show its page: ``python docs/press/example.py plot_1_data``."""

from __future__ import annotations

import logging
import os
import sys
import webbrowser
from pathlib import Path

from mkdocs.commands.build import build
from mkdocs.config import load_config
from mkdocs.exceptions import Abort, MkDocsException
from mkdocs.utils.yaml import yaml_load
from selectolax.lexbor import LexborHTMLParser

ROOT = Path(__file__).resolve().parents[2]


def show(name: str) -> Path:
    """Build a site of one example.

    Args:
        name: the script's, without .py.

    Returns:
        The page, to be opened as a file.
    """
    with (ROOT / "mkdocs.yml").open(encoding="utf-8") as file:
        extra = yaml_load(file)["extra"]
    site = ROOT / ".cache" / "example"
    config = load_config(
        str(ROOT / "mkdocs.yml"),
        site_dir=str(site),
        strict=False,  # the pages that it links to are left out
        use_directory_urls=False,  # so that a browser finds its way without a server
        nav=[{"Gallery": "gallery"}],
        plugins={},
        extra={**extra, "press": {**extra["press"], "only": name}},
        exclude_docs="/*.md\n/blog/\n/gallery/\n/press/\n",
    )
    config.plugins.on_startup(command="build", dirty=False)
    build(config)
    page = site / "gallery" / f"{name}.html"
    page.write_text(_whole(page), encoding="utf-8")
    return page


def _whole(page: Path) -> str:
    """A page with its scenes inside it, for a browser fetches nothing for a file."""
    html = page.read_text(encoding="utf-8")
    for player in LexborHTMLParser(html).css("sgd-player"):
        source = f'src="{player.attributes["src"]}">'
        scene = (page.parent / str(player.attributes["src"])).read_text(encoding="utf-8").replace("<", "\\u003c")
        html = html.replace(source, f'{source}<script type="application/json">{scene}</script>')
    return html


def main(arguments: list[str]) -> int:
    """Run the script that was named; with an unknown name, list the known ones."""
    names = sorted(path.stem for path in (ROOT / "gallery").glob("plot_*.py"))
    name = Path(arguments[0]).stem if len(arguments) == 1 else ""  # as the shell completes it, too
    if name not in names:
        given = f"There is no example {arguments[0]!r}." if arguments and arguments[0] else "Which example?"
        print(f"{given} Say make example NAME=…, with one of: {', '.join(names)}", file=sys.stderr)
        return 2
    os.chdir(ROOT)
    logging.getLogger("mkdocs").addHandler(logging.StreamHandler())  # so that a failure says why
    try:
        page = show(name)
    except (Abort, MkDocsException) as error:
        print(f"{error}", file=sys.stderr)
        return 1
    print(f"\n{page.as_uri()}")
    if os.environ.get("DISPLAY") or sys.platform in ("darwin", "win32"):
        webbrowser.open(page.as_uri())
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
