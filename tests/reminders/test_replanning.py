"""Other rules, another window: everybody is reminded by what holds now, and nobody twice."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, update

from db import Database
from db.tables import AnchorRow, PlanRow, ReminderRow
from hotline.config import SendWindow
from hotline.guide.model import Guide, ReminderRule
from hotline.people.model import PutOff, SaveDate
from hotline.people.privacy import Vault
from hotline.reminders import replanning
from hotline.reminders.replanning import Replanning, fingerprint
from tests.opening import TWILIO, opened
from tests.reminders.conftest import MOSCOW, Hotline
from tests.watching import count

ENTRY = date(2026, 11, 22)
PHONE = "+996555123456"
LAST = datetime(2026, 12, 21, tzinfo=UTC)  # the last day, at 3:00 in Moscow
EVENING = SendWindow(time(18), time(20), ZoneInfo("Europe/Moscow"))
HOUR = timedelta(hours=1)

Made = Callable[..., Hotline]


@pytest.fixture
def made(database: Database, vault: Vault, guide: Guide, request: pytest.FixtureRequest) -> Made:
    """Makes a hotline of the database with other rules or another window, as after a start anew."""

    def make(window: SendWindow = MOSCOW, rules: dict[str, ReminderRule] | None = None) -> Hotline:
        hotline = Hotline(database, vault, replace(guide, rules=rules or guide.rules), window)
        request.addfinalizer(hotline.dispatcher.close)
        return hotline

    return make


def replanning_of(hotline: Hotline) -> Replanning:
    return Replanning(hotline.database, hotline.vault, hotline.guide.rules, hotline.window)


def replan(hotline: Hotline, at: datetime) -> None:
    hotline.now = at
    worker = replanning_of(hotline)
    worker.tick(at)
    assert worker.is_done


def of_fifteen_days(guide: Guide) -> dict[str, ReminderRule]:
    """The law gives 15 days instead of 30."""
    shorter = {"last_safe": 14, "late_for_sure": 16}
    d05 = replace(guide.rules["d05"], remind_on=(5, 10, 12, 13, 14), **shorter)
    return {**guide.rules, "d05": d05, "d06": replace(guide.rules["d06"], remind_on=(15,), **shorter)}


def snapshot(hotline: Hotline, id: str) -> list[tuple[object, ...]]:
    return [
        (row.id, row.state, row.due_at_utc, row.expires_at_utc, row.urgent, row.channel)
        for row in hotline.rows(id)
    ]


@pytest.mark.parametrize(
    ("window", "opens_at"),
    [
        (EVENING, 15),
        (SendWindow(time(8), time(9), ZoneInfo("Europe/Moscow")), 5),
        (SendWindow(time(11), time(13), ZoneInfo("Europe/Kaliningrad")), 9),
    ],
)
def test_last_day_is_told_in_the_new_window(made: Made, window: SendWindow, opens_at: int) -> None:
    """The hours or the zone change: what would have ended before the window opens is sent in it, once."""
    id = made().remember(PHONE, ENTRY)
    hotline = made(window)
    replan(hotline, LAST - timedelta(days=3))
    for hour in range(24):
        hotline.tick(LAST + hour * HOUR)
    told = [text.created_at_utc for text in hotline.carrier.texts if "last day" in text.body]
    assert told == [LAST + opens_at * HOUR]
    assert hotline.states(id, "d05")[-1] == "sent"


def test_last_day_is_told_that_evening_if_the_window_changes_in_the_morning(made: Made) -> None:
    """Not expired by the old hours before it is planned anew."""
    id = made().remember(PHONE, ENTRY)
    hotline = made(EVENING)
    hotline.dispatcher.is_replanning = True
    hotline.tick(LAST + 12 * HOUR)  # 15:00 in Moscow: the old window has closed
    assert hotline.states(id, "d05")[-1] == "pending"
    hotline.dispatcher.is_replanning = False
    replan(hotline, LAST + 12 * HOUR)
    hotline.tick(LAST + 15 * HOUR)
    assert hotline.states(id, "d05")[-1] == "sent"


def test_other_rules_reach_who_has_left_a_date_before(made: Made, guide: Guide) -> None:
    """30 days become 15: old and new people get the same texts on the same days."""
    made().remember(PHONE, ENTRY)
    hotline = made(rules=of_fifteen_days(guide))
    replan(hotline, datetime(2026, 11, 23, 3, tzinfo=UTC))
    hotline.now = datetime(2026, 11, 22, 12, tzinfo=UTC)
    hotline.remember("+996555000002", ENTRY)
    for days in range(1, 20):
        hotline.tick(datetime(2026, 11, 22, 7, tzinfo=UTC) + timedelta(days=days))
    told = {
        to: [(text.created_at_utc, text.body) for text in hotline.carrier.texts if text.to == to]
        for to in (PHONE, "+996555000002")
    }
    assert told[PHONE] == told["+996555000002"]
    assert datetime(2026, 12, 6, 7, tzinfo=UTC) in [at for at, _ in told[PHONE]]  # the new last day


def test_a_day_that_the_rules_make_the_last_is_told_that_day(made: Made, guide: Guide) -> None:
    """The change comes on the very morning; but whoever has left the date today was answered for today."""
    early = made().remember(PHONE, ENTRY)
    hotline = made(rules=of_fifteen_days(guide))
    hotline.now = datetime(2026, 12, 6, 3, tzinfo=UTC)
    today = hotline.remember("+996555000002", ENTRY)
    replan(hotline, hotline.now)
    hotline.tick(datetime(2026, 12, 6, 7, tzinfo=UTC))
    assert [text.to for text in hotline.carrier.texts] == [PHONE]
    assert hotline.states(early, "d05").count("sent") == 1
    assert "sent" not in hotline.states(today, "d05")


def test_nothing_changes_where_nothing_has_changed(made: Made) -> None:
    """What was sent, cancelled, put off or waits to be called stays as it is."""
    hotline = made()
    id = hotline.remember(PHONE, ENTRY)
    hotline.tick(LAST - timedelta(days=3) + 7 * HOUR)
    hotline.receive(hotline.carrier.texts[-1].attempt, "undelivered", 30003)
    hotline.done(id, "d09")
    hotline.change(id, PutOff("d05"))
    before = snapshot(hotline, id)
    replan(hotline, hotline.now + timedelta(minutes=5))
    assert snapshot(hotline, id) == before


def test_what_was_sent_is_not_sent_again_in_the_new_window(made: Made) -> None:
    """At eleven the window moves to the evening: whoever was written to at ten hears nothing more."""
    made().remember(PHONE, ENTRY)
    before = made()
    before.tick(LAST + 7 * HOUR)
    before.receive(before.carrier.texts[-1].attempt, "delivered")
    hotline = made(EVENING)
    replan(hotline, LAST + 8 * HOUR)
    hotline.tick(LAST + 15 * HOUR)
    assert hotline.carrier.posts == 0


def test_day_that_somebody_asked_for_stays_theirs(made: Made) -> None:
    """Key 3, "again tomorrow", is in no plan: it goes with the window."""
    before = made()
    id = before.remember(PHONE, ENTRY)
    before.now = datetime(2026, 12, 1, 7, tzinfo=UTC)
    before.change(id, PutOff("d05"))
    hotline = made(EVENING)
    replan(hotline, before.now)
    hotline.tick(datetime(2026, 12, 2, 15, tzinfo=UTC))
    assert len(hotline.carrier.calls) == 1


def test_killed_between_two_batches_any_worker_goes_on(made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who was planned anew is not planned again; in the end everybody is."""
    monkeypatch.setattr(replanning, "BATCH_PEOPLE", 2)
    ids = [made().remember(f"+99655500000{n}", ENTRY) for n in range(5)]
    hotline = made(EVENING)
    first = replanning_of(hotline)
    monkeypatch.setattr(replanning, "BUDGET_S", 0.0)
    monkeypatch.setattr(replanning.time, "monotonic", iter([0.0, -1.0, 1.0]).__next__)  # one batch
    first.tick(hotline.now)
    monkeypatch.undo()
    assert not first.is_done
    assert sum(hotline.rows(id)[-1].due_at_utc.hour == 15 for id in ids) == 2
    replan(hotline, hotline.now)
    assert all(row.due_at_utc.hour == 15 for id in ids for row in hotline.rows(id))


