"""Key 7 rings a telephone that the hotline pays for, and messages fill a mailbox: how often it is had."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from threading import Event

import pytest
from sqlalchemy import Connection, event, select

from db import Database
from db.tables import AnswerRow, PersonRow, VoiceMessageRow
from hotline.people.limits import Limits
from hotline.people.operator_limits import OperatorLimits, Use
from hotline.people.operator_uses import used
from hotline.voice import metering
from tests.voice.conftest import OPERATOR, VoiceHotline
from tests.voice.handset import Handset
from tests.voice.records import NUMBER, broken, leave_date
from tests.voice.stages import HIDDEN
from tests.voice.test_voice_replays import MOST_STATEMENTS
from tests.watching import count, statements

OTHER = "+996700123456"
DAY = timedelta(hours=24, seconds=1)
NO_PERSON = ["voice-no-person-today", "voice-message-offer"]

Open = Callable[..., VoiceHotline]


def open_with(open_hotline: Open, database: Database, **limits: int) -> VoiceHotline:
    """The voice room with these limits on the operator."""
    return open_hotline(database, limits=Limits(operator=OperatorLimits(**limits)))


def in_the_menu(hotline: VoiceHotline, number: str = NUMBER) -> Handset:
    return hotline.handset(number).dial().press("1")


def rings(hotline: VoiceHotline, number: str = NUMBER) -> bool:
    """Whether a call that presses 7 reaches the operator; its answer has been sent."""
    handset = in_the_menu(hotline, number).press("7").read_to_end()
    assert handset.dialled == OPERATOR or handset.ids == NO_PERSON
    return handset.dialled is not None


def at_the_offer(hotline: VoiceHotline, number: str = NUMBER) -> Handset:
    """A call that is offered to leave a message."""
    handset = hotline.handset(number).dial()
    handset.action = "/voice/ky/offer-menu-main/0/1"
    return handset


def records(hotline: VoiceHotline, number: str = NUMBER) -> bool:
    """Whether a call that wants to leave a message hears the tone."""
    handset = at_the_offer(hotline, number).press("1").read_to_end()
    assert handset.recording or handset.ids[:2] == ["voice-no-message-today", "voice-menu-main"]
    return bool(handset.recording)


def counted(hotline: VoiceHotline, use: Use = Use.RING, number: str = NUMBER) -> int:
    with hotline.database.reading() as session:
        return used(session, hotline.vault, number, use, hotline.now_utc).number


def test_number_rings_the_operator_twenty_times_a_day(any_hotline: VoiceHotline) -> None:
    """Then it may leave a message, and another number is put through; a day later it is too."""
    assert [rings(any_hotline) for _ in range(22)] == [True] * 20 + [False] * 2
    assert rings(any_hotline, OTHER)
    handset = in_the_menu(any_hotline).press("7").press("1")
    assert handset.recording
    any_hotline.now_utc += DAY
    assert rings(any_hotline)


def test_number_leaves_ten_messages_a_day(any_hotline: VoiceHotline) -> None:
    """Then the call says so and goes on where it was; the operator still rings."""
    assert [records(any_hotline) for _ in range(12)] == [True] * 10 + [False] * 2
    assert records(any_hotline, OTHER)
    assert rings(any_hotline)
    any_hotline.now_utc += DAY
    assert records(any_hotline)


def test_hidden_numbers_share_a_fifth_and_leave_the_rest(open_hotline: Open, database: Database) -> None:
    """However they are hidden; who shows a number is put through all the same, until all is used up."""
    hotline = open_with(open_hotline, database, rings=10, messages=6)
    hidden = [HIDDEN, "anonymous", "+7378742833"]
    assert [rings(hotline, number) for number in hidden] == [True, True, False]
    assert [records(hotline, number) for number in hidden] == [True, True, False]
    assert [rings(hotline, f"+99655500000{n}") for n in range(9)] == [True] * 8 + [False]
    assert [records(hotline, f"+99655500000{n}") for n in range(5)] == [True] * 4 + [False]


def test_one_hidden_caller_is_put_through_more_often_than_a_number(any_hotline: VoiceHotline) -> None:
    """Nobody knows that it is one caller; all hidden ones together have a hundred a day."""
    assert all(rings(any_hotline, HIDDEN) for _ in range(25))


@pytest.mark.parametrize("number", [NUMBER, HIDDEN])
def test_where_none_is_allowed_nobody_is_put_through(
    open_hotline: Open, sqlite: Database, number: str
) -> None:
    """0 is none: key 7 leads to the offer, the offer to the menu."""
    hotline = open_with(open_hotline, sqlite, rings=0, messages=0)
    assert not rings(hotline, number)
    assert not records(hotline, number)


@pytest.mark.parametrize("known", [False, True])
def test_ring_is_a_row_of_nobody(any_hotline: VoiceHotline, known: bool) -> None:
    """With an HMAC alone: neither the person nor the number, and no text counts it or looks late for it."""
    if known:
        leave_date(any_hotline)
    handset = any_hotline.handset().dial()
    handset.action = "/voice/ky/menu-main/0/1"
    handset.press("7").read_to_end()
    assert count(any_hotline.database, PersonRow) == int(known)
    with any_hotline.database.reading() as session:
        (row,) = session.scalars(select(AnswerRow)).all()
    assert (row.person_id, row.said, row.body_sealed, row.text_index) == (None, Use.RING, None, None)
    assert row.number_index not in {None, any_hotline.vault.index(NUMBER)}
    texts = any_hotline.effects.limits.tally(any_hotline.vault, NUMBER)
    assert row.number_index not in texts.numbers
    assert OPERATOR.encode() not in row.reply_sealed


def test_repeated_webhook_rings_and_counts_once(open_hotline: Open, database: Database) -> None:
    """The same bytes, though the limit is met by then; a refused one stays refused a day later."""
    hotline = open_with(open_hotline, database, rings_of_number=1)
    handset = in_the_menu(hotline)
    action = handset.action
    first = handset.press("7").read_to_end().answer
    for _ in range(2):
        handset.action = action
        assert handset.press("7").read_to_end().answer == first
    assert handset.dialled == OPERATOR
    assert counted(hotline) == 1
    other = in_the_menu(hotline)
    action = other.action
    refused = other.press("7").read_to_end().answer
    assert other.ids == NO_PERSON
    hotline.now_utc += DAY
    other.action = action
    assert other.press("7").read_to_end().answer == refused


def test_repeat_before_the_count_is_stored_rings_too(
    any_hotline: VoiceHotline, caplog: pytest.LogCaptureFixture
) -> None:
    """Two at once: one answer, one count, no error."""
    handset, again = in_the_menu(any_hotline), any_hotline.handset()
    again.sid, again.action = handset.sid, handset.action
    assert handset.press("7").answer == again.press("7").answer
    handset.read_to_end()
    again.read_to_end()
    assert counted(any_hotline) == 1
    assert [record.msg for record in caplog.records if record.levelno >= logging.WARNING] == []


def test_erasing_oneself_does_not_begin_the_count_anew(open_hotline: Open, database: Database) -> None:
    """What a refused call was told of the person goes; the count, which is nobody's, stays for a day."""
    hotline = open_with(open_hotline, database, rings_of_number=1, messages_of_number=0)
    leave_date(hotline)
    assert rings(hotline)
    assert not rings(hotline)
    handset = hotline.handset().ring("ky", "confirm-forget").press("1")
    assert handset.ids[0] == "voice-forgotten"
    assert count(database, PersonRow) == 0
    with database.reading() as session:
        left = session.scalars(select(AnswerRow).where(AnswerRow.said.in_(list(Use)))).all()
    assert [(row.person_id, row.said) for row in left] == [(None, Use.RING)]
    assert not rings(hotline)


