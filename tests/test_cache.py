"""What is kept between builds: whole or not at all, and not for ever."""

import os
import resource
import subprocess
import sys
import time

import pytest
from helpers.sites import ROOT


@pytest.fixture
def module(monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "docs")
    from press import cache

    return cache


@pytest.fixture
def cache(module, tmp_path):
    return module.Cache(tmp_path / "kept")


def test_what_is_put_is_got_under_its_key_alone(cache):
    assert cache.get("one") is None
    cache.put("one", b"first")
    cache.put("two.png", b"")
    assert cache.get("one") == b"first"
    assert cache.get("two.png") == b""
    assert cache.get("three") is None
    cache.put("one", b"second")
    assert cache.get("one") == b"second"
    assert {path.name for path in cache.folder.iterdir()} == {"one", "two.png"}


@pytest.mark.parametrize("size", [38, 32, 31, 1, 0])  # of 39: the digest takes 32
def test_a_file_that_was_cut_counts_as_missing(cache, size):
    cache.put("one", b"content")
    path = cache.folder / "one"
    path.write_bytes(path.read_bytes()[:size])
    assert cache.get("one") is None
    cache.put("one", b"content")
    assert cache.get("one") == b"content"


def test_every_byte_of_a_file_counts(cache):
    cache.put("one", b"content")
    path = cache.folder / "one"
    whole = path.read_bytes()
    for place in range(len(whole)):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        assert cache.get("one") is None
    path.write_bytes(whole + b"x")
    assert cache.get("one") is None


def test_a_file_that_holds_what_belongs_to_another_key_counts_as_missing(cache):
    cache.put("one", b"first")
    cache.put("two", b"second")
    (cache.folder / "one").rename(cache.folder / "two")
    assert cache.get("one") is None
    assert cache.get("two") is None


def test_a_write_that_fails_leaves_what_was_there_and_nothing_beside_it(cache):
    cache.put("one", b"older")
    limit = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, limit[1]))  # the system stops the writing in its midst
    try:
        with pytest.raises(OSError, match="File too large"):
            cache.put("one", bytes(1000))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limit)
    assert [path.name for path in cache.folder.iterdir()] == ["one"]
    assert cache.get("one") == b"older"


def test_a_move_that_fails_leaves_nothing_beside(cache):
    (cache.folder / "one").mkdir(parents=True)
    with pytest.raises(IsADirectoryError):
        cache.put("one", b"content")
    assert [path.name for path in cache.folder.iterdir()] == ["one"]


def age(path, days):
    then = time.time() - days * 86400
    os.utime(path, (then, then))


def test_what_no_build_has_used_for_so_many_days_is_removed(cache, module):
    cache.prune()  # there is no folder yet
    for name in ("new", "nearly", "old", "used"):
        cache.put(name, name.encode())
    age(cache.folder / "nearly", module.KEPT_DAYS - 1)
    (cache.folder / ".left.0123abcd").write_bytes(b"by a build that was killed")
    for name in ("old", "used", ".left.0123abcd"):
        age(cache.folder / name, module.KEPT_DAYS + 1)
    assert cache.get("used") == b"used"
    cache.prune()
    assert {path.name for path in cache.folder.iterdir()} == {"new", "nearly", "used"}
    assert cache.get("new") == b"new"


def test_the_process_that_builds_the_site_does_not_load_the_library():
    """Nor torch with it, which takes seconds and much memory: the runner does."""
    loads = "import sys; sys.path.insert(0, 'docs'); import press.hooks\nprint({'sgdlib', 'torch'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", loads], cwd=ROOT, text=True, capture_output=True)
    assert done.stdout == "set()\n", done.stderr
