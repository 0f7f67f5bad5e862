"""Requests as nobody would write them: made from a seed, so that every one of them can be made again."""

from __future__ import annotations

import json
import random
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import quote, urlencode

from flask import Flask
from twilio.request_validator import RequestValidator
from werkzeug.datastructures import MultiDict

FORM = "application/x-www-form-urlencoded"
ODD = [
    "",
    " ",
    "\0",
    "\x0b",
    "\r\n",
    "\x1b[31m",
    "\ufffe",
    "\u200f",
    "😀",
    "ө",
    "<a>&'\"",
    "%00",
    "%",
    "..",
    "/",
    "'; --",
]
NUMBERS = [
    "+996555123456", "+79161234567", "+77051234567", "+998901234567", "+905321234567", "+1", "+", "+0", "996",
    "anonymous", "unknown", "", "+266696687", "+7378742833", "KADAM", "4040", "+312000777", "+996312000777",
    "+" + "9" * 200, "+٩٩٦٥٥٥١٢٣٤٥٦", "+996555\0123456", " +996555123456 ", "tel:+996555123456",
]  # fmt: skip
COUNTS = [
    "0",
    "1",
    "3",
    "99",
    "-1",
    "+1",
    "1.5",
    "1e9",
    "²",
    "٣",
    "9" * 19,
    "9" * 400,
    "9" * 5_000,
    "NaN",
    "x",
    "",
]
WORDS = [
    "STEP7", "7", "КАДАМ 7", "МЕНЮ", "MORE", "STATUS", "ENTRY today", "КИРДИМ 10.11.2026", "ENTRY 31.02.2026",
    "OK", "ООБА", "НЕТ", "DONE 7", "START 7", "STOP", "СТОП", "START", "DELETE", "УДАЛИТЬ", "SOS", "CALL",
    "LATIN", "РУССКИЙ", "ENTRY 11 01.11.2026", "UNTIL 7 01.02.2027", "DEPART 01.12.2026",
    "REGISTERED 05.11.2026", "7 10", "step 7 and 10", "I am away", "0" * 160, "ө" * 1_600, "9" * 5_000,
    "\ud7ff", "٧", "ENTRY ٠١.١١.٢٠٢٦",
]  # fmt: skip
STATUSES = [
    "queued",
    "sent",
    "delivered",
    "undelivered",
    "failed",
    "completed",
    "busy",
    "no-answer",
    "read",
    "?",
]
HOSTS = [
    "hotline.example.org",
    "evil.example",
    "[::1",
    "127.0.0.1",
    "127.0.0.1:99999",
    "a b",
    "",
    "ü.example",
]


@dataclass(frozen=True)
class Request:
    """One request, and whether whoever sends it shows what lets it in."""

    method: str
    target: str  # path and query, quoted as it goes over the line
    body: bytes = field(repr=False)
    headers: tuple[tuple[str, str], ...]
    believed: bool


@dataclass(frozen=True)
class Keys:
    """What opens the doors of one app."""

    base_url: str
    token: str = field(repr=False)
    account_sid: str
    owner_token: str = field(repr=False)
    gateway_secret: str = field(repr=False)
    attempt: Callable[[], str]  # signed, of some message


