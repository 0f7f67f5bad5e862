"""What is due when, and until when it may be sent. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import pairwise

from hotline.guide.model import ReminderRule
from hotline.reminders.deadlines import (
    DAY,
    ENTRY,
    Counted,
    counted,
    is_closing,
    is_done,
    is_working_day,
    waits,
    working_day_before,
)
from hotline.reminders.window import Window, closing, opening

FAMILY = "family"  # the entry of a family member
SILENT_DAYS = 2  # no SMS reaches a foreign SIM in its first 24 hours in Russia: nothing before entry + 2
CLOSING_DAYS = 7  # d06's words go out by entry + 37: rules.md, Reminders
RECENT_DAYS = 3  # ... and only to whom no text went within 3 days before the last safe day
URGENT_DAYS = 3  # up to the day to go by: on them a text that does not arrive becomes a call
KEPT_DAYS = 3  # ours: so long may be said late what has no term
ALGORITHM = 5  # counted up whenever the same rules give other rows: everybody is planned anew then


@dataclass(frozen=True)
class PlannedRow:
    """One row of the ledger to be: `rule`, counted from `anchor_day`, due on the day `due_on`.

    It is sent from `due_at_utc`, the opening of that day's send window, and never from `expires_at_utc` on.
    `urgent`: it is of the last reminder days up to the day to go by, so that it goes first, its loss is told,
    and the owner of the telephone is called while offices are still open if the text does not arrive.
    """

    rule: str
    anchor: str
    anchor_day: date = field(repr=False)
    due_on: date = field(repr=False)
    due_at_utc: datetime = field(repr=False)
    expires_at_utc: datetime = field(repr=False)
    urgent: bool


def standing(
    rules: Mapping[str, ReminderRule], dates: Mapping[str, date], done: Collection[str]
) -> Iterator[tuple[ReminderRule, Counted]]:
    """The rules that run for someone with these dates, and what each counts from."""
    for rule in rules.values():
        start = counted(rule, dates, done)
        if start is not None and not is_done(rules, rule, dates, done):
            yield rule, start


def plan(
    rules: Mapping[str, ReminderRule],
    dates: Mapping[str, date],
    done: Collection[str],
    today: date,
    window: Window,
) -> tuple[PlannedRow, ...]:
    """The rows of one person for `dates` (anchor -> date), without those of rules already `done`.

    Only days after `today`: the answer that stores a date covers today itself, if it can be read again.
    """
    return tuple(row for row in every_row(rules, dates, done, today, window) if row.due_on > today)


def begun(
    rules: Mapping[str, ReminderRule],
    dates: Mapping[str, date],
    done: Collection[str],
    today: date,
    window: Window,
) -> tuple[PlannedRow, ...]:
    """The rows whose day has come by `today`: taken up where they were given up, else not planned anew.

    The closing ones too: a date that is left in the last days has none, but one that was left before may have
    given up its own.
    """
    every = every_row(rules, dates, done, date.min, window)
    return tuple(row for row in every if row.due_on <= today or is_closing(rules[row.rule]))


def every_row(
    rules: Mapping[str, ReminderRule],
    dates: Mapping[str, date],
    done: Collection[str],
    today: date,
    window: Window,
) -> Iterator[PlannedRow]:
    """The rows of one person for dates that were left on `today`, whether their day is past or to come."""
    rows: list[PlannedRow] = []
    for rule, start in standing(rules, dates, done):
        if is_closing(rule):
            rows += _closing_rows(rule, start, today, window)
        else:
            rows += _reminder_rows(rule, start, window)
    return (row for row in rows if not _silent(row.due_on, dates))


def reminder_days(rule: ReminderRule, start: Counted) -> tuple[date, ...]:
    """The days on which a rule reminds, in order.

    Of a term: the day to go by and the working day before it too, where people are rung each working day of
    the last ones; and none after the last safe day.
    """
    days = {start.day + offset * DAY for offset in rule.remind_on}
    term = start.term
    if term is None:
        return tuple(sorted(days))
    days |= {term.last_day - before * DAY for before in rule.remind_before}
    days |= {working_day_before(term.go_by), term.go_by}
    if _may_ring(rule, start):
        last = (term.go_by - before * DAY for before in range(URGENT_DAYS))
        days |= {day for day in last if is_working_day(day)}
    return tuple(sorted(day for day in days if day <= term.last_day))


def _is_urgent(rule: ReminderRule, start: Counted, day: date) -> bool:
    """Whether people are rung: on the last reminder days up to the day to go by, and on those after it.

    After it offices may be closed; but who has heard nothing yet may still find one that is open. Not where a
    call has no words for the term.
    """
    if start.term is None or not _may_ring(rule, start):
        return False
    in_time = [each for each in reminder_days(rule, start) if each <= start.term.go_by]
    return day >= in_time[-URGENT_DAYS:][0] if in_time else True


def anchor_text(person_id: str, member: int, anchor: str, day: date) -> str:
    """What stands, as an HMAC, for a date in the ledger."""
    return f"{person_id}.{member}.{anchor}.{day.isoformat()}"


def last_day_of(
    rules: Mapping[str, ReminderRule], dates: Mapping[str, date], done: Collection[str]
) -> date | None:
    """The last day on which anything may be said of `dates`, done or not; None without any.

    What follows another rule says nothing before that is done.
    """
    days = list(dates.values())
    for rule in rules.values():
        start = counted(rule, dates, done)
        if start is None or waits(rules, rule, dates, done):
            continue
        last = max([start.day, *(start.day + offset * DAY for offset in rule.remind_on)])
        days.append(last + CLOSING_DAYS * DAY if is_closing(rule) else last)
        if start.term is not None:
            days.append(start.term.last_day)
    return max(days, default=None)


def row_of(rule: ReminderRule, start: Counted, day: date, window: Window) -> PlannedRow:
    """One more row of a rule, on a day the person asked for; it is of that day alone."""
    return _row(rule, start, day, closing(window, day), window, _is_urgent(rule, start, day))


def _silent(day: date, dates: Mapping[str, date]) -> bool:
    entries = (dates[anchor] for anchor in (ENTRY, FAMILY) if anchor in dates)
    return any(entry <= day < entry + SILENT_DAYS * DAY for entry in entries)


def _reminder_rows(rule: ReminderRule, start: Counted, window: Window) -> list[PlannedRow]:
    days = reminder_days(rule, start)
    if not days:
        return []
    ends = [opening(window, later) for _, later in pairwise(days)]
    ends.append(closing(window, _last_of_use(start, days[-1])))
    return [
        _row(rule, start, day, end, window, _is_urgent(rule, start, day))
        for day, end in zip(days, ends, strict=True)
    ]


def _may_ring(rule: ReminderRule, start: Counted) -> bool:
    """Whether a call can take the place of a text: of a term for which it has words."""
    return start.term is not None and bool(rule.spoken)


def _last_of_use(start: Counted, last_reminder: date) -> date:
    """The last day on which the last reminder may still go out; before the anchor not after its day."""
    if start.term is not None:
        return start.term.last_day
    kept = last_reminder + KEPT_DAYS * DAY
    return min(kept, start.day) if last_reminder <= start.day else kept


def _closing_rows(rule: ReminderRule, start: Counted, today: date, window: Window) -> list[PlannedRow]:
    """Not for who leaves the date within the last days: the answer to it is a text within those days."""
    if start.term is None or today >= start.term.last_day - RECENT_DAYS * DAY:
        return []
    days = [start.day + offset * DAY for offset in rule.remind_on]
    return [_row(rule, start, day, closing(window, day + CLOSING_DAYS * DAY), window, True) for day in days]


def _row(
    rule: ReminderRule, start: Counted, day: date, end: datetime, window: Window, urgent: bool
) -> PlannedRow:
    return PlannedRow(rule.id, start.anchor, start.day, day, opening(window, day), end, urgent)
