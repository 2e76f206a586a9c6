"""Animation, AnimationTable and Figure: runs and views made into scenes, and scenes into files."""

from __future__ import annotations

import json
import re
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sgdlib import captions, checks, encode, files, raster, style, web
from sgdlib.axes import thinned
from sgdlib.facts import fixed, significant
from sgdlib.run import Run
from sgdlib.scene import Axis, Readout, Row, Scene
from sgdlib.views import Scatter, View, need_recorded

NAME = re.compile(r"[a-z0-9-]+")
SUFFIXES = (*encode.ENCODERS, ".json")


class Shown(ABC):
    """Something that can be shown and saved.

    Args:
        title: a few words; made from what is shown if left out.
        caption: a sentence or more; made from what is shown, with every setting, if left out.
        name: what posts and files call it, of lower-case letters, digits and hyphens; None where the
            script's name will do.
    """

    def __init__(self, title: str | None, caption: str | None, name: str | None):
        self.title = title if title is None else checks.text("title", title)
        self.caption = caption if caption is None else checks.text("caption", caption)
        self.name = name
        if name is not None:
            allowed = "of lower-case letters, digits and hyphens, such as 'sgd-bs16'"
            if not NAME.fullmatch(checks.instance("name", name, str, allowed)):
                raise ValueError(checks.refusal("name", name, allowed))

    @abstractmethod
    def scene(self) -> Scene:
        """What is to be seen, as pure data."""

    def save(self, path: str | Path) -> None:
        """Write it to a file, whole or not at all.

        Args:
            path: ends in .gif or .webp for the film, .png for its last frame, .json for the scene.

        Raises:
            TypeError, ValueError: if the suffix is not known or the folder does not exist, before any work.
        """
        path = checks.target("path", path, SUFFIXES)
        scene = self.scene()
        suffix = path.suffix.lower()
        with files.whole(path) as file:
            if suffix == ".json":
                file.write(json.dumps(scene.to_json(), allow_nan=False, ensure_ascii=False).encode())
            elif suffix == ".png":
                encode.png([raster.last(scene)], file)
            else:
                encode.ENCODERS[suffix](raster.frames(scene), file)

    def _repr_html_(self) -> str:
        """The figure in a notebook's cell, with nothing to fetch."""
        return web.embedded(self.scene())


class Animation(Shown):
    """One experiment, moving: a panel for each view.

    Args:
        runs: the runs to draw into each panel, by label; one replica each, all of one problem and with the
            same recorded steps.
        views: what to look at, from top to bottom.
        title: a few words; from the runs' records if left out.
        caption: a sentence or more; from the runs' records, with every setting, if left out.
        name: lower-case letters, digits and hyphens.
        alongside: other runs whose axes it shares, so that several animations compare at a glance.

    Raises:
        TypeError: if an argument is of the wrong type.
        ValueError: if there is no run or no view, a view cannot show a run, or runs cannot share a picture.

    Examples:
        >>> from sgdlib import LeastSquares, LossCurve, noisy_line, train
        >>> run = train(LeastSquares(noisy_line()), lr=0.1, batch_size=16)
        >>> animation = Animation({"batch size 16": run}, views=[LossCurve()], name="sgd")
        >>> len(animation.scene().steps), animation.scene().title
        (101, 'SGD, batch size 16, learning rate 0.1')
    """

    def __init__(
        self,
        runs: Mapping[str, Run],
        views: Sequence[View],
        title: str | None = None,
        caption: str | None = None,
        name: str | None = None,
        alongside: Sequence[Run] = (),
    ):
        super().__init__(title, caption, name)
        self.runs = _labelled_runs("runs", runs)
        self.views = _views(views)
        self.alongside = tuple(_single("alongside", run) for run in _sequence("alongside", alongside))
        _comparable((*self.runs.values(), *self.alongside), self.views)

    def scene(self) -> Scene:
        """The scene: one row, a panel for each view."""
        axes = _axes(self.views, (*self.runs.values(), *self.alongside))
        slots = _slots(self.runs)
        title = self.title or captions.title(self.runs)
        row = _row(", ".join(self.runs), self.runs, self.views, axes, slots)
        caption = self.caption or captions.describe(self.runs)
        alt = captions.alternative(title, self.runs, row.panels)
        return Scene(self.name, title, caption, alt, _steps(self.runs, slots), (row,))


