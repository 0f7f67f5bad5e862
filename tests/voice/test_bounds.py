"""Every document of every call that can be: small, readable to the carrier; and every call has an end."""

from __future__ import annotations

import copy
import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import cache

import pytest

from hotline.exchange.twiml.reading import parse_voice
from hotline.guide.model import Guide
from hotline.people.model import Person, SaveDate, Stopped
from hotline.people.questions import Asked, Question
from hotline.speech.studio import Studio
from hotline.voice import menu
from hotline.voice.length import LAST_TURN, MOST_TURNS, WARNED_AT
from hotline.voice.model import Call, Turn
from hotline.voice.places import ASK, Kind, path, remind
from hotline.voice.twiml import render
from tests.voice.conftest import OPERATOR
from tests.voice.stages import FIRST_DAY, PureStage
from tests.voice.turns import KEYS, TODAY

LARGEST_BYTES = 4096
PUBLIC_URL = "https://kadam.hotline-for-migrants.example.org"
MANY = 800  # documents of one walk: fewer would mean that it got nowhere
PLAUSIBLE_BYTES = 1200  # the largest of a walk is a menu at least
TYPED = ("07", "13", "2211", "2510", "9999", "**")  # where more than one key is taken
DAYS_LEFT = Person(dates={"entry": date(2026, 11, 1)}, done=frozenset({"d09"}))
STOPPED = replace(DAYS_LEFT, language="ky", stopped=Stopped("step-07-0", datetime(2026, 11, 20, tzinfo=UTC)))
TOO_LATE = Person(dates={"entry": date(2026, 9, 1)}, opted_out=True)
CALLERS = {
    "first call": (Person(), False),
    "days left": (DAYS_LEFT, False),
    "stopped, rung": (STOPPED, True),
    "too late, rung": (TOO_LATE, True),
}
EVERYWHERE = ("ky", "stopped, rung")  # who comes to every kind of place: see below
IN_KYRGYZ = [("ky", caller) for caller in CALLERS if caller != "stopped, rung"]
# The other languages say the same at the same places: one kind of caller shows how long their words are.
IN_OTHERS = [(language, "stopped, rung") for language in ("ru", "en")]


@dataclass(frozen=True)
class Taken:
    """A key taken in a call (None: the call arrives), and the turn it leads to."""

    call: Call
    key: str | None
    turn: Turn


def every_turn(guide: Guide, language: str, person: Person, proven: bool) -> Iterator[Taken]:
    """Every turn that any keys lead to, the call beginning unknown or, if `proven`, placed by the hotline.

    From each place on, in the one language, with and without a day entered and stored in the call.
    """
    stage = PureStage(guide, person)
    known = language if proven else None
    stage.at = Call(menu.first_place(known), known, has_number=True, proven=proven, operator=OPERATOR)
    stages = [stage]
    if proven:
        rung = copy.copy(stage)
        rung.at = replace(stage.at, place=remind(guide.rules))
        asked = copy.copy(stage)
        asked.known = replace(person, question=Question(Asked.SAVE_DATE, FIRST_DAY))
        asked.at = replace(stage.at, place=ASK)
        stages += [rung, asked]
    for each in stages:
        arrived = menu.arrival(guide, each.now(), each.today)
        yield Taken(each.now(), None, arrived)
        each.advance(arrived)
    waiting, seen = stages, {_where(each) for each in stages}
    while waiting:
        here = waiting.pop()
        call = here.now()
        for key in (*KEYS, *TYPED):
            turn = menu.turn(guide, call, key, here.today)
            yield Taken(call, key, turn)
            if turn.place is None or turn.language not in {language, None}:
                continue
            there = copy.copy(here)
            saved = tuple(effect for effect in turn.effects if isinstance(effect, SaveDate))
            there.advance(replace(turn, effects=saved, misses=0))
            if _where(there) not in seen:
                seen.add(_where(there))
                waiting.append(there)


@pytest.fixture(scope="module")
def walk(guide: Guide) -> Callable[[str, str], list[Taken]]:
    """Every turn of a caller in a language, walked once for all tests."""
    return cache(lambda language, caller: list(every_turn(guide, language, *CALLERS[caller])))


def _where(stage: PureStage) -> tuple[object, ...]:
    return stage.at.place, stage.at.language, stage.entered is not None, stage.at.date_stored


def _documents(guide: Guide, studio: Studio, turns: Iterable[Taken]) -> dict[str, str]:
    """The TwiML of the turns, each once; where it was answered stands beside it."""
    found: dict[str, str] = {}
    heard = set()
    for taken in turns:
        turn = taken.turn
        said = tuple((each, *each.spoken.values.items()) for each in turn.heard)
        if repr((turn.place, turn.dial, said)) in heard:
            continue
        heard.add(repr((turn.place, turn.dial, said)))
        there = path(turn.language, turn.place, 2, LAST_TURN, True) if turn.place else None
        action = there and PUBLIC_URL + there
        document = render(guide, turn, lambda clip: PUBLIC_URL + studio.url(clip), action, 1)
        found[document] = f"{taken.call.place} {taken.key}"
    return found


@pytest.mark.parametrize(
    ("language", "caller"),
    [EVERYWHERE, *(pytest.param(*more, marks=pytest.mark.slow) for more in (*IN_KYRGYZ, *IN_OTHERS))],
)
def test_every_document_is_small_and_parses(
    guide: Guide, studio: Studio, walk: Callable[[str, str], list[Taken]], language: str, caller: str
) -> None:
    """Under 4 kB, with a long address of the hotline, and valid to the carrier, wherever keys lead."""
    documents = _documents(guide, studio, walk(language, caller))
    assert len(documents) > MANY
    for document, where in documents.items():
        assert len(document.encode()) < LARGEST_BYTES, where
        assert parse_voice(document), where
    assert max(len(document) for document in documents) > PLAUSIBLE_BYTES


def test_every_call_ends(guide: Guide, walk: Callable[[str, str], list[Taken]]) -> None:
    """At its longest a call ends whatever is pressed, but for the operator; ten turns before it goes on."""
    turns = walk(*EVERYWHERE)
    for taken in turns if os.environ.get("KADAM_THOROUGH") else turns[::5]:
        if taken.key is None:
            continue
        last = menu.turn(guide, replace(taken.call, turns=LAST_TURN), taken.key, TODAY)
        assert last.place is None or last.dial is not None, taken
        most = menu.turn(guide, replace(taken.call, turns=MOST_TURNS), taken.key, TODAY)
        assert most.place is None or most.dial is not None or most.stores, taken
        soon = menu.turn(guide, replace(taken.call, turns=WARNED_AT), taken.key, TODAY)
        assert (soon.place, soon.effects) == (taken.turn.place, taken.turn.effects), taken


def test_walk_comes_to_every_kind_of_place(walk: Callable[[str, str], list[Taken]]) -> None:
    """The tests above leave out no kind of place."""
    turns = walk(*EVERYWHERE)
    assert {taken.turn.place.kind for taken in turns if taken.turn.place} == set(Kind)
