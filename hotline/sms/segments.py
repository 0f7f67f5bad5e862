"""How long a text is on the air: GSM-7 or UCS-2, units and segments. Pure.

Source: 3GPP TS 23.038 (alphabet) and TS 23.040 (concatenation): 160/153 septets, 70/67 UTF-16 units.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

GSM7_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
GSM7_EXTENDED = frozenset("^{}\\[~]|€\f")  # each takes two septets

PAGE_UNITS_UCS2 = 134  # two concatenated segments of 67
PAGE_UNITS_GSM7 = 160  # one segment


class Alphabet(StrEnum):
    """The alphabet that the whole text must be sent in."""

    GSM7 = "GSM-7"
    UCS2 = "UCS-2"


@dataclass(frozen=True)
class Size:
    """What a text costs: its alphabet, its units in that alphabet, and its segments."""

    alphabet: Alphabet
    units: int
    segments: int

    @property
    def segments_a_page(self) -> int:
        """Segments that a full page of this alphabet takes."""
        return 1 if self.alphabet is Alphabet.GSM7 else 2

    @property
    def fits_page(self) -> bool:
        """Whether the text is one page: 134 UCS-2 units (two segments) or 160 GSM-7 ones (one segment)."""
        limit = PAGE_UNITS_GSM7 if self.alphabet is Alphabet.GSM7 else PAGE_UNITS_UCS2
        return self.units <= limit


def measure(text: str) -> Size:
    """The size of `text` as a handset receives it."""
    if all(letter in GSM7_BASIC or letter in GSM7_EXTENDED for letter in text):
        return _gsm7(text)
    return _ucs2(text)


def _gsm7(text: str) -> Size:
    widths = [2 if letter in GSM7_EXTENDED else 1 for letter in text]
    return Size(Alphabet.GSM7, sum(widths), _segments(widths, alone=160, chained=153))


def _ucs2(text: str) -> Size:
    widths = [2 if ord(letter) > 0xFFFF else 1 for letter in text]
    return Size(Alphabet.UCS2, sum(widths), _segments(widths, alone=70, chained=67))


def _segments(widths: list[int], alone: int, chained: int) -> int:
    """Segments needed when no escape or surrogate pair may be split over two of them."""
    if sum(widths) <= alone:
        return 1
    segments, used = 1, 0
    for width in widths:
        if used + width > chained:
            segments, used = segments + 1, 0
        used += width
    return segments
