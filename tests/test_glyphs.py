"""Fallback for letters that the films' font lacks. The only fonts are matplotlib's and tiny ones made here."""

import logging
import warnings

import numpy as np
import pytest
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen
from helpers.colours import colour, where
from helpers.scenes import moving
from matplotlib import font_manager

from sgdlib import Animation, Curves, Figure, LossCurve, train
from sgdlib.render import glyphs, raster
from sgdlib.render.letters import Letters
from sgdlib.scene import Axis, Words, style


def tiny(path, family, letters):
    """A font in which each letter is a filled square, as high and as wide as its size."""
    names = [".notdef", *(f"uni{ord(letter):04X}" for letter in letters)]
    pen = TTGlyphPen(None)
    pen.moveTo((0, 0))
    for corner in ((0, 1000), (1000, 1000), (1000, 0)):
        pen.lineTo(corner)
    pen.closePath()
    square, empty = pen.glyph(), TTGlyphPen(None).glyph()
    made = FontBuilder(1000, isTTF=True)
    made.setupGlyphOrder(names)
    made.setupCharacterMap({ord(letter): name for letter, name in zip(letters, names[1:], strict=True)})
    made.setupGlyf({name: square if k else empty for k, name in enumerate(names)})
    made.setupHorizontalMetrics(dict.fromkeys(names, (1000, 0)))
    made.setupHorizontalHeader(ascent=1000, descent=0)
    made.setupNameTable({"familyName": family, "styleName": "Regular"})
    made.setupOS2(sTypoAscender=1000, usWinAscent=1000, usWinDescent=0)
    made.setupPost()
    made.save(path)


@pytest.fixture
def install(tmp_path, monkeypatch):
    """No font is installed but matplotlib's own, and those that are asked for here."""
    own = [one for one in font_manager.fontManager.ttflist if "mpl-data" in one.fname]
    monkeypatch.setattr(font_manager.fontManager, "ttflist", own)

    def add(family, letters):
        path = tmp_path / f"{family}.ttf"
        tiny(path, family, letters)
        font_manager.fontManager.addfont(path)

    return add


def everywhere(words):
    """A scene that has words wherever there can be some."""
    axis = Axis(words, 0.0, 1.0, ((0.5, words),))
    return moving(
        lambda plot: plot.words("a", words, (0.2, 0.5), Words(role="ink")),
        label=words,
        title=words,
        axis=axis,
        slots=[0],
    )


def test_letters_of_the_films_own_font_need_no_other(install):
    install("Tiny A", "学a")
    assert glyphs.families("learning rate → 10⁻³, größer") == [style.FONT]


def test_a_letter_that_the_films_font_lacks_comes_from_a_font_that_has_it(install, caplog):
    install("Tiny B", "学習")
    assert glyphs.families("学習 0.1") == [style.FONT, "Tiny B"]
    with warnings.catch_warnings(), caplog.at_level(logging.WARNING):
        warnings.simplefilter("error")
        frame = raster.last(everywhere("学学"), density=1)
    assert not caplog.records  # that it has no bold is nobody's business
    # the square of a letter as large as its font, nearly all ink
    label = where(frame[: style.PAD + style.HEADER], style.LIGHT["ink"])
    assert len(label) == pytest.approx(2 * style.LARGE**2, rel=0.15)


def test_few_fonts_are_taken_and_the_same_ones_every_time(install):
    install("Tiny C", "学")
    install("Tiny D", "学習")
    install("Tiny E", "率習")
    assert glyphs.families("学習率") == [style.FONT, "Tiny D", "Tiny E"]
    assert glyphs.families("率") == [style.FONT, "Tiny E"]


def test_words_that_move_are_set_from_the_fallback_too(install):
    install("Tiny F", "学")
    stage = raster.Stage(moving(lambda plot: plot.words("a", ["a", "学"], (0.5, 0.5), Words(role="truth"))), density=1)
    inked = [len(where(stage.frame(k), style.LIGHT["truth"])) for k in (0, 1)]
    assert inked[1] == pytest.approx(style.SMALL**2, rel=0.25)
    assert inked[1] > 2 * inked[0]
    drawn = Letters(26.0).words("学")
    assert (np.abs(drawn[:, :, :3].astype(int) - colour(style.LIGHT["ink"])).max(axis=-1) < 8).sum() > 0.8 * 26**2


def test_letters_that_no_font_has_are_named_once(install, problem):
    install("Tiny G", "率")
    run = train(problem, steps=3)
    with pytest.warns(UserWarning, match="has 学 .U.5B66., 習 .U.7FD2.: in films") as said:
        raster.last(Animation({"学習率 0.1, 学習": run}, [LossCurve()]).scene(), density=1)
    assert len(said) == 1
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        raster.last(Animation({"率 0.1": run}, [LossCurve()]).scene(), density=1)


@pytest.mark.parametrize("words", ["学"])
def test_letters_are_missed_wherever_they_stand(install, words):
    for scene in (
        everywhere(words),
        Figure([Curves({words: ([1, 2], [1, 2])}, x_label="a", y_label="b", title="c")]).scene(),
    ):
        with pytest.warns(UserWarning, match=words):
            raster.last(scene, density=1)


def test_a_font_that_was_taken_away_is_passed_over(install, tmp_path):
    install("Tiny H", "学")
    (tmp_path / "Tiny H.ttf").unlink()
    assert glyphs._chosen("学") == ((), "学")


def test_no_word_of_the_log_comes_through_when_letters_are_looked_up_in_the_midst_of_drawing(install, caplog):
    install("Tiny L", "学")
    with glyphs.unlogged():
        glyphs.families("学")
        font_manager.findfont(font_manager.FontProperties(family=["Tiny L"], weight="bold"))
        logging.getLogger("matplotlib.font_manager").warning("a word")
    assert not caplog.records
    logging.getLogger("matplotlib.font_manager").warning("a word")
    assert len(caplog.records) == 1
