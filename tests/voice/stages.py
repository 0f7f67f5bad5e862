"""The two stages of a dialogue: the pure turn function with a person in memory, and signed webhooks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, event, select, text, update

from db.tables import MessageRow, ReminderRow, VoiceMessageRow
from hotline.guide.model import Guide
from hotline.people import store
from hotline.people.call_limits import CallLimits
from hotline.people.model import (
    CloseQuestion,
    DropDate,
    Effect,
    Forget,
    KeepMessage,
    MarkDone,
    OptIn,
    OptOut,
    Person,
    PutOff,
    Refusal,
    RemindBy,
    RingBack,
    SaveDate,
    SendText,
    SetLanguage,
    Stopped,
    Told,
    UndoDone,
)
from hotline.reminders.agenda import member_after
from hotline.reminders.days import Today
from hotline.speech.clips import clips_of
from hotline.voice import menu
from hotline.voice.hours import read_hours
from hotline.voice.model import Call, Caller, Entered, Recorded, Turn
from hotline.voice.places import LANGUAGE, NO_LANGUAGE, place_of
from hotline.voice.resuming import ends_step, paragraph_said
from tests.telephone import HOTLINE
from tests.voice.conftest import HOURS, MISSED, OPERATOR, VoiceHotline
from tests.voice.dialogue import Followed
from tests.voice.handset import Handset, Line, joined
from tests.voice.records import leave_calls

NOON = time(9, tzinfo=UTC)  # in Moscow; the same day in every Russian zone
HIDDEN = "+266696687"
FIRST_DAY = date(2026, 11, 22)


@dataclass
class PureStage:
    """Turns of the pure function; effects are applied to a person in memory."""

    guide: Guide
    known: Person = field(default_factory=Person)
    entered: Entered | None = None
    has_number: bool = True
    refused: Refusal | None = None
    now_utc: datetime = field(init=False)
    today: Today = field(init=False)
    operator_open: bool = field(init=False)
    at: Call = field(init=False)

    def __post_init__(self) -> None:
        self.on(FIRST_DAY)

    def person(self) -> Person:
        return self.known

    def hide(self) -> None:
        self.has_number = False

    def on(self, day: date) -> None:
        self.now_utc = datetime.combine(day, NOON)
        self.later(0)

    def later(self, minutes: int) -> None:
        self.now_utc += timedelta(minutes=minutes)
        self.today = Today.at(self.now_utc, ZoneInfo("Europe/Moscow"))
        self.operator_open = read_hours(HOURS, UTC).is_open(self.now_utc)

    def use(self, number: str) -> None:
        self.refused = None if number.startswith(CallLimits().countries) else Refusal.ABROAD

    def called(self, times: int) -> None:
        if times >= CallLimits().per_number:
            self.refused = Refusal.NUMBER

    def miss(self) -> Followed:
        return self._begin(Call(LANGUAGE, None, missed=True))

    def call(self) -> Followed:
        language = self.known.language if self.has_number else None
        return self._begin(Call(menu.first_place(language), language))

    def ring(self, language: str, place: str) -> Followed:
        found = place_of(place, self.guide)
        assert found is not None
        spoken = None if language == NO_LANGUAGE else language
        return self._begin(Call(found, spoken, proven=True))

    def machine(self, language: str, place: str) -> Followed:
        found = place_of(place, self.guide)
        assert found is not None
        return self._begin(Call(found, language, proven=True, machine=True))

    def press(self, keys: str) -> Followed:
        self.at = replace(self.at, turns=self.at.turns + 1)
        return self._taken(lambda call: menu.turn(self.guide, call, keys, self.today))

    def operator(self, status: str) -> Followed:
        self.at = replace(self.at, talked=status == "completed")
        return self.press("")

    def speak(self, seconds: int) -> Followed:
        self.at = replace(self.at, recorded=Recorded("RE" + "0" * 32, seconds))
        followed = self.press("")
        self.at = replace(self.at, recorded=None)
        return followed

    def _begin(self, call: Call) -> Followed:
        self.entered = None
        here = {"has_number": self.has_number, "operator_open": self.operator_open}
        self.at = replace(call, number=HOTLINE, operator=OPERATOR, **here)
        return self._taken(lambda call: menu.arrival(self.guide, call, self.today))

    def _taken(self, take: Callable[[Call], Turn]) -> Followed:
        """The turn; where it would call back and may not, the other one."""
        turn = take(self.now())
        if self.refused and any(isinstance(effect, RingBack) for effect in turn.effects):
            turn = take(replace(self.now(), refused=self.refused))
        return self.follow(turn)

    def now(self) -> Call:
        return replace(self.at, caller=Caller(self.known, self.entered), at_utc=self.now_utc)

    def follow(self, turn: Turn) -> Followed:
        lines: list[Line] = []
        for heard in turn.heard:
            for clip in clips_of(self.guide, heard.language, heard.spoken):
                lines = joined(lines, heard.language, clip.name, clip.text)
        sent = self.advance(turn)
        goes_on, dials = turn.place is not None, turn.dial is not None
        return Followed(lines, sent, goes_on, dials, turn.rejects, turn.records)

    def advance(self, turn: Turn) -> list[str]:
        """The call is where the turn leads; what goes out."""
        sent = [sent for effect in turn.effects for sent in self._apply(effect)]
        self.entered = turn.entered or self.entered
        self._note(turn)
        if turn.place is not None:
            self.at = replace(
                self.at,
                place=turn.place,
                language=turn.language,
                misses=turn.misses,
                date_stored=turn.date_stored(self.at.date_stored),
            )
        return sent

    def _note(self, turn: Turn) -> None:
        """Where a person who is known stops."""
        said = paragraph_said(turn)
        if self.has_number and self.known.language and (said or ends_step(turn)):
            stopped = Stopped(str(said), self.now_utc) if said else None
            self.known = replace(self.known, stopped=stopped)

    def _apply(self, effect: Effect) -> list[str]:
        known = self.known
        match effect:
            case SendText(body, script):
                return [sent_text(body)] if script is known.reads else []
            case RingBack(place):
                return [f"ring {place}"]
            case KeepMessage(seconds=seconds):
                return [f"message {seconds} s"]
            case SetLanguage(language):
                self.known = replace(known, language=language)
            case SaveDate() | DropDate() | MarkDone() | UndoDone():
                number = effect.member
                rules, on = self.guide.rules, self.now_utc.date()
                member = member_after(rules, known.member(number), number, [effect], on)
                self.known = known.with_member(number, member)
            case CloseQuestion():
                self.known = replace(known, question=None)
            case PutOff(rule):
                return [f"tomorrow {rule}"]
            case RemindBy(channel):
                self.known = replace(known, reminded_by=channel)
            case OptOut() | OptIn():
                self.known = replace(known, opted_out=isinstance(effect, OptOut))
            case Forget():
                self.known = Person(opted_out=known.opted_out)
            case Told():
                pass  # the ledger's alone
            case _:
                raise AssertionError(f"a call has no effect {effect}")
        return []


@dataclass
class WebStage:
    """Signed webhooks; what has changed and what goes out is read from the database."""

    hotline: VoiceHotline
    number: str
    handset: Handset = field(init=False)
    known: Person = field(default_factory=Person)
    seen: set[str] = field(default_factory=set)
    writes: int = 0

    def __post_init__(self) -> None:
        self.handset = self.hotline.handset(self.number)
        self.seen = set(self._sent())
        event.listen(self.hotline.database.engine, "commit", self._written)
        self.on(FIRST_DAY)

    def person(self) -> Person:
        """Looked up again only after something was committed: most turns store nothing."""
        if self.writes:
            with self.hotline.database.reading() as session:
                self.known = store.find(session, self.hotline.vault, self.number).person
            self.writes = 0
        return self.known

    def hide(self) -> None:
        self.handset = self.hotline.handset(HIDDEN)

    def use(self, number: str) -> None:
        self.number, self.handset = number, self.hotline.handset(number)

    def on(self, day: date) -> None:
        self.hotline.now_utc = datetime.combine(day, NOON)

    def later(self, minutes: int) -> None:
        self.hotline.now_utc += timedelta(minutes=minutes)

    def called(self, times: int) -> None:
        leave_calls(self.hotline, times, self.number)
        self.seen = set(self._sent())

    def miss(self) -> Followed:
        return self._followed(self.handset.dial(MISSED))

    def call(self) -> Followed:
        return self._followed(self.handset.dial())

    def ring(self, language: str, place: str) -> Followed:
        """What waited to be called has been placed by this."""
        with self.hotline.database.writing() as session:
            waiting = update(MessageRow).where(MessageRow.channel == "call", MessageRow.state == "pending")
            session.execute(waiting.values(state="delivered"))
        return self._followed(self.handset.ring(language, place))

    def machine(self, language: str, place: str) -> Followed:
        return self._followed(self.handset.ring(language, place, AnsweredBy="machine_end_beep"))

    def press(self, keys: str) -> Followed:
        return self._followed(self.handset.press(keys))

    def operator(self, status: str) -> Followed:
        return self._followed(self.handset.talk_ends(status))

    def speak(self, seconds: int) -> Followed:
        return self._followed(self.handset.speak(seconds))

    def _followed(self, handset: Handset) -> Followed:
        new: list[str] = []
        handset.read_to_end()
        if self.writes:
            sent = self._sent()
            new = [shown for id, shown in sent.items() if id not in self.seen]
            self.seen = set(sent)
        goes_on, busy = handset.action is not None, handset.rejected == "busy"
        dials = handset.dialled is not None
        return Followed(handset.heard, new, goes_on, dials, busy, bool(handset.recording))

    def _written(self, _connection: Connection) -> None:
        self.writes += 1

    def _sent(self) -> dict[str, str]:
        """Everything that waits to be sent or heard, in the order in which it was stored (SQLite's rowid)."""
        with self.hotline.database.reading() as session:
            rows = session.scalars(select(MessageRow).order_by(text("rowid"))).all()
            kept = session.scalars(select(VoiceMessageRow).order_by(VoiceMessageRow.id)).all()
            waiting = select(ReminderRow).where(ReminderRow.channel == "call")
            put_off = session.scalars(waiting.order_by(text("rowid"))).all()
        texts = {row.id: self._shown(row) for row in rows}
        messages = {row.recording_sid: f"message {row.seconds} s" for row in kept}
        return texts | messages | {row.id: f"tomorrow {row.rule}" for row in put_off}

    def _shown(self, row: MessageRow) -> str:
        body = self.hotline.vault.open(row.body_sealed, "messages.body", row.id)
        return f"ring {body}" if row.channel == "call" else sent_text(body)


def sent_text(body: str) -> str:
    """A text in one row of the transcript."""
    return f"text {' / '.join(body.splitlines())}"
