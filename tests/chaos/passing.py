"""Time that passes badly: three days without power, a clock that jumps, summer time, a server elsewhere."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from db import Database
from hotline.config import ROOT, SendWindow
from hotline.guide.model import Guide
from hotline.people.privacy import Vault, new_data_key
from hotline.reminders.plan import PlannedRow, plan
from hotline.reminders.window import day_of, is_open, opening
from tests.carriers.recording import SentText
from tests.chaos.crashes import exact
from tests.reminders.conftest import MOSCOW, Hotline

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
DOWN = datetime(2026, 11, 29, 5, tzinfo=UTC)  # the power fails before the window opens ...
UP = DOWN + 3 * DAY + timedelta(hours=2, minutes=30)  # ... and comes back when it is open again
LOOK = timedelta(minutes=20)  # between two ticks of a day that is played


# Of people who entered on 32 days in a row: registration is reminded of 7, 14, 20, 24 and 26 to 29 days after
# entry, the job 7, 14, 20, 25 and 28, both on the working days among the last three. Counted by hand, with a
# calendar: what falls due without power, how much of it is of use afterwards, and to how many people.
ROUND = {"rows": 60, "sent": 35, "texts": 18}
BEGUN = {"rows": 20, "sent": 20, "texts": 10}  # of the first 19 days of a further round


@dataclass(frozen=True)
class Downtime:
    """What became of `rows` reminders that fell due while the power was off; wrong_states: by their plan."""

    rows: int
    texts: int
    people_texted_twice: int
    sent: int
    expired: int
    wrong_states: int

    def is_exact(self, rounds: int) -> bool:
        """Whether it is what was counted by hand for so many rounds and one that is begun."""
        rows, sent, texts = (rounds * ROUND[each] + BEGUN[each] for each in ("rows", "sent", "texts"))
        return self == Downtime(rows, texts, 0, sent, rows - sent, 0)


def sleep_through(database: Database, guide: Guide, rounds: int) -> Downtime:
    """Reminders fall due in three days without a tick; then ticks come until nothing is left."""
    hotline = Hotline(database, Vault([new_data_key()]), exact(guide), MOSCOW)
    planned = dict(_people_due(hotline, rounds * ROUND["rows"] + BEGUN["rows"]))
    hotline.tick(UP)
    while hotline.dispatcher.has_left_over:
        hotline.tick(hotline.now + timedelta(seconds=40))
    hotline.tick(UP + timedelta(minutes=25))
    hotline.dispatcher.close()
    texts = Counter(text.to for text in hotline.carrier.texts)
    states = Counter(row.state for id in planned for row in hotline.rows(id))
    return Downtime(
        rows=states.total(),
        texts=texts.total(),
        people_texted_twice=sum(count > 1 for count in texts.values()),
        sent=states["sent"],
        expired=states["expired"],
        wrong_states=sum(_wrong(hotline, id, due) for id, due in planned.items()),
    )


def _people_due(hotline: Hotline, rows: int) -> Iterator[tuple[str, list[PlannedRow]]]:
    """People of whom something falls due while the power is off, with those rows, until there are enough."""
    n = 0
    while rows > 0:
        entry = DOWN.date() - (n % 32) * DAY
        hotline.now = datetime.combine(entry, time(12), UTC)
        planned = plan(hotline.guide.rules, {"entry": entry}, (), DOWN.date() - DAY, hotline.window)
        due = [row for row in planned if DOWN <= row.due_at_utc <= UP][:rows]
        if due:
            id = hotline.remember(f"+99655{n:07}", entry)
            _keep_only(hotline, id, due)
            rows -= len(due)
            yield id, due
        n += 1


def _keep_only(hotline: Hotline, id: str, due: list[PlannedRow]) -> None:
    """What is due before and after is another story's."""
    kept = {(row.rule, row.due_on) for row in due}
    with hotline.database.writing() as session:
        for row in hotline.rows(id):
            if (row.rule, row.due_on) not in kept:
                session.delete(row)


def _is_live(row: PlannedRow) -> bool:
    return row.expires_at_utc > UP


