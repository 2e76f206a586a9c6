import gzip
import re
from html.parser import HTMLParser

import pytest

from sgdlib.render import web
from sgdlib.render.web import picture
from sgdlib.scene import style


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


@pytest.mark.parametrize("alt", ['a "quoted" word', "<b>", "a & b", "</p><script>1</script>"])
def test_a_stage_says_what_it_shows_and_keeps_the_room_for_it(alt):
    found = tags(web.stage(3, 2, [230, 200], alt, noscript="<img>", several=True))
    (row, *others) = found
    assert row[1] == {"class": "sgd-row", "data-row": "3", "role": "group", "aria-label": alt}
    classes = [attributes.get("class") for _, attributes in others]
    assert classes.count("sgd-reading") == 2
    assert classes.count("sgd-foot") == 1
    heights = [attributes["style"] for _, attributes in others if attributes.get("class") == "sgd-panel"]
    assert heights == ["--sgd-height: 230px", "--sgd-height: 200px"]
    assert [tag for tag, _ in found if tag in ("script", "b")] == []
    assert [tag for tag, _ in found][-2:] == ["noscript", "img"]


def test_a_player_names_its_scene():
    (found,) = tags(web.player("a-b", "x.json?a&b", ""))
    assert found == ("sgd-player", {"name": "a-b", "src": "x.json?a&b"})


def test_the_style_sheet_has_both_palettes_and_the_sizes_and_times():
    css = web.stylesheet()
    light, dark = re.findall(r"^(?::root, :host|\[data-md[^{]*) \{ (.*?) \}$", css, flags=re.MULTILINE)
    for palette, ordered, block in (
        (style.LIGHT, style.ORDERED, light),
        (style.DARK, style.ORDERED_DARK, dark),
    ):
        known = dict(re.findall(r"--sgd-([\w-]+): ([^;]+);", block))
        assert palette.items() <= known.items()
        assert [known[f"ordered-{k}"] for k in range(5)] == list(ordered)
    known = dict(re.findall(r"--sgd-([\w-]+): ([^;]+);", light))
    assert (known["left"], known["first"], known["slows"]) == ("56px", "500", "15")
    used = set(re.findall(r"var\(--sgd-([a-z-]+)\)", css))
    assert used - {"own", "height", "light", "value"} <= set(known)  # these the player gives to each mark


def test_what_the_player_brings_is_small():
    """The limit is a reader's: both together, as a static host sends them."""
    assert sum(len(gzip.compress(text.encode(), 9)) for text in (web.script(), web.stylesheet())) <= 12_000
