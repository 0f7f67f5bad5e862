"""The rows: planned, replanned, settled, and when the next of them is due."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import text

from hotline.people.members import SELF
from hotline.people.model import MarkDone, UndoDone
from hotline.reminders import ledger
from hotline.reminders.plan import PlannedRow, plan, standing
from hotline.reminders.states import State
from tests.reminders.conftest import Hotline

ENTRY = date(2026, 11, 22)
OTHER = date(2026, 11, 20)
PHONE = "+996555123456"


def utc(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 12, day, hour, minute, tzinfo=UTC)


def planned(hotline: Hotline, entry: date, today: date = ENTRY) -> tuple[PlannedRow, ...]:
    return plan(hotline.guide.rules, {"entry": entry}, (), today, hotline.window)


def replan(
    hotline: Hotline, id: str, entry: date, today: date = ENTRY, member: int = SELF, dated: bool = True
) -> None:
    """Makes the plan of `today` for `entry` what is to come; of nothing if not `dated`."""
    dates = {"entry": entry} if dated else {}
    running = standing(hotline.guide.rules, dates, ())
    rows = plan(hotline.guide.rules, dates, (), today, hotline.window)
    with hotline.database.writing() as session:
        ledger.replan(session, hotline.vault, id, member, running, rows, hotline.now)


def test_replan_stores_every_planned_row(hotline: Hotline) -> None:
    """One row a rule and due day, pending, with its instants."""
    id = hotline.remember(PHONE, ENTRY)
    stored = {
        (row.rule, row.due_on, row.due_at_utc, row.expires_at_utc, row.state) for row in hotline.rows(id)
    }
    assert stored == {
        (row.rule, row.due_on, row.due_at_utc, row.expires_at_utc, "pending")
        for row in planned(hotline, ENTRY)
    }


def test_replan_takes_two_statements(hotline: Hotline, statements: list[str]) -> None:
    """A webhook may do six in all."""
    id = hotline.remember(PHONE, ENTRY)
    statements.clear()
    replan(hotline, id, OTHER)
    assert len(statements) == 2


def test_start_sends_no_text_of_today_again(hotline: Hotline) -> None:
    """DONE and START after the text of the day has gone out."""
    id = hotline.remember(PHONE, ENTRY)
    hotline.tick(utc(21, 7))
    for effect in (MarkDone("d05"), UndoDone("d05")):
        hotline.change(id, effect)
    hotline.tick(utc(21, 8))
    assert len(hotline.carrier.texts) == 1
    assert hotline.states(id, "d05")[-1] == "sent"


def test_start_brings_back_what_waited_for_its_day(hotline: Hotline) -> None:
    """Also what was missed yesterday and may still be said today; once, and nothing that has expired."""
    id = hotline.remember(PHONE, ENTRY)
    hotline.now = utc(13, 6)  # entry + 20 was yesterday; nothing has been sent since entry
    before = hotline.states(id, "d05")
    for effect in (MarkDone("d05"), UndoDone("d05")):
        hotline.change(id, effect)
    assert hotline.states(id, "d05") == ["cancelled"] * 2 + before[2:]
    hotline.tick(utc(13, 7))
    assert len(hotline.carrier.texts) == 1


def test_replan_with_the_same_date_changes_nothing(hotline: Hotline) -> None:
    """ENTRY sent twice is planned once."""
    id = hotline.remember(PHONE, ENTRY)
    before = [(row.id, row.state) for row in hotline.rows(id)]
    hotline.enter(id, ENTRY)
    assert [(row.id, row.state) for row in hotline.rows(id)] == before


def test_replan_with_the_same_date_keeps_todays_row(hotline: Hotline) -> None:
    """ENTRY sent again on the morning of a reminder day: the plan covers later days only."""
    id = hotline.remember(PHONE, ENTRY)
    hotline.now = datetime(2026, 11, 29, 5, tzinfo=UTC)
    hotline.enter(id, ENTRY)
    assert hotline.states(id, "d05")[0] == "pending"


def test_replan_with_another_date_cancels_the_first(hotline: Hotline) -> None:
    """Nothing of the old date stays pending; nothing is deleted."""
    id = hotline.remember(PHONE, ENTRY)
    first = {row.id for row in hotline.rows(id)}
    hotline.enter(id, OTHER)
    states = {row.id: row.state for row in hotline.rows(id)}
    assert {states[id] for id in first} == {"cancelled"}
    assert {state for id, state in states.items() if id not in first} == {"pending"}


def test_replan_returning_to_a_date_revives_its_rows(hotline: Hotline) -> None:
    """Corrected to and fro: the first rows are pending again, without copies."""
    id = hotline.remember(PHONE, ENTRY)
    first = {row.id for row in hotline.rows(id)}
    hotline.enter(id, OTHER)
    hotline.enter(id, ENTRY)
    pending = {row.id for row in hotline.rows(id) if row.state == "pending"}
    assert pending == first


def test_replan_returning_to_a_date_does_not_revive_what_was_sent(hotline: Hotline) -> None:
    """Who got the reminder of entry + 7 does not get it again."""
    id = hotline.remember(PHONE, ENTRY)
    hotline.tick(datetime(2026, 11, 29, 7, tzinfo=UTC))
    hotline.enter(id, OTHER)
    hotline.enter(id, ENTRY)
    assert hotline.states(id, "d05")[0] != "pending"
    hotline.tick()
    assert len(hotline.carrier.texts) == 1


def test_replan_never_revives_what_was_sent(hotline: Hotline) -> None:
    """Even if the plan is of an earlier day, as after a clock that was put back."""
    id = hotline.remember(PHONE, ENTRY)
    hotline.tick(datetime(2026, 11, 29, 7, tzinfo=UTC))
    replan(hotline, id, ENTRY, today=ENTRY)
    assert hotline.states(id, "d05")[0] == "sent"


def test_replan_with_nothing_cancels_everything(hotline: Hotline) -> None:
    """A corrected date long past has no reminders; those of the wrong one must not go out."""
    id = hotline.remember(PHONE, ENTRY)
    hotline.enter(id, ENTRY - timedelta(days=100))
    assert {row.state for row in hotline.rows(id)} == {"cancelled"}


def test_replan_leaves_other_people_and_members_alone(hotline: Hotline) -> None:
    """Six people may share a telephone, each with own rows."""
    id, other = hotline.remember(PHONE, ENTRY), hotline.remember("+996555000001", ENTRY)
    replan(hotline, id, ENTRY, member=1)
    replan(hotline, id, ENTRY, dated=False)
    assert {row.member for row in hotline.rows(id) if row.state == "pending"} == {1}
    assert {row.state for row in hotline.rows(other)} == {"pending"}


def test_done_cancels_one_rule(hotline: Hotline) -> None:
    """DONE 7 stops registration; the job's rows stay pending."""
    id = hotline.remember(PHONE, ENTRY)
    hotline.done(id, "d05")
    assert set(hotline.states(id, "d05")) == {"cancelled"}
    assert set(hotline.states(id, "d09")) == {"pending"}


