"""The pace of a sender and the caps of a day: what waits is not lost, what was asked for does not wait."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from db import Database
from db.tables import MessageRow
from hotline.carriers.base import outcome_of_error
from hotline.people.model import SaveDate
from hotline.people.privacy import Vault, new_data_key
from hotline.people.purses import Purses
from hotline.reminders import due, pacing, tick
from hotline.reminders.outbox import LEASE, Claim
from hotline.reminders.send_limits import SendLimits
from hotline.reminders.states import Channel, Kind
from tests.reminders.conftest import Hotline
from tests.watching import statements

ENTRY = date(2026, 11, 22)
FIRST = datetime(2026, 11, 29, 7, tzinfo=UTC)  # entry + 7
LAST = datetime(2026, 12, 21, 7, tzinfo=UTC)
SECOND = timedelta(seconds=1)
SENDER = "+996312000777"


def limited(hotline: Hotline, limits: SendLimits) -> None:
    hotline.dispatcher.close()
    hotline.send_limits = limits
    hotline.dispatcher = hotline.new_dispatcher()


def reserve(database: Database, sender: str, at: datetime, segments: int = 4) -> datetime:
    with database.writing() as session:
        return pacing.reserve(session, sender, segments, 2.0, at)


def is_free(database: Database, at: datetime) -> bool:
    with database.writing() as session:
        return pacing.is_free(session, at)


def test_each_message_of_a_sender_has_its_own_instant(database: Database) -> None:
    """Four segments at two a second: one text every two seconds; another sender does not wait."""
    assert [reserve(database, SENDER, FIRST) for _ in range(3)] == [FIRST + n * 2 * SECOND for n in range(3)]
    assert reserve(database, "KADAM", FIRST) == FIRST
    assert reserve(database, SENDER, FIRST + 60 * SECOND) == FIRST + 60 * SECOND


def test_nothing_is_claimed_far_ahead_of_the_pace(database: Database) -> None:
    """Busy for more than two seconds: not free; a quiet moment later it is."""
    assert is_free(database, FIRST)
    reserve(database, SENDER, FIRST)
    assert is_free(database, FIRST)
    reserve(database, SENDER, FIRST)
    assert not is_free(database, FIRST)
    assert is_free(database, FIRST + 2 * SECOND)


def test_clock_that_was_put_back_does_not_stop_a_sender(database: Database) -> None:
    """Busy until tomorrow is nobody."""
    reserve(database, SENDER, FIRST + timedelta(days=1))
    assert is_free(database, FIRST)
    assert reserve(database, SENDER, FIRST) == FIRST
    assert reserve(database, SENDER, FIRST) == FIRST + 2 * SECOND


def claimed(by_call: bool) -> Claim:
    """A reminder, claimed; its way makes its id."""
    channel = Channel.CALL if by_call else Channel.SMS
    until = FIRST + timedelta(hours=2)
    return Claim(channel, "someone", channel, Kind.REMINDER, FIRST, until, 0, "+996555000100", "Text", "en")


@pytest.mark.parametrize("calls_first", [True, False])
def test_senders_are_locked_in_one_order(
    hotline: Hotline, monkeypatch: pytest.MonkeyPatch, calls_first: bool
) -> None:
    """Whatever comes first; the claims stay in their order."""
    limited(hotline, SendLimits(segments_per_second=1.0))
    locked: list[str] = []

    def note(_session: Session, sender: str, *_: object) -> datetime:
        locked.append(sender)
        return FIRST

    monkeypatch.setattr(pacing, "reserve", note)
    claims = [claimed(by_call=calls_first), claimed(by_call=not calls_first)]
    with hotline.database.writing() as session:
        paced = hotline.dispatcher.paced(session, claims, FIRST)
    assert [claim.id for claim in paced] == [claim.id for claim in claims]
    assert locked == [SENDER, "calls"]


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_workers_with_senders_in_two_orders_do_not_wait_for_each_other(
    hotline: Hotline, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each has locked its first sender when the other comes to its second, if there are two orders."""
    limited(hotline, SendLimits(segments_per_second=1.0))
    both, reserve = threading.Barrier(2), pacing.reserve

    def reserve_and_meet(*values: Any) -> datetime:
        at_utc = reserve(*values)
        with suppress(threading.BrokenBarrierError):  # the other waits for this one's sender, or is done
            both.wait(timeout=0.3)
        return at_utc

    def work(calls_first: bool) -> list[Claim]:
        claims = [claimed(by_call=calls_first), claimed(by_call=not calls_first)]
        with hotline.database.writing() as session:
            return hotline.dispatcher.paced(session, claims, FIRST)

    monkeypatch.setattr(pacing, "reserve", reserve_and_meet)
    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(work, (True, False)))
    turns = [claim.not_before_utc for claims in done for claim in claims if claim.channel is Channel.CALL]
    assert sorted(turns, key=str) == [FIRST, FIRST + SECOND]


