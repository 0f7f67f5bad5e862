"""Which rules DONE and START mean, and what they change. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, date, datetime, timedelta

from hotline.guide.model import ReminderRule
from hotline.people.members import Member
from hotline.people.model import DropDate, Effect, MarkDone, SaveDate, UndoDone
from hotline.reminders.deadlines import (
    DAY,
    DEPARTURE,
    Counted,
    closed_by,
    counted,
    is_closing,
    of_this_stay,
    settled,
    was_done,
)
from hotline.reminders.plan import CLOSING_DAYS, KEPT_DAYS, reminder_days, standing
from hotline.reminders.wording import DONE

FIRST_STAGE = 1
SAID_AGAIN = timedelta(hours=24)  # ours: a text is doubled, or its answer not seen, within hours
LONG_AGO = datetime.min.replace(tzinfo=UTC)


def running(rules: Mapping[str, ReminderRule], member: Member, on: date) -> list[ReminderRule]:
    """The rules of which there is something left to say to a member on the day `on`, or later."""
    return [
        rule
        for rule, start in standing(rules, member.dates, member.done)
        if not is_closing(rule) and _is_open(rule, start, on)
    ]


def meant(
    rules: Mapping[str, ReminderRule], member: Member, step: int, on: date, told: Collection[str] = ()
) -> list[ReminderRule]:
    """The rules that DONE of a step ends: of those that run the ones of the lowest stage.

    What follows the first stage only once it has reminded: "I am registered" half a year before the end of
    the registration is not said of its extension. Where such run that the last text `told`, of those: who was
    asked for the stamp answers that. A rule without a name in DONE only ends with others. What prepares a
    journey is not done while something else of the step is to do, unless the last text told it.
    """
    found = reminded(rules, member, step, on)
    of_step = [rule for rule in running(rules, member, on) if int(rule.step) == step]
    is_here = any(rule.anchor != DEPARTURE for rule in of_step if not is_question(rule))
    named = [rule for rule in found if DONE in rule.lines]
    likely = [rule for rule in named if not (is_here and rule.anchor == DEPARTURE)]
    answered = [rule for rule in named if rule.id in told] or likely
    first = min(map(_together, answered), default=None)
    return [rule for rule in found if _together(rule) == first]


def is_question(rule: ReminderRule) -> bool:
    """Whether the rule asks for a date: it ends once that is stored."""
    return bool(rule.unless)


def done_lately(
    rules: Mapping[str, ReminderRule], member: Member, step: int, at_utc: datetime | None
) -> list[ReminderRule]:
    """The rules of a step that were ended within a day."""
    return [rule for rule in ended(rules, member, step) if _is_lately(_said_at(member, rule), at_utc)]


def done_effects(
    rules: Iterable[ReminderRule], member: Member, number: int, today: date
) -> tuple[Effect, ...]:
    """These rules are done. Of some the day matters: today, unless it is known already."""
    rules = list(rules)
    told = (rule.done_stores for rule in rules if rule.done_stores)
    known = of_this_stay(member.dates)
    dates = [SaveDate(anchor, today, number) for anchor in told if anchor not in known]
    return (*(MarkDone(rule.id, number) for rule in rules), *dates)


def ended_by(rules: Mapping[str, ReminderRule], member: Member, anchor: str, on: date) -> list[ReminderRule]:
    """What ends when the date of `anchor` is stored, as with the DONE that stores it: REGISTERED is DONE 7.

    Nothing where that was said before: another day of it corrects the date and ends no later stage.
    """
    steps = {int(rule.step) for rule in rules.values() if rule.done_stores == anchor}
    found = [rule for step in steps for rule in meant(rules, member, step, on)]
    return found if any(rule.done_stores == anchor for rule in found) else []


def done_with(rules: Mapping[str, ReminderRule], member: Member, rule: str, on: date) -> list[ReminderRule]:
    """What ends with one rule: those that DONE of its step ends, if it is one of them."""
    together = meant(rules, member, int(rules[rule].step), on)
    return together if rules[rule] in together else [rules[rule]]


def ended(rules: Mapping[str, ReminderRule], member: Member, step: int) -> list[ReminderRule]:
    """The rules of a step of which DONE was said in this stay."""
    of_step = [rule for rule in rules.values() if int(rule.step) == step]
    return [rule for rule in of_step if was_done(rules, rule, member.dates, member.done)]


def undone(
    rules: Mapping[str, ReminderRule],
    members: Mapping[int, Member],
    step: int,
    on: date,
    at_utc: datetime | None,
) -> dict[int, list[ReminderRule]]:
    """The rules that START of a step brings back, by member: what was ended last, by one DONE.

    What was ended longer than a day ago: only where it has something to say yet, and nothing within a day of
    a START of the step, which is said again.
    """
    off = [
        (n, rule)
        for n, member in members.items()
        for rule in (*ended(rules, member, step), *_gave_way_lately(rules, member, step, at_utc))
    ]
    at = {(n, rule.id): _said_at(members[n], rule) for n, rule in off}
    found = [then for then in at.values() if _is_lately(then, at_utc)]
    if not found and not any(_is_begun_again(rules, each, step, at_utc) for each in members.values()):
        found = [at[n, rule.id] for n, rule in off if is_to_come(rules, members[n], rule, on)]
    last = max(found, default=None)
    back: dict[int, list[ReminderRule]] = {}
    for n, rule in off:
        if at[n, rule.id] == last:
            back.setdefault(n, []).append(rule)
    return back


def is_to_come(rules: Mapping[str, ReminderRule], member: Member, rule: ReminderRule, on: date) -> bool:
    """Whether a rule, or one that closes it, reminds after the day `on`; on the last day of a term too."""
    start = counted(rule, member.dates, member.done)
    days = reminder_days(rule, start) if start else ()
    if start is None or not days:
        return False
    if any(rule in closed_by(rules, closing) for closing in rules.values()):
        return on <= days[-1] + CLOSING_DAYS * DAY
    return on <= days[-1] if start.term else on < days[-1]


def undone_with(rules: Mapping[str, ReminderRule], member: Member, rule: str) -> list[ReminderRule]:
    """What comes back with one rule: what DONE of its step ended with it."""
    return [each for each in ended(rules, member, int(rules[rule].step)) if each.stage == rules[rule].stage]


def undone_effects(rules: Iterable[ReminderRule], member: Member, number: int) -> tuple[Effect, ...]:
    """These rules are still to do; the day on which they were said to be done is erased."""
    rules = list(rules)
    told = {rule.done_stores for rule in rules} & member.dates.keys()
    dates = [DropDate(anchor, number) for anchor in sorted(filter(None, told))]
    gave_way = {settled(rule, rule.anchor) for rule in rules} & member.done
    marks = [rule.id for rule in rules] + sorted(gave_way)
    return (*(UndoDone(mark, number) for mark in marks), *dates)


def reminded(rules: Mapping[str, ReminderRule], member: Member, step: int, on: date) -> list[ReminderRule]:
    """The rules of a step that run and that DONE can end; those that follow the first stage once they remind.

    A question is not done, it is answered.
    """
    return [
        rule
        for rule in running(rules, member, on)
        if int(rule.step) == step and not is_question(rule)
        if rule.stage == FIRST_STAGE or _has_reminded(rule, member, on)
    ]


def _gave_way_lately(
    rules: Mapping[str, ReminderRule], member: Member, step: int, at_utc: datetime | None
) -> list[ReminderRule]:
    """The rules ended within a day whose own date gave way since to another, so that they run again."""
    given = [rule for rule in rules.values() if settled(rule, rule.anchor) in member.done]
    return [rule for rule in given if int(rule.step) == step and _is_lately(_said_at(member, rule), at_utc)]


def _together(rule: ReminderRule) -> tuple[bool, int]:
    """What DONE ends at once: one stage, what prepares a journey apart, and last."""
    return rule.anchor == DEPARTURE, rule.stage


def _is_begun_again(
    rules: Mapping[str, ReminderRule], member: Member, step: int, at_utc: datetime | None
) -> bool:
    """Whether START of the step was said for the member within a day."""
    undone = [rules[id] for id in member.said_at_utc if id in rules and id not in member.done]
    return any(int(rule.step) == step and _is_lately(_said_at(member, rule), at_utc) for rule in undone)


def _said_at(member: Member, rule: ReminderRule) -> datetime:
    """When DONE or START was said last of a rule."""
    return member.said_at_utc.get(rule.id, LONG_AGO)


def _is_lately(then_utc: datetime, at_utc: datetime | None) -> bool:
    return at_utc is not None and at_utc - then_utc < SAID_AGAIN


def _has_reminded(rule: ReminderRule, member: Member, on: date) -> bool:
    start = counted(rule, member.dates, member.done)
    days = reminder_days(rule, start) if start else ()
    return bool(days) and days[0] <= on


def _is_open(rule: ReminderRule, start: Counted, on: date) -> bool:
    """A term stays open after its end: whoever was late may be done too. What has none ends with its days."""
    if start.term is not None:
        return True
    days = reminder_days(rule, start)
    return bool(days) and on <= days[-1] + KEPT_DAYS * DAY
