"""A call ordered through the REST API: its form, read as Twilio reads it (pure)."""

from dataclasses import dataclass, field

from hotline.exchange.account import Account
from hotline.exchange.calls.detection import Detection, read_detection
from hotline.exchange.calls.needs import DocumentAt, DocumentText, Source
from hotline.exchange.forms import (
    Form,
    RestError,
    check_to,
    read_method,
    read_seconds,
    read_url,
    refuse_magic,
)
from hotline.exchange.numbers import MAGIC_CALL_FROM, MAGIC_CALL_TO, MAGIC_VALID_FROM

_EVENTS = ("initiated", "ringing", "answered", "completed")


@dataclass(frozen=True)
class Outgoing:
    """A call ordered through the REST API, checked; the fields mean what they mean in Call."""

    to_number: str = field(repr=False)
    from_number: str = field(repr=False)
    source: Source
    fallback: DocumentAt | None = None
    callback_url: str | None = None
    callback_method: str = "POST"
    callback_events: tuple[str, ...] = ("completed",)
    timeout_s: float = 60.0
    time_limit_s: float = 14_400.0
    detection: Detection | None = None


def read_call_order(form: Form, account: Account) -> Outgoing:
    """POST Calls.json: To, From, Url or Twiml, fallback, callbacks, Timeout, TimeLimit, machine detection."""
    to_number, from_number = form.get("To"), form.get("From")
    if not to_number:
        raise RestError(21201)
    if not from_number:
        raise RestError(21213)
    refuse_magic(MAGIC_CALL_FROM, from_number)
    if from_number not in (account.number, MAGIC_VALID_FROM):
        raise RestError(21210, from_number)
    check_to(to_number, from_number, MAGIC_CALL_TO)
    source = read_source(form)
    if source is None:
        raise RestError(21205)
    fallback_url = read_url(form, "FallbackUrl", 21205)
    events = form.get_words("StatusCallbackEvent")
    return Outgoing(
        to_number,
        from_number,
        source,
        fallback=None
        if fallback_url is None
        else DocumentAt(fallback_url, read_method(form, "FallbackMethod")),
        callback_url=read_url(form, "StatusCallback", 21609),
        callback_method=read_method(form, "StatusCallbackMethod"),
        callback_events=tuple(event for event in _EVENTS if event in events) or ("completed",),
        # Timeout at most 600 s, TimeLimit at most 14,400 s: twilio-facts section 4.
        timeout_s=read_seconds(form, "Timeout", 60, 600),
        time_limit_s=read_seconds(form, "TimeLimit", 14_400, 14_400),
        detection=read_detection(form),
    )


def read_source(form: Form) -> Source | None:
    """The document a call shall perform: Url (wins) or Twiml of at most 4,000 characters; None if neither."""
    url, twiml = read_url(form, "Url", 21205), form.get("Twiml")
    if url is not None:
        return DocumentAt(url, read_method(form, "Method"))
    if len(twiml) > 4_000:
        raise RestError(32018)
    return DocumentText(twiml) if twiml else None
