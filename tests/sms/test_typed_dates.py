"""Dates as people type them."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from babel.dates import format_date
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hotline.reminders.days import Today
from hotline.sms.understanding.typed_dates import DateProblem, DateReading, Sense, read_date
from tests.once import real_vocabulary

WORDS = real_vocabulary().dates
REPEATABLE = settings(deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
TODAY = Today(earliest=date(2025, 3, 20), latest=date(2025, 3, 20), here=date(2025, 3, 20))
TWO_DATES = Today(earliest=date(2025, 3, 20), latest=date(2025, 3, 21), here=date(2025, 3, 20))
LAST_YEAR = [TODAY.earliest - timedelta(days=back) for back in range(365)]


def table() -> Iterator[tuple[str, str, str]]:
    lines = (Path(__file__).parent / "dates.tsv").read_text(encoding="utf-8").splitlines()
    for line in lines:
        if not line.startswith("//"):
            text, entry, departure = line.split("\t")
            yield text, entry, departure


def written(reading: DateReading) -> str:
    """A reading as the table writes it."""
    day = "" if reading.day is None else reading.day.isoformat() + ("" if reading.clear else "?")
    return " ".join(part for part in (day, f"!{reading.problem}" if reading.problem else "") if part)


def understood(text: str, sense: Sense = "entry", today: Today = TODAY) -> DateReading:
    return read_date(text, today, sense, WORDS)


@pytest.mark.parametrize("sense", ["entry", "departure", "end"])
def test_read_date_understands(sense: Sense) -> None:
    """Every text of the table is the date written beside it; an end is read as a departure is."""
    expected = {text: entry if sense == "entry" else departure for text, entry, departure in table()}
    assert {text: written(understood(text, sense)) for text in expected} == expected


@pytest.mark.parametrize("pattern", ["d MMMM y", "d-MMMM", "MMMM d y", "d MMM", "d MMM y", "d LLLL"])
@pytest.mark.parametrize("locale", ["ky", "ru", "en"])
def test_read_date_reads_every_day_as_babel_writes_it(locale: str, pattern: str) -> None:
    """Each day of the last year, in words of the three languages, comes back as the same day."""
    typed = {day: format_date(day, pattern, locale) for day in LAST_YEAR}
    assert {day: understood(text).day for day, text in typed.items()} == {day: day for day in LAST_YEAR}


@REPEATABLE
@given(st.dates(date(2024, 3, 20), TODAY.latest), st.sampled_from("./-,"), st.booleans())
def test_read_date_never_swaps_day_and_month(day: date, separator: str, short: bool) -> None:
    """Day before month, in every separator, with a year of two digits or four."""
    year = day.year % 100 if short else day.year
    text = f"{day.day}{separator}{day.month:02}{separator}{year}"
    assert understood(text) == DateReading(day, True, None)


@REPEATABLE
@given(st.text(max_size=60), st.sampled_from(["entry", "departure", "end"]))
def test_read_date_never_raises(text: str, sense: Sense) -> None:
    """Any text has a reading, and a day without a problem is one that may be stored."""
    reading = understood(text, sense)
    assert (reading.day is None) <= (reading.problem is not None)


numerals = st.text("0123456789./- ,OЗ", min_size=1, max_size=14)


@REPEATABLE
@given(numerals, st.sampled_from(["entry", "departure", "end"]))
def test_read_date_of_digits_never_invents_a_day(text: str, sense: Sense) -> None:
    """The day and month of a reading stand in the text as digits."""
    reading = understood(text, sense)
    if reading.day:
        digits = text.replace("O", "0").replace("З", "3")
        assert str(reading.day.day) in digits
        assert str(reading.day.month) in digits


@pytest.mark.parametrize("text", ["бүгүн", "вчера", "3 days ago", "позавчера"])
def test_read_date_confirms_a_relative_day_while_zones_differ(text: str) -> None:
    """Today is that of UTC+2, so never too late, and is confirmed while it is tomorrow in the east."""
    assert understood(text).clear
    confirmed = understood(text, today=TWO_DATES)
    assert (confirmed.day, confirmed.clear, confirmed.problem) == (understood(text).day, False, None)


def test_read_date_takes_an_entry_for_future_only_after_the_latest_zone() -> None:
    """An entry today in Kamchatka is no future; the day after is."""
    assert understood("21.03.2025", today=TWO_DATES) == DateReading(date(2025, 3, 21), False, None)
    assert understood("22.03.2025", today=TWO_DATES).problem is DateProblem.FUTURE
    assert understood("21.03", today=TWO_DATES).day == date(2025, 3, 21)


@pytest.mark.parametrize(
    "text",
    [
        *("21.03.2025", "21.3.25", "21/03", "21.03", "2103", "210325", "21032025", "2025-03-21"),
        *("21-март", "21-мартта", "21 марта", "21 marta 2025", "21 March", "March 21, 2025"),
        "двадцать первое марта",
    ],
)
def test_read_date_confirms_an_entry_that_is_tomorrow_in_the_west(text: str) -> None:
    """What is still tomorrow at UTC+2 may be a slip; as a departure it is plain."""
    assert understood(text, today=TWO_DATES) == DateReading(date(2025, 3, 21), False, None)
    assert understood(text, "departure", TWO_DATES) == DateReading(date(2025, 3, 21), True, None)
    begun = Today(*[date(2025, 3, 21)] * 3)
    assert understood(text, today=begun) == DateReading(date(2025, 3, 21), True, None)


def test_read_date_takes_the_western_today_without_a_question() -> None:
    """A date in digits that has begun everywhere is clear, whatever the hour."""
    assert understood("20.03.2025", today=TWO_DATES) == DateReading(date(2025, 3, 20), True, None)


@pytest.mark.parametrize("text", ["эртең", "завтра", "tomorrow"])
def test_read_date_refuses_tomorrow_as_an_entry_even_where_it_has_begun(text: str) -> None:
    """Tomorrow is a day of departure only."""
    assert understood(text, today=TWO_DATES).problem is DateProblem.FUTURE
    assert understood(text, "departure") == DateReading(date(2025, 3, 21), True, None)


def test_read_date_refuses_an_entry_of_more_than_365_days_ago() -> None:
    """365 days back are the last."""
    assert understood("20.03.2024") == DateReading(date(2024, 3, 20), True, None)
    assert understood("19.03.2024").problem is DateProblem.TOO_OLD


def test_read_date_finds_the_year_over_new_year() -> None:
    """Without a year: the latest such day for an entry, the next such day for a departure."""
    new_year = Today(*[date(2026, 1, 3)] * 3)
    assert understood("28.12", today=new_year).day == date(2025, 12, 28)
    old_year = Today(*[date(2025, 12, 28)] * 3)
    assert understood("3 января", "departure", old_year).day == date(2026, 1, 3)
    assert understood("28.12", "departure", old_year).day == date(2025, 12, 28)


def test_read_date_reads_29_february_only_in_a_leap_year() -> None:
    """Without a year, 29 February is the one of this year or the last, or no day."""
    leap, plain = Today(*[date(2028, 3, 10)] * 3), Today(*[date(2027, 3, 10)] * 3)
    assert understood("29.02", today=leap).day == date(2028, 2, 29)
    assert understood("29.02", today=plain).problem is DateProblem.IMPOSSIBLE


def test_read_date_asks_about_six_digits_far_back_or_ahead() -> None:
    """Six digits that give a future entry, or a day more than 3 years back, may be in another order."""
    assert understood("050324").problem is DateProblem.TOO_OLD
    assert understood("050321").problem is DateProblem.UNSURE
    assert understood("250321").problem is DateProblem.UNSURE
    assert understood("210325").problem is DateProblem.UNSURE


def test_read_date_asks_about_an_end_far_ahead() -> None:
    """A year that is a slip of the finger does not reach the calendar."""
    assert understood("05.03.2030", "end") == DateReading(date(2030, 3, 5), True, None)
    assert understood("05.03.2052", "end") == DateReading(None, False, DateProblem.UNSURE)


@pytest.mark.parametrize("text", ["5 бүгүн", "бугу", "5 бугу", "bugu 5", "5 bugun"])
def test_read_date_tells_today_from_the_old_name_of_may(text: str) -> None:
    """бүгүн and бугу are whole words; neither makes a date of a number beside it."""
    assert understood(text).problem is DateProblem.UNSURE


def test_date_reading_hides_the_day_from_logs() -> None:
    """The repr holds no date."""
    assert "2025" not in repr(understood("05.03.2025"))
