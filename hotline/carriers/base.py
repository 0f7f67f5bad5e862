"""A telephone company, whoever it is, and what its answers mean: the outcome table."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

SID = re.compile(r"(SM|MM|CA)[0-9a-fA-F]{32}", re.ASCII)  # of a text or a call: Twilio's API documentation


# A call that the hotline pays for ends, whatever is pressed: time for any step in peace, or for talking with
# the operator. Who needs longer calls again. A hundred turns alone would hold a line for an hour.
LONGEST_CALL_S = 20 * 60
PLACED = "outbound-api"  # direction of a call that the hotline placed: Twilio documentation, "Call resource"


class OutcomeKind(StrEnum):
    """What becomes of a message after the carrier was asked to send it."""

    SENT = "sent"
    RETRY = "retry"  # it never reached the carrier
    BACK_OFF = "back_off"  # the carrier did not take it now
    UNKNOWN = "unknown"  # it may have been sent: look it up, never send it blindly again
    REFUSED = "refused"  # for a reason that the table does not know: tell the operator, try again later
    FINAL = "final"  # this recipient cannot be reached this way
    OPTED_OUT = "opted_out"
    BARRED = "barred"  # our account may not reach this country: the operator's to mend, others go on
    HALT = "halt"  # nothing can be sent until the operator mends the settings


@dataclass(frozen=True)
class Outcome:
    """The carrier's answer, classed.

    `retry_after_s`: what a BACK_OFF asked for, in seconds. `http_status`: of an answer other than success.
    """

    kind: OutcomeKind
    sid: str | None = None
    status: str | None = None
    error_code: int | None = None
    retry_after_s: float | None = None
    http_status: int | None = None


# What `Carrier.line_to` names: the company that carries calls too, and a gateway of an operator.
MAIN_LINE, GATEWAY_LINE = "carrier", "kannel"


class ReceiptKind(StrEnum):
    """What a status callback asks for."""

    PROGRESS = "progress"
    DELIVERED = "delivered"
    TRY_LATER = "try_later"  # the carrier's own trouble: a new attempt after a delay
    UNREACHABLE = "unreachable"  # the telephone is off or away: the next attempt of the plan
    NOT_ANSWERED = "not_answered"  # a call that nobody heard
    OPTED_OUT = "opted_out"
    FAILED = "failed"


@dataclass(frozen=True)
class OnRecord:
    """A text or a call that the carrier has on record; a call has no body."""

    sid: str
    status: str
    created_at_utc: datetime
    body: str = field(repr=False)


@dataclass(frozen=True)
class ReceivedText:
    """A text that came in, as the carrier has it on record."""

    sid: str
    at_utc: datetime
    sender: str = field(repr=False)
    to: str
    body: str = field(repr=False)


class CarrierUnavailableError(Exception):
    """The carrier could not be asked; its message never holds a number."""


class UnderWayError(Exception):
    """The carrier has not finished with a text or a call, so that its record cannot be deleted yet."""


class NoRecordingError(Exception):
    """The carrier has no such recording, or does not have its sound yet."""


class TextCarrier(Protocol):
    """Who carries texts at least. There is no idempotency key: one call here is one message out there."""

    def send_text(self, to: str, sender: str, body: str, receipt_url: str, valid_for_s: int) -> Outcome:
        """Sends a text at most once; never raises for what the carrier answers.

        `receipt_url`: its query is given back with every receipt; a carrier that calls another address than
        this keeps the query. `valid_for_s`: seconds after which the carrier drops it undelivered.
        """


class Carrier(TextCarrier, Protocol):
    """Who carries texts and calls: one company, or several that share the numbers."""

    @property
    def lines(self) -> frozenset[str]:
        """The names of the lines that it sends by: one that takes nothing stops no other."""

    def line_to(self, to: str, by_call: bool) -> str:
        """The line that a text or a call to `to` goes by."""

    def can_find_texts(self, to: str) -> bool:
        """Whether what was sent to `to` can be looked up; if not, only a receipt tells of a lost answer."""

    def place_call(
        self, to: str, url: str, fallback_url: str, status_url: str, for_a_person: bool = False
    ) -> Outcome:
        """Rings `to` from the hotline's number; the call follows the documents at `url`.

        `fallback_url`: asked for in the place of a document of the call that cannot be had or followed.
        `for_a_person`: the first request says whether a person or a machine has picked up, after its beep.
        """

    def find_texts(self, to: str, since_utc: datetime) -> list[OnRecord]:
        """The texts sent to `to` and created at or after `since_utc` by the carrier's clock.

        Raises CarrierUnavailableError if the carrier cannot be asked now, or never.
        """

    def find_calls(self, to: str, since_utc: datetime) -> list[OnRecord]:
        """The calls that the hotline placed to `to`, as find_texts."""

    def fetch_recording(self, sid: str) -> bytes:
        """The sound of a recording as a WAV file.

        Raises NoRecordingError where there is none (yet), CarrierUnavailableError where the carrier cannot be
        asked or what it gives is no such file: it may be asked again.
        """

    def delete_recording(self, sid: str) -> None:
        """Deletes the carrier's copy; nothing if it has none. Raises CarrierUnavailableError."""

    def delete_copy(self, sid: str) -> None:
        """Deletes the carrier's record of a text or a call; nothing if it has none.

        Raises UnderWayError while it is not finished, CarrierUnavailableError where it cannot be asked.
        """

    def copies_with(self, sid: str, until_utc: datetime) -> list[str]:
        """The SIDs of texts and calls with the number that the record `sid` leads to, made until an instant.

        Empty if there is no such record, or no number in it. Raises CarrierUnavailableError.
        """

    def copies_of(self, sender: str, until_utc: datetime) -> list[str]:
        """The SIDs of the texts that `sender` of ours sent or received, made until an instant.

        At most a thousand of each. Raises CarrierUnavailableError.
        """

    def calls_of(self, number: str, until_utc: datetime) -> list[str]:
        """The same of the calls from and to `number`."""


