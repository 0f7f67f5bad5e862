"""A tick's own cost with many people stored: tidying up, finding and claiming, without the POSTs."""

from __future__ import annotations

import resource
import time
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from typing import Any

from sqlalchemy import insert

from db import Database
from db.tables import PersonRow, ReminderRow
from hotline.config import ROOT
from hotline.guide.loader import load_guide
from hotline.people.privacy import Vault, new_data_key
from hotline.reminders.tick import Tick
from tests.chaos.__main__ import fresh
from tests.chaos.crashes import STORED_AT, remember_all
from tests.chaos.crashing import START, dispatcher_of

AIM = "under 2 s, memory flat"
BATCH_ROWS = 10_000


def run(small: bool) -> Iterator[tuple[str, str, str]]:
    """One line a database: an idle tick, and tidying up with the claim of the first and of the last due."""
    people, due = (2_000, 100) if small else (1_000_000, 10_000)
    guide = load_guide(ROOT / "prompts", ("en",))
    for kind in ("SQLite", "PostgreSQL"):
        with fresh(kind) as database:
            data_key = new_data_key()
            _store_people(database, people - due)
            remember_all(database, Vault([data_key]), guide, due)
            dispatcher = dispatcher_of(guide, database, data_key, "http://127.0.0.1:9")
            dispatcher.tick(START - timedelta(hours=1))  # fills the caches
            before_kib = _most_kib()
            idle_s = _timed(partial(dispatcher.tick, START - timedelta(minutes=30)))
            tidy_s = _timed(Tick(dispatcher, START).tidy)
            claim_s = _timed(partial(_claim_all, dispatcher, due))
            grown_mib = (_most_kib() - before_kib) / 1_024
            dispatcher.close()
        what = f"{kind}: {people} people stored, {due} due"
        found = (
            f"idle tick {idle_s:.2f} s; tidying up {tidy_s:.2f} s; wording, sealing and claiming all "
            f"{claim_s:.1f} s, {1_000 * claim_s / due:.1f} ms each; memory +{grown_mib:.0f} MiB"
        )
        yield what, found, AIM


def _claim_all(dispatcher: Any, due: int) -> None:
    claimed = 0
    while claimed < due:
        with dispatcher.database.writing() as session:
            batch = dispatcher.claim(session, START, 16)
        assert batch.claims
        claimed += len(batch.claims)


def _store_people(database: Database, people: int) -> None:
    """People with a reminder in the far future and one that was sent, as most of a year's are."""
    far = START + timedelta(days=20)
    with database.engine.begin() as connection:
        for first in range(0, people, BATCH_ROWS):
            ids = [f"{n:032x}" for n in range(first, min(first + BATCH_ROWS, people))]
            connection.execute(insert(PersonRow), [_person(id) for id in ids])
            rows = [_row(id, "pending", far) for id in ids]
            connection.execute(insert(ReminderRow), rows)
            rows = [_row(id, "delivered", START - timedelta(days=9)) for id in ids]
            connection.execute(insert(ReminderRow), rows)


def _person(id: str) -> dict[str, Any]:
    index = bytes.fromhex(id)
    times = {"created_at_utc": STORED_AT, "seen_at_utc": STORED_AT}
    return {"id": id, "phone_index": index, "phone_sealed": bytes(60), "language": "ky", **times}


def _row(id: str, state: str, due_at: Any) -> dict[str, Any]:
    return {
        "id": f"{id}{state[:3]}",
        "person_id": id,
        "member": 0,
        "rule": "d05",
        "anchor_index": bytes(32),
        "due_on": due_at.date(),
        "due_at_utc": due_at,
        "expires_at_utc": due_at + timedelta(days=3),
        "state": state,
    }


def _timed(do: Any) -> float:
    began_s = time.monotonic()
    do()
    return time.monotonic() - began_s


def _most_kib() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
