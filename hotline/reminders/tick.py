"""One tick under way: tidy up, claim, fence, send, record, until nothing is due.

It ends within a minute whatever the carrier does: after its budget it begins nothing more, and what hangs is
left to its own thread. What is left over is for the next tick.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import structlog
from sqlalchemy.orm import Session

from hotline.carriers.base import Outcome, OutcomeKind
from hotline.reminders import asking, attempts, fence, outbox, overdue, pacing, quota
from hotline.reminders.desk import SendingDesk
from hotline.reminders.outbox import Claim
from hotline.reminders.reconciliation import Suspect, claim_unknown, look_up
from hotline.reminders.states import Channel, Kind
from hotline.reminders.window import day_of, is_open, next_opening, opening
from hotline.sms.segments import measure

BUDGET_S = 38.0  # a tick begins no POST after this; one may take 20 s (carriers.twilio.TIMEOUT_S)
MOST_S = 59.0  # a POST that is not answered by then is left to its thread
LOOK_S = 1.0  # between two looks for what was asked for, while POSTs are under way

log = structlog.get_logger()

Event = dict[str, Any]


class Tick:
    """One tick under way. Its clock starts at the tick's instant and goes on with the time that passes."""

    def __init__(self, desk: SendingDesk, as_of_utc: datetime) -> None:
        self.desk = desk
        self.events: list[Event] = []
        self.has_left_over = False
        self._room_today = 0  # reminders that the cap of the day allows yet
        self._early_today = 0  # of them those that could be said tomorrow
        self._missed = 0  # rows of the last days that have just ended unsent
        self._as_of_utc = as_of_utc
        self._started_s = time.monotonic()
        self._halted: set[str] = set()  # lines that take nothing
        self._looking: set[str] = set()  # messages that are being looked up

    def now(self) -> datetime:
        """The tick's instant plus the time it has taken, so that a lease ends also for who was paused."""
        return self._as_of_utc + timedelta(seconds=self._elapsed_s())

    def tidy(self) -> None:
        """Everything that the passing of time alone changes."""
        with self.desk.database.writing() as session:
            self._tidy(session)
            self._count_the_day(session)
        self.desk.missed.note(self._missed, day_of(self.desk.window, self.now()))

    def work(self, pool: ThreadPoolExecutor) -> list[Future[None]]:
        """Claims, sends and looks up until nothing is due; one slow answer holds up one thread only.

        Returns what hangs and is left to its thread.
        """
        under_way: set[Future[None]] = set()
        more = True
        while (more or under_way) and self._elapsed_s() < MOST_S:
            if more and len(under_way) < 3 * self.desk.workers:
                jobs, more = self._claim()
                under_way |= {pool.submit(job) for job in jobs}
            if under_way:
                done, under_way = wait(under_way, LOOK_S, FIRST_COMPLETED)
                self._note_errors(done)
                more = more or bool(done)  # what was done may be what another message waited for
            elif more:
                self.desk.stopping.wait(LOOK_S)  # every sender is busy
            self.has_left_over |= more and self._is_over()
            more = more and not (self._halted >= self.desk.carrier.lines or self._is_ended())
        hanging = [future for future in under_way if not future.cancel()]
        if hanging:
            log.error("dispatch.hanging", count=len(hanging))
        return hanging

    def rehearse(self) -> list[Event]:
        """What a tick would send, in a transaction that is undone."""
        with self._undone() as session:
            self._tidy(session)
            while (batch := self.desk.claim(session, self._as_of_utc, 100)).more:
                for claim in batch.claims:
                    size = {} if claim.channel is Channel.CALL else {"segments": measure(claim.body).segments}
                    self._tell("would_send", claim, **size)
        return self.events

    @contextmanager
    def _undone(self) -> Iterator[Session]:
        with self.desk.database.writing() as session:
            yield session
            session.rollback()

    def _tidy(self, session: Session) -> None:
        window, now_utc = self.desk.window, self.now()
        overdue.lapse(session, window, now_utc)
        asking.ask_again(session, self.desk.vault, window, self.desk.limits, now_utc)
        attempts.reach_the_silent(session, window, self.desk.rules, self.desk.rings, now_utc)
        if not self.desk.is_replanning:
            self._expire(session, now_utc)
        if not is_open(window, now_utc):
            overdue.postpone(session, now_utc, next_opening(window, now_utc))

    def _expire(self, session: Session, now_utc: datetime) -> None:
        expired = overdue.expire(session, now_utc)
        self._missed = expired.missed
        if expired.rows:
            self.events.append({"event": "expired", "rows": expired.rows})

    def _count_the_day(self, session: Session) -> None:
        """How many reminders the cap of the day allows yet."""
        window, most = self.desk.window, self.desk.send_limits.per_day
        sent = quota.sent_since(session, opening(window, day_of(window, self.now())))
        self._room_today = max(0, most - sent)
        self._early_today = max(0, quota.share_of_early(most) - sent)
        self.desk.is_capped = self._early_today == 0
        if self.desk.is_capped:
            log.error("dispatch.capped", most=most)

    def _claim(self) -> tuple[Sequence[Callable[[], None]], bool]:
        """Jobs for the threads, and whether more may wait behind them."""
        desk, now_utc = self.desk, self.now()
        limit = 4 * desk.workers
        with desk.database.writing() as session:
            room = self._room(session, limit, now_utc)
            batch = desk.claim(session, now_utc, limit, room, self._early_today)
            halted = [claim for claim in batch.claims if self._is_halted(claim)]
            going = [claim for claim in batch.claims if not self._is_halted(claim)]
            claims = [*desk.paced(session, going, now_utc), *halted]
            # Half of the threads at most: a slow list holds up nobody who waits at the telephone.
            looks = desk.workers - len(self._looking)
            suspects = claim_unknown(session, desk.vault, now_utc, looks) if looks > 0 else []
        self._looking |= {suspect.row.id for suspect in suspects}
        reminders = sum(claim.kind is Kind.REMINDER for claim in claims)
        self._room_today, self._early_today = self._room_today - reminders, self._early_today - reminders
        jobs = [
            *(partial(self._send, claim) for claim in claims),
            *(partial(self._look_up, suspect) for suspect in suspects),
        ]
        return jobs, bool(suspects) or batch.more or (room == 0 and self._room_today > 0)

    def _room(self, session: Session, limit: int, now_utc: datetime) -> int:
        """How many reminders are claimed now: not far ahead of their pace, none over the cap of the day."""
        rate = self.desk.send_limits.segments_per_second
        if rate is not None:
            limit = min(limit, max(1, int(rate * pacing.AHEAD_S)))
        is_free = rate is None or pacing.is_free(session, now_utc)
        return max(0, min(limit, self._room_today)) if is_free else 0

    def _look_up(self, suspect: Suspect) -> None:
        of = self.desk
        try:
            look_up(of.database, of.vault, of.window, of.carrier, suspect, self.now())
        finally:
            self._looking.discard(suspect.row.id)

    def _send(self, claim: Claim) -> None:
        """Waits for its turn and a free thread; then fence, POST, record. What cannot begin is let go."""
        desk = self.desk
        if claim.not_before_utc is not None:
            desk.stopping.wait(max(0.0, (claim.not_before_utc - self.now()).total_seconds()))
        while not (may_post := desk.posting.acquire(timeout=LOOK_S)) and not self._is_ended():
            pass
        try:
            begins = may_post and not self._is_ended() and not self._is_halted(claim)
            outcome = self._pass_and_post(claim) if begins else None
        finally:
            if may_post:
                desk.posting.release()
        if not begins:
            self._let_go(claim)
        elif outcome is not None:
            self._record(claim, outcome)

    def _pass_and_post(self, claim: Claim) -> Outcome | None:
        """The carrier's answer, None where the fence is shut. Nothing waits in between."""
        desk, fenced_at_utc = self.desk, self.now()
        with desk.database.writing() as session:
            passed = fence.pass_fence(
                session, desk.vault, desk.rules, claim, fenced_at_utc, desk.carrier_clock()
            )
            if not passed:
                fence.give_up(session, desk.vault, desk.window, claim, self.now())
        if not passed:
            self._tell("stopped", claim)
            return None
        if self.now() >= fenced_at_utc + outbox.LEASE:
            return None  # paused since: by now it is another's to find out whether it was sent
        return desk.post(claim, self.now())

    def _record(self, claim: Claim, outcome: Outcome) -> None:
        """After a halt of its line no fence is passed and the leases run out."""
        desk, line = self.desk, self.desk.line_of(claim)
        with desk.database.writing() as session:
            outbox.record(session, desk.vault, claim, outcome, self.now())
            closed = attempts.is_closed(claim.channel, outcome.kind, claim.attempts)
            if claim.kind is Kind.REMINDER and closed:
                can_ring = desk.limits.reach(claim.to)
                attempts.go_another_way(session, desk.window, claim.id, self.now(), can_ring)
        self._tell(outcome.kind, claim, error_code=outcome.error_code)
        desk.note(claim, outcome, self.now())
        if outcome.kind is OutcomeKind.HALT:
            self._halted.add(line)

    def _let_go(self, claim: Claim) -> None:
        """Not begun: it is anybody's again. After a halt it waits for its lease: nobody could send it now."""
        if self._is_halted(claim):
            return
        with self.desk.database.writing() as session:
            fence.let_go(session, claim)
        self.has_left_over = True

    def _note_errors(self, done: set[Future[None]]) -> None:
        """A message whose worker failed keeps its lease, then it is looked up; the others go on."""
        for error in filter(None, (future.exception() for future in done)):
            log.error("dispatch.error", exc_info=error)
            self.events.append({"event": "error", "error": type(error).__name__})

    def _is_halted(self, claim: Claim) -> bool:
        """Whether the line of the message takes nothing."""
        return self.desk.line_of(claim) in self._halted

    def _is_ended(self) -> bool:
        """Whether nothing more is begun."""
        return self.desk.stopping.is_set() or self._is_over()

    def _is_over(self) -> bool:
        return self._elapsed_s() > BUDGET_S

    def _elapsed_s(self) -> float:
        return time.monotonic() - self._started_s

    def _tell(self, event: str, claim: Claim, **values: Any) -> None:
        told = {"message": claim.id, "channel": claim.channel, "kind": claim.kind, "rules": list(claim.rules)}
        self.events.append({"event": event, **told, **values})
        log.info("dispatch", outcome=event, **told, **values)
