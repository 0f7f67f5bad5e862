"""The two stages of a dialogue: the pure turn function with a person in memory, and signed webhooks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, event, select, text

from db.tables import MessageRow, ReminderRow
from hotline.config import CallLimits
from hotline.guide.model import Guide
from hotline.people import store
from hotline.people.model import (
    CloseQuestion,
    DropDate,
    Effect,
    Forget,
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
    UndoDone,
)
from hotline.reminders.days import Today
from hotline.reminders.deadlines import done_after
from hotline.speech.clips import clips_of
from hotline.voice import menu
from hotline.voice.model import Call, Caller, Entered, Turn
from hotline.voice.places import LANGUAGE, NO_LANGUAGE, place_of
from hotline.voice.resuming import ends_step, paragraph_said
from tests.telephone import HOTLINE
from tests.voice.conftest import MISSED, OPERATOR, VoiceHotline
from tests.voice.dialogue import Followed
from tests.voice.handset import Handset, Line, joined
from tests.voice.records import leave_calls

NOON = time(12, tzinfo=UTC)
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

    def _begin(self, call: Call) -> Followed:
        self.entered = None
        self.at = replace(call, has_number=self.has_number, number=HOTLINE, operator=OPERATOR)
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
        return Followed(lines, sent, turn.place is not None, turn.dial is not None, turn.rejects)

    def _note(self, turn: Turn) -> None:
        """Where a person who is known stops."""
        said = paragraph_said(turn)
        if self.has_number and self.known.language and (said or ends_step(turn)):
            stopped = Stopped(str(said), self.now_utc) if said else None
            self.known = replace(self.known, stopped=stopped)

    def _apply(self, effect: Effect) -> list[str]:
        known = self.known
        match effect:
            case SendText(body):
                return [sent_text(body)]
            case RingBack(place):
                return [f"ring {place}"]
            case SetLanguage(language):
                self.known = replace(known, language=language)
            case SaveDate(anchor, day):
                done = done_after(self.guide.rules, known.done, known.dates, anchor, day)
                self.known = replace(known, dates={**known.dates, anchor: day}, done=done)
            case CloseQuestion():
                self.known = replace(known, question=None)
            case MarkDone(rule):
                self.known = replace(known, done=known.done | {rule})
            case PutOff(rule):
                return [f"tomorrow {rule}"]
            case DropDate(anchor):
                dates = {kind: day for kind, day in known.dates.items() if kind != anchor}
                self.known = replace(known, dates=dates, done=frozenset())
            case RemindBy(channel):
                self.known = replace(known, reminded_by=channel)
            case UndoDone(rule):
                self.known = replace(known, done=known.done - {rule})
            case OptOut() | OptIn():
                self.known = replace(known, opted_out=isinstance(effect, OptOut))
            case Forget():
                self.known = Person(opted_out=known.opted_out)
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
    seen: int = 0
    planned: int = 0
    writes: int = 0

    def __post_init__(self) -> None:
        self.handset = self.hotline.handset(self.number)
        self.seen, self.planned = len(self._sent()), len(self._put_off())
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
        self.seen = len(self._sent())

    def miss(self) -> Followed:
        return self._followed(self.handset.dial(MISSED))

    def call(self) -> Followed:
        return self._followed(self.handset.dial())

    def ring(self, language: str, place: str) -> Followed:
        return self._followed(self.handset.ring(language, place))

    def machine(self, language: str, place: str) -> Followed:
        return self._followed(self.handset.ring(language, place, AnsweredBy="machine_end_beep"))

    def press(self, keys: str) -> Followed:
        return self._followed(self.handset.press(keys))

    def operator(self, status: str) -> Followed:
        return self._followed(self.handset.talk_ends(status))

    def _followed(self, handset: Handset) -> Followed:
        new: list[str] = []
        handset.read_to_end()
        if self.writes:
            sent, planned = self._sent(), self._put_off()
            new = [*sent[self.seen :], *planned[self.planned :]]
            self.seen, self.planned = len(sent), len(planned)
        goes_on, busy = handset.action is not None, handset.rejected == "busy"
        return Followed(handset.heard, new, goes_on, handset.dialled is not None, busy)

    def _written(self, _connection: Connection) -> None:
        self.writes += 1

    def _sent(self) -> list[str]:
        """Everything that waits to be sent, in the order in which it was stored (SQLite's row numbers)."""
        with self.hotline.database.reading() as session:
            rows = session.scalars(select(MessageRow).order_by(text("rowid"))).all()
        return [self._shown(row) for row in rows]

    def _put_off(self) -> list[str]:
        """Reminders that wait for tomorrow because somebody wished so."""
        with self.hotline.database.reading() as session:
            rows = session.scalars(
                select(ReminderRow).where(ReminderRow.channel == "call").order_by(text("rowid"))
            ).all()
        return [f"tomorrow {row.rule}" for row in rows]

    def _shown(self, row: MessageRow) -> str:
        body = self.hotline.vault.open(row.body_sealed, "messages.body", row.id)
        return f"ring {body}" if row.channel == "call" else sent_text(body)


def sent_text(body: str) -> str:
    """A text in one row of the transcript."""
    return f"text {' / '.join(body.splitlines())}"
