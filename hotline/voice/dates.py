"""My dates: what can be done with them; the days left, and that something is done. Pure.

Source: rules of the service, Dates and Who is believed.
"""

from __future__ import annotations

from dataclasses import replace

from hotline.people.members import SELF
from hotline.people.model import Effect
from hotline.reminders.agenda import member_after
from hotline.reminders.deadlines import ENTRY
from hotline.reminders.doing import done_effects, done_with, undone_effects, undone_with
from hotline.speech.clips import Spoken
from hotline.voice.keys import NUMBER_HIDDEN, missed_key
from hotline.voice.model import Talk, Turn
from hotline.voice.places import DATE_LEFT, DEADLINES, Wish, date_asked
from hotline.voice.prompts import arrive
from hotline.voice.ringing import ask_proof, days_left
from hotline.voice.terms import JOB, REGISTRATION, told_rules

ASKED_WITH = {"4": Wish.CALLS, "5": Wish.UNDATE}
DONE_KEYS = {"1": REGISTRATION, "2": JOB}
SWITCHED_ON = {REGISTRATION: Spoken("voice-registration-on"), JOB: Spoken("voice-job-on")}


def dates_turn(talk: Talk, key: str) -> Turn:
    """1 leaves a date, 2 tells the days left; 3, something is done, leads there too.

    4 is how one is reminded, by call or by text; 5 erases all dates. Both are a proven caller's.
    """
    if key not in {"1", "2", "3", "4", "5"}:
        return missed_key(talk, key)
    if not talk.call.has_number:
        return arrive(talk, DEADLINES, NUMBER_HIDDEN)
    if key in ASKED_WITH:
        return ask_proof(talk, ASKED_WITH[key])
    if key == "1":
        return arrive(talk, date_asked(ENTRY)) if talk.believed else ask_proof(talk, Wish.DATE)
    wish, granted = (Wish.LEFT, talk.believed) if key == "2" else (Wish.DONE, talk.call.proven)
    return ask_proof(talk, wish) if ENTRY in talk.person.dates and not granted else days_left(talk)


def left_turn(talk: Talk, key: str) -> Turn:
    """After the days left: 1 registration is done, 2 the job; the same key again undoes it."""
    rule = DONE_KEYS.get(key)
    person = talk.person
    if rule is None or rule not in {told.id for told in told_rules(talk.guide.rules, person.dates)}:
        return missed_key(talk, key)
    if not talk.call.proven:  # a stranger must not silence the reminders of a date, whoever left it
        return ask_proof(talk, Wish.DONE)
    rules, member = talk.guide.rules, person.member(SELF)
    if rule in person.done:
        back = undone_with(rules, member, rule)
        return _changed(talk, undone_effects(back, member, SELF), SWITCHED_ON[rule])
    ended = done_with(rules, member, rule, talk.today.here)
    return _changed(talk, done_effects(ended, member, SELF, talk.today.earliest))


def _changed(talk: Talk, effects: tuple[Effect, ...], *said: Spoken) -> Turn:
    """The days left once the effects are applied."""
    person = talk.person
    member = member_after(talk.guide.rules, person.member(SELF), SELF, effects, talk.today.here)
    after = talk.knowing(replace(talk.caller, person=person.with_member(SELF, member)))
    return replace(arrive(after, DATE_LEFT, *said), effects=effects)