class AnimationTable(Shown):
    """Several experiments that compare at a glance: the same axes, data, start and clock in every row.

    Args:
        runs: the run of each row, by label, in order; as for ``Animation``.
        views: what to look at in each row.
        title, caption, name: as for ``Animation``.
        notes: one sentence on what to notice in a row, by label.

    Raises:
        TypeError, ValueError: as for ``Animation``; and if a note has no row.

    Examples:
        >>> from sgdlib import LeastSquares, LossCurve, noisy_line, train
        >>> problem = LeastSquares(noisy_line())
        >>> runs = {f"batch size {size}": train(problem, batch_size=size) for size in (1, 16)}
        >>> table = AnimationTable(runs, views=[LossCurve()], name="sizes")
        >>> table["batch size 16"].name
        'sizes-batch-size-16'
    """

    def __init__(
        self,
        runs: Mapping[str, Run],
        views: Sequence[View],
        title: str | None = None,
        caption: str | None = None,
        name: str | None = None,
        notes: Mapping[str, str] | None = None,
    ):
        super().__init__(title, caption, name)
        self.runs = _labelled_runs("runs", runs)
        self.views = _views(views)
        notes = {} if notes is None else notes
        self.notes = dict(checks.instance("notes", notes, Mapping, "a mapping of row labels to sentences"))
        for label, note in self.notes.items():
            checks.choice("notes, a label", label, self.runs)
            checks.text(f"notes[{label!r}]", note)
        slugs = [slug(label) for label in self.runs]
        if len(set(slugs)) < len(slugs) or "" in slugs:
            raise ValueError(
                "runs must have labels that differ in their letters and digits, for they name the rows' files; "
                f"got {', '.join(map(repr, self.runs))}."
            )
        _comparable(tuple(self.runs.values()), self.views)

    def __getitem__(self, label: str) -> Animation:
        """One row as an Animation, on the axes of the whole table."""
        run = self.runs[checks.choice("label", label, self.runs)]
        name = None if self.name is None else f"{self.name}-{slug(label)}"
        title = None if self.title is None else f"{self.title}: {label}"
        return Animation({label: run}, self.views, title, name=name, alongside=tuple(self.runs.values()))

    def __iter__(self) -> Iterator[str]:
        return iter(self.runs)

    def __len__(self) -> int:
        return len(self.runs)

    def scene(self) -> Scene:
        """The scene: a row for each run."""
        axes = _axes(self.views, tuple(self.runs.values()))
        slots = _slots(self.runs)
        rows = tuple(_row(label, {label: run}, self.views, axes, slots) for label, run in self.runs.items())
        title = self.title or f"{next(iter(self.runs))} to {list(self.runs)[-1]}"
        caption = self.caption or captions.describe(self.runs)
        alt = captions.alternative(title, self.runs, rows[0].panels)
        return Scene(self.name, title, caption, alt, _steps(self.runs, slots), rows)


class Figure(Shown):
    """A picture without time.

    Args:
        views: views that need no run, such as ``Scatter(data)``.
        title, caption, name: as for ``Animation``.

    Raises:
        TypeError, ValueError: as for ``Animation``.

    Examples:
        >>> from sgdlib import Scatter, noisy_line
        >>> Figure(views=[Scatter(noisy_line())], name="data").scene().alt
        'Scatter plot of 100 points: x from −0.9919 to 0.9623, y from 6.591 to 13.06.'
    """

    def __init__(
        self,
        views: Sequence[Scatter],
        title: str | None = None,
        caption: str | None = None,
        name: str | None = None,
    ):
        super().__init__(title, caption, name)
        self.views = tuple(
            checks.instance("views", view, Scatter, "a sequence of views that need no run: Scatter(data)")
            for view in _views(views)
        )

    def scene(self) -> Scene:
        """The scene: one frame."""
        alts = []
        for view in self.views:
            assert isinstance(view, Scatter)
            (x0, x1), (y0, y1) = (
                (significant(values.min().item()), significant(values.max().item()))
                for values in (view.data.x[:, 0], view.data.y)
            )
            alts.append(f"Scatter plot of {view.data.n} points: x from {x0} to {x1}, y from {y0} to {y1}.")
        title = self.title or f"{self.views[0].data.n} data points"
        row = Row(title, (), tuple(view.panel() for view in self.views))
        return Scene(self.name, title, self.caption or alts[0], " ".join(alts), (0,), (row,))


