"""A guide, a caller with stored dates, and every turn that a call can take."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from hotline.guide.language import Script
from hotline.people.model import Person, SendText
from hotline.reminders.days import Today
from hotline.voice import menu
from hotline.voice.model import Call, Caller, Turn
from hotline.voice.places import MAIN, Place
from tests.once import real_guide
from tests.voice.test_places import every_place

TODAY = Today.at(datetime(2026, 11, 22, 7, tzinfo=UTC), ZoneInfo("Europe/Moscow"))
GUIDE = real_guide()
STORED = Person(language="ky", dates={"entry": date(2026, 11, 1)}, done=frozenset({"d09"}))
KNOWN = Call(MAIN, "ky", has_number=True, number="+996312000777", caller=Caller(STORED))
KEYS = ("", *"0123456789*#")


def ids(turn: Turn) -> list[str]:
    return [heard.spoken.id for heard in turn.heard]


def sent(turn: Turn, script: Script = Script.CYRILLIC) -> list[str]:
    """The texts that the turn sends to who reads these letters."""
    texts = [effect for effect in turn.effects if isinstance(effect, SendText)]
    return [text.body for text in texts if text.script is script]


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
        for key in (*KEYS, "07", "0511", "200327", "x", "1" * 50):
            yield place, key, menu.turn(GUIDE, replace(call, place=place), key, TODAY)
