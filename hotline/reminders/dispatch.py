"""One tick: what is due goes out. APScheduler calls it each minute, `flask remind` for any instant."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

import structlog
from sqlalchemy.orm import Session

from db import Database
from db.tables import PersonRow
from hotline.carriers.base import Carrier, Outcome, OutcomeKind, is_one_way
from hotline.guide.model import Guide
from hotline.people.call_limits import CallLimits
from hotline.people.privacy import DataKeyError, Vault
from hotline.people.store import phone_of
from hotline.reminders import asking, attempts, fence, ledger, outbox
from hotline.reminders.gathering import Gatherer
from hotline.reminders.outbox import Batch, Claim
from hotline.reminders.receipts import ATTEMPT, signed_attempt
from hotline.reminders.reconciliation import Suspect, claim_unknown, look_up
from hotline.reminders.season import Played, play
from hotline.reminders.states import Channel, Kind, State
from hotline.reminders.window import Window, is_open, next_opening
from hotline.sms.segments import measure
from hotline.voice.places import ASK

TICK_BUDGET_S = 45.0  # a tick claims nothing new after this; the next one, a minute later, goes on
VALID_LEAST_S, VALID_MOST_S = (
    10,
    36_000,
)  # of ValidityPeriod: Twilio, Messages resource (1 to 36,000, keep > 5)

log = structlog.get_logger()

Event = dict[str, Any]


class Dispatcher:
    """Sends reminders in their window, and at any hour what was asked for, with a few worker threads."""

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
    ) -> None:
        """Wires a dispatcher.

        `sender_for`: recipient -> sender. `ring_path`: (language, place) -> path of the call's first
        document. `carrier_clock`: now by the carrier's clock, UTC. `workers`: POSTs at once.
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
        self._halts: dict[str, str] = {}  # line -> why it takes nothing; without personal data
        self.last_tick_monotonic_s: float | None = None  # end of the last whole tick, for the watchdog
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="kadam-send")
        self._gatherer = Gatherer(
            vault, guide, window, lambda to: hotline_number if is_one_way(sender_for(to)) else None, limits
        )

    def tick(self, now_utc: datetime, dry_run: bool = False) -> list[Event]:
        """Does what is due at `now_utc`; returns what it did, without personal data.

        `now_utc` governs what is due, the window and the leases; the carrier's clock only what is compared
        with its records. `dry_run` sends nothing and leaves the database as it was.
        """
        run = _Run(self, now_utc)
        if dry_run:
            return run.rehearse()
        run.tidy()
        run.work(self._pool)
        self.last_tick_monotonic_s = time.monotonic()
        return run.events

    def season(self, person_id: str, from_utc: datetime, until: date) -> list[Played]:
        """What would go out to a person up to the end of a day; the database stays as it was."""
        with self.database.writing() as session:
            played = list(play(session, self._gatherer, self.window, person_id, from_utc, until))
            session.rollback()
        return played

    def claim(self, session: Session, now_utc: datetime, limit: int) -> Batch:
        """The next messages to send: what was asked for first, then reminders while the window is open."""
        waiting = outbox.claim_waiting(session, self.vault, now_utc, limit)
        left = limit - len(waiting.claims)
        if not left or not is_open(self.window, now_utc):
            return waiting
        due = self._gatherer.claim_due(session, now_utc, left)
        return Batch([*waiting.claims, *due.claims], waiting.more or due.more)

    def post(self, claim: Claim, now_utc: datetime) -> Outcome:
        """Hands a fenced message to the carrier."""
        attempt = signed_attempt(self.vault, claim.id)
        receipt_url = f"{self.public_url}/receipts/{claim.channel}?{ATTEMPT}={attempt}"
        if claim.channel is Channel.CALL:
            path = self.ring_path(self._gatherer.language_of(claim.language), claim.body)
            unasked = claim.kind is Kind.REMINDER or claim.body == str(ASK)
            return self.carrier.place_call(
                claim.to, f"{self.public_url}{path}", receipt_url, for_a_person=unasked
            )
        left_s = int((claim.expires_at_utc - now_utc).total_seconds())
        valid_for_s = max(VALID_LEAST_S, min(VALID_MOST_S, left_s))
        return self.carrier.send_text(
            claim.to, self.sender_for(claim.to), claim.body, receipt_url, valid_for_s
        )

    @property
    def halt_reason(self) -> str | None:
        """Why a line takes nothing, for /healthz; None while all do."""
        return "; ".join(self._halts.values()) or None

    def line_of(self, claim: Claim) -> str:
        """The line of the carrier that the message goes by."""
        return self.carrier.line_to(claim.to, by_call=claim.channel is Channel.CALL)

    def note(self, line: str, outcome: Outcome) -> None:
        """Keeps why a line sends nothing, until it takes something; alerts the operator."""
        told = {"line": line, "error_code": outcome.error_code, "http_status": outcome.http_status}
        if outcome.kind is OutcomeKind.HALT:
            self._halts[line] = f"{line} refused: {outcome.error_code or f'HTTP {outcome.http_status}'}"
            log.error("dispatch.halted", **told)
        elif outcome.kind is OutcomeKind.REFUSED:
            log.error("dispatch.refused", **told)
        elif outcome.kind is OutcomeKind.SENT:
            self._halts.pop(line, None)

    def rings(self, person: PersonRow, state: State) -> bool:
        """Whether a silent text becomes a call: not where none goes, nor while it can be looked up."""
        try:
            phone = phone_of(self.vault, person)
        except DataKeyError:
            return False
        known = state is State.SENT or not self.carrier.can_find_texts(phone)
        return known and self.limits.reach(phone)

    def close(self) -> None:
        """Lets what is being sent end, and no more begin."""
        self._pool.shutdown(wait=True, cancel_futures=True)


