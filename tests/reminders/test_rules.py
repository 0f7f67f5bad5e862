"""Every rule of time: given dates, exactly which rule is due on which day, and which last day is told.

The table is written from the rules of the guide (content/deadlines.yaml), not from prompts/reminders.toml.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hotline.config import SendWindow
from hotline.guide.model import Guide
from hotline.reminders.deadlines import (
    counted,
    home_of,
    is_working_day,
    of_this_stay,
    rules_with_term,
    working_day_before,
)
from hotline.reminders.plan import PlannedRow, plan
from hotline.reminders.window import closing

MOSCOW = SendWindow(time(10), time(12), ZoneInfo("Europe/Moscow"))
DAY = timedelta(days=1)


def planned(
    guide: Guide, dates: dict[str, date], today: date, done: tuple[str, ...] = ()
) -> tuple[PlannedRow, ...]:
    return plan(guide.rules, dates, done, today, MOSCOW)


def offsets(rows: tuple[PlannedRow, ...], rule: str, anchor: date) -> list[int]:
    return [(row.due_on - anchor).days for row in rows if row.rule == rule]


ENTRY = date(2026, 11, 22)  # a Sunday; the last safe day of 30 is Monday 21 December, open
END = date(2027, 3, 19)  # a Friday; the day before it is a Thursday, open
LEAVES = date(2027, 3, 1)  # 62 days before: Tuesday 29 December 2026, open


@pytest.mark.parametrize(
    ("rule", "dates", "done", "days"),
    [
        ("d02", {"departure": LEAVES}, (), [-62, -30, -7]),
        ("d03", {"departure": LEAVES}, (), [-75, -63, -62]),  # -63: the working day before the told day
        ("d04", {"departure": LEAVES}, (), [-1, 0]),
        ("d12-departure", {"departure": LEAVES}, (), [-3, -1]),
        ("pack-07", {"departure": LEAVES}, (), [-1]),
        ("pack-10", {"departure": LEAVES}, (), [-1]),
        ("d01", {"departure": LEAVES}, (), []),  # said in the answer that stores the date
        ("d05", {"entry": ENTRY}, (), [7, 14, 20, 24, 26, 27, 28, 29]),
        ("d06", {"entry": ENTRY}, (), [30]),
        ("d09", {"entry": ENTRY}, (), [7, 14, 20, 25, 26, 28, 29]),  # 26: the working day before the last
        ("d08", {"entry": ENTRY}, (), [7]),
        ("d13", {"entry": ENTRY}, (), [7]),
        ("d12", {"entry": ENTRY}, (), [3, 6]),
        ("d22", {"entry": ENTRY}, (), []),  # said in the answer
        ("d14", {"entry": ENTRY}, (), [67, 74, 81, 86, 87, 88]),  # 88 - 21, - 14, - 7, - 2, the day before
        ("d14", {"registered": ENTRY}, (), [67, 74, 81, 86, 87, 88]),
        ("d14", {"policy-until": END}, (), [-21, -14, -7, -2, -1, 0]),
        ("d11", {"registration-until": END}, (), [-45, -30, -14, -7, -3, -2, -1]),
        ("d11", {"job-until": END}, (), [-45, -30, -14, -7, -3, -2, -1]),
        ("d18", {"family-until": END}, (), [-45, -30, -14, -7, -3, -2, -1]),
        ("d17", {"family": ENTRY}, (), [7, 14, 20, 24, 26, 27, 28, 29]),
        ("d10", {"entry": ENTRY, "job": END}, ("d09",), [1, 7]),
        ("d19", {"entry": ENTRY, "job": END}, ("d09",), [3]),
        ("d20", {"entry": ENTRY, "job": END}, ("d09",), [7]),
        ("d11-ask", {"entry": ENTRY, "registered": END}, ("d05",), [14, 28, 42, 56, 70]),
        ("d11-again", {"entry": ENTRY, "registration-until": END}, ("d11",), [-21, -7, 7, 21, 35, 49, 63]),
        ("d18-again", {"entry": ENTRY, "family-until": END}, ("d18",), [-21, -7, 7, 21, 35, 49, 63]),
    ],
)
def test_rule_is_due_on_its_days(
    real_guide: Guide, rule: str, dates: dict[str, date], done: tuple[str, ...], days: list[int]
) -> None:
    """From the anchor; the day to go by and the working day before it too, none after the last safe day."""
    rows = planned(real_guide, dates, date(2026, 1, 1), done)
    anchor = next(reversed(dates.values()))
    assert offsets(rows, rule, anchor) == days


def test_table_above_names_every_rule(real_guide: Guide) -> None:
    """A new rule in prompts/reminders.toml gets a row there."""
    (mark,) = test_rule_is_due_on_its_days.pytestmark  # type: ignore[attr-defined]
    assert {row[0] for row in mark.args[1]} == set(real_guide.rules)


@pytest.mark.parametrize(
    ("rule", "dates", "last_day", "late_from"),
    [
        # the test vectors of the rules of time
        ("d05", {"entry": date(2025, 3, 5)}, date(2025, 4, 3), date(2025, 4, 5)),
        ("d05", {"entry": date(2025, 1, 31)}, date(2025, 3, 1), date(2025, 3, 3)),
        ("d05", {"entry": date(2024, 2, 1)}, date(2024, 3, 1), date(2024, 3, 3)),
        ("d05", {"entry": date(2025, 2, 1)}, date(2025, 3, 2), date(2025, 3, 4)),
        ("d05", {"entry": date(2025, 12, 20)}, date(2026, 1, 18), date(2026, 1, 20)),
        ("d03", {"departure": date(2025, 4, 30)}, date(2025, 2, 27), date(2025, 3, 3)),
        ("d03", {"departure": date(2025, 9, 1)}, date(2025, 7, 1), date(2025, 7, 5)),
        ("d03", {"departure": date(2026, 3, 1)}, date(2025, 12, 29), date(2026, 1, 2)),
        ("d14", {"entry": date(2025, 3, 5)}, date(2025, 6, 1), None),
        ("d14", {"entry": date(2024, 12, 1)}, date(2025, 2, 27), None),
        # leap days and year ends
        ("d05", {"entry": date(2028, 2, 29)}, date(2028, 3, 29), date(2028, 3, 31)),
        ("d09", {"entry": date(2026, 12, 31)}, date(2027, 1, 29), date(2027, 1, 31)),
        ("d03", {"departure": date(2028, 5, 1)}, date(2028, 2, 29), date(2028, 3, 4)),
        # the first that is known of the policy, the earliest of the ends
        ("d14", {"policy-until": date(2027, 2, 1), "entry": ENTRY}, date(2027, 2, 1), None),
        ("d14", {"entry": ENTRY, "registered": date(2026, 12, 1)}, date(2027, 2, 18), None),
        ("d14", {"registered": date(2026, 12, 1)}, date(2027, 2, 27), None),
        ("d11", {"registration-until": END, "job-until": END + DAY}, END - DAY, END + DAY),
        ("d11", {"registration-until": END, "job-until": END - DAY}, END - 2 * DAY, END + DAY),
        ("d11", {"job-until": END}, END - DAY, None),
        ("d18", {"family-until": END, "job-until": END - DAY}, END - 2 * DAY, END + DAY),
        ("d17", {"family": date(2025, 3, 5)}, date(2025, 4, 3), None),
    ],
)
def test_rule_has_its_last_safe_day(
    real_guide: Guide, rule: str, dates: dict[str, date], last_day: date, late_from: date | None
) -> None:
    """The last day a person may be told is in time, and the first that is late under every reading."""
    start = counted(real_guide.rules[rule], dates, ())
    assert start is not None
    assert start.term is not None
    assert (start.term.last_day, start.term.late_for_sure_from) == (last_day, late_from)


@pytest.mark.parametrize(
    ("rule", "dates"),
    [
        ("d18", {"job-until": END, "registration-until": END}),  # of no family is anything known
        ("d11-ask", {"registered": ENTRY, "registration-until": END}),  # the end is known
        ("d03", {"departure": LEAVES, "entry": LEAVES - 2 * DAY}),  # left earlier than planned
        ("d04", {"departure": LEAVES, "entry": LEAVES + DAY}),
        ("d14", {"departure": LEAVES}),
        ("d11", {"entry": ENTRY, "registration-until": ENTRY - DAY}),  # of the stay before this
    ],
)
def test_rule_says_nothing(real_guide: Guide, rule: str, dates: dict[str, date]) -> None:
    """Where its date is not known, or the journey it prepares has been made."""
    assert counted(real_guide.rules[rule], dates, ()) is None


@pytest.mark.parametrize("rule", ["d10", "d19", "d20", "d11-ask"])
def test_rule_that_follows_another_waits_for_its_done(real_guide: Guide, rule: str) -> None:
    """No word of the contract's stamp before somebody has said that there is a contract."""
    dates = {"entry": ENTRY, "job": ENTRY + 5 * DAY, "registered": ENTRY + 5 * DAY}
    assert rule not in {row.rule for row in planned(real_guide, dates, ENTRY)}
    assert rule in {row.rule for row in planned(real_guide, dates, ENTRY, ("d05", "d09"))}


