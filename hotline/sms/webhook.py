"""POST /sms: a text arrives.

A sample of what the carrier posts (signed, form-encoded):

    MessageSid=SM0123…&AccountSid=AC…&From=%2B996555123456&To=%2B996312000777&Body=STEP7&NumMedia=0&NumSegments=1

The text, what it changes and what it is answered are stored in one transaction under its MessageSid, so that
the carrier's replay of the webhook gets the same bytes and has no second effect.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import structlog
from flask import Blueprint, Response, abort, request
from sqlalchemy.exc import DBAPIError, IntegrityError
from twilio.twiml.messaging_response import MessagingResponse

from db import Database
from hotline.carriers.signature import SignedRequests
from hotline.guide.model import Guide
from hotline.people import limits, store
from hotline.people.effects import Effects
from hotline.people.model import RingBack, SendText
from hotline.people.numbers import usable_number
from hotline.reminders.days import Today
from hotline.sms.door import Door, queue
from hotline.sms.keywords import Vocabulary, read
from hotline.sms.replies import reply_to
from hotline.sms.scripts import offered

MESSAGE_SID = re.compile(r"[SM]M[0-9a-f]{32}")
NOT_IN_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

log = structlog.get_logger()


@dataclass(frozen=True)
class SmsDesk:
    """Answers texts: verify, load, one pure function, effects and answer in one transaction, TwiML."""

    guide: Guide
    vocabulary: Vocabulary
    database: Database
    effects: Effects
    signed: SignedRequests
    now_utc: Callable[[], datetime]
    wake: Callable[[], None]

    def blueprint(self) -> Blueprint:
        """The route of incoming texts."""
        blueprint = Blueprint("sms", __name__)
        blueprint.add_url_rule("/sms", view_func=self.receive, methods=["POST"])
        return blueprint

    def receive(self) -> Response:
        """Answers one text with TwiML; 403 unsigned, 400 without a MessageSid, 503 if it cannot be stored."""
        if not self.signed.check(request):
            abort(403)
        sid = request.form.get("MessageSid", "")
        if not MESSAGE_SID.fullmatch(sid):
            abort(400)
        phone = usable_number(request.form.get("From"))
        if phone is None or phone == request.form.get("To"):  # a short code, a sender id, ourselves: nobody
            log.info("sms.nobody", sid=sid)
            return _twiml(TWIML.silence)
        return _twiml(self.answer(sid, phone, request.form.get("Body", ""), TWIML))

    def answer(self, sid: str, phone: str, body: str, door: Door) -> str:
        """Answers a text that came by any door, once for each `sid`; 503 if it cannot be stored."""
        try:
            return self._answer(sid, phone, body, door)
        except IntegrityError:  # the same webhook, answered by another thread at this instant
            return self._answered_meanwhile(sid) or door.silence
        except DBAPIError as e:
            log.error("sms.not_stored", sid=sid, exc_info=e)
            abort(503)

    def _answer(self, sid: str, phone: str, body: str, door: Door) -> str:
        now_utc = self.now_utc()
        today = Today.at(now_utc, self.effects.window.zone)
        vault = self.effects.vault
        with self.database.writing() as session:
            contact = store.find(session, vault, phone, sid)
            if contact.answered is not None:
                return contact.answered
            command = read(body, self.vocabulary, today)
            if not door.confirms_stop:
                command = replace(command, carrier_keyword=False)
            person = contact.person.as_of(now_utc)
            reply = reply_to(self.guide, person, command, today)
            most = self.effects.limits
            refusal = limits.refusal_of(session, vault, most, contact, reply.effects, now_utc)
            if refusal is not None:
                reply = reply_to(self.guide, person, command, today, refusal)
            reply = offered(self.guide, person, command, body, reply)
            person_id = self.effects.apply(session, contact, reply.effects, now_utc)
            answer = door.render(reply.pages)
            if door.queues and person_id:
                queue(session, vault, person_id, reply.pages, now_utc)
                answer = door.silence
            kept = body if person_id else None  # nothing of a person who has just been erased
            store.keep_answer(session, vault, sid, answer, now_utc, person_id, kept)
        log.info("sms.answered", sid=sid, command=command.name, pages=len(reply.pages))
        if door.queues or any(isinstance(effect, (SendText, RingBack)) for effect in reply.effects):
            self.wake()
        return answer

    def _answered_meanwhile(self, sid: str) -> str | None:
        with self.database.reading() as session:
            return store.answer_to(session, self.effects.vault, sid)


def _render(pages: Sequence[str]) -> str:
    response = MessagingResponse()
    for page in pages:
        response.message(NOT_IN_XML.sub("", page))
    return str(response)


TWIML = Door(confirms_stop=True, queues=False, render=_render)  # Twilio's: one <Message> a page


def _twiml(body: str) -> Response:
    return Response(body, mimetype="text/xml")
