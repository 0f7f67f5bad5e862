"""The Recordings resource of the REST API, and the sound files behind it."""

from flask import Blueprint, Response, request

from hotline.exchange.account import Account
from hotline.exchange.calls.call import Call
from hotline.exchange.calls.recorder import Recorder, Recording, describe_recording
from hotline.exchange.calls.tones import make_sound
from hotline.exchange.doors.answers import answer, check_days, find, is_within, matches, page
from hotline.exchange.doors.mishaps import Mishaps
from hotline.exchange.doors.resources import add_resource
from hotline.exchange.forms import RestError
from hotline.exchange.records import Shelf

# Whoever knows the address of a sound may fetch it: HTTP authentication of media is off unless an account
# turns it on (twilio-facts section 2, Record).
OPEN_ENDPOINT = "fetch_recorded_sound"
_KINDS = {"": "WAV", ".wav": "WAV", ".mp3": "MP3"}
_MEDIA_TYPES = {"WAV": "audio/x-wav", "MP3": "audio/mpeg"}


class RecordingsDesk:
    """Lists, fetches and deletes recordings."""

    def __init__(self, account: Account, calls: Shelf[Call], recorder: Recorder) -> None:
        self._account = account
        self._calls = calls
        self._recordings = recorder.recordings

    def add_rules(self, door: Blueprint, base: str, mishaps: Mishaps) -> None:
        """Add the routes below an account's path."""
        one = f"{base}/Recordings/<string(length=34):sid>"
        of_call = f"{base}/Calls/<call_sid>/Recordings.json"
        add_resource(door, f"{base}/Recordings.json", "recordings", {"GET": self.list}, mishaps)
        add_resource(door, of_call, "call_recordings", {"GET": self.list}, mishaps)
        add_resource(door, f"{one}.json", "recording", {"GET": self.fetch, "DELETE": self.delete}, mishaps)
        for ending in _KINDS:
            door.add_url_rule(
                one + ending, OPEN_ENDPOINT, self.fetch_sound, methods=["GET"], defaults={"ending": ending}
            )

    def list(self, account_sid: str, call_sid: str | None = None) -> Response:  # noqa: ARG002 - Flask hands in the path
        if call_sid is not None:
            find(self._calls, call_sid)
        check_days("DateCreated")
        wanted = [
            recording
            for recording in self._recordings.newest_first()
            if matches(call_sid, recording.call_sid)
            and matches(request.args.get("CallSid"), recording.call_sid)
            and is_within("DateCreated", recording.started_at)
        ]
        return answer(page(wanted, "recordings", self._describe))

    def fetch(self, account_sid: str, sid: str) -> Response:  # noqa: ARG002 - Flask hands in the path
        return answer(self._describe(find(self._recordings, sid)))

    def delete(self, account_sid: str, sid: str) -> Response:  # noqa: ARG002 - Flask hands in the path
        self._recordings.remove(find(self._recordings, sid).sid)
        return Response(status=204)

    def fetch_sound(self, account_sid: str, sid: str, ending: str) -> Response:
        recording = find(self._recordings, sid)
        if account_sid != self._account.sid or recording.status != "completed":
            raise RestError(20404, request.path)
        kind = _KINDS[ending]
        return Response(
            make_sound(recording.spoken, recording.length_s, kind), content_type=_MEDIA_TYPES[kind]
        )

    def _describe(self, recording: Recording) -> dict[str, object]:
        return describe_recording(recording, self._account)
