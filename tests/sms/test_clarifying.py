"""Every question that is asked back has its words, in every language and script."""

from __future__ import annotations

import pytest

from hotline.guide.model import Guide
from hotline.people.model import Person
from hotline.sms.replies import reply_to
from hotline.sms.understanding.command import Clarify, Command, CommandName
from tests.sms.answers import pages
from tests.sms.conftest import TextHotline
from tests.sms.texts import TODAY


@pytest.mark.parametrize("script", [None, "cyrillic", "latin"])
@pytest.mark.parametrize("language", ["ky", "ru", "en", None])
@pytest.mark.parametrize("clarify", list(Clarify))
def test_question_has_words(guide: Guide, clarify: Clarify, language: str | None, script: str | None) -> None:
    """None lacks a value that its line names."""
    command = Command(CommandName.CLARIFY, language, steps=(7,), clarify=clarify)
    reply = reply_to(guide, Person(language=language, script=script), command, TODAY)
    assert reply.pages
    assert not any("{" in page for page in reply.pages)


@pytest.mark.parametrize("body", ["7 келинчек\r\n+996555987654", "7 a +996555987654"])
def test_text_with_a_number_that_might_be_a_date_is_asked_back(
    hotline_on_sqlite: TextHotline, body: str
) -> None:
    """Was an error 500: the line names the word for the day of entry."""
    assert "КИРДИМ" in pages(hotline_on_sqlite.phone().text(body))[0]
