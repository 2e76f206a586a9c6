"""All that readers of figures see comes from the table of words, and nothing decides by reading it."""

import ast
import json
import re
import string
from dataclasses import replace
from functools import cache, partial
from pathlib import Path

import numpy as np
import pytest
import torch

import sgdlib
from sgdlib import (
    Animation,
    AnimationTable,
    Curves,
    Figure,
    HeatMap,
    LineFit,
    LossCurve,
    ParameterPlane,
    Ruler,
    Scatter,
    train,
)
from sgdlib.base import words
from sgdlib.base.formats import exact, fixed, measured, significant
from sgdlib.base.words import ENGLISH, Language
from sgdlib.experiment.samplers import SAMPLERS
from sgdlib.experiment.settings import OWN_STEP
from sgdlib.render import page, web
from sgdlib.report import captions
from sgdlib.report.estimates import uncertain
from sgdlib.report.facts import all_facts, facts

FOLDER = Path(sgdlib.__file__).parent
SPOKEN = ("report", "scene", "charts", "views", "figures")  # packages without a word of their own
SILENT = ("scene", "style")  # modules whose constants name a format and a font
SCRIPTS = sorted((FOLDER / "render" / "js").glob("*.js"))
SAID = re.compile(r"say\(([^()]*?)(?:\)|, \{)")  # in a script
CALLS = {"phrase", "counted", "term", "joined"}


def templates(entry):
    return [entry] if isinstance(entry, str) else list(entry.values())


def fields(template):
    return {name for _, name, _, _ in string.Formatter().parse(template) if name is not None}


def parsed(*packages):
    for path in sorted(FOLDER.rglob("*.py")):
        if (not packages or path.relative_to(FOLDER).parts[0] in packages) and path.name != "words.py":
            yield path, ast.parse(path.read_text(encoding="utf-8"))


def literals(node):
    """What an id may be: a literal, either of two, or a pattern where a part is filled in."""
    if isinstance(node, ast.IfExp):
        return literals(node.body) + literals(node.orelse)
    if isinstance(node, ast.JoinedStr):
        parts = [re.escape(part.value) if isinstance(part, ast.Constant) else ".+" for part in node.values]
        return ["".join(parts)]
    if isinstance(node, ast.Constant):
        return [re.escape(node.value)]
    raise AssertionError(f"line {node.lineno}: an id that nobody can look up")


@cache
def asked():
    """Every id that the code asks for, with the fields it gives; None for fields that are only known when it runs."""
    found = []
    for path, tree in parsed():
        for node in ast.walk(tree):
            name = getattr(node.func, "id", None) if isinstance(node, ast.Call) else None
            if name not in CALLS:
                continue
            first = node.args[0]
            if name == "term":
                first = ast.JoinedStr([ast.Constant(f"{first.value}."), ast.FormattedValue(ast.Name("_"), -1)])
            elif name == "joined":
                first = ast.Constant(f"list.{first.value}")
            given = {keyword.arg for keyword in node.keywords}
            given |= {"count"} if name == "counted" else set()
            for pattern in literals(first):
                ids = [id for id in ENGLISH.table if re.fullmatch(pattern, id)]
                found.append((f"{path.name}: {pattern}", ids, given))
    for path in SCRIPTS:
        code = path.read_text(encoding="utf-8")
        buttons = re.findall(r"^  (\w+): \"M", code, flags=re.MULTILINE)  # which have an icon each
        for id in re.findall(r'"([\w.]+)"', " ".join(re.findall(SAID, code))):
            found.append(
                (
                    f"{path.name}: {id}",
                    [each for each in ENGLISH.table if each.startswith(web.SPOKEN) and each.partition(".")[2] == id],
                    {...},
                )
            )
        found += [(f"{path.name}: {id}", [f"player.{id}"], set()) for id in buttons]
    return found


def test_every_id_that_is_asked_for_is_in_the_table():
    assert [where for where, ids, _ in asked() if not ids] == []


def test_every_id_in_the_table_is_asked_for():
    assert set(ENGLISH.table) - {id for _, ids, _ in asked() for id in ids} == set()


def test_every_id_that_is_put_together_names_something(problem):
    """A part of these ids is only known when the code runs, so what it can be is compared."""
    run = train(problem, steps=2)
    optimisers = [run, *(train(problem, steps=2, optimizer=made) for made in (torch.optim.SGD, torch.optim.Adagrad))]
    known = {
        "sampler": {*SAMPLERS, "none"},
        "fact": set(facts(run)),
        "parameter": set(problem.names),
        "readout": {"step", "loss", "median", "low", "high"},
        "setting": {OWN_STEP}.union(*(run.meta["optimizer"]["settings"] for run in optimisers)),
    }
    assert {kind for where, _, _ in asked() if ".+" in where for kind in re.findall(r": (\w+)", where)} == set(known)
    for kind, names in known.items():
        assert {id.partition(".")[2] for id in ENGLISH.table if id.startswith(f"{kind}.")} <= names


