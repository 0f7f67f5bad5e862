"""What the answer to a date says of the rules that count from it, and STATUS of all that is stored. Pure."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

from hotline.guide.model import ReminderRule
from hotline.people.members import SELF, Member
from hotline.reminders.days import Today
from hotline.reminders.deadlines import (
    DAY,
    DEPARTURE,
    ENTRY,
    Counted,
    Phase,
    Term,
    counted,
    else_start,
    has_departed,
    is_closing,
    is_done,
    of_this_stay,
    rules_with_term,
    was_done,
)
from hotline.reminders.plan import standing
from hotline.reminders.two_dates import phase_told
from hotline.reminders.wording import answer_text, few_words, is_pressing, rule_title, status_text
from hotline.sms.reply import Asking, joined
from hotline.sms.segments import measure

NAME, SHORT, WORD = "name", "short", "word"  # keys of DateKind.lines
LONG_AGO = 7 * DAY  # ours: a term that ended earlier gives way to those that still run
DATES_TOGETHER = 2  # in one sentence: more may be longer than a page
STATUS_PAGES = 2  # rules of the service
AFTER_TERM = {Phase.BETWEEN: "sms-term-between", Phase.LATE: "sms-term-late"}  # of any rule, in fewest words


@dataclass(frozen=True)
class Running:
    """A rule with a term that runs for one of the people, in STATUS."""

    number: int
    rule: ReminderRule
    term: Term


def date_name(asking: Asking, anchor: str) -> str:
    """ "Day of entry", as it stands before the date."""
    return asking.words.line(asking.guide.dates[anchor].lines[NAME])


def date_word(asking: Asking, anchor: str) -> str:
    """ "UNTIL 7": what is typed before the date."""
    return asking.words.line(asking.guide.dates[anchor].lines[WORD])


def of_whom(asking: Asking, number: int, text: str) -> str:
    """The text, with the person's number where it is not the owner of the telephone."""
    if number == SELF:
        return text
    return asking.line("sms-who", who=number + 1, text=text)


def told_after(asking: Asking, member: Member, anchor: str, short: bool) -> list[str]:
    """A sentence of each rule that counts from the date just stored; `member` has it already."""
    rules = [rule for rule in asking.guide.rules.values() if not is_closing(rule)]
    texts = [text for rule in rules for text in _told(asking, rule, member, anchor, short)]
    if anchor == DEPARTURE and has_departed(member.dates):
        texts.append(asking.line("sms-depart-entered", entry=asking.words.day(member.dates[ENTRY])))
    return texts


def told_next(asking: Asking, member: Member, ended: Collection[str]) -> list[str]:
    """A sentence of each rule that follows one of those just ended; `member` has done them already."""
    running = standing(asking.guide.rules, member.dates, member.done)
    begun = [(rule, start) for rule, start in running if rule.after in ended]
    return [text for rule, start in begun for text in _said(asking, rule, start, short=True)]


def opted_out(asking: Asking) -> list[str]:
    """That no reminders come, where they were stopped; it stands before the terms."""
    return [asking.line("sms-status-opted-out")] if asking.person.opted_out else []


def told_now(asking: Asking, lines: Sequence[str], said_at_utc: datetime) -> tuple[str, ...]:
    """Lines that were worded then: each sentence about a term as it is worded now, in its language.

    Other lines stay. Which day it is in the hotline's zone is no matter to the words of a term.
    """
    then = Today.at(said_at_utc, UTC)
    now: dict[str, str] = {}
    for words in asking.guide.languages.values():
        told = replace(asking, words=words)
        for each in _running(told):
            now |= zip(_wordings_of(replace(told, today=then), each), _wordings_of(told, each), strict=True)
    return tuple(now.get(line, line) for line in lines)


def _wordings_of(asking: Asking, running: Running) -> Iterator[str]:
    """All that is said of where the day stands in a term, with and without whose it is."""
    for short in (False, True):
        yield status_text(asking.words, running.rule, running.term, asking.today, short)
        yield _sentence(asking, running, short)


def status_texts(asking: Asking) -> tuple[str, ...]:
    """All stored dates and the days left: the longest wording that fits two pages, else the shortest.

    Of that, what ends last and then the dates themselves come at the end.
    """
    for rules in _wordings(asking):
        for short in (False, True):
            heads, off = _heads(asking, short), opted_out(asking)
            for texts in ((*heads, *off, *rules), (*off, *rules, *heads)):
                pages = joined(*texts, *_done(asking))
                if len(pages) <= STATUS_PAGES and all(measure(page).fits_page for page in pages):
                    return pages
    return pages


def _wordings(asking: Asking) -> Iterator[list[str]]:
    """What runs, the most urgent first: all in full, all in fewer words, more and more in very few."""
    running = sorted(_running(asking), key=lambda each: _urgency(asking, each))
    yield [_sentence(asking, each, short=False) for each in running]
    for kept in range(len(running), -1, -1):
        full = [_sentence(asking, each, short=True) for each in running[:kept]]
        yield [*full, *_in_few_words(asking, running[kept:])]


def _urgency(asking: Asking, running: Running) -> tuple[bool, date]:
    """By the last day; what ended long ago comes last."""
    last_day = running.term.last_day
    return last_day < asking.today.here - LONG_AGO, last_day


