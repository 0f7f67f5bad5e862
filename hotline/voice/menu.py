"""One turn of a call: a key at a place -> what is heard, where the call is then, what it stores. Pure.

Turns about dates are in dates.py, leaving one in leaving.py, those that need a proven caller in ringing.py,
those about the operator in person.py, the keys that work everywhere in keys.py, the end of a call that gets
too long in length.py, a call that reminds in reminding.py, a ring that is not answered in missed.py, going on
where a step was left in resuming.py; what a place sounds like is in prompts.py.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from hotline.guide.model import Choice, Guide
from hotline.guide.steptext import ContentError
from hotline.people.model import Person, SetLanguage
from hotline.reminders.days import Today
from hotline.reminders.deadlines import Phase, rules_with_term
from hotline.speech.clips import Spoken
from hotline.voice.asking import ask_arrival, ask_turn
from hotline.voice.dates import dates_turn, left_turn
from hotline.voice.keys import common_turn, ended, missed, missed_key
from hotline.voice.leaving import confirm_day_turn, digits_turn, other_turn, paper_turn, when_turn
from hotline.voice.length import within_length
from hotline.voice.missed import MAY_COST, missed_turn
from hotline.voice.model import Call, Caller, Talk, Turn
from hotline.voice.person import message_spoken, offer_turn, talk_ended
from hotline.voice.places import (
    BEEN,
    DATES,
    DEADLINES,
    LANGUAGE,
    LEAVABLE,
    MAIN,
    SERVICE,
    Kind,
    Place,
    Wish,
    back_of,
    code,
    origin,
    step,
)
from hotline.voice.prompts import HOW, READ, WHEN, arrive
from hotline.voice.reminding import remind_arrival, remind_turn, to_a_machine
from hotline.voice.resuming import offered, offering
from hotline.voice.ringing import YES, ask_proof, call_me_back, confirm_turn
from hotline.voice.terms import QUESTION

CHOICE_KEYS = ("1", "2", "3", "4", "5")
SPOKEN_PHASES = (Phase.EARLY, Phase.TOMORROW, Phase.LAST_DAY, Phase.BETWEEN)
NOT_STORED = Spoken("voice-not-stored")
NOT_FOUND = Spoken("voice-not-found")
NO_SUCH_STEP = Spoken("voice-no-such-step")
THIS_CALL_ONLY = Spoken("voice-language-this-call")

TurnOfKey = Callable[[Talk, str], Turn]


def turn(guide: Guide, call: Call, key: str, today: Today) -> Turn:
    """What the call does when `key` (`""` for silence) arrives at its place.

    `call.place` must be one of `guide` (places.place_of). Raises PersonWantedError where the turn depends on
    who calls and `call.caller` is None: look them up and ask again.
    """
    talk = Talk(guide, call, today)
    return within_length(talk, _turn_of_key(talk, key))


def arrival(guide: Guide, call: Call, today: Today) -> Turn:
    """What is heard when a call begins at its place. Raises PersonWantedError as `turn` does."""
    talk = Talk(guide, call, today)
    if call.machine:
        return to_a_machine(talk)
    if call.missed:
        return missed_turn(talk)
    if call.place.kind is Kind.ASK:
        return ask_arrival(talk)
    return remind_arrival(talk) if call.place.kind is Kind.REMIND else arrive(talk, offering(talk))


def first_place(language: str | None) -> Place:
    """Where an incoming call begins: whoever has chosen a language goes straight to the main menu."""
    return MAIN if language else LANGUAGE


def unstored(guide: Guide, call: Call, today: Today, wanted: Turn) -> Turn:
    """The turn in place of `wanted`, which could not be stored: the call says so and goes on."""
    talk = Talk(guide, call, today)
    if wanted.if_unstored is None:
        return ended(talk, Spoken("voice-bye"))
    said = MAY_COST if wanted.rejects else NOT_STORED
    speaking = talk.speaking(wanted.language) if wanted.language else talk
    return arrive(speaking, wanted.if_unstored, said)


def unknown(guide: Guide, call: Call, key: str | None, today: Today) -> Turn:
    """The turn of a call whose person could not be looked up: without what is stored, but it goes on."""
    if call.place.kind in PERSONAL:
        said = NOT_STORED if _would_store(call.place, key) else NOT_FOUND
        return arrive(Talk(guide, call, today), back_of(call.place, guide), said)
    stranger = replace(call, caller=Caller(Person()))
    wanted = arrival(guide, stranger, today) if key is None else turn(guide, stranger, key, today)
    return unstored(guide, stranger, today, wanted) if wanted.stores else wanted


def _would_store(place: Place, key: str | None) -> bool:
    """Whether `key` at a personal place gives something to store.

    Where a day is given, nobody is looked up before it is: there every key that asks who calls is such a day.
    """
    if place.kind is Kind.CONFIRM and key == YES:
        return Wish(place.target) not in READING_WISHES
    return place.kind in {Kind.DATE_WHEN, Kind.DATE_DIGITS} or key in STORING_KEYS.get(place.kind, ())


def ensure_menus(guide: Guide) -> None:
    """Nothing, if every choice of every menu leads somewhere and every term and every date has words.

    Raises ContentError naming the one that does not.
    """
    known = {"menu": guide.menus.keys(), "step": guide.steps.keys(), "place": SERVICES.keys()}
    for menu in guide.menus.values():
        for choice in menu.choices:
            if choice.target not in known.get(choice.kind, ()):
                raise ContentError(f"guide.toml: menu {menu.id}: there is no {choice.kind} {choice.target}")
    for place in (MAIN, DEADLINES, SERVICE):
        if place.target not in guide.menus:
            raise ContentError(f"guide.toml: menu {place.target} is missing")
    for rule in rules_with_term(guide.rules):
        needed = {*SPOKEN_PHASES, QUESTION, *([Phase.LATE] if rule.late_for_sure is not None else [])}
        if rule.spoken and needed - rule.spoken.keys():
            raise ContentError(f"reminders.toml: the call has no words for rule {rule.id}")
    for anchor in LEAVABLE:
        spoken = guide.dates[anchor].spoken if anchor in guide.dates else {}
        if {READ, HOW, *([WHEN] if anchor in BEEN else [])} - spoken.keys():
            raise ContentError(f"reminders.toml: the call has no words for the date {anchor}")


def _turn_of_key(talk: Talk, key: str) -> Turn:
    kind = talk.call.place.kind
    if kind in OWN_KEYS:
        return OWN_KEYS[kind](talk, key)
    return common_turn(talk, key) or MENU_KEYS[kind](talk, key)


def _language_turn(talk: Talk, key: str) -> Turn:
    """The language is kept, unless a stranger could set it for the reminders of somebody else's dates."""
    chosen = _position(key)
    languages = tuple(talk.guide.languages)
    if chosen >= len(languages):
        return missed_key(talk, key)
    speaking = talk.speaking(languages[chosen])
    if talk.call.has_number and talk.person.language not in (None, languages[chosen]) and not talk.believed:
        return arrive(speaking, MAIN, THIS_CALL_ONLY)
    welcome = arrive(speaking, MAIN)
    if not talk.call.has_number:
        return welcome
    return replace(welcome, effects=(SetLanguage(languages[chosen]),), if_unstored=MAIN)


