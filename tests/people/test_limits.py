"""Which numbers are called back, and how often a day."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update

from db import Database
from db.tables import MessageRow, PersonRow
from hotline.people import store
from hotline.people.call_limits import CallLimits, share_of_asked
from hotline.people.limits import Limits, may_not_call, refusal_of
from hotline.people.model import OptIn, Refusal, RingBack
from hotline.people.privacy import Vault, new_data_key
from hotline.people.store import Contact
from hotline.reminders import ledger
from hotline.reminders.states import State
from tests.watching import statements

NOW = datetime(2026, 11, 22, 7, tzinfo=UTC)
BISHKEK, OSH, MOSCOW, BERLIN = "+996555123456", "+996700123456", "+79161234567", "+4915112345678"
CALL = (RingBack("menu-main"),)
DAY = timedelta(hours=24)


@pytest.fixture
def vault() -> Vault:
    return Vault([new_data_key()])


def remember(database: Database, vault: Vault, phone: str) -> str:
    with database.writing() as session:
        contact = store.find(session, vault, phone)
        return store.save_person(session, vault, contact, contact.id or store.new_id(), {}, NOW)


def called(
    database: Database,
    vault: Vault,
    phone: str,
    times: int,
    at_utc: datetime = NOW,
    channel: str = "call",
    state: State = State.DELIVERED,
) -> None:
    """The hotline has called `phone` so often."""
    id = remember(database, vault, phone)
    for _ in range(times):
        with database.writing() as session:
            message = ledger.enqueue(session, vault, id, channel, "menu-main", at_utc, at_utc)
            session.flush()
            session.execute(update(MessageRow).where(MessageRow.id == message).values(state=state))


def refused(
    database: Database, vault: Vault, phone: str, limits: CallLimits, now_utc: datetime = NOW
) -> Refusal | None:
    with database.writing() as session:
        contact = store.find(session, vault, phone)
        return refusal_of(session, vault, Limits(limits), contact, CALL, now_utc)


def may_not_remind(database: Database, vault: Vault, phone: str, limits: CallLimits) -> Refusal | None:
    with database.writing() as session:
        contact = store.find(session, vault, phone)
        return may_not_call(session, vault, limits, contact.id, phone, NOW)


@pytest.mark.parametrize("state", [state for state in State if state is not State.PENDING])
def test_number_is_called_up_to_its_cap(database: Database, vault: Vault, state: State) -> None:
    """A call that waits and those placed, whatever became of them, reach the cap; other numbers go on."""
    limits = CallLimits(per_number=3)
    called(database, vault, BISHKEK, 2, state=state)
    assert refused(database, vault, BISHKEK, limits) is None
    called(database, vault, BISHKEK, 1, state=State.PENDING)
    assert refused(database, vault, BISHKEK, limits) is Refusal.NUMBER
    assert refused(database, vault, OSH, limits) is None


def test_calls_of_yesterday_do_not_count(database: Database, vault: Vault) -> None:
    """A day is 24 hours, from call to call."""
    limits = CallLimits(per_number=1)
    called(database, vault, BISHKEK, 1)
    assert refused(database, vault, BISHKEK, limits, NOW + DAY - timedelta(seconds=1)) is Refusal.NUMBER
    assert refused(database, vault, BISHKEK, limits, NOW + DAY) is None


def test_texts_do_not_count(database: Database, vault: Vault) -> None:
    """Only calls are capped here."""
    called(database, vault, BISHKEK, 5, channel="sms")
    assert refused(database, vault, BISHKEK, CallLimits(per_number=1, per_day=1)) is None


def test_everybody_together_has_a_cap(database: Database, vault: Vault) -> None:
    """Somebody new is refused once all the day's calls are used up."""
    called(database, vault, BISHKEK, 1)
    called(database, vault, MOSCOW, 1)
    assert refused(database, vault, OSH, CallLimits(per_day=3)) is None
    assert refused(database, vault, OSH, CallLimits(per_day=2)) is Refusal.EVERYBODY


def test_prefix_has_a_cap_of_its_own(database: Database, vault: Vault) -> None:
    """Calls to Kyrgyz numbers count for Kyrgyz numbers; Russian ones have no cap here."""
    limits = CallLimits(per_prefix=(("+996", 2),))
    called(database, vault, MOSCOW, 5)
    called(database, vault, BISHKEK, 1)
    assert refused(database, vault, OSH, limits) is None
    called(database, vault, BISHKEK, 1)
    assert refused(database, vault, OSH, limits) is Refusal.PREFIX
    assert refused(database, vault, MOSCOW, limits) is None


