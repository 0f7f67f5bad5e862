"""A message for the operator, by signed webhooks: never lost, never doubled, no number in the open."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from db import Database
from db.tables import PersonRow, VoiceMessageRow
from hotline.people import messages, store
from hotline.people.messages import Message, State
from tests.voice.conftest import VoiceHotline
from tests.voice.handset import Handset
from tests.voice.records import NUMBER, broken
from tests.voice.stages import HIDDEN
from tests.voice.test_voice_replays import MOST_STATEMENTS
from tests.watching import count, statements

SATURDAY = datetime(2026, 11, 28, 9, tzinfo=UTC)


def kept(hotline: VoiceHotline) -> list[Message]:
    with hotline.database.reading() as session:
        return messages.listed(session, hotline.vault)


def states(database: Database) -> list[tuple[str, bool]]:
    with database.reading() as session:
        return [(row.state, row.at_carrier) for row in session.scalars(select(VoiceMessageRow))]


def at_the_tone(hotline: VoiceHotline, number: str = NUMBER) -> Handset:
    """Somebody who is about to speak, having asked at the menu of terms, on a Saturday."""
    hotline.now_utc = SATURDAY
    return hotline.handset(number).dial().presses("1", "2", "7", "1")


def test_message_is_recorded_as_the_carrier_is_told(any_hotline: VoiceHotline) -> None:
    """Two minutes at most, four seconds of silence or hash end it, a tone first; a callback of its own."""
    recording = at_the_tone(any_hotline).recording
    assert recording["action"] == "/voice/ky/record-menu-deadlines/0/5"
    assert (recording["maxLength"], recording["timeout"], recording["finishOnKey"]) == ("120", "4", "#")
    assert (recording["playBeep"], recording["trim"]) == ("true", "trim-silence")
    assert recording["recordingStatusCallback"].startswith("/receipts/recording#")
    assert recording["recordingStatusCallbackMethod"] == "POST"


def test_spoken_message_is_kept_with_its_caller(any_hotline: VoiceHotline) -> None:
    """The row is there with the answer already, so a callback that is lost costs nothing."""
    handset = at_the_tone(any_hotline).speak(4)
    assert handset.ids == ["voice-message-taken", "voice-menu-deadlines"]
    (message,) = kept(any_hotline)
    told = (message.seconds, message.language, message.phone, message.state, message.left_at_utc)
    assert told == (4, "ky", NUMBER, State.WAITING, SATURDAY)


def test_replayed_message_is_one_message_and_one_answer(any_hotline: VoiceHotline) -> None:
    """The same webhook again: the same bytes, no second row; as many statements as any other turn."""
    handset = at_the_tone(any_hotline)
    action = handset.action
    with statements(any_hotline.database) as seen:
        handset.speak(4)
    assert len(seen) <= MOST_STATEMENTS
    first, sid = handset.answer, handset.recording_sid
    handset.action, handset.recording = action, {"action": ""}
    assert handset.speak(4, sid).answer == first
    assert count(any_hotline.database, VoiceMessageRow) == 1


def test_callback_adds_nothing_to_a_message_that_is_known(any_hotline: VoiceHotline) -> None:
    """After the answer it only wakes whoever fetches; doubled it changes nothing."""
    handset = at_the_tone(any_hotline).speak(4)
    before = kept(any_hotline)
    any_hotline.woken.clear()
    assert [handset.recording_ready().status_code for _ in range(2)] == [204, 204]
    assert kept(any_hotline) == before
    assert len(any_hotline.woken) == 2


def test_callback_before_the_answer_is_the_same_message(any_hotline: VoiceHotline) -> None:
    """The carrier promises no order: the answer adds the caller and the language."""
    handset = at_the_tone(any_hotline)
    handset.recording_sid = "RE" + "7" * 32
    assert handset.recording_ready().status_code == 204
    assert [(message.phone, message.language) for message in kept(any_hotline)] == [(None, None)]
    handset.speak(4, handset.recording_sid)
    assert [(message.phone, message.language) for message in kept(any_hotline)] == [(NUMBER, "ky")]


def test_callback_that_cannot_be_stored_is_refused(hotline: VoiceHotline) -> None:
    """503, so that the carrier comes again, as the callback's address asks it to."""
    handset = at_the_tone(hotline)
    handset.recording_sid = "RE" + "7" * 32
    with broken(hotline.database, "INSERT"):
        assert handset.recording_ready().status_code == 503
    assert kept(hotline) == []
    assert handset.recording_ready().status_code == 204
    assert len(kept(hotline)) == 1


