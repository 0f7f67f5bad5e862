"""Every date by keypad: which day it is, whose, who may leave it, and what is then said."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from hotline.guide.model import Guide
from hotline.guide.steptext import ContentError
from hotline.people.members import Member
from hotline.people.model import CloseQuestion, MarkDone, Person, RingBack, SaveDate
from hotline.reminders.days import Today
from hotline.voice import menu
from hotline.voice.keyed_dates import FARTHEST, day_coming, day_of_year
from hotline.voice.model import Call, Caller, Entered, Turn
from hotline.voice.places import (
    DATE_OTHER,
    DATE_PAPER,
    DATES,
    LEAVABLE,
    PAPERS,
    date_asked,
    date_confirm,
    date_digits,
)
from tests.voice.turns import ids

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
TODAY = Today.at(NOW, UTC)
ON = TODAY.here
ENTRY_DAY = date(2026, 11, 15)
KEYED = {  # a day for each date that can be left, as it is keyed
    "entry": ("1811", date(2026, 11, 18)),
    "family": ("1811", date(2026, 11, 18)),
    "registered": ("1811", date(2026, 11, 18)),
    "departure": ("1512", date(2026, 12, 15)),
    **dict.fromkeys(PAPERS, ("200327", date(2027, 3, 20))),
}
ANCHORS = pytest.mark.parametrize("anchor", LEAVABLE)


def call(anchor: str, person: Person | None = None, proven: bool = False) -> Call:
    """A call in which the digits of a date are being collected."""
    caller = Caller(person or Person(language="ru"))
    return Call(date_digits(anchor), "ru", has_number=True, proven=proven, caller=caller)


def turn(call: Call, key: str, guide: Guide, today: Today = TODAY) -> Turn:
    return menu.turn(guide, call, key, today)


def entered(call: Call, guide: Guide) -> Call:
    """The call after the digits of its date."""
    anchor = call.place.target
    after = turn(call, KEYED[anchor][0], guide)
    assert after.place == date_confirm(anchor)
    assert call.caller is not None
    return replace(call, place=after.place, caller=replace(call.caller, entered=after.entered))


def test_every_date_has_a_day_here() -> None:
    """The table above names all that can be left, and no more."""
    assert set(KEYED) == set(LEAVABLE)


@pytest.mark.parametrize(
    ("digits", "day"),
    [
        ("2211", date(2026, 11, 22)),
        ("2111", date(2027, 11, 21)),
        ("0101", date(2027, 1, 1)),
        ("2902", date(2028, 2, 29)),
        ("3102", None),
        ("0513", None),
        ("051", None),
        ("05a1", None),
    ],
)
def test_departure_is_the_next_such_day(digits: str, day: date | None) -> None:
    """Today is one; the year is the first in which the day comes."""
    assert day_coming(digits, TODAY) == day


def test_departure_is_not_past_while_it_is_today_somewhere() -> None:
    """At 21:30 UTC it is the 23rd in Moscow and still the 22nd in Kaliningrad."""
    evening = Today.at(datetime(2026, 11, 22, 21, 30, tzinfo=UTC), UTC)
    assert (evening.earliest, evening.latest) == (date(2026, 11, 22), date(2026, 11, 23))
    assert day_coming("2211", evening) == date(2026, 11, 22)


@pytest.mark.parametrize(
    ("digits", "day"),
    [
        ("200327", date(2027, 3, 20)),
        ("290228", date(2028, 2, 29)),
        ("290227", None),
        ("032027", None),
        ("2003", None),
        ("20032", None),
        ("2003277", None),
        ("٢٠٠٣٢٧", None),
    ],
)
def test_end_of_a_paper_has_its_year(digits: str, day: date | None) -> None:
    """Six digits: day, month, year of this century; never another order."""
    assert day_of_year(digits) == day


@pytest.mark.parametrize("anchor", PAPERS)
@pytest.mark.parametrize(
    ("away", "line"),
    [
        (timedelta(-1), "voice-date-past"),
        (timedelta(0), None),
        (FARTHEST, None),
        (FARTHEST + timedelta(1), "voice-date-far"),
    ],
)
def test_end_of_a_paper_is_ahead_and_not_too_far(
    guide: Guide, anchor: str, away: timedelta, line: str | None
) -> None:
    """Today is good; a day past leads where the named step can be dialled, one too far asks again."""
    after = turn(call(anchor), f"{ON + away:%d%m%y}", guide)
    assert (after.entered is None) is (line is not None)
    if line is not None:
        assert ids(after)[0] == line
        assert after.place == (DATE_PAPER if line == "voice-date-past" else date_digits(anchor))


@ANCHORS
def test_as_many_digits_are_collected_as_the_prompt_asks_for(guide: Guide, anchor: str) -> None:
    """Six for the end of a paper, else four: one fewer would cut the year off, one more wait in silence."""
    asked = turn(call(anchor), "", guide)
    assert asked.gather.digits == len(KEYED[anchor][0])
    paper = "voice-date-six-digits" if anchor in PAPERS else "voice-date-digits"
    assert ids(asked)[-1] == paper


@ANCHORS
def test_impossible_digits_are_asked_again(guide: Guide, anchor: str) -> None:
    """No such day, too few digits: said so, nothing kept."""
    for digits in ("3102", "310227", "1", "#"):
        after = turn(call(anchor), digits, guide)
        assert (ids(after)[0], after.place, after.stores) == (
            "voice-date-impossible",
            date_digits(anchor),
            False,
        )


@ANCHORS
def test_date_is_read_back_with_its_year_and_stored_by_one_alone(guide: Guide, anchor: str) -> None:
    """Any other key stores nothing."""
    day = KEYED[anchor][1]
    after = turn(call(anchor), KEYED[anchor][0], guide)
    assert [dict(heard.spoken.values) for heard in after.heard] == [{"date_year": day}, {}]
    assert ids(after)[1] == "voice-date-right"
    waiting = entered(call(anchor), guide)
    for key in ("", "2", "3", "4", "5", "0", "*", "9", "#", "7"):
        assert not any(isinstance(effect, SaveDate) for effect in turn(waiting, key, guide).effects)
    assert turn(waiting, "2", guide).place == date_asked(anchor)
    saved = turn(waiting, "1", guide)
    member = 1 if anchor == "family" else 0
    assert saved.effects == (SaveDate(anchor, day, member), CloseQuestion())
    assert (ids(saved)[0], saved.place) == ("voice-date-stored", DATES)


@ANCHORS
def test_date_of_another_kind_does_not_answer(guide: Guide, anchor: str) -> None:
    """What was entered last is another date: the confirming key asks for this one and stores nothing."""
    other = Entered(SaveDate("departure" if anchor != "departure" else "entry", date(2026, 11, 30)))
    waiting = replace(call(anchor), place=date_confirm(anchor), caller=Caller(Person(), other))
    for key in ("1", "9"):
        after = turn(waiting, key, guide)
        assert after.effects == ()
        assert not any(heard.spoken.values for heard in after.heard)


@ANCHORS
@pytest.mark.parametrize(
    "stored",
    [
        Person(language="ru", dates={"entry": ENTRY_DAY}),
        Person(language="ru", dates={"policy-until": date(2027, 1, 1)}),
        Person(language="ru", others={1: Member({"family": ENTRY_DAY})}),
    ],
    ids=["entry", "policy", "family"],
)
def test_stranger_is_rung_back_where_anything_is_stored(guide: Guide, anchor: str, stored: Person) -> None:
    """Whatever it is, whichever date is left: nothing is told or changed; in the call back it is taken."""
    stranger = call(anchor, stored)
    digits, day = KEYED[anchor]
    guessed = Caller(stored, Entered(SaveDate(anchor, day)))
    for at, key in (
        (replace(stranger, place=DATES), "1"),
        (stranger, digits),
        (replace(stranger, place=date_confirm(anchor), caller=guessed), "1"),
    ):
        after = turn(at, key, guide)
        assert (ids(after), after.effects) == (["voice-ring-back"], (RingBack("confirm-date"),))
        assert after.entered is None
    proven = turn(replace(stranger, proven=True), digits, guide)
    taken = anchor != "family" or not stored.others
    assert (proven.entered is not None) is taken


def test_call_leaves_one_date_after_the_other(guide: Guide) -> None:
    """What this call has stored is no stranger's: another date may follow, until something else is there."""
    first = entered(call("policy-until"), guide)
    policy = SaveDate("policy-until", date(2027, 3, 20))
    assert first.caller is not None
    kept = Person(dates={"policy-until": policy.day})
    second = replace(
        first, date_stored=True, place=date_digits("departure"), caller=replace(first.caller, person=kept)
    )
    after = turn(second, "1512", guide)
    assert after.entered == Entered(SaveDate("departure", date(2026, 12, 15)), frozenset({policy}))
    waiting = replace(second, date_stored=False, place=date_confirm("departure"))
    mine = replace(waiting, caller=Caller(kept, after.entered))
    assert SaveDate("departure", date(2026, 12, 15)) in turn(mine, "1", guide).effects
    meanwhile = replace(kept, dates={**kept.dates, "entry": ENTRY_DAY})
    assert ids(turn(replace(waiting, caller=Caller(meanwhile, after.entered)), "1", guide)) == [
        "voice-ring-back"
    ]


