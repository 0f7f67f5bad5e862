"""The dates by SMS: ENTRY, DEPART, REGISTERED and UNTIL are stored, or asked about, or refused. Pure.

Source: rules of the service, Dates. A date is that of the owner of the telephone, unless several people have
left an entry; then a numbered question is asked.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from hotline.people.members import SELF, Member
from hotline.people.model import Ask, CloseQuestion, Effect, SaveDate
from hotline.people.questions import Asked, Question
from hotline.reminders.deadlines import DEPARTURE, ENTRY, REGISTERED, REGISTRATION_UNTIL
from hotline.reminders.doing import FIRST_STAGE, ended_by, reminded
from hotline.reminders.plan import FAMILY
from hotline.reminders.whose import owners_of
from hotline.sms.doing import REGISTRATION_STEP, done_now, done_of, done_reply, going_on, steps_named
from hotline.sms.reply import Asking, Reply, joined
from hotline.sms.telling import date_name, date_word, of_whom, opted_out, told_after
from hotline.sms.understanding.typed_dates import DateProblem, DateReading
from hotline.sms.whose import Left, after_saving, numbers_of, says_new, who_left, whose_asked

JOB = "job"  # the day on which the contract was made
STEPS_DONE = {REGISTERED: REGISTRATION_STEP, JOB: 6}  # the days on which the step was done
CLEAR_WITHIN_DAYS = 30  # rules of the service, Dates: an older date is confirmed first
CLEAR_AHEAD_DAYS = 2 * 366  # ours: so is one that is to come later


def entry_reply(asking: Asking) -> Reply:
    """The day of entry, or with step 11 that of a family member."""
    return _dated(asking, FAMILY if asking.command.steps else ENTRY)


def depart_reply(asking: Asking) -> Reply:
    """The day on which somebody leaves home."""
    return _dated(asking, DEPARTURE)


def until_reply(asking: Asking) -> Reply:
    """UNTIL 7, 6, 8 or 11: the end of a registration, a contract, a policy, the family's registration."""
    step = asking.command.steps[0] if asking.command.steps else None
    anchor = next((kind.anchor for kind in asking.guide.dates.values() if step and kind.until == step), None)
    return (
        _dated(asking, anchor) if anchor else Reply((asking.line("sms-until-which", example=asking.example),))
    )


def registered_reply(asking: Asking) -> Reply:
    """ "I have registered": the same as DONE 7, and its day is kept."""
    reading = asking.command.date
    if reading is None or reading.problem is DateProblem.MISSING:
        return done_reply(replace(asking, command=replace(asking.command, steps=(REGISTRATION_STEP,))))
    return _dated(asking, REGISTERED)


def done_on_reply(asking: Asking) -> Reply:
    """DONE: with the day it was done on, that day is kept as with REGISTERED."""
    anchor = _kept_with(asking)
    return _dated(asking, anchor) if anchor else done_reply(asking)


def _kept_with(asking: Asking) -> str | None:
    """The date that DONE with a day stores; none where it is said of an extension that reminds by now."""
    steps, rules = steps_named(asking), asking.guide.rules
    if asking.command.date is None or len(steps) != 1 or not asking.person.members:
        return None
    if any(_is_extended(asking, member, steps[0]) for member in asking.person.members.values()):
        return None
    stored = (rule.done_stores for rule in rules.values() if int(rule.step) == steps[0])
    return next(filter(None, stored), None)


def _is_extended(asking: Asking, member: Member, step: int) -> bool:
    """Whether DONE of the step ends what follows its first stage, and a term of it reminds by now."""
    found = reminded(asking.guide.rules, member, step, asking.written.here)
    follows = any(rule.stage > FIRST_STAGE for rule in done_now(asking, member, step))
    return follows and any(rule.last_safe is not None for rule in found)


def saved_reply(asking: Asking, anchor: str, day: date, number: int = SELF) -> Reply:
    """The date is stored: said back, with what follows from it. Not one before the person's entry."""
    left, save = Left(anchor, day), SaveDate(anchor, day, number)
    if (refused := _before_entry(asking, left, number)) is not None:
        return refused
    first = of_whom(asking, number, _said_back(asking, left))
    if anchor in STEPS_DONE:
        return _done_on(asking, first, save)
    after = after_saving(asking, save)
    last = [asking.line("sms-entry-new-sim")] if (anchor, number) == (ENTRY, SELF) else []
    wordings = (
        joined(first, *opted_out(asking), *told_after(asking, after, anchor, short), *last)
        for short in (False, True)
    )
    return Reply(min(wordings, key=len), (save, CloseQuestion()))


def _done_on(asking: Asking, first: str, save: SaveDate) -> Reply:
    """The day is kept, DONE said; where that ends nothing, what follows is told."""
    before = asking.person.member(save.member)
    if not ended_by(asking.guide.rules, before, save.anchor, asking.written.here):
        return Reply(joined(first, *_follows(asking, save)), (save, CloseQuestion()))
    done = done_of(asking, STEPS_DONE[save.anchor], [save.member], [save], registered=True)
    return replace(done, pages=joined(first, *done.pages))


