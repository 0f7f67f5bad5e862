"""What somebody's dates and what is done of them are after a turn or a reply. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from hotline.guide.model import ReminderRule
from hotline.people.members import Member
from hotline.people.model import DropDate, Effect, MarkDone, SaveDate, UndoDone
from hotline.reminders.deadlines import counted, done_after

DATE_EFFECTS = (SaveDate, DropDate, MarkDone, UndoDone)


def member_after(
    rules: Mapping[str, ReminderRule], member: Member, number: int, effects: Iterable[Effect]
) -> Member:
    """The member `number` once the effects are applied; those of others change nothing of it."""
    for effect in effects:
        if isinstance(effect, DATE_EFFECTS) and effect.member == number:
            member = _after(rules, member, effect)
    return member


def done_of_dates(rules: Mapping[str, ReminderRule], member: Member) -> dict[str, frozenset[str]]:
    """The member's rules that are done, by the anchor from which each counts; of every stored date."""
    done: dict[str, set[str]] = {kind: set() for kind in member.dates}
    for id in member.done:
        start = counted(rules[id], member.dates) if id in rules else None
        if start is not None:
            done[start.anchor].add(id)
    return {kind: frozenset(ids) for kind, ids in done.items()}


def _after(
    rules: Mapping[str, ReminderRule], member: Member, effect: SaveDate | DropDate | MarkDone | UndoDone
) -> Member:
    match effect:
        case SaveDate(anchor, day):
            done = done_after(rules, member.done, member.dates, anchor, day)
            return replace(member, dates={**member.dates, anchor: day}, done=done)
        case DropDate(anchor):
            done = done_after(rules, member.done, member.dates, anchor, None)
            kept = {kind: day for kind, day in member.dates.items() if kind != anchor}
            return replace(member, dates=kept, done=done)
        case MarkDone(rule):
            return replace(member, done=member.done | {rule})
        case UndoDone(rule):
            return replace(member, done=member.done - {rule})
