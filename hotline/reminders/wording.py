"""What reminders, STATUS and the answer to ENTRY say of a term. Pure.

House rules of content/deadlines.yaml: never "you are safe", no verdict on who may be late, the ban of step 7
never said of the job of step 6.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from hotline.guide.language import Language
from hotline.guide.model import ReminderRule
from hotline.reminders.deadlines import Phase, Term, days_left, phase
from hotline.sms.reply import joined
from hotline.sms.segments import measure

TWO_DAYS = "two_days"  # key of ReminderRule.lines: early, with the last day and the day to go by
CONSEQUENCE = "consequence"  # ... what the guide says happens otherwise; only where it says something
DONE = "done"  # ... how to answer that it is done
SHORT = "_short"  # ends the key of a line that is used where several rules share one text
PAGES_MOST = 2  # of one reminder: rules of the service, Reminders


@dataclass(frozen=True)
class Due:
    """A rule to be reminded of, with its term for this person."""

    rule: ReminderRule
    term: Term


def status_text(words: Language, rule: ReminderRule, term: Term, on: date, short: bool = False) -> str:
    """Where `on` stands in the term of `rule`, in a sentence or two that fit one SMS page.

    `rule` has a term of its own (deadlines.rules_with_term); a closing one has words only for after it.
    `short`: in fewer words, where several rules share a page.
    Lines may use {left} ("3 days left"), {date} (the last day) and {go_by}.
    """
    return _status(words, Due(rule, term), on, short)


def reminder_text(
    words: Language, due: Sequence[Due], on: date, call_number: str | None = None, first: bool = False
) -> str:
    """ONE text for everything due to a person: at most two pages, in one message.

    Each rule is a sentence of its own with its own number and date. `call_number` is set where the sender is
    one-way: then nobody is told to answer, but to call. `first`: it begins with who writes and how to stop;
    while it is early, what happens otherwise makes room for that.
    """
    hello = (_hello(words, call_number),) if first else ()
    long = _texts(words, due, on, call_number, short=False)
    short = _texts(words, due, on, call_number)
    wordings = [joined(*hello, *long), joined(*hello, *short)]
    if all(phase(each.term, on) == Phase.EARLY for each in due):
        wordings.append(joined(*hello, *_texts(words, due, on, call_number, consequences=False)))
    wordings.append(joined(*long))
    return "\n".join(next((pages for pages in wordings if _fits(pages)), joined(*short)))


def _texts(
    words: Language,
    due: Sequence[Due],
    on: date,
    call_number: str | None,
    short: bool = True,
    consequences: bool = True,
) -> list[str]:
    texts = []
    for each in due:
        texts.append(_status(words, each, on, short))
        if consequences and CONSEQUENCE in each.rule.lines:
            texts.append(words.line(_line_id(each.rule, CONSEQUENCE, short)))
    return [*texts, *_done_lines(words, due, call_number, short)]


def _fits(pages: Sequence[str]) -> bool:
    whole = measure("\n".join(pages))  # the line end between two full pages would begin one segment more
    return len(pages) <= PAGES_MOST and whole.segments <= PAGES_MOST * whole.segments_a_page


def _hello(words: Language, call_number: str | None) -> str:
    if call_number is not None:
        return words.line("sms-first-reminder-call", number=call_number)
    return words.line("sms-first-reminder")


def _status(words: Language, due: Due, on: date, short: bool) -> str:
    term = due.term
    key: str = phase(term, on)
    if key == Phase.EARLY and term.tells_two_days:
        key = TWO_DAYS
    left = words.counted("sms-days-left", max(0, days_left(term, on)))
    return words.line(_line_id(due.rule, key, short), left=left, date=term.last_day, go_by=term.go_by)


def _done_lines(words: Language, due: Sequence[Due], call_number: str | None, short: bool) -> list[str]:
    answers = [words.line(_line_id(each.rule, DONE, short)) for each in due if DONE in each.rule.lines]
    if not answers:
        return []
    if call_number is not None:
        return [words.line("sms-reminder-done-call", number=call_number)]
    return [words.line("sms-reminder-done", answers=", ".join(answers))]


def _line_id(rule: ReminderRule, key: str, short: bool) -> str:
    return rule.lines.get(key + SHORT, rule.lines[key]) if short else rule.lines[key]
