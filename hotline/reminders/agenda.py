"""What somebody's dates and what is done of them are after a turn or a reply. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime

from hotline.guide.model import ReminderRule
from hotline.people.members import Member
from hotline.people.model import DropDate, Effect, MarkDone, SaveDate, UndoDone
from hotline.reminders.deadlines import (
    REGISTERED,
    REGISTRATION_UNTIL,
    Counted,
    counted,
    done_after,
    is_done,
    of_this_stay,
    starts_alike,
)

DATE_EFFECTS = (SaveDate, DropDate, MarkDone, UndoDone)


def member_after(
    rules: Mapping[str, ReminderRule], member: Member, number: int, effects: Iterable[Effect], on: date
) -> Member:
    """The member `number` once the effects are applied on the day `on`; those of others change nothing."""
    for effect in effects:
        if isinstance(effect, DATE_EFFECTS) and effect.member == number:
            member = _after(rules, member, effect, on)
    return member


def done_of_dates(rules: Mapping[str, ReminderRule], member: Member) -> dict[str, frozenset[str]]:
    """The member's rules that are done, by the anchor from which each counts; of every stored date."""
    done: dict[str, set[str]] = {kind: set() for kind in member.dates}
    for id in member.done:
        start = counted(rules[id], member.dates) if id in rules else None
        if start is not None:
            done[start.anchor].add(id)
    return {kind: frozenset(ids) for kind, ids in done.items()}


def said_of_dates(
    rules: Mapping[str, ReminderRule], before: Member, after: Member, now_utc: datetime
) -> dict[str, dict[str, datetime]]:
    """When DONE or START was said last of the rules, by the anchor from which each counts.

    Of another date nothing was said before.
    """
    said: dict[str, dict[str, datetime]] = {kind: {} for kind in after.dates}
    for rule in rules.values():
        start, known = counted(rule, after.dates), before.said_at_utc.get(rule.id)
        was, is_now = rule.id in before.done, rule.id in after.done
        if start is None or not (is_now or starts_alike(rule, before.dates, after.dates)):
            continue
        at_utc = known if was == is_now else now_utc
        if at_utc is not None:
            said[start.anchor][rule.id] = at_utc
    return said


def _after(
    rules: Mapping[str, ReminderRule],
    member: Member,
    effect: SaveDate | DropDate | MarkDone | UndoDone,
    on: date,
) -> Member:
    match effect:
        case SaveDate(anchor, day):
            dates = {**member.dates, anchor: day}
            return _with_dates(rules, member, dates, set(_replaced(rules, member, anchor, dates, on)))
        case DropDate(anchor):
            return _with_dates(rules, member, member.dates, {anchor})
        case MarkDone(rule):
            return replace(member, done=member.done | {rule})
        case UndoDone(rule):
            return replace(member, done=member.done - {rule})


def _with_dates(
    rules: Mapping[str, ReminderRule], member: Member, dates: Mapping[str, date], dropped: Collection[str]
) -> Member:
    kept = {anchor: day for anchor, day in dates.items() if anchor not in dropped}
    return replace(member, dates=kept, done=done_after(rules, member.done, member.dates, kept))


def _replaced(
    rules: Mapping[str, ReminderRule], member: Member, anchor: str, dates: Mapping[str, date], on: date
) -> Iterator[str]:
    """The other dates whose place that of `anchor` takes; `dates` has it already.

    Who is registered in another stay has another end of it.
    """
    of_registration = {REGISTERED, REGISTRATION_UNTIL}
    is_new_stay = REGISTERED in member.dates and REGISTERED not in of_this_stay(member.dates)
    if anchor in of_registration and is_new_stay and anchor in of_this_stay(dates):
        yield from of_registration - {anchor}
    for rule in rules.values():
        start = counted(rule, dates)
        if start is None or start.anchor == anchor:
            continue
        others = [other for other in rules.values() if other.anchor != rule.anchor]
        needed = any(_has_nothing_else(rules, other, start.anchor, member, dates, on) for other in others)
        if not needed and _gives_way(rule, start, member, anchor, dates, on):
            yield start.anchor


def _has_nothing_else(
    rules: Mapping[str, ReminderRule],
    rule: ReminderRule,
    anchor: str,
    member: Member,
    dates: Mapping[str, date],
    on: date,
) -> bool:
    """Whether the rule has something to say yet, and counts from this date alone.

    The end of a contract is that of the owner's registration and of the family's.
    """
    start = counted(rule, dates)
    if start is None or start.anchor != anchor or is_done(rules, rule, member.done):
        return False
    is_over = start.term is not None and start.term.last_day < on
    without = {other: day for other, day in dates.items() if other != anchor}
    return not is_over and counted(rule, without) is None


def _gives_way(
    rule: ReminderRule, start: Counted, member: Member, anchor: str, dates: Mapping[str, date], on: date
) -> bool:
    """Whether what the rule counts from gives way to the end just stored, which counts alike.

    An end that is over, or that DONE was said of, would silence the new one for good. The end of a contract
    takes the place of a registration's only once that is extended: till then it is late.
    """
    was_done = rule.id in member.done and starts_alike(rule, member.dates, dates)
    if anchor == rule.anchor:
        return was_done or (start.term is not None and start.term.last_day < on)
    alike = anchor in rule.or_earlier and any(each.anchor == anchor for each in rule.else_from)
    return alike and was_done
