"""Recordings: their records, their REST shape, the callbacks about them."""

from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime

from hotline.exchange.account import API_VERSION, Account
from hotline.exchange.calls.call import Call
from hotline.exchange.calls.needs import EndRecording, RecordingStarted, StartRecording
from hotline.exchange.numbers import make_sid
from hotline.exchange.records import Shelf
from hotline.exchange.surroundings import Surroundings
from hotline.exchange.twiml.documents import Answer

# A recording in which nobody spoke: Twilio's help page on recording status callbacks.
_SILENT = 16102


@dataclass(eq=False, repr=False)
class Recording:
    """What a Record took down. status: in-progress, processing, then completed, or absent where no one spoke.

    spoken: from and to, in seconds of the file; length_s: its exact length, duration_s: the one told.
    """

    sid: str
    call_sid: str
    status: str
    started_at: datetime
    updated_at: datetime
    callback_url: str | None = None
    callback_method: str = "POST"
    callback_events: tuple[str, ...] = ("completed",)
    spoken: tuple[tuple[float, float], ...] = ()
    length_s: float = 0.0
    duration_s: int | None = None
    error_code: int | None = None


class Recorder:
    """Every recording. `start`, `end`, `release` run in the lane of the call, the rest in the recording's."""

    def __init__(self, around: Surroundings) -> None:
        self.recordings: Shelf[Recording] = Shelf()
        self._around = around
        self._unreleased: dict[str, list[Recording]] = {}

    def start(self, call: Call, need: StartRecording) -> RecordingStarted:
        """Begin a recording of a call."""
        now_utc = self._around.clock.now()
        recording = Recording(
            make_sid("RE"),
            call.sid,
            "in-progress",
            now_utc,
            now_utc,
            need.callback_url,
            need.callback_method,
            need.callback_events,
        )
        self.recordings.put(recording)
        self._around.lanes.submit(recording.sid, lambda: self._call_back(call, recording, "in-progress"))
        return RecordingStarted(recording.sid, _make_url(recording, self._around.account))

    def end(self, call: Call, need: EndRecording) -> None:
        """Take in what was recorded; it is worked on until it is released."""
        recording = self.recordings.get(need.sid)
        if recording is None:
            return
        recording.spoken, recording.length_s = need.spoken, need.length_s
        recording.duration_s = need.duration_s
        self._set_status(recording, "processing")
        self._unreleased.setdefault(call.sid, []).append(recording)

    def release(self, call: Call) -> None:
        """Let a call's recordings be ready from now on, as its action was requested (or it is over)."""
        for recording in self._unreleased.pop(call.sid, ()):
            self._complete_in_lane(call, recording)

    def _complete_in_lane(self, call: Call, recording: Recording) -> None:
        def complete() -> None:
            recording.error_code = None if recording.spoken else _SILENT
            self._set_status(recording, "completed" if recording.spoken else "absent")
            self._call_back(call, recording, recording.status)

        self._around.lanes.submit(recording.sid, complete)

    def _set_status(self, recording: Recording, status: str) -> None:
        recording.status, recording.updated_at = status, self._around.clock.now()

    def _call_back(self, call: Call, recording: Recording, status: str) -> None:
        if recording.callback_url is None or status not in recording.callback_events:
            return
        params = list_recording_params(recording, self._around.account, status)
        outcome = self._around.webhooks.send(recording.callback_method, recording.callback_url, params)
        call.journal.note(
            "callback",
            event=f"recording-{status}",
            url=recording.callback_url,
            arrived=isinstance(outcome, Answer),
        )


def describe_recording(recording: Recording, account: Account) -> dict[str, object]:
    """The Recording resource of Twilio's API reference."""
    uri = f"/{API_VERSION}/Accounts/{account.sid}/Recordings/{recording.sid}"
    started = format_datetime(recording.started_at)
    return {
        "account_sid": account.sid,
        "api_version": API_VERSION,
        "call_sid": recording.call_sid,
        "channels": 1,
        "conference_sid": None,
        "date_created": started,
        "date_updated": format_datetime(recording.updated_at),
        "duration": None if recording.duration_s is None else str(recording.duration_s),
        "encryption_details": None,
        "error_code": recording.error_code,
        "media_url": _make_url(recording, account),
        "price": None,
        "price_unit": "USD",
        "sid": recording.sid,
        "source": "RecordVerb",
        "start_time": started,
        "status": recording.status,
        "subresource_uris": {
            "add_on_results": f"{uri}/AddOnResults.json",
            "transcriptions": f"{uri}/Transcriptions.json",
        },
        "uri": f"{uri}.json",
    }


def list_recording_params(recording: Recording, account: Account, status: str) -> list[tuple[str, str]]:
    """The form of a recording status callback; ErrorCode is 0 where nothing is wrong."""
    return [
        ("AccountSid", account.sid),
        ("CallSid", recording.call_sid),
        ("RecordingSid", recording.sid),
        ("RecordingUrl", _make_url(recording, account)),
        ("RecordingStatus", status),
        ("RecordingDuration", str(recording.duration_s or 0)),
        ("RecordingChannels", "1"),
        ("RecordingStartTime", format_datetime(recording.started_at)),
        ("RecordingSource", "RecordVerb"),
        ("ErrorCode", str(recording.error_code or 0)),
    ]


def _make_url(recording: Recording, account: Account) -> str:
    return f"{account.api_url}/{API_VERSION}/Accounts/{account.sid}/Recordings/{recording.sid}"
