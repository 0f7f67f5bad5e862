"""Of a date left in a call today is reminded of too: nobody knows how much of the answer was heard."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select, update

from db.tables import ReminderRow
from hotline.people.model import DropDate, MarkDone, SaveDate
from hotline.reminders.states import State
from tests.voice.conftest import VoiceHotline
from tests.voice.handset import Handset
from tests.voice.records import leave, pending_reminders, person

TO_ENTRY = ("2", "4", "1", "3")
TO_DEPARTURE = ("2", "4", "1", "4", "1")
LAST_DAY = datetime(2026, 12, 9, 5, tzinfo=UTC)  # of an entry on 10 November; before the window opens
MINUTE = timedelta(minutes=1)


def left(hotline: VoiceHotline, *keys: str) -> Handset:
    """A call in which a date was keyed and confirmed."""
    return hotline.handset().dial().press("3").presses(*keys, "1")


def rows(hotline: VoiceHotline, day: datetime, state: str = State.PENDING) -> dict[str, datetime]:
    """When each rule is due that reminds on a day, of the rows in this state."""
    of_day = (ReminderRow.due_on == day.date(), ReminderRow.state == state)
    with hotline.database.reading() as session:
        found = session.execute(select(ReminderRow.rule, ReminderRow.due_at_utc).where(*of_day)).all()
    assert len(found) == len(dict(found))  # type: ignore[arg-type]
    return dict(found)  # type: ignore[arg-type]


def test_departure_left_on_the_eve_keeps_the_border_pack(any_hotline: VoiceHotline) -> None:
    """All of it goes out by text when the window opens; what only an answer would say follows by itself."""
    any_hotline.now_utc = datetime(2026, 12, 14, 5, tzinfo=UTC)
    left(any_hotline, *TO_DEPARTURE, "1512")
    due = rows(any_hotline, any_hotline.now_utc)
    opening = datetime(2026, 12, 14, 7, tzinfo=UTC)
    pack = dict.fromkeys(("d04", "d12-departure", "pack-07", "pack-10"), opening)
    assert due == pack | dict.fromkeys(("d02", "d03"), opening + 10 * MINUTE)


def test_entry_left_on_the_last_day_is_reminded_of_whoever_hangs_up(any_hotline: VoiceHotline) -> None:
    any_hotline.now_utc = LAST_DAY
    left(any_hotline, *TO_ENTRY, "1011")
    assert rows(any_hotline, LAST_DAY).keys() == {"d05", "d09", "d22"}


def test_reminder_does_not_disturb_the_call_itself(hotline: VoiceHotline) -> None:
    """In the window it waits ten minutes; not where it would be too late then."""
    hotline.now_utc = LAST_DAY.replace(hour=7, minute=30)
    left(hotline, *TO_ENTRY, "1011")
    assert rows(hotline, LAST_DAY)["d05"] == hotline.now_utc + 10 * MINUTE


def test_reminder_is_still_in_time_before_the_window_closes(hotline: VoiceHotline) -> None:
    hotline.now_utc = LAST_DAY.replace(hour=8, minute=55)  # it closes at 9
    left(hotline, *TO_ENTRY, "1011")
    assert rows(hotline, LAST_DAY)["d05"] <= hotline.now_utc


@pytest.mark.parametrize(("hour", "minute"), [(8, 55), (12, 0)])
def test_last_days_left_too_late_for_today_are_not_missed(
    hotline: VoiceHotline, hour: int, minute: int
) -> None:
    """The day before the last, as the window closes or after it: nothing is planned that ends unsent."""
    hotline.now_utc = (LAST_DAY - 24 * 60 * MINUTE).replace(hour=hour, minute=minute)
    left(hotline, *TO_ENTRY, "1011")
    today = rows(hotline, hotline.now_utc)
    assert today.pop("d22") == LAST_DAY.replace(hour=7, minute=10)  # has no day of its own
    assert rows(hotline, LAST_DAY).keys() == {"d05", "d09"}
    assert all(due <= hotline.now_utc for due in today.values())
    assert bool(today) is (hour == 8)


def test_border_pack_of_an_evening_comes_on_the_day_of_departure(hotline: VoiceHotline) -> None:
    """The window of the eve has closed; what is of use until the border waits for the next."""
    hotline.now_utc = datetime(2026, 12, 14, 15, tzinfo=UTC)
    left(hotline, *TO_DEPARTURE, "1512")
    assert {"pack-07", "pack-10", "d12-departure"} <= rows(hotline, hotline.now_utc).keys()


def test_first_days_stay_silent(hotline: VoiceHotline) -> None:
    """No text reaches a new SIM card on the day of entry and the day after it, whatever the date."""
    hotline.now_utc = LAST_DAY
    for entry, silent in ((date(2026, 12, 8), True), (date(2026, 12, 7), False)):
        leave(hotline, SaveDate("entry", entry), DropDate("policy-until"))
        hotline.handset().ring("ky", "date-paper").presses("3", "111226", "1")
        assert person(hotline).dates["policy-until"] == date(2026, 12, 11)
        assert ("d14" not in rows(hotline, LAST_DAY)) is silent


def test_date_corrected_and_corrected_back_is_told_of_once(any_hotline: VoiceHotline) -> None:
    """What was sent of the first day is not sent again, and of the other day nothing waits."""
    any_hotline.now_utc = LAST_DAY
    handset = left(any_hotline, *TO_ENTRY, "1011")
    with any_hotline.database.writing() as session:
        sent = update(ReminderRow).where(ReminderRow.due_on == LAST_DAY.date())
        session.execute(sent.values(state=State.SENT))
    handset.presses("1", "3", "1111", "1")
    assert person(any_hotline).dates["entry"] == date(2026, 11, 11)
    waiting = rows(any_hotline, LAST_DAY)
    handset.presses("1", "3", "1011", "1")
    assert person(any_hotline).dates["entry"] == date(2026, 11, 10)
    assert waiting.keys() == {"d05", "d09", "d22"}  # the day before its last
    assert rows(any_hotline, LAST_DAY) == {}
    assert rows(any_hotline, LAST_DAY, State.SENT).keys() == {"d05", "d09", "d22"}


def test_key_that_ends_one_thing_reminds_of_nothing_that_was_answered(any_hotline: VoiceHotline) -> None:
    """The date was left by text today, which told of today; no date is left in the call."""
    any_hotline.now_utc = LAST_DAY
    leave(any_hotline, SaveDate("entry", date(2026, 11, 10)))
    any_hotline.handset().ring("ky", "date-left").press("2")
    assert person(any_hotline).done == {"d09"}
    assert rows(any_hotline, LAST_DAY) == {}


@pytest.mark.parametrize(("key", "rule", "kept"), [("1", "d05", "d10"), ("2", "d09", "d19")])
def test_key_takes_back_one_thing_alone(any_hotline: VoiceHotline, key: str, rule: str, kept: str) -> None:
    """The registration or the job, not what follows it in its step."""
    any_hotline.now_utc = LAST_DAY
    dates = (SaveDate("entry", date(2026, 11, 20)), SaveDate("job", date(2026, 12, 1)))
    leave(any_hotline, *dates, *(MarkDone(done) for done in ("d05", "d09", "d10", "d19")))
    any_hotline.handset().ring("ky", "date-left").press(key)
    done = person(any_hotline).done
    assert rule not in done
    assert rule in pending_reminders(any_hotline)
    assert kept in done or "job" not in person(any_hotline).dates
