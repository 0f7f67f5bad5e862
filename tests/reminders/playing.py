"""A process that plays the season of one person; see test_season.py.

Usage: python -m tests.reminders.playing DATABASE_URL DATA_KEY PERSON_ID FROM UNTIL

Each reminder is a line with its day, way and rules, and the lines of its text indented below.
"""

from __future__ import annotations

import sys
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from db import Database
from hotline.config import ROOT, SendWindow
from hotline.guide.loader import load_guide
from hotline.people.call_limits import CallLimits
from hotline.people.privacy import Vault
from hotline.reminders.gathering import Gatherer
from hotline.reminders.season import play
from hotline.reminders.send_limits import SendLimits

WINDOW = SendWindow(time(10), time(12), ZoneInfo("Europe/Moscow"))


def main(database_url: str, data_key: str, person_id: str, from_utc: str, until: str) -> None:
    """Prints the season."""
    database = Database(database_url)
    guide = load_guide(ROOT / "prompts", ("ky", "ru", "en"))
    vault, limits = Vault([data_key]), SendLimits()
    gatherer = Gatherer(
        vault, guide, WINDOW, lambda _to: None, CallLimits(), limits.per_number, limits.purses
    )
    begins, ends = datetime.fromisoformat(from_utc), date.fromisoformat(until)
    with database.writing() as session:
        for each in play(session, gatherer, WINDOW, person_id, begins, ends):
            sys.stdout.write(f"{each.day} {each.channel} {' '.join(each.rules)}\n")
            for line in each.body.split("\n"):
                sys.stdout.write(f"    {line}\n")
        session.rollback()
    database.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
