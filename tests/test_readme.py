"""What the README says is true."""

import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_its_lines_of_python_do_what_they_say(tmp_path, monkeypatch, capsys):
    (code,) = re.findall(r"^```python\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
    assert len([line for line in code.splitlines() if line]) <= 10
    monkeypatch.chdir(tmp_path)
    exec(code, {})
    assert capsys.readouterr().out.rstrip().endswith("finished")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["run.gif", "run.json"]


def test_its_picture_is_what_the_library_draws_today(monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "docs")
    from build.readme import PICTURE, picture

    committed = np.asarray(Image.open(PICTURE).convert("RGB")).astype(int)
    drawn = picture().astype(int)
    assert committed.shape == drawn.shape
    # another processor may round an edge's shade differently, by a step or two
    assert np.abs(committed - drawn).max() <= 3, "draw it anew: python docs/build/readme.py"


@pytest.mark.parametrize("command", sorted(set(re.findall(r"^    make (\w+)", README, re.MULTILINE))))
def test_every_command_it_names_is_in_the_makefile(command):
    assert re.search(rf"^{command}:.*## ", (ROOT / "Makefile").read_text(), re.MULTILINE)


def test_every_folder_it_names_is_there():
    for folder in re.findall(r"^\| `(\S+?)/` \|", README, re.MULTILINE):
        assert (ROOT / folder).is_dir()


def test_every_installed_package_is_pinned_exactly():
    lines = [line for line in (ROOT / "constraints.txt").read_text().splitlines() if not line.startswith("#")]
    pinned = {line.split("==")[0].lower().replace("_", "-") for line in lines}
    assert all(re.fullmatch(r"[\w.-]+==[\w.]+", line) for line in lines)
    asked = re.findall(r'^    "([\w-]+)>=', (ROOT / "pyproject.toml").read_text(), re.MULTILINE)
    assert len(asked) > 10
    assert set(asked) <= pinned
