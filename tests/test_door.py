"""The door as strangers find it: forged, spoofed, redirected, too big, malformed; what browsers are told."""

from __future__ import annotations

import random
import shutil
import socket
from base64 import b64encode
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4
from xml.etree import ElementTree

import pytest
from flask import Flask
from sqlalchemy import select
from twilio.request_validator import RequestValidator
from werkzeug.test import TestResponse

from db import Database
from db.tables import Base, MessageRow
from hotline.people.model import Person
from hotline.people.store import Contact, new_id, save_person
from hotline.reminders import ledger
from hotline.reminders.receipts import signed_attempt
from hotline.serving import BODY_BYTES
from hotline.sms.webhook import TWIML
from tests.opening import KANNEL, TWILIO, opened, webhooks
from tests.serving import served
from tests.telephone import PUBLIC_URL, TOKEN, Telephone

CALL = {"CallSid": "CA" + "0" * 32, "From": "+996555123456", "To": "+996312000777", "Direction": "inbound"}
NOT_XML = "\0\x01\x0b\x0c\x1b\x1f\x7f\ufffe\uffff"


@pytest.fixture(scope="module")
def store(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """One database for the module."""
    path = tmp_path_factory.mktemp("door") / "kadam.sqlite3"
    shutil.copy(migrated_sqlite, path)
    database = Database(f"sqlite:///{path}")
    yield database
    database.close()


@pytest.fixture(scope="module")
def app(store: Database) -> Iterator[Flask]:
    """The hotline with Twilio's settings and a gateway beside it: every webhook there is."""
    with opened(store, **TWILIO, **KANNEL) as made:
        yield made


@pytest.fixture(scope="module")
def own(store: Database) -> Iterator[Flask]:
    """The hotline on its own exchange, with the page."""
    with opened(store) as made:
        yield made


def rows(database: Database) -> int:
    """How many rows there are, in all tables."""
    with database.reading() as session:
        return sum(len(session.execute(select(table)).all()) for table in Base.metadata.sorted_tables)


def test_every_signed_route_is_known(app: Flask) -> None:
    """The tests below try all of them."""
    dated = "/voice/ky/menu-main/0/1/stored"
    found = set(webhooks(app)) - {dated}
    voice = {"/voice", "/voice/fallback", "/voice/ky/menu-main/0/1"}
    receipts = {"/receipts/sms", "/receipts/call", "/receipts/recording"}
    assert found >= {"/sms", *voice, *receipts}


def test_forged_requests_of_every_route_are_refused_and_leave_nothing(app: Flask, store: Database) -> None:
    """Nothing, a guess, another token, another path's, another form's signature; JSON, XML, no body."""
    client, before, chance = app.test_client(), rows(store), random.Random(16)
    for path in webhooks(app):
        right = RequestValidator(TOKEN).compute_signature(PUBLIC_URL + path, CALL)
        other = RequestValidator(TOKEN).compute_signature(f"{PUBLIC_URL}{path}x", CALL)
        third = RequestValidator("a third").compute_signature(PUBLIC_URL + path, CALL)
        guesses = ["".join(chance.choices("ABCDEFGH0123+/", k=27)) + "=" for _ in range(20)]
        for signature in (other, third, right[:-2], right.lower(), "", "=", "\t", "ü", *guesses):
            answer = client.post(path, data=CALL, headers={"X-Twilio-Signature": signature})
            assert answer.status_code == 403, (path, signature)
        for changed in ({**CALL, "Digits": "1"}, {**CALL, "From": "+996555000000"}, {}):
            answer = client.post(path, data=changed, headers={"X-Twilio-Signature": right})
            assert answer.status_code == 403, (path, changed)
        for body, kind in (("{}", "application/json"), ("<a/>", "text/xml"), ("x", ""), (b"\xff", "a/b; c=")):
            headers = {"X-Twilio-Signature": right, "Content-Type": kind}
            assert client.post(path, data=body, headers=headers).status_code == 403, (path, kind)
    assert rows(store) == before


def test_both_tokens_pass_while_they_are_rotated_and_a_third_does_not(app: Flask) -> None:
    """TWILIO_AUTH_TOKEN=new,old."""
    phone = Telephone(app.test_client())
    statuses = [
        phone.post("/voice/fallback", CALL, token=token).status_code
        for token in ("the-new-token", TOKEN, "a third")
    ]
    assert statuses == [200, 200, 403]


@pytest.mark.parametrize(
    "base", ["https://example.org:8443/kadam", "https://example.org/a/b", "http://[::1]:8000"]
)
def test_public_address_with_prefix_and_port_is_what_is_signed(store: Database, base: str) -> None:
    """Whether the proxy takes the prefix away or not; whatever Host and forwarding headers say."""
    path = "/receipts/sms?attempt=a%20b%40c&d=%D3%A9+e"
    signature = RequestValidator(TOKEN).compute_signature(base + path, CALL)
    with opened(store, **{**TWILIO, "PUBLIC_URL": base}) as made:
        client = made.test_client()
        prefix = "/" + base.split("/", 3)[3] if base.count("/") > 2 else ""
        for raw in (path, prefix + path):
            for spoofed in ({}, {"Host": "evil.example"}, {"X-Forwarded-Host": "evil.example:1"}):
                headers = {"X-Twilio-Signature": signature, **spoofed}
                environ = {"RAW_URI": raw}
                told = client.post(path, data=CALL, headers=headers, environ_overrides=environ)
                assert told.status_code == 400, (raw, spoofed)  # believed; the attempt is none of ours
        elsewhere = RequestValidator(TOKEN).compute_signature("https://evil.example" + path, CALL)
        headers = {"X-Twilio-Signature": elsewhere, "Host": "evil.example"}
        assert client.post(path, data=CALL, headers=headers).status_code == 403


def raw_status(url: str, request: bytes) -> int:
    """The status that the server answers to these bytes, 0 where it only hangs up."""
    host, port = url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as line:
        line.sendall(request)
        first = line.recv(4096).split(b"\r\n", 1)[0].split()
    return int(first[1]) if len(first) > 1 else 0


TARGETS = [
    "http://x/sms",
    "http://x:1/sms",
    "http://[::1]/sms",
    "//sms",
    "/sms?%",
    "/sms?%zz#x",
    "/%2e%2e/sms",
]


def test_odd_request_line_is_refused_on_a_real_server(store: Database) -> None:
    """Where the public address names a port, `POST http://x/sms` once made a port of both: an error 500."""
    with opened(store, **{**TWILIO, "PUBLIC_URL": "http://127.0.0.1:8000"}) as made, served(made) as url:
        for target in TARGETS:
            head = f"POST {target} HTTP/1.1\r\nHost: x\r\nX-Twilio-Signature: abc\r\nConnection: close\r\n"
            form = "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 3\r\n\r\na=b"
            assert raw_status(url, (head + form).encode()) in {400, 403, 404}, target


def test_no_webhook_redirects(app: Flask) -> None:
    """A 3xx loses the keys that a caller pressed: slashes too many, too few or doubled, by any method."""
    client = app.test_client()
    for path in webhooks(app):
        for odd in (
            path,
            f"{path}/",
            f"/{path}",
            f"{path}//",
            "/" + path[1:].replace("/", "//"),
            f"{path}/.",
            f"{path}?",
        ):
            for method in ("POST", "GET", "HEAD", "PUT", "DELETE", "OPTIONS"):
                answer = client.open(odd, method=method, data=CALL)
                assert not 300 <= answer.status_code < 400, (method, odd)
                assert answer.status_code < 500, (method, odd)


@pytest.mark.parametrize("path", ["/sms", "/voice", "/receipts/sms", "/voice/fallback"])
def test_body_over_64_kib_is_refused_even_if_it_is_signed(app: Flask, path: str) -> None:
    """One byte less is read."""
    phone = Telephone(app.test_client())
    empty = len("Body=")
    for length, statuses in ((BODY_BYTES - empty, {200, 400}), (BODY_BYTES - empty + 1, {413})):
        assert phone.post(path, {"Body": "x" * length}).status_code in statuses


def test_endless_body_is_cut_off(app: Flask) -> None:
    """In chunks, without a length: what does not end within the cap is refused, and nothing waits for it."""
    chunk = b"4000\r\n" + b"x" * 0x4000 + b"\r\n"
    head = b"POST /kannel/sms?id=1 HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    with served(app) as url:
        assert raw_status(url, head + chunk * 5 + b"0\r\n\r\n") in {403, 413}


def parsed(answer: TestResponse) -> ElementTree.Element:
    """TwiML as the carrier reads it; without a blank before `<?xml`."""
    assert answer.data.startswith(b"<?xml"), answer.data[:80]
    return ElementTree.fromstring(answer.data)


@pytest.mark.parametrize("odd", [*NOT_XML, NOT_XML, "<Response>&amp;]]>", "\U0001f600\u200f\u2028"])
def test_twiml_parses_whatever_is_written_or_pressed(app: Flask, odd: str) -> None:
    """Letters that XML cannot hold, markup, letters beyond the first plane; in a text and in keys."""
    assert ElementTree.fromstring(TWIML.render([f"7{odd}"])).tag == "Response"  # if a page should quote it
    phone = Telephone(app.test_client())
    for body in (odd, f"7{odd}", f"ENTRY {odd}10.11.2026", f"УДАЛИТЬ{odd}"):
        assert parsed(phone.text(body)).tag == "Response"
    for path in ("/voice", "/voice/ky/menu-main/0/1", f"/voice/{'ky'}/step-07-1/0/2"):
        params = {**CALL, "Digits": odd, "SpeechResult": odd, "CallerName": odd}
        assert parsed(phone.post(path, params)).tag == "Response"


@pytest.mark.parametrize("code", ["9" * 19, "9" * 5_000, "²", "٣", "-1", "x" * 99])
def test_receipt_with_an_error_code_that_is_none_is_recorded(app: Flask, store: Database, code: str) -> None:
    """A number too large for the database or for int() was an error 500, and the receipt was lost."""
    client, hotline = app.test_client(), app.extensions["kadam"]
    basic = b64encode(f"kannel:{KANNEL['KANNEL_SECRET']}".encode()).decode()
    id = f"7c17f3ab-367e-49cd-a2e8-{ord(code[0]):06}{len(code):06}"
    headers = {
        "Authorization": f"Basic {basic}",
        "X-Kannel-From": "+996555123456",
        "Content-Type": "text/plain",
    }
    assert client.post(f"/kannel/sms?id={id}", data=b"SOS", headers=headers).status_code == 200
    with store.reading() as session:
        newest = session.scalars(select(MessageRow).order_by(MessageRow.created_at_utc.desc())).first()
    attempt = signed_attempt(hotline.vault, newest.id)
    receipt = {"MessageSid": f"SM{newest.id}", "MessageStatus": "failed", "ErrorCode": code}
    assert Telephone(client).post(f"/receipts/sms?attempt={attempt}", receipt).status_code == 204
    with store.reading() as session:
        assert session.get(MessageRow, newest.id).sid == f"SM{newest.id}"
    for sid in ("", "SM\0", "x" * 65, "<a>"):
        odd = Telephone(client).post(f"/receipts/sms?attempt={attempt}", {**receipt, "MessageSid": sid})
        assert odd.status_code == 400


def sid_of(id: str) -> str:
    """The carrier's id of a message of ours."""
    return f"SM{id.replace('-', '')}"


def on_its_way(app: Flask, store: Database, channel: str) -> str:
    """A message that the carrier has taken, and nothing is known of since; its id."""
    hotline, now = app.extensions["kadam"], datetime.now(UTC)
    contact = Contact(f"+99655{uuid4().int % 10_000_000:07}", None, Person())
    with store.writing() as session:
        person = save_person(session, hotline.vault, contact, new_id(), {"language": "en"}, now)
        id = ledger.enqueue(session, hotline.vault, person, channel, "menu-main", now, now)
        row = session.get_one(MessageRow, id)
        row.state, row.rank, row.attempts, row.sid = "sent", 1, 1, sid_of(id)
    return id


def everything(database: Database) -> list[Any]:
    """Every row of every table."""
    with database.reading() as session:
        return [session.execute(select(table)).all() for table in Base.metadata.sorted_tables]


FORGED = [
    "",
    "x",
    "{id}",
    "{id}.",
    "{id}.AAAAAAAAAAAAAAAAAAAAAA",
    "{id}.{other}",
    "{id}.{cut}",
    "x{id}.{own}",
]


@pytest.mark.parametrize(
    ("path", "sid", "status", "channel"),
    [
        ("/receipts/sms", "MessageSid", "MessageStatus", "sms"),
        ("/receipts/call", "CallSid", "CallStatus", "call"),
    ],
)
def test_receipt_with_a_forged_attempt_is_refused_whoever_signed_the_request(
    app: Flask, store: Database, path: str, sid: str, status: str, channel: str
) -> None:
    """The carrier's signature says who asks; ours alone, of which message. Nothing is written without it."""
    phone, vault = Telephone(app.test_client()), app.extensions["kadam"].vault
    id, another = on_its_way(app, store, channel), on_its_way(app, store, channel)
    own, other = (signed_attempt(vault, each).partition(".")[2] for each in (id, another))
    before = everything(store)
    for said in ({status: "completed"}, {status: "failed", "ErrorCode": "21610"}):
        for forged in FORGED:
            attempt = forged.format(id=id, own=own, other=other, cut=own[:-1])
            answer = phone.post(f"{path}?attempt={attempt}", {sid: sid_of(id), **said})
            assert answer.status_code == 400, attempt
        assert phone.post(path, {sid: sid_of(id), **said}).status_code == 400
    assert everything(store) == before
    genuine = phone.post(f"{path}?attempt={id}.{own}", {sid: sid_of(id), status: "failed"})
    assert genuine.status_code == 204
    with store.reading() as session:
        states = [session.get_one(MessageRow, each).state for each in (id, another)]
    assert states == ["undelivered", "sent"]


def test_no_free_connection_is_503_and_a_call_goes_on(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """The carrier comes again to 503, and not to an error 500."""
    hotline, phone = app.extensions["kadam"], Telephone(app.test_client())
    basic = b64encode(f"kannel:{KANNEL['KANNEL_SECRET']}".encode()).decode()
    kannel = {"Authorization": f"Basic {basic}", "X-Kannel-From": "+996555123456"}
    receipt = f"/receipts/sms?attempt={signed_attempt(hotline.vault, 'x' * 32)}"
    pool = hotline.database.engine.pool
    monkeypatch.setattr(pool, "_timeout", 0)
    with ExitStack() as all_there_are:
        for _ in range(pool.size() + pool._max_overflow):
            all_there_are.enter_context(hotline.database.engine.connect())
        text = f"/kannel/sms?id={uuid4()}"
        assert phone.client.post(text, data=b"SOS", headers=kannel).status_code == 503
        assert phone.text("SOS").status_code == 503
        assert phone.post(receipt, {"MessageSid": "SM1", "MessageStatus": "sent"}).status_code == 503
        assert phone.post("/voice", CALL).status_code == 200
    assert phone.text("SOS").status_code == 200


def test_everything_is_hardened_for_browsers(app: Flask, own: Flask) -> None:
    """Answers and refusals of every room; clips alone may be kept."""
    here = {"Host": "127.0.0.1"}
    answers = [
        *(Telephone(app.test_client()).post(path, CALL) for path in webhooks(app)),
        *(app.test_client().get(path) for path in ("/healthz", "/nothing", "/sms", "/audio/x.wav")),
        *(own.test_client().get(path, headers=here) for path in ("/", "/phone", "/readyz")),
        own.test_client().get("/phone/main.js", headers=here, buffered=True),
        *(own.test_client().get(path) for path in ("/phone", "/exchange/state", "/2010-04-01/Accounts/x")),
    ]
    for answer in answers:
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert answer.headers["X-Frame-Options"] == "DENY"
        assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert "unsafe" not in answer.headers["Content-Security-Policy"]
        assert "Cache-Control" in answer.headers
    assert (
        "script-src 'self'"
        in own.test_client().get("/phone", headers=here).headers["Content-Security-Policy"]
    )


def test_no_telephone_to_play_with_where_real_people_are(store: Database) -> None:
    """With Twilio no exchange at all; with a gateway alone no page: its numbers would be real people's."""
    rooms, here = {"/", "/phone", "/phone/main.js"}, {"Host": "127.0.0.1"}
    doors = {"/exchange/state", f"/2010-04-01/Accounts/{TWILIO['TWILIO_ACCOUNT_SID']}/Messages.json"}
    for settings, there in ((TWILIO, set()), (TWILIO | KANNEL, set()), (KANNEL, doors), ({}, rooms | doors)):
        with opened(store, **settings) as made:
            client, found = made.test_client(), set()
            for path in rooms | doors:
                if client.get(path, headers=here, buffered=True).status_code != 404:
                    found.add(path)
        assert found == there, settings
