"""Two with the same day on one telephone: both are stored, and each is reminded."""

from __future__ import annotations

from datetime import date, timedelta

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


@pytest.mark.parametrize(
    ("text", "kind", "rule", "told"),
    [
        ("UNTIL 7 20.02.2027", "registration-until", "d11", "Extension of registration"),
        ("UNTIL 6 20.02.2027", "job-until", "d11", "Extension of registration"),
        ("REGISTERED 21.11.2026", "registered", "d11-ask", "UNTIL 7"),
    ],
)
def test_couple_has_one_day_each(hotline: TextHotline, text: str, kind: str, rule: str, told: str) -> None:
    """The same text once more asks whether the day is the other's too; of both it is only stored already."""
    phone = hotline.phone()
    said(phone, "ENGLISH", "ENTRY 20.11.2026", "ENTRY 20.11.2026", "2", text, "1")
    again = said(phone, text)
    assert "already stored" in again
    assert told in again
    assert "another person's day too, reply with the number: 2 - 20 November." in again
    assert "Person 2:" in said(phone, "2")
    members = stored(hotline).members
    assert members[0].dates[kind] == members[1].dates[kind]
    assert pending(hotline, rule, member=0) == pending(hotline, rule, member=1) > 0
    assert "reply" not in " ".join(pages(phone.text(text)))


def test_day_of_another_person_is_not_told_as_the_owners(hotline_on_sqlite: TextHotline) -> None:
    """Stored of the second alone: the answer says so, and offers it to the owner and the third."""
    phone = hotline_on_sqlite.phone()
    entries = ("ENTRY 20.11.2026", "ENTRY 21.11.2026", "2", "ENTRY 22.11.2026", "3")
    said(phone, "ENGLISH", *entries, "UNTIL 7 20.02.2027", "2")
    again = said(phone, "UNTIL 7 20.02.2027")
    assert again.startswith("Person 2: This day is already stored.")
    assert "1 - 20 November, 3 - 22 November." in again
    assert said(phone, "OK") == again
    said(phone, "3", "UNTIL 7 20.02.2027", "1")
    until = [member.dates["registration-until"] for member in stored(hotline_on_sqlite).members.values()]
    assert until == [date(2027, 2, 20)] * 3


def test_end_that_says_something_new_is_asked_whose_it_is(hotline_on_sqlite: TextHotline) -> None:
    """The owner's contract is over, so that the end of the registration counts again."""
    phone = hotline_on_sqlite.phone()
    entries = ("ENTRY 20.11.2026", "ENTRY 20.11.2026", "2")
    said(phone, "ENGLISH", *entries, "UNTIL 7 20.02.2027", "1", "UNTIL 6 25.11.2026", "1")
    hotline_on_sqlite.now_utc += timedelta(days=10)
    assert "Whose? 1 - 20 November, 2 - 20 November." in said(phone, "UNTIL 7 20.02.2027")
    said(phone, "2")
    members = stored(hotline_on_sqlite).members
    assert members[0].dates.keys() == {"entry", "registration-until", "job-until"}
    assert members[1].dates["registration-until"] == date(2027, 2, 20)
    said(phone, "UNTIL 7 20.02.2027", "1")
    assert "d11@job-until" in stored(hotline_on_sqlite).done  # the old contract has given way


@pytest.mark.parametrize("text", ["REGISTERED 15.11.2026", "DONE 6 15.11.2026"])
def test_day_before_the_entry_of_whose_it_is_is_not_stored(hotline_on_sqlite: TextHotline, text: str) -> None:
    """Asked whose it is, and refused of who entered later; the other number still stores it."""
    phone = hotline_on_sqlite.phone()
    said(phone, "ENGLISH", "ENTRY 20.11.2026", "ENTRY 14.11.2026", "2", text)
    before = stored(hotline_on_sqlite).stored
    refused = said(phone, "1")
    assert "before your entry (20 November), so it is not stored" in refused
    assert stored(hotline_on_sqlite).stored == before
    assert pending(hotline_on_sqlite, "d05", member=0) > 0
    said(phone, "2")
    assert date(2026, 11, 15) in stored(hotline_on_sqlite).member(1).dates.values()
