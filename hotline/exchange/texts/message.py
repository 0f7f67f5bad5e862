"""A text message: its record, its REST shape, the parameters of its webhooks."""

from dataclasses import dataclass, field
from datetime import datetime
from email.utils import format_datetime

from hotline.exchange.account import API_VERSION
from hotline.exchange.journal import Journal
from hotline.exchange.numbers import find_country
from hotline.exchange.texts.segments import Size, measure


@dataclass(eq=False, repr=False)
class Message:
    """One text. direction: inbound, outbound-api or outbound-reply; times are UTC on the exchange's clock."""

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
    journal: Journal = field(default_factory=Journal)

    @property
    def size(self) -> Size:
        """What this text takes on the air."""
        return measure(self.body)

    @property
    def segments(self) -> int:
        """SMS segments this text takes."""
        return self.size.segments

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
    return {
        "account_sid": account_sid,
        "api_version": API_VERSION,
        "body": message.body,
        "date_created": format_datetime(message.created_at),
        "date_sent": None if message.sent_at is None else format_datetime(message.sent_at),
        "date_updated": format_datetime(message.updated_at),
        "direction": message.direction,
        "error_code": message.error_code,
        "error_message": None,
        "from": message.from_number,
        "messaging_service_sid": None,
        "num_media": "0",
        "num_segments": str(message.segments),
        "price": None,
        "price_unit": "USD",
        "sid": message.sid,
        "status": message.status,
        "subresource_uris": {"media": f"{uri}/Media.json"},
        "to": message.to_number,
        "uri": f"{uri}.json",
    }


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
        ("ApiVersion", API_VERSION),
        ("From", message.from_number),
        ("To", message.to_number),
    ]
    if status in ("failed", "undelivered") and message.error_code is not None:
        params.append(("ErrorCode", str(message.error_code)))
    if status in ("delivered", "undelivered"):
        params.append(("RawDlrDoneDate", message.updated_at.strftime("%y%m%d%H%M")))
    return params
