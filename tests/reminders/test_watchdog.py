"""A clock that stands still is named, whatever the wall clock says."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import text

from db import Database
from hotline.reminders import heartbeat
from hotline.reminders.clockwork import Clockwork
from hotline.reminders.heartbeat import ClockElsewhere
from hotline.reminders.watchdog import STALLED_S, Pulse, Watchdog

WAIT_S = 10
HANGS = "clock: a tick has been hanging for more than 180 s"
MISSED = "clock: no tick for 180 s"
NO_WORKER = "clock: no worker has ticked for 180 s"


class Seconds:
    """A monotonic clock that stands where it is put."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def seconds() -> Seconds:
    return Seconds()


def test_clock_that_was_never_wound_is_no_problem(seconds: Seconds) -> None:
    """What is being prepared has a name of its own in /healthz."""
    watchdog = Watchdog(seconds)
    seconds.now += 10 * STALLED_S
    assert watchdog.problem() is None


def test_missing_ticks_are_named(seconds: Seconds) -> None:
    """Three minutes without one; the next one that ends well heals it."""
    watchdog = Watchdog(seconds)
    watchdog.wind()
    seconds.now += STALLED_S
    assert watchdog.problem() is None
    seconds.now += 1
    assert watchdog.problem() == MISSED
    watchdog.begin()
    watchdog.end()
    assert watchdog.problem() is None


def test_failing_ticks_are_named_with_the_type_of_the_error(seconds: Seconds) -> None:
    """Not with its message: that may hold a number."""
    watchdog = Watchdog(seconds)
    watchdog.wind()
    for _ in range(4):
        seconds.now += 60
        watchdog.begin()
        watchdog.fail(ValueError("+996555123456"))
    assert watchdog.problem() == f"{MISSED}: each fails, ValueError"
    assert not watchdog.is_ticking


def test_tick_that_hangs_in_its_thread_is_named() -> None:
    """A real clock whose tick never ends: named after three minutes, well again when it has ended."""
    seconds, begun, go_on = Seconds(), threading.Event(), threading.Event()

    def hang() -> None:
        begun.set()
        assert go_on.wait(WAIT_S)

    clockwork = Clockwork(hang, monotonic_s=seconds)
    clockwork.start()
    assert begun.wait(WAIT_S)
    assert clockwork.watchdog.problem() is None
    seconds.now += STALLED_S + 1
    assert clockwork.watchdog.problem() == HANGS
    go_on.set()
    clockwork.stop()
    assert clockwork.watchdog.problem() is None


def test_pulse_needs_no_common_time(seconds: Seconds) -> None:
    """Another beat is a sign of life, whatever its number; the same one is not."""
    pulse = Pulse(seconds)
    seconds.now += STALLED_S
    assert pulse.problem(None) is None
    seconds.now += 1
    assert pulse.problem(None) == NO_WORKER
    assert pulse.problem(7) is None
    seconds.now += STALLED_S + 1
    assert pulse.problem(7) == NO_WORKER
    assert pulse.problem(3) is None


def test_heartbeat_tells_other_processes_how_the_clock_is(database: Database, seconds: Seconds) -> None:
    """Dead, alive, in trouble, well: as another process reads it from the database."""
    elsewhere = ClockElsewhere(database, Pulse(seconds))
    seconds.now += STALLED_S + 1
    assert elsewhere.problem() == NO_WORKER
    for trouble in ("carrier refused: 20003", None):
        with database.writing() as session:
            heartbeat.beat(session, trouble)
        assert elsewhere.problem() == trouble
    seconds.now += STALLED_S + 1
    assert elsewhere.problem() == NO_WORKER


def test_database_that_is_away_is_named_once(sqlite: Database) -> None:
    """/healthz asks the database first; the clock says nothing of it."""
    with sqlite.engine.begin() as connection:
        connection.execute(text("DROP TABLE clock"))
    assert ClockElsewhere(sqlite).problem() is None
