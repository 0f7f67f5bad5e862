"""A reminder for a telephone on whose screen others read along: that a day is near, and which. Pure.

With HOTLINE_DISCREET=yes a text that nobody has asked for names no step, no office, no country and no rule.
The day itself stands: without it the text is worth nothing, and a day alone may be anybody's birthday. What
it is about is told to whoever calls, or sends STATUS.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date

from hotline.guide.language import Language
from hotline.reminders.wording import Due, Told, fit, greeting, reminder_text
from hotline.sms.reply import joined

DISCREET = "HOTLINE_DISCREET"

Wording = Callable[[Language, Sequence[Due], date, str | None, bool], Told]


class DiscretionError(ValueError):
    """A setting that says neither yes nor no."""


def read_discreet(settings: Mapping[str, str]) -> bool:
    """HOTLINE_DISCREET: yes or no. Raises DiscretionError."""
    told = settings.get(DISCREET, "no")
    if told not in {"yes", "no"}:
        raise DiscretionError(f"{DISCREET}: '{told}' is neither yes nor no")
    return told == "yes"


def wording_of(discreet: bool) -> Wording:
    """How reminders are put into words."""
    return discreet_text if discreet else reminder_text


def discreet_text(
    words: Language, due: Sequence[Due], on: date, call_number: str | None = None, first: bool = False
) -> Told:
    """ONE text for what is due, as wording.reminder_text: the days that are near, or only that there is news.

    `call_number` is set where the sender is one-way. `first`: it begins with who writes and how to stop.
    """
    hello = (greeting(words, call_number),) if first else ()
    for said in range(len(due), 0, -1):
        days = sorted({day for each in due[:said] if (day := _day(each, on))})
        pages = joined(*hello, _line(words, days, on, call_number))
        if fit(pages):
            break
    return Told("\n".join(pages), said)


def _day(due: Due, on: date) -> date | None:
    """The day to go by, and once that has passed today. None after the term, or where there is none."""
    if due.term is None or on > due.term.last_day:
        return None
    return max(due.term.go_by, on)


def _line(words: Language, days: Sequence[date], on: date, call_number: str | None) -> str:
    if not days:
        if call_number is not None:
            return words.line("sms-discreet-news-call", number=call_number)
        return words.line("sms-discreet-news")
    told = "; ".join(_told(words, day, on) for day in days)
    if call_number is not None:
        return words.line("sms-discreet-call", days=told, number=call_number)
    return words.line("sms-discreet", days=told)


def _told(words: Language, day: date, on: date) -> str:
    """ "Monday 21 December, 3 days left"; on the day itself that it is today."""
    if day == on:
        return words.line("sms-discreet-today", date=words.date(day))
    return words.line(
        "sms-discreet-day", date=words.date(day), left=words.counted("sms-days-left", (day - on).days)
    )
