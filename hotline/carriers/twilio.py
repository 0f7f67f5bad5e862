"""Twilio, and anything that speaks its API, such as the exchange of this machine.

One call here is one HTTP request: an explicit timeout, no hidden retries. What goes wrong is classed once,
here; the texts of twilio's exceptions repeat the recipient's number and never leave this module.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from typing import Any

import requests
from twilio.base.exceptions import TwilioException, TwilioRestException, TwilioServiceException
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

from hotline.carriers.account import MESSAGING_SERVICE, TRIED_AGAIN, Twilio
from hotline.carriers.api import Api
from hotline.carriers.base import (
    LONGEST_CALL_S,
    MAIN_LINE,
    PLACED,
    CarrierUnavailableError,
    OnRecord,
    Outcome,
    OutcomeKind,
    ReceivedText,
    outcome_of_error,
)
from hotline.carriers.connecting import never_connected, seconds_of
from hotline.carriers.deleting import delete_copy
from hotline.carriers.recorded import Recorded

TIMEOUT_S = 10.0  # of connecting, and of each wait for bytes; the library's own default is to wait for ever
FOUND_MOST = 300  # newest records of one recipient that a look-up reads
PAGE_SIZE = 100
RECEIVED_MOST, RECEIVED_PAGE_SIZE = 20_000, 1_000  # Twilio's largest page
RING_TIMEOUT_S = 40
CALL_EVENTS = ["initiated", "ringing", "answered", "completed"]

_UNREADABLE = (ValueError, TypeError, AttributeError, KeyError, TwilioException)


class _TooManyRequestsError(Exception):
    """HTTP 429, with the seconds of its Retry-After: twilio's own exception drops the header."""

    def __init__(self, retry_after_s: float | None) -> None:
        super().__init__()
        self.retry_after_s = retry_after_s


class TwilioCarrier:
    """A Carrier (hotline.carriers.base) over Twilio's REST API."""

    def __init__(self, settings: Twilio, timeout_s: float = TIMEOUT_S) -> None:
        """`timeout_s`: of each request, seconds."""
        self._number = settings.number
        self._http = TwilioHttpClient(
            timeout=timeout_s,
            max_retries=0,
            request_hooks={"response": _refuse_too_many},
            logger=_silent_logger(),
        )
        self._client = Client(
            username=settings.api_key or settings.account_sid,
            password=settings.api_secret or settings.auth_tokens[0],
            account_sid=settings.account_sid,
            http_client=self._http,
            environment={"TWILIO_REGION": ""},  # settings come from Config alone, not from the environment
        )
        self._client.api.base_url = settings.api_url
        self._api = Api(settings, timeout_s)
        self._recorded = Recorded(self._api)

    def send_text(self, to: str, sender: str, body: str, receipt_url: str, valid_for_s: int) -> Outcome:
        """Sends a text at most once; see Carrier."""
        origin = "messaging_service_sid" if sender.startswith(MESSAGING_SERVICE) else "from_"
        return _outcome(
            lambda: self._client.messages.create(
                to=to,
                body=body,
                status_callback=f"{receipt_url}{TRIED_AGAIN}",
                validity_period=valid_for_s,
                **{origin: sender},
            )
        )

    def place_call(
        self, to: str, url: str, fallback_url: str, status_url: str, for_a_person: bool = False
    ) -> Outcome:
        """Rings `to` at most once; see Carrier. Who picked up: Twilio, Answering Machine Detection.

        The fallback that is set at our number is for calls that come in: a call that is placed has its own
        (Twilio documentation, "Call resource").
        """
        detection = {"machine_detection": "DetectMessageEnd"} if for_a_person else {}
        return _outcome(
            lambda: self._client.calls.create(
                to=to,
                from_=self._number,
                url=url,
                fallback_url=fallback_url,
                fallback_method="POST",
                status_callback=f"{status_url}{TRIED_AGAIN}",
                status_callback_event=CALL_EVENTS,
                timeout=RING_TIMEOUT_S,
                time_limit=LONGEST_CALL_S,
                **detection,
            )
        )

    @property
    def lines(self) -> frozenset[str]:
        """One account is one line; see Carrier."""
        return frozenset({MAIN_LINE})

    def line_to(self, to: str, by_call: bool) -> str:  # noqa: ARG002 - the protocol's signature
        """The only line; see Carrier."""
        return MAIN_LINE

    def can_find_texts(self, to: str) -> bool:  # noqa: ARG002 - the protocol's signature
        """Twilio lists what was sent; see Carrier."""
        return True

    def find_texts(self, to: str, since_utc: datetime) -> list[OnRecord]:
        """What was sent to `to` since; see Carrier. No DateSent filter: queued texts may lack that date."""
        with _listing("its messages"):
            records = self._client.messages.list(to=to, page_size=PAGE_SIZE, limit=FOUND_MOST)
            return [
                OnRecord(record.sid, record.status, record.date_created, record.body)
                for record in records
                if record.date_created >= since_utc
            ]

    def find_calls(self, to: str, since_utc: datetime) -> list[OnRecord]:
        """What was placed to `to` since; see Carrier. No StartTime filter: a queued call has none."""
        with _listing("its calls"):
            records = self._client.calls.list(to=to, page_size=PAGE_SIZE, limit=FOUND_MOST)
            return [
                OnRecord(record.sid, record.status, record.date_created, "")
                for record in records
                if record.direction == PLACED and record.date_created >= since_utc
            ]

    def received_texts(self, number: str, since_utc: datetime) -> list[ReceivedText]:
        """What came in at `number`; see hotline.sms.backfill. DateSent of a received text is its arrival."""
        with _listing("what it received"):
            records = self._client.messages.list(
                to=number, date_sent_after=since_utc, page_size=RECEIVED_PAGE_SIZE, limit=RECEIVED_MOST
            )
            return [_received(record) for record in records if record.direction == "inbound"]

    def fetch_recording(self, sid: str) -> bytes:
        """The sound of a recording; see Carrier."""
        return self._recorded.fetch(sid)

    def delete_recording(self, sid: str) -> None:
        """Deletes the carrier's copy; see Carrier."""
        self._recorded.delete(sid)

    def delete_copy(self, sid: str) -> None:
        """Deletes the carrier's record; see Carrier."""
        delete_copy(self._api, sid)

    def copies_with(self, sid: str, until_utc: datetime) -> list[str]:
        """What was exchanged with the number of a record; see Carrier."""
        try:
            number = self._number_of(sid)
        except TwilioRestException as e:
            if e.status == requests.codes.not_found:
                return []
            raise CarrierUnavailableError(f"HTTP {e.status}") from None
        except (requests.RequestException, _TooManyRequestsError, *_UNREADABLE):
            raise CarrierUnavailableError("the carrier did not show its record") from None
        if not number.startswith("+") or number == self._number:
            return []  # withheld, so anybody's
        texts, calls = self._client.messages.list, self._client.calls.list
        return self._listed((texts, calls), number, until_utc)

    def copies_of(self, sender: str, until_utc: datetime) -> list[str]:
        """What a sender of ours has sent and received; see Carrier."""
        texts = partial(self._client.messages.list, date_sent_before=until_utc)
        return self._listed((texts,), sender, until_utc)

    def calls_of(self, number: str, until_utc: datetime) -> list[str]:
        """The calls from and to a number; see Carrier."""
        calls = partial(self._client.calls.list, start_time_before=until_utc)
        return self._listed((calls,), number, until_utc)

    def _number_of(self, sid: str) -> str:
        """The number at the other end of a text or a call."""
        resource = self._client.calls if sid.startswith("CA") else self._client.messages
        record = resource(sid).fetch()
        return str(record.from_ if record.direction == "inbound" else record.to)

    def _listed(self, lists: Sequence[Callable[..., Any]], number: str, until_utc: datetime) -> list[str]:
        """From and to a number. A call under way is listed too; it cannot be deleted yet."""
        size = {"page_size": RECEIVED_PAGE_SIZE, "limit": RECEIVED_PAGE_SIZE}
        with _listing("its records"):
            records = [
                record
                for listed in lists
                for end in ({"from_": number}, {"to": number})
                for record in listed(**end, **size)
            ]
            return [record.sid for record in records if record.date_created <= until_utc]

    def close(self) -> None:
        """Closes the connections that are kept for the next request."""
        self._http.session.close()
        self._api.close()


