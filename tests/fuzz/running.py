"""Sends made requests to an app and looks what came of each: the status, the answer, what was written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import get_ident
from typing import Any
from urllib.parse import unquote_to_bytes
from xml.etree import ElementTree

from flask import Flask
from sqlalchemy import event, select

from app import Hotline
from db import Database
from db.tables import Base, MessageRow
from hotline.reminders.receipts import signed_attempt
from tests.fuzz.making import Keys, Maker, Request
from tests.opening import KANNEL, TWILIO, opened
from tests.serving import served
from tests.telephone import PUBLIC_URL, TOKEN

CHANGES = ("INSERT", "UPDATE", "DELETE")
COUNTING = "INSERT INTO counters"  # of earlier requests: added behind whichever comes ten seconds later
OPEN_TO_ALL = ("/healthz", "/readyz", "/audio/", "/metrics")


@dataclass
class Fuzzed:
    """What came of a run. amiss: what must not be, with the request that brought it."""

    requests: int = 0
    statuses: Counter[int] = field(default_factory=Counter)
    amiss: list[str] = field(default_factory=list)

    def note(self, request: Request, what: str) -> None:
        self.amiss.append(f"{what}: {request!r} {request.body[:300]!r}")


def fuzz_both(database: Database, requests: int, seed: int) -> Fuzzed:
    """Half of the requests to the hotline on Twilio and a gateway, half to the one on its own exchange."""
    found = Fuzzed()
    with opened(database, **TWILIO, **KANNEL) as app:
        _fuzz(app, database, _keys(app, PUBLIC_URL, TOKEN), requests // 2, seed, found)
    with opened(database) as app, served(app):  # not where its exchange looks: what it calls is not there
        hotline: Hotline = app.extensions["kadam"]
        line = hotline.line
        _fuzz(
            app,
            database,
            _keys(app, hotline.config.public_url, line.auth_tokens[0]),
            requests // 2,
            seed,
            found,
        )
    return found


def _keys(app: Flask, base_url: str, token: str) -> Keys:
    hotline: Hotline = app.extensions["kadam"]
    return Keys(
        base_url,
        token,
        hotline.line.account_sid,
        hotline.owner_token,
        KANNEL["KANNEL_SECRET"],
        lambda: signed_attempt(hotline.vault, _some_message(hotline.database)),
    )


def _some_message(database: Database) -> str:
    """The id of the newest message on its way, or of none."""
    with database.reading() as session:
        newest = select(MessageRow.id).order_by(MessageRow.created_at_utc.desc()).limit(1)
        return session.scalar(newest) or "0" * 32


def _fuzz(app: Flask, database: Database, keys: Keys, requests: int, seed: int, found: Fuzzed) -> None:
    """Strangers first: after them the database is as it was. Then whoever is let in."""
    maker = Maker(app, keys, seed)
    before = everything(database)
    for _ in range(requests // 2):
        _send(app, maker.make(believed=False), found)
    if everything(database) != before:
        found.amiss.append("strangers have changed what is stored")
    for _ in range(requests - requests // 2):
        _send(app, maker.make(believed=True), found)


def _send(app: Flask, request: Request, found: Fuzzed) -> None:
    hotline: Hotline = app.extensions["kadam"]
    with writes(hotline.database) as seen:
        path, _, query = request.target.partition("?")
        environ = {
            "REQUEST_METHOD": request.method,
            "RAW_URI": request.target,
            "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
            "QUERY_STRING": query,
            "REMOTE_ADDR": "127.0.0.1" if request.believed else "10.0.0.7",
        }
        answer = app.test_client().open(
            "/",
            method=request.method,
            data=request.body,
            headers=list(request.headers),
            environ_overrides=environ,
            buffered=True,
        )
        status, kind, data = answer.status_code, answer.mimetype, answer.data
    found.requests += 1
    found.statuses[status] += 1
    if status >= 500:
        found.note(request, f"status {status}")
    if status >= 400 and seen:
        found.note(request, f"refused with {status}, but {seen[0][:60]}")
    if not request.believed and status < 400 and not _is_open(request.method, path):
        found.note(request, f"a stranger got {status}")
    if 300 <= status < 400 and path.startswith(("/voice", "/sms", "/receipts", "/kannel")):
        found.note(request, f"redirected with {status}")
    if kind == "text/xml" and status == 200 and request.method != "HEAD":
        _parse(request, data, found)


def _is_open(method: str, path: str) -> bool:
    """OPTIONS tells which methods there are, which this page does too."""
    return method == "OPTIONS" or path.startswith(OPEN_TO_ALL)


def _parse(request: Request, data: bytes, found: Fuzzed) -> None:
    try:
        ElementTree.fromstring(data)
    except ElementTree.ParseError as e:
        found.note(request, f"TwiML: {e}")


@contextmanager
def writes(database: Database) -> Iterator[list[str]]:
    """The statements that change a row that is not a count, of this thread, while the block runs."""
    seen: list[str] = []
    here = get_ident()

    def see(_connection: Any, cursor: Any, statement: str, *_: object) -> None:
        changes = statement.startswith(CHANGES) and not statement.startswith(COUNTING)
        if get_ident() == here and changes and cursor.rowcount != 0:
            seen.append(statement)

    event.listen(database.engine, "after_cursor_execute", see)
    yield seen
    event.remove(database.engine, "after_cursor_execute", see)


def everything(database: Database) -> list[list[tuple[Any, ...]]]:
    """Every row of every table."""
    with database.reading() as session:
        return [
            sorted((tuple(row) for row in session.execute(select(*table.c))), key=repr)
            for table in Base.metadata.sorted_tables
        ]
