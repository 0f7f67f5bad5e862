"""Terms: the last safe day, the day to go by, and what a day is to them."""

from datetime import date, timedelta

import pytest

from hotline.guide.model import Guide
from hotline.reminders.deadlines import (
    Phase,
    closed_by,
    days_left,
    is_working_day,
    phase,
    rules_with_term,
    term_of,
    working_day_before,
)

# test_vectors of the rules of time: entry, last safe day (before a weekend is moved), late for sure from
VECTORS = [
    (date(2025, 3, 5), date(2025, 4, 3), date(2025, 4, 5)),
    (date(2025, 1, 31), date(2025, 3, 1), date(2025, 3, 3)),
    (date(2024, 2, 1), date(2024, 3, 1), date(2024, 3, 3)),
    (date(2025, 2, 1), date(2025, 3, 2), date(2025, 3, 4)),
    (date(2025, 12, 20), date(2026, 1, 18), date(2026, 1, 20)),
]


@pytest.mark.parametrize("rule", ["d05", "d09"])
@pytest.mark.parametrize(("entry", "last_day", "late_from"), VECTORS)
def test_term_follows_the_vectors(
    guide: Guide, rule: str, entry: date, last_day: date, late_from: date
) -> None:
    """The entry day is day 1 of 30; late for sure is a day later than the last reading."""
    term = term_of(guide.rules[rule], entry)
    assert (term.last_day, term.late_for_sure_from) == (last_day, late_from)


@pytest.mark.parametrize(
    ("last_day", "go_by"),
    [
        (date(2026, 12, 21), date(2026, 12, 21)),  # a Monday is open
        (date(2026, 12, 20), date(2026, 12, 18)),  # Sunday -> Friday
        (date(2026, 12, 19), date(2026, 12, 18)),  # Saturday -> Friday
        (date(2026, 5, 11), date(2026, 5, 8)),  # Monday, Victory Day moved, after a weekend
        (date(2026, 11, 4), date(2026, 11, 3)),  # Wednesday, Unity Day
        (date(2027, 1, 8), date(2026, 12, 30)),  # the New Year holidays; 31 December is a day off too
        (date(2025, 11, 1), date(2025, 10, 31)),  # a Saturday that was made a working day: earlier is safer
    ],
)
def test_term_tells_the_working_day_before_a_closed_last_day(
    guide: Guide, last_day: date, go_by: date
) -> None:
    """People are told to go on the working day before a weekend or a Russian public holiday."""
    term = term_of(guide.rules["d05"], last_day - timedelta(days=29))
    assert (term.last_day, term.go_by) == (last_day, go_by)
    assert term.tells_two_days == (go_by != last_day)


def test_term_go_by_is_a_working_day_and_never_later_than_the_last(guide: Guide) -> None:
    """For any entry of three years."""
    for offset in range(3 * 365):
        term = term_of(guide.rules["d05"], date(2025, 1, 1) + timedelta(days=offset))
        assert is_working_day(term.go_by)
        assert term.go_by <= term.last_day


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        (date(2026, 11, 20), Phase.EARLY),
        (date(2026, 12, 19), Phase.EARLY),
        (date(2026, 12, 20), Phase.TOMORROW),
        (date(2026, 12, 21), Phase.LAST_DAY),
        (date(2026, 12, 22), Phase.BETWEEN),
        (date(2026, 12, 23), Phase.LATE),
    ],
)
def test_phase_of_days_around_an_open_last_day(guide: Guide, on: date, expected: Phase) -> None:
    """Last day Monday 21 December 2026: one day after it is neither in time nor late for sure."""
    assert phase(term_of(guide.rules["d05"], date(2026, 11, 22)), on) is expected


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        (date(2026, 12, 17), Phase.EARLY),
        (date(2026, 12, 18), Phase.HURRY),  # Friday, the day to go by
        (date(2026, 12, 19), Phase.HURRY),
        (date(2026, 12, 20), Phase.LAST_DAY),
        (date(2026, 12, 21), Phase.BETWEEN),
        (date(2026, 12, 22), Phase.LATE),
    ],
)
def test_phase_of_days_around_a_closed_last_day(guide: Guide, on: date, expected: Phase) -> None:
    """Last day Sunday 20 December 2026: from Friday on it is "go today", never "tomorrow, in the morning"."""
    assert phase(term_of(guide.rules["d05"], date(2026, 11, 21)), on) is expected


def test_days_left_counts_to_the_last_day(guide: Guide) -> None:
    """Zero on the last day, negative after it."""
    term = term_of(guide.rules["d05"], date(2026, 11, 22))
    assert [days_left(term, date(2026, 12, day)) for day in (14, 20, 21, 22)] == [7, 1, 0, -1]


def test_working_day_before_skips_weekends_and_holidays() -> None:
    """The day itself never counts."""
    assert working_day_before(date(2026, 12, 21)) == date(2026, 12, 18)
    assert working_day_before(date(2026, 12, 18)) == date(2026, 12, 17)
    assert working_day_before(date(2026, 1, 12)) == date(2025, 12, 30)


def test_rules_with_term_leave_the_closing_rule_out(guide: Guide) -> None:
    """d06 only speaks after the term of d05 and is switched off with it."""
    assert [rule.id for rule in rules_with_term(guide.rules)] == ["d05", "d09"]
    assert [rule.id for rule in closed_by(guide.rules, guide.rules["d06"])] == ["d05"]
    assert closed_by(guide.rules, guide.rules["d05"]) == ()
