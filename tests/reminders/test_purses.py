"""The purses of countries: what went out or is in hand counts, and a quarter is kept for last chances."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from sqlalchemy import update

from db.tables import ReminderRow
from hotline.carriers.base import Outcome, OutcomeKind, outcome_of_error
from hotline.people.model import SetLanguage
from hotline.people.purses import Purses
from hotline.reminders.outbox import LEASE
from hotline.reminders.send_limits import SendLimits
from tests.reminders.conftest import Hotline
from tests.reminders.test_starving import (
    EARLY_ENTRY,
    LAST,
    LAST_ENTRY,
    MINUTE,
    SECOND,
    numbers,
    remember,
    texted,
)

UZBEK, TAJIK = "+99890555", "+992905550"
BARRED, BACK_OFF = outcome_of_error(400, 21408), Outcome(OutcomeKind.BACK_OFF, error_code=20429)
CLOSED = LAST + timedelta(hours=2)

Limit = Callable[[Purses], Hotline]


@pytest.fixture
def limited(hotline: Hotline, monkeypatch: pytest.MonkeyPatch) -> Limit:
    """The hotline with purses; nothing really waits."""

    def limit(purses: Purses) -> Hotline:
        hotline.dispatcher.close()
        hotline.send_limits = SendLimits(purses=purses)
        hotline.dispatcher = hotline.new_dispatcher()
        monkeypatch.setattr(hotline.dispatcher.stopping, "wait", lambda _seconds: False)
        return hotline

    return limit


def play(hotline: Hotline, from_minute: int, until_minute: int, step: int = 3) -> None:
    for minute in range(from_minute, until_minute, step):
        hotline.tick(LAST + minute * MINUTE)


def test_refusals_leave_the_purse_to_others(limited: Limit) -> None:
    """Uzbekistan is barred; somebody with a Tajik number, who comes later, is told on the last day."""
    hotline = limited(Purses(elsewhere=3))
    remember(hotline, numbers(UZBEK, 3), LAST_ENTRY)
    hotline.carrier.answer_for("+998", BARRED)
    hotline.tick(LAST)
    remember(hotline, numbers(TAJIK, 1), LAST_ENTRY)
    play(hotline, 1, 9)
    assert [text.to for text in hotline.carrier.texts] == numbers(TAJIK, 1)


def test_what_is_in_hand_may_come_back_today(limited: Limit) -> None:
    """The purse is in the hands of who will be refused when the others are looked for: they wait for that."""
    hotline = limited(Purses(elsewhere=3))
    remember(hotline, numbers(UZBEK, 3), LAST_ENTRY)
    hotline.carrier.answer_for("+998", BARRED)
    with hotline.database.writing() as session:
        assert len(hotline.dispatcher.claim(session, LAST, 9).claims) == 3
    remember(hotline, numbers(TAJIK, 2), LAST_ENTRY)
    hotline.tick(LAST + MINUTE)
    assert hotline.carrier.posts == 0
    play(hotline, 2, 20, 2)
    assert sorted(text.to for text in hotline.carrier.texts) == numbers(TAJIK, 2)


@pytest.mark.parametrize("entry", [LAST_ENTRY, EARLY_ENTRY])
@pytest.mark.parametrize("answer", [BARRED, BACK_OFF])
def test_refused_messages_that_go_out_later_keep_to_the_purse(
    limited: Limit, entry: date, answer: Outcome
) -> None:
    """Twelve wait to be tried again, more than the purse holds: eight go out, of early ones six."""
    hotline = limited(Purses(elsewhere=8))
    remember(hotline, numbers(UZBEK, 12), entry)
    hotline.carrier.answer_for("+998", answer)
    play(hotline, 0, 30, 5)
    assert hotline.carrier.texts == []
    hotline.carrier.answer_for("+998", None)
    play(hotline, 30, 119)
    assert len({text.to for text in hotline.carrier.texts}) == len(hotline.carrier.texts)
    assert len(hotline.carrier.texts) + len(hotline.carrier.calls) == (8 if entry == LAST_ENTRY else 6)
    hotline.tick(CLOSED)
    assert hotline.dispatcher.missed.rows == (8 if entry == LAST_ENTRY else 0)  # two of each of four people


def test_quarter_of_a_purse_is_kept_for_the_last_days(limited: Limit) -> None:
    """Early ones would use it up; the text that was not delivered gets its call."""
    hotline = limited(Purses(per_prefix=(("+996", 8),)))
    (last,) = remember(hotline, ["+996555000001"], LAST_ENTRY)
    early = remember(hotline, numbers("+99655512", 12), EARLY_ENTRY)
    hotline.tick(LAST)
    assert len(hotline.carrier.texts) == 6
    (text,) = [text for text in hotline.carrier.texts if text.to == "+996555000001"]
    hotline.receive(text.attempt, "undelivered", 30003, sid=text.sid)
    play(hotline, 1, 60)
    assert [call.to for call in hotline.carrier.calls] == ["+996555000001"]
    assert len(hotline.carrier.texts) == 6
    assert "expired" not in hotline.states(last, "d05")[-1:]
    tomorrow = [row for id in early for row in hotline.rows(id) if row.due_at_utc == LAST + timedelta(days=1)]
    assert len({row.person_id for row in tomorrow}) == 12 - 5


def test_what_ends_today_has_the_whole_purse_though_it_is_not_urgent(limited: Limit) -> None:
    """Early ones leave a quarter; the end of a term for which no call has words may use it."""
    hotline = limited(Purses(elsewhere=4))
    remember(hotline, numbers(UZBEK, 5), EARLY_ENTRY)
    hotline.tick(LAST)
    assert texted(hotline, UZBEK) == 3
    hotline.now = LAST - timedelta(hours=20)
    remember(hotline, numbers(TAJIK, 2), LAST_ENTRY)
    with hotline.database.writing() as session:
        session.execute(update(ReminderRow).values(urgent=False))
    play(hotline, 1, 20)
    assert texted(hotline, TAJIK) == 1


def test_language_is_changed_while_the_last_of_a_purse_waits(limited: Limit) -> None:
    """The text that was refused says nothing any more and counts for nothing: the new one goes out today."""
    hotline = limited(Purses(elsewhere=1))
    (id,) = remember(hotline, numbers(TAJIK, 1), LAST_ENTRY)
    hotline.carrier.answer_next(BACK_OFF)
    hotline.tick(LAST)
    hotline.now = LAST + timedelta(seconds=20)
    hotline.change(id, SetLanguage("ru"))
    play(hotline, 1, 20)
    assert texted(hotline, TAJIK) == 1
    assert sorted(message.state for message in hotline.messages()) == ["cancelled", "sent"]


@pytest.mark.parametrize("answer", [None, BACK_OFF])
def test_last_days_that_a_purse_does_not_hold_are_told(limited: Limit, answer: Outcome | None) -> None:
    """One of three goes out; the rows of the other two end today, and /healthz says so: also the refused."""
    hotline = limited(Purses(elsewhere=1))
    remember(hotline, numbers(UZBEK, 3), LAST_ENTRY)
    hotline.carrier.answer_for("+998", answer)
    play(hotline, 0, 30, 10)
    hotline.carrier.answer_for("+998", None)
    play(hotline, 30, 120, 10)
    assert len(hotline.carrier.texts) + len(hotline.carrier.calls) == 1
    hotline.tick(CLOSED)
    assert hotline.dispatcher.missed.rows == 4  # of each registration and job
    assert "4 of the last days were not sent in time" in (hotline.dispatcher.trouble or "")


def test_dead_worker_holds_the_purse_no_longer_than_its_lease(limited: Limit) -> None:
    """What it has claimed is another's then, and both go out."""
    hotline = limited(Purses(elsewhere=2))
    remember(hotline, numbers(UZBEK, 2), LAST_ENTRY)
    with hotline.database.writing() as session:
        assert len(hotline.dispatcher.claim(session, LAST, 9).claims) == 2
    hotline.tick(LAST + LEASE)
    assert texted(hotline, UZBEK) == 2


def test_what_a_purse_does_not_hold_takes_no_turn_of_others(limited: Limit) -> None:
    """Thirty retries to Uzbekistan, for which nothing is left, stand before three to Russia."""
    hotline = limited(Purses(elsewhere=100))
    remember(hotline, numbers(UZBEK, 30), EARLY_ENTRY)
    hotline.carrier.answer_next(BACK_OFF, times=33)
    hotline.tick(LAST)
    remember(hotline, numbers("+79005550", 3), EARLY_ENTRY)
    hotline.tick(LAST + SECOND)
    assert hotline.carrier.posts == 33
    hotline = limited(Purses(elsewhere=0))
    with hotline.database.writing() as session:
        batch = hotline.dispatcher.claim(session, LAST + 3 * MINUTE, 2)
    assert {claim.to[:2] for claim in batch.claims} == {"+7"}
