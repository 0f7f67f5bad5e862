"""All that can be answered: each way a text is understood, each kind of person, the longest dates. Pure.

For counting what the hotline sends (hotline.sms.budget), not for answering anybody.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from functools import cache

from hotline.guide.language import Language, Script
from hotline.guide.model import EMERGENCY, Guide
from hotline.people.members import Member
from hotline.people.model import Person, Reading, Refusal
from hotline.people.questions import Asked, Question
from hotline.reminders.days import Today
from hotline.reminders.deadlines import (
    DAY,
    DEPARTURE,
    ENTRY,
    REGISTERED,
    Phase,
    phase,
    rules_with_term,
    term_of,
)
from hotline.reminders.plan import FAMILY
from hotline.reminders.wording import status_text
from hotline.sms.scripts import CHOICES
from hotline.sms.understanding.command import Clarify, Command, CommandName
from hotline.sms.understanding.keywords import read
from hotline.sms.understanding.typed_dates import DateProblem, DateReading
from hotline.sms.understanding.vocabulary import build_vocabulary, is_command_key

DAYS, LONGEST_TERM = 7 * 366, 45  # each date falls on every weekday; a term, and what is said after it
BARE = ("KADAM", "STEP 7 10", "7 10", "5 3", "13", "STEP112", "11 2", "112", "1899", "qwertz")
BEHIND = ("", " 3", " 7", " 13", " 7?")  # a phrase: no step, one without reminders, one with, none, in doubt
DATED = ("UNTIL 6", "UNTIL 7", "UNTIL 8", "UNTIL 11", "ENTRY 11", "DONE 6", "DONE 7")  # a date comes behind
NUMBERS = tuple(str(number) for number in range(1, 13))
OF_DATES = {
    CommandName.ENTRY,
    CommandName.DEPART,
    CommandName.REGISTERED,
    CommandName.UNTIL,
    CommandName.STATUS,
    CommandName.DONE,
    CommandName.YES,
    CommandName.NO,
}
REFUSING = (CommandName.ENTRY, CommandName.DEPART, CommandName.REGISTERED)
OF_SEVERAL = {CommandName.ENTRY, CommandName.STATUS, CommandName.DONE, CommandName.UNTIL}


@dataclass(frozen=True)
class Situation:
    """Who wrote what on which day; `who` and `command.name` say it in words."""

    who: str
    person: Person
    command: Command
    today: Today
    refused: Refusal | None = None


def situations(
    guide: Guide, commands: Sequence[Command], language: str, script: Script, on: date
) -> Iterator[Situation]:
    """Every situation of who is answered in `language` and reads `script`, in the years from `on`."""
    words = guide.in_script(script).words(language)
    pairs = list(longest_days(guide, words, on))
    for command in commands:
        if CHOICES.get(command.name, script) is not script:  # the answer comes in the other letters
            continue
        unread = command.date is not None and command.date.problem is not None
        for day, today in pairs if command.name in OF_DATES and not unread else [(on, on)]:
            yield from _asked(guide, command, (language, script), day, today)


def longest_days(guide: Guide, words: Language, on: date) -> Iterator[tuple[date, date]]:
    """Days of entry whose dates are the longest in `words`, each with a day of every phase of its terms."""
    rules = [rule for rule in rules_with_term(guide.rules) if rule.anchor == ENTRY]
    length = cache(lambda day: len(words.date(day)))

    def size(day: date) -> int:
        terms = [term_of(rule, day) for rule in rules]
        return length(day) + sum(length(term.last_day) + length(term.go_by) for term in terms)

    days = [on + number * DAY for number in range(DAYS)]
    for two_days in (False, True):
        entry = max((d for d in days if term_of(rules[0], d).tells_two_days is two_days), key=size)
        longest: dict[tuple[Phase, ...], tuple[int, date]] = {}
        for today in (entry + number * DAY for number in range(LONGEST_TERM)):
            terms = [(rule, term_of(rule, entry)) for rule in rules]
            said = sum(len(status_text(words, rule, term, Today.everywhere(today))) for rule, term in terms)
            phases = tuple(phase(term, today) for _, term in terms)
            longest[phases] = max(longest.get(phases, (0, today)), (said, today))
        yield from ((entry, today) for _, today in longest.values())


def understood(guide: Guide, on: date) -> list[Command]:
    """Every different way in which a text is understood: each phrase alone, with a step and with a date."""
    vocabulary, today, dated = build_vocabulary(guide.languages), Today.everywhere(on), f"{on - DAY:%d.%m.%Y}"
    phrases = [phrase for words in guide.languages.values() for phrase in _unlike_phrases(words)]
    with_more = (f"{phrase}{rest}" for phrase in phrases for rest in (*BEHIND, f" {dated}"))
    typed = (*with_more, *(f"{word} {dated}" for word in DATED), *BARE, *NUMBERS, dated)
    commands = {replace(read(text, vocabulary, today), language=None): None for text in typed}
    problems = [DateReading(on, False, problem) for problem in DateProblem]
    refused = (Command(name, date=problem) for name in REFUSING for problem in problems)
    until = (Command(CommandName.UNTIL, steps=(7,), date=problem) for problem in problems)
    family = (Command(CommandName.ENTRY, steps=(11,), date=problem) for problem in problems)
    wordless = (Command(CommandName.CLARIFY, clarify=each) for each in (Clarify.EMPTY, Clarify.PICTURE))
    return [*commands, *refused, *until, *family, *wordless]


def _unlike_phrases(words: Language) -> list[str]:
    """One phrase for each set of keys that a phrase stands under: those of the same keys mean the same."""
    keys_of: dict[str, tuple[str, ...]] = {}
    for key, phrases in words.keywords.items():
        if is_command_key(key):
            keys_of |= {phrase: (*keys_of.get(phrase, ()), key) for phrase in phrases}
    return list({keys: phrase for phrase, keys in keys_of.items()}.values())


def _asked(
    guide: Guide, command: Command, reader: tuple[str, Script], day: date, on: date
) -> Iterator[Situation]:
    """The command from every kind of person whose day of entry is, or becomes, `day`."""
    today = Today.everywhere(on)
    if command.date is not None and command.date.problem is None:
        command = replace(command, date=DateReading(day, command.date.clear, None))
    if reader[0] == next(iter(guide.languages)):  # else somebody new has named a language
        yield Situation("first contact without a language", Person(script=reader[1]), command, today)
    if command.name is CommandName.LANGUAGE:
        yield Situation("no language named", Person(reader[0], script=reader[1]), command, today)
    command = replace(command, language=reader[0])
    for who, person in _people(guide, command, *reader, day):
        yield Situation(who, person, command, today)
        if command.name is CommandName.CALL:
            yield from (Situation(f"{who}, {reason}", person, command, today, reason) for reason in Refusal)


def _people(
    guide: Guide, command: Command, language: str, script: Script, day: date
) -> Iterator[tuple[str, Person]]:
    rules = tuple(rule.id for rule in rules_with_term(guide.rules))
    known = Person(language, script=script, welcomed=True)
    dated = replace(known, dates={ENTRY: day})
    yield "first contact", Person(script=script)
    yield "not welcomed yet", replace(dated, welcomed=False)
    if script is Script.CYRILLIC:
        yield "in Latin letters", Person(language, welcomed=True)
    yield "no date", known
    yield "date stored", dated
    yield "reminders off", replace(dated, opted_out=True)
    if command.name is CommandName.START:
        yield "blocked by the carrier", replace(dated, opted_out=True, blocked=True)
    yield "all done", replace(dated, done=frozenset(rules))
    yield from _with_dates(guide, command, known, day)
    if command.name in {CommandName.YES, CommandName.NO}:
        for anchor in guide.dates:
            yield f"asked for the {anchor}", replace(known, question=Question(Asked.SAVE_DATE, day, anchor))
        leaves = Question(Asked.SAVE_DATE, day, DEPARTURE)
        yield "asked for the departure, entered before", replace(dated, question=leaves)
        yield "asked whether to erase", replace(dated, question=Question(Asked.DELETE))
        yield "asked whether to stop", replace(dated, question=Question(Asked.OPT_OUT))
    if command.name is CommandName.DONE:
        yield from ((f"reminded of {rule}", _reminded(dated, rule, day)) for rule in rules)
    if command.name in CHOICES:
        yield "reading", replace(known, reading=Reading("07", 1))
    if command.name is CommandName.MORE:
        yield from _readers(guide.in_script(script), known)


def _reminded(person: Person, rule: str, day: date) -> Person:
    """Just now, so that DONE can be the answer to it."""
    now_utc = datetime.combine(day, time(), UTC)
    return replace(person, last_rules=(rule,), last_rules_at_utc=now_utc, as_of_utc=now_utc)


def _with_dates(guide: Guide, command: Command, known: Person, day: date) -> Iterator[tuple[str, Person]]:
    """With more than a day of entry, or with more than one person on the telephone."""
    several = _several(known, day)
    if command.date is not None:
        earlier = dict.fromkeys(guide.dates, day - 7 * DAY)
        yield "another date stored", replace(known, dates=earlier)
        yield "entered later", replace(known, dates={ENTRY: day + DAY})
    registered = replace(known, dates={ENTRY: day, REGISTERED: day}, done=frozenset({"d05"}))
    if command.name is CommandName.START:
        now_utc = datetime.combine(day, time(), UTC)
        yield "started again just now", replace(registered, said_at_utc={"d10": now_utc}, as_of_utc=now_utc)
    if command.name in OF_SEVERAL:
        yield "every date stored", replace(known, dates=dict.fromkeys(guide.dates, day))
        yield "registration done", replace(known, dates={ENTRY: day}, done=frozenset({"d05"}))
        yield "end of registration asked for", registered
        yield "several people", several
    if command.name is CommandName.REGISTERED:
        yield "registered, as another may be", replace(registered, others=several.others)
    if command.name is CommandName.YES or command.bare_number:
        yield "asked who else entered then", replace(several, question=Question(Asked.WHOSE_DATE, day))
        others = _several(known, day - DAY)
        yield "asked whose date it is", replace(others, question=Question(Asked.WHOSE_DATE, day))
        yield "asked who has done it", replace(several, question=Question(Asked.WHO_IS_DONE, step=7))


def _several(known: Person, day: date) -> Person:
    """Two who work and one of their families."""
    others = {1: Member({FAMILY: day}), 2: Member({ENTRY: day})}
    return replace(known, dates={ENTRY: day}, others=others)


def _readers(guide: Guide, known: Person) -> Iterator[tuple[str, Person]]:
    """At every page, and behind the last, of all that MORE goes on in: just now, and two days ago."""
    then_utc = datetime(2026, 11, 22, 12, tzinfo=UTC)
    for key, step in guide.steps.items():
        if key == EMERGENCY:
            continue
        for page in range(len(step.texts[known.language or ""].pages) + 1):
            reader = replace(known, reading=Reading(key, page, then_utc), as_of_utc=then_utc)
            yield f"reading {key}", reader
            yield f"has read {key}", replace(reader, as_of_utc=then_utc + 2 * DAY)
