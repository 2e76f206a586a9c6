"""Runs gallery scripts, each in a child process of its own, and draws their films: ``python -m build.workshop``.

A process beside the one that builds the site, for it loads sgdlib once, and afresh. Each child is forked from it, so
that an example starts at once, finds the world as every other does, and can hang or crash alone. Only what ended well
is kept.

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
import traceback
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import wait
from multiprocessing.context import ForkProcess
from pathlib import Path

import torch
from matplotlib.font_manager import findfont

from build import films, inputs
from build.cache import Cache
from build.gallery import ExampleError, compiled
from build.packing import pack
from sgdlib import style, web

_SHOWN_LINES = 40  # of what a failing example said


@dataclass(frozen=True)
class Request:
    """What is asked for.

    Args:
        root: the project's folder.
        cache: where results are kept.
        work: a folder for what is not finished.
        keys: of the examples to run, by their stems.
        seconds: how long an example, or a film, may take.
    """

    root: str
    cache: str
    work: str
    keys: dict[str, str]
    seconds: int


@dataclass(frozen=True)
class Job:
    """Something to do in a child process.

    Args:
        name: what it is called when its progress is told.
        work: does it.
        folder: an empty one for it, in which it may leave what follows from it.
        example: the stem of the example that it is part of.
    """

    name: str
    work: Callable[[], None]
    folder: Path
    example: str


class Workshop:
    """Does jobs, as many at a time as there are cores.

    Args:
        request: what is asked for.
    """

    def __init__(self, request: Request):
        self._request = request
        self._root, self._work = Path(request.root), Path(request.work)
        self._cache = Cache(Path(request.cache))
        self._jobs: deque[Job] = deque()
        self._running: dict[int, tuple[ForkProcess, Job, float]] = {}
        self._films: set[str] = set()
        self._done = self._all = 0
        self.failures: dict[str, str] = {}

    def run(self) -> None:
        """Do all that is asked for. What fails is in ``failures``, by example."""
        for stem in self._request.keys:
            work = self._player if stem == inputs.PLAYER else self._example(stem)
            self._add(Job(stem if stem == inputs.PLAYER else f"gallery/{stem}.py", work, self._work / stem, stem))
        try:
            while self._jobs or self._running:
                self._start()
                self._finish()
        finally:
            for process, *_ in self._running.values():
                process.kill()
                process.join()

    def _add(self, job: Job) -> None:
        self._jobs.append(job)
        self._all += 1

    def _start(self) -> None:
        cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
        while self._jobs and len(self._running) < cores:
            job = self._jobs.popleft()
            job.folder.mkdir(parents=True)
            process = multiprocessing.get_context("fork").Process(target=_alone, args=(job, self._request.seconds))
            process.start()
            self._running[process.sentinel] = process, job, time.perf_counter()

    def _finish(self) -> None:
        for ready in wait([*self._running, sys.stdin.fileno()]):
            if ready == sys.stdin.fileno():  # whoever asked is gone
                raise SystemExit(1)
            assert isinstance(ready, int)
            process, job, begun = self._running.pop(ready)
            process.join()
            self._done += 1
            took = time.perf_counter() - begun
            print(f"[{self._done}/{self._all}] {job.name}: {took:.1f} s", file=sys.stderr, flush=True)
            if process.exitcode == 0 and (job.folder / "done").exists():
                for scene in sorted(job.folder.glob("*.scene")):
                    self._film(scene, job.example)
            else:
                self.failures[job.example] = self._reason(job, process.exitcode)

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
        if code == -signal.SIGALRM:
            why = f"{job.name} took longer than {self._request.seconds} s and was stopped."
            return f"{why} Shorten it, or allow more by seconds_per_example in mkdocs.yml."
        said = (job.folder / "said").read_text(encoding="utf-8", errors="replace").rstrip()
        told = "\n".join(said.splitlines()[-_SHOWN_LINES:])
        if code is not None and code < 0:
            return f"{told}\n{job.name} crashed: {signal.Signals(-code).name}.".lstrip()
        if code == 0:
            return f"{told}\n{job.name} left Python before its end.".lstrip()
        return told

    def _example(self, stem: str) -> Callable[[], None]:
        def work() -> None:
            script, key = self._root / "gallery" / f"{stem}.py", self._request.keys[stem]
            folder = self._work / stem
            page, scenes = compiled(script, self._root, folder, self._cache)
            if inputs.keys(self._root, [script])[stem] != key:
                raise ExampleError("something it depends on was edited while it ran; build again.")
            for base, scene in scenes.items():
                if not films.there(base, self._cache):
                    (folder / f"{base}.scene").write_bytes(pickle.dumps(scene))
            self._cache.put(key, page)

        return work

    def _player(self) -> None:
        player = {"player.css": web.stylesheet().encode(), "player.js": web.script().encode()}
        self._cache.put(self._request.keys[inputs.PLAYER], pack(player))


def _alone(job: Job, seconds: int) -> None:
    """What a child does: the job, with a time limit that the system watches, and all that is said in a file."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.alarm(seconds)
    with (job.folder / "said").open("wb", buffering=0) as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
    try:
        job.work()
    except ExampleError as error:
        print(error, file=sys.stderr, flush=True)
        raise SystemExit(1) from None
    except OSError as error:
        print(f"{error.strerror}: {error.filename}" if error.filename else error, file=sys.stderr, flush=True)
        raise SystemExit(1) from None
    except Exception:
        traceback.print_exc()
        raise SystemExit(1) from None
    (job.folder / "done").touch()


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
    for asked in (signal.SIGINT, signal.SIGTERM):
        signal.signal(asked, _stop)
    torch.set_num_threads(1)  # a sum depends on the order, and the order on the threads
    workshop = Workshop(request)
    try:
        if not _font_is_there():
            print(f"The font {style.FONT} is missing. It comes with matplotlib; install that anew.", file=sys.stderr)
            return 1
        workshop.run()
    except SystemExit as stopped:
        return int(stopped.code or 0)
    json.dump(workshop.failures, sys.stdout)
    return 0


if __name__ == "__main__":
    ended = main()
    sys.stdout.flush()
    os._exit(ended)  # what was loaded takes its time to go, and whoever presses Ctrl-C waits
