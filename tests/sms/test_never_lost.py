"""No text has two effects, none is lost in silence, and what is left unread is told in the log."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import Connection, delete, event, select

from db import Database
from db.tables import AnchorRow, AnswerRow, PersonRow
from tests.sms.answers import pages
from tests.sms.conftest import TextHotline
from tests.telephone import HOTLINE, Telephone
from tests.together import at_once
from tests.watching import count, statements

SID = "SM" + "a" * 32


@pytest.fixture
def on_sqlite(hotline_on_sqlite: TextHotline) -> TextHotline:
    return hotline_on_sqlite


def replayed(hotline: TextHotline, body: str) -> list[bytes]:
    """The answers to one text that comes 104 times, from eight threads at once."""
    answers: list[bytes] = []

    def replay() -> None:
        phone = hotline.phone()
        answers.extend(phone.text(body, sid=SID).data for _ in range(13))

    at_once(*[replay] * 8)
    return answers


def test_confirmed_delete_replayed_from_eight_threads_has_one_answer(hotline: TextHotline) -> None:
    """All of them say that it is erased; none says that it did not understand OK."""
    phone = hotline.phone()
    for body in ("ENGLISH", "ENTRY 10.11.2026", "DELETE"):
        phone.text(body)
    answers = replayed(hotline, "OK")
    assert len(answers) == 104
    assert len(set(answers)) == 1
    assert b"erased" in answers[0]
    assert count(hotline.database, PersonRow) == 0


def test_delete_takes_few_statements(hotline: TextHotline) -> None:
    """Six for the question; four more for what erases: the carrier's copies, and the calls had."""
    phone = hotline.phone()
    phone.text("ENTRY 10.11.2026")
    for body, most in (("DELETE", 6), ("OK", 10)):
        with statements(hotline.database) as seen:
            pages(phone.text(body))
        assert len(seen) <= most, seen


def test_text_of_before_delete_that_comes_again_brings_nothing_back(hotline: TextHotline) -> None:
    """It is silent, has no effect, and leaves nothing to read."""
    phone = hotline.phone()
    phone.text("ENTRY 10.11.2026", sid=SID)
    phone.text("DELETE")
    phone.text("OK")
    assert pages(phone.text("ENTRY 10.11.2026", sid=SID)) == []
    assert count(hotline.database, PersonRow) == count(hotline.database, AnchorRow) == 0
    with hotline.database.reading() as session:
        row = session.get(AnswerRow, SID)
        assert row is not None
        assert (row.person_id, row.body_sealed, row.reply_sealed) == (None, None, b"")


@pytest.mark.parametrize("body", ["NO", "MENU", "ЖОК", "7", "не понял", ""])
def test_anything_but_yes_keeps_what_was_to_be_deleted(on_sqlite: TextHotline, body: str) -> None:
    """And a later OK is not for that question any more."""
    phone = on_sqlite.phone()
    phone.text("ENTRY 10.11.2026")
    phone.text("DELETE")
    phone.text(body)
    phone.text("OK")
    assert count(on_sqlite.database, AnchorRow) == 1


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_text_of_somebody_erased_at_this_instant_is_taken_as_of_a_newcomer(hotline: TextHotline) -> None:
    """The row goes between the look-up and the answer; on SQLite nobody can come between."""
    phone = hotline.phone()
    phone.text("ENGLISH")

    erased: list[str] = []

    def erase(_connection: Connection, _cursor: object, statement: str, *_: object) -> None:
        if statement.startswith("UPDATE people") and not erased:
            erased.append(statement)
            with hotline.database.engine.begin() as other:
                other.execute(delete(PersonRow))

    event.listen(hotline.database.engine, "before_cursor_execute", erase)
    assert "10 November" in pages(phone.text("ENTRY 10.11.2026"))[0]
    assert count(hotline.database, AnchorRow) == count(hotline.database, AnswerRow) == 1


