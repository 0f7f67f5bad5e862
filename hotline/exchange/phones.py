"""Telephones: any number in E.164 is one here."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

# Messages an inbox keeps; the oldest go first.
_MOST_IN_INBOX = 1_000


class Condition(StrEnum):
    """How a phone is: with a person, switched off, its memory full, or an answering machine."""

    ON = "on"
    OFF = "off"
    FULL = "full"
    MACHINE = "machine"


@dataclass(eq=False, repr=False)
class Phone:
    """A telephone: whose it is, the messages that arrived, the call it is in, the call that rings.

    arrived: how many messages came so far, deleted ones too.
    """

    number: str
    name: str = ""
    arrived: int = 0
    call_sid: str | None = None
    ringing_sid: str | None = None
    last_call_sid: str | None = None
    condition: Condition = Condition.ON
    _inbox: dict[int, str] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def take_in(self, sid: str) -> None:
        """A message arrives."""
        with self._lock:
            self._inbox[self.arrived] = sid
            self.arrived += 1
            self._inbox.pop(self.arrived - 1 - _MOST_IN_INBOX, None)

    def list_inbox(self, since: int = 0) -> tuple[list[str], int]:
        """The SIDs still here of the messages from number `since` on (from 0), and the next one's number."""
        with self._lock:
            return [sid for number, sid in self._inbox.items() if number >= since], self.arrived

    def delete(self, sid: str) -> bool:
        """Remove a message; whether it was here. The numbers of the others stay as they are."""
        with self._lock:
            numbers = [number for number, kept in self._inbox.items() if kept == sid]
            for number in numbers:
                del self._inbox[number]
        return bool(numbers)


class Phones:
    """Every phone that was used so far; a phone comes to be by being named."""

    def __init__(self, names: Mapping[str, str]) -> None:
        """names: number -> name of the phones that are there from the start."""
        self._phones = {number: Phone(number, name) for number, name in names.items()}
        self._lock = threading.Lock()

    def get(self, number: str) -> Phone:
        """The phone of a number (E.164, checked by the caller)."""
        with self._lock:
            return self._phones.setdefault(number, Phone(number))

    def all(self) -> list[Phone]:
        """The phones known so far."""
        with self._lock:
            return list(self._phones.values())
