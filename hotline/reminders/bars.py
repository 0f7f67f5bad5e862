"""Ways that the carrier bars: a channel to a country that our account may not reach.

One message tries such a way now and then, and all others wait for it: a country that is barred for a morning
must not use up the pace, the tries and the time of everybody else. Each process learns it by a refusal.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

TRY_FIRST = timedelta(minutes=1)
TRY_MOST = timedelta(minutes=10)


@dataclass(frozen=True)
class Bar:
    """Why a way is barred, how often it was tried in vain, and when a message tries it next."""

    reason: str
    tries: int
    next_try_utc: datetime
    is_tried: bool = False  # a message is on its way; the next try is due if nothing is heard of it


class Bars:
    """The barred ways. A way has the name that /healthz tells: "carrier: sms to KG"."""

    def __init__(self) -> None:
        self._bars: dict[str, Bar] = {}

    @property
    def problems(self) -> list[str]:
        """For /healthz."""
        return [f"{way} is not permitted: {bar.reason}" for way, bar in self._bars.copy().items()]

    def shut(self, way: str, reason: str, now_utc: datetime) -> None:
        """The carrier has just said so; the first try is due in one minute, then in two, at most in ten."""
        known = self._bars.get(way)
        if known is None or known.is_tried:  # else it was on its way before this was known
            tries = known.tries + 1 if known else 0
            doubled: timedelta = TRY_FIRST * 2 ** min(tries, 10)
            self._bars[way] = Bar(reason, tries, now_utc + min(doubled, TRY_MOST))

    def open(self, way: str) -> None:
        """A message has gone through."""
        self._bars.pop(way, None)

    def is_shut(self, way: str) -> bool:
        """Whether the way is barred, as far as this process knows."""
        return way in self._bars

    def wait_until(self, way: str, now_utc: datetime) -> datetime | None:
        """When the way is tried next, for a message that must wait; None for one that may go now.

        On a barred way that is the one that tries it: the next who asks has to wait.
        """
        bar = self._bars.get(way)
        if bar is None:
            return None
        if now_utc < bar.next_try_utc <= now_utc + TRY_MOST:  # later than that: the clock was put back
            return bar.next_try_utc
        self._bars[way] = replace(bar, next_try_utc=now_utc + TRY_FIRST, is_tried=True)
        return None
