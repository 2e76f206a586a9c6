"""Runs gallery scripts, each in a child process of its own, and draws their films: ``python -m press.runner``.

A process beside the one that builds the site, for it loads sgdlib once, and afresh: a copy of it, so that an edit in
the midst of a build does no harm. Each child is forked from it, so that an example starts at once, finds the world as
every other does, and can hang or crash alone. It works in a copy of what it may read, so that what it writes into that
is known to be its own. Only what ended well is kept.

Reads the arguments of ``Runner``, as JSON in one line, from its standard input, tells its progress on standard error,
and writes what failed, as JSON, to standard output. It ends when its standard input does.
"""

from __future__ import annotations

import json
import os
import pickle
import signal
import sys
from collections import deque
from collections.abc import Callable, Iterable
from multiprocessing.connection import wait
from pathlib import Path

import torch
from matplotlib.font_manager import findfont

from press import changes, films, inputs
from press.cache import Cache
from press.files import described, pack
from press.gallery import compile_page
from press.process import Job
from sgdlib.render import web
from sgdlib.scene import style

_SAID_LINES = 40  # of what a failing example said


class Runner:
    """Does what is asked for, as many jobs at a time as there are cores.

    Args:
        project: the project's folder, which nothing is to be written into.
        copy: of all that examples depend on.
        cache: where results are kept.
        work: a folder for what is not finished.
        keys: of the examples to run, by their stems.
        seconds: how much processor time an example, or a film, may take.
    """

    def __init__(self, project: str, copy: str, cache: str, work: str, keys: dict[str, str], seconds: int):
        self._root, self._copy, self._work = Path(project), Path(copy), Path(work)
        self._cache, self._keys, self._seconds = Cache(Path(cache)), keys, seconds
        self._queue: deque[Callable[[], Job]] = deque()
        self._running: dict[int, Job] = {}
        self._films: set[str] = set()
        self._done = self._all = 0
        self._first = self._project = changes.project(self._root)
        self._suspects: dict[str, set[str]] = {}  # what of the project was changed while an example ran
        self._failures: dict[str, str] = {}

    def run(self) -> dict[str, str]:
        """Do all that is asked for, and return what failed: why, by example."""
        for stem in self._keys:
            if stem == inputs.PLAYER:
                self._add(stem, self._player, self._work / stem, stem)
            else:
                self._example(stem, self._work / stem)
        try:
            self._drain()
            self._trace()
        finally:
            for job in self._running.values():
                job.stop()
        return {stem: self._failures[stem] for stem in self._keys if stem in self._failures}

    def _add(self, name: str, work: Callable[[], None], folder: Path, example: str, script: bool = False) -> None:
        def start() -> Job:
            (folder / "project").mkdir(parents=True)
            if script:
                inputs.lend(self._copy, example, folder / "project" / "gallery")
            return Job(name, work, folder, example, self._seconds, script)

        self._queue.append(start)
        self._all += 1

    def _drain(self) -> None:
        cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
        while self._queue or self._running:
            while self._queue and len(self._running) < cores:
                job = self._queue.popleft()()
                self._running[job.sentinel] = job
            for ready in wait([*self._running, sys.stdin.fileno()]):
                if ready == sys.stdin.fileno():  # whoever asked is gone
                    raise SystemExit(1)
                assert isinstance(ready, int)
                self._look()
                self._ended(self._running.pop(ready))

    def _ended(self, job: Job) -> None:
        """Keep what an example made, if it ended well and wrote nowhere."""
        self._done += 1
        print(f"[{self._done}/{self._all}] {job.name}: {job.took():.1f} s", file=sys.stderr, flush=True)
        whys = [self._readable(job.failure()), _refused(job.written())]
        if any(whys):
            self._failures[job.example] = "\n".join(filter(None, whys))
        elif job.example not in self._suspects:
            self._keep(job.folder, job.example)

    def _keep(self, folder: Path, example: str) -> None:
        made = folder / "made"
        if made.exists():
            self._cache.put(self._keys[example], made.read_bytes())
        for scene in sorted(folder.glob("*.scene")):
            self._film(scene, example)

    def _look(self) -> None:
        """Whoever runs while something in the project changes is suspected."""
        now = changes.project(self._root)
        changed = changes.changed(self._project, now)
        self._project = now
        for job in self._running.values() if changed else ():
            if job.script:
                self._suspects.setdefault(job.example, set()).update(changed)

    def _trace(self) -> None:
        """Run each suspect once more, alone: who changes the same again fails, and nobody else."""
        suspects, self._suspects = self._suspects, {}
        new = {path for changed in suspects.values() for path in changed if path not in self._first}
        left = self._root / ".cache" / "left"
        for path in new:  # so that what is only written where nothing is, is written again
            changes.move(self._root / path, left / path)
        for stem, changed in suspects.items():
            self._project = changes.project(self._root)
            self._failures.pop(stem, None)
            folder = self._work / f"{stem} alone"
            self._example(stem, folder)
            self._drain()
            again = changed & self._suspects.pop(stem, set())
            if again:
                self._failures[stem] = _refused(again)
            elif stem not in self._failures:
                self._keep(folder, stem)
            for path in again & new:
                changes.remove(self._root / path)
                changes.remove(left / path)
        for path in new:
            changes.move(left / path, self._root / path)
        self._drain()

    def _example(self, stem: str, folder: Path) -> None:
        def work() -> None:
            files, scenes = compile_page(folder, stem, self._cache)
            for key, scene in scenes.items():
                if not films.complete(key, self._cache):
                    (folder / f"{key}.scene").write_bytes(pickle.dumps(scene))
            (folder / "made").write_bytes(pack(files))

        self._add(f"gallery/{stem}.py", work, folder, stem, script=True)

    def _film(self, scene: Path, example: str) -> None:
        key = scene.stem
        if key in self._films:
            return
        self._films.add(key)

        def work() -> None:
            films.draw(pickle.loads(scene.read_bytes()), key, self._cache)

        number = len(self._films)
        self._add(f"film {number} ({example})", work, self._work / f"film-{number}", example)

    def _player(self) -> None:
        player = {"player.css": web.stylesheet().encode(), "player.js": web.script().encode()}
        (self._work / inputs.PLAYER / "made").write_bytes(pack(player))

    def _readable(self, failure: str) -> str:
        """The last lines of what was said, with the paths of the originals."""
        for copied in (*self._work.glob("*/project"), self._copy):
            failure = failure.replace(f"{copied}{os.sep}", f"{self._root}{os.sep}")
        return "\n".join(failure.splitlines()[-_SAID_LINES:])


