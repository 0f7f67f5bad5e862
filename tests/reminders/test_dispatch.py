"""A tick: what is due goes out once, in its window, whatever the carrier answers."""

import logging
import threading
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from db import Database
from db.tables import AnchorRow, MessageRow, PersonRow, ReminderRow
from hotline.carriers.base import OnRecord, Outcome, OutcomeKind
from hotline.config import SendWindow
from hotline.guide.model import Guide
from hotline.people.model import Effect, RemindBy, SetLanguage
from hotline.people.privacy import Vault
from hotline.reminders import ledger
from hotline.reminders.states import State
from hotline.reminders.tick import Tick
from hotline.sms.segments import measure
from tests.carriers.recording import SentText
from tests.reminders.conftest import MOSCOW, NUMBER, Hotline

ENTRY = date(2026, 11, 22)  # the last safe day is Monday 21 December
CORRECTED = date(2026, 11, 15)
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


def test_first_reminder_says_how_to_stop_until_one_has_been_sent(hotline: Hotline) -> None:
    """Who was told by the welcome is not told again, and nobody is told twice."""
    newcomer = hotline.remember(PHONE, ENTRY)
    hotline.remember(OTHER, ENTRY)
    with hotline.database.writing() as session:
        session.get_one(PersonRow, newcomer).welcomed_at_utc = None
    for at in (FIRST, FIRST + 7 * DAY):
        hotline.tick(at)
    told = [
        (text.to, text.body.startswith("This is Kadam. To stop: STOP.")) for text in hotline.carrier.texts
    ]
    assert sorted(told) == [(OTHER, False), (OTHER, False), (PHONE, False), (PHONE, True)]


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


def test_tick_writes_in_the_letters_that_the_person_chose(hotline: Hotline) -> None:
    """Two terms in Latin letters are two segments of GSM-7, and the answers to send are in them too."""
    for n, language in enumerate(("ky", "ru")):
        id = hotline.remember(f"+99655500000{n}", ENTRY, language)
        with hotline.database.writing() as session:
            session.get_one(PersonRow, id).script = "latin"
    hotline.tick(FIRST)
    bodies = {text.to[-1]: text.body for text in hotline.carrier.texts}
    assert "22 kun kaldy" in bodies["0"] and "ATKARDYM 7" in bodies["0"]
    assert "ostalos 22 dnya" in bodies["1"] and "GOTOVO 7" in bodies["1"]
    assert all(body.isascii() and measure(body).segments <= 2 for body in bodies.values())


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
    assert hotline.messages() == []


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
    assert call.fallback_url == "https://hotline.example/voice/fallback"
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


@pytest.mark.parametrize(
    ("chosen", "said"), [(SetLanguage("ru"), "регистрац"), (RemindBy("call"), "/remind-d05.d09/")]
)
def test_retry_is_said_as_the_person_has_chosen_since(hotline: Hotline, chosen: Effect, said: str) -> None:
    """Refused in English, in Russian then; or by a call. Once, and nothing of the first words."""
    id = hotline.remember(PHONE, ENTRY)
    hotline.carrier.answer_next(Outcome(OutcomeKind.RETRY))
    hotline.tick(FIRST)
    hotline.change(id, chosen)
    hotline.run_until(FIRST + timedelta(hours=3))
    (went_out,) = (*(text.body for text in hotline.carrier.texts), *(c.url for c in hotline.carrier.calls))
    assert said in went_out


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


def test_retry_keeps_to_a_window_that_has_become_narrower(
    database: Database, vault: Vault, guide: Guide, request: pytest.FixtureRequest
) -> None:
    """Refused at one o'clock, while that was allowed; since the restart it is not, and it waits for ten."""
    wide = SendWindow(time(10), time(20), ZoneInfo("Europe/Moscow"))
    before, after = (Hotline(database, vault, guide, window) for window in (wide, MOSCOW))
    for one in (before, after):
        request.addfinalizer(one.dispatcher.close)
    before.remember(PHONE, ENTRY)
    before.carrier.answer_next(Outcome(OutcomeKind.BACK_OFF))
    before.tick(FIRST + timedelta(hours=3))
    after.now = before.now
    after.run_until(FIRST + timedelta(hours=12))
    assert after.carrier.posts == 0
    after.run_until(FIRST + DAY)
    assert len(after.carrier.texts) == 1


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
    hotline.run_until(FIRST + DAY)
    assert (hotline.carrier.looks, hotline.carrier.posts) == (2, 2)
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


