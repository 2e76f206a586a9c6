"""A build with nothing changed: this site's, Material alone on the same Markdown, and mkdocs-gallery by itself."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from mkdocs.utils.yaml import yaml_load
from timing import medians, table

ROOT = Path(__file__).resolve().parents[1]
ADDRESS = "https://example.org/sgd/"
# as our glue sets it
PLUGIN = """  gallery:
    examples_dirs: gallery
    gallery_dirs: docs/gallery
    filename_pattern: "/plot_"
    download_all_examples: false
    show_signature: false
"""


def build(folder: Path) -> None:
    """Run mkdocs in a folder."""
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build"],
        cwd=folder,
        env={**os.environ, "SITE_URL": ADDRESS, "NO_MKDOCS_2_WARNING": "1"},
        text=True,
        capture_output=True,
    )
    if done.returncode:
        raise SystemExit(done.stdout + done.stderr)


def copied(whole: Path, folder: Path, *, gallery: bool) -> Path:
    """A project without our glue: with mkdocs-gallery as it comes, or without it, on the Markdown it has made."""
    shutil.copytree(whole / "docs", folder / "docs", ignore=shutil.ignore_patterns("press"))
    if gallery:
        shutil.copytree(whole / "gallery", folder / "gallery")
    else:
        shutil.copytree(whole / ".cache" / "content" / "site", folder / "docs", dirs_exist_ok=True)
    text = (whole / "mkdocs.yml").read_text(encoding="utf-8")
    text = re.sub(r"^(hooks|strict|watch):.*\n", "", text, flags=re.MULTILINE)
    text = text.replace("assets/player.css, ", "").replace("{ path: assets/player.js, defer: true }, ", "")
    if gallery:
        text = text.replace("plugins:\n", f"plugins:\n{PLUGIN}")
    else:
        pages = sorted((folder / "docs" / "gallery").glob("plot_*.md"))
        entries = "".join(f"    - gallery/{page.name}\n" for page in pages)
        text = text.replace("  - Gallery: gallery\n", f"  - Gallery:\n    - gallery/index.md\n{entries}")
    assert yaml_load(text)["plugins"]
    (folder / "mkdocs.yml").write_text(text, encoding="utf-8")
    return folder


def edited(folder: Path, name: str) -> None:
    """Build with one file edited, so that what depends on it runs again."""
    with (folder / name).open("a", encoding="utf-8") as file:
        file.write("\n# edited\n")
    build(folder)


def measured(rounds: int = 5) -> str:
    """The table of builds with nothing changed, with something edited, and from nothing."""
    with tempfile.TemporaryDirectory() as parent:
        whole = Path(parent) / "whole"
        made = (".git", ".venv", ".cache", "site", "tests", "benchmarks", "__pycache__", ".*_cache")
        shutil.copytree(ROOT, whole, ignore=shutil.ignore_patterns(*made))
        begun = time.perf_counter()
        build(whole)
        cold = time.perf_counter() - begun
        alone = copied(whole, Path(parent) / "alone", gallery=False)
        plugin = copied(whole, Path(parent) / "plugin", gallery=True)
        build(plugin)
        ways = {
            "this site, nothing changed": lambda: build(whole),
            "Material alone, on the same Markdown": lambda: build(alone),
            "mkdocs-gallery by itself, nothing changed": lambda: build(plugin),
            "this site, one example edited": lambda: edited(whole, "gallery/plot_2_gradient_descent.py"),
            "this site, sgdlib edited: every example runs": lambda: edited(whole, "sgdlib/experiment/train.py"),
        }
        times = medians(ways, rounds) | {"this site, from nothing, once": cold}
    first = next(iter(times.values()))
    rows = [(name, f"{spent:.2f} s", f"{spent - first:+.2f} s".replace("-", "−")) for name, spent in times.items()]
    return table(("a build", "time", "against ours"), rows)


if __name__ == "__main__":
    print(measured())
