"""Something stored of a person does not open: a damaged row, or a data key that this process lacks."""

from __future__ import annotations

import logging
from collections.abc import Callable

import pytest
from sqlalchemy import update

from db import Database
from db.tables import AnchorRow, AnswerRow, MessageRow, OptOutRow, PersonRow, ReminderRow
from hotline.people import store
from hotline.reminders.states import State
from tests.sms.answers import pages
from tests.sms.conftest import TextHotline
from tests.telephone import Telephone
from tests.watching import count

UNREADABLE = bytes(40)


@pytest.fixture
def phone(hotline: TextHotline) -> Telephone:
    """A telephone whose date of entry does not open any more."""
    phone = hotline.phone()
    phone.text("РУССКИЙ")
    phone.text("ENTRY 10.11.2026")
    with hotline.database.writing() as session:
        session.execute(update(AnchorRow).values(date_sealed=UNREADABLE))
    return phone


def test_cry_for_help_is_answered(hotline: TextHotline, phone: Telephone) -> None:
    """As to somebody of whom nothing is known; the same webhook again is answered the same."""
    sid = "SM" + "1" * 32
    (page,) = pages(phone.text("SOS", sid=sid))
    assert "112" in page
    assert pages(phone.text("SOS", sid=sid)) == [page]
    assert count(hotline.database, PersonRow) == 1


@pytest.mark.parametrize(("body", "wish"), [("СТОП", ""), ("STOP", "STOP"), ("maga jazbanyz", "")])
def test_stop_holds(hotline: TextHotline, phone: Telephone, body: str, wish: str) -> None:
    """The number need not be opened for it; what else is stored stays as it was."""
    assert len(pages(phone.text(body, OptOutType=wish))) == (0 if wish else 1)
    with hotline.database.reading() as session:
        assert store.is_opted_out(session, hotline.vault, phone.number)
    assert (count(hotline.database, PersonRow), count(hotline.database, AnchorRow)) == (1, 1)


@pytest.mark.parametrize("body", ["STEP 10", "DELETE", "ENTRY 11.11.2026", "START", "STATUS", "РУССКИЙ"])
def test_anything_else_is_for_later(
    hotline: TextHotline, phone: Telephone, caplog: pytest.LogCaptureFixture, body: str
) -> None:
    """503, by which the carrier comes again and the text is looked for; one line in the log, no change."""
    before = count(hotline.database, AnswerRow)
    caplog.clear()
    assert phone.text(body).status_code == 503
    (line,) = [record.msg for record in caplog.records if record.levelno >= logging.ERROR]
    assert isinstance(line, dict)
    assert line["event"] == "sms.not_stored"
    assert count(hotline.database, AnswerRow) == before
    assert count(hotline.database, OptOutRow) == 0
    assert hotline.phone("+996555000002").text(body).status_code == 200


def test_question_that_does_not_open_is_the_same(hotline: TextHotline) -> None:
    """Whatever column it is."""
    phone = hotline.phone()
    phone.text("ENTRY 10.11.2026")
    phone.text("DELETE")
    with hotline.database.writing() as session:
        session.execute(update(PersonRow).values(question_sealed=UNREADABLE))
    assert phone.text("OK").status_code == 503
    assert pages(phone.text("SOS"))
    assert pages(phone.text("СТОП"))
    with hotline.database.reading() as session:
        assert store.is_opted_out(session, hotline.vault, phone.number)


def test_limits_hold_for_who_cannot_be_read(
    open_limited: Callable[[Database], TextHotline], sqlite: Database
) -> None:
    """A damaged row is no way to have thousands of answers."""
    hotline = open_limited(sqlite)
    phone = hotline.phone()
    phone.text("ENTRY 10.11.2026")
    with sqlite.writing() as session:
        session.execute(update(AnchorRow).values(date_sealed=UNREADABLE))
    answered = [len(pages(phone.text("SOS"))) for _ in range(40)]
    assert sum(answered) < 10
    assert count(sqlite, AnswerRow) < 10


def test_rows_of_who_cannot_be_read_are_not_lost(hotline: TextHotline, phone: Telephone) -> None:
    """STOP leaves the ledger alone: the fence asks for the opt-out."""
    phone.text("СТОП")
    with hotline.database.reading() as session:
        assert {row.state for row in session.query(ReminderRow)} == {State.PENDING}
    assert count(hotline.database, MessageRow) == 0
