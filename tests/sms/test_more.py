"""MORE: on from what was sent last, for a day; then it says where the person is."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import update

from db.tables import PersonRow
from hotline.guide.model import Guide
from hotline.reminders import outbox
from hotline.sms.pages import page_text
from hotline.sms.segments import measure
from tests.sms.answers import pages
from tests.sms.conftest import TextHotline
from tests.telephone import Telephone


@pytest.fixture
def hotline(hotline_on_sqlite: TextHotline) -> TextHotline:
    return hotline_on_sqlite


@pytest.fixture
def phone(hotline: TextHotline) -> Telephone:
    """An English reader who has been welcomed."""
    phone = hotline.phone()
    phone.text("ENGLISH")
    return phone


def first(phone: Telephone, body: str) -> str:
    return pages(phone.text(body))[0]


def reminded_of(hotline: TextHotline, *rules: str) -> None:
    """A reminder of these rules has gone out now."""
    with hotline.database.writing() as session:
        id = session.query(PersonRow).one().id
        outbox.remember_rules(session, id, rules, hotline.now_utc)


def test_more_goes_on_for_a_day(hotline: TextHotline, phone: Telephone) -> None:
    """24 hours to the second, counted from the page sent last."""
    phone.text("STEP 7")
    hotline.now_utc += timedelta(hours=23)
    assert "MORE 2/6" in first(phone, "MORE")
    hotline.now_utc += timedelta(hours=24)
    assert "MORE 3/6" in first(phone, "MORE")


def test_more_after_a_day_says_where_the_person_is(hotline: TextHotline, phone: Telephone) -> None:
    """And the next MORE goes on from there."""
    phone.text("STEP 7")
    phone.text("MORE")
    hotline.now_utc += timedelta(hours=24, seconds=1)
    assert first(phone, "MORE").startswith("You stopped at step 7, next page 3/6.")
    assert "MORE 3/6" in first(phone, "MORE")


def test_place_of_an_older_version_is_told_first(hotline: TextHotline, phone: Telephone) -> None:
    """Nobody knows when it was."""
    phone.text("STEP 7")
    with hotline.database.writing() as session:
        session.execute(update(PersonRow).values(reading_at_utc=None))
    assert "step 7, next page 2/6" in first(phone, "MORE")


def test_last_page_names_the_next_step_and_more_sends_it(phone: Telephone) -> None:
    """STEP 2 has two pages."""
    phone.text("STEP 2")
    assert first(phone, "MORE").endswith("2/2 NEXT: STEP 3")
    assert "MORE 1/2" in first(phone, "MORE")
    assert first(phone, "MORE").endswith("2/2 NEXT: STEP 4")


def test_next_step_after_a_day_is_told_first(hotline: TextHotline, phone: Telephone) -> None:
    """The step that would come, and its first page."""
    phone.text("STEP 2")
    phone.text("MORE")
    hotline.now_utc += timedelta(days=2)
    assert "step 3, next page 1/2" in first(phone, "MORE")


def test_after_the_last_step_comes_the_menu(phone: Telephone, guide: Guide) -> None:
    """The guide has come to its end; its last page names no step."""
    count = len(guide.text("en", "12").pages)
    phone.text("STEP 12")
    for _ in range(count - 1):
        last = first(phone, "MORE")
    assert last.endswith(f"{count}/{count}")
    assert first(phone, "MORE") == first(phone, "MENU")


def test_intro_leads_to_the_first_step(phone: Telephone) -> None:
    """ABOUT is read to its end, then step 1."""
    phone.text("ABOUT")
    assert first(phone, "MORE").endswith("NEXT: STEP 1")
    assert "1/3" in first(phone, "MORE")


def test_more_of_a_step_goes_on_in_it_or_begins_it(hotline: TextHotline, phone: Telephone) -> None:
    """`MORE 7` while reading 7 is its next page; of another step, after its end or a day later its first."""
    phone.text("STEP 7")
    assert "MORE 2/6" in first(phone, "MORE 7")
    assert "MORE 1/6" in first(phone, "MORE 8")
    assert "ДАГЫ 1/6" in first(phone, "ДАГЫ 7")
    hotline.now_utc += timedelta(hours=25)
    assert "1/6" in first(phone, "MORE 7")
    phone.text("STEP 2")
    phone.text("MORE 2")
    assert "1/2" in first(phone, "MORE 2")


def test_more_where_nothing_was_read_offers_the_menu(phone: Telephone) -> None:
    """And says what to write."""
    answer = pages(phone.text("MORE"))
    assert answer[0] == first(phone, "MENU")
    assert "STEP 7" in answer[1]


def test_menu_does_not_lose_the_place(phone: Telephone) -> None:
    """A look at the menu, then on where one was."""
    phone.text("STEP 7")
    phone.text("MENU")
    assert "MORE 2/6" in first(phone, "MORE")


def test_more_after_a_reminder_tells_of_its_step(hotline: TextHotline, phone: Telephone) -> None:
    """The reminder came last; what was read before does not come back."""
    phone.text("STEP 2")
    hotline.now_utc += timedelta(hours=1)
    reminded_of(hotline, "d05", "d09")
    assert "MORE 1/6" in first(phone, "MORE")
    assert "MORE 2/6" in first(phone, "MORE")


def test_page_after_a_reminder_counts_for_more(hotline: TextHotline, phone: Telephone) -> None:
    """What was asked for since came last."""
    reminded_of(hotline, "d05")
    hotline.now_utc += timedelta(minutes=1)
    phone.text("STEP 2")
    assert "2/2" in first(phone, "MORE")


def test_more_long_after_a_reminder_says_what_it_was_about(hotline: TextHotline, phone: Telephone) -> None:
    """Three days later."""
    reminded_of(hotline, "d09")
    hotline.now_utc += timedelta(days=3)
    assert "step 6, next page 1/5" in first(phone, "MORE")


@pytest.mark.parametrize("code", ["ky", "ru", "en"])
def test_last_page_with_the_next_step_fits(guide: Guide, code: str) -> None:
    """Of every step; only the last one names none."""
    for step in (step for step in guide.steps.values() if step.number):
        last = page_text(guide, guide.words(code), step.key, len(guide.text(code, step.key).pages) - 1)
        assert measure(last).fits_page, step.key
        assert last.endswith(f" {step.number + 1}") == (step.number < 12), step.key
