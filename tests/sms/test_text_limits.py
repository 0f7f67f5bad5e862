"""The limits on replies: 30 an hour, 60 a day, the same text thrice; then "call us" once, then silence."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select, text

from db import Database
from db.tables import AnchorRow, AnswerRow, OptOutRow, PersonRow
from hotline.people.keep_days import KeepDays
from hotline.people.retention import Retention
from hotline.people.text_limits import Counted, Said, TextLimits
from tests.sms.answers import pages
from tests.sms.conftest import TextHotline
from tests.telephone import HOTLINE, Telephone
from tests.watching import count, statements

TEXTS = [f"КАДАМ {number}" for number in range(1, 13)]  # each thrice at most


@pytest.fixture
def limited(open_limited: Callable[[Database], TextHotline], sqlite: Database) -> TextHotline:
    return open_limited(sqlite)


@pytest.fixture
def limited_anywhere(open_limited: Callable[[Database], TextHotline], database: Database) -> TextHotline:
    """On each kind of database, where it is the counting that is tested."""
    return open_limited(database)


def answered(hotline: TextHotline, phone: Telephone, texts: int, every: timedelta = timedelta()) -> list[str]:
    """What so many different texts are answered, silence as ""."""
    answers = []
    for number in range(texts):
        answers.append("\n".join(pages(phone.text(TEXTS[number % len(TEXTS)]))))
        hotline.now_utc += every
    return answers


def test_thirty_are_answered_in_an_hour_then_one_is_told_to_call(limited_anywhere: TextHotline) -> None:
    """In the person's language, with the hotline's number; then nothing, and one urgent answer."""
    phone = limited_anywhere.phone()
    answers = answered(limited_anywhere, phone, 36)
    assert all(answers[:30])
    assert HOTLINE in answers[30]
    assert "Бизге чалыңыз" in answers[30]
    assert answers[31:] == [""] * 5
    assert "112" in pages(phone.text("SOS"))[0]
    assert pages(phone.text("SOS")) == []


def test_hour_later_it_is_answered_again(limited: TextHotline) -> None:
    """An hour after the first of the thirty there is room for one."""
    phone = limited.phone()
    answered(limited, phone, 32)
    limited.now_utc += timedelta(minutes=60, seconds=1)
    assert "1/" in pages(phone.text("7"))[0]


def test_sixty_are_answered_in_a_day(limited: TextHotline) -> None:
    """One told to call, then silence for the day; SOS once an hour; then the next day."""
    phone = limited.phone()
    answers = answered(limited, phone, 70, every=timedelta(minutes=3))
    assert all(answers[:60])
    assert HOTLINE in answers[60]
    assert answers[61:] == [""] * 9
    for _ in range(3):
        limited.now_utc += timedelta(hours=1, seconds=1)
        assert "112" in pages(phone.text("SOS"))[0]
        assert pages(phone.text("7")) == []
    limited.now_utc += timedelta(hours=24)
    assert pages(phone.text("7"))


def test_same_text_is_answered_three_times_in_ten_minutes(limited_anywhere: TextHotline) -> None:
    """Whatever its case; other texts go on, and so does it ten minutes later."""
    phone = limited_anywhere.phone()
    same = [
        pages(phone.text(body)) for body in ("I am away", "i am away ", "I AM AWAY", "I am away", "I am away")
    ]
    assert [len(answer) > 0 for answer in same] == [True, True, True, True, False]
    assert HOTLINE in same[3][0]
    assert "1/6" in pages(phone.text("7"))[0]
    limited_anywhere.now_utc += timedelta(minutes=10, seconds=1)
    assert pages(phone.text("I am away"))


def test_more_is_not_the_same_text_while_there_is_more(limited: TextHotline) -> None:
    """Step 7 has six pages: five MORE in a minute are no loop."""
    phone = limited.phone()
    phone.text("STEP 7")
    assert ["6/6" in pages(phone.text("MORE"))[0] for _ in range(5)] == [False] * 4 + [True]


def test_answers_to_questions_are_not_the_same_text(limited: TextHotline) -> None:
    """Each OK confirms another date."""
    phone = limited.phone()
    for day in range(1, 7):
        phone.text(f"ENTRY {day:02}.10.2026")
        assert HOTLINE not in "".join(pages(phone.text("OK")))
    assert count(limited.database, AnchorRow) == 1


def test_two_machines_come_to_rest(limited: TextHotline) -> None:
    """A machine that sends our own answer back gets 32 at most, a person beside it is served."""
    machine, body, replies = limited.phone("+996555000001"), "hello", 0
    for number in range(60):
        answer = pages(machine.text(body))
        replies += bool(answer)
        body = answer[0] if answer else f"{body} {number}"
    assert replies <= 32
    assert pages(limited.phone("+996555000002").text("7"))


def test_flood_gets_thirty_two_replies_at_most(limited: TextHotline) -> None:
    """Of everything mixed, within an hour; what is over the limit costs one statement and leaves no row."""
    phone = limited.phone()
    texts = [*TEXTS, "SOS", "MENU", "HELP", "STATUS", "DELETE", "OK"]
    replies = sum(bool(pages(phone.text(texts[number % len(texts)]))) for number in range(80))
    assert replies <= 32
    rows = count(limited.database, AnswerRow)
    with statements(limited.database) as seen:
        phone.text("STATUS")
    assert len(seen) == 1
    assert count(limited.database, AnswerRow) == rows


def test_deleting_does_not_begin_the_count_anew(limited: TextHotline) -> None:
    """DELETE, OK, over and over: the number stays the same number."""
    phone = limited.phone()
    replies = [bool(pages(phone.text(body))) for _ in range(12) for body in ("УДАЛИТЬ", "ДА", "ӨЧҮР", "ООБА")]
    assert sum(replies) <= 31
    assert count(limited.database, PersonRow) <= 1


def test_stop_over_the_limit_takes_effect_in_silence(limited: TextHotline) -> None:
    """Whoever has been told to call can still stop."""
    phone = limited.phone()
    answered(limited, phone, 32)
    assert pages(phone.text("ТОКТОТ")) == []
    assert count(limited.database, OptOutRow) == 1


def test_text_over_the_limit_changes_nothing(limited: TextHotline, caplog: pytest.LogCaptureFixture) -> None:
    """Nobody would be told what it changed; one line in the log, without the text."""
    phone = limited.phone()
    answered(limited, phone, 32)
    caplog.clear()
    with caplog.at_level(logging.INFO):
        assert pages(phone.text("ENTRY 10.11.2026")) == []
    assert count(limited.database, AnchorRow) == 0
    assert len(caplog.records) == 1
    assert "'reason': 'over_limit'" in str(caplog.records[0].msg)
    assert "10.11" not in str(caplog.records[0].msg)


def test_replay_of_an_answered_text_is_answered_over_the_limit(limited: TextHotline) -> None:
    """The same bytes: it is no new text."""
    phone = limited.phone()
    first = phone.text("7", sid="SM" + "1" * 32)
    answered(limited, phone, 32)
    assert phone.text("7", sid="SM" + "1" * 32).data == first.data


def test_counts_stand_in_no_column_in_clear_and_are_erased_after_a_day(limited_anywhere: TextHotline) -> None:
    """Number and text only as HMACs, and not the person's: the tables cannot be joined by them."""
    phone = limited_anywhere.phone()
    phone.text("КАДАМ 7")
    phone.text("ӨЧҮР")
    phone.text("ООБА")
    with limited_anywhere.database.engine.connect() as connection:
        stored = repr(connection.execute(text("SELECT * FROM answers")).all())
    assert "996555123456" not in stored
    assert "КАДАМ" not in stored
    with limited_anywhere.database.reading() as session:
        rows = session.scalars(select(AnswerRow)).all()
        assert {row.number_index for row in rows} != {limited_anywhere.vault.index(phone.number)}
        assert [(row.person_id, row.body_sealed) for row in rows] == [(None, None)] * 4
    retention = Retention(limited_anywhere.database, limited_anywhere.vault, {}, KeepDays())
    retention.tick(limited_anywhere.now_utc + timedelta(days=1, seconds=1))
    assert count(limited_anywhere.database, AnswerRow) == 0


@pytest.mark.parametrize(
    ("counted", "urgent", "new", "said"),
    [
        (Counted(hour=29, day=59, same=2), False, False, Said.REPLY),
        (Counted(hour=30, day=59), False, False, Said.CALL_US),
        (Counted(hour=30, day=59, told=1), False, False, Said.NOTHING),
        (Counted(hour=0, day=60), False, False, Said.CALL_US_TODAY),
        (Counted(hour=0, day=60, told_today=1), False, False, Said.NOTHING),
        (Counted(hour=0, day=60, told=1), False, False, Said.NOTHING),
        (Counted(same=3), False, False, Said.CALL_US),
        (Counted(same=3), False, True, Said.REPLY),
        (Counted(hour=30, day=60, told=1, told_today=1), True, False, Said.URGENT),
        (Counted(hour=30, day=60, urgent=1, told=1), True, False, Said.NOTHING),
        (Counted(hour=1, urgent=1), True, False, Said.URGENT),
    ],
)
def test_ruling(counted: Counted, urgent: bool, new: bool, said: Said) -> None:
    """The limits, one by one."""
    assert TextLimits().ruling(counted, urgent, new) is said
