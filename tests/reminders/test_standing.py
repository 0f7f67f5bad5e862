"""What is no longer wanted is never sent again: another date was stored, or DONE said, in between."""

from datetime import UTC, date, datetime, timedelta

import pytest

from hotline.carriers.base import Outcome, OutcomeKind
from tests.reminders.conftest import Hotline

ENTRY = date(2026, 11, 22)
CORRECTED = date(2026, 11, 12)
PHONE = "+996555123456"
FIRST = datetime(2026, 11, 29, 7, tzinfo=UTC)  # entry + 7, 10:00 in Moscow
MINUTE = timedelta(minutes=1)
CLOSES = FIRST + timedelta(hours=2)  # the window closes

# What may become of a post so that its text would go out again.
AGAIN = [OutcomeKind.UNKNOWN, OutcomeKind.RETRY, OutcomeKind.BACK_OFF, OutcomeKind.HALT]


@pytest.mark.parametrize("kind", AGAIN)
def test_text_of_the_old_date_is_not_sent_after_the_new_one(hotline: Hotline, kind: OutcomeKind) -> None:
    """ENTRY 22.11, the post fails, ENTRY 12.11: no word of the old days; nothing of them stays pending."""
    id = hotline.remember(PHONE, ENTRY)
    hotline.carrier.answer_next(Outcome(kind))
    hotline.tick(FIRST)
    hotline.now += MINUTE
    old = {row.id for row in hotline.rows(id)}
    hotline.enter(id, CORRECTED)
    hotline.run_until(CLOSES)
    assert hotline.carrier.texts == []
    assert {row.state for row in hotline.rows(id) if row.id in old} == {"cancelled"}


@pytest.mark.parametrize("kind", AGAIN)
def test_text_with_the_old_date_is_not_sent_if_it_changed_during_the_post(
    hotline: Hotline, kind: OutcomeKind
) -> None:
    """The correction comes while the carrier is being asked."""
    id = hotline.remember(PHONE, ENTRY)
    hotline.now = FIRST
    hotline.carrier.before_answer = lambda _to: hotline.enter(id, CORRECTED)
    hotline.carrier.answer_next(Outcome(kind))
    hotline.tick(FIRST)
    hotline.carrier.before_answer = lambda _to: None
    hotline.run_until(CLOSES)
    assert hotline.carrier.texts == []


@pytest.mark.parametrize("kind", AGAIN)
def test_text_is_said_anew_without_what_was_done(hotline: Hotline, kind: OutcomeKind) -> None:
    """DONE 7 after the failed post: the job alone goes out, with words of its own, once."""
    id = hotline.remember(PHONE, ENTRY)
    hotline.carrier.answer_next(Outcome(kind))
    hotline.tick(FIRST)
    hotline.done(id, "d05")
    hotline.run_until(CLOSES)
    (text,) = hotline.carrier.texts
    assert "job" in text.body
    assert "registration" not in text.body
    assert (hotline.states(id, "d05")[0], hotline.states(id, "d09")[0]) == ("cancelled", "sent")


def test_text_of_a_date_that_was_restored_is_sent_again(hotline: Hotline) -> None:
    """Corrected to and fro while its answer was lost: wanted again, so it goes out, once."""
    id = hotline.remember(PHONE, ENTRY)
    hotline.carrier.answer_next(Outcome(OutcomeKind.UNKNOWN))
    hotline.tick(FIRST)
    hotline.enter(id, CORRECTED)
    hotline.enter(id, ENTRY)
    hotline.run_until(CLOSES)
    assert ["22 days" in text.body for text in hotline.carrier.texts] == [True]
    assert hotline.states(id, "d05")[0] == "sent"


def test_text_that_was_sent_stays_history_after_a_new_date(hotline: Hotline) -> None:
    """The answer was lost, but the carrier has it: its rows say so, also for a date that is gone."""
    id = hotline.remember(PHONE, ENTRY)
    hotline.carrier.answer_next(Outcome(OutcomeKind.UNKNOWN), accepted=True)
    hotline.tick(FIRST)
    old = {row.id for row in hotline.rows(id)}
    hotline.enter(id, CORRECTED)
    hotline.run_until(CLOSES)
    assert len(hotline.carrier.texts) == 1
    assert sorted(row.state for row in hotline.rows(id) if row.id in old)[-2:] == ["sent", "sent"]


@pytest.mark.parametrize("code", [30001, 30003])
def test_undelivered_text_is_not_repeated_after_done(hotline: Hotline, code: int) -> None:
    """DONE for both, then the receipt: nothing is left to say."""
    id = hotline.remember(PHONE, ENTRY)
    hotline.tick(FIRST)
    with_both_done(hotline, id)
    hotline.receive(hotline.carrier.texts[0].attempt, "undelivered", code)
    hotline.run_until(FIRST + timedelta(days=9))
    assert len(hotline.carrier.texts) == 1


@pytest.mark.parametrize("code", [30001, 30003])
def test_undelivered_text_is_not_repeated_after_another_date(hotline: Hotline, code: int) -> None:
    """The receipt of the old days frees their rows, but nobody is told of them again."""
    id = hotline.remember(PHONE, ENTRY)
    hotline.tick(FIRST)
    hotline.enter(id, CORRECTED)
    hotline.receive(hotline.carrier.texts[0].attempt, "undelivered", code)
    hotline.run_until(FIRST + timedelta(hours=3))
    assert len(hotline.carrier.texts) == 1


def test_undelivered_text_is_repeated_without_what_was_done(hotline: Hotline) -> None:
    """DONE 7, then 30001: the job is said again."""
    id = hotline.remember(PHONE, ENTRY)
    hotline.tick(FIRST)
    hotline.done(id, "d05")
    hotline.receive(hotline.carrier.texts[0].attempt, "undelivered", 30001)
    hotline.run_until(CLOSES)
    assert ["registration" in text.body for text in hotline.carrier.texts] == [True, False]


def test_closing_text_is_not_repeated_once_registration_is_done(hotline: Hotline) -> None:
    """d06 was undelivered, then DONE 7: what it closes is done."""
    id = hotline.remember(PHONE, ENTRY)
    last = datetime(2026, 12, 22, 7, tzinfo=UTC)
    hotline.tick(last)
    assert hotline.states(id, "d06") == ["sent"]
    hotline.done(id, "d05")
    hotline.receive(hotline.carrier.texts[0].attempt, "undelivered", 30001)
    hotline.run_until(last + timedelta(hours=2))
    assert len(hotline.carrier.texts) == 1
    assert hotline.states(id, "d06") == ["cancelled"]


def with_both_done(hotline: Hotline, id: str) -> None:
    """DONE 7 and DONE 6."""
    hotline.done(id, "d05", "d09")
