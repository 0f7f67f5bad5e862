"""Logs: one JSON line an event, no number, no value of an exception."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Callable, Iterator

import pytest
import structlog

from hotline.logs import configure_logs

SENTINEL = "+996555987654"

Logged = Callable[[], list[dict[str, object]]]


@pytest.fixture
def logged() -> Iterator[Logged]:
    """What has been logged, parsed; every line must be JSON."""
    stream = io.StringIO()
    root = logging.getLogger()
    before = root.handlers[:]
    configure_logs(stream)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    root.handlers[:] = before


def test_event_is_one_json_line(logged: Logged) -> None:
    """Line breaks and escapes in a value do not make a second event."""
    structlog.get_logger().info("sms.answered", sid="SM1", note="a\r\nb\x1b[31m\x00")
    (event,) = logged()
    assert (event["event"], event["sid"], event["level"]) == ("sms.answered", "SM1", "info")


@pytest.mark.parametrize("value", [SENTINEL, "996555987654", "8 916 123-45-67", f"To={SENTINEL}, failed"])
def test_number_is_masked_wherever_it_comes_from(logged: Logged, value: str) -> None:
    """In our own events and in those of libraries."""
    structlog.get_logger().warning("carrier.said", detail=value)
    logging.getLogger("some.library").warning("sending %s", value)
    text = json.dumps(logged())
    assert "987654" not in text
    assert "123-45" not in text
    assert text.count("[number]") == 2


def test_sid_and_message_id_are_kept(logged: Logged) -> None:
    """What the operator needs to look something up is no telephone number."""
    sid, id = "SM00112233445566778899aabbccddeeff", "2ba4e923d36a49edb2f02436935540fd"
    structlog.get_logger().info("dispatch", sid=sid, message=id)
    (event,) = logged()
    assert (event["sid"], event["message"]) == (sid, id)


def test_exception_keeps_its_type_and_places_alone(logged: Logged) -> None:
    """Messages of carriers and database drivers repeat numbers and texts."""
    try:
        raise ValueError(f"cannot send КИРДИМ 10.11.2026 to {SENTINEL}")
    except ValueError as e:
        structlog.get_logger().error("sms.not_stored", exc_info=e)
        logging.getLogger("flask.app").exception("Exception on /sms")
    ours, flasks = logged()
    for event in (ours, flasks):
        assert event["error"] == "ValueError"
        assert "test_exception_keeps_its_type" in str(event["frames"])
        assert "КИРДИМ" not in str(event)
        assert "987654" not in str(event)


@pytest.mark.parametrize(
    "name", ["twilio.http_client", "urllib3.connectionpool", "sqlalchemy.engine", "waitress"]
)
def test_talkative_library_is_silent_below_warnings(logged: Logged, name: str) -> None:
    """twilio logs the number it sends to at INFO, urllib3 the address at DEBUG."""
    logging.getLogger(name).info("POST To=somebody")
    logging.getLogger(name).debug("POST To=somebody")
    assert logged() == []
