"""How long a call may get: the path counts its turns. Pure.

Silence ends a forgotten call by itself. This ends one in which keys go on and on: whoever calls pays by the
minute, and a machine that presses keys would hold the line for ever.
"""

from __future__ import annotations

from dataclasses import replace

from hotline.speech.clips import Spoken
from hotline.voice.keys import goodbye
from hotline.voice.model import Heard, Talk, Turn

MOST_TURNS = 100  # hearing the whole guide takes about 90: 79 paragraphs and the ends of twelve steps
WARNED_AT = 90  # leaves ten keys; the end of a paper takes eight from the main menu
LAST_TURN = 110  # for what is being stored when the call is at its longest


def within_length(talk: Talk, wanted: Turn) -> Turn:
    """`wanted`, or the polite end in its place: whoever calls is warned ten turns before.

    A turn that stores is not cut off, nor is the operator: the call ends at the next one, at LAST_TURN at
    the latest; even there what was to be stored is.
    """
    turns = talk.call.turns
    if wanted.place is None or wanted.dial is not None:
        return wanted
    language = wanted.language or talk.language
    if turns >= LAST_TURN or (turns >= MOST_TURNS and not wanted.stores):
        last = goodbye(talk.speaking(language))
        return replace(last, effects=(*wanted.effects, *last.effects))
    if turns == WARNED_AT:
        return replace(wanted, heard=(Heard(language, Spoken("voice-ends-soon")), *wanted.heard))
    return wanted
