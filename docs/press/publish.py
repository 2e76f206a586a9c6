"""The new site takes the old one's place only when it is whole; and one build at a time in a folder."""

from __future__ import annotations

import fcntl
import os
import shutil
from pathlib import Path
from typing import IO


class Publisher:
    """From the start of a build to its end.

    Args:
        lock: a file that shows others that a build is going on; the system lets go of it when the process ends.
    """

    def __init__(self, lock: Path):
        self._lock = lock
        self._held: IO[bytes] | None = None
        self._site: Path | None = None

    def begin(self, site: Path) -> Path:
        """Wait until no other build is going on.

        Args:
            site: where the site will be; a link is followed.

        Returns:
            The folder to build it in, beside that.

        Raises:
            OSError: if one cannot write there.
        """
        site = site.resolve()
        self._lock.parent.mkdir(parents=True, exist_ok=True)
        self._held = self._lock.open("wb")
        try:
            fcntl.flock(self._held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("Another build is at work in this folder; waiting for its end.", flush=True)
            fcntl.flock(self._held, fcntl.LOCK_EX)
        if _old(site).exists() and not site.exists():  # a build was killed between two renames
            os.rename(_old(site), site)
        shutil.rmtree(_old(site), ignore_errors=True)
        shutil.rmtree(_new(site), ignore_errors=True)
        if site.exists() and not os.access(site, os.W_OK):
            raise PermissionError(13, "Permission denied", str(site))
        _new(site).mkdir(parents=True)
        self._site = site
        return _new(site)

    def publish(self) -> Path:
        """Put the new site into the old one's place, and return that."""
        assert self._site is not None
        site = self._site
        if site.exists():
            os.rename(site, _old(site))
        os.rename(_new(site), site)
        shutil.rmtree(_old(site), ignore_errors=True)
        self.end()
        return site

    def end(self) -> None:
        """Take back what is not published, and let others build."""
        if self._site is not None:
            shutil.rmtree(_new(self._site), ignore_errors=True)
            self._site = None
        if self._held is not None:
            self._held.close()
            self._held = None


def _new(site: Path) -> Path:
    return site.with_name(f".{site.name}.new")


def _old(site: Path) -> Path:
    return site.with_name(f".{site.name}.old")
