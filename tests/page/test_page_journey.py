"""One person's way through the hotline at the page, as the people of Kadam go it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from app import Hotline
from tests.page.handling import EARS, move_clock, press, shown, wait_heard, wait_played, wait_text, write


def test_page_dials_chooses_kyrgyz_and_hears_step_seven(
    open_page: Callable[..., Page], picture: Callable[[Page, str], None]
) -> None:
    """The call is answered, the sound really plays, # and 07 lead to step 7, its words are on the screen."""
    page = open_page()
    picture(page, "01-at-hand")
    page.click("#call")
    wait_heard(page, "Кыргызча угуу үчүн бирди басыңыз")
    assert wait_played(page) > 0.3
    press(page, "1")
    wait_heard(page, "Полиция же кол салуу")
    press(page, "#")
    wait_heard(page, "♪")
    page.wait_for_timeout(600)
    press(page, "07")
    wait_heard(page, "Каттоого эртерээк туруңуз")
    first_s = wait_played(page)
    assert wait_played(page, first_s + 0.3) > first_s
    assert "Каттоого" in shown(page)
    picture(page, "02-step-seven")
    page.click("#hang-up")
    expect(page.locator("#captions .ended")).to_contain_text("call completed")
    assert page.evaluate(f"{EARS}.every((ear) => ear.paused)")


def test_page_texts_step_seven_and_asks_for_more(
    open_page: Callable[..., Page], picture: Callable[[Page, str], None]
) -> None:
    """STEP 7 brings page 1 with its price, MORE the next; the telephone shows it line by line."""
    page = open_page()
    write(page, "STEP 7")
    wait_text(page, "1/6")
    incoming = page.locator("#thread .incoming").last
    expect(incoming).to_contain_text("2 segments, UCS-2")
    expect(incoming).to_contain_text("price class KG x 2")
    picture(page, "03-step-seven-by-text")
    write(page, "MORE")
    wait_text(page, "2/6")
    page.click("#soft-left")
    page.click("#soft-left")
    assert shown(page)
    before = shown(page)
    press(page, "8")
    assert shown(page) != before
    picture(page, "04-reading-page-two")


@pytest.mark.slow
def test_page_sets_an_entry_date_by_keypad_and_is_reminded(
    open_page: Callable[..., Page], hotline: Hotline, picture: Callable[[Page, str], None]
) -> None:
    """A date by keypad, the clock moved on, the reminder arrives while one watches, DONE 7 ends it."""
    page = open_page()
    page.click("#call")
    wait_heard(page, "Кыргызча угуу")
    entered_on = hotline.now_utc() - timedelta(days=2)
    for keys, then in (
        ("1", "Полиция же кол салуу"),
        ("2", "Миграциялык каттоо үчүн бирди"),
        ("4", "Кирген же башка күн"),
        ("1", "Россияга бүгүн"),
        ("3", "Күндү эки сан, айды эки сан"),
        (f"{entered_on:%d%m}", "Туура болсо, бирди басыңыз"),
        ("1", "Сакталды"),
    ):
        press(page, keys)
        wait_heard(page, then)
    picture(page, "05-entry-date-stored")
    page.click("#hang-up")
    move_clock(page, "+7 days")
    wait_text(page, "күн калды")
    picture(page, "06-reminded")
    write(page, "DONE 7")
    wait_text(page, "START 7")
    picture(page, "07-done")
    page.click("#tab-wire")
    expect(page.locator("#happenings [data-topic=ledger]").last).to_be_attached()
    expect(page.locator("#happenings li").filter(has_text="receipt: delivered").last).to_be_attached()
    page.locator("#happenings summary").filter(has_text="POST /sms").last.click()
    expect(page.locator("#happenings details[open]")).to_contain_text("MessageSid")
    expect(page.locator("#happenings details[open] pre")).to_contain_text("<Message>")
    picture(page, "08-the-wire")
