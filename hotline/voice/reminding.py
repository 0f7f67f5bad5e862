"""A call that reminds: the hotline has rung, the person hears the term and answers with a key. Pure.

Source: rules of the service, Reminders. One rule after the other: 1 it is done, 2 what to do and to bring,
3 again tomorrow. The hotline rang the number itself, so its own days are told.
"""

from __future__ import annotations

from dataclasses import replace

from hotline.guide.model import ReminderRule
from hotline.people.members import SELF
from hotline.people.model import Effect, PutOff, Told
from hotline.reminders.doing import done_effects, done_with
from hotline.speech.clips import Spoken
from hotline.voice.keys import ended, missed_key
from hotline.voice.model import Talk, Turn
from hotline.voice.places import MAIN, Place, remind, step
from hotline.voice.prompts import arrive, reminded
from hotline.voice.terms import has_tomorrow

HELLO = Spoken("voice-remind-hello")
WHY = Spoken("voice-remind-why")
NOTHING = Spoken("voice-remind-nothing")


def remind_arrival(talk: Talk) -> Turn:
    """Who calls, the first term, what can be answered; or that nothing is left to be said."""
    place = talk.call.place
    if not talk.call.proven:
        return arrive(talk, MAIN)
    if not reminded(talk, place):
        return _bye(talk, HELLO, NOTHING)
    return replace(arrive(talk, place, HELLO, WHY), effects=(Told(),))


def remind_turn(talk: Talk, key: str) -> Turn:
    """A key at the reminder of the first rule that still runs; silence is asked again, as everywhere."""
    if not talk.call.proven:
        return arrive(talk, MAIN)
    running = reminded(talk, talk.call.place)
    if not running:
        return _bye(talk, NOTHING)
    rule, later = running[0], tuple(rule.id for rule in running[1:])
    match key:
        case "1":
            return _after(talk, later, Spoken("voice-remind-done"), *_done(talk, rule))
        case "2":
            return arrive(talk, _help_of(talk, rule))
        case "3" if has_tomorrow(rule, talk.person.dates, talk.person.done, talk.today):
            return _after(talk, later, Spoken("voice-remind-tomorrow"), PutOff(rule.id))
        case "3":
            return arrive(talk, talk.call.place, Spoken("voice-remind-today"))
    return missed_key(talk, key)


def to_a_machine(talk: Talk) -> Turn:
    """What an answering machine records: who called and how to call back, nothing of the person."""
    return ended(talk, Spoken("voice-machine"))


def _done(talk: Talk, rule: ReminderRule) -> tuple[Effect, ...]:
    member = talk.person.member(SELF)
    ended = done_with(talk.guide.rules, member, rule.id, talk.today.here)
    return done_effects(ended, member, SELF, talk.today.earliest)


def _after(talk: Talk, later: tuple[str, ...], said: Spoken, *effects: Effect) -> Turn:
    """`said`, then the next rule or the end."""
    turn = arrive(talk, remind(later), said) if later else _bye(talk, said)
    return replace(turn, effects=effects)


def _bye(talk: Talk, *said: Spoken) -> Turn:
    return ended(talk, *said, Spoken("voice-remind-bye"))


def _help_of(talk: Talk, rule: ReminderRule) -> Place:
    if rule.help is None:
        return step(rule.step)
    return step(rule.step, talk.guide.paragraph_of_fact(talk.language, rule.step, rule.help))
