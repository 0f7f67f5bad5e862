"""What the logs hold while every logger is at DEBUG and everything happens: no number, date, text or key."""

from __future__ import annotations

import io
import json
import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from urllib.parse import quote, quote_plus

import pytest
import requests
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, text
from twilio.request_validator import RequestValidator
from werkzeug.test import TestResponse

from app import Hotline
from db import Database
from hotline.logs import configure_logs, log_uncaught
from tests.kannel.gateway import free_ports
from tests.opening import KANNEL, TWILIO, opened
from tests.serving import served

PHONE = "+996555987654"
BODY = "келинчек"  # a word that nothing of ours says
DAY = date.today() - timedelta(days=6)  # noqa: DTZ011 - any day of the last weeks
KEYS = f"{DAY:%d%m}"
CHATTY = (
    "twilio", "twilio.http_client", "urllib3", "urllib3.connectionpool", "requests", "sqlalchemy",
    "sqlalchemy.engine.Engine", "sqlalchemy.pool", "sqlalchemy.orm", "apscheduler", "waitress",
    "waitress.queue", "werkzeug", "gunicorn.access", "gunicorn.error", "alembic", "kadam",
    "concurrent.futures", "asyncio",
)  # fmt: skip


@contextmanager
def all_at_debug() -> Iterator[io.StringIO]:
    """What configure_logs lets through while every logger that there is says all it can."""
    stream, root = io.StringIO(), logging.getLogger()
    handlers, level = root.handlers[:], root.level
    configure_logs(stream, logging.DEBUG)
    loggers = [logging.getLogger(name) for name in {*logging.root.manager.loggerDict, *CHATTY}]
    before = [(logger, logger.level) for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.DEBUG)
    try:
        yield stream
    finally:
        for logger, was in before:
            logger.setLevel(was)
        root.handlers[:], root.level = handlers, level


def secrets() -> list[str]:
    """The sentinels as they are said, quoted for a URL, written by a program."""
    days = [
        f"{DAY:%d.%m.%Y}",
        f"{DAY:%d.%m}",
        DAY.isoformat(),
        f"({DAY.year}, {DAY.month}, {DAY.day})",
        f"{KEYS!r}",
    ]
    return ["987654", BODY, quote(BODY), BODY.encode("unicode_escape").decode(), *days]


def assert_silent(told: str) -> None:
    """No secret in any line, and each line one event."""
    for line in told.splitlines():
        assert json.loads(line)["event"]
        found = [secret for secret in secrets() if secret.casefold() in line.casefold()]
        assert found == [], line


def post(app: Flask, path: str, **params: str) -> TestResponse:
    """What the carrier of this hotline posts, signed."""
    hotline: Hotline = app.extensions["kadam"]
    form = {
        "CallSid": "CA" + "1" * 32,
        "From": PHONE,
        "To": hotline.line.number,
        "Direction": "inbound",
        **params,
    }
    url = hotline.config.public_url + path
    signature = RequestValidator(hotline.line.auth_tokens[0]).compute_signature(url, form)
    return app.test_client().post(path, data=form, headers={"X-Twilio-Signature": signature})


def live(app: Flask) -> None:
    """A person's weeks: texts, a call, dates by keys, key 8, STOP; what is malformed; what strangers try."""
    bodies = (
        BODY,
        f"ENTRY {DAY:%d.%m.%Y}",
        f"КИРДИМ {DAY:%d.%m}",
        "OK",
        "STATUS",
        f"7 {BODY}\r\n{PHONE}",
        "SOS",
        "CALL",
    )
    for n, body in enumerate(bodies):
        assert post(app, "/sms", MessageSid=f"SM{n:032x}", Body=body).status_code == 200
    post(app, "/sms", MessageSid=f"SM{99:032x}", Body=BODY, From=f"{PHONE}{PHONE}")
    post(app, "/sms", MessageSid=BODY, Body=BODY)
    assert post(app, "/voice").status_code == 200
    for turn, (place, key) in enumerate(
        (("menu-main", "2"), ("dates", "1"), ("date-day", KEYS), ("date-confirm", "1"))
    ):
        assert post(app, f"/voice/ky/{place}/0/{turn + 1}", Digits=key).status_code == 200
    post(app, "/voice/ky/step-07-1/0/9", Digits="8")
    post(app, f"/voice/ky/{quote(BODY)}/0/9", Digits=KEYS)
    post(app, "/receipts/sms?attempt=x", MessageSid=PHONE, MessageStatus=BODY)
    post(app, "/receipts/recording", RecordingSid=BODY, RecordingStatus="completed")
    stranger: FlaskClient = app.test_client()
    stranger.post("/sms", data={"From": PHONE, "Body": BODY})
    stranger.get(f"/sms/{quote(BODY)}?From={quote(PHONE)}")
    stranger.post("/voice", json={"From": PHONE, "Digits": KEYS})


