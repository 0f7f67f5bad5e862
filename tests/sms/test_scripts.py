"""LATIN and CYRILLIC from outside: what is stored, what it changes, and the offer that is made once."""

from __future__ import annotations

import re

import pytest

from hotline.people import store
from hotline.people.model import Person
from tests.sms.conftest import TextHotline
from tests.sms.test_sms_webhook import pages
from tests.telephone import Telephone

OFFERS = {"ky": "LATYNCHA dep jazynyz", "ru": "Napishite LATINICA"}


def stored(hotline: TextHotline, number: str = "+996555123456") -> Person:
    with hotline.database.reading() as session:
        return store.find(session, hotline.vault, number).person


def answer(phone: Telephone, text: str) -> str:
    return "\n".join(pages(phone.text(text)))


def place(text: str) -> str:
    """The "2/5" of a page."""
    return re.findall(r"[0-9]+/[0-9]+", text)[-1]


def known(hotline: TextHotline) -> Telephone:
    """A telephone that has been told who this is."""
    phone = hotline.phone()
    phone.text("MENU")
    return phone


def is_latin(text: str) -> bool:
    return text.isascii()


@pytest.mark.parametrize("word", ["LATIN", "latyncha", "ЛАТЫНЧА", "ЛАТИНИЦА", "latinica", "латин"])
def test_latin_is_stored_and_every_later_answer_is_in_latin_letters(hotline: TextHotline, word: str) -> None:
    """In any language, in any letters; the answer to the word itself too."""
    phone = hotline.phone()
    for text in (word, "STEP 7", "MENU", "КИРДИМ 20.11.2026", "СТАТУС", "ЖАРДАМ", "112"):
        assert is_latin(answer(phone, text)), text
    assert stored(hotline).script == "latin"


@pytest.mark.parametrize("word", ["CYRILLIC", "КИРИЛЛИЦА", "kirillica", "КИРИЛЛЧЕ", "kirillche"])
def test_cyrillic_undoes_it(hotline: TextHotline, word: str) -> None:
    """From its own answer on."""
    phone = hotline.phone()
    phone.text("LATIN")
    assert not is_latin(answer(phone, word))
    assert not is_latin(answer(phone, "STEP 7"))
    assert stored(hotline).script == "cyrillic"


def test_only_its_words_change_the_script(hotline: TextHotline) -> None:
    """Not the language, not the letters that somebody writes in."""
    phone = hotline.phone()
    phone.text("LATIN")
    for text in ("РУССКИЙ", "КАДАМ 7", "ШАГ 7", "STOP", "START", "МЕНЮ"):
        phone.text(text)
        assert stored(hotline).script == "latin", text


@pytest.mark.parametrize(("first", "count"), [("STEP 4", 4), ("STEP 7", 6)])
def test_more_brings_every_latin_page_once(hotline: TextHotline, first: str, count: int) -> None:
    """1/4 to 4/4, then the next step."""
    phone = hotline.phone()
    phone.text("КЫРГЫЗЧА")
    phone.text("LATIN")
    numbers = [place(answer(phone, text)) for text in (first, *["DAGY"] * count)]
    following = numbers.pop()
    assert numbers == [f"{number}/{count}" for number in range(1, count + 1)]
    assert following.startswith("1/")


def test_changing_the_letters_in_the_middle_loses_no_page(hotline: TextHotline) -> None:
    """Page 2 of 3 has another place among the 4 in Latin letters: the step begins anew, and says so."""
    phone = known(hotline)
    phone.text("КАДАМ 4")
    assert place(answer(phone, "ДАГЫ")) == "2/3"
    assert "DAGY" in answer(phone, "LATIN")
    assert [place(answer(phone, "DAGY")) for _ in range(4)] == ["1/4", "2/4", "3/4", "4/4"]
    phone.text("CYRILLIC")
    assert [place(answer(phone, "ДАГЫ")) for _ in range(3)] == ["1/3", "2/3", "3/3"]


@pytest.mark.parametrize(
    ("language", "typed", "again"), [("ky", "kadam 7", "kirdim 20.11.2026"), ("ru", "shag 7", "pomosh")]
)
def test_who_writes_in_latin_letters_is_asked_once(
    hotline: TextHotline, language: str, typed: str, again: str
) -> None:
    """One short line, a text of its own that costs one segment; whatever is written later."""
    phone = known(hotline)
    first = pages(phone.text(typed))
    assert OFFERS[language] in first[-1] and is_latin(first[-1]) and len(first) == 2
    assert stored(hotline).script_offered
    for text in (again, typed, "jardam", "shag 3"):
        assert OFFERS[language] not in answer(phone, text), text


@pytest.mark.parametrize(
    "text", ["STEP 7", "7", "HELP", "POLICE", "ENTRY today", "КАДАМ 7", "шаг 7", "qwertz"]
)
def test_nobody_else_is_asked(hotline: TextHotline, text: str) -> None:
    """English, words of no language and Cyrillic tell nothing of the letters that somebody reads best."""
    said = answer(hotline.phone(), text)
    assert not any(offer in said for offer in OFFERS.values())
    assert not stored(hotline).script_offered


@pytest.mark.parametrize("text", ["kutkar", "toktot", "ochur", "kirillche"])
def test_nobody_is_asked_at_the_wrong_time(hotline: TextHotline, text: str) -> None:
    """In danger, on leaving, or just after choosing; the next answer asks."""
    phone = hotline.phone()
    assert OFFERS["ky"] not in answer(phone, text)
    assert stored(hotline).script_offered is False


def test_offer_waits_for_an_answer_with_room(hotline: TextHotline) -> None:
    """Two pages are all that is sent: who gets two is asked next time."""
    phone = known(hotline)
    assert len(pages(phone.text("kirdim 20.11.2026"))) == 2
    assert not stored(hotline).script_offered
    assert OFFERS["ky"] in answer(phone, "kadam 7")


def test_who_has_chosen_is_not_asked(hotline: TextHotline) -> None:
    """Not even who chose Cyrillic."""
    phone = hotline.phone()
    phone.text("КИРИЛЛИЦА")
    assert OFFERS["ky"] not in answer(phone, "kadam 7")


def test_delete_forgets_the_letters(hotline: TextHotline) -> None:
    """Nothing is left of the choice, nor of having been asked."""
    phone = hotline.phone()
    phone.text("kadam 7")
    phone.text("LATIN")
    phone.text("ochur")
    phone.text("ooba")
    assert stored(hotline) == Person()
    phone.text("MENU")
    assert OFFERS["ky"] in answer(phone, "kadam 7")


def test_replayed_text_is_not_offered_twice(hotline: TextHotline) -> None:
    """The same bytes, the offer among them."""
    phone = known(hotline)
    sid = "SM" + "a" * 32
    assert phone.text("kadam 7", sid=sid).data == phone.text("kadam 7", sid=sid).data
