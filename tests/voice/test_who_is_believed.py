"""The spoofed, the withheld and the shared number, played: what they hear, change and leave behind."""

from __future__ import annotations

import random
from datetime import date

import pytest
from sqlalchemy import select

from db.tables import AnchorRow, CallRow, MessageRow, OptOutRow, PersonRow
from hotline.people.call_limits import CallLimits
from hotline.people.model import Ask, OptIn, OptOut, SetLanguage
from hotline.people.questions import Asked, Question
from tests.voice.conftest import VoiceHotline
from tests.voice.handset import Handset
from tests.voice.records import leave, leave_date, pending_reminders, person, waiting_texts
from tests.watching import count

DAY = date(2026, 11, 1)
KEYS = [*"0123456789*#", "07", "12", "0511", "0111", ""]
TOLD = {"voice-registration-left", "voice-date-read"}  # what is said of a stored day


def walk(handset: Handset, chance: random.Random, keys: int) -> list[str]:
    """Presses anything; what was heard. The call ends where the hotline ends it."""
    heard = list(handset.ids)
    for _ in range(keys):
        if handset.action is None:
            break
        heard += handset.press(chance.choice(KEYS)).ids
    return heard


def test_spoofed_caller_who_presses_anything_learns_and_changes_nothing(hotline: VoiceHotline) -> None:
    """Thirty calls with somebody's number: no stored day is said or changed, ten call backs at most."""
    leave_date(hotline, DAY)
    rows, chance = pending_reminders(hotline), random.Random(25)
    for number in range(30):
        near = ((), ("2", "4"), ("5",))[number % 3]  # where stored days, and STOP and DELETE are
        heard = walk(hotline.handset().dial().presses(*near), chance, 8)
        assert not TOLD & set(heard)
        assert not any(id.startswith(("day-", "month-", "year-", "weekday-")) for id in heard), heard
    known = person(hotline)
    assert known.dates == {"entry": DAY}
    assert (known.done, known.opted_out) == (frozenset(), False)
    assert pending_reminders(hotline) == rows
    assert count(hotline.database, OptOutRow) == 0
    with hotline.database.reading() as session:
        calls = session.scalars(select(MessageRow).where(MessageRow.channel == "call")).all()
    assert 0 < len(calls) <= CallLimits().per_number


def test_silent_call_sends_nothing_to_who_wants_no_messages(hotline: VoiceHotline) -> None:
    """A stranger with a false number says nothing: the digest would come unasked. Key 8 asks for it."""
    leave_date(hotline, DAY)
    leave(hotline, OptOut())
    assert hotline.handset().dial().presses("", "", "").ids == ["voice-bye"]
    assert waiting_texts(hotline) == []
    hotline.handset().dial().press("8")
    assert waiting_texts(hotline) != []


def test_start_by_key_promises_nothing_that_the_carrier_drops(hotline: VoiceHotline) -> None:
    """Who has sent STOP to the carrier is told to send START; after a STOP to us alone the key is enough."""
    leave_date(hotline, DAY)
    leave(hotline, OptOut(at_carrier=True))
    blocked = hotline.handset().ring("ky", "confirm-stop")
    assert blocked.ids == ["voice-confirm-start"]
    assert blocked.press("1").ids[:2] == ["voice-start-at-carrier", "voice-menu-main"]
    assert (person(hotline).opted_out, person(hotline).blocked) == (True, True)
    leave(hotline, OptIn(), OptOut())
    assert hotline.handset().ring("ky", "confirm-stop").press("1").ids[0] == "voice-started"
    assert not person(hotline).opted_out


def test_language_key_of_a_stranger_holds_for_the_call_alone(hotline: VoiceHotline) -> None:
    """The reminders of who has left a date stay readable; the caller is told, in the language just chosen."""
    leave_date(hotline, DAY)
    stranger = hotline.handset().dial().presses("5", "1", "3")
    assert stranger.ids[:2] == ["voice-language-this-call", "voice-menu-main"]
    assert {line.language for line in stranger.heard} == {"en"}
    assert stranger.press("1").heard[0].language == "en"
    assert person(hotline).language == "ky"
    assert "voice-language-this-call" not in hotline.handset().dial().presses("5", "1", "1").ids


def test_language_key_is_kept_where_it_can_do_no_harm(hotline: VoiceHotline) -> None:
    """Without a stored date, with one of this same call, and in a call that the hotline placed."""
    hotline.handset().dial().press("1").presses("5", "1", "2")
    assert person(hotline).language == "ru"
    hotline.handset().dial().presses("2", "4", "1", "1", "1", "0", "5", "1", "3")
    assert (person(hotline).language, len(person(hotline).dates)) == ("en", 1)
    hotline.handset().ring("en", "menu-main").presses("5", "1", "1")
    assert person(hotline).language == "ky"


@pytest.mark.parametrize(
    "place", ["menu-main", "confirm-stop", "confirm-forget", "confirm-entry", "confirm-left"]
)
def test_call_back_says_nothing_that_is_stored_before_a_key(hotline: VoiceHotline, place: str) -> None:
    """A shared telephone: whoever lifts it first hears that Kadam calls, not a day."""
    leave_date(hotline, DAY)
    heard = hotline.handset().ring("ky", place).ids
    assert not TOLD & set(heard)
    assert not any(id.startswith(("day-", "month-", "weekday-")) for id in heard), heard
    assert person(hotline).dates == {"entry": DAY}


@pytest.mark.parametrize("number", ["anonymous", "+266696687", "+7378742833"])
def test_two_withheld_callers_at_once_share_nothing(any_hotline: VoiceHotline, number: str) -> None:
    """Turn by turn between each other: each hears what it pressed, and nothing of either stays."""
    one, other = any_hotline.handset(number).dial(), any_hotline.handset(number).dial()
    assert one.ids == other.ids
    one.presses("3", "2", "4", "1", "3", "0511")
    heard = other.presses("1", "2", "4").ids
    assert not any(id.startswith(("day-", "month-")) for id in heard)
    chance = random.Random(7)
    for _ in range(20):
        for handset in (one, other):
            walk(handset, chance, 1)
    for table in (PersonRow, AnchorRow, CallRow, MessageRow):
        assert count(any_hotline.database, table) == 0


def test_number_that_has_a_new_owner_is_silenced_by_them(hotline: VoiceHotline) -> None:
    """A recycled SIM: in a call that the hotline places they stop the reminders, or erase what was left."""
    leave_date(hotline, DAY)
    hotline.handset().ring("ky", "confirm-stop").press("1")
    assert person(hotline).opted_out
    hotline.handset().ring("ky", "confirm-forget").press("1")
    assert person(hotline).dates == {}
    assert count(hotline.database, PersonRow) == 0


def test_stranger_leaves_no_date_while_another_waits_for_an_ok(hotline: VoiceHotline) -> None:
    """The owner was asked about a date sent by text: the call rings back, and an OK still answers that."""
    leave(hotline, SetLanguage("ky"), Ask(Question(Asked.SAVE_DATE, date(2026, 9, 20))))
    handset = hotline.handset().dial().presses("2", "4", "1")
    assert "voice-ring-back" in handset.ids
    assert person(hotline).dates == {}
    assert person(hotline).question is not None
