"""What a figure leaves for posts and pages: its facts and its HTML."""

import re

import numpy as np
from helpers.sites import ROOT

from sgdlib import AnimationTable, LossCurve, train


def test_a_table_has_the_facts_of_its_rows_by_the_labels_that_are_seen(problem, tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "docs")
    from press.cache import Cache
    from press.figures import put
    from press.records import Records

    runs = {
        f"learning rate {np.float32(0.1)}": train(problem, lr=np.float32(0.1), steps=2),
        "large steps": train(problem, lr=1e30, steps=2),
    }
    records = Records(tmp_path / "figures", tmp_path / "records")
    table = AnimationTable(runs, [LossCurve()], name="table")
    record, _ = put(table, "plot_1", records, Cache(tmp_path / "cache"))
    assert record.facts["learning rate 0.1"]["learning rate"] == "0.1"
    assert record.facts["large steps"]["outcome"] == "diverged at step 1"
    html = records.record("table").html["table"]
    # what the label says is not said again, by whatever else it is called
    assert "Learning rate 0.1<small>batch size 16, 2 steps</small>" in html
    assert "Large steps<small>learning rate 1 × 10³⁰, batch size 16, 2 steps</small>" in html
    assert re.search(r">Final loss [^<]*, diverged at step 1\. Distance from the minimiser", html)
