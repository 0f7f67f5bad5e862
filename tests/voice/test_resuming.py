"""Where a caller stopped: noted behind the answer, offered at the next arrival."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from db.tables import PersonRow
from hotline.people.model import Person, Stopped
from hotline.voice import menu, places
from hotline.voice.model import Caller
from hotline.voice.places import MAIN
from tests.voice.conftest import VoiceHotline
from tests.voice.records import broken, leave_date, person
from tests.voice.turns import GUIDE, KNOWN, TODAY, ids
from tests.watching import count, statements

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
OFFER = "voice-continue"


def test_paragraph_is_noted_when_the_answer_is_through(any_hotline: VoiceHotline) -> None:
    """The answer itself asks the database nothing; one statement follows it."""
    handset = any_hotline.handset().dial().presses("1", "2")
    with statements(any_hotline.database) as seen:
        handset.press("1")
        assert seen == []
        handset.read_to_end()
    assert len(seen) == 1
    assert person(any_hotline).stopped == Stopped("step-07-0", any_hotline.now_utc)
    handset.press("").read_to_end()
    assert person(any_hotline).stopped == Stopped("step-07-1", any_hotline.now_utc)


def test_turn_that_stores_notes_the_paragraph_too(any_hotline: VoiceHotline) -> None:
    """Key 8 in a step sends texts in its own transaction, and the note follows."""
    handset = any_hotline.handset().dial().presses("1", "2", "1", "6")
    handset.press("8")
    assert person(any_hotline).stopped is None
    handset.read_to_end()
    assert person(any_hotline).stopped == Stopped("step-07-1", any_hotline.now_utc)


def test_end_of_a_step_is_noted(any_hotline: VoiceHotline) -> None:
    """Heard to its end, a step is nothing to go on with."""
    handset = any_hotline.handset().dial().presses("1", "#", "12", "6", "6", "6", "6").read_to_end()
    assert person(any_hotline).stopped == Stopped("step-12-4", any_hotline.now_utc)
    handset.press("").read_to_end()
    assert (handset.ids, person(any_hotline).stopped) == (["voice-after-last"], None)


@pytest.mark.parametrize("keys", ["1", "3", "6", "*", "0", "#"])
def test_menus_note_nothing(hotline: VoiceHotline, keys: str) -> None:
    """Only a step is worth a note: nothing is written elsewhere."""
    handset = hotline.handset().dial().press("1").presses(*keys)
    with statements(hotline.database) as seen:
        handset.read_to_end()
    assert seen == []


def test_note_makes_nobody_known(any_hotline: VoiceHotline) -> None:
    """A number of which nothing is stored hears a step: there is still nobody, after DELETE too."""
    any_hotline.handset().dial().presses("#", "07").read_to_end()
    assert count(any_hotline.database, PersonRow) == 0
    leave_date(any_hotline)
    handset = any_hotline.handset().ring("ky", "confirm-forget").presses("1", "2", "1").read_to_end()
    assert handset.ids[0] == "step-07-0"
    assert count(any_hotline.database, PersonRow) == 0


def test_withheld_number_leaves_no_note(hotline: VoiceHotline) -> None:
    """Not even a statement."""
    handset = hotline.handset("anonymous").dial().presses("1", "2", "1")
    with statements(hotline.database) as seen:
        handset.read_to_end()
    assert seen == []


def test_note_that_cannot_be_kept_fails_no_call(
    hotline: VoiceHotline, caplog: pytest.LogCaptureFixture
) -> None:
    """The call goes on, and the operator's log has one line without the number."""
    handset = hotline.handset().dial().presses("1", "2")
    with broken(hotline.database, "UPDATE people"), caplog.at_level(logging.WARNING):
        assert handset.press("1").read_to_end().ids == ["step-07-0"]
    assert "bookmark.not_kept" in caplog.text
    assert "996555" not in caplog.text
    assert handset.press("6").ids == ["step-07-1"]


def test_going_on_needs_no_database(hotline: VoiceHotline) -> None:
    """The place is in the path: the key is answered from memory, and a replay gets the same."""
    hotline.handset().dial().presses("1", "1", "1", "6").read_to_end()
    handset = hotline.handset().dial()
    assert OFFER in handset.ids
    action = handset.action
    with statements(hotline.database) as seen:
        first = handset.press("6").answer
        handset.action = action
        assert handset.press("6").answer == first
    assert handset.ids == ["step-10-1"]
    assert seen == []


def test_menu_is_said_whatever_the_database_says(hotline: VoiceHotline) -> None:
    """Who cannot be looked up at a call back hears the menu without the offer."""
    hotline.handset().dial().presses("1", "2", "1").read_to_end()
    assert OFFER in hotline.handset().ring("ky", "menu-main").ids
    with broken(hotline.database):
        assert hotline.handset().ring("ky", "menu-main").ids[0] == "voice-menu-main"


@pytest.mark.parametrize(
    ("known", "offered"),
    [
        (Person("ky", stopped=Stopped("step-07-1", NOON)), True),
        (Person("ky", stopped=Stopped("step-07-1", NOON - timedelta(days=30))), True),
        (Person("ky", stopped=Stopped("step-07-1", NOON - timedelta(days=30, seconds=1))), False),
        (Person(None, stopped=Stopped("step-07-1", NOON)), False),
        (Person("ky"), False),
        (Person("ky", stopped=Stopped("step-13-0", NOON)), False),
        (Person("ky", stopped=Stopped("menu-police", NOON)), False),
    ],
    ids=["just now", "30 days", "longer ago", "no language", "nothing", "no such step", "no step"],
)
def test_offer_is_for_whoever_stopped_in_a_step(known: Person, offered: bool) -> None:
    """Within thirty days, in a step that there is; it follows the five choices and comes before the keys."""
    turn = menu.arrival(GUIDE, replace(KNOWN, caller=Caller(known), at_utc=NOON), TODAY)
    assert ids(turn) == ["voice-menu-main", *([OFFER] if offered else []), "voice-keys"]


def test_step_that_became_shorter_goes_on_at_its_end() -> None:
    """A paragraph that the guide no longer has is not said, and is no error."""
    call = replace(KNOWN, place=places.resume(places.step("07", 50)))
    assert menu.turn(GUIDE, call, "6", TODAY).place == places.after("07")


def test_choices_mean_the_same_with_the_offer() -> None:
    """Keys 1 to 5, and those that work everywhere, lead where they lead from the main menu."""
    call = replace(KNOWN, place=places.resume(places.step("07", 1)))
    for key in "12345":
        assert menu.turn(GUIDE, call, key, TODAY) == menu.turn(GUIDE, KNOWN, key, TODAY)
    assert menu.turn(GUIDE, call, "0", TODAY).place == MAIN
    assert menu.turn(GUIDE, call, "*", TODAY).place == MAIN
