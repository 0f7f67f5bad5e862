"""The operator's hours of work: read from a setting, asked at an instant. Pure.

    Mon-Fri 09:00-18:00, Sat 10:00-14:00, holidays 10:00-12:00

Days are Mon to Sun, one or a stretch of them; a day may stand in several items (a break at noon). On a
Russian public holiday only the item `holidays` counts, whatever weekday it is. Hours over midnight are two
items.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo

from hotline.reminders.deadlines import is_public_holiday

WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
HOLIDAYS = "holidays"
HOLIDAY = len(WEEK)  # a day of its own beside the weekdays 0 (Monday) to 6
DAY_MIN = 24 * 60
ITEM = re.compile(
    rf"(?:(?P<first>{'|'.join(WEEK)})(?:-(?P<last>{'|'.join(WEEK)}))?|{HOLIDAYS})"
    r"\s+(?P<opens>[0-9]{2}:[0-9]{2})\s*-\s*(?P<closes>[0-9]{2}:[0-9]{2})",
    re.ASCII,
)


class HoursError(ValueError):
    """Hours that cannot be read; the message names the item and what is wrong with it."""


@dataclass(frozen=True)
class Span:
    """Hours of some days: 0 Monday to 6 Sunday, 7 a public holiday. Minutes from midnight, end excluded."""

    days: frozenset[int]
    opens_min: int
    closes_min: int


@dataclass(frozen=True)
class OpeningHours:
    """When somebody can be reached, in a zone; without spans always."""

    zone: tzinfo = UTC
    spans: tuple[Span, ...] = ()

    def is_open(self, now_utc: datetime) -> bool:
        """Whether somebody can be reached at the instant `now_utc`."""
        here = now_utc.astimezone(self.zone)
        day = HOLIDAY if is_public_holiday(here.date()) else here.weekday()
        minute = here.hour * 60 + here.minute
        return not self.spans or any(
            day in span.days and span.opens_min <= minute < span.closes_min for span in self.spans
        )


ALWAYS = OpeningHours()


def read_hours(text: str, zone: tzinfo) -> OpeningHours:
    """The hours that `text` writes; "" is always. Raises HoursError naming the item that is wrong."""
    items = [item.strip() for item in text.split(",")] if text.strip() else []
    return OpeningHours(zone, tuple(_span(item) for item in items))


def _span(item: str) -> Span:
    found = ITEM.fullmatch(item.casefold())
    if found is None:
        raise HoursError(f"'{item}' is not like Mon-Fri 09:00-18:00 or holidays 10:00-12:00")
    opens_min, closes_min = _minutes(found["opens"], item), _minutes(found["closes"], item)
    if opens_min >= closes_min:
        raise HoursError(f"'{item}' ends before it begins; hours over midnight are two items")
    return Span(frozenset(_days(found["first"], found["last"])), opens_min, closes_min)


def _days(first: str | None, last: str | None) -> Iterable[int]:
    """The days of a stretch, which may go over the end of the week: Sat-Mon."""
    if first is None:
        return (HOLIDAY,)
    begin, end = WEEK.index(first), WEEK.index(last or first)
    return ((begin + more) % len(WEEK) for more in range((end - begin) % len(WEEK) + 1))


def _minutes(clock: str, item: str) -> int:
    """Minutes from midnight of `09:30`; 24:00 is the end of the day."""
    hours, minutes = (int(part) for part in clock.split(":"))
    if minutes > 59 or hours * 60 + minutes > DAY_MIN:
        raise HoursError(f"'{item}': there is no {clock}")
    return hours * 60 + minutes
