"""One animation as a film: this library's way, and what else draws with matplotlib."""

from __future__ import annotations

import io
import tempfile
from pathlib import Path

import imageio_ffmpeg
import matplotlib
import matplotlib.pyplot
import numpy as np
import usual
from celluloid import Camera
from matplotlib.animation import FFMpegWriter, FuncAnimation, PillowWriter
from PIL import Image, ImageSequence
from timing import medians, table

from sgdlib import Animation, LeastSquares, LineFit, Run, noisy_line, train
from sgdlib.render import encode, raster
from sgdlib.scene import style as looks

matplotlib.use("agg")
matplotlib.rcParams["animation.ffmpeg_path"] = imageio_ffmpeg.get_ffmpeg_exe()


def moved(run: Run, size: tuple[int, int]) -> FuncAnimation:
    """The usual way."""
    return usual.animated(run, [usual.fit], size)


def snapped(run: Run, size: tuple[int, int], file: Path) -> None:
    """Celluloid's way: everything drawn again for each frame."""
    figure = matplotlib.pyplot.figure(figsize=(size[0] / 100, size[1] / 100), dpi=100)
    ax = figure.add_subplot()
    camera = Camera(figure)
    for step in range(len(run.steps)):
        usual.fit(run, ax)(step)
        camera.snap()
    camera.animate(interval=40).save(file, writer=PillowWriter(fps=25))


def quality(scene: object, film: Path) -> float:
    """The lowest signal-to-noise ratio of a film's frames against the drawn ones, in worst."""
    stage = raster.Stage(scene)
    ratios = []
    with Image.open(film) as image:
        for number, frame in enumerate(ImageSequence.Iterator(image)):
            drawn = stage.frame(number).astype(float)
            error = ((np.asarray(frame.convert("RGB")) - drawn) ** 2).mean()
            ratios.append(10 * np.log10(255**2 / error))
    assert len(ratios) == len(scene.steps)
    return min(ratios)


def measured(rounds: int = 3) -> str:
    """The films' table, and where the time goes."""
    run = train(LeastSquares(noisy_line(seed=42)), batch_size=16)
    scene = Animation({"sgd": run}, [LineFit()]).scene()
    size = tuple(side * looks.DENSITY for side in raster.size(scene))
    with tempfile.TemporaryDirectory() as folder:
        files = {name: Path(folder) / name for name in ("ours.gif", "pillow.gif", "ffmpeg.mp4", "jshtml", "cell.gif")}

        def ours() -> None:
            stage = raster.Stage(scene)
            with files["ours.gif"].open("wb") as file:
                encode.gif(encode.indexed(stage.rgba, len(stage)), file)

        def closing(way: object) -> object:
            def do() -> None:
                way()
                matplotlib.pyplot.close("all")

            return do

        ways = {
            "sgdlib, GIF": ours,
            "FuncAnimation + PillowWriter, GIF": lambda: moved(run, size).save(
                files["pillow.gif"], writer=PillowWriter(fps=25)
            ),
            "celluloid + PillowWriter, GIF": lambda: snapped(run, size, files["cell.gif"]),
            "FuncAnimation + FFMpegWriter, MP4": lambda: moved(run, size).save(
                files["ffmpeg.mp4"], writer=FFMpegWriter(fps=25)
            ),
            "FuncAnimation.to_jshtml": lambda: files["jshtml"].write_text(moved(run, size).to_jshtml()),
        }
        times = medians({name: closing(way) for name, way in ways.items()}, rounds)
        made = ("ours.gif", "pillow.gif", "cell.gif", "ffmpeg.mp4", "jshtml")
        sizes = dict(zip(times, [files[name].stat().st_size for name in made], strict=True))
        worst = quality(scene, files["ours.gif"])
        stage = raster.Stage(scene)
        film = encode.indexed(stage.rgba, len(stage))
        parts = medians(
            {
                "draw": lambda: [stage.rgba(frame) for frame in range(len(stage))],
                "draw and index": lambda: encode.indexed(stage.rgba, len(stage)),
                "encode": lambda: encode.gif(film, io.BytesIO()),
            },
            rounds,
        )
    first = next(iter(times))
    rows = [
        (
            name,
            f"{spent:.2f} s",
            f"{spent / times[first]:.1f}",
            f"{weight / 1000:.0f} kB",
            f"{weight / sizes[first]:.1f}",
        )
        for (name, spent), weight in zip(times.items(), sizes.values(), strict=True)
    ]
    told = table(("101 frames, the fit panel", "time", "times ours", "size", "times ours"), rows)
    frames = len(stage)
    spent = ", ".join(
        f"{1000 * part / frames:.1f} ms {name}"
        for name, part in (
            ("drawing what moves", parts["draw"]),
            ("choosing colours", parts["draw and index"] - parts["draw"]),
            ("writing the GIF", parts["encode"]),
        )
    )
    return (
        f"{told}\n\nAll at {size[0]} × {size[1]} pixels. Every frame of our GIF has at least {worst:.0f} dB "
        f"against the drawn one. Where our time goes, a frame: {spent}. What is left is copying pixels and "
        f"packing them: a frame has {size[0] * size[1] / 1e6:.2f} million."
    )


if __name__ == "__main__":
    print(measured())
