"""Key 8 costs whoever pays for texts, and anybody can call under any number: how often it is heard."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select

from db import Database
from db.tables import AnswerRow, MessageRow, PersonRow
from hotline.people.limits import Limits
from hotline.people.purses import Purses
from hotline.people.reply_limits import ReplyLimits
from hotline.people.tallies import COUNTS
from hotline.people.text_limits import Counted, TextLimits
from tests.voice.conftest import VoiceHotline
from tests.voice.handset import Handset
from tests.voice.records import NUMBER, waiting_texts
from tests.watching import count, statements

TURKISH = "+9053212345{:02}"
DAY = timedelta(hours=24, seconds=1)
SENT, REFUSED = "voice-sms-coming", "voice-no-sms-today"

Open = Callable[..., VoiceHotline]


def open_with(open_hotline: Open, database: Database, **limits: object) -> VoiceHotline:
    """The voice room with these limits."""
    return open_hotline(database, limits=Limits(**limits))


def in_a_step(hotline: VoiceHotline, number: str = NUMBER) -> Handset:
    """A call that hears step 10."""
    return hotline.handset(number).dial().presses("1", "1", "1")


def asked(hotline: VoiceHotline, number: str = NUMBER) -> str:
    """What a call hears first that asks for the texts of step 10."""
    return in_a_step(hotline, number).press("8").ids[0]


def texts_to(hotline: VoiceHotline) -> int:
    with hotline.database.reading() as session:
        return len(session.scalars(select(MessageRow).where(MessageRow.channel == "sms")).all())


def counted(hotline: VoiceHotline, number: str = NUMBER) -> Counted:
    """What stands to the account of `number`."""
    tally = hotline.effects.limits.tally(hotline.vault, number)
    with hotline.database.reading() as session:
        return Counted(**session.execute(COUNTS, tally.counts(hotline.now_utc)).one()._mapping)


def test_number_is_sent_texts_twenty_times_a_day(any_hotline: VoiceHotline) -> None:
    """Then the call says so and goes on where it is; nothing is enqueued; a day later again."""
    handset = in_a_step(any_hotline)
    heard = [handset.press("8").ids[0] for _ in range(22)]
    assert heard == [SENT] * 20 + [REFUSED] * 2
    assert handset.ids[1] == "step-10-0"
    sent = texts_to(any_hotline)
    assert sent % 20 == 0 and sent > 0
    assert asked(any_hotline) == REFUSED
    assert asked(any_hotline, "+996700123456") == SENT
    any_hotline.now_utc += DAY
    assert asked(any_hotline) == SENT


def test_calls_use_up_no_replies_to_texts(any_hotline: VoiceHotline) -> None:
    """Whoever presses 8 under a number that is not theirs leaves its owner every answer."""
    handset = in_a_step(any_hotline)
    for _ in range(21):
        handset.press("8")
    found = counted(any_hotline)
    assert (found.hour, found.day, found.same, found.asked_in_calls) == (0, 0, 0, 20)
    assert TextLimits().ruling(found, urgent=False, new=False) == "reply"


def test_countries_that_are_not_named_share_the_purse_of_texts(
    open_hotline: Open, database: Database
) -> None:
    """Calls from many numbers abroad have as few texts sent as texts from there; others go on."""
    hotline = open_with(open_hotline, database, replies=ReplyLimits(purses=Purses(elsewhere=3)))
    heard = [asked(hotline, TURKISH.format(n)) for n in range(5)]
    assert heard == [SENT] * 3 + [REFUSED] * 2
    assert counted(hotline, TURKISH.format(9)).purse == 3
    assert asked(hotline) == SENT


def test_closed_country_is_sent_nothing_and_nobody_is_stored(open_hotline: Open, sqlite: Database) -> None:
    """No row of a person; the guide is heard all the same."""
    hotline = open_with(open_hotline, sqlite, replies=ReplyLimits(purses=Purses(elsewhere=0)))
    handset = hotline.handset(TURKISH.format(1)).dial().presses("1", "1", "1")
    people = count(sqlite, PersonRow)
    assert handset.press("8").ids[:2] == [REFUSED, "step-10-0"]
    assert (count(sqlite, PersonRow), texts_to(hotline)) == (people, 0)


def test_prefix_and_everybody_have_a_limit(open_hotline: Open, database: Database) -> None:
    """The same as of replies, and the same count."""
    hotline = open_with(open_hotline, database, replies=ReplyLimits(3, Purses((("+7705", 1),))))
    kazakh = [asked(hotline, f"+7705123450{n}") for n in range(2)]
    assert kazakh == [SENT, REFUSED]
    assert [asked(hotline, f"+99655500000{n}") for n in range(3)] == [SENT, SENT, REFUSED]


def test_repeated_webhook_counts_once_and_a_refused_one_stays_refused(
    open_hotline: Open, database: Database
) -> None:
    """The carrier's repeat a day later sends nothing either."""
    hotline = open_with(open_hotline, database, texts=TextLimits(asked_in_calls=1))
    handset = in_a_step(hotline)
    action = handset.action
    first = handset.press("8").answer
    handset.action, sent = action, texts_to(hotline)
    assert (handset.press("8").answer, texts_to(hotline)) == (first, sent)
    assert counted(hotline).asked_in_calls == 1
    other = in_a_step(hotline)
    action = other.action
    refused = other.press("8").answer
    assert other.ids[0] == REFUSED
    hotline.now_utc += DAY
    other.action = action
    assert (other.press("8").answer, texts_to(hotline)) == (refused, sent)