@pytest.mark.parametrize(
    ("sender", "reason"),
    [
        (HOTLINE, "ours"),
        ("KADAM", "ours"),
        ("kadam", "ours"),
        ("+996312000778", "ours"),
        ("BEELINE", "not_a_number"),
        ("72345", "not_a_number"),
        ("+72345", "not_a_number"),
        ("anonymous", "withheld"),
        ("+266696687", "withheld"),
        ("", "withheld"),
    ],
)
def test_sender_that_is_nobody_is_told_in_the_log_alone(
    on_sqlite: TextHotline, caplog: pytest.LogCaptureFixture, sender: str, reason: str
) -> None:
    """No answer, no row, one line with the reason and without the sender."""
    with caplog.at_level(logging.INFO), statements(on_sqlite.database) as seen:
        assert pages(on_sqlite.phone(sender).text("STEP7", sid=SID)) == []
    assert seen == []
    (line,) = [record.msg for record in caplog.records]
    assert isinstance(line, dict)
    assert {key: line[key] for key in ("event", "reason", "sid")} == {
        "event": "sms.ignored",
        "reason": reason,
        "sid": SID,
    }
    assert sender == "" or sender not in str(line).replace(reason, "")


def test_text_to_a_number_that_we_do_not_know_as_ours_is_not_answered_to_it(on_sqlite: TextHotline) -> None:
    """The number that was written to is ours whatever the settings say."""
    phone = on_sqlite.phone("+996700000001")
    assert pages(phone.text("7", To="+996700000001")) == []


@pytest.mark.parametrize("body", ["", " ", "\n\t", "\u200b\u200e"])
def test_empty_text_is_told_what_can_be_sent(on_sqlite: TextHotline, body: str) -> None:
    """In the person's language."""
    phone = on_sqlite.phone()
    phone.text("ENGLISH")
    assert pages(phone.text(body)) == [
        "Your text was empty. Send a step number from 1 to 12, or MENU. If you are in danger: 112, 102."
    ]


def test_picture_is_told_that_it_is_not_seen_and_its_words_are_read(on_sqlite: TextHotline) -> None:
    """Without words one line; with words they are the text."""
    phone = on_sqlite.phone()
    phone.text("РУССКИЙ")
    (told,) = pages(phone.text("", NumMedia="1", MediaUrl0="https://example.org/1"))
    assert told.startswith("Картинки мы не видим, звук не слышим.")
    assert "1/6" in pages(phone.text("ШАГ 7", NumMedia="2"))[0]
    for none in ("many", "00", ""):
        assert pages(phone.text("", NumMedia=none))[0].startswith("Пришло пустое сообщение.")
    assert pages(phone.text("", NumMedia="9" * 5000))[0].startswith("Картинки мы не видим")


@pytest.mark.parametrize("length", [1600, 1601, 8000])
def test_long_text_is_read_to_its_first_1600_characters(on_sqlite: TextHotline, length: int) -> None:
    """A step at its beginning is found, a wish behind them is not; nothing fails."""
    phone = on_sqlite.phone()
    phone.text("ENGLISH")
    assert "1/6" in pages(phone.text("STEP 7".ljust(length)))[0]
    assert pages(phone.text("я" * length))[0].startswith("112")
    assert count(on_sqlite.database, AnswerRow) == 3


def test_question_of_the_reader_is_not_lost_for_the_same_text_in_another_hour(
    open_limited: Callable[[Database], TextHotline], sqlite: Database
) -> None:
    """A habit of one text an hour is never told to call."""
    hotline = open_limited(sqlite)
    phone: Telephone = hotline.phone()
    for _ in range(20):
        assert HOTLINE not in "".join(pages(phone.text("АБАЛ")))
        hotline.now_utc += timedelta(hours=1)


def test_every_answered_text_is_kept_once(on_sqlite: TextHotline) -> None:
    """One row a MessageSid."""
    phone = on_sqlite.phone()
    for number in range(3):
        phone.text("7", sid=f"SM{number:032x}")
        phone.text("7", sid=f"SM{number:032x}")
    with on_sqlite.database.reading() as session:
        assert len(session.scalars(select(AnswerRow)).all()) == 3
