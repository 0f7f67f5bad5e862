"""The people on one telephone: its owner, and others whose dates are kept under its number. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

SELF = 0  # the member who owns the telephone; others on it are 1 to 5
MOST_MEMBERS = 6


@dataclass(frozen=True)
class Member:
    """One of the people on a telephone: dates (anchor -> calendar date), and what is done.

    done: the ids of the rules of which DONE was said, and marks of dates from which a rule does not count any
    more (reminders.deadlines.settled).

    changed_at_utc: when a date, or what is done of the rules that count from it, was changed last, by anchor.
    said_at_utc: when DONE or START was said last, by rule; of the dates that are stored now.
    """

    dates: Mapping[str, date] = field(default_factory=dict, repr=False)
    done: frozenset[str] = frozenset()
    changed_at_utc: Mapping[str, datetime] = field(default_factory=dict, repr=False)
    said_at_utc: Mapping[str, datetime] = field(default_factory=dict, repr=False)

    @property
    def known_by(self) -> date | None:
        """The date that tells a member from the others: the entry, else the first one; None without any."""
        entry = self.dates.get("entry") or self.dates.get("family")
        return entry or min(self.dates.values(), default=None)


def said_text(said_at_utc: Mapping[str, datetime]) -> str:
    """When something was said of which rules, as it is stored: "d05=1774774800 d08=1774774800"."""
    return " ".join(f"{rule}={int(at_utc.timestamp())}" for rule, at_utc in said_at_utc.items())


def said_of(said: str, done: str, changed_at_utc: datetime) -> dict[str, datetime]:
    """When DONE or START was said of the rules of a date; else of what is `done` when its row changed."""
    stored = (each.partition("=") for each in said.split())
    known = {rule: datetime.fromtimestamp(int(seconds), UTC) for rule, _, seconds in stored}
    return dict.fromkeys(done.split(), changed_at_utc) | known
