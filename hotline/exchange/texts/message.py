"""A text message: its record, its REST shape, the parameters of its webhooks."""

from dataclasses import dataclass, field
from datetime import datetime
from email.utils import format_datetime

from hotline.exchange.account import API_VERSION
from hotline.exchange.journal import Journal
from hotline.exchange.numbers import find_country
from hotline.exchange.texts.segments import Size, measure

# Statuses after which nothing more happens to a text (Twilio's API reference, Message status values).
FINAL_STATUSES = frozenset({"received", "delivered", "undelivered", "failed", "canceled"})
# Twilio's error dictionary, the codes a text can fail with; any other is unknown to the carriers too.
_FAILURES = {
    21610: "Attempt to send to unsubscribed recipient",
    30001: "Queue overflow",
    30002: "Account suspended",
    30003: "Unreachable destination handset",
    30004: "Message blocked",
    30005: "Unknown destination handset",
    30006: "Landline or unreachable carrier",
    30007: "Message filtered",
}
_UNKNOWN_FAILURE = "Unknown error"  # 30008


@dataclass(eq=False, repr=False)
class Message:
    """One text. direction: inbound, outbound-api or outbound-reply; times are UTC on the exchange's clock.

    service_sid: the messaging service it goes through; from_number is what that service sends from. redacted
    and deleted: by the customer, who does not see the body or the text any more; the phone keeps it.
    """

    sid: str
    from_number: str
    to_number: str
    body: str
    direction: str
    status: str
    created_at: datetime
    updated_at: datetime
    sent_at: datetime | None = None
    error_code: int | None = None
    status_callback: str | None = None
    service_sid: str | None = None
    redacted: bool = False
    deleted: bool = False
    journal: Journal = field(default_factory=Journal)

    @property
    def size(self) -> Size:
        """What this text takes on the air."""
        return measure(self.body)

    @property
    def segments(self) -> int:
        """SMS segments this text takes."""
        return self.size.segments

    @property
    def is_over(self) -> bool:
        """Whether the text has got as far as it will."""
        return self.status in FINAL_STATUSES

    def set_status(self, status: str, now_utc: datetime, error_code: int | None = None) -> None:
        """Move to a status; `sent` fixes the time of sending."""
        self.status, self.updated_at, self.error_code = status, now_utc, error_code
        if status == "sent":
            self.sent_at = now_utc
        self.journal.note("status", status=status, error_code=error_code)

    def alert(self, code: int, detail: str, url: str | None) -> None:
        """Note an error Twilio would show in its debugger."""
        self.journal.note("alert", code=code, detail=detail, url=url)


def describe_message(message: Message, account_sid: str) -> dict[str, object]:
    """The Message resource of Twilio's API reference (twilio-facts section 3, Response)."""
    uri = f"/{API_VERSION}/Accounts/{account_sid}/Messages/{message.sid}"
    # A service has not chosen the sender yet, so that nothing is counted either (twilio-facts section 3).
    undecided = message.status == "accepted"
    return {
        "account_sid": account_sid,
        "api_version": API_VERSION,
        "body": "" if message.redacted else message.body,
        "date_created": format_datetime(message.created_at),
        "date_sent": None if message.sent_at is None else format_datetime(message.sent_at),
        "date_updated": format_datetime(message.updated_at),
        "direction": message.direction,
        "error_code": message.error_code,
        "error_message": describe_failure(message.error_code),
        "from": None if undecided else message.from_number,
        "messaging_service_sid": message.service_sid,
        "num_media": "0",
        "num_segments": "0" if undecided else str(message.segments),
        "price": None,
        "price_unit": "USD",
        "sid": message.sid,
        "status": message.status,
        "subresource_uris": {"media": f"{uri}/Media.json"},
        "to": message.to_number,
        "uri": f"{uri}.json",
    }


def describe_failure(error_code: int | None) -> str | None:
    """What Twilio says about a text's error code; None where there is none."""
    return None if error_code is None else _FAILURES.get(error_code, _UNKNOWN_FAILURE)


def list_inbound_params(message: Message, account_sid: str) -> list[tuple[str, str]]:
    """The form of the webhook for a text that arrived (twilio-facts section 1, Inbound SMS)."""
    params = [
        ("ToCountry", find_country(message.to_number)),
        ("FromCountry", find_country(message.from_number)),
    ]
    params += [(f"{end}{part}", "") for end in ("To", "From") for part in ("State", "City", "Zip")]
    params += [(name, message.sid) for name in ("MessageSid", "SmsSid", "SmsMessageSid")]
    return [
        *params,
        ("AccountSid", account_sid),
        *_list_service(message),
        ("ApiVersion", API_VERSION),
        ("From", message.from_number),
        ("To", message.to_number),
        ("Body", message.body),
        ("NumMedia", "0"),
        ("NumSegments", str(message.segments)),
        ("SmsStatus", "received"),
    ]


def list_receipt_params(message: Message, status: str, account_sid: str) -> list[tuple[str, str]]:
    """The form of a status callback (twilio-facts section 1, Message status callback)."""
    params = [
        ("MessageSid", message.sid),
        ("SmsSid", message.sid),
        ("MessageStatus", status),
        ("SmsStatus", status),
        ("AccountSid", account_sid),
        *_list_service(message),
        ("ApiVersion", API_VERSION),
        ("From", message.from_number),
        ("To", message.to_number),
    ]
    if status in ("failed", "undelivered") and message.error_code is not None:
        params.append(("ErrorCode", str(message.error_code)))
    if status in ("delivered", "undelivered"):
        params.append(("RawDlrDoneDate", message.updated_at.strftime("%y%m%d%H%M")))
    return params


def _list_service(message: Message) -> list[tuple[str, str]]:
    return [] if message.service_sid is None else [("MessagingServiceSid", message.service_sid)]
