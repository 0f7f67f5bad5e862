"""Turns of a call, decided without a database."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hotline.guide.language import Script
from hotline.guide.model import Choice, Guide, Menu
from hotline.guide.steptext import ContentError
from hotline.people.model import Person
from hotline.reminders.days import Today
from hotline.speech.clips import clips_of
from hotline.voice import menu, places
from hotline.voice.model import Caller
from hotline.voice.places import LANGUAGE, MAIN, Kind, Place
from tests.voice.test_places import every_place
from tests.voice.turns import GUIDE, KEYS, KNOWN, STORED, TODAY, every_turn, ids, play, sent


@pytest.mark.parametrize("proven", [False, True])
@pytest.mark.parametrize(
    "language", ["ky", *(pytest.param(other, marks=pytest.mark.slow) for other in ("ru", "en"))]
)
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
    """From every place some key leads on, and `0` leads to the main menu unless something is collected."""
    digits = {Kind.CODE, Kind.DATE_DIGITS, Kind.PERSON, Kind.RECORD}
    for place in every_place(GUIDE):
        if place.kind not in digits:
            assert menu.turn(GUIDE, replace(KNOWN, place=place), "0", TODAY).place == MAIN
        assert menu.turn(GUIDE, replace(KNOWN, place=place), "*", TODAY).place is not None


@pytest.mark.parametrize("key", [f"{number:02d}" for number in range(1, 13)])
def test_every_step_is_within_three_keys(key: str) -> None:
    """From the main menu two keys reach each step, from a first call three."""
    second = [menu.turn(GUIDE, play(KNOWN, one)[0], two, TODAY) for one in "12345" for two in "12345"]
    reached = [turn.place for turn in second if turn.place is not None]
    assert places.step(key) in reached


def test_first_caller_reaches_the_police_step_with_one_one_one() -> None:
    """1 кыргызча, 1 police, 1 check: the first paragraph of step 10, in Kyrgyz, said at once."""
    first = replace(KNOWN, place=LANGUAGE, language=None, caller=Caller(Person()))
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
    digest = sent(last)
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
    texts = sent(turn)
    assert [text.split("\n")[0] for text in texts] == [page.text for page in pages]
    assert texts[0].endswith(f"1/{len(pages)}")
    assert turn.place == places.step("07", 1)


@pytest.mark.parametrize("key", ["04", "07"])
def test_eight_sends_every_page_in_latin_letters_to_who_reads_them(key: str) -> None:
    """The Latin edition's pages with their own numbers; none names a word to send."""
    turn = menu.turn(GUIDE, replace(KNOWN, place=places.step(key)), "8", TODAY)
    pages = GUIDE.in_script(Script.LATIN).text("ky", key).pages
    texts = sent(turn, Script.LATIN)
    expected = [f"{page.text}\n{number}/{len(pages)}" for number, page in enumerate(pages, start=1)]
    assert texts == expected
    assert [text.isascii() for text in texts] == [not page.in_letters for page in pages]


def test_past_its_review_a_step_ends_with_a_warning() -> None:
    """Once review_by is past, the step's end and its texts say: check before you act."""
    late = Today.at(datetime(2027, 6, 1, 7, tzinfo=UTC), ZoneInfo("Europe/Moscow"))
    end = menu.arrival(GUIDE, replace(KNOWN, place=places.after("07")), late)
    assert ids(end) == ["voice-check-first", "voice-after"]
    texted = menu.turn(GUIDE, replace(KNOWN, place=places.after("07")), "8", late)
    assert len(sent(texted)) == len(GUIDE.text("ky", "07").pages) + 1


def test_operator_is_rung_only_where_one_is_set() -> None:
    """7 rings the operator's number and comes back; without one the call says so and goes on."""
    turn = menu.turn(GUIDE, replace(KNOWN, operator="+996312000999"), "7", TODAY)
    assert (turn.dial, turn.place) == ("+996312000999", places.person(MAIN))
    assert "+996" not in repr(turn)
    none = menu.turn(GUIDE, KNOWN, "7", TODAY)
    assert (none.dial, none.place, ids(none)[0]) == (None, MAIN, "voice-person-none")
    assert "voice-keys-person" not in ids(none)


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
    """A rule that a call tells must have words for every day of its term."""
    spoken = {key: line for key, line in GUIDE.rules["d05"].spoken.items() if key != "last_day"}
    rule = replace(GUIDE.rules["d05"], id="d99", spoken=spoken)
    with pytest.raises(ContentError, match="d99"):
        menu.ensure_menus(replace(GUIDE, rules={**GUIDE.rules, "d99": rule}))
