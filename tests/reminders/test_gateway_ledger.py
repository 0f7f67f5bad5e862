"""A carrier that keeps no list of its texts and places no calls: what the ledger still guarantees."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest

from db import Database
from hotline.carriers.base import GATEWAY_LINE, MAIN_LINE, CarrierUnavailableError, Outcome, OutcomeKind
from hotline.carriers.gateway import Kannel
from hotline.carriers.lines import Lines
from hotline.config import SendWindow
from hotline.guide.model import Guide
from hotline.people.call_limits import CallLimits
from hotline.people.privacy import Vault
from hotline.reminders import ledger
from hotline.reminders.outbox import Batch
from tests.carriers.recording import RecordingCarrier
from tests.reminders.conftest import Hotline

ENTRY = date(2026, 11, 22)
PHONE = "+996555123456"
ABROAD = "+79161234567"
FIRST = datetime(2026, 11, 29, 7, tzinfo=UTC)  # entry + 7
LATE = datetime(2026, 12, 18, 7, tzinfo=UTC)  # entry + 26: of the last three reminder days of d09
LOST = Outcome(OutcomeKind.UNKNOWN)
REFUSED = Outcome(OutcomeKind.HALT, http_status=403)
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
GATEWAY = Kannel("http://127.0.0.1:1/", "u", "p", "4040", ("+996",), ("s" * 32,), "http://h", frozenset())


@pytest.fixture
def hotline(sqlite: Database, vault: Vault, guide: Guide, window: SendWindow) -> Iterator[Hotline]:
    """A hotline, where the kind of database does not matter."""
    made = Hotline(sqlite, vault, guide, window)
    yield made
    made.dispatcher.close()


@pytest.fixture
def on_each(database: Database, vault: Vault, guide: Guide, window: SendWindow) -> Iterator[Hotline]:
    """A hotline, on each kind of database."""
    made = Hotline(database, vault, guide, window)
    yield made
    made.dispatcher.close()


@pytest.fixture
def unlisted(hotline: Hotline) -> Hotline:
    """A hotline whose carrier cannot be asked what it has sent."""
    hotline.carrier.keeps_list = False
    return hotline


def without_voice(hotline: Hotline) -> None:
    """No call goes to +996 any more."""
    hotline.dispatcher.close()
    hotline.limits = CallLimits(without_voice=("+996",))
    hotline.dispatcher = hotline.new_dispatcher()


def visit(hotline: Hotline, end: datetime, step: timedelta = 5 * MINUTE) -> None:
    """Ticks as the clock does, up to `end`."""
    while hotline.now < end:
        hotline.tick(hotline.now + step)


def test_lost_answer_that_cannot_be_looked_up_is_never_sent_again(unlisted: Hotline) -> None:
    """It stays unknown until its time is over; the carrier is not asked, the next due row goes as ever."""
    id = unlisted.remember(PHONE, ENTRY)
    unlisted.carrier.answer_next(LOST)
    unlisted.tick(FIRST)
    visit(unlisted, FIRST + 110 * MINUTE)
    assert [message.state for message in unlisted.messages()] == ["unknown"]
    visit(unlisted, FIRST + 150 * MINUTE)
    assert [message.state for message in unlisted.messages()] == ["expired"]
    assert set(unlisted.states(id, "d09")[:1]) == {"expired"}
    assert (unlisted.carrier.posts, unlisted.carrier.looks) == (1, 0)
    unlisted.run_until(FIRST + 12 * DAY)
    assert len(unlisted.carrier.texts) >= 1


def test_lost_answer_says_so_to_the_operator_when_it_is_given_up(
    unlisted: Hotline, caplog: pytest.LogCaptureFixture
) -> None:
    """One line, without number and words."""
    unlisted.remember(PHONE, ENTRY)
    unlisted.carrier.answer_next(LOST)
    unlisted.tick(FIRST)
    visit(unlisted, FIRST + 150 * MINUTE)
    assert caplog.text.count("reconcile.never_known") == 1
    assert "996555" not in caplog.text


@pytest.mark.parametrize("after", [MINUTE, 30 * MINUTE, 3 * 60 * MINUTE])
def test_receipt_adopts_what_could_not_be_looked_up(unlisted: Hotline, after: timedelta) -> None:
    """At any time, also when it had been given up; nothing is sent again."""
    id = unlisted.remember(PHONE, ENTRY)
    unlisted.carrier.answer_next(LOST, accepted=True)
    unlisted.tick(FIRST)
    visit(unlisted, FIRST + after)
    unlisted.receive(unlisted.carrier.texts[0].attempt, "delivered")
    assert [message.state for message in unlisted.messages()] == ["delivered"]
    assert unlisted.states(id, "d09")[0] == "delivered"
    visit(unlisted, unlisted.now + 30 * MINUTE)
    assert unlisted.carrier.posts == 1


def test_text_that_was_asked_for_is_given_up_after_its_hour(unlisted: Hotline) -> None:
    """Whoever asked asks again."""
    unlisted.ask(unlisted.remember(PHONE), "Step 7")
    unlisted.carrier.answer_next(LOST)
    unlisted.tick()
    visit(unlisted, unlisted.now + 50 * MINUTE)
    assert [message.state for message in unlisted.messages()] == ["unknown"]
    visit(unlisted, unlisted.now + 30 * MINUTE)
    assert [message.state for message in unlisted.messages()] == ["expired"]
    assert unlisted.carrier.posts == 1


def test_lost_answer_of_the_last_days_becomes_a_call(on_each: Hotline) -> None:
    """After the same 40 minutes as a text without a receipt: a call doubles no text."""
    on_each.carrier.keeps_list = False
    on_each.remember(PHONE, ENTRY)
    on_each.carrier.answer_next(LOST)
    on_each.tick(LATE)
    on_each.run_until(LATE + 39 * MINUTE)
    assert on_each.carrier.calls == []
    on_each.run_until(LATE + 45 * MINUTE)
    assert [call.to for call in on_each.carrier.calls] == [PHONE]
    assert on_each.carrier.texts == []


def test_lost_answer_that_can_be_looked_up_rings_nobody_meanwhile(hotline: Hotline) -> None:
    """Twilio is asked for forty minutes: the text may yet be found, or be sent anew."""
    hotline.remember(PHONE, ENTRY)
    hotline.carrier.can_list = False
    hotline.carrier.answer_next(LOST)
    hotline.tick(LATE)
    visit(hotline, LATE + 39 * MINUTE)
    assert hotline.carrier.calls == []


@pytest.mark.parametrize("answer", [LOST, Outcome(OutcomeKind.SENT)])
def test_silent_text_stays_the_only_one_where_no_call_goes(unlisted: Hotline, answer: Outcome) -> None:
    """Neither a call to nobody nor the same words once more."""
    without_voice(unlisted)
    unlisted.remember(PHONE, ENTRY)
    unlisted.carrier.answer_next(answer, accepted=True)
    unlisted.tick(LATE)
    visit(unlisted, LATE + 110 * MINUTE)
    assert (len(unlisted.carrier.texts), unlisted.carrier.calls) == (1, [])


def test_undelivered_text_is_written_again_where_no_call_goes_but_not_for_ever(unlisted: Hotline) -> None:
    """The receipt says that it did not arrive: at most five attempts a day, however wide the window."""
    unlisted.window = replace(unlisted.window, closes=time(22))
    without_voice(unlisted)
    unlisted.remember(PHONE, ENTRY)
    unlisted.tick(LATE)
    heard = 0
    while unlisted.now < LATE + 11 * 60 * MINUTE:
        while heard < len(unlisted.carrier.texts):
            unlisted.receive(unlisted.carrier.texts[heard].attempt, "undelivered", 30003)
            heard += 1
        unlisted.tick(unlisted.now + 20 * MINUTE)
    assert (len(unlisted.carrier.texts), unlisted.carrier.calls) == (5, [])


def pages(hotline: Hotline, person: str, count: int) -> None:
    """An answer of several pages, each after the one before."""
    with hotline.database.writing() as session:
        before = None
        for page in range(count):
            before = ledger.enqueue(
                session,
                hotline.vault,
                person,
                "sms",
                f"page {page}",
                hotline.now,
                hotline.now + timedelta(hours=1),
                follows=before,
            )


def bodies(hotline: Hotline) -> list[str]:
    return [text.body for text in hotline.carrier.texts]


def test_pages_go_one_after_another_in_one_tick(on_each: Hotline) -> None:
    """However many threads send."""
    pages(on_each, on_each.remember(PHONE), 6)
    on_each.tick()
    assert bodies(on_each) == [f"page {page}" for page in range(6)]


def test_page_that_waits_for_the_one_before_asks_for_no_tick(hotline: Hotline) -> None:
    """While the first is in somebody's hands nobody could send the second."""
    pages(hotline, hotline.remember(PHONE), 2)
    assert hotline.dispatcher.is_asked()
    with hotline.database.writing() as session:
        assert len(hotline.dispatcher.claim(session, hotline.now, 10).claims) == 1
    assert not hotline.dispatcher.is_asked()


