"""What happened to one call or one message, in order."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

# A call that loops may not fill the memory: what comes after this many entries is counted, not kept.
_MOST_ENTRIES = 5_000


@dataclass(frozen=True)
class Entry:
    """One event: its number from 0, the call second it happened at (0 for messages), its kind, its facts."""

    n: int
    at_s: float
    kind: str
    facts: Mapping[str, object] = field(repr=False)

    def as_json(self) -> dict[str, object]:
        """The event as one flat JSON object."""
        return {"n": self.n, "at_s": round(self.at_s, 3), "kind": self.kind, **self.facts}


class Journal:
    """An append-only list of events, safe to read while it grows. listener: told of each as it is noted."""

    def __init__(self, listener: Callable[[Entry], None] | None = None) -> None:
        self._entries: list[Entry] = []
        self._listener = listener
        self._lock = threading.Lock()

    def note(self, kind: str, at_s: float = 0.0, **facts: object) -> None:
        """Append one event; beyond 5,000 events nothing more is kept."""
        with self._lock:
            if len(self._entries) >= _MOST_ENTRIES:
                return
            entry = Entry(len(self._entries), at_s, kind, facts)
            self._entries.append(entry)
        if self._listener is not None:
            self._listener(entry)

    def since(self, n: int = 0) -> list[Entry]:
        """The events from number n on."""
        with self._lock:
            return self._entries[max(n, 0) :]

    def of_kind(self, kind: str) -> list[Entry]:
        """All events of one kind, in order."""
        return [entry for entry in self.since() if entry.kind == kind]