def test_day_of_a_reminder_is_told_by_the_answer_or_by_a_later_one(real_guide: Guide) -> None:
    """A date left on that very day: the plan leaves today out, because its answer says it."""
    for rule in real_guide.rules.values():
        if rule.last_safe is not None or not rule.remind_on:
            continue
        first, last = rule.answered or (0, -1)
        unsaid = [day for day in rule.remind_on if not (first <= day <= last or day < max(rule.remind_on))]
        assert unsaid == [], rule.id


def test_rule_without_a_term_has_no_gap_before_its_last_reminder(real_guide: Guide) -> None:
    """A date left on any day from the first reminder to the last: a row is to come, or the answer says it."""
    for rule in real_guide.rules.values():
        if rule.last_safe is not None or not rule.remind_on:
            continue
        for day in range(min(rule.remind_on), max(rule.remind_on) + 1):
            start = ENTRY - day * DAY
            dates, done = {rule.anchor: start}, (rule.after,) if rule.after else ()
            later = {row.rule for row in planned(real_guide, dates, ENTRY, done)}
            first, last = rule.answered or (0, -1)
            assert rule.id in later or first <= day <= last, (rule.id, day)


def test_season_has_one_row_a_rule_and_day(real_guide: Guide) -> None:
    """All dates of one person at once: no two rows claim the same rule and due day."""
    dates = {kind: ENTRY + n * 20 * DAY for n, kind in enumerate(real_guide.dates)}
    rows = planned(real_guide, dates, date(2026, 1, 1), ("d05", "d09"))
    keys = [(row.rule, row.anchor, row.due_on) for row in rows]
    assert len(keys) == len(set(keys)) > 20


