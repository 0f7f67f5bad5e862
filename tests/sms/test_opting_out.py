"""STOP and START, said to us or to the carrier: confirmed once, and only START begins again."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select, update

from db import Database
from db.tables import AnchorRow, OptOutRow, PersonRow
from hotline.people import store
from tests.sms.answers import pages
from tests.sms.conftest import TextHotline
from tests.watching import count


@pytest.fixture
def hotline(hotline_on_sqlite: TextHotline) -> TextHotline:
    return hotline_on_sqlite


def opted_out(hotline: TextHotline) -> bool:
    return count(hotline.database, OptOutRow) == 1


def at_carrier(hotline: TextHotline) -> bool:
    with hotline.database.reading() as session:
        return session.scalars(select(OptOutRow)).one().at_carrier


@pytest.mark.parametrize(
    ("body", "confirmed"),
    [
        ("СТОП", "Эскертүүлөр токтоду"),
        ("пожалуйста не пишите мне больше", "Напоминания отключены"),
        ("керек эмес жазбаңыз", "Эскертүүлөр токтоду"),
        ("maga jazbanyz", "Эскертүүлөр токтоду"),
        ("please stop texting me", "Reminders are off"),
    ],
)
def test_stop_in_any_words_is_confirmed_once(hotline: TextHotline, body: str, confirmed: str) -> None:
    """Reminders stop at once; said again it is silent, and information still comes."""
    phone = hotline.phone()
    first = pages(phone.text(body))
    assert len(first) == 1
    assert confirmed in first[0]
    assert opted_out(hotline)
    assert not at_carrier(hotline)
    assert pages(phone.text(body)) == []
    assert pages(phone.text("7"))
    assert opted_out(hotline)


@pytest.mark.parametrize("body", ["7", "MENU", "ENTRY 10.11.2026", "START 7", "OK", "ДА", "CALL", "РУССКИЙ"])
def test_nothing_but_start_begins_again(hotline: TextHotline, body: str) -> None:
    """Whatever is asked for is answered, and the opt-out stays."""
    phone = hotline.phone()
    phone.text("ТОКТОТ")
    assert pages(phone.text(body))
    assert opted_out(hotline)


@pytest.mark.parametrize("body", ["START", "СТАРТ", "БАШТА", "bashta", "начать"])
def test_start_in_any_language_begins_again(hotline: TextHotline, body: str) -> None:
    """And says so."""
    phone = hotline.phone()
    phone.text("ТОКТОТ")
    assert pages(phone.text(body))
    assert not opted_out(hotline)


@pytest.mark.parametrize("body", ["ОТМЕНА", "мага керек эмес", "don't stop", "STOP7", "не надо", "БОЛДУ"])
def test_unclear_stop_asks(hotline: TextHotline, body: str) -> None:
    """Nobody is opted out by a guess."""
    assert len(pages(hotline.phone().text(body))) >= 1
    assert not opted_out(hotline)


def test_who_has_stopped_is_not_asked_whether_to_stop(hotline: TextHotline) -> None:
    """They are told that it is off and how to begin again; a DA after it changes nothing."""
    phone = hotline.phone()
    phone.text("СТОП")
    assert pages(phone.text("ОТМЕНА"))[0].startswith("Напоминания отключены. Снова включить: СТАРТ.")
    phone.text("ДА")
    assert opted_out(hotline)


def test_start_of_one_step_says_that_all_reminders_are_off(hotline: TextHotline) -> None:
    """START 7 undoes DONE 7, and does not promise a reminder to who wants none."""
    phone = hotline.phone()
    for body in ("ENGLISH", "ENTRY 10.11.2026", "DONE 7", "UNSUBSCRIBE ME"):
        phone.text(body)
    assert pages(phone.text("START 7")) == ["Reminders are off. To have them again: START."]
    with hotline.database.reading() as session:
        assert session.scalars(select(AnchorRow)).one().done == ""
    assert "go on" not in " ".join(pages(phone.text("DONE 7")))


@pytest.mark.parametrize("body", ["STOP", "Стоп", "arrêt"])
def test_stop_that_the_carrier_has_taken_gets_no_second_answer(hotline: TextHotline, body: str) -> None:
    """Whatever word it is that the carrier listens to."""
    assert pages(hotline.phone().text(body, OptOutType="STOP")) == []
    assert at_carrier(hotline)


def test_carrier_learns_of_a_stop_that_we_know(
    open_hotline: Callable[[Database], TextHotline], database: Database
) -> None:
    """First to us, then to the carrier: from then on nothing of ours arrives."""
    hotline = open_hotline(database)
    phone = hotline.phone()
    phone.text("ТОКТОТ")
    assert not at_carrier(hotline)
    phone.text("STOP")
    assert at_carrier(hotline)


def test_start_that_the_carrier_has_taken_is_answered_by_us_too(hotline: TextHotline) -> None:
    """Its answer does not know whether there is a day to be reminded of."""
    phone = hotline.phone()
    phone.text("STOP", OptOutType="STOP")
    assert "ENTRY" in pages(phone.text("unstop", OptOutType="START"))[0]
    assert not opted_out(hotline)


def test_yes_answers_an_open_question_though_the_carrier_takes_it_for_start(hotline: TextHotline) -> None:
    """YES is one of the carrier's words for START: it erases, and it does not begin reminders again."""
    phone = hotline.phone()
    phone.text("STOP", OptOutType="STOP")
    phone.text("DELETE")
    phone.text("YES", OptOutType="START")
    assert count(hotline.database, PersonRow) == 0
    assert opted_out(hotline)


