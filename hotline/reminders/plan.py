"""What is due when, and until when it may be sent. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import pairwise

from hotline.guide.model import ReminderRule
from hotline.reminders.deadlines import DAY, is_closing, is_done, term_of, working_day_before
from hotline.reminders.window import Window, closing, opening

ENTRY = "entry"
SILENT_DAYS = 2  # no SMS reaches a foreign SIM in its first 24 hours in Russia: nothing before entry + 2
CLOSING_DAYS = 7  # d06's words go out by entry + 37: rules.md, Reminders
RECENT_DAYS = 3  # ... and only to whom no text went within 3 days before the last safe day


@dataclass(frozen=True)
class PlannedRow:
    """One row of the ledger to be: `rule`, counted from `anchor_day`, due on the day `due_on`.

    It is sent from `due_at_utc`, the opening of that day's send window, and never from `expires_at_utc` on.
    """

    rule: str
    anchor: str
    anchor_day: date = field(repr=False)
    due_on: date = field(repr=False)
    due_at_utc: datetime = field(repr=False)
    expires_at_utc: datetime = field(repr=False)


def plan(
    rules: Mapping[str, ReminderRule],
    dates: Mapping[str, date],
    done: Collection[str],
    today: date,
    window: Window,
) -> tuple[PlannedRow, ...]:
    """The rows of one person for `dates` (anchor -> date), without those of rules already `done`.

    Only days after `today`: the answer that stores a date covers today itself.
    """
    rows: list[PlannedRow] = []
    for rule in rules.values():
        anchor_day = dates.get(rule.anchor)
        if anchor_day is None or is_done(rules, rule, done):
            continue
        if is_closing(rule):
            rows += _closing_rows(rule, anchor_day, today, window)
        else:
            rows += _reminder_rows(rule, anchor_day, window)
    return tuple(row for row in rows if row.due_on > today and not _silent(row.due_on, dates))


def reminder_days(rule: ReminderRule, anchor_day: date) -> tuple[date, ...]:
    """The days of `remind_on`, and the working day before the told one, up to the last safe day, in order."""
    term = term_of(rule, anchor_day)
    days = {anchor_day + offset * DAY for offset in rule.remind_on} | {working_day_before(term.go_by)}
    return tuple(sorted(day for day in days if day <= term.last_day))


def row_of(rule: ReminderRule, anchor_day: date, day: date, window: Window) -> PlannedRow:
    """One more row of a rule, on a day the person asked for; it is of that day alone."""
    return _row(rule, anchor_day, day, closing(window, day), window)


def _silent(day: date, dates: Mapping[str, date]) -> bool:
    entry = dates.get(ENTRY)
    return entry is not None and entry <= day < entry + SILENT_DAYS * DAY


def _reminder_rows(rule: ReminderRule, anchor_day: date, window: Window) -> list[PlannedRow]:
    days = reminder_days(rule, anchor_day)
    ends = [opening(window, later) for _, later in pairwise(days)]
    ends.append(closing(window, term_of(rule, anchor_day).last_day))
    return [_row(rule, anchor_day, day, end, window) for day, end in zip(days, ends, strict=True)]


def _closing_rows(rule: ReminderRule, anchor_day: date, today: date, window: Window) -> list[PlannedRow]:
    """Not for who leaves the date within the last days: the answer to it is a text within those days."""
    if today >= term_of(rule, anchor_day).last_day - RECENT_DAYS * DAY:
        return []
    days = [anchor_day + offset * DAY for offset in rule.remind_on]
    return [_row(rule, anchor_day, day, closing(window, day + CLOSING_DAYS * DAY), window) for day in days]


def _row(rule: ReminderRule, anchor_day: date, day: date, end: datetime, window: Window) -> PlannedRow:
    return PlannedRow(rule.id, rule.anchor, anchor_day, day, opening(window, day), end)
