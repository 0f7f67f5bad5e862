"""What is malformed, missing or broken: the call goes on and claims nothing stored that is not."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import event, select, update

from db import Database
from db.tables import AnchorRow, MessageRow, PersonRow
from tests.voice.conftest import VoiceHotline
from tests.voice.records import broken, leave_date, person
from tests.watching import count, statements


def test_turn_without_a_call_sid_stores_nothing(hotline: VoiceHotline) -> None:
    """What could not be told from its replay is not stored; the call goes on."""
    handset = hotline.handset().dial()
    handset.sid = ""
    assert handset.press("2").ids[0] == "voice-menu-main"
    assert count(hotline.database, PersonRow) == 0


@pytest.mark.parametrize("digits", ["abc", "1" * 50, "😀", "#" * 9, "-1", " 1", "%00", "１"])
def test_odd_digits_are_a_wrong_key(hotline: VoiceHotline, digits: str) -> None:
    """Letters, fifty digits, signs: a wrong key, never an error."""
    handset = hotline.handset().dial().press("1")
    assert handset.press(digits).ids[0] == "voice-wrong-key"
    assert handset.action == "/voice/ky/menu-main/1/3"


def test_missing_digits_are_silence(hotline: VoiceHotline) -> None:
    """Some carriers send no Digits at all when nothing was pressed."""
    handset = hotline.handset().dial().press("1")
    handset._hear(handset.telephone.post(handset.action or "", handset.params()))
    assert handset.ids[0] == "voice-silence"


@pytest.mark.parametrize(
    ("path", "first"),
    [
        ("/voice/ky/nowhere/0/1", "voice-menu-main"),
        ("/voice/ky/step-99-0/0/1", "voice-menu-main"),
        ("/voice/ky/menu-main/0/x", "voice-menu-main"),
        ("/voice/ky/menu-main/0/-1", "voice-menu-main"),
        ("/voice/xx/nowhere/0/1", "voice-language-1"),
        ("/voice/-/nowhere/0/1", "voice-language-1"),
        ("/voice/ky/step-07-99/0/0", "voice-after"),
        ("/voice/ky/menu-main/x/0", "voice-menu-main"),
        ("/voice/ky/nowhere/0/1/stored", "voice-menu-main"),
        ("/voice/ky/dates/0/x/stored", "voice-menu-main"),
        ("/voice/ky/code-dates/0/0/stored", "tone"),
    ],
)
def test_malformed_path_begins_anew(hotline: VoiceHotline, path: str, first: str) -> None:
    """A path that is none of ours is no error: the caller hears the menu, or the first question."""
    handset = hotline.handset()
    handset.sid = "CA1"
    handset.action = path
    assert handset.press("1").ids[0] == first


@pytest.mark.parametrize("misses", ["3", "99", "999999", "1234567", "-5"])
def test_odd_miss_count_ends_or_is_none(hotline: VoiceHotline, misses: str) -> None:
    """More misses than three end the call at the next one; what is no number counts as none."""
    handset = hotline.handset()
    handset.sid, handset.action = "CA1", f"/voice/ky/menu-main/{misses}/1"
    handset.press("")
    assert handset.ids[0] in {"voice-bye-sms", "voice-silence"}


@pytest.mark.parametrize(
    ("keys", "heard", "goes_on"),
    [
        (("8",), ["voice-not-stored", "voice-menu-main"], True),
        (("1", "1", "8"), ["voice-not-stored", "step-10-0"], True),
        (("5", "3"), ["voice-not-stored", "voice-menu-service"], True),
        (("5", "4"), ["voice-not-stored", "voice-menu-service"], True),
        (("2", "4", "1"), ["voice-not-found", "voice-menu-deadlines"], True),
        (("2", "4", "2"), ["voice-not-found", "voice-menu-deadlines"], True),
        (("2", "4", "3"), ["voice-not-found", "voice-menu-deadlines"], True),
        (("5", "1", "3"), ["voice-not-stored", "voice-menu-main"], True),
        (("", "", ""), ["voice-bye"], False),
    ],
)
def test_broken_database_is_said_and_the_call_goes_on(
    hotline: VoiceHotline, keys: tuple[str, ...], heard: list[str], goes_on: bool
) -> None:
    """Whatever cannot be stored is said not to be; menus and steps go on without the database."""
    handset = hotline.handset().dial().press("1")
    with broken(hotline.database):
        handset.presses(*keys)
    assert handset.ids[: len(heard)] == heard
    assert (handset.action is not None) is goes_on
    assert count(hotline.database, MessageRow) == 0


@pytest.mark.parametrize(
    ("place", "keys", "heard"),
    [
        ("date-left", "9", ["voice-not-found", "voice-dates"]),
        ("date-left", "", ["voice-not-found", "voice-dates"]),
        ("date-left", "5", ["voice-not-found", "voice-dates"]),
        ("date-left", "1", ["voice-not-stored", "voice-dates"]),
        ("date-left", "2", ["voice-not-stored", "voice-dates"]),
        ("date-left", "8", ["voice-not-stored", "voice-dates"]),
        ("date-confirm-entry", "9", ["voice-not-found", "voice-date-when"]),
        ("date-confirm-entry", "", ["voice-not-found", "voice-date-when"]),
        ("date-confirm-entry", "1", ["voice-not-stored", "voice-date-when"]),
        ("date-confirm-entry", "8", ["voice-not-stored", "voice-date-when"]),
        ("date-when-entry", "1", ["voice-not-stored", "voice-dates"]),
        ("date-digits-entry", "0511", ["voice-not-stored", "voice-date-when"]),
        ("date-when-family", "2", ["voice-not-stored", "voice-date-other"]),
        ("date-digits-departure", "0501", ["voice-not-stored", "voice-date-other"]),
        ("date-digits-policy-until", "050327", ["voice-not-stored", "voice-date-paper"]),
        ("date-confirm-policy-until", "1", ["voice-not-stored", "voice-date-six-digits"]),
        ("confirm-left", "1", ["voice-not-found", "voice-dates"]),
        ("confirm-done", "1", ["voice-not-found", "voice-dates"]),
        ("confirm-stop", "9", ["voice-not-found", "voice-menu-service"]),
        ("confirm-stop", "8", ["voice-not-stored", "voice-menu-service"]),
        ("confirm-stop", "1", ["voice-not-stored", "voice-menu-main"]),
        ("confirm-start", "1", ["voice-not-stored", "voice-menu-service"]),
        ("confirm-calls", "1", ["voice-not-stored", "voice-dates"]),
        ("confirm-forget", "1", ["voice-not-stored", "voice-menu-main"]),
    ],
)
def test_not_stored_is_said_of_what_would_have_been_stored_alone(
    hotline: VoiceHotline, place: str, keys: str, heard: list[str]
) -> None:
    """A key that only asks to hear something finds nothing; it does not sound like something was lost."""
    handset = hotline.handset().ring("ky", "menu-main")
    handset.action = f"/voice/ky/{place}/0/1"
    with broken(hotline.database):
        handset.press(keys)
    assert handset.ids[:2] == heard
    assert handset.action is not None


def test_call_back_that_cannot_look_up_who_is_called_says_so(hotline: VoiceHotline) -> None:
    """The hotline rings to stop messages, and cannot see whether they are stopped: nothing was lost."""
    with broken(hotline.database):
        handset = hotline.handset().ring("ky", "confirm-stop")
    assert handset.ids[:2] == ["voice-not-found", "voice-menu-service"]


def test_call_that_arrives_without_a_database_is_answered(hotline: VoiceHotline) -> None:
    """Who calls cannot be looked up: the question for a language, then the menu and the advice."""
    leave_date(hotline)
    with broken(hotline.database):
        handset = hotline.handset().dial()
        assert handset.ids[0] == "voice-language-1"
        assert handset.press("2").ids[:2] == ["voice-not-stored", "voice-menu-main"]
        assert handset.presses("1", "1").ids == ["step-10-0"]


def test_caller_who_cannot_be_read_is_answered_as_nobody_known(
    any_hotline: VoiceHotline,
) -> None:
    """A damaged date, or a key that this process lacks: the question for a language, menus, the advice."""
    leave_date(any_hotline)
    with any_hotline.database.writing() as session:
        session.execute(update(AnchorRow).values(date_sealed=bytes(40)))
    handset = any_hotline.handset().dial()
    assert handset.ids[0] == "voice-language-1"
    assert handset.press("2").ids[:2] == ["voice-not-stored", "voice-menu-main"]
    assert handset.presses("1", "1").ids == ["step-10-0"]
    assert handset.press("8").ids[0] == "voice-not-stored"
    assert any_hotline.handset().ring("ky", "confirm-stop").ids[0] == "voice-not-found"
    assert (count(any_hotline.database, AnchorRow), count(any_hotline.database, MessageRow)) == (1, 0)


def test_date_that_fails_while_it_is_stored_is_not_half_stored(any_hotline: VoiceHotline) -> None:
    """An error in the middle of the transaction: nothing of it stays, and the call says so."""
    handset = any_hotline.handset().dial().presses("1", "2", "4", "1", "1")
    with broken(any_hotline.database, "INSERT INTO reminders"):
        handset.press("1")
    assert handset.ids == ["voice-not-stored", "voice-date-when"]
    assert person(any_hotline).dates == {}
    handset.presses("1", "1")
    assert handset.ids[0] == "voice-date-stored"


def test_own_date_is_left_out_when_the_database_is_away(hotline: VoiceHotline) -> None:
    """In a call from the hotline the registration step begins with the own date, but never waits for it."""
    leave_date(hotline)
    handset = hotline.handset().ring("ky", "menu-main").press("2")
    action = handset.action
    assert handset.press("1").ids == ["voice-registration-left", "step-07-0"]
    handset.action = action
    with broken(hotline.database):
        assert handset.press("1").ids == ["step-07-0"]


def test_locked_sqlite_is_said(open_hotline: Callable[..., VoiceHotline], sqlite: Database) -> None:
    """A writer that holds the file for long: the date is not stored, the call says so and goes on."""
    event.listen(sqlite.engine, "connect", lambda connection, _: connection.execute("PRAGMA busy_timeout=1"))
    sqlite.engine.dispose()  # a connection of before would wait for seconds
    hotline = open_hotline(sqlite)
    handset = hotline.handset().dial().presses("1", "2", "4", "1", "1")
    another = Database(str(sqlite.engine.url))  # of another process
    with another.writing() as session:
        session.execute(select(PersonRow))
        assert handset.press("1").ids[0] == "voice-not-stored"
    another.close()
    assert person(hotline).dates == {}
    assert handset.presses("1", "1").ids[0] == "voice-date-stored"


def test_fallback_is_static_and_needs_no_database(hotline: VoiceHotline) -> None:
    """Whom to call in danger, in the first language, by POST and GET, with everything else broken."""
    handset = hotline.handset()
    handset.sid = "CA1"
    with broken(hotline.database), statements(hotline.database) as seen:
        handset._hear(handset.telephone.post("/voice/fallback", handset.params()))
    assert handset.ids == ["step-em-0", "step-em-1", "step-em-2", "voice-fallback"]
    assert {line.language for line in handset.heard} == {"ky"}
    assert handset.action is None
    assert seen == []
