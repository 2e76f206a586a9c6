"""The gallery's examples as they are today: what is kept is used again, and only the others are run."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from press import archive, inputs
from press.cache import Cache
from press.packing import PACKAGES, unpack
from press.records import FILMS, Record, read

RECORDS, FIGURES = "records", "figures"
_PLACES = ("PATH", "HOME", "USER", "TMPDIR", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")  # where this machine has things


class ExamplesError(Exception):
    """Examples that failed, with what each said."""


def make(root: Path, scripts: Iterable[Path], pages: Path, site_url: str | None, seconds: int) -> None:
    """Fill the folder of the gallery's pages.

    Args:
        root: the project's folder.
        scripts: the examples.
        pages: the folder, which is emptied first.
        site_url: where the site will be published; ``None`` if that is not known.
        seconds: how much processor time an example may take.

    Raises:
        ExamplesError: if examples fail; tells all of them. The folder is empty then.
        ValueError: if two examples make a figure of one name.
    """
    shutil.rmtree(pages, ignore_errors=True)
    cache = Cache(root / ".cache" / "built")
    stems = [script.stem for script in scripts]
    kept = {stem: _whole(cache, key) for stem, key in inputs.keys(root, stems).items()}
    if None in kept.values():
        kept = {stem: _whole(cache, key) for stem, key in _run(root, cache, stems, seconds).items()}
    made: list[Record] = []
    for stem, files in kept.items():
        if files is None:  # who else writes there?
            raise ExamplesError(f"{stem} was made and is not in {cache.folder}; build again.")
        _place(files, pages / RECORDS if stem == inputs.PLAYER else pages, site_url)
        for record in _records(files):
            for other in made:
                other.refuse_double(record)
            made.append(record)
            for name, film in _films(record).items():
                (pages / FIGURES / name).write_bytes(cache.get(film) or b"")
    cache.prune()


def _whole(cache: Cache, key: str) -> dict[str, bytes] | None:
    """An example's files, if they and its films are all there, and what they were made with is what is installed."""
    packed = cache.get(key)
    files = unpack(packed) if packed is not None else None
    if files is not None and not inputs.installed(json.loads(files.pop(PACKAGES, b"{}"))):
        return None
    films = [film for record in _records(files or {}) for film in _films(record).values()]
    return files if all(cache.get(film) is not None for film in films) else None


def _records(files: dict[str, bytes]) -> list[Record]:
    return [read(content) for path, content in files.items() if re.match(rf"{RECORDS}/.*\.json$", path)]


def _films(record: Record) -> dict[str, str]:
    """The key of each film of a figure, by the name of its file."""
    return {plate.name + suffix: plate.film + suffix for plate in record.plates if plate.moves for suffix in FILMS}


def _place(files: dict[str, bytes], folder: Path, site_url: str | None) -> None:
    for path, content in files.items():
        if path.endswith(".ipynb"):
            content = archive.notebook(content, site_url)
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)


def _run(root: Path, cache: Cache, stems: Iterable[str], seconds: int) -> dict[str, str]:
    """Let the runner run what is not kept, in a process of its own, on the sources as they are now.

    Returns:
        The keys of all, for these sources.
    """
    work = root / ".cache" / "work"
    shutil.rmtree(work, ignore_errors=True)
    copy = work / "sources"
    inputs.copy(root, copy)
    keys = inputs.keys(copy, stems)
    missing = {stem: key for stem, key in keys.items() if _whole(cache, key) is None}
    request = {"root": root, "copy": copy, "cache": cache.folder, "work": work, "keys": missing, "seconds": seconds}
    process = subprocess.Popen(
        [sys.executable, "-m", "press.runner"],
        cwd=copy,
        env=_environment(copy, root / ".cache" / "matplotlib"),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )
    assert process.stdin and process.stdout
    try:
        process.stdin.write(json.dumps(request, default=str) + "\n")
        process.stdin.flush()
        said = process.stdout.read()
        code = process.wait()
    finally:
        process.terminate()  # it stops its children and itself; nothing happens if it has ended
        process.wait()
        process.stdin.close()
        process.stdout.close()
        shutil.rmtree(work, ignore_errors=True)
    if code < 0:  # by someone else, or by a system short of memory
        raise ExamplesError(f"{signal.Signals(-code).name} ended the process that runs the examples; build again.")
    if code:
        raise ExamplesError("No example could be run; why is said above.")
    failures: dict[str, str] = json.loads(said)
    if failures:
        told = "\n\n".join(f"{name}\n{why}" for name, why in failures.items())
        raise ExamplesError(f"{len(failures)} gallery example(s) failed.\n\n{told}")
    return keys


def _environment(copy: Path, matplotlib: Path) -> dict[str, str]:
    """The same everywhere: no settings of whoever builds, and no hash that differs from run to run."""
    theirs = {name: os.environ[name] for name in _PLACES if name in os.environ}
    one = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    settings = {"LC_ALL": "C.UTF-8", "TZ": "UTC", "MPLBACKEND": "agg", "PYTHONUTF8": "1", "PYTHONHASHSEED": "0"}
    places = {"PYTHONPATH": f"{copy / 'docs'}{os.pathsep}{copy}", "MPLCONFIGDIR": str(matplotlib)}
    return {**theirs, **one, **settings, **places}