def test_workers_that_start_together_share_the_work(made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each person is planned by one of them, and each row is there once."""
    monkeypatch.setattr(replanning, "BATCH_PEOPLE", 1)
    ids = [made().remember(f"+99655500000{n}", ENTRY) for n in range(6)]
    hotline = made(EVENING)
    before = [len(hotline.rows(id)) for id in ids]
    workers = [replanning_of(hotline) for _ in range(3)]
    threads = [threading.Thread(target=worker.tick, args=(hotline.now,)) for worker in workers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(worker.is_done for worker in workers)
    assert [len(hotline.rows(id)) for id in ids] == before
    assert all(row.due_at_utc.hour == 15 for id in ids for row in hotline.rows(id))


def test_what_is_known_to_be_planned_costs_one_statement_at_the_start(
    made: Made, statements: list[str]
) -> None:
    """And none in the ticks after it."""
    hotline = made()
    hotline.remember(PHONE, ENTRY)
    replan(hotline, hotline.now)
    worker = replanning_of(hotline)
    statements.clear()
    for _ in range(3):
        worker.tick(hotline.now)
    assert len(statements) == 1


def test_change_of_the_plan_is_told(made: Made, caplog: pytest.LogCaptureFixture) -> None:
    """Each time: in the logs of two workers with two windows it stands again and again."""
    made().remember(PHONE, ENTRY)
    for window in (MOSCOW, EVENING, EVENING, MOSCOW):
        replan(made(window), LAST - timedelta(days=9))
    assert caplog.text.count("reminders.another_plan") == 2


def test_rows_of_a_shared_telephone_press_alike(made: Made, real_guide: Guide) -> None:
    """Planned anew, what presses presses still: of the owner and of a family member."""
    before = made(rules=dict(real_guide.rules))
    id = before.remember(PHONE, ENTRY)
    before.change(id, SaveDate("entry", ENTRY, 1))
    with before.database.writing() as session:
        session.execute(update(ReminderRow).values(urgent=~ReminderRow.urgent))
    replan(before, LAST - timedelta(days=9))
    urgent = {(row.member, row.due_on.day) for row in before.rows(id) if row.urgent and row.rule == "d05"}
    assert urgent == {(member, day) for member in (0, 1) for day in (19, 20, 21)}


def test_database_without_dates_stays_empty(made: Made) -> None:
    """Another one may still be copied into it."""
    hotline = made()
    replan(hotline, hotline.now)
    assert count(hotline.database, PlanRow) == 0


def test_date_that_no_key_opens_holds_up_no_other(made: Made) -> None:
    """The others are planned anew."""
    ids = [made().remember(f"+99655500000{n}", ENTRY) for n in range(2)]
    hotline = made(EVENING)
    with hotline.database.writing() as session:
        damaged = update(AnchorRow).where(AnchorRow.person_id == ids[0])
        session.execute(damaged.values(date_sealed=bytes(40)))
    replan(hotline, hotline.now)
    assert [hotline.rows(id)[-1].due_at_utc.hour for id in ids] == [7, 15]


def test_fingerprint_is_of_days_and_hours_alone(guide: Guide) -> None:
    """Other words plan nothing anew; another offset, window or zone does. The same in every process."""
    rules, here = guide.rules, fingerprint(guide.rules, MOSCOW)
    worded = replace(rules["d05"], lines={**rules["d05"].lines, "early": "another"}, facts=())
    assert fingerprint({**rules, "d05": worded}, MOSCOW) == here
    assert fingerprint(of_fifteen_days(guide), MOSCOW) != here
    assert fingerprint(rules, EVENING) != here
    assert fingerprint(rules, SendWindow(time(10), time(12), ZoneInfo("Asia/Omsk"))) != here
    assert fingerprint(dict(reversed(rules.items())), MOSCOW) == here


def test_plan_that_was_kept_is_the_one_of_the_settings(made: Made) -> None:
    """The hours change and change back: twice everybody is planned anew."""
    id = made().remember(PHONE, ENTRY)
    before = snapshot(made(), id)
    for window in (EVENING, MOSCOW):
        hotline = made(window)
        replan(hotline, hotline.now)
    assert snapshot(hotline, id) == before
    with hotline.database.reading() as session:
        kept = session.scalars(select(PlanRow)).one()
        assert (kept.fingerprint, kept.after) == (fingerprint(hotline.guide.rules, MOSCOW), None)


def test_tick_of_the_hotline_plans_anew_before_it_sends(sqlite: Database) -> None:
    """The window has moved to the evening; the first tick comes in the afternoon of the last day."""
    with opened(sqlite, **TWILIO) as app:
        kadam = app.extensions["kadam"]
        before = Hotline(sqlite, kadam.vault, kadam.guide, MOSCOW)
        id = before.remember(PHONE, ENTRY)
        before.dispatcher.close()
    with opened(sqlite, **TWILIO, HOTLINE_SEND_WINDOW="18:00-20:00") as app:
        rounds = app.extensions["kadam"].rounds
        rounds.go_as_of(LAST + 12 * HOUR)
        assert before.states(id, "d05")[-1] == "pending"
        assert rounds.replanning.is_done
