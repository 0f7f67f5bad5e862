"""Kannel, the gateway to a local operator: texts out by its sendsms interface. No voice, nothing to look up.

The number, the words and the password go in headers and body of a POST, so that no log of URLs has them.
Source: Kannel 1.4.5 User's Guide, "Using the HTTP interface to send SMS messages"; answers seen at 1.4.5.

Each text has a connection of its own: one that was kept and has died meanwhile would leave it unknown whether
the text was sent, and Kannel cannot be asked.
"""

from __future__ import annotations

import time
from urllib.parse import urlsplit, urlunsplit

import requests

from hotline.carriers.base import Outcome, OutcomeKind
from hotline.carriers.connecting import never_connected, seconds_of
from hotline.carriers.gateway import Kannel
from hotline.sms.segments import Alphabet, measure

TIMEOUT_S = 10.0  # of connecting, and of each wait for bytes
WHOLE_S = 20.0  # of one answer: the time-out of each wait does not end a trickle
ANSWER_BYTES = 1_024  # an answer of Kannel is one line
RECEIPT_PATH = "/kannel/receipt"
CALLER = "kannel"  # the name that Kannel shows together with the secret when it calls us
DLR_MASK = (
    31  # every report: 1 delivered, 2 not delivered, 4 buffered, 8 taken by the operator, 16 refused by it
)
CODING = {Alphabet.GSM7: "0", Alphabet.UCS2: "2"}

_TAKEN = {"0:": "accepted", "3:": "queued"}  # Kannel's own numbers
_BUSY = "Temporal failure"  # the bearerbox has not taken it
_NOBODY = ("Not routable", "Number(s) has/have been denied")  # this recipient, by any later try too
_SETTINGS = ("Authorization failed", "Sender missing", "DLR-URL", "DLR-Mask", "Coding field")


class KannelCarrier:
    """A TextCarrier (hotline.carriers.base) over Kannel's smsbox."""

    def __init__(self, settings: Kannel, timeout_s: float = TIMEOUT_S, whole_s: float = WHOLE_S) -> None:
        """`timeout_s`: of each wait; `whole_s`: of a whole answer, seconds."""
        self._settings = settings
        self._timeout_s = timeout_s
        self._whole_s = whole_s
        self._receipts = receipt_address(settings)

    def send_text(self, to: str, sender: str, body: str, receipt_url: str, valid_for_s: int) -> Outcome:
        """Sends a text at most once; see TextCarrier. Receipts come to our own address of them."""
        headers = {
            "Content-Type": "text/plain; charset=UTF-8",
            "X-Kannel-Username": self._settings.username,
            "X-Kannel-Password": self._settings.password,
            "X-Kannel-From": sender,
            "X-Kannel-To": to,
            "X-Kannel-Coding": CODING[measure(body).alphabet],
            "X-Kannel-Validity": str(max(1, valid_for_s // 60)),  # minutes; rather too early than stale
            "X-Kannel-DLR-Mask": str(DLR_MASK),
            "X-Kannel-DLR-Url": f"{self._receipts}?{urlsplit(receipt_url).query}&status=%d&smsc_id=%F",
        }
        try:
            return self._post(headers, body.encode("utf-8", "replace"))
        except requests.RequestException as e:
            return Outcome(OutcomeKind.RETRY if never_connected(e) else OutcomeKind.UNKNOWN)

    def _post(self, headers: dict[str, str], body: bytes) -> Outcome:
        with requests.Session() as session:
            session.trust_env = False  # no proxy, no .netrc: the settings come from Config alone
            response = session.post(
                self._settings.sendsms_url,
                data=body,
                headers=headers,
                timeout=self._timeout_s,
                stream=True,
                allow_redirects=False,
            )
            answer = self._read(response)
            retry_after_s = seconds_of(response.headers.get("Retry-After"))
            return outcome_of_answer(response.status_code, answer, retry_after_s)

    def _read(self, response: requests.Response) -> str:
        """The answer; empty, which nothing is made of, where it is too long or does not end."""
        ends_s = time.monotonic() + self._whole_s
        answer = bytearray()
        for chunk in response.iter_content(1):
            answer += chunk
            if len(answer) > ANSWER_BYTES or time.monotonic() > ends_s:
                return ""
        return answer.decode("utf-8", "replace").strip()


def receipt_address(settings: Kannel) -> str:
    """Where receipts go. The secret stands before the host: Kannel sends it as a header, not in the path."""
    parts = urlsplit(settings.callback_url)
    host = f"{CALLER}:{settings.secrets[0]}@{parts.netloc}"
    return urlunsplit((parts.scheme, host, parts.path + RECEIPT_PATH, "", ""))


def outcome_of_answer(http_status: int, answer: str, retry_after_s: float | None = None) -> Outcome:
    """What sendsms answered, classed; its words tell more than its status.

    "Sent." with 202 is the smsbox alone (`immediate-sendsms-reply`): the bearerbox may yet refuse it.
    """
    if http_status in {200, 202}:
        taken = _TAKEN.get(answer[:2])
        return Outcome(OutcomeKind.SENT, status=taken) if taken else Outcome(OutcomeKind.UNKNOWN)
    return Outcome(_kind(http_status, answer), retry_after_s=retry_after_s, http_status=http_status)


def _kind(http_status: int, answer: str) -> OutcomeKind:
    if http_status == 429 or (http_status == 503 and answer.startswith(_BUSY)):
        return OutcomeKind.BACK_OFF
    if not 400 <= http_status < 500 or http_status == 408:
        return OutcomeKind.UNKNOWN
    if answer.startswith(_NOBODY):
        return OutcomeKind.FINAL
    if http_status != 400 or answer.startswith(_SETTINGS):
        return OutcomeKind.HALT  # the wrong password, or not Kannel at all: no recipient's fault
    return OutcomeKind.REFUSED
