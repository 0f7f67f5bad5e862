"""The day of entry by keypad, and what is said of its terms."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from hotline.guide.model import Guide
from hotline.people.members import Member
from hotline.people.model import CloseQuestion, Person, SaveDate
from hotline.reminders.days import Today
from hotline.speech.clips import Spoken
from hotline.voice import menu
from hotline.voice.keyed_dates import day_been
from hotline.voice.model import Call, Caller, Entered
from hotline.voice.places import DATE_LEFT, DATES, date_confirm, date_digits, date_when
from hotline.voice.terms import has_tomorrow, still_reminded, term_told, terms_told

MOSCOW = ZoneInfo("Europe/Moscow")


def today(day: date, hour: int = 9) -> Today:
    return Today.at(datetime(day.year, day.month, day.day, hour, tzinfo=UTC), MOSCOW)


NOW = today(date(2026, 11, 22))
CALLER = Call(date_digits("entry"), "ru", has_number=True, caller=Caller(Person(language="ru")))


@pytest.mark.parametrize(
    ("digits", "on", "day"),
    [
        ("2211", date(2026, 11, 22), date(2026, 11, 22)),
        ("2311", date(2026, 11, 22), date(2025, 11, 23)),
        ("0101", date(2026, 11, 22), date(2026, 1, 1)),
        ("3112", date(2027, 1, 1), date(2026, 12, 31)),
        ("2912", date(2026, 12, 28), date(2025, 12, 29)),
        ("2902", date(2028, 2, 29), date(2028, 2, 29)),
        ("2902", date(2028, 3, 30), date(2028, 2, 29)),
        ("2902", date(2027, 3, 1), date(2024, 2, 29)),
        ("2902", date(2103, 3, 1), date(2096, 2, 29)),
        ("3102", date(2026, 11, 22), None),
        ("3104", date(2026, 11, 22), None),
        ("0000", date(2026, 11, 22), None),
        ("0513", date(2026, 11, 22), None),
        ("051", date(2026, 11, 22), None),
        ("05111", date(2026, 11, 22), None),
        ("05a1", date(2026, 11, 22), None),
        ("٠٥٠٣", date(2026, 11, 22), None),
        ("05#3", date(2026, 11, 22), None),
    ],
)
def test_day_of_four_digits_is_the_latest_such_day(digits: str, on: date, day: date | None) -> None:
    """Day before month, never swapped; the year is the latest that does not make it a day to come."""
    assert day_been(digits, today(on)) == day


def test_day_been_is_judged_where_the_day_comes_first() -> None:
    """At 20:00 UTC it is tomorrow in Kamchatka: a day of tomorrow's date may have come already."""
    evening = today(date(2026, 11, 22), hour=20)
    assert evening.earliest == date(2026, 11, 22)
    assert day_been("2311", evening) == date(2026, 11, 23)


@pytest.mark.parametrize("key", ["1", "2"])
def test_today_and_yesterday_are_those_of_the_earliest_zone(guide: Guide, key: str) -> None:
    """At 21:30 UTC it is 23 November in Moscow and still the 22nd in Kaliningrad: that day counts."""
    evening = Today.at(datetime(2026, 11, 22, 21, 30, tzinfo=UTC), MOSCOW)
    assert evening.here == date(2026, 11, 23)
    turn = menu.turn(guide, replace(CALLER, place=date_when("entry")), key, evening)
    assert turn.entered == Entered(SaveDate("entry", date(2026, 11, 22 if key == "1" else 21)))


@pytest.mark.parametrize(("age", "stored"), [(365, True), (366, False)])
def test_day_older_than_365_days_is_refused(guide: Guide, age: int, stored: bool) -> None:
    """365 days back is the oldest; only a 29 February can be older, since the year is inferred."""
    leap = date(2028, 2, 29)
    turn = menu.turn(guide, CALLER, "2902", today(leap + timedelta(age)))
    assert (turn.entered is not None) is stored
    assert (Spoken("voice-date-old") in [heard.spoken for heard in turn.heard]) is not stored


