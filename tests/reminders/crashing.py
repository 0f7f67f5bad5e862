"""A process that starts workers and kills them in the middle of their work; see test_crash.py.

Usage: python -m tests.reminders.crashing DATABASE_URL DATA_KEY CARRIER_URL KILLS

Each worker ticks six minutes later than the one before, so that the leases of the dead have run out. The
last one is left alive until nothing is due any more. A process of its own, with one thread, because it forks.
"""

from __future__ import annotations

import os
import random
import signal
import sys
import time as clock
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from db import Database
from hotline.carriers.twilio import TwilioCarrier
from hotline.config import ROOT, SendWindow, Twilio
from hotline.guide.loader import load_guide
from hotline.guide.model import Guide
from hotline.people.call_limits import CallLimits
from hotline.people.privacy import Vault
from hotline.reminders import ledger
from hotline.reminders.dispatch import Dispatcher

NUMBER = "+996312000777"
WINDOW = SendWindow(time(9), time(21), ZoneInfo("Europe/Moscow"))
START = datetime(2026, 11, 29, 6, tzinfo=UTC)  # entry + 7, 9:00 in Moscow
STEP = timedelta(minutes=6)
LIFE_S = (0.05, 0.20)  # of a working worker before it is killed


def main(database_url: str, data_key: str, carrier_url: str, kills: int) -> None:
    """Kills `kills` workers one after another, then lets one finish."""
    guide = load_guide(ROOT / "prompts", ("en",))
    chance = random.Random(kills)
    rehearse(guide, database_url, data_key, carrier_url)
    for n in range(kills):
        ready, tell = os.pipe()
        worker = os.fork()
        if worker == 0:
            work(guide, database_url, data_key, carrier_url, START + n * STEP, tell)
        os.read(ready, 1)
        clock.sleep(chance.uniform(*LIFE_S))
        os.kill(worker, signal.SIGKILL)
        os.waitpid(worker, 0)
        os.close(ready)
        os.close(tell)
    finish(guide, database_url, data_key, carrier_url, START + kills * STEP)


def dispatcher_of(guide: Guide, database: Database, data_key: str, carrier_url: str) -> Dispatcher:
    settings = Twilio("AC" + "0" * 32, ("token",), NUMBER, api_url=carrier_url)
    return Dispatcher(
        database=database,
        vault=Vault([data_key]),
        guide=guide,
        carrier=TwilioCarrier(settings),
        window=WINDOW,
        sender_for=lambda _to: NUMBER,
        public_url="https://hotline.example",
        hotline_number=NUMBER,
        ring_path=lambda language, place: f"/voice/{language}/{place}",
        carrier_clock=lambda: datetime.now(UTC),
        limits=CallLimits(),
    )


def rehearse(guide: Guide, database_url: str, data_key: str, carrier_url: str) -> None:
    """Fills every cache, so that the workers, which inherit them, begin to send at once."""
    database = Database(database_url)
    dispatcher = dispatcher_of(guide, database, data_key, carrier_url)
    dispatcher.tick(START, dry_run=True)
    dispatcher.close()
    database.close()


def work(guide: Guide, database_url: str, data_key: str, carrier_url: str, at: datetime, tell: int) -> None:
    """One tick, and then idle until the end comes; says when it begins."""
    database = Database(database_url)
    dispatcher = dispatcher_of(guide, database, data_key, carrier_url)
    with database.reading() as session:
        ledger.next_due(session, at)  # connects
    os.write(tell, b".")
    dispatcher.tick(at)
    signal.pause()


def finish(guide: Guide, database_url: str, data_key: str, carrier_url: str, at: datetime) -> None:
    """Ticks at every due instant of the day."""
    database = Database(database_url)
    dispatcher = dispatcher_of(guide, database, data_key, carrier_url)
    due: datetime | None = at
    while due is not None and due < START + timedelta(hours=11):
        dispatcher.tick(due)
        with database.reading() as session:
            due = ledger.next_due(session, due)
    dispatcher.close()
    database.close()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]))
