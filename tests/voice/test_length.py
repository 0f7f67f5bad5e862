"""A call has an end: a warning, then a polite goodbye with whom to call in danger."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from hotline.people.model import Person, SaveDate
from hotline.voice import menu
from hotline.voice.length import LAST_TURN, MOST_TURNS, WARNED_AT
from hotline.voice.model import Caller, Entered
from hotline.voice.places import LANGUAGE, Kind, date_confirm, date_when, step
from tests.voice.conftest import OPERATOR, VoiceHotline
from tests.voice.stages import WebStage
from tests.voice.turns import GUIDE, KNOWN, TODAY, ids, sent

NEW = replace(KNOWN, caller=Caller(Person(language="ky")))


@pytest.mark.parametrize(("turns", "warned"), [(WARNED_AT - 1, 0), (WARNED_AT, 1), (WARNED_AT + 1, 0)])
def test_caller_is_warned_once_before_the_end(turns: int, warned: int) -> None:
    """The warning comes first, then what was asked for; before and after it nothing is different."""
    turn = menu.turn(GUIDE, replace(KNOWN, turns=turns), "1", TODAY)
    assert ids(turn) == ["voice-ends-soon"] * warned + ["voice-menu-police"]


def test_warning_is_in_the_language_just_chosen() -> None:
    """Who changes the language on the turn of the warning hears both in the new one."""
    asked = replace(KNOWN, place=LANGUAGE, turns=WARNED_AT)
    assert {heard.language for heard in menu.turn(GUIDE, asked, "2", TODAY).heard} == {"ru"}


@pytest.mark.parametrize(("turns", "ends"), [(MOST_TURNS - 1, False), (MOST_TURNS, True)])
def test_call_ends_at_its_longest(turns: int, ends: bool) -> None:
    """The hundredth turn says goodbye and sends the emergency numbers; the one before goes on."""
    turn = menu.turn(GUIDE, replace(KNOWN, place=step("07"), turns=turns), "6", TODAY)
    assert (turn.place is None) is ends
    assert ids(turn) == (["voice-bye-sms"] if ends else ["step-07-1"])
    texts = sent(turn)
    assert bool(texts) is ends
    assert not ends or "112" in texts[0]


def test_whoever_cannot_be_written_to_is_promised_nothing() -> None:
    """A hidden number hears the goodbye without the text."""
    turn = menu.turn(GUIDE, replace(KNOWN, has_number=False, turns=MOST_TURNS), "1", TODAY)
    assert (ids(turn), turn.effects) == (["voice-bye"], ())


def test_day_of_entry_is_not_cut_off() -> None:
    """Today, 1 to confirm: read back, stored and said to be, though the call is at its longest."""
    entered = menu.turn(GUIDE, replace(NEW, place=date_when("entry"), turns=MOST_TURNS), "1", TODAY)
    assert (entered.place, ids(entered)) == (date_confirm("entry"), ["voice-date-read", "voice-date-right"])
    waiting = Caller(Person(language="ky"), entered.entered)
    confirmed = replace(NEW, place=date_confirm("entry"), turns=MOST_TURNS + 1, caller=waiting)
    stored = menu.turn(GUIDE, confirmed, "1", TODAY)
    assert SaveDate("entry", TODAY.earliest) in stored.effects
    assert ids(stored)[0] == "voice-date-stored"
    assert (
        menu.turn(GUIDE, replace(NEW, place=date_when("entry"), turns=MOST_TURNS + 2), "5", TODAY).place
        is None
    )


def test_what_the_last_turn_was_to_store_is_stored() -> None:
    """The call ends there, and the date confirmed with its last key is kept."""
    waiting = Caller(Person(language="ky"), Entered(SaveDate("entry", date(2026, 11, 5))))
    last = menu.turn(
        GUIDE, replace(NEW, place=date_confirm("entry"), turns=LAST_TURN, caller=waiting), "1", TODAY
    )
    assert last.place is None
    assert SaveDate("entry", date(2026, 11, 5)) in last.effects


def test_person_is_rung_at_any_time() -> None:
    """Key 7 rings the operator even then; after the talk the call ends."""
    late = replace(KNOWN, operator=OPERATOR, turns=LAST_TURN)
    rung = menu.turn(GUIDE, late, "7", TODAY)
    assert (rung.dial, rung.place and rung.place.kind) == (OPERATOR, Kind.PERSON)
    assert rung.place is not None
    back = menu.turn(GUIDE, replace(late, place=rung.place, turns=LAST_TURN + 1, talked=True), "", TODAY)
    assert back.place is None


def test_call_of_a_hundred_turns_by_webhooks(hotline: VoiceHotline) -> None:
    """The path counts: 9 pressed again and again is warned at turn 90, ends at 100 and gets the digest."""
    stage = WebStage(hotline, "+996555000777")
    stage.call()
    stage.press("1")
    heard = [[line.id for line in stage.press("9").heard] for _ in range(2, MOST_TURNS)]
    assert [turn for turn, lines in enumerate(heard, start=2) if "voice-ends-soon" in lines] == [WARNED_AT]
    end = stage.press("9")
    assert ([line.id for line in end.heard], end.goes_on) == (["voice-bye-sms"], False)
    assert any("112" in sent for sent in end.sent)
