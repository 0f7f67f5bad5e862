"""How many texts of a number are answered, and what is said once it is enough. Pure.

Source: rules of the service, Limits on use. They stop two machines that answer each other, and spare whoever
pays for the answers.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

DAY, HOUR, TEN_MINUTES = timedelta(hours=24), timedelta(hours=1), timedelta(minutes=10)


class Said(StrEnum):
    """What a text was answered, as it counts."""

    REPLY = "reply"
    URGENT = "urgent"  # whom to call in danger
    CALL_US = "call_us"  # enough for this hour, or of the same text
    CALL_US_TODAY = "call_us_today"  # enough for 24 hours
    ASKED_IN_CALL = "asked_in_call"  # no text's answer: key 8, by which a caller has texts sent
    NOTHING = "nothing"


ANSWERED = (Said.REPLY, Said.URGENT)
TOLD_TO_CALL = (Said.CALL_US, Said.CALL_US_TODAY)
WORDS_SENT = (*ANSWERED, *TOLD_TO_CALL, Said.ASKED_IN_CALL)


@dataclass(frozen=True)
class Counted:
    """What a number was answered before this text, and what all were answered.

    same: replies to the same text in the last ten minutes. hour, day: all replies; urgent: the urgent ones of
    the last hour. told: how often it was told to call in the last hour; told_today: in the last 24 hours,
    because of the limit on those. asked_in_calls: how often it had texts sent by key 8 in the last 24 hours.
    everybody, purse: all replies of the last 24 hours, to all numbers and to those that share a purse with
    this one (reply_limits).
    """

    same: int = 0
    hour: int = 0
    day: int = 0
    urgent: int = 0
    told: int = 0
    told_today: int = 0
    asked_in_calls: int = 0
    everybody: int = 0
    purse: int = 0


@dataclass(frozen=True)
class TextLimits:
    """How many replies a number gets: in an hour, in 24 hours, to the same text in ten minutes.

    asked_in_calls: how often a day it has texts sent by key 8. They are counted apart: whoever calls under a
    number that is not theirs leaves its owner all replies.
    """

    per_hour: int = 30
    per_day: int = 60
    same_text: int = 3
    asked_in_calls: int = 20

    def ruling(self, counted: Counted, urgent: bool, new: bool) -> Said:
        """What the next text is answered. `urgent`: a cry for help, answered once an hour in any case.

        `new`: its answer will be another one than before, so it is not the same text again.
        """
        over_day = counted.day >= self.per_day
        repeated = not new and counted.same >= self.same_text
        if urgent and not counted.urgent:
            return Said.URGENT
        if not (over_day or repeated or counted.hour >= self.per_hour):
            return Said.URGENT if urgent else Said.REPLY
        if counted.told or (over_day and counted.told_today):
            return Said.NOTHING
        return Said.CALL_US_TODAY if over_day else Said.CALL_US
