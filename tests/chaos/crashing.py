"""A process that starts workers and kills or pauses them in the middle of their work; see crashes.py.

Usage: python -m tests.chaos.crashing, with a Plan as JSON on standard input: it holds a data key.

A process of its own, with one thread, because it forks. The leases of its workers are shortened, and the
waits for a retry and a look-up in the same proportion: with five minutes a run would last for hours. Their
clock is the real one, put to the morning of the day.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import time as clock
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from types import ModuleType
from zoneinfo import ZoneInfo

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from db import Database
from db.tables import MessageRow, ReminderRow
from hotline.carriers.account import Twilio
from hotline.carriers.base import Outcome, OutcomeKind
from hotline.carriers.twilio import TwilioCarrier
from hotline.config import ROOT, SendWindow
from hotline.guide.loader import load_guide
from hotline.guide.model import Guide
from hotline.logs import configure_logs
from hotline.people.call_limits import CallLimits
from hotline.people.privacy import Vault
from hotline.reminders import fence, outbox, tick
from hotline.reminders.dispatch import Dispatcher
from hotline.reminders.outbox import Claim
from hotline.reminders.states import State

NUMBER = "+996312000777"
WINDOW = SendWindow(time(9), time(21), ZoneInfo("Europe/Moscow"))
START = datetime(2026, 11, 29, 6, tzinfo=UTC)  # entry + 7, 9:00 in Moscow
WAITS = ("LEASE", "UNKNOWN_WAIT", "RETRY_FIRST", "RETRY_MOST", "LOOK_AGAIN")
UNSETTLED = (State.PENDING, State.SENDING, State.UNKNOWN)


@dataclass(frozen=True)
class Plan:
    """What is done to whom. lease_s: instead of five minutes. life_s: between two kills, from and to.

    stop_s: how long a paused worker stands still. spoilt: "" for the dispatcher as it is, "blind" for one
    that sends again whatever may have been sent, "unfenced" for one that does not look again before a POST.
    """

    database_url: str
    data_key: str
    carrier_url: str
    workers: int
    kills: int = 0
    life_s: tuple[float, float] = (0.1, 0.4)
    stops: int = 0
    stop_s: float = 0.0
    lease_s: float = 3.0
    spoilt: str = ""
    deadline_s: float = 600.0


class BlindCarrier(TwilioCarrier):
    """Takes every lost answer for a lost text."""

    def send_text(self, to: str, sender: str, body: str, receipt_url: str, valid_for_s: int) -> Outcome:
        outcome = super().send_text(to, sender, body, receipt_url, valid_for_s)
        return Outcome(OutcomeKind.RETRY) if outcome.kind is OutcomeKind.UNKNOWN else outcome


class Workshop:
    """Starts workers, does to them what the plan says, and waits until nothing is left to send."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.guide = load_guide(ROOT / "prompts", ("en",))
        self.database = Database(plan.database_url)
        self.chance = random.Random(plan.kills + plan.stops)
        self.started_s = clock.monotonic()
        shorten_waits(plan.lease_s)
        if plan.spoilt == "unfenced":
            fence.pass_fence = pass_blindly

    def run(self) -> int:
        """Returns how many workers were killed or paused while there was work."""
        self._rehearse()
        workers = [self._start() for _ in range(self.plan.workers)]
        struck = self._kill(workers) + self._pause(workers)
        while not self._is_settled() and clock.monotonic() - self.started_s < self.plan.deadline_s:
            clock.sleep(0.5)
        for worker in workers:
            os.kill(worker, signal.SIGKILL)
            os.waitpid(worker, 0)
        return struck

    def _kill(self, workers: list[int]) -> int:
        struck = 0
        for n in range(self.plan.kills):
            clock.sleep(self.chance.uniform(*self.plan.life_s))
            if n % 10 == 0 and self._is_settled():
                return struck
            place = self.chance.randrange(len(workers))
            os.kill(workers[place], signal.SIGKILL)
            os.waitpid(workers[place], 0)
            workers[place] = self._start()
            struck += 1
        return struck

    def _pause(self, workers: list[int]) -> int:
        """One after another, all but one stand still at the same time."""
        struck = 0
        while struck < self.plan.stops and not self._is_settled():
            paused = self.chance.sample(workers, len(workers) - 1)
            for worker in paused:
                clock.sleep(self.chance.uniform(0.0, 0.1))
                os.kill(worker, signal.SIGSTOP)
            clock.sleep(self.plan.stop_s)
            for worker in paused:
                os.kill(worker, signal.SIGCONT)
            struck += len(paused)
            clock.sleep(self.chance.uniform(0.1, 0.4))
        return struck

    def _start(self) -> int:
        worker = os.fork()
        if worker == 0:
            try:
                self._work()
            finally:
                os._exit(1)  # never on to the parent's part
        return worker

    def _work(self) -> None:
        """Ticks for ever; an error ends one tick, as with the clock."""
        self.database.engine.dispose(close=False)  # its connections are the parent's, its statements compiled
        dispatcher = self._dispatcher()
        while True:
            try:
                if self.plan.spoilt == "blind":
                    send_again_blindly(self.database, self._now())
                dispatcher.tick(self._now())
            except Exception:  # a database that is locked by who stands still
                clock.sleep(0.1)
            clock.sleep(0.4)

    def _now(self) -> datetime:
        return START + timedelta(seconds=clock.monotonic() - self.started_s)

    def _rehearse(self) -> None:
        """Fills every cache, so that the workers, which inherit them, begin to send at once."""
        dispatcher = self._dispatcher()
        dispatcher.tick(START, dry_run=True)
        dispatcher.carrier.find_texts(NUMBER, START)  # twilio imports its parts when they are first used
        dispatcher.close()

    def _is_settled(self) -> bool:
        """Whether nothing that is due waits any more."""
        due = (ReminderRow.state.in_(UNSETTLED), ReminderRow.due_on <= START.date())
        with self.database.reading() as session:
            return not session.scalar(select(func.count()).select_from(ReminderRow).where(*due))

    def _dispatcher(self) -> Dispatcher:
        return dispatcher_of(
            self.guide,
            self.database,
            self.plan.data_key,
            self.plan.carrier_url,
            BlindCarrier if self.plan.spoilt == "blind" else TwilioCarrier,
        )


