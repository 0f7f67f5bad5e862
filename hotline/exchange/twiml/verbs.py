"""The verbs of TwiML this exchange performs (pure). Defaults are Twilio's (twilio-facts section 2)."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Say:
    text: str
    times: int = 1


@dataclass(frozen=True)
class Play:
    url: str
    times: int = 1


@dataclass(frozen=True)
class Pause:
    length_s: float = 1.0


Prompt = Say | Play | Pause


@dataclass(frozen=True)
class Gather:
    """Collect keys: 5 s, finished by #, any number of digits, unless told otherwise."""

    prompts: tuple[Prompt, ...] = ()
    action: str | None = None
    method: str = "POST"
    timeout_s: float = 5.0
    finish_key: str = "#"
    num_digits: int | None = None
    action_on_empty: bool = False


@dataclass(frozen=True)
class Redirect:
    url: str
    method: str = "POST"


@dataclass(frozen=True)
class Hangup:
    pass


@dataclass(frozen=True)
class Reject:
    reason: str = "rejected"


@dataclass(frozen=True)
class Dial:
    """Ring another phone: 30 s, talk at most 4 hours, unless told otherwise."""

    number: str = field(repr=False)
    action: str | None = None
    method: str = "POST"
    timeout_s: float = 30.0
    time_limit_s: float = 14_400.0
    caller_id: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Record:
    """Record the caller: ended by 5 s of silence, any key or an hour, unless told otherwise.

    trim: whether silence before and after the speech is left out. callback_events: which of in-progress,
    completed, absent are told to callback_url. Defaults are those of Twilio's page on the verb.
    """

    action: str | None = None
    method: str = "POST"
    timeout_s: float = 5.0
    finish_keys: str = "1234567890*#"
    max_length_s: float = 3_600.0
    beep: bool = True
    trim: bool = True
    callback_url: str | None = None
    callback_method: str = "POST"
    callback_events: tuple[str, ...] = ("completed",)


VoiceVerb = Say | Play | Pause | Gather | Record | Redirect | Hangup | Reject | Dial


@dataclass(frozen=True)
class Message:
    body: str = field(repr=False)
    to: str | None = field(default=None, repr=False)
    action: str | None = None
    method: str = "POST"
    status_callback: str | None = None


TextVerb = Message | Redirect
