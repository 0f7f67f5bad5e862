"""The wire: everything that happens on this exchange, in one numbered row, for whoever watches."""

import threading
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from hotline.exchange.clock import Clock
from hotline.exchange.journal import Entry, Journal

# Happenings kept for watchers who come late; the oldest go first.
_MOST_KEPT = 2_000


@dataclass(frozen=True)
class Happening:
    """One thing that happened: its number from 1, when (UTC, exchange's clock), about what, and its facts.

    about: call, text, rest, ledger or clock. sid and phone: of the call or text, else None.
    """

    n: int
    at_utc: datetime
    about: str
    kind: str
    sid: str | None = None
    phone: str | None = field(default=None, repr=False)
    at_s: float = 0.0
    facts: Mapping[str, object] = field(default_factory=dict, repr=False)

    def as_json(self) -> dict[str, object]:
        """The happening as one JSON object; its own facts stay apart."""
        return {
            "n": self.n,
            "at_utc": self.at_utc.isoformat(),
            "about": self.about,
            "kind": self.kind,
            "sid": self.sid,
            "phone": self.phone,
            "at_s": round(self.at_s, 3),
            "facts": dict(self.facts),
        }


class Wire:
    """An append-only row of happenings that can be waited for; it keeps the last 2,000."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._kept: deque[Happening] = deque(maxlen=_MOST_KEPT)
        self._told = 0
        self._open = True
        self._changed = threading.Condition()

    @property
    def told(self) -> int:
        """How many things have happened so far."""
        return self._told

    def tell(
        self,
        about: str,
        kind: str,
        facts: Mapping[str, object],
        *,
        sid: str | None = None,
        phone: str | None = None,
        at_s: float = 0.0,
    ) -> None:
        """Append one happening and wake those who wait."""
        with self._changed:
            self._told += 1
            self._kept.append(Happening(self._told, self._clock.now(), about, kind, sid, phone, at_s, facts))
            self._changed.notify_all()

    def journal(self, about: str, sid: str, phone: str) -> Journal:
        """A new journal of one call or text, each entry of which is told here too."""

        def pass_on(entry: Entry) -> None:
            self.tell(about, entry.kind, entry.facts, sid=sid, phone=phone, at_s=entry.at_s)

        return Journal(pass_on)

    def since(self, n: int, wait_s: float = 0.0) -> list[Happening]:
        """What happened after number n, waiting at most wait_s seconds for the first."""
        with self._changed:
            self._changed.wait_for(lambda: self._told > n or not self._open, timeout=wait_s)
            return [happening for happening in self._kept if happening.n > n]

    def close(self) -> None:
        """Let nobody wait any longer."""
        with self._changed:
            self._open = False
            self._changed.notify_all()
