"""The telephone at the page: being called, several telephones, writing, trouble, windows of any size."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from app import Hotline
from tests.page.handling import (
    move_clock,
    press,
    shown,
    type_letters,
    wait_heard,
    wait_played,
    wait_text,
    write,
)

FIRST_LOAD_MOST_BYTES = 150_000


@pytest.mark.slow
def test_page_is_called_back_and_answers(open_page: Callable[..., Page]) -> None:
    """CALL makes the telephone ring; answered, the hotline speaks."""
    page = open_page()
    write(page, "ENGLISH")
    wait_text(page, "English")
    write(page, "CALL")
    expect(page.locator("#handset")).to_have_attribute("data-phase", "ringing")
    assert "Kadam calls" in shown(page)
    page.get_by_role("button", name="Answer", exact=True).click()
    wait_heard(page, "press")
    assert wait_played(page) > 0


@pytest.mark.slow
def test_page_rejects_a_call(open_page: Callable[..., Page]) -> None:
    """Reject ends the ring; the telephone is at rest again."""
    page = open_page()
    write(page, "CALL")
    expect(page.locator("#handset")).to_have_attribute("data-phase", "ringing")
    page.get_by_role("button", name="Reject").click()
    expect(page.locator("#handset")).to_have_attribute("data-phase", "home")
    page.click("#tab-wire")
    expect(page.locator("#happenings li").filter(has_text="busy").first).to_be_attached()


@pytest.mark.slow
def test_page_holds_several_telephones(open_page: Callable[..., Page]) -> None:
    """Each has its own number, texts and zone; news of the other stands beside its name."""
    page = open_page()
    write(page, "STEP 7")
    wait_text(page, "1/6")
    page.get_by_role("radio", name="Moscow").click()
    expect(page.locator("#thread > div")).to_have_count(0)
    write(page, "шаг 1")
    wait_text(page, "1/")
    page.get_by_role("radio", name="Bishkek").click()
    expect(page.locator("#thread .outgoing p")).to_have_text(["STEP 7"])
    expect(page.get_by_role("radio", name="Moscow")).to_contain_text("1 new")
    page.get_by_label("Another number").fill("+996 700 111 222")
    page.get_by_role("button", name="Hold it").click()
    expect(page.get_by_role("radio", name="+996700111222")).to_be_checked()
    page.get_by_label("Another number").fill("12")
    page.get_by_role("button", name="Hold it").click()
    expect(page.locator("#another-trouble")).to_have_text("Write it like +996 700 123 456.")


@pytest.mark.slow
def test_page_writes_with_twelve_keys(open_page: Callable[..., Page]) -> None:
    """Several presses make one letter, ө ү ң among them; # changes the script, a held key is its digit."""
    page = open_page()
    page.click("#soft-right")
    press(page, "555555" + "66666" + "55555")
    assert shown(page) == "Өүң_"
    press(page, "0")
    press(page, "#")
    press(page, "77777")
    assert shown(page) == "Өүң 7_"
    press(page, "#")
    press(page, "12")
    assert shown(page) == "Өүң 712_"
    page.click("#soft-right")
    press(page, "#")
    key = page.locator("[data-key='5']")
    key.hover()
    page.mouse.down()
    page.wait_for_timeout(800)
    page.mouse.up()
    assert shown(page) == "Өүң 715_"
    expect(page.locator("#strip-right")).to_contain_text("7 letters, 1 SMS")


@pytest.mark.slow
def test_page_says_what_a_text_costs_while_it_is_written(open_page: Callable[..., Page]) -> None:
    """Units and segments stand above: 71 Cyrillic letters are two texts."""
    page = open_page()
    page.click("#soft-right")
    type_letters(page, "ш" * 70)
    expect(page.locator("#strip-right")).to_contain_text("70 letters, 1 SMS")
    type_letters(page, "ш")
    expect(page.locator("#strip-right")).to_contain_text("71 letters, 2 SMS")
    page.keyboard.press("Backspace")
    expect(page.locator("#strip-right")).to_contain_text("70 letters, 1 SMS")


@pytest.mark.slow
def test_page_works_by_keyboard_alone(open_page: Callable[..., Page]) -> None:
    """Enter calls, keys choose, Escape ends; arrows are the soft keys; tabs change by arrows."""
    page = open_page()
    page.keyboard.press("Enter")
    expect(page.locator("#handset")).to_have_attribute("data-phase", "talk")
    expect(page.locator("#captions .said").filter(has_text="Кыргызча угуу")).to_be_visible()
    page.keyboard.press("2")
    expect(page.locator("#captions .said").filter(has_text="полиц").last).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#handset")).to_have_attribute("data-phase", "home")
    page.keyboard.press("ArrowRight")
    type_letters(page, "КАДАМ 7")
    page.keyboard.press("Enter")
    page.locator("#tab-heard").focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator("#tab-texts")).to_be_focused()
    expect(page.locator("#thread .incoming").filter(has_text="1/6")).to_be_visible()


