"""The call that reminds, through signed webhooks and on a real database."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from db import Database
from db.tables import AnchorRow, PersonRow, ReminderRow
from tests.telephone import HOTLINE
from tests.voice.conftest import VoiceHotline
from tests.voice.handset import Handset
from tests.voice.records import leave_date
from tests.watching import count, statements

ENTRY = date(2026, 11, 5)
MOST_STATEMENTS = 6


def ringing(hotline: VoiceHotline, place: str = "remind-d05.d09", **more: str) -> Handset:
    """A reminder that has been picked up, four days before the last."""
    leave_date(hotline, ENTRY)
    hotline.now_utc = datetime(2026, 11, 30, 9, tzinfo=UTC)
    return hotline.handset().ring("ky", place, **more)


def put_off(database: Database) -> list[tuple[str, date]]:
    """The rules and days of rows that want a call."""
    with database.reading() as session:
        rows = session.query(ReminderRow).where(ReminderRow.channel == "call").all()
        return sorted((row.rule, row.due_on) for row in rows)


def test_reminder_key_pressed_again_changes_nothing_twice(any_hotline: VoiceHotline) -> None:
    """The same CallSid and turn posted three times: the same bytes, one wish for tomorrow, one DONE."""
    handset = ringing(any_hotline)
    for key in ("1", "3"):
        action = handset.action
        first = handset.press(key).answer
        for _ in range(2):
            handset.action = action
            assert handset.press(key).answer == first
    assert put_off(any_hotline.database) == [("d09", date(2026, 12, 1))]
    with any_hotline.database.reading() as session:
        assert {row.kind: row.done for row in session.query(AnchorRow)} == {"entry": "d05", "registered": ""}


def test_nothing_is_put_off_to_a_day_when_offices_are_closed(hotline: VoiceHotline) -> None:
    """The term ends on Sunday 6 December: on Friday it is today or never, on Thursday there is a tomorrow."""
    leave_date(hotline, date(2026, 11, 7))
    for day, offered in ((3, True), (4, False), (5, False)):
        hotline.now_utc = datetime(2026, 12, day, 7, 5, tzinfo=UTC)
        handset = hotline.handset().ring("en", "remind-d05")
        assert ("voice-remind-again" in handset.ids) is offered
        handset.press("3")
        assert handset.ids[0] == ("voice-remind-tomorrow" if offered else "voice-remind-today")
    assert put_off(hotline.database) == [("d05", date(2026, 12, 4))]


def test_reminder_for_tomorrow_is_a_call_even_where_a_row_waits_already(any_hotline: VoiceHotline) -> None:
    """Tomorrow's own reminder becomes a call; no second one beside it."""
    handset = ringing(any_hotline)
    with any_hotline.database.reading() as session:
        planned = {row.due_on for row in session.query(ReminderRow).where(ReminderRow.rule == "d05")}
    rows = count(any_hotline.database, ReminderRow)
    handset.press("3")
    added = 0 if date(2026, 12, 1) in planned else 1
    assert count(any_hotline.database, ReminderRow) == rows + added
    assert ("d05", date(2026, 12, 1)) in put_off(any_hotline.database)


def test_reminder_takes_few_statements(any_hotline: VoiceHotline) -> None:
    """At most six SQL statements a webhook, as every other turn of a call."""
    handset = ringing(any_hotline)
    for key in ("9", "3", "1"):
        with statements(any_hotline.database) as seen:
            handset.press(key)
        assert len(seen) <= MOST_STATEMENTS, (key, seen)


@pytest.mark.parametrize("answered_by", ["machine_start", "machine_end_beep", "machine_end_silence", "fax"])
def test_machine_hears_nothing_of_the_person(hotline: VoiceHotline, answered_by: str) -> None:
    """Who called and to call back, then the end: no term, no day, no step."""
    handset = ringing(hotline, AnsweredBy=answered_by)
    assert handset.ids == ["voice-machine"]
    assert handset.action is None


@pytest.mark.parametrize("answered_by", ["human", "unknown"])
def test_person_hears_the_term(hotline: VoiceHotline, answered_by: str) -> None:
    """Where it is not known who answered, somebody may have."""
    handset = ringing(hotline, AnsweredBy=answered_by)
    asked = ["voice-registration-left", "voice-remind-registration", "voice-remind-again"]
    assert handset.ids == ["voice-remind-hello", "voice-remind-why", *asked]


def test_reminder_place_tells_a_caller_nothing(hotline: VoiceHotline) -> None:
    """The place of a reminder in a call that came in, as a forger would like it: the main menu, no term."""
    leave_date(hotline, ENTRY)
    handset = hotline.handset().dial()
    answer = handset.telephone.post("/voice/ky/remind-d05.d09/0/0", handset.params())
    assert "voice-registration" not in answer.text
    assert "menu-main" in answer.text
    pressed = handset.telephone.post("/voice/ky/remind-d05.d09/0/1", handset.params(Digits="1"))
    assert "voice-remind" not in pressed.text
    with hotline.database.reading() as session:
        assert [row.done for row in session.query(AnchorRow)] == [""]


def test_choice_of_calls_is_kept_and_said(any_hotline: VoiceHotline) -> None:
    """After the confirming key of a call back reminders come by call, and a new day of entry says so."""
    leave_date(any_hotline, ENTRY)
    handset = any_hotline.handset().ring("ky", "confirm-calls").press("1")
    assert handset.ids[0] == "voice-by-calls"
    with any_hotline.database.reading() as session:
        assert [row.reminded_by for row in session.query(PersonRow)] == ["call"]
    handset.presses("2", "4", "1", "1", "1")
    assert "voice-we-call" in handset.ids
    assert HOTLINE not in handset.answer.decode()


def test_erased_day_leaves_no_reminder(any_hotline: VoiceHotline) -> None:
    """The day is gone, what was planned from it is cancelled, the person stays known."""
    leave_date(any_hotline, ENTRY)
    handset = any_hotline.handset().ring("ky", "confirm-undate").press("1")
    assert handset.ids[0] == "voice-date-erased"
    assert count(any_hotline.database, AnchorRow) == 0
    assert count(any_hotline.database, PersonRow) == 1
    with any_hotline.database.reading() as session:
        assert {row.state for row in session.query(ReminderRow)} <= {"cancelled"}
