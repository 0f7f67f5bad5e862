"""Workers that are killed or paused, and a carrier that loses answers: what arrived, and how often."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import insert, select

from db import Database
from db.tables import AnchorRow, Base, PersonRow, ReminderRow
from hotline.config import ROOT
from hotline.guide.model import Guide
from hotline.people import store
from hotline.people.members import SELF
from hotline.people.privacy import Vault, new_data_key
from hotline.reminders import ledger
from hotline.reminders.plan import plan
from tests.carriers.unreliable import Faults, unreliable_carrier
from tests.chaos.crashing import START, WINDOW, Plan

ENTRY = date(2026, 11, 22)
BATCH_ROWS = 5_000
STORED_AT = datetime(2026, 11, 22, 12, tzinfo=UTC)


@dataclass(frozen=True)
class Arrivals:
    """What a run came to. `struck`: kills or pauses while there was work. `states`: of the day's rows."""

    people: int
    struck: int
    lost: int
    duplicated: int
    lost_answers: int
    states: Counter[str]


def run_with(
    database: Database, guide: Guide, people: int, faults: Faults | None = None, **settings: Any
) -> Arrivals:
    """Reminds `people` people while the plan's settings happen to the workers."""
    data_key = new_data_key()
    phones = remember_all(database, Vault([data_key]), guide, people)
    url = database.engine.url.render_as_string(hide_password=False)
    with unreliable_carrier(people, faults) as carrier:
        asked = Plan(database_url=url, data_key=data_key, carrier_url=carrier.url, **settings)
        done = subprocess.run(
            [sys.executable, "-m", "tests.chaos.crashing"],
            input=json.dumps(asdict(asked)).encode(),
            cwd=ROOT,
            check=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=asked.deadline_s + 60,
        )
        got, lost_answers = carrier.arrived(), carrier.lost_answers
    with database.reading() as session:
        first_day = select(ReminderRow.state).where(ReminderRow.due_on == START.date())
        states = Counter(session.scalars(first_day))
    return Arrivals(
        people=people,
        struck=int(done.stdout),
        lost=sum(phone not in got for phone in phones),
        duplicated=sum(count - 1 for count in got.values()),
        lost_answers=lost_answers,
        states=states,
    )


def exact(guide: Guide) -> Guide:
    """With two terms and what closes one, which always fit into one text: so counts are exact."""
    return replace(guide, rules={id: guide.rules[id] for id in ("d05", "d06", "d09")})


def remember_all(database: Database, vault: Vault, guide: Guide, people: int) -> list[str]:
    """People who entered on the same day, as the rooms store them but all at once; their numbers."""
    phones = [f"+99655{n:07}" for n in range(people)]
    planned = plan(exact(guide).rules, {"entry": ENTRY}, (), ENTRY, WINDOW)
    rows: dict[type[Base], list[dict[str, Any]]] = {PersonRow: [], AnchorRow: [], ReminderRow: []}
    for phone in phones:
        id = store.new_id()
        rows[PersonRow].append(
            {
                "id": id,
                "phone_index": vault.index(phone),
                "phone_sealed": vault.seal(phone, "people.phone", id),
                "language": "en",
                "created_at_utc": STORED_AT,
                "seen_at_utc": STORED_AT,
            }
        )
        anchor = store.anchor_id(id, "entry")
        sealed = vault.seal(ENTRY.isoformat(), "anchors.date", anchor)
        mine = {"id": anchor, "person_id": id, "member": SELF, "kind": "entry", "done": ""}
        rows[AnchorRow].append({**mine, "date_sealed": sealed, "set_at_utc": STORED_AT})
        rows[ReminderRow] += [ledger._values(vault, id, SELF, row) for row in planned]
    with database.engine.begin() as connection:
        for table, values in rows.items():
            for n in range(0, len(values), BATCH_ROWS):
                connection.execute(insert(table), values[n : n + BATCH_ROWS])
    return phones
