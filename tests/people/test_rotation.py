"""Keys are changed while the hotline runs: nothing is unreadable, and nothing needs the old key after."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

import pytest
from click.testing import CliRunner
from sqlalchemy import select, text, update

from db import Database
from db.tables import AnchorRow, Base, MessageRow, OptOutRow, PersonRow, ReminderRow, VoiceMessageRow
from hotline.guide.model import Guide
from hotline.keys import keys_group
from hotline.people import answers, messages, rotation, store
from hotline.people.data_keys import EVERY_S, SEALED, KeyWatch, check_keys, name_of, sealed_by
from hotline.people.effects import Effects
from hotline.people.messages import Errand
from hotline.people.model import Ask, KeepMessage, KeepRest, OptIn, OptOut, Person, SetLanguage
from hotline.people.privacy import DataKeyError, Vault, new_data_key
from hotline.people.questions import Asked, Question
from hotline.people.rotation import rotate
from hotline.people.store import Contact
from hotline.reminders.ledger import anchor_index
from tests.opening import TWILIO
from tests.opening import opened as opened_app
from tests.reminders.conftest import MOSCOW, Hotline
from tests.watching import count

OLD, NEW, OTHER = new_data_key(), new_data_key(), new_data_key()
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
ENTRY = date(2026, 11, 22)
PHONES = [f"+9965550000{number:02}" for number in range(5)]
GONE = "+996555999999"  # wanted no messages, then was erased
DAY = timedelta(days=1)


class KilledError(Exception):
    """The process is no more."""


@dataclass
class Doomed:
    """A database whose process is killed in the middle of its `after`-th transaction from now on."""

    database: Database
    after: int
    seen: int = field(default=0, init=False)

    @contextmanager
    def writing(self) -> Iterator[object]:
        with self.database.writing() as session:
            yield session
            self.seen += 1
            if self.seen > self.after:
                raise KilledError


def hotline_of(database: Database, guide: Guide, *keys: str) -> Hotline:
    return Hotline(database, Vault(keys), guide, MOSCOW)


def fill(database: Database, guide: Guide) -> None:
    """Something in every sealed column, under the old key."""
    hotline = hotline_of(database, guide, OLD)
    vault = hotline.vault
    for number, phone in enumerate(PHONES):
        id = hotline.remember(phone, ENTRY)
        question = Ask(Question(Asked.SAVE_DATE, ENTRY))
        hotline.change(id, question, KeepRest(("a line",)))
        hotline.ask(id, f"text {number}")
        with database.writing() as session:
            answers.keep(session, vault, f"SM{number}", "a reply", NOON, id, "a text")
            store.keep_pending(session, vault, f"CA{number}", id, "entry", NOON)
            sid = f"RE{number:032x}"
            messages.keep(session, id, KeepMessage(sid, 4, "ky"), NOON)
            kept = session.scalars(
                select(VoiceMessageRow.id).where(VoiceMessageRow.recording_sid == sid)
            ).one()
            messages.store_sound(session, vault, Errand(kept, sid, True, NOON), b"sound")
    with database.writing() as session:
        store.opt_out(session, vault, PHONES[1], at_carrier=True, now_utc=NOON)
        store.opt_out(session, vault, GONE, at_carrier=False, now_utc=NOON)
    hotline.dispatcher.close()


def opened(database: Database, *keys: str) -> int:
    """Opens every sealed value with these keys; how many. Raises DataKeyError."""
    vault, found = Vault(keys), 0
    with database.reading() as session:
        for each in SEALED:
            for id, sealed in session.execute(select(each.row_id, each.column).where(each.is_there)):
                assert vault.open_bytes(sealed, each.name, id)
                found += 1
    return found


def people(database: Database, *keys: str) -> list[tuple[str | None, bool]]:
    with database.reading() as session:
        found = [store.find(session, Vault(keys), phone) for phone in PHONES]
    return [(contact.id, contact.person.opted_out) for contact in found]


def test_every_sealed_column_is_known() -> None:
    """One that is not would be lost with the old key."""
    columns = {
        f"{table.name}.{column.name}"
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if column.name.endswith("_sealed")
    }
    assert {f"{each.column.class_.__tablename__}.{each.column.key}" for each in SEALED} == columns


def test_rotating_brings_everything_under_the_new_key(
    database: Database, guide: Guide, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every value, number, date and opt-out; the new key alone finds the same people and sends the same."""
    monkeypatch.setattr(rotation, "BATCH_ROWS", 2)
    monkeypatch.setattr(rotation, "BATCH_PEOPLE", 2)
    fill(database, guide)
    before, sealed = people(database, OLD), opened(database, OLD)
    assert before[1][1]
    assert sealed == len(SEALED) * len(PHONES)
    done = rotate(database, Vault([NEW, OLD]))
    assert (sum(done.sealed.values()), done.indexed, done.unreadable) == (sealed, len(PHONES), 0)
    assert opened(database, NEW) == sealed
    assert people(database, NEW) == before
    again = rotate(database, Vault([NEW, OLD]))
    assert (sum(again.sealed.values()), again.indexed) == (0, 0)
    with database.writing() as session:
        session.execute(update(OptOutRow).where(OptOutRow.key_id != b"").values(at_carrier=False))
    hotline = hotline_of(database, guide, NEW)
    hotline.run_until(NOON + 8 * DAY)
    reminded = {text.to for text in hotline.carrier.texts if "registration" in text.body}
    assert reminded == {phone for phone in PHONES if phone != PHONES[1]}
    hotline.dispatcher.close()


