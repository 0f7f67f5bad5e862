"""The clock: it ticks at once, when woken, one at a time, and after an error."""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from hotline.reminders.clockwork import Clockwork

WAIT_S = 10  # how long a test waits at most; each takes milliseconds


class Ticks:
    """Counts ticks; `do` is what each does."""

    def __init__(self) -> None:
        self.seen = threading.Semaphore(0)
        self.do: Callable[[], None] = lambda: None
        self.count = 0

    def tick(self) -> None:
        self.count += 1
        try:
            self.do()
        finally:
            self.seen.release()

    def wait(self) -> bool:
        return self.seen.acquire(timeout=WAIT_S)


@pytest.fixture
def ticks() -> Ticks:
    return Ticks()


@pytest.fixture
def clockwork(ticks: Ticks) -> Iterator[Clockwork]:
    made = Clockwork(ticks.tick)
    yield made
    made.stop()


def test_clockwork_ticks_at_once(clockwork: Clockwork, ticks: Ticks) -> None:
    """A restart does not cost a minute."""
    clockwork.start()
    assert ticks.wait()


def test_clockwork_ticks_when_woken(clockwork: Clockwork, ticks: Ticks) -> None:
    """What was asked for in a call goes out at once."""
    clockwork.start()
    assert ticks.wait()
    clockwork.wake()
    assert ticks.wait()


def test_clockwork_woken_during_a_tick_ticks_again_after_it(clockwork: Clockwork, ticks: Ticks) -> None:
    """One at a time, and the call to wake is not lost."""
    begun, go_on = threading.Event(), threading.Event()

    def hold() -> None:
        begun.set()
        assert go_on.wait(WAIT_S)

    ticks.do = hold
    clockwork.start()
    assert begun.wait(WAIT_S)
    clockwork.wake()
    assert ticks.count == 1
    ticks.do = lambda: None
    go_on.set()
    assert ticks.wait()
    assert ticks.wait()


class Watch(logging.Handler):
    """Calls `then` for a record of `words`."""

    def __init__(self, words: str, then: Callable[[], None]) -> None:
        super().__init__(logging.INFO)
        self.words, self.then = words, then

    def emit(self, record: logging.LogRecord) -> None:
        if self.words in record.msg:
            self.then()


@contextmanager
def watching(name: str, words: str, then: Callable[[], None]) -> Iterator[None]:
    """Calls `then` when the logger `name` logs `words`; a logger each, because a handler holds its lock."""
    logger, watch = logging.getLogger(name), Watch(words, then)
    level = logger.level
    logger.setLevel(logging.INFO)
    logger.addHandler(watch)
    try:
        yield
    finally:
        logger.removeHandler(watch)
        logger.setLevel(level)


def test_clockwork_woken_while_a_tick_ends_ticks_again(clockwork: Clockwork, ticks: Ticks) -> None:
    """The tick is over but APScheduler still counts it as running: another comes after it."""
    woken, refused = threading.Event(), threading.Event()

    def wake_once() -> None:  # the job has ended, but its end is not counted yet
        if not woken.is_set():
            woken.set()
            clockwork.wake()
            refused.wait(0.2)

    with (
        watching("apscheduler.executors.default", "executed successfully", wake_once),
        watching("apscheduler.scheduler", "maximum number of running instances", refused.set),
    ):
        clockwork.start()
        assert ticks.wait()
        assert ticks.wait()


def test_clockwork_stops_while_it_is_woken(clockwork: Clockwork, ticks: Ticks) -> None:
    """Webhooks wake it to the last; nothing waits for ever, nobody gets an exception."""
    errors: list[BaseException] = []
    stopped = threading.Event()

    def keep_waking() -> None:
        try:
            while not stopped.is_set():
                clockwork.wake()
        except Exception as e:
            errors.append(e)

    waker = threading.Thread(target=keep_waking, daemon=True)
    clockwork.start()
    waker.start()
    assert all(ticks.wait() for _ in range(50))
    stopper = threading.Thread(target=clockwork.stop, daemon=True)
    stopper.start()
    stopper.join(WAIT_S)
    assert not stopper.is_alive()
    stopped.set()
    waker.join(WAIT_S)
    assert errors == []


def test_clockwork_goes_on_after_an_error(clockwork: Clockwork, ticks: Ticks) -> None:
    """A locked database or a bug ends one tick, not the ticking."""

    def fail() -> None:
        raise ZeroDivisionError

    ticks.do = fail
    clockwork.start()
    assert ticks.wait()
    ticks.do = lambda: None
    clockwork.wake()
    assert ticks.wait()


def test_clockwork_can_be_woken_and_stopped_before_it_started(clockwork: Clockwork, ticks: Ticks) -> None:
    """A start that failed half-way is closed without an exception."""
    clockwork.wake()
    clockwork.stop()
    assert ticks.count == 0


def test_clockwork_stops(clockwork: Clockwork, ticks: Ticks) -> None:
    """After stop nothing ticks any more, and stopping twice is harmless."""
    clockwork.start()
    assert ticks.wait()
    clockwork.stop()
    clockwork.wake()
    clockwork.stop()
    assert ticks.count == 1


def test_clockwork_holds_one_tick_and_no_reminder(clockwork: Clockwork) -> None:
    """In memory, one job; late or missed it still runs, once: the rows of the ledger are the schedule."""
    (job,) = clockwork._scheduler.get_jobs()
    assert (job.id, job.coalesce, job.misfire_grace_time) == ("tick", True, None)
    assert job.trigger.interval.total_seconds() == 60


def test_clockwork_ticks_again_at_once_if_something_was_left_over(ticks: Ticks) -> None:
    """A tick that ran out of time does not cost a minute."""
    left = [True, True, False]

    def tick() -> bool:
        ticks.tick()
        return left.pop(0)

    clockwork = Clockwork(tick)
    clockwork.start()
    assert all(ticks.wait() for _ in range(3))
    clockwork.stop()
    assert ticks.count == 3


def test_clockwork_looks_for_what_is_asked_for(ticks: Ticks, monkeypatch: pytest.MonkeyPatch) -> None:
    """In another process: nobody wakes this one, so it looks; a look that fails is not the last."""
    monkeypatch.setattr("hotline.reminders.clockwork.LOOK_S", 0.02)
    found: list[bool | Exception] = [False, OSError(), True]

    def is_asked() -> bool:
        answer = found.pop(0) if found else False
        if isinstance(answer, Exception):
            raise answer
        return answer

    clockwork = Clockwork(ticks.tick, is_asked)
    clockwork.start()
    assert ticks.wait()
    assert ticks.wait()
    clockwork.stop()
    assert ticks.count == 2
