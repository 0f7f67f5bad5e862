"""Erasing by age changes nothing of what is sent: a season with it and without it are the same."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select

from db import Database
from db.tables import PersonRow, ReminderRow
from hotline.config import SendWindow
from hotline.guide.model import Guide
from hotline.people import store
from hotline.people.keep_days import LEAST_DAYS, RECORD_LEAST_DAYS, KeepDays
from hotline.people.model import Effect, MarkDone, SaveDate
from hotline.people.privacy import Vault
from hotline.people.retention import OVER, Retention
from tests.reminders.conftest import Hotline

PHONE = "+996555123456"
DAY = timedelta(days=1)
LEAVES, ENTRY = date(2026, 9, 20), date(2026, 9, 22)
SPRING = datetime(2027, 1, 25, 12, tzinfo=UTC)
KEPT_LEAST = KeepDays(texts=LEAST_DAYS, records=RECORD_LEAST_DAYS, people=LEAST_DAYS)


Changes = dict[datetime, tuple[Effect, ...]]


def at(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)


NOTHING_DONE: Changes = {
    at(LEAVES - 10 * DAY): (SaveDate("departure", LEAVES),),
    at(ENTRY): (SaveDate("entry", ENTRY), SaveDate("family", ENTRY + DAY, 1)),
    at(ENTRY + 10 * DAY): (
        SaveDate("registration-until", ENTRY + 70 * DAY),
        SaveDate("job-until", ENTRY + 75 * DAY),
        SaveDate("policy-until", ENTRY + 60 * DAY),
        SaveDate("family-until", ENTRY + 72 * DAY),
    ),
}
ALL_DONE: Changes = {
    **NOTHING_DONE,
    at(ENTRY + 11 * DAY): (MarkDone("d05"), MarkDone("d08"), SaveDate("registered", ENTRY + 11 * DAY)),
    at(ENTRY + 12 * DAY): (MarkDone("d09"), SaveDate("job", ENTRY + 12 * DAY)),
}
SECOND_ENTRY: Changes = {
    at(ENTRY): (SaveDate("entry", ENTRY),),
    at(ENTRY + 20 * DAY): (SaveDate("entry", ENTRY + 19 * DAY),),
    at(ENTRY + 22 * DAY): (SaveDate("entry", ENTRY),),
}
SCENES = {"nothing done": NOTHING_DONE, "all done": ALL_DONE, "entered twice": SECOND_ENTRY}
Sent = list[tuple[date | str, str]]


def days_of(hotline: Hotline, changes: Changes) -> Iterator[str | None]:
    """Visits everything that is due up to the spring; the person's id after each day, None before any."""
    hotline.now = min(changes) - DAY
    id, texts, calls = None, 0, 0
    while hotline.now < SPRING:
        tomorrow = hotline.now + DAY
        while (due := hotline.next_due()) is not None and due <= tomorrow:
            hotline.tick(due)
        hotline.now = tomorrow
        for number, text in list(enumerate(hotline.carrier.texts))[texts:]:
            status, code = [("delivered", None), ("undelivered", 30003), ("sent", None)][number % 3]
            hotline.receive(text.attempt, status, code, text.sid)
        for number, call in list(enumerate(hotline.carrier.calls))[calls:]:
            hotline.receive(call.attempt, ["no-answer", "completed"][number % 2], None, call.sid)
        texts, calls = len(hotline.carrier.texts), len(hotline.carrier.calls)
        if hotline.now in changes:
            id = id or hotline.remember(PHONE)
            hotline.change(id, *changes[hotline.now])
        yield id


def waiting(hotline: Hotline) -> set[tuple[str, ...]]:
    """All rows of the ledger that may still go out."""
    with hotline.database.reading() as session:
        rows = session.scalars(select(ReminderRow).where(ReminderRow.state.not_in(OVER)))
        return {(row.id, row.state, str(row.due_at_utc), str(row.message_id)) for row in rows}


def sent_by(hotline: Hotline) -> Sent:
    texts = [(text.created_at_utc.date(), text.body) for text in hotline.carrier.texts]
    return [*texts, *((call.url, "") for call in hotline.carrier.calls)]


def compare(
    database: Database, vault: Vault, guide: Guide, window: SendWindow, changes: Changes, days: KeepDays
) -> int:
    """Plays the season without erasing, forgets it, plays it with erasing every day; how much was sent."""
    plain = Hotline(database, vault, guide, window)
    for id in days_of(plain, changes):
        kept = id
    with database.writing() as session:
        store.forget(session, str(kept), plain.now)
    erased = Hotline(database, vault, guide, window)
    job = Retention(database, vault, guide.rules, days)
    for _ in days_of(erased, changes):
        before = waiting(erased)
        job.tick(erased.now)
        assert waiting(erased) == before
    assert sent_by(erased) == sent_by(plain)
    with database.reading() as session:
        assert session.scalars(select(PersonRow)).all() == []
    for hotline in (plain, erased):
        hotline.dispatcher.close()
    return len(sent_by(plain))


@pytest.mark.thorough
@pytest.mark.parametrize("scene", SCENES)
def test_season_is_the_same_with_and_without_erasing(
    sqlite: Database, vault: Vault, real_guide: Guide, window: SendWindow, scene: str
) -> None:
    """With all rules, the shortest days that may be set, texts and calls that fail; nobody is left."""
    assert compare(sqlite, vault, real_guide, window, SCENES[scene], KEPT_LEAST) > 10


@pytest.mark.slow
@pytest.mark.parametrize(
    "database", ["sqlite", pytest.param("postgresql", marks=pytest.mark.thorough)], indirect=True
)
def test_season_of_few_rules_is_the_same(
    database: Database, vault: Vault, guide: Guide, window: SendWindow
) -> None:
    """Registration, its closing words and the job alone, at the days of the settings; on both databases."""
    assert compare(database, vault, guide, window, SECOND_ENTRY, KeepDays()) > 10