class Maker:
    """Makes requests for the routes of an app, one after another."""

    def __init__(self, app: Flask, keys: Keys, seed: int) -> None:
        self._rules = sorted({str(rule) for rule in app.url_map.iter_rules()})
        self._methods = {
            rule: sorted(
                {m for each in app.url_map.iter_rules() if str(each) == rule for m in each.methods or ()}
            )
            for rule in self._rules
        }
        self._keys = keys
        self._chance = random.Random(seed)
        self._sid = seed * 1_000_000

    def make(self, believed: bool) -> Request:
        """A request to any route or beside it; `believed`: with the right signature, token or secret."""
        chance = self._chance
        rule = chance.choice(self._rules)
        path = self._path(rule) if chance.random() < 0.95 else quote(f"/{self._odd()}/{self._odd()}")
        method = (
            chance.choice(self._methods[rule])
            if chance.random() < 0.9
            else chance.choice(["PATCH", "PUT", "TRACE"])
        )
        target = path + self._query(rule)
        form, body, kind = self._body(rule)
        headers = [("Content-Type", kind), *self._stray_headers(), *self._shown(target, form, believed)]
        return Request(
            method, target, body, tuple((name, _clean(value)) for name, value in headers), believed
        )

    def _path(self, rule: str) -> str:
        values = {
            "language": ["ky", "ru", "en", "xx", self._odd()],
            "place": [
                "menu-main",
                "step-07-1",
                "dates",
                "date-confirm",
                "confirm-stop",
                "language",
                self._odd(),
            ],
            "misses": COUNTS,
            "number": COUNTS,
            "account_sid": [self._keys.account_sid, self._odd()],
        }
        path = ""
        for part in rule.split("/")[1:]:
            if "<" in part:
                before, _, rest = part.partition("<")
                name, _, after = rest.partition(">")
                part = (
                    before
                    + quote(self._chance.choice(values.get(name.split(":")[-1], [self._odd()])), safe="")
                    + after
                )
            path += f"/{part}"
        return path

    def _query(self, rule: str) -> str:
        pick = self._chance.random()
        if pick < 0.3:
            return ""
        if pick < 0.5:
            return f"?{quote(self._odd(), safe='%/')}"
        names = ["attempt", "status", "smsc_id", "since", "PageSize", "Page", "To", "DateSent>"]
        id = f"7c17f3ab-367e-49cd-a2e8-{self._next():012x}"
        values = {"attempt": [self._keys.attempt()], "status": ["1", "2", "8", "16"], "id": [id, id.upper()]}
        chosen = {
            name: self._chance.choice([*values.get(name, []), *COUNTS])
            for name in names
            if self._chance.random() < 0.4
        }
        if rule.startswith("/receipts"):
            chosen["attempt"] = self._chance.choice([self._keys.attempt(), self._odd()])
        if rule.startswith("/kannel"):
            chosen["id"] = self._chance.choice([id, id, self._odd()])
            chosen["attempt"] = self._chance.choice([self._keys.attempt(), self._odd()])
        return f"?{urlencode(chosen)}"

    def _body(self, rule: str) -> tuple[dict[str, list[str]], bytes, str]:
        """The form, if it is one, the bytes, and their type."""
        pick, chance = self._chance.random(), self._chance
        if pick < 0.75 and not rule.startswith("/exchange"):
            form = self._form()
            return form, urlencode(form, doseq=True).encode(), FORM
        if rule.startswith("/exchange") and pick < 0.8:
            fields = {"seconds": [60, -1, "1", None, 1e400], "body": WORDS, "keys": COUNTS, "name": ODD}
            given = {name: chance.choice(values) for name, values in fields.items() if chance.random() < 0.6}
            return {}, json.dumps(given).encode(), "application/json"
        text = chance.choice([*WORDS, *ODD])
        kinds: list[tuple[bytes, str]] = [
            (text.encode("utf-16-be"), 'text/plain; charset="UTF-16BE"'),
            (text.encode(), "text/plain; charset=utf-8"),
            (text.encode(), f"text/plain; charset={chance.choice(['idna', 'zip', 'x', 'utf-7', ''])}"),
            (b"\xff\xfe\0\xd8", FORM),
            (b"%", FORM),
            (b"&" * 2_000, FORM),
            (b"Body=" + b"x" * 70_000, FORM),
            (b'{"a":', "application/json"),
            (b"[" * 5_000, "application/json"),
            (b"--x\r\nContent-Disposition: form-data; name=a\r\n\r\n", "multipart/form-data; boundary=x"),
            (b"", "multipart/form-data"),
            (chance.randbytes(50), chance.choice(["", "a", "a/b;c", "application/octet-stream", "text/xml"])),
        ]
        return ({}, *chance.choice(kinds))

    def _form(self) -> dict[str, list[str]]:
        chance, n = self._chance, self._next()
        likely: dict[str, list[str]] = {
            "MessageSid": [f"SM{n:032x}", f"SM{n:032x}", f"SM{n:032x}", "SM" + "0" * 32, self._odd()],
            "CallSid": [f"CA{n:032x}", "CA" + "1" * 32, "CA" + "1" * 32, self._odd(), "x" * 65],
            "From": NUMBERS[:2] * 6 + NUMBERS,
            "To": ["+996312000777"] * 4 + NUMBERS,
            "Body": [*WORDS, *WORDS, self._odd(), *(self._said() for _ in range(30))],
            "Digits": [
                "1",
                "2",
                "3",
                "4",
                "5",
                "0",
                "*",
                "#",
                "8",
                "9",
                "07",
                "0511",
                "",
                self._odd(),
                "1" * 90,
            ],
            "Direction": ["inbound", "outbound-api", self._odd()],
            "CallStatus": STATUSES,
            "MessageStatus": STATUSES,
            "ErrorCode": ["30003", "21610", *COUNTS],
            "NumMedia": COUNTS,
            "OptOutType": ["STOP", "START", "HELP", self._odd()],
            "RecordingSid": ["RE" + f"{n:032x}", self._odd()],
            "RecordingStatus": ["completed", "absent"],
            "RecordingDuration": COUNTS,
            "DialCallStatus": ["completed", "no-answer", self._odd()],
            "AnsweredBy": ["human", "machine_start", self._odd()],
            "Url": ["/voice", "ftp://x", self._odd()],
        }
        form = {name: [chance.choice(values)] for name, values in likely.items() if chance.random() < 0.85}
        if chance.random() < 0.1:
            form["From"] = [*form.get("From", []), chance.choice(NUMBERS)]
        if chance.random() < 0.1:
            form[self._odd()] = [self._odd()]
        return form

    def _said(self) -> str:
        """Words, numbers and signs in a row."""
        parts = self._chance.choices(
            [*WORDS, *NUMBERS[:8], *ODD, *"0123456789./- "], k=self._chance.randrange(1, 5)
        )
        return " ".join(part[:200] for part in parts)

    def _stray_headers(self) -> list[tuple[str, str]]:
        chance = self._chance
        stray = {
            "Host": HOSTS,
            "X-Forwarded-Host": HOSTS,
            "X-Kannel-From": NUMBERS,
            "X-Kannel-To": NUMBERS,
            "X-Exchange-Phone": NUMBERS,
            "Range": ["bytes=0-", "bytes=9-1", "x", f"bytes=-{COUNTS[-5]}"],
            "If-Modified-Since": ["x", "Thu, 01 Jan 1970 00:00:00 GMT", "9" * 40],
            "If-None-Match": ["*", '"', "W/"],
            "Cookie": ["a=b", "=", "\x7f"],
            "Accept-Language": ["ky", "*;q=x"],
            "X-HTTP-Method-Override": ["DELETE"],
            "Content-Encoding": ["gzip"],
        }
        return [(name, chance.choice(values)) for name, values in stray.items() if chance.random() < 0.2]

    def _shown(self, target: str, form: dict[str, list[str]], believed: bool) -> list[tuple[str, str]]:
        keys, chance = self._keys, self._chance
        token, owner, secret = keys.token, keys.owner_token, keys.gateway_secret
        if not believed:
            token, owner, secret = chance.choice(["", "wrong"]), chance.choice(["wrong", "ü", ""]), "x" * 32
        given = MultiDict((name, value) for name, values in form.items() for value in values)
        signature = RequestValidator(token).compute_signature(keys.base_url + target, given)
        user, password = ("kannel", secret) if target.startswith("/kannel") else (keys.account_sid, token)
        basic = b64encode(f"{user}:{password}".encode()).decode()
        shown = [
            ("X-Twilio-Signature", signature),
            ("X-Exchange-Token", owner),
            ("Authorization", f"Basic {basic}"),
        ]
        if believed:
            return shown
        odd = [
            ("X-Twilio-Signature", self._odd()),
            ("Authorization", chance.choice(["Basic", "Basic !", "Bearer x", "Digest"])),
        ]
        return [each for each in (*shown[:2], *odd) if chance.random() < 0.6]

    def _odd(self) -> str:
        return "".join(self._chance.choices(ODD, k=self._chance.randrange(4))) * self._chance.choice(
            [1, 1, 1, 300]
        )

    def _next(self) -> int:
        self._sid += 1
        return self._sid


def _clean(value: str) -> str:
    """What can go over the line as a header: a server refuses the rest before the app is asked."""
    line = value.replace("\r", "").replace("\n", "").replace("\0", "")
    return line.encode().decode("latin-1")
