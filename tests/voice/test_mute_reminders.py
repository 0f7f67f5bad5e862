"""A call that reminds and cannot say its term has told nobody: rules of the service, Reminders."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from app import Hotline
from db import Database
from db.tables import MessageRow, ReminderRow
from hotline.carriers.base import Outcome, OutcomeKind
from hotline.people import store
from hotline.people.effects import Effects
from hotline.people.model import RemindBy, SaveDate, SetLanguage
from tests.opening import TWILIO, opened
from tests.telephone import HOTLINE, PUBLIC_URL, Telephone
from tests.voice.records import broken

ENTRY = date(2026, 11, 22)
EARLY = datetime(2026, 11, 29, 7, tzinfo=UTC)  # entry + 7: one attempt a day is enough
LAST = datetime(2026, 12, 21, 7, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@dataclass
class Ringing:
    """A hotline whose calls are written down; `answer` picks up the last one."""

    app: Flask
    phone: Telephone
    placed: list[tuple[str, str]] = field(default_factory=list)

    @property
    def hotline(self) -> Hotline:
        hotline: Hotline = self.app.extensions["kadam"]
        return hotline

    def place_call(
        self, _to: str, url: str, _fallback_url: str, status_url: str, for_a_person: bool = False
    ) -> Outcome:
        assert for_a_person
        self.placed.append((url.removeprefix(PUBLIC_URL), status_url.removeprefix(PUBLIC_URL)))
        return Outcome(OutcomeKind.SENT, sid=f"CA{len(self.placed):032x}", status="queued")

    def tick(self, at: datetime) -> None:
        self.hotline.dispatcher.carrier_clock = lambda: at
        self.hotline.dispatcher.tick(at)

    def answer(self, by: str = "human") -> str:
        return self._post(self.placed[-1][0], {"CallStatus": "in-progress", "AnsweredBy": by})

    def hang_up(self) -> None:
        self._post(self.placed[-1][1], {"CallStatus": "completed"})

    def _post(self, path: str, params: dict[str, str]) -> str:
        sid = {"CallSid": f"CA{len(self.placed):032x}"}
        theirs = {"From": HOTLINE, "To": self.phone.number, "Direction": "outbound-api"}
        return self.phone.post(path, {**sid, **theirs, **params}).get_data(as_text=True)

    def states(self, at: datetime) -> list[str]:
        with self.hotline.database.reading() as session:
            due = select(ReminderRow.state).where(ReminderRow.due_on == at.date(), ReminderRow.rule == "d05")
            return list(session.scalars(due))


@pytest.fixture
def ringing(database: Database, monkeypatch: pytest.MonkeyPatch) -> Iterator[Ringing]:
    with opened(database, **TWILIO) as app:
        made = Ringing(app, Telephone(app.test_client()))
        hotline = made.hotline
        effects = Effects(hotline.vault, hotline.guide, hotline.config.window)
        entered = datetime(2026, 11, 22, 12, tzinfo=UTC)
        hotline.now_utc = lambda: entered
        with database.writing() as session:
            contact = store.find(session, hotline.vault, made.phone.number)
            wishes = [SetLanguage("ky"), SaveDate("entry", ENTRY), RemindBy("call")]
            effects.apply(session, contact, wishes, entered)
        monkeypatch.setattr(hotline.dispatcher.carrier, "place_call", made.place_call)
        yield made


@pytest.mark.parametrize("at", [EARLY, LAST])
def test_call_that_could_not_look_up_its_person_rings_again_the_same_day(
    ringing: Ringing, at: datetime
) -> None:
    """The database was away for that one request: the call ends well and has told nothing."""
    ringing.tick(at)
    with broken(ringing.hotline.database):
        assert "voice-not-found" in ringing.answer()
    ringing.hang_up()
    assert ringing.states(at) == ["pending"]
    ringing.tick(at + 11 * MINUTE)
    assert len(ringing.placed) == 2
    assert "voice-remind" in ringing.answer()
    ringing.hang_up()
    assert ringing.states(at) == ["delivered"]


def test_call_that_has_said_its_term_is_delivered(ringing: Ringing) -> None:
    """Once is enough, whenever they hang up."""
    ringing.tick(LAST)
    assert ringing.answer() == ringing.answer()
    ringing.hang_up()
    ringing.tick(LAST + 60 * MINUTE)
    assert (len(ringing.placed), ringing.states(LAST)) == (1, ["delivered"])


def test_machine_that_answers_is_told_nothing(ringing: Ringing) -> None:
    """Its tape has no term on it: the ring is one that nobody answered."""
    ringing.tick(LAST)
    ringing.answer("machine_end_beep")
    ringing.hang_up()
    assert ringing.states(LAST) == ["pending"]
    with ringing.hotline.database.reading() as session:
        assert list(session.scalars(select(MessageRow.told))) == [False]