def test_erasing_oneself_does_not_begin_the_count_anew(any_hotline: VoiceHotline) -> None:
    """Of the number's texts the count stays for a day, without words and without the person."""
    handset = in_a_step(any_hotline)
    for _ in range(20):
        handset.press("8")
    handset = any_hotline.handset().ring("ky", "confirm-forget").press("1")
    assert handset.ids[0] == "voice-forgotten"
    assert (count(any_hotline.database, PersonRow), texts_to(any_hotline)) == (0, 0)
    with any_hotline.database.reading() as session:
        rows = session.scalars(select(AnswerRow).where(AnswerRow.said == "asked_in_call")).all()
        assert {(row.person_id, row.body_sealed, row.reply_sealed) for row in rows} == {(None, None, b"")}
    assert asked(any_hotline) == REFUSED


def test_goodbye_promises_no_text_that_is_not_sent(open_hotline: Open, sqlite: Database) -> None:
    """After three silences: the same goodbye without the numbers by SMS."""
    hotline = open_with(open_hotline, sqlite, texts=TextLimits(asked_in_calls=1))
    handset = hotline.handset().dial().press("1")
    assert handset.presses("", "", "").ids == ["voice-bye-sms"]
    assert waiting_texts(hotline) and counted(hotline).asked_in_calls == 1
    sent = texts_to(hotline)
    assert hotline.handset().dial().presses("", "", "").ids == ["voice-bye"]
    assert texts_to(hotline) == sent


def test_refusal_is_one_line_in_the_log_without_the_number(
    open_hotline: Open, sqlite: Database, caplog: pytest.LogCaptureFixture
) -> None:
    """And one more statement than a turn that sends."""
    hotline = open_with(open_hotline, sqlite, replies=ReplyLimits(purses=Purses(elsewhere=0)))
    handset = in_a_step(hotline, TURKISH.format(1))
    with caplog.at_level(logging.WARNING), statements(sqlite) as seen:
        handset.press("8")
    warned = [record.msg for record in caplog.records if record.levelno >= logging.WARNING]
    assert [(line["event"], line["reason"]) for line in warned] == [("texts.refused", "abroad")]
    assert TURKISH.format(1)[1:] not in str([record.msg for record in caplog.records])
    assert len(seen) == 3
