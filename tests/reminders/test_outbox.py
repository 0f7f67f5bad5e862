"""The fence: between claim and POST everything may have changed."""

import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, text

from db import Database
from db.tables import OptOutRow
from hotline.carriers.base import Outcome, OutcomeKind
from hotline.config import SendWindow
from hotline.guide.model import Guide
from hotline.people.effects import Effects
from hotline.people.privacy import Vault, new_data_key
from hotline.people.text_limits import TextLimits
from hotline.reminders import outbox
from hotline.reminders.fence import give_up, pass_fence
from hotline.reminders.outbox import Claim
from hotline.reminders.states import Kind
from hotline.reminders.tick import Tick
from hotline.sms.understanding.vocabulary import Vocabulary
from tests.reminders.conftest import Hotline
from tests.sms.conftest import opened
from tests.telephone import Telephone

ENTRY = date(2026, 11, 22)
PHONE = "+996555123456"
FIRST = datetime(2026, 11, 29, 7, tzinfo=UTC)  # entry + 7
MINUTE = timedelta(minutes=1)
HELD_S = 0.3  # longer than the other needs to come to where it waits


def claim(hotline: Hotline, at: datetime = FIRST, limit: int = 10) -> list[Claim]:
    with hotline.database.writing() as session:
        return hotline.dispatcher.claim(session, at, limit).claims


def fence(hotline: Hotline, claimed: Claim, at: datetime = FIRST) -> bool:
    with hotline.database.writing() as session:
        return pass_fence(session, hotline.vault, hotline.guide.rules, claimed, at, at)


def stop(hotline: Hotline, claimed: Claim, at: datetime = FIRST) -> None:
    with hotline.database.writing() as session:
        give_up(session, hotline.vault, hotline.window, claimed, at)


def test_claim_is_made_once(hotline: Hotline) -> None:
    """A claimed message is nobody else's while its lease runs."""
    hotline.remember(PHONE, ENTRY)
    assert len(claim(hotline)) == 1
    assert claim(hotline, FIRST + 4 * MINUTE) == []


def test_claim_does_not_print_number_and_text(hotline: Hotline) -> None:
    """A claim in a traceback tells nothing of the person."""
    hotline.remember(PHONE, ENTRY)
    (claimed,) = claim(hotline)
    assert PHONE not in repr(claimed)
    assert "registration" not in repr(claimed)


def test_fence_lets_a_fresh_claim_through_once(hotline: Hotline) -> None:
    """The second time it is not pending any more."""
    hotline.remember(PHONE, ENTRY)
    (claimed,) = claim(hotline)
    assert fence(hotline, claimed)
    assert not fence(hotline, claimed)


def test_claim_of_a_dead_worker_is_claimed_again(hotline: Hotline) -> None:
    """Not fenced, so not sent: after its lease another worker sends it, and the first one's fence is shut."""
    hotline.remember(PHONE, ENTRY)
    (first,) = claim(hotline)
    (second,) = claim(hotline, FIRST + 5 * MINUTE)
    assert first.id == second.id
    assert second.rules == ("d05", "d09")
    assert not fence(hotline, first, FIRST + 5 * MINUTE)
    assert fence(hotline, second, FIRST + 5 * MINUTE)


def test_fence_is_shut_when_the_lease_is_over(hotline: Hotline) -> None:
    """Whoever was paused does not send late."""
    hotline.remember(PHONE, ENTRY)
    (claimed,) = claim(hotline)
    assert not fence(hotline, claimed, FIRST + 5 * MINUTE)


def test_fenced_message_of_a_dead_worker_is_looked_up(hotline: Hotline) -> None:
    """It may have been sent: unknown after its lease, and found to be nowhere before it is sent again."""
    id = hotline.remember(PHONE, ENTRY)
    (claimed,) = claim(hotline)
    assert fence(hotline, claimed)
    hotline.tick(FIRST + 4 * MINUTE)
    assert hotline.states(id, "d05")[0] == "sending"
    hotline.tick(FIRST + 5 * MINUTE)
    assert hotline.states(id, "d05")[0] == "unknown"
    hotline.run_until(FIRST + 40 * MINUTE)
    assert (hotline.carrier.looks, hotline.carrier.posts) == (2, 1)


@pytest.mark.parametrize(("paused", "posts"), [(timedelta(), 1), (4 * MINUTE, 1), (5 * MINUTE, 0)])
def test_worker_paused_past_its_lease_behind_the_fence_posts_nothing(
    hotline: Hotline, monkeypatch: pytest.MonkeyPatch, paused: timedelta, posts: int
) -> None:
    """By then it is another's to find out whether it was sent; nothing was, so it goes out once."""
    id = hotline.remember(PHONE, ENTRY)
    stood_still = [timedelta()]

    def pass_and_pause(*arguments: Any) -> bool:
        passed = pass_fence(*arguments)
        stood_still[0] = paused
        return passed

    now = Tick.now
    with monkeypatch.context() as patch:
        patch.setattr(Tick, "now", lambda tick: now(tick) + stood_still[0])
        patch.setattr("hotline.reminders.fence.pass_fence", pass_and_pause)
        hotline.tick(FIRST)
    assert hotline.carrier.posts == posts
    assert hotline.states(id, "d05")[0] == ("sent" if posts else "sending")
    hotline.run_until(FIRST + 40 * MINUTE)
    assert hotline.carrier.posts == 1
    assert hotline.states(id, "d05")[0] == "sent"


