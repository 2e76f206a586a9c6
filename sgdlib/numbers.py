"""Numbers: what runs and data sets hold, as comma-separated values."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterable, Mapping, Sequence
from itertools import count

from sgdlib.data import Dataset
from sgdlib.run import Run


def of_runs(runs: Mapping[str, Run]) -> str:
    """Every recorded step of runs: its run, step, loss and parameters; of several replicas which one, too.

    Numbers are exact; what is not finite is left empty. A parameter that is called as another column, such as "run",
    has a number behind its name: "run.1".

    Examples:
        >>> from sgdlib import LeastSquares, noisy_line, train
        >>> print(of_runs({"gd": train(LeastSquares(noisy_line()), batch_size=None, steps=1)}).splitlines()[0])
        run,step,loss,slope,intercept
    """
    first = next(iter(runs.values()))
    known = "params" in first.recorded and all("params" in run.recorded for run in runs.values())
    names = first.problem.data.names if known else ()
    several = any(run.replicas > 1 for run in runs.values())
    rows: list[Sequence[object]] = [_different("run", *(["replica"] if several else []), "step", "loss", *names)]
    for label, run in runs.items():
        for replica in range(run.replicas):
            which = (label, replica) if several else (label,)
            params = run.params[replica].tolist() if known else [()] * len(run.steps)
            for step, loss, place in zip(run.steps.tolist(), run.loss[replica].tolist(), params, strict=True):
                rows.append((*which, step, *map(_written, (loss, *place))))
    return _text(rows)


def rows_of(data: Dataset) -> list[Sequence[object]]:
    """Every point of a data set under a header: x, or one column for each parameter, and y."""
    columns = ("x",) if data.names == ("slope", "intercept") else data.names
    points = zip(data.x.tolist(), data.y.tolist(), strict=True)
    return [(*_different("y", *columns)[1:], "y"), *((*x[: len(columns)], y) for x, y in points)]


def of_tables(tables: Iterable[Sequence[Sequence[object]]]) -> str:
    """Tables of a header and rows each: one below the other, under one header where it is the same.

    Of columns of one name, all but the first have a number behind it.
    """
    rows: list[Sequence[object]] = []
    header: Sequence[object] | None = None
    for names, *more in tables:
        own = _different(*map(str, names))
        if own != header:
            rows += [*([()] if rows else []), own]
        header = own
        rows += more
    return _text(rows)


def _different(*names: str) -> tuple[str, ...]:
    """The names, with a number behind one that is there before.

    Examples:
        >>> _different("run", "step", "run", "run")
        ('run', 'step', 'run.1', 'run.2')
    """
    header: list[str] = []
    for name in names:
        numbered = (f"{name}.{k}" for k in count(1))
        header.append(name if name not in header else next(each for each in numbered if each not in (*header, *names)))
    return tuple(header)


def _written(value: float) -> float | str:
    return value if math.isfinite(value) else ""


def _text(rows: Iterable[Sequence[object]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()
