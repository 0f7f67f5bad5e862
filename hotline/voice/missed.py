"""A ring at a number on which nobody answers: busy, so nobody pays, and the hotline calls back. Pure.

Whoever cannot be called back is answered as on any other number, but told first that this may cost: to be cut
off twice would be worse than to pay. So no ring is ever turned away without a call back.
"""

from __future__ import annotations

from dataclasses import replace

from hotline.people.model import RingBack
from hotline.speech.clips import Spoken
from hotline.voice.keys import NUMBER_HIDDEN
from hotline.voice.model import Talk, Turn
from hotline.voice.places import LANGUAGE, MAIN
from hotline.voice.prompts import arrive
from hotline.voice.resuming import offering
from hotline.voice.ringing import not_called

MAY_COST = Spoken("voice-may-cost")


def missed_turn(talk: Talk) -> Turn:
    """The answer to the ring; the call back begins at the menu, which offers to go on where a step was left.

    It says no step before a key is pressed: a false number may have made the telephone ring.

    Raises PersonWantedError.
    """
    if not talk.call.has_number:
        return arrive(talk, LANGUAGE, NUMBER_HIDDEN, MAY_COST)
    known = _in_own_language(talk)
    if known.call.refused is not None:
        return arrive(known, offering(known), not_called(known.call.refused), MAY_COST)
    begins = known.call.place
    rung = Turn((), None, known.call.language, effects=(RingBack(str(begins)),), rejects=True)
    return replace(rung, if_unstored=begins)


def _in_own_language(talk: Talk) -> Talk:
    """At the main menu in the language that the person has chosen, or where it is asked for."""
    language = talk.person.language
    if language not in talk.guide.languages:
        return replace(talk, call=replace(talk.call, place=LANGUAGE, language=None))
    return replace(talk, call=replace(talk.call, place=MAIN, language=language))
