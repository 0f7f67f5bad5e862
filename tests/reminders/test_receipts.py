"""Status callbacks: in any order, twice, before the answer, forged; and what follows from them."""

import itertools
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, update

from db import Database
from db.tables import MessageRow, OptOutRow, PersonRow, ReminderRow
from hotline.carriers.base import Outcome, OutcomeKind, ReceiptKind
from hotline.config import SendWindow
from hotline.guide.model import Guide
from hotline.people.call_limits import CallLimits
from hotline.people.privacy import Vault, new_data_key
from hotline.reminders.receipts import read_attempt, signed_attempt
from tests.carriers.recording import SentText
from tests.reminders.conftest import MOSCOW, Hotline

ENTRY = date(2026, 11, 22)
PHONE = "+996555123456"
FIRST = datetime(2026, 11, 29, 7, tzinfo=UTC)  # entry + 7
LATE = datetime(2026, 12, 18, 7, tzinfo=UTC)  # entry + 26: of the last three reminder days of d09
MINUTE = timedelta(minutes=1)


def reminded(hotline: Hotline, at: datetime = FIRST) -> tuple[str, SentText]:
    """A person and the text that has just gone out to them."""
    id = hotline.remember(PHONE, ENTRY)
    hotline.tick(at)
    return id, hotline.carrier.texts[-1]


def test_attempt_is_read_back(vault: Vault) -> None:
    """What we signed is ours."""
    assert read_attempt(vault, signed_attempt(vault, "0f3c")) == "0f3c"


@pytest.mark.parametrize("value", ["", ".", "0f3c", "0f3c.", "0f3c.AAAA", "0f3d.{}", "ключ.ключ", "0f3c.{}x"])
def test_attempt_that_is_not_ours_is_refused(vault: Vault, value: str) -> None:
    """Guessed, altered or empty: nothing, and no exception."""
    signature = signed_attempt(vault, "0f3c").partition(".")[2]
    assert read_attempt(vault, value.format(signature)) is None


def test_attempt_survives_a_new_data_key() -> None:
    """A receipt for a text sent before the keys were rotated."""
    old, new = new_data_key(), new_data_key()
    assert read_attempt(Vault([new, old]), signed_attempt(Vault([old]), "0f3c")) == "0f3c"
    assert read_attempt(Vault([new]), signed_attempt(Vault([old]), "0f3c")) is None


@pytest.mark.parametrize("order", list(itertools.permutations(["queued", "sent", "delivered"])))
def test_receipts_in_any_order_end_the_same(hotline: Hotline, order: tuple[str, ...]) -> None:
    """A final status never goes back."""
    id, text = reminded(hotline)
    for status in (*order, *order):
        hotline.receive(text.attempt, status, sid=text.sid)
    assert hotline.messages()[0].state == "delivered"
    assert hotline.states(id, "d05")[0] == hotline.states(id, "d09")[0] == "delivered"


@pytest.mark.parametrize("place", [1, 2])
@pytest.mark.parametrize("order", list(itertools.permutations(["queued", "sent", "undelivered"])))
def test_answer_to_the_post_between_receipts_in_any_order_changes_nothing(
    hotline: Hotline, order: tuple[str, ...], place: int
) -> None:
    """The 201 may come before, between and after its receipts, each of which may come twice."""

    def receive(text: SentText) -> None:
        for status in order[:place]:
            hotline.receive(text.attempt, status, 30005, sid=text.sid)

    hotline.carrier.after_accept = receive
    _, text = reminded(hotline)
    for status in (*order[place:], *order):
        hotline.receive(text.attempt, status, 30005, sid=text.sid)
    (message,) = hotline.messages()
    assert (message.state, message.sid, message.lease_until_utc) == ("undelivered", text.sid, None)
    assert len(hotline.carrier.texts) == 1


@pytest.mark.parametrize("first", ["delivered", "undelivered"])
def test_first_final_receipt_stands(hotline: Hotline, first: str) -> None:
    """Of two that contradict each other, the later one changes nothing."""
    _, text = reminded(hotline)
    hotline.receive(text.attempt, first, 30005)
    assert hotline.receive(text.attempt, "delivered" if first == "undelivered" else "undelivered") is None
    assert hotline.messages()[0].state == first


