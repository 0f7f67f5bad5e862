"""A call that asks once more about a date that was sent by text and not confirmed. Pure.

Source: rules of the service, Dates. The hotline rang the number itself, so the date is read back and stored.
"""

from __future__ import annotations

from dataclasses import replace

from hotline.people.model import CloseQuestion, SaveDate
from hotline.speech.clips import Spoken
from hotline.voice.keys import ended, missed_key
from hotline.voice.leaving import stored
from hotline.voice.model import Talk, Turn
from hotline.voice.places import ASK, MAIN
from hotline.voice.prompts import arrive, open_question

HELLO = Spoken("voice-remind-hello")
NOTHING = Spoken("voice-remind-nothing")
BYE = Spoken("voice-remind-bye")


def ask_arrival(talk: Talk) -> Turn:
    """Who calls and which date; or that nothing is left to be asked."""
    if not talk.call.proven:
        return arrive(talk, MAIN)
    return arrive(talk, ASK, HELLO) if open_question(talk) else ended(talk, HELLO, NOTHING, BYE)


def ask_turn(talk: Talk, key: str) -> Turn:
    """1 stores the date, 2 drops it.

    Once it is stored the call goes on, as if it had been keyed: what is then said of the date names keys.
    """
    question = open_question(talk)
    if question is None:
        return ended(talk, NOTHING, BYE)
    match key:
        case "1":
            assert question.day is not None
            return stored(talk, SaveDate(question.anchor, question.day, question.member))
        case "2":
            return replace(ended(talk, Spoken("voice-ask-dropped"), BYE), effects=(CloseQuestion(),))
    return missed_key(talk, key)
