"""Compose: labelled runs and views, checked, and put together as the rows of a scene."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sgdlib.base import checks
from sgdlib.base.formats import fixed
from sgdlib.base.words import phrase, term
from sgdlib.charts.chart import Chart
from sgdlib.experiment.replicas import HIGH, LOW, MIDDLE, percentile, unclipped
from sgdlib.experiment.run import Run
from sgdlib.scene import Axis, Column, Columns, Look, Plot, Reading, Readout, Row, column, merged, style
from sgdlib.views.view import View, need_recorded, with_looks


def row(
    label: str,
    runs: Mapping[str, Run],
    views: Sequence[View | Chart],
    axes: Sequence[tuple[Axis, Axis]],
    slots: NDArray[np.int64],
) -> tuple[Row, Columns]:
    """One experiment as a row of a scene: its panels and what is read out of each run; and the columns of both."""
    plots = plotted(views, axes, slots, runs)
    readings, texts = readings_of(runs, slots)
    drawn = Row(", ".join(runs), label, readings, tuple(plot.panel() for plot in plots))
    return drawn, merged([texts, *(plot.columns for plot in plots)])


def plotted(
    views: Sequence[View | Chart],
    axes: Sequence[tuple[Axis, Axis]],
    slots: ArrayLike = (0,),
    runs: Mapping[str, Run] | None = None,
) -> list[Plot]:
    """What each view draws of some runs; a chart knows none."""
    names = [type(view).__name__.lower() for view in views]
    plots = []
    for place, (view, name, own) in enumerate(zip(views, names, axes, strict=True)):
        before = names[:place].count(name)
        plots.append(Plot(*own, slots, f"{name}{before + 1}" if before else name))
        if isinstance(view, Chart):
            view.draw(plots[-1])
        else:
            view.draw(plots[-1], runs or {})
    return plots


def readings_of(runs: Mapping[str, Run], slots: NDArray[np.int64]) -> tuple[tuple[Reading, ...], Columns]:
    """What is read out of each run, as wide as it needs to be; and the columns of texts."""
    readings: list[Reading] = []
    columns: dict[str, Column] = {}
    for name, run, look in with_looks(runs):
        steps = {"readout.step": (phrase("readout.step"), [str(step) for step in run.steps[slots]])}
        if look.order is not None:
            steps = {"readout.at step": (name, [phrase("step.at", step=str(step)) for step in run.steps[slots]])}
        numbers = _of_many(run, slots, look) if run.replicas > 1 else _of_one(run, slots)
        texts = steps | {f"readout.{name}.{id}": labelled for id, labelled in numbers.items()}
        readouts = tuple(Readout(label, id) for id, (label, _) in texts.items())
        widths = tuple(_room(*labelled) for labelled in texts.values())
        readings.append(Reading(name, readouts, look.order, look.dash, look.shape, widths))
        columns |= {id: column(values) for id, (_, values) in texts.items()}
    return tuple(readings), columns


def aligned(rows: Sequence[Row], alongside: Sequence[Reading] = ()) -> tuple[Row, ...]:
    """The rows, with columns of read-outs that line up and hold the longest that ever stands in them, or alongside."""
    readings = [*alongside, *(reading for row in rows for reading in row.readings)]
    widths: dict[int, tuple[float, ...]] = {}  # by how many there are
    for count in {len(reading.readouts) for reading in readings}:
        needs = [each.widths for each in readings if len(each.readouts) == count]
        widths[count] = tuple(max(column) for column in zip(*needs, strict=True))
        if any(each.order is not None for each in readings):  # the first has a piece of the run's line, too
            beside = style.SWATCH / (style.LETTER * style.VALUE)
            widths[count] = (round(widths[count][0] + beside, 1), *widths[count][1:])
    return tuple(
        replace(row, readings=tuple(replace(each, widths=widths[len(each.readouts)]) for each in row.readings))
        for row in rows
    )


def _room(label: str, texts: Sequence[str]) -> float:
    """How wide a read-out is at its widest, in figures."""
    widest = max(style.wide(label, style.SMALL), *(style.wide(text, style.VALUE) for text in texts))
    return round(widest / (style.LETTER * style.VALUE), 1)


def _of_one(run: Run, slots: NDArray[np.int64]) -> dict[str, tuple[str, list[str]]]:
    """Up to two parameters, if they were recorded, and the loss: by id, the label and the texts of each."""
    params = run.params[0, slots].T if "params" in run.recorded and run.problem.p <= 2 else ()
    numbers = {
        f"params.{name}": (term("parameter", name), list(map(fixed, values)))
        for name, values in zip(run.problem.names, params, strict=False)
    }
    return numbers | {"loss": (phrase("readout.loss"), _losses(run.loss[0, slots]))}


def _of_many(run: Run, slots: NDArray[np.int64], look: Look) -> dict[str, tuple[str, list[str]]]:
    """The median loss of several replicas and, where there is room, what bounds eight runs in ten."""
    ids = {"median": MIDDLE, "low": LOW, "high": HIGH} if look.order is None else {"median": MIDDLE}
    losses = {id: _losses(unclipped(percentile(run.loss[:, slots], q))) for id, q in ids.items()}
    return {id: (phrase(f"readout.{id}"), texts) for id, texts in losses.items()}


def _losses(values: NDArray[np.float64]) -> list[str]:
    return [fixed(v, 4 if abs(v) < 10 else 2) for v in values]


def _sequence(name: str, given: object, allowed: str) -> Sequence[object]:
    """Refuse anything but a list or a tuple."""
    if isinstance(given, (str, bytes)) or not isinstance(given, Sequence):
        raise TypeError(checks.refusal(name, given, allowed))
    return given


def checked_views(views: object) -> tuple[View | Chart, ...]:
    """Refuse anything but a list of views, or of charts."""
    allowed = "a list of views: [LineFit(), LossCurve()] for an Animation, [Scatter(data)] for a Figure"
    given = _sequence("views", views, allowed)
    if not given:
        raise ValueError(checks.refusal("views", views, allowed))
    return tuple(view if isinstance(view, Chart) else checks.instance("views", view, View, allowed) for view in given)


def checked_runs(runs: object) -> dict[str, Run]:
    """Refuse anything but labelled runs."""
    allowed = 'a mapping of labels to runs, at least one, such as {"batch size 16": run}'
    given = checks.instance("runs", runs, Mapping, allowed)
    if not given:
        raise ValueError(checks.refusal("runs", runs, allowed))
    for label, run in given.items():
        checks.text("runs, a label", label)
        checks.instance(f"runs[{label!r}]", run, Run, "a Run, as train() returns it")
    return dict(given)


def checked_alongside(runs: object) -> tuple[Run, ...]:
    """Refuse anything but a list of runs."""
    allowed = "a list or a tuple"
    given = _sequence("alongside", runs, allowed)
    return tuple(checks.instance("alongside", run, Run, "a Run, as train() returns it") for run in given)


def comparable(runs: Sequence[Run], views: Sequence[View | Chart]) -> None:
    """Refuse runs that a view cannot show, or that cannot share one clock and one picture."""
    for run in runs:
        need_recorded(run, "loss")  # for read-outs and captions
        for view in views:
            if isinstance(view, View):
                view.check(run)
        if not np.array_equal(run.steps, runs[0].steps):
            got = [(len(each.steps), each.steps[-1]) for each in (runs[0], run)]
            raise ValueError(
                "runs must have recorded the same steps to share one clock; "
                f"got {' and '.join(f'{count} recorded steps up to {last}' for count, last in got)}. "
                "Train them with the same steps and every."
            )
        if run.problem != runs[0].problem:
            raise ValueError(
                "runs must be of one problem to share one picture; "
                f"got {runs[0].problem!r} and {run.problem!r}. Make one animation for each."
            )