def test_receipt_before_the_answer_to_the_post_is_not_undone(hotline: Hotline) -> None:
    """The callback overtakes the 201."""
    hotline.carrier.after_accept = lambda text: hotline.receive(text.attempt, "delivered", sid=text.sid)
    id, text = reminded(hotline)
    message = hotline.messages()[0]
    assert (message.state, message.sid) == ("delivered", text.sid)
    assert hotline.states(id, "d05")[0] == "delivered"
    assert hotline.person(id).last_rules == "d05 d09"


def test_receipt_settles_a_lost_answer(hotline: Hotline) -> None:
    """Our attempt id in the callback proves that it was sent: its SID is adopted, nothing is looked up."""
    hotline.carrier.answer_next(Outcome(OutcomeKind.UNKNOWN), accepted=True)
    id, text = reminded(hotline)
    hotline.receive(text.attempt, "sent", sid=text.sid)
    hotline.run_until(FIRST + timedelta(hours=2))
    assert (hotline.messages()[0].sid, hotline.carrier.looks, hotline.carrier.posts) == (text.sid, 0, 1)
    assert hotline.states(id, "d05")[0] == "sent"
    assert hotline.person(id).last_rules == "d05 d09"


def test_receipt_of_a_message_that_is_gone_is_nothing(hotline: Hotline) -> None:
    """The person has been erased in the meantime."""
    assert hotline.receive(signed_attempt(hotline.vault, "gone"), "delivered") is None


def test_receipt_takes_six_statements_at_most(hotline: Hotline, statements: list[str]) -> None:
    """As every webhook."""
    hotline.carrier.answer_next(Outcome(OutcomeKind.UNKNOWN), accepted=True)
    _, text = reminded(hotline)
    statements.clear()
    hotline.receive(text.attempt, "delivered", sid=text.sid)
    assert len(statements) <= 6


def test_unreachable_early_in_the_term_is_tried_the_next_day(hotline: Hotline) -> None:
    """30003 on entry + 7: one attempt a day, with that day's words."""
    id, text = reminded(hotline)
    assert hotline.receive(text.attempt, "undelivered", 30003) is ReceiptKind.UNREACHABLE
    hotline.run_until(FIRST + timedelta(hours=20))
    assert hotline.carrier.posts == 1
    hotline.run_until(FIRST + timedelta(days=1))
    assert hotline.carrier.texts[-1].body.startswith("21 days")
    assert hotline.states(id, "d05")[0] == "sent"


def calls_at(hotline: Hotline) -> list[timedelta]:
    """When the hotline rang, after the text of that day, in whole minutes."""
    return [
        (row.created_at_utc - LATE) // MINUTE * MINUTE for row in hotline.messages() if row.channel == "call"
    ]


def test_unreachable_in_the_last_days_is_called_twice_in_the_window(hotline: Hotline) -> None:
    """30003 in the last days: a call after 40 minutes, one more half an hour later, then no more that day."""
    id, text = reminded(hotline, LATE)
    hotline.receive(text.attempt, "undelivered", 30003)
    hotline.run_until(LATE + 39 * MINUTE)
    assert hotline.carrier.calls == []
    hotline.run_until(LATE + 40 * MINUTE)
    call = hotline.carrier.calls[-1]
    assert call.for_a_person
    assert "/voice/en/remind-d05.d09/0/0" in call.url
    for _ in range(3):
        hotline.receive(hotline.carrier.calls[-1].attempt, "no-answer", sid=hotline.carrier.calls[-1].sid)
        hotline.run_until(hotline.now + 30 * MINUTE)
    hotline.run_until(LATE + timedelta(hours=5))
    assert calls_at(hotline) == [40 * MINUTE, 70 * MINUTE]
    assert len(hotline.carrier.texts) == 1
    assert hotline.states(id, "d05").count("undelivered") == 1


def test_unreachable_is_called_twice_a_day_however_wide_the_window(
    database: Database, vault: Vault, guide: Guide
) -> None:
    """From 9 to 21 o'clock there would be room for a dozen attempts."""
    wide = SendWindow(time(9), time(21), ZoneInfo("Europe/Moscow"))
    hotline = Hotline(database, vault, guide, wide)
    _, text = reminded(hotline, LATE)
    hotline.receive(text.attempt, "undelivered", 30003)
    for _ in range(6):
        hotline.run_until(hotline.now + 40 * MINUTE)
        for call in hotline.carrier.calls:
            hotline.receive(call.attempt, "busy", sid=call.sid)
    hotline.dispatcher.close()
    assert len(hotline.carrier.calls) == 2