def test_start_revives_what_was_done(hotline: Hotline) -> None:
    """START 7 undoes DONE 7: what is ahead, and what may still be said late; nothing that is over."""
    id = hotline.remember(PHONE, ENTRY)
    hotline.done(id, "d05")
    hotline.now = utc(10, 12)
    hotline.change(id, UndoDone("d05"))
    assert hotline.states(id, "d05") == ["cancelled"] + ["pending"] * 7


def test_replan_leaves_out_what_has_expired(hotline: Hotline) -> None:
    """A plan of an earlier day adds no rows that could not be sent any more."""
    id = hotline.remember(PHONE)
    hotline.now = utc(10, 12)
    replan(hotline, id, ENTRY, today=ENTRY)
    assert next(row.due_on.day for row in hotline.rows(id) if row.rule == "d05") == 6


def test_enqueue_returns_a_message_to_be_sent_now(hotline: Hotline) -> None:
    """What was asked for in a call."""
    id = hotline.remember(PHONE)
    message = hotline.ask(id, "Step 7")
    (row,) = hotline.messages()
    assert (row.id, row.kind, row.channel, row.state, row.next_at_utc) == (
        message,
        "asked",
        "sms",
        "pending",
        hotline.now,
    )
    assert b"Step 7" not in row.body_sealed


def test_enqueue_refuses_a_channel_that_is_none(hotline: Hotline) -> None:
    """A programmer's mistake is an exception."""
    id = hotline.remember(PHONE)
    with pytest.raises(ValueError, match="pigeon"):
        hotline.ask(id, "Step 7", channel="pigeon")


