"""Going on where a step was left, offered in the menu at arrival. Pure.

A sentence offers it and names no step: a stranger with the telephone need not learn what was listened to.
"""

from __future__ import annotations

from datetime import timedelta

from hotline.voice.model import Talk, Turn
from hotline.voice.places import MAIN, Kind, Place, place_of, resume

OFFERED_FOR = timedelta(days=30)  # as long as the shortest term of the guide (s07-f02); later it is old news
LAST_STEP = "voice-last-step"


def offering(talk: Talk) -> Place:
    """The call's first place; for the main menu the one with the offer, if a caller looked up may have it."""
    place, caller = talk.call.place, talk.call.caller
    if place != MAIN or caller is None or caller.person.language is None:
        return place
    left = _left_at(talk)
    return resume(left) if left else place


def offered(talk: Talk) -> Place:
    """The paragraph that the place of the call offers to go on with."""
    return place_of(talk.call.place.target, talk.guide) or MAIN


def _left_at(talk: Talk) -> Place | None:
    """The paragraph at which the person stopped while that is no old news, if the guide still has it.

    Raises PersonWantedError.
    """
    stopped, at_utc = talk.person.stopped, talk.call.at_utc
    if stopped is None or at_utc is None or at_utc - stopped.at_utc > OFFERED_FOR:
        return None
    place = place_of(stopped.place, talk.guide)
    return place if place and place.kind is Kind.STEP else None


def paragraph_said(turn: Turn) -> Place | None:
    """The paragraph of a step that the turn says."""
    return turn.place if turn.place and turn.place.kind is Kind.STEP else None


def ends_step(turn: Turn) -> bool:
    """Whether a step has been heard to its end."""
    at_end = turn.place is not None and turn.place.kind is Kind.AFTER
    return at_end or any(heard.spoken.id == LAST_STEP for heard in turn.heard)
