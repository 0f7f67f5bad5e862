"""Reminders that a stranger may read: the day, and nothing of what it is about."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta

import pytest

from db import Database
from hotline.config import Config, ConfigError
from hotline.guide.language import Script
from hotline.guide.model import Guide
from hotline.people.privacy import Vault
from hotline.reminders.deadlines import term_of
from hotline.reminders.discretion import discreet_text, wording_of
from hotline.reminders.dispatch import Dispatcher
from hotline.reminders.wording import Due, reminder_text
from hotline.sms.reply import joined
from hotline.sms.segments import measure
from tests.reminders.conftest import MOSCOW, Hotline
from tests.reminders.test_wording import CALL, CLOSED_ENTRY, ENTRY, LANGUAGES, a_year_of_reminders, due

# Beginnings of words that would tell what it is about, in any language and in both scripts.
TELLING = re.compile(
    r"регистр|registr|учёт|учет|каттоо|kattoo|миграц|migra|росси|russia|rossi|мвд|mvd|полиц|polic|polit|жумуш"
    r"|jumush"
    r"|работ|rabot|\bjob|\bwork|договор|келишим|contract|депорт|deport|тыюу|запрет|\bban\b|виз|visa|patent|патент"
    r"|шаг|\bкадам \d|\bkadam \d|step|готово|аткардым|done|кирди|въезд|entry|чек ара|границ|border"
    r"|страхов|insur|тыйын|штраф|\bfine|мөөнөт|срок|deadline|term\b",
    re.IGNORECASE,
)


def text(guide: Guide, language: str, each: list[Due], on: date, **more: object) -> str:
    return discreet_text(guide.words(language), each, on, **more).body  # type: ignore[arg-type]


def test_words_that_tell_are_found_in_what_is_said_otherwise(real_guide: Guide) -> None:
    """The pattern below sees something: every reminder that is not discreet falls under it."""
    for language in LANGUAGES:
        for each, on in a_year_of_reminders(real_guide):
            assert TELLING.search(reminder_text(real_guide.words(language), each, on).body)


@pytest.mark.parametrize("script", [None, pytest.param(Script.LATIN, marks=pytest.mark.slow)])
@pytest.mark.parametrize("language", LANGUAGES)
def test_discreet_reminder_says_nothing_of_its_matter(
    real_guide: Guide, language: str, script: Script | None
) -> None:
    """On any day of a year, for every rule there is, whoever sends it, the first and the later ones."""
    guide = real_guide.in_script(script)
    every = [
        Due(rule, term_of(rule, ENTRY) if rule.last_safe is not None else None)
        for rule in guide.rules.values()
    ]
    cases = [*a_year_of_reminders(guide), *(([one], ENTRY) for one in every), (every, ENTRY)]
    for each, on in cases:
        for number, first in ((None, False), (None, True), (CALL, False), (CALL, True)):
            told = discreet_text(guide.words(language), each, on, number, first)
            assert TELLING.search(told.body) is None, told.body
            assert told.said >= 1
            assert ("Кадам" in told.body) or ("Kadam" in told.body)
            assert (CALL in told.body) is (number is not None)
            assert measure(told.body).segments <= 4
            assert all(measure(page).fits_page for page in joined(*told.body.split("\n"))), told.body


@pytest.mark.parametrize(
    ("language", "said"),
    [
        (
            "ky",
            "Кадам: маанилүү күн жакындады: 21-декабрь, дүйшөмбү, 22 күн калды. "
            "АБАЛ деп жазыңыз же бизге чалыңыз.",
        ),
        (
            "ru",
            "Кадам: близок важный день: 21 декабря, понедельник, осталось 22 дня. "
            "Отправьте СТАТУС или позвоните нам.",
        ),
        ("en", "Kadam: an important day is near: Monday 21 December, 22 days left. Send STATUS or call us."),
    ],
)
def test_discreet_reminder_says_the_day(guide: Guide, language: str, said: str) -> None:
    """Registration and job have one: it is said once, in one message of two segments."""
    body = text(guide, language, due(guide, ENTRY, "d05", "d09"), ENTRY + timedelta(days=7))
    assert body == said
    assert measure(body).segments <= 2


@pytest.mark.parametrize(
    ("offset", "said"),
    [
        (20, "Friday 18 December, 7 days left"),  # the last day is Sunday 20 December
        (27, "today, Friday 18 December"),
        (28, "today, Saturday 19 December"),
        (29, "today, Sunday 20 December"),
    ],
)
def test_discreet_reminder_says_the_day_to_go_by(guide: Guide, offset: int, said: str) -> None:
    """The working day before, as long as it has not passed; then that it is today: nobody puts it off."""
    assert said in text(guide, "en", due(guide, CLOSED_ENTRY, "d05"), CLOSED_ENTRY + timedelta(days=offset))


@pytest.mark.parametrize(("language", "said"), [("ky", "кабар"), ("ru", "сообщение"), ("en", "news")])
def test_discreet_reminder_after_the_term_says_that_there_is_news(
    guide: Guide, language: str, said: str
) -> None:
    """No day that has passed is called near."""
    body = text(guide, language, due(guide, ENTRY, "d06"), ENTRY + timedelta(days=34))
    assert said in body
    assert not re.search(r"\d", body)


def test_several_days_are_said_in_their_order(guide: Guide) -> None:
    """Each once; as many as two pages hold, and what is not said waits."""
    sooner, later = due(guide, ENTRY, "d05"), due(guide, ENTRY + timedelta(days=3), "d09")
    told = discreet_text(guide.words("en"), [*later, *sooner], ENTRY + timedelta(days=7))
    assert "Monday 21 December, 22 days left; Thursday 24 December, 25 days left" in told.body
    both = due(guide, ENTRY, "d05", "d09")
    days = [one for n in range(12) for one in due(guide, ENTRY + timedelta(days=n), "d05")]
    assert discreet_text(guide.words("ru"), both, ENTRY).said == 2
    assert 1 <= discreet_text(guide.words("ru"), days, ENTRY).said < 12


def test_dispatcher_sends_what_is_discreet(sqlite: Database, vault: Vault, guide: Guide) -> None:
    """By SMS, unasked; the rest of the ledger is as ever: one text, DONE of what it was about still works."""
    hotline = Hotline(sqlite, vault, guide, MOSCOW)
    hotline.dispatcher.close()
    hotline.dispatcher = discreet_dispatcher(hotline)
    id = hotline.remember("+996555123456", ENTRY, language="ru")
    hotline.run_until(hotline.now + timedelta(days=7))
    (sent,) = hotline.carrier.texts
    hotline.dispatcher.close()
    assert sent.body.startswith("Кадам: близок важный день: 21 декабря")
    assert TELLING.search(sent.body) is None
    assert hotline.states(id, "d05")[0] == hotline.states(id, "d09")[0] == "sent"


def discreet_dispatcher(hotline: Hotline) -> Dispatcher:
    made = hotline.new_dispatcher()
    made._gatherer = replace(made._gatherer, worded=wording_of(True))
    return made


def test_discretion_is_a_setting() -> None:
    """Off unless it is asked for; a slip must not tell what was to be kept."""
    assert not Config.from_env({}).discreet
    assert Config.from_env({"HOTLINE_DISCREET": "yes"}).discreet
    with pytest.raises(ConfigError, match="HOTLINE_DISCREET"):
        Config.from_env({"HOTLINE_DISCREET": "true"})
    assert wording_of(True) is discreet_text
    assert wording_of(False) is reminder_text
