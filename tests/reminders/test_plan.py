"""What is due when, and until when."""

from collections.abc import Collection
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from hotline.config import SendWindow
from hotline.guide.model import Guide
from hotline.reminders.plan import PlannedRow, plan

ENTRY = date(2026, 11, 22)  # a Sunday; the last safe day is Monday 21 December
CLOSED_ENTRY = date(2026, 11, 21)  # its last safe day is Sunday 20 December, to go by Friday 18


def planned(
    guide: Guide, window: SendWindow, entry: date, today: date, done: Collection[str] = ()
) -> tuple[PlannedRow, ...]:
    return plan(guide.rules, {"entry": entry}, done, today, window)


def offsets(rows: tuple[PlannedRow, ...], rule: str) -> list[int]:
    return [(row.due_on - row.anchor_day).days for row in rows if row.rule == rule]


def test_plan_has_the_reminder_days_of_each_rule(guide: Guide, window: SendWindow) -> None:
    """d09 gets two more: on the last day, Monday 21 December, and on the working day before, Friday 18."""
    rows = planned(guide, window, ENTRY, ENTRY)
    assert offsets(rows, "d05") == [7, 14, 20, 24, 26, 27, 28, 29]
    assert offsets(rows, "d09") == [7, 14, 20, 25, 26, 28, 29]
    assert offsets(rows, "d06") == [30]


def test_plan_adds_the_last_working_days_up_to_the_told_day(guide: Guide, window: SendWindow) -> None:
    """Told to go by Friday 18 December: from Wednesday 16 each day, once only where there is one already."""
    rows = planned(guide, window, CLOSED_ENTRY, CLOSED_ENTRY)
    assert offsets(rows, "d05") == [7, 14, 20, 24, 25, 26, 27, 28, 29]
    assert offsets(rows, "d09") == [7, 14, 20, 25, 26, 27, 28]


def test_plan_reminds_before_a_long_holiday(guide: Guide, window: SendWindow) -> None:
    """Last day 8 January 2027, to go by 30 December, entry + 20: people are rung from two days before."""
    rows = planned(guide, window, date(2026, 12, 10), date(2026, 12, 10))
    assert offsets(rows, "d05") == [7, 14, 18, 19, 20, 24, 26, 27, 28, 29]
    urgent = [row.due_on for row in rows if row.urgent and row.rule == "d05"]
    assert urgent[:3] == [date(2026, 12, 28), date(2026, 12, 29), date(2026, 12, 30)]
    assert urgent[3:] == [date(2027, 1, day) for day in (3, 5, 6, 7, 8)]


@pytest.mark.parametrize(("today", "first"), [(0, 7), (7, 14), (25, 26), (28, 29)])
def test_plan_covers_only_days_after_today(guide: Guide, window: SendWindow, today: int, first: int) -> None:
    """The answer that stores the date speaks for today itself."""
    rows = planned(guide, window, ENTRY, ENTRY + timedelta(days=today))
    assert offsets(rows, "d05")[0] == first


@pytest.mark.parametrize("today", [29, 30, 40, 365])
def test_plan_of_a_past_term_is_empty(guide: Guide, window: SendWindow, today: int) -> None:
    """Its answer says the careful words; nothing is sent unasked about the past."""
    assert planned(guide, window, ENTRY, ENTRY + timedelta(days=today)) == ()


def test_plan_sends_nothing_before_the_third_day(guide: Guide, window: SendWindow) -> None:
    """Even where a rule asked for it: foreign SIMs get no SMS in their first 24 hours in Russia."""
    rule = guide.rules["d09"]
    eager = {
        "d09": type(rule)(**{**vars(rule), "remind_on": (0, 1, 2, 3)}),
    }
    rows = plan(eager, {"entry": ENTRY}, (), ENTRY - timedelta(days=9), window)
    assert offsets(rows, "d09")[0] == 2


def test_plan_is_due_when_the_window_opens(guide: Guide, window: SendWindow) -> None:
    """Entry + 7 at 10:00 in Moscow."""
    first = planned(guide, window, ENTRY, ENTRY)[0]
    assert first.due_on == date(2026, 11, 29)
    assert first.due_at_utc == datetime(2026, 11, 29, 7, tzinfo=UTC)


def test_plan_is_due_at_the_same_local_hour_across_summer_time(guide: Guide) -> None:
    """In New York the clocks change on 8 March 2026, between entry + 6 and entry + 8."""
    window = SendWindow(time(10), time(12), ZoneInfo("America/New_York"))
    rows = planned(guide, window, date(2026, 3, 1), date(2026, 3, 1))
    assert {row.due_at_utc.astimezone(window.zone).time() for row in rows} == {time(10)}


def test_plan_rows_expire_when_the_next_is_due(guide: Guide, window: SendWindow) -> None:
    """The last one when the window of the last safe day closes."""
    rows = [row for row in planned(guide, window, ENTRY, ENTRY) if row.rule == "d09"]
    assert [row.expires_at_utc for row in rows[:-1]] == [row.due_at_utc for row in rows[1:]]
    assert rows[-1].due_on == date(2026, 12, 21)
    assert rows[-1].expires_at_utc == datetime(2026, 12, 21, 9, tzinfo=UTC)


def test_plan_closing_row_lives_from_entry_30_to_37(guide: Guide, window: SendWindow) -> None:
    """One text with d06's words goes out by entry + 37."""
    (row,) = [row for row in planned(guide, window, ENTRY, ENTRY) if row.rule == "d06"]
    assert row.due_at_utc == datetime(2026, 12, 22, 7, tzinfo=UTC)
    assert row.expires_at_utc == datetime(2026, 12, 29, 9, tzinfo=UTC)


def test_plan_has_no_closing_row_for_who_was_told_in_the_last_days(guide: Guide, window: SendWindow) -> None:
    """The answer to a date left on entry + 26 or later is itself a text within the last three days."""
    assert offsets(planned(guide, window, ENTRY, ENTRY + timedelta(days=25)), "d06") == [30]
    assert offsets(planned(guide, window, ENTRY, ENTRY + timedelta(days=26)), "d06") == []


def test_plan_leaves_out_what_is_done(guide: Guide, window: SendWindow) -> None:
    """DONE 7 ends d05 and with it d06; the job's reminders go on."""
    rows = planned(guide, window, ENTRY, ENTRY, done={"d05"})
    assert {row.rule for row in rows} == {"d09"}
    assert {row.rule for row in planned(guide, window, ENTRY, ENTRY, done={"d09"})} == {"d05", "d06"}


def test_plan_without_a_date_is_empty(guide: Guide, window: SendWindow) -> None:
    """Nothing is counted from a date that nobody left."""
    assert plan(guide.rules, {}, (), ENTRY, window) == ()


def test_planned_row_does_not_print_the_date(guide: Guide, window: SendWindow) -> None:
    """A row in a log tells nobody's date."""
    assert "2026" not in repr(planned(guide, window, ENTRY, ENTRY)[0])
