"""A missed call on the whole hotline: it rings busy, the telephone rings, and a second ring goes on."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from app import Hotline
from hotline.config import EXCHANGE_NUMBER
from hotline.exchange.doors.owner import OwnersDoor
from hotline.guide.model import EMERGENCY
from hotline.speech.studio import Studio
from tests.running import running
from tests.twilio_api.checking import Inspector

pytestmark = pytest.mark.usefixtures("as_twilio_has_it")

PHONE = "+996555000901"
RINGS_WITHIN_S = 15.0  # of the ring, README


@pytest.fixture(scope="module")
def hotline(
    tmp_path_factory: pytest.TempPathFactory, sound: Studio, inspector: Inspector
) -> Iterator[Hotline]:
    """A hotline whose only number takes missed calls."""
    folder = tmp_path_factory.mktemp("missed")
    with running(folder, sound, inspector, HOTLINE_MISSED_CALL_NUMBERS=EXCHANGE_NUMBER) as made:
        yield made.extensions["kadam"]


class Phone:
    """A telephone on the exchange."""

    def __init__(self, hotline: Hotline, number: str) -> None:
        self._door = OwnersDoor(hotline.line.api_url, hotline.owner_token)
        self._number = number

    def does(self, act: str, **body: object) -> None:
        self._door.ask("POST", f"/phone/{act}", self._number, body)

    def suffers(self, fault: str) -> None:
        """The next webhook of this telephone goes wrong so."""
        self._door.ask("POST", "/faults", "", {"kind": fault, "to": self._number, "times": 1})

    def state(self) -> dict[str, Any]:
        return self._door.ask("GET", "/phone", self._number)

    def call(self, sid: str) -> dict[str, Any]:
        return self._door.ask("GET", f"/calls/{sid}")

    def heard(self) -> list[str]:
        """What was said in the last call, in words."""
        events = self.call(self.state()["last_call"])["events"]
        return [event["caption"] for event in events if event["kind"] == "sound"]

    def misses_a_call(self) -> None:
        """Rings at the hotline, hears busy, is rung in time and answers."""
        began_s = time.monotonic()
        self.does("dial")
        sid = self.state()["last_call"]
        until(lambda: self.call(sid)["status"] == "busy")
        until(lambda: self.state()["ringing"] is not None)
        assert time.monotonic() - began_s < RINGS_WITHIN_S
        assert self.heard() == []
        self.does("answer")


def until(true: Callable[[], bool]) -> None:
    """Waits for it, as long as a caller would."""
    ends_s = time.monotonic() + RINGS_WITHIN_S
    while not true():
        assert time.monotonic() < ends_s, "it did not come in time"
        time.sleep(0.05)


def test_missed_call_is_called_back_and_goes_on_with_a_key(hotline: Hotline) -> None:
    """Busy, a ring, the language, the menu, a step; hung up in the step, the next call back goes on in it."""
    phone = Phone(hotline, PHONE)
    phone.misses_a_call()
    until(lambda: len(phone.heard()) == len(hotline.guide.languages))
    for key in ("3", "2", "1", "6"):
        phone.does("press", keys=key)
    paragraphs = hotline.guide.text("en", "07").paragraphs
    until(lambda: phone.heard()[-1] == paragraphs[1].text)
    assert any("If the police stop you" in said for said in phone.heard())
    phone.does("hangup")
    until(lambda: phone.state()["call"] is None)
    phone.misses_a_call()
    until(lambda: hotline.guide.words("en").line("voice-continue") in phone.heard())
    assert paragraphs[1].text not in phone.heard()
    phone.does("press", keys="6")
    until(lambda: phone.heard()[-1] == paragraphs[1].text)
    phone.does("hangup")


def test_call_back_in_which_the_hotline_fails_tells_whom_to_call_in_danger(hotline: Hotline) -> None:
    """The hotline placed the call and refuses the webhook of a key: the call has a fallback of its own."""
    phone = Phone(hotline, "+996555000903")
    phone.misses_a_call()
    until(lambda: len(phone.heard()) == len(hotline.guide.languages))
    phone.suffers("webhook-unsigned")
    phone.does("press", keys="1")
    goodbye = hotline.guide.words("ky").line("voice-fallback")
    until(lambda: goodbye.endswith(phone.heard()[-1]))
    emergency = [paragraph.text for paragraph in hotline.guide.text("ky", EMERGENCY).paragraphs]
    assert [said for said in phone.heard() if said in emergency] == emergency


def test_withheld_number_is_answered(hotline: Hotline) -> None:
    """Nobody could be called back: the call is answered and says so."""
    phone = Phone(hotline, "+996555000902")
    phone.does("dial", withheld=True)
    hidden = hotline.guide.words("ky").line("voice-number-hidden")
    until(lambda: phone.heard()[:1] == [hidden])
    phone.does("hangup")
