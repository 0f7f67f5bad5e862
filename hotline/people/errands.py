"""When the carrier is asked again for what it has not done yet. Pure."""

from __future__ import annotations

from datetime import timedelta

FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=1), timedelta(hours=1)  # between requests for the same thing
MOST_DOUBLINGS = 6  # of the first wait; then it is over the longest


def wait_after(attempts: int) -> timedelta:
    """How long after a request, before which there were `attempts`: doubling from a minute to an hour."""
    doubled: timedelta = FIRST_WAIT * 2 ** min(attempts, MOST_DOUBLINGS)
    return min(doubled, LONGEST_WAIT)
