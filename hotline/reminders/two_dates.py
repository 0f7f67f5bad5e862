"""What may be said of a term while Russia has two dates. Pure.

From noon to 22:00 UTC (15:00 to 1:00 in Moscow) the next day has begun in the east, and nobody knows where
who asks is. So only what is true on both days is said: the date of the last day, not "today" or "tomorrow".
"""

from __future__ import annotations

from hotline.reminders.days import Today
from hotline.reminders.deadlines import Phase, Term, days_left, phase

# The words that hold on both days, where the earlier is in this phase and the later is not.
ON_BOTH = {Phase.TOMORROW: Phase.EARLY, Phase.LAST_DAY: Phase.BETWEEN}


def phase_told(term: Term, today: Today) -> Phase:
    """The phase whose words are true of `term` wherever in Russia they are read."""
    first = phase(term, today.earliest)
    return first if phase(term, today.latest) is first else ON_BOTH.get(first, first)


def may_be_late(term: Term, today: Today) -> bool:
    """Whether it is late for sure on the later day alone: even "the 30 days are ending" is untrue then."""
    return phase(term, today.latest) is Phase.LATE and phase(term, today.earliest) is not Phase.LATE


def most_left(term: Term, today: Today) -> int:
    """The days that are left, or one less where the later day has begun; not below 0."""
    return max(0, days_left(term, today.earliest))
