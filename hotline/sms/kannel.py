"""POST /kannel/sms and GET /kannel/receipt: what Kannel brings, a text or a delivery report.

What its smsbox 1.4.5 posts for `post-url = "http://kannel:SECRET@127.0.0.1:8000/kannel/sms?id=%I"`:

    POST /kannel/sms?id=7c17f3ab-367e-49cd-a2e8-24b035e6ac4b
    Authorization: Basic …          Content-Type: text/plain; charset="UTF-16BE"
    X-Kannel-From: +996555123456    X-Kannel-To: 4040        (the body is the text, in that charset)

and what it calls for a report, at the URL that the text was sent with:

    GET /kannel/receipt?attempt=0f3c….k9Jx…&status=1&smsc_id=5b6e9a4b

It asks again until it gets 200 or 202 (so 204 would be asked for again), as often as http-request-retry says.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from flask import Blueprint, Response, abort, request
from sqlalchemy.exc import SQLAlchemyError

from hotline.carriers.base import ReceiptKind
from hotline.carriers.gateway import Kannel
from hotline.carriers.kannel import CALLER, CODING, RECEIPT_PATH
from hotline.people.numbers import usable_number
from hotline.people.privacy import DataKeyError, Vault
from hotline.reminders.receipts import ATTEMPT, Receipt, read_attempt
from hotline.sms.answering import Answering
from hotline.sms.door import Door
from hotline.sms.incoming import Incoming
from hotline.sms.segments import measure

ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)  # %I, a UUID
CHARSETS = frozenset({"utf-8", "utf-16be", "us-ascii", "iso-8859-1", "windows-1252"})

LATE_AFTER = timedelta(minutes=2)  # ours: a text that is only seconds old is answered as any other
LONGEST = timedelta(
    hours=24
)  # as of texts that are looked for at a carrier; a clock that is wrong is not believed

# A report's %d in the words of our ledger. Kannel gives no reason of a failure that all operators share, and
# the operator's own words (%A) repeat the text: both failures wait for the next attempt of the plan.
RECEIPTS = {
    "1": ("delivered", ReceiptKind.DELIVERED),
    "2": ("undelivered", ReceiptKind.UNREACHABLE),
    "4": ("queued", ReceiptKind.PROGRESS),
    "8": ("sent", ReceiptKind.PROGRESS),
    "16": ("failed", ReceiptKind.UNREACHABLE),  # refused by the operator, or too old when its turn came
}

log = structlog.get_logger()


# The answer's body is one text, however many pages it has: so it is only used where nothing can be queued.
KANNEL = Door(confirms_stop=False, queues=True, render="\n".join)


@dataclass(frozen=True)
class KannelDesk:
    """Takes what the gateway brings: verify, read, and the same answers and the same ledger as for others.

    record: of a receipt, by the id of its message.
    """

    settings: Kannel
    answering: Answering
    vault: Vault
    record: Callable[[str, Receipt], None]

    def blueprint(self) -> Blueprint:
        """The two routes."""
        blueprint = Blueprint("kannel", __name__)
        blueprint.add_url_rule("/kannel/sms", "sms", self.take_text, methods=["POST"])
        blueprint.add_url_rule(RECEIPT_PATH, "receipt", self.take_receipt, methods=["GET"])
        return blueprint

    def take_text(self) -> Response:
        """A text that has come in; 403 from anybody else, 400 without an id, 503 if it cannot be stored."""
        self._check()
        id = request.args.get("id", "")
        if not ID.fullmatch(id):
            abort(400)
        body = _text()
        if body is None:
            log.info("sms.ignored", sid=f"kannel:{id}", reason="octets")
            return _answered("")
        text = Incoming(
            f"kannel:{id}",
            self._number("From"),
            body,
            self._number("To"),
            written_at_utc=_taken_late(self.answering.now_utc()),
        )
        try:
            return _answered(self.answering.answer(text, KANNEL))
        except (SQLAlchemyError, DataKeyError) as e:
            log.error("sms.not_stored", sid=text.sid, exc_info=e)
            abort(503)

    def take_receipt(self) -> Response:
        """A delivery report; 403 from anybody else and for an attempt that is not ours."""
        self._check()
        message_id = read_attempt(self.vault, request.args.get(ATTEMPT, ""))
        if message_id is None:
            abort(403)
        status = request.args.get("status", "")
        log.info("kannel.receipt", message=message_id, status=status[:3], smsc_id=_smsc_id())
        if status in RECEIPTS:
            told, kind = RECEIPTS[status]
            # No id of the operator's is kept: a modem gives the same one again after 255 texts.
            self.record(message_id, Receipt(None, told, asks_for=kind))
        return _answered("")

    def _check(self) -> None:
        """Ends with 403 what does not come from Kannel's address with its secret."""
        shown = request.authorization
        given = f"{shown.username}:{shown.password}" if shown and shown.type == "basic" else ""
        secrets = [f"{CALLER}:{secret}" for secret in self.settings.secrets]
        # Each is compared, whichever fits: the time taken tells nothing.
        fits = [hmac.compare_digest(secret.encode(), given.encode()) for secret in secrets]
        if request.remote_addr not in self.settings.addresses or not any(fits):
            abort(403)

    def _number(self, end: str) -> str:
        """E.164 of what an operator gives, `+996…`, `00996…`, or `996…` where the gateway has that prefix.

        Anything else, such as a short code, as it came.
        """
        given = request.headers.get(f"X-Kannel-{end}", "").strip()
        if given.startswith("00"):
            return usable_number(f"+{given[2:]}") or given
        if given.isascii() and given.isdigit() and self.settings.carries(f"+{given}"):
            return usable_number(f"+{given}") or given
        return given


def _text() -> str | None:
    """The body in the charset that it came in; None for octets, which are no text of a person.

    A charset that we do not know, or bytes that are not in it, are read as far as they can be: whoever wrote
    gets an answer, if only that it was not understood.
    """
    raw = request.get_data()
    if request.mimetype == "application/octet-stream":
        return None
    charset = request.mimetype_params.get("charset", "utf-8").lower()
    return raw.decode(charset if charset in CHARSETS else "utf-8", "replace")


def _taken_late(now_utc: datetime) -> datetime | None:
    """When Kannel took a text that it brings late, after 503; None of a new one, or where it cannot be so."""
    given = request.headers.get("X-Kannel-Time", "")
    try:
        taken_utc = datetime.strptime(f"{given} +0000", "%Y-%m-%d %H:%M:%S %z")  # gw/smsbox.c: always UTC
    except ValueError:
        return None
    return taken_utc if LATE_AFTER < now_utc - taken_utc <= LONGEST else None


def _smsc_id() -> str:
    """The operator's id of the text, to ask the operator about it; only what may stand in a log."""
    return re.sub(r"[^0-9A-Za-z.\-]", "", request.args.get("smsc_id", ""), flags=re.ASCII)[:64]


def _answered(text: str) -> Response:
    """Kannel sends the body to whoever wrote; nothing of an empty one, with `omit-empty = true`."""
    response = Response(text, mimetype="text/plain")
    response.headers["X-Kannel-Coding"] = CODING[measure(text).alphabet]
    return response
