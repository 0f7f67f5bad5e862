"""DONE by SMS: what is done, and by whom. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import timedelta

from hotline.guide.model import ReminderRule
from hotline.people.members import MOST_MEMBERS, Member
from hotline.people.model import Ask, CloseQuestion, Effect, MarkDone
from hotline.people.questions import Asked, Question
from hotline.reminders.agenda import member_after
from hotline.reminders.deadlines import ENTRY, REGISTERED
from hotline.reminders.doing import (
    FIRST_STAGE,
    done_effects,
    done_lately,
    ended,
    is_question,
    meant,
    running,
)
from hotline.reminders.wording import answer_text, rule_name
from hotline.sms.reply import Asking, Reply, choosing, joined
from hotline.sms.telling import of_whom, opted_out, status_texts, told_next
from hotline.sms.understanding.command import CommandName

REGISTRATION_STEP = 7
EVERYBODY = MOST_MEMBERS + 1  # the number that means all people on the telephone
STEPS_ASKED = (7, 6)  # what a DONE that names no step is asked about first
ANSWERED_WITHIN = timedelta(days=3)  # ours: so long DONE is taken for the answer to the last reminder


def done_reply(asking: Asking) -> Reply:
    """Switches the reminders of one step off, or asks which, or whose; the answer says how to undo it."""
    if not asking.person.members:  # no date, so nothing to remind of and nothing to switch off
        return none_stored(asking)
    steps = steps_named(asking)
    if len(steps) != 1:
        return Reply((asking.line("sms-done-which", choices=choices(asking)),))
    registered = asking.command.name is CommandName.REGISTERED
    who = _who_runs(asking, steps[0], registered)
    if len(who) > 1:
        anchor = REGISTERED if registered else ENTRY
        question = Question(Asked.WHO_IS_DONE, step=steps[0], anchor=anchor)
        return Reply(_who_asked(asking, who, steps[0]), (Ask(question),))
    return done_of(asking, steps[0], who, registered=registered)


def done_of(
    asking: Asking, step: int, who: Sequence[int], first: Sequence[Effect] = (), registered: bool = False
) -> Reply:
    """The step is done by these members; `first`: what else the message changes.

    Said once more within a day it is answered as the first time, and ends nothing more. `registered`: of its
    first stage, as "I have registered" is, or the day of it.
    """
    effects: list[Effect] = list(first)
    names: list[str] = []
    for number in who:
        member, on = asking.person.member(number), asking.today.here
        before = member_after(asking.guide.rules, member, number, first, on)
        rules = _ended(asking, before, step, registered)
        names += [name for rule in rules if (name := rule_name(asking.words, rule))]
        effects += done_effects(rules, before, number, asking.written.earliest)
    if not names:
        return _nothing_to_end(asking, step, first)
    after = asking_after(asking, effects)
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
    registered = question.anchor == REGISTERED
    who = _who_runs(asking, question.step, registered)
    if number != EVERYBODY and number - 1 not in who:
        return None
    chosen = who if number == EVERYBODY else [number - 1]
    return done_of(asking, question.step, chosen, registered=registered)


def who_asked_again(asking: Asking) -> Reply:
    """The numbered question once more: it was answered with OK."""
    question = asking.person.question
    step = question.step if question else None
    who = _who_runs(asking, step, question.anchor == REGISTERED) if question and step is not None else []
    if step is None or not who:
        return Reply((asking.line("sms-done-which", choices=choices(asking)),), (CloseQuestion(),))
    return Reply(_who_asked(asking, who, step))


def status_reply(asking: Asking) -> Reply:
    """What is stored and the days left."""
    return Reply(status_texts(asking)) if asking.person.members else none_stored(asking)


def none_stored(asking: Asking) -> Reply:
    """No date is stored, and how to leave one."""
    return Reply(joined(asking.line("sms-status-none"), *opted_out(asking)))


def asking_after(asking: Asking, effects: Sequence[Effect]) -> Asking:
    """The same message once its effects are applied."""
    person = asking.person
    for number in {effect.member for effect in effects if hasattr(effect, "member")}:
        member = member_after(asking.guide.rules, person.member(number), number, effects, asking.today.here)
        person = person.with_member(number, member)
    return replace(asking, person=person)


def _begun(after: Asking, number: int, effects: Sequence[Effect]) -> list[str]:
    """What is to be done once this is done: the rules that follow those that it ends."""
    ended = {effect.rule for effect in effects if isinstance(effect, MarkDone) and effect.member == number}
    return told_next(after, after.person.member(number), ended)


def _nothing_to_end(asking: Asking, step: int, effects: Sequence[Effect]) -> Reply:
    """The step has no reminders that end now: they are ended, are to come, or there are none of it."""
    rules, members, on = asking.guide.rules, asking.person.members.values(), asking.today.here
    is_off = [rule for each in members for rule in ended(rules, each, step)]
    off, names = names_of(asking, is_off), {rule_name(asking.words, rule) for rule in is_off}
    of_step = [rule for each in members for rule in running(rules, each, on) if int(rule.step) == step]
    told = [asking.line("sms-done", step=step, names=off)] if off else []
    told += going_on(asking, (rule for rule in of_step if rule_name(asking.words, rule) not in names))
    questions = (answer_text(asking.words, rule, None, asking.today) for rule in of_step if is_question(rule))
    told += [] if asking.person.opted_out else dict.fromkeys(questions)
    if told:
        return Reply(joined(*told, *_others(asking)), tuple(effects))
    return Reply((asking.line("sms-done-no-rule", choices=choices(asking)),), tuple(effects))


def going_on(asking: Asking, rules: Iterable[ReminderRule]) -> list[str]:
    """That the reminders of these rules go on; nothing does where they were stopped."""
    names = names_of(asking, rules)
    return [asking.line("sms-done-later", names=names)] if names and not asking.person.opted_out else []


def names_of(asking: Asking, rules: Iterable[ReminderRule]) -> str:
    """What the rules are called, each once."""
    names = (rule_name(asking.words, rule) for rule in rules)
    return ", ".join(dict.fromkeys(name for name in names if name))


def steps_named(asking: Asking) -> tuple[int, ...]:
    """The step of DONE 7; of a bare DONE that of the last text, if it named one rule alone."""
    if asking.command.steps:
        return asking.command.steps
    return tuple({int(asking.guide.rules[id].step) for id in _told_last(asking)})


def _told_last(asking: Asking) -> list[str]:
    """The rules of the last reminder, while a bare DONE can be its answer.

    Not once a date, or what is done, has changed: what that was answered was read last. But for DONE of these
    rules themselves, said once more.
    """
    told, told_utc = _reminded_last(asking), asking.person.last_rules_at_utc
    members = asking.person.members.values()
    changed = any(told_utc and then > told_utc for each in members for then in each.changed_at_utc.values())
    steps = {int(asking.guide.rules[id].step) for id in told}
    lately = {rule.id for each in members for step in steps for rule in _done_lately(asking, each, step)}
    return told if not changed or lately & set(told) else []


def _reminded_last(asking: Asking) -> list[str]:
    """The rules of the last reminder, for some days: DONE of their step is said of them."""
    person, at_utc = asking.person, asking.person.as_of_utc
    told_utc = person.last_rules_at_utc
    if at_utc is None or told_utc is None or not told_utc <= at_utc <= told_utc + ANSWERED_WITHIN:
        return []
    return [id for id in person.last_rules if id in asking.guide.rules]


def _who_runs(asking: Asking, step: int, registered: bool = False) -> list[int]:
    """The members for whom the step has reminders that DONE can end, or has ended within a day."""
    members = asking.person.members.items()
    return [number for number, member in members if _is_meant(asking, member, step, registered)]


def _is_meant(asking: Asking, member: Member, step: int, registered: bool) -> bool:
    found = done_now(asking, member, step, registered)
    return _named(asking, [*found, *_done_lately(asking, member, step)])


def _ended(asking: Asking, member: Member, step: int, registered: bool) -> list[ReminderRule]:
    """What DONE of the step ends; nothing where something else was ended just now, for it may be said twice.

    But for an answer to what has reminded since, and for the first stage, which nothing else can be called.
    """
    found = done_now(asking, member, step, registered)
    lately, told = _done_lately(asking, member, step), _told_last(asking)
    answers = any(rule.id in told for rule in found) and not any(rule.id in told for rule in lately)
    if answers or registered or not lately:
        return found
    before = min(rule.stage for rule in lately)
    return [rule for rule in found if rule.stage == before]


def done_now(asking: Asking, member: Member, step: int, registered: bool = False) -> list[ReminderRule]:
    """What DONE of the step ends; `registered`: nothing but its first stage, never an extension.

    A bare DONE is said of what the last text named, and of nothing else.
    """
    rules, on = asking.guide.rules, asking.written.here
    if registered:
        return [rule for rule in meant(rules, member, step, on) if rule.stage == FIRST_STAGE]
    found = meant(rules, member, step, on, _reminded_last(asking))
    if asking.command.name is not CommandName.DONE or asking.command.steps:
        return found
    stages = {rules[id].stage for id in _told_last(asking) if not is_question(rules[id])}
    return [rule for rule in found if rule.stage in stages]


def _done_lately(asking: Asking, member: Member, step: int) -> list[ReminderRule]:
    return done_lately(asking.guide.rules, member, step, asking.person.as_of_utc)


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


def choices(asking: Asking) -> str:
    """ "DONE 7 or DONE 6", in the words of the language."""
    steps = _steps_running(asking) or list(STEPS_ASKED)
    named = [asking.line("sms-done-choice", step=step) for step in steps]
    either = asking.line("sms-or")
    return f" {either} ".join(named)