def test_weeks_of_a_person_leave_no_word_in_the_logs(sqlite: Database) -> None:
    """Webhooks, ticks, the carrier's client and the exchange behind it, receipts; over a real server."""
    (port,) = free_ports(1)
    with all_at_debug() as stream, opened(sqlite, PORT=str(port)) as app, served(app, port, 8):
        hotline: Hotline = app.extensions["kadam"]
        live(app)
        assert hotline.exchange is not None
        for days in (0, 1, 2, 7):
            hotline.exchange.timeline.advance(timedelta(days=days, minutes=1).total_seconds())
        requests.get(f"http://127.0.0.1:{port}/healthz?{quote(PHONE)}", timeout=5)
        told = stream.getvalue()
    assert "sms.answered" in told
    assert "sent" in told
    assert_silent(told)


def test_failures_leave_no_word_in_the_logs(sqlite: Database) -> None:
    """A carrier and a gateway that are not there, refusals, a database that breaks."""
    with all_at_debug() as stream, opened(sqlite, **TWILIO, **KANNEL) as app:
        hotline: Hotline = app.extensions["kadam"]
        live(app)
        hotline.tick(hotline.now_utc() + timedelta(days=8))
        with sqlite.writing() as session:
            session.execute(text("ALTER TABLE answers RENAME TO away"))
        assert post(app, "/sms", MessageSid="SM" + "a" * 32, Body=BODY).status_code == 503
        post(app, "/voice/ky/date-confirm/0/7", Digits="1")
        told = stream.getvalue()
    assert "sms.not_stored" in told
    assert "OperationalError" in told
    assert_silent(told)


def test_error_of_our_own_leaves_its_place_and_no_word(sqlite: Database) -> None:
    """Status 500 for the carrier; the type and the frames for us. In a thread of ours as well."""
    with all_at_debug() as stream, opened(sqlite, **TWILIO) as app:
        hotline: Hotline = app.extensions["kadam"]

        def fail(*_: object) -> None:
            raise ValueError(f"{PHONE} wrote {BODY} on {DAY}")

        event.listen(hotline.database.engine, "begin", fail)
        assert post(app, "/sms", MessageSid="SM" + "b" * 32, Body=BODY).status_code == 500
        kept, threading.excepthook = threading.excepthook, log_uncaught
        thread = threading.Thread(target=fail)
        thread.start()
        thread.join()
        threading.excepthook = kept
        event.remove(hotline.database.engine, "begin", fail)
        told = stream.getvalue()
    events = [json.loads(line) for line in told.splitlines()]
    failed = [each for each in events if each.get("error") == "ValueError"]
    assert {each["event"] for each in failed} == {"Exception on /sms [POST]", "thread.failed"}
    assert all("test_log_sentinels.py" in str(each["frames"]) for each in failed)
    assert_silent(told)


@pytest.mark.parametrize("name", [*CHATTY, "a.library.of.tomorrow"])
def test_library_is_silent_below_warnings_whatever_its_level(name: str) -> None:
    """A debugging hand that turns it up lets nothing out; its warnings have their numbers masked."""
    with all_at_debug() as stream:
        logger = logging.getLogger(name)
        logger.setLevel(logging.DEBUG)
        logger.propagate, kept = True, logger.propagate
        logger.debug("Data: %s", {"To": PHONE, "Body": BODY})
        logger.info("POST /Messages.json?To=%s", quote_plus(PHONE))
        assert stream.getvalue() == ""
        logger.warning("Retrying after %s: /Messages.json?To=%s&From=%s", PHONE, quote_plus(PHONE), PHONE[1:])
        logger.propagate = kept
    (line,) = stream.getvalue().splitlines()
    assert "987654" not in line
    assert line.count("[number]") == 3


def test_body_with_line_breaks_and_escapes_is_one_event(sqlite: Database) -> None:
    """A text cannot write a line of the log, nor colour the terminal of whoever reads it."""
    forged = '\r\n{"event": "sms.answered", "level": "info"}\n\x1b[2J\x1b[31m\x9b31m\u2028\x00'
    with all_at_debug() as stream, opened(sqlite, **TWILIO) as app:
        logging.getLogger("hotline.test").error("wrote %s", forged)
        before = len(stream.getvalue().splitlines())
        post(app, "/sms", MessageSid="SM" + "c" * 32, Body=forged)
        post(app, "/sms", MessageSid=f"SM{forged}", Body=forged, From=forged)
        post(app, "/voice", From=forged, CallSid=forged)
        told = stream.getvalue()
    lines = told.split("\n")[:-1]
    assert before == 1
    assert all(json.loads(line)["event"] for line in lines)
    assert not any(code in told for code in ("\x1b", "\x9b", "\r", "\x00", "\u2028"))
