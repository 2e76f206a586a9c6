import pytest

from sgdlib import style

COLOURS = style.ROLES | {f"ordered {k}": colour for k, colour in enumerate(style.ORDERED)}


def luminance(colour):
    """Relative luminance, as WCAG 2 defines it."""
    channels = [int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("colour", COLOURS.values(), ids=COLOURS)
def test_every_mark_has_a_contrast_of_3_against_the_paper(colour):
    assert (luminance(style.PAPER) + 0.05) / (luminance(colour) + 0.05) >= 3


def test_a_colour_means_one_thing():
    assert len({*style.ROLES.values(), *style.ORDERED}) == len(style.ROLES) + len(style.ORDERED)


def test_ordered_settings_grow_darker():
    shades = [luminance(style.ordered(k / 10)) for k in range(11)]
    assert shades == sorted(shades, reverse=True)
    assert (style.ordered(0.0), style.ordered(1.0)) == (style.ORDERED[0], style.ORDERED[-1])


def test_a_film_ends_within_5_s():
    assert sum(map(style.frame_ms, range(style.FRAMES))) <= 5000
