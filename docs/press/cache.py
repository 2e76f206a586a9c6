"""Files kept for the next build, each under the hash of what it was made from.

A file begins with a digest of its key and its content, so that one that was cut short, or that holds what belongs
to another, counts as missing.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import time
from pathlib import Path

_DIGEST = hashlib.sha256().digest_size
KEPT_DAYS = 30


class Cache:
    """A folder of kept files.

    Args:
        folder: made when something is first put into it.
    """

    def __init__(self, folder: Path):
        self.folder = folder

    def get(self, key: str) -> bytes | None:
        """What was put under the key; ``None`` if nothing was, or if it is damaged."""
        path = self.folder / key
        try:
            kept = path.read_bytes()
            os.utime(path)  # it was of use today
        except FileNotFoundError:
            return None
        content = kept[_DIGEST:]
        return content if kept[:_DIGEST] == _digest(key, content) else None

    def put(self, key: str, content: bytes) -> None:
        """Keep the content under the key, whole or not at all."""
        self.folder.mkdir(parents=True, exist_ok=True)
        # not by sgdlib.base.files.whole: the process that builds the site uses this, and must not load sgdlib, so torch
        beside = self.folder / f".{key}.{secrets.token_hex(4)}"
        try:
            beside.write_bytes(_digest(key, content) + content)
            os.replace(beside, self.folder / key)
        finally:
            beside.unlink(missing_ok=True)

    def prune(self, days: float = KEPT_DAYS) -> None:
        """Remove what no build has used for so many days."""
        for path in self.folder.glob("*"):
            if path.stat().st_mtime < time.time() - days * 86400:
                path.unlink(missing_ok=True)


def _digest(key: str, content: bytes) -> bytes:
    return hashlib.sha256(key.encode() + b"\n" + content).digest()