def _resume_turn(talk: Talk, key: str) -> Turn:
    """6 goes on where a step was left; every other key means what it means in the main menu."""
    return arrive(talk, offered(talk)) if key == "6" else _choice_turn(talk, MAIN, key)


def _menu_turn(talk: Talk, key: str) -> Turn:
    return _choice_turn(talk, talk.call.place, key)


def _choice_turn(talk: Talk, menu: Place, key: str) -> Turn:
    chosen = _position(key)
    choices = talk.guide.menus[menu.target].choices
    return _follow(talk, choices[chosen]) if chosen < len(choices) else missed_key(talk, key)


def _position(key: str) -> int:
    """0 to 4 for the keys 1 to 5; behind every choice for anything else."""
    return CHOICE_KEYS.index(key) if key in CHOICE_KEYS else len(CHOICE_KEYS)


def _follow(talk: Talk, choice: Choice) -> Turn:
    match choice.kind:
        case "menu":
            return arrive(talk, Place(Kind.MENU, choice.target))
        case "step":
            return arrive(talk, _paragraph_of(talk, choice))
    return SERVICES[choice.target](talk)


def _paragraph_of(talk: Talk, choice: Choice) -> Place:
    if choice.fact is None:
        return step(choice.target)
    return step(choice.target, talk.guide.paragraph_of_fact(talk.language, choice.target, choice.fact))