def test_yes_without_a_question_is_the_start_that_the_carrier_takes_it_for(hotline: TextHotline) -> None:
    """The carrier says that the person is subscribed again: so do we."""
    phone = hotline.phone()
    phone.text("STOP", OptOutType="STOP")
    phone.text("YES", OptOutType="START")
    assert not opted_out(hotline)


@pytest.mark.parametrize("body", ["СТАРТ", "bashta", "начать"])
def test_start_that_the_carrier_does_not_know_begins_nothing_while_it_blocks(
    hotline: TextHotline, body: str
) -> None:
    """Reminders would be planned and dropped: START is asked for, in letters that the carrier reads."""
    phone = hotline.phone()
    phone.text("ENTRY 20.11.2026")
    phone.text("STOP")
    assert "START" in pages(phone.text(body))[0]
    assert at_carrier(hotline)
    phone.text("start ")
    assert not opted_out(hotline)


@pytest.mark.parametrize("body", ["HELP", "INFO", "aide"])
def test_help_that_the_carrier_has_answered_gets_ours(hotline: TextHotline, body: str) -> None:
    """The carrier's does not know whom to call in danger."""
    assert "112" in pages(hotline.phone().text(body, OptOutType="HELP"))[0]


def test_answer_that_the_carrier_drops_is_no_silent_loss(
    hotline: TextHotline, caplog: pytest.LogCaptureFixture
) -> None:
    """The log says of which answers it is so, by SID; after START they arrive."""
    phone = hotline.phone()
    phone.text("STOP")
    caplog.clear()
    with caplog.at_level(logging.INFO):
        phone.text("7", sid="SM" + "1" * 32)
        phone.text("START", sid="SM" + "2" * 32)
        phone.text("7", sid="SM" + "3" * 32)
    lines = [logged(record) for record in caplog.records]
    assert {line["sid"][-1]: line["blocked"] for line in lines} == {"1": True, "2": False, "3": False}


def logged(record: logging.LogRecord) -> dict[str, Any]:
    message = record.msg
    return message if isinstance(message, dict) else dict(json.loads(record.getMessage()))


def test_opt_out_of_before_the_carrier_was_noted_counts(hotline: TextHotline) -> None:
    """A row of an older version: opted out, and not blocked."""
    phone = hotline.phone()
    phone.text("STOP")
    with hotline.database.writing() as session:
        session.execute(update(OptOutRow).values(at_carrier=False))
    with hotline.database.reading() as session:
        person = store.find(session, hotline.vault, phone.number).person
    assert (person.opted_out, person.blocked) == (True, False)