def test_page_behind_a_slow_one_goes_in_the_same_tick(hotline: Hotline) -> None:
    """Also if in the meantime there was nothing else to send."""
    looked, claim = threading.Event(), hotline.dispatcher.claim

    def looking(*asked: Any) -> Batch:
        batch = claim(*asked)
        if not batch.claims:
            looked.set()
        return batch

    hotline.dispatcher.claim = looking  # type: ignore[method-assign]
    hotline.carrier.before_answer = lambda to: assert_set(looked) if to == PHONE else None
    pages(hotline, hotline.remember(PHONE), 2)
    hotline.ask(hotline.remember(ABROAD), "Step 7")
    hotline.tick()
    assert bodies(hotline) == ["Step 7", "page 0", "page 1"]


def test_page_that_was_refused_for_now_holds_up_those_behind_it(on_each: Hotline) -> None:
    """They come in order when it is taken."""
    pages(on_each, on_each.remember(PHONE), 3)
    on_each.carrier.answer_next(Outcome(OutcomeKind.RETRY))
    on_each.tick()
    assert bodies(on_each) == []
    on_each.run_until(on_each.now + 5 * MINUTE)
    assert bodies(on_each) == ["page 0", "page 1", "page 2"]


@pytest.mark.parametrize("outcome", [LOST, Outcome(OutcomeKind.FINAL, error_code=21211)])
def test_page_that_is_lost_or_given_up_holds_up_none(unlisted: Hotline, outcome: Outcome) -> None:
    """The others are of use without it."""
    pages(unlisted, unlisted.remember(PHONE), 3)
    unlisted.carrier.answer_next(outcome)
    unlisted.tick()
    assert bodies(unlisted) == ["page 1", "page 2"]


