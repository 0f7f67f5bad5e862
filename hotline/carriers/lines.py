"""Which company carries what: texts by the gateway of their country, everything else by the main carrier."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from hotline.carriers.account import Twilio
from hotline.carriers.base import (
    GATEWAY_LINE,
    Carrier,
    CarrierUnavailableError,
    OnRecord,
    Outcome,
    OutcomeKind,
    TextCarrier,
)
from hotline.carriers.gateway import Kannel
from hotline.carriers.kannel import KannelCarrier
from hotline.carriers.twilio import TwilioCarrier
from hotline.config import Config


@dataclass(frozen=True)
class Lines:
    """A Carrier of two companies. `calls_everybody`: whether the main one reaches the gateway's numbers."""

    main: Carrier
    gateway: TextCarrier
    settings: Kannel
    calls_everybody: bool

    @property
    def lines(self) -> frozenset[str]:
        """The main carrier's and the gateway; see Carrier."""
        return self.main.lines | {GATEWAY_LINE}

    def line_to(self, to: str, by_call: bool) -> str:
        """The gateway's own line for its texts; see Carrier."""
        by_gateway = self.settings.carries(to) and not by_call
        return GATEWAY_LINE if by_gateway else self.main.line_to(to, by_call)

    def can_find_texts(self, to: str) -> bool:
        """Not behind the gateway; see Carrier."""
        return not self.settings.carries(to) and self.main.can_find_texts(to)

    def send_text(self, to: str, sender: str, body: str, receipt_url: str, valid_for_s: int) -> Outcome:
        """Sends by the recipient's line; see TextCarrier."""
        carrier = self.gateway if self.settings.carries(to) else self.main
        return carrier.send_text(to, sender, body, receipt_url, valid_for_s)

    def place_call(
        self, to: str, url: str, fallback_url: str, status_url: str, for_a_person: bool = False
    ) -> Outcome:
        """Rings by the main carrier; a number that it cannot reach is not called."""
        if self.settings.carries(to) and not self.calls_everybody:
            return Outcome(OutcomeKind.FINAL)
        return self.main.place_call(to, url, fallback_url, status_url, for_a_person)

    def find_texts(self, to: str, since_utc: datetime) -> list[OnRecord]:
        """What the main carrier sent; see Carrier."""
        if not self.can_find_texts(to):
            raise CarrierUnavailableError("the gateway keeps no list of its messages")
        return self.main.find_texts(to, since_utc)

    def find_calls(self, to: str, since_utc: datetime) -> list[OnRecord]:
        """Calls are the main carrier's; see Carrier."""
        return self.main.find_calls(to, since_utc)

    def fetch_recording(self, sid: str) -> bytes:
        """Recordings are the main carrier's; see Carrier."""
        return self.main.fetch_recording(sid)

    def delete_recording(self, sid: str) -> None:
        """Recordings are the main carrier's; see Carrier."""
        self.main.delete_recording(sid)

    def delete_copy(self, sid: str) -> None:
        """The main carrier's; a gateway keeps nothing that it would delete. See Carrier."""
        self.main.delete_copy(sid)

    def copies_with(self, sid: str, until_utc: datetime) -> list[str]:
        """The main carrier's; see Carrier."""
        return self.main.copies_with(sid, until_utc)

    def copies_of(self, sender: str, until_utc: datetime) -> list[str]:
        """The main carrier's; see Carrier."""
        return self.main.copies_of(sender, until_utc)

    def calls_of(self, number: str, until_utc: datetime) -> list[str]:
        """The main carrier's; see Carrier."""
        return self.main.calls_of(number, until_utc)


def carrier_of(config: Config, line: Twilio) -> Carrier:
    """The carrier of these settings; `line`: Twilio's, or those of this machine's exchange."""
    main = TwilioCarrier(line)
    if config.kannel is None:
        return main
    return Lines(main, KannelCarrier(config.kannel), config.kannel, config.twilio is not None)