def dispatcher_of(
    guide: Guide,
    database: Database,
    data_key: str,
    carrier_url: str,
    carrier: type[TwilioCarrier] = TwilioCarrier,
    timeout_s: float = 10.0,
) -> Dispatcher:
    """A dispatcher as production has it, on the carrier at an address."""
    settings = Twilio("AC" + "0" * 32, ("token",), NUMBER, api_url=carrier_url)
    return Dispatcher(
        database=database,
        vault=Vault([data_key]),
        guide=guide,
        carrier=carrier(settings, timeout_s),
        window=WINDOW,
        sender_for=lambda _to: NUMBER,
        public_url="https://hotline.example",
        hotline_number=NUMBER,
        ring_path=lambda language, place: f"/voice/{language}/{place}",
        carrier_clock=lambda: datetime.now(UTC),
        limits=CallLimits(),
    )


def shorten_waits(lease_s: float) -> None:
    """A lease of five minutes becomes `lease_s`, and the waits for a retry and a look-up shrink with it."""
    share = lease_s / outbox.LEASE.total_seconds()
    for module, name in holders():
        setattr(module, name, getattr(module, name) * share)
    tick.LOOK_S = 0.1


def holders() -> list[tuple[ModuleType, str]]:
    """Where the waits stand: in their own module, and in each that has imported one by its value."""
    rooms = [module for name, module in sys.modules.items() if name.startswith("hotline.")]
    return [(module, name) for module in rooms for name in WAITS if name in vars(module)]


def pass_blindly(
    session: Session, _vault: object, _rules: object, claim: Claim, now_utc: datetime, carrier_now: datetime
) -> bool:
    """The control: whatever was claimed is sent, however long ago."""
    values = {"state": State.SENDING, "sent_at_utc": carrier_now, "lease_until_utc": now_utc + outbox.LEASE}
    session.execute(update(MessageRow).where(MessageRow.id == claim.id).values(**values))
    outbox.move_rows(session, [claim.id], set(UNSETTLED), State.SENDING)
    return True


def send_again_blindly(database: Database, now_utc: datetime) -> None:
    """The control: what a dead worker may have sent waits to be sent."""
    with database.writing() as session:
        lost = session.scalars(
            update(MessageRow)
            .where(MessageRow.state == State.SENDING, MessageRow.lease_until_utc <= now_utc)
            .values(state=State.PENDING, lease_until_utc=None, next_at_utc=now_utc)
            .returning(MessageRow.id)
        ).all()
        outbox.move_rows(session, lost, {State.SENDING}, State.PENDING)


if __name__ == "__main__":
    values = json.load(sys.stdin)
    values["life_s"] = tuple(values["life_s"])
    with Path(os.devnull).open("w") as nowhere:
        configure_logs(nowhere)
        struck = Workshop(Plan(**values)).run()
    sys.stdout.write(f"{struck}\n")
