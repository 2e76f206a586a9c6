import csv
import re

import numpy as np
import pandas
import pytest
import torch

from sgdlib import Animation, LeastSquares, LineFit, ParameterPlane, Run, read_csv, train

HEADER = ["a", "b", "c d"]
ROWS = [[1.5, -2, 1e-17], [0.1, 1e300, 7], [1 / 3, 0, -0.25]]


@pytest.fixture
def written(tmp_path):
    """Writes rows with the csv module and gives the path."""

    def write(*rows, name="t.csv", encoding="utf-8", **how):
        with (tmp_path / name).open("w", encoding=encoding, newline="") as file:
            csv.writer(file, **how).writerows(rows)
        return tmp_path / name

    return write


@pytest.fixture
def typed(tmp_path):
    """Writes a text as it is and gives the path."""

    def write(text):
        (tmp_path / "t.csv").write_bytes(text if isinstance(text, bytes) else text.encode())
        return tmp_path / "t.csv"

    return write


@pytest.mark.parametrize(
    "how",
    [
        {},
        {"encoding": "utf-8-sig"},
        {"lineterminator": "\n"},
        {"quoting": csv.QUOTE_ALL},
        {"quoting": csv.QUOTE_NONNUMERIC, "encoding": "utf-8-sig"},
    ],
)
def test_the_columns_are_read_exactly(written, how):
    data = read_csv(str(written(HEADER, *ROWS, **how)), x=["c d", "a"], y="b")
    assert data.x.tolist() == [[row[2], row[0], 1.0] for row in ROWS]
    assert data.y.tolist() == [row[1] for row in ROWS]
    assert data.names == ("c d", "a", "intercept")
    assert data.truth is None
    assert {data.x.dtype, data.y.dtype} == {torch.float64}
    assert dict(data.origin) == {"made by": "read_csv", "file": "t.csv", "x": ["c d", "a"], "y": "b", "intercept": True}


def test_without_an_intercept_there_is_no_column_of_ones(written):
    data = read_csv(written(HEADER, *ROWS), x=("a", "b"), y="c d", intercept=False)
    assert data.x.tolist() == [row[:2] for row in ROWS]
    assert data.names == ("a", "b")
    assert read_csv(written(HEADER, *ROWS), x=["b"], y="a", intercept=False).names == ("b",)


def test_one_column_and_an_intercept_are_a_line(written, tmp_path):
    problem = LeastSquares(read_csv(written(["t", "v"], [0, 1], [1, 3.5], [2, 5]), x=["t"], y="v"))
    assert problem.data.names == ("slope", "intercept")
    run = train(problem, batch_size=1, steps=5)
    assert Animation({"a": run}, [LineFit(), ParameterPlane()]).scene().rows
    run.save(tmp_path / "run.json")
    assert Run.load(tmp_path / "run.json") == run


def test_columns_of_ones_that_are_called_something_keep_their_names(written):
    path = written(["t", "one", "v"], [0, 1, 1], [1, 1, 3.5], [2, 1, 4])
    data = read_csv(path, x=["t", "one"], y="v", intercept=False)
    assert data.names == ("t", "one")
    run = train(LeastSquares(data), batch_size=1, steps=5)
    assert Animation({"a": run}, [LineFit()]).scene().rows


def test_a_fit_of_several_columns_finds_what_made_them(written):
    grid = [[u, v, 2 * u - 3 * v + 0.5] for u in (-1.0, 0.0, 1.0) for v in (-1.0, 0.0, 1.0)]
    problem = LeastSquares(read_csv(written(["u", "v", "w"], *grid), x=["u", "v"], y="w"))
    run = train(problem, lr=0.3, batch_size=None, start=[0.0] * 3, steps=200)
    assert run.params[0, -1] == pytest.approx([2.0, -3.0, 0.5], abs=1e-12)


@pytest.mark.parametrize(
    "text", ["a, b\n1, 2\n", "\ufeffa,b\r\n1,2\r\n\r\n", " a ,b\n\n 1.0 ,+2e0\n", '"a","b"\n"1","2"', "a,b,\n1,2,\n"]
)
def test_blanks_and_empty_lines_do_not_count(typed, text):
    data = read_csv(typed(text), x=["a"], y="b")
    assert (data.x.tolist(), data.y.tolist()) == ([[1.0, 1.0]], [2.0])


@pytest.mark.parametrize(
    "text",
    [
        "a,b\n   \n1,2\n \t\n",
        "  \na,b\n1,2\n",
        'a,b\n"1" ,2\n',
        '"a" ,"b"\t\n"1"\t, "2"  \n',
        'a,b,note\n1,2,"x, ""y"" , z" \n',
        'a,b,note\n1,2,"two\nlines" \r\n',
        "a,b\r1,2\r",
    ],
)
def test_blanks_alone_in_a_line_and_behind_a_quoted_cell_do_not_count(typed, text):
    data = read_csv(typed(text), x=["a"], y="b")
    assert (data.x.tolist(), data.y.tolist()) == ([[1.0, 1.0]], [2.0])


def test_a_line_break_in_a_name_is_a_blank(typed):
    path = typed('"area\n(m²)","  rent\r\nin  € "\n30,510\n45,700\n')
    data = read_csv(path, x=["area (m²)"], y="rent in €", intercept=False)
    assert (data.names, data.y.tolist()) == (("area (m²)",), [510.0, 700.0])
    assert read_csv(path, x=["area\n(m²)"], y="rent\r\nin  €", intercept=False) == data
    with pytest.raises(ValueError, match=r"got 'area'\. Its columns: 'area \(m²\)', 'rent in €'\."):
        read_csv(path, x=["area"], y="rent in €")


