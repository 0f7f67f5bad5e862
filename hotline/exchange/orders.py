"""Forms of the REST API read as Twilio reads them (pure); a wrong one is a RestError with Twilio's code."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from hotline.exchange.account import Account
from hotline.exchange.needs import DocumentAt, DocumentText, Source
from hotline.exchange.numbers import (
    MAGIC_CALL_FROM,
    MAGIC_CALL_TO,
    MAGIC_TEXT_FROM,
    MAGIC_TEXT_TO,
    MAGIC_VALID_FROM,
    is_e164,
)

# Code -> HTTP status and text (twilio-facts section 3, Errors; Twilio's error dictionary).
ERRORS = {
    20001: (400, "Parameter {} is not valid."),
    20003: (401, "Authenticate"),
    20404: (404, "The requested resource {} was not found"),
    20429: (429, "Too Many Requests"),
    20500: (500, "An internal server error has occurred"),
    21201: (400, "No 'To' number is specified"),
    21205: (400, "Url is not a valid URL: {}"),
    21210: (400, "The source phone number provided, {}, is not yet verified for your account."),
    21211: (400, "The 'To' number {} is not a valid phone number."),
    21212: (400, "The 'From' number {} is not a valid phone number."),
    21213: (400, "A 'From' phone number is required."),
    21214: (400, "The 'To' number {} cannot be reached."),
    21215: (400, "Account not authorized to call {}."),
    21216: (400, "Account not allowed to call {}."),
    21217: (400, "The phone number {} does not appear to be valid."),
    21220: (400, "Call is not in-progress. Cannot redirect."),
    21266: (400, "'To' and 'From' number cannot be the same: {}"),
    21408: (400, "Permission to send an SMS has not been enabled for the region of the 'To' number {}."),
    21602: (400, "Message body is required."),
    21603: (400, "A 'From' phone number is required."),
    21604: (400, "A 'To' phone number is required."),
    21606: (400, "The 'From' phone number {} is not a valid, message-capable number for this account."),
    21609: (400, "The 'StatusCallback' URL {} is not a valid URL."),
    21610: (400, "Attempt to send to unsubscribed recipient"),
    21611: (400, "The 'From' number {} has exceeded the maximum number of queued messages."),
    21612: (400, "The 'To' phone number {} is not currently reachable via SMS."),
    21614: (400, "'To' number is not a valid mobile number: {}"),
    21617: (400, "The concatenated message body exceeds the 1600 character limit."),
    21624: (400, "The validity period {} is not from 1 to 36000 seconds."),
    21701: (400, "The Messaging Service {} does not exist."),
    32018: (400, "The parameter Twiml exceeds the 4000 character limit."),
}

_EVENTS = ("initiated", "ringing", "answered", "completed")


class RestError(Exception):
    """What the REST API refuses: Twilio's error code, HTTP status and message."""

    def __init__(self, code: int, about: str = "") -> None:
        self.code = code
        self.status, text = ERRORS[code]
        self.message = text.format(about)
        super().__init__(str(code))


@dataclass(frozen=True, repr=False)
class Form:
    """A form as it came: each name with its texts in order."""

    fields: Mapping[str, Sequence[str]]

    def get(self, name: str, default: str = "") -> str:
        """The first text under a name."""
        return next(iter(self.fields.get(name, ())), default)

    def get_words(self, name: str) -> tuple[str, ...]:
        """All words under a name, whether it was repeated or holds several."""
        return tuple(word for text in self.fields.get(name, ()) for word in text.split())


@dataclass(frozen=True)
class OutgoingText:
    """A text ordered through the REST API, checked."""

    to_number: str = field(repr=False)
    from_number: str = field(repr=False)
    body: str = field(repr=False)
    status_callback: str | None


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


