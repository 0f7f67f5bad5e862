"""How often a day the operator is rung by key 7 and left a message, and the settings of it, read. Pure.

The hotline pays for the talk, and somebody has to hear each message. Anybody can call under any number, or
under none. So a number has a limit, far above what anybody in trouble needs, and all have one together. Of
that those whose number is hidden share a part: a flood of them leaves the rest to everybody else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from hotline.people.call_limits import read_count
from hotline.people.model import Refusal

HIDDEN_SHARE = 5  # a fifth of a day's rings and messages may be of callers whose number is hidden


class Use(StrEnum):
    """What of the operator a call takes, as it is counted (db.tables: `answers.said`)."""

    RING = "rang_operator"
    MESSAGE = "message_begun"


@dataclass(frozen=True)
class Used:
    """How often in the last 24 hours: by this number (all hidden ones are one), and by everybody."""

    number: int = 0
    everybody: int = 0


@dataclass(frozen=True)
class OperatorLimits:
    """How often in 24 hours, by one number and by everybody together.

    Rings count whether they were answered or not, and messages from the tone on, spoken or not: who finds the
    line busy tries again, so the limits of a number leave much room for that.
    """

    rings_of_number: int = 20
    rings: int = 500
    messages_of_number: int = 10
    messages: int = 200

    def refusal(self, use: Use, used: Used, hidden: bool) -> Refusal | None:
        """Why this is not had once more, None where it is."""
        of_number, of_all = self._most(use)
        if used.everybody >= of_all:
            return Refusal.EVERYBODY
        most = share_of_hidden(of_all) if hidden else of_number
        return Refusal.NUMBER if used.number >= most else None

    def _most(self, use: Use) -> tuple[int, int]:
        if use is Use.RING:
            return self.rings_of_number, self.rings
        return self.messages_of_number, self.messages


def share_of_hidden(most: int) -> int:
    """How many of the `most` of a day may be of hidden numbers: a fifth, rounded up."""
    return -(-most // HIDDEN_SHARE)


def read_operator_limits(settings: Mapping[str, str]) -> OperatorLimits:
    """The limits in these settings. Raises LimitError naming the one that is wrong."""
    default = OperatorLimits()
    return OperatorLimits(
        rings=read_count(settings, "HOTLINE_OPERATOR_RINGS_PER_DAY", default.rings, "rings"),
        messages=read_count(settings, "HOTLINE_VOICE_MESSAGES_PER_DAY", default.messages, "messages"),
    )
