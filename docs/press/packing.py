"""Many files as one, and back: the same bytes for the same files."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping

PACKAGES = ".packages.json"  # in what is kept of an example: the versions that it was made with
EPOCH = (1980, 1, 1, 0, 0, 0)  # the same bytes whenever it is packed


def pack(files: Mapping[str, bytes], compression: int = zipfile.ZIP_STORED) -> bytes:
    """A ZIP archive of the files, by their paths.

    Examples:
        >>> unpack(pack({"a/b.txt": b"text"}))
        {'a/b.txt': b'text'}
    """
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", compression) as archive:
        for path in sorted(files):
            archive.writestr(zipfile.ZipInfo(path, EPOCH), files[path], compression)
    return packed.getvalue()


def unpack(packed: bytes) -> dict[str, bytes]:
    """The files of an archive, by their paths."""
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        return {path: archive.read(path) for path in archive.namelist()}
