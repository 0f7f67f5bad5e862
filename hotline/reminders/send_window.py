"""When reminders may go out: the settings HOTLINE_SEND_WINDOW and HOTLINE_TIMEZONE, read. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

WINDOW, ZONE = "HOTLINE_SEND_WINDOW", "HOTLINE_TIMEZONE"
SHORTEST = timedelta(minutes=30)  # a tick, a text that fails and its next attempt
HOURS = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])\s*-\s*([01][0-9]|2[0-3]):([0-5][0-9])", re.ASCII)


class WindowError(ValueError):
    """Hours or a zone that cannot be used, by the name of the setting."""


@dataclass(frozen=True)
class SendWindow:
    """The hours in which reminders may go out, in the hotline's zone."""

    opens: time
    closes: time
    zone: ZoneInfo


def read_window(settings: Mapping[str, str]) -> SendWindow:
    """The window in these settings. Raises WindowError naming the one that is wrong."""
    raw = settings.get(WINDOW, "10:00-12:00")
    found = HOURS.fullmatch(raw)
    if found is None:
        raise WindowError(f"{WINDOW}: '{raw}' is not HH:MM-HH:MM")
    first_hour, first_minute, last_hour, last_minute = map(int, found.groups())
    opens, closes = time(first_hour, first_minute), time(last_hour, last_minute)
    if opens >= closes:
        raise WindowError(f"{WINDOW}: '{raw}' ends before it begins: nothing would ever be sent")
    if datetime.combine(date.min, closes) - datetime.combine(date.min, opens) < SHORTEST:
        raise WindowError(f"{WINDOW}: '{raw}' is shorter than half an hour: too short to send in")
    name = settings.get(ZONE, "Europe/Moscow")
    try:
        return SendWindow(opens, closes, ZoneInfo(name))
    except (ZoneInfoNotFoundError, ValueError, OSError) as e:  # OSError: a folder of zones, such as Europe
        raise WindowError(f"{ZONE}: no time zone '{name}'") from e
