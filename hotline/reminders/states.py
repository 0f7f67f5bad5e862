"""The states of a message and of the rows that follow it. Pure."""

from __future__ import annotations

from enum import StrEnum


class State(StrEnum):
    """Of a message, and of the rows of the ledger that it carries."""

    PENDING = "pending"  # to be sent; claimed while its lease runs
    SENDING = "sending"  # past the fence: the carrier may have it
    SENT = "sent"
    UNKNOWN = "unknown"  # the carrier may have it; looked up before anything else is done
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"
    FAILED = "failed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


class Channel(StrEnum):
    """How a message reaches the person."""

    SMS = "sms"
    CALL = "call"


class Kind(StrEnum):
    """Why a message goes out."""

    REMINDER = "reminder"  # unasked: only in the send window, never after STOP
    ASKED = "asked"  # the person asked for it


RANK_NONE = 0  # the carrier has said nothing yet
RANK_ACCEPTED = 1
RANK_FINAL = 9  # nothing overtakes it

# A status never goes back: receipts arrive in any order. Statuses: Twilio, Message and Call resources.
STATUS_RANKS = {
    "accepted": RANK_ACCEPTED,
    "scheduled": RANK_ACCEPTED,
    "queued": RANK_ACCEPTED,
    "sending": RANK_ACCEPTED,
    "initiated": RANK_ACCEPTED,
    "sent": 2,
    "ringing": 2,
    "in-progress": 3,
    "delivered": RANK_FINAL,
    "read": RANK_FINAL,
    "completed": RANK_FINAL,
    "undelivered": RANK_FINAL,
    "failed": RANK_FINAL,
    "canceled": RANK_FINAL,
    "busy": RANK_FINAL,
    "no-answer": RANK_FINAL,
}

_GOOD_END = frozenset({"delivered", "read", "completed"})


def rank_of(status: str) -> int:
    """How far `status` of the carrier is; a status we do not know is an acceptance."""
    return STATUS_RANKS.get(status, RANK_ACCEPTED)


def state_of(status: str) -> State:
    """The state that a carrier's status puts a message in."""
    if rank_of(status) < RANK_FINAL:
        return State.SENT
    return State.DELIVERED if status in _GOOD_END else State.UNDELIVERED