def test_nothing_unasked_is_due_before_the_third_day(real_guide: Guide) -> None:
    """Whatever the rule: SMS reaches no foreign SIM in its first 24 hours in Russia."""
    for anchor in ("entry", "family"):
        rows = planned(real_guide, {anchor: ENTRY}, date(2026, 1, 1))
        assert min(row.due_on for row in rows) >= ENTRY + 2 * DAY


def test_rule_without_a_term_is_not_said_long_after_its_day(real_guide: Guide) -> None:
    """The pack of the border ends with the day of departure; of the first days with the next reminder."""
    rows = planned(real_guide, {"departure": LEAVES}, date(2026, 1, 1))
    closes = datetime(2027, 3, 1, 9, tzinfo=UTC)
    assert all(row.expires_at_utc <= closes for row in rows)
    first, last = [row for row in planned(real_guide, {"entry": ENTRY}, ENTRY) if row.rule == "d12"]
    assert first.expires_at_utc == last.due_at_utc
    assert last.expires_at_utc == datetime(2026, 12, 1, 9, tzinfo=UTC)


def test_only_terms_press(real_guide: Guide) -> None:
    """A text of the last three reminder days becomes a call; one that names no last day never does."""
    rows = planned(real_guide, {"entry": ENTRY}, ENTRY)
    urgent = [(row.rule, (row.due_on - ENTRY).days) for row in rows if row.urgent]
    assert [days for rule, days in urgent if rule == "d05"] == [27, 28, 29]
    assert {rule for rule, _ in urgent} == {"d05", "d06", "d09"}


