"""Files: many as one and back, copies of folders, and what is said of trouble with them."""

from __future__ import annotations

import io
import shutil
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

_EPOCH = (1980, 1, 1, 0, 0, 0)  # the same bytes whenever it is packed


def pack(files: Mapping[str, bytes], compression: int = zipfile.ZIP_STORED) -> bytes:
    """A ZIP archive of the files, by their paths: the same bytes for the same files.

    Examples:
        >>> unpack(pack({"a/b.txt": b"text"}))
        {'a/b.txt': b'text'}
    """
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", compression) as archive:
        for path in sorted(files):
            archive.writestr(zipfile.ZipInfo(path, _EPOCH), files[path], compression)
    return packed.getvalue()


def unpack(packed: bytes) -> dict[str, bytes]:
    """The files of an archive, by their paths."""
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        return {path: archive.read(path) for path in archive.namelist()}


def write(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write the files below a folder, by their paths."""
    for path, content in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)


def copy(source: Path, target: Path, ignore: Callable[[str, list[str]], list[str]] | None = None) -> None:
    """Copy a folder with all that is in it.

    Raises:
        OSError: the first one alone, for a full disk is one trouble however many files it bars.
    """
    try:
        shutil.copytree(source, target, ignore=ignore, ignore_dangling_symlinks=True)
    except shutil.Error as errors:
        raise OSError(errors.args[0][0][2]) from errors


def described(error: OSError) -> str:
    """What went wrong, in one line.

    Examples:
        >>> described(FileNotFoundError(2, "No such file or directory", "gone.txt"))
        'No such file or directory: gone.txt'
    """
    return f"{error.strerror or error}{f': {error.filename}' if error.filename else ''}"