def _paragraph_turn(talk: Talk, key: str) -> Turn:
    """Silence after a paragraph is no miss: the next one follows."""
    place = talk.call.place
    return missed_key(talk, key) if key else arrive(talk, step(place.target, place.index + 1))


def _code_turn(talk: Talk, key: str) -> Turn:
    """Two digits are a step; a lone digit n is 0n; `00` is the introduction. Only `*` keeps its meaning."""
    if "*" in key:
        return arrive(talk, origin(talk.call.place, talk.guide))
    if not key:
        return missed_key(talk, key)
    place = step(key.removesuffix("#").zfill(2))
    known = len(key) <= 2 and key[0] != "#" and place.target.isdigit() and place.target in talk.guide.steps
    return arrive(talk, place) if known else missed(talk, NO_SUCH_STEP)


SERVICES: dict[str, Callable[[Talk], Turn]] = {  # the choices of the kind `place` in prompts/guide.toml
    "language": lambda talk: arrive(talk, LANGUAGE),
    "code": lambda talk: arrive(talk, code(talk.call.place), Spoken("voice-code")),
    "dates": lambda talk: arrive(talk, DATES),
    "callback": call_me_back,
    "stop": lambda talk: ask_proof(talk, Wish.STOP),
    "forget": lambda talk: ask_proof(talk, Wish.FORGET),
}
PERSONAL = frozenset(
    {
        Kind.DATES,
        Kind.DATE_WHEN,
        Kind.DATE_DIGITS,
        Kind.DATE_CONFIRM,
        Kind.DATE_LEFT,
        Kind.REMIND,
        Kind.ASK,
        Kind.CONFIRM,
    }
)
STORING_KEYS = {  # of the personal places; 8 sends a text
    Kind.DATE_CONFIRM: frozenset({"1", "8"}),
    Kind.DATE_LEFT: frozenset({"1", "2", "8"}),
    Kind.REMIND: frozenset({"1", "3", "8"}),
    Kind.ASK: frozenset({"1", "2", "8"}),
    Kind.CONFIRM: frozenset({"8"}),  # and 1, if what is wished changes something
}
READING_WISHES = frozenset({Wish.DATE, Wish.LEFT, Wish.DONE})  # these lead on
OWN_KEYS: dict[Kind, TurnOfKey] = {  # where digits are collected, or no key at all
    Kind.CODE: _code_turn,
    Kind.DATE_DIGITS: digits_turn,
    Kind.PERSON: talk_ended,
    Kind.RECORD: message_spoken,
}
MENU_KEYS: dict[Kind, TurnOfKey] = {
    Kind.LANGUAGE: _language_turn,
    Kind.MENU: _menu_turn,
    Kind.RESUME: _resume_turn,
    Kind.OFFER: offer_turn,
    Kind.STEP: _paragraph_turn,
    Kind.AFTER: missed_key,
    Kind.DATES: dates_turn,
    Kind.DATE_WHEN: when_turn,
    Kind.DATE_OTHER: other_turn,
    Kind.DATE_PAPER: paper_turn,
    Kind.DATE_CONFIRM: confirm_day_turn,
    Kind.DATE_LEFT: left_turn,
    Kind.REMIND: remind_turn,
    Kind.ASK: ask_turn,
    Kind.CONFIRM: confirm_turn,
}
