"""A telephone at the caller's ear: calls the hotline, hears clips, presses keys, all by signed webhooks."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit
from xml.etree import ElementTree

from werkzeug.test import TestResponse

from hotline.speech.studio import Studio
from hotline.voice import places
from tests.telephone import HOTLINE, Telephone

POOLS = ("number-", "day-", "month-", "year-", "weekday-")
SIDS = itertools.count(1)


@dataclass(frozen=True)
class Line:
    """Something heard: in which language, the id of the line and its words."""

    language: str
    id: str
    text: str


@dataclass
class Handset:
    """One call at a time; `heard` and the rest tell of the last answer."""

    telephone: Telephone
    studio: Studio
    sid: str = ""
    to: str = HOTLINE
    direction: str = "inbound"
    heard: list[Line] = field(default_factory=list)
    action: str | None = None
    gather: Mapping[str, str] = field(default_factory=dict)
    dialled: str | None = None
    rejected: str | None = None
    recording: Mapping[str, str] = field(default_factory=dict)
    answer: bytes = b""
    response: TestResponse | None = None
    recording_sid: str = ""

    @property
    def ids(self) -> list[str]:
        """The ids of the lines heard last."""
        return [line.id for line in self.heard]

    def dial(self, to: str = HOTLINE) -> Handset:
        """Calls the hotline."""
        self.sid, self.direction, self.to = f"CA{next(SIDS):032x}", "inbound", to
        return self._hear(self.telephone.post("/voice", self.params()))

    def ring(self, language: str, place: str, **more: str) -> Handset:
        """The hotline calls this telephone, and somebody answers."""
        self.sid, self.direction = f"CA{next(SIDS):032x}", "outbound-api"
        return self._hear(self.telephone.post(places.ring_path(language, place), self.params(**more)))

    def press(self, keys: str) -> Handset:
        """Presses keys; "" waits in silence."""
        assert self.action is not None, "the call has ended"
        return self._hear(self.telephone.post(self.action, self.params(Digits=keys)))

    def presses(self, *keys: str) -> Handset:
        """Presses keys, one turn after the other."""
        for key in keys:
            self.press(key)
        return self

    def talk_ends(self, status: str) -> Handset:
        """The operator's telephone has rung: what came of it."""
        assert self.action is not None and self.dialled is not None
        return self._hear(self.telephone.post(self.action, self.params(DialCallStatus=status)))

    def speak(self, seconds: int, recording_sid: str = "", **more: str) -> Handset:
        """Speaks after the tone, then presses hash; every recording has its own SID unless it is given."""
        assert self.action is not None and self.recording
        self.recording_sid = recording_sid or f"RE{next(SIDS):032x}"
        told = {"RecordingSid": self.recording_sid, "RecordingDuration": str(seconds), "Digits": "#"}
        url = {"RecordingUrl": f"https://elsewhere.example/{self.recording_sid}"}
        return self._hear(self.telephone.post(self.action, self.params(**told, **url, **more)))

    def recording_ready(self, **other: str) -> TestResponse:
        """The carrier says that the recording is ready; `other` are parameters that differ."""
        told = {"RecordingSid": self.recording_sid, "RecordingStatus": "completed", "CallSid": self.sid}
        told |= {"RecordingDuration": "4", "RecordingUrl": "https://elsewhere.example/x", "ErrorCode": "0"}
        return self.telephone.post("/receipts/recording", {**told, **other})

    def params(self, **more: str) -> dict[str, str]:
        """What the carrier posts of this call."""
        ours = self.direction != "inbound"
        return {
            "CallSid": self.sid,
            "AccountSid": "AC" + "0" * 32,
            "From": HOTLINE if ours else self.telephone.number,
            "To": self.telephone.number if ours else self.to,
            "Direction": self.direction,
            "CallStatus": "in-progress",
            **more,
        }

    def read_to_end(self) -> Handset:
        """The last answer has arrived: the hotline does what it does after that."""
        if self.response is not None:
            self.response.close()
        return self

    def _hear(self, answer: TestResponse) -> Handset:
        assert (answer.status_code, answer.mimetype) == (200, "text/xml")
        self.response, self.answer = answer, answer.data
        document = ElementTree.fromstring(answer.data)
        self.heard = lines_of([play.text or "" for play in document.iter("Play")], self.studio)
        gather, dial, record = (document.find(name) for name in ("Gather", "Dial", "Record"))
        self.gather = {} if gather is None else gather.attrib
        self.dialled = None if dial is None else dial.text
        reject = document.find("Reject")
        self.rejected = None if reject is None else reject.attrib["reason"]
        self.recording = {} if record is None else record.attrib
        waits = next((verb for verb in (gather, dial, record) if verb is not None), None)
        self.action = None if waits is None else waits.attrib["action"]
        return self


def lines_of(urls: list[str], studio: Studio) -> list[Line]:
    """The lines that a list of clips says: the clips of one line joined."""
    lines: list[Line] = []
    for url in urls:
        caption = studio.caption(urlsplit(url).path)
        assert caption is not None, f"{url} is no clip"
        _, _, language, file = urlsplit(url).path.split("/")
        lines = joined(lines, language, file.rsplit(".", 2)[0], caption)
    return lines


def joined(lines: list[Line], language: str, name: str, text: str) -> list[Line]:
    """`lines` and one more clip: part of the last line, or a new one."""
    id, _, fragment = name.partition(".")
    goes_on = name.startswith(POOLS) or (fragment.split(".")[-1] not in {"", "0"})
    if not goes_on:
        return [*lines, Line(language, id, text)]
    last = lines[-1]
    return [*lines[:-1], Line(language, last.id, f"{last.text} {text}")]
