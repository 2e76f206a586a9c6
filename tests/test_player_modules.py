"""The player's modules: what they import, and the one script that they are joined into."""

from __future__ import annotations

import re
import subprocess
from dataclasses import fields

import pytest
from helpers.sites import ROOT, served

from sgdlib.render import web
from sgdlib.scene import MARKS

FOLDER = ROOT / "sgdlib" / "render" / "js"
TEXTS = {name: (FOLDER / f"{name}.js").read_text(encoding="utf-8") for name in web.MODULES}
IMPORTS = {
    name: [
        (source, {each.strip() for each in names.split(",")})
        for names, source in re.findall(r'^import \{(.*)\} from "\./(\w+)\.js";$', text, re.MULTILINE)
    ]
    for name, text in TEXTS.items()
}
DEFINED = r"^(export )?(?:async )?(?:const|let|class|function) (\w+)"


def test_every_module_is_joined_once():
    assert sorted(path.stem for path in FOLDER.glob("*.js")) == sorted(web.MODULES)
    assert [path.suffix for path in FOLDER.iterdir()] == [".js"] * len(web.MODULES)


@pytest.mark.parametrize("module", web.MODULES)
def test_a_module_imports_what_stands_before_it_and_says_what_it_is(module):
    assert TEXTS[module].startswith("// ")
    assert len(TEXTS[module].splitlines()) <= 250
    assert len(IMPORTS[module]) == TEXTS[module].count("\nimport ")
    assert {source for source, _ in IMPORTS[module]} <= set(web.MODULES[: web.MODULES.index(module)])


@pytest.mark.parametrize("module", web.MODULES[:-1])
def test_what_a_module_exports_is_imported(module):
    exported = {name for export, name in re.findall(DEFINED, TEXTS[module], re.MULTILINE) if export}
    used = {name for imports in IMPORTS.values() for source, names in imports if source == module for name in names}
    assert exported == used != set()


def test_where_marks_are_drawn_stands_what_they_name_columns_by():
    """So a new kind of mark changes one module alone."""
    (listed,) = re.findall(r"^const FIELDS = \[(.*)\];$", TEXTS["marks"], re.MULTILINE)
    named = {field.name for kind in MARKS for field in fields(kind) if field.type in ("str", "str | None")}
    assert set(re.findall(r'"(\w+)"', listed)) == named - {"role", "run"}


def test_no_name_is_defined_twice():
    names = [name for text in TEXTS.values() for _, name in re.findall(DEFINED, text, re.MULTILINE)]
    assert len(names) == len(set(names))


def test_what_is_imported_is_used():
    for module, imports in IMPORTS.items():
        code = re.sub("^import .*", "", TEXTS[module], flags=re.MULTILINE)
        for name in (name for _, names in imports for name in names):
            assert re.search(rf"\b{name}\b", code), (module, name)


def test_a_browser_links_the_modules_as_they_are(page):
    """It finds every import in what it is imported from, so an editor does, too."""
    with served(FOLDER, "/") as site:
        page.goto(site.address + "player.js")
        page.evaluate("import('/player.js')")
        assert page.evaluate("customElements.get('sgd-player').name") == "Player"


def test_the_joined_script_is_a_classic_one_and_brings_the_player_once(page, node, tmp_path):
    assert not re.search(r"^(import|export)\b|//", web.script().replace("http://", ""), re.MULTILINE)
    (tmp_path / "player.js").write_text(web.script(), encoding="utf-8")
    done = subprocess.run([node, "--check", tmp_path / "player.js"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    troubles = []
    page.on("pageerror", lambda error: troubles.append(str(error)))
    for _ in range(2):
        page.add_script_tag(content=web.script())
    assert page.evaluate("customElements.get('sgd-player').name") == "Player"
    assert troubles == []
