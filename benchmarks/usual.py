"""The usual way to animate a run with matplotlib: panels that FuncAnimation draws anew for each frame."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import matplotlib
import matplotlib.pyplot
import numpy as np
from matplotlib.animation import FuncAnimation
from matplotlib.axes import Axes

from sgdlib import Run

Update = Callable[[int], None]
Panel = Callable[[Run, Axes], Update]


def fit(run: Run, ax: Axes) -> Update:
    """The data and the line."""
    data = run.problem.data
    ax.scatter(data.x[:, 0], data.y, s=12, color="grey")
    ax.set(xlabel="x", ylabel="y", title="The data and the line", xlim=(-1.1, 1.1), ylim=(-2, 14))
    (line,) = ax.plot([], [], color="tab:blue")
    words = ax.text(0.02, 0.93, "", transform=ax.transAxes)

    def update(step: int) -> None:
        slope, intercept = run.params[0, step]
        line.set_data([-1, 1], [intercept - slope, intercept + slope])
        words.set_text(f"step {step}, slope {slope:.2f}, intercept {intercept:.2f}, loss {run.loss[0, step]:.4f}")

    return update


def plane(run: Run, ax: Axes, near: float | None = None) -> Update:
    """The path over the loss's level sets; close around the minimiser if ``near`` is given."""
    best = run.problem.minimiser.numpy()
    if near is None:
        ax.set(xlim=(-1.5, 4.7), ylim=(0, 14))
    else:
        ax.set(xlim=(best[0] - near, best[0] + near), ylim=(best[1] - near, best[1] + near))
    x, y = np.meshgrid(np.linspace(*ax.get_xlim(), 100), np.linspace(*ax.get_ylim(), 100))
    away = np.stack([x, y], axis=-1) - best
    excess = 0.5 * np.einsum("...i,ij,...j", away, run.problem.hessian.numpy(), away)
    ax.clabel(ax.contour(x, y, excess, levels=[0.01, 0.1, 1, 3, 10, 30], colors="grey", linewidths=0.8))
    ax.plot(*best, "x", color="purple")
    ax.set(xlabel="slope", ylabel="intercept", title="The two parameters")
    (path,), (head,) = ax.plot([], [], color="tab:blue"), ax.plot([], [], "o", color="tab:blue")

    def update(step: int) -> None:
        path.set_data(*run.params[0, : step + 1].T)
        head.set_data(*run.params[0, step : step + 1].T)

    return update


def near(run: Run, ax: Axes) -> Update:
    """The same close around the minimiser."""
    return plane(run, ax, near=0.5)


def loss(run: Run, ax: Axes) -> Update:
    """The loss so far."""
    ax.set(xlim=(0, run.steps[-1]), yscale="log", ylim=(0.1, 100), xlabel="step", ylabel="loss", title="The loss")
    (curve,) = ax.plot([], [], color="tab:blue")

    def update(step: int) -> None:
        curve.set_data(run.steps[: step + 1], run.loss[0, : step + 1])

    return update


def animated(run: Run, panels: Sequence[Panel], size: tuple[int, int]) -> FuncAnimation:
    """An animation of panels below each other.

    Args:
        run: what to show.
        panels: of the functions above.
        size: width and height in pixels.
    """
    matplotlib.rcParams["animation.embed_limit"] = 1000  # MB: no frame is left out
    figure = matplotlib.pyplot.figure(figsize=(size[0] / 100, size[1] / 100), dpi=100, layout="constrained")
    axes = figure.subplots(len(panels), squeeze=False)[:, 0]
    for ax in axes:
        ax.grid(alpha=0.3)
    updates = [panel(run, ax) for panel, ax in zip(panels, axes, strict=True)]
    figure.canvas.draw()
    figure.set_layout_engine("none")  # or it would lay out each frame

    def update(step: int) -> None:
        for each in updates:
            each(step)

    return FuncAnimation(figure, update, frames=len(run.steps), interval=40)
