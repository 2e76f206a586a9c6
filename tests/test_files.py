import os
import stat

import pytest

from sgdlib.base.files import whole


def test_nothing_is_at_the_path_until_everything_is_written(tmp_path):
    path = tmp_path / "note.txt"
    with whole(path) as file:
        file.write(b"all of it")
        assert not path.exists()
    assert path.read_bytes() == b"all of it"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("error", [ValueError, OSError, KeyboardInterrupt])
@pytest.mark.parametrize("older", [None, b"older"])
def test_an_error_leaves_everything_as_it_was(tmp_path, error, older):
    path = tmp_path / "note.txt"
    if older:
        path.write_bytes(older)
    with pytest.raises(error), whole(path) as file:
        file.write(b"half")
        raise error
    assert [(file.name, file.read_bytes()) for file in tmp_path.iterdir()] == ([("note.txt", older)] if older else [])


def test_two_writers_do_not_meet(tmp_path):
    path = tmp_path / "note.txt"
    with whole(path) as first, whole(path) as second:
        first.write(b"first")
        second.write(b"second")
    assert path.read_bytes() == b"first"  # the last to finish
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_is_as_readable_as_any_other(tmp_path):
    (tmp_path / "plain").write_bytes(b"")
    with whole(tmp_path / "note"):
        pass
    modes = [stat.S_IMODE(os.stat(tmp_path / name).st_mode) for name in ("plain", "note")]
    assert modes[0] == modes[1]


@pytest.mark.parametrize("older", [None, b"older"])
def test_a_symbolic_link_stays_and_what_it_leads_to_is_written(tmp_path, older):
    (tmp_path / "kept").mkdir()
    target, link = tmp_path / "kept" / "note.txt", tmp_path / "link.txt"
    link.symlink_to("kept/note.txt")
    if older:
        target.write_bytes(older)
    with whole(link) as file:
        file.write(b"all of it")
    assert link.is_symlink()
    assert target.read_bytes() == link.read_bytes() == b"all of it"
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["kept", "link.txt", "note.txt"]
