"""What somebody's dates and what is done of them are after a turn or a reply. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime

from hotline.guide.model import ReminderRule
from hotline.people.members import Member
from hotline.people.model import DropDate, Effect, MarkDone, SaveDate, UndoDone
from hotline.reminders.deadlines import (
    DAY,
    REGISTERED,
    REGISTRATION_UNTIL,
    counted,
    done_after,
    home_of,
    is_closing,
    of_this_stay,
    settled,
    stays,
    was_done,
)

DATE_EFFECTS = (SaveDate, DropDate, MarkDone, UndoDone)
OF_REGISTRATION = frozenset({REGISTERED, REGISTRATION_UNTIL})


def member_after(
    rules: Mapping[str, ReminderRule], member: Member, number: int, effects: Iterable[Effect], on: date
) -> Member:
    """The member `number` once the effects are applied on the day `on`; those of others change nothing."""
    for effect in effects:
        if isinstance(effect, DATE_EFFECTS) and effect.member == number:
            member = _after(rules, member, effect, on)
    return member


def done_of_dates(rules: Mapping[str, ReminderRule], member: Member) -> dict[str, frozenset[str]]:
    """What is done, by the date with which it is kept; of every stored date."""
    done: dict[str, set[str]] = {kind: set() for kind in member.dates}
    for mark in member.done:
        home = home_of(rules, mark, member.dates)
        if home is not None:
            done[home].add(mark)
    return {kind: frozenset(marks) for kind, marks in done.items()}


def said_of_dates(
    rules: Mapping[str, ReminderRule],
    before: Member,
    after: Member,
    said_now: Collection[str],
    now_utc: datetime,
) -> dict[str, dict[str, datetime]]:
    """When DONE or START was said last of the rules, by the date with which that is kept.

    `said_now`: of these it was said just now. Of another date nothing was said before.
    """
    said: dict[str, dict[str, datetime]] = {kind: {} for kind in after.dates}
    for id in rules:
        home = home_of(rules, id, after.dates)
        known = before.said_at_utc.get(id) if stays(rules, id, before.dates, after.dates) else None
        at_utc = now_utc if id in said_now else known
        if home is not None and at_utc is not None:
            said[home][id] = at_utc
    return said


def _after(
    rules: Mapping[str, ReminderRule],
    member: Member,
    effect: SaveDate | DropDate | MarkDone | UndoDone,
    on: date,
) -> Member:
    match effect:
        case SaveDate():
            return _with_date(rules, member, effect, on)
        case DropDate(anchor):
            return _with_dates(rules, member, _without(member.dates, {anchor}))
        case MarkDone(rule):
            return _with_done(rules, member, rule)
        case UndoDone(rule):
            return replace(member, done=member.done - {rule})


def _with_done(rules: Mapping[str, ReminderRule], member: Member, rule: str) -> Member:
    """What DONE is said of in this stay is no date of the stay before: that goes."""
    home = home_of(rules, rule, member.dates)
    if home is not None and home not in of_this_stay(member.dates):
        member = _with_dates(rules, member, _without(member.dates, {home}))
    return replace(member, done=member.done | {rule})


def _with_date(rules: Mapping[str, ReminderRule], member: Member, told: SaveDate, on: date) -> Member:
    """With a date that is told; what it takes the place of is dropped, or does not count any more."""
    dates = {**member.dates, told.anchor: told.day}
    dropped = _of_stay_before(member, told.anchor, dates)
    after = _with_dates(rules, member, _without(dates, dropped))
    given_way = {id: _given_way(rules, rule, member, told, on) for id, rule in rules.items()}
    marks = {settled(rules[id], other) for id, others in given_way.items() for other in others}
    anew = {id for id, rule in rules.items() if given_way[id] or _stands_for(rules, rule, member, told)}
    anew |= {settled(rule, told.anchor) for rule in rules.values()}  # told again, it counts again
    of_before = [rule for rule in rules.values() if rule.anchor in dropped]
    anew |= {settled(rule, other) for rule in of_before for other in rule.or_earlier}
    return replace(after, done=after.done - anew | marks | _done_then(rules, member, after, told.anchor))


def _with_dates(rules: Mapping[str, ReminderRule], member: Member, dates: Mapping[str, date]) -> Member:
    return replace(member, dates=dates, done=done_after(rules, member.done, member.dates, dates))


def _without(dates: Mapping[str, date], dropped: Collection[str]) -> Mapping[str, date]:
    return {anchor: day for anchor, day in dates.items() if anchor not in dropped}


def _of_stay_before(member: Member, anchor: str, dates: Mapping[str, date]) -> Collection[str]:
    """The dates of an earlier registration: who is registered in another stay has another end of it."""
    is_new_stay = REGISTERED in member.dates and REGISTERED not in of_this_stay(member.dates)
    if is_new_stay and anchor in OF_REGISTRATION & of_this_stay(dates).keys():
        return OF_REGISTRATION - {anchor}
    return ()


def _given_way(
    rules: Mapping[str, ReminderRule], rule: ReminderRule, member: Member, told: SaveDate, on: date
) -> list[str]:
    """The ends from which the rule does not count any more, because one that counts alike is told now.

    Of several that are to come the earlier one counts, but one that is over, or was extended, would silence
    the new one for good. They stay stored: the contract's end may still be another's, the family's.
    """
    if told.anchor == rule.anchor:
        counts = [other for other in rule.or_earlier if settled(rule, other) not in member.done]
        others = [other for other in counts if other in member.dates]
        return [other for other in others if _is_behind(rules, rule, member, other, on)]
    if not _stands_for(rules, rule, member, told) or rule.anchor not in member.dates:
        return []
    extended = counted(rule, member.dates, member.done)
    said_by = on if extended is None else min(on, extended.day)  # DONE was said about then
    begun = member.dates[rule.anchor] + rule.remind_on[0] * DAY <= said_by
    return [rule.anchor] if begun or _is_behind(rules, rule, member, rule.anchor, on) else []


def _stands_for(
    rules: Mapping[str, ReminderRule], rule: ReminderRule, member: Member, told: SaveDate
) -> bool:
    """Whether a new end, the contract's, stands for the rule's own: only once that is extended.

    Till then it is late, and nobody is told that there is time.
    """
    can = told.anchor in rule.or_earlier and any(start.anchor == told.anchor for start in rule.else_from)
    is_new = member.dates.get(told.anchor) != told.day
    return can and is_new and was_done(rules, rule, member.dates, member.done)


def _is_behind(
    rules: Mapping[str, ReminderRule], rule: ReminderRule, member: Member, anchor: str, on: date
) -> bool:
    """Whether an end is over, or was extended: with this rule, or with that of whom it is.

    DONE of an extension is said of the end from which it is counted, and of what ends before. The contract's
    end is the owner's: with their extension it is none any more of the family either, but not the other way.
    """
    day = member.dates[anchor]
    whose = [each for each in rules.values() if any(start.anchor == anchor for start in each.else_from)]
    alike = (
        counted(each, member.dates, member.done)
        for each in (rule, *whose)
        if was_done(rules, each, member.dates, member.done)
    )
    is_over = rule.last_safe is not None and day + rule.last_safe * DAY < on
    return is_over or any(start is not None and day <= start.day for start in alike)


def _done_then(rules: Mapping[str, ReminderRule], before: Member, after: Member, anchor: str) -> set[str]:
    """What DONE ended whose day counts again, because an entry is corrected back: it is done still."""
    back = of_this_stay(after.dates).keys() - of_this_stay(before.dates).keys()
    told = [rule for rule in rules.values() if rule.anchor == anchor and rule.done_stores in back]
    together = {(rule.step, rule.stage) for rule in told}
    mine = [rule for rule in rules.values() if rule.anchor == anchor and not is_closing(rule)]
    return {rule.id for rule in mine if (rule.step, rule.stage) in together}
