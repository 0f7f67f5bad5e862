"""GET /healthz says what is not well, by name; webhooks wait until all is prepared."""

from __future__ import annotations

import threading
from functools import partial

import pytest
from flask import Flask
from sqlalchemy import text

from db import Database
from hotline.health import Health
from hotline.reminders.clockwork import Clockwork
from hotline.reminders.watchdog import STALLED_S, Pulse
from hotline.rounds import Rounds
from hotline.worker import worker_of
from tests.opening import TWILIO, opened
from tests.waiting import WAIT_S, wait_until
from tests.watching import beats


def served(health: Health) -> Flask:
    app = Flask("health")
    app.register_blueprint(health.blueprint())
    app.add_url_rule("/sms", view_func=lambda: "answered", methods=["POST"])
    app.add_url_rule("/voice/fallback", endpoint="fallback", view_func=lambda: "112", methods=["POST"])
    return app


def test_healthz_names_what_is_being_prepared(sqlite: Database) -> None:
    """503 with the reason; then 200."""
    health = Health(sqlite, lambda: None)
    client = served(health).test_client()
    assert (client.get("/healthz").status_code, client.get("/healthz").json) == (
        503,
        {"status": "unwell", "reasons": ["starting"]},
    )
    health.starting.clear()
    assert (client.get("/healthz").status_code, client.get("/healthz").json) == (200, {"status": "ok"})


def test_readyz_is_of_this_process_alone(sqlite: Database) -> None:
    """A load balancer must not take away who can answer because the clock stands still."""
    health = Health(sqlite, lambda: "clock: no worker has ticked for 180 s")
    client = served(health).test_client()
    assert client.get("/readyz").status_code == 503
    health.starting.clear()
    assert (client.get("/readyz").status_code, client.get("/readyz").json) == (200, {"status": "ok"})
    assert client.get("/healthz").status_code == 503
    away = Health(Database("sqlite:////nowhere/at/all.sqlite3"), lambda: None, starting=[])
    assert served(away).test_client().get("/readyz").status_code == 503


def test_process_that_lacks_a_data_key_is_not_ready(sqlite: Database) -> None:
    """It would take people for new ones; /healthz says which key it is."""
    missing = ["data key: 0a08a912 is not set here"]
    client = served(Health(sqlite, lambda: None, lambda: missing[0], [])).test_client()
    for path in ("/readyz", "/healthz"):
        assert (client.get(path).status_code, client.get(path).json["reasons"]) == (503, missing)


def test_webhook_is_refused_while_preparing_but_not_the_fallback(sqlite: Database) -> None:
    """The carrier goes on to the fallback, which says whom to call."""
    health = Health(sqlite, lambda: None)
    client = served(health).test_client()
    assert client.post("/sms").status_code == 503
    assert client.post("/voice/fallback").status_code == 200
    health.starting.clear()
    assert client.post("/sms").status_code == 200


def test_healthz_names_a_stalled_clock_and_a_dead_database() -> None:
    """Each reason by name, and no value of an exception."""
    health = Health(
        Database("sqlite:////nowhere/at/all.sqlite3"), lambda: "clock: no tick for 180 s", starting=[]
    )
    answer = served(health).test_client().get("/healthz")
    assert answer.status_code == 503
    assert answer.json == {
        "status": "unwell",
        "reasons": ["database: OperationalError", "clock: no tick for 180 s"],
    }


@pytest.fixture
def seconds(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The monotonic clock by which ticks are watched, in the app too; it stands where it is put."""
    now = [1_000.0]
    monkeypatch.setattr("app.Clockwork", partial(Clockwork, monotonic_s=lambda: now[0]))
    monkeypatch.setattr("hotline.reminders.heartbeat.Pulse", partial(Pulse, lambda: now[0]))
    return now


def told(app: Flask) -> tuple[int, list[str]]:
    """Status and reasons of GET /healthz."""
    answer = app.test_client().get("/healthz")
    return answer.status_code, answer.json.get("reasons", [])


def test_healthz_of_the_hotline_tells_that_no_tick_comes(sqlite: Database, seconds: list[float]) -> None:
    """As the app is wired, where it ticks itself; the next tick heals it."""
    with opened(sqlite, **TWILIO) as app:
        watchdog = app.extensions["kadam"].clockwork.watchdog
        watchdog.wind()
        assert told(app) == (200, [])
        seconds[0] += STALLED_S + 1
        assert told(app) == (503, ["clock: no tick for 180 s"])
        watchdog.begin()
        watchdog.end()
        assert told(app) == (200, [])


def test_healthz_of_the_hotline_tells_that_a_tick_hangs(
    sqlite: Database, seconds: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A real one, in its thread, until it has ended."""
    begun, go_on = threading.Event(), threading.Event()

    def hang(_rounds: Rounds) -> bool:
        begun.set()
        assert go_on.wait(WAIT_S)
        return False

    monkeypatch.setattr(Rounds, "go", hang)
    with opened(sqlite, **TWILIO) as app:
        app.extensions["kadam"].clockwork.start()
        assert begun.wait(WAIT_S)
        assert told(app) == (200, [])
        seconds[0] += STALLED_S + 1
        hanging = told(app)
        go_on.set()
        assert hanging == (503, ["clock: a tick has been hanging for more than 180 s"])
        wait_until(lambda: told(app) == (200, []))


def test_healthz_of_the_hotline_tells_that_each_tick_fails(sqlite: Database, seconds: list[float]) -> None:
    """They come, each ends in an error: after three minutes that is no ticking either."""
    with sqlite.writing() as session:
        session.execute(text("ALTER TABLE reminders RENAME TO away"))
    with opened(sqlite, **TWILIO) as app:
        clockwork = app.extensions["kadam"].clockwork
        clockwork.start()
        seconds[0] += STALLED_S + 1
        failing = (503, ["clock: no tick for 180 s: each fails, OperationalError"])
        wait_until(lambda: told(app) == failing)
        with sqlite.writing() as session:
            session.execute(text("ALTER TABLE away RENAME TO reminders"))
        clockwork.wake()
        wait_until(lambda: told(app) == (200, []))


def test_healthz_of_a_process_that_only_answers_tells_that_no_worker_ticks(
    database: Database, seconds: list[float]
) -> None:
    """By the heartbeat in the database, which is too old; the next one heals it."""
    with opened(database, **TWILIO, HOTLINE_CLOCK="worker") as app:
        for n in (1, 2):
            worker = worker_of(app.extensions["kadam"].dispatcher, lambda: False)
            worker.clockwork.start()
            wait_until(lambda: beats(database) == n)  # noqa: B023 - it is called here
            worker.clockwork.stop()
            assert told(app) == (200, [])
            seconds[0] += STALLED_S + 1
            assert told(app) == (503, ["clock: no worker has ticked for 180 s"])
