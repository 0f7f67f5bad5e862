"""A call that asks once more about a date that was sent by text and not confirmed. Pure.

Source: rules of the service, Dates. The hotline rang the number itself, so the date is read back and stored.
"""

from __future__ import annotations

from dataclasses import replace

from hotline.people.members import SELF
from hotline.people.model import CloseQuestion, SaveDate
from hotline.people.questions import Question
from hotline.reminders.deadlines import ENTRY
from hotline.speech.clips import Spoken
from hotline.voice.keys import ended, missed_key
from hotline.voice.leaving import stored
from hotline.voice.model import Talk, Turn
from hotline.voice.places import ASK, MAIN
from hotline.voice.prompts import arrive, open_question
from hotline.voice.storing import saved_effects, saved_lines

HELLO = Spoken("voice-remind-hello")
NOTHING = Spoken("voice-remind-nothing")
BYE = Spoken("voice-remind-bye")


def ask_arrival(talk: Talk) -> Turn:
    """Who calls and which date; or that nothing is left to be asked."""
    if not talk.call.proven:
        return arrive(talk, MAIN)
    return arrive(talk, ASK, HELLO) if open_question(talk) else ended(talk, HELLO, NOTHING, BYE)


def ask_turn(talk: Talk, key: str) -> Turn:
    """1 stores the date, 2 drops it."""
    question = open_question(talk)
    if question is None:
        return ended(talk, NOTHING, BYE)
    match key:
        case "1":
            return _saved(talk, question)
        case "2":
            return replace(ended(talk, Spoken("voice-ask-dropped"), BYE), effects=(CloseQuestion(),))
    return missed_key(talk, key)


def _saved(talk: Talk, question: Question) -> Turn:
    """After the owner's entry the call goes on, as if it were keyed; after another date it ends."""
    assert question.day is not None
    save = SaveDate(question.anchor, question.day, question.member)
    if (question.anchor, question.member) == (ENTRY, SELF):
        return stored(talk, save)
    effects = saved_effects(talk, save)
    return replace(ended(talk, *saved_lines(talk, save, effects), BYE), effects=effects)
