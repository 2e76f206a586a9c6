"""Tables of numbers as comma-separated values."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from itertools import count


def of_tables(tables: Iterable[Sequence[Sequence[object]]]) -> str:
    """Tables of a header and rows each: one below the other, under one header where it is the same.

    Of columns of one name, all but the first have a number behind it.
    """
    rows: list[Sequence[object]] = []
    header: Sequence[object] | None = None
    for names, *more in tables:
        own = distinct(*map(str, names))
        if own != header:
            rows += [*([()] if rows else []), own]
        header = own
        rows += more
    return text_of(rows)


def distinct(*names: str) -> tuple[str, ...]:
    """The names, with a number behind one that is there before.

    Examples:
        >>> distinct("run", "step", "run", "run")
        ('run', 'step', 'run.1', 'run.2')
    """
    header: list[str] = []
    for name in names:
        numbered = (f"{name}.{k}" for k in count(1))
        header.append(name if name not in header else next(each for each in numbered if each not in (*header, *names)))
    return tuple(header)


def text_of(rows: Iterable[Sequence[object]]) -> str:
    """Rows as the text of a file."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()
