"""The hours in which reminders may go out, as UTC instants. Pure; safe over changes of summer time."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo


class Window(Protocol):
    """Local hours of a day in a zone; send_window.SendWindow is one."""

    @property
    def opens(self) -> time:
        """Local time from which reminders go out."""

    @property
    def closes(self) -> time:
        """Local time from which they do not."""

    @property
    def zone(self) -> ZoneInfo:
        """The zone of both times."""


def opening(window: Window, day: date) -> datetime:
    """The UTC instant at which the window of `day` opens."""
    return datetime.combine(day, window.opens, window.zone).astimezone(UTC)


def closing(window: Window, day: date) -> datetime:
    """The UTC instant at which the window of `day` closes."""
    return datetime.combine(day, window.closes, window.zone).astimezone(UTC)


def day_of(window: Window, at_utc: datetime) -> date:
    """The calendar day of an instant in the window's zone."""
    return at_utc.astimezone(window.zone).date()


def is_open(window: Window, at_utc: datetime) -> bool:
    """Whether reminders may go out at that instant."""
    day = day_of(window, at_utc)
    return opening(window, day) <= at_utc < closing(window, day)


def first_open(window: Window, from_utc: datetime) -> datetime:
    """The first instant from `from_utc` on at which reminders may go out."""
    return from_utc if is_open(window, from_utc) else next_opening(window, from_utc)


def next_opening(window: Window, after_utc: datetime) -> datetime:
    """The first opening later than `after_utc`."""
    day = day_of(window, after_utc)
    today = opening(window, day)
    return today if today > after_utc else opening(window, day + timedelta(days=1))