def test_refused_message_goes_on_where_the_caller_was(open_hotline: Open, sqlite: Database) -> None:
    """Also at a place that tells what is stored: whoever calls is looked up."""
    hotline = open_with(open_hotline, sqlite, messages=0)
    leave_date(hotline)
    handset = hotline.handset().ring("ky", "confirm-left").press("1")
    assert handset.action is not None and "date-left" in handset.action
    handset.press("7").talk_ends("no-answer").press("1")
    assert handset.ids[0] == "voice-no-message-today"
    assert handset.action is not None and "/date-left/" in handset.action
    assert count(sqlite, VoiceMessageRow) == 0


def test_operator_is_rung_and_a_message_taken_without_the_database(any_hotline: VoiceHotline) -> None:
    """Whoever needs a person is not turned away by a count, met or not: neither read nor written."""
    for _ in range(21):
        rings(any_hotline)
    handset, speaker = in_the_menu(any_hotline), at_the_offer(any_hotline)
    with broken(any_hotline.database):
        assert handset.press("7").read_to_end().dialled == OPERATOR
        assert speaker.press("1").read_to_end().recording
    later = in_the_menu(any_hotline, OTHER)
    with broken(any_hotline.database, "INSERT"):
        assert later.press("7").read_to_end().dialled == OPERATOR
    assert (counted(any_hotline), counted(any_hotline, number=OTHER)) == (20, 0)


