"""Draw the README's picture anew: ``python .github/picture.py``. A test holds that it is up to date."""

from __future__ import annotations

from pathlib import Path

from sgdlib import AnimationTable, LeastSquares, LineFit, LossCurve, ParameterPlane, noisy_line
from sgdlib import train as run
from sgdlib.base import files
from sgdlib.render import encode, raster
from sgdlib.render.raster import Pixels

PICTURE = Path(__file__).with_name("picture.png")


def picture() -> Pixels:
    """The last frame of three batch sizes side by side."""
    problem = LeastSquares(noisy_line(seed=42))
    runs = {f"batch size {size}": run(problem, lr=0.1, batch_size=size, steps=100, seed=0) for size in (1, 16, 100)}
    return raster.last(AnimationTable(runs, [LineFit(), ParameterPlane(), LossCurve()]).scene(), density=1)


if __name__ == "__main__":
    with files.whole(PICTURE) as file:
        encode.png(picture(), file)
