"""What more costs: a gallery of more examples, and a run of more steps."""

from __future__ import annotations

import io
import tempfile
import time
from pathlib import Path

from helpers.sites import project
from lesson import timed
from rebuilds import copied
from timing import table

from sgdlib import Animation, LeastSquares, LineFit, LossCurve, ParameterPlane, noisy_line, train
from sgdlib.render import encode, raster

EXAMPLE = '''"""
# Example {number}

Some points and what a run makes of them.
"""

from sgdlib import Figure, LeastSquares, Scatter, noisy_line, train

data = noisy_line(seed={number})
print(train(LeastSquares(data)).loss[0, -1])
Figure([Scatter(data)], name="example-{number}")
'''


def galleries(counts: tuple[int, ...] = (10, 50, 200)) -> str:
    """Sites of so many examples, built cold and again."""
    rows = []
    for count in counts:
        with tempfile.TemporaryDirectory() as parent:
            scripts = {f"plot_{number}.py": EXAMPLE.format(number=number) for number in range(1, count + 1)}
            folder = project(Path(parent) / "site", scripts)
            cold, again = timed(folder), timed(folder)
            alone = timed(copied(folder, Path(parent) / "alone", gallery=False))
        each = f"{1000 * cold / count:.0f} ms"
        rows.append((f"{count} examples", f"{cold:.1f} s", each, f"{again:.1f} s", f"{alone:.1f} s"))
    return table(("a gallery", "built cold", "an example", "nothing changed", "Material alone"), rows)


def runs(counts: tuple[int, ...] = (100, 10_000, 1_000_000)) -> str:
    """Runs of so many steps: trained, and drawn as a GIF."""
    rows = []
    for count in counts:
        begun = time.perf_counter()
        run = train(LeastSquares(noisy_line(seed=42)), steps=count, record=["params", "loss"])
        trained = time.perf_counter()
        scene = Animation({"sgd": run}, [LineFit(), ParameterPlane(), LossCurve()]).scene()
        stage = raster.Stage(scene)
        film = io.BytesIO()
        encode.gif(encode.indexed(stage.rgba, len(stage)), film)
        drawn = time.perf_counter()
        rows.append(
            (
                f"{count:,} steps",
                f"{trained - begun:.2f} s",
                f"{1e6 * (trained - begun) / count:.0f} µs",
                f"{len(run.steps):,}",
                f"{drawn - trained:.1f} s",
                f"{len(scene.steps)}",
            )
        )
    return table(("a run", "trained", "a step", "states recorded", "drawn", "frames"), rows)


def measured() -> str:
    """Both tables."""
    return f"{galleries()}\n\n{runs()}"


if __name__ == "__main__":
    print(measured())
