"""Telephone numbers as the exchange judges them (pure)."""

import re
import uuid

_E164 = re.compile(r"\+[1-9]\d{6,14}")
# An alphanumeric sender: 1 to 11 ASCII letters, digits, spaces and - + _ &, one letter at least (Twilio's API
# reference, AlphaSender resource; twilio-facts section 3).
_ALPHANUMERIC = re.compile(r"(?=.*[A-Za-z])[A-Za-z0-9 +_&-]{1,11}")
# Countries named in the geographic webhook fields; any other is left empty, as Twilio leaves what it does
# not know.
_COUNTRIES = {"+996": "KG", "+7": "RU", "+1": "US"}

# Twilio's magic numbers of test credentials (twilio-facts section 6, point 9): number -> error code.
MAGIC_TEXT_TO = {
    "+15005550001": 21211,
    "+15005550002": 21612,
    "+15005550003": 21408,
    "+15005550004": 21610,
    "+15005550009": 21614,
}
MAGIC_TEXT_FROM = {"+15005550001": 21212, "+15005550007": 21606, "+15005550008": 21611}
MAGIC_CALL_TO = {
    "+15005550001": 21217,
    "+15005550002": 21214,
    "+15005550003": 21215,
    "+15005550004": 21216,
}
MAGIC_CALL_FROM = {"+15005550001": 21212}
# The one magic sender that works.
MAGIC_VALID_FROM = "+15005550006"


def is_e164(number: str) -> bool:
    """Whether a text is a telephone number in E.164: a plus sign and 7 to 15 digits."""
    return _E164.fullmatch(number) is not None


def is_alphanumeric(sender: str) -> bool:
    """Whether a text is a word such as KADAM that texts can come from; nobody can text back to it."""
    return _ALPHANUMERIC.fullmatch(sender) is not None


def find_country(number: str) -> str:
    """The ISO country of a number, or "" where the exchange does not know it."""
    return next((country for prefix, country in _COUNTRIES.items() if number.startswith(prefix)), "")


def make_sid(prefix: str) -> str:
    """A new Twilio-like identifier: a two-letter prefix (SM, CA, ...) and 32 hex digits."""
    return prefix + uuid.uuid4().hex
