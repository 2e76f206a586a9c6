"""What the page "How it works" says is true."""

import contextlib
import io
import re
from pathlib import Path

import sgdlib

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "how-it-works.md").read_text(encoding="utf-8")
PACKAGES = {path.parent.name for path in Path(sgdlib.__file__).parent.glob("*/__init__.py")}


def test_the_road_goes_through_every_package():
    drawn = set(re.findall(r'data-package="(\w+)"', PAGE))
    assert drawn | {"base"} == PACKAGES
    assert "`base`" in PAGE


def test_what_is_on_the_road_is_in_the_package_that_it_names():
    for package, names in re.findall(r'data-package="(\w+)"><b>(.*?)</b>', PAGE):
        sources = [path.read_text(encoding="utf-8") for path in (Path(sgdlib.__file__).parent / package).glob("*.py")]
        for name in re.findall(r"\b[A-Z]\w+\b|\bsteps\b", names):
            assert any(re.search(rf"^(class|def) {name}\b", source, re.MULTILINE) for source in sources), name


def test_the_files_that_it_names_are_there():
    for path in re.findall(r"`(\w+/[\w/]+\.\w+)`", PAGE):
        assert (Path(sgdlib.__file__).parent / path).is_file(), path


def test_its_python_runs_from_top_to_bottom(tmp_path):
    names = {}
    with contextlib.chdir(tmp_path), contextlib.redirect_stdout(io.StringIO()) as printed:
        for code in re.findall(r"^```python\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL):
            exec(code, names)
    assert printed.getvalue().splitlines() == [
        "2 ('slope', 'intercept') [-1.0, 1.0]",
        "0.2387",
        "0.1 16",
        "(1, 101)",
        "(1, 101, 2) (1, 101) finished",
        f"101 {len(names['scene'].columns)}",
    ]
    assert sgdlib.Run.load(tmp_path / "run.json") == names["run"]
