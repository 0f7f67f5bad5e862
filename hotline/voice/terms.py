"""A person's terms in spoken lines: the last day, the day to go by, the days left. Pure.

House rules of content/deadlines.yaml: never "you are safe", no verdict on who may be late.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import date

from hotline.guide.model import ReminderRule
from hotline.reminders.deadlines import Phase, Term, days_left, phase, rules_with_term, term_of
from hotline.speech.clips import Spoken
from hotline.voice.model import counted

REGISTRATION = "d05"
JOB = "d09"

Teller = Callable[[Term, date], Iterator[Spoken]]


def told_rules(
    rules: Mapping[str, ReminderRule], dates: Mapping[str, date], done: Collection[str] = ()
) -> list[ReminderRule]:
    """The rules that have a term for someone with these dates (anchor -> date), without those `done`."""
    return [rule for rule in rules_with_term(rules) if rule.anchor in dates and rule.id not in done]


def reminded_rules(
    rules: Mapping[str, ReminderRule], dates: Mapping[str, date], done: Collection[str], ids: Collection[str]
) -> list[ReminderRule]:
    """Those of the rules `ids` that still run for someone with these dates."""
    return [rule for rule in told_rules(rules, dates, done) if rule.id in ids]


def terms_told(
    rules: Mapping[str, ReminderRule], dates: Mapping[str, date], done: Collection[str], on: date
) -> tuple[Spoken, ...]:
    """What is said on the day `on` of every term that runs; nothing of rules that are done."""
    return tuple(
        line for rule in told_rules(rules, dates, done) for line in term_told(rule, dates[rule.anchor], on)
    )


def term_told(rule: ReminderRule, anchor_day: date, on: date) -> tuple[Spoken, ...]:
    """What is said on the day `on` of one term."""
    return tuple(TELLERS[rule.id](term_of(rule, anchor_day), on))


def still_reminded(
    rules: Mapping[str, ReminderRule], dates: Mapping[str, date], done: Collection[str], on: date
) -> bool:
    """Whether a reminder can still come after the day `on`."""
    return any(
        days_left(term_of(rule, dates[rule.anchor]), on) > 0 for rule in told_rules(rules, dates, done)
    )


def _registration(term: Term, on: date) -> Iterator[Spoken]:
    match phase(term, on):
        case Phase.EARLY:
            yield counted("voice-registration-left", days_left(term, on), date=term.last_day)
            if term.tells_two_days:
                yield Spoken("voice-registration-go-by", {"date": term.go_by})
        case Phase.HURRY:
            yield Spoken("voice-registration-hurry", {"date": term.last_day})
        case Phase.TOMORROW:
            yield Spoken("voice-registration-tomorrow")
        case Phase.LAST_DAY:
            yield Spoken("voice-registration-today")
        case Phase.BETWEEN:
            yield Spoken("voice-registration-between")
        case Phase.LATE:
            yield Spoken("voice-registration-late")


def _job(term: Term, on: date) -> Iterator[Spoken]:
    match phase(term, on):
        case Phase.EARLY | Phase.HURRY:
            yield counted("voice-job-left", days_left(term, on), date=term.last_day)
        case Phase.TOMORROW:
            yield Spoken("voice-job-tomorrow")
        case Phase.LAST_DAY:
            yield Spoken("voice-job-today")
        case Phase.BETWEEN:
            yield Spoken("voice-job-between")
        case Phase.LATE:
            yield Spoken("voice-job-late")


def has_tomorrow(rule: ReminderRule, anchor_day: date, on: date) -> bool:
    """Whether the day after `on` is still in time."""
    return days_left(term_of(rule, anchor_day), on) > 0


QUESTIONS = {  # after a term, in a call that reminds
    REGISTRATION: Spoken("voice-remind-registration"),
    JOB: Spoken("voice-remind-job"),
}
TELLERS: Mapping[str, Teller] = {REGISTRATION: _registration, JOB: _job}
