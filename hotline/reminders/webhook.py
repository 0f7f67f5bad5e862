"""POST /receipts/sms and /receipts/call: status callbacks; see receipts.py for a sample."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import structlog
from flask import Blueprint, Response, abort, request
from sqlalchemy.exc import SQLAlchemyError

from db import Database
from hotline.carriers.base import is_machine
from hotline.carriers.signature import SignedRequests
from hotline.people.privacy import Vault
from hotline.reminders.receipts import ATTEMPT, Receipt, read_attempt, record_receipt
from hotline.reminders.window import Window

SID = re.compile(r"[0-9A-Za-z]{1,64}", re.ASCII)
CODE = re.compile(r"[0-9]{1,6}", re.ASCII)  # Twilio's have five digits

log = structlog.get_logger()


@dataclass(frozen=True)
class ReceiptsDesk:
    """Takes status callbacks: verify, read, record in one transaction, 204."""

    database: Database
    vault: Vault
    window: Window
    signed: SignedRequests
    now_utc: Callable[[], datetime]

    def blueprint(self) -> Blueprint:
        """The two routes."""
        blueprint = Blueprint("receipts", __name__)
        blueprint.add_url_rule("/receipts/sms", "sms", self.take_sms, methods=["POST"])
        blueprint.add_url_rule("/receipts/call", "call", self.take_call, methods=["POST"])
        return blueprint

    def take_sms(self) -> Response:
        """A text's status: MessageSid, MessageStatus, ErrorCode."""
        return self._take("MessageSid", "MessageStatus")

    def take_call(self) -> Response:
        """A call's status: CallSid, CallStatus."""
        return self._take("CallSid", "CallStatus")

    def _take(self, sid_field: str, status_field: str) -> Response:
        if not self.signed.check(request):
            abort(403)
        message_id = read_attempt(self.vault, request.args.get(ATTEMPT, ""))
        sid, status = request.form.get(sid_field, ""), request.form.get(status_field, "")
        if message_id is None or not SID.fullmatch(sid) or not status:
            abort(400)
        code = request.form.get("ErrorCode", "")
        machine = is_machine(request.form.get("AnsweredBy", ""))
        self.record(message_id, Receipt(sid, status, int(code) if CODE.fullmatch(code) else None, machine))
        return Response(status=204)

    def record(self, message_id: str, receipt: Receipt) -> None:
        """Records a receipt, whichever carrier gave it; ends the request with 503 if it cannot be stored."""
        try:
            with self.database.writing() as session:
                record_receipt(session, self.window, self.vault, message_id, receipt, self.now_utc())
        except SQLAlchemyError as e:
            log.error("receipt.not_stored", message=message_id, exc_info=e)
            abort(503)