def readings(rule: str, dates: dict[str, date]) -> list[date]:
    """The last day in time under the readings that the rules of time name, each the latest of its kind."""
    match rule:
        case "d05" | "d09" | "d17":  # 30 days, the day of entry being the first
            return [next(iter(dates.values())) + 29 * DAY]
        case "d11" | "d18":  # before the printed end
            return [day - DAY for day in dates.values()]
        case "d14" if "policy-until" in dates:
            return [dates["policy-until"]]
        case "d14":  # 90 days, or three calendar months without their last day
            entry = dates["entry"]
            return [entry + 89 * DAY, months_later(entry, 3) - DAY]
        case "d03":  # 60 days before, or two calendar months
            leaves = dates["departure"]
            return [leaves - 60 * DAY, months_later(leaves, -2)]
    raise AssertionError(rule)


def months_later(day: date, months: int) -> date:
    """Calendar months, clamped to the last day of the month."""
    month = day.month - 1 + months
    year, month = day.year + month // 12, month % 12 + 1
    following = date(year + month // 12, month % 12 + 1, 1)
    return min(date(year, month, 1) + (day.day - 1) * DAY, following - DAY)


@pytest.mark.parametrize(
    ("rule", "kinds"),
    [
        ("d05", ["entry"]),
        ("d09", ["entry"]),
        ("d17", ["family"]),
        ("d11", ["registration-until"]),
        ("d11", ["registration-until", "job-until"]),
        ("d11", ["job-until"]),
        ("d18", ["family-until", "job-until"]),
        ("d14", ["entry"]),
        ("d14", ["policy-until"]),
        ("d03", ["departure"]),
    ],
)
def test_told_day_is_never_later_than_any_reading(real_guide: Guide, rule: str, kinds: list[str]) -> None:
    """Every fifth day of five years: each weekday, leap days, holidays; and it is a working day."""
    for number in range(0, 5 * 366, 5):
        day = date(2024, 1, 1) + number * DAY
        dates = {kind: day + n * (number % 7 - 3) * DAY for n, kind in enumerate(kinds)}
        start = counted(real_guide.rules[rule], dates, ())
        assert start is not None and start.term is not None
        assert start.term.go_by <= start.term.last_day <= min(readings(rule, dates)), dates
        assert is_working_day(start.term.go_by)


def test_every_rule_with_a_term_reminds_before_the_told_day(real_guide: Guide) -> None:
    """On New Year holidays too: last day 8 January 2027, go by 30 December, so a reminder on the 29th."""
    for rule in rules_with_term(real_guide.rules):
        assert rule.last_safe is not None
        dates = {rule.anchor: date(2027, 1, 8) - rule.last_safe * DAY}
        rows = [row for row in planned(real_guide, dates, date(2026, 1, 1)) if row.rule == rule.id]
        start = counted(rule, dates, ())
        assert start is not None and start.term is not None
        assert start.term.go_by == date(2026, 12, 30)
        assert working_day_before(start.term.go_by) in {row.due_on for row in rows}


def test_no_rule_publishes_what_is_on_hold(real_guide: Guide) -> None:
    """Every fact of a rule exists, and a lawyer has not held it back."""
    for rule in real_guide.rules.values():
        assert rule.facts
        assert not any(real_guide.facts[id].hold for id in rule.facts), rule.id


ANCHORS = (
    "departure", "entry", "family", "registered", "job",
    "registration-until", "job-until", "policy-until", "family-until",
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(
    dates=st.dictionaries(st.sampled_from(ANCHORS), st.dates(date(2024, 1, 1), date(2030, 12, 31))),
    done=st.sets(st.sampled_from(["d05", "d09", "d11", "d12", "d14", "d17"])),
    today=st.dates(date(2024, 1, 1), date(2030, 12, 31)),
)
def test_no_row_outlives_its_term(
    real_guide: Guide, dates: dict[str, date], done: set[str], today: date
) -> None:
    """Whatever dates are known: no reminder on or before today, none after the last safe day but d06's."""
    for row in planned(real_guide, dates, today, tuple(done)):
        start = counted(real_guide.rules[row.rule], dates, ())
        assert start is not None
        assert (row.anchor, row.anchor_day) == (start.anchor, start.day)
        kept_with = home_of(real_guide.rules, row.rule, dates)
        assert row.rule not in done or kept_with not in of_this_stay(dates)  # DONE of a stay before
        assert today < row.due_on
        assert row.due_at_utc < row.expires_at_utc
        if start.term and row.rule != "d06":
            assert row.due_on <= start.term.last_day
            assert row.expires_at_utc <= closing(MOSCOW, start.term.last_day)