def slug(label: str) -> str:
    """A label as part of a file name: "batch size 16" becomes "batch-size-16".

    Examples:
        >>> slug("learning rate 0.01")
        'learning-rate-0-01'
    """
    return re.sub(r"[^a-z0-9]+", "-", label.lower()).strip("-")


def _row(
    label: str,
    runs: Mapping[str, Run],
    views: Sequence[View],
    axes: Sequence[tuple[Axis, Axis]],
    slots: NDArray[np.int64],
) -> Row:
    panels = tuple(view.panel(runs, slots, own) for view, own in zip(views, axes, strict=True))
    lines = []
    for place, (name, run) in enumerate(runs.items()):
        order = None if len(runs) == 1 else place / (len(runs) - 1)
        first, word = ("step", "") if order is None else (name, "step ")
        step = Readout(first, tuple(f"{word}{run.steps[k]}" for k in slots), order)
        values: dict[str, NDArray[np.float64]] = {}
        if "params" in run.recorded and run.problem.data.p <= 2:
            values = {word: run.params[0, slots, k] for k, word in enumerate(run.problem.data.names)}
        numbers = [Readout(word, tuple(fixed(v) for v in array), order) for word, array in values.items()]
        loss = Readout("loss", tuple(fixed(v, 4 if abs(v) < 10 else 2) for v in run.loss[0, slots]), order)
        lines.append((step, *numbers, loss))
    return Row(label, tuple(lines), panels)


def _axes(views: Sequence[View], runs: Sequence[Run]) -> list[tuple[Axis, Axis]]:
    return [view.axes(runs) for view in views]


def _slots(runs: Mapping[str, Run]) -> NDArray[np.int64]:
    """(F,): which recorded step each frame shows. All runs share it."""
    return thinned(len(next(iter(runs.values())).steps), style.FRAMES)


def _steps(runs: Mapping[str, Run], slots: NDArray[np.int64]) -> tuple[int, ...]:
    return tuple(next(iter(runs.values())).steps[slots].tolist())


def _sequence(name: str, given: object) -> Sequence[object]:
    if isinstance(given, (str, bytes)) or not isinstance(given, Sequence):
        raise TypeError(checks.refusal(name, given, "a list or a tuple"))
    return given


def _views(views: object) -> tuple[View, ...]:
    known = "a list of views, at least one: LineFit(), ParameterPlane(), LossCurve(), Scatter(data)"
    if isinstance(views, (str, bytes)) or not isinstance(views, Sequence):
        raise TypeError(checks.refusal("views", views, known))
    if not views:
        raise ValueError(checks.refusal("views", views, known))
    return tuple(checks.instance("views", view, View, known) for view in views)


def _labelled_runs(name: str, runs: object) -> dict[str, Run]:
    allowed = 'a mapping of labels to runs, at least one, such as {"batch size 16": run}'
    given = checks.instance(name, runs, Mapping, allowed)
    if not given:
        raise ValueError(checks.refusal(name, runs, allowed))
    for label, run in given.items():
        checks.text(f"{name}, a label", label)
        _single(f"{name}[{label!r}]", run)
    return dict(given)


def _single(name: str, given: object) -> Run:
    run = checks.instance(name, given, Run, "a Run, as train() returns it")
    if run.replicas != 1:
        raise ValueError(
            f"{name} must be a run with one replica; got {run.replicas}. Draw one of them with run.replica(k)."
        )
    return run


def _comparable(runs: Sequence[Run], views: Sequence[View]) -> None:
    for run in runs:
        need_recorded(run, "loss")  # for read-outs and captions
        for view in views:
            view.check(run)
        if not np.array_equal(run.steps, runs[0].steps):
            raise ValueError(
                "runs must have recorded the same steps to share one clock; "
                f"got {_span(runs[0])} and {_span(run)}. Train them with the same steps and every."
            )
        if run.problem != runs[0].problem:
            raise ValueError(
                "runs must be of one problem to share one picture; "
                f"got {runs[0].problem!r} and {run.problem!r}. Make one animation for each."
            )


def _span(run: Run) -> str:
    return f"{len(run.steps)} recorded steps up to {run.steps[-1]}"
