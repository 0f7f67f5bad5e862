"""On the last days whoever is not reached one way is reached the other: rules of the service, Reminders."""

from datetime import UTC, date, datetime, timedelta

import pytest

from db import Database
from hotline.carriers.base import Outcome, OutcomeKind, outcome_of_error
from hotline.guide.model import Guide
from hotline.people.model import RemindBy, SaveDate, SetLanguage
from hotline.people.privacy import Vault
from tests.reminders.conftest import MOSCOW, Hotline

ENTRY = date(2026, 11, 22)
PHONE = "+996555123456"
EARLY = datetime(2026, 11, 29, 7, tzinfo=UTC)  # entry + 7, the opening of the window
LAST = datetime(2026, 12, 21, 7, tzinfo=UTC)  # the last day
MINUTE = timedelta(minutes=1)


def hear_out(hotline: Hotline) -> None:
    """The last call is answered, and its words are heard."""
    hotline.receive(hotline.carrier.calls[-1].attempt, "completed", sid=hotline.carrier.calls[-1].sid)


def through_the_window(hotline: Hotline, at: datetime) -> None:
    hotline.run_until(at + timedelta(hours=3))


@pytest.mark.parametrize("code", [30003, 30006, None])
def test_undelivered_text_of_the_last_day_is_followed_by_a_call(hotline: Hotline, code: int | None) -> None:
    """Whatever the carrier gives as the reason, or none."""
    id = hotline.remember(PHONE, ENTRY)
    hotline.tick(LAST)
    hotline.receive(hotline.carrier.texts[-1].attempt, "undelivered", code)
    hotline.run_until(LAST + 40 * MINUTE)
    (call,) = hotline.carrier.calls
    assert (call.to, call.url.split("/")[-3]) == (PHONE, "remind-d05.d09")
    hotline.receive(call.attempt, "completed", sid=call.sid)
    through_the_window(hotline, LAST)
    assert (len(hotline.carrier.texts), len(hotline.carrier.calls)) == (1, 1)
    assert hotline.states(id, "d05")[-1] == "delivered"


def test_words_chosen_anew_use_up_no_attempt(hotline: Hotline) -> None:
    """Another language five times while nothing goes out: what was never handed over was no attempt."""
    id = hotline.remember(PHONE, ENTRY)
    hotline.carrier.answer_always(Outcome(OutcomeKind.RETRY))
    hotline.tick(LAST)
    for language in ("ru", "ky", "en", "ru", "ky"):
        hotline.change(id, SetLanguage(language))
        hotline.tick(hotline.now + 2 * MINUTE)
    hotline.carrier.answer_always(None)
    hotline.tick(hotline.now + 2 * MINUTE)
    (text,) = hotline.carrier.texts
    hotline.receive(text.attempt, "undelivered", 30003)
    hotline.run_until(hotline.now + 41 * MINUTE)
    hear_out(hotline)
    through_the_window(hotline, LAST)
    assert (len(hotline.carrier.texts), len(hotline.carrier.calls)) == (1, 1)


@pytest.mark.parametrize("code", [21408, 21614])
def test_refused_text_of_the_last_day_is_followed_by_a_call(hotline: Hotline, code: int) -> None:
    """In the same tick; not answered, once more half an hour later, as everywhere."""
    hotline.remember(PHONE, ENTRY)
    hotline.carrier.answer_next(outcome_of_error(400, code))
    hotline.tick(LAST)
    (call,) = hotline.carrier.calls
    hotline.receive(call.attempt, "no-answer", sid=call.sid)
    through_the_window(hotline, LAST)
    assert (len(hotline.carrier.texts), len(hotline.carrier.calls)) == (0, 2)


def test_refused_text_before_the_last_days_rings_nobody(hotline: Hotline) -> None:
    """There is time: the next text is tried on its day."""
    id = hotline.remember(PHONE, ENTRY)
    hotline.carrier.answer_next(outcome_of_error(400, 21614))
    through_the_window(hotline, EARLY)
    assert (hotline.carrier.calls, hotline.states(id, "d05")[0]) == ([], "failed")