def test_slow_looks_hold_up_nobody_who_waits_at_the_telephone(hotline: Hotline) -> None:
    """Sixteen answers are lost, the list does not answer: a call asked for in between is placed meanwhile."""
    for n in range(16):
        hotline.remember(f"+9965550004{n:02}", ENTRY)
    asking = hotline.remember(PHONE)
    hotline.carrier.answer_next(LOST, times=16)
    hotline.tick(FIRST)
    placed, asked = threading.Event(), threading.Event()
    waited: list[bool] = []

    def find(_to: str, _since_utc: datetime) -> list[OnRecord]:
        if not asked.is_set():
            asked.set()
            hotline.ask(asking, "menu-main", channel="call")
        waited.append(placed.wait(10))
        return []

    def place(to: str, *_: object, **__: object) -> Outcome:
        placed.set()
        return Outcome(OutcomeKind.SENT, sid=f"CA{1:032x}", status="queued")

    hotline.carrier.find_texts = find  # type: ignore[method-assign]
    hotline.carrier.place_call = place  # type: ignore[method-assign]
    hotline.tick(FIRST + 6 * MINUTE)
    assert waited == [True] * 16


def test_no_look_begins_while_enough_are_under_way(hotline: Hotline) -> None:
    """Nor does it stop what is sent, if by a chance more are under way than there may be."""
    hotline.remember(PHONE, ENTRY)
    hotline.carrier.answer_next(LOST)
    hotline.tick(FIRST)
    hotline.ask(hotline.remember(OTHER), "Step 7")
    tick = Tick(hotline.dispatcher, FIRST + 6 * MINUTE)
    tick._looking = {str(n) for n in range(hotline.dispatcher.workers + 1)}
    jobs, _ = tick._claim()
    assert [type(job.args[0]).__name__ for job in jobs if isinstance(job, partial)] == ["Claim"]


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


def test_look_waits_while_the_same_words_may_be_on_their_way(hotline: Hotline) -> None:
    """Lost once, asked for again: what the carrier has may be the second text, whose answer is not in yet."""
    id = hotline.remember(PHONE)
    hotline.ask(id, "Step 7")
    hotline.carrier.answer_next(LOST)
    hotline.tick()
    hotline.ask(id, "Step 7")
    begun, looked = threading.Event(), threading.Event()

    def hold(_text: SentText) -> None:
        begun.set()
        assert looked.wait(20)

    hotline.carrier.after_accept = hold
    later = hotline.now + 6 * MINUTE
    ticking = threading.Thread(target=hotline.tick, args=(later,))
    ticking.start()
    assert begun.wait(20)
    other = hotline.new_dispatcher()
    other.tick(later + 10 * MINUTE)
    other.close()
    looked.set()
    ticking.join()
    hotline.carrier.after_accept = lambda _text: None
    hotline.run_until(later + 50 * MINUTE)
    sids = [message.sid for message in hotline.messages()]
    assert sorted(sids) == sorted(text.sid for text in hotline.carrier.texts)
    assert len(sids) == 2


def test_call_with_a_lost_answer_is_not_placed_again(hotline: Hotline) -> None:
    """Whoever asked to be rung at once does not wait for it a quarter of an hour."""
    id = hotline.remember(PHONE)
    hotline.ask(id, "menu-main", channel="call")
    hotline.carrier.answer_next(LOST)
    hotline.tick()
    hotline.run_until(hotline.now + timedelta(minutes=50))
    assert hotline.carrier.posts == 1
    assert hotline.messages()[0].state == "expired"


def test_call_that_was_placed_is_found(hotline: Hotline) -> None:
    """Its answer was lost, not the call: who has heard the reminder is not rung again."""
    id = hotline.remember(PHONE, ENTRY)
    hotline.change(id, RemindBy("call"))
    hotline.carrier.answer_next(LOST, accepted=True)
    hotline.tick(FIRST)
    with hotline.database.writing() as session:
        ledger.note_told(session, id)
    hotline.run_until(FIRST + 50 * MINUTE)
    assert len(hotline.carrier.calls) == hotline.carrier.posts == 1
    assert [message.sid for message in hotline.messages()] == [hotline.carrier.calls[0].sid]


