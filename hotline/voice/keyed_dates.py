"""Days as they are keyed: DDMM for one that has been or comes next, DDMMYY for the end of a paper. Pure.

Day before month, never swapped. Limits as by SMS (hotline/sms/understanding/typed_dates.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from hotline.reminders.days import Today
from hotline.sms.understanding.typed_dates import FARTHEST_DAYS, OLDEST_ENTRY_DAYS

DAY_MONTH, DAY_MONTH_YEAR = 4, 6  # digits
CENTURY = 2000
LEAP_YEARS_APART = 8  # 29 February comes back after 8 years at the latest (1896 and 1904, 2096 and 2104)
OLDEST = timedelta(OLDEST_ENTRY_DAYS)
FARTHEST = timedelta(FARTHEST_DAYS)


def day_been(digits: str, today: Today) -> date | None:
    """The latest day DDMM that is not in the future anywhere in Russia; None where no such day exists."""
    year = today.latest.year
    found = _days(digits, range(year, year - LEAP_YEARS_APART - 1, -1))
    return next((day for day in found if day <= today.latest), None)


def day_coming(digits: str, today: Today) -> date | None:
    """The next day DDMM that is not past everywhere in Russia; None where no such day exists."""
    year = today.earliest.year
    found = _days(digits, range(year, year + LEAP_YEARS_APART + 1))
    return next((day for day in found if day >= today.earliest), None)


def day_of_year(digits: str) -> date | None:
    """The day DDMMYY; None where there is no such day."""
    if not _are_digits(digits, DAY_MONTH_YEAR):
        return None
    return next(_days(digits[:DAY_MONTH], [CENTURY + int(digits[DAY_MONTH:])]), None)


def _days(digits: str, years: Iterable[int]) -> Iterator[date]:
    """The days DDMM of those years in which there is one: 31 February in none, 29 February in few."""
    if not _are_digits(digits, DAY_MONTH):
        return
    for year in years:
        try:
            yield date(year, int(digits[2:]), int(digits[:2]))
        except ValueError:
            continue


def _are_digits(text: str, length: int) -> bool:
    return len(text) == length and text.isascii() and text.isdigit()
