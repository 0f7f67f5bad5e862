"""A tick: what is due goes out once, in its window, whatever the carrier answers."""

import threading
from datetime import UTC, date, datetime, timedelta

import pytest

from db.tables import AnchorRow
from hotline.carriers.base import Outcome, OutcomeKind
from tests.reminders.conftest import NUMBER, Hotline

ENTRY = date(2026, 11, 22)  # the last safe day is Monday 21 December
PHONE = "+996555123456"
OTHER = "+79161234567"
FIRST = datetime(2026, 11, 29, 7, tzinfo=UTC)  # entry + 7, 10:00 in Moscow
LOST = Outcome(OutcomeKind.UNKNOWN)
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)


def names(events: list[dict[str, object]]) -> list[object]:
    return [event["event"] for event in events]


def test_tick_sends_everything_due_to_a_person_as_one_text(hotline: Hotline) -> None:
    """Registration and job on entry + 7: one message that carries both rows."""
    id = hotline.remember(PHONE, ENTRY)
    events = hotline.tick(FIRST)
    (text,) = hotline.carrier.texts
    assert (text.to, text.sender) == (PHONE, NUMBER)
    assert "22 days left to get your migration registration" in text.body
    assert "22 days left to get a job" in text.body
    assert (hotline.states(id, "d05")[0], hotline.states(id, "d09")[0]) == ("sent", "sent")
    assert names(events) == ["sent"]


def test_tick_sends_each_row_once(hotline: Hotline) -> None:
    """However often the clock ticks."""
    hotline.remember(PHONE, ENTRY)
    for minutes in range(0, 115, 5):
        hotline.tick(FIRST + minutes * MINUTE)
    assert len(hotline.carrier.texts) == 1


def test_tick_writes_in_the_persons_language(hotline: Hotline) -> None:
    """Kyrgyz, Russian, English side by side."""
    for n, language in enumerate(("ky", "ru", "en")):
        hotline.remember(f"+99655500000{n}", ENTRY, language)
    hotline.tick(FIRST)
    bodies = {text.to[-1]: text.body for text in hotline.carrier.texts}
    assert "22 күн калды" in bodies["0"]
    assert "осталось 22 дня" in bodies["1"]
    assert "22 days left" in bodies["2"]


@pytest.mark.parametrize("at", [FIRST - MINUTE, FIRST + timedelta(hours=2), FIRST + timedelta(hours=12)])
def test_tick_sends_no_reminder_outside_the_window(hotline: Hotline, at: datetime) -> None:
    """Before 10:00 nothing is due, from 12:00 on it waits for the next day."""
    hotline.remember(PHONE, ENTRY)
    hotline.tick(at)
    assert hotline.carrier.posts == 0


def test_tick_sends_no_missed_reminder_of_the_last_days_in_the_evening(hotline: Hotline) -> None:
    """Missed on entry + 26, it ends tomorrow when the next one is due: it is not sent at night instead."""
    hotline.remember(PHONE, ENTRY)
    hotline.tick(datetime(2026, 12, 18, 18, tzinfo=UTC))
    assert hotline.carrier.posts == 0


def test_tick_catches_up_in_the_next_window_with_the_words_of_that_day(hotline: Hotline) -> None:
    """Missed on entry + 7, sent on entry + 8: one day less is left."""
    hotline.remember(PHONE, ENTRY)
    hotline.tick(FIRST + timedelta(hours=3))
    assert hotline.next_due() == FIRST + DAY
    hotline.tick(FIRST + DAY)
    (text,) = hotline.carrier.texts
    assert "21 days left" in text.body