def test_call_that_was_not_placed_is_placed_after_two_empty_looks(hotline: Hotline) -> None:
    """And not before the carrier's list could be had."""
    hotline.change(hotline.remember(PHONE, ENTRY), RemindBy("call"))
    hotline.carrier.answer_next(LOST)
    hotline.carrier.can_list = False
    hotline.tick(FIRST)
    hotline.run_until(FIRST + 20 * MINUTE)
    assert hotline.carrier.calls == []
    hotline.carrier.can_list = True
    hotline.run_until(FIRST + 50 * MINUTE)
    assert len(hotline.carrier.calls) == 1


def test_look_compares_with_the_carriers_clock(hotline: Hotline) -> None:
    """A tick as of another instant still finds the record that the carrier made at its own time."""
    hotline.remember(PHONE, ENTRY)
    hotline.carrier.answer_next(LOST, accepted=True)
    hotline.now = FIRST - timedelta(hours=50)  # the carrier's clock
    hotline.dispatcher.tick(FIRST)
    hotline.dispatcher.tick(FIRST + 6 * MINUTE)
    assert hotline.messages()[0].state == "sent"


def test_look_waits_while_the_same_words_are_on_their_way(hotline: Hotline) -> None:
    """What the carrier lists may be theirs, whose SID is not known yet."""
    id = hotline.remember(PHONE)
    lost = hotline.ask(id, "step 7")
    hotline.carrier.answer_next(LOST)
    hotline.tick()
    under_way = hotline.ask(id, "step 7")
    with hotline.database.writing() as session:
        row = session.get_one(MessageRow, under_way)
        row.state, row.lease_until_utc = State.SENDING, hotline.now + 60 * MINUTE
    hotline.carrier.send_text(PHONE, hotline.sender, "step 7", "https://hotline.example/receipts/sms", 600)
    hotline.tick(hotline.now + 6 * MINUTE)
    assert hotline.carrier.looks == 1
    (found,) = [message for message in hotline.messages() if message.id == lost]
    assert (found.state, found.sid, found.looks) == ("unknown", None, 0)


@pytest.mark.parametrize("minutes", [-45, -3, 3, 45])
def test_look_finds_the_record_of_a_carrier_with_another_clock(hotline: Hotline, minutes: int) -> None:
    """Ours is fast or slow: the text is sent once."""
    hotline.carrier.clock = lambda: hotline.now + minutes * MINUTE
    hotline.remember(PHONE, ENTRY)
    hotline.carrier.answer_next(LOST, accepted=True)
    hotline.tick(FIRST)
    hotline.run_until(FIRST + 40 * MINUTE)
    assert (len(hotline.carrier.texts), hotline.messages()[0].state) == (1, "sent")


def test_look_does_not_take_an_earlier_answer_for_a_text_that_was_asked_for(hotline: Hotline) -> None:
    """Ten minutes ago the same words went out as the answer to a text, whose SID nobody tells."""
    id = hotline.remember(PHONE)
    hotline.carrier.send_text(PHONE, hotline.sender, "step 7", "https://hotline.example/receipts/sms", 600)
    hotline.now += 10 * MINUTE
    hotline.ask(id, "step 7")
    hotline.carrier.answer_next(LOST)
    hotline.tick()
    hotline.run_until(hotline.now + 40 * MINUTE)
    assert len(hotline.carrier.texts) == 2


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
        anchor.date_sealed = anchor.date_sealed[:-1] + bytes([anchor.date_sealed[-1] ^ 1])
    hotline.tick(FIRST)
    assert [text.to for text in hotline.carrier.texts] == [OTHER]
    assert hotline.states(broken, "d05")[0] == "pending"


@pytest.mark.parametrize("lost", [False, True])
def test_unreadable_message_stops_no_other(hotline: Hotline, lost: bool) -> None:
    """A number or a text that no key opens, before sending or before a look."""
    broken = hotline.remember(PHONE)
    hotline.ask(broken, "Step 7")
    if lost:
        hotline.carrier.answer_next(LOST)
        hotline.tick()
    with hotline.database.writing() as session:
        session.get_one(PersonRow, broken).phone_sealed = b"x"
    hotline.ask(hotline.remember(OTHER), "Step 8", lifetime=DAY)
    hotline.run_until(hotline.now + 20 * MINUTE)
    assert [text.to for text in hotline.carrier.texts] == [OTHER]


