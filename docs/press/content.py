"""All that this project gives a site, written into one folder, of which no site generator needs to know.

The gallery's examples are as they are today: what is kept is used again, and only the others are run.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterable
from functools import cache, partial
from pathlib import Path

from press import archive, files, inputs, pages, records
from press.cache import Cache

SITE, RECORDS, GALLERY, ASSETS = "site", "records", "gallery", "assets"
CACHE = ".cache/built"
_PLACES = ("PATH", "HOME", "USER", "TMPDIR", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")  # where this machine has things


class ContentError(Exception):
    """Examples that failed or cannot be run, with what is wrong with each."""


def write(project: Path, folder: Path, site_url: str | None, seconds: int, only: str = "") -> list[str]:
    """Write all that is ours.

    Below ``folder / SITE`` lies what is published, as it lies in the site: the gallery's pages in Markdown, each with
    its script and its notebook, pictures, films, scenes and numbers; the player's assets; sgdlib as a ZIP archive.
    In ``folder / RECORDS`` lies what pages can ask for: the HTML of figures, facts, what cells printed.

    Args:
        project: the project's folder.
        folder: to write into; it is emptied first.
        site_url: where the site will be published; ``None`` if that is not known.
        seconds: how much processor time an example may take.
        only: the stem of the one example to show; "" for all.

    Returns:
        The gallery's pages in their order, as paths below ``folder / SITE``.

    Raises:
        ContentError: if examples fail, or make no page; says so of all of them. The folder is empty then.
    """
    shutil.rmtree(folder, ignore_errors=True)
    scripts = inputs.scripts(project, only)
    faults = pages.faults(scripts)
    if faults:
        raise ContentError("\n".join(faults))
    kept = Cache(project / CACHE)
    whole = partial(_whole, kept, cache(inputs.version))  # a version stays the same within a build
    stems = [script.stem for script in scripts]
    made = {stem: whole(key) for stem, key in inputs.keys(project, stems).items()}
    if None in made.values():
        made = {stem: whole(key) for stem, key in _run(project, kept, whole, stems, seconds).items()}
    library = archive.Library(project)
    owners: dict[str, str] = {}
    for stem, packed in made.items():
        if packed is None:  # something else writes to the cache
            raise ContentError(f"{stem} was made and is not in {kept.folder}; build again.")
        if stem == inputs.PLAYER:
            files.write(folder / SITE / ASSETS, packed)
            continue
        text = packed.pop(inputs.RECORD)
        record = records.read(text)
        try:
            records.claim(owners, record.figures, stem)
        except ValueError as error:
            raise ContentError(str(error)) from error
        page, notebook = f"{stem}.md", f"{stem}.ipynb"
        packed[page] = pages.example(packed[page].decode(), stem, library, site_url).encode()
        packed[notebook] = library.notebook(packed[notebook], site_url)
        films = {f"figures/{name}": kept.get(key) or b"" for name, key in _films(record).items()}
        files.write(folder / SITE / GALLERY, packed | films)
        files.write(folder / RECORDS, {f"{stem}.json": text})
    readme = (project / "gallery" / "README.md").read_text(encoding="utf-8")
    index = pages.index(readme, folder / SITE / GALLERY, stems)
    files.write(folder / SITE, {f"{GALLERY}/index.md": index.encode(), library.name: library.content})
    kept.prune()
    return [f"{GALLERY}/{stem}.md" for stem in ("index", *stems)]


def _whole(kept: Cache, version: Callable[[str], str | None], key: str) -> dict[str, bytes] | None:
    """What is kept, if it and its films are whole, and the packages that it was made with are those of today."""
    packed = kept.get(key)
    if packed is None:
        return None
    found = files.unpack(packed)
    record = records.read(found[inputs.RECORD]) if inputs.RECORD in found else records.Record()
    same = all(version(name) == loaded for name, loaded in record.packages.items())
    return found if same and all(kept.get(key) is not None for key in _films(record).values()) else None


def _films(record: records.Record) -> dict[str, str]:
    """The key of each film, by the name of its file."""
    return {name + suffix: key + suffix for name, key in record.films.items() for suffix in records.FILMS}


def _run(
    project: Path, kept: Cache, whole: Callable[[str], object], stems: Iterable[str], seconds: int
) -> dict[str, str]:
    """Let the runner run what is not kept, in a process of its own, on the sources as they are now.

    Returns:
        The keys of all, for these sources.
    """
    work = project / ".cache" / "work"
    shutil.rmtree(work, ignore_errors=True)
    copy = work / "sources"
    inputs.copy(project, copy)
    keys = inputs.keys(copy, stems)
    missing = {stem: key for stem, key in keys.items() if whole(key) is None}
    request = {"project": project, "copy": copy, "cache": kept.folder, "work": work, "keys": missing}
    process = subprocess.Popen(
        [sys.executable, "-m", "press.runner"],
        cwd=copy,
        env=_environment(copy, project / ".cache" / "matplotlib"),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )
    assert process.stdin and process.stdout
    try:
        process.stdin.write(json.dumps(request | {"seconds": seconds}, default=str) + "\n")
        process.stdin.flush()
        answer = process.stdout.read()
        code = process.wait()
    finally:
        process.terminate()  # it stops its children and itself; nothing happens if it has ended
        process.wait()
        process.stdin.close()
        process.stdout.close()
        shutil.rmtree(work, ignore_errors=True)
    if code < 0:  # by someone else, or by a system short of memory
        raise ContentError(f"{signal.Signals(-code).name} ended the process that runs the examples; build again.")
    if code:
        raise ContentError("No example could be run; why is said above.")
    failures: dict[str, str] = json.loads(answer)
    if failures:
        reasons = "\n\n".join(f"{name}\n{why}" for name, why in failures.items())
        raise ContentError(f"{len(failures)} gallery example(s) failed.\n\n{reasons}")
    return keys


def _environment(copy: Path, matplotlib: Path) -> dict[str, str]:
    """The same everywhere: no settings of whoever builds, and no hash that differs from run to run."""
    theirs = {name: os.environ[name] for name in _PLACES if name in os.environ}
    one = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    settings = {"LC_ALL": "C.UTF-8", "TZ": "UTC", "MPLBACKEND": "agg", "PYTHONUTF8": "1", "PYTHONHASHSEED": "0"}
    places = {"PYTHONPATH": f"{copy / 'docs'}{os.pathsep}{copy}", "MPLCONFIGDIR": str(matplotlib)}
    return {**theirs, **one, **settings, **places}