def _outcome(create: Callable[[], Any]) -> Outcome:
    """What became of one POST. An answer that cannot be read may have been a success."""
    try:
        made = create()
    except _TooManyRequestsError as e:
        return outcome_of_error(requests.codes.too_many_requests, retry_after_s=e.retry_after_s)
    except (TwilioRestException, TwilioServiceException) as e:
        code = e.code if e.code != e.status else None  # twilio puts the status where a code is missing
        return outcome_of_error(int(e.status), code)
    except requests.RequestException as e:
        return Outcome(OutcomeKind.RETRY if never_connected(e) else OutcomeKind.UNKNOWN)
    except _UNREADABLE:
        return Outcome(OutcomeKind.UNKNOWN)
    if not made.sid:
        return Outcome(OutcomeKind.UNKNOWN)
    return Outcome(OutcomeKind.SENT, sid=made.sid, status=str(made.status))


@contextmanager
def _listing(what: str) -> Iterator[None]:
    """Raises CarrierUnavailableError, not chained: the cause repeats the number."""
    try:
        yield
    except (requests.RequestException, _TooManyRequestsError, *_UNREADABLE):
        raise CarrierUnavailableError(f"the carrier did not list {what}") from None


def _received(record: Any) -> ReceivedText:
    at_utc = record.date_sent or record.date_created
    return ReceivedText(record.sid, at_utc, record.from_, record.to, record.body or "")


def _refuse_too_many(response: requests.Response, **_: Any) -> None:
    if response.status_code == requests.codes.too_many_requests:
        response.close()  # its body is not read: the connection cannot be used again
        raise _TooManyRequestsError(seconds_of(response.headers.get("Retry-After")))


def _silent_logger() -> logging.Logger:
    """Twilio's client logs numbers and bodies; urllib3 at DEBUG logs URLs, and a look-up's holds a number."""
    logging.getLogger("urllib3.connectionpool").setLevel(logging.WARNING)
    logger = logging.getLogger("hotline.carriers.twilio.requests")
    logger.disabled = True
    return logger
