"""A text that is found late answers nothing that was asked after it, and rings nobody at night."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select

from db.tables import MessageRow
from hotline.people import store
from hotline.people.model import Person
from hotline.reminders.states import Channel
from tests.sms.conftest import TextHotline
from tests.sms.test_backfill import MINUTE, Outage

NUMBER = "+996555123456"
EVENING = datetime(2026, 11, 22, 17, tzinfo=UTC)  # 20:00 in Moscow
CALL_ME = {"ENGLISH": "CALL", "РУССКИЙ": "ПОЗВОНИТЕ", "КЫРГЫЗЧА": "ЧАЛЫҢЫЗ"}


@pytest.fixture
def outage(hotline: TextHotline, monkeypatch: pytest.MonkeyPatch) -> Outage:
    return Outage(hotline, monkeypatch)


def known(outage: Outage) -> Person:
    with outage.hotline.database.reading() as session:
        return store.find(session, outage.hotline.vault, NUMBER).person


def send(outage: Outage, *texts: str) -> None:
    for text in texts:
        assert outage.text(NUMBER, text) == 200


def lose(outage: Outage, *texts: str) -> None:
    """Texts that no webhook can store, a minute after another."""
    outage.down = True
    for text in texts:
        outage.hotline.now_utc += MINUTE
        assert outage.text(NUMBER, text) == 503
    outage.down = False


def calls(outage: Outage) -> int:
    with outage.hotline.database.reading() as session:
        return len(session.scalars(select(MessageRow).where(MessageRow.channel == Channel.CALL)).all())


def test_late_number_corrects_no_date_that_was_asked_about_after_it(outage: Outage) -> None:
    """A step was meant: whose date it is nobody had been asked."""
    send(outage, "ENGLISH", "ENTRY 10.11.2026")
    lose(outage, "ENTRY 12.11.2026", "1")
    assert outage.look() == 2
    assert known(outage).dates == {"entry": date(2026, 11, 10)}
    told = "\n".join(outage.pages(NUMBER))
    assert "Reply 1 to correct it, 2 for another person." in told
    assert "MORE 1/" in told


def test_late_number_ends_no_reminders_of_who_was_asked_about_after_it(outage: Outage) -> None:
    """ "7: all" to who has done it."""
    send(outage, "ENGLISH", "ENTRY 10.11.2026", "ENTRY 11.11.2026", "2")
    lose(outage, "DONE 7", "7")
    assert outage.look() == 2
    assert not any(member.done for member in known(outage).members.values())


def test_late_ok_erases_nobody_who_was_asked_after_it(outage: Outage) -> None:
    send(outage, "ENGLISH", "ENTRY 10.11.2026")
    lose(outage, "DELETE", "OK")
    assert outage.look() == 2
    assert known(outage).dates == {"entry": date(2026, 11, 10)}
    send(outage, "OK")
    assert known(outage).dates == {}


def test_late_answer_to_a_question_asked_before_it_holds(outage: Outage) -> None:
    """Whenever it is found."""
    send(outage, "ENGLISH", "ENTRY 10.11.2026", "ENTRY 12.11.2026")
    lose(outage, "1")
    assert outage.look() == 1
    assert known(outage).dates == {"entry": date(2026, 11, 12)}


def test_late_more_does_not_bring_the_rest_of_what_was_said_after_it(outage: Outage) -> None:
    """It goes on where it was then; what waits now still waits."""
    send(outage, "ENGLISH", "STEP 7")
    lose(outage, "ENTRY 20.11.2026", "MORE")
    assert outage.look() == 2
    assert "MORE 2/6" in "\n".join(outage.pages(NUMBER))
    assert known(outage).rest


@pytest.mark.parametrize("language", CALL_ME)
def test_call_asked_for_in_the_evening_is_not_placed_at_night(outage: Outage, language: str) -> None:
    """At 3:30 in Moscow a text says to send it again; what that asks for is done."""
    outage.hotline.now_utc = EVENING
    send(outage, language)
    lose(outage, CALL_ME[language])
    assert outage.look(timedelta(hours=7, minutes=29)) == 1
    assert calls(outage) == 0
    (told,) = outage.pages(NUMBER)
    assert told.endswith(CALL_ME[language])
    send(outage, CALL_ME[language])
    assert calls(outage) == 1


@pytest.mark.parametrize(
    ("hours", "minutes", "placed"), [(0, 59, True), (1, 1, False), (13, 58, False), (14, 1, True)]
)
def test_late_call_is_placed_within_the_hour_or_in_the_window(
    outage: Outage, hours: int, minutes: int, placed: bool
) -> None:
    """Who asked an hour ago at most is awake; from 10:00 to 12:00 in Moscow it is day everywhere."""
    outage.hotline.now_utc = EVENING
    send(outage, "ENGLISH")
    outage.hotline.now_utc -= MINUTE
    lose(outage, "CALL")
    assert outage.look(timedelta(hours=hours, minutes=minutes)) == 1
    assert calls(outage) == placed
