"""A telephone on which six people have left an entry."""

from __future__ import annotations

from datetime import date

from hotline.people import store
from hotline.people.members import MOST_MEMBERS
from hotline.people.model import SaveDate, SetLanguage
from tests.sms.conftest import TextHotline

NUMBER = "+996555123456"
DAY = date(2026, 11, 20)


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
