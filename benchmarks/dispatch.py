"""Dispatch against a carrier that takes 100 ms to answer: texts a second beside connections / latency."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from hotline.carriers.base import OutcomeKind
from hotline.config import ROOT
from hotline.guide.loader import load_guide
from hotline.people.privacy import Vault, new_data_key
from tests.chaos.__main__ import fresh
from tests.chaos.crashes import remember_all
from tests.chaos.crashing import START, dispatcher_of

LATENCY_S = 0.1
CONNECTIONS = 4
AIM = "90% of the ideal"


def run(small: bool) -> Iterator[tuple[str, str, str]]:
    """One line a database."""
    people = 60 if small else 1_000
    guide = load_guide(ROOT / "prompts", ("en",))
    for kind in ("SQLite", "PostgreSQL"):
        with fresh(kind) as database, _carrier() as url:
            data_key = new_data_key()
            remember_all(database, Vault([data_key]), guide, people)
            dispatcher = dispatcher_of(guide, database, data_key, url)
            dispatcher.tick(START, dry_run=True)  # fills the caches
            began_s, sent = time.monotonic(), 0
            while True:
                sent += sum(event["event"] == OutcomeKind.SENT for event in dispatcher.tick(START))
                if not dispatcher.has_left_over:
                    break
            took_s = time.monotonic() - began_s
            dispatcher.close()
        ideal = CONNECTIONS / LATENCY_S
        share = sent / took_s / ideal
        what = f"{kind}: {people} due, {CONNECTIONS} connections, answers after {LATENCY_S * 1_000:.0f} ms"
        yield what, f"{sent / took_s:.1f} texts a second of {ideal:.0f}: {share:.0%}", AIM


@contextmanager
def _carrier() -> Iterator[str]:
    """A process of its own, so that it takes no time of the dispatcher's; its URL."""
    code = (
        "import sys, time; from tests.carriers.unreliable import Faults, unreliable_carrier\n"
        f"with unreliable_carrier(1, Faults(0, 0, 0, 0, {LATENCY_S})) as carrier:\n"
        "    print(carrier.url, flush=True)\n"
        "    time.sleep(3600)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as carrier:
        assert carrier.stdout is not None
        try:
            yield carrier.stdout.readline().strip()
        finally:
            carrier.kill()