def test_what_a_later_version_has_written_stops_no_other(
    hotline: Hotline, caplog: pytest.LogCaptureFixture
) -> None:
    """Letters that this version does not know, a way of a message: they wait; everybody else is reminded."""
    odd, asking = hotline.remember(PHONE, ENTRY), hotline.remember("+996555000001")
    hotline.remember(OTHER, ENTRY)
    hotline.ask(asking, "Step 7", channel="sms", lifetime=8 * DAY)
    with hotline.database.writing() as session:
        session.get_one(PersonRow, odd).script = "runes"
        session.get_one(MessageRow, hotline.messages()[0].id).channel = "pigeon"
    hotline.tick(FIRST)
    assert [text.to for text in hotline.carrier.texts] == [OTHER]
    assert "reminder.unreadable" in caplog.text and "message.unreadable" in caplog.text
    assert hotline.states(odd, "d05")[0] == "pending"
    with hotline.database.writing() as session:
        session.get_one(PersonRow, odd).script = "latin"
    hotline.tick(FIRST + 61 * MINUTE)
    assert sorted(text.to for text in hotline.carrier.texts) == sorted([PHONE, OTHER])


def test_rule_of_a_later_version_is_left_to_it(hotline: Hotline) -> None:
    """A worker that was not restarted yet sends the rules it knows; the other row waits."""
    id = hotline.remember(PHONE, ENTRY)
    known = {rule: hotline.guide.rules[rule] for rule in ("d05", "d06")}
    later = hotline.dispatcher
    hotline.guide = replace(hotline.guide, rules=known)
    hotline.dispatcher = hotline.new_dispatcher()
    hotline.tick(FIRST)
    assert (hotline.states(id, "d05")[0], hotline.states(id, "d09")[0]) == ("sent", "pending")
    hotline.dispatcher.close()
    hotline.dispatcher = later
    hotline.tick(FIRST + 61 * MINUTE)
    assert hotline.states(id, "d09")[0] == "sent"


def test_language_that_is_not_configured_any_more_stops_nobody(hotline: Hotline) -> None:
    """Their text and their call are in the first language of the hotline; everybody else gets theirs."""
    hotline.remember(PHONE, ENTRY, language="tg")
    hotline.remember(OTHER, ENTRY)
    caller = hotline.remember("+996555000001", language="tg")
    hotline.now = FIRST
    hotline.ask(caller, "main", channel="call")
    hotline.tick()
    bodies = {text.to: text.body for text in hotline.carrier.texts}
    assert "22 күн калды" in bodies[PHONE]
    assert "22 days left" in bodies[OTHER]
    assert [call.url for call in hotline.carrier.calls] == ["https://hotline.example/voice/ky/main/0/0"]


def test_message_that_no_key_opens_stops_no_other(hotline: Hotline, caplog: pytest.LogCaptureFixture) -> None:
    """It is named in the log and waits an hour; however many they are, what is behind them goes out."""
    hotline.now = FIRST
    id, day = hotline.remember(PHONE), timedelta(days=1)
    broken = [hotline.ask(id, "Step 7", lifetime=day) for _ in range(20)]
    for message in broken:
        hotline.damage(message)
    hotline.now += timedelta(seconds=1)
    hotline.ask(hotline.remember(OTHER), "Step 8")
    assert names(hotline.tick()) == ["sent"]
    due = hotline.next_due()
    assert due is not None
    assert timedelta(hours=1) <= due - hotline.now < timedelta(hours=1, minutes=1)
    assert caplog.text.count("message.unreadable") == 20
    assert {message.state for message in hotline.messages() if message.id in broken} == {"pending"}


def test_unknown_message_that_no_key_opens_stops_no_other(hotline: Hotline) -> None:
    """Nobody can look for it; the other is looked up and sent again. Nobody sends it blindly."""
    hotline.now = FIRST
    broken = hotline.ask(hotline.remember(PHONE), "Step 7")
    hotline.ask(hotline.remember(OTHER), "Step 8")
    hotline.carrier.answer_next(LOST, times=2)
    hotline.tick()
    hotline.damage(broken)
    events = hotline.tick(FIRST + 6 * MINUTE)
    assert events == []
    hotline.run_until(FIRST + timedelta(hours=3))
    assert [text.body for text in hotline.carrier.texts] == ["Step 8"]
    assert {message.state for message in hotline.messages()} == {"unknown", "sent"}


