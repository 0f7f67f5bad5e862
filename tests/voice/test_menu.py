"""Turns of a call, decided without a database."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hotline.config import ROOT
from hotline.guide.loader import load_guide
from hotline.guide.model import Choice, Guide, Menu
from hotline.guide.steptext import ContentError
from hotline.people.model import Person, RingBack, SendText, SetLanguage
from hotline.reminders.days import Today
from hotline.speech.clips import clips_of
from hotline.voice import menu, places
from hotline.voice.model import Call, Caller, Entered, PersonWantedError, Turn
from hotline.voice.places import DATE_LEFT, LANGUAGE, MAIN, Kind, Place, Wish
from tests.voice.test_places import every_place

TODAY = Today.at(datetime(2026, 11, 22, 7, tzinfo=UTC), ZoneInfo("Europe/Moscow"))
GUIDE = load_guide(ROOT / "prompts", ("ky", "ru", "en"))
STORED = Person(language="ky", dates={"entry": date(2026, 11, 1)}, done=frozenset({"d09"}))
KNOWN = Call(MAIN, "ky", has_number=True, number="+996312000777", caller=Caller(STORED))
KEYS = ("", *"0123456789*#")


def ids(turn: Turn) -> list[str]:
    return [heard.spoken.id for heard in turn.heard]


def play(call: Call, *keys: str) -> tuple[Call, Turn]:
    """The call after the keys, and its last turn."""
    turn = menu.arrival(GUIDE, call, TODAY)
    for key in keys:
        turn = menu.turn(GUIDE, call, key, TODAY)
        assert turn.place is not None
        call = replace(call, place=turn.place, language=turn.language, misses=turn.misses)
    return call, turn


def every_turn(call: Call) -> Iterator[tuple[Place, str, Turn]]:
    """Every place with every key, and digits where they are collected."""
    for place in every_place(GUIDE):
        for key in (*KEYS, "07", "0511", "x", "1" * 50):
            yield place, key, menu.turn(GUIDE, replace(call, place=place), key, TODAY)


@pytest.mark.parametrize("proven", [False, True])
@pytest.mark.parametrize("language", ["ky", "ru", "en"])
def test_every_key_at_every_place_can_be_said_and_leads_on(language: str, proven: bool) -> None:
    """No key at any place is an error: all that is heard has clips, and the call is somewhere or ends."""
    for place, key, turn in every_turn(replace(KNOWN, language=language, proven=proven)):
        assert turn.heard, (place, key)
        for heard in turn.heard:
            assert clips_of(GUIDE, heard.language, heard.spoken)
        if turn.place is not None:
            assert places.place_of(str(turn.place), GUIDE) == turn.place
        assert turn.language in GUIDE.languages


def test_no_place_is_a_dead_end() -> None:
    """From every place some key leads on, and `0` leads to the main menu unless digits are collected."""
    digits = {Kind.CODE, Kind.DATE_DIGITS, Kind.PERSON}
    for place in every_place(GUIDE):
        if place.kind not in digits:
            assert menu.turn(GUIDE, replace(KNOWN, place=place), "0", TODAY).place == MAIN
        assert menu.turn(GUIDE, replace(KNOWN, place=place), "*", TODAY).place is not None


def test_turns_that_need_nobody_look_nobody_up() -> None:
    """At menus, steps, codes and the question for a language an unproven caller is not looked up."""
    stranger = replace(KNOWN, caller=None)
    free = {Kind.LANGUAGE, Kind.MENU, Kind.STEP, Kind.AFTER}
    for place in every_place(GUIDE):
        if place.kind in free:
            for key in KEYS:
                menu.turn(GUIDE, replace(stranger, place=place), key, TODAY)


def test_turn_that_depends_on_the_caller_says_so() -> None:
    """What is stored cannot be told or changed without a look at the database."""
    for place, key in (
        (places.DATES, "1"),
        (places.DATES, "2"),
        (places.DATE_CONFIRM, "1"),
        (DATE_LEFT, "9"),
    ):
        with pytest.raises(PersonWantedError):
            menu.turn(GUIDE, replace(KNOWN, caller=None, place=place), key, TODAY)


@pytest.mark.parametrize("key", [f"{number:02d}" for number in range(1, 13)])
def test_every_step_is_within_three_keys(key: str) -> None:
    """From the main menu two keys reach each step, from a first call three."""
    second = [menu.turn(GUIDE, play(KNOWN, one)[0], two, TODAY) for one in "12345" for two in "12345"]
    reached = [turn.place for turn in second if turn.place is not None]
    assert places.step(key) in reached


def test_first_caller_reaches_the_police_step_with_one_one_one() -> None:
    """1 кыргызча, 1 police, 1 check: the first paragraph of step 10, in Kyrgyz, said at once."""
    first = replace(KNOWN, place=LANGUAGE, language=None, caller=None)
    call, turn = play(first, "1", "1", "1")
    assert (call.place, call.language) == (places.step("10"), "ky")
    assert ids(turn) == ["step-10-0"]


def test_menus_have_five_choices_at_most() -> None:
    """Keys 1 to 5 choose, so no menu has more."""
    assert all(1 <= len(each.choices) <= 5 for each in GUIDE.menus.values())


@pytest.mark.parametrize(
    ("keys", "place"), [("12", "12"), ("7", "07"), ("07", "07"), ("00", "00"), ("0", "00")]
)
def test_code_is_two_digits_or_a_lone_one(keys: str, place: str) -> None:
    """`#07` and a lone 7 are step 7; `#00` is the introduction."""
    call, _ = play(KNOWN, "#", keys)
    assert call.place == places.step(place)


@pytest.mark.parametrize("keys", ["13", "99", "#", "1a", "123", "٧"])
def test_code_of_no_step_is_a_miss(keys: str) -> None:
    """A number that is no step is said to be none, and the tone comes again."""
    call, turn = play(KNOWN, "#", keys)
    assert ids(turn) == ["voice-no-such-step", "tone"]
    assert (call.place.kind, call.misses) == (Kind.CODE, 1)


def test_silence_and_wrong_key_are_told_apart_and_three_end_the_call() -> None:
    """Each has words of its own; the third in a row sends the digest and ends politely."""
    police = replace(KNOWN, place=Place(Kind.MENU, "police"))
    silent = menu.turn(GUIDE, police, "", TODAY)
    wrong = menu.turn(GUIDE, police, "5", TODAY)
    assert ids(silent) == ["voice-silence", "voice-menu-police"]
    assert ids(wrong) == ["voice-wrong-key", "voice-menu-police"]
    last = menu.turn(GUIDE, replace(police, misses=2), "", TODAY)
    assert (ids(last), last.place) == (["voice-bye-sms"], None)
    digest = [effect.body for effect in last.effects if isinstance(effect, SendText)]
    assert "112" in digest[0] and "+996312000777" in digest[-1]


def test_good_key_starts_the_count_anew() -> None:
    """Two misses and a good key: the next miss is the first."""
    call, _ = play(KNOWN, "", "6", "1", "")
    assert call.misses == 1


def test_silence_after_a_paragraph_goes_on_and_is_no_miss() -> None:
    """The paragraphs follow one another to the end of the step; a wrong key repeats the paragraph."""
    last = len(GUIDE.text("ky", "07").paragraphs) - 1
    call, turn = play(replace(KNOWN, place=places.step("07", last)), "")
    assert (call.place, call.misses) == (places.after("07"), 0)
    assert turn.gather.timeout_s > 1
    call, turn = play(replace(KNOWN, place=places.step("07", 1)), "1")
    assert (ids(turn), call.misses) == (["voice-wrong-key", "step-07-1"], 1)


def test_eight_sends_every_page_of_the_step_once() -> None:
    """One text a page, each with its number, in the order of the pages."""
    turn = menu.turn(GUIDE, replace(KNOWN, place=places.step("07", 1)), "8", TODAY)
    pages = GUIDE.text("ky", "07").pages
    texts = [effect.body for effect in turn.effects if isinstance(effect, SendText)]
    assert [text.split("\n")[0] for text in texts] == [page.text for page in pages]
    assert texts[0].endswith(f"1/{len(pages)}")
    assert turn.place == places.step("07", 1)


def test_past_its_review_a_step_ends_with_a_warning() -> None:
    """Once review_by is past, the step's end and its texts say: check before you act."""
    late = Today.at(datetime(2027, 6, 1, 7, tzinfo=UTC), ZoneInfo("Europe/Moscow"))
    end = menu.arrival(GUIDE, replace(KNOWN, place=places.after("07")), late)
    assert ids(end) == ["voice-check-first", "voice-after"]
    sent = menu.turn(GUIDE, replace(KNOWN, place=places.after("07")), "8", late)
    assert len(sent.effects) == len(GUIDE.text("ky", "07").pages) + 1


