"""What is said of a date that is stored in a call: nothing that is not so."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from hotline.guide.model import Guide
from hotline.people.model import CloseQuestion, Person, SaveDate
from hotline.people.questions import Asked, Question
from hotline.voice.model import Caller, Entered
from hotline.voice.places import date_confirm
from tests.voice.test_left_dates import ANCHORS, ENTRY_DAY, KEYED, ON, call, entered, turn
from tests.voice.turns import ids


def said(
    guide: Guide, anchor: str, day: date, person: Person | None = None, proven: bool = True
) -> list[str]:
    """What is heard after a date is stored, without the menu that follows."""
    member = 1 if anchor == "family" else 0
    waiting = Caller(person or Person(), Entered(SaveDate(anchor, day, member)))
    at = replace(call(anchor), place=date_confirm(anchor), proven=proven, caller=waiting)
    return ids(turn(at, "1", guide))[:-1]


@pytest.mark.parametrize(
    ("anchor", "day", "lines"),
    [
        ("departure", ON + timedelta(1), ["voice-we-remind-before", "voice-border"]),
        ("departure", ON, ["voice-border"]),
        ("policy-until", ON + timedelta(120), ["voice-we-remind"]),
        ("policy-until", ON + timedelta(1), ["voice-go-today", "voice-we-remind"]),
        ("policy-until", ON, ["voice-go-today"]),
        ("registration-until", ON + timedelta(2), ["voice-go-today", "voice-we-remind"]),
        ("registration-until", ON + timedelta(1), ["voice-go-today"]),
        ("job-until", ON + timedelta(120), ["voice-we-remind"]),
        ("family-until", ON + timedelta(120), ["voice-we-remind"]),
        ("family", ON - timedelta(10), ["voice-we-remind", "voice-family-more"]),
        ("family", ON - timedelta(40), ["voice-go-today", "voice-family-more"]),
        ("registered", ON, ["voice-registered-until"]),
    ],
)
def test_promise_is_kept(guide: Guide, anchor: str, day: date, lines: list[str]) -> None:
    """Reminders are promised where one is still to come; where the term ends now, the call says: go today."""
    assert said(guide, anchor, day) == ["voice-date-stored", *lines]


def test_date_that_governs_nothing_promises_nothing(guide: Guide) -> None:
    """The contract ends after the registration does: reminders count from that and were promised with it."""
    person = Person(dates={"registration-until": date(2027, 3, 1)})
    assert said(guide, "job-until", date(2027, 3, 15), person) == ["voice-date-stored"]


@pytest.mark.parametrize(
    ("dates", "asks"),
    [
        ({"registration-until": ON + timedelta(200)}, False),
        ({"registration-until": ON - timedelta(1)}, True),  # over
        ({"registered": ENTRY_DAY - timedelta(90), "registration-until": ON + timedelta(200)}, True),
    ],
    ids=["known", "over", "of another stay"],
)
def test_end_of_a_registration_is_asked_for_unless_it_is_known(
    guide: Guide, dates: dict[str, date], asks: bool
) -> None:
    """An end that is over, or of the registration of another stay, is not that of this one."""
    lines = said(guide, "registered", ON, Person(dates={"entry": ENTRY_DAY, **dates}))
    assert ("voice-registered-until" in lines) is asks


def test_new_end_is_promised_where_the_contract_is_over(guide: Guide) -> None:
    """What is over does not stand in its way."""
    person = Person(dates={"job-until": ON - timedelta(5)})
    assert said(guide, "registration-until", ON + timedelta(190), person)[1:] == ["voice-we-remind"]


@ANCHORS
def test_whoever_stopped_reminders_is_promised_none(guide: Guide, anchor: str) -> None:
    """It is said that they are off."""
    lines = said(guide, anchor, KEYED[anchor][1], Person(opted_out=True))
    assert "voice-reminders-off" in lines
    assert not {"voice-we-remind", "voice-we-remind-before", "voice-registered-until"} & set(lines)


@ANCHORS
def test_false_number_does_not_learn_that_reminders_were_stopped(guide: Guide, anchor: str) -> None:
    """Nothing is said of it; nor is anything promised that will not come."""
    lines = said(guide, anchor, KEYED[anchor][1], Person(opted_out=True), proven=False)
    assert not {"voice-reminders-off", "voice-we-remind", "voice-we-remind-before"} & set(lines)


def test_reminders_without_words_for_a_call_are_promised_by_text(guide: Guide) -> None:
    """Whoever chose calls hears that those of a policy come by text, and those of the entry by call."""
    person = Person(reminded_by="call")
    assert "voice-we-remind" in said(guide, "policy-until", date(2027, 3, 20), person)
    assert "voice-we-call" in said(guide, "entry", ENTRY_DAY, person)


def test_step_that_helps_is_named_by_its_digits(guide: Guide) -> None:
    """Of a family's registration it is step 11: hash, one, one."""
    waiting = Caller(Person(), Entered(SaveDate("family", date(2026, 10, 1), 1)))
    after = turn(replace(call("family"), place=date_confirm("family"), caller=waiting), "1", guide)
    named = next(heard.spoken for heard in after.heard if heard.spoken.id == "voice-go-today")
    assert dict(named.values) == {"tens": 1, "ones": 1}


@pytest.mark.parametrize(
    ("question", "closed"),
    [
        (None, True),
        (Question(Asked.SAVE_DATE, ON, "policy-until"), True),
        (Question(Asked.SAVE_DATE, ENTRY_DAY, "entry"), False),
        (Question(Asked.SAVE_DATE, ON, "policy-until", 2), False),
        (Question(Asked.DELETE), True),
    ],
)
def test_question_about_another_date_stays_open(
    guide: Guide, question: Question | None, closed: bool
) -> None:
    """Whoever leaves a policy in a call is still asked whether the entry sent by text is right."""
    proven = replace(call("policy-until", Person(question=question)), proven=True)
    waiting = entered(proven, guide)
    assert (CloseQuestion() in turn(waiting, "1", guide).effects) is closed
