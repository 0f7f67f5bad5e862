"""Two texts of one person at the same instant: what one stores the other does not undo."""

from __future__ import annotations

from functools import partial

from sqlalchemy import select

from db.tables import ReminderRow
from hotline.people import store
from hotline.people.model import Person
from tests.sms.conftest import TextHotline
from tests.together import at_once, side_by_side

NUMBER = "+996555123456"


def send_together(hotline: TextHotline, *texts: str) -> None:
    with side_by_side():
        at_once(*(partial(hotline.phone(NUMBER).text, text) for text in texts))


def known(hotline: TextHotline) -> Person:
    with hotline.database.reading() as session:
        return store.find(session, hotline.vault, NUMBER).person


def pending(hotline: TextHotline) -> set[str]:
    with hotline.database.reading() as session:
        return set(session.scalars(select(ReminderRow.rule).where(ReminderRow.state == "pending")))


def test_two_dates_of_somebody_new_are_both_kept(hotline: TextHotline) -> None:
    """And the reminders of both."""
    send_together(hotline, "ENTRY 10.11.2026", "UNTIL 8 01.02.2027")
    assert known(hotline).dates.keys() == {"entry", "policy-until"}
    assert {"d05", "d09", "d14"} <= pending(hotline)


def test_date_and_done_are_both_kept(hotline: TextHotline) -> None:
    """DONE 6 ends the job alone; the end of the registration that comes with it is reminded of."""
    hotline.phone(NUMBER).text("ENTRY 10.11.2026")
    send_together(hotline, "UNTIL 7 20.05.2027", "DONE 6")
    person = known(hotline)
    assert (person.dates.keys() >= {"entry", "registration-until"}, "d09" in person.done) == (True, True)
    assert ("d11" in pending(hotline), "d09" in pending(hotline)) == (True, False)
