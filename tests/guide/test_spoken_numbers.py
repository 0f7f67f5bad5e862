"""1899, 102 and 112 are said digit by digit and twice wherever they are said: a quantity is not dialled."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from hotline.guide.model import Guide
from hotline.speech.clips import every_clip

NUMBERS = ("112", "102", "1899")
LANGUAGES = pytest.mark.parametrize("language", ["ky", "ru", "en"])
LONGEST = {"ky": 165, "ru": 210, "en": 210}  # characters of 15 s: rules of the service, Words
AS_A_QUANTITY = {  # beginnings of "a hundred and twelve" and its like
    "ky": ("жүз он эки", "жүз эки", "миң сегиз жүз", "он сегиз токсон", "сексен тогуз"),
    "ru": ("сто двенадцат", "сто два", "тысяча восемьсот", "восемнадцать девяност", "сто вторую"),
    "en": ("hundred and twelve", "hundred and two", "one twelve", "one oh", "eighteen", "eleven two"),
}
TEXT_WITH_A_NUMBER = {"step-01-5", "step-12-0", "step-em-0", "step-em-2", "voice-no-person-today.1"}


def spoken_texts(guide: Guide, language: str) -> Iterator[tuple[str, str]]:
    """Every text that is ever said, with its name; no pool of single numbers, months or years."""
    for clip in every_clip(guide, language):
        if clip.name.startswith(("voice-", "step-")):
            yield clip.name, clip.text


def digit_words(guide: Guide, language: str, number: str) -> str:
    """`one, one, two`."""
    return ", ".join(guide.words(language).speech.numbers[int(digit)] for digit in number)


def readings(guide: Guide, language: str, text: str) -> list[str]:
    """Runs of three digits or more, as numbers: what a caller would dial."""
    words = {guide.words(language).speech.numbers[digit]: str(digit) for digit in range(10)}
    one = "|".join(map(re.escape, words))
    runs = re.findall(rf"(?<!\w)(?:{one})(?:[,.] (?:{one})){{2,}}(?!\w)", text.casefold())
    return ["".join(words[word] for word in re.split(r"[,.] ", run)) for run in runs]


@LANGUAGES
def test_number_is_said_twice_running(guide: Guide, language: str) -> None:
    """In one breath: the second reading follows the first, with nothing but a word like "again" between."""
    found = {}
    for name, text in spoken_texts(guide, language):
        said = [number for number in readings(guide, language, text) if number in NUMBERS]
        assert said[::2] == said[1::2], (name, said)
        for number in set(said):
            words = digit_words(guide, language, number)
            assert re.search(rf"{words}; (?:\w+: )?{words}", text, re.IGNORECASE), (name, number)
        if said:
            found[name] = said
    assert set(found) == TEXT_WITH_A_NUMBER


@LANGUAGES
def test_number_is_never_said_as_a_quantity(guide: Guide, language: str) -> None:
    """Nor written in digits, which an engine would read as one."""
    for name, text in spoken_texts(guide, language):
        assert not re.search(r"[0-9]", text), name
        assert not [words for words in AS_A_QUANTITY[language] if words in text.casefold()], name


@LANGUAGES
def test_paragraph_with_a_number_is_short_enough(guide: Guide, language: str) -> None:
    """Said twice it still fits the 15 s of a paragraph."""
    lengths = {
        name: len(text) for name, text in spoken_texts(guide, language) if readings(guide, language, text)
    }
    assert set(lengths) >= TEXT_WITH_A_NUMBER
    assert max(lengths.values()) <= LONGEST[language]
