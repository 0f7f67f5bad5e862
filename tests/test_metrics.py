"""GET /metrics: what a monitor is told, by every process the same; never of whom."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import select, text, update

from app import Hotline
from db import Database
from db.tables import ClockRow, CounterRow, MessageRow
from hotline.config import Config, ConfigError
from hotline.counters import EVERY_S, Counters
from hotline.reminders import heartbeat
from hotline.worker import worker_of
from tests.opening import TWILIO, opened
from tests.telephone import HOTLINE, Telephone
from tests.wall import Wall
from tests.watching import count, statements

TOKEN = "a-token-of-the-monitor"
SETTINGS = {**TWILIO, "HOTLINE_METRICS_TOKEN": f"{TOKEN},{TOKEN}-old"}
PHONE = "+996555987654"


def told(app: Flask, token: str = TOKEN) -> dict[str, float]:
    """The figures, `name{label}` to value."""
    answer = app.test_client().get("/metrics", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 200, answer.status_code
    assert answer.mimetype == "text/plain"
    found = {}
    for family in text_string_to_metric_families(answer.text):
        for sample in family.samples:
            labels = ",".join(sample.labels.values())
            found[f"{sample.name}{{{labels}}}" if labels else sample.name] = sample.value
    return found


def call(phone: Telephone, path: str, **more: str) -> int:
    return phone.post(
        path, {"CallSid": "CA" + "1" * 32, "From": phone.number, "To": HOTLINE, **more}
    ).status_code


def test_figures_come_from_all_processes_alike(database: Database) -> None:
    """Two processes, each with some of the texts and calls: both tell the sum."""
    with opened(database, **SETTINGS) as one, opened(database, **SETTINGS) as other:
        first, second = (Telephone(each.test_client(), PHONE) for each in (one, other))
        first.text(f"ENTRY {datetime.now(UTC) - timedelta(days=2):%d.%m.%Y}")
        second.text("STEP 7")
        for n in range(5):
            (first, second)[n % 2].text("I am away")
        second.text("SOS")
        Telephone(one.test_client(), "KADAM").text("spam")
        assert call(first, "/voice") == call(second, "/voice/ky/menu-main/0/1", Digits="2") == 200
        for app in (other, one):  # each adds what it has counted
            told(app)
        figures = told(one)
        assert figures == pytest.approx(told(other), abs=5)
    outcomes = {name: value for name, value in figures.items() if name.startswith("kadam_texts_total")}
    expected = {"reply": 5, "urgent": 1, "call_us": 1, "over_limit": 1, "not_a_number": 1}
    assert outcomes == {f"kadam_texts_total{{{name}}}": value for name, value in expected.items()}
    assert (figures["kadam_calls_total"], figures["kadam_turns_total"]) == (1, 1)
    assert figures["kadam_reminders{pending}"] > 3
    assert figures["kadam_reminders_due"] == 0


def test_queue_and_refusals_are_told(database: Database) -> None:
    """What the ledger holds, by state, and the carrier's codes of what it refused."""
    with opened(database, **SETTINGS) as app:
        Telephone(app.test_client(), PHONE).text("CALL")
        with database.writing() as session:
            session.execute(update(MessageRow).values(state="failed", error_code=21211))
        figures = told(app)
        assert figures["kadam_messages{failed}"] == figures["kadam_refusals{21211}"] == 1
        assert figures["kadam_messages{unknown}"] == figures["kadam_messages{pending}"] == 0


def test_age_of_the_last_tick_is_told(database: Database) -> None:
    """Of this process's own clock, or of any worker's; nothing where none has ticked yet."""
    with opened(database, **SETTINGS) as app:
        assert "kadam_tick_age_seconds" not in told(app)
        app.extensions["kadam"].clockwork.watchdog.wind()
        assert 0 <= told(app)["kadam_tick_age_seconds"] < 60
    with opened(database, **SETTINGS, HOTLINE_CLOCK="worker") as app:
        assert "kadam_tick_age_seconds" not in told(app)
        with database.writing() as session:
            heartbeat.beat(session, None)
            (at_utc,) = session.scalars(select(ClockRow.at_utc))
            session.execute(update(ClockRow).values(at_utc=at_utc - timedelta(minutes=4)))
        assert 239 < told(app)["kadam_tick_age_seconds"] < 300
    assert count(database, ClockRow) == 1


