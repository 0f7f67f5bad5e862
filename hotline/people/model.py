"""Who calls or writes, as the pure rooms see them, and the effects that a turn or a reply may have. Pure.

An effect is data; hotline.people.effects applies it, in one transaction with the answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

QUESTION_LIFETIME = timedelta(hours=24)  # rules of the service, Dates: after that an OK means something else


BY_SMS, BY_CALL = "sms", "call"  # how a person is reminded
SELF = 0  # the member who owns the telephone; others on it are 1 to 5
MOST_MEMBERS = 6


class Asked(StrEnum):
    """The question that waits for OK or NO, or for a number."""

    SAVE_DATE = "save-date"
    WHOSE_DATE = "whose-date"  # numbered: whose date is it?
    WHO_IS_DONE = "who-is-done"  # numbered: who has done this step?
    DELETE = "delete"
    OPT_OUT = "opt-out"


@dataclass(frozen=True)
class Question:
    """An open question with what it is about; `asked_at_utc` is known of a stored one.

    day, anchor, member: the date to be stored, of which kind and whose. step: what is done.
    """

    kind: Asked
    day: date | None = field(default=None, repr=False)
    anchor: str = "entry"
    member: int = SELF
    step: int | None = None
    asked_at_utc: datetime | None = None


@dataclass(frozen=True)
class Reading:
    """Where the person is: the step and the index of the page that MORE sends next."""

    step: str
    page: int


class Refusal(StrEnum):
    """Why the hotline does not call a number back."""

    ABROAD = "abroad"  # of no country that is called
    NUMBER = "number"  # this number was called often enough today
    PREFIX = "prefix"  # numbers with this beginning were
    EVERYBODY = "everybody"  # everybody together was


@dataclass(frozen=True)
class Stopped:
    """Which paragraph of a step was being said last in a call (`step-07-2`), and when."""

    place: str
    at_utc: datetime


@dataclass(frozen=True)
class Member:
    """One of the people on a telephone: dates (anchor -> calendar date), and the rules that are done."""

    dates: Mapping[str, date] = field(default_factory=dict, repr=False)
    done: frozenset[str] = frozenset()

    @property
    def known_by(self) -> date | None:
        """The date that tells a member from the others: the entry, else the first one; None without any."""
        entry = self.dates.get("entry") or self.dates.get("family")
        return entry or min(self.dates.values(), default=None)


@dataclass(frozen=True)
class Person:
    """What is known of a number. `dates` and `done` are its owner's, `others` those of members 1 to 5."""

    language: str | None = None
    opted_out: bool = False
    dates: Mapping[str, date] = field(default_factory=dict, repr=False)
    done: frozenset[str] = frozenset()
    others: Mapping[int, Member] = field(default_factory=dict)
    reading: Reading | None = None
    question: Question | None = None
    last_rules: tuple[str, ...] = ()
    reminded_by: str = BY_SMS
    stopped: Stopped | None = field(default=None, repr=False)

    @property
    def members(self) -> dict[int, Member]:
        """Everybody on the telephone who has left a date, by number."""
        own = {SELF: self.member(SELF)} if self.dates else {}
        return {**own, **dict(sorted(self.others.items()))}

    def member(self, number: int) -> Member:
        """One of the people on the telephone; without dates if nothing is known."""
        return Member(self.dates, self.done) if number == SELF else self.others.get(number, Member())

    def with_member(self, number: int, member: Member) -> Person:
        """The person with other dates of one of the people."""
        if number == SELF:
            return replace(self, dates=member.dates, done=member.done)
        others = {each: known for each, known in self.others.items() if each != number}
        return replace(self, others={**others, number: member} if member.dates else others)

    def as_of(self, now_utc: datetime) -> Person:
        """The person without a question that was asked too long ago to be answered by a bare OK."""
        asked_at_utc = self.question.asked_at_utc if self.question else None
        stale = asked_at_utc is not None and now_utc - asked_at_utc > QUESTION_LIFETIME
        return replace(self, question=None) if stale else self


@dataclass(frozen=True)
class SetLanguage:
    """Answer in this language from now on."""

    language: str


@dataclass(frozen=True)
class SaveDate:
    """Store the date and plan its reminders; rows of another date are cancelled."""

    anchor: str
    day: date = field(repr=False)
    member: int = SELF


@dataclass(frozen=True)
class Ask:
    """Keep the question open until OK, NO or another command."""

    question: Question


@dataclass(frozen=True)
class CloseQuestion:
    """The open question is answered or dropped."""


@dataclass(frozen=True)
class SetReading:
    """MORE continues here."""

    reading: Reading


@dataclass(frozen=True)
class MarkDone:
    """No more reminders of this rule."""

    rule: str
    member: int = SELF


@dataclass(frozen=True)
class UndoDone:
    """The reminders of this rule go on."""

    rule: str
    member: int = SELF


@dataclass(frozen=True)
class PutOff:
    """Remind of this rule again tomorrow."""

    rule: str
    member: int = SELF


@dataclass(frozen=True)
class DropDate:
    """Erase the stored date of this anchor and what is planned from it."""

    anchor: str
    member: int = SELF


@dataclass(frozen=True)
class RemindBy:
    """Remind by `sms` or by `call` from now on."""

    channel: str


@dataclass(frozen=True)
class OptOut:
    """No more messages unasked."""


@dataclass(frozen=True)
class OptIn:
    """Messages again."""


@dataclass(frozen=True)
class Forget:
    """Erase the person; only the opt-out stays."""


@dataclass(frozen=True)
class SendText:
    """Send this text by SMS at once: the caller asked for it in a call."""

    body: str = field(repr=False)


@dataclass(frozen=True)
class RingBack:
    """Call this number back and begin at `place` of the voice menu."""

    place: str


@dataclass(frozen=True)
class KeepMessage:
    """Keep a voice message for the operator; the carrier has it under `recording_sid`.

    language: of the call, None where it is not known. seconds: its length.
    """

    recording_sid: str
    seconds: int
    language: str | None


Effect = (
    SetLanguage
    | SaveDate
    | Ask
    | CloseQuestion
    | SetReading
    | MarkDone
    | UndoDone
    | PutOff
    | DropDate
    | RemindBy
    | OptOut
    | OptIn
    | Forget
    | SendText
    | RingBack
    | KeepMessage
)