@pytest.mark.parametrize("as_receipt", [False, True])
def test_who_has_opted_out_at_the_carrier_is_not_rung(hotline: Hotline, as_receipt: bool) -> None:
    """21610 is a STOP that the carrier has heard: it holds for calls too."""
    hotline.remember(PHONE, ENTRY)
    if not as_receipt:
        hotline.carrier.answer_next(outcome_of_error(400, 21610))
    hotline.tick(LAST)
    if as_receipt:
        hotline.receive(hotline.carrier.texts[-1].attempt, "failed", 21610)
    through_the_window(hotline, LAST)
    assert (hotline.carrier.posts, hotline.carrier.calls) == (1, [])


def test_third_trouble_of_the_carrier_in_the_last_days_is_followed_by_a_call(hotline: Hotline) -> None:
    """Three texts end with the carrier's own error: the call does not wait for tomorrow."""
    day_before = LAST - timedelta(days=1)
    hotline.remember(PHONE, ENTRY)
    hotline.tick(day_before)
    for _ in range(3):
        hotline.receive(hotline.carrier.texts[-1].attempt, "undelivered", 30500)
        hotline.run_until(hotline.now + 11 * MINUTE)
    assert (len(hotline.carrier.texts), len(hotline.carrier.calls)) == (3, 1)


def test_text_that_the_carrier_does_not_take_for_40_minutes_becomes_a_call(hotline: Hotline) -> None:
    """Refused for a reason that nobody knows, again and again; once it rings, no text follows."""
    hotline.remember(PHONE, ENTRY)
    hotline.carrier.answer_always(Outcome(OutcomeKind.REFUSED, error_code=99999))
    hotline.tick(LAST)
    hotline.run_until(LAST + 39 * MINUTE)
    hotline.carrier.answer_always(None)
    hotline.tick(LAST + 41 * MINUTE)
    hear_out(hotline)
    through_the_window(hotline, LAST)
    assert (len(hotline.carrier.texts), len(hotline.carrier.calls)) == (0, 1)


@pytest.mark.parametrize("at", [EARLY, LAST])
def test_call_that_cannot_be_placed_is_a_text(hotline: Hotline, at: datetime) -> None:
    """Who chose calls and cannot be called is written to the same day."""
    id = hotline.remember(PHONE, ENTRY)
    hotline.change(id, RemindBy("call"))
    hotline.carrier.answer_next(outcome_of_error(400, 21214))
    hotline.tick(at)
    (text,) = hotline.carrier.texts
    hotline.receive(text.attempt, "delivered", sid=text.sid)
    through_the_window(hotline, at)
    assert (hotline.carrier.posts, hotline.carrier.calls) == (2, [])


def test_call_that_is_refused_again_for_an_unknown_reason_is_a_text(hotline: Hotline) -> None:
    """Not at once: the carrier may only be in trouble. Whoever chose calls is written to the same day."""
    id = hotline.remember(PHONE, ENTRY)
    hotline.change(id, RemindBy("call"))
    hotline.carrier.answer_next(outcome_of_error(400, 21216), times=2)
    hotline.tick(EARLY)
    assert hotline.carrier.texts == []
    through_the_window(hotline, EARLY)
    assert (len(hotline.carrier.texts), len(hotline.carrier.calls)) == (1, 0)


def test_text_that_was_barred_is_sent_once_the_country_is_open(hotline: Hotline) -> None:
    """It never went out. Rung twice in vain meanwhile, the person is written to all the same."""
    hotline.remember(PHONE, ENTRY)
    hotline.carrier.answer_next(outcome_of_error(400, 21408))
    hotline.tick(LAST)
    for _ in range(2):
        hotline.receive(hotline.carrier.calls[-1].attempt, "no-answer", sid=hotline.carrier.calls[-1].sid)
        hotline.run_until(hotline.now + 31 * MINUTE)
    assert (len(hotline.carrier.texts), len(hotline.carrier.calls)) == (1, 2)


def test_country_barred_for_both_ways_is_not_tried_for_ever(hotline: Hotline) -> None:
    """Neither way takes its turn again and again."""
    hotline.remember(PHONE, ENTRY)
    hotline.carrier.answer_always(outcome_of_error(400, 21408))
    hotline.tick(LAST)
    through_the_window(hotline, LAST)
    assert len(hotline.messages()) <= 3


