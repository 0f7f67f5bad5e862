"""POST /sms: a text arrives.

A sample of what the carrier posts (signed, form-encoded):

    MessageSid=SM0123…&AccountSid=AC…&From=%2B996555123456&To=%2B996312000777&Body=STEP7&NumMedia=0&NumSegments=1

The text, what it changes and what it is answered are stored in one transaction under its MessageSid, so that
the carrier's replay of the webhook gets the same bytes and has no second effect.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime

import structlog
from flask import Blueprint, Response, abort, request
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session
from twilio.twiml.messaging_response import MessagingResponse

from db import Database
from hotline.carriers.base import ReceivedText
from hotline.carriers.signature import SignedRequests
from hotline.guide.model import Guide
from hotline.people import limits, store
from hotline.people.effects import Effects
from hotline.people.model import RingBack, SendText
from hotline.people.numbers import usable_number
from hotline.people.store import Contact
from hotline.reminders.days import Today
from hotline.sms.keywords import Vocabulary, read
from hotline.sms.replies import Reply, reply_to

MESSAGE_SID = re.compile(r"[SM]M[0-9a-f]{32}")
NOT_IN_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
SILENCE = str(MessagingResponse())  # an answer that sends nothing

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
            return _twiml(SILENCE)
        try:
            return _twiml(self._answer(sid, phone, request.form.get("Body", "")))
        except IntegrityError:  # the same webhook, answered by another thread at this instant
            return _twiml(self._answered_meanwhile(sid))
        except DBAPIError as e:
            log.error("sms.not_stored", sid=sid, exc_info=e)
            abort(503)

    def answer_late(self, text: ReceivedText) -> None:
        """Answers, by texts of its own, what no webhook could store; it is read as of when it was written.

        Who has written since is not answered: an old STOP must not undo a later START.
        """
        phone = usable_number(text.sender)
        if phone is None or phone == text.to or not MESSAGE_SID.fullmatch(text.sid):
            return
        with suppress(IntegrityError):  # its webhook came at this instant
            self._answer(text.sid, phone, text.body, text.at_utc)
            log.warning("sms.answered_late", sid=text.sid)

    def _answer(self, sid: str, phone: str, body: str, written_at_utc: datetime | None = None) -> str:
        """What the text is answered. `written_at_utc`: it is late, and its pages go out as texts."""
        now_utc = written_at_utc or self.now_utc()
        today = Today.at(now_utc, self.effects.window.zone)
        vault = self.effects.vault
        with self.database.writing() as session:
            contact = store.find(session, vault, phone, sid)
            if contact.answered is not None:
                return contact.answered
            command = read(body, self.vocabulary, today)
            person = contact.person.as_of(now_utc)
            reply = reply_to(self.guide, person, command, today)
            most = self.effects.limits
            refusal = limits.refusal_of(session, vault, most, contact, reply.effects, now_utc)
            if refusal is not None:
                reply = reply_to(self.guide, person, command, today, refusal)
            if written_at_utc is not None:
                reply = _as_texts(reply, self._is_superseded(session, contact, written_at_utc))
                now_utc = self.now_utc()
            person_id = self.effects.apply(session, contact, reply.effects, now_utc)
            answer = _render(reply)
            kept = body if person_id else None  # nothing of a person who has just been erased
            store.keep_answer(session, vault, sid, answer, written_at_utc or now_utc, person_id, kept)
        log.info("sms.answered", sid=sid, command=command.name, pages=len(reply.pages))
        if any(isinstance(effect, (SendText, RingBack)) for effect in reply.effects):
            self.wake()
        return answer

    def _is_superseded(self, session: Session, contact: Contact, at_utc: datetime) -> bool:
        return contact.id is not None and store.has_written_since(session, contact.id, at_utc)

    def _answered_meanwhile(self, sid: str) -> str:
        with self.database.reading() as session:
            return store.answer_to(session, self.effects.vault, sid) or SILENCE


def _as_texts(reply: Reply, is_superseded: bool) -> Reply:
    """The same answer where no webhook waits for one; nothing of it where the person has written since."""
    if is_superseded:
        return replace(reply, pages=(), effects=())
    texts = [SendText(NOT_IN_XML.sub("", page)) for page in reply.pages]
    return replace(reply, pages=(), effects=(*reply.effects, *texts))


def _render(reply: Reply) -> str:
    response = MessagingResponse()
    for page in reply.pages:
        response.message(NOT_IN_XML.sub("", page))
    return str(response)


def _twiml(body: str) -> Response:
    return Response(body, mimetype="text/xml")
