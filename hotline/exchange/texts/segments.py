"""How many SMS segments a text takes (pure)."""

from dataclasses import dataclass

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED = frozenset("^{}\\[~]|€\f")


@dataclass(frozen=True)
class Size:
    """A text on the air: its alphabet (GSM-7 or UCS-2), its units in it, its segments (at least 1)."""

    alphabet: str
    units: int
    segments: int


def measure(text: str) -> Size:
    """The size of a text: GSM-7 160 then 153 units a part, anything else UCS-2 70 then 67.

    Extended GSM characters take two places; an escape pair or a surrogate pair is not split over parts.
    Sizes: 3GPP TS 23.038 and TS 23.040; twilio-facts section 3 (Segments).
    """
    if all(letter in _BASIC or letter in _EXTENDED for letter in text):
        widths = [2 if letter in _EXTENDED else 1 for letter in text]
        return Size("GSM-7", sum(widths), _count(widths, 160, 153))
    widths = [2 if ord(letter) > 0xFFFF else 1 for letter in text]
    return Size("UCS-2", sum(widths), _count(widths, 70, 67))


def _count(widths: list[int], alone: int, part: int) -> int:
    if sum(widths) <= alone:
        return 1
    parts, used = 1, 0
    for width in widths:
        if used + width > part:
            parts, used = parts + 1, 0
        used += width
    return parts
