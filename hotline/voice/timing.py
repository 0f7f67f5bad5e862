"""How long callers wait for what they called for: the dialogue is walked, its sound added up. Pure.

The caller presses at the end of the sentence that names their key; lines have a clip for each sentence. What
is not counted: ringing, and the carrier's way to the hotline and back at each key.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date

from hotline.guide.model import Guide
from hotline.people.model import Person
from hotline.reminders.days import Today
from hotline.speech.clips import Clip, clips_of
from hotline.voice import menu
from hotline.voice.model import Call, Caller, Turn

KEY_S = 0.5  # to find and press one key: the house's assumption, docs/decisions/009-measured-economy.md
DAY = date(2026, 9, 23)  # of the call and the one given: fixed, and longer to say than nine days of ten

SecondsOf = Callable[[Clip], float]


class LostError(LookupError):
    """The keys of a journey do not lead to its line, or no sentence names one of them."""


@dataclass(frozen=True)
class Journey:
    """What somebody calls for.

    keys: from the main menu on, one string a turn. line: its id; with its first word the waiting ends.
    first_s, returning_s: seconds that it may take in a first call and with the language known; None: any.
    """

    name: str
    keys: tuple[str, ...]
    line: str
    first_s: float | None = None
    returning_s: float | None = None


@dataclass(frozen=True)
class Measured:
    """How long a journey takes: keys pressed, seconds by language, and seconds it may take."""

    name: str
    caller: str
    keys: int
    seconds: Mapping[str, float]
    target_s: float | None

    @property
    def too_long(self) -> tuple[str, ...]:
        """The languages in which the target is missed."""
        target_s = self.target_s
        return () if target_s is None else tuple(code for code, s in self.seconds.items() if s > target_s)


JOURNEYS = (
    Journey("the language is chosen", (), "voice-menu-main"),
    Journey("police: what to do (step 10)", ("1", "1"), "step-10-0", 20.0, 10.0),
    Journey("attack: whom to call (step 12)", ("1", "2"), "step-12-0", 20.0, 10.0),
    Journey("registration: the rule (step 7)", ("2", "1"), "step-07-0", 25.0, 13.0),
    Journey("day of entry stored: today", ("2", "4", "1", "1", "1"), "voice-date-stored", 60.0, 60.0),
    Journey(
        "day of entry stored: by four digits",
        ("2", "4", "1", "3", f"{DAY:%d%m}", "1"),
        "voice-date-stored",
        60.0,
        60.0,
    ),
    Journey(
        "end of the policy stored: by six digits",
        ("2", "4", "1", "4", "2", "3", f"{DAY:%d%m%y}", "1"),
        "voice-date-stored",
    ),
)


def measured(guide: Guide, seconds_of: SecondsOf) -> tuple[Measured, ...]:
    """Every journey of a first and of a returning caller, in every language. Raises LostError."""
    return tuple(
        _measured(guide, journey, first, seconds_of)
        for journey in JOURNEYS
        for first in (True, False)
        if first or journey.keys  # a returning caller chooses no language
    )


def waiting_s(guide: Guide, language: str, journey: Journey, first: bool, seconds_of: SecondsOf) -> float:
    """Seconds from the answer to the first word of the journey's line.

    first: the caller's language is not known. Raises LostError.
    """
    today = Today(DAY, DAY, DAY)
    known = None if first else language
    call = Call(menu.first_place(known), known, has_number=True, caller=Caller(Person(language=known)))
    turn = menu.arrival(guide, call, today)
    waited_s = 0.0
    for key in _keys(guide, language, journey, first):
        waited_s += _until_named(guide, turn, key, seconds_of) + KEY_S * len(key)
        turn = menu.turn(guide, call, key, today)
        call = _after(call, turn)
    if turn.heard[0].spoken.id != journey.line:
        raise LostError(f"{language}: {journey.name}: {turn.heard[0].spoken.id} is heard, not {journey.line}")
    return waited_s


def _measured(guide: Guide, journey: Journey, first: bool, seconds_of: SecondsOf) -> Measured:
    return Measured(
        journey.name,
        "first" if first else "returning",
        sum(len(key) for key in _keys(guide, next(iter(guide.languages)), journey, first)),
        {code: waiting_s(guide, code, journey, first, seconds_of) for code in guide.languages},
        journey.first_s if first else journey.returning_s,
    )


def _keys(guide: Guide, language: str, journey: Journey, first: bool) -> tuple[str, ...]:
    """A first caller chooses the language before."""
    chosen = menu.CHOICE_KEYS[tuple(guide.languages).index(language)]
    return (chosen, *journey.keys) if first else journey.keys


def _until_named(guide: Guide, turn: Turn, key: str, seconds_of: SecondsOf) -> float:
    """Seconds of what is heard to the end of the first sentence that names `key`; of several digits, all."""
    clips = [clip for heard in turn.heard for clip in clips_of(guide, heard.language, heard.spoken)]
    if len(key) > 1:
        return sum(seconds_of(clip) for clip in clips)
    named = next((i for i, clip in enumerate(clips) if _names(guide, clip, key)), None)
    if named is None:
        raise LostError(f"{turn.place}: no sentence names the key {key}")
    return sum(seconds_of(clip) for clip in clips[: named + 1])


def _names(guide: Guide, clip: Clip, key: str) -> bool:
    spoken = "".join(letter if letter.isalpha() else " " for letter in clip.text.casefold()).split()
    return guide.words(clip.language).key_names[int(key)] in spoken


def _after(call: Call, turn: Turn) -> Call:
    """The call where the turn leads. Raises LostError where it ends."""
    if turn.place is None or call.caller is None:
        raise LostError(f"{call.place}: the call ends")
    caller = replace(call.caller, entered=turn.entered or call.caller.entered)
    return replace(call, place=turn.place, language=turn.language, misses=turn.misses, caller=caller)