@pytest.mark.parametrize("limits", [CallLimits(per_day=8), CallLimits(per_prefix=(("+996", 8),))])
def test_calls_that_are_asked_for_leave_a_quarter_to_reminders(
    database: Database, vault: Vault, limits: CallLimits
) -> None:
    """Six of eight may be asked for; reminders may take all, and take nothing from those six but the rest."""
    called(database, vault, BISHKEK, 5)
    assert refused(database, vault, OSH, limits) is None
    called(database, vault, BISHKEK, 1)
    assert refused(database, vault, OSH, limits) is not None
    assert may_not_remind(database, vault, OSH, limits) is None
    called(database, vault, BISHKEK, 2)
    assert may_not_remind(database, vault, OSH, limits) is not None


def test_reminders_count_for_calls_that_are_asked_for_only_at_the_cap(
    database: Database, vault: Vault
) -> None:
    """Seven reminders of eight calls: one more may be asked for."""
    called(database, vault, BISHKEK, 7)
    with database.writing() as session:
        session.execute(update(MessageRow).values(kind="reminder"))
    assert refused(database, vault, OSH, CallLimits(per_day=8)) is None
    called(database, vault, BISHKEK, 1)
    assert refused(database, vault, OSH, CallLimits(per_day=8)) is Refusal.EVERYBODY


@pytest.mark.parametrize(("most", "asked"), [(0, 0), (1, 1), (2, 2), (3, 3), (4, 3), (8, 6), (2_000, 1_500)])
def test_share_of_calls_that_are_asked_for(most: int, asked: int) -> None:
    """Three quarters, and never none of some."""
    assert share_of_asked(most) == asked


def test_number_that_no_key_opens_counts_for_every_prefix(database: Database, vault: Vault) -> None:
    """After a data key is lost the caps are not."""
    called(database, vault, MOSCOW, 1)
    with database.writing() as session:
        session.execute(update(PersonRow).values(phone_sealed=bytes(40)))
    assert refused(database, vault, OSH, CallLimits(per_prefix=(("+996", 1),))) is Refusal.PREFIX


@pytest.mark.parametrize(
    ("phone", "refusal"),
    [(BISHKEK, None), (MOSCOW, None), (BERLIN, Refusal.ABROAD), ("+882161234567", Refusal.ABROAD)],
)
def test_only_numbers_of_the_countries_named_are_called(
    sqlite: Database, vault: Vault, phone: str, refusal: Refusal | None
) -> None:
    """Kyrgyz and Russian ones, unless a setting says otherwise."""
    assert refused(sqlite, vault, phone, CallLimits()) is refusal
    assert refused(sqlite, vault, phone, CallLimits(countries=("+49", "+882"))) is not refusal


def test_what_rings_nobody_is_not_counted(sqlite: Database, vault: Vault) -> None:
    """No statement for effects without a call; one for those with it."""
    with sqlite.writing() as session:
        contact = Contact(BERLIN, None, store.find(session, vault, BERLIN).person)
        home = Contact(BISHKEK, None, contact.person)
        with statements(sqlite) as seen:
            assert refusal_of(session, vault, Limits(CallLimits(0)), contact, (OptIn(),), NOW) is None
            assert seen == []
            assert refusal_of(session, vault, Limits(CallLimits(1)), home, CALL, NOW) is None
            assert len(seen) == 1


def test_refusal_is_logged_without_the_number(
    sqlite: Database, vault: Vault, caplog: pytest.LogCaptureFixture
) -> None:
    """One line with the reason."""
    caplog.set_level(logging.DEBUG)
    refused(sqlite, vault, BERLIN, CallLimits())
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert "call.refused" in caplog.text and "abroad" in caplog.text
    assert BERLIN[1:] not in caplog.text


def test_counting_uses_the_index(sqlite: Database, vault: Vault) -> None:
    """A table of all messages that ever were is not looked through."""
    with statements(sqlite) as seen:
        refused(sqlite, vault, BISHKEK, CallLimits())
    with sqlite.engine.connect() as connection:
        parameters = (None,) * seen[-1].count("?")
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {seen[-1]}", parameters).fetchall()
    assert any("ix_messages_work (state=? AND next_at_utc>?)" in row[-1] for row in plan), plan
    assert any("ix_answers_said (said=? AND at_utc>?)" in row[-1] for row in plan), plan
