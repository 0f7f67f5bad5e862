"""Telephones: any number in E.164 is one here."""

import threading
from collections import deque
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
    """A telephone: whose it is, the SIDs of messages that arrived, the call it is in or that rings."""

    number: str
    name: str = ""
    inbox: deque[str] = field(default_factory=lambda: deque(maxlen=_MOST_IN_INBOX))
    arrived: int = 0
    call_sid: str | None = None
    ringing_sid: str | None = None
    last_call_sid: str | None = None
    condition: Condition = Condition.ON


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
