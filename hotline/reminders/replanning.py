"""After a change of the rules, of the plan or of the send window everybody's rows are planned anew.

A row keeps the instants that were planned with its date. Without this, other rules would reach nobody who
has left a date before, and rows that end before a later window opens would never be sent. The database holds
a fingerprint of all three; the worker compares it once, when it starts.

In batches, each a transaction of its own: killed at any moment, any worker goes on where it was. What is
planned already stays as it is, and what has been sent is not touched: nothing goes out twice.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from importlib.metadata import version
from itertools import groupby

import structlog
from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from db import Database, insert_into
from db.tables import AnchorRow, PersonRow, PlanRow, ReminderRow
from hotline.guide.model import ReminderRule
from hotline.people.privacy import DataKeyError, Vault
from hotline.people.rotation import index_date
from hotline.reminders import ledger
from hotline.reminders.plan import ALGORITHM, PlannedRow, every_row
from hotline.reminders.standing import Kept, stored_days
from hotline.reminders.states import State
from hotline.reminders.window import Window, closing, day_of, is_open, opening

ONLY = 1  # the row
BATCH_PEOPLE = 50
BUDGET_S = 5.0  # of one tick: whoever waits for a call is not kept waiting for everybody's plan

log = structlog.get_logger()


@dataclass
class Replanning:
    """Brings the ledger under these rules and this window. `is_done`: it is, as far as this process knows."""

    database: Database
    vault: Vault
    rules: Mapping[str, ReminderRule]
    window: Window
    is_done: bool = False
    _planned: int = field(default=0, init=False)
    _unreadable: int = field(default=0, init=False)

    def tick(self, now_utc: datetime) -> None:
        """Goes on for some seconds; one statement where everything is planned so, none once that is known."""
        started_s = time.monotonic()
        while not self.is_done and time.monotonic() - started_s < BUDGET_S:
            with self.database.writing() as session:
                is_done = self._go_on(session, now_utc)
            self.is_done = is_done
        if self.is_done and self._planned:
            log.warning("reminders.replanned", people=self._planned, unreadable=self._unreadable)
            self._planned = 0

    def _go_on(self, session: Session, now_utc: datetime) -> bool:
        """Plans a batch of people anew, in the order of their ids; whether nobody is left."""
        current = fingerprint(self.rules, self.window)
        if session.scalar(select(PlanRow.fingerprint).where(PlanRow.after.is_(None))) == current:
            return True
        if session.scalar(select(AnchorRow.id).limit(1)) is None:
            return True  # of nobody a date is known: the database stays as empty as it was
        plan = _locked(session, current)
        if plan.after is None:
            return True  # another worker has just ended it
        dated = exists().where(AnchorRow.person_id == PersonRow.id)
        people = session.scalars(
            select(PersonRow.id)
            .where(PersonRow.id > plan.after, dated)
            .order_by(PersonRow.id)
            .limit(BATCH_PEOPLE)
            .with_for_update()
        ).all()
        self._plan(session, people, now_utc)
        plan.after = people[-1] if len(people) == BATCH_PEOPLE else None
        return plan.after is None

    def _plan(self, session: Session, people: Sequence[str], now_utc: datetime) -> None:
        found = session.scalars(
            select(AnchorRow).where(AnchorRow.person_id.in_(people)).order_by(AnchorRow.person_id)
        ).all()
        for person_id, rows in groupby(found, key=lambda row: row.person_id):
            anchors = list(rows)
            try:
                days = stored_days(self.vault, anchors)
            except DataKeyError:
                self._unreadable += 1
                continue
            for member, kept in days.items():
                left_on = max(day_of(self.window, row.set_at_utc) for row in anchors if row.member == member)
                self._plan_member(session, person_id, member, kept, left_on, now_utc)
            self._planned += 1

    def _plan_member(
        self, session: Session, person_id: str, member: int, kept: Kept, left_on: date, now_utc: datetime
    ) -> None:
        """What waits gets the instants of the plan, or is cancelled; what the plan has besides is added.

        Today's rows too, but for who has left a date today: its answer has told them of today.
        """
        today = day_of(self.window, now_utc)
        every = every_row(self.rules, kept.dates, kept.done, date.min, self.window)
        reschedule(session, self.vault, person_id, member, tuple(every), self.window, now_utc)
        new = every_row(self.rules, kept.dates, kept.done, left_on, self.window)
        ahead = [row for row in new if row.due_on > max(today, left_on) or left_on < row.due_on == today]
        ledger.resume(session, self.vault, person_id, member, ahead, now_utc)


def reschedule(
    session: Session,
    vault: Vault,
    person_id: str,
    member: int,
    planned: Sequence[PlannedRow],
    window: Window,
    now_utc: datetime,
) -> None:
    """Gives a member's pending rows the instants of `planned`; those that are not in it are cancelled.

    But for what has come to need a call: the day that the person asked for, a second attempt. The caller
    holds the lock on the person.
    """
    for anchor, day in {(row.anchor, row.anchor_day) for row in planned}:
        index_date(session, vault, person_id, member, anchor, day)
    wanted = {
        (row.rule, ledger.anchor_index(vault, person_id, member, row.anchor, row.anchor_day), row.due_on): row
        for row in planned
    }
    pending = select(ReminderRow).where(
        ReminderRow.person_id == person_id,
        ReminderRow.member == member,
        ReminderRow.state == State.PENDING,
    )
    for row in session.scalars(pending.order_by(ReminderRow.id).with_for_update()).all():
        plan = wanted.get((row.rule, row.anchor_index, row.due_on))
        if plan is None and row.channel is None:
            row.state = State.CANCELLED
        else:
            _retime(row, plan, window, now_utc)
    session.flush()


def _retime(row: ReminderRow, plan: PlannedRow | None, window: Window, now_utc: datetime) -> None:
    """The instants of the window for a row of the plan, or of a day beside it."""
    today = day_of(window, now_utc)
    if plan is not None:
        row.expires_at_utc, row.urgent = plan.expires_at_utc, plan.urgent
    else:
        row.expires_at_utc = closing(window, max(row.due_on, today))
    if row.due_on > today:
        row.due_at_utc = opening(window, row.due_on)
    elif row.due_at_utc > now_utc and not is_open(window, row.due_at_utc):
        row.due_at_utc = opening(window, day_of(window, row.due_at_utc))


def fingerprint(rules: Mapping[str, ReminderRule], window: Window) -> str:
    """Another one for other rules (not for other words), another plan of them, window or holidays."""
    told = [str(ALGORITHM), str(window.zone), str(window.opens), str(window.closes), version("holidays")]
    for id in sorted(rules):
        rule = rules[id]
        days = replace(rule, facts=(), lines={}, spoken={}, help=None)
        told.append(repr((days, sorted(rule.lines), sorted(rule.spoken))))
    return hashlib.sha256("\n".join(told).encode()).hexdigest()


def _locked(session: Session, current: str) -> PlanRow:
    """The row, begun anew where it is of another plan; other workers wait for it."""
    begun = insert_into(session, PlanRow).values(id=ONLY, fingerprint=current, after="")
    session.execute(begun.on_conflict_do_nothing())
    plan = session.scalars(select(PlanRow).with_for_update()).one()
    if plan.fingerprint != current:
        log.warning("reminders.another_plan")  # again and again: two windows or versions run side by side
        plan.fingerprint, plan.after = current, ""
    return plan