def test_only_a_proven_caller_says_that_registration_is_done(guide: Guide) -> None:
    """The day of registration ends reminders, even of an entry of the same call; alone it ends nothing."""
    mine = Caller(Person(dates={"entry": ENTRY_DAY}), Entered(SaveDate("entry", ENTRY_DAY)))
    stranger = replace(call("registered"), date_stored=True, caller=mine)
    assert ids(turn(stranger, "1811", guide)) == ["voice-ring-back"]
    proven = entered(replace(stranger, proven=True), guide)
    saved = turn(proven, "1", guide)
    assert saved.effects[0] == SaveDate("registered", date(2026, 11, 18))
    assert {MarkDone("d05"), MarkDone("d08")} <= set(saved.effects)
    assert ids(saved)[:3] == ["voice-date-stored", "voice-remind-done", "voice-registered-until"]


def test_corrected_day_of_registration_ends_no_extension(guide: Guide) -> None:
    """Neither by keypad nor where it was asked about by text."""
    dates = {"entry": ENTRY_DAY, "registered": date(2026, 11, 17), "registration-until": date(2027, 5, 1)}
    person = Person(dates=dates, done=frozenset({"d05", "d08"}))
    saved = turn(entered(call("registered", person, proven=True), guide), "1", guide)
    assert saved.effects == (SaveDate("registered", date(2026, 11, 18)), CloseQuestion())
    assert ids(saved) == ["voice-date-stored", "voice-dates"]


