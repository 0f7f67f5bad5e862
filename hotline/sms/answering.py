"""A text to its answer, whatever door it came by.

The text, what it changes and what it is answered are stored in one transaction under its SID, so that the
carrier's replay of the webhook gets the same bytes and has no second effect. Of a text that is left unread
the log has one line, `sms.ignored`, with the reason.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TypeVar

import structlog
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from db import Database, one_at_a_time
from hotline.guide.model import Guide
from hotline.people import answers, limits, store
from hotline.people.effects import Effects
from hotline.people.model import OptOut, Person, RingBack, SendText
from hotline.people.numbers import usable_number
from hotline.people.privacy import DataKeyError
from hotline.people.store import Contact
from hotline.people.tallies import COUNTS, Tally
from hotline.people.text_limits import ANSWERED, Counted, Said
from hotline.reminders.days import Today
from hotline.sms.door import Door, queue
from hotline.sms.incoming import Incoming, ignored, understood
from hotline.sms.late import LateTexts, rings_too_late
from hotline.sms.limiting import brings_something_new, limited_reply
from hotline.sms.lost import lost_reply
from hotline.sms.replies import reply_to
from hotline.sms.reply import Reply
from hotline.sms.request import Request
from hotline.sms.scripts import offered
from hotline.sms.understanding.command import Command, CommandName
from hotline.sms.understanding.keywords import Vocabulary

FOR_ANYBODY = frozenset({CommandName.SOS, CommandName.STOP})
NOBODY = Person(welcomed=True)  # who cannot be read; a welcome would come with every text

T = TypeVar("T")

log = structlog.get_logger()


@dataclass(frozen=True)
class Answering:
    """Answers texts: load, one pure function, effects and answer in one transaction.

    number: the hotline's own, to call. senders: all that its texts come from, which it does not answer.
    """

    guide: Guide
    vocabulary: Vocabulary
    database: Database
    effects: Effects
    now_utc: Callable[[], datetime]
    wake: Callable[[], None]
    number: str = field(default="", repr=False)
    senders: frozenset[str] = frozenset()
    count: Callable[[str], None] = lambda _what: None  # of texts, by outcome; see hotline.metrics

    def answer(self, text: Incoming, door: Door) -> str:
        """What the door is to give back, once for each SID, be it that of another thread to the same webhook.

        A late text is read as of when it was written, and answered in words that are true now. Who has been
        answered since is not answered to it, but told where it would have changed something; an old STOP
        holds, unless START came after it.
        Raises SQLAlchemyError where it cannot be stored, DataKeyError where no data key opens what is stored;
        then nothing has changed. But a cry for help is answered and STOP holds, whoever it is.
        """
        reason = ignored(text.sender, {*self.senders, self.number, text.to})
        if reason is not None:
            self._ignore(text, reason)
            return door.silence
        try:
            return self._once(self._answer, text, door)
        except DataKeyError as e:
            answer = self._once(self._answer_as_nobody, text, door)
            if answer is None:
                raise
            log.error("sms.unreadable", sid=text.sid, exc_info=e)
            return answer

    def _once(self, answer: Callable[[Incoming, Door], T], text: Incoming, door: Door) -> T | str:
        """`answer`, or what another thread has just answered to the same webhook."""
        try:
            return answer(text, door)
        except IntegrityError:
            # Or a row has gone from under it, because the person was erased at this instant: then once more.
            answered = self._answered_meanwhile(text.sid)
            return answer(text, door) if answered is None else answered or door.silence

    def _answer(self, text: Incoming, door: Door) -> str:
        now_utc, vault = self.now_utc(), self.effects.vault
        as_of_utc, tally, phone = text.as_of(now_utc), self._tally(text), _phone(text)
        with self.database.writing() as session:
            one_at_a_time(session, vault.indexes(phone) if phone else [])
            counts = tally.counts(as_of_utc)
            contact = store.find(session, vault, phone, text.sid, counts=counts)
            if contact.answered is not None:
                return contact.answered or door.silence
            contact = replace(contact, person=_seen(contact.person, door).as_of(as_of_utc))
            request = self._request(text, contact, tally, door, as_of_utc)
            if not request.has_effect:
                self._ignore(text, request.reason, command=request.command.name)
                return door.silence
            late = LateTexts(self.guide, self.vocabulary, vault, self.effects.window.zone)
            if text.written_at_utc and late.is_outdated(session, request):
                pages = late.lost_pages(session, request)
                if pages and contact.id:
                    queue(session, vault, contact.id, pages, now_utc)
                self._keep(session, request, bool(pages), door.silence, contact.id)
                self._ignore(text, "outdated", told=bool(pages))
                return door.silence
            reply = self._reply(session, request, now_utc)
            person_id = self.effects.apply(session, contact, reply.effects, now_utc)
            answer = door.render(reply.pages)
            if door.queues and person_id:
                queue(session, vault, person_id, reply.pages, now_utc)
                answer = door.silence
            self._keep(session, request, bool(reply.pages), answer, person_id)
        self.count(f"text.{request.said if reply.pages else Said.NOTHING}")
        _log_answered(request, reply)
        if door.queues or any(isinstance(effect, (SendText, RingBack)) for effect in reply.effects):
            self.wake()
        return answer

    def _answer_as_nobody(self, text: Incoming, door: Door) -> str | None:
        """The answer to SOS or STOP as if nothing were known of who sends it; None for anything else.

        Of what is stored nothing changes but the opt-out, for which a number need only be found, not opened.
        A late text has no webhook that could take an answer: of those STOP alone is done, if it came last.
        """
        now_utc, vault, tally = self.now_utc(), self.effects.vault, self._tally(text)
        as_of_utc = text.as_of(now_utc)
        with self.database.writing() as session:
            answered = answers.given_to(session, vault, text.sid)
            if answered is not None:
                return answered or door.silence
            counted = dict(session.execute(COUNTS, tally.counts(as_of_utc)).one()._mapping)
            nobody = Contact(_phone(text), None, NOBODY, counted=counted)
            request = self._request(text, nobody, tally, door, as_of_utc)
            if request.command.name not in ({CommandName.STOP} if text.written_at_utc else FOR_ANYBODY):
                return None
            if not request.has_effect:
                self._ignore(text, request.reason, command=request.command.name)
                return door.silence
            if text.written_at_utc and tally.is_outdated(session, None, as_of_utc):
                return None
            reply = self._reply(session, request, now_utc)
            for effect in reply.effects:
                if isinstance(effect, OptOut):
                    store.opt_out(session, vault, nobody.phone, effect.at_carrier, now_utc)
            answer = door.render(reply.pages)
            self._keep(session, request, bool(reply.pages), answer, None)
        self.count(f"text.{request.said if reply.pages else Said.NOTHING}")
        return answer

    def _request(
        self, text: Incoming, contact: Contact, tally: Tally, door: Door, as_of_utc: datetime
    ) -> Request:
        today = self._today(as_of_utc)
        command = understood(text, self.vocabulary, contact.person, today)
        if not door.confirms_stop:
            command = replace(command, carrier_keyword=False)
        said, reason = self._ruling(contact, command)
        return Request(text, contact, command, tally, as_of_utc, today, said, reason)

    def _ruling(self, contact: Contact, command: Command) -> tuple[Said, str]:
        """What the limits leave of an answer, and which of them leaves nothing."""
        counted, most = Counted(**contact.counted), self.effects.limits
        urgent, new = command.name is CommandName.SOS, brings_something_new(contact.person, command)
        said = most.texts.ruling(counted, urgent, new)
        empty = most.replies.empty(contact.phone, counted, said is Said.URGENT)
        if said is Said.NOTHING or empty is None:
            return said, "over_limit"
        return Said.NOTHING, empty

    def _reply(self, session: Session, request: Request, now_utc: datetime) -> Reply:
        """The reply that the limits leave: on texts, and on calls back that it would bring."""
        person, command, written = request.contact.person, request.command, request.today
        today = self._today(now_utc)
        if request.said not in ANSWERED:
            return limited_reply(self.guide, person, command, request.said, self.number)
        reply = reply_to(self.guide, person, command, today, written=written)
        if rings_too_late(request, reply, self.effects.window, now_utc):
            return lost_reply(self.guide, person, command, request.text.body)
        most, vault = self.effects.limits, self.effects.vault
        refusal = limits.refusal_of(session, vault, most, request.contact, reply.effects, now_utc)
        if refusal is not None:
            reply = reply_to(self.guide, person, command, today, refusal, self.number, written)
        return offered(self.guide, person, command, request.text.body, reply)

    def _today(self, at_utc: datetime) -> Today:
        return Today.at(at_utc, self.effects.window.zone)

    def _keep(
        self, session: Session, request: Request, answers_it: bool, answer: str, person_id: str | None
    ) -> None:
        """Keeps what the text was answered; no words of it once the person has been erased."""
        kept = request.text.body if person_id else None
        counted = request.tally.columns(request.said if answers_it else Said.NOTHING)
        at_utc, vault = request.as_of_utc, self.effects.vault
        answers.keep(session, vault, request.text.sid, answer, at_utc, person_id, kept, **counted)

    def _tally(self, text: Incoming) -> Tally:
        return self.effects.limits.tally(self.effects.vault, _phone(text), text.body)

    def _ignore(self, text: Incoming, reason: str, **more: object) -> None:
        self.count(f"text.{reason}")
        log.info("sms.ignored", sid=text.sid, reason=reason, **more)

    def _answered_meanwhile(self, sid: str) -> str | None:
        with self.database.reading() as session:
            return answers.given_to(session, self.effects.vault, sid)


def _phone(text: Incoming) -> str:
    return usable_number(text.sender) or ""


def _seen(person: Person, door: Door) -> Person:
    """The person as seen from the door: only a carrier that takes STOP itself blocks texts."""
    return person if door.confirms_stop else replace(person, blocked=False)


def _log_answered(request: Request, reply: Reply) -> None:
    """`blocked`: the carrier was told STOP, so it drops what it is handed here (Twilio, error 21610)."""
    text, command = request.text, request.command
    unblocks = command.name is CommandName.START and command.carrier_keyword
    blocked = request.contact.person.blocked and bool(reply.pages) and not unblocks
    told = {"said": request.said, "pages": len(reply.pages), "blocked": blocked}
    log.info("sms.answered", sid=text.sid, command=command.name, late=bool(text.written_at_utc), **told)
