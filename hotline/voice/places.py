"""Where a call is, as one segment of a URL's path. Pure.

The path of a turn is `/voice/<language>/<place>/<misses>/<turn>`, for instance `/voice/ky/step-07-2/0/5`: all
that a repeated webhook needs to repeat its turn, nothing of the person. Before a language is known it is `-`.
Once the call has stored the day entered last, the path ends in `/stored`. The carrier signs it, so no caller
can say so; a note in the call's row would cost the turn that stores the date a seventh SQL statement.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from hotline.guide.model import Guide
from hotline.reminders.deadlines import DEPARTURE, ENTRY, REGISTERED, REGISTRATION_UNTIL
from hotline.reminders.plan import FAMILY

NO_LANGUAGE = "-"
RULE_SEPARATOR = "."
DATE_STORED = "stored"
FALLBACK = "/voice/fallback"  # static: whom to call in danger, when all else has failed
LONGEST_SEGMENT = 80
PARAGRAPH = re.compile(r"(?P<key>[0-9a-z]{2})-(?P<index>[0-9]{1,2})", re.ASCII)


class Kind(StrEnum):
    """The kinds of places; what a key means depends on them."""

    LANGUAGE = "language"  # which language? At a first call, and from the service menu
    MENU = "menu"  # menu-police
    RESUME = "resume"  # resume-step-07-2: the main menu at arrival; 6 goes on at that paragraph
    STEP = "step"  # step-07-2: the third paragraph of step 7 is being said
    AFTER = "after"  # after-07: the end of the step
    CODE = "code"  # code-menu-main: two digits are being collected, `*` goes back to menu-main
    PERSON = "person"  # person-menu-main: the operator is being rung, the call comes back to menu-main
    OFFER = "offer"  # offer-menu-main: nobody answers; leave a message?
    RECORD = "record"  # record-menu-main: the message is being spoken
    DATES = "dates"  # my dates
    DATE_WHEN = "date-when"  # date-when-entry: today, yesterday, another day?
    DATE_OTHER = "date-other"  # which other date?
    DATE_PAPER = "date-paper"  # the end of which paper?
    DATE_DIGITS = "date-digits"  # date-digits-policy-until: the digits of a day are being collected
    DATE_CONFIRM = "date-confirm"  # date-confirm-departure: is that right?
    DATE_LEFT = "date-left"  # the days left have been told
    REMIND = "remind"  # remind-d05.d09: a call of ours that tells these terms
    ASK = "ask-date"  # a call of ours that asks about a date which was sent by text
    CONFIRM = "confirm"  # confirm-stop: where the key is taken that a call from the hotline makes believable


DETOURS = frozenset({Kind.CODE, Kind.PERSON, Kind.OFFER, Kind.RECORD})  # from a place and back to it


class Wish(StrEnum):
    """What waits for the confirming key."""

    DATE = "date"  # a date shall be left
    LEFT = "left"  # the days left shall be told
    DONE = "done"
    STOP = "stop"
    START = "start"
    FORGET = "forget"
    CALLS = "calls"  # reminders by call
    TEXTS = "texts"  # reminders by text
    UNDATE = "undate"  # the stored dates shall be erased


@dataclass(frozen=True)
class Place:
    """A place. `target` is a menu's id, a step's key, a Wish, an anchor or the segment to come back to."""

    kind: Kind
    target: str = ""
    index: int = 0  # of the paragraph, from 0

    def __str__(self) -> str:
        """The segment of the path."""
        if self.kind is Kind.STEP:
            return f"{self.kind}-{self.target}-{self.index}"
        return f"{self.kind}-{self.target}" if self.target else str(self.kind)


OF_THE_NUMBER = frozenset({Wish.STOP, Wish.START, Wish.FORGET})  # asked for in the service menu
LANGUAGE = Place(Kind.LANGUAGE)
MAIN = Place(Kind.MENU, "main")
DEADLINES = Place(Kind.MENU, "deadlines")
SERVICE = Place(Kind.MENU, "service")
DATES = Place(Kind.DATES)
DATE_OTHER = Place(Kind.DATE_OTHER)
DATE_PAPER = Place(Kind.DATE_PAPER)
DATE_LEFT = Place(Kind.DATE_LEFT)
ASK = Place(Kind.ASK)

BEEN = (ENTRY, FAMILY, REGISTERED)  # the dates that have been: today, yesterday, another day
PAPERS = (REGISTRATION_UNTIL, "job-until", "policy-until", "family-until")  # in the order of their keys
LEAVABLE = (*BEEN, DEPARTURE, *PAPERS)


def date_when(anchor: str) -> Place:
    """Which day it was."""
    return Place(Kind.DATE_WHEN, anchor)


def date_digits(anchor: str) -> Place:
    """Where the digits of a day are collected."""
    return Place(Kind.DATE_DIGITS, anchor)


def date_confirm(anchor: str) -> Place:
    """Where a day that was read back is confirmed."""
    return Place(Kind.DATE_CONFIRM, anchor)


def date_asked(anchor: str) -> Place:
    """Where the day is asked for: by a choice where it has been, else by its digits."""
    return date_when(anchor) if anchor in BEEN else date_digits(anchor)


SINGLE = {
    str(place): place
    for place in (
        *(LANGUAGE, DATES, DATE_OTHER, DATE_PAPER, DATE_LEFT, ASK),
        *map(date_when, BEEN),
        *map(date_digits, LEAVABLE),
        *map(date_confirm, LEAVABLE),
    )
}


def step(key: str, index: int = 0) -> Place:
    """The paragraph `index` of step `key` (`07`)."""
    return Place(Kind.STEP, key, index)


def resume(paragraph: Place) -> Place:
    """The main menu, with the offer to go on at `paragraph`."""
    return Place(Kind.RESUME, str(paragraph))


def after(key: str) -> Place:
    """The end of step `key`."""
    return Place(Kind.AFTER, key)


def code(origin: Place) -> Place:
    """The digits of a step, asked for at `origin`."""
    return Place(Kind.CODE, str(origin))


def person(origin: Place) -> Place:
    """The operator, asked for at `origin`."""
    return Place(Kind.PERSON, str(origin))


def offer(origin: Place) -> Place:
    """Whether to leave a message, asked of whoever wanted a person at `origin`."""
    return Place(Kind.OFFER, str(origin))


def record(origin: Place) -> Place:
    """The message of whoever wanted a person at `origin`."""
    return Place(Kind.RECORD, str(origin))


def confirm(wish: Wish) -> Place:
    """Where `wish` is confirmed."""
    return Place(Kind.CONFIRM, wish)


def remind(rules: Iterable[str]) -> Place:
    """The reminder of these rules, by their ids."""
    return Place(Kind.REMIND, RULE_SEPARATOR.join(rules))


def path(
    language: str | None, place: Place, misses: int = 0, turn: int = 0, date_stored: bool = False
) -> str:
    """The path of a turn; with turn 0 the call arrives at the place and is first told where it is.

    `date_stored` says that this call has stored the day entered last; which day is in the call's row.
    """
    end = f"/{DATE_STORED}" if date_stored else ""
    return f"/voice/{language or NO_LANGUAGE}/{place}/{misses}/{turn}{end}"


def ring_path(language: str, segment: str) -> str:
    """Where a call that the hotline places begins: at the place that a RingBack names.

    Where the language is asked for, none is known.
    """
    return f"/voice/{NO_LANGUAGE if segment == str(LANGUAGE) else language}/{segment}/0/0"


def place_of(segment: str, guide: Guide) -> Place | None:
    """The place that `segment` names, or None where the guide has no such place."""
    if segment in SINGLE:
        return SINGLE[segment]
    kind, _, rest = segment[:LONGEST_SEGMENT].partition("-")
    match kind:
        case Kind.MENU:
            return Place(Kind.MENU, rest) if rest in guide.menus else None
        case Kind.STEP:
            return _paragraph(rest, guide)
        case Kind.RESUME:
            paragraph = place_of(rest, guide)
            return resume(paragraph) if paragraph and paragraph.kind is Kind.STEP else None
        case Kind.AFTER:
            return after(rest) if rest in guide.steps else None
        case Kind.CODE | Kind.PERSON | Kind.OFFER | Kind.RECORD:
            return _detour(Kind(kind), rest, guide)
        case Kind.REMIND:
            known = all(rule in guide.rules for rule in rest.split(RULE_SEPARATOR))
            return Place(Kind.REMIND, rest) if known else None
        case Kind.CONFIRM:
            return confirm(Wish(rest)) if rest in set(Wish) else None
    return None


def origin(detour: Place, guide: Guide) -> Place:
    """Where a code or a talk to a person was asked for."""
    return place_of(detour.target, guide) or MAIN


def resting(place: Place, guide: Guide) -> Place:
    """Where a detour that begins at `place` comes back to: none begins within another."""
    return origin(place, guide) if place.kind in DETOURS else place


def back_of(place: Place, guide: Guide) -> Place:
    """Where `*` leads."""
    match place.kind:
        case Kind.LANGUAGE:
            return SERVICE
        case Kind.STEP | Kind.AFTER:
            return Place(Kind.MENU, guide.home_menu(place.target))
        case Kind.CODE | Kind.PERSON | Kind.OFFER | Kind.RECORD:
            return origin(place, guide)
        case Kind.DATES:
            return DEADLINES
        case Kind.DATE_CONFIRM:
            return date_asked(place.target)
        case Kind.DATE_DIGITS:
            return _before_digits(place.target)
        case Kind.DATE_WHEN if place.target != ENTRY:
            return DATE_OTHER
        case Kind.DATE_WHEN | Kind.DATE_LEFT:
            return DATES
        case Kind.DATE_OTHER:
            return date_when(ENTRY)
        case Kind.DATE_PAPER:
            return DATE_OTHER
        case Kind.CONFIRM:
            return SERVICE if place.target in OF_THE_NUMBER else DATES
        case Kind.MENU | Kind.REMIND | Kind.RESUME | Kind.ASK:
            return MAIN


def _before_digits(anchor: str) -> Place:
    if anchor in BEEN:
        return date_when(anchor)
    return DATE_PAPER if anchor in PAPERS else DATE_OTHER


def _paragraph(rest: str, guide: Guide) -> Place | None:
    found = PARAGRAPH.fullmatch(rest)
    if found is None or found["key"] not in guide.steps:
        return None
    return step(found["key"], int(found["index"]))


def _detour(kind: Kind, rest: str, guide: Guide) -> Place | None:
    inner = place_of(rest, guide)
    if inner is None or inner.kind in DETOURS:
        return None
    return Place(kind, rest)
