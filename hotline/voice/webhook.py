"""POST /voice and below: a call arrives, a key was pressed.

A sample of what the carrier posts to the action of a <Gather> (signed, form-encoded):

    CallSid=CA0123…&AccountSid=AC…&From=%2B996555123456&To=%2B996312000777&Direction=inbound
    &CallStatus=in-progress&Digits=1

A turn that stores nothing is answered from memory. One that stores is kept, with its effects and in one
transaction, under its CallSid and turn number: its replay gets the same bytes and has no second effect. What
the operator is asked for is counted by metering.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

import structlog
from flask import Blueprint, Response, abort, request
from sqlalchemy.exc import IntegrityError, SQLAlchemyError
from sqlalchemy.orm import Session

from db import Database, one_at_a_time
from hotline.carriers.base import PLACED, is_machine
from hotline.carriers.signature import SignedRequests
from hotline.guide.model import EMERGENCY, Guide
from hotline.people import answers, limits, store
from hotline.people.bookmarks import Bookmarks
from hotline.people.effects import Effects
from hotline.people.model import OptIn, Person, RingBack, SendText
from hotline.people.numbers import usable_number
from hotline.people.privacy import DataKeyError
from hotline.people.store import Contact
from hotline.reminders.days import Today
from hotline.speech.clips import Clip, Spoken, paragraph_id
from hotline.speech.studio import Studio
from hotline.voice import menu, resuming
from hotline.voice.afterwards import afterwards
from hotline.voice.hours import ALWAYS, OpeningHours
from hotline.voice.incoming import Incoming, count, number_of
from hotline.voice.metering import Meter
from hotline.voice.model import Call, Caller, Heard, PersonWantedError, Turn
from hotline.voice.person import recorded_of
from hotline.voice.places import DATE_STORED, FALLBACK, LANGUAGE, MAIN, Place, path, place_of
from hotline.voice.recordings import RECORDING_READY
from hotline.voice.twiml import SILENCE, render, render_static

CALL_SID = re.compile(r"[A-Za-z0-9]{1,64}", re.ASCII)
ANSWERED = "completed"  # DialCallStatus of a talk that took place: Twilio documentation, "<Dial>"
PICKED_UP_S = 1  # who is rung needs a moment to lift the telephone to the ear
START = "START"  # what its key stands for, should a STOP written before come late: sms.late
LONGEST_KEYS = 8  # no Gather of ours asks for more than six

log = structlog.get_logger()


@dataclass(frozen=True)
class VoiceDesk:
    """Answers calls: verify, ask one pure function, store what it says together with the answer, TwiML."""

    guide: Guide
    studio: Studio
    database: Database
    effects: Effects
    signed: SignedRequests
    now_utc: Callable[[], datetime]
    wake: Callable[[], None]
    number: str
    operator: str | None
    public_url: str = ""  # with it the addresses in TwiML are absolute, which a path prefix needs
    missed_call_numbers: frozenset[str] = frozenset()  # of ours: a ring is not answered but called back
    operator_hours: OpeningHours = ALWAYS
    count: Callable[[str], None] = lambda _what: None  # of calls and turns; see hotline.metrics

    def blueprint(self) -> Blueprint:
        """The routes of calls; the fallback is made now, so that later it depends on nothing.

        Raises ContentError where a menu leads to a place that there is not.
        """
        menu.ensure_menus(self.guide)
        emergency = self._emergency()
        blueprint = Blueprint("voice", __name__)

        def fallback() -> Response:
            """Whom to call in danger: what the carrier asks for when anything else fails."""
            self._verify()
            return _twiml(emergency)

        blueprint.add_url_rule("/voice", view_func=self.receive, methods=["POST"])
        keyed = "/voice/<language>/<place>/<misses>/<number>"
        blueprint.add_url_rule(keyed, view_func=self.take_turn, methods=["POST"])
        dated, stored = f"{keyed}/{DATE_STORED}", {"date_stored": True}
        blueprint.add_url_rule(dated, "dated", self.take_turn, methods=["POST"], defaults=stored)
        blueprint.add_url_rule(FALLBACK, view_func=fallback, methods=["GET", "POST"])
        return blueprint

    def receive(self) -> Response:
        """A call arrives: the question for a language, or the main menu in the caller's own; 403 unsigned.

        At a number for missed calls: busy, and a call back.
        """
        self._verify()
        if request.form.get("To") in self.missed_call_numbers:
            ring = self._incoming(LANGUAGE, None, 0, 0)
            return _twiml(self._answer(replace(ring, call=replace(ring.call, missed=True))))
        person = self._stored_person()
        language = person.language if person.language in self.guide.languages else None
        return _twiml(self._answer(self._arriving(menu.first_place(language), language, person)))

    def take_turn(
        self, language: str, place: str, misses: str, number: str, date_stored: bool = False
    ) -> Response:
        """A key at a place; 403 unsigned. With a path that is none of ours the call begins anew."""
        self._verify()
        spoken = language if language in self.guide.languages else None
        here = place_of(place, self.guide)
        turn = count(number)
        if here is None or turn is None:
            return _twiml(self._answer(self._incoming(menu.first_place(spoken), spoken, 0, 0)))
        if turn == 0 and here == MAIN:
            return _twiml(self._answer(self._arriving(here, spoken, self._stored_person())))
        return _twiml(self._answer(self._incoming(here, spoken, count(misses) or 0, turn, date_stored)))

    def _verify(self) -> None:
        if not self.signed.check(request):
            abort(403)

    def _phone(self) -> str | None:
        """Whose call it is; the hotline's own number is nobody, so that nobody makes it ring itself."""
        phone = usable_number(number_of(request))
        return None if phone == self.number else phone

    def _incoming(
        self, place: Place, language: str | None, misses: int, turn: int, date_stored: bool = False
    ) -> Incoming:
        sid = request.form.get("CallSid", "")
        sid = sid if CALL_SID.fullmatch(sid) else ""
        phone = self._phone() if sid else None  # unrepeatable without it: store nothing
        call = Call(
            place=place,
            language=language,
            turns=turn,
            misses=misses,
            has_number=phone is not None,
            proven=request.form.get("Direction") == PLACED,
            date_stored=date_stored,
            caller=None if phone else Caller(Person()),
            number=self.number,
            operator=self.operator,
            operator_open=self.operator_hours.is_open(self.now_utc()),
            talked=request.form.get("DialCallStatus") == ANSWERED,
            machine=is_machine(request.form.get("AnsweredBy", "")),
            at_utc=self.now_utc(),
            recorded=recorded_of(request.form) if sid else None,
        )
        key = None if turn == 0 else request.form.get("Digits", "")[:LONGEST_KEYS]
        return Incoming(call, key, turn, phone, sid)

    def _arriving(self, place: Place, language: str | None, person: Person) -> Incoming:
        """A call that begins at a place from which it may go on where the person stopped."""
        incoming = self._incoming(place, language, 0, 0)
        return replace(incoming, call=replace(incoming.call, caller=Caller(person)))

    def _stored_person(self) -> Person:
        """Who calls; nobody of whom something is known if the database cannot say, or no data key."""
        phone = self._phone()
        if phone is None:
            return Person()
        try:
            with self.database.reading() as session:
                return store.find(session, self.effects.vault, phone).person
        except (SQLAlchemyError, DataKeyError) as e:
            log.error("voice.not_found", exc_info=e)
            return Person()

    def _answer(self, incoming: Incoming) -> str:
        today = self._today()
        self.count("voice.call" if incoming.key is None else "voice.turn")
        log.info("voice.turn", sid=incoming.sid, turn=incoming.turn, place=str(incoming.call.place))
        try:
            turn = self._turn(incoming, incoming.call, today)
        except PersonWantedError:
            return self._with_database(incoming, None, today)
        if turn.use is not None and incoming.sid:
            meter = Meter(self.database, self.effects.vault, self.effects.limits.operator, self._render)
            refused = partial(self._turn, incoming, today=today)
            return meter.answer(incoming, turn, turn.use, self.now_utc(), refused)
        return self._with_database(incoming, turn, today) if turn.stores else self._render(incoming, turn)

    def _turn(self, incoming: Incoming, call: Call, today: Today) -> Turn:
        if incoming.key is None:
            return menu.arrival(self.guide, call, today)
        return menu.turn(self.guide, call, incoming.key, today)

    def _with_database(self, incoming: Incoming, turn: Turn | None, today: Today) -> str:
        """The answer of a turn that stores, or (`turn` None) that depends on who calls."""
        try:
            try:
                return self._stored(incoming, turn, today)
            except IntegrityError:  # the same webhook, answered by another thread at this instant
                return self._stored(incoming, turn, today)
        except (SQLAlchemyError, DataKeyError) as e:
            log.error("voice.not_stored", sid=incoming.sid, turn=incoming.turn, exc_info=e)
        if turn is None:
            return self._render(incoming, menu.unknown(self.guide, incoming.call, incoming.key, today))
        return self._render(incoming, menu.unstored(self.guide, incoming.call, today, turn))

    def _stored(self, incoming: Incoming, turn: Turn | None, today: Today) -> str:
        now_utc, vault = self.now_utc(), self.effects.vault
        with self.database.writing() as session:
            one_at_a_time(session, vault.indexes(incoming.phone) if incoming.phone else [])
            contact = store.find(session, vault, incoming.phone, incoming.answer_key, incoming.sid)
            if contact.answered is not None:
                return contact.answered or SILENCE
            wanted = turn or self._turn(incoming, incoming.known(contact), today)
            turn = self._within_limits(session, incoming, contact, wanted, today, now_utc)
            answer = self._render(incoming, turn)
            if turn.stores:
                self._store(session, incoming, contact, turn, answer, now_utc)
            elif turn is not wanted:  # refused; the same webhook later must not ring instead
                answers.keep(session, vault, incoming.answer_key, answer, now_utc, contact.id)
        if any(isinstance(effect, SendText | RingBack) for effect in turn.effects):
            afterwards(self.wake) if turn.rejects else self.wake()  # not before the line is free again
        return answer

    def _within_limits(
        self,
        session: Session,
        incoming: Incoming,
        contact: Contact,
        wanted: Turn,
        today: Today,
        now_utc: datetime,
    ) -> Turn:
        """`wanted`, or the turn in its place where the number may not be called back or written to."""
        vault, most = self.effects.vault, self.effects.limits
        refusal = limits.refusal_of(session, vault, most, contact, wanted.effects, now_utc)
        if refusal is None:
            return wanted
        return self._turn(incoming, replace(incoming.known(contact), refused=refusal), today)

    def _store(
        self,
        session: Session,
        incoming: Incoming,
        contact: Contact,
        turn: Turn,
        answer: str,
        now_utc: datetime,
    ) -> None:
        vault = self.effects.vault
        person_id = self.effects.apply(session, contact, turn.effects, now_utc, in_call=True)
        if turn.entered is not None and person_id is not None:
            store.keep_pending(session, vault, incoming.sid, person_id, turn.entered.written(), now_utc)
        counted = self.effects.limits.counted(vault, contact.phone, turn.effects)
        words = START if any(isinstance(effect, OptIn) for effect in turn.effects) else None
        answers.keep(session, vault, incoming.answer_key, answer, now_utc, person_id, words, **counted)

    def _render(self, incoming: Incoming, turn: Turn) -> str:
        """TwiML, the turn's number counted on; where the caller is in a step is noted once it is sent."""
        said, phone = resuming.paragraph_said(turn), incoming.phone
        if phone is not None and (said or resuming.ends_step(turn)):
            bookmarks = Bookmarks(self.database, self.effects.vault)
            afterwards(lambda: bookmarks.keep(phone, str(said) if said else None, self.now_utc()))
        action = None
        if turn.place is not None:
            stored = turn.date_stored(incoming.call.date_stored)
            action = self.public_url + path(turn.language, turn.place, turn.misses, incoming.turn + 1, stored)
        picked_up = incoming.call.proven and incoming.key is None
        recorded = self.public_url + RECORDING_READY
        return render(self.guide, turn, self._url, action, PICKED_UP_S if picked_up else 0, recorded)

    def _url(self, clip: Clip) -> str:
        return self.public_url + self.studio.url(clip)

    def _emergency(self) -> str:
        """The emergency numbers and what to say there, in the first language, and that we cannot answer."""
        language = next(iter(self.guide.languages))
        paragraphs = self.guide.text(language, EMERGENCY).paragraphs
        lines = [Spoken(paragraph_id(EMERGENCY, index)) for index in range(len(paragraphs))]
        heard = [Heard(language, line) for line in (*lines, Spoken("voice-fallback"))]
        return render_static(self.guide, heard, self._url)

    def _today(self) -> Today:
        return Today.at(self.now_utc(), self.effects.window.zone)


def _twiml(body: str) -> Response:
    return Response(body, mimetype="text/xml")