def test_enqueue_merges_calls_to_the_same_place(hotline: Hotline, statements: list[str]) -> None:
    """Who asks twice to be rung back is rung once, as late as the second wish allows; two statements."""
    id = hotline.remember(PHONE)
    first = hotline.ask(id, "done.07", channel="call")
    hotline.now += timedelta(minutes=20)
    statements.clear()
    assert hotline.ask(id, "done.07", channel="call") == first
    assert len(statements) == 2
    hotline.tick(hotline.now + timedelta(minutes=50))
    assert [call.to for call in hotline.carrier.calls] == [PHONE]


def test_enqueue_merges_nothing_else(hotline: Hotline) -> None:
    """Other places, other people, calls that were placed, and texts are messages of their own."""
    id, other = hotline.remember(PHONE), hotline.remember("+996555000001")
    ids = [hotline.ask(id, "done.07", channel="call")]
    hotline.tick()
    ids += [hotline.ask(id, place, channel="call") for place in ("done.07", "done.06")]
    ids += [hotline.ask(other, "done.07", channel="call")]
    ids += [hotline.ask(id, "Step 7") for _ in range(2)]
    assert len(set(ids)) == 6
    hotline.tick()
    assert (len(hotline.carrier.calls), len(hotline.carrier.texts)) == (4, 2)


def test_enqueue_merges_no_call_that_no_key_opens(hotline: Hotline) -> None:
    """A call sealed with a key that is gone is left alone; a new one is placed."""
    id = hotline.remember(PHONE)
    lost = hotline.ask(id, "done.07", channel="call")
    hotline.damage(lost)
    assert hotline.ask(id, "done.07", channel="call") != lost


def test_next_due_walks_through_every_instant(hotline: Hotline) -> None:
    """The openings of all reminder days, each once; each is later than the last."""
    hotline.remember(PHONE, ENTRY)
    seen = []
    while (at := hotline.next_due()) is not None:
        seen.append(at)
        hotline.tick(at)
        for sent in hotline.carrier.texts[-1:]:
            hotline.receive(sent.attempt, "delivered", sid=sent.sid)
    offsets = [(at.date() - ENTRY).days for at in seen]
    assert offsets == [7, 14, 20, 24, 25, 26, 27, 28, 29, 30]
    assert all(at.hour == 7 and at.minute == 0 for at in seen)
    assert len(hotline.carrier.texts) == 9  # on entry + 30 nothing: a text came in the last days


def test_next_due_knows_what_was_asked_for_and_retries(hotline: Hotline) -> None:
    """The instant of the next attempt, then nothing."""
    id = hotline.remember(PHONE)
    assert hotline.next_due() is None
    hotline.ask(id, "Step 7")
    assert hotline.next_due() == hotline.now + timedelta(hours=1)  # else it expires
    hotline.now -= timedelta(seconds=1)
    assert hotline.next_due() == hotline.now + timedelta(seconds=1)


def test_raw_database_holds_no_date_of_entry_and_no_number(hotline: Hotline) -> None:
    """Sealed or hashed, from the first row on."""
    hotline.now += timedelta(days=3)  # so that no other instant is of the day of entry
    id = hotline.remember(PHONE, ENTRY)
    hotline.tick(datetime(2026, 11, 29, 7, tzinfo=UTC))
    hotline.ask(id, "SENTINEL")
    dump = []
    with hotline.database.reading() as session:
        for table in ("people", "anchors", "reminders", "messages", "opt_outs"):
            dump += [str(tuple(row)) for row in session.execute(text(f"SELECT * FROM {table}"))]
    for secret in (PHONE, PHONE[1:], str(ENTRY), repr(ENTRY)[:-1], "SENTINEL", "registration"):
        assert not any(secret in line for line in dump)


def test_expired_rows_are_marked_and_never_sent(hotline: Hotline) -> None:
    """After a long silence of ours only what is still useful goes out."""
    id = hotline.remember(PHONE, ENTRY)
    hotline.tick(utc(10, 8))
    assert hotline.states(id, "d05")[:3] == [State.EXPIRED, State.SENT, State.PENDING]
    assert len(hotline.carrier.texts) == 1
