"""Tables: data sets from files."""

from __future__ import annotations

import csv
import math
from itertools import chain
from pathlib import Path

from sgdlib.base import checks
from sgdlib.base.arrays import one_line
from sgdlib.experiment.data import Dataset

_END = ["end", "end"]  # a row of our own after the last: where it does not come back, a quotation mark was left open


def read_csv(path: str | Path, x: list[str] | tuple[str, ...], y: str, intercept: bool = True) -> Dataset:
    """Make a Dataset of columns of a CSV file, whose first row names them.

    The file is in UTF-8, with or without a byte order mark; commas stand between cells, and a decimal point
    in numbers. Blanks around a cell and empty lines are left out; a line break in a name is a blank. Numbers are
    read as float64.

    Args:
        path: the file.
        x: the names of the columns to predict from, at least one.
        y: the name of the column to predict.
        intercept: whether to add a column of ones, the last.

    Returns:
        A Dataset with parameters called after their columns, and "intercept"; a line, of one column and an
        intercept, has "slope" and "intercept". Its ``origin`` holds the file's name and the columns.

    Raises:
        FileNotFoundError: if there is no such file.
        TypeError: if an argument is of the wrong type.
        ValueError: if a column is not there, or there twice, or a cell holds no finite number.

    Examples:
        >>> import tempfile
        >>> path = Path(tempfile.mkdtemp()) / "rooms.csv"
        >>> _ = path.write_text("area,floor,rent\\n30,1,510\\n45,3,700\\n")
        >>> data = read_csv(path, x=["area", "floor"], y="rent")
        >>> data.names, data.x.tolist(), data.y.tolist()
        (('area', 'floor', 'intercept'), [[30.0, 1.0, 1.0], [45.0, 3.0, 1.0]], [510.0, 700.0])
    """
    columns = _columns(x, y)
    with_ones = checks.boolean("intercept", intercept)
    is_line = with_ones and len(columns) == 2
    names = [*columns[:-1], *(["intercept"] if with_ones else [])]
    if len(set(names)) < len(names):
        raise ValueError(f"x must have no column 'intercept' with intercept=True; got {columns[:-1]}.")
    file = checks.source("path", path, "the path of a CSV file that exists")
    numbers = _numbers(file, columns)
    return Dataset(
        [[*row[:-1], *([1.0] if with_ones else [])] for row in numbers],
        [row[-1] for row in numbers],
        origin={"made by": "read_csv", "file": file.name, "x": columns[:-1], "y": columns[-1], "intercept": with_ones},
        names=None if is_line else names,
    )


def _columns(x: object, y: object) -> list[str]:
    allowed = "a list of different names of columns, at least one, and without y"
    if not isinstance(x, (list, tuple)):
        raise TypeError(checks.refusal("x", x, allowed))
    columns = [*(_name("x, each name in it,", name) for name in x), _name("y", y)]
    if not x or len(set(columns)) < len(columns):
        raise ValueError(f"{checks.refusal('x', x, allowed)} And y is {y!r}.")
    return columns


def _name(argument: str, given: object) -> str:
    return checks.text(argument, one_line(given) if isinstance(given, str) else given)


def _numbers(path: Path, columns: list[str]) -> list[list[float]]:
    """(n, len(columns)): the numbers in the columns, in their order."""
    allowed = "a CSV file in UTF-8, with commas between cells"
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(chain(file, [",".join(_END)]), skipinitialspace=True)
            *table, (_, last) = [(reader.line_num, [one_line(cell) for cell in row]) for row in reader]
    except (UnicodeDecodeError, csv.Error) as error:
        raise ValueError(f"{checks.refusal('path', str(path), allowed)} It fails with: {error}.") from None
    if last != _END:
        raise ValueError(
            f"{checks.refusal('path', str(path), allowed)} It fails with: unexpected end of data, "
            "for a quotation mark is never closed."
        )
    table = [(line, cells) for line, cells in table if cells not in ([], [""])]
    header = table[0][1] if table else []
    rows = [(cells, f"row {k} (line {line} of {path.name!r})") for k, (line, cells) in enumerate(table[1:], start=1)]
    for cells, place in rows:
        if len(cells) != len(header):
            raise ValueError(
                f"path must be a CSV file with rows of one length; got {len(cells)} cells in {place} "
                f"under a header of {len(header)}."
            )
    chosen = _places(path, header, columns)
    if not rows:
        raise ValueError(f"path must be a CSV file with at least one row below its header; got {str(path)!r}.")
    return [
        [_number(cells[column], f"column {name!r} of {place}") for name, column in chosen.items()]
        for cells, place in rows
    ]


def _places(path: Path, header: list[str], columns: list[str]) -> dict[str, int]:
    """Which cell of a row each column is."""
    unknown = [name for name in columns if name not in header]
    if not header or (unknown and all(math.isfinite(_value(cell)) for cell in header)):
        raise ValueError(
            f"path must be a CSV file with a header, a first row that names the columns; got {str(path)!r}, "
            f"{f'which begins with {header}' if header else 'which is empty'}."
        )
    if unknown:
        raise ValueError(
            f"x and y must be names of columns in {path.name!r}; got {', '.join(map(repr, unknown))}. "
            f"Its columns: {', '.join(map(repr, header))}."
        )
    twice = [name for name in columns if header.count(name) > 1]
    if twice:
        raise ValueError(
            f"x and y must be columns that are in {path.name!r} once; got {', '.join(map(repr, twice))}, "
            "which its header has several times. Rename one of them in the file."
        )
    return {name: header.index(name) for name in columns}


def _number(cell: str, where: str) -> float:
    value = _value(cell)
    if not math.isfinite(value):
        given = repr(cell) if cell else "an empty cell"
        raise ValueError(
            f"path must be a CSV file with finite numbers; got {given:.60} in {where}. Mend or drop the row."
        )
    return value


def _value(cell: str) -> float:
    """The number in a cell; nan where there is none."""
    try:
        return math.nan if "_" in cell else float(cell)  # Python alone reads 1_000 as a number
    except ValueError:
        return math.nan
