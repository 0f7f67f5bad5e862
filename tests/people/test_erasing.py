"""Erasing oneself: nothing that was said before comes back, and nothing that is limited begins anew."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update

from db import Database
from db.tables import AnswerRow, MessageRow, PersonRow
from hotline.carriers.base import ReceivedText
from hotline.guide.model import Guide
from hotline.people import erasing
from hotline.people.call_limits import CallLimits
from hotline.people.limits import may_not_call
from hotline.people.model import Refusal
from hotline.people.text_limits import TextLimits
from hotline.reminders.states import Kind, State
from hotline.sms.understanding.vocabulary import Vocabulary
from hotline.sms.webhook import SmsDesk
from hotline.speech.studio import Studio
from tests.people.house import MINUTE, PHONE, House
from tests.sms.conftest import opened
from tests.telephone import HOTLINE
from tests.voice.conftest import studio
from tests.watching import count

OTHER = "+996700123456"
LONG_AGO_UTC = datetime(2026, 11, 1, tzinfo=UTC)
__all__ = ["studio"]  # a fixture


@pytest.fixture
def house(guide: Guide, vocabulary: Vocabulary, studio: Studio, database: Database) -> House:
    return House(opened(guide, vocabulary, TextLimits(), database), studio)


def erase(house: House, how: str) -> None:
    """By the person's own key or text, or by the operator's command."""
    if how == "key":
        assert "voice-forgotten" in house.handset().ring("ky", "confirm-forget").press("1").ids
    elif how == "text":
        assert [house.texts.phone(PHONE).text(body).status_code for body in ("DELETE", "OK")] == [200, 200]
    else:
        with house.texts.database.writing() as session:
            erasing.erase(session, house.texts.vault, person_id(house), PHONE, house.texts.now_utc)
    assert count(house.texts.database, PersonRow) == 0


def person_id(house: House) -> str | None:
    with house.texts.database.reading() as session:
        return session.query(PersonRow.id).scalar()


@pytest.mark.parametrize("body", ["ENTRY 21.11.2026", "STEP 7"])
@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize("how", ["key", "text", "command"])
def test_text_lost_before_brings_nothing_back(house: House, how: str, known: bool, body: str) -> None:
    """Found at the carrier after everything was erased, it is left alone; so it is of who was not known."""
    if known:
        assert house.texts.phone(PHONE).text("ENTRY 20.11.2026").status_code == 200
    house.tick()
    written_at_utc = house.texts.now_utc
    house.tick()
    erase(house, how)
    house.tick(3 * MINUTE)
    desk = house.texts.app.view_functions["sms.receive"].__self__  # type: ignore[attr-defined]
    assert isinstance(desk, SmsDesk)
    desk.answer_late(ReceivedText("SM" + "5" * 32, written_at_utc, PHONE, HOTLINE, body))
    assert count(house.texts.database, PersonRow) == count(house.texts.database, MessageRow) == 0


def test_new_date_after_it_is_stored(house: House) -> None:
    """Who begins anew is somebody new."""
    erase(house, "key")
    house.tick()
    assert house.texts.phone(PHONE).text("ENTRY 20.11.2026").status_code == 200
    assert count(house.texts.database, PersonRow) == 1


def calls_had(house: House) -> int:
    """Calls back one after another until the limit says no; each has been placed before the next."""
    for had in range(20):
        said = house.handset().ring("ky", "menu-service").press("3").ids
        if "voice-calling-back" not in said:
            return had
        with house.texts.database.writing() as session:
            session.execute(update(MessageRow).values(state=State.DELIVERED))
    return 20


@pytest.mark.parametrize("how", ["key", "text", "command"])
def test_calls_to_a_number_do_not_begin_anew(house: House, how: str) -> None:
    """Ten a day, erased or not; after the day ten again."""
    assert calls_had(house) == CallLimits().per_number
    erase(house, how)
    assert calls_had(house) == 0
    house.tick(timedelta(hours=25))
    assert calls_had(house) == CallLimits().per_number


def test_calls_of_everybody_and_of_a_prefix_go_on_counting(house: House) -> None:
    """Whoever was called and is erased has cost it; of which country nobody knows any more."""
    database, vault, now_utc = house.texts.database, house.texts.vault, house.texts.now_utc
    assert house.texts.phone(PHONE).text("CALL").status_code == 200
    with database.writing() as session:
        erasing.erase(session, vault, person_id(house), PHONE, now_utc)
        assert session.query(AnswerRow).filter(AnswerRow.said == erasing.Called.ASKED).count() == 1
        one, two = CallLimits(per_day=1), CallLimits(per_prefix=(("+996700", 1),))
        assert may_not_call(session, vault, one, None, OTHER, now_utc) is Refusal.EVERYBODY
        assert may_not_call(session, vault, two, None, OTHER, now_utc) is Refusal.PREFIX
        assert may_not_call(session, vault, two, None, PHONE, now_utc) is None


def test_reminder_by_call_counts_as_one(house: House) -> None:
    """It is no call that was asked for, so it takes nothing of their share."""
    assert house.texts.phone(PHONE).text("CALL").status_code == 200
    vault, now_utc = house.texts.vault, house.texts.now_utc
    with house.texts.database.writing() as session:
        session.execute(update(MessageRow).values(kind=Kind.REMINDER))
        erasing.erase(session, vault, person_id(house), PHONE, now_utc)
        found = [
            session.execute(erasing.calls_to_erased(vault, to, LONG_AGO_UTC)).all() for to in (PHONE, OTHER)
        ]
    assert found == [[(erasing.THIS_NUMBER, b"", 1, 0)], [(erasing.OTHERS, b"", 1, 0)]]
