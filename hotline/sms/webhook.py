"""POST /sms: a text arrives.

A sample of what the carrier posts (signed, form-encoded):

    MessageSid=SM0123…&AccountSid=AC…&From=%2B996555123456&To=%2B996312000777&Body=STEP7&NumMedia=0&NumSegments=1
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import structlog
from flask import Blueprint, Response, abort, request
from sqlalchemy.exc import SQLAlchemyError
from twilio.twiml.messaging_response import MessagingResponse

from hotline.carriers.base import ReceivedText
from hotline.carriers.signature import SignedRequests
from hotline.people.privacy import DataKeyError
from hotline.sms.answering import Answering
from hotline.sms.door import Door
from hotline.sms.incoming import Incoming, Wish

MESSAGE_SID = re.compile(r"[SM]M[0-9a-fA-F]{32}", re.ASCII)
NOT_IN_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

log = structlog.get_logger()


@dataclass(frozen=True)
class SmsDesk:
    """Takes the texts that Twilio brings: verify, read, answer, TwiML."""

    answering: Answering
    signed: SignedRequests

    def blueprint(self) -> Blueprint:
        """The route of incoming texts."""
        blueprint = Blueprint("sms", __name__)
        blueprint.add_url_rule("/sms", view_func=self.receive, methods=["POST"])
        return blueprint

    def receive(self) -> Response:
        """Answers one text with TwiML; 403 unsigned, 400 without a MessageSid, 503 if it cannot be stored."""
        if not self.signed.check(request):
            abort(403)
        text = _incoming(request.form)
        if not MESSAGE_SID.fullmatch(text.sid):
            abort(400)
        try:
            answer = self.answering.answer(text, TWIML)
        except (SQLAlchemyError, DataKeyError) as e:
            log.error("sms.not_stored", sid=text.sid, exc_info=e)
            abort(503)
        return Response(answer, mimetype="text/xml")

    def answer_late(self, text: ReceivedText) -> None:
        """Answers, by texts of its own, what no webhook could store. Raises as Answering.answer."""
        self.answering.answer(
            Incoming(text.sid, text.sender, text.body, text.to, written_at_utc=text.at_utc), LATE
        )


def _incoming(form: Mapping[str, str]) -> Incoming:
    media, wish = form.get("NumMedia", ""), form.get("OptOutType", "")
    return Incoming(
        sid=form.get("MessageSid", ""),
        sender=form.get("From", ""),
        body=form.get("Body", ""),
        to=form.get("To", ""),
        with_media=media.isdigit() and media.strip("0") != "",
        wish=Wish(wish) if wish in set(Wish) else None,
    )


def _render(pages: Sequence[str]) -> str:
    response = MessagingResponse()
    for page in pages:
        response.message(NOT_IN_XML.sub("", page))
    return str(response)


TWIML = Door(confirms_stop=True, queues=False, render=_render)  # Twilio's: one <Message> a page
LATE = replace(TWIML, queues=True)  # no webhook waits for an answer
