"""From the text that leaves a date to the reminder, its receipt and DONE: each party on its own, over HTTP.

The carrier is an exchange that knows the hotline by its URLs alone; an app that only answers gets its signed
webhooks; the reminder is sent by `flask worker`, a process of its own. Those two share the database alone.
"""

from __future__ import annotations

import os
import secrets
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
import requests
from flask import Flask
from sqlalchemy import select

from db import Database
from db.tables import MessageRow, ReminderRow
from hotline.config import ROOT
from hotline.exchange.doors.owner import OwnersDoor
from hotline.exchange.exchange import Exchange
from tests.opening import opened
from tests.running import KEY
from tests.serving import served
from tests.telephone import HOTLINE
from tests.twilio_api.checking import Inspector
from tests.waiting import WAIT_S, wait_until
from tests.wall import DAY, Wall

pytestmark = pytest.mark.usefixtures("as_twilio_has_it")

SID, TOKEN, OWNER = "AC" + "0" * 32, secrets.token_hex(16), secrets.token_urlsafe(32)
PHONE = "+79161234567"


@contextmanager
def carrier_for(hotline_url: str, inspector: Inspector) -> Iterator[tuple[Exchange, str]]:
    """An exchange whose customer is at `hotline_url`, and its own URL."""
    exchange = Exchange(
        account_sid=SID,
        auth_token=TOKEN,
        owner_token=OWNER,
        number=HOTLINE,
        base_url=hotline_url,
        voice_url="/voice",
        sms_url="/sms",
        next_due=lambda _after_utc: None,
        tick=lambda _now_utc: None,
        caption=lambda _url: None,
    )
    app = Flask("carrier", static_folder=None)
    app.register_blueprint(exchange.rest())
    app.register_blueprint(exchange.control())
    inspector.watch(app)
    with served(app) as url:
        yield exchange, url
    exchange.close()


@contextmanager
def working(database: Database, settings: dict[str, str]) -> Iterator[None]:
    """`flask worker` as a process until the end of the block, where SIGTERM ends it cleanly."""
    shared = {
        "DATABASE_URL": database.engine.url.render_as_string(hide_password=False),
        "HOTLINE_DATA_KEY": KEY,
    }
    command = [sys.executable, "-m", "flask", "--app", "app", "worker"]
    worker = subprocess.Popen(
        command, cwd=ROOT, env={**os.environ, **shared, **settings}, stderr=subprocess.DEVNULL
    )
    try:
        yield
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(WAIT_S) == 0
    finally:
        worker.kill()
        worker.wait()


def noon_is_ahead_h() -> int:
    """By how many hours a zone is ahead of UTC in which it is noon now."""
    return 12 - datetime.now(UTC).hour


def settings_of(hotline_url: str, carrier_url: str, ahead_h: int) -> dict[str, str]:
    """Those of both processes; `ahead_h`: of the hotline's zone, where the window is open."""
    return {
        "TWILIO_ACCOUNT_SID": SID,
        "TWILIO_AUTH_TOKEN": TOKEN,
        "TWILIO_NUMBER": HOTLINE,
        "TWILIO_API_URL": carrier_url,
        "PUBLIC_URL": hotline_url,
        "HOTLINE_CLOCK": "worker",
        "HOTLINE_SEND_WINDOW": "09:00-21:00",
        "HOTLINE_TIMEZONE": f"Etc/GMT{-ahead_h:+d}",  # whose signs are the other way round
    }


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def states(database: Database, rule: str) -> set[str]:
    with database.reading() as session:
        return set(session.scalars(select(ReminderRow.state).where(ReminderRow.rule == rule)))


@pytest.mark.slow  # a process that starts takes seconds
def test_date_by_text_is_reminded_of_by_a_worker_until_done(
    database: Database, inspector: Inspector, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Entry + 7 is today; the date was left the day before yesterday. DONE ends its own rule alone."""
    wall, port, ahead_h = Wall(monkeypatch, "app"), free_port(), noon_is_ahead_h()
    entry = (datetime.now(UTC) + timedelta(hours=ahead_h) - 7 * DAY).date()
    hotline_url = f"http://127.0.0.1:{port}"
    with carrier_for(hotline_url, inspector) as (exchange, carrier_url):
        settings = settings_of(hotline_url, carrier_url, ahead_h)
        with opened(database, **settings) as app, served(app, port):
            inspector.watch(app)
            door = OwnersDoor(carrier_url, OWNER)

            def text(body: str) -> None:
                door.ask("POST", "/phone/text", PHONE, {"body": body})
                assert exchange.drain(WAIT_S)

            def inbox() -> list[str]:
                return [message["body"] for message in door.ask("GET", "/phone/inbox", PHONE)["messages"]]

            wall.ahead = -2 * DAY
            text("ENGLISH")
            text(f"ENTRY {entry:%d.%m.%Y}")
            wall.ahead = timedelta()
            assert states(database, "d05") == {"pending"}
            answered = len(inbox())
            with working(database, settings):
                wait_until(lambda: "delivered" in states(database, "d05"))
                assert requests.get(f"{hotline_url}/healthz", timeout=WAIT_S).status_code == 200
                (reminder,) = inbox()[answered:]
                assert "days left" in reminder and "registration" in reminder
                text("DONE 7")
                assert states(database, "d05") == {"delivered", "cancelled"}
                assert "pending" in states(database, "d09")
    with database.reading() as session:
        (message,) = session.scalars(select(MessageRow)).all()
    assert (message.kind, message.channel, message.state) == ("reminder", "sms", "delivered")
