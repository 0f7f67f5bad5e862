"""The carrier's own STOP, START and HELP (pure)."""

from dataclasses import dataclass
from enum import StrEnum

# Default keywords: twilio-facts section 3 (Opt-out); OPTOUT and REVOKE are the newer ones.
STOP_WORDS = frozenset({"STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "OPTOUT", "REVOKE"})
START_WORDS = frozenset({"START", "UNSTOP", "YES"})
HELP_WORDS = frozenset({"HELP", "INFO"})


class Wish(StrEnum):
    """What a bare keyword asks of the carrier."""

    STOP = "STOP"
    START = "START"
    HELP = "HELP"


ANSWERS = {
    Wish.STOP: "You are unsubscribed and will get no more messages from here. Reply START to resubscribe.",
    Wish.START: "You are subscribed again to messages from this number. Reply HELP for help, STOP to end.",
    Wish.HELP: "Reply STOP to unsubscribe. Message and data rates may apply.",
}


@dataclass(frozen=True)
class Ruling:
    """What the carrier does with an inbound text: whether the pair is blocked after it, its own answer."""

    blocked: bool
    answer: str | None


def read_wish(body: str) -> Wish | None:
    """The wish of a text that is nothing but one keyword, in any case; None for every other text."""
    word = body.strip().upper()
    if word in STOP_WORDS:
        return Wish.STOP
    if word in START_WORDS:
        return Wish.START
    return Wish.HELP if word in HELP_WORDS else None


def rule(body: str, *, blocked: bool) -> Ruling:
    """The carrier's ruling on an inbound text, given whether its sender is blocked already.

    STOP and START are answered only where they change something, HELP always.
    """
    wish = read_wish(body)
    if wish is Wish.STOP:
        return Ruling(True, None if blocked else ANSWERS[wish])
    if wish is Wish.START:
        return Ruling(False, ANSWERS[wish] if blocked else None)
    return Ruling(blocked, ANSWERS[wish] if wish else None)
