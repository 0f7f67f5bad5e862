"""How many SMS segments a text takes (pure)."""

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED = frozenset("^{}\\[~]|€\f")


def count_segments(text: str) -> int:
    """Segments of a text, at least 1: GSM-7 160 then 153 a part, anything else UCS-2 70 then 67.

    Extended GSM characters take two places; an escape pair or a surrogate pair is not split over parts.
    Sizes: 3GPP TS 23.038 and TS 23.040; twilio-facts section 3 (Segments).
    """
    if all(letter in _BASIC or letter in _EXTENDED for letter in text):
        return _count([2 if letter in _EXTENDED else 1 for letter in text], 160, 153)
    return _count([2 if ord(letter) > 0xFFFF else 1 for letter in text], 70, 67)


def _count(widths: list[int], alone: int, part: int) -> int:
    if sum(widths) <= alone:
        return 1
    parts, used = 1, 0
    for width in widths:
        if used + width > part:
            parts, used = parts + 1, 0
        used += width
    return parts
