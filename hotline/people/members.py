"""The people on one telephone: its owner, and others whose dates are kept under its number. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

SELF = 0  # the member who owns the telephone; others on it are 1 to 5
MOST_MEMBERS = 6


@dataclass(frozen=True)
class Member:
    """One of the people on a telephone: dates (anchor -> calendar date), and what is done.

    done: the ids of the rules of which DONE was said, and marks of dates from which a rule does not count any
    more (reminders.deadlines.settled).

    changed_at_utc: when a date, or what is done of the rules that count from it, was changed last, by anchor.
    """

    dates: Mapping[str, date] = field(default_factory=dict, repr=False)
    done: frozenset[str] = frozenset()
    changed_at_utc: Mapping[str, datetime] = field(default_factory=dict, repr=False)

    @property
    def known_by(self) -> date | None:
        """The date that tells a member from the others: the entry, else the first one; None without any."""
        entry = self.dates.get("entry") or self.dates.get("family")
        return entry or min(self.dates.values(), default=None)
