"""Which telephone numbers are somebody: E.164, callable, not one of the stand-ins for "withheld". Pure."""

from __future__ import annotations

import phonenumbers

# Digits that networks put in place of a hidden number: ANONYMOUS, RESTRICTED, UNKNOWN, UNAVAILABLE, BLOCKED,
# PRIVATE spelled on the keypad (Twilio help, "Why am I getting calls from these strange numbers?").
STAND_INS = frozenset({"+266696687", "+7378742833", "+8656696", "+86282452253", "+2562533", "+774828"})


def usable_number(raw: str | None) -> str | None:
    """The E.164 form of a caller's number, or None if nobody can be reached or remembered under it."""
    if not raw or not raw.startswith("+") or raw in STAND_INS:
        return None
    try:
        number = phonenumbers.parse(raw)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def country_of(phone: str) -> str:
    """The country of an E.164 number, "KG"; "?" where nobody knows."""
    try:
        return phonenumbers.region_code_for_number(phonenumbers.parse(phone)) or "?"
    except phonenumbers.NumberParseException:
        return "?"