def _refused(written: Iterable[str]) -> str:
    paths = ", ".join(map(repr, sorted(written)))
    return paths and (
        f"A gallery script must not write into the project; got {paths}. "
        "End a cell with what is to be seen, or write into a folder of tempfile."
    )


def _stop(number: int, _: object) -> None:
    """End once, however often one is asked to."""
    for asked in (signal.SIGINT, signal.SIGTERM):
        signal.signal(asked, signal.SIG_IGN)
    sys.exit(128 + number)


def _font_is_installed() -> bool:
    try:
        return bool(findfont(style.FONT, fallback_to_default=False))
    except ValueError:
        return False


def main() -> int:
    """Do what standard input asks for; the exit code is that of the process."""
    runner = Runner(**json.loads(sys.stdin.readline()))
    signal.signal(signal.SIGTERM, _stop)
    if signal.getsignal(signal.SIGINT) != signal.SIG_IGN:  # as in the background: Ctrl-C is for another
        signal.signal(signal.SIGINT, _stop)
    torch.set_num_threads(1)  # a sum depends on the order, and the order on the threads
    inputs.packages([])  # what no child has to look for again
    try:
        if not _font_is_installed():
            print(f"The font {style.FONT} is missing. It comes with matplotlib; install that anew.", file=sys.stderr)
            return 1
        json.dump(runner.run(), sys.stdout)
    except SystemExit as stopped:
        return int(stopped.code or 0)
    except OSError as error:  # a full disk
        print(described(error), file=sys.stderr, flush=True)
        return 1
    return 0


if __name__ == "__main__":
    ended = main()
    sys.stdout.flush()
    os._exit(ended)  # what was loaded takes its time to go, and whoever presses Ctrl-C waits
