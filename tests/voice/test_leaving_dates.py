"""Every date through signed webhooks: stored once, planned, told to nobody else."""

from __future__ import annotations

from datetime import date
from functools import partial

import pytest

from db.tables import AnchorRow, CallRow
from hotline.people.model import RemindBy, SaveDate, SetLanguage
from tests.together import at_once, side_by_side
from tests.voice.conftest import VoiceHotline
from tests.voice.handset import Handset
from tests.voice.records import leave, leave_date, pending_reminders, person
from tests.voice.test_voice_replays import MOST_STATEMENTS
from tests.watching import count, statements

ENTRY = ("2", "4", "1")  # from the main menu to the question for the day of entry
OTHER = (*ENTRY, "4")
WAYS = {  # the keys that lead to each date and enter it, and the day
    "departure": ((*OTHER, "1", "1512"), date(2026, 12, 15), "d04"),
    "registration-until": ((*OTHER, "2", "1", "200327"), date(2027, 3, 20), "d11"),
    "job-until": ((*OTHER, "2", "2", "200327"), date(2027, 3, 20), "d11"),
    "policy-until": ((*OTHER, "2", "3", "200327"), date(2027, 3, 20), "d14"),
    "family-until": ((*OTHER, "2", "4", "200327"), date(2027, 3, 20), "d18"),
    "family": ((*OTHER, "3", "3", "1811"), date(2026, 11, 18), "d17"),
    "registered": ((*OTHER, "4", "2"), date(2026, 11, 21), "d14"),
}
EACH = pytest.mark.parametrize("anchor", WAYS)


def dates(hotline: VoiceHotline) -> dict[tuple[int, str], date]:
    return {(each.member, each.anchor): each.day for each in person(hotline).stored}


def kept(anchor: str) -> dict[tuple[int, str], date]:
    return {(1 if anchor == "family" else 0, anchor): WAYS[anchor][1]}


def twice(handset: Handset, key: str) -> bytes:
    """The answer to a key whose webhook comes two times, the same both times."""
    action = handset.action
    first = handset.press(key).answer
    after, handset.action = handset.action, action
    assert handset.press(key).answer == first
    assert handset.action == after
    return first


@EACH
def test_first_date_of_each_kind_is_stored_once_and_reminded_of(
    any_hotline: VoiceHotline, anchor: str
) -> None:
    """Of somebody of whom nothing is stored; the confirming turn comes twice."""
    keys, _, rule = WAYS[anchor]
    handset = any_hotline.handset().dial().press("1").presses(*keys)
    assert handset.ids[1] == "voice-date-right"
    assert dates(any_hotline) == {}
    twice(handset, "1")
    assert handset.ids[0] == "voice-date-stored"
    assert dates(any_hotline) == kept(anchor)
    assert count(any_hotline.database, AnchorRow) == count(any_hotline.database, CallRow) == 1
    assert rule in pending_reminders(any_hotline)


@EACH
def test_stranger_neither_hears_nor_changes_a_date(any_hotline: VoiceHotline, anchor: str) -> None:
    """A date of this kind is stored: another call leads to a call back, from every place of the way."""
    member = 1 if anchor == "family" else 0
    leave(any_hotline, SetLanguage("ky"), SaveDate(anchor, date(2026, 11, 25), member))
    handset = any_hotline.handset().dial().presses(*ENTRY)
    assert (handset.ids, handset.action) == (["voice-ring-back"], None)
    digits = WAYS[anchor][0][-1]
    for place, key in ((f"date-digits-{anchor}", digits.zfill(4)), (f"date-confirm-{anchor}", "1")):
        inbound = any_hotline.handset().dial()
        inbound.action = f"/voice/ky/{place}/0/1"
        assert "2026" not in " ".join(inbound.press(key).ids)
        assert not {"voice-date-stored", f"voice-{anchor}-read"} & set(inbound.ids)
    assert dates(any_hotline) == {(member, anchor): date(2026, 11, 25)}


@EACH
def test_call_back_takes_the_date(any_hotline: VoiceHotline, anchor: str) -> None:
    """An entry is stored; after the confirming key of the call back the date is left as in any call."""
    leave_date(any_hotline)
    handset = any_hotline.handset().ring("ky", "confirm-date")
    assert handset.ids == ["voice-confirm-date"]
    keys = WAYS[anchor][0]
    handset.presses("1", *keys[len(ENTRY) :], "1")
    assert handset.ids[0] == "voice-date-stored"
    assert dates(any_hotline) == {(0, "entry"): date(2026, 11, 1), **kept(anchor)}


