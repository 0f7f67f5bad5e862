"""The dates by SMS: ENTRY, DEPART, REGISTERED and UNTIL are stored, or asked about, or refused. Pure.

Source: rules of the service, Dates. A date is that of the owner of the telephone, unless several people have
left an entry; then a numbered question is asked.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from hotline.people.members import SELF, Member
from hotline.people.model import Ask, CloseQuestion, Effect, SaveDate
from hotline.people.questions import Asked, Question
from hotline.reminders.agenda import member_after
from hotline.reminders.deadlines import DEPARTURE, ENTRY, REGISTERED, REGISTRATION_UNTIL
from hotline.reminders.doing import FIRST_STAGE, ended_by, reminded
from hotline.reminders.plan import FAMILY
from hotline.reminders.whose import owners_of
from hotline.sms.doing import REGISTRATION_STEP, done_now, done_of, done_reply, steps_named
from hotline.sms.reply import Asking, Reply, choosing, joined
from hotline.sms.telling import date_name, date_word, of_whom, opted_out, told_after
from hotline.sms.understanding.typed_dates import DateProblem, DateReading

JOB = "job"  # the day on which the contract was made
STEPS_DONE = {REGISTERED: REGISTRATION_STEP, JOB: 6}  # the days on which the step was done
CLEAR_WITHIN_DAYS = 30  # rules of the service, Dates: an older date is confirmed first
CLEAR_AHEAD_DAYS = 2 * 366  # ours: so is one that is to come later


@dataclass(frozen=True)
class Left:
    """A date that somebody leaves."""

    anchor: str
    day: date


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
    """The date is stored: said back, with what follows from it."""
    left, save = Left(anchor, day), SaveDate(anchor, day, number)
    first = of_whom(asking, number, _said_back(asking, left))
    if anchor in STEPS_DONE:
        return _done_on(asking, first, save)
    after = _member_after(asking, save)
    last = [asking.line("sms-entry-new-sim")] if (anchor, number) == (ENTRY, SELF) else []
    wordings = (
        joined(first, *opted_out(asking), *told_after(asking, after, anchor, short), *last)
        for short in (False, True)
    )
    return Reply(min(wordings, key=len), (save, CloseQuestion()))


def _done_on(asking: Asking, first: str, save: SaveDate) -> Reply:
    """The day is kept, DONE said; where that ends nothing, the end is asked for, if it is not known."""
    before = asking.person.member(save.member)
    if not ended_by(asking.guide.rules, before, save.anchor, asking.written.here):
        until = _member_after(asking, save).dates.get(REGISTRATION_UNTIL, date.min)
        known = until >= asking.today.earliest or save.anchor != REGISTERED
        last = [] if known else [asking.line("sms-registered-until")]
        return Reply(joined(first, *last), (save, CloseQuestion()))
    done = done_of(asking, STEPS_DONE[save.anchor], [save.member], [save])
    return replace(done, pages=joined(first, *done.pages))


def whose_reply(asking: Asking, number: int) -> Reply | None:
    """The number that answers "whose date is it?"; None where it is no answer."""
    question = asking.person.question
    if question is None or question.day is None:
        return None
    numbers = _numbers(asking, Left(question.anchor, question.day))
    if number not in numbers:
        return None
    return saved_reply(asking, question.anchor, question.day, numbers[number])


def whose_asked_again(asking: Asking) -> Reply:
    """The numbered question once more: it was answered with OK."""
    question = asking.person.question
    assert question is not None and question.day is not None
    left = Left(question.anchor, question.day)
    same = _who_left(asking, left)
    return _stored_already(asking, left, same[0]) if same else _whose(asking, left)


def _dated(asking: Asking, anchor: str) -> Reply:
    reading = asking.command.date
    if reading is None or reading.problem is not None or reading.day is None:
        return _refused(asking, anchor, reading)
    left = Left(anchor, reading.day)
    same = _who_left(asking, left)
    if same and _changes(asking, SaveDate(anchor, left.day, same[0])):
        return saved_reply(asking, anchor, left.day, same[0])
    if same:
        return _stored_already(asking, left, same[0])
    if anchor in STEPS_DONE and (entry := _entry_after(asking, left.day)):
        return Reply((_before_entry(asking, left, entry),))
    owners = owners_of(asking.person.members, anchor)
    if len(owners) > 1:
        return _whose(asking, left)
    number = owners[0]
    if anchor in asking.person.member(number).dates or not _is_clear(asking, reading):
        return _asked(asking, left, number)
    return saved_reply(asking, anchor, left.day, number)


def _member_after(asking: Asking, save: SaveDate) -> Member:
    before, on = asking.person.member(save.member), asking.today.here
    return member_after(asking.guide.rules, before, save.member, [save], on)


def _changes(asking: Asking, save: SaveDate) -> bool:
    """Whether a date that is stored already says something new: it takes the place of one that is over."""
    return _member_after(asking, save) != asking.person.member(save.member)


def _is_clear(asking: Asking, reading: DateReading) -> bool:
    """Whether a date may be stored without asking, where none is stored."""
    assert reading.day is not None
    back, ahead = asking.written.latest - reading.day, reading.day - asking.written.earliest
    return reading.clear and back.days <= CLEAR_WITHIN_DAYS and ahead.days <= CLEAR_AHEAD_DAYS


def _entry_after(asking: Asking, day: date) -> date | None:
    """An entry later than `day`, where only one person can be meant."""
    owners = owners_of(asking.person.members, REGISTERED)
    entry = asking.person.member(owners[0]).dates.get(ENTRY)
    return entry if len(owners) == 1 and entry is not None and day < entry else None


def _before_entry(asking: Asking, left: Left, entry: date) -> str:
    days = {"date": left.day, "entry": asking.words.day(entry)}
    if left.anchor == REGISTERED:
        return asking.line("sms-registered-before-entry", **days)
    return asking.line("sms-job-before-entry", **days)


def _said_back(asking: Asking, left: Left) -> str:
    if left.anchor == ENTRY:
        return asking.line("sms-entry-saved", date=left.day)
    what, word = date_name(asking, left.anchor), date_word(asking, left.anchor)
    return asking.line("sms-date-saved", what=what, date=left.day, word=word)


def _who_left(asking: Asking, left: Left) -> list[int]:
    """The people of whom this same date is stored."""
    members = asking.person.members.items()
    return [number for number, member in members if member.dates.get(left.anchor) == left.day]


def _stored_already(asking: Asking, left: Left, number: int) -> Reply:
    """What follows from the date; of an entry also the number that stores it of one more who entered then."""
    another = list(_numbers(asking, left)) if left.anchor in (ENTRY, FAMILY) else []
    question = [asking.line("sms-entry-same-other", number=typed) for typed in another]
    wordings = []
    for short in (False, True):
        told = told_after(asking, asking.person.member(number), left.anchor, short)
        wordings.append(joined(asking.line("sms-entry-same"), *told[:1], *question, *told[1:]))
    effect = Ask(Question(Asked.WHOSE_DATE, left.day, left.anchor)) if another else CloseQuestion()
    return Reply(min(wordings, key=len), (effect,))


def _asked(asking: Asking, left: Left, number: int) -> Reply:
    effects: tuple[Effect, ...] = (Ask(Question(Asked.SAVE_DATE, left.day, left.anchor, number)),)
    stored = asking.person.member(number).dates.get(left.anchor)
    said = {"what": date_name(asking, left.anchor), "date": left.day, "year": left.day.year}
    if stored is None:
        return Reply((asking.line("sms-date-ask", **said),), effects)
    return Reply((asking.line("sms-date-change-ask", **said, old=asking.words.day(stored)),), effects)


def _whose(asking: Asking, left: Left) -> Reply:
    """ "1: correct it, 2: another person"; of several people each by their entry."""
    owners = owners_of(asking.person.members, left.anchor)
    effects: tuple[Effect, ...] = (Ask(Question(Asked.WHOSE_DATE, left.day, left.anchor)),)
    said: dict[str, object] = {"date": left.day, "year": left.day.year}
    if _are_two(asking, left.anchor):
        old = asking.words.day(asking.person.member(owners[0]).dates[left.anchor])
        return Reply((asking.line("sms-entry-whose", old=old, **said),), effects)
    said["what"] = date_name(asking, left.anchor)
    return Reply(choosing(asking, "sms-date-whose", _choices(asking, owners), **said), effects)


def _numbers(asking: Asking, left: Left) -> dict[int, int]:
    """What is typed to say whose date it is, and who that is: nobody but one more, where it is stored."""
    owners = owners_of(asking.person.members, left.anchor)
    typed = enumerate(owners, 1) if _are_two(asking, left.anchor) else ((n + 1, n) for n in owners)
    dated = [number for number in owners if left.anchor in asking.person.member(number).dates]
    same = _who_left(asking, left)
    return {number: owner for number, owner in typed if not (same and owner in dated)}


def _are_two(asking: Asking, anchor: str) -> bool:
    """Whether the only choice is to correct the one date that there is, or to add another person's."""
    owners = owners_of(asking.person.members, anchor)
    dated = [number for number in owners if anchor in asking.person.member(number).dates]
    return anchor in (ENTRY, FAMILY) and len(owners) == 2 and len(dated) == 1


def _choices(asking: Asking, owners: Sequence[int]) -> list[str]:
    """People by their numbers."""
    shown = [(number + 1, _shown(asking, asking.person.member(number))) for number in owners]
    return [asking.line("sms-choice", number=number, what=what) for number, what in shown]


def _shown(asking: Asking, member: Member) -> str:
    known = member.known_by
    return asking.line("sms-choice-new") if known is None else asking.words.day(known)


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