def test_every_template_is_given_its_fields_and_no_others():
    for where, ids, given in asked():
        for id in ids:
            for template in templates(ENGLISH.table[id]):
                if ... in given:  # a script's are seen in a browser
                    continue
                if None in given:  # ** of a mapping adds to those that are seen
                    assert given - {None} <= fields(template), where
                else:
                    assert given == fields(template), where


def refuses(node):
    """Whether what stands in a node is said to an author who asks for what cannot be."""
    if isinstance(node, ast.Assign):
        names = {each.id for target in node.targets for each in ast.walk(target) if isinstance(each, ast.Name)}
        return bool(names & {"allowed", "above", "why", "name", "which"})
    to_author = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    return isinstance(node, ast.Raise) or (to_author and getattr(node.func.value, "id", "") in ("checks", "warnings"))


def keys(node):
    """What names something: a key of a mapping, a mark of a plot, or an id of the table."""
    if isinstance(node, ast.Dict):
        return node.keys
    if isinstance(node, ast.DictComp):
        return [node.key]
    if isinstance(node, ast.Subscript):
        return [node.slice]
    if isinstance(node, ast.Compare):
        return [node.left]
    of_plot = isinstance(node, ast.Call) and getattr(getattr(node.func, "value", None), "id", "") in ("plot", "self")
    of_words = isinstance(node, ast.Call) and getattr(node.func, "id", "") in CALLS
    return node.args[:1] if of_plot or of_words else []


def sayings(tree):
    """The string literals that a reader might see: outside docstrings, refusals, and names of things."""
    hidden = set()
    for node in ast.walk(tree):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef)) and ast.get_docstring(node):
            hidden.add(node.body[0].value)
        unseen = [node] if refuses(node) else [key for key in keys(node) if key]
        hidden |= {each for top in unseen for each in ast.walk(top)}
    for node in set(ast.walk(tree)) - hidden:
        if isinstance(node, ast.JoinedStr):
            yield node, "".join(part.value for part in node.values if isinstance(part, ast.Constant))
        elif (
            isinstance(node, ast.Constant) and isinstance(node.value, str) and f"fact.{node.value}" not in ENGLISH.table
        ):
            yield node, node.value