def test_day_is_stored_only_by_the_confirming_key(guide: Guide) -> None:
    """Four digits store nothing; 1 after the day was read back does, once and exactly that day."""
    entered = menu.turn(guide, CALLER, "0511", NOW)
    assert entered.effects == ()
    assert entered.place == date_confirm("entry")
    read = replace(CALLER, place=date_confirm("entry"), caller=Caller(Person(), entered.entered))
    for key in ("", "2", "3", "0", "*", "9", "#", "7"):
        assert not any(isinstance(effect, SaveDate) for effect in menu.turn(guide, read, key, NOW).effects)
    assert menu.turn(guide, read, "1", NOW).effects == (SaveDate("entry", date(2026, 11, 5)), CloseQuestion())


def test_confirming_nothing_asks_for_the_day_again(guide: Guide) -> None:
    """Where the call's row is gone, the question is asked again and nothing is stored."""
    turn = menu.turn(guide, replace(CALLER, place=date_confirm("entry")), "1", NOW)
    assert (turn.place, turn.effects) == (date_when("entry"), ())


def test_unproven_caller_changes_no_date_that_came_meanwhile(guide: Guide) -> None:
    """A date stored by SMS between entering and confirming is not overwritten by an unproven call."""
    entered = Entered(SaveDate("entry", date(2026, 11, 5)))
    meanwhile = Caller(Person(dates={"entry": date(2026, 11, 1)}), entered)
    turn = menu.turn(guide, replace(CALLER, place=date_confirm("entry"), caller=meanwhile), "1", NOW)
    assert not any(isinstance(effect, SaveDate) for effect in turn.effects)
    assert [heard.spoken.id for heard in turn.heard] == ["voice-ring-back"]


def test_days_left_are_not_repeated_once_the_date_is_another(guide: Guide) -> None:
    """Whoever heard the days of a date set in this call does not hear those of one stored elsewhere."""
    caller = Caller(Person(dates={"entry": date(2026, 11, 1)}), Entered(SaveDate("entry", date(2026, 11, 5))))
    for key in ("9", "", "1", "2", "5"):
        turn = menu.turn(guide, replace(CALLER, place=DATE_LEFT, caller=caller), key, NOW)
        assert not any("left" in heard.spoken.id for heard in turn.heard if heard.spoken.values)


def test_terms_tell_both_days_and_the_days_left(guide: Guide) -> None:
    """The last day with the days left, and the working day before it if that day is closed."""
    told = terms_told(
        guide.rules, {"entry": date(2026, 11, 21)}, frozenset(), Today.everywhere(date(2026, 11, 22))
    )
    assert [(line.id, line.count, dict(line.values)) for line in told] == [
        ("voice-registration-left", 28, {"date": date(2026, 12, 20)}),
        ("voice-registration-go-by", None, {"date": date(2026, 12, 18)}),
        ("voice-job-left", 28, {"date": date(2026, 12, 20)}),
    ]


@pytest.mark.parametrize(
    ("on", "registration", "job"),
    [
        (date(2026, 12, 21), "voice-registration-left", "voice-job-left"),
        (date(2026, 12, 22), "voice-registration-tomorrow", "voice-job-tomorrow"),
        (date(2026, 12, 23), "voice-registration-today", "voice-job-today"),
        (date(2026, 12, 24), "voice-registration-between", "voice-job-between"),
        (date(2026, 12, 25), "voice-registration-late", "voice-job-late"),
        (date(2027, 11, 1), "voice-registration-late", "voice-job-late"),
    ],
)
def test_term_is_told_by_its_phase(guide: Guide, on: date, registration: str, job: str) -> None:
    """Entry on 24 November: the last safe day is Wednesday 23 December."""
    told = terms_told(guide.rules, {"entry": date(2026, 11, 24)}, frozenset(), Today.everywhere(on))
    assert [line.id for line in told] == [registration, job]


