"""Runs gallery scripts, each in a child process of its own, and draws their films: ``python -m press.runner``.

A process beside the one that builds the site, for it loads sgdlib once, and afresh: a copy of it, so that an edit in
the midst of a build does no harm. Each child is forked from it, so that an example starts at once, finds the world as
every other does, and can hang or crash alone. It works in a copy of what it may read, so that what it writes there is
known to be its own. Only what ended well is kept.

Reads a request, as JSON in one line, from its standard input, tells its progress on standard error, and writes what
failed, as JSON, to standard output. It ends when its standard input does.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import pickle
import signal
import sys
import time
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from multiprocessing.connection import wait
from pathlib import Path

import torch
from matplotlib.font_manager import findfont

from press import films, inputs, watch
from press.cache import Cache
from press.gallery import compile_page, files
from press.job import WALL, Job, Running, alone
from press.packing import PACKAGES, pack
from sgdlib.render import web
from sgdlib.scene import style

_SHOWN_LINES = 40  # of what a failing example said


@dataclass(frozen=True)
class Request:
    """What is asked for.

    Args:
        root: the project's folder, which nothing is to be written into.
        copy: of all that examples depend on.
        cache: where results are kept.
        work: a folder for what is not finished.
        keys: of the examples to run, by their stems.
        seconds: how much processor time an example, or a film, may take.
    """

    root: str
    copy: str
    cache: str
    work: str
    keys: dict[str, str]
    seconds: int


class Runner:
    """Does jobs, as many at a time as there are cores.

    Args:
        request: what is asked for.
    """

    def __init__(self, request: Request):
        self._request = request
        self._root, self._copy, self._work = Path(request.root), Path(request.copy), Path(request.work)
        self._cache = Cache(Path(request.cache))
        self._jobs: deque[Job] = deque()
        self._running: dict[int, Running] = {}
        self._films: set[str] = set()
        self._done = self._all = 0
        self._first = self._project = watch.project(self._root)
        self._suspects: dict[str, set[str]] = {}  # what of the project was changed while an example ran
        self.failures: dict[str, str] = {}

    def run(self) -> None:
        """Do all that is asked for. What fails is in ``failures``, by example."""
        for stem in self._request.keys:
            if stem == inputs.PLAYER:
                self._add(Job(stem, self._player, self._work / stem, stem))
            else:
                self._example(stem, self._work / stem)
        try:
            self._drain()
            self._trace()
        finally:
            for running in self._running.values():
                running.process.kill()
                running.process.join()

    def _drain(self) -> None:
        while self._jobs or self._running:
            self._start()
            self._finish()

    def _add(self, job: Job) -> None:
        self._jobs.append(job)
        self._all += 1

    def _start(self) -> None:
        cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
        while self._jobs and len(self._running) < cores:
            job = self._jobs.popleft()
            project = job.folder / "project"
            project.mkdir(parents=True)
            if job.script:
                inputs.lend(self._copy, job.example, project / "gallery")
            before = watch.state(project)
            process = multiprocessing.get_context("fork").Process(target=alone, args=(job, self._request.seconds))
            process.start()
            self._running[process.sentinel] = Running(process, job, before)

    def _finish(self) -> None:
        for ready in wait([*self._running, sys.stdin.fileno()]):
            if ready == sys.stdin.fileno():  # whoever asked is gone
                raise SystemExit(1)
            assert isinstance(ready, int)
            self._look()
            running = self._running.pop(ready)
            running.process.join()
            self._done += 1
            took = time.perf_counter() - running.begun
            print(f"[{self._done}/{self._all}] {running.job.name}: {took:.1f} s", file=sys.stderr, flush=True)
            self._ended(running)

    def _ended(self, running: Running) -> None:
        """Keep what an example made, if it ended well and wrote nowhere."""
        job, code = running.job, running.process.exitcode
        whys = [] if code == 0 and (job.folder / "done").exists() else [self._reason(job, code)]
        written = watch.changed(running.before, watch.state(job.folder / "project"))
        whys += [_told(written)] if written else []
        if whys:
            self.failures[job.example] = "\n".join(whys)
        elif job.script and job.example not in self._suspects:
            self._keep(job)

    def _keep(self, job: Job) -> None:
        loaded = inputs.packages(json.loads((job.folder / "loaded").read_text(encoding="utf-8")))
        page = {**files(job.folder), PACKAGES: json.dumps(loaded).encode()}
        self._cache.put(self._request.keys[job.example], pack(page))
        for scene in sorted(job.folder.glob("*.scene")):
            self._film(scene, job.example)

    def _look(self) -> None:
        """Whoever runs while something in the project changes is suspected."""
        now = watch.project(self._root)
        changed = watch.changed(self._project, now)
        self._project = now
        for running in self._running.values() if changed else ():
            if running.job.script:
                self._suspects.setdefault(running.job.example, set()).update(changed)

    def _trace(self) -> None:
        """Run each suspect once more, alone: who changes the same again is told, and nobody else."""
        suspects, self._suspects = self._suspects, {}
        new = {path for changed in suspects.values() for path in changed if path not in self._first}
        left = self._root / ".cache" / "left"
        for path in new:  # so that what is only written where it is not yet there is written again
            watch.move(self._root / path, left / path)
        for stem, changed in suspects.items():
            self._project = watch.project(self._root)
            self.failures.pop(stem, None)
            job = self._example(stem, self._work / f"{stem} alone")
            self._drain()
            again = changed & self._suspects.pop(stem, set())
            if again:
                self.failures[stem] = _told(again)
            elif stem not in self.failures:
                self._keep(job)
            for path in again & new:
                watch.remove(self._root / path)
                watch.remove(left / path)
        for path in new:
            watch.move(left / path, self._root / path)
        self._drain()

    def _film(self, scene: Path, example: str) -> None:
        base = scene.stem
        if base in self._films:
            return
        self._films.add(base)

        def draw() -> None:
            films.draw(pickle.loads(scene.read_bytes()), base, self._cache)

        number = len(self._films)
        self._add(Job(f"film {number} ({example})", draw, self._work / f"film-{number}", example))

    def _reason(self, job: Job, code: int | None) -> str:
        limit = self._request.seconds
        over = {-signal.SIGXCPU: f"{limit} s of processor time", -signal.SIGALRM: f"{WALL * limit} s"}
        if code in over:
            why = f"{job.name} took longer than {over[code]} and was stopped."
            return f"{why} Shorten it, or allow more by seconds_per_example in mkdocs.yml."
        said = (job.folder / "said").read_text(encoding="utf-8", errors="replace").rstrip()
        for copied in (job.folder / "project", self._copy):  # whoever reads it looks for the original
            said = said.replace(f"{copied}{os.sep}", f"{self._root}{os.sep}")
        told = "\n".join(said.splitlines()[-_SHOWN_LINES:])
        if code is not None and code < 0:
            return f"{told}\n{job.name} crashed: {signal.Signals(-code).name}.".lstrip()
        if code == 0:
            return f"{told}\n{job.name} left Python before its end.".lstrip()
        return told

    def _example(self, stem: str, folder: Path) -> Job:
        def work() -> None:
            for base, scene in compile_page(folder, stem, self._cache).items():
                if not films.there(base, self._cache):
                    (folder / f"{base}.scene").write_bytes(pickle.dumps(scene))
            (folder / "loaded").write_text(json.dumps(list(sys.modules)), encoding="utf-8")

        job = Job(f"gallery/{stem}.py", work, folder, stem, script=True)
        self._add(job)
        return job

    def _player(self) -> None:
        player = {"player.css": web.stylesheet().encode(), "player.js": web.script().encode()}
        self._cache.put(self._request.keys[inputs.PLAYER], pack(player))


def _told(written: Iterable[str]) -> str:
    return (
        f"A gallery script must not write into the project; got {', '.join(map(repr, sorted(written)))}. "
        "End a cell with what is to be seen, or write into a folder of tempfile."
    )


def _stop(number: int, _: object) -> None:
    """End once, however often one is asked to."""
    for asked in (signal.SIGINT, signal.SIGTERM):
        signal.signal(asked, signal.SIG_IGN)
    sys.exit(128 + number)


def _font_is_there() -> bool:
    try:
        return bool(findfont(style.FONT, fallback_to_default=False))
    except ValueError:
        return False


def main() -> int:
    """Do what standard input asks for; the exit code is that of the process."""
    request = Request(**json.loads(sys.stdin.readline()))
    signal.signal(signal.SIGTERM, _stop)
    if signal.getsignal(signal.SIGINT) != signal.SIG_IGN:  # as in the background: Ctrl-C is for another
        signal.signal(signal.SIGINT, _stop)
    torch.set_num_threads(1)  # a sum depends on the order, and the order on the threads
    runner = Runner(request)
    try:
        if not _font_is_there():
            print(f"The font {style.FONT} is missing. It comes with matplotlib; install that anew.", file=sys.stderr)
            return 1
        runner.run()
    except SystemExit as stopped:
        return int(stopped.code or 0)
    except OSError as error:  # a full disk
        print(f"{error.strerror}: {error.filename}" if error.filename else error, file=sys.stderr, flush=True)
        return 1
    json.dump({stem: runner.failures[stem] for stem in request.keys if stem in runner.failures}, sys.stdout)
    return 0


if __name__ == "__main__":
    ended = main()
    sys.stdout.flush()
    os._exit(ended)  # what was loaded takes its time to go, and whoever presses Ctrl-C waits
