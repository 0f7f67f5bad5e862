"""One turn of a call as values: what is known when a key arrives, and what the call does next. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime

from hotline.guide.model import Guide
from hotline.people.model import Effect, Person, Refusal, SaveDate
from hotline.people.operator_limits import Use
from hotline.reminders.days import Today
from hotline.speech.clips import Spoken, Value
from hotline.voice.places import Kind, Place

MENU_TIMEOUT_S = 7  # after the prompt; Twilio's default of 5 s is short for who looks for a key
PARAGRAPH_PAUSE_S = 1  # between the paragraphs of a step; silence in it means: go on
DIGITS_TIMEOUT_S = 5  # also between digits, so a lone digit of a step waits that long


class PersonWantedError(Exception):
    """The turn depends on who calls, and nobody has been looked up.

    The webhook catches it, asks the database and takes the turn again: the places that need the person name
    themselves, and every other turn is answered from memory.
    """


@dataclass(frozen=True)
class Entered:
    """What the row of a call keeps: the date entered last, and what this call had stored at that moment.

    An unproven caller enters a date only where nothing is stored but what this same call has stored.
    """

    date: SaveDate
    stood: frozenset[SaveDate] = frozenset()

    @property
    def kept(self) -> frozenset[SaveDate]:
        """What the call has stored once the date entered last is stored too."""
        date = self.date
        others = {each for each in self.stood if (each.anchor, each.member) != (date.anchor, date.member)}
        return frozenset({date, *others})

    def written(self) -> str:
        """As text, for the sealed column: `entry:0:2026-11-22`, the date entered last first."""
        dates = (self.date, *self.stood)
        return " ".join(f"{each.anchor}:{each.member}:{each.day.isoformat()}" for each in dates)

    @classmethod
    def read(cls, text: str) -> Entered | None:
        """The value that `written` gave; None of another text, as older hotlines wrote it."""
        try:
            first, *others = (_date_written(part) for part in text.split())
        except ValueError:
            return None
        return cls(first, frozenset(others))


@dataclass(frozen=True)
class Caller:
    """Who calls: what is stored under the number, and what was entered in this call."""

    person: Person
    entered: Entered | None = None


@dataclass(frozen=True)
class Recorded:
    """A message that the carrier has recorded: its SID there and its length in seconds."""

    sid: str
    seconds: int


@dataclass(frozen=True)
class Call:
    """A call at the moment when a key arrives.

    language: None until it is known. turns: keys taken in this call, this one too. misses: keys in a row that
    were missing or wrong. has_number: the number can be called, written to and remembered. proven: the
    hotline placed this call (rules of the service, Who is believed). date_stored: it has stored the day
    entered last in it. caller: None while nobody has been looked up. number: the hotline's own, for texts.
    operator: whom key 7 rings. operator_open: it is one of the operator's hours. talked: the operator
    answered. recorded: the message that was spoken just now. machine: an answering machine has picked up.
    at_utc: this moment, where it matters. missed: it rings at a number on which the hotline does not answer
    but calls back. refused: why it may not, or may send no texts, or may not have the operator.
    """

    place: Place
    language: str | None
    turns: int = 0
    misses: int = 0
    has_number: bool = False
    proven: bool = False
    date_stored: bool = False
    caller: Caller | None = None
    number: str = field(default="", repr=False)
    operator: str | None = field(default=None, repr=False)
    operator_open: bool = True
    talked: bool = False
    machine: bool = False
    at_utc: datetime | None = None
    missed: bool = False
    refused: Refusal | None = None
    recorded: Recorded | None = None


@dataclass(frozen=True)
class Heard:
    """Something said in a language."""

    language: str
    spoken: Spoken


@dataclass(frozen=True)
class Gather:
    """How the next key or keys are collected: how many, and seconds of silence that end the waiting."""

    digits: int = 1
    timeout_s: int = MENU_TIMEOUT_S


@dataclass(frozen=True)
class Turn:
    """What the call does: what is heard, where the next key is taken, what is stored.

    place: None where the call ends. entered: to be kept in the call's row until confirmed. dial: ring this
    number first; the call comes back to `place`. if_unstored: where a turn that did not need to know the
    caller goes on if storing fails; None where the call ends all the same. rejects: the call is not answered.
    """

    heard: tuple[Heard, ...]
    place: Place | None
    language: str | None
    misses: int = 0
    gather: Gather = Gather()
    effects: tuple[Effect, ...] = ()
    entered: Entered | None = None
    dial: str | None = field(default=None, repr=False)
    if_unstored: Place | None = None
    rejects: bool = False

    @property
    def records(self) -> bool:
        """Whether the caller speaks now, after a tone, instead of pressing a key."""
        return self.place is not None and self.place.kind is Kind.RECORD

    @property
    def use(self) -> Use | None:
        """What of the operator the turn takes, which is counted."""
        if self.dial is not None:
            return Use.RING
        return Use.MESSAGE if self.records else None

    @property
    def stores(self) -> bool:
        """Whether the turn needs the database."""
        return bool(self.effects) or self.entered is not None

    def date_stored(self, before: bool) -> bool:
        """Whether the call has stored the day entered last; `before` is whether it had before this turn."""
        if self.entered is not None:
            return False
        return before or any(isinstance(effect, SaveDate) for effect in self.effects)


@dataclass(frozen=True)
class Talk:
    """A call and everything that its next turn depends on."""

    guide: Guide
    call: Call
    today: Today

    @property
    def language(self) -> str:
        """The call's language; until it is known the first one of the hotline."""
        return self.call.language or next(iter(self.guide.languages))

    @property
    def caller(self) -> Caller:
        """Who calls. Raises PersonWantedError if nobody has been looked up."""
        if self.call.caller is None:
            raise PersonWantedError
        return self.call.caller

    @property
    def person(self) -> Person:
        """What is stored under the number. Raises PersonWantedError."""
        return self.caller.person

    @property
    def believed(self) -> bool:
        """Whether dates may be left, told and corrected: in a proven call, or if nothing else is stored.

        That is where all that is stored was set in this same call, and no date waits for an OK by text.
        Nothing more is believed because of it: that a term is done only a proven caller says. Raises
        PersonWantedError.
        """
        question = self.person.question
        waits = question is not None and question.day is not None
        return self.call.proven or (self.person.stored <= self.set_here and not waits)

    @property
    def tells_opted_out(self) -> bool:
        """Whether it may be said that no messages come, as is so: to who is called, not to a false number."""
        return self.call.proven and self.person.opted_out

    @property
    def set_here(self) -> frozenset[SaveDate]:
        """What this call has stored and still stands; a day that only waits for its key may be a guess."""
        entered = self.caller.entered
        if entered is None:
            return frozenset()
        return self.person.stored & (entered.kept if self.call.date_stored else entered.stood)

    def speaking(self, language: str) -> Talk:
        """The same call in another language."""
        return replace(self, call=replace(self.call, language=language))

    def knowing(self, caller: Caller) -> Talk:
        """The same call after something of the caller has changed."""
        return replace(self, call=replace(self.call, caller=caller))


def _date_written(text: str) -> SaveDate:
    """Raises ValueError."""
    anchor, member, day = text.split(":")
    return SaveDate(anchor, date.fromisoformat(day), int(member))


def counted(id: str, n: int, **values: Value) -> Spoken:
    """A counted line in the form for `n`: "12 days are left"."""
    return Spoken(id, values, count=n)
