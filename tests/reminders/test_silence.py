"""Nothing is heard of a reminder, or the carrier does not take it: it is followed another way."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from hotline.carriers.base import Outcome, OutcomeKind
from hotline.carriers.gateway import Kannel
from hotline.carriers.lines import Lines
from hotline.people.model import RemindBy, SaveDate, Told, UndoDone
from hotline.reminders.send_limits import SendLimits
from tests.carriers.recording import RecordingCarrier
from tests.reminders.conftest import Hotline

ENTRY = date(2026, 11, 22)
PHONE = "+996555123456"
EARLY = datetime(2026, 11, 29, 7, tzinfo=UTC)  # entry + 7, the opening of the window
LAST = datetime(2026, 12, 21, 7, tzinfo=UTC)  # the last day
MINUTE = timedelta(minutes=1)
BACK_OFF = Outcome(OutcomeKind.BACK_OFF, error_code=20429)
GATEWAY = Kannel("http://127.0.0.1:1/", "u", "p", "4040", ("+996",), ("s" * 32,), "http://h", frozenset())


def called(hotline: Hotline) -> str:
    """Somebody who is reminded by call."""
    id = hotline.remember(PHONE, ENTRY)
    hotline.change(id, RemindBy("call"))
    return id


def went(hotline: Hotline) -> tuple[int, int]:
    return len(hotline.carrier.texts), len(hotline.carrier.calls)


def refuse_calls(hotline: Hotline, monkeypatch: pytest.MonkeyPatch, kind: OutcomeKind) -> None:
    """Texts are taken, calls are not."""
    monkeypatch.setattr(hotline.carrier, "place_call", lambda *_, **__: Outcome(kind, error_code=20429))


def test_call_of_the_last_day_whose_end_is_never_told_is_followed_by_a_text(hotline: Hotline) -> None:
    """Its last receipt was lost: perhaps nobody has answered."""
    called(hotline)
    hotline.tick(LAST)
    (call,) = hotline.carrier.calls
    hotline.receive(call.attempt, "ringing", sid=call.sid)
    hotline.run_until(LAST + 39 * MINUTE)
    assert went(hotline) == (0, 1)
    hotline.run_until(LAST + 41 * MINUTE)
    assert went(hotline) == (1, 1)


def test_call_after_a_text_whose_end_is_never_told_is_followed_by_another(hotline: Hotline) -> None:
    """The text of the day has failed: another is of no use. There is no third call."""
    hotline.remember(PHONE, ENTRY)
    hotline.tick(LAST)
    hotline.receive(hotline.carrier.texts[-1].attempt, "undelivered", 30006)
    hotline.run_until(LAST + 3 * 60 * MINUTE)
    assert went(hotline) == (1, 2)


def test_call_that_has_said_its_words_is_followed_by_nothing(hotline: Hotline) -> None:
    """Whatever became of its receipt."""
    id = called(hotline)
    hotline.tick(LAST)
    hotline.change(id, Told())
    hotline.run_until(LAST + 3 * 60 * MINUTE)
    assert went(hotline) == (0, 1)


def test_silent_call_before_the_last_days_is_followed_by_nothing(hotline: Hotline) -> None:
    """One attempt a day is enough."""
    called(hotline)
    hotline.tick(EARLY)
    hotline.run_until(EARLY + 3 * 60 * MINUTE)
    assert went(hotline) == (0, 1)


@pytest.mark.parametrize(
    ("kind", "at"),
    [
        *((kind, LAST) for kind in (OutcomeKind.BACK_OFF, OutcomeKind.HALT, OutcomeKind.UNKNOWN)),
        *((kind, EARLY) for kind in (OutcomeKind.RETRY, OutcomeKind.HALT)),
    ],
)
def test_call_that_is_not_taken_for_forty_minutes_is_a_text(
    hotline: Hotline, monkeypatch: pytest.MonkeyPatch, kind: OutcomeKind, at: datetime
) -> None:
    """On any day: whoever chose calls is written to."""
    called(hotline)
    refuse_calls(hotline, monkeypatch, kind)
    hotline.tick(at)
    hotline.run_until(at + 39 * MINUTE)
    assert went(hotline) == (0, 0)
    hotline.run_until(at + 42 * MINUTE)
    assert went(hotline) == (1, 0)


@pytest.mark.slow  # its calls go out one a second
def test_everybody_is_rung_whose_line_takes_no_text(hotline: Hotline) -> None:
    """The gateway refuses our password at the first text of each tick: the others are not even tried."""
    gateway, main = RecordingCarrier(lambda: hotline.now), hotline.carrier
    gateway.answer_always(Outcome(OutcomeKind.HALT, http_status=403))
    hotline.carrier = Lines(main, gateway, GATEWAY, calls_everybody=True)
    hotline.send_limits = SendLimits(segments_per_second=1.0)
    hotline.dispatcher.close()
    hotline.dispatcher = hotline.new_dispatcher(workers=1)
    people = {f"+99655500000{n}" for n in range(6)}
    for phone in people:
        hotline.remember(phone, ENTRY)
    for minute in (0, 40, 42, 44, 46):
        hotline.tick(LAST + minute * MINUTE)
    assert {call.to for call in main.calls} == people


@pytest.mark.parametrize(("kind", "corrected"), [(OutcomeKind.BACK_OFF, False), (OutcomeKind.UNKNOWN, True)])
def test_text_is_worded_anew_once_a_call_has_taken_some_of_it(
    hotline: Hotline, monkeypatch: pytest.MonkeyPatch, kind: OutcomeKind, corrected: bool
) -> None:
    """A text of two people is not taken, the owner is rung, and DONE or another date follows.

    What goes out in the end says nothing of the owner.
    """
    id = hotline.remember(PHONE, ENTRY)
    hotline.change(id, SaveDate("entry", ENTRY, 1))
    hotline.carrier.can_list = False
    with monkeypatch.context() as refusing:
        refusing.setattr(hotline.carrier, "send_text", lambda *_: Outcome(kind, error_code=20429))
        hotline.tick(LAST)
        hotline.run_until(LAST + 40 * MINUTE)
    hotline.tick(hotline.now + MINUTE)
    (call,) = hotline.carrier.calls
    hotline.receive(call.attempt, "completed", sid=call.sid)
    hotline.enter(id, date(2026, 12, 10)) if corrected else hotline.done(id, "d05", "d09")
    hotline.carrier.can_list = True
    hotline.run_until(LAST + 100 * MINUTE)
    (text,) = hotline.carrier.texts
    assert "Person 2" in text.body
    assert "Person 1" not in text.body


def test_what_is_not_done_after_all_is_said_once(hotline: Hotline) -> None:
    """A text is refused, DONE ends a part of it, START takes it back: one text says both, once."""
    id = hotline.remember(PHONE, ENTRY)
    hotline.carrier.answer_next(BACK_OFF)
    hotline.tick(EARLY)
    hotline.now = EARLY + timedelta(seconds=20)
    hotline.done(id, "d05")
    hotline.change(id, UndoDone("d05"))
    hotline.run_until(EARLY + 30 * MINUTE)
    (text,) = hotline.carrier.texts
    assert "registration" in text.body
    assert "job" in text.body
