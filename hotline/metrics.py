"""GET /metrics for a monitor that shows the token: counts in the text format of Prometheus.

Everything is read from the database, so that each of several processes tells the same: the counters of
prometheus_client itself are of one process, and which one answers is the server's choice. Labels are our
words and the carrier's codes; no number, no id, nothing that came from a person.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, Response, abort, request
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from db import Database
from db.tables import CounterRow, MessageRow, ReminderRow
from hotline.counters import Counters
from hotline.reminders import heartbeat
from hotline.reminders.states import State

TEXTS, TURNS, CALLS = "text.", "voice.turn", "voice.call"  # names of counters; a text's ends with its outcome
REFUSED = (State.FAILED, State.UNDELIVERED)


@dataclass(frozen=True)
class MetricsDesk:
    """Tells how much the hotline does. tick_age_s: of this process, None where workers tick."""

    database: Database
    counters: Counters
    now_utc: Callable[[], datetime]
    tick_age_s: Callable[[], float | None]
    tokens: tuple[str, ...]

    def blueprint(self) -> Blueprint:
        """The route; without a token there is none."""
        blueprint = Blueprint("metrics", __name__)
        if self.tokens:
            blueprint.add_url_rule("/metrics", view_func=self.tell)
        return blueprint

    def tell(self) -> Response:
        """The figures; 401 without the token, 503 where the database cannot be read."""
        given = request.headers.get("Authorization", "").removeprefix("Bearer ")
        fits = [hmac.compare_digest(token.encode(), given.encode()) for token in self.tokens]
        if not any(fits):
            return Response("", 401, {"WWW-Authenticate": "Bearer"})
        self.counters.add()
        try:
            return Response(generate_latest(self), content_type=CONTENT_TYPE_LATEST)
        except SQLAlchemyError:
            abort(503)

    def collect(self) -> Iterator[Metric]:
        """Every figure, from one look at the database."""
        with self.database.reading() as session:
            yield from _counted(session)
            yield from _queued(session, self.now_utc())
            yield from self._ticked(session)

    def _ticked(self, session: Session) -> Iterator[Metric]:
        age = GaugeMetricFamily(
            "kadam_tick_age_seconds", "Since the last tick: of this process or any worker"
        )
        age_s = self.tick_age_s()
        if age_s is None:
            age_s = heartbeat.age_s(session)
        if age_s is not None:
            age.add_metric([], age_s)
        yield age


def _counted(session: Session) -> Iterator[Metric]:
    totals = {row.name: row.total for row in session.scalars(select(CounterRow))}
    texts = CounterMetricFamily("kadam_texts", "Texts that came in, by what was answered", labels=["outcome"])
    for name, total in sorted(totals.items()):
        if name.startswith(TEXTS):
            texts.add_metric([name.removeprefix(TEXTS)], total)
    yield texts
    yield CounterMetricFamily("kadam_calls", "Calls that began", value=totals.get(CALLS, 0))
    yield CounterMetricFamily("kadam_turns", "Keys pressed and silences in calls", value=totals.get(TURNS, 0))


def _queued(session: Session, now_utc: datetime) -> Iterator[Metric]:
    """What the ledger holds now; each by an index. Rows leave it with their person, so these may fall."""
    for table, name in ((ReminderRow, "reminders"), (MessageRow, "messages")):
        states = GaugeMetricFamily(f"kadam_{name}", f"Rows of {name}, by state", labels=["state"])
        found = session.execute(select(table.state, func.count()).group_by(table.state))
        counts = {state: count for state, count in found}  # noqa: C416 - a row is no pair to mypy
        for state in State:
            states.add_metric([state], counts.get(state, 0))
        yield states
    due = select(func.count()).where(ReminderRow.state == State.PENDING, ReminderRow.due_at_utc <= now_utc)
    waiting = GaugeMetricFamily("kadam_reminders_due", "Reminders whose time has come and that wait")
    waiting.add_metric([], session.scalar(due) or 0)
    yield waiting
    refusals = GaugeMetricFamily(
        "kadam_refusals", "Messages that the carrier refused, by its code", labels=["code"]
    )
    refused = select(MessageRow.error_code, func.count()).where(MessageRow.state.in_(REFUSED))
    for code, count in session.execute(refused.group_by(MessageRow.error_code)):
        refusals.add_metric(["none" if code is None else str(code)], count)
    yield refusals
