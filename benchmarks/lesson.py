"""The lesson's animations as a whole site, built cold: this way, and by mkdocs-gallery's matplotlib_animations."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from helpers.sites import ROOT, project
from PIL import Image
from timing import table

RUNS = {
    "descent": [{"batch_size": None}],
    "sgd": [{"batch_size": 16}],
    "rates": [{"lr": lr, "batch_size": 16} for lr in (0.01, 0.1, 1.0, 1.1)],
    "sizes": [{"batch_size": size} for size in (1, 2, 4, 8, 16, 32, 64, 100)],
}
BEGINS = (
    '"""\n# {name}\n\nIts animations.\n"""\n\nfrom sgdlib import *\n\nproblem = LeastSquares(noisy_line(seed=42))\n'
)
OURS = """views = [LineFit(), ParameterPlane(), ParameterPlane(near=0.5), LossCurve()]
runs = {{f"run {{at}}": train(problem, **how) for at, how in enumerate({runs!r})}}
(Animation if len(runs) == 1 else AnimationTable)(runs, views, name="{name}")
"""
# mkdocs-gallery takes one animation of a cell
THEIRS = """
# %%
# The next one.

import usual

film = usual.animated(train(problem, **{how!r}), [usual.fit, usual.plane, usual.near, usual.loss], {size})
"""
SETTINGS = """site_name: The usual way
site_url: https://example.org/
theme: {name: material, font: false}
nav: [{Home: index.md}, {Gallery: gallery}]
plugins:
  gallery: {examples_dirs: gallery, gallery_dirs: docs/gallery, matplotlib_animations: true, show_signature: false}
"""


def ours(name: str) -> str:
    """The script of an experiment, this way."""
    return BEGINS.format(name=name) + OURS.format(name=name, runs=RUNS[name])


def theirs(name: str, size: tuple[int, int]) -> str:
    """The same with matplotlib alone; the films are of that size."""
    return BEGINS.format(name=name) + "".join(THEIRS.format(how=how, size=size) for how in RUNS[name])


def usual(folder: Path, size: tuple[int, int]) -> Path:
    """A site of the same animations, made by mkdocs-gallery alone."""
    for part in ("docs", "gallery"):
        (folder / part).mkdir(parents=True)
    (folder / "mkdocs.yml").write_text(SETTINGS)
    (folder / "docs" / "index.md").write_text("# Home\n")
    (folder / "gallery" / "README.md").write_text("# Gallery\n")
    for name in RUNS:
        (folder / "gallery" / f"plot_{name}.py").write_text(theirs(name, size))
    return folder


def timed(folder: Path, **environment: str) -> float:
    """How long a site takes to build, in seconds."""
    begun = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build"],
        cwd=folder,
        env={**os.environ, "SITE_URL": "https://example.org/", "NO_MKDOCS_2_WARNING": "1", **environment},
        text=True,
        capture_output=True,
    )
    if done.returncode:
        raise SystemExit(done.stdout + done.stderr)
    return time.perf_counter() - begun


def page_bytes(site: Path) -> int:
    """The bytes of the gallery's pages, with the scenes that they load; stills are for browsers without scripts."""
    pages = [path for path in site.rglob("gallery/**/*.html") if path.parent.name.startswith("plot_")]
    return sum(path.stat().st_size for path in [*pages, *site.rglob("gallery/figures/*.json")])


def measured(rounds: int = 3) -> str:
    """The table of both sites; theirs is built once, for it takes its time."""
    with tempfile.TemporaryDirectory() as parent:
        site = project(Path(parent) / "ours", {f"plot_{name}.py": ours(name) for name in RUNS})
        times = []
        for _ in range(rounds):
            for made in (".cache", "site"):
                shutil.rmtree(site / made, ignore_errors=True)
            times.append(timed(site))
        spent = sorted(times)[rounds // 2]
        with Image.open(next((site / "site").rglob("sgd.gif"))) as film:
            size = film.size
        other = usual(Path(parent) / "theirs", size)
        long = timed(other, PYTHONPATH=f"{ROOT / 'benchmarks'}:{ROOT}")
        small, large = (page_bytes(folder / "site") for folder in (site, other))
    rows = [
        ("this site's way", f"{spent:.0f} s", "1", f"{small / 1e6:.2f} MB", "1"),
        (
            "mkdocs-gallery, matplotlib_animations: true",
            f"{long:.0f} s",
            f"{long / spent:.0f}",
            f"{large / 1e6:.0f} MB",
            f"{large / small:.0f}",
        ),
    ]
    films = sum(map(len, RUNS.values()))
    head = (f"{films} animations of four panels, built cold", "time", "times ours", "pages", "times ours")
    return f"{table(head, rows)}\n\nEach film has 101 frames of {size[0]} × {size[1]} pixels."


if __name__ == "__main__":
    print(measured())
