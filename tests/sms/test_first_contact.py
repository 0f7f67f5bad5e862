"""The first text of a number: besides its answer it is told once who this is and how to stop."""

from __future__ import annotations

from datetime import timedelta

import pytest

from hotline.guide.model import Guide
from hotline.sms.segments import measure
from tests.sms.answers import pages
from tests.sms.conftest import TextHotline

WHO = {"ky": "Бул - Кадам", "ru": "Это Кадам", "en": "This is Kadam"}
HOW = {"ky": "ТОКТОТ", "ru": "СТОП", "en": "text STOP"}


@pytest.fixture
def hotline(hotline_on_sqlite: TextHotline) -> TextHotline:
    return hotline_on_sqlite


def told(texts: list[str]) -> bool:
    return any(who in text for who in WHO.values() for text in texts)


@pytest.mark.parametrize(("body", "language"), [("КАДАМ 7", "ky"), ("ШАГ 7", "ru"), ("POLICE", "en")])
def test_first_text_is_answered_then_told_who_this_is(hotline: TextHotline, body: str, language: str) -> None:
    """What was asked for comes first, in the language of the word; the second text is answered alone."""
    phone = hotline.phone()
    answer, welcome = pages(phone.text(body))
    assert WHO[language] not in answer
    assert WHO[language] in welcome
    assert HOW[language] in welcome
    assert len(pages(phone.text(body))) == 1


def test_newcomer_without_a_language_reads_the_names_of_the_others(hotline: TextHotline) -> None:
    """A bare number says nothing of the language: Kyrgyz, and how to get another at the very end."""
    answer, welcome = pages(hotline.phone().text("7"))
    assert WHO["ky"] in welcome
    assert welcome.endswith("\nРУССКИЙ / ENGLISH")
    assert "РУССКИЙ" not in answer


@pytest.mark.parametrize("body", ["SOS", "112", "куткарыңыз", "НАПАЛИ"])
def test_cry_for_help_is_answered_with_help_alone(hotline: TextHotline, body: str) -> None:
    """The welcome waits for the next text."""
    phone = hotline.phone()
    first = pages(phone.text(body))
    assert "112" in first[0]
    assert not told(first)
    assert told(pages(phone.text("7")))


def test_police_comes_before_the_welcome(hotline: TextHotline) -> None:
    """What to do at the police stands in the first page, whole."""
    answer, welcome = pages(hotline.phone().text("ПОЛИЦИЯ"))
    assert "1/6" in answer
    assert not told([answer])
    assert told([welcome])


@pytest.mark.parametrize("body", ["HELP", "ENTRY 10.11.2026", "КАДАМ 7 10"])
def test_welcome_that_has_no_room_waits_for_the_next_text(hotline: TextHotline, body: str) -> None:
    """Never more than two pages because of it."""
    phone = hotline.phone()
    assert not told(pages(phone.text(body)))
    assert told(pages(phone.text("7")))


@pytest.mark.parametrize("body", ["STOP", "ТОКТОТ", "DELETE"])
def test_who_leaves_is_not_welcomed(hotline: TextHotline, body: str) -> None:
    """STOP and DELETE are answered with what they do."""
    assert not told(pages(hotline.phone().text(body)))


def test_who_has_stopped_is_not_told_how_to_stop(hotline: TextHotline) -> None:
    """Only who this is."""
    phone = hotline.phone()
    phone.text("СТОП")
    welcome = pages(phone.text("ШАГ 7"))[1]
    assert WHO["ru"] in welcome
    assert "СТОП" not in welcome


def test_welcome_comes_once_until_everything_is_deleted(hotline: TextHotline) -> None:
    """It outlives language, MORE and years; after DELETE the number is a newcomer again."""
    phone = hotline.phone()
    assert told(pages(phone.text("ENGLISH")))
    hotline.now_utc += timedelta(days=700)
    for body in ("7", "MORE", "MENU", "РУССКИЙ", "DELETE"):
        assert not told(pages(phone.text(body)))
    assert not told(pages(phone.text("OK")))
    assert told(pages(phone.text("MENU")))


def test_replayed_first_text_is_the_same_first_text(hotline: TextHotline) -> None:
    """The same bytes, and the second text is still the second."""
    phone = hotline.phone()
    first = phone.text("7", sid="SM" + "1" * 32)
    assert phone.text("7", sid="SM" + "1" * 32).data == first.data
    assert not told(pages(phone.text("7")))


def test_every_first_answer_has_two_pages_at_most_that_fit(hotline: TextHotline, guide: Guide) -> None:
    """Every step and command in every language, to a number that has never written."""
    words = {
        "ky": ("КАДАМ", "МЕНЮ ЖАРДАМ АБАЛ БАШТА ЧАЛЫҢЫЗ ДАГЫ ООБА УКУК БОЛДУ КЫРГЫЗЧА ТИЛ"),
        "ru": ("ШАГ", "МЕНЮ ПОМОЩЬ СТАТУС СТАРТ ПЕРЕЗВОНИТЕ ДАЛЬШЕ ДА ПРАВА ХВАТИТ РУССКИЙ ЯЗЫК"),
        "en": ("STEP", "MENU HELP STATUS START CALL MORE OK RIGHTS DONE ENGLISH LANGUAGE"),
    }
    bodies = [f"{word} {number}" for word, _ in words.values() for number in range(1, 13)]
    bodies += [body for _, commands in words.values() for body in commands.split()]
    bodies += ["", "?", "qwerty", "VYEZD", "5 3"]
    for number, body in enumerate(bodies):
        answer = pages(hotline.phone(f"+996555{number:06d}").text(body))
        assert 1 <= len(answer) <= 2, body
        assert all(measure(page).fits_page for page in answer), (body, answer)
