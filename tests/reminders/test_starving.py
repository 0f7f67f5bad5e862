"""What a country that is barred or a storm of refusals takes from everybody else: nothing, or half."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import update

from db.tables import MessageRow, ReminderRow
from hotline.carriers.base import Outcome, OutcomeKind, outcome_of_error
from hotline.reminders.send_limits import SendLimits
from hotline.reminders.states import Kind
from hotline.reminders.tick import Tick
from tests.reminders.conftest import Hotline

LAST = datetime(2026, 12, 21, 7, tzinfo=UTC)  # the opening of the window
LAST_ENTRY, EARLY_ENTRY = date(2026, 11, 22), date(2026, 12, 14)  # their entry + 29 and + 7
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
BARRED = outcome_of_error(400, 21408)
REFUSED = Outcome(OutcomeKind.REFUSED, error_code=99999)


class Played(Tick):
    """A tick whose clock stands where it is put: its own steps, one after the other, without a wait."""

    def __init__(self, hotline: Hotline, at: datetime) -> None:
        super().__init__(hotline.dispatcher, at)
        self.hotline, self.at = hotline, at

    def now(self) -> datetime:
        return self.at

    def play(self, until: datetime, step: timedelta = SECOND) -> None:
        """Every step: claims as far as the pace allows, and sends each in its turn."""
        while self.at < until:
            if self.at.second == 0:
                self.tidy()
            jobs, _ = self._claim()
            for job in jobs:
                job()
            self.at += step
            self.hotline.now = self.at


@pytest.fixture
def slow(hotline: Hotline, monkeypatch: pytest.MonkeyPatch) -> Hotline:
    """A segment a second, the default; nothing really waits for its turn."""
    hotline.dispatcher.close()
    hotline.send_limits = SendLimits(segments_per_second=1.0)
    hotline.dispatcher = hotline.new_dispatcher()
    monkeypatch.setattr(hotline.dispatcher.stopping, "wait", lambda _seconds: False)
    return hotline


def remember(hotline: Hotline, phones: Iterable[str], entry: date) -> list[str]:
    """People whose rows before the day that is played were sent, or never were of use."""
    hotline.now = LAST - timedelta(hours=20)
    ids = [hotline.remember(phone, entry) for phone in phones]
    past = update(ReminderRow).where(ReminderRow.person_id.in_(ids), ReminderRow.due_on < LAST.date())
    with hotline.database.writing() as session:
        session.execute(past.values(state="expired"))
    hotline.now = LAST
    return ids


def numbers(prefix: str, count: int) -> list[str]:
    return [f"{prefix}{n:03}" for n in range(count)]


def refused(hotline: Hotline, count: int) -> None:
    """So many texts to Russia that were refused before, and are tried again in the next minutes."""
    remember(hotline, numbers("+79005550", count), EARLY_ENTRY)
    with hotline.database.writing() as session:
        while hotline.dispatcher.claim(session, LAST, count).more:
            pass
        session.execute(
            update(MessageRow).values(lease_until_utc=None, attempts=6, next_at_utc=LAST + MINUTE)
        )


def texted(hotline: Hotline, prefix: str) -> int:
    return sum(text.to.startswith(prefix) for text in hotline.carrier.texts)


def wanting_calls(hotline: Hotline, phones: list[str]) -> None:
    """Of the last day: their texts were not delivered, so each waits for a call."""
    ids = remember(hotline, phones, LAST_ENTRY)
    freed = update(ReminderRow).where(ReminderRow.person_id.in_(ids), ReminderRow.due_on == LAST.date())
    with hotline.database.writing() as session:
        session.execute(freed.values(channel="call", due_at_utc=LAST + MINUTE))


@pytest.mark.parametrize("answer", [BARRED, REFUSED])
def test_calls_of_the_last_day_do_not_wait_behind_refusals(slow: Hotline, answer: Outcome) -> None:
    """Thirty texts that are refused again and again; five people of the last day are rung at once."""
    refused(slow, 30)
    wanting_calls(slow, numbers("+99655512", 5))
    slow.carrier.answer_for("+7", answer)
    Played(slow, LAST + MINUTE).play(LAST + 2 * MINUTE, 4 * SECOND)
    assert len(slow.carrier.calls) == 5


def test_barred_country_takes_nothing_of_the_pace(slow: Hotline) -> None:
    """Two at once are refused, then no other text waits for them, nor is one tried for a minute."""
    refused(slow, 30)
    remember(slow, numbers("+99655512", 12), EARLY_ENTRY)
    slow.carrier.answer_for("+7", BARRED)
    Played(slow, LAST + MINUTE).play(LAST + MINUTE + 40 * SECOND, 2 * SECOND)
    assert texted(slow, "+996") == 12
    assert slow.carrier.posts - 12 <= 2


def test_barred_country_is_written_to_when_it_opens(slow: Hotline) -> None:
    """Within ten minutes, everybody, once; nothing is told any more."""
    remember(slow, numbers("+79005550", 6), EARLY_ENTRY)
    slow.carrier.answer_for("+7", BARRED)
    tick = Played(slow, LAST)
    tick.play(LAST + 20 * MINUTE, 30 * SECOND)
    assert slow.carrier.posts <= 7
    assert slow.dispatcher.trouble == "carrier: sms to RU is not permitted: 21408"
    slow.carrier.answer_for("+7", None)
    tick.play(LAST + 32 * MINUTE, 20 * SECOND)
    assert len({text.to for text in slow.carrier.texts}) == len(slow.carrier.texts) == 6
    assert slow.dispatcher.trouble is None


def test_barred_country_that_stays_so_is_due_again_the_next_day(slow: Hotline) -> None:
    """What waited for the try ends with the window; its rows do not."""
    ids = remember(slow, numbers("+79005550", 3), EARLY_ENTRY)
    slow.carrier.answer_for("+7", BARRED)
    Played(slow, LAST).play(LAST + 120 * MINUTE, 5 * MINUTE)
    slow.tick(LAST + 121 * MINUTE)
    rows = [row for id in ids for row in slow.rows(id) if row.due_on == LAST.date() and row.rule == "d05"]
    assert {(row.state, row.message_id, row.due_at_utc) for row in rows} == {
        ("pending", None, LAST + timedelta(days=1))
    }


def test_last_day_in_a_barred_country_is_rung_without_a_text(slow: Hotline) -> None:
    """The first refusal is known: the others are called, also those who come while the way waits."""
    remember(slow, numbers("+79005550", 6), LAST_ENTRY)
    slow.carrier.answer_for("+7", BARRED)
    placed: list[str] = []

    def place(to: str, *_: object, **__: object) -> Outcome:
        placed.append(to)
        return Outcome(OutcomeKind.SENT, sid=f"CA{len(placed):032x}", status="queued")

    slow.carrier.place_call = place  # type: ignore[method-assign]
    Played(slow, LAST).play(LAST + MINUTE, 4 * SECOND)
    assert sorted(placed) == numbers("+79005550", 6)
    assert slow.carrier.posts <= 2  # claimed together


def test_storm_of_refusals_and_a_crowd_take_turns(slow: Hotline) -> None:
    """Twenty retries, twenty new ones, each of two segments, in forty seconds: ten of each, or nearly."""
    refused(slow, 20)
    remember(slow, numbers("+99655512", 20), EARLY_ENTRY)
    Played(slow, LAST + MINUTE).play(LAST + MINUTE + 40 * SECOND, 2 * SECOND)
    assert 8 <= texted(slow, "+7") <= 12
    assert 8 <= texted(slow, "+996") <= 12


def test_retry_of_the_last_day_goes_before_other_retries(slow: Hotline) -> None:
    """It was refused after all of them, and is the first that is tried again."""
    refused(slow, 12)
    remember(slow, ["+996555123456"], LAST_ENTRY)
    slow.carrier.answer_next(Outcome(OutcomeKind.BACK_OFF))
    tick = Played(slow, LAST)
    tick.play(LAST + SECOND)
    assert slow.carrier.posts == 1
    tick.play(LAST + 90 * SECOND, 3 * SECOND)
    order = [text.to for text in slow.carrier.texts]
    assert order.index("+996555123456") <= 8


def test_what_was_asked_for_goes_to_a_barred_country_all_the_same(slow: Hotline) -> None:
    """Somebody waits at the telephone: it is tried; when it arrives, the way is open for all."""
    (asking, _) = remember(slow, numbers("+79005550", 2), EARLY_ENTRY)
    slow.carrier.answer_for("+7", BARRED)
    tick = Played(slow, LAST)
    tick.play(LAST + 10 * SECOND)
    slow.carrier.answer_for("+7", None)
    slow.ask(asking, "Step 7")
    tick.play(LAST + 12 * SECOND)
    assert [text.body for text in slow.carrier.texts] == ["Step 7"]
    assert slow.dispatcher.trouble is None
    assert [message.kind for message in slow.messages()].count(Kind.REMINDER) == 2