@pytest.mark.parametrize("text", ['a,b,note\n1,2,"x\n3,4,y\n', 'a,b\n1,"2\n', 'a,b\n1,2\n"', 'a,"b\n1,2\n'])
def test_a_quotation_mark_that_is_never_closed_swallows_no_rows(typed, text):
    with pytest.raises(ValueError, match=r"^path must be a CSV file in UTF-8, with commas.*unexpected end of data"):
        read_csv(typed(text), x=["a"], y="b")


def test_pandas_reads_the_same(typed):
    path = typed('"a", b ,"c\nd"\n"1" ,2.5e-1,"3"\n\n   \n-4,+.5,6.\n')
    theirs = pandas.read_csv(path, skipinitialspace=True)
    ours = read_csv(path, x=["a", "b"], y="c d", intercept=False)
    assert np.column_stack([ours.x, ours.y]).tolist() == theirs.to_numpy().tolist()


@pytest.mark.parametrize("cell", ["x", "nan", "inf", "-Infinity", "1_000", "1,5", "1 2", "0x1", "None", "1e999"])
def test_a_cell_that_is_no_finite_number_is_named(written, cell):
    path = written(["a", "b"], [1, 2], [3, 4], [5, cell])
    words = (
        rf"^path must be a CSV file with finite numbers; got {re.escape(repr(cell))} in column 'b' of row 3 \(line 4 of"
    )
    with pytest.raises(ValueError, match=words):
        read_csv(path, x=["a"], y="b")
    with pytest.raises(ValueError, match="column 'b'"):
        read_csv(path, x=["b"], y="a")


@pytest.mark.parametrize("text", ["a,b\n1,2\n,4\n", "a,b\n1,2\n  ,4\n", 'a,b\n1,2\n"",4\n'])
def test_an_empty_cell_is_named(typed, text):
    with pytest.raises(ValueError, match=r"got an empty cell in column 'a' of row 2 \(line 3 of 't.csv'\)"):
        read_csv(typed(text), x=["a"], y="b")


def test_a_cell_in_a_column_that_nobody_asked_for_may_hold_anything(written):
    assert read_csv(written(["a", "b", "c"], [1, 2, ""], [3, 4, "x"]), x=["a"], y="b").n == 2


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "with a header, .*got '.*t.csv', which is empty"),
        ("\n\n", "with a header, .*which is empty"),
        ("1,2\n3,4\n", r"with a header, .*which begins with \['1', '2'\]"),
        ("a,b\n", "with at least one row below its header"),
        ("a,b\n1,2\n3\n", r"rows of one length; got 1 cells in row 2 \(line 3 of 't.csv'\) under a header of 2"),
        ("a,b\n1,2,3\n", r"rows of one length; got 3 cells in row 1 \(line 2 of 't.csv'\)"),
        ('a,b\n"1,2\n', "a CSV file in UTF-8.*fails with: unexpected end of data"),
        (b"a,b\n1,\xff\n", "a CSV file in UTF-8.*can't decode byte 0xff"),
        ("a,b\n1,2\n".encode("utf-16"), "a CSV file in UTF-8.*can't decode"),
    ],
)
def test_a_file_that_is_no_table_is_refused(typed, text, message):
    with pytest.raises(ValueError, match=f"^path must be {'.*' + message}"):
        read_csv(typed(text), x=["a"], y="b")


@pytest.mark.parametrize(
    ("how", "message"),
    [
        ({"x": ["a", "d"]}, r"^x and y must be names of columns in 't.csv'; got 'd'\. Its columns: 'a', 'b', 'c d'\."),
        ({"y": "e"}, r"^x and y must be names of columns.*got 'e'\."),
        ({"x": ["A"]}, "got 'A'"),
        ({"x": []}, "^x must be a list of different names of columns, at least one"),
        ({"x": ["a", "a"]}, r"^x must be a list of different names.*got \['a', 'a'\]"),
        ({"x": ["a", "b"]}, "without y.*And y is 'b'"),
        ({"x": ["a", ""]}, "^x, each name in it, must be a string that is not empty"),
    ],
)
def test_columns_that_are_not_there_or_there_twice_are_refused(written, how, message):
    with pytest.raises(ValueError, match=message):
        read_csv(written(HEADER, *ROWS), **{"x": ["a"], "y": "b"} | how)


def test_a_column_that_the_header_has_twice_is_refused_if_it_is_asked_for(written):
    path = written(["a", "b", "b", "c"], [1, 2, 3, 4], [2, 3, 4, 5])
    with pytest.raises(
        ValueError, match=r"columns that are in 't.csv' once; got 'b', which its header has several times"
    ):
        read_csv(path, x=["a", "b"], y="c")
    assert read_csv(path, x=["a"], y="c").y.tolist() == [4.0, 5.0]


def test_a_column_called_intercept_takes_the_place_of_one(written):
    path = written(["u", "intercept", "v"], [1, 2, 3], [2, 3, 5])
    with pytest.raises(ValueError, match="x must have no column 'intercept' with intercept=True"):
        read_csv(path, x=["u", "intercept"], y="v")
    with pytest.raises(ValueError, match="x must have no column 'intercept' with intercept=True"):
        read_csv(path, x=["intercept"], y="v")
    assert read_csv(path, x=["u", "intercept"], y="v", intercept=False).p == 2


def test_a_file_that_is_not_there_says_where_it_was_looked_for(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(FileNotFoundError) as caught:
        read_csv("missing.csv", x=["a"], y="b")
    assert str(caught.value).startswith("path must be the path of a CSV file that exists; got 'missing.csv'")
    assert str(tmp_path / "missing.csv") in str(caught.value)
