import ast
import importlib
import pkgutil
from pathlib import Path

import pytest

import sgdlib

# a module imports only from those to its left
LAYERS = """
    columns checks files frozen state digits
    data tables solution problem problems samplers recorded run ensemble estimates plain optimisers train facts
    theory.graded theory.spectrum theory.factor theory.descent theory.heavy_ball theory.onestep
    theory.moments theory.floor theory.wandering theory.budget theory
    style marks scene axes captions numbers view crowd overlays views plane ruler heatmap labels curves
    glyphs artists letters raster encode web page compose shown animation
"""
ORDER = LAYERS.split()
USERS = {
    "torch": {"state", "data", "problem", "problems", "samplers", "optimisers", "train"},
    "matplotlib": {"artists", "glyphs", "letters", "raster"},
    "PIL": {"encode"},
}
FOLDER = Path(sgdlib.__file__).parent
# a package goes by its own name: theory is theory/__init__.py
SOURCES = {
    ".".join(path.relative_to(FOLDER).with_suffix("").parts).removesuffix(".__init__"): path
    for path in FOLDER.rglob("*.py")
}
TREES = {name: ast.parse(path.read_text(encoding="utf-8")) for name, path in SOURCES.items()}
every_module = pytest.mark.parametrize("module", ORDER)


def imported(module):
    """The full names of all that a module imports, wherever in it."""
    for node in ast.walk(TREES[module]):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def known(name):
    """The module that a full name within sgdlib is in: the longest in the order that it begins with."""
    parts = name.split(".")[1:]
    heads = [".".join(parts[:size]) for size in range(len(parts), 0, -1)]
    return next(head for head in heads if head in ORDER)


def test_the_order_names_every_module():
    assert set(ORDER) == set(SOURCES) - {"__init__"}


@every_module
def test_imports_run_one_way(module):
    within = {known(name) for name in imported(module) if name.startswith("sgdlib.")}
    assert within <= set(ORDER[: ORDER.index(module)])


@pytest.mark.parametrize("package", USERS)
def test_a_large_package_has_few_users(package):
    users = {module for module in ORDER if any(name.split(".")[0] == package for name in imported(module))}
    assert users == USERS[package]


@every_module
def test_a_module_prints_nothing_and_leaves_pyplot_alone(module):
    called = {
        node.func.id for node in ast.walk(TREES[module]) if isinstance(node, ast.Call) and hasattr(node.func, "id")
    }
    assert "print" not in called
    assert not any("pyplot" in name or "pylab" in name for name in imported(module))


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
    assert len(names) == len(ORDER)
    assert all(importlib.import_module(name).__doc__ for name in names)
