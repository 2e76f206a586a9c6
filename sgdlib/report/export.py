"""Numbers: what runs hold, as comma-separated values."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from sgdlib.base.csv_text import distinct, text_of
from sgdlib.experiment.run import Run


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
    with_params = "params" in first.recorded and all("params" in run.recorded for run in runs.values())
    names = first.problem.names if with_params else ()
    several = any(run.replicas > 1 for run in runs.values())
    rows: list[Sequence[object]] = [distinct("run", *(["replica"] if several else []), "step", "loss", *names)]
    for label, run in runs.items():
        for replica in range(run.replicas):
            which = (label, replica) if several else (label,)
            params = run.params[replica].tolist() if with_params else [()] * len(run.steps)
            for step, loss, place in zip(run.steps.tolist(), run.loss[replica].tolist(), params, strict=True):
                rows.append((*which, step, *map(_written, (loss, *place))))
    return text_of(rows)


def _written(value: float) -> float | str:
    return value if math.isfinite(value) else ""