def test_row_that_a_call_cannot_say_asks_for_no_call_the_next_day(hotline: Hotline) -> None:
    """A text of two people is not delivered: the owner is rung that day, and written to the day after."""
    id = hotline.remember(PHONE)
    hotline.change(id, SaveDate("entry", ENTRY), SaveDate("entry", ENTRY + timedelta(days=7), 1))
    at = LAST - timedelta(days=2)  # a day of both
    hotline.tick(at)
    hotline.receive(hotline.carrier.texts[-1].attempt, "undelivered", 30003)
    hotline.run_until(at + 45 * MINUTE)
    hotline.receive(hotline.carrier.calls[-1].attempt, "completed", sid=hotline.carrier.calls[-1].sid)
    hotline.run_until(at + timedelta(days=1))
    assert (len(hotline.carrier.texts), len(hotline.carrier.calls)) == (2, 1)


@pytest.mark.parametrize("receipt", [("undelivered", 30003), ("undelivered", 30005), None])
def test_last_day_of_a_family_member_alone_rings_nobody(
    hotline: Hotline, receipt: tuple[str, int] | None
) -> None:
    """A call speaks to the owner of the telephone, of whom nothing is due."""
    id = hotline.remember(PHONE)
    hotline.change(id, SaveDate("entry", ENTRY, 1))
    hotline.tick(LAST)
    if receipt:
        hotline.receive(hotline.carrier.texts[-1].attempt, *receipt)
    through_the_window(hotline, LAST)
    assert (len(hotline.carrier.texts), hotline.carrier.calls) == (1, [])


def test_call_of_the_last_day_that_nobody_answers_twice_is_a_text(hotline: Hotline) -> None:
    """Half an hour after the second ring; however silent that text stays, there is no third ring."""
    id = hotline.remember(PHONE, ENTRY)
    hotline.change(id, RemindBy("call"))
    hotline.tick(LAST)
    for _ in range(2):
        hotline.receive(hotline.carrier.calls[-1].attempt, "no-answer", sid=hotline.carrier.calls[-1].sid)
        hotline.run_until(hotline.now + 30 * MINUTE)
    through_the_window(hotline, LAST)
    assert (len(hotline.carrier.texts), len(hotline.carrier.calls)) == (1, 2)


def test_call_of_the_last_day_does_not_wait_for_the_window_to_close(hotline: Hotline) -> None:
    """Half past eleven: in forty minutes nobody may be rung. It rings now, and once more before twelve."""
    hotline.remember(PHONE, ENTRY)
    hotline.tick(LAST + 90 * MINUTE)
    hotline.receive(hotline.carrier.texts[-1].attempt, "undelivered", 30003)
    for _ in range(2):
        hotline.run_until(hotline.now + 2 * MINUTE)
        hotline.receive(hotline.carrier.calls[-1].attempt, "no-answer", sid=hotline.carrier.calls[-1].sid)
    through_the_window(hotline, LAST)
    assert len(hotline.carrier.calls) == 2


@pytest.mark.parametrize(("minute", "rings_at"), [(70, 105), (85, 105), (100, 105), (110, 115), (116, None)])
def test_silent_text_of_the_last_day_is_rung_before_the_window_closes(
    hotline: Hotline, minute: int, rings_at: int | None
) -> None:
    """Forty minutes would be over after twelve: five are enough in the last quarter of an hour."""
    hotline.remember(PHONE, ENTRY)
    hotline.tick(LAST + minute * MINUTE)
    for at in (rings_at - 1, rings_at) if rings_at else (119,):
        assert hotline.carrier.calls == []
        hotline.run_until(LAST + at * MINUTE + timedelta(seconds=2))
    assert len(hotline.carrier.calls) == (rings_at is not None)


def test_text_that_arrived_late_in_the_window_rings_nobody(hotline: Hotline) -> None:
    """Nor one whose receipt comes within the five minutes."""
    hotline.remember(PHONE, ENTRY)
    hotline.tick(LAST + 100 * MINUTE)
    hotline.receive(hotline.carrier.texts[-1].attempt, "delivered")
    through_the_window(hotline, LAST)
    assert hotline.carrier.calls == []


def test_text_that_cannot_be_looked_up_in_time_is_rung(hotline: Hotline) -> None:
    """Its answer was lost, and the carrier's list is down: after 40 minutes a call; no text follows it."""
    hotline.remember(PHONE, ENTRY)
    hotline.carrier.answer_next(Outcome(OutcomeKind.UNKNOWN))
    hotline.carrier.can_list = False
    hotline.tick(LAST)
    hotline.run_until(LAST + 39 * MINUTE)
    assert hotline.carrier.calls == []
    hotline.run_until(LAST + 41 * MINUTE)
    hear_out(hotline)
    hotline.carrier.can_list = True
    through_the_window(hotline, LAST)
    assert (len(hotline.carrier.texts), len(hotline.carrier.calls)) == (0, 1)


