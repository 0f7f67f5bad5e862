"""The names of all settings, so that a misspelt one is not taken for none. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from hotline.speech.settings import SPEECH_COMMAND

PREFIXES = ("HOTLINE_", "TWILIO_")  # of ours; KANNEL_ is looked at where it is read
NAMES = frozenset(
    {
        "HOTLINE_CALLS_PER_DAY",
        "HOTLINE_CALLS_PER_NUMBER_DAY",
        "HOTLINE_CALLS_PER_PREFIX_DAY",
        "HOTLINE_CALL_COUNTRIES",
        "HOTLINE_CLOCK",
        "HOTLINE_DATA_KEY",
        "HOTLINE_DISCREET",
        "HOTLINE_EXCHANGE_PUBLIC",
        "HOTLINE_LANGUAGES",
        "HOTLINE_METRICS_TOKEN",
        "HOTLINE_MISSED_CALL_NUMBERS",
        "HOTLINE_OPERATOR_HOURS",
        "HOTLINE_OPERATOR_NUMBER",
        "HOTLINE_OPERATOR_RINGS_PER_DAY",
        "HOTLINE_PERSON_DAYS",
        "HOTLINE_RECORD_DAYS",
        "HOTLINE_REMINDERS_ELSEWHERE_DAY",
        "HOTLINE_REMINDERS_PER_DAY",
        "HOTLINE_REMINDERS_PER_NUMBER_DAY",
        "HOTLINE_REMINDERS_PER_PREFIX_DAY",
        "HOTLINE_REPLIES_ELSEWHERE_DAY",
        "HOTLINE_REPLIES_PER_DAY",
        "HOTLINE_REPLIES_PER_PREFIX_DAY",
        "HOTLINE_REPLY_COUNTRIES",
        "HOTLINE_SEGMENTS_PER_SECOND",
        "HOTLINE_SEND_WINDOW",
        "HOTLINE_SPEECH_COMMAND",
        "HOTLINE_SPEECH_SPEED",
        "HOTLINE_TEXT_DAYS",
        "HOTLINE_TIMEZONE",
        "HOTLINE_VOICE_MESSAGES_PER_DAY",
        "HOTLINE_VOICE_MESSAGE_DAYS",
        "TWILIO_ACCOUNT_SID",
        "TWILIO_API_KEY",
        "TWILIO_API_SECRET",
        "TWILIO_API_URL",
        "TWILIO_AUTH_TOKEN",
        "TWILIO_NUMBER",
        "TWILIO_SMS_SENDER",
    }
)


class UnknownSettingError(ValueError):
    """A name that is no setting; the message says which one it is most like."""


def check_names(names: Iterable[str]) -> None:
    """Raises UnknownSettingError for the first name that begins like ours and is none."""
    for name in sorted(names):
        # Of the voice of a language its code is checked where it is read.
        if name.startswith(PREFIXES) and name not in NAMES and not name.startswith(f"{SPEECH_COMMAND}_"):
            (nearest,) = get_close_matches(name, sorted(NAMES), n=1, cutoff=0)
            raise UnknownSettingError(f"{name} is no setting; is {nearest} meant?")
