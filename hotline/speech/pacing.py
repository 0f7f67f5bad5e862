"""Pauses: between the digits of a telephone number, and after a clip. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

AFTER_SENTENCE_S = 0.35
AFTER_CLAUSE_S = 0.2
WITHIN_CLAUSE_S = 0.05
INITIAL = (
    r"(?<=\b[^\W\d_])\.(?= )"  # "part B. Never": espeak-ng takes it for a name's initial, without a pause
)
SHORTEST_RUN = 3  # two numbers in a row may be an ordinary list; three digits in a row are dialled


def paced(text: str, digits: Sequence[str]) -> str:
    """The text as an engine should read it: the digits of a dialled number apart, and its repetition.

    A sentence that ends in a single letter ends in a semicolon, which is not overlooked.

    `digits`: the words for 0..9. A comma makes espeak-ng pause for 0.2 s, a full stop before a small letter
    not at all, a semicolon for 0.3 s and a full stop for 0.4 s (measured). The glossary asks for 0.3 s
    between digits and more before the second reading.
    """
    number = _number(digits)
    apart = re.sub(rf"{number}(?:;\s+{number})*", _dialled, text, flags=re.IGNORECASE)
    return re.sub(INITIAL, ";", apart)


def dialled_numbers(text: str, digits: Sequence[str]) -> list[str]:
    """The numbers to dial in a text, as they stand there: `Бир, бир, эки`."""
    return re.findall(_number(digits), text, flags=re.IGNORECASE)


def _number(digits: Sequence[str]) -> str:
    digit = rf"(?:{'|'.join(map(re.escape, digits))})"
    return rf"(?<!\w){digit}(?:[.,]\s+{digit}){{{SHORTEST_RUN - 1},}}"


def _dialled(numbers: re.Match[str]) -> str:
    first, *again = re.split(r";\s+", numbers[0])
    readings = [first, *(reading.capitalize() for reading in again)]
    return ". ".join(re.sub(r"[.,]", ";", reading) for reading in readings)


def tail_s(text: str) -> float:
    """Seconds of silence after a clip, by how its text ends; the next clip may be in the same sentence."""
    if text.endswith((".", "!", "?", "…")):
        return AFTER_SENTENCE_S
    if text.endswith((",", ";", ":")):
        return AFTER_CLAUSE_S
    return WITHIN_CLAUSE_S
