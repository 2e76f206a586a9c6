import pytest
from helpers.colours import contrast, luminance, over

from sgdlib.scene import style

PALETTES = {"light": (style.LIGHT, style.ORDERED), "dark": (style.DARK, style.ORDERED_DARK)}
ROLES = ("data", "model", "truth", "theory", "ensemble", "level", "note")
each_palette = pytest.mark.parametrize(("named", "ordered"), PALETTES.values(), ids=PALETTES)


@each_palette
def test_every_mark_has_a_contrast_of_3_against_the_paper(named, ordered):
    for name in ROLES:
        assert contrast(named[name], named["paper"]) >= 3, name
    for colour in ordered:
        assert contrast(colour, named["paper"]) >= 3, colour
    for name in ("model", "ensemble"):
        assert contrast(over(named[name], named["paper"], style.TRAIL), named["paper"]) >= 3


@each_palette
def test_words_have_a_contrast_of_4_5_against_the_paper(named, ordered):
    for name in ("ink", "note", "truth", "theory", "model", "ensemble"):
        assert contrast(named[name], named["paper"]) >= 4.5, name


@each_palette
def test_a_colour_means_one_thing(named, ordered):
    assert len({*named.values(), *ordered}) == len(named) + len(ordered)


def test_both_palettes_name_the_same_things():
    assert set(style.LIGHT) == set(style.DARK)
    assert len(style.ORDERED) == len(style.ORDERED_DARK) == 5  # the player's color-mix knows five


def test_runs_that_share_a_panel_differ_without_their_colours():
    assert len(set(style.DASHES)) == len(style.DASHES) == len(set(style.SHAPES)) == len(style.SHAPES)


def test_ordered_settings_grow_away_from_the_paper():
    for paper, ordered in ((style.LIGHT["paper"], style.ORDERED), (style.DARK["paper"], style.ORDERED_DARK)):
        steps = [contrast(colour, paper) for colour in ordered]
        assert steps == sorted(steps)


def test_a_place_on_the_ordered_scale_has_its_colour():
    shades = [luminance(style.ordered(k / 10)) for k in range(11)]
    assert shades == sorted(shades, reverse=True)
    assert (style.ordered(0.0), style.ordered(1.0)) == (style.ORDERED[0], style.ORDERED[-1])


def shade(ordered, place):
    """A place on an ordered scale, mixed as film and player mix it."""
    below = min(int(4 * place), 3)
    return over(ordered[below + 1], ordered[below], 4 * place - below)


@pytest.mark.parametrize(
    ("ordered", "white_from"), [(style.ORDERED, style.WHITE_FROM), (style.ORDERED_DARK, style.WHITE_FROM_DARK)]
)
def test_words_stand_out_on_every_cell(ordered, white_from):
    for place in (k / 1000 for k in range(1001)):
        words = "#ffffff" if place > white_from else "#000000"
        assert contrast(words, shade(ordered, place)) >= 4.5, place
    assert shade(style.ORDERED, 0.3) == style.ordered(0.3)


def test_a_film_ends_within_5_s():
    assert sum(map(style.frame_ms, range(style.FRAMES))) <= 5000
