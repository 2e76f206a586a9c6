import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from sgdlib.render.letters import Letters
from sgdlib.scene import style


def by_matplotlib(words, size, left, middle, width):
    """The same words as matplotlib sets them, in a picture as large."""
    canvas = FigureCanvasAgg(Figure(figsize=(width / 72, 2 * middle / 72), dpi=72))
    canvas.figure.text(
        left / width, 0.5, words, fontsize=size, verticalalignment="center", fontfamily=style.FONT, color="#1f2328"
    )
    canvas.draw()
    return np.asarray(canvas.buffer_rgba())


def ink(picture):
    """How dark each column and each row of a picture is."""
    dark = 255.0 - picture[:, :, 1]
    return dark.sum(axis=0), dark.sum(axis=1)


@pytest.mark.parametrize("words", ["0", "2.86", "−41.67", "step 100", "−3 × 10¹¹", "1e−05", "diverged"])
@pytest.mark.parametrize("size", [13.0, 26.0])
def test_words_look_as_matplotlib_sets_them(words, size):
    letters = Letters(size)
    ours = letters.words(words)
    theirs = by_matplotlib(words, size, letters.margin, letters.middle, ours.shape[1])
    assert ours.shape == theirs.shape
    for own, other in zip(ink(ours), ink(theirs), strict=True):
        assert own.sum() == pytest.approx(other.sum(), rel=0.03)
        # rounding moves a letter by half a pixel, and the next by half a pixel more
        centre, expected = (np.average(np.arange(len(dark)), weights=dark) for dark in (own, other))
        assert abs(centre - expected) <= 0.25 * len(words) + 0.5
    own, other = (np.flatnonzero(ink(picture)[0] > 200) for picture in (ours, theirs))
    assert abs(own[0] - other[0]) <= 1
    assert abs(own[-1] - other[-1]) <= 0.5 * len(words) + 1


def test_figures_stay_in_their_columns():
    letters = Letters(26.0)
    first, second = letters.words("1.11"), letters.words("1.17")
    assert first.shape == second.shape
    differs = np.flatnonzero((first != second).any(axis=(0, 2)))
    assert differs.min() > first.shape[1] / 2


def test_a_letter_looks_the_same_wherever_it_stands():
    letters = Letters(26.0)
    one, three = (letters.words("8" * count) for count in (1, 3))
    pitch = (three.shape[1] - one.shape[1]) // 2
    for place in range(3):
        left = letters.margin + place * pitch
        assert np.array_equal(three[:, left + 2 : left + pitch - 2], one[:, letters.margin + 2 :][:, : pitch - 4])


def test_nothing_to_say_is_paper():
    assert (Letters(26.0).words("")[:, :, :3] == 255).all()
