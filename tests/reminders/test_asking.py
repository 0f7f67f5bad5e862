"""A question about a date that nobody answers for a day is asked once more, by call."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from hotline.people.model import Ask, CloseQuestion, Effect, OptOut, SaveDate
from hotline.people.questions import Asked, Question
from tests.reminders.conftest import Hotline

PHONE = "+996555123456"
DAY = date(2026, 9, 20)
ASKED_AT = datetime(2026, 11, 22, 12, tzinfo=UTC)  # 15:00 in Moscow
RINGS_AT = datetime(2026, 11, 24, 7, tzinfo=UTC)  # a day later the window is closed: the morning after


def asked(hotline: Hotline, kind: Asked = Asked.SAVE_DATE) -> str:
    hotline.now = ASKED_AT
    id = hotline.remember(PHONE)
    hotline.change(id, Ask(Question(kind, DAY)))
    return id


def test_question_is_asked_again_by_call_after_a_day(hotline: Hotline) -> None:
    """In the send window, once, by a call that a machine is not told the date by."""
    asked(hotline)
    assert hotline.next_due() == RINGS_AT
    hotline.run_until(RINGS_AT - timedelta(minutes=1))
    assert hotline.carrier.calls == []
    hotline.run_until(RINGS_AT + timedelta(days=5))
    (call,) = hotline.carrier.calls
    assert (call.to, call.for_a_person) == (PHONE, True)
    assert call.url == "https://hotline.example/voice/en/ask-date/0/0"
    assert hotline.carrier.texts == []


def test_question_in_the_window_is_asked_again_a_day_later_to_the_minute(hotline: Hotline) -> None:
    """At 10:30 it rings at 10:30 of the next day."""
    hotline.now = datetime(2026, 11, 22, 7, 30, tzinfo=UTC)
    id = hotline.remember(PHONE)
    hotline.change(id, Ask(Question(Asked.SAVE_DATE, DAY)))
    assert hotline.next_due() == hotline.now + timedelta(days=1)


def test_answered_question_is_not_asked_again(hotline: Hotline) -> None:
    """OK or NO ends it."""
    id = asked(hotline)
    hotline.change(id, SaveDate("entry", DAY), CloseQuestion())
    hotline.run_until(RINGS_AT + timedelta(days=1))
    assert hotline.carrier.calls == []


def test_question_is_not_asked_again_after_stop(hotline: Hotline) -> None:
    """Nobody asked for the call."""
    asked(hotline)
    hotline.opt_out(PHONE)
    hotline.run_until(RINGS_AT + timedelta(days=1))
    assert hotline.carrier.calls == []


@pytest.mark.parametrize("effects", [(OptOut(),), (SaveDate("entry", DAY), CloseQuestion())])
def test_question_that_found_the_line_busy_does_not_ring_again_after_stop_or_an_answer(
    hotline: Hotline, effects: tuple[Effect, ...]
) -> None:
    """Half a minute later it would ring once more; STOP or OK comes before."""
    id = asked(hotline)
    hotline.run_until(RINGS_AT)
    (call,) = hotline.carrier.calls
    hotline.receive(call.attempt, "busy", sid=call.sid)
    hotline.change(id, *effects)
    hotline.run_until(RINGS_AT + timedelta(minutes=20))
    assert hotline.carrier.calls == [call]
    assert [message.state for message in hotline.messages()][-1] == "cancelled"


def test_question_that_found_the_line_busy_rings_once_more(hotline: Hotline) -> None:
    """Where nothing has changed."""
    asked(hotline)
    hotline.run_until(RINGS_AT)
    hotline.receive(hotline.carrier.calls[0].attempt, "busy", sid=hotline.carrier.calls[0].sid)
    hotline.run_until(RINGS_AT + timedelta(minutes=20))
    assert len(hotline.carrier.calls) == 2


@pytest.mark.parametrize("kind", [Asked.DELETE, Asked.OPT_OUT, Asked.WHOSE_DATE])
def test_only_a_question_that_one_key_answers_is_asked_again(hotline: Hotline, kind: Asked) -> None:
    """Erasing is never asked for twice; whose date it is wants a number."""
    asked(hotline, kind)
    hotline.run_until(RINGS_AT + timedelta(days=1))
    assert hotline.carrier.calls == []
