"""Which rules DONE and START mean, and what they change. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime, timedelta

from hotline.guide.model import ReminderRule
from hotline.people.members import Member
from hotline.people.model import DropDate, Effect, MarkDone, SaveDate, UndoDone
from hotline.reminders.deadlines import DAY, Counted, counted, is_closing, of_this_stay
from hotline.reminders.plan import KEPT_DAYS, reminder_days, standing
from hotline.reminders.wording import DONE

FIRST_STAGE = 1
SAID_AGAIN = timedelta(hours=24)  # ours: a text is doubled, or its answer not seen, within hours


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
    asked for the stamp answers that. A rule without a name in DONE only ends with others.
    """
    found = reminded(rules, member, step, on)
    named = [rule for rule in found if DONE in rule.lines]
    lowest = min((rule.stage for rule in [rule for rule in named if rule.id in told] or named), default=0)
    return [rule for rule in found if rule.stage == lowest]


def is_question(rule: ReminderRule) -> bool:
    """Whether the rule asks for a date: it ends once that is stored."""
    return bool(rule.unless)


def done_lately(
    rules: Mapping[str, ReminderRule], member: Member, step: int, at_utc: datetime
) -> list[ReminderRule]:
    """The rules of a step that were ended within a day.

    By when the date that they count from, or what is done of it, changed last: never before they were ended.
    """
    changed = ((rule, _changed_at(rule, member)) for rule in ended(rules, member, step))
    return [rule for rule, then_utc in changed if then_utc and at_utc - then_utc < SAID_AGAIN]


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
    """The rules of a step of which DONE was said."""
    return [rules[id] for id in rules if id in member.done and int(rules[id].step) == step]


def undone(
    rules: Mapping[str, ReminderRule], members: Mapping[int, Member], step: int
) -> dict[int, list[ReminderRule]]:
    """The rules that START of a step brings back, by member: of those that were ended the last stage alone.

    Who takes back that the registration is extended is registered still.
    """
    found = {number: ended(rules, member, step) for number, member in members.items()}
    last = max((rule.stage for each in found.values() for rule in each), default=0)
    return {number: [rule for rule in each if rule.stage == last] for number, each in found.items()}


def undone_lately(
    rules: Mapping[str, ReminderRule], members: Mapping[int, Member], step: int, on: date, at_utc: datetime
) -> bool:
    """Whether what follows that runs because START was said within a day: it is said again.

    By what changed last. What has not reminded yet was never ended.
    """
    back = undone(rules, members, step)
    last = max((rule.stage for each in back.values() for rule in each), default=0)
    before = [_changed_at(rule, members[number]) for number, each in back.items() for rule in each]
    since_utc = max([at_utc - SAID_AGAIN, *filter(None, before)])
    after = [
        _changed_at(rule, member)
        for member in members.values()
        for rule in reminded(rules, member, step, on)
        if rule.stage > last
    ]
    return any(then_utc > since_utc for then_utc in filter(None, after))


def undone_with(rules: Mapping[str, ReminderRule], member: Member, rule: str) -> list[ReminderRule]:
    """What comes back with one rule: what DONE of its step ended with it."""
    return [each for each in ended(rules, member, int(rules[rule].step)) if each.stage == rules[rule].stage]


def undone_effects(rules: Iterable[ReminderRule], member: Member, number: int) -> tuple[Effect, ...]:
    """These rules are still to do; the day on which they were said to be done is erased."""
    rules = list(rules)
    told = {rule.done_stores for rule in rules} & member.dates.keys()
    dates = [DropDate(anchor, number) for anchor in sorted(filter(None, told))]
    return (*(UndoDone(rule.id, number) for rule in rules), *dates)


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


def _changed_at(rule: ReminderRule, member: Member) -> datetime | None:
    """When the date that a rule counts from, or what is done of it, changed last."""
    start = counted(rule, member.dates, member.done)
    return member.changed_at_utc.get(start.anchor) if start else None


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
