"""The setting of senders: what texts come from, for each beginning of a number. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from hotline.people.call_limits import listed

SENDER = "TWILIO_SMS_SENDER"


class SenderError(ValueError):
    """A sender that cannot be used, by the name of its setting."""


def read_senders(settings: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """`KADAM`, or per prefix `+7=KADAM,+996=+996312…`; a sender without a prefix fits every number.

    The longest prefix comes first. Raises SenderError naming the item that is wrong.
    """
    pairs: list[tuple[str, str]] = []
    for item in listed(settings.get(SENDER, "")):
        prefix, equals, sender = item.partition("=")
        if equals and not (prefix.startswith("+") and prefix[1:].isdigit() and sender):
            raise SenderError(f"{SENDER}: '{prefix}=' is not a prefix such as +7=")
        pair = (prefix, sender) if equals else ("", item)
        if pair[0] in dict(pairs):
            raise SenderError(f"{SENDER}: {pair[0] or 'the sender of all others'} is named twice")
        pairs.append(pair)
    return tuple(sorted(pairs, key=lambda pair: -len(pair[0])))
