"""The last days of a term, for every day of three years: holidays, weekends, leap years, year ends."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest

from db import Database
from hotline.guide.model import Guide
from hotline.people.privacy import Vault
from hotline.reminders.deadlines import (
    DAY,
    Term,
    counted,
    is_working_day,
    rules_with_term,
    working_day_before,
)
from hotline.reminders.discretion import discreet_text
from hotline.reminders.plan import ALGORITHM, URGENT_DAYS, PlannedRow, plan, row_of
from hotline.reminders.window import closing
from hotline.reminders.wording import Due, reminder_text
from tests.reminders.conftest import MOSCOW, Hotline

DAYS = [date(2026, 1, 1) + n * DAY for n in range(3 * 365 + 1)]
DATE = re.compile(
    r"\b(\d+) (January|February|March|April|May|June|July|August|September|October|November|December)"
)
MINUTE = timedelta(minutes=1)


def terms(guide: Guide, others: int = 1) -> Iterator[tuple[str, Term, Sequence[PlannedRow]]]:
    """Each rule of a term, for each day that its anchor may have, with its rows.

    Of rules that do not ring, each day in so many (`others`).
    """
    for rule in rules_with_term(guide.rules):
        for day in DAYS[:: 1 if rule.spoken else others]:
            start = counted(rule, {rule.anchor: day}, ())
            assert start is not None and start.term is not None
            rows = plan({rule.id: rule}, {rule.anchor: day}, (), date.min, MOSCOW)
            yield rule.id, start.term, rows


def test_everybody_is_reminded_while_offices_are_open(real_guide: Guide) -> None:
    """On the day to go by and on the working day before it; nothing is said after the last safe day."""
    for rule, term, rows in terms(real_guide):
        days = [row.due_on for row in rows]
        assert {term.go_by, working_day_before(term.go_by)} <= set(days), (rule, term.last_day)
        assert max(days) <= term.last_day
        assert max(row.expires_at_utc for row in rows) <= closing(MOSCOW, term.last_day)
        assert all(one.expires_at_utc == next.due_at_utc for one, next in pairwise(rows))


def test_people_are_rung_on_the_last_three_days_up_to_the_day_to_go_by(real_guide: Guide) -> None:
    """Of what a call has words for: each working day of the last three, and all days behind."""
    for rule, term, rows in terms(real_guide):
        urgent = [row.due_on for row in rows if row.urgent]
        if not real_guide.rules[rule].spoken:
            assert not urgent
            continue
        last = [term.go_by - n * DAY for n in range(URGENT_DAYS)]
        in_time = [day for day in urgent if day <= term.go_by]
        assert len(in_time) == URGENT_DAYS and in_time[-1] == term.go_by, (rule, term.last_day)
        assert urgent == [row.due_on for row in rows][-len(urgent) :]
        assert {day for day in last if is_working_day(day)} <= set(urgent), (rule, term.last_day)


@pytest.mark.parametrize("discreet", [False, pytest.param(True, marks=pytest.mark.slow)])
def test_no_reminder_tells_a_day_that_is_not_so(real_guide: Guide, discreet: bool) -> None:
    """Only days of the term, "tomorrow" the day before; from the day to go by on that it is today."""
    words, worded = real_guide.words("en"), discreet_text if discreet else reminder_text
    for rule, term, rows in terms(real_guide, others=5):
        for on in (row.due_on for row in rows if row.due_on >= term.go_by - URGENT_DAYS * DAY):
            body = worded(words, [Due(real_guide.rules[rule], term)], on).body
            told = {f"{day} {month}" for day, month in DATE.findall(body)}
            true = {f"{day.day} {day:%B}" for day in (term.go_by, term.last_day)}
            assert told <= true | ({f"{on.day} {on:%B}"} if "today" in body else set()), body
            assert ("tomorrow" in body) <= (on + DAY == term.last_day == term.go_by), body
            if on >= term.go_by:
                assert "today" in body.lower() and "left" not in body, (on, body)


def test_day_somebody_asks_for_is_rung_from_the_last_three_days_on(real_guide: Guide) -> None:
    """ "Again tomorrow", on 27 and 28 December 2026 and in the holidays; to go by 30 December."""
    rule, entry = real_guide.rules["d05"], date(2026, 12, 8)
    start = counted(rule, {"entry": entry}, ())
    assert start is not None
    asked = [date(2026, 12, 27), date(2026, 12, 28), date(2027, 1, 2)]
    assert [row_of(rule, start, day, MOSCOW).urgent for day in asked] == [False, True, True]


def test_text_that_does_not_arrive_is_rung_before_the_new_year_holidays(
    sqlite: Database, vault: Vault, guide: Guide, request: pytest.FixtureRequest
) -> None:
    """The last day is 6 January, to go by 30 December: calls from 28 December on, in the holidays too."""
    hotline = Hotline(sqlite, vault, guide, MOSCOW)
    request.addfinalizer(hotline.dispatcher.close)
    hotline.now = datetime(2026, 12, 8, 12, tzinfo=UTC)
    id = hotline.remember("+996555123456", date(2026, 12, 8))
    hotline.done(id, "d09")
    rung = []
    for days in range(17, 30):
        opens = datetime(2026, 12, 8, 7, tzinfo=UTC) + days * DAY
        before = len(hotline.carrier.calls)
        hotline.tick(opens)
        text = hotline.carrier.texts[-1]
        if text.created_at_utc == opens:
            hotline.now += MINUTE
            hotline.receive(text.attempt, "undelivered", 30003, sid=text.sid)
        hotline.run_until(opens + 60 * MINUTE)
        rung += [opens.date()] * (len(hotline.carrier.calls) > before)
    assert rung[:3] == [date(2026, 12, 28), date(2026, 12, 29), date(2026, 12, 30)]
    assert rung[-1] == date(2027, 1, 6)


def test_another_plan_of_the_same_rules_has_another_number(real_guide: Guide) -> None:
    """Whoever changes which rows a date brings counts ALGORITHM up: without it nobody is planned anew.

    Other rules or other holidays change this digest too; they need no other number.
    """
    told = hashlib.sha256()
    for rule, _, rows in terms(real_guide):
        of = [(row.due_on, row.due_at_utc, row.expires_at_utc, row.urgent) for row in rows]
        told.update(repr((rule, of)).encode())
    assert (ALGORITHM, told.hexdigest()[:16]) == (5, "0e4b15127668e795")
