"""A call: its record, its REST shape, the parameters of its webhooks."""

from dataclasses import dataclass, field
from datetime import datetime
from email.utils import format_datetime

from hotline.exchange.account import API_VERSION
from hotline.exchange.calls.detection import Detection
from hotline.exchange.calls.needs import DocumentAt, Source
from hotline.exchange.journal import Journal
from hotline.exchange.numbers import find_country

FINAL_STATUSES = frozenset({"completed", "busy", "failed", "no-answer", "canceled"})
# Twilio's API reference, Call resource.
_SUBRESOURCES = (
    "events",
    "notifications",
    "payments",
    "recordings",
    "siprec",
    "streams",
    "transcriptions",
    "user_defined_message_subscriptions",
    "user_defined_messages",
)
# SIP answers behind the final statuses (RFC 3261).
_SIP_CODES = {"completed": 200, "busy": 486, "no-answer": 487, "canceled": 487, "failed": 404}
# 480 Temporarily Unavailable (RFC 3261, 21.4.18): the phone is known and cannot be reached. Twilio does not
# document which final status an unreachable phone brings; no-answer is what a call without an answer has.
UNREACHABLE_SIP_CODE = 480


@dataclass(eq=False, repr=False)
class Call:
    """One call (leg). phone: the subscriber's number whichever way it goes; durations are whole call seconds.

    callback_events: which of initiated, ringing, answered, completed are called back to callback_url.
    leg_sid: the call a Dial of this one has open; bridged_at_s: the parent's call second at its answer.
    real_time: the call's seconds are the clock's, not those a hand lets pass.
    on_machine: whether an answering machine picked up; answered_by: what detection says of it, if ordered.
    deleted: by the customer, who does not see the call any more.
    sip_code: the SIP answer behind the final status where it is not the usual one.
    """

    sid: str
    from_number: str
    to_number: str
    phone: str
    direction: str
    status: str
    created_at: datetime
    updated_at: datetime
    source: Source
    fallback: DocumentAt | None = None
    callback_url: str | None = None
    callback_method: str = "POST"
    callback_events: tuple[str, ...] = ("completed",)
    timeout_s: float = 60.0
    time_limit_s: float = 14_400.0
    parent_sid: str | None = None
    leg_sid: str | None = None
    bridged_at_s: float = 0.0
    started_at: datetime | None = None
    ended_at: datetime | None = None
    duration_s: int | None = None
    sequence: int = 0
    real_time: bool = False
    detection: Detection | None = None
    on_machine: bool = False
    answered_by: str | None = None
    deleted: bool = False
    sip_code: int | None = None
    journal: Journal = field(default_factory=Journal)

    @property
    def is_over(self) -> bool:
        """Whether the call has ended, in whatever way."""
        return self.status in FINAL_STATUSES


def describe_call(call: Call, account_sid: str) -> dict[str, object]:
    """The Call resource of Twilio's API reference."""
    uri = f"/{API_VERSION}/Accounts/{account_sid}/Calls/{call.sid}"
    return {
        "account_sid": account_sid,
        "annotation": None,
        "answered_by": call.answered_by,
        "api_version": API_VERSION,
        "caller_name": None,
        "date_created": format_datetime(call.created_at),
        "date_updated": format_datetime(call.updated_at),
        "direction": call.direction,
        "duration": None if call.duration_s is None else str(call.duration_s),
        "end_time": None if call.ended_at is None else format_datetime(call.ended_at),
        "forwarded_from": None,
        "from": call.from_number,
        "from_formatted": call.from_number,
        "group_sid": None,
        "parent_call_sid": call.parent_sid,
        "phone_number_sid": None,
        "price": None,
        "price_unit": "USD",
        "queue_time": "0",
        "sid": call.sid,
        "start_time": None if call.started_at is None else format_datetime(call.started_at),
        "status": call.status,
        "subresource_uris": {part: f"{uri}/{part.title().replace('_', '')}.json" for part in _SUBRESOURCES},
        "to": call.to_number,
        "to_formatted": call.to_number,
        "trunk_sid": None,
        "uri": f"{uri}.json",
    }


def list_call_params(call: Call, account_sid: str, status: str | None = None) -> list[tuple[str, str]]:
    """The standard form of every voice webhook (twilio-facts section 1, Inbound voice)."""
    ends = {
        "From": call.from_number,
        "To": call.to_number,
        "Caller": call.from_number,
        "Called": call.to_number,
    }
    params = [
        ("CallSid", call.sid),
        ("AccountSid", account_sid),
        ("ApiVersion", API_VERSION),
        ("CallStatus", status or call.status),
        ("Direction", call.direction),
        *ends.items(),
    ]
    for end, number in ends.items():
        params += [
            (f"{end}Country", find_country(number)),
            *((f"{end}{x}", "") for x in ("State", "City", "Zip")),
        ]
    if call.parent_sid is not None:
        params.append(("ParentCallSid", call.parent_sid))
    return params


def list_callback_params(
    call: Call, account_sid: str, event: str, now_utc: datetime
) -> list[tuple[str, str]]:
    """The form of a call status callback (twilio-facts section 1); takes the call's next sequence number."""
    params = list_call_params(call, account_sid, "initiated" if event == "initiated" else None)
    params += [
        ("Timestamp", format_datetime(now_utc)),
        ("CallbackSource", "call-progress-events"),
        ("SequenceNumber", str(call.sequence)),
    ]
    call.sequence += 1
    if call.answered_by is not None:
        params.append(("AnsweredBy", call.answered_by))
    if event == "completed":
        seconds = call.duration_s or 0
        # Billed minutes are whole and rounded up (twilio-facts section 7).
        params += [("CallDuration", str(seconds)), ("Duration", str(-(-seconds // 60)))]
        params.append(("SipResponseCode", str(call.sip_code or _SIP_CODES[call.status])))
    return params
