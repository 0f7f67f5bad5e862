"""Latin letters: the spelling, the edition made with it, and that what people are to send is understood."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import pytest

from hotline.guide.language import MissingLineError, Script
from hotline.guide.model import Block, Guide
from hotline.reminders.days import Today
from hotline.sms.edition import LatinLanguage, with_latin
from hotline.sms.latin import Spelling, has_cyrillic
from hotline.sms.pages import page_text
from hotline.sms.segments import Alphabet, measure
from hotline.sms.understanding.command import CommandName
from hotline.sms.understanding.keywords import CARRIER_OPT_OUT, read
from hotline.sms.understanding.vocabulary import Vocabulary

TODAY = Today(date(2026, 11, 22), date(2026, 11, 22), date(2026, 11, 22))
TO_SEND = re.compile(r"[A-Z'А-ЯЁӨҮҢ]{2,}(?: [0-9{][0-9a-z.}]*)*")
LANGUAGES = pytest.mark.parametrize("language", ["ky", "ru", "en"])


def latin(guide: Guide, language: str) -> LatinLanguage:
    words = guide.in_script(Script.LATIN).words(language)
    assert isinstance(words, LatinLanguage)
    return words


def said(guide: Guide, language: str) -> Iterator[str]:
    """Everything that an SMS of a language says: lines in each plural form, pages, in Cyrillic."""
    words = guide.words(language)
    for id in sorted(words.line_ids):
        if id.startswith("sms-"):
            try:
                yield from (words.plural_template(id, number) for number in (1, 2, 5))
            except MissingLineError:
                yield words.template(id)
    for step in guide.steps.values():
        yield from (page.text for page in step.texts[language].pages)


@pytest.mark.parametrize(
    ("language", "text", "spelled"),
    [
        ("ky", "Жумуш, өмүр, түн, мөөнөтүңүз", "Jumush, omur, tun, moonotunuz"),
        ("ky", "жыйырма, кийин, үй, чыгам", "jyiyrma, kiyin, uy, chygam"),
        ("ru", "Жильё, семьи, учёт, первый, ещё", "Zhilye, semyi, uchet, pervyi, esche"),
        ("ru", "ВЪЕЗД, объект, январь, схема", "V'EZD, ob'ekt, yanvar, skhema"),
        ("ru", "ШАГ 7, Шаг 7, Я, ЖЭК, МУЖ", "SHAG 7, Shag 7, Ya, ZHEK, MUZH"),
        ("ru", "СТОП. Стоп, остановка", "OTPISKA. Otpiska, ostanovka"),
        ("ky", "СТОП", "STOP"),
        ("ru", "«МФЦ» – №5…", '"MFC" - No 5...'),
        ("ky", "112, 22.11.2026, ssm.gov.kg, play.google.com/store/apps/details?id=kg.rce.app", None),
    ],
)
def test_spelling(guide: Guide, language: str, text: str, spelled: str | None) -> None:
    """As people type it; case is kept; digits, Latin words and addresses stay as they are."""
    assert latin(guide, language).spelled(text) == (text if spelled is None else spelled)


@pytest.mark.parametrize(
    ("language", "letters"),
    [("ky", "абвгдеёжзийклмнңоөпрстуүфхцчшщъыьэюя"), ("ru", "абвгдеёжзийклмнопрстуфхцчшщъыьэюя")],
)
def test_every_letter_has_a_spelling_in_ascii(guide: Guide, language: str, letters: str) -> None:
    """Small, capital, and beside any other letter."""
    words = latin(guide, language)
    for first in letters:
        for second in letters:
            for pair in (first + second, (first + second).upper(), first.upper() + second):
                assert words.spelled(pair).isascii(), pair
    assert "" not in {Spelling.of(words.latin).latin(letter) for letter in letters if letter not in "ь"}


@LANGUAGES
def test_everything_said_is_ascii_in_latin_letters(guide: Guide, language: str) -> None:
    """Letters of the GSM alphabet that old handsets show wrong (ö, ü, ñ) are not used either."""
    words = latin(guide, language)
    assert [text for text in said(guide, language) if not words.spelled(text).isascii()] == []


@LANGUAGES
def test_what_people_shall_send_is_understood_in_latin_letters(
    guide: Guide, vocabulary: Vocabulary, language: str
) -> None:
    """Each word in capitals is read as in Cyrillic: the same command, step and language of the answer."""
    words, seen = latin(guide, language), set()
    for text in said(guide, language):
        for found in TO_SEND.findall(text):
            typed = found.replace("{example}", "22.11.2026").replace("{step}", "7")
            meant = read(typed, vocabulary, TODAY)
            understood = read(words.spelled(typed), vocabulary, TODAY)
            same = (understood.name, understood.steps, understood.date, understood.clarify)
            assert same == (meant.name, meant.steps, meant.date, meant.clarify), words.spelled(typed)
            seen.add(understood.name)
    wanted = {"more", "done", "entry", "stop", "start", "delete", "status", "menu", "call", "yes", "no"}
    assert wanted | {"latin", "cyrillic", "step"} <= seen | {"step" if language == "en" else ""}


@pytest.mark.parametrize("language", ["ky", "ru"])
def test_no_word_to_send_in_latin_letters_blocks_the_answers_at_the_carrier(
    guide: Guide, vocabulary: Vocabulary, language: str
) -> None:
    """Bare STOP makes the carrier drop what is asked for later too; ours only turns the reminders off."""
    words = latin(guide, language)
    sent = {word for text in said(guide, language) for word in re.findall(r"[A-Z]{2,}", words.spelled(text))}
    assert not sent & CARRIER_OPT_OUT
    assert CommandName.STOP in {read(word, vocabulary, TODAY).name for word in sent}


@LANGUAGES
def test_names_of_languages_switch_the_language_in_latin_letters_too(
    guide: Guide, vocabulary: Vocabulary, language: str
) -> None:
    """ "RUSSKIY / ENGLISH" at the end of an answer."""
    assert read(latin(guide, language).name.upper(), vocabulary, TODAY).language == language


@LANGUAGES
def test_every_latin_page_is_one_segment_and_says_where_it_stands(guide: Guide, language: str) -> None:
    """Its footer too; what is to be seen in Cyrillic comes in one short page of its own."""
    edition = guide.in_script(Script.LATIN)
    for key, step in edition.steps.items():
        pages = step.texts[language].pages
        for index, page in enumerate(pages):
            text = page_text(edition, edition.words(language), key, index)
            assert measure(text).segments == 1, text
            assert page.in_letters is (measure(text).alphabet is Alphabet.UCS2), text
            assert len(pages) == 1 or text.endswith(f" {index + 1}/{len(pages)}") or index + 1 == len(pages)


@LANGUAGES
@pytest.mark.parametrize(("key", "token"), [("03", "мвд.рф/сервисы-гувм"), ("04", "работа")])
def test_what_is_looked_for_on_paper_comes_behind_its_page(
    guide: Guide, language: str, key: str, token: str
) -> None:
    """The page spells it and says that MORE brings it in Russian letters; that page is the next one."""
    edition = guide.in_script(Script.LATIN)
    pages = edition.text(language, key).pages
    (shown,) = [index for index, page in enumerate(pages) if page.in_letters]
    assert token in pages[shown].text
    before = page_text(edition, edition.words(language), key, shown - 1)
    assert latin(guide, "ru").spelled(token) in before
    assert "(" in before.split("\n")[-1]
    assert not any(token in page.text for index, page in enumerate(pages) if index != shown)


def long_page(guide: Guide, *sentences: str) -> tuple[Block, ...]:
    """The Latin pages of a step whose only page is these sentences."""
    step = guide.steps["07"]
    block = Block(" ".join(sentences), ("s07-f02",), "07.md:1")
    text = replace(step.texts["ru"], pages=(block,))
    texts = {**step.texts, "ru": text}
    made = with_latin(replace(guide, steps={**guide.steps, "07": replace(step, texts=texts)}))
    return made.in_script(Script.LATIN).text("ru", "07").pages


def test_page_that_grows_too_long_is_packed_anew_by_sentences(guide: Guide) -> None:
    """No sentence, number or word is cut, nothing is lost, the facts stay with the pages."""
    sentences = [
        "Щука ищет чащу и щебечет, ещё и ещё раз.",
        "Срок 30.12.2026, не позднее.",
        "Адрес: migranty.org.",
        "Ещё щепка, ещё чаща, ещё площадь и ещё щит.",
        "Конец.",
    ]
    pages = long_page(guide, *sentences)
    spelled = [latin(guide, "ru").spelled(sentence) for sentence in sentences]
    assert len(pages) == 2
    assert " ".join(page.text for page in pages) == " ".join(spelled)
    assert all(any(page.text.endswith(sentence) for sentence in spelled) for page in pages)
    assert all(len(f"{page.text}\nDALSHE 1/2") <= 160 for page in pages)
    assert {page.facts for page in pages} == {("s07-f02",)}


def test_page_of_160_letters_alone_stays_one_and_of_161_does_not(guide: Guide) -> None:
    """A lone page needs no footer; two pages leave room for theirs."""
    assert [len(page.text) for page in long_page(guide, "a" * 79 + ".", "B" * 78 + ".")] == [160]
    assert [len(page.text) for page in long_page(guide, "a" * 80 + ".", "B" * 78 + ".")] == [81, 79]


@LANGUAGES
def test_cyrillic_edition_is_untouched(guide: Guide, language: str) -> None:
    """Who has not chosen Latin letters reads what prompts/ says."""
    assert guide.in_script(None) is guide.in_script(Script.CYRILLIC) is guide
    assert has_cyrillic(guide.text(language, "04").pages[0].text)
    assert not any(page.in_letters for step in guide.steps.values() for page in step.texts[language].pages)
