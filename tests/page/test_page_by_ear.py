"""The page for whoever does not see it, or has a keyboard alone: what is said, in which language."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from app import Hotline
from tests.page.handling import press, shown, type_letters, wait_heard, wait_shown, wait_text, write

pytestmark = pytest.mark.slow

HOLD_ENTER = """() => [false, true, true, true].forEach((repeat) => document.body.dispatchEvent(
    new KeyboardEvent('keydown', {key: 'Enter', bubbles: true, repeat})))"""


def said(page: Page, region: str = "#reader") -> list[str]:
    """What a region has announced, oldest first."""
    return page.locator(f"{region} p").all_inner_texts()


def test_screen_is_read_as_it_changes(open_page: Callable[..., Page]) -> None:
    """What is new on the screen, and the soft keys where they are others."""
    page = open_page()
    press(page, "1")
    assert said(page) == ["1", "Keys: Call, Clear"]
    press(page, "2")
    assert said(page)[-1] == "12"
    page.click("#hang-up")
    page.click("#soft-left")
    assert said(page)[-2:] == ["No texts yet", "Keys: Back"]


def test_writing_is_read_by_letter_and_word(open_page: Callable[..., Page]) -> None:
    """The last letter alone; the word once it has ended; what is taken away."""
    page = open_page()
    page.click("#soft-right")
    assert said(page)[-2:] == ["Your text: empty", "Keys: Send, Clear"]
    type_letters(page, "Сол ")
    assert said(page)[-4:] == ["С", "о", "л", "Сол"]
    page.keyboard.press("Backspace")
    assert said(page)[-1] == "deleted, л"


def test_chosen_text_is_read_whole(open_page: Callable[..., Page]) -> None:
    """In the list: which of how many, and the text."""
    page = open_page()
    write(page, "STEP 7")
    wait_text(page, "1/6")
    page.click("#soft-left")
    expect(page.locator("#reader p[lang=ky]").last).to_contain_text("1 of 1: Каттоого эрте туруңуз")


def test_same_words_are_announced_again(open_page: Callable[..., Page]) -> None:
    """A second text at the same telephone is news too, also of one that is not in the hand."""
    page = open_page()
    for count in (1, 2):
        write(page, "STEP 7")
        expect(page.locator("#announcer p").filter(has_text="A text has arrived at Bishkek")).to_have_count(
            count
        )
        page.wait_for_timeout(1200)
    write(page, "CALL")
    page.get_by_role("radio", name="Moscow").click()
    expect(page.locator("#announcer")).to_contain_text("Kadam calls Bishkek")


def test_captions_are_read_on_any_tab(open_page: Callable[..., Page]) -> None:
    """What is heard is told in its language, whatever panel is open."""
    page = open_page()
    page.click("#tab-wire")
    page.click("#call")
    for lang, words in (("ky", "Кыргызча угуу"), ("ru", "Для русского языка"), ("en", "For English")):
        expect(page.locator(f"#reader p[lang={lang}]").filter(has_text=words)).to_have_count(
            1, timeout=20_000
        )
        expect(page.locator(f"#captions p[lang={lang}]").filter(has_text=words)).to_have_count(1)


def test_texts_keep_what_is_there(open_page: Callable[..., Page]) -> None:
    """A new text is added to the others, which are not said again; each is marked with its language."""
    page = open_page()
    write(page, "STEP 7")
    wait_text(page, "1/6")
    page.evaluate("document.querySelectorAll('#thread > div').forEach((one) => { one.kept = true; })")
    page.wait_for_timeout(1200)
    write(page, "ШАГ 7")
    expect(page.locator("#thread .incoming")).to_have_count(2)
    assert (
        page.evaluate("[...document.querySelectorAll('#thread > div')].filter((one) => one.kept).length") == 2
    )
    langs = page.locator("#thread p").evaluate_all("all => all.map((one) => one.lang)")
    assert langs == ["en", "ky", "ru", "ru"]


def test_choice_of_telephone_moves_by_arrows(open_page: Callable[..., Page]) -> None:
    """One stop of the tab key; arrows choose the next telephone and are no soft keys there."""
    page = open_page()
    expect(page.locator("#phones [tabindex='0']")).to_have_count(1)
    page.get_by_role("radio", name="Bishkek").focus()
    page.keyboard.press("ArrowRight")
    moscow = page.get_by_role("radio", name="Moscow")
    expect(moscow).to_be_focused()
    expect(moscow).to_be_checked()
    expect(page.locator("#handset")).to_have_attribute("data-phase", "home")
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("radio", name="Bishkek")).to_be_checked()


def test_keys_work_from_the_tabs(open_page: Callable[..., Page]) -> None:
    """Digits and Escape are the telephone's wherever one is but in a field."""
    page = open_page()
    page.locator("#tab-heard").focus()
    page.keyboard.press("5")
    assert shown(page).startswith("5")
    page.keyboard.press("Escape")
    assert "Call key" in shown(page)
    page.get_by_label("Another number").focus()
    page.keyboard.press("5")
    assert "Call key" in shown(page)


def test_held_enter_sends_and_does_not_call(open_page: Callable[..., Page]) -> None:
    """A key held down repeats: the text goes out once, and no call is made."""
    page = open_page()
    page.click("#soft-right")
    type_letters(page, "STEP 7")
    page.evaluate(HOLD_ENTER)
    page.wait_for_timeout(400)
    page.evaluate(HOLD_ENTER)
    wait_text(page, "1/6")
    expect(page.locator("#handset")).to_have_attribute("data-phase", "home")
    expect(page.locator("#captions p")).to_have_count(0)


def test_ring_takes_no_enter_meant_for_send(open_page: Callable[..., Page]) -> None:
    """The ring comes while one writes: the Enter on its way answers nothing, a later one does."""
    page = open_page()
    write(page, "CALL")
    wait_shown(page, "Kadam calls")
    page.keyboard.press("Enter")
    expect(page.locator("#handset")).to_have_attribute("data-phase", "ringing")
    page.wait_for_timeout(1100)
    page.keyboard.press("Enter")
    expect(page.locator("#handset")).to_have_attribute("data-phase", "talk")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_page_has_nothing_wrong_for_axe(browser: Browser, hotline: Hotline, scheme: str) -> None:
    """In every panel, at rest and in a call, in light and in dark: axe-core finds nothing."""
    context = browser.new_context(color_scheme=scheme)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(f"{hotline.line.api_url}/phone")
    page.wait_for_selector("[data-key='0']")
    write(page, "ENTRY today")
    wait_text(page, "")
    page.click("#call")
    wait_heard(page, "Кыргызча угуу")
    for tab in ("heard", "texts", "ledger", "wire", "faults"):
        page.click(f"#tab-{tab}")
        found = Axe().run(page)
        assert found.violations_count == 0, found.generate_report()
    context.close()


def test_signs_of_any_width_are_whole(open_page: Callable[..., Page]) -> None:
    """An emoji goes to the next line whole; a cleared draft begins with a capital and costs nothing."""
    page = open_page()
    page.click("#soft-right")
    type_letters(page, "a" * 19 + "😀" + "b")
    lines = page.locator("#screen > div").all_inner_texts()
    assert lines[:2] == ["a" * 19, "😀b_"]
    expect(page.locator("#strip-right")).to_contain_text("22 letters, 1 SMS")
    for _ in range(21):
        page.click("#soft-right")
    expect(page.locator("#strip-right")).to_have_text("КЫР 0 letters, 1 SMS")
