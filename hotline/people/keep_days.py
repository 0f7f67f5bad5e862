"""How long what is stored is kept: the settings HOTLINE_…_DAYS, read. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from hotline.people.call_limits import LimitError, whole

MOST_DAYS = 365
VOICE_MESSAGE_DAYS = 30  # a month to listen and call back
# A day for limits, replays and late texts; two until a question was asked once more, by call, and answered.
LEAST_DAYS = 3
# Whether a text of the term was sent in its last days is asked until its closing words come too late.
RECORD_LEAST_DAYS = 14


@dataclass(frozen=True)
class KeepDays:
    """Days until something is erased.

    texts: the words of texts in and out, here and at the carrier. records: SIDs, states and times of what was
    sent, asked and answered. people: a person, from the last deadline or the last contact on.
    """

    texts: int = 7
    records: int = 30
    people: int = 30


def read_keep_days(settings: Mapping[str, str]) -> KeepDays:
    """The days in these settings. Raises LimitError naming the one that is wrong."""
    default = KeepDays()
    days = KeepDays(
        texts=_days(settings, "HOTLINE_TEXT_DAYS", default.texts),
        records=_days(settings, "HOTLINE_RECORD_DAYS", default.records, RECORD_LEAST_DAYS),
        people=_days(settings, "HOTLINE_PERSON_DAYS", default.people),
    )
    if days.texts > days.records:
        raise LimitError("HOTLINE_TEXT_DAYS: words are not kept longer than HOTLINE_RECORD_DAYS")
    return days


def read_voice_message_days(settings: Mapping[str, str]) -> int:
    """After which a message to the operator is erased. Raises LimitError."""
    return _days(settings, "HOTLINE_VOICE_MESSAGE_DAYS", VOICE_MESSAGE_DAYS, least=1)


def _days(settings: Mapping[str, str], name: str, default: int, least: int = LEAST_DAYS) -> int:
    raw = settings.get(name, str(default))
    days = whole(raw)
    if days is None or not least <= days <= MOST_DAYS:
        raise LimitError(f"{name}: '{raw[:20]}' is not {least} to {MOST_DAYS} days")
    return days
