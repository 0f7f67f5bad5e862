"""A hotline with a gateway and without Twilio: its exchange must pretend nothing to real telephones."""

from __future__ import annotations

import io
import logging
from base64 import b64encode
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from app import Hotline, create_app
from db.tables import MessageRow
from hotline.config import Config
from hotline.logs import configure_logs
from hotline.practice import welcome
from hotline.reminders import ledger
from tests.kannel.gateway import PASSWORD, SECRET, free_ports
from tests.running import KEY

PHONE = "+996555123456"


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """Nothing listens where its gateway should be."""
    folder = tmp_path_factory.mktemp("alone")
    (port,) = free_ports(1)
    environment = {
        "DATABASE_URL": f"sqlite:///{folder}/k.db",
        "HOTLINE_DATA_KEY": KEY,
        "KANNEL_SENDSMS_URL": f"http://127.0.0.1:{port}/cgi-bin/sendsms",
        "KANNEL_USERNAME": "kadam",
        "KANNEL_PASSWORD": PASSWORD,
        "KANNEL_SENDER": "4040",
        "KANNEL_PREFIXES": "+996",
        "KANNEL_SECRET": SECRET,
    }
    made = create_app(Config.from_env(environment))
    hotline: Hotline = made.extensions["kadam"]
    hotline.database.migrate()
    yield made
    hotline.close()


@pytest.fixture
def hotline(app: Flask) -> Hotline:
    return app.extensions["kadam"]  # type: ignore[no-any-return]


def write(app: Flask, number: int, words: str) -> None:
    """A text that Kannel brings."""
    shown = b64encode(f"kannel:{SECRET}".encode()).decode()
    answer = app.test_client().post(
        f"/kannel/sms?id=7c17f3ab-367e-49cd-a2e8-{number:012x}",
        data=words.encode(),
        headers={"Authorization": f"Basic {shown}", "Content-Type": "text/plain", "X-Kannel-From": PHONE},
    )
    assert (answer.status_code, answer.data) == (200, b"")


def messages(hotline: Hotline) -> list[tuple[str, str]]:
    """Channel and words or place of all that was to be sent."""
    with hotline.database.reading() as session:
        rows = session.scalars(select(MessageRow).order_by(MessageRow.created_at_utc)).all()
        return [
            (row.channel, hotline.vault.open(row.body_sealed, ledger.BODY_COLUMN, row.id)) for row in rows
        ]


def test_call_back_is_refused_politely(app: Flask, hotline: Hotline) -> None:
    """It would ring on this machine's exchange, where nobody hears it."""
    write(app, 1, "ENGLISH")
    before = len(messages(hotline))
    write(app, 2, "CALL")
    assert [channel for channel, _ in messages(hotline)[before:]] == ["sms"]
    assert "We cannot call your number back" in messages(hotline)[-1][1]


def test_moving_the_clock_of_the_exchange_sends_nothing_to_real_telephones(
    app: Flask, hotline: Hotline
) -> None:
    """A reminder for next week goes out next week."""
    write(app, 3, f"ENTRY {datetime.now(UTC) - timedelta(days=2):%d.%m.%Y}")
    before = len(messages(hotline))
    assert hotline.exchange is not None
    hotline.exchange.timeline.advance(timedelta(days=9).total_seconds())
    assert abs(hotline.now_utc() - datetime.now(UTC)) < timedelta(minutes=1)
    assert len(messages(hotline)) == before


@pytest.mark.parametrize("days", [9, 0, -1])
def test_remind_command_sends_the_words_of_no_other_day(app: Flask, days: int) -> None:
    """As with Twilio itself: "tomorrow is the last day" would be yesterday's; a rehearsal may look."""
    at = (datetime.now(UTC) + timedelta(days=days)).isoformat()
    refused = app.test_cli_runner().invoke(args=["remind", "--as-of", at])
    assert refused.exit_code != 0
    assert "another day" in refused.output
    rehearsed = app.test_cli_runner().invoke(args=["remind", "--as-of", at, "--dry-run"])
    assert "another day" not in rehearsed.output


def test_welcome_says_what_reaches_real_telephones_and_invites_nobody_to_play(hotline: Hotline) -> None:
    """To Kannel the numbers of the exchange's telephones are real ones."""
    said = welcome(hotline.config)
    assert "texts to +996 by Kannel" in said
    assert "no real telephone" not in said
    assert "/phone" not in said


def test_gateway_that_is_away_keeps_the_answer_waiting_and_no_secret_in_the_log(
    app: Flask, hotline: Hotline
) -> None:
    """Nothing listens: it is tried again, and neither number nor password nor secret is told."""
    stream, root = io.StringIO(), logging.getLogger()
    before = root.handlers[:]
    configure_logs(stream)
    write(app, 4, "STEP7")
    hotline.dispatcher.tick(datetime.now(UTC))
    root.handlers[:] = before
    with hotline.database.reading() as session:
        assert set(session.scalars(select(MessageRow.state))) == {"pending"}
    assert '"outcome": "retry"' in stream.getvalue()
    for secret in (SECRET, PASSWORD, "996555", "STEP7"):
        assert secret not in stream.getvalue()
