"""A hotline that answers calls, on whichever database the test runs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest
from flask import Flask

from db import Database
from hotline.carriers.signature import SignedRequests
from hotline.config import Config
from hotline.guide.model import Guide
from hotline.people.effects import Effects
from hotline.people.limits import Limits
from hotline.people.privacy import Vault, new_data_key
from hotline.speech.studio import Studio, open_studio
from hotline.speech.synthesis import EspeakNg
from hotline.voice.hours import read_hours
from hotline.voice.recordings import RecordingsDesk
from hotline.voice.webhook import VoiceDesk
from tests.telephone import HOTLINE, PUBLIC_URL, TOKEN, Telephone
from tests.voice.handset import Handset

MORNING = datetime(2026, 11, 22, 7, 0, tzinfo=UTC)  # a Sunday; the same day in every Russian zone
OPERATOR = "+996312000999"
MISSED = "+996312000778"  # the hotline's number for missed calls
HOURS = "Sun-Fri 00:00-24:00"  # closed on Saturdays and on public holidays


@pytest.fixture(scope="session")
def studio(guide: Guide, tmp_path_factory: pytest.TempPathFactory) -> Studio:
    """Where every clip would be; nothing is rendered."""
    folder = tmp_path_factory.mktemp("audio")
    return open_studio(guide, folder / "rendered", folder / "recordings", EspeakNg())


@dataclass
class VoiceHotline:
    """The voice room with its clock in the test's hand."""

    app: Flask
    guide: Guide
    studio: Studio
    database: Database
    vault: Vault
    effects: Effects
    now_utc: datetime = MORNING
    woken: list[datetime] = field(default_factory=list)

    def handset(self, number: str = "+996555123456") -> Handset:
        """A telephone on this hotline, not calling yet."""
        return Handset(Telephone(self.app.test_client(), number), self.studio)


@pytest.fixture
def open_hotline(guide: Guide, studio: Studio) -> Callable[..., VoiceHotline]:
    """Opens the voice room on a database."""

    def opened(database: Database, public_url: str = "", limits: Limits | None = None) -> VoiceHotline:
        vault = Vault([new_data_key()])
        app = Flask("kadam-voice")
        app.config["MAX_CONTENT_LENGTH"] = 64 * 1024
        effects = Effects(vault, guide, Config.from_env({}).window, limits or Limits())
        hotline = VoiceHotline(app, guide, studio, database, vault, effects)
        desk = VoiceDesk(
            guide,
            studio,
            database,
            effects,
            SignedRequests([TOKEN, "the-old-token"], PUBLIC_URL),
            lambda: hotline.now_utc,
            lambda: hotline.woken.append(hotline.now_utc),
            HOTLINE,
            OPERATOR,
            public_url,
            frozenset({MISSED}),
            read_hours(HOURS, effects.window.zone),
        )
        recordings = RecordingsDesk(database, desk.signed, desk.now_utc, desk.wake)
        for blueprint in (desk.blueprint(), recordings.blueprint()):
            app.register_blueprint(blueprint)
        return hotline

    return opened


@pytest.fixture
def hotline(open_hotline: Callable[..., VoiceHotline], sqlite: Database) -> VoiceHotline:
    """On SQLite, for tests that do not look at the database itself."""
    return open_hotline(sqlite)


@pytest.fixture
def any_hotline(open_hotline: Callable[..., VoiceHotline], database: Database) -> VoiceHotline:
    """On SQLite and on PostgreSQL, for tests of what is stored."""
    return open_hotline(database)
