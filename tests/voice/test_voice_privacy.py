"""Who is believed, who is nobody, and what is seen of a person."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from datetime import date

import pytest

from db import Database
from db.tables import AnchorRow, AnswerRow, CallRow, MessageRow, PersonRow, ReminderRow
from hotline.people.model import Person
from hotline.people.numbers import usable_number
from hotline.voice.places import Wish
from tests.telephone import HOTLINE
from tests.voice.conftest import VoiceHotline
from tests.voice.records import broken, leave_date, pending_reminders, person
from tests.watching import count

HIDDEN = ["anonymous", "unknown", "", "Restricted", "+266696687", "+7378742833", "12345", "+1", "<script>"]
MOMENT_OR_SID = re.compile(r"T\d\d:\d\d:\d\d\.\d+Z|CA[0-9a-f]{32}")


@pytest.mark.parametrize("path", ["/voice", "/voice/ky/confirm-stop/0/1", "/voice/fallback"])
def test_unsigned_call_is_refused_and_stores_nothing(hotline: VoiceHotline, path: str) -> None:
    """No signature, a forged one, one of another token or body: 403 and an empty database."""
    handset = hotline.handset()
    params = {**handset.params(Digits="1"), "CallSid": "CA1", "Direction": "outbound-api"}
    client = handset.telephone.client
    answers = [
        client.post(path, data=params),
        client.post(path, data=params, headers={"X-Twilio-Signature": "forged="}),
        client.post(path, json=params, headers={"X-Twilio-Signature": "forged="}),
        handset.telephone.post(path, params, token="another token"),
    ]
    assert [answer.status_code for answer in answers] == [403] * 4
    assert count(hotline.database, PersonRow) == count(hotline.database, AnswerRow) == 0


def test_spoofed_call_learns_changes_and_silences_nothing(hotline: VoiceHotline) -> None:
    """Every wish of an unproven caller about stored data ends in a call back to the number itself."""
    leave_date(hotline)
    for keys in (("2", "4", "1"), ("2", "4", "2"), ("2", "4", "3"), ("5", "4"), ("5", "5")):
        handset = hotline.handset().dial().presses(*keys)
        assert (handset.ids, handset.action) == (["voice-ring-back"], None)
    known = person(hotline)
    assert known.dates == {"entry": date(2026, 11, 1)}
    assert (known.done, known.opted_out, known.language) == (frozenset(), False, "ky")
    assert count(hotline.database, MessageRow) == 5
    assert len(hotline.woken) == 5


def test_stranger_who_leaves_a_first_date_silences_nothing(any_hotline: VoiceHotline) -> None:
    """Nothing is stored of the number: a first date may be left and heard, but DONE needs a call back."""
    for key in ("1", "2", "3"):
        number = f"+99655500000{key}"
        handset = any_hotline.handset(number).dial().presses("1", "2", "4", "1", "1", "1")
        assert handset.ids[0] == "voice-date-stored"
        if key != "3":
            assert handset.press("2").ids[0] == "voice-registration-left"
        assert (handset.press(key).ids, handset.action) == (["voice-ring-back"], None)
        assert person(any_hotline, number).done == frozenset()
        assert pending_reminders(any_hotline)


@pytest.mark.parametrize("before", [(), ("3", "0511", "1", "1")], ids=["first date", "correction"])
@pytest.mark.parametrize("keys", ["1", "**1", "**2", "**3", "*1", "*2"])
def test_guessed_day_proves_nothing(any_hotline: VoiceHotline, before: tuple[str, ...], keys: str) -> None:
    """A day that waits for its confirming key is not set: it may be the one that the owner stores meanwhile.

    Nor does a date that this call has stored before make a guess of the next one right.
    """
    handset = any_hotline.handset().dial().presses("1", "2", "4", "1", *before, "3", "0111")
    assert handset.ids == ["voice-date-read", "voice-date-right"]
    leave_date(any_hotline, date(2026, 11, 1))
    assert (handset.presses(*keys).ids, handset.action) == (["voice-ring-back"], None)
    assert person(any_hotline).dates == {"entry": date(2026, 11, 1)}


def test_date_of_this_call_is_no_longer_its_own_once_it_is_changed(any_hotline: VoiceHotline) -> None:
    """Whoever stored a date in this call hears it wherever the call goes, but not one that came meanwhile."""
    handset = any_hotline.handset().dial().presses("1", "2", "4", "1", "3", "0511", "1")
    handset.presses("0", "5", "2", "07", "*", "4", "2")
    assert handset.ids[0] == "voice-registration-left"
    leave_date(any_hotline, date(2026, 11, 1))
    assert handset.press("9").ids == ["voice-dates"]
    assert handset.press("2").ids == ["voice-ring-back"]


def test_own_number_of_the_hotline_is_nobody(hotline: VoiceHotline) -> None:
    """A call that pretends to come from the hotline itself makes it ring nobody and remembers nothing."""
    leave_date(hotline, number=HOTLINE)
    handset = hotline.handset(HOTLINE).dial()
    assert handset.ids[0] == "voice-language-1"
    assert handset.presses("1", "5", "3").ids[0] == "voice-number-hidden"
    assert handset.press("8").ids[0] == "voice-number-hidden"
    assert hotline.handset(HOTLINE).ring("ky", "confirm-stop").press("1").ids[0] == "voice-number-hidden"
    assert not person(hotline, HOTLINE).opted_out
    assert count(hotline.database, AnswerRow) == count(hotline.database, MessageRow) == 0


@pytest.mark.parametrize("wish", list(Wish))
@pytest.mark.parametrize("number", ["anonymous", "+266696687", "", "+996555123456"])
def test_confirming_key_of_nobody_is_answered(hotline: VoiceHotline, number: str, wish: Wish) -> None:
    """In a call that the hotline placed, no usable number or no CallSid: said so, and nothing is stored."""
    handset = hotline.handset(number)
    handset.direction, handset.action = "outbound-api", f"/voice/ky/confirm-{wish}/0/1"
    handset.sid = "" if usable_number(number) else "CA1"
    assert handset.press("1").ids[0] == "voice-number-hidden"
    assert handset.action is not None
    assert count(hotline.database, PersonRow) == count(hotline.database, AnswerRow) == 0


def test_direction_of_the_call_is_what_proves(any_hotline: VoiceHotline) -> None:
    """The confirming key works in a call that the hotline placed, to the number that it rang."""
    leave_date(any_hotline)
    inbound = any_hotline.handset().dial()
    inbound.action = "/voice/ky/confirm-forget/0/1"
    assert inbound.press("1").ids == ["voice-ring-back"]
    assert person(any_hotline).dates
    ours = any_hotline.handset().ring("ky", "confirm-forget")
    assert ours.ids == ["voice-confirm-forget"]
    assert ours.press("1").ids[0] == "voice-forgotten"
    assert person(any_hotline) == Person()
    assert count(any_hotline.database, AnchorRow) == count(any_hotline.database, ReminderRow) == 0


def test_stop_and_start_by_voice(any_hotline: VoiceHotline) -> None:
    """In a proven call 1 stops the messages; asked again, the call offers to start them."""
    leave_date(any_hotline)
    any_hotline.handset().ring("ky", "confirm-stop").press("1")
    assert person(any_hotline).opted_out
    again = any_hotline.handset().ring("ky", "confirm-stop")
    assert again.ids == ["voice-confirm-start"]
    again.press("1")
    assert not person(any_hotline).opted_out


@pytest.mark.parametrize("number", HIDDEN)
def test_hidden_number_is_nobody(hotline: VoiceHotline, number: str) -> None:
    """The call works from end to end; nothing at all is stored, and the next such call knows nothing."""
    handset = hotline.handset(number).dial()
    assert handset.ids[0] == "voice-language-1"
    handset.presses("3", "8", "1", "1", "8", "0", "2", "4", "1", "0", "5", "3", "4", "5", "0")
    assert handset.ids[0] == "voice-menu-main"
    assert hotline.handset(number).dial().ids[0] == "voice-language-1"
    for table in (PersonRow, AnswerRow, CallRow, MessageRow):
        assert count(hotline.database, table) == 0


def test_urls_and_logs_hold_nothing_of_the_person(
    hotline: VoiceHotline, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    """No number, date or key pressed in an address or a log line, even when storing fails."""
    caplog.set_level(logging.DEBUG)
    handset = hotline.handset().dial()
    actions = [handset.action]
    for key in ("1", "2", "4", "1", "3", "0511", "1", "2", "9"):
        actions.append(handset.press(key).action)
    with broken(hotline.database):
        hotline.handset().dial()
        handset.presses("0", "8")
    told = caplog.text + capsys.readouterr().out + " ".join(filter(None, actions))
    told = MOMENT_OR_SID.sub("", told)  # their digits are anything, 0511 too
    for secret in ("996555123456", "555123456", "0511", "2026-11-05"):
        assert secret not in told


def test_stored_rows_hold_neither_number_nor_date_in_clear(
    open_hotline: Callable[..., VoiceHotline], sqlite: Database
) -> None:
    """What a call leaves in the database file is sealed: number, date, pending date, answer."""
    hotline = open_hotline(sqlite)
    hotline.handset().dial().presses("1", "2", "4", "1", "3", "0511", "1")
    with sqlite.engine.connect() as connection:
        dump = "\n".join(connection.connection.driver_connection.iterdump())  # type: ignore[union-attr]
    for secret in ("996555123456", "2026-11-05", "day-05"):
        assert secret not in dump
        assert secret.encode().hex().upper() not in dump.upper()