@pytest.mark.parametrize(
    "path", [path for path, _ in parsed(*SPOKEN) if path.stem not in SILENT], ids=lambda path: path.stem
)
def test_no_english_is_left_outside_the_table(path):
    english = {ast.JoinedStr: r"[^\W\d_]{2}", ast.Constant: r"[^\W\d_]+ [^\W\d_]+"}  # a word that is put in, or two
    said = sayings(ast.parse(path.read_text(encoding="utf-8")))
    assert [(node.lineno, text) for node, text in said if re.search(english[type(node)], text)] == []


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.stem)
def test_no_english_is_left_in_the_player(path):
    code = re.sub(r"^\s*//.*$|\s//.*$", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    texts = [
        text for _, text in re.findall(r"([\"'`])(.*?)\1", code) if not re.search(r"\(|sgd-|sgdlib scene \d", text)
    ]
    assert [text for text in texts if re.search(r"\b[a-z]{2,} [a-z]{2,}\b", re.sub(r"\$\{.*?\}", "", text))] == []
    assert re.findall(r"(?:title:|aria-(?:label|valuetext)\"[:,]) [\"'`]", code) == []


LATIN = re.compile(r"[A-Za-z]")


def foreign(template):
    """A template with every letter outside its fields turned into one of another alphabet."""
    parts = []
    for literal, name, _, _ in string.Formatter().parse(template):
        parts.append(LATIN.sub("ж", literal).replace("−", "~").replace(".", ",") + (f"{{{name}}}" if name else ""))
    return "".join(parts)


FOREIGN = Language(
    "xx",
    lambda count: "one",
    "«{}»".format,
    {
        id: foreign(entry) if isinstance(entry, str) else {form: foreign(text) for form, text in entry.items()}
        for id, entry in ENGLISH.table.items()
    },
)
SGD, StepLR = torch.optim.SGD, torch.optim.lr_scheduler.StepLR
RUNS = {
    "gd": {"batch_size": None},
    "sgd": {"batch_size": {1: 1, 20: 4}},
    "momentum": {"optimizer": partial(SGD, momentum=0.9, nesterov=True)},
    "decay": {"schedule": partial(StepLR, step_size=5, gamma=0.5), "sampler": "epochs"},
    "replicas": {"batch_size": 1, "replicas": 20, "sampler": "replacement"},
    "diverging": {"lr": 1e30},
    "some diverging": {"lr": 0.9, "batch_size": 1, "replicas": 20},
}


@pytest.fixture(params=RUNS.values(), ids=RUNS)
def run(request, problem):
    return train(problem, steps=60, **request.param)


def known_names(text):
    """A text without the names that are nobody's words: of classes, and of a setting that has none of its own."""
    return re.sub("SGD|StepLR|momentum", "", text)


def english(texts):
    return [text for text in texts if LATIN.search(known_names(text))]


def test_another_language_is_one_table_and_one_setting(run, monkeypatch):
    monkeypatch.setattr(words, "LANGUAGE", FOREIGN)
    runs, views = {"1": run, "2": run}, [LossCurve(), ParameterPlane(), ParameterPlane(near=0.1), LineFit()]
    for shown in (Animation({"1": run}, views), Animation(runs, views), AnimationTable(runs, views)):
        scene = shown.scene()
        said = [scene.title, scene.caption, scene.alt, *scene.words()]
        assert set(english(said)) <= {"x", "y"}
        assert not any("−" in text for text in said)
        assert all(f"«{panel.title}»" in scene.alt for panel in scene.rows[0].panels)
    each = all_facts(runs)
    assert english(map(str, each["1"].values())) == []
    assert english([captions.cell_settings("", run, each["1"]), captions.cell_end(run, each["1"])]) == []


def test_another_language_is_spoken_by_theory_and_charts(problem, monkeypatch):
    monkeypatch.setattr(words, "LANGUAGE", FOREIGN)
    run = train(problem, lr=0.3, batch_size=1)
    theory = Animation({"1": run}, [LossCurve(theory=True), ParameterPlane(theory=True)]).scene()
    charts = [
        Scatter(problem.data),
        Ruler({"1": 2.5, "2": -3.0}, label="1"),
        HeatMap([1, 2], [1, 2], [[0, -1.5], [2, 3e7]], x_label="1", y_label="2", title="3", marks={"4": (1, 2)}),
        HeatMap([1, 2], [1, 2], [[0, 1], [2, 3]], x_label="1", y_label="2", title="3", marks=[(1, 2)]),
        Curves({"1": ([1, 2], [-3e9, 4e9])}, x_label="2", y_label="3", title="4?", levels={"5": 3.5}),
        Curves({"1": ([1, 2], [1e-9, 4e9])}, x_label="2", y_label="3", title="4", y_log=True),
    ]
    for scene in (theory, *(Figure([chart]).scene() for chart in charts)):
        said = [scene.title, scene.caption, scene.alt, *scene.words()]
        assert set(english(said)) <= {"x", "y"}
        assert not any("−" in text for text in said)


def test_another_language_is_spoken_by_the_player(monkeypatch):
    monkeypatch.setattr(words, "LANGUAGE", FOREIGN)
    (constant,) = re.findall(r"^const WORDS = (.*);$", web.script(), flags=re.MULTILINE)
    spoken = json.loads(constant)
    assert english(re.sub(r"\{\w+\}", "", template) for template in spoken.values()) == []
    assert len(spoken) == len([id for id in ENGLISH.table if id.startswith(web.SPOKEN)])  # no two are called alike
    assert {f"player.{id}" for id in spoken} >= {id for id in ENGLISH.table if id.startswith("player.")}
    scene = Figure([Ruler({"1": 2.5}, label="1")]).scene()
    assert '<html lang="xx">' in page.page(scene)


def test_what_is_decided_is_decided_by_values(run, monkeypatch):
    """Words that say something else lead nowhere."""
    before = captions.describe({"a": run}, all_facts({"a": run}))
    misled = ENGLISH.table | {"outcome.finished": "diverged", "outcome.diverged": "finished", "share": "0 of all"}
    monkeypatch.setattr(words, "LANGUAGE", replace(ENGLISH, table=misled))
    after = captions.describe({"a": run}, all_facts({"a": run}))
    assert after == re.sub(r"\d+ of 20", "0 of all", before)


@pytest.mark.parametrize("value", [1234.5, -0.25, 2.5e-9, -3.25e12, np.inf])
def test_every_number_is_written_by_one_formatter(value, monkeypatch):
    texts = [write(value) for write in (significant, measured, fixed, exact)] + [uncertain(value, 0.01)]
    monkeypatch.setattr(words, "LANGUAGE", FOREIGN)
    expected = [re.sub("[a-z]", "ж", text.replace(".", ",").replace("−", "~").replace("⁻", "⁻")) for text in texts]
    assert [write(value) for write in (significant, measured, fixed, exact)] + [uncertain(value, 0.01)] == expected


@pytest.mark.parametrize(
    ("id", "count", "text"), [("steps", 1, "1 step"), ("steps", 2, "2 steps"), ("runs", 1, "1 run")]
)
def test_a_count_chooses_its_plural_form(id, count, text):
    assert words.counted(id, count) == text
