"""`flask worker` ticks by itself, leaves a heartbeat, and ends cleanly in the middle of its work."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from app import create_app
from db import Database
from db.tables import MessageRow
from hotline.config import ROOT, Config, ConfigError
from hotline.people import store
from hotline.people.model import Person
from hotline.people.privacy import Vault
from hotline.people.store import Contact
from hotline.reminders import heartbeat, ledger
from hotline.reminders.clockwork import Clockwork
from hotline.worker import HUNG, Worker
from tests.carriers.unreliable import Faults, unreliable_carrier
from tests.running import KEY

WAIT_S = 60.0
SLOW = Faults(refused=0, lost=0, unanswered=0, answer_s=0.7)
ASKED = 24


def wait_until(holds: Callable[[], bool]) -> None:
    end_s = time.monotonic() + WAIT_S
    while not holds():
        assert time.monotonic() < end_s
        time.sleep(0.02)


def ask(database: Database, texts: int) -> None:
    """Somebody presses key 8 in calls that web processes answer."""
    now_utc, vault = datetime.now(UTC), Vault([KEY])
    with database.writing() as session:
        for n in range(texts):
            contact = Contact(f"+9965550{n:05}", None, Person())
            id = store.save_person(session, vault, contact, store.new_id(), {"language": "en"}, now_utc)
            ledger.enqueue(session, vault, id, "sms", "Step 7", now_utc, now_utc + timedelta(hours=1))


def settings_for(url: str, carrier_url: str) -> dict[str, str]:
    return {
        "TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
        "TWILIO_AUTH_TOKEN": "token",
        "TWILIO_NUMBER": "+996312000777",
        "TWILIO_API_URL": carrier_url,
        "PUBLIC_URL": "https://hotline.example",
        "DATABASE_URL": url,
        "HOTLINE_DATA_KEY": KEY,
        "HOTLINE_CLOCK": "worker",
    }


def started(url: str, carrier_url: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "flask", "--app", "app", "worker"],
        cwd=ROOT,
        env={**os.environ, **settings_for(url, carrier_url)},
        stderr=subprocess.DEVNULL,
    )


def test_worker_sends_what_others_ask_for_and_ends_cleanly(sqlite: Database) -> None:
    """Asked for after its first tick: sent within seconds. SIGTERM in the middle: nothing is left claimed."""
    with unreliable_carrier(1, SLOW) as carrier:
        worker = started(sqlite.url, carrier.url)
        try:
            with sqlite.reading() as session:
                assert heartbeat.last(session) is None
            wait_until(lambda: beats(sqlite) == 1)
            ask(sqlite, ASKED)
            wait_until(lambda: len(carrier.texts) >= 2)
            worker.send_signal(signal.SIGTERM)
            assert worker.wait(WAIT_S) == 0
        finally:
            worker.kill()
        with sqlite.reading() as session:
            messages = session.scalars(select(MessageRow)).all()
        assert {message.state for message in messages} == {"sent", "pending"}
        assert [message.lease_until_utc for message in messages] == [None] * ASKED
        assert len(carrier.texts) == sum(message.state == "sent" for message in messages)


def beats(database: Database) -> int:
    with database.reading() as session:
        found = heartbeat.last(session)
    return found.beat if found else 0


def test_worker_whose_tick_hangs_ends_itself() -> None:
    """Whoever watches over it starts it anew."""
    seconds, begun, go_on = [1_000.0], threading.Event(), threading.Event()

    def hang() -> None:
        begun.set()
        assert go_on.wait(WAIT_S)

    ended: list[int] = []

    def end(status: int) -> None:
        ended.append(status)
        go_on.set()
        os.kill(os.getpid(), signal.SIGTERM)

    def pass_time() -> None:
        assert begun.wait(WAIT_S)
        seconds[0] += 1_000

    before = signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)
    threading.Thread(target=pass_time).start()
    try:
        Worker(Clockwork(hang, monotonic_s=lambda: seconds[0]), lambda: None, end, look_s=0.02).run()
    finally:
        signal.signal(signal.SIGTERM, before[0])
        signal.signal(signal.SIGINT, before[1])
    assert ended[0] == HUNG


@pytest.mark.parametrize("where", ["here", "worker"])
def test_web_process_ticks_only_where_the_clock_is_here(
    sqlite: Database, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    """What somebody asks for is sent by it, or left to a worker; both are well."""
    monkeypatch.setattr("app.render", lambda *args, **settings: None)
    with unreliable_carrier(1, replace(SLOW, answer_s=0.0)) as carrier:
        settings = {
            **settings_for(sqlite.url, carrier.url),
            "HOTLINE_CLOCK": where,
            "HOTLINE_LANGUAGES": "en",
        }
        app = create_app(Config.from_env(settings))
        hotline = app.extensions["kadam"]
        ask(sqlite, 1)
        hotline.prepare()
        hotline.clockwork.wake()
        if where == "here":
            wait_until(lambda: len(carrier.texts) == 1)
        assert app.test_client().get("/healthz").status_code == 200
        hotline.close()
        assert len(carrier.texts) == (where == "here")


@pytest.mark.parametrize(
    ("where", "says"), [("nowhere", "neither here nor worker"), ("worker", "the clock is here")]
)
def test_clock_setting_is_read_strictly(where: str, says: str) -> None:
    """A slip would leave everybody without reminders."""
    with pytest.raises(ConfigError, match=f"HOTLINE_CLOCK.*{says}"):
        Config.from_env({"HOTLINE_CLOCK": where})


def test_worker_needs_a_carrier(tmp_path: Path) -> None:
    """On its own exchange the hotline ticks where the exchange is."""
    settings = {
        "DATABASE_URL": f"sqlite:///{tmp_path}/k.db",
        "HOTLINE_DATA_KEY": KEY,
        "HOTLINE_LANGUAGES": "ky",
    }
    app = create_app(Config.from_env(settings))
    done = app.test_cli_runner().invoke(args=["worker"])
    app.extensions["kadam"].close()
    assert done.exit_code == 1
    assert "needs Twilio's settings" in done.output