def test_tick_after_days_of_silence_sends_one_text_a_person(hotline: Hotline) -> None:
    """Three days down over entry + 26 to + 28: one text says what is left today; what is past is expired."""
    ids = [hotline.remember(f"+9965550001{n:02}", ENTRY) for n in range(5)]
    hotline.run_until(datetime(2026, 12, 17, 9, tzinfo=UTC))  # entry + 25
    sent = len(hotline.carrier.texts)
    hotline.tick(datetime(2026, 12, 20, 7, 30, tzinfo=UTC))  # entry + 28
    late = hotline.carrier.texts[sent:]
    assert sorted(text.to for text in late) == sorted({text.to for text in late})
    assert len(late) == 5
    assert all("Tomorrow" in text.body for text in late)
    for id in ids:
        assert hotline.states(id, "d05")[4:] == ["expired", "expired", "sent", "pending"]


def test_tick_never_reminds_after_the_last_safe_day(hotline: Hotline) -> None:
    """Rows that were never sent end with the window of the last day; then only d06 speaks."""
    id = hotline.remember(PHONE, ENTRY)
    hotline.tick(datetime(2026, 12, 22, 7, tzinfo=UTC))
    assert set(hotline.states(id, "d05")) == {"expired"}
    (text,) = hotline.carrier.texts
    assert "migranty.org" in text.body
    assert hotline.states(id, "d06") == ["sent"]


def test_closing_text_is_not_sent_to_who_was_reminded_in_the_last_days(hotline: Hotline) -> None:
    """A text on entry + 29 is enough."""
    id = hotline.remember(PHONE, ENTRY)
    hotline.tick(datetime(2026, 12, 21, 7, tzinfo=UTC))
    hotline.tick(datetime(2026, 12, 22, 7, tzinfo=UTC))
    assert len(hotline.carrier.texts) == 1
    assert hotline.states(id, "d06") == ["cancelled"]


def test_closing_text_is_sent_to_who_was_reminded_before_the_last_days_only(hotline: Hotline) -> None:
    """The text of entry + 20 does not count."""
    id = hotline.remember(PHONE, ENTRY)
    hotline.tick(datetime(2026, 12, 12, 7, tzinfo=UTC))
    hotline.tick(datetime(2026, 12, 22, 7, tzinfo=UTC))
    assert hotline.states(id, "d06") == ["sent"]


def test_closing_text_is_not_sent_once_registration_is_done(hotline: Hotline) -> None:
    """DONE 7 ends the rule that closes it too."""
    id = hotline.remember(PHONE, ENTRY)
    hotline.done(id, "d05")
    hotline.tick(datetime(2026, 12, 22, 7, tzinfo=UTC))
    assert hotline.states(id, "d06") == ["cancelled"]
    assert hotline.carrier.posts == 0


def test_tick_stops_a_rule_that_is_done(hotline: Hotline) -> None:
    """No more of registration while the job's go on."""
    id = hotline.remember(PHONE, ENTRY)
    hotline.done(id, "d05")
    hotline.tick(FIRST)
    (text,) = hotline.carrier.texts
    assert "job" in text.body
    assert "registration" not in text.body
    assert set(hotline.states(id, "d05")) == {"cancelled"}


def test_tick_sends_nothing_unasked_to_who_opted_out(hotline: Hotline) -> None:
    """STOP stops reminders; the rows wait, and nobody else waits behind them."""
    hotline.remember(PHONE, ENTRY)
    hotline.remember(OTHER, ENTRY)
    hotline.opt_out(PHONE)
    hotline.tick(FIRST)
    assert [text.to for text in hotline.carrier.texts] == [OTHER]
    assert len(hotline.messages()) == 1


def test_tick_sends_what_was_asked_for_at_any_hour_even_after_stop(hotline: Hotline) -> None:
    """At night, to somebody who opted out of reminders: they asked for it in a call."""
    id = hotline.remember(PHONE)
    hotline.opt_out(PHONE)
    hotline.now = datetime(2026, 11, 29, 22, tzinfo=UTC)
    hotline.ask(id, "Step 7")
    events = hotline.tick()
    assert [text.body for text in hotline.carrier.texts] == ["Step 7"]
    assert (events[0]["kind"], events[0]["rules"]) == ("asked", [])


