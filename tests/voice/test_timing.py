"""How long callers wait for what they need, on the real sound, and that the way measured is the real way."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta
from functools import cache

import pytest

from hotline.config import ROOT
from hotline.guide.model import Choice, Guide, Menu
from hotline.people.model import SaveDate
from hotline.speech.clips import Clip, Spoken, clips_of
from hotline.speech.studio import Studio
from hotline.voice import menu
from hotline.voice.model import Turn
from hotline.voice.timetable import page, table
from hotline.voice.timing import DAY, JOURNEYS, Journey, LostError, Measured, SecondsOf, measured, waiting_s
from tests.voice.stages import PureStage

LANGUAGES = pytest.mark.parametrize("language", ["ky", "ru", "en"])
FIGURE = re.compile(r"\d+\.\d")
LANGUAGE_CLIPS = {"ky": 1, "ru": 2, "en": 3}  # each language is offered in one sentence
POLICE, ATTACK, REGISTRATION, TODAY, DIGITS, PAPER = JOURNEYS[1:]


@pytest.fixture(scope="session")
def seconds_of(sound: Studio) -> SecondsOf:
    """The length of each real clip."""
    return cache(sound.seconds)


def a_second_a_clip(_clip: Clip) -> float:
    """Sound in which every sentence takes a second: what is measured is then a number of sentences."""
    return 1.0


@LANGUAGES
@pytest.mark.parametrize("first", [True, False], ids=["first", "returning"])
def test_help_begins_within_its_target(
    guide: Guide, seconds_of: SecondsOf, language: str, first: bool
) -> None:
    """Police and attack 20 s, registration 25 s, for a returning caller 10 s and 13 s; a stored day 60 s."""
    targets = {POLICE: (20, 10), ATTACK: (20, 10), REGISTRATION: (25, 13), TODAY: (60, 60), DIGITS: (60, 60)}
    waited = {each.name: waiting_s(guide, language, each, first, seconds_of) for each in targets}
    allowed = {each.name: seconds[0 if first else 1] for each, seconds in targets.items()}
    assert {name: s for name, s in waited.items() if s > allowed[name]} == {}
    assert all(s > 1 for s in waited.values())


def test_table_knows_the_same_targets(guide: Guide, seconds_of: SecondsOf) -> None:
    """Nothing in the table is too long."""
    assert [(each.name, each.too_long) for each in measured(guide, seconds_of) if each.too_long] == []


@pytest.mark.parametrize(
    ("journey", "step", "facts"),
    [
        (POLICE, "10", {"s10-f26", "s10-f20", "s10-f23"}),  # no money, the badge number, tell your relatives
        (ATTACK, "12", {"s12-f03"}),  # 112 and 102
        (REGISTRATION, "07", {"s07-f02"}),  # within 30 days
    ],
    ids=["police", "attack", "registration"],
)
def test_way_to_a_step_ends_at_its_advice(guide: Guide, journey: Journey, step: str, facts: set[str]) -> None:
    """The keys, pressed in the dialogue, are answered with the paragraph that carries the advice, at once."""
    for language in guide.languages:
        heard = _pressed(guide, language, journey)[-1].heard
        assert [(line.language, line.spoken.id) for line in heard] == [(language, f"step-{step}-0")]
        assert facts <= set(guide.text(language, step).paragraphs[0].facts)
        assert journey.line == f"step-{step}-0"


@pytest.mark.parametrize(
    ("journey", "anchor"),
    [(TODAY, "entry"), (DIGITS, "entry"), (PAPER, "policy-until")],
    ids=["today", "digits", "paper"],
)
def test_way_of_a_day_ends_with_the_day_stored(guide: Guide, journey: Journey, anchor: str) -> None:
    """The last key stores the day, no key before it does, and the first thing heard says so."""
    for language in guide.languages:
        *before, last = _pressed(guide, language, journey)
        assert SaveDate(anchor, DAY) in last.effects
        assert not any(isinstance(effect, SaveDate) for turn in before for effect in turn.effects)
        assert last.heard[0].spoken.id == journey.line == "voice-date-stored"


def _pressed(guide: Guide, language: str, journey: Journey) -> list[Turn]:
    """The turns of a first caller who presses the keys of a journey."""
    stage = PureStage(guide)
    stage.on(DAY)
    stage.call()
    turns = []
    for key in (str(LANGUAGE_CLIPS[language]), *journey.keys):
        turns.append(menu.turn(guide, stage.now(), key, stage.today))
        stage.press(key)
    return turns


@LANGUAGES
def test_waiting_counts_sentences_up_to_the_key(guide: Guide, language: str) -> None:
    """A second a sentence, half a second a key: 1 and 2 for an attack are the first and the second choice."""
    assert waiting_s(guide, language, ATTACK, False, a_second_a_clip) == 1 + 0.5 + 2 + 0.5
    assert waiting_s(guide, language, REGISTRATION, False, a_second_a_clip) == 2 + 0.5 + 1 + 0.5
    question = LANGUAGE_CLIPS[language] + 0.5
    assert waiting_s(guide, language, ATTACK, True, a_second_a_clip) == question + 4
    assert waiting_s(guide, language, JOURNEYS[0], True, a_second_a_clip) == question


@LANGUAGES
def test_whoever_types_a_day_hears_the_whole_prompt(guide: Guide, language: str) -> None:
    """2, 4, 1, 3 are second, fourth, first and third choice; the prompt has two sentences; four digits."""
    read_back = len(clips_of(guide, language, Spoken("voice-date-read", {"date_year": DAY}))) + 1  # and "1"
    typed = waiting_s(guide, language, DIGITS, False, a_second_a_clip)
    assert typed == (2 + 4 + 1 + 3) + 2 + read_back + 9 * 0.5


def test_choice_in_another_place_changes_the_figure(guide: Guide) -> None:
    """The figure is the dialogue's: with the attack first and its key moved too, the wait is shorter."""
    police = guide.menus["police"]
    check, attack, papers = police.choices
    moved = replace(guide, menus={**guide.menus, "police": replace(police, choices=(attack, check, papers))})
    assert waiting_s(moved, "ky", replace(ATTACK, keys=("1", "1")), False, a_second_a_clip) == 3
    with pytest.raises(LostError, match="step-10-0 is heard, not step-12-0"):
        waiting_s(moved, "ky", ATTACK, False, a_second_a_clip)


