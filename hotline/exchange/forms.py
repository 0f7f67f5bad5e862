"""Forms of the REST API as Twilio reads them (pure); a wrong one is a RestError with Twilio's code."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from hotline.exchange.numbers import is_e164

# Code -> HTTP status and text (twilio-facts section 3, Errors; Twilio's error dictionary).
# The dictionary gives no HTTP status; 409 of 20009 and 30409 is from memory, unverified.
ERRORS = {
    20001: (400, "Parameter {} is not valid."),
    20003: (401, "Authenticate"),
    20004: (405, "Method not allowed"),
    20007: (400, "Page size must be at most 1000"),
    20009: (409, "Cannot delete this resource before it is complete"),
    20404: (404, "The requested resource {} was not found"),
    20429: (429, "Too Many Requests"),
    20500: (500, "An internal server error has occurred"),
    21201: (400, "No 'To' number is specified"),
    21205: (400, "Url is not a valid URL: {}"),
    21210: (400, "The source phone number provided, {}, is not yet verified for your account."),
    21211: (400, "The 'To' number {} is not a valid phone number."),
    21212: (400, "The 'From' number {} is not a valid phone number, short code or alphanumeric sender."),
    21213: (400, "A 'From' phone number is required."),
    21214: (400, "The 'To' number {} cannot be reached."),
    21215: (400, "Account not authorized to call {}."),
    21216: (400, "Account not allowed to call {}."),
    21217: (400, "The phone number {} does not appear to be valid."),
    21218: (400, "Application {} is not valid."),
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
    21620: (400, "Invalid media URL: {}"),
    21621: (400, "The 'From' number {} has not been enabled for MMS."),
    21624: (400, "The validity period {} is not from 1 to 36000 seconds."),
    21655: (400, "The ContentSid {} is invalid."),
    21701: (400, "The Messaging Service {} does not exist."),
    21705: (400, "The Messaging Service Sid {} is invalid."),
    30400: (400, "Parameters are not valid"),
    30409: (409, "This message cannot be canceled"),
    32018: (400, "The parameter Twiml exceeds the 4000 character limit."),
    35111: (400, "The SendAt timestamp is missing."),
    35118: (400, "MessagingServiceSid is required to schedule a message."),
    35126: (400, "The ScheduleType value provided is not supported for this channel."),
}


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


def check_to(to_number: str, from_number: str, magic: Mapping[str, int]) -> None:
    """Refuse a recipient that is magic, no number, or the sender itself."""
    refuse_magic(magic, to_number)
    if not is_e164(to_number):
        raise RestError(21211, to_number)
    if to_number == from_number:
        raise RestError(21266, to_number)


def refuse_magic(magic: Mapping[str, int], number: str) -> None:
    """Refuse one of Twilio's magic numbers with its code."""
    if number in magic:
        raise RestError(magic[number], number)


def read_url(form: Form, name: str, code: int) -> str | None:
    """A URL, None where none is given; `code` is the error of one that is not absolute."""
    url = form.get(name)
    if not url:
        return None
    parts = urlsplit(url)
    # No underscore in the host: twilio-facts section 3 (Create).
    if parts.scheme not in ("http", "https") or not parts.hostname or "_" in parts.hostname:
        raise RestError(code, url)
    return url


def read_method(form: Form, name: str) -> str:
    """GET or POST; POST where none is given."""
    method = form.get(name, "POST").upper()
    if method not in ("GET", "POST"):
        raise RestError(20001, name)
    return method


def read_seconds(form: Form, name: str, default: int, most: int) -> float:
    """Whole seconds from 1 to `most`; `default` where none are given."""
    value = form.get(name, str(default))
    if not value.isdigit():
        raise RestError(20001, name)
    return float(min(max(int(value), 1), most))