@pytest.mark.parametrize(("digits", "refused"), [("1411", True), ("1511", False)])
def test_nobody_registers_before_the_entry(guide: Guide, digits: str, refused: bool) -> None:
    """The day of entry itself is good."""
    after = turn(call("registered", Person(dates={"entry": ENTRY_DAY}), proven=True), digits, guide)
    assert (ids(after)[0] == "voice-date-before-entry") is refused
    assert (after.entered is None) is refused


def test_second_family_member_goes_by_text(guide: Guide) -> None:
    """Two could be meant; only what this call has stored itself is corrected in it."""
    stored = Person(others={1: Member({"family": date(2026, 11, 10)})})
    proven = call("family", stored, proven=True)
    assert ids(turn(proven, "1811", guide)) == ["voice-family-by-sms", "voice-dates"]
    at_choice = turn(replace(proven, place=DATE_OTHER), "3", guide)
    assert ids(at_choice) == ["voice-family-by-sms", "voice-dates"]
    mine = Entered(SaveDate("family", date(2026, 11, 10), 1))
    correcting = replace(proven, date_stored=True, caller=Caller(stored, mine))
    again = turn(correcting, "1811", guide)
    assert again.entered is not None
    assert again.entered.date == SaveDate("family", date(2026, 11, 18), 1)
    departure = turn(replace(proven, place=date_digits("departure")), "1512", guide)
    assert departure.entered is not None
    later = replace(proven, date_stored=True, caller=Caller(stored, departure.entered))
    assert ids(turn(later, "1811", guide))[0] == "voice-family-by-sms"  # another date makes it no correction


def test_family_member_gets_the_lowest_free_number(guide: Guide) -> None:
    """Another person's entry has number 2 already."""
    stored = Person(dates={"entry": ENTRY_DAY}, others={1: Member({"entry": ENTRY_DAY})})
    after = turn(call("family", stored, proven=True), "1811", guide)
    assert after.entered is not None
    assert after.entered.date.member == 2


def test_entered_value_survives_its_text() -> None:
    """The call's row gives back what was put in, its repr shows no day, and an older row is not misread."""
    first, second = SaveDate("entry", date(2026, 11, 5)), SaveDate("family", date(2026, 11, 1), 3)
    for value in (Entered(first), Entered(second, frozenset({first}))):
        assert Entered.read(value.written()) == value
        assert "2026" not in repr(value)
    assert Entered.read("2026-11-05 2026-11-01") is None


def test_date_without_words_is_named_at_the_start(guide: Guide) -> None:
    """A date that a call asks for and cannot read back stops the hotline before it answers."""
    dates = {
        **guide.dates,
        "departure": replace(guide.dates["departure"], spoken={"how": "voice-date-digits"}),
    }
    with pytest.raises(ContentError, match="departure"):
        menu.ensure_menus(replace(guide, dates=dates))
