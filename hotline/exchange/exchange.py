"""The exchange as a whole: its rooms tied together, its doors as blueprints."""

import threading
from collections.abc import Callable, Mapping
from urllib.parse import urljoin

from flask import Blueprint

from hotline.exchange.account import NO_SERVICES, Account
from hotline.exchange.calls.recorder import Recorder
from hotline.exchange.calls.sounds import Sounds
from hotline.exchange.calls.switchboard import Switchboard
from hotline.exchange.calls.trunk import Trunk
from hotline.exchange.clock import Agenda, Clock
from hotline.exchange.doors.control import make_control
from hotline.exchange.doors.describing import ControlRooms, LedgerOf
from hotline.exchange.doors.page import make_page
from hotline.exchange.doors.rest import RestRooms, make_rest
from hotline.exchange.faults import Faults
from hotline.exchange.lanes import Lanes
from hotline.exchange.phones import Phones
from hotline.exchange.surroundings import Surroundings
from hotline.exchange.texts.post import Post
from hotline.exchange.timeline import NextDue, Tick, Timeline
from hotline.exchange.webhooks import TOTAL_TIMEOUT_S, Webhooks
from hotline.exchange.wire import Wire

# The longest the exchange waits before it looks whether something of its own has fallen due.
_LOOK_EVERY_S = 0.2


class Exchange:
    """A telephone exchange in this process, in memory only.

    account_sid, auth_token: for the REST API and the signatures. owner_token: for the control API.
    number: the customer's, in E.164. Webhook URLs may be relative to base_url. next_due and tick: the
    customer's timeline, see timeline.py. caption(url): what a sound says, for readers. answers_keywords:
    whether the carrier answers STOP, START and HELP itself. phones: number -> name of those at hand from the
    start. ledger(number): what the customer plans to send there, for readers. services: messaging services,
    see account.py. webhook_timeout_s: Twilio's 15 s, less in tests. api_url: where the REST API is reached,
    as the addresses of recordings name it; base_url if not given.
    """

    def __init__(
        self,
        *,
        account_sid: str,
        auth_token: str,
        owner_token: str,
        number: str,
        base_url: str,
        voice_url: str,
        sms_url: str,
        next_due: NextDue,
        tick: Tick,
        caption: Callable[[str], str | None],
        voice_fallback_url: str | None = None,
        sms_fallback_url: str | None = None,
        call_status_url: str | None = None,
        answers_keywords: bool = True,
        phones: Mapping[str, str] | None = None,
        ledger: LedgerOf = lambda _number: [],
        services: Mapping[str, str] = NO_SERVICES,
        webhook_timeout_s: float = TOTAL_TIMEOUT_S,
        api_url: str | None = None,
    ) -> None:
        def resolve(url: str | None) -> str | None:
            return None if url is None else urljoin(base_url, url)

        self.account = Account(
            account_sid,
            auth_token,
            number,
            urljoin(base_url, voice_url),
            urljoin(base_url, sms_url),
            resolve(voice_fallback_url),
            resolve(sms_fallback_url),
            resolve(call_status_url),
            answers_keywords,
            (base_url if api_url is None else api_url).rstrip("/"),
            services,
        )
        self.clock = Clock()
        self.wire = Wire(self.clock)
        self.faults = Faults()
        self.phones = Phones(phones or {})
        self.sounds = Sounds()
        self._owner_token = owner_token
        self._base_url = base_url
        self._ledger = ledger
        self._lanes = Lanes()
        self._agenda = Agenda(self.clock, self._lanes.submit)
        self.timeline = Timeline(self.clock, self._agenda, self._lanes, next_due, tick)
        around = Surroundings(
            self.account,
            self.clock,
            self._agenda,
            self._lanes,
            self.faults,
            self.phones,
            Webhooks(auth_token, self.faults, total_timeout_s=webhook_timeout_s),
            self.wire,
        )
        self.post = Post(around)
        self.recorder = Recorder(around)
        self.trunk = Trunk(around, self.sounds, caption, self.recorder)
        self.switchboard = Switchboard(around, self.trunk)
        self._closed = threading.Event()
        threading.Thread(target=self._watch_agenda, name="exchange-agenda", daemon=True).start()

    def rest(self) -> Blueprint:
        """Twilio's REST API under /2010-04-01."""
        return make_rest(
            RestRooms(
                self.account,
                self.faults,
                self.post,
                self.switchboard,
                self.trunk.calls,
                self.wire,
                self.recorder,
                self._closed,
            )
        )

    def control(self) -> Blueprint:
        """The owner's control API under /exchange."""
        return make_control(
            ControlRooms(
                self._owner_token,
                self.account.number,
                self.clock,
                self.timeline,
                self._lanes,
                self.faults,
                self.phones,
                self.post,
                self.switchboard,
                self.trunk.calls,
                self.sounds,
                self.wire,
                self._ledger,
            )
        )

    def page(self) -> Blueprint:
        """The telephone in the browser under /phone."""
        return make_page(self._owner_token, self._base_url)

    def drain(self, timeout_s: float = 60.0) -> bool:
        """Wait until everything under way is done (calls may still wait for a person); False if it is not."""
        return self._lanes.wait_idle(timeout_s=timeout_s)

    def close(self) -> None:
        """Stop the exchange's threads; what was under way is lost."""
        self._closed.set()
        self.wire.close()
        self._lanes.close()

    def _watch_agenda(self) -> None:
        while not self._closed.is_set():
            self._agenda.wait(_LOOK_EVERY_S)
            self._agenda.release()
