"""A call's webhook as it was read: whose call it is, which key arrived, which turn it is."""

from __future__ import annotations

from dataclasses import dataclass, replace

from flask import Request

from hotline.people.store import Contact
from hotline.voice.model import Call, Caller, Entered

LONGEST_COUNT = 6  # digits of a misses or turn number that came from us


@dataclass(frozen=True)
class Incoming:
    """A signed request: the call, the key that arrived, and what makes the turn repeatable.

    key: "" for silence, None where the call only arrives. phone: whose call it is, None for nobody who could
    be remembered. sid: of the call, "" if the carrier sent none.
    """

    call: Call
    key: str | None
    turn: int
    phone: str | None
    sid: str

    @property
    def answer_key(self) -> str:
        """Under which the answer of a storing turn is kept."""
        return f"{self.sid}:{self.turn}"

    def known(self, contact: Contact) -> Call:
        """The call with what is stored of the caller and what was entered in it."""
        entered = Entered.read(contact.pending) if contact.pending else None
        return replace(self.call, caller=Caller(contact.person, entered))


def number_of(incoming: Request) -> str | None:
    """Whose call it is: of a call that the hotline placed, the number it rang."""
    ours = incoming.form.get("Direction", "").startswith("outbound")
    return incoming.form.get("To" if ours else "From")


def count(text: str) -> int | None:
    """A number of the path, None for anything else."""
    small = len(text) <= LONGEST_COUNT and text.isascii() and text.isdigit()
    return int(text) if small else None
