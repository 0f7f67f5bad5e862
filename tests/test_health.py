"""GET /healthz says what is not well, by name; webhooks wait until all is prepared."""

from __future__ import annotations

from flask import Flask

from db import Database
from hotline.health import Health


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