def test_rotating_may_be_killed_at_any_moment(
    database: Database, guide: Guide, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the middle of a transaction: all is readable, everybody is found, and in the end it is done."""
    monkeypatch.setattr(rotation, "BATCH_ROWS", 2)
    monkeypatch.setattr(rotation, "BATCH_PEOPLE", 2)
    fill(database, guide)
    before, sealed = people(database, OLD), opened(database, OLD)
    kills = 0
    while kills < 100:
        try:
            rotate(Doomed(database, after=kills), Vault([NEW, OLD]))  # type: ignore[arg-type]
            break
        except KilledError:
            kills += 1
        assert opened(database, NEW, OLD) == sealed
        assert people(database, NEW, OLD) == before
    assert kills > len(SEALED)
    assert opened(database, NEW) == sealed
    assert people(database, NEW) == before


def test_hotline_that_runs_meanwhile_makes_no_second_person(database: Database, guide: Guide) -> None:
    """A number under the old key is found, changed and answered between any two batches; it has one row."""
    fill(database, guide)
    vault = Vault([NEW, OLD])
    effects = Effects(vault, guide, MOSCOW)

    @dataclass
    class Busy(Doomed):
        """Between two transactions everybody writes."""

        @contextmanager
        def writing(self) -> Iterator[object]:
            for phone in PHONES:
                with self.database.writing() as session:
                    contact = store.find(session, vault, phone)
                    assert contact.id is not None
                    effects.apply(session, contact, [SetLanguage("ky"), OptOut()], NOON)
            with self.database.writing() as session:
                yield session

    rotate(Busy(database, 0), vault)  # type: ignore[arg-type]
    assert count(database, PersonRow) == len(PHONES)
    assert count(database, OptOutRow) == len(PHONES) + 1
    assert all(opted_out for _, opted_out in people(database, NEW))
    with database.writing() as session:
        contact = store.find(session, Vault([NEW]), PHONES[0])
        Effects(Vault([NEW]), guide, MOSCOW).apply(session, contact, [OptIn()], NOON)
    assert not people(database, NEW, OLD)[0][1]


def test_dates_planned_anew_under_the_new_key_stay_as_they_are(sqlite: Database, guide: Guide) -> None:
    """The older row of the same day was cancelled then; indexed anew it would be a second one."""
    fill(sqlite, guide)
    running = hotline_of(sqlite, guide, NEW, OLD)
    id = str(people(sqlite, NEW, OLD)[0][0])
    running.done(id, "d05")
    with sqlite.reading() as session:
        before = {(row.id, row.state) for row in session.scalars(select(ReminderRow))}
    rotate(sqlite, running.vault)
    with sqlite.reading() as session:
        assert {(row.id, row.state) for row in session.scalars(select(ReminderRow))} == before
    running.dispatcher.close()


def test_done_before_the_keys_are_rotated_loses_no_reminder_of_today(
    database: Database, guide: Guide
) -> None:
    """The new key is first, rotating has not run: DONE 6 on the last day leaves registration's text."""
    before = hotline_of(database, guide, OLD)
    id = before.remember(PHONES[0], ENTRY)
    before.dispatcher.close()
    hotline = hotline_of(database, guide, NEW, OLD)
    hotline.now = datetime(2026, 12, 21, 6, tzinfo=UTC)
    hotline.done(id, "d09")
    rotate(database, hotline.vault)
    for hours in (1, 2):
        hotline.tick(hotline.now + timedelta(hours=hours))
    hotline.dispatcher.close()
    assert hotline.states(id, "d05")[-1] == "sent"
    assert len(hotline.carrier.texts) == 1


def test_done_before_the_keys_are_rotated_leaves_the_call_that_waits(
    database: Database, guide: Guide
) -> None:
    """The text of the last day did not arrive: DONE 6 neither loses nor doubles the call."""
    before = hotline_of(database, guide, OLD)
    id = before.remember(PHONES[0], ENTRY)
    before.tick(datetime(2026, 12, 21, 7, tzinfo=UTC))
    before.receive(before.carrier.texts[-1].attempt, "undelivered", 30003)
    before.dispatcher.close()
    hotline = hotline_of(database, guide, NEW, OLD)
    hotline.now = before.now + timedelta(minutes=5)
    hotline.done(id, "d09")
    hotline.run_until(hotline.now + timedelta(hours=1))
    hotline.dispatcher.close()
    assert (len(hotline.carrier.texts), len(hotline.carrier.calls)) == (0, 1)


def test_dates_under_two_older_keys_are_brought_over(sqlite: Database, guide: Guide) -> None:
    """The same day planned under both: one row moves, the other stays as it is."""
    oldest = hotline_of(sqlite, guide, OLD)
    id = oldest.remember(PHONES[0], ENTRY)
    oldest.dispatcher.close()
    with sqlite.writing() as session:
        for row in session.scalars(select(ReminderRow)).all():
            twin = {column.key: getattr(row, column.key) for column in ReminderRow.__table__.columns}
            index = anchor_index(Vault([OTHER]), id, 0, "entry", ENTRY)
            session.add(ReminderRow(**{**twin, "id": f"twin-{row.id}"[:32], "anchor_index": index}))
    rotate(sqlite, Vault((NEW, OTHER, OLD)))
    with sqlite.reading() as session:
        indexes = list(session.scalars(select(ReminderRow.anchor_index)))
    assert indexes.count(anchor_index(Vault([NEW]), id, 0, "entry", ENTRY)) == len(indexes) // 2


def test_value_that_no_key_opens_holds_up_no_other(sqlite: Database, guide: Guide) -> None:
    """It is counted and left as it is."""
    fill(sqlite, guide)
    with sqlite.writing() as session:
        row = session.scalars(select(MessageRow)).first()
        assert row is not None
        row.body_sealed = row.body_sealed[:-1] + bytes([row.body_sealed[-1] ^ 1])
    done = rotate(sqlite, Vault([NEW, OLD]))
    assert done.unreadable == 1
    with sqlite.reading() as session:
        old = Vault([OLD]).key_ids[0]
        assert sealed_by(session)[old] == 1


@pytest.mark.parametrize("keys", [(NEW,), (new_data_key(),)])
def test_start_with_a_wrong_key_is_refused_by_name(
    database: Database, guide: Guide, keys: tuple[str, ...]
) -> None:
    """Whatever of the database is left, be it one opt-out; with the old key behind the new one it starts."""
    fill(database, guide)
    needed = name_of(Vault([OLD]).key_ids[0])
    for emptied in ("answers", "messages", "people", None):
        with database.writing() as session, pytest.raises(DataKeyError, match=needed):
            check_keys(session, Vault(keys))
        with database.writing() as session:
            check_keys(session, Vault([*keys, OLD]))
        if emptied:
            with database.writing() as session:
                session.execute(text(f"DELETE FROM {emptied}"))


def test_opt_outs_of_an_earlier_version_are_the_only_keys(sqlite: Database) -> None:
    """They name none: with one key set it is theirs, with two nobody can tell."""
    with sqlite.writing() as session:
        session.add(OptOutRow(phone_index=Vault([OLD]).index(GONE), at_utc=NOON))
        session.flush()
        check_keys(session, Vault([NEW, OLD]))
        check_keys(session, Vault([OLD]))
        with pytest.raises(DataKeyError):
            check_keys(session, Vault([NEW]))


def run(database: Database, *keys: str) -> str:
    group = keys_group(database, Vault(keys), lambda: NOON)
    result = CliRunner().invoke(group, ["rotate"])
    return str(result.output)


def test_command_says_when_the_old_key_may_be_taken_away(database: Database, guide: Guide) -> None:
    """Not while a number that wants no messages is known by it alone; a day after that is over, it may."""
    fill(database, guide)
    name = name_of(Vault([OLD]).key_ids[0])
    told = run(database, NEW, OLD)
    assert "rows under older keys: 0" in told
    assert f"key {name}: still needed: 1 numbers that want no messages" in told
    with database.writing() as session:
        contact = store.find(session, Vault([NEW, OLD]), GONE)
        Effects(Vault([NEW, OLD]), guide, MOSCOW).apply(session, contact, [OptIn()], NOON)
    told = run(database, NEW, OLD)
    assert f"key {name}: may be taken out of HOTLINE_DATA_KEY from 2026-11-23 12:00 UTC on." in told
    with database.writing() as session:
        check_keys(session, Vault([NEW]))
    assert not any(phone in told for phone in PHONES)


def test_command_refuses_a_database_that_it_has_no_key_for(sqlite: Database, guide: Guide) -> None:
    """Nothing is changed."""
    fill(sqlite, guide)
    assert f"needs data key {name_of(Vault([OLD]).key_ids[0])}" in run(sqlite, NEW)


def test_opted_out_under_another_key_is_not_called(sqlite: Database, guide: Guide) -> None:
    """A question is asked once more by call, but not of who wants no messages, whichever key says so."""
    old = hotline_of(sqlite, guide, OLD)
    old.change(old.remember(PHONES[0]), Ask(Question(Asked.SAVE_DATE, ENTRY)))
    running = hotline_of(sqlite, guide, NEW, OLD)
    with sqlite.writing() as session:
        store.opt_out(session, running.vault, PHONES[0], at_carrier=False, now_utc=NOON)
    running.run_until(NOON + 3 * DAY)
    assert running.carrier.calls == []
    for hotline in (old, running):
        hotline.dispatcher.close()


def test_process_without_the_new_key_says_so(database: Database, guide: Guide) -> None:
    """Within a minute of the rotation; one that has both keys is well all the time."""
    fill(database, guide)
    now_s = [0.0]
    old, both = (KeyWatch(database, Vault(keys), lambda: now_s[0]) for keys in ([OLD], [NEW, OLD]))
    assert old.problem() is None
    with pytest.raises(KilledError):
        rotate(Doomed(database, after=2), Vault([NEW, OLD]))
    now_s[0] = EVERY_S - 1
    assert old.problem() is None
    now_s[0] = EVERY_S
    assert old.problem() == f"data key: {name_of(Vault([NEW]).key_ids[0])} is not set here"
    assert both.problem() is None
    rotate(database, Vault([NEW, OLD]))
    now_s[0] = 2 * EVERY_S
    assert (old.problem() is None, both.problem()) == (False, None)


def test_process_without_the_new_key_puts_nobody_off(database: Database, guide: Guide) -> None:
    """It cannot read who is due, and would move them to another day; one that has the key sends."""
    fill(database, guide)
    with opened_app(database, **TWILIO, HOTLINE_DATA_KEY=OLD) as app:
        rounds = app.extensions["kadam"].rounds
        rotate(database, Vault([NEW, OLD]))
        before = everything(database)
        with pytest.raises(DataKeyError, match=name_of(Vault([NEW]).key_ids[0])):
            rounds.go_as_of(NOON + 29 * DAY)
        assert everything(database) == before


@pytest.mark.parametrize(
    ("damage", "people"), [(b"\x07" * 40, 2), (b"\xff" * 40, 2), (bytes(40), 2), (bytes(range(40)), 1)]
)
def test_damaged_values_take_no_process_away(
    database: Database, guide: Guide, damage: bytes, people: int
) -> None:
    """They name a key that never was. All others are answered, and the hotline starts."""
    fill(database, guide)
    with database.writing() as session:
        for person in session.scalars(select(PersonRow).order_by(PersonRow.id).limit(people)):
            person.phone_sealed = damage
    assert KeyWatch(database, Vault([OLD])).problem() is None
    with database.writing() as session:
        check_keys(session, Vault([OLD]))


@pytest.mark.parametrize(
    "command",
    [
        ("person", "forget", PHONES[0]),
        ("remind", "--as-of", "2026-12-21T10:05:00+03:00"),
        ("remind", "--dry-run", "--until", "2026-12-24", "--number", PHONES[0]),
        ("messages", "list"),
        ("messages", "play", "1", "--out", "sound.wav"),
        ("keys", "rotate"),
        ("worker",),
    ],
    ids=" ".join,
)
def test_command_with_a_wrong_key_changes_nothing_and_names_it(
    database: Database, guide: Guide, command: tuple[str, ...]
) -> None:
    """It would find nobody: "nothing is stored under this number" was not true, and due rows were moved."""
    fill(database, guide)
    before = everything(database)
    with opened_app(database, **TWILIO, HOTLINE_DATA_KEY=new_data_key()) as app:
        told = app.test_cli_runner().invoke(args=command)
    assert told.exit_code == 1
    assert f"needs data key {name_of(Vault([OLD]).key_ids[0])}" in told.output
    assert everything(database) == before


def everything(database: Database) -> list[str]:
    """Every row there is."""
    with database.reading() as session:
        return sorted(
            str(row) for table in Base.metadata.sorted_tables for row in session.execute(select(table))
        )


def test_command_erases_who_cannot_be_read(database: Database, guide: Guide) -> None:
    """A damaged date; and the row that a process without the new key has made beside the first."""
    fill(database, guide)
    with database.writing() as session:
        row = session.scalars(select(AnchorRow).limit(1)).one()
        row.date_sealed = bytes(40)
        phone = store.phone_of(Vault([OLD]), session.get_one(PersonRow, row.person_id))
        id = store.new_id()
        store.save_person(session, Vault([NEW]), Contact(phone, None, Person()), id, {}, NOON)
    with opened_app(database, **TWILIO, HOTLINE_DATA_KEY=f"{NEW},{OLD}") as app:
        told = [
            app.test_cli_runner().invoke(args=("person", "forget", phone)).output for _ in ("first", "again")
        ]
    assert told == ["erased\n", "nothing is stored under this number\n"]
    assert count(database, PersonRow) == len(PHONES) - 1