def test_term_of_a_closed_last_day_says_go_today(guide: Guide) -> None:
    """From the working day before a closed last day on, the call says: go today."""
    rule = guide.rules["d05"]
    friday = term_told(rule, {"entry": date(2026, 11, 21)}, (), Today.everywhere(date(2026, 12, 18)))
    assert [line.id for line in friday] == ["voice-registration-hurry"]


def test_terms_leave_out_what_is_done(guide: Guide) -> None:
    """A rule that is done is not told, and without open rules no reminder is promised."""
    dates = {"entry": date(2026, 11, 24)}
    on = date(2026, 11, 25)
    told = terms_told(guide.rules, dates, {"d05"}, Today.everywhere(on))
    assert [line.id for line in told] == ["voice-job-left"]
    assert still_reminded(guide.rules, Member(dates, frozenset({"d05"})), "entry", on)
    assert not still_reminded(guide.rules, Member(dates, frozenset({"d05", "d09"})), "entry", on)
    assert not still_reminded(guide.rules, Member(dates), "entry", date(2026, 12, 23))


def test_late_date_is_stored_with_careful_words_and_no_promise(guide: Guide) -> None:
    """31 to 365 days back: stored, the rule and legal advice are said, no reminder is promised."""
    call = replace(
        CALLER,
        place=date_confirm("entry"),
        caller=Caller(Person(), Entered(SaveDate("entry", date(2026, 10, 1)))),
    )
    turn = menu.turn(guide, call, "1", NOW)
    ids = [heard.spoken.id for heard in turn.heard]
    assert turn.effects == (SaveDate("entry", date(2026, 10, 1)), CloseQuestion())
    assert "voice-registration-late" in ids
    assert "voice-we-remind" not in ids
    assert turn.place == DATES


def test_reading_back_says_the_year(guide: Guide) -> None:
    """The day is read back with its year, because the year was inferred."""
    turn = menu.turn(guide, CALLER, "2311", NOW)
    assert [(heard.spoken.id, dict(heard.spoken.values)) for heard in turn.heard] == [
        ("voice-date-read", {"date_year": date(2025, 11, 23)}),
        ("voice-date-right", {}),
    ]


@pytest.mark.parametrize(
    ("entry", "on", "said"),
    [
        (10, 1, [("voice-registration-most", 8), ("voice-job-most", 8)]),
        (
            10,
            8,
            [("voice-registration-most", 1), ("voice-job-most", 1)],
        ),  # the last day is today, or tomorrow
        (10, 9, [("voice-registration-between", None), ("voice-job-between", None)]),
        (10, 10, [("voice-registration-between", None), ("voice-job-between", None)]),
        (10, 11, [("voice-registration-late", None), ("voice-job-late", None)]),
        (7, 4, [("voice-registration-hurry", None), ("voice-job-most", 2)]),  # the 6th is a Sunday
    ],
)
def test_terms_are_told_by_their_date_while_russia_has_two(
    guide: Guide, entry: int, on: int, said: list[tuple[str, int | None]]
) -> None:
    """No "today" or "tomorrow" that is not so wherever the caller is: the date, and how many days at most."""
    day = date(2026, 12, on)
    today = Today(earliest=day, latest=day + timedelta(days=1), here=day)
    told = terms_told(guide.rules, {"entry": date(2026, 11, entry)}, frozenset(), today)
    assert [(line.id, line.count) for line in told] == said
    assert all(line.values["date"] for line in told if line.count)


def test_tomorrow_is_offered_only_where_it_is_in_time(guide: Guide) -> None:
    """ "Again tomorrow" is nothing for whom the last day has begun."""
    dates, day = {"entry": date(2026, 11, 10)}, date(2026, 12, 8)
    assert has_tomorrow(guide.rules["d05"], dates, (), Today.everywhere(day))
    assert not has_tomorrow(guide.rules["d05"], dates, (), Today(day, day + timedelta(days=1), day))