@pytest.mark.parametrize(
    ("keys", "reason"),
    [
        (("2", "2"), "step-08-0 is heard, not step-10-0"),
        (("1", "6"), "menu-police: no sentence names the key 6"),
        (("1",), "voice-menu-police is heard, not step-10-0"),
    ],
)
def test_wrong_way_is_an_error_and_no_figure(guide: Guide, keys: tuple[str, ...], reason: str) -> None:
    """Keys that do not lead to the advice, or that nothing said names, are never timed."""
    with pytest.raises(LostError, match=reason):
        waiting_s(guide, "ru", replace(POLICE, keys=keys), False, a_second_a_clip)


def test_way_through_the_end_of_a_call_is_an_error(guide: Guide) -> None:
    """A call that ends on the way gives no figure."""
    ending = Menu("police", "voice-menu-police", (Choice("place", "callback"),))
    broken = replace(guide, menus={**guide.menus, "police": ending})
    with pytest.raises(LostError, match="menu-police: the call ends"):
        waiting_s(broken, "ky", POLICE, False, a_second_a_clip)


def test_day_measured_is_one_of_the_longest_to_say(guide: Guide, seconds_of: SecondsOf) -> None:
    """Nine days of ten of that year are said in less time, in every language."""
    for language in guide.languages:

        def said_s(day: date, language: str = language) -> float:
            line = Spoken("voice-date-read", {"date_year": day})
            return sum(seconds_of(clip) for clip in clips_of(guide, language, line))

        days = [date(DAY.year, 1, 1) + timedelta(number) for number in range(365)]
        assert sum(said_s(day) < said_s(DAY) for day in days) >= 0.9 * len(days)


def test_page_in_docs_is_what_the_tool_says(guide: Guide, seconds_of: SecondsOf) -> None:
    """docs/timing.md holds the figures of today; `flask audio time --markdown` writes it.

    To a tenth of a second: what the engine has said before changes the length of a clip by some milliseconds.
    """
    written = (ROOT / "docs" / "timing.md").read_text(encoding="utf-8")
    said = page(measured(guide, seconds_of)) + "\n"
    assert FIGURE.sub("", written) == FIGURE.sub("", said)
    before, now = ([float(figure) for figure in FIGURE.findall(text)] for text in (written, said))
    assert before == pytest.approx(now, abs=0.11)


def test_what_takes_too_long_stands_out() -> None:
    """A missed target is in bold; on the target is within it; without a target nothing is."""
    rows = (
        Measured("far", "first", 3, {"ky": 20.04, "ru": 20.0, "en": 9.96}, 20.0),
        Measured("any", "first", 1, {"ky": 99.0, "ru": 1.0, "en": 1.0}, None),
    )
    assert table(rows).splitlines()[2:] == [
        "| far | first | 3 | 20 | **20.0** | 20.0 | 10.0 |",
        "| any | first | 1 |  | 99.0 | 1.0 | 1.0 |",
    ]
