"""A text as it came in, from whichever carrier, and what it asks for with all that came with it. Pure."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from hotline.people.model import Person
from hotline.people.numbers import STAND_INS, usable_number
from hotline.reminders.days import Today
from hotline.sms.understanding.command import Clarify, Command, CommandName
from hotline.sms.understanding.keywords import Vocabulary, read

# Twilio, "Advanced Opt-Out": as a whole message these let texts through again. So does YES, an answer here.
CARRIER_OPT_IN = {"START", "UNSTOP"}


class Ignored(StrEnum):
    """Why a text is not answered at all, and nothing of it is stored."""

    OURS = "ours"  # from a sender of ours: two of our own would answer each other for ever
    WITHHELD = "withheld"
    NOT_A_NUMBER = "not_a_number"  # a short code or a name: a machine, which no answer reaches


class Wish(StrEnum):
    """What the carrier has taken a text for; it has done so and answered already (Twilio, OptOutType)."""

    STOP = "STOP"
    START = "START"
    HELP = "HELP"


@dataclass(frozen=True)
class Incoming:
    """A text: its SID, who sent it as the carrier says, its words, and to which sender of ours.

    with_media: pictures or the like came with it. wish: None where the carrier has seen none in it.
    written_at_utc: set where it comes late, because no webhook could store it when it was written.
    """

    sid: str
    sender: str = field(repr=False)
    body: str = field(repr=False)
    to: str = field(default="", repr=False)
    with_media: bool = False
    wish: Wish | None = None
    written_at_utc: datetime | None = None

    def as_of(self, now_utc: datetime) -> datetime:
        """The instant as of which it is read and counted."""
        return self.written_at_utc or now_utc


def ignored(sender: str, ours: Collection[str]) -> Ignored | None:
    """Why a text from `sender` is not answered, or None where it is. `ours`: the hotline's own senders."""
    if sender and sender.casefold() in {own.casefold() for own in ours}:
        return Ignored.OURS
    if usable_number(sender) is not None:
        return None
    withheld = not sender.strip() or sender in STAND_INS or sender.casefold() in {"anonymous", "unknown"}
    return Ignored.WITHHELD if withheld else Ignored.NOT_A_NUMBER


def understood(text: Incoming, vocabulary: Vocabulary, person: Person, today: Today) -> Command:
    """What the text asks for: what its carrier has done comes before what its words say.

    Of its own words for START it need not tell: without Advanced Opt-Out it takes them in silence.
    """
    command = read(text.body, vocabulary, today)
    match text.wish:
        case Wish.STOP:
            return Command(CommandName.STOP, command.language, carrier_keyword=True)
        case Wish.START if not (command.name is CommandName.YES and person.question):
            started = command if command.name is CommandName.START else Command(CommandName.START)
            return replace(started, carrier_keyword=True)
        case Wish.HELP if command.name is CommandName.UNKNOWN:
            return Command(CommandName.HELP)
    if command.name is CommandName.START and text.body.strip().upper() in CARRIER_OPT_IN:
        return replace(command, carrier_keyword=True)
    return command if _says_something(text.body) else _wordless(text)


def _wordless(text: Incoming) -> Command:
    question = Clarify.PICTURE if text.with_media else Clarify.EMPTY
    return Command(CommandName.CLARIFY, clarify=question)


def _says_something(body: str) -> bool:
    return any(letter.isprintable() and not letter.isspace() for letter in body)
