"""Kyrgyz and Russian in Latin letters, as people type them in an SMS: ASCII alone. Pure.

Source of the spelling: the columns "typed in Latin" of content notes, part D. What a language spells its own
way stands under [latin] in its `language.toml`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

LETTERS: Mapping[str, str] = {
    **dict(zip("абвгдеёзийклмнопрстуфхцыэ", "abvgdeeziyklmnoprstufhcye", strict=True)),
    "ж": "zh",
    "ч": "ch",
    "ш": "sh",
    "щ": "sch",
    "ю": "yu",
    "я": "ya",
    "ъ": "'",
    "ь": "",
    "ый": "yi",  # not yy
    "ье": "ye",
    "ьё": "ye",
    "ьи": "yi",
    "ьо": "yo",
    "сх": "skh",  # sh is ш
}
SIGNS: Mapping[str, str] = {
    **dict.fromkeys("«»“”„", '"'),
    **dict.fromkeys("’‘", "'"),
    **dict.fromkeys("–—", "-"),
    "…": "...",
    "№": "No ",
    "\u00a0": " ",
}
SHORTEST_WORD = 3  # letters: a longer key of a spelling is a whole word, a shorter one stands anywhere


@dataclass(frozen=True)
class Spelling:
    """How a language writes its letters, in lower case, with Latin ones."""

    letters: Mapping[str, str] = field(repr=False)
    pattern: re.Pattern[str] = field(repr=False)  # capitals, and what is more than one letter
    single: Mapping[int, str] = field(repr=False)  # every other letter and sign, by its code

    @classmethod
    def of(cls, own: Mapping[str, str]) -> Spelling:
        """The spelling of a language; `own` is what it spells otherwise than LETTERS and SIGNS.

        A key of one or two letters is spelled so wherever it stands; a longer one is a whole word in which
        Latin letters would mean something else.
        """
        letters = {**LETTERS, **SIGNS, **own}
        single = {key: latin for key, latin in letters.items() if len(key) == 1}
        longest_first = sorted(letters.keys() - single.keys(), key=len, reverse=True)
        capitals = "".join(key.upper() for key in single if key.isalpha())
        pattern = re.compile(f"(?i:{'|'.join(map(_pattern_of, longest_first))})|[{capitals}]")
        return cls(letters, pattern, str.maketrans(single))

    def latin(self, text: str) -> str:
        """`text` in Latin letters; digits, Latin words and addresses stay as they are."""
        cased = self.pattern.sub(lambda found: _cased(found, self.letters[found.group().lower()]), text)
        return cased.translate(self.single)


def has_cyrillic(text: str) -> bool:
    """Whether any letter of `text` is Cyrillic."""
    return re.search("[\u0400-\u04ff]", text) is not None


def _pattern_of(key: str) -> str:
    return rf"\b{re.escape(key)}\b" if len(key) >= SHORTEST_WORD else re.escape(key)


def _cased(found: re.Match[str], latin: str) -> str:
    """The spelling in the case of its letter: Ш is SH in ШАГ and Sh in Шаг."""
    if not found.group()[0].isupper():
        return latin
    before, after = found.string[: found.start()][-1:], found.string[found.end() :][:1]
    in_capitals = after.isupper() or (before.isupper() and not after.islower())
    return latin.upper() if in_capitals or found.group()[1:].isupper() else latin.capitalize()
