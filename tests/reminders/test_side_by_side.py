"""Two transactions of one person at the same instant: a tick of another worker, a turn of a call."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from hotline.carriers.base import Outcome, OutcomeKind
from hotline.people.model import RemindBy, Told
from hotline.reminders import attempts, fence, ledger, outbox, overdue
from hotline.reminders.outbox import Claim
from hotline.reminders.states import Kind
from tests.reminders.conftest import Hotline

ENTRY = date(2026, 11, 22)
PHONE = "+996555123456"
LAST = datetime(2026, 12, 21, 7, tzinfo=UTC)  # the last day
HELD_S = 0.5  # longer than the other needs to come to where it waits


def beside(act: Callable[[], Any]) -> threading.Thread:
    """Begins it in a thread, and gives it the time to come as far as it can."""
    thread = threading.Thread(target=act)
    thread.start()
    thread.join(HELD_S)
    return thread


def fenced_call(hotline: Hotline) -> Claim:
    """A call of the last day that may have been placed."""
    id = hotline.remember(PHONE, ENTRY)
    hotline.change(id, RemindBy("call"))
    desk, hotline.now = hotline.dispatcher, LAST
    with hotline.database.writing() as session:
        (claim,) = desk.claim(session, LAST, 1).claims
    with hotline.database.writing() as session:
        assert fence.pass_fence(session, hotline.vault, desk.rules, claim, LAST, LAST)
    return claim


def test_text_that_is_given_up_for_a_call_does_not_go_out_beside_it(hotline: Hotline) -> None:
    """Refused for 40 minutes: one worker frees its rows for a call, while another stands at its fence."""
    hotline.remember(PHONE, ENTRY)
    hotline.carrier.answer_next(Outcome(OutcomeKind.BACK_OFF, error_code=20429))
    hotline.tick(LAST)
    hotline.now = now = LAST + timedelta(minutes=41)
    desk, passed = hotline.dispatcher, []
    with hotline.database.writing() as session:
        (claim,) = outbox.claim_waiting(session, hotline.vault, now, 1, Kind.REMINDER).claims

    def pass_fence() -> None:
        with hotline.database.writing() as session:
            passed.append(fence.pass_fence(session, hotline.vault, desk.rules, claim, now, now))

    with hotline.database.writing() as session:
        freed = attempts.reach_the_silent(session, hotline.window, desk.rules, desk.rings, now)
        waiting = beside(pass_fence)
    waiting.join()
    assert (freed, passed) == (2, [False])


@pytest.mark.parametrize("told_first", [False, True])
def test_call_that_has_said_its_words_is_recorded_beside_the_answer_to_its_post(
    hotline: Hotline, told_first: bool
) -> None:
    """The answer comes as late as the turn that reminds: both are kept, whoever begins."""
    claim = fenced_call(hotline)
    answer = Outcome(OutcomeKind.SENT, sid="CA1", status="queued")

    def record() -> None:
        with hotline.database.writing() as session:
            outbox.record(session, hotline.vault, claim, answer, LAST)

    def tell() -> None:
        hotline.change(claim.person_id, Told())

    first, second = (tell, record) if told_first else (record, tell)
    with hotline.database.writing() as session:
        outbox.move_rows(session, [claim.id], {"sending"}, "sending")  # holds the rows, not the person
        begun = beside(first)
        also_begun = beside(second)
    begun.join()
    also_begun.join()
    (message,) = hotline.messages()
    assert (message.state, message.told) == ("sent", True)


def test_call_is_told_beside_the_end_of_its_lease(hotline: Hotline) -> None:
    """The worker was killed at the POST: the tick after the lease leaves what the turn of the call holds."""
    claim = fenced_call(hotline)
    lapsed = LAST + outbox.LEASE

    def lapse() -> None:
        with hotline.database.writing() as session:
            overdue.lapse(session, hotline.window, lapsed)

    with hotline.database.writing() as session:
        ledger.hold(session, claim.id)
        outbox.move_rows(session, [claim.id], {"sending"}, "sending")  # as DONE in the call
        beside_it = beside(lapse)
        ledger.note_told(session, claim.person_id)
    beside_it.join()
    lapse()
    (message,) = hotline.messages()
    assert (message.state, message.told) == ("unknown", True)
