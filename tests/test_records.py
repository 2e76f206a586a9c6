"""What a figure leaves for posts and pages: its facts and its HTML."""

import re
from dataclasses import replace

import numpy as np
from helpers.sites import ROOT

from sgdlib import AnimationTable, LossCurve, train
from sgdlib.base import words


def test_a_table_has_the_facts_of_its_rows_by_the_labels_that_are_seen(problem, tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "docs")
    from press.cache import Cache
    from press.figures import put

    small = f"learning rate {np.float32(0.1)}"
    runs = {
        small: train(problem, lr=np.float32(0.1), steps=2),
        "large steps": train(problem, lr=1e30, steps=2),
    }
    table = AnimationTable(runs, [LossCurve()], name="table", notes={small: "Slow and sure."})
    made, _ = put(table, "plot_1", tmp_path, Cache(tmp_path / "cache"))
    figure = made["table"]
    assert figure.facts["learning rate 0.1"]["learning rate"] == "0.1"
    assert figure.facts["large steps"]["outcome"] == "diverged at step 1"
    # what the label says is not said again, by whatever else it is called
    assert "Learning rate 0.1<small>batch size 16, 2 steps</small>" in figure.html
    assert "Large steps<small>learning rate 1 × 10³⁰, batch size 16, 2 steps</small>" in figure.html
    assert re.search(r">Final loss [^<]*, diverged at step 1\. Distance from the minimiser", figure.html)
    assert "Slow and sure." in figure.html


def test_what_stands_around_a_figure_is_in_the_table_of_words(problem, tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "docs")
    from press.cache import Cache
    from press.figures import put

    table = AnimationTable({"1": train(problem, steps=2), "2": train(problem, steps=2)}, [LossCurve()], "t", name="n")
    ids = {id: f"«{id}»" for id in words.ENGLISH.table if id.partition(".")[0] in ("column", "file")}
    other = {"take": "«take {files}»", "take.file": "«take.file {kind} {title}»", "take.step": "«take.step»"}
    monkeypatch.setattr(words, "LANGUAGE", replace(words.ENGLISH, table=words.ENGLISH.table | ids | other))
    html = put(table, "plot_1", tmp_path, Cache(tmp_path / "cache"))[0]["n"].html
    assert [f"«{id}»" for id in ids if f"«{id}»" not in html] == ["«file.png»"]  # films stand in for the picture
    for english in ("Setting", "What to notice", "Animation<", "At the end", "Download", "Link to", "GIF", "(CSV)"):
        assert english not in html
