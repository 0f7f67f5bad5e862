"""The numbers and dates of prompts/<language>/language.toml are complete, and are those of the language."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
from babel.dates import get_day_names, get_month_names

PROMPTS = Path(__file__).parents[2] / "prompts"
LANGUAGES = ("ky", "ru", "en")
MONTH_CONTEXT = {"ky": "stand-alone", "ru": "format", "en": "format"}  # Kyrgyz nominative, Russian genitive
DAY_21 = {"ky": "жыйырма биринчи", "ru": "двадцать первого", "en": "the twenty-first of"}


def speech_of(code: str) -> dict[str, Any]:
    """The [speech] table of a language."""
    head = tomllib.loads((PROMPTS / code / "language.toml").read_text(encoding="utf-8"))
    speech: dict[str, Any] = head["speech"]
    return speech


@pytest.mark.parametrize("code", LANGUAGES)
def test_months_and_weekdays_are_those_of_babel(code: str) -> None:
    """What is heard is what an SMS shows, weeks beginning on Monday."""
    speech = speech_of(code)
    months = get_month_names("wide", MONTH_CONTEXT[code], code)
    weekdays = get_day_names("wide", "stand-alone", code)
    assert [word.lower() for word in speech["months"]] == [months[n].lower() for n in range(1, 13)]
    assert [word.lower() for word in speech["weekdays"]] == [weekdays[n].lower() for n in range(7)]


@pytest.mark.parametrize("code", LANGUAGES)
def test_no_two_numbers_or_days_sound_alike(code: str) -> None:
    """A hundred numbers, 31 days, no word twice and no digit left in."""
    speech = speech_of(code)
    for words, count in (
        (speech["numbers"], 100),
        (speech["days"], 31),
        (list(speech["years"].values()), 13),
    ):
        assert len(set(words)) == count
        assert not any(letter.isdigit() for word in words for letter in word)


@pytest.mark.parametrize("code", LANGUAGES)
def test_compound_numbers_are_made_of_their_parts(code: str) -> None:
    """21 is twenty and one, in each language: a slip of copying would say another number."""
    numbers = speech_of(code)["numbers"]
    joint = "-" if code == "en" else " "
    for number in range(21, 100):
        if number % 10:
            assert numbers[number] == f"{numbers[number - number % 10]}{joint}{numbers[number % 10]}"
    assert speech_of(code)["days"][20] == DAY_21[code]


@pytest.mark.parametrize("code", LANGUAGES)
def test_years_follow_one_another(code: str) -> None:
    """No year is left out between the first and the last."""
    years = [int(year) for year in speech_of(code)["years"]]
    assert years == list(range(2024, 2037))
