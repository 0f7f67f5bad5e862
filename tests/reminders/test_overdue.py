"""Rows whose time passes: each is found by its index, counted once, and no other worker is waited for."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import pytest
from sqlalchemy import event, insert, text, update
from sqlalchemy.orm import Session

from db import Database
from db.tables import ReminderRow
from hotline.reminders import overdue
from hotline.reminders.states import State
from tests.reminders.conftest import Hotline

PHONE = "+996555000111"
HOUR = timedelta(hours=1)
CROWD = 4_000
PLANS = {
    "expire": "ix_reminders_end",
    "postpone": "ix_reminders_due",
}


def row(hotline: Hotline, person_id: str, n: int, **values: object) -> dict[str, object]:
    """A row that was due an hour ago and ends tomorrow, unless `values` say otherwise."""
    own = {"id": f"{n}", "person_id": person_id, "member": 0, "rule": "d05", "anchor_index": f"{n}".encode()}
    due = {"due_at_utc": hotline.now - HOUR, "expires_at_utc": hotline.now + 24 * HOUR}
    return {**own, **due, "due_on": hotline.now.date(), "state": State.PENDING, "urgent": False, **values}


def store(hotline: Hotline, rows: list[dict[str, object]]) -> None:
    with hotline.database.writing() as session:
        session.execute(insert(ReminderRow), rows)


def change(session: Session, how: str, now: datetime) -> int:
    return (
        overdue.expire(session, now).rows if how == "expire" else overdue.postpone(session, now, now + HOUR)
    )


@pytest.mark.parametrize(("how", "index"), PLANS.items())
def test_rows_are_found_by_their_index(
    hotline: Hotline, monkeypatch: pytest.MonkeyPatch, how: str, index: str
) -> None:
    """What waits for its day is not looked through, nor what is over, though PostgreSQL expects much of both.

    Half of the ledger was sent long ago, half is due in twenty days, in no order; none of it today. The batch
    is as small as the ledger.
    """
    monkeypatch.setattr(overdue, "BATCH_ROWS", 20)
    id = hotline.remember(PHONE)
    rows = []
    for n in range(CROWD):
        was_sent, spread = n % 2 == 0, timedelta(minutes=n * 7_919 % CROWD)
        due = hotline.now + spread + (-200 if was_sent else 400) * HOUR
        state = State.SENT if was_sent else State.PENDING
        rows.append(row(hotline, id, n, due_at_utc=due, expires_at_utc=due + HOUR, state=state))
    store(hotline, rows)
    asked = plans_of(hotline.database, how, hotline.now)
    assert asked
    for plan in asked:
        assert f"{index} " in plan, plan
        assert "SCAN reminders" not in plan, plan  # SQLite's word; PostgreSQL says what it has looked at
        assert sum(int(rows) for rows in re.findall(r"Rows Removed by Filter: (\d+)", plan)) == 0, plan


def plans_of(database: Database, how: str, now: datetime) -> list[str]:
    """How the database carries out each statement."""
    explain = "EXPLAIN ANALYZE" if database.engine.dialect.name == "postgresql" else "EXPLAIN QUERY PLAN"
    plans: list[str] = []

    def note(_connection, cursor, statement, parameters, *_) -> None:
        if statement.startswith("UPDATE"):
            cursor.execute(f"{explain} {statement}", parameters)
            plans.append("\n".join(str(step[-1]) for step in cursor.fetchall()))

    with database.writing() as session:
        session.execute(text("ANALYZE reminders"))
    event.listen(database.engine, "before_cursor_execute", note)
    with database.writing() as session:
        change(session, how, now)
    event.remove(database.engine, "before_cursor_execute", note)
    return plans


@pytest.mark.parametrize("how", PLANS)
def test_more_than_one_batch_is_changed_at_once(
    hotline: Hotline, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    """All five by two at a time, of which some are of the last days; what is not over stays as it is."""
    monkeypatch.setattr(overdue, "BATCH_ROWS", 2)
    id = hotline.remember(PHONE)
    ends = hotline.now if how == "expire" else hotline.now + 2 * HOUR
    due = [row(hotline, id, n, expires_at_utc=ends, urgent=n < 3) for n in range(5)]
    store(hotline, [*due, row(hotline, id, 5, due_at_utc=hotline.now + HOUR)])
    with hotline.database.writing() as session:
        assert change(session, how, hotline.now) == 5
        assert change(session, how, hotline.now) == 0
    rows = {row.id: row for row in hotline.rows(id)}
    assert {rows[f"{n}"].state for n in range(5)} == {"expired" if how == "expire" else "pending"}
    assert rows["5"].state == "pending"
    assert {row.due_at_utc for row in rows.values() if row.state == "pending"} == {hotline.now + HOUR}


def test_row_that_was_held_back_is_missed_once(hotline: Hotline) -> None:
    """It ends in the evening, though it would have been due again in the morning: it is over, and counted."""
    id = hotline.remember(PHONE)
    store(
        hotline,
        [row(hotline, id, 0, urgent=True, due_at_utc=hotline.now + 9 * HOUR, expires_at_utc=hotline.now)],
    )
    with hotline.database.writing() as session:
        assert overdue.expire(session, hotline.now) == overdue.Expired(rows=1, missed=1)
        assert overdue.expire(session, hotline.now + HOUR) == overdue.Expired(rows=0, missed=0)


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
@pytest.mark.parametrize("how", PLANS)
def test_row_in_another_workers_hands_is_left_to_it(hotline: Hotline, how: str) -> None:
    """Whoever claims it at this instant is not waited for; the next tick sees what became of it.

    On SQLite there is one writer at a time.
    """
    id = hotline.remember(PHONE)
    ends = hotline.now if how == "expire" else hotline.now + 2 * HOUR
    store(hotline, [row(hotline, id, n, expires_at_utc=ends) for n in range(2)])
    with hotline.database.writing() as other, hotline.database.writing() as session:
        other.execute(update(ReminderRow).where(ReminderRow.id == "0").values(channel="call"))
        assert change(session, how, hotline.now) == 1
    with hotline.database.writing() as session:
        assert change(session, how, hotline.now) == 1
