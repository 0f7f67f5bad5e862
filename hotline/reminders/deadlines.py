"""The last safe day of a rule and what may be said on a given day. Pure.

Dates are calendar dates; the anchor day itself is day 1, so the last of 30 days is anchor + 29
(content/deadlines.yaml, house rules 1 to 3). A told day is never later than any reading of the guide.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from functools import cache

import holidays

from hotline.guide.model import ReminderRule

DAY = timedelta(days=1)
SATURDAY = 5  # of date.weekday(), Monday being 0


class Phase(StrEnum):
    """What a day is to a term. The values are the keys of `ReminderRule.lines`."""

    EARLY = "early"  # the day to go by is still ahead
    HURRY = "hurry"  # the last day is closed and the day to go by is here or past: go today
    TOMORROW = "tomorrow"  # the last day is tomorrow, and open
    LAST_DAY = "last_day"
    BETWEEN = "between"  # neither in time nor late for sure: go today
    LATE = "late"  # late under every reading


@dataclass(frozen=True)
class Term:
    """The days of one term.

    `last_day` is the last safe day; `go_by` the same, or the working day before it where offices are closed
    on it; from `late_for_sure_from` on the day is late under every reading of the guide.
    """

    last_day: date = field(repr=False)
    go_by: date = field(repr=False)
    late_for_sure_from: date = field(repr=False)

    @property
    def tells_two_days(self) -> bool:
        """Whether the day to go by is another than the last day, so that both are told."""
        return self.go_by != self.last_day


def term_of(rule: ReminderRule, anchor_day: date) -> Term:
    """The term that `rule` counts from `anchor_day`."""
    last_day = anchor_day + rule.last_safe * DAY
    return Term(
        last_day=last_day,
        go_by=last_day if is_working_day(last_day) else working_day_before(last_day),
        late_for_sure_from=anchor_day + rule.late_for_sure * DAY,
    )


def phase(term: Term, on: date) -> Phase:
    """What `on` is to `term`."""
    if on >= term.late_for_sure_from:
        return Phase.LATE
    if on > term.last_day:
        return Phase.BETWEEN
    if on == term.last_day:
        return Phase.LAST_DAY
    if term.tells_two_days:
        return Phase.EARLY if on < term.go_by else Phase.HURRY
    return Phase.TOMORROW if on == term.last_day - DAY else Phase.EARLY


def days_left(term: Term, on: date) -> int:
    """Days from `on` to the last day of the term: 0 on that day, negative after it."""
    return (term.last_day - on).days


def is_closing(rule: ReminderRule) -> bool:
    """Whether the rule only closes another of its step: it has words for after the term, none for before."""
    return Phase.EARLY not in rule.lines


def rules_with_term(rules: Mapping[str, ReminderRule]) -> tuple[ReminderRule, ...]:
    """The rules that have a term of their own to tell: all but the closing ones."""
    return tuple(rule for rule in rules.values() if not is_closing(rule))


def closed_by(rules: Mapping[str, ReminderRule], closing: ReminderRule) -> tuple[ReminderRule, ...]:
    """The rules whose end `closing` speaks of: those of its step and anchor with a term of their own."""
    return tuple(
        rule
        for rule in rules_with_term(rules)
        if (rule.step, rule.anchor) == (closing.step, closing.anchor) and is_closing(closing)
    )


def done_after(
    rules: Mapping[str, ReminderRule],
    done: Collection[str],
    dates: Mapping[str, date],
    anchor: str,
    day: date,
) -> frozenset[str]:
    """What is still done once `anchor` is set to `day`: another date is another term, all still to do."""
    if dates.get(anchor) == day:
        return frozenset(done)
    return frozenset(rule for rule in done if rule in rules and rules[rule].anchor != anchor)


def closing_rules(rules: Mapping[str, ReminderRule], rule: str) -> tuple[str, ...]:
    """The ids of the rules that speak of the end of `rule`."""
    return tuple(id for id, each in rules.items() if rules[rule] in closed_by(rules, each))


def is_done(rules: Mapping[str, ReminderRule], rule: ReminderRule, done: Collection[str]) -> bool:
    """Whether nothing is left to say of `rule`: DONE was said of it, or of a rule that it closes."""
    return any(each.id in done for each in (rule, *closed_by(rules, rule)))


def is_working_day(day: date) -> bool:
    """Whether Russian offices are open: not a weekend and no public holiday (library `holidays`, RU).

    Saturdays that the calendar makes working days count as closed too: earlier is safer.
    """
    return day.weekday() < SATURDAY and not is_public_holiday(day)


def is_public_holiday(day: date) -> bool:
    """Whether `day` is a Russian public holiday, or a day off moved to it (library `holidays`, RU)."""
    return day in _public_holidays(day.year)


def working_day_before(day: date) -> date:
    """The last working day earlier than `day`."""
    earlier = day - DAY
    while not is_working_day(earlier):
        earlier -= DAY
    return earlier


@cache
def _public_holidays(year: int) -> frozenset[date]:
    return frozenset(holidays.country_holidays("RU", years=year, expand=False))
