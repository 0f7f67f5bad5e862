"""A carrier for tests: it records, answers as told, and fails loudly on what a real one would refuse."""

from __future__ import annotations

import re
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from hotline.carriers.base import (
    MAIN_LINE,
    CarrierUnavailableError,
    NoRecordingError,
    OnRecord,
    Outcome,
    OutcomeKind,
    UnderWayError,
)

NUMBER = re.compile(r"\+[1-9][0-9]{7,14}")
RECORDING = re.compile(r"RE[0-9a-f]{32}")
COPY = re.compile(r"(SM|MM|CA)[0-9a-fA-F]{32}")
TWILIO_BODY_MOST = 1_600


@dataclass(frozen=True)
class SentText:
    """A text that the carrier has accepted."""

    sid: str
    to: str
    sender: str
    body: str
    receipt_url: str
    valid_for_s: int
    created_at_utc: datetime

    @property
    def attempt(self) -> str:
        """The signed attempt id of its callback URL."""
        return urlsplit(self.receipt_url).query.partition("=")[2]


@dataclass(frozen=True)
class PlacedCall:
    """A call that the carrier has accepted."""

    sid: str
    to: str
    url: str
    fallback_url: str
    status_url: str
    for_a_person: bool
    created_at_utc: datetime

    @property
    def attempt(self) -> str:
        """The signed attempt id of its callback URL."""
        return urlsplit(self.status_url).query.partition("=")[2]


