"""The operator's hours: what the setting may say, and when it is open."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from hotline.voice.hours import HoursError, read_hours

MOSCOW = ZoneInfo("Europe/Moscow")
WEEKDAYS = "Mon-Fri 09:00-18:00, Sat 10:00-14:00"


@pytest.mark.parametrize(
    ("at", "open"),
    [
        ("2026-11-23 08:59", False),  # Monday
        ("2026-11-23 09:00", True),
        ("2026-11-23 17:59", True),
        ("2026-11-23 18:00", False),
        ("2026-11-28 09:30", False),  # Saturday
        ("2026-11-28 13:59", True),
        ("2026-11-29 12:00", False),  # Sunday
        ("2026-06-12 12:00", False),  # a Friday, and Russia Day
        ("2027-01-04 12:00", False),  # a Monday, and New Year holidays
    ],
)
def test_hours_open_and_close_to_the_minute_in_their_zone(at: str, open: bool) -> None:
    """By the clock of Moscow, its days of the week, and never on a Russian public holiday."""
    instant = datetime.fromisoformat(at).replace(tzinfo=MOSCOW).astimezone(UTC)
    assert read_hours(WEEKDAYS, MOSCOW).is_open(instant) is open


def test_hours_of_holidays_are_those_written_for_them() -> None:
    """On a holiday its own hours count, and no others; they count on no other day."""
    hours = read_hours("Mon-Fri 09:00-18:00, holidays 10:00-12:00", MOSCOW)
    assert hours.is_open(datetime(2026, 6, 12, 11, tzinfo=MOSCOW))
    assert not hours.is_open(datetime(2026, 6, 12, 12, tzinfo=MOSCOW))
    assert not hours.is_open(datetime(2026, 11, 28, 11, tzinfo=MOSCOW))


@pytest.mark.parametrize("text", ["", "  "])
def test_no_hours_are_always(text: str) -> None:
    """At night, on Sundays and on holidays."""
    assert read_hours(text, MOSCOW).is_open(datetime(2027, 1, 3, 3, tzinfo=MOSCOW))


@pytest.mark.parametrize(
    ("text", "at", "open"),
    [
        ("Mon 09:00-12:00, Mon 13:00-17:00", "2026-11-23 12:30", False),
        ("Mon 09:00-12:00, Mon 13:00-17:00", "2026-11-23 13:00", True),
        ("Sat-Mon 09:00-12:00", "2026-11-29 10:00", True),
        ("Sat-Mon 09:00-12:00", "2026-11-24 10:00", False),
        ("mon-sun 00:00-24:00", "2026-11-24 23:59", True),
        ("TUE 09:00 - 10:00", "2026-11-24 09:30", True),
    ],
)
def test_hours_are_written_in_several_ways(text: str, at: str, open: bool) -> None:
    """A break at noon, a stretch over the end of the week, a whole day, capitals and blanks as one likes."""
    instant = datetime.fromisoformat(at).replace(tzinfo=MOSCOW)
    assert read_hours(text, MOSCOW).is_open(instant) is open


@pytest.mark.parametrize(
    "text",
    [
        "always",
        "Mon-Fri",
        "09:00-18:00",
        "Mon-Fri 9-18",
        "Mo-Fr 09:00-18:00",
        "Mon-Fri 09:00-18:00; Sat 10:00-14:00",
        "Mon-Fri 09:00-18:00,",
        "Mon 18:00-09:00",
        "Mon 09:00-09:00",
        "Mon 09:60-18:00",
        "Mon 09:00-24:01",
        "Mon ٠٩:00-18:00",
    ],
)
def test_hours_that_cannot_be_read_are_refused(text: str) -> None:
    """Whatever is not fully understood: an operator who is never rung would not notice."""
    with pytest.raises(HoursError, match="'"):
        read_hours(text, MOSCOW)