@pytest.mark.parametrize("ahead", [timedelta(hours=3), timedelta(hours=-3)])
def test_age_of_a_worker_s_tick_needs_no_common_time(
    database: Database, monkeypatch: pytest.MonkeyPatch, ahead: timedelta
) -> None:
    """This machine's clock is wrong by hours, the worker's was not: the database's is asked on both ends."""
    wall = Wall(monkeypatch, "app")
    with opened(database, **SETTINGS, HOTLINE_CLOCK="worker") as app:
        hotline: Hotline = app.extensions["kadam"]
        worker_of(hotline.dispatcher, lambda: False).clockwork._tick()
        wall.ahead = ahead
        assert 0 <= told(app)["kadam_tick_age_seconds"] < 60
        worker_of(hotline.dispatcher, lambda: False).clockwork._tick()
        wall.ahead = timedelta()
        assert 0 <= told(app)["kadam_tick_age_seconds"] < 60


def test_nothing_of_a_person_is_told(database: Database) -> None:
    """No number, id, text or date, whatever people and forgers send."""
    with opened(database, **SETTINGS) as app:
        for number in (PHONE, f"{PHONE}\n", "anonymous", "<script>"):
            phone = Telephone(app.test_client(), number)
            for body in ("ENTRY 10.11.2026", "sentinel", "kadam_calls 5\n", "STATUS"):
                phone.text(body)
            call(phone, "/voice/ky/sentinel/0/1", Digits="98765", CallStatus="sentinel")
        answer = app.test_client().get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"}).text
        with database.reading() as session:
            ids = session.scalars(text("SELECT id FROM people")).all()
    assert ids
    for secret in (*ids, "987654", "98765", "2026", "sentinel", "anonymous", "script"):
        assert secret not in answer


def test_figures_are_for_whoever_shows_a_token(sqlite: Database) -> None:
    """One of them: they are rotated. Without a token set there is no such page."""
    with opened(sqlite, **SETTINGS) as app:
        assert told(app, f"{TOKEN}-old")
        for shown in ("", "Bearer", f"Bearer {TOKEN}x", f"Basic {TOKEN}", "Bearer \xfc", f"bearer{TOKEN}"):
            answer = app.test_client().get("/metrics", headers={"Authorization": shown})
            assert (answer.status_code, answer.data) == (401, b""), shown
        assert app.test_client().get("/metrics").status_code == 401
        assert app.test_client().get(f"/metrics?token={TOKEN}").status_code == 401
    with opened(sqlite, **TWILIO) as app:
        assert app.test_client().get("/metrics", headers={"Authorization": "Bearer "}).status_code == 404


def test_figures_cost_few_statements_and_no_look_through_a_table(sqlite: Database) -> None:
    """Eight; each by an index."""
    with opened(sqlite, **SETTINGS) as app:
        app.extensions["kadam"].counters.add()
        with statements(app.extensions["kadam"].database) as seen:
            told(app)
    assert len(seen) <= 8, seen
    with sqlite.engine.connect() as connection:
        for statement in seen:
            if "counters" in statement or "clock" in statement:  # a dozen rows
                continue
            wanted = statement.replace("?", "'x'")
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {wanted}").all()
            assert all("INDEX" in row[3] or "TEMP B-TREE" in row[3] for row in plan), (statement, plan)


def test_metrics_cannot_be_read_while_the_database_is_away(sqlite: Database) -> None:
    """503; what was counted meanwhile is kept."""
    with opened(sqlite, **SETTINGS) as app:
        app.extensions["kadam"].counters.count("text.reply")
        with sqlite.writing() as session:
            session.execute(text("ALTER TABLE counters RENAME TO away"))
        assert (
            app.test_client().get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"}).status_code == 503
        )
        with sqlite.writing() as session:
            session.execute(text("ALTER TABLE away RENAME TO counters"))
        assert told(app)["kadam_texts_total{reply}"] == 1


def test_counting_costs_a_webhook_no_statement(database: Database) -> None:
    """Added after the answer, at most every ten seconds, and in one statement."""
    now_s = [0.0]
    counters = Counters(database, lambda: now_s[0])
    with statements(database) as seen:
        for _ in range(1_000):
            counters.count("text.over_limit")
            counters.count("voice.turn")
            counters.add_if_due()
        assert seen == []
        now_s[0] += EVERY_S
        counters.add_if_due()
        assert len(seen) == 1
        counters.add_if_due()
        assert len(seen) == 1
    counters.count("voice.turn")
    counters.add()
    with database.reading() as session:
        assert {row.name: row.total for row in session.query(CounterRow)} == {
            "text.over_limit": 1_000,
            "voice.turn": 1_001,
        }


@pytest.mark.parametrize("token", ["short", "x" * 19, "т" * 30])
def test_token_that_can_be_guessed_stops_the_start(token: Any) -> None:
    """By name, and without telling it."""
    with pytest.raises(ConfigError, match="HOTLINE_METRICS_TOKEN") as refused:
        Config.from_env({"HOTLINE_METRICS_TOKEN": token})
    assert token not in str(refused.value)
    assert "monitor" not in repr(Config.from_env({"HOTLINE_METRICS_TOKEN": TOKEN}))
