"""What data frames, series and masked arrays hold; the frames are pandas' own."""

import numpy as np
import pandas as pd
import pytest
import torch

from sgdlib import Curves, Dataset, HeatMap, LeastSquares, Ruler, Run, noisy_line, theory, train
from sgdlib.experiment.run import Outcome

ROOMS = pd.DataFrame(
    {
        "area": pd.array([30, 45, 52], dtype="Int64"),
        "balcony": pd.array([True, False, True], dtype="boolean"),
        "height": [2.5, 3.0, 2.75],
        "lift": [False, True, True],
        "floor": np.array([1, 3.5, True], dtype=object),
        "rent": pd.array([510, 700, 755], dtype="Int32"),
    }
)
VALUES = [[30.0, 1.0, 2.5, 0.0, 1.0], [45.0, 0.0, 3.0, 1.0, 3.5], [52.0, 1.0, 2.75, 1.0, 1.0]]


def test_a_data_frame_gives_its_numbers_and_its_names():
    data = Dataset(ROOMS.drop(columns="rent"), ROOMS["rent"])
    assert data.x.tolist() == VALUES
    assert data.y.tolist() == [510.0, 700.0, 755.0]
    assert data.names == ("area", "balcony", "height", "lift", "floor")
    assert data == Dataset(VALUES, [510, 700, 755], names=ROOMS.columns.tolist()[:5])


@pytest.mark.parametrize("name", ROOMS.columns)
def test_each_kind_of_column_is_taken_alone(name):
    numbers = [float(value) for value in ROOMS[name]]
    assert Dataset(ROOMS[[name]], ROOMS[name]) == Dataset([[value] for value in numbers], numbers, names=[name])


def test_the_values_of_a_mixed_frame_are_taken_too():
    assert Dataset(ROOMS[["area", "height"]].to_numpy(), ROOMS["rent"].tolist()).x.tolist() == [
        [30.0, 2.5],
        [45.0, 3.0],
        [52.0, 2.75],
    ]


def test_names_that_are_given_come_before_those_of_columns():
    rooms = ROOMS[["area", "height"]]
    assert Dataset(rooms, ROOMS["rent"], names=["a", "b"]).names == ("a", "b")
    assert Dataset(rooms.set_axis([0, 1], axis=1), ROOMS["rent"]).names == ("a[0]", "a[1]")
    assert Dataset(rooms.set_axis(["area\n(m²)", " height  "], axis=1), [1, 2, 3]).names == ("area (m²)", "height")
    line = pd.DataFrame({"t": [1.0, 2.0], "one": 1})
    assert (Dataset(line, [1, 2]).names, Dataset(line, [1, 2]).is_line) == (("t", "one"), True)
    assert Dataset(line.to_numpy(), [1, 2]).names == ("slope", "intercept")


class Bare:
    """A frame of no library: columns by name, and what each holds."""

    def __init__(self, **columns):
        self.named, self.columns = columns, list(columns)

    def __getitem__(self, name):
        return pd.Series(self.named[name])

    def to_numpy(self):
        raise AssertionError("column by column")


def test_a_frame_is_known_by_what_it_has():
    data = Dataset(Bare(u=[1, 2], v=[0.5, 1.5]), [1, 2])
    assert (data.names, data.x.tolist()) == (("u", "v"), [[1.0, 0.5], [2.0, 1.5]])


def test_a_start_and_a_truth_may_be_series():
    data = Dataset([[0.0, 1.0], [2.0, 1.0]], [1.0, 5.0], truth=pd.Series([2, 1], dtype="Int64"))
    assert data.truth.tolist() == [2.0, 1.0]
    run = train(LeastSquares(data), batch_size=1, steps=1, start=pd.Series([0.5, 1.5]))
    assert run.meta["start"] == [0.5, 1.5]


MIXED_UP = ROOMS["rent"].sort_values(ascending=False)


def test_rows_that_belong_to_others_are_refused():
    with pytest.raises(ValueError, match=r"^y must have the index of x; got another one"):
        Dataset(ROOMS[["area"]], MIXED_UP)
    assert Dataset(ROOMS[["area"]], MIXED_UP.to_numpy()).y.tolist() == [755.0, 700.0, 510.0]
    assert Dataset(ROOMS[["area"]].iloc[::-1], MIXED_UP).n == 3


@pytest.mark.parametrize(
    ("column", "message"),
    [
        (pd.array([1, None], dtype="Int64"), "not finite"),
        (
            pd.array([True, None], dtype="boolean"),
            r"got <NA> of type NAType in column 'c', a missing value\. Leave such",
        ),
        (np.array([1, None], dtype=object), "got None of type NoneType in column 'c', a missing value"),
        (np.array([1, pd.NaT], dtype=object), "got NaT of type NaTType in column 'c', a missing value"),
        ([1.0, np.nan], "not finite"),
    ],
)
def test_a_column_with_missing_values_is_refused_by_name(column, message):
    with pytest.raises(ValueError, match=f"^x must be real, finite numbers of shape .*{message}"):
        Dataset(pd.DataFrame({"a": [1, 2], "c": column}), [1, 2])


@pytest.mark.parametrize(
    ("column", "message"),
    [
        (["a", "b"], "in column 'c'|of str in column 'c'"),
        (pd.to_datetime(["2020-01-01", "2020-01-02"]), r"got values of datetime64\[.*\] in column 'c'"),
        ([1j, 2j], "got values of complex128 in column 'c'"),
    ],
)
def test_a_column_of_no_numbers_is_refused_by_name(column, message):
    with pytest.raises(TypeError, match=f"^x must be real, finite numbers.*{message}"):
        Dataset(pd.DataFrame({"a": [1, 2], "c": column}), [1, 2])


