"""POST /voice from outside: calls that go as they should."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest

from db import Database
from db.tables import AnchorRow, ReminderRow
from hotline.guide.language import Script
from hotline.people import store
from hotline.people.model import SetLanguage, SetScript
from tests.telephone import PUBLIC_URL
from tests.voice.conftest import VoiceHotline
from tests.voice.records import (
    NUMBER,
    leave,
    leave_date,
    leave_question,
    pending_reminders,
    person,
    waiting_texts,
)
from tests.watching import count


def test_no_voice_route_answers_get_or_redirects(hotline: VoiceHotline) -> None:
    """A redirect would lose the keys; only the fallback may be asked for by GET."""
    client = hotline.handset().telephone.client
    assert client.get("/voice").status_code == 405
    assert client.get("/voice/ky/menu-main/0/1").status_code == 405
    assert client.post("/voice/").status_code == 404


def test_language_key_is_remembered(hotline: VoiceHotline) -> None:
    """The first call asks; the next one goes straight to the main menu in the language chosen."""
    handset = hotline.handset().dial()
    assert handset.ids == ["voice-language-1", "voice-language-2", "voice-language-3"]
    assert handset.action == "/voice/-/language/0/1"
    assert handset.press("2").heard[0].language == "ru"
    assert person(hotline).language == "ru"
    again = hotline.handset().dial()
    assert (again.ids[0], again.heard[0].language) == ("voice-menu-main", "ru")


def test_whole_date_entry_stores_one_date_and_its_reminders(any_hotline: VoiceHotline) -> None:
    """Given, read back, confirmed: the date, its rows, and nothing before the confirming key."""
    handset = any_hotline.handset().dial().presses("1", "2", "4", "1", "3", "0511")
    assert "Кирген күнүңүз" in handset.heard[0].text
    assert count(any_hotline.database, AnchorRow) == count(any_hotline.database, ReminderRow) == 0
    handset.press("1")
    assert handset.ids[0] == "voice-date-stored"
    assert person(any_hotline).dates == {"entry": date(2026, 11, 5)}
    assert count(any_hotline.database, ReminderRow) > 0


def test_date_corrected_in_the_same_call_is_the_second(any_hotline: VoiceHotline) -> None:
    """Confirm a date, correct it in the same call: the second is stored."""
    handset = any_hotline.handset().dial().presses("1", "2", "4", "1", "1", "1", "1", "3", "0511", "1")
    assert handset.ids[0] == "voice-date-stored"
    assert person(any_hotline).dates == {"entry": date(2026, 11, 5)}
    handset.presses("1", "2", "1")
    assert person(any_hotline).dates == {"entry": date(2026, 11, 21)}


def test_new_entry_by_voice_is_told_and_reminded_of_again(any_hotline: VoiceHotline) -> None:
    """DONE 7 was said of the entry before: of a new one registration is told, its reminders are planned."""
    leave_date(any_hotline)
    any_hotline.handset().ring("ky", "confirm-done").presses("1", "1")
    assert person(any_hotline).done == {"d05"}
    assert "d05" not in pending_reminders(any_hotline)
    handset = any_hotline.handset().ring("ky", "confirm-date").presses("1", "1", "1")
    assert handset.ids[:2] == ["voice-date-stored", "voice-registration-left"]
    assert "voice-we-remind" in handset.ids
    assert person(any_hotline).done == frozenset()
    assert "d05" in pending_reminders(any_hotline)


@pytest.mark.parametrize(
    ("script", "spelled"), [(None, False), (Script.CYRILLIC, False), (Script.LATIN, True)]
)
def test_texts_of_a_call_come_in_the_letters_that_the_person_chose(
    any_hotline: VoiceHotline, script: Script | None, spelled: bool
) -> None:
    """Key 8 in a step: every page once, in one script alone."""
    if script is not None:
        leave(any_hotline, SetLanguage("ky"), SetScript(script))
    any_hotline.handset().ring("ky", "step-07-0").presses("8")
    texts = waiting_texts(any_hotline)
    assert [text.isascii() for text in texts] == [spelled] * len(any_hotline.guide.text("ky", "07").pages)


def test_date_by_voice_closes_the_question_asked_by_sms(any_hotline: VoiceHotline) -> None:
    """A later OK must not put an older date in place of the one given in the call."""
    leave_date(any_hotline)
    leave_question(any_hotline, date(2026, 10, 30))
    any_hotline.handset().ring("ky", "confirm-date").presses("1", "3", "0511")
    assert person(any_hotline).question is not None
    any_hotline.handset().ring("ky", "confirm-date").presses("1", "3", "0511", "1")
    known = person(any_hotline)
    assert (known.dates, known.question) == ({"entry": date(2026, 11, 5)}, None)


def test_operator_is_rung_and_the_call_comes_back(hotline: VoiceHotline) -> None:
    """7 rings the operator; afterwards the call is where it was, or asks whether to leave a message."""
    handset = hotline.handset().dial().presses("1", "2", "1", "7")
    assert handset.dialled == "+996312000999"
    assert handset.talk_ends("busy").ids == ["voice-person-busy", "voice-message-offer"]
    handset.press("7")
    assert handset.talk_ends("completed").ids == ["step-07-0"]


def test_whoever_is_rung_has_a_moment_first(hotline: VoiceHotline) -> None:
    """A call from the hotline begins with a pause; no other answer does."""
    handset = hotline.handset().ring("ru", "confirm-stop")
    assert handset.answer.startswith(b'<?xml version="1.0" encoding="UTF-8"?><Response><Pause length="1"')
    assert b"<Pause" not in handset.press("").answer
    assert b"<Pause" not in hotline.handset().dial().answer


def test_answers_stay_small(hotline: VoiceHotline) -> None:
    """No document is larger than 4 kB, with absolute addresses and the longest menus and dates."""
    handset = hotline.handset().dial()
    sizes = [len(handset.answer)]
    for key in ("", "1", "2", "4", "1", "2", "1", "2", "9", "0"):
        sizes.append(len(handset.press(key).answer))
    addresses = handset.answer.count(b"<Play>") + 3
    assert max(sizes) + addresses * len(PUBLIC_URL) < 4096


def test_late_evening_counts_as_the_earliest_day(hotline: VoiceHotline) -> None:
    """At 21:30 UTC "today" is the day in Kaliningrad."""
    hotline.now_utc = datetime(2026, 11, 22, 21, 30, tzinfo=UTC)
    hotline.handset().dial().presses("1", "2", "4", "1", "1", "1")
    assert person(hotline).dates == {"entry": date(2026, 11, 22)}


def test_language_that_is_no_longer_offered_asks_again(hotline: VoiceHotline) -> None:
    """A stored language that the hotline does not have any more: the question comes again."""
    with hotline.database.writing() as session:
        contact = store.find(session, hotline.vault, NUMBER)
        hotline.effects.apply(session, contact, (SetLanguage("uz"),), hotline.now_utc)
    assert hotline.handset().dial().ids[0] == "voice-language-1"


def test_addresses_are_absolute_where_the_public_url_is_given(
    open_hotline: Callable[..., VoiceHotline], sqlite: Database
) -> None:
    """Behind a path prefix only absolute addresses reach the hotline; without one they are root-relative."""
    relative = open_hotline(sqlite).handset().dial()
    assert relative.action == "/voice/-/language/0/1"
    assert b"<Play>/audio/ky/voice-language-1" in relative.answer
    absolute = open_hotline(sqlite, PUBLIC_URL).handset().dial()
    assert absolute.action == f"{PUBLIC_URL}/voice/-/language/0/1"
    assert f"<Play>{PUBLIC_URL}/audio/ky/voice-language-1".encode() in absolute.answer
