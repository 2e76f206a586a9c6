"""Something that is done in a process of its own, within limits, and of which all that it says is kept."""

from __future__ import annotations

import multiprocessing
import os
import resource
import signal
import time
import traceback
from collections.abc import Callable
from pathlib import Path

from press import changes
from press.files import described
from press.gallery import ExampleError

_WALL = 10  # so many times the limit of processor time may pass on the clock, for others are at work, too


class Job:
    """Something to do in a child process, which is forked at once.

    Args:
        name: what it is called when its progress is told.
        work: does it; raises ``ExampleError`` for what is to be said without a traceback.
        folder: an empty one for it, but for ``project``, in which nothing is to change.
        example: the stem of the example that it is part of.
        seconds: how much processor time it may take.
        script: whether it runs that example.
    """

    def __init__(self, name: str, work: Callable[[], None], folder: Path, example: str, seconds: int, script: bool):
        self.name, self.folder, self.example, self.script = name, folder, example, script
        self._work, self._seconds = work, seconds
        self._before = changes.state(folder / "project")
        self._begun = time.perf_counter()
        self._process = multiprocessing.get_context("fork").Process(target=self._run)
        self._process.start()
        self.sentinel = self._process.sentinel

    def took(self) -> float:
        """How long it has been at work, in seconds."""
        return time.perf_counter() - self._begun

    def stop(self) -> None:
        """End it."""
        self._process.kill()
        self._process.join()

    def written(self) -> list[str]:
        """What has changed in its project."""
        return changes.changed(self._before, changes.state(self.folder / "project"))

    def failure(self) -> str:
        """Why it failed, once it has ended; "" if it did not."""
        self._process.join()
        code = self._process.exitcode or 0
        over = {-signal.SIGXCPU: f"{self._seconds} s of processor time", -signal.SIGALRM: f"{_WALL * self._seconds} s"}
        if code in over:
            why = f"{self.name} took longer than {over[code]} and was stopped."
            return f"{why} Shorten it, or allow more by seconds_per_example in mkdocs.yml."
        output = (self.folder / "output").read_text(encoding="utf-8", errors="replace").rstrip()
        if code < 0:
            return f"{output}\n{self.name} crashed: {signal.Signals(-code).name}.".lstrip()
        if code and output:
            return output
        whole = code == 0 and (self.folder / "done").exists()
        return "" if whole else f"{output}\n{self.name} left Python before its end.".lstrip()

    def _run(self) -> None:
        """What the child does: the work, with limits that the system watches, and all that is said in a file."""
        if signal.getsignal(signal.SIGINT) != signal.SIG_IGN:
            signal.signal(signal.SIGINT, signal.SIG_DFL)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))
        most = resource.getrlimit(resource.RLIMIT_CPU)[1]
        limit = self._seconds if most == resource.RLIM_INFINITY else min(self._seconds, most)
        resource.setrlimit(resource.RLIMIT_CPU, (limit, most))
        signal.alarm(_WALL * self._seconds)
        with (self.folder / "output").open("wb", buffering=0) as file:
            os.dup2(file.fileno(), 1)
            os.dup2(file.fileno(), 2)
        try:
            self._work()
        except Exception as error:
            os.write(2, f"{_reason(error)}\n".encode(errors="replace"))  # whatever the example made of sys.stderr
            raise SystemExit(1) from None
        (self.folder / "done").touch()


def _reason(error: Exception) -> str:
    if isinstance(error, ExampleError):
        return str(error)
    return described(error) if isinstance(error, OSError) else "".join(traceback.format_exception(error))
