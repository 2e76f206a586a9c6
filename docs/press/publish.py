"""The new site takes the old one's place only when it is whole; and one build at a time in a folder."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from filelock import FileLock, Timeout


class Publisher:
    """From the start of a build to its end.

    Args:
        lock: a file that shows others that a build is going on; the system lets go of it when the process ends.
        site: where the site will be; a link is followed.
    """

    def __init__(self, lock: Path, site: Path):
        self._lock = FileLock(lock)
        self._site = site.resolve()
        self._new, self._old = (self._site.with_name(f".{self._site.name}.{which}") for which in ("new", "old"))

    def begin(self) -> Path:
        """Wait until no other build is going on.

        Returns:
            The folder to build the site in, beside its place.

        Raises:
            OSError: if one cannot write there.
        """
        try:
            self._lock.acquire(blocking=False)
        except Timeout:
            print("Another build is at work in this folder; waiting for its end.", flush=True)
            self._lock.acquire()
        if self._old.exists() and not self._site.exists():  # a build was killed between two renames
            os.rename(self._old, self._site)
        shutil.rmtree(self._old, ignore_errors=True)
        shutil.rmtree(self._new, ignore_errors=True)
        if self._site.exists() and not os.access(self._site, os.W_OK):
            raise PermissionError(13, "Permission denied", str(self._site))
        self._new.mkdir(parents=True)
        return self._new

    def publish(self) -> Path:
        """Put the new site into the old one's place, and return that."""
        if self._site.exists():
            os.rename(self._site, self._old)
        os.rename(self._new, self._site)
        shutil.rmtree(self._old, ignore_errors=True)
        self.end()
        return self._site

    def end(self) -> None:
        """Take back what is not published, and let others build."""
        if self._lock.is_locked:
            shutil.rmtree(self._new, ignore_errors=True)
            self._lock.release()
