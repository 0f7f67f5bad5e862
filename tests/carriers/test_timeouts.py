"""How long the hotline waits for the carriers that its settings make; the libraries wait for ever."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest
import requests

from db import Database
from hotline.carriers.base import Carrier, CarrierUnavailableError
from tests.opening import KANNEL, TWILIO, opened

TO, GATEWAYS = "+79161234567", "+996555123456"  # one that Twilio writes to, one that the gateway does
NUMBER, RECEIPT = TWILIO["TWILIO_NUMBER"], "https://hotline.example.org/receipts/sms?attempt=0f3c.AAAA"
AT = datetime(2026, 11, 29, 7, tzinfo=UTC)
SM, RE = "SM" + "1" * 32, "RE" + "1" * 32

REQUESTS: dict[str, Callable[[Carrier], object]] = {
    "send_text": lambda on: on.send_text(TO, NUMBER, "Кадам", RECEIPT, 600),
    "send_text by the gateway": lambda on: on.send_text(GATEWAYS, "4040", "Кадам", RECEIPT, 600),
    "place_call": lambda on: on.place_call(TO, RECEIPT, RECEIPT, RECEIPT),
    "find_texts": lambda on: on.find_texts(TO, AT),
    "find_calls": lambda on: on.find_calls(TO, AT),
    "fetch_recording": lambda on: on.fetch_recording(RE),
    "delete_recording": lambda on: on.delete_recording(RE),
    "delete_copy": lambda on: on.delete_copy(SM),
    "copies_with": lambda on: on.copies_with(SM, AT),
    "copies_of": lambda on: on.copies_of(NUMBER, AT),
    "calls_of": lambda on: on.calls_of(NUMBER, AT),
}


def test_every_request_to_a_carrier_has_a_time_out(sqlite: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the carriers that the settings make, and of the archive that texts are fetched from later."""
    waits: list[object] = []

    def note(*_: object, timeout: object, **__: Any) -> requests.Response:
        waits.append(timeout)
        raise requests.ConnectionError

    monkeypatch.setattr(requests.adapters.HTTPAdapter, "send", note)
    with opened(sqlite, **TWILIO, **KANNEL) as app:
        hotline = app.extensions["kadam"]
        carrier, archive = hotline.dispatcher.carrier, hotline.rounds.backfill.archive
        asked = {**REQUESTS, "received_texts": lambda _: archive.received_texts(NUMBER, AT)}
        for name, ask in asked.items():
            waits.clear()
            with suppress(CarrierUnavailableError):
                ask(carrier)
            assert waits, name
            assert all(isinstance(wait, float) and 1 <= wait <= 20 for wait in waits), (name, waits)


def test_every_request_that_a_carrier_can_be_asked_is_tried_above() -> None:
    """Another one needs a line of its own."""
    local = {"lines", "line_to", "can_find_texts"}  # answered without asking anybody
    asks = {name for name in [*vars(Carrier), "send_text"] if not name.startswith("_")} - local
    assert asks == {name.partition(" ")[0] for name in REQUESTS}