def test_tick_does_not_send_what_was_asked_for_too_long_ago(hotline: Hotline) -> None:
    """A text asked for in a call is of no use after its time."""
    id = hotline.remember(PHONE)
    hotline.ask(id, "Step 7")
    hotline.tick(hotline.now + timedelta(hours=1))
    assert hotline.carrier.posts == 0
    assert hotline.messages()[0].state == "expired"


def test_tick_places_a_call_that_was_asked_for(hotline: Hotline) -> None:
    """It begins at the place asked for, in the person's language; no number or date in its URLs."""
    id = hotline.remember(PHONE, language="ru")
    message = hotline.ask(id, "confirm-stop", channel="call")
    hotline.tick()
    (call,) = hotline.carrier.calls
    assert (call.to, call.url) == (PHONE, "https://hotline.example/voice/ru/confirm-stop/0/0")
    assert call.status_url.startswith(f"https://hotline.example/receipts/call?attempt={message}.")


def test_tick_keeps_which_rules_the_last_text_named(hotline: Hotline) -> None:
    """For a bare DONE: both on entry + 7, registration alone on entry + 24."""
    id = hotline.remember(PHONE, ENTRY)
    hotline.tick(FIRST)
    assert hotline.person(id).last_rules == "d05 d09"
    hotline.run_until(datetime(2026, 12, 16, 7, tzinfo=UTC))
    assert hotline.person(id).last_rules == "d05"


def test_tick_lets_no_reminder_arrive_after_the_window(hotline: Hotline) -> None:
    """The carrier drops what it has not delivered when the window closes."""
    hotline.remember(PHONE, ENTRY)
    hotline.tick(FIRST + timedelta(hours=1, minutes=30))
    assert 1_780 <= hotline.carrier.texts[0].valid_for_s <= 1_800


def test_tick_of_a_one_way_sender_names_the_number_to_call(hotline: Hotline) -> None:
    """KADAM cannot be answered."""
    hotline.sender = "KADAM"
    hotline.remember(PHONE, ENTRY)
    hotline.tick(FIRST)
    (text,) = hotline.carrier.texts
    assert text.sender == "KADAM"
    assert NUMBER in text.body
    assert "DONE" not in text.body


def test_dry_run_tells_what_would_go_out_and_changes_nothing(hotline: Hotline) -> None:
    """No post, no row touched; and nothing personal in what it tells."""
    id = hotline.remember(PHONE, ENTRY)
    before = [(row.id, row.state, row.due_at_utc) for row in hotline.rows(id)]
    events = hotline.tick(FIRST, dry_run=True)
    assert names(events) == ["would_send"]
    assert events[0]["rules"] == ["d05", "d09"]
    assert PHONE not in str(events)
    assert hotline.carrier.posts == 0
    assert hotline.messages() == []
    assert [(row.id, row.state, row.due_at_utc) for row in hotline.rows(id)] == before


def test_retry_keeps_the_text_and_sends_it_later(hotline: Hotline) -> None:
    """The carrier was not reached: a minute later it is."""
    id = hotline.remember(PHONE, ENTRY)
    hotline.carrier.answer_next(Outcome(OutcomeKind.RETRY))
    assert names(hotline.tick(FIRST)) == ["retry"]
    assert hotline.states(id, "d05")[0] == "pending"
    assert hotline.tick(FIRST + timedelta(seconds=30)) == []
    hotline.tick(FIRST + 2 * MINUTE)
    assert (hotline.states(id, "d05")[0], len(hotline.carrier.texts)) == ("sent", 1)