def test_page_whose_worker_died_is_not_overtaken(hotline: Hotline) -> None:
    """Past the fence nobody knows yet: the next page waits until it counts as unknown."""
    pages(hotline, hotline.remember(PHONE), 2)
    hotline.carrier.before_answer = _die
    hotline.tick()
    assert hotline.carrier.posts == 0
    hotline.carrier.before_answer = lambda _to: None
    hotline.tick(hotline.now + 4 * MINUTE)
    assert bodies(hotline) == []
    hotline.tick(hotline.now + 2 * MINUTE)
    assert bodies(hotline) == ["page 1"]


def assert_set(event: threading.Event) -> None:
    assert event.wait(5)


def _die(_to: str) -> None:
    raise RuntimeError("killed")


@pytest.fixture
def two_lines(hotline: Hotline) -> tuple[Hotline, RecordingCarrier]:
    """A hotline whose texts to +996 go by a gateway; the gateway."""
    gateway = RecordingCarrier(lambda: hotline.now)
    hotline.dispatcher.carrier = Lines(hotline.carrier, gateway, GATEWAY, calls_everybody=True)
    return hotline, gateway


def test_texts_go_by_the_line_of_their_number_and_calls_by_the_main_one(
    two_lines: tuple[Hotline, RecordingCarrier],
) -> None:
    """One country by the gateway, the rest of the world and every call by Twilio."""
    hotline, gateway = two_lines
    for phone in (PHONE, ABROAD):
        id = hotline.remember(phone)
        hotline.ask(id, "Step 7")
        hotline.ask(id, "menu-main", channel="call")
    hotline.tick()
    assert [text.to for text in gateway.texts] == [PHONE]
    assert [text.to for text in hotline.carrier.texts] == [ABROAD]
    assert sorted(call.to for call in hotline.carrier.calls) == sorted([PHONE, ABROAD])


@pytest.mark.parametrize("halted", [GATEWAY_LINE, MAIN_LINE])
def test_line_that_takes_nothing_stops_no_other(
    two_lines: tuple[Hotline, RecordingCarrier], halted: str
) -> None:
    """A wrong password at the gateway keeps back no text of Twilio's, nor the other way; it is named."""
    hotline, gateway = two_lines
    working, broken = (hotline.carrier, gateway) if halted == GATEWAY_LINE else (gateway, hotline.carrier)
    broken.answer_always(REFUSED)
    for n in range(10):
        hotline.ask(hotline.remember(f"+99655512345{n}"), "Step 7")
        hotline.ask(hotline.remember(f"+7916123456{n}"), "Step 7")
    hotline.tick()
    assert len(working.texts) == 10
    assert hotline.dispatcher.halt_reason == f"{halted} refused: HTTP 403"


def test_gateways_numbers_are_not_called_where_only_the_exchange_would_ring(hotline: Hotline) -> None:
    """A call that was stored before the settings changed rings nobody and is final."""
    lines = Lines(hotline.carrier, RecordingCarrier(lambda: hotline.now), GATEWAY, calls_everybody=False)
    url = "https://hotline.example/voice"
    assert lines.place_call(PHONE, url, url, url).kind is OutcomeKind.FINAL
    assert lines.place_call(ABROAD, url, url, url).kind is OutcomeKind.SENT
    assert [call.to for call in hotline.carrier.calls] == [ABROAD]


def test_only_the_main_carriers_texts_can_be_looked_up(
    two_lines: tuple[Hotline, RecordingCarrier],
) -> None:
    """Of the others nobody is asked."""
    hotline, _ = two_lines
    lines = hotline.dispatcher.carrier
    assert (lines.can_find_texts(PHONE), lines.can_find_texts(ABROAD)) == (False, True)
    assert lines.find_texts(ABROAD, hotline.now) == []
    with pytest.raises(CarrierUnavailableError):
        lines.find_texts(PHONE, hotline.now)