def test_text_whose_lost_answer_is_found_is_not_rung(hotline: Hotline) -> None:
    """It was not sent, and goes a quarter of an hour later; its receipt comes."""
    hotline.remember(PHONE, ENTRY)
    hotline.carrier.answer_next(Outcome(OutcomeKind.UNKNOWN))
    hotline.tick(LAST)
    hotline.run_until(LAST + 20 * MINUTE)
    hotline.receive(hotline.carrier.texts[-1].attempt, "delivered")
    through_the_window(hotline, LAST)
    assert (len(hotline.carrier.texts), hotline.carrier.calls) == (1, [])


def test_every_trouble_is_told(hotline: Hotline) -> None:
    """A country that is barred does not hide that last days were missed."""
    hotline.remember("+79161234567", date(2026, 12, 14))
    hotline.remember(PHONE, ENTRY)
    hotline.carrier.answer_always(outcome_of_error(400, 21408))
    hotline.tick(LAST)
    hotline.dispatcher.missed.note(2, LAST.date())
    assert hotline.dispatcher.trouble is not None
    told = hotline.dispatcher.trouble.split("; ")
    assert {"carrier: sms to RU is not permitted: 21408", hotline.dispatcher.missed.problem} < set(told)


def test_country_that_is_not_permitted_is_told_and_keeps_no_other_back(hotline: Hotline) -> None:
    """21408 is the operator's to mend: /healthz names the country until a text gets there, all rows wait."""
    kyrgyz, russian = hotline.remember(PHONE, ENTRY), hotline.remember("+79161234567", ENTRY)
    barred = outcome_of_error(400, 21408)
    hotline.carrier.answer_for("+996", barred)
    hotline.tick(EARLY)
    assert (hotline.states(kyrgyz, "d05")[0], hotline.states(russian, "d05")[0]) == ("pending", "sent")
    assert hotline.dispatcher.trouble == "carrier: sms to KG is not permitted: 21408"
    hotline.carrier.answer_for("+996", None)
    hotline.run_until(EARLY + 5 * MINUTE)
    assert hotline.states(kyrgyz, "d05")[0] == "sent"
    assert hotline.dispatcher.trouble is None


def test_undelivered_text_to_a_country_that_is_not_called_is_tried_five_times_at_most(
    sqlite: Database, vault: Vault, guide: Guide
) -> None:
    """No call goes there: what was to ring is written, in bounds."""
    hotline = Hotline(sqlite, vault, guide, MOSCOW)
    hotline.remember("+4915112345678", ENTRY)
    hotline.carrier.after_accept = lambda text: hotline.receive(text.attempt, "undelivered", 30008)
    hotline.tick(LAST)
    through_the_window(hotline, LAST)
    hotline.dispatcher.close()
    assert 1 <= hotline.carrier.posts <= 5


def test_refused_text_to_a_country_that_is_not_called_is_tried_once(
    sqlite: Database, vault: Vault, guide: Guide
) -> None:
    """There is no other way."""
    hotline = Hotline(sqlite, vault, guide, MOSCOW)
    hotline.remember("+4915112345678", ENTRY)
    hotline.carrier.answer_always(outcome_of_error(400, 21614))
    hotline.tick(LAST)
    through_the_window(hotline, LAST)
    hotline.dispatcher.close()
    assert hotline.carrier.posts == 1


def test_text_about_the_family_is_no_attempt_of_the_owner(hotline: Hotline) -> None:
    """Two calls of the owner's last day are not answered: a text follows, though one told of a child."""
    id = hotline.remember(PHONE, ENTRY)
    hotline.change(id, RemindBy("call"))
    hotline.change(id, SaveDate("entry", ENTRY + timedelta(days=1), 1))
    hotline.now = LAST - timedelta(hours=1)
    hotline.run_until(LAST + 2 * MINUTE)
    assert (len(hotline.carrier.texts), len(hotline.carrier.calls)) == (1, 1)
    for _ in range(2):
        hotline.receive(hotline.carrier.calls[-1].attempt, "no-answer", sid=hotline.carrier.calls[-1].sid)
        hotline.run_until(hotline.now + 31 * MINUTE)
    assert (len(hotline.carrier.texts), len(hotline.carrier.calls)) == (2, 2)
    assert "Person 1: Today" in hotline.carrier.texts[-1].body
