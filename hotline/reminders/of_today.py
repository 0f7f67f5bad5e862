"""What of today, and of days before it, is planned when dates change; the days to come are in plan.py. Pure.

The answer to a date speaks of today, so today is not planned with it. But a date may be taken back, and then
what it had silenced is to be said after all; and of an answer in a call nobody knows how much was heard.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta

from hotline.guide.model import ReminderRule
from hotline.people.members import Member
from hotline.reminders.deadlines import else_start, is_closing
from hotline.reminders.plan import PlannedRow, begun, every_row, standing
from hotline.reminders.window import Window, day_of, first_open, is_open

CALL_LASTS = timedelta(minutes=10)  # ours: so long no reminder disturbs the call in which its date was left
FOLLOWS = timedelta(minutes=10)  # ours: a text of its own, which takes no room from what is due

Dates = Collection[tuple[str, date]]  # anchor and day


def taken_up(
    rules: Mapping[str, ReminderRule],
    before: Member,
    after: Member,
    told: Dates,
    ended: Collection[str],
    today: date,
    window: Window,
) -> tuple[PlannedRow, ...]:
    """The rows whose day has come and that are to be said after all: the plan had given them up.

    `told`: the dates that are stored now, `ended`: the rules of which DONE is said now; the answer says what
    today is to them, and what follows.
    """
    come = begun(rules, after.dates, after.done, today, window) if before.dates else ()
    loud = [row for row in come if rules[row.rule].after not in ended]
    again = [row for row in loud if (row.anchor, row.anchor_day) not in told or _is_quiet(rules, after, row)]
    stood = begun(rules, before.dates, before.done, today, window) if again else ()
    return tuple(row for row in again if row not in stood)


def _is_quiet(rules: Mapping[str, ReminderRule], member: Member, row: PlannedRow) -> bool:
    """Whether the answer to the date does not speak of what the rule counts from it."""
    start = else_start(rules[row.rule], member.dates)
    return start is not None and start.quiet


def after_call(
    rules: Mapping[str, ReminderRule], member: Member, left: Dates, now_utc: datetime, window: Window
) -> tuple[PlannedRow, ...]:
    """The rows of dates that were left in a call which the answer to a text would have made needless.

    Those of today, and the closing one in the last days; a little later what the answer alone would say.
    """
    today = day_of(window, now_utc)
    every = [
        row
        for row in every_row(rules, member.dates, member.done, date.min, window)
        if (row.anchor, row.anchor_day) in left
    ]
    due = [row for row in every if row.due_on == today or is_closing(rules[row.rule])]
    to_come = {row.rule for row in every if row.due_on >= today}
    rows = [_put_after(row, CALL_LASTS, window, now_utc) for row in due]
    for row in _said_at_once(rules, member, left, today, window):
        if row.rule not in to_come:
            rows.append(_put_after(row, CALL_LASTS, window, now_utc, FOLLOWS))
    return tuple(row for row in rows if row is not None)


def _said_at_once(
    rules: Mapping[str, ReminderRule], member: Member, left: Dates, today: date, window: Window
) -> Iterator[PlannedRow]:
    """What the answer that stores these dates says, as rules that remind today and have no term."""
    once = {
        rule.id: replace(rule, remind_on=((today - start.day).days,), remind_before=(), last_safe=None)
        for rule, start in standing(rules, member.dates, member.done)
        if (start.anchor, start.day) in left and rule.says_at_once((today - start.day).days)
    }
    every = every_row({**rules, **once}, member.dates, member.done, today, window)
    return (row for row in every if row.rule in once)


def _put_after(
    row: PlannedRow, lasts: timedelta, window: Window, now_utc: datetime, follows: timedelta = timedelta(0)
) -> PlannedRow | None:
    """The row, not due before the call has ended; at once where it would be too late, None where it is."""
    due_at_utc = first_open(window, first_open(window, max(row.due_at_utc, now_utc + lasts)) + follows)
    if due_at_utc < row.expires_at_utc:
        return replace(row, due_at_utc=due_at_utc)
    return row if is_open(window, now_utc) else None
