"""DONE and START by SMS: what is done, by whom, and what undoes it. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

from hotline.guide.model import ReminderRule
from hotline.people.members import MOST_MEMBERS, Member
from hotline.people.model import Ask, CloseQuestion, Effect, OptIn
from hotline.people.questions import Asked, Question
from hotline.reminders.agenda import member_after
from hotline.reminders.doing import (
    FIRST_STAGE,
    done_effects,
    done_lately,
    meant,
    running,
    undone,
    undone_effects,
)
from hotline.reminders.wording import rule_name
from hotline.sms.reply import Asking, Reply, choosing, joined
from hotline.sms.telling import of_whom, opted_out, status_texts, told_after
from hotline.sms.understanding.command import CommandName

REGISTRATION_STEP = 7
EVERYBODY = MOST_MEMBERS + 1  # the number that means all people on the telephone
STEPS_ASKED = (7, 6)  # what a DONE that names no step is asked about first


def done_reply(asking: Asking) -> Reply:
    """Switches the reminders of one step off, or asks which, or whose; the answer says how to undo it."""
    if not asking.person.members:  # no date, so nothing to remind of and nothing to switch off
        return none_stored(asking)
    steps = steps_named(asking)
    if len(steps) != 1:
        return Reply((asking.line("sms-done-which", choices=_choices(asking)),))
    who = _who_runs(asking, steps[0])
    if len(who) > 1:
        question = Question(Asked.WHO_IS_DONE, step=steps[0])
        return Reply(_who_asked(asking, who, steps[0]), (Ask(question),))
    return done_of(asking, steps[0], who)


def done_of(asking: Asking, step: int, who: Sequence[int], first: Sequence[Effect] = ()) -> Reply:
    """The step is done by these members; `first`: what else the message changes.

    Said once more within a day it is answered as the first time, and ends nothing more.
    """
    effects: list[Effect] = list(first)
    names: list[str] = []
    for number in who:
        before = member_after(asking.guide.rules, asking.person.member(number), number, first)
        rules = _ended(asking, before, step)
        names += [name for rule in rules if (name := rule_name(asking.words, rule))]
        effects += done_effects(rules, before, number, asking.written.earliest)
    if not names:
        return _nothing_to_end(asking, step, first)
    after = _after(asking, effects)
    text = asking.line("sms-done", step=step, names=", ".join(dict.fromkeys(names)))
    told = [of_whom(asking, who[0], text) if len(who) == 1 else text]
    begun = [said for number in who for said in _begun(after, number, effects)]
    off = opted_out(asking) if begun else []  # else they sound like a promise to remind
    return Reply(joined(*told, *off, *begun, *_others(after)), (*effects, CloseQuestion()))


def who_is_done_reply(asking: Asking, number: int) -> Reply | None:
    """The number that answers "whose?"; None where it is no answer."""
    question = asking.person.question
    if question is None or question.step is None:
        return None
    who = _who_runs(asking, question.step)
    if number == EVERYBODY:
        return done_of(asking, question.step, who)
    return done_of(asking, question.step, [number - 1]) if number - 1 in who else None


def who_asked_again(asking: Asking) -> Reply:
    """The numbered question once more: it was answered with OK."""
    step = asking.person.question.step if asking.person.question else None
    who = _who_runs(asking, step) if step is not None else []
    if step is None or not who:
        return Reply((asking.line("sms-done-which", choices=_choices(asking)),), (CloseQuestion(),))
    return Reply(_who_asked(asking, who, step))


def start_reply(asking: Asking) -> Reply:
    """START: reminders again, all of them or those of one step; not while the carrier lets none through."""
    if asking.command.steps:
        return _undone(asking, asking.command.steps[0])
    if asking.person.blocked and not asking.command.carrier_keyword:  # nothing would come of it
        return Reply((asking.line("sms-start-at-carrier"),))
    if asking.person.members:
        return Reply((asking.line("sms-start"),), (OptIn(),))
    return Reply((asking.line("sms-start-no-entry"),), (OptIn(),))


def status_reply(asking: Asking) -> Reply:
    """What is stored and the days left."""
    return Reply(status_texts(asking)) if asking.person.members else none_stored(asking)


def none_stored(asking: Asking) -> Reply:
    """No date is stored, and how to leave one."""
    return Reply(joined(asking.line("sms-status-none"), *opted_out(asking)))


def _after(asking: Asking, effects: Sequence[Effect]) -> Asking:
    """The same message once its effects are applied."""
    person = asking.person
    for number in {effect.member for effect in effects if hasattr(effect, "member")}:
        member = member_after(asking.guide.rules, person.member(number), number, effects)
        person = person.with_member(number, member)
    return replace(asking, person=person)


def _begun(after: Asking, number: int, effects: Sequence[Effect]) -> list[str]:
    """What is to be done once this is done: the rules that count from the day of DONE."""
    member = after.person.member(number)
    anchors = {rule.done_stores for rule in _marked(after, effects) if rule.done_stores}
    return [text for anchor in sorted(anchors) for text in told_after(after, member, anchor, short=True)]


def _marked(asking: Asking, effects: Sequence[Effect]) -> list[ReminderRule]:
    ids = {getattr(effect, "rule", "") for effect in effects}
    return [rule for rule in asking.guide.rules.values() if rule.id in ids]


def _nothing_to_end(asking: Asking, step: int, effects: Sequence[Effect]) -> Reply:
    """The step has no reminders that end now: they are ended, are to come, or there are none of it."""
    rules, members, on = asking.guide.rules, asking.person.members.values(), asking.today.here
    ended = _names(asking, (rule for each in members for rule in undone(rules, each, step)))
    of_step = (rule for each in members for rule in running(rules, each, on) if int(rule.step) == step)
    later = _names(asking, (rule for rule in of_step if rule.stage > FIRST_STAGE))
    told = [asking.line("sms-done", step=step, names=ended)] if ended else []
    told += [asking.line("sms-done-later", names=later)] if later and not asking.person.opted_out else []
    if told:
        return Reply(joined(*told, *_others(asking)), tuple(effects))
    return Reply((asking.line("sms-done-no-rule", choices=_choices(asking)),), tuple(effects))


def _names(asking: Asking, rules: Iterable[ReminderRule]) -> str:
    """What the rules are called, each once."""
    names = (rule_name(asking.words, rule) for rule in rules)
    return ", ".join(dict.fromkeys(name for name in names if name))


def _undone(asking: Asking, step: int) -> Reply:
    back = {
        number: undone(asking.guide.rules, member, step) for number, member in asking.person.members.items()
    }
    effects = [
        effect
        for number, rules in back.items()
        for effect in undone_effects(rules, asking.person.member(number), number)
    ]
    if not effects and not _runs(asking, step):
        return Reply((asking.line("sms-done-no-rule", choices=_choices(asking)),))
    return Reply(tuple(opted_out(asking)) or (asking.line("sms-undone", step=step),), tuple(effects))


def _runs(asking: Asking, step: int) -> bool:
    return bool(_who_runs(asking, step))


def steps_named(asking: Asking) -> tuple[int, ...]:
    """The step of DONE 7; of a bare DONE that of the last text, if it named one rule alone."""
    if asking.command.steps:
        return asking.command.steps
    known = [asking.guide.rules[id] for id in asking.person.last_rules if id in asking.guide.rules]
    return tuple({int(rule.step) for rule in known})


def _who_runs(asking: Asking, step: int) -> list[int]:
    """The members for whom the step has reminders that DONE can end, or has ended within a day."""
    members = asking.person.members.items()
    return [number for number, member in members if _is_meant(asking, member, step)]


def _is_meant(asking: Asking, member: Member, step: int) -> bool:
    found = _meant(asking, member, step)
    return _named(asking, [*found, *_done_lately(asking, member, step)])


def _ended(asking: Asking, member: Member, step: int) -> list[ReminderRule]:
    """What DONE of the step ends; nothing where that would be what follows something ended just now."""
    found = _meant(asking, member, step)
    before = min((rule.stage for rule in _done_lately(asking, member, step)), default=None)
    return [rule for rule in found if before is None or rule.stage <= before]


def _meant(asking: Asking, member: Member, step: int) -> list[ReminderRule]:
    """What DONE of the step ends; "I have registered" is never said of an extension."""
    found = meant(asking.guide.rules, member, step, asking.written.here)
    first_only = asking.command.name is CommandName.REGISTERED
    return [rule for rule in found if rule.stage == FIRST_STAGE or not first_only]


def _done_lately(asking: Asking, member: Member, step: int) -> list[ReminderRule]:
    at_utc = asking.person.as_of_utc
    return done_lately(asking.guide.rules, member, step, at_utc) if at_utc else []


def _named(asking: Asking, rules: Collection[ReminderRule]) -> bool:
    return any(rule_name(asking.words, rule) for rule in rules)


def _who_asked(asking: Asking, who: Sequence[int], step: int) -> tuple[str, ...]:
    """ "Who? 1: 5 March, 3: 7 March, 7: all"; people by their numbers."""
    choices = [asking.line("sms-choice", number=each + 1, what=_shown(asking, each)) for each in who]
    choices.append(asking.line("sms-choice", number=EVERYBODY, what=asking.line("sms-choice-all")))
    return choosing(asking, "sms-done-who", choices, step=step)


def _shown(asking: Asking, number: int) -> str:
    """A member by the day of entry, else by the first date that is known."""
    known = asking.person.member(number).known_by
    return asking.words.day(known) if known else str(number + 1)


def _others(after: Asking) -> list[str]:
    """What goes on; nothing does where reminders were stopped."""
    steps = [] if after.person.opted_out else _steps_running(after)
    return [after.line("sms-done-others", step=", ".join(map(str, sorted(steps))))] if steps else []


def _steps_running(asking: Asking) -> list[int]:
    """The steps that still remind somebody, each once, in the order of the rules."""
    members, on = asking.person.members.values(), asking.today.here
    found = {rule.id for member in members for rule in running(asking.guide.rules, member, on)}
    named = [
        rule for rule in asking.guide.rules.values() if rule.id in found and rule_name(asking.words, rule)
    ]
    return list(dict.fromkeys(int(rule.step) for rule in named))


def _choices(asking: Asking) -> str:
    """ "DONE 7 or DONE 6", in the words of the language."""
    steps = _steps_running(asking) or list(STEPS_ASKED)
    choices = [asking.line("sms-done-choice", step=step) for step in steps]
    either = asking.line("sms-or")
    return f" {either} ".join(choices)
