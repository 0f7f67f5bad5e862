"""The dates by SMS: ENTRY, STATUS, DONE and what undoes it. Pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from hotline.guide.model import ReminderRule
from hotline.people.model import (
    Ask,
    Asked,
    CloseQuestion,
    Effect,
    MarkDone,
    OptIn,
    Question,
    SaveDate,
    UndoDone,
)
from hotline.reminders.deadlines import done_after, rules_with_term, term_of
from hotline.reminders.wording import status_text
from hotline.sms.reply import Asking, Reply, joined
from hotline.sms.typed_dates import DateProblem

ENTRY = "entry"
REGISTRATION_STEP = 7
CLEAR_WITHIN_DAYS = 30  # rules of the service, Dates: an older date is confirmed first


def entry_reply(asking: Asking) -> Reply:
    """Stores a day of entry, or asks, or says why it cannot be stored."""
    reading = asking.command.date
    if reading is None or asking.command.steps:
        return _only_entry(asking)
    if reading.problem is not None or reading.day is None:
        return _refused(asking, reading.problem)
    day, stored = reading.day, asking.person.dates.get(ENTRY)
    if day == stored:
        return Reply(joined(asking.line("sms-entry-same"), *_terms(asking, day)), (CloseQuestion(),))
    recent = (asking.today.latest - day).days <= CLEAR_WITHIN_DAYS
    if stored is None and reading.clear and recent:
        return saved_reply(asking, day)
    return _asked(asking, day, stored)


def saved_reply(asking: Asking, day: date) -> Reply:
    """The date is stored: said back, with both days of each rule, and the advice for a new SIM."""
    person = asking.person
    done = done_after(asking.guide.rules, person.done, person.dates, ENTRY, day)
    asking = replace(asking, person=replace(person, done=done))
    first, last = asking.line("sms-entry-saved", date=day), asking.line("sms-entry-new-sim")
    wordings = (
        joined(first, *_opted_out(asking), *_terms(asking, day, short), last) for short in (False, True)
    )
    return Reply(min(wordings, key=len), (SaveDate(ENTRY, day), CloseQuestion()))


def other_date_reply(asking: Asking) -> Reply:
    """DEPART, UNTIL and other people's dates: not stored yet, and it says so."""
    return _only_entry(asking)


def registered_reply(asking: Asking) -> Reply:
    """ "I have registered": the same as DONE 7; its date is not stored yet."""
    return done_reply(replace(asking, command=replace(asking.command, steps=(REGISTRATION_STEP,))))


def status_reply(asking: Asking) -> Reply:
    """What is stored and the days left."""
    day = asking.person.dates.get(ENTRY)
    off = _opted_out(asking)
    if day is None:
        return Reply(joined(asking.line("sms-status-none", example=asking.example), *off))
    return Reply(joined(asking.line("sms-status-entry", date=day), *off, *_terms(asking, day)))


def done_reply(asking: Asking) -> Reply:
    """Switches the reminders of one step off, or asks which; the answer says how to undo it."""
    if ENTRY not in asking.person.dates:  # no date, so nothing to remind of and nothing to switch off
        return status_reply(asking)
    steps = _steps_meant(asking)
    if len(steps) != 1:
        return Reply((asking.line("sms-done-which", choices=_choices(asking)),))
    rules = _rules_of(asking, steps[0])
    if not rules:
        return Reply((asking.line("sms-done-no-rule", choices=_choices(asking)),))
    others = [
        asking.line("sms-done-others", step=step)
        for step in _remindable(asking)
        if step != steps[0] and not asking.person.opted_out and not _is_done(asking, step)
    ]
    effects: tuple[Effect, ...] = tuple(MarkDone(rule.id) for rule in rules)
    return Reply(joined(asking.line("sms-done", step=steps[0]), *others), effects)


def start_reply(asking: Asking) -> Reply:
    """START: reminders again, all of them or those of one step."""
    if asking.command.steps:
        return _undone(asking, asking.command.steps[0])
    if ENTRY in asking.person.dates:
        return Reply((asking.line("sms-start"),), (OptIn(),))
    return Reply((asking.line("sms-start-no-entry", example=asking.example),), (OptIn(),))


def _undone(asking: Asking, step: int) -> Reply:
    rules = _rules_of(asking, step)
    if not rules:
        return Reply((asking.line("sms-done-no-rule", choices=_choices(asking)),))
    effects: tuple[Effect, ...] = tuple(UndoDone(rule.id) for rule in rules)
    return Reply(tuple(_opted_out(asking)) or (asking.line("sms-undone", step=step),), effects)


def _asked(asking: Asking, day: date, stored: date | None) -> Reply:
    effects = (Ask(Question(Asked.SAVE_DATE, day)),)
    if stored is None:
        return Reply((asking.line("sms-entry-ask", date=day, year=day.year),), effects)
    return Reply((asking.line("sms-entry-change-ask", old=stored, date=day, year=day.year),), effects)


def _refused(asking: Asking, problem: DateProblem | None) -> Reply:
    match problem:
        case DateProblem.IMPOSSIBLE:
            text = asking.line("sms-entry-impossible", example=asking.example)
        case DateProblem.UNSURE:
            text = asking.line("sms-entry-unsure", example=asking.example)
        case DateProblem.FUTURE:
            text = asking.line("sms-entry-future")
        case DateProblem.TOO_OLD:
            text = asking.line("sms-entry-too-old", example=asking.example)
        case _:
            text = asking.line("sms-entry-how", example=asking.example)
    return Reply((text,))


def _only_entry(asking: Asking) -> Reply:
    return Reply((asking.line("sms-not-stored-date", example=asking.example),))


def _terms(asking: Asking, day: date, short: bool = False) -> list[str]:
    """One sentence a rule: the days left and both days, or that it is done."""
    rules = rules_with_term(asking.guide.rules)
    return [_term(asking, rule, day, short) for rule in rules if rule.anchor == ENTRY]


def _term(asking: Asking, rule: ReminderRule, day: date, short: bool) -> str:
    if rule.id in asking.person.done:
        return asking.line("sms-status-done", step=int(rule.step))
    return status_text(asking.words, rule, term_of(rule, day), asking.today.here, short)


def _opted_out(asking: Asking) -> list[str]:
    return [asking.line("sms-status-opted-out")] if asking.person.opted_out else []


def _steps_meant(asking: Asking) -> tuple[int, ...]:
    """The step of DONE 7; of a bare DONE that of the last text, if it named one rule alone."""
    if asking.command.steps:
        return asking.command.steps
    return tuple({int(asking.guide.rules[rule].step) for rule in asking.person.last_rules})


def _rules_of(asking: Asking, step: int) -> list[ReminderRule]:
    return [rule for rule in rules_with_term(asking.guide.rules) if int(rule.step) == step]


def _remindable(asking: Asking) -> list[int]:
    """Steps that have reminders, each once, in the order of the rules."""
    return list(dict.fromkeys(int(rule.step) for rule in rules_with_term(asking.guide.rules)))


def _is_done(asking: Asking, step: int) -> bool:
    return all(rule.id in asking.person.done for rule in _rules_of(asking, step))


def _choices(asking: Asking) -> str:
    """ "DONE 7 or DONE 6", in the words of the language."""
    choices = [asking.line("sms-done-choice", step=step) for step in _remindable(asking)]
    either = asking.line("sms-or")
    return f" {either} ".join(choices)
