"""The people on one telephone: its owner, and others whose dates are kept under its number. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

SELF = 0  # the member who owns the telephone; others on it are 1 to 5
MOST_MEMBERS = 6


@dataclass(frozen=True)
class Member:
    """One of the people on a telephone: dates (anchor -> calendar date), and the rules that are done."""

    dates: Mapping[str, date] = field(default_factory=dict, repr=False)
    done: frozenset[str] = frozenset()

    @property
    def known_by(self) -> date | None:
        """The date that tells a member from the others: the entry, else the first one; None without any."""
        entry = self.dates.get("entry") or self.dates.get("family")
        return entry or min(self.dates.values(), default=None)
