"""What of today is reminded of when dates change: what a mistake had silenced, what a call left unheard."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta

import pytest

from db import Database
from hotline.config import SendWindow
from hotline.guide.model import Guide
from hotline.people.model import DropDate, Effect, MarkDone, SaveDate, UndoDone
from hotline.people.privacy import Vault
from tests.reminders.conftest import Hotline

PHONE = "+996555123456"
LAST_DAY = datetime(2026, 6, 8, 5, tzinfo=UTC)  # 8:00 in Moscow; the registration ends on 9 June
UNTIL = SaveDate("registration-until", date(2026, 6, 9))
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)


@pytest.fixture
def open_hotline(
    vault: Vault, real_guide: Guide, window: SendWindow
) -> Iterator[Callable[[Database], Hotline]]:
    made: list[Hotline] = []

    def opened(database: Database) -> Hotline:
        made.append(Hotline(database, vault, real_guide, window))
        return made[-1]

    yield opened
    for each in made:
        each.dispatcher.close()


@pytest.fixture
def hotline(open_hotline: Callable[[Database], Hotline], sqlite: Database) -> Hotline:
    return open_hotline(sqlite)


@pytest.fixture
def any_hotline(open_hotline: Callable[[Database], Hotline], database: Database) -> Hotline:
    return open_hotline(database)


def registered(hotline: Hotline) -> str:
    """Somebody whose registration is to be extended by 8 June, on the morning of that day; the id."""
    hotline.now = datetime(2026, 3, 12, 8, tzinfo=UTC)
    id = hotline.remember(PHONE, date(2026, 3, 2))
    hotline.change(id, MarkDone("d05"), MarkDone("d09"), SaveDate("policy-until", date(2027, 3, 1)), UNTIL)
    hotline.now = LAST_DAY
    return id


def texts(hotline: Hotline, until: datetime) -> list[str]:
    """What goes out from now on."""
    before = len(hotline.carrier.texts)
    hotline.run_until(until)
    return [text.body for text in hotline.carrier.texts[before:]]


def due(hotline: Hotline, id: str) -> dict[str, datetime]:
    """When each rule is due that waits of today."""
    today = hotline.now.date()
    rows = [row for row in hotline.rows(id) if row.due_on == today and row.state == "pending"]
    return {row.rule: row.due_at_utc for row in rows}


@pytest.mark.parametrize("in_call", [False, True])
def test_last_day_is_told_though_another_end_was_mistyped_first(any_hotline: Hotline, in_call: bool) -> None:
    """The contract's year is corrected before the window opens: the text of the day goes out, once."""
    id = registered(any_hotline)
    any_hotline.change(id, SaveDate("job-until", date(2026, 6, 8)), in_call=in_call)
    assert any_hotline.states(id, "d11")[-1] == "cancelled"
    any_hotline.now += 20 * MINUTE
    any_hotline.change(id, SaveDate("job-until", date(2027, 6, 8)), in_call=in_call)
    (text,) = texts(any_hotline, LAST_DAY.replace(hour=7, minute=30))
    assert "today, Monday 8 June, is the last day" in text


def test_day_whose_text_has_gone_out_is_not_told_twice(any_hotline: Hotline) -> None:
    """The same mistake after the text of the day."""
    id = registered(any_hotline)
    assert len(texts(any_hotline, LAST_DAY.replace(hour=7, minute=5))) == 1
    for end in (date(2026, 6, 8), date(2027, 6, 8)):
        any_hotline.change(id, SaveDate("job-until", end))
    assert texts(any_hotline, LAST_DAY.replace(hour=7, minute=35)) == []


def test_border_pack_goes_out_though_another_entry_was_stored_first(any_hotline: Hotline) -> None:
    """On the eve of the departure somebody else's entry is stored as the owner's and corrected back."""
    any_hotline.now = datetime(2026, 3, 12, 8, tzinfo=UTC)
    id = any_hotline.remember(PHONE, date(2026, 3, 2))
    any_hotline.change(id, MarkDone("d05"), SaveDate("departure", date(2026, 8, 20)))
    any_hotline.now = datetime(2026, 8, 19, 5, tzinfo=UTC)
    for entry in (date(2026, 8, 19), date(2026, 3, 2)):
        any_hotline.change(id, SaveDate("entry", entry))
    assert due(any_hotline, id).keys() == {"d04", "d12-departure", "pack-07", "pack-10"}