@pytest.mark.parametrize(
    ("other", "status"),
    [
        ({"RecordingSid": "RE1"}, 400),
        ({"RecordingSid": "../Messages"}, 400),
        ({"RecordingSid": ""}, 400),
        ({"RecordingStatus": "absent"}, 204),
        ({"RecordingStatus": "in-progress"}, 204),
    ],
)
def test_callback_of_no_message_stores_nothing(
    hotline: VoiceHotline, other: dict[str, str], status: int
) -> None:
    """What is no recording's SID is refused; a recording that is not completed is no message."""
    handset = at_the_tone(hotline)
    handset.recording_sid = "RE" + "7" * 32
    assert handset.recording_ready(**other).status_code == status
    assert count(hotline.database, VoiceMessageRow) == 0


def test_callback_without_the_carriers_signature_is_refused(hotline: VoiceHotline) -> None:
    """403, and nothing stored."""
    form = {"RecordingSid": "RE" + "7" * 32, "RecordingStatus": "completed"}
    telephone = hotline.handset().telephone
    assert telephone.client.post("/receipts/recording", data=form).status_code == 403
    assert telephone.post("/receipts/recording", form, token="another").status_code == 403
    assert count(hotline.database, VoiceMessageRow) == 0


def test_message_of_a_hidden_number_is_kept_without_a_person(any_hotline: VoiceHotline) -> None:
    """It may be left, twice the same webhook is one message; nobody is remembered."""
    handset = at_the_tone(any_hotline, HIDDEN)
    assert handset.ids == ["voice-message-hidden", "voice-message-speak"]
    action = handset.action
    handset.speak(9)
    assert handset.ids == ["voice-message-taken-hidden", "voice-menu-deadlines"]
    first, sid = handset.answer, handset.recording_sid
    handset.action, handset.recording = action, {"action": ""}
    assert handset.speak(9, sid).answer == first
    assert [(message.phone, message.seconds) for message in kept(any_hotline)] == [(None, 9)]
    assert count(any_hotline.database, PersonRow) == 0


def test_message_of_a_caller_who_hangs_up_is_kept(any_hotline: VoiceHotline) -> None:
    """The carrier asks the action all the same, though nobody hears its answer."""
    at_the_tone(any_hotline).speak(6, CallStatus="completed")
    assert [message.seconds for message in kept(any_hotline)] == [6]


def test_message_that_cannot_be_stored_is_told(hotline: VoiceHotline) -> None:
    """No false success: "not stored", and the call goes on where it was."""
    handset = at_the_tone(hotline)
    with broken(hotline.database):
        handset.speak(4)
    assert handset.ids == ["voice-not-stored", "voice-menu-deadlines"]


def test_forgetting_a_person_erases_the_messages(any_hotline: VoiceHotline) -> None:
    """Of what the carrier still has a bare SID stays, until it is deleted there; others keep theirs."""
    at_the_tone(any_hotline).speak(4)
    at_the_tone(any_hotline, "+996555000777").speak(5)
    with any_hotline.database.writing() as session:
        contact = store.find(session, any_hotline.vault, NUMBER)
        assert contact.id is not None
        store.forget(session, contact.id, any_hotline.now_utc)
    assert [message.phone for message in kept(any_hotline)] == ["+996555000777"]
    assert sorted(states(any_hotline.database)) == [("erased", True), ("waiting", True)]


def test_late_answer_does_not_bring_back_an_erased_message(any_hotline: VoiceHotline) -> None:
    """Neither the callback nor the answer once more: who has been forgotten stays so."""
    handset = at_the_tone(any_hotline).speak(4)
    with any_hotline.database.writing() as session:
        messages.erase(session, kept(any_hotline)[0].id)
    assert handset.recording_ready().status_code == 204
    assert states(any_hotline.database) == [("erased", True)]
    again = at_the_tone(any_hotline)
    again.speak(4, handset.recording_sid)
    assert states(any_hotline.database) == [("erased", True)]
    with any_hotline.database.reading() as session:
        assert session.scalars(select(VoiceMessageRow.person_id)).all() == [None]