@pytest.mark.slow
def test_page_reads_and_deletes_a_text(open_page: Callable[..., Page]) -> None:
    """Read opens the newest; it scrolls to its cost; # asks and deletes it from the telephone."""
    page = open_page()
    write(page, "STEP 7")
    wait_text(page, "1/6")
    page.get_by_role("button", name="Read", exact=True).click()
    page.get_by_role("button", name="Open", exact=True).click()
    for _ in range(12):
        page.keyboard.press("ArrowDown")
    assert "2 x SMS, UCS-2 KG x 2" in shown(page)
    press(page, "#")
    assert "Delete this text?" in shown(page)
    press(page, "#")
    expect(page.locator("#thread .incoming")).to_have_count(0)
    assert "No texts yet" in shown(page)


@pytest.mark.slow
def test_page_dials_the_hotline_alone(open_page: Callable[..., Page]) -> None:
    """Its number in any usual form works, another is not in service."""
    page = open_page()
    press(page, "112")
    page.click("#call")
    assert "Not in service" in shown(page)
    page.click("#hang-up")
    press(page, "0312000777")
    page.click("#call")
    wait_heard(page, "Кыргызча угуу")


@pytest.mark.slow
def test_page_orders_trouble(open_page: Callable[..., Page], picture: Callable[[Page, str], None]) -> None:
    """A text that fails is shown with its error; a telephone that is off takes nothing until it is on."""
    page = open_page()
    page.click("#tab-faults")
    page.get_by_label("What shall go wrong next").select_option("text-undelivered")
    page.get_by_role("button", name="Order it").click()
    expect(page.locator("#orders")).to_contain_text("text-undelivered, once, for Bishkek")
    write(page, "STEP 7")
    page.click("#tab-texts")
    expect(page.locator("#thread .incoming")).to_contain_text("undelivered, error 30003")
    page.click("#tab-faults")
    expect(page.locator("#orders li")).to_have_count(0)
    page.get_by_label("switched off").check()
    expect(page.locator("#handset")).to_have_attribute("data-phase", "off")
    assert "switched off" in shown(page)
    picture(page, "09-switched-off")
    page.get_by_label("on", exact=True).check()
    expect(page.locator("#handset")).to_have_attribute("data-phase", "home")


@pytest.mark.slow
def test_page_shows_the_ledger_and_moves_the_clock(
    open_page: Callable[..., Page], hotline: Hotline, picture: Callable[[Page, str], None]
) -> None:
    """An entry date becomes rows; moving the clock sends one of them and the table says so."""
    page = open_page()
    entered_on = hotline.now_utc().date().replace(day=1)
    write(page, f"ENTRY {entered_on:%d.%m.%Y}")
    page.click("#tab-ledger")
    expect(page.locator("#rows tr[data-state=pending]").first).to_be_visible()
    pending = page.locator("#rows tr[data-state=pending]").count()
    for _ in range(4):
        move_clock(page, "+7 days")
    expect(page.locator("#rows tr[data-state=delivered]").first).to_be_visible()
    assert page.locator("#rows tr[data-state=pending]").count() < pending
    picture(page, "10-the-ledger")


@pytest.mark.parametrize(
    "width", [320, *(pytest.param(wider, marks=pytest.mark.slow) for wider in (360, 412))]
)
def test_page_fits_the_window_of_a_phone(
    open_page: Callable[..., Page], picture: Callable[[Page, str], None], width: int
) -> None:
    """Nothing is wider than the window; every key can be touched."""
    page = open_page(width, 740)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    for key in page.locator(".keys button, .pad button").all():
        box = key.bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width
        assert min(box["width"], box["height"]) >= 40
    picture(page, f"11-window-{width}")


def test_page_can_be_used_with_a_screen_reader(open_page: Callable[..., Page]) -> None:
    """axe-core finds nothing wrong in any panel; the screen has a label; captions are announced."""
    page = open_page()
    for tab in ("heard", "texts", "ledger", "wire", "faults"):
        page.click(f"#tab-{tab}")
        found = Axe().run(page)
        assert found.violations_count == 0, found.generate_report()
    page.click("#call")
    wait_heard(page, "Кыргызча угуу")
    assert Axe().run(page).violations_count == 0
    label = page.locator("#screen").get_attribute("aria-label") or ""
    assert label.startswith("Screen: ")
    expect(page.locator("#reader [lang=ky]").filter(has_text="Кыргызча угуу")).to_have_count(1)
    for key in "0123456789":
        expect(page.get_by_role("button", name=f"Key {key}", exact=True)).to_have_count(1)


def test_page_is_light_and_asks_nobody_else(open_page: Callable[..., Page], hotline: Hotline) -> None:
    """The first load is under 150 kB without sound, all of it from the hotline itself."""
    page = open_page()
    page.wait_for_timeout(500)
    loaded = page.evaluate(
        "[...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]"
        ".map((entry) => [entry.name, entry.transferSize])"
    )
    own = hotline.line.api_url
    assert all(name.startswith(own) for name, _ in loaded), loaded
    files = {name.removeprefix(own): size for name, size in loaded}
    assert {"/phone", "/phone/main.js", "/phone/phone.css", "/phone/unifont.woff2"} <= set(files)
    assert all(size > 0 for size in files.values())
    assert sum(files.values()) < FIRST_LOAD_MOST_BYTES
