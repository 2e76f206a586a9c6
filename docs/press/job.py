"""Something that is done in a process of its own, within limits, and of which all that it says is kept."""

from __future__ import annotations

import os
import resource
import signal
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from multiprocessing.context import ForkProcess
from pathlib import Path

from press import watch
from press.gallery import ExampleError

WALL = 10  # so many times the limit of processor time may pass on the clock, for others are at work, too


@dataclass(frozen=True)
class Job:
    """Something to do in a child process.

    Args:
        name: what it is called when its progress is told.
        work: does it.
        folder: an empty one for it, in which it may leave what follows from it.
        example: the stem of the example that it is part of.
        script: whether it runs that example, in ``folder / "project"``.
    """

    name: str
    work: Callable[[], None]
    folder: Path
    example: str
    script: bool = False


@dataclass
class Running:
    """A job under way: its process, when it began, and what there was in its project before."""

    process: ForkProcess
    job: Job
    before: watch.State
    begun: float = field(default_factory=time.perf_counter)


def alone(job: Job, seconds: int) -> None:
    """What a child does: the job, with limits that the system watches, and all that is said in a file."""
    if signal.getsignal(signal.SIGINT) != signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))
    most = resource.getrlimit(resource.RLIMIT_CPU)[1]
    resource.setrlimit(resource.RLIMIT_CPU, (seconds if most == resource.RLIM_INFINITY else min(seconds, most), most))
    signal.alarm(WALL * seconds)
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
