"""A person: the talk with the operator has ended, or nobody answers and a message can be left. Pure.

Key 7 itself is in keys.py: it rings the operator, or out of hours leads to the offer at once.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from hotline.people.model import KeepMessage
from hotline.speech.clips import Spoken
from hotline.voice.keys import missed_key
from hotline.voice.model import Recorded, Talk, Turn
from hotline.voice.places import offer, origin, record
from hotline.voice.prompts import arrive

RECORDING_SID = re.compile(r"RE[0-9a-fA-F]{32}", re.ASCII)  # Twilio documentation, "Recordings resource"
LONGEST_COUNT = 6  # digits of a number of seconds
SPEAK = "1"


def recorded_of(form: Mapping[str, str]) -> Recorded | None:
    """The message that the carrier tells of when <Record> has ended, or None where nothing was said.

    A sample: RecordingSid=RE0123…&RecordingDuration=4&RecordingUrl=https://…&Digits=%23. The address is never
    fetched: it is made anew from the SID.
    """
    sid, seconds = form.get("RecordingSid", ""), form.get("RecordingDuration", "")
    if RECORDING_SID.fullmatch(sid) is None:
        return None
    told = len(seconds) <= LONGEST_COUNT and seconds.isascii() and seconds.isdigit()
    return Recorded(sid, int(seconds) if told else 0)


def talk_ended(talk: Talk, _key: str) -> Turn:
    """The operator has hung up; or could not be reached: a message can be left."""
    here = origin(talk.call.place, talk.guide)
    if talk.call.talked:
        return arrive(talk, here)
    return arrive(talk, offer(here), Spoken("voice-person-busy"))


def offer_turn(talk: Talk, key: str) -> Turn:
    """1 leaves a message; `*` goes back, as everywhere."""
    if key != SPEAK:
        return missed_key(talk, key)
    here = origin(talk.call.place, talk.guide)
    if talk.call.refused is not None:
        return arrive(talk, here, Spoken("voice-no-message-today"))
    return arrive(talk, record(here))


def message_spoken(talk: Talk, _key: str) -> Turn:
    """The message is kept, and the call goes on where it was; so it does if nothing was said."""
    here = origin(talk.call.place, talk.guide)
    recorded = talk.call.recorded
    if recorded is None:
        return arrive(talk, here, Spoken("voice-message-none"))
    taken = Spoken("voice-message-taken") if talk.call.has_number else Spoken("voice-message-taken-hidden")
    effects = (KeepMessage(recorded.sid, recorded.seconds, talk.call.language),)
    return replace(arrive(talk, here, taken), effects=effects, if_unstored=here)