def _follows(asking: Asking, save: SaveDate) -> list[str]:
    """What follows and reminds by now; the end is asked for where it is over, or may be another by now."""
    after = after_saving(asking, save)
    later = reminded(asking.guide.rules, after, STEPS_DONE[save.anchor], asking.today.here)
    is_ending = any(rule.last_safe is not None for rule in later)
    is_known = after.dates.get(REGISTRATION_UNTIL, date.min) >= asking.today.earliest and not is_ending
    asked = [] if is_known or save.anchor != REGISTERED else [asking.line("sms-registered-until")]
    return [*asked, *going_on(asking, later)]


def whose_reply(asking: Asking, number: int) -> Reply | None:
    """The number that answers "whose date is it?"; None where it is no answer."""
    question = asking.person.question
    if question is None or question.day is None:
        return None
    numbers = numbers_of(asking, Left(question.anchor, question.day))
    if number not in numbers:
        return None
    return saved_reply(asking, question.anchor, question.day, numbers[number])


def whose_asked_again(asking: Asking) -> Reply:
    """The numbered question once more: it was answered with OK."""
    question = asking.person.question
    assert question is not None and question.day is not None
    return whose_asked(asking, Left(question.anchor, question.day))


def _dated(asking: Asking, anchor: str) -> Reply:
    reading = asking.command.date
    if reading is None or reading.problem is not None or reading.day is None:
        return _refused(asking, anchor, reading)
    left, owners = Left(anchor, reading.day), owners_of(asking.person.members, anchor)
    same, number = who_left(asking, left), owners[0]
    if len(owners) == 1 and same and says_new(asking, SaveDate(anchor, left.day, same[0])):
        return saved_reply(asking, anchor, left.day, same[0])
    if len(owners) > 1 or same:
        return whose_asked(asking, left)
    if (refused := _before_entry(asking, left, number)) is not None:
        return refused
    if anchor in asking.person.member(number).dates or not _is_clear(asking, reading):
        return _asked(asking, left, number)
    return saved_reply(asking, anchor, left.day, number)


def _is_clear(asking: Asking, reading: DateReading) -> bool:
    """Whether a date may be stored without asking, where none is stored."""
    assert reading.day is not None
    back, ahead = asking.written.latest - reading.day, reading.day - asking.written.earliest
    return reading.clear and back.days <= CLEAR_WITHIN_DAYS and ahead.days <= CLEAR_AHEAD_DAYS


def _before_entry(asking: Asking, left: Left, number: int) -> Reply | None:
    """A day of registration, or of the contract, earlier than the person's entry is not stored; else None."""
    entry = asking.person.member(number).dates.get(ENTRY)
    if left.anchor not in STEPS_DONE or entry is None or left.day >= entry:
        return None
    days = {"date": left.day, "entry": asking.words.day(entry)}
    if left.anchor == REGISTERED:
        text = asking.line("sms-registered-before-entry", **days)
    else:
        text = asking.line("sms-job-before-entry", **days)
    return Reply((of_whom(asking, number, text),))


def _said_back(asking: Asking, left: Left) -> str:
    if left.anchor == ENTRY:
        return asking.line("sms-entry-saved", date=left.day)
    what, word = date_name(asking, left.anchor), date_word(asking, left.anchor)
    return asking.line("sms-date-saved", what=what, date=left.day, word=word)


def _asked(asking: Asking, left: Left, number: int) -> Reply:
    effects: tuple[Effect, ...] = (Ask(Question(Asked.SAVE_DATE, left.day, left.anchor, number)),)
    stored = asking.person.member(number).dates.get(left.anchor)
    said = {"what": date_name(asking, left.anchor), "date": left.day, "year": left.day.year}
    if stored is None:
        return Reply((asking.line("sms-date-ask", **said),), effects)
    return Reply((asking.line("sms-date-change-ask", **said, old=asking.words.day(stored)),), effects)


def _refused(asking: Asking, anchor: str, reading: DateReading | None) -> Reply:
    problem = reading.problem if reading else DateProblem.MISSING
    if problem in (DateProblem.FUTURE, DateProblem.PAST) and reading and reading.day:
        return Reply(_untimely(asking, Left(anchor, reading.day)))
    word, example = date_word(asking, anchor), asking.example
    match problem:
        case DateProblem.IMPOSSIBLE:
            text = asking.line("sms-entry-impossible", word=word, example=example)
        case DateProblem.UNSURE:
            text = asking.line("sms-entry-unsure", word=word, example=example)
        case DateProblem.TOO_OLD:
            text = asking.line("sms-entry-too-old", word=word)
        case _:
            text = asking.line("sms-date-how", what=date_name(asking, anchor), word=word, example=example)
    return Reply((text,))


def _untimely(asking: Asking, left: Left) -> tuple[str, ...]:
    """A day that has not come, or is past: not stored, and what to do instead."""
    typed = f"{left.day:%d.%m.%Y}"
    if left.anchor == FAMILY:  # their journey is not the owner's: DEPART would store it as that
        return (asking.line("sms-family-future", word=date_word(asking, FAMILY)),)
    if left.anchor == ENTRY:
        return (asking.line("sms-entry-future", depart=f"{date_word(asking, DEPARTURE)} {typed}"),)
    if left.anchor == REGISTERED:
        word = date_word(asking, REGISTERED)
        return (asking.line("sms-registered-future", word=word),)
    if left.anchor == DEPARTURE:
        return (asking.line("sms-depart-past", entry=f"{date_word(asking, ENTRY)} {typed}"),)
    return (asking.line("sms-until-past", what=date_name(asking, left.anchor)),)
