"""Two who entered on the same day on one telephone: both are stored, and each is reminded."""

from __future__ import annotations

from datetime import date

import pytest

from hotline.people import store
from hotline.people.model import Person
from tests.sms.answers import pages
from tests.sms.conftest import TextHotline
from tests.sms.test_done_again import pending, said

DAY = date(2026, 11, 20)


def stored(hotline: TextHotline) -> Person:
    with hotline.database.reading() as session:
        return store.find(session, hotline.vault, "+996555123456").person


@pytest.mark.parametrize(
    ("entry", "kind", "rule", "members"),
    [("ENTRY 20.11.2026", "entry", "d05", (0, 1)), ("ENTRY 11 20.11.2026", "family", "d17", (1, 2))],
)
def test_another_with_the_same_day_is_stored_by_a_number(
    hotline: TextHotline, entry: str, kind: str, rule: str, members: tuple[int, int]
) -> None:
    """The answer to the day that is stored already says which; DONE then asks who is meant."""
    phone, done = hotline.phone(), f"DONE {7 if kind == 'entry' else 11}"
    again = said(phone, "ENGLISH", entry, entry)
    assert "already stored" in again
    assert "another person entered on the same day, reply 2" in again
    assert f"Person {members[1] + 1}:" in said(phone, "2")
    assert [number for number, known in stored(hotline).members.items() if known.dates == {kind: DAY}] == [
        *members
    ]
    assert "Who has done" in said(phone, done)
    said(phone, str(members[1] + 1))
    assert pending(hotline, rule, member=members[0]) > 0
    assert pending(hotline, rule, member=members[1]) == 0


def test_number_stores_nobody_but_one_more(hotline_on_sqlite: TextHotline) -> None:
    """Of three people none gets the day of another; a number that was not offered is a step as ever."""
    phone = hotline_on_sqlite.phone()
    said(phone, "ENGLISH", "ENTRY 20.11.2026", "ENTRY 21.11.2026", "2")
    assert "reply 3" in said(phone, "ENTRY 20.11.2026")
    before = stored(hotline_on_sqlite).stored
    said(phone, "1", "2", "4")
    assert "reply 3" in said(phone, "OK")
    assert stored(hotline_on_sqlite).stored == before
    assert "Person 3:" in said(phone, "3")


def test_six_people_are_asked_about_no_other(hotline_on_sqlite: TextHotline) -> None:
    """There is room for no more, so nothing is offered."""
    phone = hotline_on_sqlite.phone()
    said(
        phone,
        "ENGLISH",
        "ENTRY 20.11.2026",
        *(text for n in range(2, 7) for text in ("ENTRY 20.11.2026", str(n))),
    )
    assert len(stored(hotline_on_sqlite).members) == 6
    assert "reply" not in " ".join(pages(phone.text("ENTRY 20.11.2026")))