def test_date_that_is_corrected_back_itself_is_told_by_its_answer(hotline: Hotline) -> None:
    """So nothing of today goes out, nor does DONE of something else bring it back."""
    id = registered(hotline)
    for end in (date(2026, 6, 30), UNTIL.day):
        hotline.change(id, SaveDate("registration-until", end))
    hotline.change(id, MarkDone("d12"))
    assert due(hotline, id) == {}


def test_date_told_once_more_is_told_by_its_answer(hotline: Hotline) -> None:
    """It takes the place of the contract's end, of which DONE was said; it was stored already."""
    id = registered(hotline)
    hotline.change(id, SaveDate("job-until", date(2026, 6, 8)))
    hotline.change(id, MarkDone("d11"), UNTIL)
    assert due(hotline, id) == {}


def test_what_follows_is_taken_up_when_done_is_taken_back(hotline: Hotline) -> None:
    """START with the day of registration dropped: all of today that was not sent is to come again."""
    id = registered(hotline)
    hotline.change(id, MarkDone("d11"))
    assert due(hotline, id) == {}
    hotline.change(id, UndoDone("d11"), DropDate("registered"))
    assert due(hotline, id).keys() == {"d11"}


def left_in_call(hotline: Hotline, at_utc: datetime, *effects: Effect) -> str:
    hotline.now = at_utc
    id = hotline.remember(PHONE)
    hotline.change(id, *effects, in_call=True)
    return id


def test_departure_left_in_a_call_hears_of_the_black_list(any_hotline: Hotline) -> None:
    """The days for it are over, and who writes is told in the answer: one text once the call has ended."""
    now_utc = datetime(2026, 11, 5, 8, tzinfo=UTC)
    id = left_in_call(any_hotline, now_utc, SaveDate("departure", date(2026, 12, 15)))
    assert due(any_hotline, id) == dict.fromkeys(("d01", "d03"), now_utc + 20 * MINUTE)
    (text,) = texts(any_hotline, now_utc + 40 * MINUTE)
    assert "check the black list" in text
    assert "STEP 1" in text
    any_hotline.now += DAY
    assert "black list" not in "".join(texts(any_hotline, datetime(2026, 12, 14, 6, tzinfo=UTC)))


def test_border_pack_comes_before_what_only_an_answer_says(hotline: Hotline) -> None:
    """On the eve: the pack has a text of its own when the window opens, the black list follows it."""
    departure = SaveDate("departure", date(2026, 12, 15))
    left_in_call(hotline, datetime(2026, 12, 14, 5, tzinfo=UTC), departure)
    first, second = texts(hotline, datetime(2026, 12, 14, 8, tzinfo=UTC))
    assert "black list" not in first
    assert "Migration card" in first or "migration card" in first
    assert "check the black list" in second


@pytest.mark.parametrize(
    ("departure", "days"),
    [(date(2026, 12, 15), 1), (date(2026, 12, 14), 0), (date(2027, 3, 15), 0)],
    ids=["tomorrow", "today", "in three months"],
)
def test_what_is_left_after_the_window_waits_for_the_next(
    hotline: Hotline, departure: date, days: int
) -> None:
    """But not beyond the journey; and what has days to come has them."""
    evening = datetime(2026, 12, 14, 15, tzinfo=UTC)
    id = left_in_call(hotline, evening, SaveDate("departure", departure))
    morning = datetime(2026, 12, 15, 7, 10, tzinfo=UTC)
    rows = [row for row in hotline.rows(id) if row.rule == "d03" and row.due_on == evening.date()]
    assert [row.due_at_utc for row in rows] == [morning] * days


@pytest.mark.parametrize(
    ("in_call", "day", "hour", "closing"),
    [
        (True, 9, 10, True),  # the window of the last safe day has closed: nothing of the term reaches them
        (True, 9, 5, False),  # the text of the day goes out
        (True, 12, 5, True),
        (False, 9, 10, False),
    ],
)
def test_entry_left_in_a_call_in_the_last_days_gets_the_closing_text(
    any_hotline: Hotline, in_call: bool, day: int, hour: int, closing: bool
) -> None:
    """An answer that is only heard is no text within these days; one to a text is."""
    any_hotline.now = datetime(2026, 12, day, hour, tzinfo=UTC)
    id = any_hotline.remember(PHONE)
    entry, policy = SaveDate("entry", date(2026, 11, 10)), SaveDate("policy-until", date(2027, 3, 1))
    any_hotline.change(id, entry, policy, in_call=in_call)
    told = texts(any_hotline, datetime(2026, 12, 20, 7, tzinfo=UTC))
    assert any_hotline.states(id, "d06") == (["sent"] if closing else ["cancelled"] * in_call)
    assert any("migranty.org" in text for text in told) is closing
