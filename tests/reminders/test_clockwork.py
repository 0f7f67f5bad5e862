"""The clock: it ticks at once, when woken, one at a time, and after an error."""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import pytest
from apscheduler.triggers.interval import IntervalTrigger

from hotline.reminders.clockwork import Clockwork
from tests.wall import DAY, HOUR, TICKING, Wall

REFUSED = "maximum number of running instances"
WAIT_S = 10  # how long a test waits at most; each takes milliseconds


class Ticks:
    """Counts ticks; `do` is what each does."""

    def __init__(self) -> None:
        self.begun = threading.Event()
        self.seen = threading.Semaphore(0)
        self.do: Callable[[], None] = lambda: None
        self.count = 0

    def tick(self) -> None:
        self.count += 1
        self.begun.set()
        try:
            self.do()
        finally:
            self.seen.release()

    def wait(self) -> bool:
        return self.seen.acquire(timeout=WAIT_S)

    def go_on(self) -> bool:
        """Whether they go on from now: more of them come than may be under way already."""
        while self.seen.acquire(blocking=False):
            pass
        return all(self.wait() for _ in range(5))


@pytest.fixture
def ticks() -> Ticks:
    return Ticks()


@pytest.fixture
def looks() -> Ticks:
    """The looks of a clock: they find nothing."""
    return Ticks()


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """A minute takes a twentieth of a second, and a look comes sooner yet."""
    monkeypatch.setattr("hotline.reminders.clockwork.INTERVAL_S", 0.05)
    monkeypatch.setattr("hotline.reminders.clockwork.LOOK_S", 0.02)


@pytest.fixture
def wall(monkeypatch: pytest.MonkeyPatch) -> Wall:
    return Wall(monkeypatch, *TICKING)


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
        watching("apscheduler.scheduler", REFUSED, refused.set),
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


@pytest.mark.parametrize("jumps", [(-HOUR,), (DAY, timedelta()), (-HOUR, HOUR, -DAY)])
@pytest.mark.usefixtures("hurried")
def test_clockwork_ticks_on_whatever_is_done_to_the_wall_clock(
    ticks: Ticks, looks: Ticks, wall: Wall, jumps: tuple[timedelta, ...]
) -> None:
    """Put back, put ahead and set right again: neither ticks nor looks wait for it."""
    clockwork = Clockwork(ticks.tick, lambda: bool(looks.tick()))
    clockwork.start()
    try:
        assert ticks.go_on()
        for ahead in jumps:
            wall.ahead = ahead
            assert ticks.go_on()
            assert looks.go_on()
    finally:
        clockwork.stop()


@pytest.mark.usefixtures("hurried")
def test_clockwork_ticks_on_when_the_wall_clock_is_put_back_under_its_count(
    ticks: Ticks, wall: Wall, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the instant of the next tick and the wait for it: that wait would be an hour."""
    next_time = IntervalTrigger.get_next_fire_time

    def put_back(*arguments: object) -> datetime:
        wall.ahead = -HOUR
        return next_time(*arguments)

    monkeypatch.setattr(IntervalTrigger, "get_next_fire_time", put_back)
    clockwork = Clockwork(ticks.tick)
    clockwork.start()
    try:
        assert ticks.go_on()
    finally:
        clockwork.stop()


@pytest.mark.usefixtures("hurried")
def test_clockwork_does_not_count_up_what_it_missed(
    ticks: Ticks, wall: Wall, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An hour would be 72,000 ticks here; the years of a machine without a battery fill its memory."""
    next_time, asked = IntervalTrigger.get_next_fire_time, []

    def count(*arguments: object) -> datetime:
        asked.append(arguments)
        return next_time(*arguments)

    monkeypatch.setattr(IntervalTrigger, "get_next_fire_time", count)
    clockwork = Clockwork(ticks.tick)
    clockwork.start()
    try:
        assert ticks.wait()
        wall.ahead = HOUR
        assert ticks.go_on()
    finally:
        clockwork.stop()
    assert len(asked) < 5 * ticks.count


@pytest.mark.usefixtures("hurried")
def test_clockwork_begins_no_tick_while_one_is_under_way(ticks: Ticks) -> None:
    """However many are due meanwhile, asked for and woken: one at a time, the next one after it."""
    refused, go_on = threading.Semaphore(0), threading.Event()
    clockwork = Clockwork(ticks.tick, lambda: True)
    ticks.do = lambda: assert_waited(go_on)
    try:
        with watching("apscheduler.scheduler", REFUSED, refused.release):
            clockwork.start()
            for _ in range(5):  # by then as many have begun as ever will
                clockwork.wake()
                assert refused.acquire(timeout=WAIT_S)
        assert ticks.begun.wait(WAIT_S)
        assert ticks.count == 1
        go_on.set()
        assert ticks.go_on()
    finally:
        go_on.set()
        clockwork.stop()


@pytest.mark.usefixtures("hurried")
def test_clockwork_begins_no_look_while_one_is_under_way(ticks: Ticks, looks: Ticks) -> None:
    """A database that answers slowly is not asked again and again; ticks do not wait for it."""
    refused, go_on = threading.Semaphore(0), threading.Event()
    clockwork = Clockwork(ticks.tick, lambda: bool(looks.tick()))
    looks.do = lambda: assert_waited(go_on)
    try:
        with watching("apscheduler.scheduler", REFUSED, refused.release):
            clockwork.start()
            assert all(refused.acquire(timeout=WAIT_S) for _ in range(5))
        assert looks.begun.wait(WAIT_S)
        assert looks.count == 1
        assert ticks.go_on()
        go_on.set()
        assert looks.go_on()
    finally:
        go_on.set()
        clockwork.stop()


def assert_waited(event: threading.Event) -> None:
    assert event.wait(WAIT_S)
