"""A hotline that answers texts and calls and forgets, on whichever database the test runs."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import select

from db.tables import Base
from hotline.carriers.signature import SignedRequests
from hotline.people import messages
from hotline.people.clearing import Clearing
from hotline.people.collecting import Collector
from hotline.people.keep_days import KeepDays
from hotline.people.retention import Retention
from hotline.speech.studio import Studio
from hotline.voice.hours import read_hours
from hotline.voice.recordings import RecordingsDesk
from hotline.voice.webhook import VoiceDesk
from tests.carriers.recording import RecordingCarrier
from tests.sms.conftest import TextHotline
from tests.telephone import HOTLINE, PUBLIC_URL, TOKEN
from tests.voice.conftest import HOURS, OPERATOR
from tests.voice.handset import Handset

PHONE = "+996555123456"
ENTRY = date(2026, 11, 20)
SENTINEL = "КАТУУ ЖАШЫРУУН"  # in a text
SOUND = b"RIFF....WAVE a voice that nobody else may hear"
SATURDAY = datetime(2026, 11, 28, 9, tzinfo=UTC)  # the operator is away, so messages are taken
MINUTE = timedelta(minutes=1)


@dataclass
class House:
    """A hotline that answers texts and calls, with its tick; everything by signed webhooks."""

    texts: TextHotline
    studio: Studio
    carrier: RecordingCarrier = field(init=False)
    collector: Collector = field(init=False)
    retention: Retention = field(init=False)
    clearing: Clearing = field(init=False)

    def __post_init__(self) -> None:
        texts, guide = self.texts, self.texts.effects.guide
        self.carrier = RecordingCarrier(lambda: texts.now_utc)
        self.collector = Collector(texts.database, texts.vault, self.carrier, 30)
        self.retention = Retention(texts.database, texts.vault, guide.rules, KeepDays())
        self.clearing = Clearing(texts.database, self.carrier, (), (), KeepDays())
        desk = VoiceDesk(
            guide,
            self.studio,
            texts.database,
            texts.effects,
            SignedRequests([TOKEN], PUBLIC_URL),
            lambda: texts.now_utc,
            lambda: None,
            HOTLINE,
            OPERATOR,
            operator_hours=read_hours(HOURS, texts.effects.window.zone),
        )
        recordings = RecordingsDesk(texts.database, desk.signed, desk.now_utc, desk.wake)
        for blueprint in (desk.blueprint(), recordings.blueprint()):
            texts.app.register_blueprint(blueprint)

    def handset(self) -> Handset:
        return Handset(self.texts.phone(PHONE), self.studio)

    def tick(self, after: timedelta = MINUTE) -> None:
        self.texts.now_utc += after
        self.collector.tick(self.texts.now_utc)
        self.clearing.tick(self.texts.now_utc)
        self.retention.tick(self.texts.now_utc)

    def leave_everything(self) -> None:
        """Texts, a date, a question, a call half way, a message for the operator."""
        self.texts.now_utc = SATURDAY
        phone = self.texts.phone(PHONE)
        for words in ("KY", f"ENTRY {ENTRY:%d.%m.%Y}", SENTINEL, "STEP7"):
            assert phone.text(words).status_code == 200
        self.handset().dial().presses("2", "7", "1").speak(4)
        self.carrier.recordings = dict.fromkeys(self._recordings(), SOUND)
        self.handset().ring("ky", "menu-deadlines").presses("2", "3").press("1911")
        self.texts.phone(PHONE).text("CALL")
        self.tick()
        with self.texts.database.reading() as session:
            (message,) = messages.listed(session, self.texts.vault)
            assert messages.sound_of(session, self.texts.vault, message.id) == SOUND

    def _recordings(self) -> list[str]:
        table = Base.metadata.tables["voice_messages"]
        with self.texts.database.reading() as session:
            return list(session.scalars(select(table.c.recording_sid)))
