"""Who calls or writes, as the pure rooms see them, and the effects that a turn or a reply may have. Pure.

An effect is data; hotline.people.effects applies it, in one transaction with the answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

from hotline.guide.language import Script
from hotline.people.members import SELF, Member
from hotline.people.questions import QUESTION_LIFETIME, Question

REST_LIFETIME = timedelta(hours=2)  # ours: later MORE is meant of something else

BY_SMS, BY_CALL = "sms", "call"  # how a person is reminded


@dataclass(frozen=True)
class Reading:
    """Where the person is: the step and the index of the page that MORE sends next.

    at_utc: when the page before it was sent; known of a stored place, if at all.
    """

    step: str
    page: int
    at_utc: datetime | None = None


class Refusal(StrEnum):
    """Why the hotline does not call a number back, sends it no texts that a call asks for, or no operator."""

    ABROAD = "abroad"  # of no country that is called, or that no call reaches; of one whose texts are used up
    NUMBER = "number"  # this number had enough today
    PREFIX = "prefix"  # numbers with this beginning were
    EVERYBODY = "everybody"  # everybody together was


@dataclass(frozen=True)
class Stopped:
    """Which paragraph of a step was being said last in a call (`step-07-2`), and when."""

    place: str
    at_utc: datetime


@dataclass(frozen=True)
class Person:
    """What is known of a number. `dates` and `done` are its owner's, `others` those of members 1 to 5.

    `dates` maps an anchor (`entry`) to its calendar date, `changed_at_utc` to when that was changed last;
    `said_at_utc` a rule to when DONE or START was said of it last.
    `script`: of texts to the person, None where none was chosen; `script_offered`: a choice was offered once.
    `rest`: the lines of the last reply that were too many for it and wait for MORE.
    welcomed: told who this is and how to stop. blocked: its carrier lets no text of ours through. last_rules:
    of the last reminder, sent at last_rules_at_utc. as_of_utc: the moment that all this is seen from.
    """

    language: str | None = None
    opted_out: bool = False
    blocked: bool = False
    welcomed: bool = False
    dates: Mapping[str, date] = field(default_factory=dict, repr=False)
    done: frozenset[str] = frozenset()
    changed_at_utc: Mapping[str, datetime] = field(default_factory=dict, repr=False)
    said_at_utc: Mapping[str, datetime] = field(default_factory=dict, repr=False)
    others: Mapping[int, Member] = field(default_factory=dict)
    reading: Reading | None = None
    question: Question | None = None
    last_rules: tuple[str, ...] = ()
    last_rules_at_utc: datetime | None = None
    reminded_by: str = BY_SMS
    stopped: Stopped | None = field(default=None, repr=False)
    script: Script | None = None
    script_offered: bool = False
    rest: tuple[str, ...] = field(default=(), repr=False)
    rest_at_utc: datetime | None = None
    as_of_utc: datetime | None = None

    @property
    def reads(self) -> Script:
        """The letters of texts to the person: Cyrillic until others are chosen."""
        return self.script or Script.CYRILLIC

    @property
    def members(self) -> dict[int, Member]:
        """Everybody on the telephone who has left a date, by number."""
        own = {SELF: self.member(SELF)} if self.dates else {}
        return {**own, **dict(sorted(self.others.items()))}

    @property
    def stored(self) -> frozenset[SaveDate]:
        """Every date that is stored of anybody on the telephone."""
        members = self.members.items()
        return frozenset(
            SaveDate(anchor, day, number)
            for number, member in members
            for anchor, day in member.dates.items()
        )

    def member(self, number: int) -> Member:
        """One of the people on the telephone; without dates if nothing is known."""
        own = Member(self.dates, self.done, self.changed_at_utc, self.said_at_utc)
        return own if number == SELF else self.others.get(number, Member())

    def with_member(self, number: int, member: Member) -> Person:
        """The person with other dates of one of the people."""
        if number == SELF:
            return replace(self, **vars(member))
        others = {each: known for each, known in self.others.items() if each != number}
        return replace(self, others={**others, number: member} if member.dates else others)

    def as_of(self, now_utc: datetime) -> Person:
        """The person at this moment: no question and no rest that is too old, or, of a late text, too new."""
        asked_at_utc = self.question.asked_at_utc if self.question else None
        question = self.question if _is_open(asked_at_utc, now_utc, QUESTION_LIFETIME) else None
        rest = self.rest if _is_open(self.rest_at_utc, now_utc, REST_LIFETIME) else ()
        return replace(self, as_of_utc=now_utc, question=question, rest=rest)


def _is_open(since_utc: datetime | None, at_utc: datetime, lifetime: timedelta) -> bool:
    return since_utc is None or timedelta(0) <= at_utc - since_utc <= lifetime


@dataclass(frozen=True)
class SetLanguage:
    """Answer in this language from now on."""

    language: str


@dataclass(frozen=True)
class SetScript:
    """Write in these letters from now on."""

    script: Script


@dataclass(frozen=True)
class ScriptOffered:
    """The choice of Latin letters was offered: never offer it again."""


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
class KeepRest:
    """These lines of the reply wait for MORE; none: nothing waits."""

    lines: tuple[str, ...] = field(repr=False)


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
    """No more messages unasked. at_carrier: it was told so too, and blocks our texts."""

    at_carrier: bool = False


@dataclass(frozen=True)
class Welcome:
    """The person has been told who this is and how to stop."""


@dataclass(frozen=True)
class OptIn:
    """Messages again."""


@dataclass(frozen=True)
class Forget:
    """Erase the person; only the opt-out stays."""


@dataclass(frozen=True)
class SendText:
    """Send this text by SMS at once, to who reads these letters: the caller asked for it in a call.

    The same comes in the other letters, as another effect of the turn: a call does not know what was chosen.
    """

    body: str = field(repr=False)
    script: Script = Script.CYRILLIC


@dataclass(frozen=True)
class RingBack:
    """Call this number back and begin at `place` of the voice menu."""

    place: str


@dataclass(frozen=True)
class KeepMessage:
    """Keep a voice message for the operator; the carrier has it. language: None where it is not known."""

    recording_sid: str
    seconds: int
    language: str | None


@dataclass(frozen=True)
class Told:
    """The call that reminds has said what it was placed for."""


Effect = (
    SetLanguage
    | SetScript
    | ScriptOffered
    | SaveDate
    | Ask
    | CloseQuestion
    | SetReading
    | KeepRest
    | MarkDone
    | UndoDone
    | PutOff
    | DropDate
    | RemindBy
    | OptOut
    | Welcome
    | OptIn
    | Forget
    | SendText
    | RingBack
    | KeepMessage
    | Told
)
