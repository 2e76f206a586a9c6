from html.parser import HTMLParser

import pytest

from sgdlib.web import picture


def tags(html):
    """Each start tag of a piece of HTML, with its attributes as a browser reads them."""
    found = []
    parser = HTMLParser()
    parser.handle_starttag = lambda tag, attributes: found.append((tag, dict(attributes)))
    parser.feed(html)
    return found


def test_a_film_gives_way_to_its_last_frame_where_less_motion_is_asked_for():
    (_, source, image) = tags(picture("A film.", (360, 200), film="a.gif", poster="a.png"))
    assert source == ("source", {"media": "(prefers-reduced-motion: reduce), print", "srcset": "a.png"})
    assert image[1]["src"] == "a.gif"
    assert (image[1]["width"], image[1]["height"], image[1]["loading"]) == ("360", "200", "lazy")


def test_a_still_picture_has_one_image():
    found = tags(picture("A still.", (360, 200), film="a.png", poster="a.png"))
    assert [tag for tag, _ in found] == ["picture", "img"]


@pytest.mark.parametrize("alt", ['a "quoted" word', "<b>", "a & b", "it's"])
def test_any_alternative_text_comes_out_as_it_went_in(alt):
    *_, (_, image) = tags(picture(alt, (1, 1), film="a.gif", poster="a.png"))
    assert image["alt"] == alt
