"""report.html as people see it: on a screen, on a phone, in the dark, printed, by keyboard alone."""

import pytest
from browser import PHONE, complaints, is_wider_than_its_window, looked_at, serious_faults, shown, visited

from fat_tf.pages.report.write import write_report

pytestmark = pytest.mark.slow


@pytest.fixture
def page(run, browser):
    browser.get(write_report(run).as_uri())
    return browser


def test_nothing_is_complained_of_loaded_or_run(page):
    assert page.title == "run: report"  # no label has changed it
    assert not complaints(page) and not visited(page)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_serious_fault(page, axe, scheme):
    with looked_at(page, scheme=scheme):
        assert not serious_faults(page, axe)
    with looked_at(page, PHONE, scheme):
        assert not serious_faults(page, axe)


def test_a_phone_scrolls_down_alone_and_has_charts_of_its_own(page):
    with looked_at(page, PHONE):
        assert not is_wider_than_its_window(page)
        assert shown(page, ".chart.narrow").is_displayed() and not shown(page, ".chart.wide").is_displayed()


def test_print_is_dark_on_light_without_players(page):
    with looked_at(page, scheme="dark", media="print"):
        ground = page.execute_script("return getComputedStyle(document.body).backgroundColor")
        assert ground == "rgb(255, 255, 255)" and not shown(page, "audio").is_displayed()


def test_sounds_play_one_at_a_time_with_a_line_over_the_picture(page):
    first, second = page.find_elements("css selector", "audio")[:2]
    play = "arguments[0].play().then(() => setTimeout(arguments[1], 100))"
    page.execute_async_script(play, first)
    head = page.find_elements("css selector", ".playhead")[0]
    assert head.value_of_css_property("visibility") == "visible"
    assert 0.2 < page.execute_script("return arguments[0].duration", first) < 0.5
    page.execute_async_script(play, second)
    assert page.execute_script("return arguments[0].paused", first)


def test_classes_are_sorted_by_their_headings_from_the_keyboard(page):
    from selenium.webdriver.common.keys import Keys

    def clips() -> list[str]:
        cells = page.find_elements("css selector", "#curated-classes tbody tr td:nth-child(2)")
        return [cell.text for cell in cells][:6]

    heading = page.find_elements("css selector", "#curated-classes table.sortable th button")[1]
    heading.send_keys(Keys.ENTER)
    assert clips() == sorted(clips(), key=int)
    heading.send_keys(Keys.ENTER)
    assert clips() == sorted(clips(), key=int, reverse=True) and len(set(clips())) > 1


def test_the_keyboard_reaches_every_control(page):
    """A browser without a mouse comes past links, tables, headings and players by Tab alone."""
    from selenium.webdriver.common.keys import Keys

    seen = set()
    for _ in range(60):
        page.switch_to.active_element.send_keys(Keys.TAB)
        seen.add(page.switch_to.active_element.tag_name)
    assert {"a", "div", "summary", "button", "audio"} <= seen