@EACH
def test_storing_each_date_takes_few_statements(any_hotline: VoiceHotline, anchor: str) -> None:
    """At most six SQL statements, with what ends or begins with it."""
    leave_date(any_hotline)
    keys = WAYS[anchor][0]
    handset = any_hotline.handset().ring("ky", "confirm-date").presses("1", *keys[len(ENTRY) :])
    with statements(any_hotline.database) as seen:
        handset.press("1")
    assert handset.ids[0] == "voice-date-stored"
    assert len(seen) <= MOST_STATEMENTS, seen


def test_two_dates_confirmed_at_the_same_instant_are_both_kept(any_hotline: VoiceHotline) -> None:
    """In two calls, as of a text that comes during a call: neither undoes what the other stores."""
    leave_date(any_hotline)
    calls = []
    for anchor in ("policy-until", "registration-until"):
        call = any_hotline.handset().ring("ky", "confirm-date")
        calls.append(call.presses("1", *WAYS[anchor][0][len(ENTRY) :]))
    with side_by_side():
        at_once(*(partial(call.press, "1") for call in calls))
    assert dates(any_hotline).keys() == {(0, "entry"), (0, "policy-until"), (0, "registration-until")}
    assert {"d05", "d11", "d14"} <= set(pending_reminders(any_hotline))


def test_second_date_in_a_call_is_a_correction_or_another(any_hotline: VoiceHotline) -> None:
    """One call: a policy, corrected; a departure; then somebody else stores an entry, and it has to prove."""
    handset = any_hotline.handset().dial().press("1")
    handset.presses(*WAYS["policy-until"][0], "1").presses("1", "4", "2", "3", "210327", "1")
    assert dates(any_hotline) == {(0, "policy-until"): date(2027, 3, 21)}
    handset.presses("1", "4", "1", "1512", "1")
    assert set(dates(any_hotline)) == {(0, "policy-until"), (0, "departure")}
    leave_date(any_hotline)
    assert (handset.press("1").ids, handset.action) == (["voice-ring-back"], None)


def test_day_of_registration_ends_its_reminders(any_hotline: VoiceHotline) -> None:
    """REGISTERED is DONE 7, in a call from the hotline; the job's reminders go on."""
    leave_date(any_hotline, date(2026, 11, 15))
    assert {"d05", "d09"} <= pending_reminders(any_hotline)
    any_hotline.handset().ring("ky", "confirm-date").presses("1", "4", "4", "2", "1")
    left = pending_reminders(any_hotline)
    assert "d05" not in left
    assert {"d09", "d11-ask"} <= left
    any_hotline.handset().ring("ky", "confirm-date").presses("1", "4", "4", "1", "1")
    assert dates(any_hotline)[0, "registered"] == date(2026, 11, 22)
    assert "d11-ask" in pending_reminders(any_hotline)


def test_dates_are_erased_together(any_hotline: VoiceHotline) -> None:
    """Key 5 of My dates erases those of the family too."""
    any_hotline.handset().dial().press("1").presses(*WAYS["family"][0], "1", "1", "4", "1", "1512", "1")
    assert len(dates(any_hotline)) == 2
    any_hotline.handset().ring("ky", "confirm-undate").press("1")
    assert (dates(any_hotline), pending_reminders(any_hotline)) == ({}, set())


@EACH
def test_hidden_number_leaves_nothing(any_hotline: VoiceHotline, anchor: str) -> None:
    """It is nobody's date: said so at the start, and at every place of the way."""
    hidden = any_hotline.handset("anonymous").dial().press("1").presses(*ENTRY)
    assert hidden.ids[0] == "voice-number-hidden"
    for key in ("1811", "200327"):
        hidden.action = f"/voice/ky/date-digits-{anchor}/0/3"
        assert not {"voice-date-right", "voice-date-stored"} & set(hidden.press(key).ids)
    hidden.action = f"/voice/ky/date-confirm-{anchor}/0/3"
    assert "voice-date-stored" not in hidden.press("1").ids
    assert count(any_hotline.database, AnchorRow) == count(any_hotline.database, CallRow) == 0


@EACH
def test_addresses_hold_no_date(hotline: VoiceHotline, anchor: str) -> None:
    """The path names the kind of a date, never its day."""
    handset = hotline.handset().dial().press("1")
    actions = []
    for key in (*WAYS[anchor][0], "1", "9"):
        actions.append(handset.press(key).action or "")
    told = " ".join(actions)
    assert f"/date-confirm-{anchor}/" in told
    for secret in ("1512", "1811", "200327", "2026", "2027"):
        assert secret not in told


def test_reminders_by_call_are_promised_by_text_where_a_call_has_no_words(hotline: VoiceHotline) -> None:
    """Said as it will be."""
    leave(hotline, SetLanguage("ky"), RemindBy("call"))
    handset = hotline.handset().dial().presses(*WAYS["policy-until"][0], "1")
    assert handset.ids[:2] == ["voice-date-stored", "voice-we-remind"]
