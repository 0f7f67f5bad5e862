"""Prints what is due when, and what a tick sends, for a server of any time zone; see passing.py."""

from __future__ import annotations

import os
import sys
import tempfile
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from db import Database
from hotline.config import ROOT
from hotline.guide.loader import load_guide
from hotline.logs import configure_logs
from hotline.people.privacy import Vault, new_data_key
from tests.chaos.passing import schedule
from tests.reminders.conftest import MOSCOW, Hotline


def main() -> None:
    """Plans three entries and plays the days of one."""
    guide = load_guide(ROOT / "prompts", ("ky", "ru", "en"))
    lines = schedule(guide, "Europe/Moscow")
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{folder}/kadam.sqlite3")
        database.migrate()
        hotline = Hotline(database, Vault([new_data_key()]), guide, MOSCOW)
        hotline.remember("+996555123456", date(2026, 11, 22))
        for day in range(1, 31):
            hotline.tick(datetime(2026, 11, 22, 7, 30, tzinfo=UTC) + timedelta(days=day))
        lines += [f"{text.created_at_utc.isoformat()} {text.body}" for text in hotline.carrier.texts]
        hotline.dispatcher.close()
        database.close()
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    time.tzset()
    with Path(os.devnull).open("w") as nowhere:
        configure_logs(nowhere)
        main()
