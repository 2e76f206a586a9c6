"""One figure on several axes, in tabs: with a mouse, with the keyboard, on a phone, and without JavaScript."""

import pytest

PAGE, TABS = "blog/what-a-batch-buys/", ["Steps", "Rows read", "Time"]
NAMES = ["against-steps", "against-rows", "against-time"]


def shown(page):
    """The figures in tabs that can be seen."""
    return [name for name in NAMES if page.locator(f"#figure-{name}").is_visible()]


@pytest.fixture(
    params=[(1280, True), pytest.param((390, True), marks=pytest.mark.audit), (390, False)],
    ids=["wide", "phone", "phone without JavaScript"],
)
def tabbed(typeset, site, request):
    width, script = request.param
    context = typeset.new_context(
        viewport={"width": width, "height": 900}, reduced_motion="reduce", java_script_enabled=script
    )
    page = context.new_page()
    page.goto(site.address + PAGE)
    yield page
    context.close()


def test_a_click_shows_one_figure_at_a_time(tabbed):
    assert shown(tabbed) == NAMES[:1]
    for name, tab in zip(NAMES, TABS, strict=True):
        tabbed.locator(".tabbed-labels label", has_text=tab).click()
        assert shown(tabbed) == [name]


def test_the_arrow_keys_go_from_tab_to_tab(tabbed):
    first = tabbed.locator(".tabbed-set > input").first
    first.focus()
    for name in (NAMES[1], NAMES[2], NAMES[0]):
        tabbed.keyboard.press("ArrowRight")
        assert shown(tabbed) == [name]


def test_a_figure_in_a_tab_is_drawn_when_it_is_shown_and_as_wide_as_the_others(tabbed):
    boxes = []
    for name, tab in zip(NAMES, TABS, strict=True):
        tabbed.locator(".tabbed-labels label", has_text=tab).click()
        drawn = tabbed.locator(f"#figure-{name}").locator("svg, img").locator("visible=true").first
        drawn.scroll_into_view_if_needed()
        drawn.wait_for(state="visible")
        boxes.append(drawn.bounding_box())
    assert len({round(box["width"]) for box in boxes}) == 1
    assert all(box["height"] > 100 and box["x"] >= 0 for box in boxes)


def test_each_tab_has_a_name_that_a_screen_reader_says(tabbed):
    inputs = tabbed.locator(".tabbed-set > input")
    for k, tab in enumerate(TABS):
        assert tabbed.locator(f"label[for='{inputs.nth(k).get_attribute('id')}']").inner_text().strip() == tab
