"""`flask worker` ticks by itself, leaves a heartbeat, and ends cleanly in the middle of its work."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
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
from hotline.reminders import ledger
from hotline.reminders.clockwork import Clockwork
from hotline.worker import HUNG, Worker, worker_of
from tests.carriers.unreliable import Faults, unreliable_carrier
from tests.opening import TWILIO, opened
from tests.running import KEY
from tests.waiting import WAIT_S, wait_until
from tests.wall import HOUR, TICKING, Wall
from tests.watching import beats

SLOW = Faults(refused=0, lost=0, unanswered=0, answer_s=0.7)
ASKED = 24


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
            assert beats(sqlite) == 0
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

    threading.Thread(target=pass_time).start()
    run_here(Worker(Clockwork(hang, monotonic_s=lambda: seconds[0]), lambda: None, end, look_s=0.02))
    assert ended[0] == HUNG


def run_here(worker: Worker) -> None:
    """Runs a worker in this process until SIGTERM, whose handler it takes for as long."""
    before = signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)
    try:
        worker.run()
    finally:
        signal.signal(signal.SIGTERM, before[0])
        signal.signal(signal.SIGINT, before[1])


def test_worker_whose_ticks_all_fail_ends_itself(sqlite: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """They come each minute and end in an error; none leaves a heartbeat."""
    monkeypatch.setattr("hotline.reminders.clockwork.INTERVAL_S", 0.02)
    seconds, ended = [1_000.0], []

    def fail() -> bool:
        seconds[0] += 60  # the time between two of them, and none of them takes as long as to hang
        if seconds[0] > 20_000:  # nobody ends it
            os.kill(os.getpid(), signal.SIGTERM)
        raise OSError

    def end(status: int) -> None:
        ended.append((status, worker.clockwork.watchdog.problem()))
        os.kill(os.getpid(), signal.SIGTERM)

    monkeypatch.setattr("hotline.worker.Clockwork", partial(Clockwork, monotonic_s=lambda: seconds[0]))
    with opened(sqlite, **TWILIO) as app:
        dispatcher = app.extensions["kadam"].dispatcher
        worker = replace(worker_of(dispatcher, fail), end=end, look_s=0.02)
        run_here(worker)
    assert ended[0] == (HUNG, "clock: no tick for 180 s: each fails, OSError")
    assert beats(sqlite) == 0


@pytest.mark.slow  # the two above are told in this process
def test_worker_that_ends_itself_leaves_its_hung_thread_behind() -> None:
    """A process of its own, in which time flies: an ordinary exit would wait for the thread for ever."""
    hangs = (
        "import threading, time; from hotline.worker import Clockwork, Worker;"
        "clockwork = Clockwork(threading.Event().wait, monotonic_s=lambda: 10_000 * time.monotonic());"
        "Worker(clockwork, lambda: None, look_s=0.05).run()"
    )
    done = subprocess.run([sys.executable, "-c", hangs], cwd=ROOT, capture_output=True, timeout=WAIT_S)
    assert (done.returncode, b"worker.hung" in done.stdout + done.stderr) == (HUNG, True)


def test_worker_ticks_on_when_its_wall_clock_is_put_back(
    sqlite: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By an hour: its heartbeat goes on."""
    monkeypatch.setattr("hotline.reminders.clockwork.INTERVAL_S", 0.05)
    wall = Wall(monkeypatch, *TICKING)
    with opened(sqlite, **TWILIO) as app:
        clockwork = worker_of(app.extensions["kadam"].dispatcher, lambda: False).clockwork
        clockwork.start()
        wait_until(lambda: beats(sqlite) >= 2)
        wall.ahead = -HOUR
        before = beats(sqlite)
        wait_until(lambda: beats(sqlite) >= before + 5)
        clockwork.stop()


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
