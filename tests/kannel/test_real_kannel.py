"""The hotline through a real Kannel: texts in, answers, reminders and receipts, to the last letter."""

from __future__ import annotations

import os
import re
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Response, request
from sqlalchemy import select

from db.tables import AnswerRow, MessageRow, PersonRow, ReminderRow
from hotline.guide.model import Guide
from hotline.reminders import ledger
from hotline.reminders.upcoming import next_due
from tests.kannel.conftest import Connected
from tests.kannel.gateway import Delivered, free_ports, running_kannel, wait_for
from tests.watching import count

PHONE = "+996555123456"
HOTLINE = "4040"
OURS = re.compile("[өүң]", re.IGNORECASE)  # the letters that Kyrgyz has and Russian has not


class Handset:
    """A telephone on the operator's side."""

    def __init__(self, connected: Connected) -> None:
        self.connected = connected
        self.seen = 0

    def write(self, words: str) -> list[Delivered]:
        """Writes, and waits for the texts in answer, each with its receipt in the ledger."""
        self.connected.kannel.operator.send(PHONE, HOTLINE, words)
        return self.get()

    def get(self) -> list[Delivered]:
        """The next texts, once the ledger says that nothing is under way any more."""
        wait_for("a text", lambda: len(self.all()) > self.seen)
        wait_for("its receipts", lambda: set(self.states()) <= {"delivered"})
        wait_for("every text", lambda: len(self.all()) >= len(self.states()))
        new = self.all()[self.seen :]
        self.seen += len(new)
        assert all((each.sender, each.to) == (HOTLINE, PHONE) for each in new)
        return new

    def all(self) -> list[Delivered]:
        return self.connected.kannel.operator.texts()

    def states(self) -> list[str]:
        with self.connected.hotline.database.reading() as session:
            return list(session.scalars(select(MessageRow.state)))


def remind(connected: Connected) -> None:
    """One tick at the instant at which the next reminder is due."""
    with connected.hotline.database.reading() as session:
        due = next_due(session, datetime.now(UTC))
    assert due is not None
    connected.hotline.dispatcher.tick(due)


def test_texts_reminders_and_receipts_go_through_kannel(connected: Connected, guide: Guide) -> None:
    """Kyrgyz arrives whole, Cyrillic is understood, pages keep their order, and the ledger knows of each."""
    handset = Handset(connected)
    step_07, step_10 = (guide.steps[key].texts["ky"].pages[0].text for key in ("07", "10"))

    first, welcome = handset.write("STEP7")
    assert first.alphabet == "ucs-2"
    assert step_07 in first.text
    assert OURS.search(first.text)
    assert len(first.parts) == 2

    both = handset.write("КАДАМ 7 10")
    assert [step in page.text for step, page in zip((step_07, step_10), both, strict=True)] == [True, True]

    entered = datetime.now(UTC) - timedelta(days=2)  # not today: late in the day that is asked back
    (asked,) = handset.write(f"КИРДИМ {entered:%d.%m.%Y} күнү")  # ү comes in as it goes out
    assert asked.text.startswith("Кирген күн: ")
    told = handset.write("ООБА")
    assert [page.text for page in (first, welcome, *both, asked, *told)] == sent_by(connected)
    assert len(told) > 1

    remind(connected)
    (reminder,) = handset.get()
    assert reminder.text == sent_by(connected)[-1]
    assert OURS.search(reminder.text)
    with connected.hotline.database.reading() as session:
        reminded = {row.state for row in session.scalars(select(ReminderRow)) if row.message_id}
    assert reminded == {"delivered"}

    assert len(handset.write("STOP")) == 1  # no carrier answers it here
    (asked,) = handset.write("ӨЧҮР")
    assert OURS.search(asked.text)
    (erased,) = handset.write("ООБА")  # by the answer itself: no row is left to send it from
    assert OURS.search(erased.text)
    assert count(connected.hotline.database, PersonRow) == count(connected.hotline.database, MessageRow) == 0
    no_trace_in_logs(connected)


def sent_by(connected: Connected) -> list[str]:
    """The texts that the ledger says were sent, in the order of their making."""
    vault = connected.hotline.vault
    with connected.hotline.database.reading() as session:
        rows = session.scalars(select(MessageRow).order_by(MessageRow.sent_at_utc)).all()
        return [vault.open(row.body_sealed, ledger.BODY_COLUMN, row.id) for row in rows]


def no_trace_in_logs(connected: Connected) -> None:
    """With the log level of docs/kannel.md neither numbers nor words are in Kannel's logs."""
    for box in ("bearerbox", "smsbox"):
        log = (connected.kannel.logs / f"{box}.log").read_text(errors="replace")
        assert "996555" not in log
        assert "STEP7" not in log


@pytest.mark.slow
def test_kannel_asks_again_until_the_hotline_answers(connected: Connected) -> None:
    """A text that comes while the hotline is out of order is answered when it is not, and once.

    Each time Kannel says when it took the text, in UTC.
    """
    refused: list[str] = []
    taken: set[str | None] = set()
    broken = threading.Event()
    broken.set()

    def out_of_order() -> Response | None:
        if not broken.is_set():
            return None
        refused.append(request.path)  # the hotline's own clock may ask its carrier meanwhile
        if request.path == "/kannel/sms":
            taken.add(request.headers.get("X-Kannel-Time"))
        return Response(status=503)

    connected.app.before_request_funcs.setdefault(None, []).append(out_of_order)
    handset = Handset(connected)
    connected.kannel.operator.send(PHONE, HOTLINE, "STEP7")
    wait_for("two refusals", lambda: refused.count("/kannel/sms") >= 2)
    broken.clear()
    (taken_at,) = taken
    age = datetime.now(UTC) - datetime.strptime(f"{taken_at} +0000", "%Y-%m-%d %H:%M:%S %z")
    assert timedelta(seconds=1) < age < timedelta(minutes=2)
    assert len(handset.get()) == 2  # the step, and who this is
    assert count(connected.hotline.database, AnswerRow) == 1


def test_nothing_of_kannel_runs_on(kannel_is_here: None, tmp_path: Path) -> None:
    """Each of its programs leads a group of its own, which is ended."""
    (port,) = free_ports(1)
    with running_kannel(tmp_path, port) as kannel:
        groups = [process.pid for process in kannel.processes]
        assert [os.getpgid(group) for group in groups] == groups
    for group in groups:
        with pytest.raises(ProcessLookupError):
            os.killpg(group, 0)
