"""While Russia has two dates, only what is true on both is said of a term."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from hotline.guide.language import Language, Script
from hotline.guide.model import Guide, ReminderRule
from hotline.reminders.days import Today
from hotline.reminders.deadlines import DAY, Phase, Term, rules_with_term, term_of
from hotline.reminders.two_dates import most_left, phase_told
from hotline.reminders.wording import few_words, status_text
from hotline.sms.segments import measure

ENTRY = date(2026, 11, 10)  # the last safe day is Wednesday 9 December
CLOSED_ENTRY = date(2026, 11, 21)  # the last safe day is Sunday 20 December, to go by Friday 18
LAST, CLOSED = date(2026, 12, 9), date(2026, 12, 20)
TODAY, TOMORROW = ("бүгүн", "сегодня", "today"), ("эртең", "завтра", "tomorrow")
MOSCOW = ZoneInfo("Europe/Moscow")


def from_day(day: date) -> Today:
    """The day, with the next one begun in the east."""
    return Today(earliest=day, latest=day + DAY, here=day)


@pytest.mark.parametrize(
    ("last", "entry", "before", "told"),
    [
        (LAST, ENTRY, 5, Phase.EARLY),
        (LAST, ENTRY, 2, Phase.EARLY),  # tomorrow is the last day, or the day after
        (LAST, ENTRY, 1, Phase.EARLY),  # today or tomorrow is
        (LAST, ENTRY, 0, Phase.BETWEEN),  # today is, or it was yesterday
        (LAST, ENTRY, -1, Phase.BETWEEN),  # late for sure on one of the days alone
        (LAST, ENTRY, -2, Phase.LATE),
        (CLOSED, CLOSED_ENTRY, 3, Phase.EARLY),  # the day to go by is tomorrow, or today
        (CLOSED, CLOSED_ENTRY, 2, Phase.HURRY),
        (CLOSED, CLOSED_ENTRY, 1, Phase.HURRY),
    ],
)
def test_words_hold_on_both_days(guide: Guide, last: date, entry: date, before: int, told: Phase) -> None:
    """No "tomorrow" on the last day, no "today" on the day before it or after it, no verdict."""
    assert phase_told(term_of(guide.rules["d05"], entry), from_day(last - before * DAY)) is told


@pytest.mark.parametrize("hour", range(24))
def test_words_are_of_one_day_while_there_is_one(guide: Guide, hour: int) -> None:
    """From 22 to 12 o'clock UTC; between them they are of both."""
    today = Today.at(datetime(2026, 12, 8, hour, tzinfo=UTC), MOSCOW)
    expected = Phase.TOMORROW if hour < 12 else Phase.EARLY if hour < 22 else Phase.LAST_DAY
    assert phase_told(term_of(guide.rules["d05"], ENTRY), today) is expected


def test_days_left_are_those_of_the_earlier_day(guide: Guide) -> None:
    """About so many on both; never below none."""
    term = term_of(guide.rules["d05"], ENTRY)
    assert [most_left(term, from_day(LAST - n * DAY)) for n in (20, 1, 0, -3)] == [20, 1, 0, 0]


def texts_of(words: Language, rule: ReminderRule) -> Iterator[tuple[str, Term]]:
    """What is said of every term that ends in one year, all its days."""
    for day in range(0, 366, 23):
        term = term_of(rule, date(2026, 8, 2) + timedelta(days=day))
        for before in (29, 3, 2, 1, 0, -1, -2):
            today = from_day(term.last_day - before * DAY)
            yield from ((status_text(words, rule, term, today, short), term) for short in (False, True))
            yield few_words(words, [rule], term, today), term


@pytest.mark.parametrize("language", ["ky", "ru", "en"])
@pytest.mark.parametrize("script", Script)
def test_every_text_of_two_days_fits_a_page_and_names_neither(
    guide: Guide, language: str, script: Script
) -> None:
    """Nothing says that the last day is today or tomorrow."""
    edition = guide.in_script(script)
    words = edition.words(language)
    for said, term in (text for rule in rules_with_term(edition.rules) for text in texts_of(words, rule)):
        assert measure(said).fits_page, said
        assert not any(
            f"{word}, {words.date(term.last_day).casefold()}" in said.casefold() for word in TODAY
        ), said
        assert not any(word in said.casefold() for word in TOMORROW), said


@pytest.mark.parametrize(
    ("language", "left", "last_day"),
    [
        ("ky", "1 күндөй калды", "9-декабрь, шаршемби"),
        ("ru", "осталось около 1 дня", "9 декабря, среда"),
        ("en", "1 day or so left", "Wednesday 9 December"),
    ],
)
def test_last_day_is_told_by_its_date(guide: Guide, language: str, left: str, last_day: str) -> None:
    """In the evening before it in Moscow, which is its morning in Kamchatka."""
    term = term_of(guide.rules["d05"], ENTRY)
    said = status_text(guide.words(language), guide.rules["d05"], term, from_day(LAST - DAY))
    assert left in said
    assert last_day in said


@pytest.mark.parametrize("language", ["ky", "ru", "en"])
@pytest.mark.parametrize("rule", ["d05", "d09"])
def test_late_on_one_of_two_days_gives_no_verdict(guide: Guide, language: str, rule: str) -> None:
    """Neither that the 30 days are ending nor that they are over: go today, with advice."""
    term = term_of(guide.rules[rule], ENTRY)
    said = status_text(guide.words(language), guide.rules[rule], term, from_day(LAST + DAY))
    assert "30" not in said
    assert " 1" in said  # the step of free advice