def test_unreachable_before_the_last_days_waits_for_tomorrow(hotline: Hotline) -> None:
    """One attempt a day is enough while there is time."""
    _, text = reminded(hotline)
    hotline.receive(text.attempt, "undelivered", 30003)
    hotline.run_until(FIRST + timedelta(hours=23))
    assert hotline.carrier.posts == 1
    hotline.run_until(FIRST + timedelta(days=1))
    assert len(hotline.carrier.texts) == 2
    assert hotline.carrier.calls == []


def test_text_of_the_last_days_without_a_receipt_becomes_a_call(hotline: Hotline) -> None:
    """A carrier that says nothing for 40 minutes may have delivered nothing; a later receipt is too late."""
    id, text = reminded(hotline, LATE)
    hotline.receive(text.attempt, "sent", sid=text.sid)
    hotline.run_until(LATE + 39 * MINUTE)
    assert hotline.carrier.calls == []
    hotline.run_until(LATE + 50 * MINUTE)
    assert calls_at(hotline) == [40 * MINUTE]
    hotline.receive(text.attempt, "delivered", sid=text.sid)
    assert "delivered" not in hotline.states(id, "d05")
    call = hotline.carrier.calls[0]
    hotline.receive(call.attempt, "completed", sid=call.sid)
    assert hotline.states(id, "d05").count("delivered") == 1
    assert len(hotline.carrier.calls) == 1


def test_text_that_was_delivered_is_followed_by_no_call(hotline: Hotline) -> None:
    """Delivered within 40 minutes: nobody is rung."""
    _, text = reminded(hotline, LATE)
    hotline.receive(text.attempt, "delivered", sid=text.sid)
    hotline.run_until(LATE + timedelta(hours=3))
    assert hotline.carrier.calls == []


def test_text_without_a_receipt_before_the_last_days_rings_nobody(hotline: Hotline) -> None:
    """There is time: the next text comes on its day."""
    _, text = reminded(hotline)
    hotline.receive(text.attempt, "sent", sid=text.sid)
    hotline.run_until(FIRST + timedelta(hours=5))
    assert hotline.carrier.calls == []


def test_machine_has_not_heard_the_reminder(hotline: Hotline) -> None:
    """Its tape says to call back; the person is rung once more, as if nobody had answered."""
    id, text = reminded(hotline, LATE)
    hotline.receive(text.attempt, "undelivered", 30003)
    hotline.run_until(LATE + 40 * MINUTE)
    call = hotline.carrier.calls[0]
    hotline.receive(call.attempt, "completed", sid=call.sid, machine=True)
    hotline.run_until(LATE + 80 * MINUTE)
    assert calls_at(hotline) == [40 * MINUTE, 70 * MINUTE]
    again = hotline.carrier.calls[1]
    hotline.receive(again.attempt, "completed", sid=again.sid)
    assert hotline.states(id, "d05").count("delivered") == 1