def test_operator_is_rung_only_where_one_is_set() -> None:
    """7 rings the operator's number and comes back; without one the call says so and goes on."""
    turn = menu.turn(GUIDE, replace(KNOWN, operator="+996312000999"), "7", TODAY)
    assert (turn.dial, turn.place) == ("+996312000999", places.person(MAIN))
    assert "+996" not in repr(turn)
    none = menu.turn(GUIDE, KNOWN, "7", TODAY)
    assert (none.dial, none.place, ids(none)[0]) == (None, MAIN, "voice-person-none")
    assert "voice-keys-person" not in ids(none)


def test_nobody_stores_sends_or_rings_anything() -> None:
    """A hidden number: no turn has an effect or keeps a day, whatever is pressed wherever."""
    hidden = replace(KNOWN, has_number=False, caller=Caller(Person()))
    for place, key, turn in every_turn(hidden):
        assert not turn.stores, (place, key)


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
    assert {"menu-main", "confirm-stop", "confirm-forget", "confirm-entry", "confirm-left"} <= found
    assert all(places.place_of(place, GUIDE) for place in found)


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
    for place in every_place(GUIDE):
        for key in KEYS:
            call = replace(KNOWN, place=place, caller=None, misses=2)
            try:
                turn = menu.turn(GUIDE, call, key, TODAY)
            except PersonWantedError:
                continue
            if turn.stores:
                seen += 1
                check_unstored(menu.unstored(GUIDE, call, TODAY, turn), turn)
    assert seen > 100


