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

from hotline.guide.model import ReminderRule, Start

ENTRY = "entry"
DEPARTURE = "departure"
REGISTERED = "registered"  # the day on which somebody was registered
REGISTRATION_UNTIL = "registration-until"
OF_A_STAY = frozenset(
    {REGISTERED, REGISTRATION_UNTIL, "job", "job-until", "policy-until", "family-until"}
)  # before the entry they are of the stay before it
DAY = timedelta(days=1)
LEFT_EARLY = timedelta(days=30)  # ours: who enters so near to the departure, or later, has departed
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
    on it; from `late_for_sure_from` on the day is late under every reading of the guide; None: of no day can
    that be said.
    """

    last_day: date = field(repr=False)
    go_by: date = field(repr=False)
    late_for_sure_from: date | None = field(repr=False)

    @property
    def tells_two_days(self) -> bool:
        """Whether the day to go by is another than the last day, so that both are told."""
        return self.go_by != self.last_day


@dataclass(frozen=True)
class Counted:
    """What a rule counts from for somebody: the anchor and its day; the term, if the guide gives one."""

    anchor: str
    day: date = field(repr=False)
    term: Term | None


def counted(rule: ReminderRule, dates: Mapping[str, date], done: Collection[str]) -> Counted | None:
    """What `rule` counts from for someone with these `dates` (anchor -> date); None where it says nothing.

    Of several anchors that count alike the earliest: a told day is never later than any reading. Not from
    what has given way (`done`: see settled).
    """
    dates = of_this_stay(dates)
    if any(anchor in dates for anchor in rule.unless):
        return None
    dates = {anchor: day for anchor, day in dates.items() if settled(rule, anchor) not in done}
    if rule.anchor in dates:
        return None if _departed(rule, dates) else _earliest(rule, dates)
    start = else_start(rule, dates)
    if start is None:
        return None
    day = dates[start.anchor]
    return Counted(start.anchor, day, None if start.last_safe is None else _term(day, start.last_safe, None))


def settled(rule: ReminderRule, anchor: str) -> str:
    """The mark, among those of what is done, that the rule does not count from this date any more.

    An end that was extended, or is over, has given way to one that was told since. A rule that is done has
    its id for a mark.
    """
    return f"{rule.id}@{anchor}"


def home_of(rules: Mapping[str, ReminderRule], mark: str, dates: Mapping[str, date]) -> str | None:
    """The stored date with which a mark is kept, and goes; None where it says nothing."""
    id, _, anchor = mark.partition("@")
    if id not in rules:
        return None
    homes = [anchor] if anchor else [rules[id].anchor, *(start.anchor for start in rules[id].else_from)]
    return next((home for home in homes if home in dates), None)


def of_this_stay(dates: Mapping[str, date]) -> Mapping[str, date]:
    """The dates that count: what was over before the entry is of the stay before it, and says nothing.

    It stays stored: another day of entry may be a mistake that is corrected.
    """
    entry = dates.get(ENTRY, date.min)
    return {anchor: day for anchor, day in dates.items() if anchor not in OF_A_STAY or day >= entry}


def else_start(rule: ReminderRule, dates: Mapping[str, date]) -> Start | None:
    """What `rule` counts from where its own anchor is not stored; None where it is, or nothing is."""
    dates = of_this_stay(dates)
    if rule.anchor in dates:
        return None
    return next((start for start in rule.else_from if start.anchor in dates), None)


def term_of(rule: ReminderRule, anchor_day: date) -> Term:
    """The term that `rule` counts from the day of its own anchor. Raises ValueError where it has none."""
    if rule.last_safe is None:
        raise ValueError(f"{rule.id} has no term")
    late = None if rule.late_for_sure is None else anchor_day + rule.late_for_sure * DAY
    return _term(anchor_day, rule.last_safe, late)


def _earliest(rule: ReminderRule, dates: Mapping[str, date]) -> Counted:
    alike = [anchor for anchor in (rule.anchor, *rule.or_earlier) if anchor in dates]
    anchor = min(alike, key=dates.__getitem__)
    if rule.last_safe is None:
        return Counted(anchor, dates[anchor], None)
    late = term_of(rule, dates[rule.anchor]).late_for_sure_from
    return Counted(anchor, dates[anchor], _term(dates[anchor], rule.last_safe, late))


def _term(anchor_day: date, last_safe: int, late_for_sure_from: date | None) -> Term:
    last_day = anchor_day + last_safe * DAY
    go_by = last_day if is_working_day(last_day) else working_day_before(last_day)
    return Term(last_day, go_by, late_for_sure_from)


def _departed(rule: ReminderRule, dates: Mapping[str, date]) -> bool:
    """Whether the journey that the rule prepares has been made."""
    return rule.anchor == DEPARTURE and has_departed(dates)


def has_departed(dates: Mapping[str, date]) -> bool:
    """Whether the departure is taken to be over, for there is an entry not long before it, or later."""
    return {ENTRY, DEPARTURE} <= dates.keys() and dates[ENTRY] >= dates[DEPARTURE] - LEFT_EARLY


def phase(term: Term, on: date) -> Phase:
    """What `on` is to `term`."""
    if term.late_for_sure_from is not None and on >= term.late_for_sure_from:
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
    return rule.last_safe is not None and Phase.EARLY not in rule.lines


def rules_with_term(rules: Mapping[str, ReminderRule]) -> tuple[ReminderRule, ...]:
    """The rules that have a term of their own to tell: not the closing ones, nor those without a number."""
    return tuple(rule for rule in rules.values() if rule.last_safe is not None and not is_closing(rule))


def closed_by(rules: Mapping[str, ReminderRule], closing: ReminderRule) -> tuple[ReminderRule, ...]:
    """The rules whose end `closing` speaks of: those of its step and anchor with a term of their own."""
    return tuple(
        rule
        for rule in rules_with_term(rules)
        if (rule.step, rule.anchor) == (closing.step, closing.anchor) and is_closing(closing)
    )


def can_be_called(rules: Mapping[str, ReminderRule], rule: ReminderRule) -> bool:
    """Whether a call has words for the rule, or for the one that it closes."""
    return bool((closed_by(rules, rule) or (rule,))[0].spoken)


def done_after(
    rules: Mapping[str, ReminderRule],
    done: Collection[str],
    before: Mapping[str, date],
    after: Mapping[str, date],
) -> frozenset[str]:
    """The marks that are left once the dates change. Another date is another term, all still to do."""
    return frozenset(mark for mark in done if stays(rules, mark, before, after))


def stays(
    rules: Mapping[str, ReminderRule], mark: str, before: Mapping[str, date], after: Mapping[str, date]
) -> bool:
    """Whether the date with which a mark is kept stands as it did."""
    home = home_of(rules, mark, before)
    return home is not None and home == home_of(rules, mark, after) and before[home] == after[home]


def was_done(
    rules: Mapping[str, ReminderRule], rule: ReminderRule, dates: Mapping[str, date], done: Collection[str]
) -> bool:
    """Whether DONE was said of `rule`, in this stay."""
    return rule.id in done and home_of(rules, rule.id, dates) in of_this_stay(dates)


def is_done(
    rules: Mapping[str, ReminderRule], rule: ReminderRule, dates: Mapping[str, date], done: Collection[str]
) -> bool:
    """Whether nothing is to be said of `rule`: DONE was said of it, or of a rule that it closes.

    Nor of one that follows another before that is done.
    """
    return waits(rules, rule, dates, done) or any(
        was_done(rules, each, dates, done) for each in (rule, *closed_by(rules, rule))
    )


def waits(
    rules: Mapping[str, ReminderRule], rule: ReminderRule, dates: Mapping[str, date], done: Collection[str]
) -> bool:
    """Whether the rule follows another that is not done.

    That its own date has given way to another does not count: what it was done of is what this follows.
    """
    before = rules.get(rule.after) if rule.after else None
    if before is None:
        return rule.after is not None
    gave_way = settled(before, before.anchor) in done and before.anchor in of_this_stay(dates)
    return not gave_way and not was_done(rules, before, dates, done)


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
