"""The verb Record in the call machine: what ends it, what is told of it, in call seconds."""

from typing import Any

from hotline.exchange.calls.line import make_hang_up, make_take_over
from hotline.exchange.calls.needs import (
    DocumentAt,
    EndRecording,
    Given,
    Need,
    RecordingStarted,
    StartRecording,
)
from tests.exchange.test_exchange_line import Booth

RECORD = "<Record action='got'/><Play>next</Play>"


class Studio(Booth):
    """A booth that takes recordings."""

    def meet(self, need: Need) -> Given:
        given = super().meet(need)
        return RecordingStarted("RE1", "http://x/RE1") if isinstance(need, StartRecording) else given

    def told(self) -> dict[str, str]:
        """What the action was told."""
        assert [asked.url for asked in self.asked] == ["http://c/start", "http://c/got"]
        return dict(self.asked[1].extra)

    def ended(self) -> EndRecording:
        (end,) = [need for need in self.needs if isinstance(need, EndRecording)]
        return end

    def speech(self) -> list[Any]:
        return [(entry.facts["seconds"], entry.facts["lost"]) for entry in self.journal.of_kind("speech")]


def test_record_beeps_then_waits_for_the_caller() -> None:
    """Half a second of beep, then five seconds of patience; without playBeep the wait begins at once."""
    booth = Studio(start=RECORD, got="")
    assert booth.line.waiting is not None
    assert (booth.line.waiting.until_s, booth.line.waiting.records) == (5.5, True)
    booth = Studio(start="<Record playBeep='false' timeout='3'/>")
    assert booth.line.waiting is not None
    assert booth.line.waiting.until_s == 3.0
    assert booth.journal.of_kind("beep") == []


def test_record_ends_by_silence_after_speech() -> None:
    """The timeout runs from the last word; the action learns address, SID and whole seconds."""
    booth = Studio(start=RECORD, got="")
    booth.line.speak(4.4, at_s=None)
    assert booth.line.waiting is not None
    assert booth.line.waiting.until_s == 0.5 + 4.4 + 5
    booth.line.stay_silent()
    assert booth.told() == {
        "RecordingUrl": "http://x/RE1",
        "RecordingSid": "RE1",
        "RecordingDuration": "4",
        "Digits": "",
    }
    assert booth.heard() == []
    assert booth.line.at_s == 9.9


def test_record_goes_on_while_the_caller_pauses_less_than_the_timeout() -> None:
    """Two pieces with two seconds between are one recording, each at its place."""
    booth = Studio(start=RECORD, got="")
    booth.line.speak(2.0, at_s=1.5)
    booth.line.speak(1.0, at_s=5.5)
    booth.line.stay_silent()
    assert booth.ended().spoken == ((0.0, 2.0), (4.0, 5.0))
    assert booth.ended().length_s == 5.0


def test_record_without_trim_keeps_the_silence_around() -> None:
    """do-not-trim: from the beep to the end of the wait."""
    booth = Studio(start="<Record action='got' trim='do-not-trim'/>", got="")
    booth.line.speak(2.0, at_s=1.5)
    booth.line.stay_silent()
    assert booth.ended().spoken == ((1.0, 3.0),)
    assert (booth.ended().length_s, booth.ended().duration_s) == (8.0, 8)


def test_record_is_ended_by_a_finish_key_in_mid_speech() -> None:
    """The key cuts the speech and is told; other keys and the rest of a burst are lost."""
    booth = Studio(start="<Record action='got' finishOnKey='#*'/>", got="")
    booth.line.speak(10.0, at_s=None)
    booth.press("1", after_s=2.0)
    booth.press("2#3", after_s=1.0)
    assert booth.told()["Digits"] == "#"
    assert booth.told()["RecordingDuration"] == "3"
    assert booth.lost() == "123"


def test_record_is_ended_by_any_key_unless_told_otherwise() -> None:
    """The default finish keys are all twelve; without a named moment the key comes after the speech."""
    booth = Studio(start=RECORD, got="")
    booth.line.speak(6.0, at_s=None)
    booth.press("7")
    assert (booth.told()["Digits"], booth.told()["RecordingDuration"]) == ("7", "6")


