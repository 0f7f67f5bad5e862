"""The clock, and everything that falls due while it moves."""

import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from hotline.exchange.clock import Clock

PHONE = "+996700111111"
NUMBER = "+996555000000"


def later(hall: Any, **span: float) -> None:
    assert hall.ask("POST", "/clock", body={"seconds": timedelta(**span).total_seconds()}).status_code == 200


def test_clock_starts_at_real_time_and_only_moves_forward() -> None:
    """An instant in the past changes nothing; a later one is reached at once."""
    clock = Clock()
    assert abs(clock.now() - datetime.now(UTC)) < timedelta(seconds=5)
    ahead = datetime.now(UTC) + timedelta(days=14)
    clock.move_to(ahead)
    clock.move_to(ahead - timedelta(days=3))
    assert ahead <= clock.now() < ahead + timedelta(seconds=5)


def test_every_due_instant_is_visited_in_order(hall: Any) -> None:
    """Ticks at each due instant within the move with exactly that instant, then one at its end."""
    start = hall.exchange.clock.now()
    due = [start + timedelta(days=days) for days in (2, 1, 3, 9)]
    hall.timetable.due = due
    later(hall, days=8)
    ticks = hall.timetable.ticks
    assert ticks[:3] == sorted(due)[:3]
    assert len(ticks) == 4
    assert abs(ticks[3] - start - timedelta(days=8)) < timedelta(seconds=5)


def test_messages_of_a_tick_are_delivered_before_the_next(hall: Any) -> None:
    """What one instant sends has arrived, at that instant's time, when the next is visited."""
    start = hall.exchange.clock.now()
    hall.timetable.due = [start + timedelta(days=1), start + timedelta(days=2)]
    arrived: list[int] = []

    def remind(now_utc: datetime) -> None:
        arrived.append(len(hall.ask("GET", "/phone/inbox", PHONE).json()["messages"]))
        hall.client.messages.create(to=PHONE, from_=NUMBER, body="reminder")

    hall.timetable.on_tick.append(remind)
    later(hall, days=3)
    assert arrived == [0, 1, 2]
    sent = [message.date_sent for message in hall.client.messages.list()]
    assert [round((instant - start) / timedelta(days=1), 3) for instant in reversed(sent)] == [1, 2, 3]


def test_move_returns_when_what_it_caused_is_done(hall: Any) -> None:
    """Receipts of the last tick's message have been answered, slowly, when the clock has been moved."""

    def dawdle(request: Any) -> str:
        threading.Event().wait(0.05)
        return ""

    hall.customer.answers["/receipts"] = dawdle
    sids: list[str] = []

    def remind(now_utc: datetime) -> None:
        url = f"{hall.customer.url}/receipts"
        sent = hall.client.messages.create(to=PHONE, from_=NUMBER, body="x", status_callback=url)
        sids.append(str(sent.sid))

    hall.timetable.on_tick.append(remind)
    later(hall, hours=1)
    events = hall.ask("GET", f"/messages/{sids[0]}").json()["events"]
    assert [event["arrived"] for event in events if event["kind"] == "receipt"] == [True, True]


def test_late_receipts_come_when_the_clock_reaches_them(hall: Any, order_fault: Any) -> None:
    """Receipts ordered an hour late arrive within a move of two, before its last tick."""
    order_fault("receipts-late", seconds=3600)
    url = f"{hall.customer.url}/receipts"
    hall.client.messages.create(to=PHONE, from_=NUMBER, body="x", status_callback=url)
    hall.exchange.drain()
    assert hall.customer.on("/receipts") == []
    known: list[int] = []
    hall.timetable.on_tick.append(lambda now_utc: known.append(len(hall.customer.on("/receipts"))))
    later(hall, hours=2)
    assert known == [2]


def test_what_is_due_by_real_time_happens_by_itself(hall: Any, order_fault: Any) -> None:
    """A delay of nothing needs no move of the clock."""
    came = threading.Semaphore(0)

    def take(request: Any) -> str:
        came.release()
        return ""

    hall.customer.answers["/receipts"] = take
    order_fault("receipts-late", seconds=0)
    url = f"{hall.customer.url}/receipts"
    hall.client.messages.create(to=PHONE, from_=NUMBER, body="x", status_callback=url)
    assert came.acquire(timeout=5)
    assert came.acquire(timeout=5)


def test_timeline_that_stands_still_is_an_error(make_hall: Any) -> None:
    """A next_due that does not move on is a programmer's mistake, not an endless loop."""
    hall = make_hall(next_due=lambda after_utc: after_utc)
    with pytest.raises(ValueError, match="after"):
        hall.exchange.timeline.advance(10)


def test_clock_is_moved_by_one_at_a_time(hall: Any) -> None:
    """A second move while one is under way is refused, not queued."""
    refused: list[int] = []

    def move_too(now_utc: datetime) -> None:
        refused.append(hall.ask("POST", "/clock", body={"seconds": 1}).status_code)

    hall.timetable.on_tick.append(move_too)
    later(hall, hours=1)
    assert refused == [409]