def _sentence(asking: Asking, running: Running, short: bool) -> str:
    rule, term, today = running.rule, running.term, asking.today
    text = of_whom(asking, running.number, status_text(asking.words, rule, term, today, short))
    told = phase_told(term, today)
    if measure(text).fits_page or told not in AFTER_TERM:
        return text
    what = rule_title(asking.words, rule)
    return of_whom(asking, running.number, asking.line(AFTER_TERM[told], what=what, date=term.last_day))


def _in_few_words(asking: Asking, running: Sequence[Running]) -> list[str]:
    """The names of a person's rules that end on one day together, with the days; of what may be late more."""
    groups: dict[tuple[int, Term], list[Running]] = {}
    for each in running:
        groups.setdefault((each.number, each.term), []).append(each)
    return [text for (_, term), group in groups.items() for text in _group(asking, term, group)]


def _group(asking: Asking, term: Term, group: Sequence[Running]) -> list[str]:
    if is_pressing(term, asking.today):
        return [_sentence(asking, each, short=True) for each in group]
    text = few_words(asking.words, [each.rule for each in group], term, asking.today)
    return [of_whom(asking, group[0].number, text)]


def _told(asking: Asking, rule: ReminderRule, member: Member, anchor: str, short: bool) -> Iterator[str]:
    start = counted(rule, member.dates, member.done)
    other = else_start(rule, member.dates)
    if start is None or start.anchor != anchor or (other is not None and other.quiet):
        return
    if was_done(asking.guide.rules, rule, member.dates, member.done):
        if start.term is not None:
            yield asking.line("sms-status-done", step=int(rule.step))
    elif not is_done(asking.guide.rules, rule, member.dates, member.done):
        yield from _said(asking, rule, start, short)


def _said(asking: Asking, rule: ReminderRule, start: Counted, short: bool) -> Iterator[str]:
    today = asking.today
    if start.term is not None:
        yield status_text(asking.words, rule, start.term, today, short)
    elif rule.says_at_once((today.here - start.day).days):
        yield answer_text(asking.words, rule, None, today)


def _heads(asking: Asking, short: bool) -> list[str]:
    """The stored dates, each person's together; without the weekday where there are several."""
    members = asking.person.members
    alone = len(members) == 1 and len(members[min(members)].dates) == 1
    show: Callable[[date], str] = asking.words.date if alone else asking.words.day
    return [
        of_whom(asking, number, text)
        for number, member in members.items()
        for text in _sentences(asking, member, show, short)
    ]


def _sentences(asking: Asking, member: Member, show: Callable[[date], str], short: bool) -> Iterator[str]:
    """A stored date each, or two; what is past is no news."""
    past = _past(asking, member)
    kinds = [kind for kind in asking.guide.dates.values() if kind.anchor in member.dates.keys() - past]
    shown = [(kind.lines[SHORT if short else NAME], show(member.dates[kind.anchor])) for kind in kinds]
    for first in range(0, len(shown), DATES_TOGETHER):
        together = shown[first : first + DATES_TOGETHER]
        if short:
            yield ", ".join(f"{asking.words.line(name)} {day}" for name, day in together) + "."
        else:
            said = (
                asking.line("sms-status-date", what=asking.words.line(name), date=day)
                for name, day in together
            )
            yield " ".join(said)


def _past(asking: Asking, member: Member) -> set[str]:
    """A departure that is past, the dates of the stay before this, an end with which no term is ending."""
    running = standing(asking.guide.rules, member.dates, member.done)
    counted_from = {start.anchor for _, start in running if start.term is not None} - {DEPARTURE}
    ends = {DEPARTURE, *(kind.anchor for kind in asking.guide.dates.values() if kind.until)} - counted_from
    over = {anchor for anchor in ends if member.dates.get(anchor, date.max) < asking.today.earliest}
    return over | (member.dates.keys() - of_this_stay(member.dates).keys())


def _running(asking: Asking) -> Iterator[Running]:
    """Every rule with a term that counts for somebody on the telephone and is not done."""
    for number, member in asking.person.members.items():
        for rule, start in standing(asking.guide.rules, member.dates, member.done):
            if start.term is not None and not is_closing(rule) and not _is_over(asking, rule, start):
                yield Running(number, rule, start.term)


def _done(asking: Asking) -> list[str]:
    """The steps that were said to be done, of each person."""
    texts, rules = [], asking.guide.rules
    with_term = rules_with_term(rules)
    for number, member in asking.person.members.items():
        done = [rule for rule in with_term if was_done(rules, rule, member.dates, member.done)]
        steps = sorted({int(rule.step) for rule in done})
        if len(steps) == 1:
            texts.append(of_whom(asking, number, asking.line("sms-status-done", step=steps[0])))
        elif steps:
            shown = ", ".join(map(str, steps))
            texts.append(of_whom(asking, number, asking.line("sms-status-done-steps", steps=shown)))
    return texts


def _is_over(asking: Asking, rule: ReminderRule, start: Counted) -> bool:
    """Whether nothing is to be done about the term any more: the journey that it prepares has begun."""
    return rule.anchor == DEPARTURE and start.day < asking.today.earliest