class _Run:
    """One tick under way. Its clock starts at the tick's instant and goes on with the time that passes."""

    def __init__(self, dispatcher: Dispatcher, as_of_utc: datetime) -> None:
        self.dispatcher = dispatcher
        self.events: list[Event] = []
        self._as_of_utc = as_of_utc
        self._started_s = time.monotonic()
        self._halted: set[str] = set()  # lines that take nothing

    def now(self) -> datetime:
        """The tick's instant plus the time it has taken, so that a lease ends also for who was paused."""
        return self._as_of_utc + timedelta(seconds=time.monotonic() - self._started_s)

    def tidy(self) -> None:
        """Everything that the passing of time alone changes."""
        with self.dispatcher.database.writing() as session:
            self._tidy(session)

    def work(self, pool: ThreadPoolExecutor) -> None:
        """Claims, sends and looks up until nothing is due; one slow answer holds up one thread only."""
        under_way: set[Future[None]] = set()
        more = True
        while more or under_way:
            if more and len(under_way) < 2 * self.dispatcher.workers:
                jobs, more = self._claim()
                under_way |= {pool.submit(job) for job in jobs}
            if under_way:
                done, under_way = wait(under_way, return_when=FIRST_COMPLETED)
                self._note_errors(done)
                more = True  # what was done may be what another message waited for
            more = more and not self._halted >= self.dispatcher.carrier.lines and not self._is_over()

    def rehearse(self) -> list[Event]:
        """What a tick would send, in a transaction that is undone."""
        with self._undone() as session:
            self._tidy(session)
            while (batch := self.dispatcher.claim(session, self._as_of_utc, 100)).more:
                for claim in batch.claims:
                    size = {} if claim.channel is Channel.CALL else {"segments": measure(claim.body).segments}
                    self._tell("would_send", claim, **size)
        return self.events

    @contextmanager
    def _undone(self) -> Iterator[Session]:
        with self.dispatcher.database.writing() as session:
            yield session
            session.rollback()

    def _tidy(self, session: Session) -> None:
        window, now_utc = self.dispatcher.window, self.now()
        outbox.lapse(session, window, now_utc)
        asking.ask_again(session, self.dispatcher.vault, window, self.dispatcher.limits, now_utc)
        attempts.ring_the_silent(session, window, self.dispatcher.rules, self.dispatcher.rings, now_utc)
        expired = ledger.expire(session, now_utc)
        if expired:
            self.events.append({"event": "expired", "rows": expired})
        if not is_open(window, now_utc):
            ledger.postpone(session, now_utc, next_opening(window, now_utc))

    def _claim(self) -> tuple[Sequence[Callable[[], None]], bool]:
        """Jobs for the threads, and whether more may wait behind them."""
        dispatcher, now_utc = self.dispatcher, self.now()
        limit = 4 * dispatcher.workers
        with dispatcher.database.writing() as session:
            suspects = claim_unknown(session, dispatcher.vault, now_utc, limit)
            batch = dispatcher.claim(session, now_utc, limit - len(suspects))
        jobs = [
            *(partial(self._look_up, suspect) for suspect in suspects),
            *(partial(self._send, claim) for claim in batch.claims),
        ]
        return jobs, bool(suspects) or batch.more

    def _look_up(self, suspect: Suspect) -> None:
        of = self.dispatcher
        look_up(of.database, of.vault, of.window, of.carrier, suspect, self.now())

    def _send(self, claim: Claim) -> None:
        """Fence, commit, POST, record. After a halt of its line no fence is passed, the lease ends."""
        dispatcher = self.dispatcher
        line = dispatcher.line_of(claim)
        if line in self._halted:
            return
        with dispatcher.database.writing() as session:
            passed = fence.pass_fence(
                session, dispatcher.vault, dispatcher.rules, claim, self.now(), dispatcher.carrier_clock()
            )
            if not passed:
                fence.give_up(session, dispatcher.vault, dispatcher.window, claim, self.now())
        if not passed:
            self._tell("stopped", claim)
            return
        outcome = dispatcher.post(claim, self.now())
        with dispatcher.database.writing() as session:
            outbox.record(session, dispatcher.vault, claim, outcome, self.now())
        self._tell(outcome.kind, claim, error_code=outcome.error_code)
        dispatcher.note(line, outcome)
        if outcome.kind is OutcomeKind.HALT:
            self._halted.add(line)

    def _note_errors(self, done: set[Future[None]]) -> None:
        """A message whose worker failed keeps its lease, then it is looked up; the others go on."""
        for error in filter(None, (future.exception() for future in done)):
            log.error("dispatch.error", exc_info=error)
            self.events.append({"event": "error", "error": type(error).__name__})

    def _is_over(self) -> bool:
        return time.monotonic() - self._started_s > TICK_BUDGET_S

    def _tell(self, event: str, claim: Claim, **values: Any) -> None:
        told = {"message": claim.id, "channel": claim.channel, "kind": claim.kind, "rules": list(claim.rules)}
        self.events.append({"event": event, **told, **values})
        log.info("dispatch", outcome=event, **told, **values)
