"""A site is published whole, checked and the same everywhere, or the old one stays."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from helpers.sites import ADDRESS, build, same

audit = pytest.mark.audit


def alone(*commands):
    """Run what follows where file systems can be mounted and the network is not there; skips where that is barred."""
    unshare = ["unshare", "--mount", "--net", "--map-root-user"]
    if shutil.which("unshare") is None or subprocess.run([*unshare, "true"], capture_output=True).returncode:
        pytest.skip("no namespaces here: unshare is missing or not allowed")
    return [*unshare, "sh", "-ec", "\n".join([*commands, 'exec "$@"']), "sh"]


def test_no_network_is_needed(copy, clean):
    shutil.rmtree(copy / ".cache")
    done = build(copy, copy / "site", ADDRESS, before=alone())
    assert done.returncode == 0, done.stdout
    assert same(copy / "site", clean / "site")


@pytest.mark.parametrize(
    ("mount", "says"),
    [
        ("mount -t tmpfs -o size=64k none .cache", "No space left on device"),
        pytest.param("mount -t tmpfs -o size=400k none out", "No space left on device", marks=audit),
        pytest.param("mount -t tmpfs -o size=64k none .cache/content", "No space left on device", marks=audit),
        pytest.param("mount -t tmpfs -o size=64k,ro none out", "Read-only file system", marks=audit),
        pytest.param("mount -t tmpfs -o ro none .cache", "Read-only file system", marks=audit),
        pytest.param(
            "mount --bind {empty} {fonts}",
            r"The font DejaVu Sans is missing\.|No such file or directory: .*\.ttf",
            marks=audit,
        ),
    ],
    ids=["cache full", "output full", "pages full", "output read-only", "cache read-only", "font missing"],
)
def test_a_disk_that_is_full_or_read_only_is_told_in_a_line_and_the_old_site_stays(copy, clean, mount, says):
    import matplotlib

    shutil.rmtree(copy / ".cache")
    for name in ("out", "empty", ".cache/content"):
        (copy / name).mkdir(parents=True)
    fonts = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
    command = mount.format(empty=copy / "empty", fonts=fonts)
    site = copy / ("out/site" if " out" in mount else "site")
    done = build(copy, site, ADDRESS, before=alone(command))
    assert done.returncode != 0
    assert len([line for line in done.stdout.splitlines() if re.search(says, line)]) == 1, done.stdout
    assert "Traceback" not in done.stdout, done.stdout
    assert same(copy / "site", clean / "site")
    assert build(copy, copy / "site", ADDRESS).returncode == 0
    assert same(copy / "site", clean / "site")


@pytest.mark.audit
def test_a_link_to_the_sites_folder_is_followed(copy, clean):
    (copy / "site").rename(copy / "elsewhere")
    (copy / "site").symlink_to("elsewhere")
    for words in ("once", "twice"):
        (copy / "docs" / "index.md").write_text(f"{POST}\n{words}\n")
        done = build(copy, copy / "site", ADDRESS)
        assert done.returncode == 0, done.stdout
        assert (copy / "site").is_symlink()
        assert words in (copy / "elsewhere" / "index.html").read_text()
        assert sorted(path.name for path in copy.glob(".*")) == [".cache"]


@pytest.mark.audit
def test_a_full_folder_for_temporary_files_does_no_harm(copy, clean):
    shutil.rmtree(copy / ".cache")
    (copy.parent / "tmp").mkdir()
    before = alone(f"mount -t tmpfs -o size=4k none {copy.parent / 'tmp'}")
    done = build(copy, copy / "site", ADDRESS, before=before, TMPDIR=str(copy.parent / "tmp"))
    assert done.returncode == 0, done.stdout
    assert same(copy / "site", clean / "site")


POST = '# Home\n\n{{ figure("first") }}\n'


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('<a href="nowhere/">a raw link</a>', "index.html: <a> leads to nowhere/, where there is nothing"),
        pytest.param(
            '<a href="gallery/#nothing">a raw anchor</a>',
            "leads to gallery/#nothing, and that page has no #nothing",
            marks=audit,
        ),
        pytest.param(
            '<img src="missing.png" alt="">',
            "index.html: <img> leads to missing.png, where there is nothing",
            marks=audit,
        ),
        pytest.param(
            '<a href="#second@1">no such figure</a>',
            "leads to #second@1, and that page has no figure second",
            marks=audit,
        ),
        ('<a href="#first@4">no such frame</a>', "leads to #first@4, but the last frame of first is 3"),
        pytest.param("[nowhere](nowhere.md)", "contains a link 'nowhere.md', but the target is not found", marks=audit),
        ("[no anchor](#nothing)", "index.html: <a> leads to #nothing, and that page has no #nothing"),
        pytest.param(
            "[no frame](#first@4)", "index.html: <a> leads to #first@4, but the last frame of first is 3", marks=audit
        ),
        ('{{ figure("first") }}', "index.html: 2 elements are called #figure-first"),
        pytest.param("[absolute](/gallery/)", "contains an absolute link '/gallery/'", marks=audit),
        pytest.param('{{ figure("missing") }}', "There is no figure 'missing'. Known figures: first.", marks=audit),
    ],
    ids=[
        *("link", "anchor", "image", "figure's link", "frame"),
        *("Markdown link", "Markdown anchor", "Markdown frame", "twice", "absolute link", "figure"),
    ],
)
def test_a_planted_fault_fails_the_build_and_says_where_it_is(copy, clean, text, says):
    (copy / "docs" / "index.md").write_text(f"{POST}\n{text}\n")
    done = build(copy, copy / "site", ADDRESS)
    assert done.returncode != 0
    assert says in done.stdout, done.stdout
    assert same(copy / "site", clean / "site")


def test_what_is_right_passes_the_check(copy):
    links = '<a href="#first@3">last</a> <a href="gallery/plot_1_first/">page</a> [first](#first@0)'
    (copy / "docs" / "index.md").write_text(f"{POST}\n{links}\n")
    done = build(copy, copy / "site", ADDRESS)
    assert done.returncode == 0, done.stdout


def test_all_faults_of_the_site_are_told(copy):
    (copy / "docs" / "index.md").write_text(f'{POST}\n<a href="nowhere/">a</a> <a href="#first@4">b</a>\n')
    done = build(copy, copy / "site", ADDRESS)
    assert done.returncode != 0
    assert "leads to nowhere/" in done.stdout
    assert "leads to #first@4" in done.stdout


def test_a_page_that_nothing_leads_to_fails_the_build(copy):
    (copy / "docs" / "alone.md").write_text("# Alone\n")
    done = build(copy, copy / "site", ADDRESS)
    assert done.returncode != 0
    assert "alone/index.html: no page leads to it" in done.stdout


DAY = """
import datetime, time
real, late = time.time, 400 * 86400
time.time = lambda: real() + late
class Later(datetime.datetime):
    @classmethod
    def now(cls, tz=None):
        return super().now(tz) + datetime.timedelta(seconds=late)
datetime.datetime = Later
"""


@audit
def test_two_clean_builds_elsewhere_on_another_day_are_the_same_bytes_and_so_is_a_warm_one(copy, clean, tmp_path):
    for name in (".cache", "site"):
        shutil.rmtree(copy / name)
    other = tmp_path / "elsewhere"
    shutil.move(copy, other)
    (tmp_path / "day").mkdir()
    (tmp_path / "day" / "sitecustomize.py").write_text(DAY)
    elsewhere = {"TZ": "Pacific/Kiritimati", "LC_ALL": "POSIX", "LANG": "de_DE", "OMP_NUM_THREADS": "2"}
    elsewhere |= {"PYTHONHASHSEED": "7", "HOME": str(tmp_path), "PYTHONPATH": str(tmp_path / "day")}
    for _ in ("cold", "warm"):
        done = build(other, other / "site", ADDRESS, **elsewhere)
        assert done.returncode == 0, done.stdout
        assert same(other / "site", clean / "site")