# Numbers of errors: Twilio, Error and Warning Dictionary.
_OPTED_OUT = frozenset({21610})
_BACK_OFF = frozenset({20429, 21611})  # too many requests; the sender's queue is full
# invalid number, cannot be called, invalid number, not routable, not a mobile, landline
_FINAL = frozenset({21211, 21214, 21217, 21612, 21614, 21635})
BARRED_CODES = frozenset({21215, 21408})  # no permission for the country: of calls, of texts
# authentication; no such account; sender not ours or unable to send; messaging service not found or empty
_SETTINGS = frozenset({20003, 20404, 21212, 21606, 21701, 21703, 21704, 21705})
_LATER = frozenset({30001, 30036, 30500})  # queue overflow, validity period ran out, carrier's own error
_UNREACHABLE = frozenset({30003})

_TOO_MANY_REQUESTS = 429
_REQUEST_TIMEOUT = 408
_REFUSED = frozenset({401, 403})


def outcome_of_error(
    http_status: int, error_code: int | None = None, retry_after_s: float | None = None
) -> Outcome:
    """What an HTTP answer other than success means; the code in its body wins over its status."""
    return Outcome(
        _kind_of_error(http_status, error_code),
        error_code=error_code,
        retry_after_s=retry_after_s,
        http_status=http_status,
    )


def receipt_kind(status: str, error_code: int | None) -> ReceiptKind:
    """What a status callback means."""
    if status in {"delivered", "read", "completed"}:
        return ReceiptKind.DELIVERED
    if status not in {"undelivered", "failed", "canceled", "busy", "no-answer"}:
        return ReceiptKind.PROGRESS
    if error_code in _LATER:
        return ReceiptKind.TRY_LATER
    if error_code in _UNREACHABLE:
        return ReceiptKind.UNREACHABLE
    return ReceiptKind.OPTED_OUT if error_code in _OPTED_OUT else ReceiptKind.FAILED


def is_machine(answered_by: str) -> bool:
    """Whether a machine picked up a call, by AnsweredBy: Twilio, Answering Machine Detection."""
    return answered_by.startswith(("machine", "fax"))


def is_one_way(sender: str) -> bool:
    """Whether nobody can answer texts from `sender`: an alphanumeric id such as KADAM.

    A number can be answered, and so can a messaging service (its SID begins with MG), as far as we can tell.
    """
    return not sender.startswith(("+", "MG")) and not sender.isdigit()


def _kind_of_error(http_status: int, error_code: int | None) -> OutcomeKind:
    if error_code in _OPTED_OUT:
        return OutcomeKind.OPTED_OUT
    if error_code in _FINAL:
        return OutcomeKind.FINAL
    if error_code in BARRED_CODES:
        return OutcomeKind.BARRED
    if http_status == _TOO_MANY_REQUESTS or error_code in _BACK_OFF:
        return OutcomeKind.BACK_OFF
    if http_status in _REFUSED or error_code in _SETTINGS:
        return OutcomeKind.HALT
    if 400 <= http_status < 500 and http_status != _REQUEST_TIMEOUT:
        # Without a code it is not Twilio's API that answers: a proxy or a wrong URL, no recipient's fault.
        return OutcomeKind.HALT if error_code is None else OutcomeKind.REFUSED
    return OutcomeKind.UNKNOWN