def test_operator_is_rung_while_somebody_else_writes(hotline: VoiceHotline) -> None:
    """A writer that holds SQLite's lock delays no ring."""
    handset = in_the_menu(hotline)
    with hotline.database.writing() as session:
        session.execute(select(PersonRow))
        began_s = time.monotonic()
        assert handset.press("7").dialled == OPERATOR
        assert time.monotonic() - began_s < 1.0
    handset.read_to_end()
    assert counted(hotline) == 1


@contextmanager
def silent(database: Database) -> Iterator[None]:
    """The database answers nothing until the end."""
    over = Event()

    def wait(_connection: Connection, *_: object) -> None:
        over.wait(timeout=10)

    event.listen(database.engine, "before_cursor_execute", wait)
    yield
    over.set()
    event.remove(database.engine, "before_cursor_execute", wait)


def test_operator_is_rung_though_the_database_does_not_answer(
    hotline: VoiceHotline, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After two seconds, here less; nothing is waited for afterwards either."""
    assert metering.PATIENCE_S == 2.0
    monkeypatch.setattr(metering, "PATIENCE_S", 0.05)
    handset = in_the_menu(hotline)
    with silent(hotline.database):
        began_s = time.monotonic()
        assert handset.press("7").read_to_end().dialled == OPERATOR
        assert time.monotonic() - began_s < 1.0


def test_ring_without_a_call_sid_is_not_counted(hotline: VoiceHotline) -> None:
    """What could not be told from its replay is answered from memory: not one statement."""
    handset = in_the_menu(hotline)
    handset.sid = ""
    with statements(hotline.database) as seen:
        assert handset.press("7").read_to_end().dialled == OPERATOR
    assert seen == []


@pytest.mark.parametrize("limits", [{}, {"rings": 0}])
def test_ring_costs_few_statements(open_hotline: Open, database: Database, limits: dict[str, int]) -> None:
    """Two before the answer, one after it, whether it is had or not."""
    hotline = open_with(open_hotline, database, **limits)
    handset = in_the_menu(hotline)
    with statements(database) as seen:
        handset.press("7")
        assert len(seen) == 2
        handset.read_to_end()
    assert len(seen) == 3 <= MOST_STATEMENTS


def test_refusal_is_one_line_in_the_log_without_the_number(
    open_hotline: Open, sqlite: Database, caplog: pytest.LogCaptureFixture
) -> None:
    """What was wanted and which limit is met."""
    hotline = open_with(open_hotline, sqlite, rings=0)
    with caplog.at_level(logging.WARNING):
        rings(hotline)
    warned = [record.msg for record in caplog.records if record.levelno >= logging.WARNING]
    told = {"event": "operator.refused", "use": "rang_operator", "reason": "everybody", "hidden": False}
    assert [{name: line[name] for name in told} for line in warned] == [told]
    assert NUMBER[1:] not in str([record.msg for record in caplog.records])