def test_record_is_cut_at_its_greatest_length() -> None:
    """Speech beyond maxLength ends it without anybody doing anything."""
    booth = Studio(start="<Record action='got' maxLength='10'/>", got="")
    booth.line.speak(30.0, at_s=None)
    assert booth.told()["RecordingDuration"] == "10"
    assert booth.ended().spoken == ((0.0, 10.0),)
    assert booth.line.at_s == 10.5


def test_record_of_a_caller_who_hangs_up_still_asks_its_action() -> None:
    """Digits=hangup with CallStatus=completed; the answer is performed no more, the call is over."""
    booth = Studio(start=RECORD, got="<Play>never</Play>")
    booth.line.speak(4.0, at_s=None)
    booth.line.interrupt(make_hang_up)
    booth.line.attend()
    assert (booth.told()["Digits"], booth.told()["RecordingDuration"]) == ("hangup", "4")
    assert booth.asked[1].call_status == "completed"
    assert booth.over
    assert booth.heard() == []


def test_record_in_silence_falls_through() -> None:
    """Nobody spoke: no action, the next verb; a key alone is no speech; hanging up asks nothing."""
    for end in (lambda booth: booth.line.stay_silent(), lambda booth: booth.press("#")):
        booth = Studio(start=RECORD, got="")
        end(booth)
        assert booth.heard() == [("next", 2.0)]
        assert len(booth.asked) == 1
        assert booth.ended() == EndRecording("RE1", (), 0.0, 0)
    booth = Studio(start=RECORD, got="")
    booth.line.hang_up_at(2.0)
    assert booth.over
    assert len(booth.asked) == 1


def test_record_without_action_asks_its_own_document() -> None:
    """The default action is the current document."""
    booth = Studio(start="<Record method='GET'/>")
    booth.line.speak(1.0, at_s=None)
    booth.press("1")
    assert [(asked.url, asked.method) for asked in booth.asked][1] == ("http://c/start", "GET")


def test_record_that_is_taken_over_keeps_what_was_spoken_and_asks_no_action() -> None:
    """A live update leaves the verb; the recording stays."""
    booth = Studio(start=RECORD, got="", new="<Play>b</Play>")
    booth.line.speak(3.0, at_s=None)
    booth.line.interrupt(make_take_over(DocumentAt("http://c/new")))
    booth.line.attend()
    assert [asked.url for asked in booth.asked] == ["http://c/start", "http://c/new"]
    assert booth.ended().duration_s == 3


def test_speech_outside_a_record_is_heard_by_nobody() -> None:
    """A Gather goes on as before; the journal says that the speech was lost."""
    booth = Studio(start="<Gather action='got' timeout='4'/>", got="")
    booth.line.speak(2.0, at_s=1.0)
    assert booth.speech() == [(2.0, True)]
    assert booth.line.waiting is not None
    assert booth.line.waiting.until_s == 4.0
    booth = Studio(start=RECORD, got="")
    booth.line.speak(2.0, at_s=None)
    assert booth.speech() == [(2.0, False)]


def test_record_names_where_its_callbacks_go() -> None:
    """A relative callback resolves against the document; method and events are kept."""
    attributes = (
        "recordingStatusCallback='/told' recordingStatusCallbackMethod='GET' "
        "recordingStatusCallbackEvent='in-progress absent'"
    )
    booth = Studio(start=f"<Record {attributes}/>")
    assert StartRecording("http://c/told", "GET", ("in-progress", "absent")) in booth.needs


def test_gather_that_never_waits_comes_to_an_end() -> None:
    """A Gather without patience that leads back to itself is stopped like any loop of documents."""
    booth = Studio(start="<Gather timeout='0'/><Redirect>start</Redirect>")
    for _ in range(60):
        booth.line.stay_silent()
    assert booth.over
    assert booth.alerts() == [12400]