def test_columns_of_one_name_and_of_taken_names_are_refused():
    twice = pd.DataFrame([[1, 2], [3, 4]], columns=["a", "a"])
    with pytest.raises(TypeError, match=r"^x must be .*got two columns of one name"):
        Dataset(twice, [1, 2])
    with pytest.raises(ValueError, match=r"^columns of x must be .*none of them 'step' or 'loss'"):
        Dataset(twice.set_axis(["a", "loss"], axis=1), [1, 2])


HIDDEN = np.ma.array([1.0, 2.0], mask=[False, True])
GAPS = {
    "an array with a mask": HIDDEN,
    "a list with what is masked": [np.ma.masked, 1.0],
    "a None": [1.0, None],
    "pandas' NA": [1.0, pd.NA],
    "pandas' NaT": [1.0, pd.NaT],
    "numpy's NaT": np.array(["2020-01-01", "NaT"], dtype="datetime64[s]"),
    "a masked integer": np.ma.array([1, 2], mask=[True, False]),
    "a series with NA": pd.Series([1, None], dtype="Int64"),
    "a nan": [1.0, np.nan],
}
LINE = noisy_line(n=2)
PROBLEM = LeastSquares(LINE)
LABELS = {"x_label": "x", "y_label": "y", "title": "z"}
TAKES = {
    "x of Dataset": ("x", lambda bad: Dataset([bad, bad] if isinstance(bad, list) else [list(bad)] * 2, [1.0, 2.0])),
    "y": ("y", lambda bad: Dataset(LINE.x, bad)),
    "truth": ("truth", lambda bad: Dataset(LINE.x, LINE.y, truth=bad)),
    "start": ("start", lambda bad: train(PROBLEM, batch_size=1, steps=1, start=bad)),
    "start of theory": ("start", lambda bad: theory.mean_path(PROBLEM, 0.1, 1, bad)),
    "params": ("params", lambda bad: theory.gradient_noise_scale(PROBLEM, [bad])),
    "x of HeatMap": ("x", lambda bad: HeatMap(bad, [1, 2], [[1, 2], [3, 4]], **LABELS)),
    "y of Curves": ("curves", lambda bad: Curves({"a": ([1, 2], bad)}, **LABELS)),
}


@pytest.mark.parametrize(("name", "take"), TAKES.values(), ids=TAKES)
@pytest.mark.parametrize("bad", GAPS.values(), ids=GAPS)
def test_missing_values_are_refused_wherever_numbers_come_in(name, take, bad):
    with pytest.raises((TypeError, ValueError), match=rf"\b{name}\b.* must be .*\bgot \S"):
        take(bad)


@pytest.mark.parametrize("rows", [np.ma.array([[1.0, 1.0], [2.0, 1.0]], mask=[[0, 0], [1, 0]]), [HIDDEN, [1.0, 1.0]]])
def test_a_mask_is_not_lost(rows):
    with pytest.raises(ValueError, match=r"^x must be .*got masked values, a missing value\. Leave such rows out"):
        Dataset(rows, [1.0, 2.0])


def test_a_mask_that_hides_nothing_is_no_matter():
    x, y = np.ma.array([[1.0, 1.0], [2.0, 1.0]]), np.ma.array([1.0, 2.0], mask=[False, False])
    assert Dataset(x, y) == Dataset(x.data, y.data)


def test_what_is_left_of_masked_rows_is_fitted_as_numpy_fits_it():
    t, v = np.arange(6.0), np.ma.array([1.0, 3, 5, 99, 9, 11], mask=[0, 0, 0, 1, 0, 0])
    kept = ~np.ma.getmaskarray(v)
    ours = LeastSquares(Dataset(np.stack([t, np.ones(6)], axis=1)[kept], v.compressed())).minimiser
    assert ours.tolist() == pytest.approx(np.ma.polyfit(t, v, 1), rel=1e-12)


def test_masked_numbers_alone_and_in_records_are_refused():
    with pytest.raises(TypeError, match=r"^steps must be an integer"):
        train(PROBLEM, batch_size=1, steps=np.ma.array(3, mask=True))
    with pytest.raises(TypeError, match=r"^lr must be a finite number"):
        train(PROBLEM, batch_size=1, lr=np.ma.masked)
    with pytest.raises(TypeError, match="must be a finite number"):
        Ruler({"a": np.ma.masked}, label="x")
    with pytest.raises(ValueError, match=r"^values must be numbers without a mask"):
        HeatMap([1, 2], [1, 2], np.ma.array([[1.0, 2], [3, 4]], mask=[[0, 0], [0, 1]]), **LABELS)
    with pytest.raises(TypeError, match=r"^recorded loss must be"):
        loss = np.ma.array([[1.0, 2.0]], mask=[[False, True]])
        Run(PROBLEM, {}, np.array([0, 1]), (Outcome(),), {"loss": loss})


def test_tensors_of_any_kind_are_taken_as_before():
    x = torch.tensor([[1, 1], [2, 1]], dtype=torch.int32)
    assert Dataset(x, torch.tensor([1.0, 2.0], requires_grad=True)).x.tolist() == [[1.0, 1.0], [2.0, 1.0]]
