"""Wishes that only a proven caller may have: the hotline rings back and takes the confirming key there. Pure.

Source: rules of the service, Who is believed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from hotline.people.model import (
    BY_CALL,
    BY_SMS,
    DropDate,
    Effect,
    Forget,
    OptIn,
    OptOut,
    Refusal,
    RemindBy,
    RingBack,
)
from hotline.reminders.deadlines import ENTRY
from hotline.speech.clips import Spoken
from hotline.voice.keys import NUMBER_HIDDEN, ended, missed_key
from hotline.voice.model import Talk, Turn
from hotline.voice.places import (
    DATE_LEFT,
    DATES,
    MAIN,
    Kind,
    Place,
    Wish,
    back_of,
    confirm,
    date_asked,
)
from hotline.voice.prompts import arrive

YES = "1"


def call_me_back(talk: Talk) -> Turn:
    """The hotline calls the number; the call begins at the main menu."""
    return _ring(talk, MAIN, Spoken("voice-calling-back"))


def ask_proof(talk: Talk, wish: Wish) -> Turn:
    """`wish` is confirmed: here if the hotline placed this call, else in a call that it places now."""
    if talk.call.proven:
        return arrive(talk, confirm(wish))
    return _ring(talk, confirm(wish), Spoken("voice-ring-back"))


def days_left(talk: Talk) -> Turn:
    """The days left, for whoever may hear them; or that no day of entry is stored."""
    if ENTRY not in talk.person.dates:
        return arrive(talk, DATES, Spoken("voice-date-none"))
    return arrive(talk, DATE_LEFT)


def confirm_turn(talk: Talk, key: str) -> Turn:
    """A key where a wish is confirmed; outside a proven call the proof is asked for again.

    Nobody can be stored for who has no number: not even in a call that the hotline placed.
    """
    wish = Wish(talk.call.place.target)
    if key != YES:
        return missed_key(talk, key)
    if not talk.call.has_number:
        return arrive(talk, back_of(talk.call.place, talk.guide), NUMBER_HIDDEN)
    if not talk.call.proven:
        return ask_proof(talk, wish)
    match wish:
        case Wish.DATE:
            return arrive(talk, date_asked(ENTRY))
        case Wish.LEFT | Wish.DONE:
            return days_left(talk)
        case Wish.STOP:
            return _granted(talk, OptOut(), Spoken("voice-stopped"))
        case Wish.START:
            return _started(talk)
        case Wish.FORGET:
            return _granted(talk, Forget(), Spoken("voice-forgotten"))
        case Wish.CALLS:
            return _granted(talk, RemindBy(BY_CALL), Spoken("voice-by-calls"), *_unreminded(talk))
        case Wish.TEXTS:
            return _granted(talk, RemindBy(BY_SMS), Spoken("voice-by-texts"), *_unreminded(talk))
        case Wish.UNDATE:
            return _undated(talk)


def _ring(talk: Talk, place: Place, said: Spoken) -> Turn:
    """The caller has to hang up: a line that is busy cannot be rung."""
    here = talk.call.place
    back = here if here.kind is Kind.MENU else back_of(here, talk.guide)
    if not talk.call.has_number:
        return arrive(talk, back, NUMBER_HIDDEN)
    if talk.call.refused is not None:
        return arrive(talk, back, not_called(talk.call.refused))
    return replace(ended(talk, said), effects=(RingBack(str(place)),), if_unstored=back)


def not_called(refusal: Refusal) -> Spoken:
    """What is said where the hotline may not call back."""
    if refusal is Refusal.ABROAD:
        return Spoken("voice-no-call-abroad")
    return Spoken("voice-no-call-today")


def _undated(talk: Talk) -> Turn:
    """Every date on the telephone is erased: of none is anybody reminded any more."""
    members = talk.person.members
    effects = tuple(DropDate(kind, number) for number, member in members.items() for kind in member.dates)
    return replace(arrive(talk, MAIN, Spoken("voice-date-erased")), effects=effects, if_unstored=MAIN)


def _started(talk: Talk) -> Turn:
    """Messages again. Where the carrier was told STOP, it drops them until it is told START, by text."""
    if talk.person.blocked:
        return arrive(talk, MAIN, Spoken("voice-start-at-carrier"))
    return _granted(talk, OptIn(), Spoken("voice-started"))


def _granted(talk: Talk, effect: Effect, *said: Spoken) -> Turn:
    return replace(arrive(talk, MAIN, *said), effects=(effect,), if_unstored=MAIN)


def _unreminded(talk: Talk) -> Iterator[Spoken]:
    """Why no reminder will come for now, so that nobody relies on one."""
    if ENTRY not in talk.person.dates:
        yield Spoken("voice-date-none")
    if talk.person.opted_out:
        yield Spoken("voice-reminders-off")
