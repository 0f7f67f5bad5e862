"""What a call's script asks of the world, and what the world tells it (pure)."""

from dataclasses import dataclass, field

from hotline.exchange.twiml.documents import Answer, Failure


@dataclass(frozen=True)
class DocumentAt:
    """A document to fetch, with parameters beyond the standard ones (Digits, ErrorCode, ...).

    call_status: what the request names as CallStatus; None for the call's status at that moment.
    """

    url: str
    method: str = "POST"
    extra: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    call_status: str | None = None


@dataclass(frozen=True)
class DocumentText:
    """A document that came with the REST request itself (parameter Twiml)."""

    twiml: str


Source = DocumentAt | DocumentText


@dataclass(frozen=True)
class FetchSound:
    url: str


@dataclass(frozen=True)
class Sound:
    """A fetched sound: the key of its samples and its length in seconds."""

    key: str
    length_s: float


@dataclass(frozen=True)
class SetStatus:
    status: str


@dataclass(frozen=True)
class StartLeg:
    number: str = field(repr=False)
    caller_id: str | None = field(repr=False)
    timeout_s: float


@dataclass(frozen=True)
class LegStarted:
    sid: str


@dataclass(frozen=True)
class StopLeg:
    status: str


@dataclass(frozen=True)
class StartRecording:
    """A recording begins; callback_url absolute, callback_events as in the verb Record."""

    callback_url: str | None = None
    callback_method: str = "POST"
    callback_events: tuple[str, ...] = ("completed",)


@dataclass(frozen=True)
class RecordingStarted:
    sid: str
    url: str


@dataclass(frozen=True)
class EndRecording:
    """A recording is over. spoken: from and to, in seconds of the file; none means there is no file."""

    sid: str
    spoken: tuple[tuple[float, float], ...]
    length_s: float
    duration_s: int


@dataclass(frozen=True)
class TellDetection:
    """Detection that ran beside the call has come to its verdict."""


@dataclass(frozen=True)
class Listen:
    """Time passes until call second until_s, or until something happens.

    quiet_at_s: when the sounds now queued end. gather: number of the open Gather or Record, None where keys
    go nowhere. by_hand: whether the person decides when to go on; else a call at hand pace lets the time pass
    at once. records: whether what is spoken is recorded.
    """

    until_s: float
    quiet_at_s: float
    gather: int | None = None
    by_hand: bool = False
    records: bool = False


Need = (
    DocumentAt
    | FetchSound
    | SetStatus
    | StartLeg
    | StopLeg
    | StartRecording
    | EndRecording
    | TellDetection
    | Listen
)


@dataclass(frozen=True)
class TimeUp:
    """The call second a Listen waited for has come."""


@dataclass(frozen=True)
class Keys:
    """Keys pressed at one moment of the call, and whether the open Gather hears them."""

    keys: str = field(repr=False)
    at_s: float
    heard: bool = True


@dataclass(frozen=True)
class Speech:
    """The person begins to speak, for so many seconds."""

    seconds: float
    at_s: float


@dataclass(frozen=True)
class HangUp:
    at_s: float


@dataclass(frozen=True)
class TakeOver:
    source: Source
    at_s: float


@dataclass(frozen=True)
class LegAnswered:
    at_s: float


@dataclass(frozen=True)
class LegEnded:
    """The dialled leg is over: completed, busy, no-answer, failed or canceled."""

    status: str
    at_s: float


Event = TimeUp | Keys | Speech | HangUp | TakeOver | LegAnswered | LegEnded
Given = Event | Answer | Failure | Sound | LegStarted | RecordingStarted | None