def _wrong(hotline: Hotline, id: str, due: list[PlannedRow]) -> int:
    """Rows that have not become what they should: sent if they are of use yet, else expired."""
    states = {(row.rule, row.due_on): row.state for row in hotline.rows(id)}
    return sum(states[row.rule, row.due_on] != ("sent" if _is_live(row) else "expired") for row in due)


@dataclass(frozen=True)
class Played:
    """What a month came to. days: due days of all people; outside: texts outside the window."""

    days: int
    texts: int
    twice: int
    unsent: int
    outside: int


JUMPS = {  # day of the month that is played -> by how much the clock is wrong for forty minutes of its window
    2: HOUR, 5: -HOUR, 8: DAY, 11: -DAY, 14: HOUR, 17: -HOUR, 20: DAY, 23: -DAY,
}  # fmt: skip


def play_month(
    database: Database,
    guide: Guide,
    people: int,
    zone: str,
    start: date,
    jumps: dict[int, timedelta],
    days: Sequence[int] = range(40),
) -> Played:
    """The `days` after `start` for people who entered on it or before, with a clock that jumps."""
    window = SendWindow(time(10), time(12), ZoneInfo(zone))
    hotline = Hotline(database, Vault([new_data_key()]), exact(guide), window)
    hotline.now = opening(window, start) - HOUR
    ids = [hotline.remember(f"+99655{n:07}", start - (n % 4) * DAY) for n in range(people)]
    before = {id: {row.id for row in hotline.rows(id)} for id in ids}
    sent_at: list[datetime] = []

    def deliver(text: SentText) -> None:
        sent_at.append(hotline.now)
        hotline.receive(text.attempt, "delivered", sid=text.sid)

    hotline.carrier.after_accept = deliver
    for n in days:
        for at in _instants(window, start + n * DAY, jumps.get(n, timedelta())):
            hotline.tick(at)
    hotline.dispatcher.close()
    return _played(hotline, before, sent_at)


def _instants(window: SendWindow, day: date, jump: timedelta) -> list[datetime]:
    """From before the window opens until after it has closed; in its middle the clock is wrong twice."""
    first = opening(window, day) - HOUR
    instants = [first + n * LOOK for n in range(14)]
    wrong = [at + jump for at in instants[7:9]] if jump else []
    return [*instants[:7], *wrong, *instants[7:]]


def _played(hotline: Hotline, before: dict[str, set[str]], sent_at: list[datetime]) -> Played:
    rows = [row for id in before for row in hotline.rows(id)]
    due = [row for row in rows if row.state != "cancelled" and row.due_at_utc <= hotline.now]
    days = {(row.person_id, row.due_on) for row in due}
    carried = Counter(row.message_id for row in rows if row.message_id)
    return Played(
        days=len(days),
        texts=len(hotline.carrier.texts),
        twice=len(hotline.carrier.texts) - len(carried),
        unsent=sum(row.state in {"pending", "expired"} and row.due_at_utc <= hotline.now for row in rows),
        outside=sum(not is_open(hotline.window, at) for at in sent_at),
    )


def schedule(guide: Guide, zone: str) -> list[str]:
    """What is due when, with the calendar day of each hour and a + where it is open, for any server alike."""
    window = SendWindow(time(10), time(12), ZoneInfo(zone))
    lines = []
    for entry in (date(2026, 3, 1), date(2026, 10, 10), date(2026, 12, 10)):
        for row in plan(guide.rules, {"entry": entry}, (), entry, window):
            at = f"{row.due_at_utc.isoformat()} {row.expires_at_utc.isoformat()}"
            hours = [row.due_at_utc + n * HOUR for n in range(24)]
            days = " ".join(f"{day_of(window, hour):%d}{'+' * is_open(window, hour)}" for hour in hours)
            lines.append(f"{row.rule} {row.due_on} {at} {days}")
    return lines


def schedule_on_a_server_in(server_zone: str) -> str:
    """The same, by a process whose own clock is set to `server_zone`, with what a tick would send."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.chaos.elsewhere"],
        cwd=ROOT,
        env={**os.environ, "TZ": server_zone},
        check=True,
        capture_output=True,
        text=True,
        timeout=120,
    )
    return done.stdout
