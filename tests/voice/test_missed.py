"""Rings at a number for missed calls: not answered, called back, at nobody's cost but the hotline's."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select

from db.tables import AnswerRow, MessageRow, PersonRow
from hotline.people.model import Refusal, RingBack, Stopped
from hotline.voice import menu, places
from hotline.voice.model import Caller
from hotline.voice.places import LANGUAGE, MAIN, Kind
from tests.together import at_once
from tests.voice.conftest import MISSED, VoiceHotline
from tests.voice.records import broken, leave_calls, leave_date, person
from tests.voice.test_places import every_place
from tests.voice.test_voice_privacy import HIDDEN
from tests.voice.test_voice_replays import MOST_STATEMENTS
from tests.voice.turns import GUIDE, KNOWN, STORED, TODAY, ids
from tests.watching import count, statements

BUSY = b'<?xml version="1.0" encoding="UTF-8"?><Response><Reject reason="busy" /></Response>'
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def waiting(hotline: VoiceHotline) -> list[str]:
    """Where the calls begin that wait to be placed."""
    with hotline.database.reading() as session:
        rows = session.scalars(select(MessageRow).where(MessageRow.state == "pending")).all()
    return [hotline.vault.open(row.body_sealed, "messages.body", row.id) for row in rows]


def test_ring_is_not_answered_but_called_back(any_hotline: VoiceHotline) -> None:
    """Busy; the clock is woken once the answer is through, when the line is free again."""
    handset = any_hotline.handset()
    with statements(any_hotline.database) as seen:
        handset.dial(MISSED)
    assert handset.answer == BUSY
    assert len(seen) <= MOST_STATEMENTS, seen
    assert waiting(any_hotline) == ["language"]
    assert any_hotline.woken == []
    handset.read_to_end()
    assert any_hotline.woken == [any_hotline.now_utc]


def test_other_numbers_of_the_hotline_answer(hotline: VoiceHotline) -> None:
    """The mode is the number's."""
    assert hotline.handset().dial().ids[0] == "voice-language-1"
    assert waiting(hotline) == []


def test_replayed_ring_brings_one_call_and_the_same_bytes(any_hotline: VoiceHotline) -> None:
    """The same CallSid again, even when the call back is long over."""
    handset = any_hotline.handset().dial(MISSED)
    for later in (timedelta(0), timedelta(hours=30)):
        any_hotline.now_utc += later
        again = handset.telephone.post("/voice", handset.params())
        assert again.data == BUSY
    assert count(any_hotline.database, MessageRow) == 1


def test_simultaneous_replays_of_a_ring_bring_one_call(any_hotline: VoiceHotline) -> None:
    """The same webhook from 8 threads at once."""
    params = any_hotline.handset().dial(MISSED).params(CallSid="CA" + "e" * 32)
    answers: list[bytes] = []
    barrier = threading.Barrier(8)

    def post() -> None:
        telephone = any_hotline.handset().telephone
        barrier.wait()
        answers.append(telephone.post("/voice", params).data)

    at_once(*[post] * 8)
    assert answers == [BUSY] * 8
    assert len(waiting(any_hotline)) == 1


def test_who_rings_twice_at_once_is_called_once(any_hotline: VoiceHotline) -> None:
    """Two rings, one call back that waits."""
    any_hotline.handset().dial(MISSED)
    any_hotline.handset().dial(MISSED)
    assert waiting(any_hotline) == ["language"]


@pytest.mark.parametrize("number", HIDDEN)
def test_withheld_number_is_answered_and_nothing_is_stored(hotline: VoiceHotline, number: str) -> None:
    """There is nobody to call back, so nobody is cut off."""
    handset = hotline.handset(number).dial(MISSED)
    assert handset.rejected is None
    assert handset.ids[:3] == ["voice-number-hidden", "voice-may-cost", "voice-language-1"]
    assert handset.press("1").ids[0] == "voice-menu-main"
    for table in (PersonRow, AnswerRow, MessageRow):
        assert count(hotline.database, table) == 0


def test_ring_without_a_call_sid_is_answered(hotline: VoiceHotline) -> None:
    """It could not be told from its own replay, which would ring a second time."""
    handset = hotline.handset()
    answer = handset.telephone.post("/voice", {**handset.params(), "CallSid": "", "To": MISSED})
    assert b"<Reject" not in answer.data and b"voice-language-1" in answer.data
    assert waiting(hotline) == []


