"""How long a text is on the air: GSM-7 or UCS-2, units and segments. Pure.

Source: 3GPP TS 23.038 (alphabet) and TS 23.040 (concatenation): 160/153 septets, 70/67 UTF-16 units.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

GSM7_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
GSM7_EXTENDED = frozenset("^{}\\[~]|€\f")  # each takes two septets
GSM7 = GSM7_BASIC | GSM7_EXTENDED

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
    return _gsm7(text) if GSM7.issuperset(text) else _ucs2(text)


def _gsm7(text: str) -> Size:
    units = len(text) + sum(map(text.count, GSM7_EXTENDED))
    return Size(Alphabet.GSM7, units, _segments(text, units, GSM7_EXTENDED.__contains__, 160, 153))


def _ucs2(text: str) -> Size:
    units = len(text.encode("utf-16-le", "surrogatepass")) // 2
    return Size(Alphabet.UCS2, units, _segments(text, units, _is_pair, 70, 67))


def _is_pair(letter: str) -> bool:
    return ord(letter) > 0xFFFF


def _segments(text: str, units: int, is_wide: Callable[[str], bool], alone: int, chained: int) -> int:
    """Segments needed when no escape or surrogate pair may be split over two of them."""
    if units <= alone:
        return 1
    if units == len(text):  # nothing is wide
        return -(-units // chained)
    segments, used = 1, 0
    for letter in text:
        width = 2 if is_wide(letter) else 1
        if used + width > chained:
            segments, used = segments + 1, 0
        used += width
    return segments
