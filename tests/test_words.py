"""All that readers of figures see comes from the table of words, and nothing decides by reading it."""

import ast
import re
import string
from functools import cache, partial
from pathlib import Path

import numpy as np
import pytest
import torch

import sgdlib
from sgdlib import Animation, AnimationTable, LossCurve, train
from sgdlib.base import words
from sgdlib.base.formats import exact, fixed, measured, significant
from sgdlib.base.words import ENGLISH, Language
from sgdlib.experiment.samplers import SAMPLERS
from sgdlib.experiment.settings import OWN_STEP
from sgdlib.report import captions
from sgdlib.report.estimates import uncertain
from sgdlib.report.facts import all_facts, facts

FOLDER = Path(sgdlib.__file__).parent
SPOKEN = ("report", "figures")  # packages without a word of their own
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
                if None in given:  # ** of a mapping adds to those that are seen
                    assert given - {None} <= fields(template), where
                else:
                    assert given == fields(template), where


def refuses(node):
    """Whether what stands in a node is said to an author who asks for what cannot be."""
    if isinstance(node, ast.Assign):
        return getattr(node.targets[0], "id", "") == "allowed"
    of_checks = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    return isinstance(node, ast.Raise) or (of_checks and getattr(node.func.value, "id", "") == "checks")


def keys(node):
    """What names something: a key of a mapping, or an id of the table."""
    if isinstance(node, ast.Dict):
        return node.keys
    if isinstance(node, ast.Subscript):
        return [node.slice]
    if isinstance(node, ast.Compare):
        return [node.left]
    return node.args[:1] if isinstance(node, ast.Call) and getattr(node.func, "id", "") in CALLS else []


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


@pytest.mark.parametrize("path", [path for path, _ in parsed(*SPOKEN)], ids=lambda path: path.stem)
def test_no_english_is_left_outside_the_table(path):
    english = {ast.JoinedStr: r"[^\W\d_]{2}", ast.Constant: r"[^\W\d_]+ [^\W\d_]+"}  # a word that is put in, or two
    said = sayings(ast.parse(path.read_text(encoding="utf-8")))
    assert [(node.lineno, text) for node, text in said if re.search(english[type(node)], text)] == []


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


def test_another_language_is_one_table_and_one_setting(run, monkeypatch):
    monkeypatch.setattr(words, "LANGUAGE", FOREIGN)
    runs = {"1": run, "2": run}
    for shown in (Animation({"1": run}, [LossCurve()]), AnimationTable(runs, [LossCurve()])):
        scene = shown.scene()
        said = [scene.title, scene.caption]
        said += [readout.label for row in scene.rows for reading in row.readings for readout in reading.readouts]
        said += [text for row in scene.rows for reading in row.readings for r in reading.readouts for text in r.frames]
        assert [text for text in said if LATIN.search(known_names(text))] == []
        assert not any("−" in text for text in said)
    texts = {id: str(value) for id, value in facts(run).items()}
    assert {id: text for id, text in texts.items() if LATIN.search(known_names(text))} == {}
    each = all_facts(runs)
    for text in (
        captions.alternative("", runs, [], each),
        captions.cell_settings("", run, each["1"]),
        captions.cell_end(run, each["1"]),
    ):
        assert not LATIN.search(known_names(text))


def test_what_is_decided_is_decided_by_values(run, monkeypatch):
    """Words that say something else lead nowhere."""
    before = captions.describe({"a": run}, all_facts({"a": run}))
    misled = ENGLISH.table | {"outcome.finished": "diverged", "outcome.diverged": "finished", "share": "0 of all"}
    monkeypatch.setattr(words, "LANGUAGE", Language("en", ENGLISH.plural, misled))
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
