"""The sending desk: what goes out next, how fast, and what the carrier said."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime

import structlog
from sqlalchemy.orm import Session

from db import Database
from db.tables import PersonRow
from hotline.carriers.base import Carrier, Outcome, OutcomeKind, is_one_way
from hotline.guide.model import Guide
from hotline.people.call_limits import CallLimits
from hotline.people.numbers import country_of
from hotline.people.privacy import DataKeyError, Vault
from hotline.people.store import phone_of
from hotline.reminders import attempts, fence, outbox, pacing
from hotline.reminders.bars import Bars
from hotline.reminders.discretion import Wording
from hotline.reminders.gathering import Gatherer
from hotline.reminders.outbox import Batch, Claim
from hotline.reminders.overdue import Missed
from hotline.reminders.receipts import ATTEMPT, signed_attempt
from hotline.reminders.send_limits import SendLimits
from hotline.reminders.states import Channel, Kind
from hotline.reminders.window import Window, is_open, next_opening
from hotline.reminders.wording import reminder_text
from hotline.sms.segments import measure
from hotline.voice.places import FALLBACK

# Of ValidityPeriod: Twilio, Messages resource (1 to 36,000, keep > 5).
VALID_LEAST_S, VALID_MOST_S = 10, 36_000
MOST_PASSED_OVER = 50  # claims in one transaction that find only what must wait; the next one goes on
CALLS, CALLS_PER_SECOND = "calls", 1.0  # of an account: Twilio, Call resource; more only queues up there

ClaimSome = Callable[[int], Batch]  # at most so many

log = structlog.get_logger()


class SendingDesk:
    """Everything that sending needs, and what is known of whether anything can be sent."""

    def __init__(
        self,
        database: Database,
        vault: Vault,
        guide: Guide,
        carrier: Carrier,
        window: Window,
        sender_for: Callable[[str], str],
        public_url: str,
        hotline_number: str,
        ring_path: Callable[[str, str], str],
        carrier_clock: Callable[[], datetime],
        limits: CallLimits,
        workers: int = 4,
        send_limits: SendLimits | None = None,
        worded: Wording = reminder_text,
    ) -> None:
        """Wires a desk.

        `sender_for`: recipient -> sender. `ring_path`: (language, place) -> path of the call's first
        document. `carrier_clock`: now by the carrier's clock, UTC. `workers`: POSTs at once. Without
        `send_limits` texts go out as fast as the carrier answers. `worded`: what is due -> its text.
        """
        self.database = database
        self.vault = vault
        self.carrier = carrier
        self.window = window
        self.sender_for = sender_for
        self.public_url = public_url
        self.ring_path = ring_path
        self.carrier_clock = carrier_clock
        self.limits = limits
        self.workers = workers
        self.rules = guide.rules
        self.send_limits = send_limits or SendLimits()
        self.is_replanning = False  # rows may still have instants of an earlier plan
        self.missed = Missed()
        self.is_capped = False  # whether reminders wait for tomorrow
        self.stopping = threading.Event()
        # While some threads wait for the carrier, as many others fence and record.
        self.posting = threading.Semaphore(workers)
        self.pool = ThreadPoolExecutor(2 * workers, thread_name_prefix="kadam-send")
        self.left_hanging: list[Future[None]] = []  # requests that outlived their tick
        self.has_left_over = False  # whether the last tick ended before everything was done
        self._halts: dict[str, str] = {}  # line -> why it takes nothing; without personal data
        self._bars = Bars()
        self._retries_first = False  # they take turns with what is new
        self._gatherer = Gatherer(
            vault,
            guide,
            window,
            lambda to: hotline_number if is_one_way(sender_for(to)) else None,
            limits,
            self.send_limits.per_number,
            self.send_limits.purses,
            worded,
        )

    @property
    def trouble(self) -> str | None:
        """Why something cannot be sent, for /healthz; without personal data."""
        self.left_hanging = [future for future in self.left_hanging if not future.done()]
        if len(self.left_hanging) >= self.workers:
            return "carrier: every request hangs"
        capped = "reminders: the cap of a day is reached" if self.is_capped else None
        return "; ".join(filter(None, (self.halt_reason, self.missed.problem, capped))) or None

    @property
    def halt_reason(self) -> str | None:
        """Why a line takes nothing, or nothing to a country; None while all do."""
        return "; ".join([*self._halts.values(), *self._bars.problems]) or None

    def is_asked(self) -> bool:
        """Whether something that a person asked for waits and nobody sends it."""
        with self.database.reading() as session:
            return outbox.is_asked(session, self.carrier_clock())

    def claim(
        self,
        session: Session,
        now_utc: datetime,
        limit: int,
        most_reminders: int | None = None,
        most_early: int | None = None,
    ) -> Batch:
        """The next messages to send: what was asked for first, then reminders while the window is open.

        Of them first what would be too late tomorrow. `most_reminders`: at most so many are reminders;
        `most_early`: none but such beyond so many.
        """
        batch = outbox.claim_waiting(session, self.vault, now_utc, limit, Kind.ASKED)
        room = limit - len(batch.claims)
        room = room if most_reminders is None else min(room, most_reminders)
        if room <= 0 or not is_open(self.window, now_utc):
            return batch
        self._retries_first = not self._retries_first
        tomorrow_utc = next_opening(self.window, now_utc)
        ending = self._claim_fairly(
            session,
            now_utc,
            room,
            lambda most: self._waiting(session, now_utc, most, tomorrow_utc),
            lambda most: self._gatherer.claim_ending(session, now_utc, most),
        )
        room = room if most_early is None else min(room, most_early)
        others = self._claim_fairly(
            session,
            now_utc,
            room - len(ending.claims),
            lambda most: self._waiting(session, now_utc, most),
            lambda most: self._gatherer.claim_due(session, now_utc, most),
        )
        return batch + ending + others

    def _waiting(
        self, session: Session, now_utc: datetime, limit: int, ends_by_utc: datetime | None = None
    ) -> Batch:
        """Reminders that wait to be tried again, as far as the purses of their countries go."""
        found = outbox.claim_waiting(session, self.vault, now_utc, limit, Kind.REMINDER, ends_by_utc)
        going = [claim for claim in found.claims if not self._is_beyond_purse(session, claim, now_utc)]
        return Batch(going, found.more)

    def _is_beyond_purse(self, session: Session, claim: Claim, now_utc: datetime) -> bool:
        """Puts back what the purse of its country does not hold; its rows are due again when it ends."""
        until_utc = self._gatherer.wait_of(session, claim, now_utc)
        if until_utc is not None:
            fence.let_go(session, claim, until_utc)
        return until_utc is not None

    def _claim_fairly(
        self, session: Session, now_utc: datetime, room: int, retries: ClaimSome, new: ClaimSome
    ) -> Batch:
        """Half of the room for each; what one does not need is the other's. Where it is one, they take turns.

        So neither a storm of refusals nor a crowd in the morning holds up the other.
        """
        first, second = (retries, new) if self._retries_first else (new, retries)
        half = room - room // 2
        batch = self._claim_open(session, now_utc, half, first)
        has_more = batch.more
        batch += self._claim_open(session, now_utc, room - len(batch.claims), second)
        if has_more:
            batch += self._claim_open(session, now_utc, room - len(batch.claims), first)
        return batch

    def _claim_open(self, session: Session, now_utc: datetime, room: int, claim_some: ClaimSome) -> Batch:
        """Claims what may go now; what must wait takes no room."""
        taken = Batch([], more=False)
        for _ in range(MOST_PASSED_OVER):
            left = room - len(taken.claims)
            found = claim_some(left) if left > 0 else Batch([], more=False)
            going = [claim for claim in found.claims if not self._must_wait(session, claim, now_utc)]
            taken += Batch(going, found.more)
            if not found.more:
                break
        return taken

    def _must_wait(self, session: Session, claim: Claim, now_utc: datetime) -> bool:
        """Puts back what the carrier would refuse: on the last days it goes another way, as if refused."""
        until_utc = self._bars.wait_until(self._way_of(claim), now_utc)
        if until_utc is None:
            return False
        attempts.go_another_way(session, self.window, claim.id, now_utc, self.limits.reach(claim.to))
        fence.let_go(session, claim, until_utc)
        return True

    def paced(self, session: Session, claims: Sequence[Claim], now_utc: datetime) -> list[Claim]:
        """The claims, each reminder with the instant before which it must not go.

        The senders are locked in the order of their names, whatever the claims': two workers that each
        waited for the other's sender would never end.
        """
        ordered = sorted(claims, key=self._sender_of)
        paced = {claim.id: self._paced(session, claim, now_utc) for claim in ordered}
        return [paced[claim.id] for claim in claims]

    def _sender_of(self, claim: Claim) -> str:
        """Whose pace it takes a part of: all calls have one of their own."""
        return CALLS if claim.channel is Channel.CALL else self.sender_for(claim.to)

    def _paced(self, session: Session, claim: Claim, now_utc: datetime) -> Claim:
        """What was asked for goes at once.

        What only tries a barred way takes nothing of the pace: the carrier will not queue it.
        """
        sender = self._sender_of(claim)
        rate = self.send_limits.pace_of(sender)
        if rate is None or self._bars.is_shut(self._way_of(claim)):
            return claim
        is_call = claim.channel is Channel.CALL
        segments, rate = (1, CALLS_PER_SECOND) if is_call else (measure(claim.body).segments, rate)
        at_utc = pacing.reserve(session, sender, segments, rate, now_utc)
        return claim if claim.kind is Kind.ASKED else replace(claim, not_before_utc=at_utc)

    def post(self, claim: Claim, now_utc: datetime) -> Outcome:
        """Hands a fenced message to the carrier."""
        attempt = signed_attempt(self.vault, claim.id)
        receipt_url = f"{self.public_url}/receipts/{claim.channel}?{ATTEMPT}={attempt}"
        if claim.channel is Channel.CALL:
            path = self.ring_path(self._gatherer.language_of(claim.language), claim.body)
            unasked = claim.kind is Kind.REMINDER or claim.asks
            url, fallback_url = f"{self.public_url}{path}", f"{self.public_url}{FALLBACK}"
            return self.carrier.place_call(claim.to, url, fallback_url, receipt_url, for_a_person=unasked)
        left_s = int((claim.expires_at_utc - now_utc).total_seconds())
        valid_for_s = max(VALID_LEAST_S, min(VALID_MOST_S, left_s))
        return self.carrier.send_text(
            claim.to, self.sender_for(claim.to), claim.body, receipt_url, valid_for_s
        )

    def line_of(self, claim: Claim) -> str:
        """The line of the carrier that the message goes by."""
        return self.carrier.line_to(claim.to, by_call=claim.channel is Channel.CALL)

    def _way_of(self, claim: Claim) -> str:
        """Line, channel and country; what a country may be barred by."""
        return f"{self.line_of(claim)}: {claim.channel} to {country_of(claim.to)}"

    def note(self, claim: Claim, outcome: Outcome, now_utc: datetime) -> None:
        """Keeps why a line sends nothing, or nothing to a country, until it does; alerts the operator."""
        line, way = self.line_of(claim), self._way_of(claim)
        told = {"line": line, "error_code": outcome.error_code, "http_status": outcome.http_status}
        if outcome.kind is OutcomeKind.HALT:
            self._halts[line] = f"{line} refused: {outcome.error_code or f'HTTP {outcome.http_status}'}"
            log.error("dispatch.halted", **told)
        elif outcome.kind is OutcomeKind.BARRED:
            self._bars.shut(way, str(outcome.error_code), now_utc)
            log.error("dispatch.barred", channel=claim.channel, country=country_of(claim.to), **told)
        elif outcome.kind is OutcomeKind.REFUSED:
            log.error("dispatch.refused", **told)
        elif outcome.kind is OutcomeKind.SENT:
            self._halts.pop(line, None)
            self._bars.open(way)

    def rings(self, person: PersonRow) -> bool:
        """Whether a text without delivery becomes a call: not where none goes."""
        try:
            phone = phone_of(self.vault, person)
        except DataKeyError:
            return False
        return self.limits.reach(phone)
