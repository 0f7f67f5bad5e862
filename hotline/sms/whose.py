"""Whose a date is, where several people have left theirs on one telephone: the numbered question. Pure.

Two may have the same day: a couple enters, is registered and has its notices run out together. So a date that
is stored of one is offered to the others, and nobody's is lost for being the same.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from hotline.people.members import Member
from hotline.people.model import Ask, CloseQuestion, Effect, SaveDate
from hotline.people.questions import Asked, Question
from hotline.reminders.agenda import member_after
from hotline.reminders.deadlines import ENTRY
from hotline.reminders.doing import ended_by
from hotline.reminders.plan import FAMILY
from hotline.reminders.whose import owners_of
from hotline.sms.reply import Asking, Reply, choosing, joined
from hotline.sms.telling import date_name, of_whom, told_after


@dataclass(frozen=True)
class Left:
    """A date that somebody leaves."""

    anchor: str
    day: date


def whose_asked(asking: Asking, left: Left) -> Reply:
    """Whose date it is; where it is stored of somebody already, whether it is another's too."""
    same = who_left(asking, left)
    known = same and not any(says_new(asking, SaveDate(left.anchor, left.day, number)) for number in same)
    return _stored_already(asking, left, same[0]) if known else _whose(asking, left)


def who_left(asking: Asking, left: Left) -> list[int]:
    """The people of whom this same date is stored."""
    members = asking.person.members.items()
    return [number for number, member in members if member.dates.get(left.anchor) == left.day]


def numbers_of(asking: Asking, left: Left) -> dict[int, int]:
    """What is typed to say whose date it is, and who that is: nobody of whom it says nothing new.

    A day of entry that is stored already is that of one person more, and corrects nobody's.
    """
    owners, same = owners_of(asking.person.members, left.anchor), who_left(asking, left)
    typed = enumerate(owners, 1) if _are_two(asking, left.anchor) else ((n + 1, n) for n in owners)
    if left.anchor in (ENTRY, FAMILY) and same:
        told = [number for number in owners if left.anchor in asking.person.member(number).dates]
    else:
        told = [number for number in same if not says_new(asking, SaveDate(left.anchor, left.day, number))]
    return {number: owner for number, owner in typed if owner not in told}


def says_new(asking: Asking, save: SaveDate) -> bool:
    """Whether a date that is stored already says something new.

    It takes the place of one that is over, or says DONE of what was to do again.
    """
    before = asking.person.member(save.member)
    ends = ended_by(asking.guide.rules, before, save.anchor, asking.written.here)
    return bool(ends) or after_saving(asking, save) != before


def after_saving(asking: Asking, save: SaveDate) -> Member:
    """Whoever the date is of, once it is stored."""
    before, on = asking.person.member(save.member), asking.today.here
    return member_after(asking.guide.rules, before, save.member, [save], on)


def _stored_already(asking: Asking, left: Left, number: int) -> Reply:
    """What follows from the date, and the numbers that store it of somebody else too."""
    another = numbers_of(asking, left) if len(owners_of(asking.person.members, left.anchor)) > 1 else {}
    question = _another_asked(asking, left.anchor, another) if another else ()
    first = asking.line("sms-entry-same")
    if left.anchor not in (ENTRY, FAMILY):  # the others are named, so they must know whose it is
        first = of_whom(asking, number, first)
    wordings = []
    for short in (False, True):
        told = told_after(asking, asking.person.member(number), left.anchor, short)
        wordings.append(joined(first, *told[:1], *question, *told[1:]))
    effect = Ask(Question(Asked.WHOSE_DATE, left.day, left.anchor)) if another else CloseQuestion()
    return Reply(min(wordings, key=len), (effect,))


def _another_asked(asking: Asking, anchor: str, another: dict[int, int]) -> tuple[str, ...]:
    """Of an entry that of one person more; else of whom else it may be."""
    if anchor in (ENTRY, FAMILY):
        return tuple(asking.line("sms-entry-same-other", number=typed) for typed in another)
    return choosing(asking, "sms-date-same-other", _choices(asking, another.values()))


def _whose(asking: Asking, left: Left) -> Reply:
    """ "1: correct it, 2: another person"; of several people each by their entry."""
    owners = owners_of(asking.person.members, left.anchor)
    effects: tuple[Effect, ...] = (Ask(Question(Asked.WHOSE_DATE, left.day, left.anchor)),)
    said: dict[str, object] = {"date": left.day, "year": left.day.year}
    if _are_two(asking, left.anchor):
        old = asking.words.day(asking.person.member(owners[0]).dates[left.anchor])
        return Reply((asking.line("sms-entry-whose", old=old, **said),), effects)
    said["what"] = date_name(asking, left.anchor)
    choices = _choices(asking, numbers_of(asking, left).values())
    return Reply(choosing(asking, "sms-date-whose", choices, **said), effects)


def _are_two(asking: Asking, anchor: str) -> bool:
    """Whether the only choice is to correct the one date that there is, or to add another person's."""
    owners = owners_of(asking.person.members, anchor)
    dated = [number for number in owners if anchor in asking.person.member(number).dates]
    return anchor in (ENTRY, FAMILY) and len(owners) == 2 and len(dated) == 1


def _choices(asking: Asking, owners: Collection[int]) -> list[str]:
    """People by their numbers."""
    shown = [(number + 1, _shown(asking, asking.person.member(number))) for number in owners]
    return [asking.line("sms-choice", number=number, what=what) for number, what in shown]


def _shown(asking: Asking, member: Member) -> str:
    known = member.known_by
    return asking.line("sms-choice-new") if known is None else asking.words.day(known)