def test_carrier_down_for_a_whole_window_leaves_everything_due(hotline: Hotline) -> None:
    """Every post fails; the next day the same rows go out, with that day's words."""
    id = hotline.remember(PHONE, ENTRY)
    hotline.carrier.answer_always(Outcome(OutcomeKind.RETRY))
    hotline.run_until(FIRST + timedelta(hours=3))
    assert 5 <= hotline.carrier.posts <= 20
    assert hotline.states(id, "d05")[0] == "pending"
    hotline.carrier.answer_always(None)
    hotline.run_until(FIRST + DAY)
    assert [text.body[:2] for text in hotline.carrier.texts] == ["21"]


def test_back_off_waits_as_long_as_the_carrier_asks(hotline: Hotline) -> None:
    """429 with Retry-After: 600."""
    hotline.remember(PHONE, ENTRY)
    hotline.carrier.answer_next(Outcome(OutcomeKind.BACK_OFF, retry_after_s=600))
    hotline.tick(FIRST)
    hotline.tick(FIRST + 9 * MINUTE)
    assert hotline.carrier.posts == 1
    hotline.tick(FIRST + 13 * MINUTE)
    assert len(hotline.carrier.texts) == 1


def test_storm_of_refusals_ends_with_everything_sent_once(hotline: Hotline) -> None:
    """Half of the posts are refused for a while: everybody gets one text, in a bounded number of posts."""
    for n in range(12):
        hotline.remember(f"+9965550002{n:02}", ENTRY)
    for _ in range(6):
        hotline.carrier.answer_next(Outcome(OutcomeKind.BACK_OFF))
        hotline.carrier.answer_next(Outcome(OutcomeKind.SENT), accepted=True)
    hotline.run_until(FIRST + timedelta(hours=1))
    assert len({text.to for text in hotline.carrier.texts}) == len(hotline.carrier.texts) == 12
    assert hotline.carrier.posts == 18


@pytest.mark.parametrize("kind", [OutcomeKind.FINAL, OutcomeKind.OPTED_OUT])
def test_final_refusal_is_not_tried_again(hotline: Hotline, kind: OutcomeKind) -> None:
    """No such number, or opted out at the carrier."""
    id = hotline.remember(PHONE, ENTRY)
    hotline.carrier.answer_next(Outcome(kind, error_code=21610))
    hotline.run_until(FIRST + timedelta(hours=2))
    assert hotline.states(id, "d05")[0] == "failed"
    assert hotline.carrier.posts == 1
    hotline.run_until(FIRST + 7 * DAY)
    assert hotline.carrier.posts == (1 if kind is OutcomeKind.OPTED_OUT else 2)


def test_halt_stops_sending_and_keeps_everything_pending(hotline: Hotline) -> None:
    """401: no more posts in this tick than there are threads; nothing is lost."""
    ids = [hotline.remember(f"+9965550003{n:02}", ENTRY) for n in range(16)]
    hotline.carrier.answer_always(Outcome(OutcomeKind.HALT, error_code=20003))
    hotline.tick(FIRST)
    assert 1 <= hotline.carrier.posts <= 8
    assert {hotline.states(id, "d05")[0] for id in ids} == {"pending"}
    hotline.carrier.answer_always(None)
    hotline.run_until(FIRST + timedelta(minutes=30))
    assert len({text.to for text in hotline.carrier.texts}) == len(hotline.carrier.texts) == 16


def test_lost_answer_is_looked_up_and_not_sent_again(hotline: Hotline) -> None:
    """The carrier took it, the answer was lost: five minutes later its record is found."""
    id = hotline.remember(PHONE, ENTRY)
    hotline.carrier.answer_next(LOST, accepted=True)
    hotline.tick(FIRST)
    assert hotline.states(id, "d05")[0] == "unknown"
    hotline.tick(FIRST + 4 * MINUTE)
    assert hotline.carrier.looks == 0
    hotline.run_until(FIRST + timedelta(hours=2))
    assert (hotline.carrier.looks, hotline.carrier.posts) == (1, 1)
    assert hotline.states(id, "d05")[0] == "sent"
    assert hotline.messages()[0].sid == hotline.carrier.texts[0].sid
    assert hotline.person(id).last_rules == "d05 d09"