def test_reminders_by_call_come_in_the_window_once_a_day(hotline: Hotline) -> None:
    """Who chose calls is rung instead of written to; not answered, again tomorrow while there is time."""
    id = hotline.remember(PHONE, ENTRY)
    with hotline.database.writing() as session:
        session.get_one(PersonRow, id).reminded_by = "call"
    hotline.tick(FIRST)
    first = hotline.carrier.calls[0]
    assert (first.to, first.for_a_person) == (PHONE, True)
    hotline.receive(first.attempt, "no-answer", sid=first.sid)
    hotline.run_until(FIRST + timedelta(days=1))
    assert [(row.created_at_utc - FIRST) // MINUTE for row in hotline.messages()] == [0, 24 * 60]
    assert hotline.carrier.texts == []


def test_reminder_by_call_does_not_ring_who_has_said_stop(hotline: Hotline) -> None:
    """STOP holds for calls too, as for every message unasked."""
    id = hotline.remember(PHONE, ENTRY)
    with hotline.database.writing() as session:
        session.get_one(PersonRow, id).reminded_by = "call"
        session.add(OptOutRow(phone_index=hotline.vault.index(PHONE), at_utc=FIRST))
    hotline.tick(FIRST)
    assert hotline.carrier.posts == 0


def test_doubled_receipt_is_one_new_attempt(hotline: Hotline) -> None:
    """The carrier says it twice."""
    _, text = reminded(hotline, LATE)
    for _ in range(2):
        hotline.receive(text.attempt, "undelivered", 30003)
    hotline.run_until(LATE + timedelta(minutes=50))
    assert hotline.carrier.posts == 2


@pytest.mark.parametrize("code", [30001, 30036, 30500])
def test_carriers_own_trouble_is_tried_again_after_a_delay(hotline: Hotline, code: int) -> None:
    """Ten minutes later in the window, as a new attempt with its own id."""
    id, text = reminded(hotline)
    assert hotline.receive(text.attempt, "failed", code) is ReceiptKind.TRY_LATER
    hotline.run_until(FIRST + 9 * MINUTE)
    assert hotline.carrier.posts == 1
    hotline.run_until(FIRST + 11 * MINUTE)
    assert len({text.attempt for text in hotline.carrier.texts}) == 2
    assert hotline.states(id, "d05")[0] == "sent"


def test_carriers_own_trouble_at_the_end_of_the_window_waits_for_the_next(hotline: Hotline) -> None:
    """11:55 in Moscow: no attempt at 12:05."""
    _, text = reminded(hotline, FIRST + 115 * MINUTE)
    hotline.receive(text.attempt, "failed", 30001)
    hotline.run_until(FIRST + timedelta(hours=23))
    assert hotline.carrier.posts == 1
    hotline.run_until(FIRST + timedelta(days=1))
    assert hotline.carrier.posts == 2


def test_text_that_was_asked_for_is_sent_again_after_the_carriers_trouble(hotline: Hotline) -> None:
    """As a new message, until its time is over."""
    id = hotline.remember(PHONE)
    hotline.ask(id, "Step 7")
    hotline.tick()
    hotline.receive(hotline.carrier.texts[0].attempt, "failed", 30001)
    hotline.run_until(hotline.now + 11 * MINUTE)
    assert [text.body for text in hotline.carrier.texts] == ["Step 7", "Step 7"]


def test_receipt_of_a_text_that_no_key_opens_is_stored(hotline: Hotline) -> None:
    """It cannot be sent again, but the status callback is not lost."""
    message = hotline.ask(hotline.remember(PHONE), "Step 7")
    hotline.tick()
    hotline.damage(message)
    hotline.receive(hotline.carrier.texts[0].attempt, "failed", 30001)
    assert [row.state for row in hotline.messages()] == ["undelivered"]


def test_other_errors_are_final(hotline: Hotline) -> None:
    """A landline stays one; the next reminder of the plan still goes out."""
    id, text = reminded(hotline)
    assert hotline.receive(text.attempt, "undelivered", 30006) is ReceiptKind.FAILED
    hotline.run_until(FIRST + timedelta(days=2))
    assert hotline.carrier.posts == 1
    assert hotline.states(id, "d05")[0] == "undelivered"


def test_opt_out_at_the_carrier_is_written_down(hotline: Hotline) -> None:
    """21610 may come as a receipt too."""
    _, text = reminded(hotline)
    assert hotline.receive(text.attempt, "failed", 21610) is ReceiptKind.OPTED_OUT
    with hotline.database.reading() as session:
        assert list(session.scalars(select(OptOutRow.phone_index))) == [hotline.vault.index(PHONE)]
    hotline.run_until(FIRST + timedelta(days=10))
    assert hotline.carrier.posts == 1


def test_undelivered_text_does_not_stand_in_for_the_closing_one(hotline: Hotline) -> None:
    """Nothing reached the person in the last days, so d06 speaks on entry + 30."""
    _, text = reminded(hotline, datetime(2026, 12, 21, 8, 50, tzinfo=UTC))
    hotline.receive(text.attempt, "undelivered", 30003)
    for _ in range(2):
        hotline.run_until(hotline.now + 2 * MINUTE)
        hotline.receive(hotline.carrier.calls[-1].attempt, "no-answer", sid=hotline.carrier.calls[-1].sid)
    hotline.run_until(datetime(2026, 12, 22, 8, tzinfo=UTC))
    assert "migranty.org" in hotline.carrier.texts[-1].body


@pytest.mark.parametrize(
    ("order", "state", "rings"),
    [
        (("initiated", "ringing", "in-progress", "completed"), "delivered", 1),
        (("completed", "initiated", "ringing"), "delivered", 1),
        (("ringing", "no-answer"), "undelivered", 2),
        (("busy",), "undelivered", 2),
        (("failed",), "undelivered", 1),
    ],
)
def test_receipts_of_calls(hotline: Hotline, order: tuple[str, ...], state: str, rings: int) -> None:
    """The same rule: the highest status stands. A call that nobody took is placed again, no other."""
    id = hotline.remember(PHONE)
    hotline.ask(id, "menu-main", channel="call")
    hotline.tick()
    attempt = hotline.carrier.calls[0].status_url.partition("=")[2]
    for status in order:
        hotline.receive(attempt, status, sid="CA1")
    assert hotline.messages()[0].state == state
    hotline.run_until(hotline.now + timedelta(hours=2))
    assert hotline.carrier.posts == rings


@pytest.mark.parametrize("status", ["busy", "no-answer"])
def test_call_asked_for_is_repeated_once_after_half_a_minute(hotline: Hotline, status: str) -> None:
    """Whoever has just put down the telephone is rung again 30 s later; then they have to ask anew."""
    id = hotline.remember(PHONE)
    hotline.ask(id, "step-07-2", channel="call")
    hotline.tick()
    for number in (0, 1):
        attempt = hotline.carrier.calls[number].status_url.partition("=")[2]
        hotline.receive(attempt, status, sid=f"CA{number}")
        hotline.run_until(hotline.now + timedelta(seconds=29))
        assert hotline.carrier.posts == number + 1
        hotline.run_until(hotline.now + timedelta(seconds=2))
    hotline.run_until(hotline.now + timedelta(hours=2))
    assert [call.url.split("/")[-3] for call in hotline.carrier.calls] == ["step-07-2"] * 2


def test_whoever_asks_again_need_not_wait_for_the_repeat(hotline: Hotline) -> None:
    """A second ring while the repeat waits brings it at once, and no further one."""
    id = hotline.remember(PHONE)
    hotline.ask(id, "menu-main", channel="call")
    hotline.tick()
    hotline.receive(hotline.carrier.calls[0].status_url.partition("=")[2], "busy", sid="CA0")
    hotline.ask(id, "menu-main", channel="call")
    hotline.tick()
    assert hotline.carrier.posts == 2
    hotline.run_until(hotline.now + timedelta(hours=2))
    assert hotline.carrier.posts == 2


def test_reminder_by_call_is_a_text_where_no_call_may_go(
    database: Database, vault: Vault, guide: Guide
) -> None:
    """Outside the countries that are called, over the calls of a day: better written to than forgotten."""
    for phone, spent in (("+4915112345678", 0), (PHONE, 2)):
        hotline = Hotline(database, vault, guide, MOSCOW)
        hotline.limits = CallLimits(per_number=2)
        hotline.dispatcher.close()
        hotline.dispatcher = hotline.new_dispatcher()
        id = hotline.remember(phone, ENTRY)
        hotline.now = FIRST - timedelta(hours=2)
        for place in range(spent):
            hotline.ask(id, f"menu-{place}", channel="call")
        with hotline.database.writing() as session:
            session.get_one(PersonRow, id).reminded_by = "call"
        hotline.tick(FIRST)
        hotline.dispatcher.close()
        assert [text.to for text in hotline.carrier.texts] == [phone]


@pytest.mark.parametrize("state", ["sending", "unknown", "sent"])
def test_call_that_has_said_its_words_is_not_placed_again(hotline: Hotline, state: str) -> None:
    """They are heard before the answer to the POST is there, or it never comes."""
    id = hotline.remember(PHONE, ENTRY)
    with hotline.database.writing() as session:
        session.get_one(PersonRow, id).reminded_by = "call"
    hotline.tick(FIRST)
    with hotline.database.writing() as session:
        session.execute(update(MessageRow).values(state=state))
        session.execute(update(ReminderRow).where(ReminderRow.message_id.is_not(None)).values(state=state))
    hotline.receive(hotline.carrier.calls[-1].attempt, "completed", sid=hotline.carrier.calls[-1].sid)
    hotline.run_until(FIRST + 60 * MINUTE)
    assert (len(hotline.carrier.calls), hotline.messages()[0].state) == (1, "delivered")


def test_reminder_call_whose_answer_was_lost_is_placed_again(hotline: Hotline) -> None:
    """No callback of it comes and nothing shows that it rang: the person is not forgotten."""
    id = hotline.remember(PHONE, ENTRY)
    with hotline.database.writing() as session:
        session.get_one(PersonRow, id).reminded_by = "call"
    hotline.carrier.answer_next(Outcome(OutcomeKind.UNKNOWN))
    hotline.tick(FIRST)
    assert hotline.carrier.calls == []
    hotline.run_until(FIRST + 60 * MINUTE)
    assert [call.to for call in hotline.carrier.calls] == [PHONE]
    assert hotline.states(id, "d05")[0] == "sent"
