"""POST /receipts/recording: the carrier says that a voice message is ready to be fetched.

A sample (signed, form-encoded; the address is never fetched, it is made anew from the SID):

    RecordingSid=RE0123…&RecordingStatus=completed&RecordingDuration=4&CallSid=CA…&RecordingUrl=https://…
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import structlog
from flask import Blueprint, Response, abort, request
from sqlalchemy.exc import SQLAlchemyError

from db import Database
from hotline.carriers.account import TRIED_AGAIN
from hotline.carriers.signature import SignedRequests
from hotline.people import messages
from hotline.voice.person import recorded_of

RECEIPT = "/receipts/recording"
RECORDING_READY = f"{RECEIPT}{TRIED_AGAIN}"  # what goes into <Record>
COMPLETED = "completed"

log = structlog.get_logger()


@dataclass(frozen=True)
class RecordingsDesk:
    """Takes the callback: verify, store, wake who fetches, 204; 503 where it could not be stored."""

    database: Database
    signed: SignedRequests
    now_utc: Callable[[], datetime]
    wake: Callable[[], None]

    def blueprint(self) -> Blueprint:
        """The route."""
        blueprint = Blueprint("recordings", __name__)
        blueprint.add_url_rule(RECEIPT, view_func=self.take, methods=["POST"])
        return blueprint

    def take(self) -> Response:
        """A recording's status. Mostly the call's own answer has stored the message already."""
        if not self.signed.check(request):
            abort(403)
        recorded = recorded_of(request.form)
        if recorded is None:
            abort(400)
        if request.form.get("RecordingStatus") == COMPLETED:
            try:
                with self.database.writing() as session:
                    messages.keep_unknown(session, recorded.sid, recorded.seconds, self.now_utc())
            except SQLAlchemyError as e:
                log.error("recording.not_stored", sid=recorded.sid, exc_info=e)
                abort(503)
            self.wake()
        return Response(status=204)