def test_fence_is_shut_after_stop(hotline: Hotline) -> None:
    """Opted out between claim and POST; what waits is due again in the next window, if START comes."""
    id = hotline.remember(PHONE, ENTRY)
    (claimed,) = claim(hotline)
    hotline.opt_out(PHONE)
    assert not fence(hotline, claimed)
    stop(hotline, claimed)
    assert claim(hotline) == []
    assert {row.state for row in hotline.rows(id)} == {"pending"}


def test_stop_under_a_new_data_key_does_not_churn(
    database: Database, guide: Guide, window: SendWindow
) -> None:
    """The person is found under the old key, the opt-out under the new: refused once a day."""
    old, new = new_data_key(), new_data_key()
    before = Hotline(database, Vault([old]), guide, window)
    before.remember(PHONE, ENTRY)
    before.dispatcher.close()
    hotline = Hotline(database, Vault([new, old]), guide, window)
    hotline.opt_out(PHONE)
    for minutes in range(5):
        hotline.tick(FIRST + minutes * MINUTE)
    hotline.dispatcher.close()
    assert hotline.carrier.posts == 0
    assert len(hotline.messages()) == 1


def test_fence_lets_what_was_asked_for_through_after_stop(hotline: Hotline) -> None:
    """Information on request still works."""
    id = hotline.remember(PHONE)
    hotline.opt_out(PHONE)
    hotline.ask(id, "Step 7")
    (claimed,) = claim(hotline, hotline.now)
    assert fence(hotline, claimed, hotline.now)


def test_fence_is_shut_after_done_and_the_rest_is_said_anew(hotline: Hotline) -> None:
    """DONE 7 between claim and POST: the text speaks of both, so another is made of the job alone."""
    id = hotline.remember(PHONE, ENTRY)
    (claimed,) = claim(hotline)
    hotline.done(id, "d05")
    assert not fence(hotline, claimed)
    stop(hotline, claimed)
    (again,) = claim(hotline)
    assert again.rules == ("d09",)
    assert "registration" not in again.body


def test_fence_is_shut_after_another_date(hotline: Hotline) -> None:
    """A corrected date between claim and POST: the text with the wrong days is not sent."""
    id = hotline.remember(PHONE, ENTRY)
    (claimed,) = claim(hotline)
    hotline.now = FIRST
    hotline.enter(id, date(2026, 11, 20))
    assert not fence(hotline, claimed)


def test_fence_is_shut_when_the_window_has_closed(hotline: Hotline) -> None:
    """Claimed at 11:59, but it is noon."""
    hotline.remember(PHONE, ENTRY)
    (claimed,) = claim(hotline, FIRST + 119 * MINUTE)
    assert not fence(hotline, claimed, FIRST + 120 * MINUTE)
    stop(hotline, claimed, FIRST + 120 * MINUTE)
    assert hotline.next_due() == FIRST + timedelta(days=1)


def test_stop_leaves_what_was_asked_for_to_another_worker(hotline: Hotline) -> None:
    """The fence was shut because the lease was over, not because nobody wants it."""
    id = hotline.remember(PHONE)
    hotline.ask(id, "Step 7")
    (claimed,) = claim(hotline, hotline.now)
    later = hotline.now + 5 * MINUTE
    assert not fence(hotline, claimed, later)
    stop(hotline, claimed, later)
    hotline.tick(later)
    assert [text.body for text in hotline.carrier.texts] == ["Step 7"]


def test_fence_is_shut_for_an_erased_person(hotline: Hotline) -> None:
    """DELETE between claim and POST."""
    id = hotline.remember(PHONE, ENTRY)
    (claimed,) = claim(hotline)
    with hotline.database.writing() as session:
        session.delete(hotline.person(id))
    assert not fence(hotline, claimed)


class Race:
    """A claim at its fence, and the STOP of the same person at the door, signed by the carrier."""

    def __init__(self, hotline: Hotline, phone: Telephone) -> None:
        hotline.remember(PHONE, ENTRY)
        hotline.now = FIRST
        (self.claimed,) = claim(hotline)
        self.hotline, self.phone = hotline, phone
        self.passed: list[bool] = []

    def stop(self) -> None:
        assert self.phone.text("СТОП").status_code == 200

    def fence(self) -> None:
        self.passed.append(fence(self.hotline, self.claimed))

    def is_stopped(self) -> bool:
        with self.hotline.database.reading() as session:
            return bool(session.scalars(select(OptOutRow)).all())


