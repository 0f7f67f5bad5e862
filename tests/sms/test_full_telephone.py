"""A telephone on which six people have left an entry."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from hotline.guide.language import Script
from hotline.guide.model import Guide
from hotline.people import store
from hotline.people.members import MOST_MEMBERS, Member
from hotline.people.model import Person, SaveDate, SetLanguage
from hotline.reminders.days import Today
from hotline.sms.replies import reply_to
from hotline.sms.segments import measure
from hotline.sms.understanding.keywords import Vocabulary, read
from tests.sms.conftest import TextHotline

NUMBER = "+996555123456"
DAY = date(2026, 11, 20)
TODAY = Today(DAY, DAY, DAY)


@pytest.mark.parametrize("typed", ["ENTRY 19.11.2026", "ENTRY 11 19.11.2026", "DONE 7"])
@pytest.mark.parametrize("script", Script)
@pytest.mark.parametrize("language", ["ky", "ru", "en"])
def test_question_to_six_people_cuts_nobody_off(
    guide: Guide, vocabulary: Vocabulary, language: str, script: Script, typed: str
) -> None:
    """Whose it is, or who has done it: each choice whole, on two pages at most."""
    members = [Member({"entry": date(2026, 11, 1 + number)}) for number in range(MOST_MEMBERS)]
    others = dict(enumerate(members[1:], 1))
    person = Person(language, script=script, welcomed=True, dates=members[0].dates, others=others)
    command = replace(read(typed, vocabulary, TODAY), language=language)
    pages = reply_to(guide, person, command, TODAY).pages
    assert len(pages) <= 2
    assert all(measure(page).fits_page for page in pages), [measure(page).units for page in pages]
    numbers = [number for number in range(1, 1 + MOST_MEMBERS) if f"{number} - " in " ".join(pages)]
    assert len(numbers) >= MOST_MEMBERS - ("11" in typed)  # whose family comes later is not the owner's


@pytest.mark.parametrize("script", Script)
@pytest.mark.parametrize("language", ["ky", "ru", "en"])
def test_day_of_one_is_offered_to_the_other_five(
    guide: Guide, vocabulary: Vocabulary, language: str, script: Script
) -> None:
    """What follows from it, and each choice whole, on two pages at most."""
    dates = [{"entry": date(2026, 11, 14 + number)} for number in range(MOST_MEMBERS)]
    others = {number: Member(each) for number, each in enumerate(dates) if number}
    own = {**dates[0], "registration-until": date(2027, 2, 20)}
    person = Person(language, script=script, welcomed=True, dates=own, others=others)
    command = replace(read("UNTIL 7 20.02.2027", vocabulary, TODAY), language=language)
    pages = reply_to(guide, person, command, TODAY).pages
    assert len(pages) <= 2
    assert all(measure(page).fits_page for page in pages), [measure(page).units for page in pages]
    assert all(f"{number} - " in " ".join(pages) for number in range(2, 1 + MOST_MEMBERS))


def test_entry_of_a_seventh_is_asked_to_be_one_of_the_six(hotline: TextHotline) -> None:
    """ENTRY 11 names nobody new: whose it is, by number; the answer is stored."""
    with hotline.database.writing() as session:
        contact = store.find(session, hotline.vault, NUMBER)
        dates = [SaveDate("entry", date(2026, 11, 1 + number), number) for number in range(MOST_MEMBERS)]
        hotline.effects.apply(session, contact, (SetLanguage("en"), *dates), hotline.now_utc)
    phone = hotline.phone(NUMBER)
    asked = phone.text("ENTRY 11 20.11.2026").text
    assert "Whose?" in asked
    phone.text("3")
    with hotline.database.reading() as session:
        known = store.find(session, hotline.vault, NUMBER).person
    assert known.member(2).dates == {"entry": date(2026, 11, 3), "family": DAY}
