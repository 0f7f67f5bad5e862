"""The send window: local hours as instants, over changes of summer time."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from hotline.config import SendWindow
from hotline.reminders.window import closing, day_of, is_open, next_opening, opening

NEW_YORK = SendWindow(time(10), time(12), ZoneInfo("America/New_York"))
APIA = SendWindow(time(10), time(12), ZoneInfo("Pacific/Apia"))


def utc(day: int, hour: int, minute: int = 0, month: int = 12) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=UTC)


def test_opening_and_closing_are_the_local_hours(window: SendWindow) -> None:
    """10:00 in Moscow is 07:00 UTC."""
    assert opening(window, date(2026, 12, 20)) == utc(20, 7)
    assert closing(window, date(2026, 12, 20)) == utc(20, 9)


def test_opening_follows_summer_time() -> None:
    """10:00 in New York is 15:00 UTC in winter and 14:00 UTC in summer."""
    assert opening(NEW_YORK, date(2026, 3, 7)) == utc(7, 15, month=3)
    assert opening(NEW_YORK, date(2026, 3, 8)) == utc(8, 14, month=3)
    assert opening(NEW_YORK, date(2026, 11, 1)) == utc(1, 15, month=11)


def test_opening_in_an_hour_that_does_not_exist_is_on_the_same_day() -> None:
    """02:30 of 8 March 2026 is skipped in New York; the reminder still goes out that day."""
    early = SendWindow(time(2, 30), time(12), NEW_YORK.zone)
    assert day_of(early, opening(early, date(2026, 3, 8))) == date(2026, 3, 8)


@pytest.mark.parametrize(
    ("at", "expected"),
    [(utc(20, 6, 59), False), (utc(20, 7), True), (utc(20, 8, 59), True), (utc(20, 9), False)],
)
def test_is_open_from_the_opening_until_before_the_closing(
    window: SendWindow, at: datetime, expected: bool
) -> None:
    """Both edges."""
    assert is_open(window, at) is expected


def test_next_opening_is_later_than_the_instant(window: SendWindow) -> None:
    """Before, at and after today's opening."""
    assert next_opening(window, utc(20, 6)) == utc(20, 7)
    assert next_opening(window, utc(20, 7)) == utc(21, 7)
    assert next_opening(window, utc(20, 23)) == utc(21, 7)


def test_every_day_of_a_year_opens_once_in_any_zone() -> None:
    """Walking from opening to opening meets each calendar day exactly once."""
    for window in (NEW_YORK, APIA):
        at = opening(window, date(2026, 1, 1))
        days = []
        for _ in range(365):
            days.append(day_of(window, at))
            at = next_opening(window, at)
        assert days == [date(2026, 1, 1) + timedelta(days=n) for n in range(365)]