def test_reminders_keep_the_pace_and_what_was_asked_for_overtakes_them(hotline: Hotline) -> None:
    """Two segments each, twenty a second: never faster; the text asked for waits for none of them."""
    limited(hotline, SendLimits(segments_per_second=20.0))
    for n in range(8):
        hotline.remember(f"+9965550001{n:02}", ENTRY)
    asking = hotline.remember("+996555000200")
    hotline.now = FIRST
    hotline.ask(asking, "Step 7")
    began_s = time.monotonic()
    hotline.tick()
    assert time.monotonic() - began_s > 7 * 2 / 20.0
    assert "Step 7" in [text.body for text in hotline.carrier.texts[:3]]
    assert len({text.to for text in hotline.carrier.texts}) == len(hotline.carrier.texts) == 9


def test_tick_whose_time_is_over_leaves_the_rest_to_the_next(
    hotline: Hotline, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is claimed and not begun is given back at once, and the clock is told to tick again."""
    for n in range(8):
        hotline.remember(f"+9965550001{n:02}", ENTRY)
    with monkeypatch.context() as patch:
        patch.setattr(tick, "BUDGET_S", -1.0)
        hotline.tick(FIRST)
    assert hotline.dispatcher.has_left_over
    assert hotline.carrier.posts == 0
    assert {message.lease_until_utc for message in hotline.messages()} == {None}
    hotline.tick(FIRST + SECOND)
    assert not hotline.dispatcher.has_left_over
    assert len({text.to for text in hotline.carrier.texts}) == len(hotline.carrier.texts) == 8


def test_dry_run_does_not_wait_for_the_pace(hotline: Hotline) -> None:
    """It tells all that would go out, at once."""
    limited(hotline, SendLimits(segments_per_second=0.1))
    for n in range(5):
        hotline.remember(f"+9965550001{n:02}", ENTRY)
    assert len(hotline.tick(FIRST, dry_run=True)) == 5


def crowded(hotline: Hotline) -> dict[str, list[str]]:
    """The morning of a last day: who may wait has waited for longest. Ids by what presses how much."""
    hotline.now = LAST - timedelta(days=12)
    early = [hotline.remember(f"+9965550001{n:02}", LAST.date() - timedelta(days=14)) for n in range(4)]
    hotline.now = LAST - timedelta(days=1)
    soon = hotline.remember("+996555000200", LAST.date() - timedelta(days=27))  # the next row is tomorrow's
    last = hotline.remember("+996555000201", LAST.date() - timedelta(days=29))
    return {"early": early, "soon": [soon], "last": [last]}


def test_what_cannot_wait_for_tomorrow_goes_first(hotline: Hotline) -> None:
    """The last day before the day before it, and both before those who can still be told tomorrow."""
    crowded(hotline)
    limited(hotline, SendLimits(segments_per_second=2.0, per_day=2))
    hotline.tick(LAST)
    assert [text.to for text in hotline.carrier.texts] == ["+996555000201", "+996555000200"]


def test_what_ends_first_goes_first_of_what_ends_today(hotline: Hotline) -> None:
    """Whoever left their date later may end sooner: at noon, not tomorrow morning."""
    hotline.now = LAST - timedelta(days=1)
    for phone, days in (("+996555000201", 28), ("+996555000202", 29)):
        hotline.remember(phone, LAST.date() - timedelta(days=days))
    limited(hotline, SendLimits(per_day=1))
    hotline.tick(LAST)
    assert [text.to for text in hotline.carrier.texts] == ["+996555000202"]


def test_last_day_of_a_family_member_presses_too(hotline: Hotline) -> None:
    """It goes before an owner of a telephone who can still be told tomorrow."""
    hotline.now = LAST - timedelta(days=1)
    hotline.remember("+996555000201", LAST.date() - timedelta(days=27))
    id = hotline.remember("+996555000202")
    hotline.change(id, SaveDate("entry", LAST.date() - timedelta(days=29), 1))
    limited(hotline, SendLimits(per_day=1))
    hotline.tick(LAST)
    assert [text.to for text in hotline.carrier.texts] == ["+996555000202"]


def test_what_has_waited_for_longest_goes_first_among_the_others(hotline: Hotline) -> None:
    """Where nobody is pressed."""
    for days, phone in ((8, "+996555000301"), (7, "+996555000300")):
        hotline.now = FIRST - timedelta(days=7)
        hotline.remember(phone, FIRST.date() - timedelta(days=days))
    limited(hotline, SendLimits(per_day=1))
    hotline.tick(FIRST)
    assert [text.to for text in hotline.carrier.texts] == ["+996555000301"]


def test_last_days_that_end_unsent_are_told(hotline: Hotline, caplog: pytest.LogCaptureFixture) -> None:
    """Nothing went out in the window: /healthz says how many to the end of the day. STOP is no fault."""
    people = crowded(hotline)
    hotline.change(people["last"][0], SaveDate("entry", LAST.date() - timedelta(days=29), 1))
    hotline.remember("+996555000202", LAST.date() - timedelta(days=29))
    hotline.opt_out("+996555000202")
    limited(hotline, SendLimits(per_day=0))
    hotline.tick(LAST)
    assert hotline.dispatcher.trouble == "reminders: the cap of a day is reached"
    hotline.tick(LAST + timedelta(hours=2))
    assert hotline.states(people["last"][0], "d05")[-1] == "expired"
    missed = "reminders: 4 of the last days were not sent in time"  # registration and job, of two people
    assert hotline.dispatcher.trouble == f"{missed}; reminders: the cap of a day is reached"
    assert "reminders.missed" in caplog.text
    hotline.tick(LAST + timedelta(hours=3))
    assert hotline.dispatcher.missed.problem == missed
    limited(hotline, SendLimits())
    hotline.tick(LAST + timedelta(hours=20))
    assert hotline.dispatcher.trouble is None


@pytest.mark.parametrize("urgent", [True, False])
def test_what_ends_is_found_by_its_index(sqlite: Database, urgent: bool) -> None:
    """A million rows that wait for their day are not looked through."""
    values = {"urgent": urgent, "now": FIRST, "tomorrow": FIRST + timedelta(days=1), "most": 9}
    with statements(sqlite) as seen, sqlite.reading() as session:
        session.execute(due.ENDING, values)
    with sqlite.engine.connect() as connection:
        parameters = ("pending", *(["2026-11-29"] * 2), int(urgent), "2026-11-30", 9, 0)
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {seen[-1]}", parameters).fetchall()
    steps = [row[-1] for row in plan]
    assert any("ix_reminders_end (state=? AND urgent=? AND expires_at_utc>?" in step for step in steps), steps
    assert not any("TEMP B-TREE" in step for step in steps), steps


def test_cap_of_a_day_keeps_the_rest_for_tomorrow(hotline: Hotline, caplog: pytest.LogCaptureFixture) -> None:
    """Three of five today, named for /healthz; the other two the next morning, nobody twice."""
    limited(hotline, SendLimits(per_day=3))
    for n in range(5):
        hotline.remember(f"+9965550001{n:02}", ENTRY)
    hotline.tick(FIRST)
    assert len(hotline.carrier.texts) == 3
    hotline.tick(FIRST + 60 * SECOND)
    assert len(hotline.carrier.texts) == 3
    assert hotline.dispatcher.trouble == "reminders: the cap of a day is reached"
    assert "dispatch.capped" in caplog.text
    hotline.run_until(FIRST + timedelta(days=1, hours=1))
    assert hotline.dispatcher.trouble is None
    assert len({text.to for text in hotline.carrier.texts}) == len(hotline.carrier.texts) == 5


def test_cap_of_a_day_keeps_a_quarter_for_the_last_days(hotline: Hotline) -> None:
    """Of eight six go to who can still be told tomorrow; the text that was not delivered gets its call."""
    hotline.now = LAST - timedelta(hours=20)
    hotline.remember("+996555000200", LAST.date() - timedelta(days=29))
    for n in range(9):
        hotline.remember(f"+9965550001{n:02}", LAST.date() - timedelta(days=7))
    limited(hotline, SendLimits(per_day=8))
    hotline.tick(LAST)
    assert len(hotline.carrier.texts) == 6
    assert hotline.dispatcher.trouble is None
    (last,) = [text for text in hotline.carrier.texts if text.to == "+996555000200"]
    hotline.receive(last.attempt, "undelivered", 30003)
    hotline.run_until(LAST + timedelta(minutes=41))
    assert [call.to for call in hotline.carrier.calls] == ["+996555000200"]
    assert len(hotline.carrier.texts) == 6
    assert hotline.dispatcher.trouble == "reminders: the cap of a day is reached"


def test_what_is_refused_does_not_use_up_the_cap_of_a_day(hotline: Hotline) -> None:
    """A country is barred: three others are reminded."""
    limited(hotline, SendLimits(per_day=3))
    for n in range(3):
        hotline.remember(f"+7900555{n:04}", ENTRY)
        hotline.remember(f"+9965550001{n:02}", ENTRY)
    hotline.carrier.answer_for("+7", outcome_of_error(400, 21408))
    hotline.run_until(FIRST + timedelta(minutes=20))
    assert sorted(reminded(hotline)) == [f"+9965550001{n:02}" for n in range(3)]


def test_what_was_said_anew_before_it_went_out_does_not_use_up_the_cap(hotline: Hotline) -> None:
    """DONE comes between claim and POST: the text that names what is left is the first of the day."""
    limited(hotline, SendLimits(per_day=1, per_number=1))
    id = hotline.remember("+996555000100", ENTRY)
    with hotline.database.writing() as session:
        assert hotline.dispatcher.claim(session, FIRST, 9).claims
    hotline.now = FIRST
    hotline.done(id, "d05")
    hotline.tick(FIRST + timedelta(minutes=6))
    hotline.tick(FIRST + timedelta(minutes=7))
    assert hotline.states(id, "d09")[0] == "sent"


def test_cap_of_a_day_does_not_hold_up_what_was_asked_for(hotline: Hotline) -> None:
    """Information on request still works."""
    limited(hotline, SendLimits(per_day=0))
    id = hotline.remember("+996555000100", ENTRY)
    hotline.now = FIRST
    hotline.ask(id, "Step 7")
    hotline.tick()
    assert [text.body for text in hotline.carrier.texts] == ["Step 7"]


def test_cap_of_a_number_puts_off_its_rows_alone(hotline: Hotline, caplog: pytest.LogCaptureFixture) -> None:
    """One reminder a day: what would be the second is due again when the window next opens."""
    limited(hotline, SendLimits(per_number=1))
    id = hotline.remember("+996555000100", ENTRY)
    hotline.tick(FIRST)
    with hotline.database.writing() as session:
        for row in hotline.rows(id):
            if row.rule == "d09" and row.state == "pending":
                session.merge(row).due_at_utc = FIRST + 60 * SECOND
                break
    hotline.now = FIRST - timedelta(days=7)
    hotline.remember("+996555000101", ENTRY)
    hotline.tick(FIRST + 120 * SECOND)
    assert [text.to[-1] for text in hotline.carrier.texts] == ["0", "1"]
    assert "reminder.capped" in caplog.text
    assert FIRST + timedelta(days=1) in [row.due_at_utc for row in hotline.rows(id) if row.rule == "d09"]


def reminded(hotline: Hotline) -> list[str]:
    return [text.to for text in hotline.carrier.texts]


def test_other_countries_share_a_purse(hotline: Hotline, caplog: pytest.LogCaptureFixture) -> None:
    """Two a day for all of them together, the rest waits for tomorrow; whom we are for does not wait."""
    limited(hotline, SendLimits(purses=Purses(elsewhere=2)))
    for number in ("+882123450", "+882123451", "+998901234567", "+996555000100", "+79161234567"):
        hotline.remember(number, ENTRY)
    hotline.tick(FIRST)
    hotline.tick(FIRST + 2 * LEASE)  # nothing is in anybody's hands any more that might not go out
    assert len(reminded(hotline)) == 4
    assert {"+996555000100", "+79161234567"} < set(reminded(hotline))
    assert sum("country" in str(record.msg) for record in caplog.records) == 1
    assert hotline.dispatcher.trouble is None
    hotline.run_until(FIRST + timedelta(days=1, hours=1))
    assert len(set(reminded(hotline))) == len(reminded(hotline)) == 5


def test_prefix_has_a_limit_of_its_own(hotline: Hotline) -> None:
    """The longest that fits counts; 0 closes it."""
    limited(hotline, SendLimits(purses=Purses((("+7", 1), ("+7705", 0)))))
    for number in ("+77051234567", "+79161234567", "+79161234568"):
        hotline.remember(number, ENTRY)
    hotline.tick(FIRST)
    (told,) = reminded(hotline)
    assert told.startswith("+7916")
    hotline.run_until(FIRST + timedelta(days=1, hours=1))
    assert "+77051234567" not in reminded(hotline)
    assert len(reminded(hotline)) == 2


def test_purse_is_found_under_an_older_key(hotline: Hotline) -> None:
    """A new data key does not fill it again."""
    old, new = new_data_key(), new_data_key()
    hotline.vault = Vault([old])
    limited(hotline, SendLimits(purses=Purses(elsewhere=1)))
    hotline.remember("+882123450", ENTRY)
    hotline.tick(FIRST)
    hotline.vault = Vault([new, old])
    limited(hotline, SendLimits(purses=Purses(elsewhere=1)))
    hotline.now = FIRST - timedelta(days=7)
    hotline.remember("+882123451", ENTRY)
    hotline.tick(FIRST + 60 * SECOND)
    assert reminded(hotline) == ["+882123450"]


def test_row_tells_a_country_to_nobody(hotline: Hotline) -> None:
    """An HMAC where a purse is shared, nothing of those whom we are for."""
    for number in ("+882123450", "+998901234567", "+996555000100"):
        hotline.remember(number, ENTRY)
    hotline.tick(FIRST)
    with hotline.database.reading() as session:
        kept = sorted(row.purse_index or b"" for row in session.query(MessageRow))
    assert kept[0] == b""
    assert kept[1] == kept[2]
    assert len(kept[1]) == 32
