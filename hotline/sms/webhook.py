"""POST /sms: a text arrives.

A sample of what the carrier posts (signed, form-encoded):

    MessageSid=SM0123…&AccountSid=AC…&From=%2B996555123456&To=%2B996312000777&Body=STEP7&NumMedia=0&NumSegments=1

The text, what it changes and what it is answered are stored in one transaction under its MessageSid, so that
the carrier's replay of the webhook gets the same bytes and has no second effect. Of a text that is left
unread the log has one line, `sms.ignored`, with the reason.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

import structlog
from flask import Blueprint, Response, abort, request
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session
from twilio.twiml.messaging_response import MessagingResponse

from db import Database
from hotline.carriers.signature import SignedRequests
from hotline.guide.model import Guide
from hotline.people import limits, store
from hotline.people.effects import Effects
from hotline.people.model import RingBack, SendText
from hotline.people.numbers import usable_number
from hotline.people.store import Contact
from hotline.people.tallies import Tally
from hotline.people.text_limits import Counted, Said, TextLimits
from hotline.reminders.days import Today
from hotline.sms.command import Command, CommandName
from hotline.sms.incoming import Incoming, Wish, ignored, understood
from hotline.sms.keywords import Vocabulary
from hotline.sms.limiting import ANSWERED, brings_something_new, limited_reply
from hotline.sms.replies import Reply, reply_to

MESSAGE_SID = re.compile(r"[SM]M[0-9a-f]{32}")
NOT_IN_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
SILENCE = str(MessagingResponse())  # an answer that sends nothing

log = structlog.get_logger()


@dataclass(frozen=True)
class SmsDesk:
    """Answers texts: verify, load, one pure function, effects and answer in one transaction, TwiML.

    number: the hotline's own, to call. senders: all that its texts come from, which it does not answer.
    """

    guide: Guide
    vocabulary: Vocabulary
    database: Database
    effects: Effects
    signed: SignedRequests
    now_utc: Callable[[], datetime]
    wake: Callable[[], None]
    number: str = field(default="", repr=False)
    senders: frozenset[str] = frozenset()
    text_limits: TextLimits = field(default_factory=TextLimits)

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
        reason = ignored(text.sender, {*self.senders, self.number, request.form.get("To", "")})
        if reason is not None:
            log.info("sms.ignored", sid=text.sid, reason=reason)
            return _twiml(SILENCE)
        try:
            return _twiml(self._answer_once(text))
        except DBAPIError as e:
            log.error("sms.not_stored", sid=text.sid, exc_info=e)
            abort(503)

    def _answer_once(self, text: Incoming) -> str:
        """The answer, be it that of another thread to the same webhook; raises DBAPIError if there is none.

        A row may also have gone from under it, because the person was erased at this instant: then once more.
        """
        try:
            return self._answer(text)
        except IntegrityError:
            answered = self._answered_meanwhile(text.sid)
            return self._answer(text) if answered is None else answered

    def _answer(self, text: Incoming) -> str:
        now_utc, vault = self.now_utc(), self.effects.vault
        phone = usable_number(text.sender) or ""
        tally = Tally.of(vault, phone, text.body)
        with self.database.writing() as session:
            contact = store.find(session, vault, phone, text.sid, counts=tally.counts(now_utc))
            if contact.answered is not None:
                return contact.answered or SILENCE
            contact = replace(contact, person=contact.person.as_of(now_utc))
            command = understood(text, self.vocabulary, contact.person, self._today(now_utc))
            said = self._ruling(contact, command)
            if said is Said.NOTHING and command.name is not CommandName.STOP:
                log.info("sms.ignored", sid=text.sid, reason="over_limit", command=command.name)
                return SILENCE
            reply = self._reply(session, contact, command, said, now_utc)
            person_id = self.effects.apply(session, contact, reply.effects, now_utc)
            answer = _render(reply)
            kept = text.body if person_id else None  # nothing of a person who has just been erased
            counted = tally.columns(said if reply.pages else Said.NOTHING)
            store.keep_answer(session, vault, text.sid, answer, now_utc, person_id, kept, **counted)
        _log_answered(text, contact, command, said, reply)
        if any(isinstance(effect, (SendText, RingBack)) for effect in reply.effects):
            self.wake()
        return answer

    def _today(self, now_utc: datetime) -> Today:
        return Today.at(now_utc, self.effects.window.zone)

    def _ruling(self, contact: Contact, command: Command) -> Said:
        urgent, new = command.name is CommandName.SOS, brings_something_new(contact.person, command)
        return self.text_limits.ruling(Counted(**contact.counted), urgent, new)

    def _reply(
        self, session: Session, contact: Contact, command: Command, said: Said, now_utc: datetime
    ) -> Reply:
        """The reply that the limits leave: on texts, and on calls back that it would bring."""
        person, today = contact.person, self._today(now_utc)
        if said not in ANSWERED:
            return limited_reply(self.guide, person, command, said, self.number)
        reply = reply_to(self.guide, person, command, today)
        most, vault = self.effects.limits, self.effects.vault
        refusal = limits.refusal_of(session, vault, most, contact, reply.effects, now_utc)
        return reply if refusal is None else reply_to(self.guide, person, command, today, refusal)

    def _answered_meanwhile(self, sid: str) -> str | None:
        with self.database.reading() as session:
            answered = store.answer_to(session, self.effects.vault, sid)
        return SILENCE if answered == "" else answered


def _incoming(form: Mapping[str, str]) -> Incoming:
    media, wish = form.get("NumMedia", ""), form.get("OptOutType", "")
    return Incoming(
        sid=form.get("MessageSid", ""),
        sender=form.get("From", ""),
        body=form.get("Body", ""),
        with_media=media.isdigit() and media.strip("0") != "",
        wish=Wish(wish) if wish in set(Wish) else None,
    )


def _log_answered(text: Incoming, contact: Contact, command: Command, said: Said, reply: Reply) -> None:
    """`blocked`: the carrier was told STOP, so it drops what it is handed here (Twilio, error 21610)."""
    blocked = contact.person.blocked and bool(reply.pages) and command.name is not CommandName.START
    pages = len(reply.pages)
    log.info("sms.answered", sid=text.sid, command=command.name, said=said, pages=pages, blocked=blocked)


def _render(reply: Reply) -> str:
    response = MessagingResponse()
    for page in reply.pages:
        response.message(NOT_IN_XML.sub("", page))
    return str(response)


def _twiml(body: str) -> Response:
    return Response(body, mimetype="text/xml")
