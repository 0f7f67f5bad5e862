"""Who is believed, decided without a database; and turns when there is none."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from hotline.people.model import CloseQuestion, Person, RingBack, SaveDate, SendText, SetLanguage
from hotline.voice import menu, places
from hotline.voice.model import Caller, Entered, PersonWantedError, Turn
from hotline.voice.places import DATE_LEFT, Kind, Wish, date_confirm, date_when
from tests.voice.test_places import every_place
from tests.voice.turns import GUIDE, KEYS, KNOWN, STORED, TODAY, every_turn, ids


def test_nobody_stores_sends_or_rings_anything() -> None:
    """A hidden number: no turn has an effect or keeps a day, whatever is pressed wherever, whoever rang."""
    for proven in (False, True):
        hidden = replace(KNOWN, has_number=False, proven=proven, caller=Caller(Person()))
        for place, key, turn in every_turn(hidden):
            assert not turn.stores, (place, key, proven)


def test_unproven_caller_learns_and_changes_nothing() -> None:
    """Whatever an unproven caller presses: no stored date is said or changed, no reminder is silenced.

    Only the language, texts asked for and calls back to the number itself follow.
    """
    for place, key, turn in every_turn(KNOWN):
        assert all(isinstance(e, SetLanguage | SendText | RingBack) for e in turn.effects), (place, key)
        assert not any(heard.spoken.values for heard in turn.heard), (place, key)
        assert turn.entered is None


@pytest.mark.parametrize("wish", list(Wish))
def test_confirming_key_counts_only_in_a_proven_call(wish: Wish) -> None:
    """The same key at the same place in a call that came in only makes the hotline ring back."""
    turn = menu.turn(GUIDE, replace(KNOWN, place=places.confirm(wish)), "1", TODAY)
    assert turn.effects == (RingBack(f"confirm-{wish}"),)
    assert turn.place is None
    proven = menu.turn(GUIDE, replace(KNOWN, place=places.confirm(wish), proven=True), "1", TODAY)
    assert not any(isinstance(effect, RingBack) for effect in proven.effects)
    assert proven.place is not None


def test_ring_back_begins_at_a_place_that_exists() -> None:
    """Where the hotline rings back, the place of the effect is one of the call's places."""
    found = {e.place for _, _, turn in every_turn(KNOWN) for e in turn.effects if isinstance(e, RingBack)}
    assert {"menu-main", "confirm-stop", "confirm-forget", "confirm-date", "confirm-left"} <= found
    assert all(places.place_of(place, GUIDE) for place in found)


def test_date_set_in_this_call_may_be_heard_in_it() -> None:
    """Data set in this same call is believed: the days left are told without ringing back."""
    day = SaveDate("entry", date(2026, 11, 1))
    call = replace(KNOWN, place=places.DATES, date_stored=True, caller=Caller(STORED, Entered(day)))
    assert "voice-registration-left" in ids(menu.turn(GUIDE, call, "2", TODAY))
    second = SaveDate("entry", date(2026, 11, 2))
    other = replace(call, caller=Caller(STORED, Entered(second, frozenset({day}))))
    assert ids(menu.turn(GUIDE, other, "2", TODAY)) == ["voice-ring-back"]
    pending = replace(call, date_stored=False)
    assert ids(menu.turn(GUIDE, pending, "2", TODAY)) == ["voice-ring-back"]
    correcting = replace(other, date_stored=False)
    assert "voice-registration-left" in ids(menu.turn(GUIDE, correcting, "2", TODAY))


def test_date_set_in_this_call_proves_nothing_else() -> None:
    """Whoever set the date in this call hears and corrects it; DONE, STOP and DELETE still ring back."""
    day = SaveDate("entry", date(2026, 11, 1))
    mine = replace(KNOWN, date_stored=True, caller=Caller(STORED, Entered(day)))
    harmless = SetLanguage | SendText | RingBack | SaveDate | CloseQuestion
    for place, key, turn in every_turn(mine):
        assert all(isinstance(effect, harmless) for effect in turn.effects), (place, key)


def test_day_counts_as_set_from_the_turn_that_stores_it_on() -> None:
    """The next day that is entered is a guess again, until its own confirming key."""
    call = replace(KNOWN, place=date_when("entry"), caller=Caller(Person()))
    entered = menu.turn(GUIDE, call, "1", TODAY)
    assert entered.entered is not None
    assert not entered.date_stored(before=True)
    reading = replace(call, place=date_confirm("entry"), caller=Caller(Person(), entered.entered))
    assert menu.turn(GUIDE, reading, "1", TODAY).date_stored(before=False)
    for before in (True, False):
        assert menu.turn(GUIDE, reading, "2", TODAY).date_stored(before) is before
        wanted = menu.turn(GUIDE, reading, "1", TODAY)
        assert menu.unstored(GUIDE, reading, TODAY, wanted).date_stored(before) is before


def test_turns_that_need_nobody_look_nobody_up() -> None:
    """At menus, steps and codes an unproven caller is not looked up."""
    stranger = replace(KNOWN, caller=None)
    free = {Kind.MENU, Kind.STEP, Kind.AFTER}
    for place in every_place(GUIDE):
        if place.kind in free:
            for key in KEYS:
                menu.turn(GUIDE, replace(stranger, place=place), key, TODAY)


def test_turn_that_depends_on_the_caller_says_so() -> None:
    """What is stored cannot be told or changed without a look at the database."""
    for place, key in (
        (places.DATES, "1"),
        (places.DATES, "2"),
        (date_confirm("departure"), "1"),
        (places.DATE_OTHER, "3"),
        (DATE_LEFT, "9"),
        (places.LANGUAGE, "2"),
    ):
        with pytest.raises(PersonWantedError):
            menu.turn(GUIDE, replace(KNOWN, caller=None, place=place), key, TODAY)


def test_person_is_not_needed_to_go_on_when_the_database_is_away() -> None:
    """Without a database every key still gets a turn that stores nothing and says something."""
    away = replace(KNOWN, caller=None, proven=True)
    for place in every_place(GUIDE):
        for key in (None, *KEYS):
            turn = menu.unknown(GUIDE, replace(away, place=place), key, TODAY)
            assert turn.heard
            assert not turn.stores


def test_unstored_turn_says_so_and_goes_on() -> None:
    """Each turn that stores without knowing the caller has another in its place; only an end stays an end."""
    seen = 0
    for proven in (False, True):
        for place in every_place(GUIDE):
            for key in KEYS:
                call = replace(KNOWN, place=place, caller=None, misses=2, proven=proven)
                try:
                    turn = menu.turn(GUIDE, call, key, TODAY)
                except PersonWantedError:
                    continue
                if turn.stores:
                    seen += 1
                    check_unstored(menu.unstored(GUIDE, call, TODAY, turn), turn)
    assert seen > 200


def check_unstored(instead: Turn, wanted: Turn) -> None:
    assert not instead.stores
    if instead.place is None:
        assert (wanted.place, ids(instead)) == (None, ["voice-bye"])
    else:
        assert ids(instead)[0] == "voice-not-stored"