def check_unstored(instead: Turn, wanted: Turn) -> None:
    assert not instead.stores
    if instead.place is None:
        assert (wanted.place, ids(instead)) == (None, ["voice-bye"])
    else:
        assert ids(instead)[0] == "voice-not-stored"


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from([*KEYS, "07", "0511", "2902", "**", "?"]), max_size=25), st.booleans())
def test_any_keys_in_any_order_make_a_call(keys: list[str], proven: bool) -> None:
    """A call of any keys never fails, and misses never pass three."""
    call = replace(KNOWN, place=LANGUAGE, language=None, proven=proven)
    for key in keys:
        turn = menu.turn(GUIDE, call, key, TODAY)
        if turn.place is None:
            break
        assert turn.misses < 3
        entered = turn.entered or (call.caller.entered if call.caller else None)
        known = Caller(STORED, entered)
        call = replace(call, place=turn.place, language=turn.language, misses=turn.misses, caller=known)


@pytest.mark.parametrize(
    "choice",
    [Choice("menu", "nowhere"), Choice("step", "13"), Choice("place", "roof"), Choice("door", "main")],
)
def test_menu_that_leads_nowhere_stops_the_start(choice: Choice) -> None:
    """A choice without a target is named when the routes are made, not in the middle of a call."""
    broken = Guide(
        **{**vars(GUIDE), "menus": {**GUIDE.menus, "new": Menu("new", "voice-menu-main", (choice,))}}
    )
    with pytest.raises(ContentError, match=f"menu new: there is no {choice.kind} {choice.target}"):
        menu.ensure_menus(broken)
    without = {id: each for id, each in GUIDE.menus.items() if id != "service"}
    with pytest.raises(ContentError, match="service"):
        menu.ensure_menus(replace(GUIDE, menus=without))


def test_rule_without_spoken_words_stops_the_start() -> None:
    """A reminder rule with a term must have words for the call."""
    rule = replace(GUIDE.rules["d05"], id="d99")
    with pytest.raises(ContentError, match="d99"):
        menu.ensure_menus(replace(GUIDE, rules={**GUIDE.rules, "d99": rule}))


def test_date_set_in_this_call_may_be_heard_in_it() -> None:
    """Data set in this same call is believed: the days left are told without ringing back."""
    day = date(2026, 11, 1)
    call = replace(KNOWN, place=places.DATES, caller=Caller(STORED, Entered(day)))
    assert "voice-registration-left" in ids(menu.turn(GUIDE, call, "2", TODAY))
    other = replace(call, caller=Caller(STORED, Entered(date(2026, 11, 2))))
    assert ids(menu.turn(GUIDE, other, "2", TODAY)) == ["voice-ring-back"]
