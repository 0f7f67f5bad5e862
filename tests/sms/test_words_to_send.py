"""What an answer asks people to send back: nothing that is false once it is copied."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest

from hotline.guide.model import Guide
from hotline.people.model import CloseQuestion, Person
from hotline.people.questions import Asked, Question
from hotline.sms.replies import reply_to
from hotline.sms.understanding.command import Clarify, Command, CommandName
from hotline.sms.understanding.keywords import read
from hotline.sms.understanding.typed_dates import DateProblem, DateReading
from tests.sms.texts import TODAY, VOCABULARY

TODAY_TYPED = "20.03.2025"
TO_COME = TODAY.latest + timedelta(days=9)
LANGUAGES = pytest.mark.parametrize("language", ["ky", "ru", "en"])
ASKING_FOR_A_DATE = [
    Command(CommandName.STATUS),
    Command(CommandName.START),
    Command(CommandName.NO),
    Command(CommandName.CLARIFY, clarify=Clarify.TWO_NUMBERS),
    Command(CommandName.CLARIFY, clarify=Clarify.ENTRY_OR_DEPARTURE),
    Command(CommandName.ENTRY, date=DateReading(date(2023, 3, 1), True, DateProblem.TOO_OLD)),
    Command(CommandName.REGISTERED, date=DateReading(TO_COME, True, DateProblem.FUTURE)),
]
ENTRY_WORDS = {"ky": "КИРДИМ", "ru": "ВЪЕЗД", "en": "ENTRY"}
DEPART_WORDS = {"ky": "ЧЫГАМ", "ru": "ЕДУ", "en": "DEPART"}


def said(guide: Guide, language: str, command: Command, question: Question | None = None) -> str:
    person = Person(language, welcomed=True, script="cyrillic", question=question)
    return "\n".join(reply_to(guide, person, command, TODAY).pages)


@LANGUAGES
@pytest.mark.parametrize("command", ASKING_FOR_A_DATE, ids=lambda command: command.clarify or command.name)
def test_date_to_send_is_not_that_of_today(guide: Guide, language: str, command: Command) -> None:
    """Who copied it three weeks after the entry would be stored as having entered today."""
    text = said(guide, language, command, Question(Asked.SAVE_DATE, date(2025, 3, 1)))
    assert TODAY_TYPED not in text
    assert re.search(r"(күн\.ай\.жыл|день\.месяц\.год|day\.month\.year)", text)


@LANGUAGES
@pytest.mark.parametrize("kind", [Asked.DELETE, Asked.OPT_OUT, Asked.WHO_IS_DONE])
def test_no_to_what_is_no_date_asks_for_none(guide: Guide, language: str, kind: Asked) -> None:
    """Whoever keeps the data is told that nothing has changed, and no more."""
    question = Question(kind, step=7 if kind is Asked.WHO_IS_DONE else None)
    assert said(guide, language, Command(CommandName.NO), question) == guide.words(language).line(
        "sms-nothing-changed"
    )


@LANGUAGES
def test_no_to_a_date_names_the_word_of_that_date(guide: Guide, language: str) -> None:
    """The end of a registration is not corrected by the day of entry."""
    question = Question(Asked.SAVE_DATE, TO_COME, "registration-until")
    text = said(guide, language, Command(CommandName.NO), question)
    assert guide.words(language).line("sms-word-registration-until") in text
    assert ENTRY_WORDS[language] not in text


@LANGUAGES
def test_entry_of_the_family_to_come_names_no_word_of_the_owner(guide: Guide, language: str) -> None:
    """ENTRY alone and DEPART store the owner's own dates."""
    reading = DateReading(TO_COME, True, DateProblem.FUTURE)
    own = said(guide, language, Command(CommandName.ENTRY, date=reading))
    family = said(guide, language, Command(CommandName.ENTRY, steps=(11,), date=reading))
    assert DEPART_WORDS[language] in own and ENTRY_WORDS[language] in own
    assert DEPART_WORDS[language] not in family
    assert re.findall(rf"{ENTRY_WORDS[language]} ?[0-9]*", family) == [f"{ENTRY_WORDS[language]} 11"]


@pytest.mark.parametrize("text", ["КИРДИМ күн.ай.жыл", "ВЪЕЗД день.месяц.год", "ENTRY day.month.year"])
def test_form_of_a_date_sent_as_it_stands_is_asked_about(guide: Guide, text: str) -> None:
    """It is a word without a date; nothing is stored."""
    command = read(text, VOCABULARY, TODAY)
    assert command.name is CommandName.ENTRY
    effects = reply_to(guide, Person("ky", welcomed=True), command, TODAY).effects
    assert all(isinstance(effect, CloseQuestion) for effect in effects)
