"""The call that asks once more about a date which was sent by text."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from hotline.guide.model import Guide
from hotline.people.model import CloseQuestion, MarkDone, Person, SaveDate
from hotline.people.questions import Asked, Question
from hotline.reminders.days import Today
from hotline.voice import menu
from hotline.voice.model import Call, Caller, Turn
from hotline.voice.places import ASK, DATES, MAIN

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
TODAY = Today.at(NOW, UTC)
DAY = date(2026, 11, 20)


def call(question: Question | None, dates: dict[str, date] | None = None, proven: bool = True) -> Call:
    person = Person(language="ru", question=question, dates=dates or {})
    return Call(ASK, "ru", has_number=True, proven=proven, caller=Caller(person))


def ids(turn: Turn) -> list[str]:
    return [heard.spoken.id for heard in turn.heard]


def test_call_reads_the_date_back(guide: Guide) -> None:
    """Who calls, the date with its year, the keys."""
    turn = menu.arrival(guide, call(Question(Asked.SAVE_DATE, DAY)), TODAY)
    assert ids(turn) == ["voice-remind-hello", "voice-ask-date", "voice-date-read", "voice-date-right"]
    assert turn.heard[2].spoken.values == {"date_year": DAY}
    assert turn.place == ASK


@pytest.mark.parametrize(
    ("anchor", "read"),
    [
        ("family", "voice-family-read"),
        ("departure", "voice-departure-read"),
        ("registered", "voice-registered-read"),
        ("job-until", "voice-job-until-read"),
        ("policy-until", "voice-policy-until-read"),
        ("registration-until", "voice-registration-until-read"),
        ("family-until", "voice-family-until-read"),
    ],
)
def test_call_says_which_date_it_is(guide: Guide, anchor: str, read: str) -> None:
    """Nobody confirms the end of a contract for a day of entry."""
    turn = menu.arrival(guide, call(Question(Asked.SAVE_DATE, DAY, anchor, int(anchor == "family"))), TODAY)
    assert ids(turn)[2] == read


def test_one_stores_the_entry_and_tells_its_terms(guide: Guide) -> None:
    """As if it had been entered by keypad."""
    turn = menu.turn(guide, call(Question(Asked.SAVE_DATE, DAY)), "1", TODAY)
    assert turn.effects == (SaveDate("entry", DAY), CloseQuestion())
    assert ids(turn)[:2] == ["voice-date-stored", "voice-registration-left"]
    assert turn.place == DATES


def test_one_stores_another_date_of_whoever_it_is(guide: Guide) -> None:
    """The end of a policy; with a day of registration the reminders of the registration end.

    The call goes on: what is said of a date names keys.
    """
    until = date(2027, 1, 20)
    turn = menu.turn(guide, call(Question(Asked.SAVE_DATE, until, "policy-until", 2)), "1", TODAY)
    assert turn.effects == (SaveDate("policy-until", until, 2), CloseQuestion())
    assert (ids(turn)[0], turn.place) == ("voice-date-stored", DATES)
    registered = call(Question(Asked.SAVE_DATE, DAY, "registered"), {"entry": date(2026, 11, 15)})
    effects = menu.turn(guide, registered, "1", TODAY).effects
    assert effects[0] == SaveDate("registered", DAY)
    assert MarkDone("d05") in effects


def test_two_drops_the_question(guide: Guide) -> None:
    """Nothing is stored, and it says so."""
    turn = menu.turn(guide, call(Question(Asked.SAVE_DATE, DAY)), "2", TODAY)
    assert (ids(turn)[0], turn.effects) == ("voice-ask-dropped", (CloseQuestion(),))


@pytest.mark.parametrize("question", [None, Question(Asked.DELETE), Question(Asked.WHOSE_DATE, DAY)])
def test_answered_question_is_not_asked(guide: Guide, question: Question | None) -> None:
    """It was answered by text in the meantime."""
    turn = menu.arrival(guide, call(question), TODAY)
    assert (ids(turn)[1], turn.place) == ("voice-remind-nothing", None)
    assert menu.turn(guide, call(question), "1", TODAY).effects == ()


def test_stranger_hears_no_date(guide: Guide) -> None:
    """Only a call that the hotline placed tells what was sent by text."""
    stranger = call(Question(Asked.SAVE_DATE, DAY), proven=False)
    assert menu.arrival(guide, stranger, TODAY).place == MAIN
    assert menu.turn(guide, stranger, "1", TODAY).effects == ()


def test_machine_is_told_no_date(guide: Guide) -> None:
    """It hears who called."""
    turn = menu.arrival(guide, replace(call(Question(Asked.SAVE_DATE, DAY)), machine=True), TODAY)
    assert ids(turn) == ["voice-machine"]