class RecordingCarrier:
    """Accepts everything, unless `answer_next` or `answer_always` told it otherwise."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self.clock = clock
        self.texts: list[SentText] = []
        self.calls: list[PlacedCall] = []
        self.posts = 0
        self.looks = 0
        self.can_list = True
        self.keeps_list = True
        self.recordings: dict[str, bytes] = {}
        self.recordings_down = False
        self.records: dict[str, tuple[str, datetime]] = {}  # SID -> the number at the other end, and when
        self.records_down = False
        self.under_way: set[str] = set()
        self.deletions: list[str] = []
        self.can_delete = True
        self.before_sound: Callable[[str], None] = lambda _sid: None
        self.before_answer: Callable[[str], None] = lambda _to: None
        self.after_accept: Callable[[SentText], None] = lambda _text: None
        self._answers: deque[tuple[Outcome, bool]] = deque()
        self._answers_for: dict[str, Outcome] = {}
        self._always: tuple[Outcome, bool] | None = None
        self._lock = threading.Lock()

    def answer_next(self, outcome: Outcome, accepted: bool = False, times: int = 1) -> None:
        """Answers the next posts so; `accepted`: the text is sent all the same, only its answer is lost."""
        self._answers.extend([(outcome, accepted)] * times)

    def answer_for(self, prefix: str, outcome: Outcome | None) -> None:
        """Answers every post to numbers that begin so from now on, until told None."""
        self._answers_for.pop(prefix, None)
        if outcome is not None:
            self._answers_for[prefix] = outcome

    def answer_always(self, outcome: Outcome | None, accepted: bool = False) -> None:
        """Answers every post so from now on, until told None."""
        self._always = None if outcome is None else (outcome, accepted)

    def send_text(self, to: str, sender: str, body: str, receipt_url: str, valid_for_s: int) -> Outcome:
        assert NUMBER.fullmatch(to), "not a number"
        assert sender, "no sender"
        assert 0 < len(body) <= TWILIO_BODY_MOST, "no body, or one that is too long"
        assert 5 < valid_for_s <= 36_000, "validity period"
        self._check_url(receipt_url)
        self.before_answer(to)
        outcome, accepted = self._answer(to)
        if accepted:
            with self._lock:
                sid = f"SM{len(self.texts) + 1:032x}"
                text = SentText(sid, to, sender, body, receipt_url, valid_for_s, self.clock())
                self.texts.append(text)
            self.after_accept(text)
            if outcome.kind is OutcomeKind.SENT:
                return Outcome(OutcomeKind.SENT, sid=sid, status="queued")
        return outcome

    def place_call(
        self, to: str, url: str, fallback_url: str, status_url: str, for_a_person: bool = False
    ) -> Outcome:
        assert NUMBER.fullmatch(to), "not a number"
        for each in (url, fallback_url, status_url):
            self._check_url(each)
        outcome, accepted = self._answer(to)
        if accepted:
            sid = f"CA{len(self.calls) + 1:032x}"
            placed_at_utc = self.clock()
            self.calls.append(PlacedCall(sid, to, url, fallback_url, status_url, for_a_person, placed_at_utc))
            if outcome.kind is OutcomeKind.SENT:
                return Outcome(OutcomeKind.SENT, sid=sid, status="queued")
        return outcome

    @property
    def lines(self) -> frozenset[str]:
        return frozenset({MAIN_LINE})

    def line_to(self, to: str, by_call: bool) -> str:
        return MAIN_LINE

    def can_find_texts(self, to: str) -> bool:
        return self.keeps_list

    def find_texts(self, to: str, since_utc: datetime) -> list[OnRecord]:
        self.looks += 1
        if not self.can_list:
            raise CarrierUnavailableError("down")
        return [
            OnRecord(text.sid, "sent", text.created_at_utc, text.body)
            for text in self.texts
            if text.to == to and text.created_at_utc >= since_utc
        ]

    def find_calls(self, to: str, since_utc: datetime) -> list[OnRecord]:
        self.looks += 1
        if not self.can_list:
            raise CarrierUnavailableError("down")
        return [
            OnRecord(call.sid, "completed", call.created_at_utc, "")
            for call in self.calls
            if call.to == to and call.created_at_utc >= since_utc
        ]

    def fetch_recording(self, sid: str) -> bytes:
        assert RECORDING.fullmatch(sid), "not the SID of a recording"
        self.before_sound(sid)
        if self.recordings_down:
            raise CarrierUnavailableError("down")
        if sid not in self.recordings:
            raise NoRecordingError
        return self.recordings[sid]

    def delete_recording(self, sid: str) -> None:
        assert RECORDING.fullmatch(sid), "not the SID of a recording"
        if self.recordings_down or not self.can_delete:
            raise CarrierUnavailableError("down")
        self.recordings.pop(sid, None)

    def delete_copy(self, sid: str) -> None:
        assert COPY.fullmatch(sid), "not the SID of a text or a call"
        self.deletions.append(sid)
        if self.records_down:
            raise CarrierUnavailableError("down")
        if sid in self.under_way:
            raise UnderWayError
        self.records.pop(sid, None)

    def copies_with(self, sid: str, until_utc: datetime) -> list[str]:
        assert COPY.fullmatch(sid), "not the SID of a text or a call"
        if self.records_down:
            raise CarrierUnavailableError("down")
        if sid not in self.records:
            return []
        number = self.records[sid][0]
        return [other for other, (to, at_utc) in self.records.items() if to == number and at_utc <= until_utc]

    def copies_of(self, sender: str, until_utc: datetime) -> list[str]:
        assert sender, "no sender"
        self.looks += 1
        if self.records_down:
            raise CarrierUnavailableError("down")
        return self._made_until(until_utc, "SM")

    def calls_of(self, number: str, until_utc: datetime) -> list[str]:
        assert NUMBER.fullmatch(number), "not a number"
        if self.records_down:
            raise CarrierUnavailableError("down")
        return self._made_until(until_utc, "CA")

    def _made_until(self, until_utc: datetime, kind: str) -> list[str]:
        old = [sid for sid, (_, at_utc) in self.records.items() if at_utc <= until_utc]
        return [sid for sid in old if sid.startswith(kind)]

    def _answer(self, to: str) -> tuple[Outcome, bool]:
        with self._lock:
            self.posts += 1
            for prefix, outcome in self._answers_for.items():
                if to.startswith(prefix):
                    return outcome, False
            if self._answers:
                return self._answers.popleft()
            return self._always or (Outcome(OutcomeKind.SENT), True)

    def _check_url(self, url: str) -> None:
        assert url.startswith("https://hotline.example/"), "not under the public URL"
        assert not NUMBER.search(url.replace("%2B", "+")), "a number in a URL"
        assert not re.search(r"20[0-9]{2}-[0-9]{2}", url), "a date in a URL"