def test_people_without_a_word_to_say_hold_up_nobody(hotline: Hotline) -> None:
    """A whole batch of closing rows that nobody needs: who waits behind them is reminded in the same tick."""
    for n in range(18):
        hotline.remember(f"+9965550007{n:02}", ENTRY)
    hotline.tick(datetime(2026, 12, 21, 7, tzinfo=UTC))  # entry + 29
    late = hotline.remember(PHONE, date(2026, 12, 15))
    closing = datetime(2026, 12, 22, 7, tzinfo=UTC)  # entry + 30 of the many, entry + 7 of the late one
    with hotline.database.writing() as session:
        for row in session.scalars(select(ReminderRow).where(ReminderRow.person_id == late)):
            row.due_at_utc += MINUTE
    assert names(hotline.tick(closing + MINUTE, dry_run=True)) == ["would_send"]
    assert names(hotline.tick(closing + MINUTE)) == ["sent"]


def test_refusal_of_a_message_for_another_reason_keeps_it(
    hotline: Hotline, caplog: pytest.LogCaptureFixture
) -> None:
    """A code that is not in the table: the operator is told, others are sent, and so is this one later."""
    for phone in (PHONE, OTHER):
        hotline.remember(phone, ENTRY)
    hotline.carrier.answer_next(Outcome(OutcomeKind.REFUSED, error_code=21602, http_status=400))
    assert sorted(names(hotline.tick(FIRST))) == ["refused", "sent"]
    assert "dispatch.refused" in caplog.text
    hotline.run_until(FIRST + 5 * MINUTE)
    assert sorted(text.to for text in hotline.carrier.texts) == sorted([PHONE, OTHER])


@pytest.mark.parametrize(
    ("outcome", "reason"),
    [
        (Outcome(OutcomeKind.HALT, error_code=20003, http_status=401), "carrier refused: 20003"),
        (Outcome(OutcomeKind.HALT, http_status=404), "carrier refused: HTTP 404"),
    ],
)
def test_halt_tells_its_reason_until_something_is_sent(
    hotline: Hotline, outcome: Outcome, reason: str
) -> None:
    """For /healthz: named from the refusal to the next text that the carrier takes."""
    hotline.remember(PHONE, ENTRY)
    assert hotline.dispatcher.halt_reason is None
    hotline.carrier.answer_next(outcome)
    hotline.tick(FIRST)
    assert hotline.dispatcher.halt_reason == reason
    hotline.tick(FIRST + timedelta(seconds=1))
    assert hotline.dispatcher.halt_reason == reason
    hotline.run_until(FIRST + 5 * MINUTE)
    assert len(hotline.carrier.texts) == 1
    assert hotline.dispatcher.halt_reason is None


def test_clock_that_was_put_back_breaks_nothing(hotline: Hotline) -> None:
    """What the later time left behind waits for it; what is due now goes out, and a new date is planned."""
    id = hotline.remember(PHONE, ENTRY)
    hotline.run_until(FIRST + 20 * DAY)
    sent = len(hotline.carrier.texts)
    hotline.ask(id, "Step 1")
    hotline.carrier.answer_next(LOST)
    hotline.tick()
    hotline.ask(id, "Step 2")
    with hotline.database.writing() as session:
        assert len(hotline.dispatcher.claim(session, hotline.now, 10).claims) == 1  # ... and died
    hotline.now = FIRST - DAY
    hotline.ask(id, "Step 3")
    hotline.tick()
    hotline.enter(id, CORRECTED)
    hotline.run_until(FIRST + DAY)
    bodies = [text.body for text in hotline.carrier.texts[sent:]]
    assert bodies[0] == "Step 3"
    assert len(bodies) == 2
    assert "days left" in bodies[1]


def test_erased_person_gets_nothing_more(hotline: Hotline) -> None:
    """DELETE takes the rows and the messages with it."""
    id = hotline.remember(PHONE, ENTRY)
    hotline.ask(id, "Step 7")
    with hotline.database.writing() as session:
        session.delete(hotline.person(id))
    hotline.tick(FIRST)
    assert hotline.carrier.posts == 0


def test_tick_leaves_no_personal_data_in_events_and_logs(
    hotline: Hotline, caplog: pytest.LogCaptureFixture
) -> None:
    """Ids and codes only, also where the carrier refuses."""
    caplog.set_level(logging.DEBUG)
    hotline.remember(PHONE, ENTRY)
    hotline.carrier.answer_next(Outcome(OutcomeKind.FINAL, error_code=21211))
    events = hotline.tick(FIRST)
    logged = " ".join(record.getMessage() for record in caplog.records)
    assert "21211" in str(events)
    assert "21211" in logged
    for secret in (PHONE, PHONE[1:], "registration", "21 December"):
        assert secret not in str(events) + logged
