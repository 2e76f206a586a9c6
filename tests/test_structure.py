import ast
import functools
import importlib
import pkgutil
from pathlib import Path

import pytest

import sgdlib

# which packages a package's modules import from, beside their own
ROOMS = {
    "base": set(),
    "experiment": {"base"},
    "theory": {"base", "experiment"},
    "report": {"base", "experiment", "theory"},
    "scene": {"base"},
    "charts": {"base", "experiment", "scene"},
    "views": {"base", "experiment", "theory", "report", "scene", "charts"},
    "render": {"base", "scene"},
    "figures": {"base", "experiment", "report", "scene", "charts", "views", "render"},
}
USERS = {"torch": {"experiment"}, "matplotlib": {"render"}, "PIL": {"render"}}
FOLDER = Path(sgdlib.__file__).parent
# a package goes by its own name: theory is theory/__init__.py
SOURCES = {
    ".".join(path.relative_to(FOLDER).with_suffix("").parts).removesuffix(".__init__"): path
    for path in FOLDER.rglob("*.py")
}
TREES = {name: ast.parse(path.read_text(encoding="utf-8")) for name, path in SOURCES.items()}
MODULES = sorted(set(SOURCES) - {"__init__"})
every_module = pytest.mark.parametrize("module", MODULES)


def imported(tree):
    """The full names of all that a module imports, wherever in it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@functools.cache
def within(module):
    """The modules of sgdlib that a module imports from."""
    found = set()
    for name in imported(TREES[module]):
        parts = name.split(".")
        if parts[0] == "sgdlib":
            heads = (".".join(parts[1:size]) for size in range(len(parts), 1, -1))
            found.add(next(head for head in heads if head in SOURCES))
    return found


def reached(module):
    """All that is imported with a module."""
    found, more = set(), {module}
    while more:
        found |= more
        more = {each for one in more for each in within(one)} - found
    return found


def test_every_package_is_a_room():
    assert {module.split(".")[0] for module in MODULES} == set(ROOMS)


@every_module
def test_imports_run_one_way(module):
    room = module.split(".")[0]
    assert {other.split(".")[0] for other in within(module)} <= ROOMS[room] | {room}


@every_module
def test_no_module_imports_itself_by_way_of_others(module):
    assert module not in {far for near in within(module) for far in reached(near)}


@pytest.mark.parametrize("room", ["scene", "charts", "render"])
def test_what_knows_no_run_imports_none(room):
    far = {each for module in MODULES if module.split(".")[0] == room for each in reached(module)}
    assert "experiment.run" not in far


@pytest.mark.parametrize("package", USERS)
def test_a_large_package_has_few_users(package):
    users = [module for module in MODULES if any(name.split(".")[0] == package for name in imported(TREES[module]))]
    assert {module.split(".")[0] for module in users} == USERS[package]


@every_module
def test_a_module_prints_nothing_and_leaves_pyplot_alone(module):
    called = {
        node.func.id for node in ast.walk(TREES[module]) if isinstance(node, ast.Call) and hasattr(node.func, "id")
    }
    assert "print" not in called
    assert not any("pyplot" in name or "pylab" in name for name in imported(TREES[module]))


def test_public_names_are_what_they_are_called():
    assert sorted(sgdlib.__all__) == [
        "Animation",
        "AnimationTable",
        "Curves",
        "Dataset",
        "Figure",
        "HeatMap",
        "LeastSquares",
        "LineFit",
        "LossCurve",
        "ParameterPlane",
        "Problem",
        "Ruler",
        "Run",
        "Scatter",
        "noisy_line",
        "read_csv",
        "theory",
        "train",
    ]
    assert all(getattr(sgdlib, name).__doc__ for name in sgdlib.__all__)


def test_every_module_says_what_it_is():
    names = [info.name for info in pkgutil.walk_packages(sgdlib.__path__, "sgdlib.")]
    assert len(names) == len(MODULES)
    assert all(importlib.import_module(name).__doc__ for name in names)


TESTS = Path(__file__).parent


def test_what_tests_share_is_in_helpers_and_none_imports_another():
    files = sorted(TESTS.rglob("*.py"))
    assert {path.parent for path in files} == {TESTS, TESTS / "helpers"}
    assert not {path.stem for path in TESTS.glob("*.py") if not path.stem.startswith("test_")} - {"conftest"}
    tests = {path.stem for path in TESTS.glob("*.py")}
    for path in files:
        names = list(imported(ast.parse(path.read_text(encoding="utf-8"))))
        assert not [name for name in names if name.split(".")[0] in tests], path.name
