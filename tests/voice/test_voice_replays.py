"""The same webhook twice, at once, or of two calls: one effect, one answer, few statements."""

from __future__ import annotations

import threading
from datetime import date

import pytest

from db.tables import AnchorRow, MessageRow, PersonRow
from tests.together import at_once
from tests.voice.conftest import VoiceHotline
from tests.voice.records import leave_date, leave_question, person
from tests.watching import count, statements

MOST_STATEMENTS = 6


def test_replayed_webhook_gets_the_same_bytes_and_has_no_second_effect(any_hotline: VoiceHotline) -> None:
    """Each turn of a call posted three times: the same answer, one row of each kind."""
    handset = any_hotline.handset().dial()
    for key in ("1", "8", "2", "4", "1", "1", "1", "2"):
        action = handset.action
        handset.press(key)
        first, after = handset.answer, handset.action
        handset.action = action
        assert handset.press(key).answer == first
        handset.action = action
        assert handset.press(key).answer == first
        assert handset.action == after
    assert count(any_hotline.database, PersonRow) == count(any_hotline.database, AnchorRow) == 1
    assert count(any_hotline.database, MessageRow) == 2  # the two texts of the digest


def test_replay_keeps_its_answer_after_the_person_has_changed(any_hotline: VoiceHotline) -> None:
    """A stored answer is repeated even when the same turn would now come out otherwise."""
    leave_date(any_hotline)
    handset = any_hotline.handset().ring("ky", "confirm-left").press("1")
    action = handset.action
    handset.press("1")
    first = handset.answer
    leave_date(any_hotline, date(2026, 11, 20))
    handset.action = action
    assert handset.press("1").answer == first
    assert person(any_hotline).done == frozenset()  # not switched off for the new date too


def test_simultaneous_replays_have_one_effect(any_hotline: VoiceHotline) -> None:
    """The same webhook from 8 threads at once: one effect and one answer."""
    handset = any_hotline.handset().dial().press("1")
    action, params = handset.action, handset.params(Digits="8")
    answers: list[bytes] = []
    barrier = threading.Barrier(8)

    def post() -> None:
        telephone = any_hotline.handset().telephone
        barrier.wait()
        answers.append(telephone.post(action or "", params).data)

    at_once(*[post] * 8)
    assert len(answers) == 8
    assert len(set(answers)) == 1
    assert count(any_hotline.database, MessageRow) == 2


def test_two_calls_share_nothing_that_is_not_confirmed(any_hotline: VoiceHotline) -> None:
    """What is entered in one call waits in that call alone."""
    first = any_hotline.handset().dial().presses("1", "2", "4", "1", "1")
    second = any_hotline.handset().dial().presses("2", "4", "1", "2")
    first.press("1")
    assert person(any_hotline).dates == {"entry": date(2026, 11, 22)}
    assert second.press("1").ids == ["voice-ring-back"]
    assert person(any_hotline).dates == {"entry": date(2026, 11, 22)}


def test_plain_turns_do_without_the_database(hotline: VoiceHotline) -> None:
    """Menus, steps, codes and wrong keys are answered from memory: not one statement."""
    handset = hotline.handset().dial().press("1")
    with statements(hotline.database) as seen:
        handset.presses(
            "1", "1", "", "", "9", "6", "3", "*", "0", "#", "07", "0", "2", "4", "6", "*", "5", "2", "13"
        )
    assert seen == []


@pytest.mark.parametrize("keys", ["18241422", "1841", "2413", "1", "112", "5311"])
def test_every_webhook_takes_few_statements(any_hotline: VoiceHotline, keys: str) -> None:
    """At most six SQL statements a webhook, whatever it stores: language, digest, call back, day entered."""
    handset = any_hotline.handset()
    with statements(any_hotline.database) as seen:
        handset.dial()
    assert len(seen) <= MOST_STATEMENTS
    for key in keys:
        if handset.action is None:
            break
        with statements(any_hotline.database) as seen:
            handset.press(key)
        assert len(seen) <= MOST_STATEMENTS, (key, seen)


@pytest.mark.parametrize("place", ["confirm-date", "confirm-left", "confirm-stop", "confirm-forget"])
def test_every_webhook_of_a_proven_call_takes_few_statements(any_hotline: VoiceHotline, place: str) -> None:
    """At most six SQL statements a webhook: arriving, confirming, done and not done, the end.

    Three more where somebody is forgotten: what the carrier has of them is noted, to be deleted there, and
    how often they were called.
    """
    leave_date(any_hotline)
    most = MOST_STATEMENTS + 3 if place == "confirm-forget" else MOST_STATEMENTS
    handset = any_hotline.handset()
    with statements(any_hotline.database) as seen:
        handset.ring("ky", place)
    assert len(seen) <= MOST_STATEMENTS
    for key in "11":
        with statements(any_hotline.database) as seen:
            handset.press(key)
        assert len(seen) <= most, (key, seen)


def test_storing_the_date_takes_few_statements(any_hotline: VoiceHotline) -> None:
    """At most six SQL statements for the confirming key, reminders included; as many for a correction."""
    leave_question(any_hotline, date(2026, 11, 1))
    handset = any_hotline.handset().ring("ky", "menu-deadlines").presses("4")
    for key in ("1", "2"):
        handset.presses("1", key)
        with statements(any_hotline.database) as seen:
            handset.press("1")
        assert handset.ids[0] == "voice-date-stored"
        assert len(seen) <= MOST_STATEMENTS, seen


def test_sending_a_step_takes_few_statements(any_hotline: VoiceHotline) -> None:
    """At most six SQL statements for all pages of a step."""
    handset = any_hotline.handset().dial().presses("1", "2", "1")
    with statements(any_hotline.database) as seen:
        handset.press("8")
    assert handset.ids[0] == "voice-sms-coming"
    assert len(seen) <= MOST_STATEMENTS, seen