@pytest.fixture
def racing(
    database: Database, guide: Guide, window: SendWindow, real_guide: Guide, vocabulary: Vocabulary
) -> Iterator[Race]:
    door = opened(real_guide, vocabulary, TextLimits(), database)
    hotline = Hotline(database, door.vault, guide, window)
    yield Race(hotline, door.phone(PHONE))
    hotline.dispatcher.close()


def test_fence_waits_for_a_stop_that_is_being_stored(racing: Race, monkeypatch: pytest.MonkeyPatch) -> None:
    """STOP has begun and is not committed yet: nothing is fenced before it is, nor afterwards."""
    fencing, apply = threading.Thread(target=racing.fence), Effects.apply

    def apply_and_wait(*arguments: Any) -> str | None:
        told = apply(*arguments)
        fencing.start()
        fencing.join(HELD_S)
        return told

    monkeypatch.setattr(Effects, "apply", apply_and_wait)
    racing.stop()
    fencing.join()
    assert (racing.passed, racing.is_stopped()) == ([False], True)


def test_stop_waits_for_a_fence_that_is_being_passed(racing: Race) -> None:
    """The message is on its way, and STOP holds from then on: were it lost, it would not be sent again."""
    hotline, stopping = racing.hotline, threading.Thread(target=racing.stop)
    with hotline.database.writing() as session:
        assert pass_fence(session, hotline.vault, hotline.guide.rules, racing.claimed, FIRST, FIRST)
        stopping.start()
        stopping.join(HELD_S)
        assert not racing.is_stopped()
    stopping.join()
    assert racing.is_stopped()
    hotline.run_until(FIRST + timedelta(days=2))
    assert hotline.carrier.posts == 0


def test_record_does_not_undo_what_a_look_has_found(hotline: Hotline) -> None:
    """An answer that comes after the lease: the message is unknown by then and becomes sent."""
    id = hotline.remember(PHONE, ENTRY)
    (claimed,) = claim(hotline)
    fence(hotline, claimed)
    hotline.tick(FIRST + 5 * MINUTE)
    with hotline.database.writing() as session:
        sent = Outcome(OutcomeKind.SENT, sid="SM1", status="queued")
        outbox.record(session, hotline.vault, claimed, sent, FIRST + 6 * MINUTE)
    assert hotline.states(id, "d05")[0] == "sent"


@pytest.mark.parametrize(
    ("attempts", "asked_s", "least_s", "most_s"),
    [(0, None, 60, 75), (1, None, 120, 150), (9, None, 600, 750), (99, None, 600, 750), (0, 300, 300, 375)],
)
def test_retry_delay_doubles_up_to_ten_minutes(
    attempts: int, asked_s: float | None, least_s: int, most_s: int
) -> None:
    """With up to a quarter more at random; never less than the carrier asked for."""
    delays = [outbox.retry_delay(attempts, asked_s).total_seconds() for _ in range(50)]
    assert least_s <= min(delays)
    assert max(delays) <= most_s
    assert min(delays) < max(delays)


def test_claim_opens_only_with_the_key_that_sealed_it(hotline: Hotline, vault: Vault) -> None:
    """The text in the database is sealed for its own row."""
    id = hotline.remember(PHONE)
    first, second = hotline.ask(id, "Step 7"), hotline.ask(id, "Step 8")
    bodies = {message.id: message.body_sealed for message in hotline.messages()}
    assert vault.open(bodies[first], "messages.body", first) == "Step 7"
    with pytest.raises(ValueError, match="does not open"):
        vault.open(bodies[first], "messages.body", second)


def test_fence_is_shut_when_one_of_two_rows_has_left_the_message(hotline: Hotline) -> None:
    """The other one stands, but the text says both."""
    id = hotline.remember(PHONE, ENTRY)
    (claimed,) = claim(hotline)
    with hotline.database.writing() as session:
        for row in hotline.rows(id):
            if row.message_id == claimed.id and row.rule == "d09":
                session.merge(row).state = "cancelled"
    assert not fence(hotline, claimed)


def test_no_more_is_claimed_than_was_asked_for(hotline: Hotline) -> None:
    """However PostgreSQL plans the claim: as a subquery it may choose the first rows anew for each row."""
    id = hotline.remember(PHONE)
    for n in range(20):
        hotline.ask(id, f"Step {n}")
    with hotline.database.writing() as session:
        if hotline.database.engine.dialect.name == "postgresql":
            for plan in ("hashagg", "hashjoin", "mergejoin", "material", "memoize", "sort"):
                session.execute(text(f"SET LOCAL enable_{plan} = off"))
        claimed = outbox.claim_waiting(session, hotline.vault, hotline.now, 4, Kind.ASKED)
    assert len(claimed.claims) == 4
