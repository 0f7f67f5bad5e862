"""The season of one person, played in advance: the same on both databases and in any zone of the server.

tests/dialogues/season-*.txt hold every text that it brings. KADAM_WRITE_DIALOGUES=1 writes them anew; read
the difference before committing it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import redirect_stdout
from datetime import UTC, date, datetime
from io import StringIO

import pytest
from sqlalchemy import select

from db import Database
from db.tables import Base
from hotline.config import ROOT, SendWindow
from hotline.guide.model import Guide
from hotline.people.model import MarkDone, SaveDate
from hotline.people.privacy import Vault, new_data_key
from tests.opening import TWILIO, opened
from tests.reminders import playing
from tests.reminders.conftest import Hotline

PHONE = "+996555123456"
LEAVES, ENTRY = date(2026, 11, 20), date(2026, 11, 22)
LEFT_AT = datetime(2026, 8, 20, 12, tzinfo=UTC)
ENTERED_AT = datetime(2026, 11, 22, 12, tzinfo=UTC)
REGISTERED_AT = datetime(2026, 12, 3, 12, tzinfo=UTC)


def play(url: str, key: str, id: str, from_utc: datetime, until: date, zone: str) -> str:
    """What a process with the clock of `zone` prints."""
    return subprocess.run(
        [
            sys.executable, "-m", "tests.reminders.playing", url, key, id, from_utc.isoformat(), str(until),
        ],
        cwd=ROOT,
        env={**os.environ, "TZ": zone},
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    ).stdout  # fmt: skip


def play_here(url: str, key: str, id: str, from_utc: datetime, until: date) -> str:
    """The same in this process."""
    with redirect_stdout(StringIO()) as printed:
        playing.main(url, key, id, from_utc.isoformat(), str(until))
    return printed.getvalue()


def season(
    database: Database, guide: Guide, window: SendWindow, language: str, zone: str | None = None
) -> str:
    """From the plan to leave to the end of the registration: every text; nothing is changed by playing it.

    `zone`: of a server that plays the longest part, a process of its own; without it this one plays all.
    """
    key = new_data_key()
    hotline = Hotline(database, Vault([key]), guide, window)
    url = database.engine.url.render_as_string(hide_password=False)

    def part(from_utc: datetime, until: date) -> str:
        return play_here(url, key, id, from_utc, until)

    hotline.now = LEFT_AT
    id = hotline.remember(PHONE, language=language)
    hotline.change(id, SaveDate("departure", LEAVES))
    played = part(LEFT_AT, date(2026, 11, 21))
    hotline.now = ENTERED_AT
    hotline.change(id, SaveDate("entry", ENTRY), SaveDate("family", ENTRY, 1))
    spring = date(2027, 3, 1)
    played += play(url, key, id, ENTERED_AT, spring, zone) if zone else part(ENTERED_AT, spring)
    hotline.now = REGISTERED_AT
    hotline.change(id, MarkDone("d05"), MarkDone("d08"), SaveDate("registered", date(2026, 12, 3)))
    hotline.change(id, MarkDone("d09"), SaveDate("job", date(2026, 12, 3)))
    hotline.change(id, SaveDate("registration-until", date(2027, 2, 20)), MarkDone("d17", 1))
    before = [(row.id, row.state, row.due_at_utc) for row in hotline.rows(id)]
    played += part(REGISTERED_AT, spring)
    assert [(row.id, row.state, row.due_at_utc) for row in hotline.rows(id)] == before
    hotline.dispatcher.close()
    return played


def golden(language: str, played: str) -> str:
    path = ROOT / "tests" / "dialogues" / f"season-{language}.txt"
    if os.environ.get("KADAM_WRITE_DIALOGUES"):
        path.write_text(played)
    return path.read_text()


def test_season_is_played_the_same_everywhere(
    database: Database, real_guide: Guide, window: SendWindow
) -> None:
    """On both databases, whatever the zone of the server's clock."""
    played = season(database, real_guide, window, "ky", zone="America/New_York")
    assert played == golden("ky", played)


@pytest.mark.parametrize("language", ["ru", pytest.param("en", marks=pytest.mark.slow)])
def test_season_says_the_same_in_every_language(
    sqlite: Database, real_guide: Guide, window: SendWindow, language: str
) -> None:
    """Every text of a season, to be read."""
    played = season(sqlite, real_guide, window, language)
    assert played == golden(language, played)


@pytest.mark.slow
def test_season_command_plays_on_either_database_and_changes_nothing(
    database: Database, real_guide: Guide, window: SendWindow
) -> None:
    """`flask remind --dry-run --until … --number …`: the same lines as the season here; no row is another."""
    with opened(database, **TWILIO) as app:
        hotline = Hotline(database, app.extensions["kadam"].vault, real_guide, window)
        hotline.now = ENTERED_AT
        id = hotline.remember(PHONE, ENTRY)
        before = stored(database)
        until = date(2026, 12, 23)
        command = ["remind", "--dry-run", "--as-of", ENTERED_AT.isoformat(), "--until", str(until)]
        played = app.test_cli_runner().invoke(args=[*command, "--number", PHONE, "--texts"])
        here = [
            {"day": str(each.day), "channel": each.channel, "rules": list(each.rules), "text": each.body}
            for each in hotline.dispatcher.season(id, ENTERED_AT, until)
        ]
        hotline.dispatcher.close()
    assert (played.exit_code, stored(database)) == (0, before)
    assert [json.loads(line) for line in played.output.splitlines()] == here
    assert len(here) > 8


def stored(database: Database) -> list[str]:
    """Every row there is."""
    with database.reading() as session:
        return [str(row) for table in Base.metadata.sorted_tables for row in session.execute(select(table))]
