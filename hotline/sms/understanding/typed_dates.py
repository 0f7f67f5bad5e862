"""Dates as people type them, read by our own closed grammar (content notes, part D). Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from typing import Literal

from hotline.reminders.days import Today
from hotline.sms.understanding.date_forms import DateForm, find_form
from hotline.sms.understanding.folding import prepare
from hotline.sms.understanding.lexicon import Lexicon

Sense = Literal["entry", "departure", "end"]

OLDEST_ENTRY_DAYS = 365  # rules of the service, Dates: an older entry is refused
DOUBTFUL_DAYS = (
    3 * 366
)  # content notes, part D: six digits that give a date more than 3 years back are asked about
FARTHEST_DAYS = 5 * 366  # ours: the year of a departure or an end further away than this is a slip


class DateProblem(StrEnum):
    """Why a date cannot be stored."""

    MISSING = "missing"  # nothing that looks like a date
    IMPOSSIBLE = "impossible"  # 31.02, 05.13: no such day
    UNSURE = "unsure"  # `5 3`, `бирдин айы`: a form not to be guessed; ask for digits
    FUTURE = "future"  # an entry later than today anywhere in Russia
    TOO_OLD = "too_old"  # an entry more than 365 days ago
    PAST = "past"  # a departure or an end before today


@dataclass(frozen=True)
class DateReading:
    """A date read from a text.

    day: the calendar date, also with the problems FUTURE, TOO_OLD and PAST; else None.
    clear: the form leaves no doubt; a reading that is not clear is confirmed before it is stored.
    """

    day: date | None = field(repr=False)
    clear: bool
    problem: DateProblem | None


def read_date(text: str, today: Today, sense: Sense, words: Lexicon) -> DateReading:
    """The date in `text`, which says nothing else or has words around it (then it is not clear).

    sense: "entry" for a day that has been, "departure" and "end" for one to come; it decides the year where
    none is typed. words: the date words of a Vocabulary. Never raises.
    """
    return settle(find_form(prepare(text), words), today, sense)


def settle(form: DateForm | None, today: Today, sense: Sense) -> DateReading:
    """The reading of a form on `today`; problem MISSING for no form."""
    if form is None:
        return DateReading(None, False, DateProblem.MISSING)
    if form.days_ago is not None:
        return _relative(form, form.days_ago, today, sense)
    if form.day is None or form.month is None:
        return DateReading(None, False, DateProblem.UNSURE)
    day = _calendar_day(form.day, form.month, form.year, today, sense)
    if form.run_together and (day is None or _six_digits_doubtful(day, today, sense)):
        return DateReading(None, False, DateProblem.UNSURE)
    if day is None:
        return DateReading(None, False, DateProblem.IMPOSSIBLE)
    return _judged(day, form.clear, today, sense)


def _relative(form: DateForm, days_ago: int, today: Today, sense: Sense) -> DateReading:
    """Counted from the earliest Russian zone, so never too late; unclear while the zones' dates differ."""
    day = today.earliest - timedelta(days=days_ago)
    if days_ago < 0 and sense == "entry":
        return DateReading(day, False, DateProblem.FUTURE)
    return _judged(day, form.clear and today.agreed, today, sense)


def _calendar_day(day: int, month: int, year: int | None, today: Today, sense: Sense) -> date | None:
    """The day in the year typed, or else in the nearest year that the sense allows; None for no such day."""
    if year is not None:
        return _day_of(year, month, day)
    if sense == "entry":
        days = (_day_of(today.latest.year - back, month, day) for back in (0, 1))
        return next((found for found in days if found and found <= today.latest), None)
    days = (_day_of(today.earliest.year + on, month, day) for on in (0, 1))
    return next((found for found in days if found and found >= today.earliest), None)


def _day_of(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _six_digits_doubtful(day: date, today: Today, sense: Sense) -> bool:
    return (sense == "entry" and day > today.latest) or (today.earliest - day).days > DOUBTFUL_DAYS


def _judged(day: date, clear: bool, today: Today, sense: Sense) -> DateReading:
    if sense == "entry":
        if day > today.latest:
            return DateReading(day, False, DateProblem.FUTURE)
        if (today.earliest - day).days > OLDEST_ENTRY_DAYS:
            return DateReading(day, False, DateProblem.TOO_OLD)
        clear = clear and day <= today.earliest  # in the west it is still tomorrow: perhaps a slip
    elif day < today.earliest:
        return DateReading(day, False, DateProblem.PAST)
    elif (day - today.earliest).days > FARTHEST_DAYS:
        return DateReading(None, False, DateProblem.UNSURE)
    return DateReading(day, clear, None)
