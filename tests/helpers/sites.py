"""Build the site into a folder, and serve it as a static host does: gzip, types, a prefix, a 404 page."""

from __future__ import annotations

import fcntl
import filecmp
import gzip
import mimetypes
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit

ROOT = Path(__file__).resolve().parents[2]
POST = "blog/stochastic-gradient-descent/"
ADDRESS = "http://127.0.0.1:8000/"  # of a site that nobody opens
FIGURE = '''"""
# A figure

With an introduction.
"""

# %% draw

from sgdlib import Animation, LeastSquares, LossCurve, noisy_line, train

run = train(LeastSquares(noisy_line()), batch_size=16, steps=3)
print("steps taken:", run.steps[-1])
Animation({"sixteen": run}, [LossCurve()])
'''
PACKED = {".html", ".css", ".js", ".json", ".svg", ".xml"}


@dataclass(frozen=True)
class Site:
    """A built site that is being served.

    Args:
        address: of its first page, with a slash at the end.
        folder: where its files are.
    """

    address: str
    folder: Path

    def pages(self) -> list[str]:
        """The address of every page but the 404 page, from the site's root."""
        found = sorted(self.folder.rglob("*.html"))
        return [
            page.relative_to(self.folder).as_posix().removesuffix("index.html")
            for page in found
            if page.stem == "index"
        ]


def build(
    project: Path,
    site: Path,
    address: str | None,
    before: Sequence[str] = (),
    python: str = sys.executable,
    **environment: str,
) -> subprocess.CompletedProcess[str]:
    """Run mkdocs in a project, with a command before its own; what it says is in ``stdout``.

    With ``None`` for its address, nobody says where the site will be published.
    """
    others = {name: value for name, value in os.environ.items() if name != "SITE_URL"}
    said = {} if address is None else {"SITE_URL": address}
    return subprocess.run(
        [*before, python, "-m", "mkdocs", "build", "--site-dir", str(site)],
        cwd=project,
        env={**others, **said, "NO_MKDOCS_2_WARNING": "1", **environment},
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=600,
    )


def once(folder: Path, make: Callable[[], None]) -> None:
    """Make a folder, unless another process has done so; one that is at it is waited for."""
    with folder.with_name(f"{folder.name}.lock").open("a+") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        lock.seek(0)
        if not lock.read():
            make()
            lock.write("made")


def project(folder: Path, scripts: dict[str, str], posts: dict[str, str] | None = None, library: bool = False) -> Path:
    """A small copy of this project, with other scripts and pages, to build with faults in it.

    With ``library``, sgdlib is copied, too, so that it can be edited.
    """
    for name in ("mkdocs.yml", "pyproject.toml", "README.md", "LICENSE", "docs/press", "docs/assets"):
        source, target = ROOT / name, folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, target)
    for part in ("gallery", "docs/blog/posts"):
        (folder / part).mkdir(parents=True)
    if library:
        shutil.copytree(ROOT / "sgdlib", folder / "sgdlib", ignore=shutil.ignore_patterns("__pycache__"))
    else:
        (folder / "sgdlib").symlink_to(ROOT / "sgdlib")
    (folder / "gallery" / "README.md").write_text("# Gallery\n")
    (folder / "docs" / "blog" / "index.md").write_text("# Blog\n")
    (folder / "docs" / "index.md").write_text("# Home\n")
    (folder / "docs" / "speed.md").write_text("# Speed\n")
    (folder / "docs" / "how-it-works.md").write_text("# How it works\n")
    for name, text in scripts.items():
        (folder / "gallery" / name).write_text(text)
    for name, text in (posts or {}).items():
        (folder / "docs" / name).write_text(text)
    return folder


def script(code: str, title: str = "script") -> str:
    """A gallery script of one cell."""
    return f'"""\n# A {title}\n\nWith an introduction.\n"""\n\n# %% code\n\n{code}\n'


def same(one: Path, other: Path) -> bool:
    """Whether two folders hold the same files with the same bytes; says what differs."""
    names = [{path.relative_to(folder) for path in folder.rglob("*") if path.is_file()} for folder in (one, other)]
    assert names[0] == names[1]
    assert filecmp.cmpfiles(one, other, names[0], shallow=False)[1:] == ([], [])
    return True


class Server(ThreadingHTTPServer):
    """A server that says nothing of browsers that leave before they have read all."""

    def handle_error(self, request: object, address: object) -> None:  # the name that the server calls
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, address)


@contextmanager
def served(folder: Path, prefix: str) -> Iterator[Site]:
    """Serve a folder, which may be filled later, under a prefix such as "/" or "/some/where/"."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:  # the name that the server calls
            path = unquote(urlsplit(self.path).path)
            file = folder / path.removeprefix(prefix) if path.startswith(prefix) else folder / "none"
            file = file / "index.html" if file.is_dir() else file
            found = file.is_file()
            file = file if found else folder / "404.html"
            body = file.read_bytes()
            self.send_response(200 if found else 404)
            self.send_header("Content-Type", mimetypes.guess_type(file.name)[0] or "application/octet-stream")
            if file.suffix in PACKED:
                body = gzip.compress(body)
                self.send_header("Content-Encoding", "gzip")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = Server(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield Site(f"http://127.0.0.1:{server.server_port}{prefix}", folder)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
