"""A downloaded notebook runs on a machine that has PyTorch and nothing of this site."""

import json
import os
import subprocess
import sys
import sysconfig

import pytest
from helpers.sites import FIGURE, build, project

pytestmark = pytest.mark.site


@pytest.fixture(scope="module")
def alone(tmp_path_factory):
    """The notebook and the page of an example, from a site whose address nobody has said."""
    folder = project(tmp_path_factory.mktemp("alone") / "project", {"plot_1_first.py": FIGURE})
    done = build(folder, folder / "site", None)
    assert done.returncode == 0, done.stdout
    notebook = json.loads((folder / "site" / "gallery" / "plot_1_first.ipynb").read_text())
    return notebook, folder / "site"


def test_a_notebook_from_a_site_without_an_address_runs_where_there_is_no_server(alone, tmp_path):
    notebook, _ = alone
    cells = ["".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "code"]
    (tmp_path / "cells.py").write_text("\n".join([*cells, "import sgdlib", "print(sgdlib.__file__)"]))
    (tmp_path / "left-1.0.dist-info").mkdir()  # of a package that was not wholly removed; it has no name
    # without site-packages Python finds none of it; given as a path, their .pth files, which lead here, do not count
    done = subprocess.run(
        [sys.executable, "-S", "cells.py"],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], "HOME": str(tmp_path), "PYTHONPATH": sysconfig.get_path("purelib")},
        text=True,
        capture_output=True,
    )
    assert done.returncode == 0, done.stderr
    printed, place = done.stdout.splitlines()
    assert printed == "steps taken: 3"
    assert place.endswith("sgdlib/__init__.py")
    assert "127.0.0.1" not in str(notebook)


def test_its_page_says_so_and_offers_the_library_to_the_script(alone):
    _, site = alone
    page = (site / "gallery" / "plot_1_first" / "index.html").read_text()
    assert "The notebook brings it along; for the script, take" in page
    (archive,) = site.glob("sgdlib-*.zip")
    assert f'<a href="../../{archive.name}" download>' in page
    assert "127.0.0.1" not in page[page.index("<article") : page.index("</article")]
