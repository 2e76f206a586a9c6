"""Animation, AnimationTable and Figure: runs and views made into scenes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from sgdlib.base import checks
from sgdlib.base.csv_text import of_tables
from sgdlib.base.formats import labelled
from sgdlib.base.words import joined, phrase
from sgdlib.charts.chart import Chart
from sgdlib.experiment.run import Run
from sgdlib.figures.base import BaseFigure, slug
from sgdlib.figures.compose import (
    aligned,
    checked_alongside,
    checked_runs,
    checked_views,
    comparable,
    plotted,
    readings_of,
    row,
)
from sgdlib.report import captions, export
from sgdlib.report.facts import all_facts
from sgdlib.scene import Row, Scene, merged, style
from sgdlib.scene.axes import thinned
from sgdlib.views.view import View


class _RunsFigure(BaseFigure):
    """A figure of runs: rows of panels on the same axes, and with one clock."""

    runs: Mapping[str, Run]
    views: Sequence[View | Chart]
    alongside: Sequence[Run] = ()

    def _scene(self, runs: Mapping[str, Run], rows: Mapping[str, Mapping[str, Run]], title: str) -> Scene:
        """The scene of rows by label, with a title for where none was given; ``runs`` are those of all rows."""
        every = (*runs.values(), *self.alongside)
        axes = [view.axes() if isinstance(view, Chart) else view.axes(every) for view in self.views]
        slots = thinned(len(every[0].steps), style.FRAMES)  # (F,) which recorded step each frame shows
        drawn, columns = zip(*(row(*each, self.views, axes, slots) for each in rows.items()), strict=True)
        beside = [reading for run in self.alongside for reading in readings_of({"": run}, slots)[0]]
        facts = all_facts(runs)
        title = self.title or title
        caption = self.caption or captions.describe(runs, facts)
        alt = captions.alternative(title, runs, [panel.title for panel in drawn[0].panels], facts)
        steps = tuple(every[0].steps[slots].tolist())
        return Scene(self.name, title, caption, alt, steps, merged(columns), aligned(drawn, beside))

    def csv(self) -> str:
        """Every recorded step of every run; see ``BaseFigure.csv``."""
        return export.of_runs(self.runs)


class Animation(_RunsFigure):
    """One experiment, moving: a panel for each view.

    Args:
        runs: the runs to draw into each panel, by label, all of one problem and with the same recorded
            steps; one of several replicas is drawn as their median, with a band that holds eight in ten.
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
        views: Sequence[View | Chart],
        title: str | None = None,
        caption: str | None = None,
        name: str | None = None,
        alongside: Sequence[Run] = (),
    ):
        super().__init__(title, caption, name)
        self.runs = checked_runs(runs)
        self.views = checked_views(views)
        self.alongside = checked_alongside(alongside)
        comparable((*self.runs.values(), *self.alongside), self.views)

    def scene(self) -> Scene:
        """The scene: one row, a panel for each view."""
        runs = labelled(self.runs)
        return self._scene(runs, {joined("comma", runs): runs}, captions.title(runs))


class AnimationTable(_RunsFigure):
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
        views: Sequence[View | Chart],
        title: str | None = None,
        caption: str | None = None,
        name: str | None = None,
        notes: Mapping[str, str] | None = None,
    ):
        super().__init__(title, caption, name)
        self.runs = checked_runs(runs)
        self.views = checked_views(views)
        notes = {} if notes is None else notes
        self.notes = dict(checks.instance("notes", notes, Mapping, "a mapping of row labels to sentences"))
        for label, note in self.notes.items():
            checks.choice("notes, a label", label, self.runs)
            checks.text(f"notes[{label!r}]", note)
        slugs = [slug(label) for label in self.runs]
        if len(set(slugs)) < len(slugs) or "" in slugs:
            raise ValueError(
                "runs must have labels that differ in a–z and 0–9, for these name the rows' files; "
                f"got {', '.join(map(repr, self.runs))}."
            )
        comparable(tuple(self.runs.values()), self.views)

    def __getitem__(self, label: str) -> Animation:
        """One row as an Animation, on the axes of the whole table."""
        run = self.runs[checks.choice("label", label, self.runs)]
        name = None if self.name is None else f"{self.name}-{slug(label)}"
        title = None if self.title is None else phrase("title.row", title=self.title, label=label)
        return Animation({label: run}, self.views, title, name=name, alongside=tuple(self.runs.values()))

    def __iter__(self) -> Iterator[str]:
        return iter(self.runs)

    def __len__(self) -> int:
        return len(self.runs)

    def scene(self) -> Scene:
        """The scene: a row for each run."""
        runs = labelled(self.runs)
        title = phrase("title.table", first=next(iter(runs)), last=next(reversed(runs)))
        return self._scene(runs, {label: {label: run} for label, run in runs.items()}, title)


class Figure(BaseFigure):
    """A picture without time.

    Args:
        views: views that need no run, such as ``Scatter(data)``, ``Ruler(…)``, ``HeatMap(…)`` or ``Curves(…)``.
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
        views: Sequence[Chart],
        title: str | None = None,
        caption: str | None = None,
        name: str | None = None,
    ):
        super().__init__(title, caption, name)
        self.views = tuple(
            checks.instance(
                "views", view, Chart, "a sequence of views that need no run: Scatter(data), Ruler(…), Curves(…)"
            )
            for view in checked_views(views)
        )

    def scene(self) -> Scene:
        """The scene: one frame."""
        alts = [view.alternative() for view in self.views]
        title = self.title or self.views[0].heading()
        plots = plotted(self.views, [view.axes() for view in self.views])
        only = Row(title, title, (), tuple(plot.panel() for plot in plots))
        columns = merged(plot.columns for plot in plots)
        return Scene(self.name, title, self.caption or alts[0], " ".join(alts), (0,), columns, (only,))

    def csv(self) -> str:
        """What each view is drawn from; see ``BaseFigure.csv``."""
        return of_tables(view.numbers() for view in self.views)
