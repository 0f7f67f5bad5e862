"""Recordings at the carrier, against a real HTTP server: our own address; what comes is sound or refused."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Callable

import pytest

from hotline.carriers import recorded
from hotline.carriers.base import CarrierUnavailableError, NoRecordingError
from hotline.carriers.twilio import TwilioCarrier
from tests.carriers.test_twilio import (
    ACCOUNT,
    Answer,
    Handler,
    Server,
    carrier,
    connect,
    cut_off,
    refuse,
    server,
)

__all__ = ["carrier", "server"]  # fixtures

SID = "RE" + "1" * 32
WAV = b"RIFF\x2c\x00\x00\x00WAVEfmt " + b"\x00" * 32


def sound(body: bytes, told: int | None = None) -> Answer:
    """An answer with `body`; `told` is its length as announced."""

    def answer(handler: Handler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Type", "audio/x-wav")
        handler.send_header("Content-Length", str(len(body) if told is None else told))
        handler.end_headers()
        handler.wfile.write(body)
        handler.close_connection = True

    return answer


def empty(status: int) -> Answer:
    """An answer without a body."""

    def answer(handler: Handler) -> None:
        handler.send_response(status)
        handler.end_headers()

    return answer


def test_recording_is_fetched_from_the_account_itself(server: Server, carrier: TwilioCarrier) -> None:
    """One GET below our own API URL, signed in as every request."""
    server.answer = sound(WAV)
    assert carrier.fetch_recording(SID) == WAV
    ((path, _, headers),) = server.requests
    assert path == f"/2010-04-01/Accounts/{ACCOUNT}/Recordings/{SID}.wav"
    assert b64decode(headers["Authorization"].removeprefix("Basic ")).decode() == f"{ACCOUNT}:token"


def test_recording_is_deleted(server: Server, carrier: TwilioCarrier) -> None:
    """One DELETE; one that is gone already is deleted too."""
    server.answer = empty(204)
    carrier.delete_recording(SID)
    assert server.requests[0][0] == f"/2010-04-01/Accounts/{ACCOUNT}/Recordings/{SID}.json"
    server.answer = refuse(404, 20404)
    carrier.delete_recording(SID)


def test_recording_that_is_not_there_is_told_apart(server: Server, carrier: TwilioCarrier) -> None:
    """404 means: not yet, or never."""
    server.answer = refuse(404, 20404)
    with pytest.raises(NoRecordingError):
        carrier.fetch_recording(SID)


@pytest.mark.parametrize(
    "answer",
    [
        cut_off,
        refuse(401, 20003),
        refuse(429, 20429),
        refuse(500, None),
        refuse(302, None, {"Location": "http://127.0.0.1:1/elsewhere"}),
        sound(b"<html>sign in</html>"),
        sound(b""),
        sound(WAV, told=500),
    ],
    ids=["cut off", "401", "429", "500", "redirect", "a page", "nothing", "broken off"],
)
def test_recording_that_cannot_be_had_now_is_asked_for_again(
    server: Server, carrier: TwilioCarrier, answer: Answer
) -> None:
    """Whatever came is no sound: it is not stored, and the copy is not deleted. One request, no redirect."""
    server.answer = answer
    with pytest.raises(CarrierUnavailableError):
        carrier.fetch_recording(SID)
    assert len(server.requests) == 1


@pytest.mark.parametrize("answer", [cut_off, refuse(401, 20003), refuse(500, None)])
def test_copy_that_cannot_be_deleted_now_is_told(
    server: Server, carrier: TwilioCarrier, answer: Answer
) -> None:
    """It is not taken for deleted."""
    server.answer = answer
    with pytest.raises(CarrierUnavailableError):
        carrier.delete_recording(SID)


def test_silence_ends_after_the_timeout(server: Server) -> None:
    """The client gives up by itself."""

    def wait(_handler: Handler) -> None:
        server.released.wait(20)

    server.answer = wait
    carrier = connect(server.server_port, timeout_s=0.5)
    with pytest.raises(CarrierUnavailableError, match="ReadTimeout"):
        carrier.fetch_recording(SID)
    server.released.set()
    carrier.close()


@pytest.mark.parametrize(("name", "most"), [("LARGEST_BYTES", 20), ("WHOLE_S", -1.0)])
def test_sound_without_end_is_given_up(
    server: Server, carrier: TwilioCarrier, monkeypatch: pytest.MonkeyPatch, name: str, most: float
) -> None:
    """Neither too much nor too slow: the tick has others to fetch."""
    monkeypatch.setattr(recorded, name, most)
    server.answer = sound(WAV)
    with pytest.raises(CarrierUnavailableError, match="too large or too slow"):
        carrier.fetch_recording(SID)


@pytest.mark.parametrize("sid", ["", "RE1", "../Messages", SID + "/..", "CA" + "1" * 32, f"{SID}\n"])
@pytest.mark.parametrize("ask", [TwilioCarrier.fetch_recording, TwilioCarrier.delete_recording])
def test_nothing_but_a_recordings_sid_makes_an_address(
    server: Server, carrier: TwilioCarrier, ask: Callable[[TwilioCarrier, str], object], sid: str
) -> None:
    """It goes into a path that is asked with the account's credentials."""
    with pytest.raises(ValueError, match="SID"):
        ask(carrier, sid)
    assert server.requests == []
