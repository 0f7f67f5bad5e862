"""The forms in which people type a date, matched as a closed grammar before anything is known of today. Pure.

Source: content notes, part D, "Dates people type". Day before month, never swapped.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from hotline.sms.understanding.folding import Token, tokens
from hotline.sms.understanding.lexicon import Lexicon
from hotline.sms.understanding.typed_numbers import number_word_at
from hotline.sms.understanding.word_keys import DAYS_AGO, MONTH_KEYS

SEPARATORS = set("./-–—,\\_")
WRITTEN_SEPARATORS = set("./")  # enough between day and month where no year follows
CENTURIES = ("19", "20")
SLIP_OF_STEP = "SEP"  # `SEP 7` is September, and one letter from `STEP 7`

# Classes of the pieces of a text: D one or two digits, Y four digits, X other digits, O a number in words,
# E the ending of a day, M a month, A an old name of a month, N "month", W "year", R a day relative to today,
# G "days ago", ? any other word. Only these orders of day, month and year are dates:
WORD_FORMS = tuple(
    re.compile(form)
    for form in (
        "(?P<year>Y)?W?(?P<day>D|O)E?(?P<month>M)",
        "(?P<day>D|O)E?(?P<month>M)(?P<year>[YD])W?",
        "(?P<month>M)(?P<day>D|O)E?(?:(?P<year>[YD])W?)?",
        "(?P<year>Y)W?(?P<month>M)(?P<day>D|O)E?",
    )
)


@dataclass(frozen=True)
class DateForm:
    """A date as typed: the parts said, or how many days ago (-1 tomorrow). Neither: a form not to be guessed.

    clear: the form leaves no doubt. whole: the text says nothing else. run_together: six digits, DDMMYY.
    """

    day: int | None = None
    month: int | None = None
    year: int | None = None
    days_ago: int | None = None
    clear: bool = False
    whole: bool = True
    run_together: bool = False


@dataclass(frozen=True)
class Piece:
    """One or more tokens of a text with their class in the grammar, and the value of a day, month or year."""

    kind: str
    value: int
    digits: int
    start: int
    end: int


UNSURE = DateForm()


def find_form(prepared: str, words: Lexicon) -> DateForm | None:
    """The date form in a prepared text; None where nothing in it looks like a date.

    Words around a date are allowed but make it unclear; words within it, or a second date, make it UNSURE.
    """
    pieces = _pieces(tokens(prepared), words)
    core = _strip(pieces)
    if not core:
        return None
    form = _relative_form(core) or _digits_form(core, prepared) or _words_form(core, prepared) or UNSURE
    return form if len(core) == len(pieces) else replace(form, clear=False, whole=False)


def _relative_form(core: Sequence[Piece]) -> DateForm | None:
    kinds = _kinds(core)
    if kinds == "R" or kinds in ("DG", "OG"):
        return DateForm(days_ago=core[0].value, clear=True)
    return None


def _digits_form(core: Sequence[Piece], prepared: str) -> DateForm | None:
    """A date in digits alone, `05.03.2025-ж`; None where the core has words of a date."""
    numbers = [piece for piece in core if piece.kind != "W"]
    if not re.fullmatch("[DYX]+W*", _kinds(core)):
        return None
    gaps = [prepared[left.end : right.start].strip() for left, right in pairwise(numbers)]
    if any(set(gap) - SEPARATORS for gap in gaps):
        return UNSURE
    match len(numbers):
        case 1:
            return _run_together_form(prepared[numbers[0].start : numbers[0].end])
        case 2:
            return _day_month_form(numbers, gaps[0])
        case 3:
            return _three_numbers_form(numbers, gaps)
        case _:
            return UNSURE


def _run_together_form(digits: str) -> DateForm:
    """DDMM, DDMMYY, DDMMYYYY or YYYYMMDD; other lengths, a lone day and a lone year are not to be guessed."""
    if len(digits) == 4 and _may_be_day_and_month(digits):
        return DateForm(int(digits[:2]), int(digits[2:]), clear=digits[:2] not in CENTURIES)
    if len(digits) == 6:
        return DateForm(
            int(digits[:2]), int(digits[2:4]), 2000 + int(digits[4:]), clear=True, run_together=True
        )
    if len(digits) == 8 and digits[4:6] in CENTURIES:
        return DateForm(int(digits[:2]), int(digits[2:4]), int(digits[4:]), clear=True)
    if len(digits) == 8 and digits[:2] in CENTURIES:
        return DateForm(int(digits[6:]), int(digits[4:6]), int(digits[:4]), clear=True)
    return UNSURE


def _may_be_day_and_month(digits: str) -> bool:
    return 1 <= int(digits[:2]) <= 31 and 1 <= int(digits[2:]) <= 12


def _day_month_form(numbers: Sequence[Piece], gap: str) -> DateForm:
    """`05.03`, `5/3`. `5 3` is not to be guessed; `5-3` and `5,3` may be two numbers."""
    if not gap or _kinds(numbers) != "DD":
        return UNSURE
    return DateForm(numbers[0].value, numbers[1].value, clear=set(gap) <= WRITTEN_SEPARATORS)


def _three_numbers_form(numbers: Sequence[Piece], gaps: Sequence[str]) -> DateForm:
    """`05.03.2025`, `5,3,25`, `05 03 2025`, `2025-03-05`. `5 3 25` is not to be guessed."""
    first, second, third = numbers
    kinds = _kinds(numbers)
    if kinds == "YDD":
        return DateForm(third.value, second.value, first.value, clear=True)
    if kinds == "DDY" and bool(gaps[0]) >= bool(gaps[1]):
        return DateForm(first.value, second.value, third.value, clear=True)
    if kinds == "DDD" and third.digits == 2 and all(gaps):
        return DateForm(first.value, second.value, 2000 + third.value, clear=True)
    return UNSURE


def _words_form(core: Sequence[Piece], prepared: str) -> DateForm | None:
    for pattern in WORD_FORMS:
        found = pattern.fullmatch(_kinds(core))
        if found:
            day, month, year = (core[found.start(part)] for part in ("day", "month", "year"))
            if not found["year"]:
                clear = prepared[month.start : month.end] != SLIP_OF_STEP
                return DateForm(day.value, month.value, clear=clear)
            if year.digits in (2, 4):
                return DateForm(day.value, month.value, _full_year(year), clear=True)
    return None


def _full_year(year: Piece) -> int:
    return year.value if year.digits == 4 else 2000 + year.value


def _kinds(pieces: Sequence[Piece]) -> str:
    return "".join(piece.kind for piece in pieces)


def _strip(pieces: Sequence[Piece]) -> Sequence[Piece]:
    """The pieces without the words before and after the date; empty where there is none."""
    if not any(piece.kind in "DYXMRAG" for piece in pieces):
        return ()
    places = [place for place, piece in enumerate(pieces) if piece.kind != "?"]
    return pieces[places[0] : places[-1] + 1]


def _pieces(text: Sequence[Token], words: Lexicon) -> list[Piece]:
    pieces: list[Piece] = []
    at = 0
    while at < len(text):
        last = pieces[-1] if pieces else None
        piece, length = _number(text[at]) if text[at].is_number else _word(text, at, last, words)
        pieces.append(piece)
        at += length
    return pieces


def _number(token: Token) -> tuple[Piece, int]:
    digits = len(token.folded)
    kind = "Y" if digits == 4 else "D" if digits <= 2 else "X"
    return Piece(kind, int(token.folded), digits, token.start, token.end), 1


def _word(text: Sequence[Token], at: int, last: Piece | None, words: Lexicon) -> tuple[Piece, int]:
    number = number_word_at(text, at, words)
    if number and not _digits_at(text, at + number.length):  # `ON 5 March`: English "on", not Kyrgyz ten
        return _piece("O", number.value, text, at, number.length)
    for phrase in words.phrases_at(text, at):
        kind, value = _kind(set(phrase.meanings), last)
        if kind != "?":
            return _piece(kind, value, text, at, phrase.length)
    return _piece("?", 0, text, at, 1)


def _digits_at(text: Sequence[Token], at: int) -> bool:
    return at < len(text) and text[at].is_number


def _piece(kind: str, value: int, text: Sequence[Token], at: int, length: int) -> tuple[Piece, int]:
    return Piece(kind, value, 0, text[at].start, text[at + length - 1].end), length


def _kind(keys: set[str], last: Piece | None) -> tuple[str, int]:
    """The class of a word that stands under `keys`, `last` being the piece before it; `?` for none."""
    for key in sorted(keys):
        if key in MONTH_KEYS:
            return "M", MONTH_KEYS[key]
        if key in DAYS_AGO:
            return "R", DAYS_AGO[key]
    if "old-months" in keys:
        return "A", 0
    if last is None:
        return "?", 0
    if last.kind in "DO" and keys & {"days-ago", "month-words"}:
        return ("G" if "days-ago" in keys else "N"), 0
    if last.kind in "DYXM" and "year-words" in keys:
        return "W", 0
    if last.kind == "D" and "day-endings" in keys:
        return "E", 0
    return "?", 0
