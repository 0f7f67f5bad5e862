"""Which day it is for a person somewhere in Russia."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from hotline.reminders.days import Today

MOSCOW = ZoneInfo("Europe/Moscow")


@pytest.mark.parametrize(
    ("hour", "minute", "days"),
    [
        (11, 59, (20, 20, 20)),
        (12, 0, (20, 21, 20)),
        (20, 59, (20, 21, 20)),
        (21, 0, (20, 21, 21)),
        (22, 0, (21, 21, 21)),
    ],
)
def test_today_is_three_dates(hour: int, minute: int, days: tuple[int, int, int]) -> None:
    """At UTC+2, at UTC+12 and in the hotline's zone the date changes at another instant."""
    today = Today.at(datetime(2025, 3, 20, hour, minute, tzinfo=UTC), MOSCOW)
    assert today == Today(*(date(2025, 3, day) for day in days))


@pytest.mark.parametrize(("hour", "agreed"), [(11, True), (12, False), (21, False), (22, True)])
def test_today_knows_when_all_zones_agree(hour: int, agreed: bool) -> None:
    """Only while Kaliningrad and Kamchatka have one date is `today` beyond doubt."""
    assert Today.at(datetime(2025, 3, 20, hour, tzinfo=UTC), MOSCOW).agreed is agreed


def test_today_takes_an_instant_of_any_zone() -> None:
    """The same instant gives the same dates, whichever zone it is written in."""
    instant = datetime(2025, 3, 20, 12, 0, tzinfo=UTC)
    assert Today.at(instant.astimezone(MOSCOW), MOSCOW) == Today.at(instant, MOSCOW)


def test_today_refuses_an_instant_without_a_zone() -> None:
    """A naive time is a programmer's mistake."""
    with pytest.raises(ValueError, match="without a zone"):
        Today.at(datetime(2025, 3, 20, 12, 0), MOSCOW)  # noqa: DTZ001 - what is refused