def test_lost_post_is_sent_again_after_two_empty_looks(hotline: Hotline) -> None:
    """The carrier never had it: looks after 5 and 15 minutes, then it goes out, once."""
    id = hotline.remember(PHONE, ENTRY)
    hotline.carrier.answer_next(LOST)
    hotline.tick(FIRST)
    hotline.tick(FIRST + 6 * MINUTE)
    hotline.tick(FIRST + 15 * MINUTE)
    assert (hotline.carrier.looks, hotline.carrier.posts) == (1, 1)
    hotline.run_until(FIRST + 20 * MINUTE)
    assert (hotline.carrier.looks, hotline.carrier.posts) == (2, 2)
    assert hotline.states(id, "d05")[0] == "sent"


def test_lost_post_at_the_end_of_the_window_waits_for_the_next_day(hotline: Hotline) -> None:
    """It was not sent, as the looks show after noon; the next morning a new text goes out."""
    hotline.remember(PHONE, ENTRY)
    hotline.carrier.answer_next(LOST)
    hotline.tick(FIRST + timedelta(hours=1, minutes=58))
    hotline.run_until(FIRST + timedelta(hours=20))
    assert (hotline.carrier.looks, hotline.carrier.posts) == (2, 1)
    hotline.run_until(FIRST + DAY)
    assert [text.body[:2] for text in hotline.carrier.texts] == ["21"]


def test_look_that_fails_proves_nothing(hotline: Hotline) -> None:
    """While the carrier cannot be asked, nothing is sent again."""
    hotline.remember(PHONE, ENTRY)
    hotline.carrier.answer_next(LOST, accepted=True)
    hotline.carrier.can_list = False
    hotline.run_until(FIRST + timedelta(hours=1))
    assert hotline.carrier.looks >= 4
    assert hotline.carrier.posts == 1
    hotline.carrier.can_list = True
    hotline.run_until(FIRST + timedelta(hours=2))
    assert hotline.messages()[0].state == "sent"


def test_look_adopts_no_text_that_is_another_messages(hotline: Hotline) -> None:
    """The same words asked for twice: the first is sent, the second was lost and is sent again."""
    id = hotline.remember(PHONE)
    hotline.ask(id, "Step 7")
    hotline.tick()
    hotline.ask(id, "Step 7")
    hotline.carrier.answer_next(LOST)
    hotline.tick()
    hotline.run_until(hotline.now + 20 * MINUTE)
    assert [text.body for text in hotline.carrier.texts] == ["Step 7", "Step 7"]
    assert {message.state for message in hotline.messages()} == {"sent"}


def test_call_with_a_lost_answer_is_not_placed_again(hotline: Hotline) -> None:
    """Whoever asked to be rung at once does not wait for it a quarter of an hour."""
    id = hotline.remember(PHONE)
    hotline.ask(id, "menu-main", channel="call")
    hotline.carrier.answer_next(LOST)
    hotline.tick()
    hotline.run_until(hotline.now + timedelta(minutes=50))
    assert hotline.carrier.posts == 1
    assert hotline.messages()[0].state == "expired"


def test_look_compares_with_the_carriers_clock(hotline: Hotline) -> None:
    """A tick as of another instant still finds the record that the carrier made at its own time."""
    hotline.remember(PHONE, ENTRY)
    hotline.carrier.answer_next(LOST, accepted=True)
    hotline.now = FIRST - timedelta(hours=50)  # the carrier's clock
    hotline.dispatcher.tick(FIRST)
    hotline.dispatcher.tick(FIRST + 6 * MINUTE)
    assert hotline.messages()[0].state == "sent"