def test_ring_over_the_cap_is_answered_and_stays_so(any_hotline: VoiceHotline) -> None:
    """Nobody is turned away without a call back; the replay a day later still rings nobody."""
    leave_calls(any_hotline, 10)
    handset = any_hotline.handset()
    with statements(any_hotline.database) as seen:
        handset.dial(MISSED)
    assert handset.ids[:3] == ["voice-no-call-today", "voice-may-cost", "voice-language-1"]
    assert len(seen) <= MOST_STATEMENTS, seen
    any_hotline.now_utc += timedelta(hours=25)
    assert handset.telephone.post("/voice", handset.params()).data == handset.answer
    assert waiting(any_hotline) == []
    assert any_hotline.woken == []


def test_refused_ring_makes_nobody_known(any_hotline: VoiceHotline) -> None:
    """A number abroad that is not called back leaves only the sealed answer."""
    any_hotline.handset("+4915112345678").dial(MISSED)
    assert count(any_hotline.database, PersonRow) == count(any_hotline.database, MessageRow) == 0


def test_ring_is_answered_while_the_database_is_away(hotline: VoiceHotline) -> None:
    """A call back that cannot be stored would never come: the call goes on, and says that it may cost."""
    with broken(hotline.database):
        handset = hotline.handset().dial(MISSED)
        assert (handset.rejected, handset.ids[:2]) == (None, ["voice-may-cost", "voice-language-1"])
        assert handset.press("2").heard[0].language == "ru"
    assert hotline.woken == []


def test_call_back_says_no_step_before_a_key() -> None:
    """Whoever was cut off goes on with 6; whoever a stranger made the telephone ring for hears the menu."""
    caller = Caller(replace(STORED, stopped=Stopped("step-07-2", NOON)))
    call = replace(KNOWN, place=LANGUAGE, missed=True, at_utc=NOON, caller=caller)
    turn = menu.arrival(GUIDE, call, TODAY)
    assert (turn.rejects, turn.heard, turn.effects) == (True, (), (RingBack("menu-main"),))
    begun = replace(KNOWN, place=places.MAIN, proven=True, at_utc=NOON, caller=caller)
    arrived = menu.arrival(GUIDE, begun, TODAY)
    assert ids(arrived)[:2] == ["voice-menu-main", "voice-continue"]
    assert arrived.place is not None
    assert ids(menu.turn(GUIDE, replace(begun, place=arrived.place), "6", TODAY)) == ["step-07-2"]


@pytest.mark.parametrize("refusal", list(Refusal))
def test_every_refusal_has_words(refusal: Refusal) -> None:
    """At a ring and at the key; the call goes on where it was."""
    ring = menu.arrival(GUIDE, replace(KNOWN, missed=True, refused=refusal), TODAY)
    said = "voice-no-call-abroad" if refusal is Refusal.ABROAD else "voice-no-call-today"
    assert ids(ring)[:3] == [said, "voice-may-cost", "voice-menu-main"]
    key = menu.turn(GUIDE, replace(KNOWN, place=places.SERVICE, refused=refusal), "3", TODAY)
    assert (ids(key), key.place, key.effects) == ([said, "voice-menu-service"], places.SERVICE, ())


def test_whoever_answers_a_call_back_hears_nothing_stored_before_a_key() -> None:
    """Somebody else may have made it ring: wherever it can begin, no date is said and nothing changes."""
    caller = Caller(replace(STORED, stopped=Stopped("step-07-0", NOON)))
    begins = [LANGUAGE, MAIN, *(place for place in every_place(GUIDE) if place.kind is Kind.STEP)]
    for place in begins:
        call = replace(KNOWN, place=place, proven=True, caller=caller, at_utc=NOON)
        turn = menu.arrival(GUIDE, call, TODAY)
        assert not any(heard.spoken.values or heard.spoken.count for heard in turn.heard), place
        assert not turn.stores, place
    first = replace(KNOWN, place=places.step("07"), proven=True, caller=caller)
    assert "voice-registration-left" in ids(menu.turn(GUIDE, replace(first, turns=1), "9", TODAY))


def test_spoofed_ring_learns_and_changes_nothing(any_hotline: VoiceHotline) -> None:
    """Who pretends to be the owner hears busy; the owner's telephone rings and says what anybody may hear."""
    leave_date(any_hotline, date(2026, 11, 1))
    any_hotline.handset().dial().presses("2", "1").read_to_end()
    before = person(any_hotline)
    assert any_hotline.handset().dial(MISSED).answer == BUSY
    assert waiting(any_hotline) == ["menu-main"]
    owner = any_hotline.handset().ring("ky", "menu-main")
    assert owner.ids[:2] == ["voice-menu-main", "voice-continue"]
    assert person(any_hotline) == before
