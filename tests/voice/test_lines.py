"""The words of the call: spoken form, short enough for the ear, the key after its reason."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from hotline.guide.language import MissingLineError
from hotline.guide.model import Guide

# Characters a second of espeak-ng at 150 words a minute: 165 Kyrgyz or 210 Russian ones in 15 s (rules of the
# service, Words); English comes as fast as Russian.
PACE = {"ky": 11.0, "ru": 14.0, "en": 14.0}
LONGEST_S = 25.0
KEY_NAMES = {
    "ky": ("бирди", "экини", "үчтү", "төрттү", "бешти"),
    "ru": ("один", "два", "три", "четыре", "пять"),
    "en": ("one", "two", "three", "four", "five"),
}
LANGUAGES = pytest.mark.parametrize("language", ["ky", "ru", "en"])


def voice_lines(guide: Guide, language: str) -> Iterator[tuple[str, str]]:
    """Every line that is spoken, in each of its plural forms."""
    words = guide.words(language)
    for id in sorted(words.line_ids):
        if id.startswith("voice-"):
            try:
                yield from ((id, words.plural_template(id, number)) for number in (1, 2, 5))
            except MissingLineError:
                yield id, words.template(id)


@LANGUAGES
def test_voice_lines_are_in_spoken_form(guide: Guide, language: str) -> None:
    """No digit, no abbreviation in capitals, no bracket, slash or sign that an engine would spell."""
    for id, text in voice_lines(guide, language):
        bare = re.sub(r"\{\w+\}", "", text)
        assert not re.search(r"[0-9()/#*+]|[A-ZА-ЯЁӨҮҢ]{2}", bare), id
        assert language != "en" or bare.isascii(), id


@LANGUAGES
def test_voice_lines_are_short(guide: Guide, language: str) -> None:
    """No line is over 25 s of sound."""
    for id, text in voice_lines(guide, language):
        assert len(text) / PACE[language] <= LONGEST_S, id


@LANGUAGES
def test_menus_name_their_keys_in_order_after_the_reason(guide: Guide, language: str) -> None:
    """A menu names one key for each choice, in order, none at the beginning and no other."""
    for menu in guide.menus.values():
        said = re.findall(r"\w+", guide.words(language).template(menu.line).casefold())
        named = [word for word in said if word in KEY_NAMES[language]]
        assert named == list(KEY_NAMES[language][: len(menu.choices)]), menu.id
        assert said[0] not in KEY_NAMES[language], menu.id


@LANGUAGES
def test_every_language_has_a_line_for_every_key_of_the_question(guide: Guide, language: str) -> None:
    """Whatever place a language has among five, its key can be said."""
    words = guide.words(language)
    for number, name in enumerate(KEY_NAMES[language], start=1):
        assert name in words.template(f"voice-language-{number}")


@LANGUAGES
def test_digest_fits_one_page(guide: Guide, language: str) -> None:
    """The text to who pressed nothing is one SMS page with any number of the hotline."""
    text = guide.words(language).line("sms-digest", number="+996312000777123")
    assert len(text) <= (134 if language != "en" else 160)
