"""Which day it is for a person somewhere in Russia. Pure: the instant is an argument."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone, tzinfo

EARLIEST_ZONE = timezone(timedelta(hours=2))  # Kaliningrad: rules of the service, Dates
LATEST_ZONE = timezone(timedelta(hours=12))  # Kamchatka


@dataclass(frozen=True)
class Today:
    """The calendar date at one instant: at UTC+2, at UTC+12 and in the hotline's own zone.

    A date counted from `earliest` is never too late; only a date after `latest` is in the future everywhere.
    """

    earliest: date
    latest: date
    here: date

    @classmethod
    def at(cls, now_utc: datetime, zone: tzinfo) -> Today:
        """The dates at `now_utc`; `zone` is the hotline's. Raises ValueError for a time without a zone."""
        if now_utc.tzinfo is None:
            raise ValueError("an instant without a zone")
        return cls(
            earliest=now_utc.astimezone(EARLIEST_ZONE).date(),
            latest=now_utc.astimezone(LATEST_ZONE).date(),
            here=now_utc.astimezone(zone).date(),
        )

    @classmethod
    def everywhere(cls, day: date) -> Today:
        """The day, where it is the same in every Russian zone."""
        return cls(day, day, day)

    @property
    def agreed(self) -> bool:
        """Whether it is the same day in every Russian zone."""
        return self.earliest == self.latest
