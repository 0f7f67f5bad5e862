"""One shape for the many ways a word is typed: case, alphabets, look-alikes, Latin spellings. Pure.

Source: content notes, part D, "How a message is read", rules 1 and 4 to 6.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

LONGEST_TEXT = 1600  # characters; a text of the carrier is never longer

DIGITS_OF_LETTERS = str.maketrans("OoОоlIЗзб", "000011336")
DIGIT_RUN = re.compile(r"[OoОоlIЗзб]*[0-9][0-9OoОоlIЗзб]*")
LOOKALIKE = "OoОоlIЗзб"
CAPITAL_LOOKALIKE = LOOKALIKE.upper()

LATIN_TWINS = "ABCEHKMOPTXY"
CYRILLIC_TWINS = "АВСЕНКМОРТХУ"
SIGNS = {"🔟": "10", "🆘": "SOS"}  # a number and a word that are one sign
TO_CYRILLIC = str.maketrans(LATIN_TWINS + "I", CYRILLIC_TWINS + "І")
TO_LATIN = str.maketrans(CYRILLIC_TWINS + "І", LATIN_TWINS + "I")

FOLDED_LETTERS = str.maketrans(
    {
        **dict(zip("ӨҮҢЁЪҚҒҰІӘ", "ОУНЕЬКГУИА", strict=True)),
        **dict(zip("ÖÜĞİÑ", "OUGIN", strict=True)),
        "Ş": "SH",
        "Ç": "CH",
    }
)
LATIN_OF_CYRILLIC = str.maketrans(
    {
        **dict(zip("АБВГДЕЗИЙКЛМНОПРСТУФХЦЫЭ", "ABVGDEZIIKLMNOPRSTUFHCIE", strict=True)),
        "Ж": "ZH",
        "Ч": "CH",
        "Ш": "SH",
        "Щ": "SHCH",
        "Ю": "YU",
        "Я": "YA",
        "Ь": None,
    }
)
SKELETON_RULES = tuple(
    (re.compile(pattern), sound)
    for pattern, sound in (
        ("DZH|ZH|DJ", "J"),
        ("SHCH|SCH|W", "SH"),
        ("KH|X", "H"),
        ("TS", "C"),
        ("Q", "K"),
        ("NG", "N"),
        ("Y", "I"),
        (r"(\D)\1+", r"\1"),
        ("IU", "U"),
        ("IA", "A"),
        ("IE|EI", "E"),
        ("IO", "O"),
        (r"(\D)\1+", r"\1"),
    )
)


@dataclass(frozen=True)
class Token:
    """A word or a number of a prepared text: folded, as a Latin skeleton, and where it stands."""

    folded: str
    skeleton: str
    start: int
    end: int

    @property
    def is_number(self) -> bool:
        """Whether the token is made of digits."""
        return self.folded.isdecimal()


def variants(text: str) -> Iterator[str]:
    """The text prepared for reading, then once more for each rule that is too bold for the first time.

    The bold: letters between a number and a word are digits (`STEPO7`, `1OSTEP`); 4 before a letter is Ч.
    """
    careful = prepare(text)
    yield careful
    bold = prepare(text, bold=True)
    if bold != careful:
        yield bold
    with_che = re.sub(r"(?<![0-9])4(?=[^\W\d_])", "Ч", careful)
    if with_che != careful:
        yield with_che


def prepare(text: str, bold: bool = False) -> str:
    """`text` in NFC and upper case, with ASCII digits, digits for letters that look like them (`1O.O3`), and
    without invisible characters and apostrophes inside words. Punctuation stays: dates need it.

    A look-alike between digits and a letter (`5Oct`, `STEPO7`) stays a letter unless `bold`.
    """
    plain = unicodedata.normalize("NFC", text[:LONGEST_TEXT])
    visible = "".join(SIGNS.get(letter, _ascii_digit(letter)) for letter in plain if not _invisible(letter))
    joined = re.sub(r"(?<=[^\W\d_])['’ʼ`´](?=[^\W\d_])", "", visible)
    digits = DIGIT_RUN.sub(lambda run: _digits(run, bold), joined)
    return unicodedata.normalize("NFC", digits.upper())


def tokens(prepared: str) -> tuple[Token, ...]:
    """The words and numbers of a prepared text, in order."""
    return tuple(_token(found) for found in re.finditer(r"[0-9]+|[^\W\d_]+", prepared))


def fold(word: str) -> str:
    """An upper-case word in one alphabet, without the letters that keyboards lack."""
    return _one_alphabet(word).translate(FOLDED_LETTERS)


def skeleton(folded: str) -> str:
    """A folded word as it sounds, in Latin letters: `ЖАРДАМ`, `ZHARDAM` and `DJARDAM` are all `JARDAM`."""
    sound = folded.translate(LATIN_OF_CYRILLIC)
    for pattern, replacement in SKELETON_RULES:
        sound = pattern.sub(replacement, sound)
    return sound


def _token(found: re.Match[str]) -> Token:
    folded = fold(found.group())
    return Token(folded, skeleton(folded), found.start(), found.end())


def _invisible(letter: str) -> bool:
    return unicodedata.category(letter) in ("Cf", "Me", "Mn")  # Me: the frame of a keycap


def _ascii_digit(letter: str) -> str:
    return str(unicodedata.decimal(letter)) if letter.isdecimal() else letter


def _digits(run: re.Match[str], bold: bool) -> str:
    """The run with its look-alikes as digits; unless `bold`, not those stuck to a word before or after it."""
    found, text = run.group(), run.string
    start, end = 0, len(found)
    if not bold and text[max(run.start() - 1, 0) : run.start()].isalpha():
        start = len(found) - len(found.lstrip(LOOKALIKE))
    if not bold and text[run.end() : run.end() + 1].isalpha():
        end = len(found.rstrip(LOOKALIKE))
    return found[:start] + found[start:end].translate(DIGITS_OF_LETTERS) + found[end:]


def _one_alphabet(word: str) -> str:
    """A word that mixes alphabets (`KAДAM`, `CTOП`) in that of the letters only one of them has."""
    latin = {letter for letter in word if "A" <= letter <= "Z"}
    cyrillic = {letter for letter in word if "Ѐ" <= letter <= "ӿ"}
    if not latin or not cyrillic:
        return word
    only_latin = latin - set(LATIN_TWINS + "I")
    only_cyrillic = cyrillic - set(CYRILLIC_TWINS + "І")
    if only_latin and only_cyrillic:
        return word
    return word.translate(TO_LATIN if only_latin else TO_CYRILLIC)
