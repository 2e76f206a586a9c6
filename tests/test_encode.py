import io
import json

import numpy as np
import pytest
from PIL import Image

from sgdlib import Animation, Figure, LineFit, LossCurve, ParameterPlane, Scatter, train
from sgdlib.render import encode, raster
from sgdlib.scene import style

VIEWS = [LineFit(), ParameterPlane(), LossCurve()]


def frames(scene, density=style.DENSITY):
    stage = raster.Stage(scene, density)
    return [stage.frame(number) for number in range(len(stage))]


@pytest.fixture(scope="module")
def drawn(problem):
    """The frames of a film as long as a film can be."""
    return frames(Animation({"sgd": train(problem, steps=300)}, VIEWS).scene(), density=1)


@pytest.fixture(scope="module")
def short(drawn):
    return drawn[:5]


def opaque(frame):
    return np.concatenate([frame, np.full_like(frame[:, :, :1], 255)], axis=2)


def film(kind, frames):
    file = io.BytesIO()
    encode.FILMS[kind](encode.indexed(lambda number: opaque(frames[number]), len(frames)), file)
    return file.getvalue()


@pytest.fixture(scope="module")
def gif(drawn):
    return film(".gif", drawn)


def decoded(content):
    """The frames that a reader sees, and how long each is shown, in ms."""
    with Image.open(io.BytesIO(content)) as image:
        frames, durations = [], []
        for number in range(image.n_frames):
            image.seek(number)
            frames.append(np.asarray(image.convert("RGB")))
            durations.append(image.info["duration"])
    return frames, durations


def decibels(frame, original):
    """The peak signal-to-noise ratio."""
    error = np.mean((frame.astype(float) - original.astype(float)) ** 2)
    return np.inf if error == 0 else 10 * np.log10(255**2 / error)


def test_a_gif_plays_once(gif):
    assert b"NETSCAPE2.0" not in gif  # the extension that makes a GIF repeat
    assert b"ANIMEXTS1.0" not in gif
    with Image.open(io.BytesIO(gif)) as image:
        assert image.format == "GIF"
        assert "loop" not in image.info


def test_a_gif_has_each_frame_for_its_time_and_ends_within_5_s(gif, drawn):
    frames, durations = decoded(gif)
    assert len(frames) == len(drawn) == style.FRAMES
    assert durations == [500] + 15 * [60] + 85 * [40]
    assert sum(durations) <= 5000


def test_every_frame_of_a_gif_looks_like_what_was_drawn(gif, drawn):
    frames, _ = decoded(gif)
    assert min(map(decibels, frames, drawn)) >= 35


def test_a_gif_rests_on_its_last_frame(gif, drawn):
    frames, _ = decoded(gif)
    nearest = [decibels(frames[-1], original) for original in drawn]
    assert int(np.argmax(nearest)) == len(drawn) - 1


def test_a_gif_of_colours_that_come_late_still_looks_like_them(short):
    late = [*short, np.full_like(short[0], (200, 30, 90))]
    frames, _ = decoded(film(".gif", late))
    assert min(map(decibels, frames, late)) >= 35


def test_a_webp_plays_once_and_looks_like_what_was_drawn(drawn):
    content = film(".webp", drawn)
    with Image.open(io.BytesIO(content)) as image:
        assert image.format == "WEBP"
        assert image.info["loop"] == 1
    seen, durations = decoded(content)
    assert durations == [style.frame_ms(frame) for frame in range(len(drawn))]
    assert min(map(decibels, seen, drawn)) >= 35


def test_a_webp_is_the_gif_exactly(short):
    gif, webp = (decoded(film(kind, short))[0] for kind in (".gif", ".webp"))
    assert all(np.array_equal(*pair) for pair in zip(gif, webp, strict=True))


def test_frames_are_drawn_one_by_one(short):
    asked = []

    def draw(number):
        asked.append(number)
        return opaque(short[number])

    encode.indexed(draw, len(short))
    assert asked == [0, 2, 4, 0, 0, 1, 2, 3, 4]  # three for the palette, the first to compare with, then each


def test_a_png_is_the_picture_exactly(short):
    file = io.BytesIO()
    encode.png(short[-1], file)
    with Image.open(file) as image:
        assert image.format == "PNG"
        assert not getattr(image, "is_animated", False)
        assert np.array_equal(np.asarray(image.convert("RGB")), short[-1])


@pytest.mark.parametrize("kind", encode.FILMS)
def test_the_same_frames_give_the_same_bytes(kind, short):
    assert film(kind, short) == film(kind, short)


@pytest.mark.parametrize("kind", encode.FILMS)
def test_one_frame_is_enough(kind, short):
    with Image.open(io.BytesIO(film(kind, short[:1]))) as image:
        assert getattr(image, "n_frames", 1) == 1
        assert decibels(np.asarray(image.convert("RGB")), short[0]) >= 35


@pytest.mark.parametrize("kind", [".gif", ".webp"])
def test_frames_that_do_not_change_take_their_time_all_the_same(kind, short):
    still = [short[0], short[1], short[1], short[1]]
    frames, durations = decoded(film(kind, still))
    assert sum(durations) == sum(map(style.frame_ms, range(len(still))))
    assert decibels(frames[-1], short[1]) >= 35


@pytest.mark.parametrize("suffix", encode.FILMS)
def test_a_saved_file_is_the_scene_drawn_and_encoded(suffix, problem, tmp_path):
    animation = Animation({"sgd": train(problem, steps=2)}, [LossCurve()])
    animation.save(tmp_path / f"film{suffix}")
    assert (tmp_path / f"film{suffix}").read_bytes() == film(suffix, frames(animation.scene()))


def test_a_picture_without_time_can_be_saved_in_every_way(problem, tmp_path):
    figure = Figure([Scatter(problem.data)])
    for suffix in (*encode.FILMS, ".png"):
        figure.save(tmp_path / f"data{suffix}")
        with Image.open(tmp_path / f"data{suffix}") as image:
            assert image.size == tuple(style.DENSITY * length for length in raster.size(figure.scene()))
    figure.save(tmp_path / "data.json")
    assert json.loads((tmp_path / "data.json").read_text(encoding="utf-8")) == figure.scene().to_json()