def test_hung_post_holds_up_nobody_else(hotline: Hotline) -> None:
    """One of four hangs: the others are all sent before it ends."""
    for n in range(12):
        hotline.remember(f"+9965550004{n:02}", ENTRY)
    hung, others_done = threading.Event(), threading.Event()

    def hang(_to: str) -> None:
        if not hung.is_set():
            hung.set()
            assert others_done.wait(20)
        elif len(hotline.carrier.texts) >= 10:
            others_done.set()

    hotline.carrier.before_answer = hang
    hotline.tick(FIRST)
    assert len(hotline.carrier.texts) == 12


def test_ticks_at_the_same_instant_send_everything_once(hotline: Hotline) -> None:
    """Four dispatchers, as on four machines."""
    for n in range(24):
        hotline.remember(f"+9965550005{n:02}", ENTRY)
    dispatchers = [hotline.new_dispatcher(workers=2) for _ in range(4)]
    threads = [threading.Thread(target=each.tick, args=(FIRST,)) for each in dispatchers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for each in dispatchers:
        each.close()
    hotline.tick(FIRST + MINUTE)
    assert len({text.to for text in hotline.carrier.texts}) == len(hotline.carrier.texts) == 24


def test_error_of_one_message_stops_no_other(hotline: Hotline) -> None:
    """A worker that fails between fence and record: its message is looked up, the others are sent."""
    ids = {phone: hotline.remember(phone, ENTRY) for phone in (PHONE, OTHER)}

    def fail(to: str) -> None:
        if to == PHONE:
            raise ZeroDivisionError

    hotline.carrier.before_answer = fail
    events = hotline.tick(FIRST)
    assert sorted(names(events)) == ["error", "sent"]
    hotline.carrier.before_answer = lambda _to: None
    hotline.run_until(FIRST + timedelta(hours=1))
    assert sorted(text.to for text in hotline.carrier.texts) == sorted([PHONE, OTHER])
    assert hotline.states(ids[PHONE], "d05")[0] == "sent"


def test_unreadable_person_stops_no_other(hotline: Hotline) -> None:
    """A date that no key opens is reported and tried again later; everybody else is reminded."""
    broken = hotline.remember(PHONE, ENTRY)
    hotline.remember(OTHER, ENTRY)
    with hotline.database.writing() as session:
        anchor = session.get_one(AnchorRow, f"{broken}.0.entry")
        anchor.date_sealed = anchor.date_sealed[:-1] + b"x"
    hotline.tick(FIRST)
    assert [text.to for text in hotline.carrier.texts] == [OTHER]
    assert hotline.states(broken, "d05")[0] == "pending"


def test_erased_person_gets_nothing_more(hotline: Hotline) -> None:
    """DELETE takes the rows and the messages with it."""
    id = hotline.remember(PHONE, ENTRY)
    hotline.ask(id, "Step 7")
    with hotline.database.writing() as session:
        session.delete(hotline.person(id))
    hotline.tick(FIRST)
    assert hotline.carrier.posts == 0


def test_tick_tells_the_watchdog_when_it_ended(hotline: Hotline) -> None:
    """None before the first tick; then a monotonic time."""
    assert hotline.dispatcher.last_tick_monotonic_s is None
    hotline.tick(FIRST)
    first = hotline.dispatcher.last_tick_monotonic_s
    assert first is not None
    hotline.tick(FIRST)
    second = hotline.dispatcher.last_tick_monotonic_s
    assert second is not None
    assert second > first


def test_tick_leaves_no_personal_data_in_events_and_logs(
    hotline: Hotline, capsys: pytest.CaptureFixture[str]
) -> None:
    """Ids and codes only, also where the carrier refuses."""
    hotline.remember(PHONE, ENTRY)
    hotline.carrier.answer_next(Outcome(OutcomeKind.FINAL, error_code=21211))
    events = hotline.tick(FIRST)
    logged = capsys.readouterr()
    told = str(events) + logged.out + logged.err
    assert "21211" in told
    for secret in (PHONE, PHONE[1:], "registration", "21 December"):
        assert secret not in told
