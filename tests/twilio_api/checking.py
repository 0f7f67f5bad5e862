"""Checks what goes to and comes from Twilio's API, or what stands in its place, against its declared schema.

The schema is twilio.schema.json. A violation is a sentence that names the place and the field, such as
"POST Messages.json answered 201: num_segments: 2 is not of type 'string'".
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from email.utils import format_datetime, parsedate_to_datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, Response, request
from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import ValidationError

SCHEMA = json.loads((Path(__file__).parent / "twilio.schema.json").read_text())
FORMATS = FormatChecker(formats=())
ROOT = re.compile(r"/2010-04-01/Accounts/[^/]+/")
SID = re.compile(r"\b[A-Z]{2}[0-9a-fA-F]{32}\b")
Forms = Mapping[str, Sequence[str]]


@FORMATS.checks("rfc2822", raises=(ValueError, TypeError))
def is_rfc2822(text: object) -> bool:
    """A date as Twilio writes it: the right weekday, two digits for the day, +0000."""
    return not isinstance(text, str) or format_datetime(parsedate_to_datetime(text)) == text[:-5] + "+0000"


@FORMATS.checks("web-url", raises=ValueError)
def is_web_url(text: object) -> bool:
    """An absolute URL; Twilio takes no underscore in its host."""
    parts = urlsplit(str(text))
    return parts.scheme in {"http", "https"} and bool(parts.hostname) and "_" not in str(parts.hostname)


@FORMATS.checks("day", raises=ValueError)
def is_day(text: object) -> bool:
    """A date, or a date with its time, in ISO 8601."""
    return datetime.fromisoformat(str(text)) is not None


def check_request(method: str, path: str, form: Forms) -> None:
    """Raise AssertionError, by name, where a form (of a GET: its query) is not what Twilio takes."""
    place = _place(method, path)
    operation = SCHEMA["operations"].get(place)
    assert operation is not None, f"{place} was asked: no such operation is declared"
    _check(f"{place} was asked", operation["form"], {name: list(texts) for name, texts in form.items()})


def check_answer(method: str, path: str, status: int, media_type: str, body: bytes) -> None:
    """Raise AssertionError, by name, where an answer is not what Twilio gives."""
    place = f"{_place(method, path)} answered {status}"
    if status >= 400:
        error = _read_json(place, media_type, body)
        _check(place, "error", error)
        assert error["status"] == status, f"{place}: status: {error['status']} is not {status}"
        return
    answers = SCHEMA["operations"].get(_place(method, path), {}).get("answers", {})
    assert str(status) in answers, f"{place}: no such answer is declared"
    shape = answers[str(status)]
    if shape is None:
        assert body == b"", f"{place}: there is a body"
    elif shape == "sound":
        assert media_type.startswith("audio/"), f"{place}: Content-Type: {media_type} is no sound"
        assert body, f"{place}: there is no sound"
    else:
        _check(place, shape, _read_json(place, media_type, body))


def check_webhook(params: Mapping[str, str]) -> None:
    """Raise AssertionError, by name, where the parameters of a webhook are not what Twilio sends."""
    kind = _kind(params)
    _check(kind.replace("_", " "), kind, dict(params))


class Inspector:
    """Collects the violations of apps it watches: of REST requests and answers, and of signed webhooks."""

    def __init__(self) -> None:
        self.violations: list[str] = []

    def watch(self, app: Flask) -> None:
        """Look at everything that passes through an app."""
        app.after_request(self._look)

    @contextmanager
    def noting(self) -> Iterator[None]:
        """Note a violation and go on."""
        try:
            yield
        except AssertionError as violation:
            self.violations.append(str(violation))

    def assert_nothing_amiss(self) -> None:
        """Fail by name if there was a violation since the last time."""
        found, self.violations = self.violations, []
        assert not found, "\n".join(found)

    def _look(self, response: Response) -> Response:
        given = (request.form if request.method == "POST" else request.args).to_dict(flat=False)
        with self.noting():
            if ROOT.match(request.path):
                self._look_at_rest(given, response)
            elif "X-Twilio-Signature" in request.headers and response.status_code != 403:
                # 403: a test's own forgery, refused.
                check_webhook({name: texts[0] for name, texts in given.items()})
        return response

    def _look_at_rest(self, given: Forms, response: Response) -> None:
        if _is_broken_off(response):
            return
        media_type = response.mimetype or ""
        response.direct_passthrough = False  # a file may be looked at too
        check_answer(request.method, request.path, response.status_code, media_type, response.get_data())
        if response.status_code < 400:
            check_request(request.method, request.path, given)


def _is_broken_off(response: Response) -> bool:
    """Whether the answer never arrives, as can be ordered: cut off in its middle, or its connection shut."""
    if response.is_streamed and not response.mimetype.startswith("audio/"):
        return True
    connection = request.environ.get("werkzeug.socket")
    try:
        if connection is not None:
            connection.send(b"")  # writes nothing, but fails where writing is over
    except OSError:
        return True
    return False


def _place(method: str, path: str) -> str:
    return f"{method} {SID.sub('{sid}', ROOT.sub('', path))}"


def _kind(params: Mapping[str, str]) -> str:
    if "SmsMessageSid" in params:
        return "sms_webhook"
    if "MessageStatus" in params:
        return "message_status_webhook"
    if "RecordingStatus" in params:
        return "recording_status_webhook"
    if "AnsweredBy" in params and "CallStatus" not in params:
        return "machine_status_webhook"
    return "call_status_webhook" if "CallbackSource" in params else "voice_webhook"


def _read_json(place: str, media_type: str, body: bytes) -> Any:
    assert media_type == "application/json", f"{place}: Content-Type: {media_type} is not application/json"
    return json.loads(body)


def _check(place: str, shape: str, value: object) -> None:
    schema = {"$ref": f"#/$defs/{shape}", "$defs": SCHEMA["$defs"]}
    errors = Draft202012Validator(schema, format_checker=FORMATS).iter_errors(value)
    found = [_describe(error) for error in errors]
    assert not found, f"{place}: {'; '.join(found)}"


def _describe(error: ValidationError) -> str:
    """The field and what is wrong with it; of several ways to be right, what the first one misses."""
    while error.context:
        error = error.context[0]
    field = ".".join(str(part) for part in error.absolute_path)
    return f"{field}: {error.message}" if field else error.message
