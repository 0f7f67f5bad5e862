"""The proofs of tests/chaos in small: that they run, and that what they count is right."""

import time
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta

import pytest

from db import Database
from hotline.guide.model import Guide
from tests.chaos.passing import DAY, HOUR, play_month, schedule, sleep_through
from tests.chaos.races import race
from tests.chaos.storms import MOST_POSTS, hang_every_fourth, refuse_half


def test_three_days_without_a_tick_end_with_exact_counts(database: Database, guide: Guide) -> None:
    """One text for whom it is of use yet, the rest expired: numbers that were counted by hand."""
    found = sleep_through(database, guide, rounds=1)
    assert (found.rows, found.texts, found.sent, found.expired) == (80, 28, 55, 25)
    assert (found.people_texted_twice, found.wrong_states) == (0, 0)
    assert found.is_exact(rounds=1)


@pytest.mark.parametrize(
    ("zone", "start", "jumps", "days"),
    [
        ("Europe/Moscow", date(2026, 11, 22), {7: HOUR, 8: DAY}, [7, 8]),
        ("Europe/Moscow", date(2026, 11, 22), {7: -HOUR, 8: -DAY}, [7, 8]),
        ("Europe/Berlin", date(2026, 10, 17), {}, [7, 8]),  # 25 October: an hour comes twice
    ],
)
def test_each_due_day_is_told_once(
    sqlite: Database, guide: Guide, zone: str, start: date, jumps: dict[int, timedelta], days: list[int]
) -> None:
    """Whatever the clock shows for a while, and when summer time ends."""
    found = play_month(sqlite, guide, 1, zone, start, jumps, days)
    assert found.texts == found.days >= 1
    assert (found.twice, found.unsent, found.outside) == (0, 0, 0)


@pytest.fixture
def move_server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    """Puts the clock of this process into a zone, until the test ends."""

    def move(zone: str) -> None:
        monkeypatch.setenv("TZ", zone)
        time.tzset()

    yield move
    monkeypatch.undo()
    time.tzset()


def test_schedule_knows_no_zone_of_the_server(guide: Guide, move_server: Callable[[str], None]) -> None:
    """Instants and calendar days; the full proof starts servers of these zones, which send texts too."""
    told = {}
    for zone, hours in (("UTC", 0), ("America/New_York", -5), ("Asia/Kamchatka", 12)):
        move_server(zone)
        assert datetime(2026, 11, 29).astimezone().utcoffset() == hours * HOUR
        told[zone] = schedule(guide, "Europe/Moscow")
    assert told["UTC"] == told["America/New_York"] == told["Asia/Kamchatka"]
    assert schedule(guide, "Asia/Bishkek") != told["UTC"]


def test_storm_of_refusals_loses_nothing(database: Database, guide: Guide) -> None:
    """Half of the POSTs get 429 for ten minutes: tried again after a minute, two, four and eight."""
    found = refuse_half(database, guide, 8)
    assert (found.lost, found.duplicated, found.most_in_a_tick) == (0, 0, 1)
    assert 1 < found.most_posts <= MOST_POSTS


def test_every_fourth_post_that_hangs_holds_up_nobody(sqlite: Database, guide: Guide) -> None:
    """Taken and never answered: found by a look, and sent once; others are answered meanwhile."""
    found = hang_every_fourth(sqlite, guide, 8, timeout_s=0.4)
    assert (found.lost, found.duplicated, found.most_posts) == (0, 0, 1)
    assert found.overtook > 0


def test_nothing_begins_after_stop_is_stored(database: Database, guide: Guide) -> None:
    """Whoever commits first wins."""
    found = race(database, guide, 8)
    assert found.before + found.stopped == 8
    assert found.after == 0
