"""START by SMS: reminders again, all of them or those of a step. Pure."""

from __future__ import annotations

from hotline.people.model import OptIn
from hotline.reminders.doing import ended, is_to_come, running, undone, undone_effects
from hotline.sms.doing import asking_after, choices, names_of
from hotline.sms.reply import Asking, Reply, joined
from hotline.sms.telling import of_whom, opted_out


def start_reply(asking: Asking) -> Reply:
    """START: reminders again, all of them or those of one step; not while the carrier lets none through."""
    if asking.command.steps:
        return _undone(asking, asking.command.steps[0])
    if asking.person.blocked and not asking.command.carrier_keyword:  # nothing would come of it
        return Reply((asking.line("sms-start-at-carrier"),))
    if asking.person.members:
        return Reply((asking.line("sms-start"),), (OptIn(),))
    return Reply((asking.line("sms-start-no-entry"),), (OptIn(),))


def _undone(asking: Asking, step: int) -> Reply:
    """What was ended last is to do again; the answer says what is reminded of by now, and what stays off."""
    members = asking.person.members
    back = undone(asking.guide.rules, members, step, asking.written.here, asking.person.as_of_utc)
    effects = [each for n, rules in back.items() for each in undone_effects(rules, members[n], n)]
    after = asking_after(asking, effects)
    told = [text for number in back or members for text in _told(after, number, step, bool(back))]
    if not told:
        return Reply((asking.line("sms-done-no-rule", choices=choices(after)),), tuple(effects))
    return Reply(tuple(opted_out(asking)) or joined(*told), tuple(effects))


def _told(after: Asking, number: int, step: int, is_back: bool) -> list[str]:
    """That a member is reminded again, and of what; what is off, where nothing of it was brought back."""
    rules, member, on = after.guide.rules, after.person.member(number), after.today.here
    of_step = [rule for rule in running(rules, member, on) if int(rule.step) == step]
    names = names_of(after, (rule for rule in of_step if is_to_come(rules, member, rule, on)))
    off = names_of(after, ended(rules, member, step))
    texts = [after.line("sms-undone", step=step)] if names and (is_back or not off) else []
    texts += [after.line("sms-done-later", names=names)] if names else []
    texts += [after.line("sms-still-off", names=off)] if off and not is_back else []
    return [of_whom(after, number, text) for text in texts]
