"""A person's terms in spoken lines: the last day, the day to go by, the days left. Pure.

House rules of content/deadlines.yaml: never "you are safe", no verdict on who may be late. Which line is said
on which day stands in prompts/reminders.toml (`spoken`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import date

from hotline.guide.model import ReminderRule
from hotline.people.members import Member
from hotline.reminders.days import Today
from hotline.reminders.deadlines import (
    DEPARTURE,
    Counted,
    Phase,
    Term,
    counted,
    else_start,
    is_closing,
    rules_with_term,
)
from hotline.reminders.plan import reminder_days, standing
from hotline.reminders.two_dates import most_left, phase_told
from hotline.speech.clips import Spoken
from hotline.voice.model import counted as counted_line

REGISTRATION = "d05"
JOB = "d09"

MOST = "most"  # key of ReminderRule.spoken: the days left at most, while Russia has two dates
GO_BY = "go_by"  # ... after the days left, where the last day is closed
FAR = "far"  # ... more days are left than a clip can say
QUESTION = "question"  # ... after the term, in a call that reminds
MOST_DAYS_SAID = 99  # clips say the numbers 0 to 99


def told_rules(
    rules: Mapping[str, ReminderRule], dates: Mapping[str, date], done: Collection[str] = ()
) -> list[ReminderRule]:
    """The rules that have a term for someone with these dates (anchor -> date), without those `done`."""
    return [
        rule
        for rule in rules_with_term(rules)
        if rule.spoken and counted(rule, dates, done) and rule.id not in done
    ]


def reminded_rules(
    rules: Mapping[str, ReminderRule], dates: Mapping[str, date], done: Collection[str], ids: Collection[str]
) -> list[ReminderRule]:
    """Those of the rules `ids` that still run for someone with these dates."""
    return [rule for rule in told_rules(rules, dates, done) if rule.id in ids]


def terms_told(
    rules: Mapping[str, ReminderRule], dates: Mapping[str, date], done: Collection[str], today: Today
) -> tuple[Spoken, ...]:
    """What is said today of every term that runs; nothing of rules that are done."""
    return tuple(
        line for rule in told_rules(rules, dates, done) for line in term_told(rule, dates, done, today)
    )


def term_told(
    rule: ReminderRule, dates: Mapping[str, date], done: Collection[str], today: Today
) -> tuple[Spoken, ...]:
    """What is said today of one term."""
    return tuple(_told(rule, _term(rule, dates, done), today))


def counted_from(
    rules: Mapping[str, ReminderRule], member: Member, anchor: str
) -> Iterator[tuple[ReminderRule, Counted]]:
    """The rules that run for a member and count from this date; not those that are silent about it."""
    for rule, start in standing(rules, member.dates, member.done):
        other = else_start(rule, member.dates)
        if start.anchor == anchor and not is_closing(rule) and not (other and other.quiet):
            yield rule, start


def still_reminded(rules: Mapping[str, ReminderRule], member: Member, anchor: str, on: date) -> bool:
    """Whether after the day `on` a reminder comes that this date brings: of a term, or before a journey."""
    return any(
        day > on
        for rule, start in counted_from(rules, member, anchor)
        if start.term is not None or anchor == DEPARTURE
        for day in reminder_days(rule, start)
    )


def has_tomorrow(rule: ReminderRule, dates: Mapping[str, date], done: Collection[str], today: Today) -> bool:
    """Whether there is a day after today on which it can still be done: in time, and with offices open."""
    return today.latest < _term(rule, dates, done).go_by


def question_of(rule: ReminderRule) -> Spoken:
    """What is asked after the term, in a call that reminds."""
    return Spoken(rule.spoken[QUESTION])


def _told(rule: ReminderRule, term: Term, today: Today) -> Iterator[Spoken]:
    told, left = phase_told(term, today), most_left(term, today)
    if told == Phase.HURRY and Phase.HURRY in rule.spoken:
        yield Spoken(rule.spoken[told], {"date": term.last_day})
    elif told not in (Phase.EARLY, Phase.HURRY):
        yield Spoken(rule.spoken[told])
    elif left > MOST_DAYS_SAID:
        yield Spoken(rule.spoken[FAR], {"date_year": term.last_day})
    else:
        said = rule.spoken[Phase.EARLY if today.agreed else MOST]
        yield counted_line(said, left, date=term.last_day)
    if told == Phase.EARLY and term.tells_two_days and GO_BY in rule.spoken:
        yield Spoken(rule.spoken[GO_BY], {"date": term.go_by})


def _term(rule: ReminderRule, dates: Mapping[str, date], done: Collection[str]) -> Term:
    """Raises ValueError of a rule that has no term for these dates."""
    start = counted(rule, dates, done)
    if start is None or start.term is None:
        raise ValueError(f"{rule.id} has no term for these dates")
    return start.term
