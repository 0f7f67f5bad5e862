"""What reminders, STATUS and the answers to dates say of a rule. Pure.

House rules of content/deadlines.yaml: never "you are safe", no verdict on who may be late, the ban of step 7
never said of the job of step 6.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import Enum
from functools import cache

from hotline.guide.language import Language
from hotline.guide.model import ReminderRule
from hotline.reminders.days import Today
from hotline.reminders.deadlines import Phase, Term, phase
from hotline.reminders.two_dates import may_be_late, most_left, phase_told
from hotline.sms.reply import joined
from hotline.sms.segments import measure

TWO_DAYS = "two_days"  # key of ReminderRule.lines: early, with the last day and the day to go by
UNSURE = "unsure"  # ... late for sure on one of two dates alone; without it as between
REMIND = "remind"  # ... of a rule without a term
ANSWER = "answer"  # ... in the answer that stores its date; without it as on that day
DO = "do"  # ... what else to know while there is time; left out where several rules share one text
CONSEQUENCE = "consequence"  # ... what the guide says happens otherwise; only where it says something
DONE = "done"  # ... its name in DONE; a rule without it ends with the others of its step
SHORT = "_short"  # ends the key of a line that is used where several rules share one text
BY_CALL = "_call"  # ends the key of a line that is used where the sender is one-way
PAGES_MOST = 2  # of one reminder: rules of the service, Reminders


Sentences = Callable[[int, "Size"], list[str]]  # of the rule at a place, in a size


class Size(Enum):
    """How much a text says of a rule."""

    FULL = "full"
    SHORT = "short"  # the term and what follows otherwise
    BARE = "bare"  # the term alone
    FEW = "few"  # its name and days


@dataclass(frozen=True)
class Due:
    """A rule to be said, with its term, if it has one. `who`: of whom, where there are several people."""

    rule: ReminderRule
    term: Term | None
    who: tuple[int, ...] = ()


@dataclass(frozen=True)
class Told:
    """A reminder in words, and how many of all that are due it says: the most urgent that two pages hold."""

    body: str
    said: int


def status_text(words: Language, rule: ReminderRule, term: Term, today: Today, short: bool = False) -> str:
    """Where today stands in the term of `rule`, in a sentence or two that fit one SMS page.

    `rule` has a term of its own (deadlines.rules_with_term); a closing one has words only for after it.
    `short`: in fewer words, where several rules share a page.
    Lines may use {left} ("3 days left"), {date} (the last day), {go_by} and {what} (the rule's name).
    """
    return _said(words, Due(rule, term), today, short)


def answer_text(words: Language, rule: ReminderRule, term: Term | None, today: Today) -> str:
    """What the answer that stores its date says of a rule at once."""
    if ANSWER in rule.lines:
        return words.line(rule.lines[ANSWER])
    return _said(words, Due(rule, term), today, short=True)


def rule_name(words: Language, rule: ReminderRule) -> str:
    """What DONE names the rule: "registration"; "" for one that only ends with others of its step."""
    return words.line(rule.lines[DONE]) if DONE in rule.lines else ""


def few_words(words: Language, rules: Sequence[ReminderRule], term: Term, today: Today) -> str:
    """The names of rules with one term, and its days: "Registration, job: 21 December, 5 days left"."""
    what = ", ".join([rule_title(words, rules[0]), *(rule_name(words, rule) for rule in rules[1:])])
    left = _left(words, term, today)
    last_day, go_by = words.day(term.last_day), words.day(term.go_by)
    if term.tells_two_days:
        return words.line("sms-status-term-two", what=what, date=last_day, left=left, go_by=go_by)
    return words.line("sms-status-term", what=what, date=last_day, left=left)


def is_pressing(term: Term, today: Today) -> bool:
    """Whether the day wants more than few words: go today, or nobody knows whether it is too late."""
    return phase(term, today.latest) is not Phase.EARLY


def reminder_text(
    words: Language, due: Sequence[Due], on: date, call_number: str | None = None, first: bool = False
) -> Told:
    """ONE text for what is due to a person, the most urgent first: at most two pages, in one message.

    Each rule is a sentence of its own with its own number and date; none is ever cut. `call_number` is set
    where the sender is one-way: then nobody is told to answer, but to call. `first`: it begins with who
    writes and how to stop; while it is early, what happens otherwise makes room for that.
    """
    today = Today.everywhere(on)
    early = all(each.term is None or not is_pressing(each.term, today) for each in due)
    greeted = [(True, sizes) for sizes in _greeted(len(due), early)] if first else []
    sentences = cache(lambda place, size: _sentences(words, due[place], today, call_number, size))
    pages: tuple[str, ...] = ()
    for hello, sizes in (*greeted, *((False, sizes) for sizes in _wordings(len(due)))):
        before = (greeting(words, call_number),) if hello else ()
        pages = joined(*before, *_texts(words, due, sentences, call_number, sizes))
        if fit(pages):
            break
    return Told("\n".join(pages), len(sizes))


def _greeted(count: int, early: bool) -> Iterator[list[Size]]:
    """How much is said of each behind the greeting: it never takes the room of what presses."""
    yield [Size.FULL] * count
    yield [Size.SHORT] * count
    for few in range(count if early else 0):
        yield [Size.BARE] * (count - few) + [Size.FEW] * few


def greeting(words: Language, call_number: str | None) -> str:
    """Who writes, and how to stop."""
    if call_number is not None:
        return words.line("sms-first-reminder-call", number=call_number)
    return words.line("sms-first-reminder")


def _wordings(count: int) -> Iterator[list[Size]]:
    """How much is said of each: all in full, in short, the last ones in few words; then fewer of them."""
    yield [Size.FULL] * count
    for few in range(count):
        yield [Size.SHORT] * (count - few) + [Size.FEW] * few
    for said in range(count - 1, 0, -1):
        yield [Size.SHORT] + [Size.FEW] * (said - 1)
    yield [Size.FEW]  # many people's numbers before a long sentence


def fit(pages: Sequence[str]) -> bool:
    """Whether a reminder may have these pages."""
    whole = measure("\n".join(pages))  # the line end between two full pages would begin one segment more
    few = len(pages) <= PAGES_MOST and all(measure(page).fits_page for page in pages)
    return few and whole.segments <= PAGES_MOST * whole.segments_a_page


def _texts(
    words: Language, due: Sequence[Due], sentences: Sentences, call_number: str | None, sizes: Sequence[Size]
) -> list[str]:
    texts = [text for place, size in enumerate(sizes) for text in sentences(place, size)]
    short = Size.FULL not in sizes
    return [*dict.fromkeys(texts), *_done_lines(words, due[: len(sizes)], call_number, short)]


def _sentences(words: Language, due: Due, today: Today, call_number: str | None, size: Size) -> list[str]:
    """What is said of one rule."""
    if size is Size.FEW and due.term is not None and not is_pressing(due.term, today):
        return [_named(words, due, few_words(words, [due.rule], due.term, today))]
    short = size is not Size.FULL
    extra = {Size.FULL: (DO, CONSEQUENCE), Size.SHORT: (CONSEQUENCE,)}.get(size, ())
    more = [words.line(_line_id(due.rule, key, short)) for key in extra if key in due.rule.lines]
    return [_named(words, due, _said(words, due, today, short, call_number)), *more]


def _named(words: Language, due: Due, text: str) -> str:
    if not due.who:
        return text
    return words.line("sms-who", who=", ".join(map(str, due.who)), text=text)


def _said(words: Language, due: Due, today: Today, short: bool, call_number: str | None = None) -> str:
    term = due.term
    if term is None:
        key = REMIND + BY_CALL if call_number and REMIND + BY_CALL in due.rule.lines else REMIND
        return words.line(_line_id(due.rule, key, short), number=call_number or "")
    return words.line(
        _line_id(due.rule, _key(due.rule, term, today), short),
        left=_left(words, term, today),
        date=term.last_day,
        go_by=term.go_by,
        what=rule_title(words, due.rule),
    )


def _key(rule: ReminderRule, term: Term, today: Today) -> str:
    """The key of the rule's line for the day."""
    if UNSURE in rule.lines and may_be_late(term, today):
        return UNSURE
    told = phase_told(term, today)
    return TWO_DAYS if told == Phase.EARLY and term.tells_two_days else told


def _left(words: Language, term: Term, today: Today) -> str:
    """The days left; while Russia has two dates, about how many: by the clock that is true on both."""
    most = most_left(term, today)
    if today.agreed:
        return words.counted("sms-days-left", most)
    return words.counted("sms-days-left-about", most)


def rule_title(words: Language, rule: ReminderRule) -> str:
    """The rule's name as it begins a sentence."""
    name = rule_name(words, rule)
    return name[:1].upper() + name[1:]


def _done_lines(words: Language, due: Sequence[Due], call_number: str | None, short: bool) -> list[str]:
    named = [each.rule for each in due if DONE in each.rule.lines]
    ordered = dict.fromkeys((int(rule.step), rule_name(words, rule)) for rule in named)
    if not ordered:
        return []
    if call_number is not None:
        return [words.line("sms-reminder-done-call", number=call_number)]
    answers = [words.line("sms-done-answer", step=step, name=name) for step, name in ordered]
    if short:
        answers[1:] = [f"{step} ({name})" for step, name in list(ordered)[1:]]
    return [words.line("sms-reminder-done", answers=", ".join(answers))]


def _line_id(rule: ReminderRule, key: str, short: bool) -> str:
    return rule.lines.get(key + SHORT, rule.lines[key]) if short else rule.lines[key]
