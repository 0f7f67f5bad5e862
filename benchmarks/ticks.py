"""A tick's own cost with many people stored: tidying up, finding and claiming, without the POSTs."""

from __future__ import annotations

import resource
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from datetime import timedelta
from functools import partial
from multiprocessing import get_context
from typing import Any

from benchmarks.crowd import store_crowd
from db import Database
from hotline.config import ROOT
from hotline.guide.loader import load_guide
from hotline.people.privacy import Vault, new_data_key
from hotline.reminders.tick import Tick
from tests.chaos.__main__ import fresh
from tests.chaos.crashes import remember_all
from tests.chaos.crashing import START, dispatcher_of

AIM = "under 2 s, memory flat"


def run(small: bool) -> Iterator[tuple[str, str, str]]:
    """One line a database: an idle tick, and tidying up with the claim of the first and of the last due."""
    people, due = (2_000, 100) if small else (1_000_000, 10_000)
    guide = load_guide(ROOT / "prompts", ("en",))
    for kind in ("SQLite", "PostgreSQL"):
        with fresh(kind) as database:
            data_key = new_data_key()
            url = database.engine.url.render_as_string(hide_password=False)
            _apart(_store, url, data_key, people, due)
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


def _store(url: str, data_key: str, people: int, due: int) -> None:
    database, guide = Database(url).unhurried(), load_guide(ROOT / "prompts", ("en",))
    store_crowd(database, people - due)
    remember_all(database, Vault([data_key]), guide, due)
    database.close()


def _apart(do: Any, *arguments: Any) -> None:
    """In a process of its own, whose memory is not counted here."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        pool.submit(do, *arguments).result()


def _timed(do: Any) -> float:
    began_s = time.monotonic()
    do()
    return time.monotonic() - began_s


def _most_kib() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