def read_text_order(form: Form, account: Account) -> OutgoingText:
    """POST Messages.json: To, From, Body, StatusCallback, ValidityPeriod; others are accepted unread."""
    to_number, from_number, body = form.get("To"), form.get("From"), form.get("Body")
    if form.get("MessagingServiceSid"):
        raise RestError(21701, form.get("MessagingServiceSid"))
    if not to_number:
        raise RestError(21604)
    if not from_number:
        raise RestError(21603)
    _refuse_magic(MAGIC_TEXT_FROM, from_number)
    if from_number not in (account.number, MAGIC_VALID_FROM):
        raise RestError(21606, from_number)
    _check_to(to_number, from_number, MAGIC_TEXT_TO)
    if not body:
        raise RestError(21602)
    if len(body) > 1_600:
        raise RestError(21617)
    validity = form.get("ValidityPeriod", "36000")
    if not (validity.isdigit() and 1 <= int(validity) <= 36_000):
        raise RestError(21624, validity)
    return OutgoingText(to_number, from_number, body, _read_url(form, "StatusCallback", 21609))


def read_call_order(form: Form, account: Account) -> Outgoing:
    """POST Calls.json: To, From, Url or Twiml, fallback, callbacks, Timeout, TimeLimit."""
    to_number, from_number = form.get("To"), form.get("From")
    if not to_number:
        raise RestError(21201)
    if not from_number:
        raise RestError(21213)
    _refuse_magic(MAGIC_CALL_FROM, from_number)
    if from_number not in (account.number, MAGIC_VALID_FROM):
        raise RestError(21210, from_number)
    _check_to(to_number, from_number, MAGIC_CALL_TO)
    source = read_source(form)
    if source is None:
        raise RestError(21205)
    fallback_url = _read_url(form, "FallbackUrl", 21205)
    events = form.get_words("StatusCallbackEvent")
    return Outgoing(
        to_number,
        from_number,
        source,
        fallback=None
        if fallback_url is None
        else DocumentAt(fallback_url, _read_method(form, "FallbackMethod")),
        callback_url=_read_url(form, "StatusCallback", 21609),
        callback_method=_read_method(form, "StatusCallbackMethod"),
        callback_events=tuple(event for event in _EVENTS if event in events) or ("completed",),
        # Timeout at most 600 s, TimeLimit at most 14,400 s: twilio-facts section 4.
        timeout_s=_read_seconds(form, "Timeout", 60, 600),
        time_limit_s=_read_seconds(form, "TimeLimit", 14_400, 14_400),
    )


def read_source(form: Form) -> Source | None:
    """The document a call shall perform: Url (wins) or Twiml of at most 4,000 characters; None if neither."""
    url, twiml = _read_url(form, "Url", 21205), form.get("Twiml")
    if url is not None:
        return DocumentAt(url, _read_method(form, "Method"))
    if len(twiml) > 4_000:
        raise RestError(32018)
    return DocumentText(twiml) if twiml else None


def _check_to(to_number: str, from_number: str, magic: Mapping[str, int]) -> None:
    _refuse_magic(magic, to_number)
    if not is_e164(to_number):
        raise RestError(21211, to_number)
    if to_number == from_number:
        raise RestError(21266, to_number)


def _refuse_magic(magic: Mapping[str, int], number: str) -> None:
    if number in magic:
        raise RestError(magic[number], number)


def _read_url(form: Form, name: str, code: int) -> str | None:
    url = form.get(name)
    if not url:
        return None
    parts = urlsplit(url)
    # No underscore in the host: twilio-facts section 3 (Create).
    if parts.scheme not in ("http", "https") or not parts.hostname or "_" in parts.hostname:
        raise RestError(code, url)
    return url


def _read_method(form: Form, name: str) -> str:
    method = form.get(name, "POST").upper()
    if method not in ("GET", "POST"):
        raise RestError(20001, name)
    return method


def _read_seconds(form: Form, name: str, default: int, most: int) -> float:
    value = form.get(name, str(default))
    if not value.isdigit():
        raise RestError(20001, name)
    return float(min(max(int(value), 1), most))
