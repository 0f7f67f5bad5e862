"""kill -9 in the middle of the work, and a carrier that loses answers: everybody is reminded exactly once."""

import subprocess
import sys
from collections import Counter
from datetime import UTC, date, datetime

from sqlalchemy import select

from db import Database
from db.tables import ReminderRow
from hotline.config import ROOT
from hotline.guide.model import Guide
from hotline.people import store
from hotline.people.members import SELF
from hotline.people.model import Person
from hotline.people.privacy import Vault, new_data_key
from hotline.people.store import Contact
from hotline.reminders import ledger
from hotline.reminders.plan import plan, standing
from tests.carriers.unreliable import unreliable_carrier
from tests.reminders.crashing import WINDOW

PEOPLE = 80
KILLS = 8
ENTRY = date(2026, 11, 22)
STORED_AT = datetime(2026, 11, 22, 12, tzinfo=UTC)


def remember_all(database: Database, vault: Vault, guide: Guide) -> list[str]:
    phones = [f"+99655500{n:04}" for n in range(PEOPLE)]
    running = list(standing(guide.rules, {"entry": ENTRY}, ()))
    planned = plan(guide.rules, {"entry": ENTRY}, (), ENTRY, WINDOW)
    with database.writing() as session:
        for phone in phones:
            contact = Contact(phone, None, Person())
            id = store.save_person(session, vault, contact, store.new_id(), {"language": "en"}, STORED_AT)
            store.save_dates(session, vault, id, SELF, {"entry": (ENTRY, ())}, STORED_AT)
            ledger.replan(session, vault, id, SELF, running, planned, STORED_AT)
    return phones


def test_killed_workers_lose_nothing_and_send_nothing_twice(database: Database, guide: Guide) -> None:
    """80 due, 8 workers killed one after another, a tenth of the answers lost, then one left alive."""
    data_key = new_data_key()
    phones = remember_all(database, Vault([data_key]), guide)
    url = database.engine.url.render_as_string(hide_password=False)
    with unreliable_carrier(seed=KILLS) as carrier:
        subprocess.run(
            [sys.executable, "-m", "tests.reminders.crashing", url, data_key, carrier.url, str(KILLS)],
            cwd=ROOT,
            check=True,
            capture_output=True,
            timeout=120,
        )
        got = Counter(text["to"] for text in carrier.texts)
        assert carrier.lost_answers > 0
    assert got == Counter(phones)
    with database.reading() as session:
        first_day = select(ReminderRow.state).where(ReminderRow.due_on == date(2026, 11, 29))
        assert set(session.scalars(first_day)) == {"sent"}
