"""Of who is forgotten nothing is left: not in a row, not in the database's file, not in its log.

And while somebody is stored, neither file nor dump holds the number or the day of entry.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from db import Database
from db.tables import AnswerRow, Base, OptOutRow
from hotline.guide.model import Guide
from hotline.people import store
from hotline.people.model import Person
from hotline.people.store import Contact
from hotline.people.text_limits import TextLimits
from hotline.reminders import overdue
from hotline.sms.understanding.vocabulary import Vocabulary
from hotline.speech.studio import Studio
from tests.people.house import ENTRY, MINUTE, PHONE, SATURDAY, SENTINEL, SOUND, House
from tests.sms.conftest import opened
from tests.voice.conftest import studio

__all__ = ["studio"]  # a fixture

DAY = timedelta(days=1)
SIDS = (b"SM", b"CA")  # the carrier's; they stay until it has deleted its copies
OTHERS = 80  # people around, so that pages of the file are split and filled


def values(database: Database) -> Iterable[Any]:
    """Every value of every row, as a dump has them."""
    with database.engine.connect() as connection:
        for table in Base.metadata.sorted_tables:
            for row in connection.execute(select(table)):
                yield from row


def traces(database: Database) -> set[bytes]:
    """What tells of a person: sealed values, HMACs and ids; not states, times and the names of rules."""
    found = {value for value in values(database) if isinstance(value, bytes) and len(value) >= 16}
    return found | {
        value.encode() for value in values(database) if isinstance(value, str) and len(value) >= 20
    }


def stored(database: Database) -> bytes:
    """All that somebody sees who takes the database away: a dump, and of SQLite its file and its log."""
    dump = b"\n".join(
        value if isinstance(value, bytes) else str(value).encode() for value in values(database)
    )
    if database.engine.dialect.name != "sqlite":
        return dump
    file = Path(str(database.engine.url.database))
    log = file.with_name(f"{file.name}-wal")
    return dump + file.read_bytes() + (log.read_bytes() if log.exists() else b"")


def counted(database: Database) -> set[bytes | None]:
    """The HMACs by which texts are counted, for a day."""
    with database.reading() as session:
        rows = session.scalars(select(AnswerRow)).all()
    return {index for row in rows for index in (row.number_index, row.text_index)}


def crowd(house: House) -> None:
    """Other people, before and after, whose rows share pages with the one that is forgotten."""
    with house.texts.database.writing() as session:
        for number in range(OTHERS):
            contact = Contact(f"+99670000{number:04}", None, Person())
            id = store.save_person(session, house.texts.vault, contact, store.new_id(), {}, SATURDAY)
            dates = {"entry": (ENTRY + DAY, (), {})}
            store.save_dates(session, house.texts.vault, id, 0, dates, SATURDAY)


@pytest.fixture
def house(guide: Guide, vocabulary: Vocabulary, studio: Studio, database: Database) -> House:
    return House(opened(guide, vocabulary, TextLimits(), database), studio)


def by_text(house: House) -> None:
    phone = house.texts.phone(PHONE)
    phone.text("DELETE")
    phone.text("OK")


def by_voice(house: House) -> None:
    assert house.handset().ring("ky", "confirm-forget").press("1").ids[0] == "voice-forgotten"


def by_age(house: House) -> None:
    for _ in range(26):
        with house.texts.database.writing() as session:
            overdue.expire(session, house.texts.now_utc)  # nobody sends: the rows pass by
        house.tick(5 * DAY)


WAYS = (by_text, by_voice, by_age)


@pytest.mark.parametrize("forget", WAYS)
def test_nothing_is_left_of_who_is_forgotten(house: House, forget: Callable[[House], None]) -> None:
    """Within the minute; a day later the bare SIDs of texts, which kept old ones from coming back, go too."""
    crowd(house)
    others = traces(house.texts.database)
    house.leave_everything()
    known = traces(house.texts.database) - others
    crowd_after = traces(house.texts.database)
    assert len(known) > 30
    assert len(known) == len(crowd_after) - len(others)
    forget(house)
    house.tick()
    bytes_left = stored(house.texts.database)
    left = {trace for trace in known if trace in bytes_left and not trace.startswith(SIDS)}
    assert left <= counted(house.texts.database)
    with house.texts.database.reading() as session:
        assert store.find(session, house.texts.vault, PHONE).id is None
    house.tick(DAY + MINUTE)
    house.tick()
    bytes_left = stored(house.texts.database)
    assert [trace for trace in known if trace in bytes_left] == []
    assert_no_word_in(bytes_left)


def test_only_the_opt_out_is_left_of_who_wanted_no_messages(house: House) -> None:
    """Its HMAC, by which the number is found if it comes again."""
    house.leave_everything()
    house.texts.phone(PHONE).text("STOP")
    known = traces(house.texts.database)
    by_text(house)
    house.tick(DAY + MINUTE)
    house.tick()
    bytes_left = stored(house.texts.database)
    assert [trace for trace in known if trace in bytes_left] == [house.texts.vault.index(PHONE)]
    with house.texts.database.reading() as session:
        assert len(session.scalars(select(OptOutRow)).all()) == 1


def test_neither_file_nor_dump_tells_a_number_or_a_day_of_entry(house: House) -> None:
    """While the person is stored with all that can be left; not before the log is emptied, and not after."""
    house.leave_everything()
    assert_no_word_in(stored(house.texts.database))
    house.texts.database.empty_log()
    assert_no_word_in(stored(house.texts.database))


def assert_no_word_in(found: bytes) -> None:
    """In no form in which a number, a date, a text or a sound could stand there."""
    digits = PHONE.removeprefix("+")
    words = [
        digits,
        digits[3:],
        SENTINEL,
        str(ENTRY),
        f"{ENTRY:%d.%m.%Y}",
        f"{ENTRY:%d%m%Y}",
        f"{ENTRY:%Y%m%d}",
    ]
    encoded = [word.encode(code) for word in words for code in ("utf-8", "utf-16-le")]
    assert [word for word in [*encoded, SOUND[4:]] if word in found] == []


def test_log_that_a_reader_keeps_is_emptied_by_the_next_tick(house: House) -> None:
    """It is waited for a tenth of a second, not more."""
    database = house.texts.database
    if database.engine.dialect.name != "sqlite":
        assert database.empty_log()
        return
    house.leave_everything()
    known = traces(database)
    with database.reading() as session:
        session.scalars(select(OptOutRow)).all()  # the snapshot of a long look
        by_text(house)
        assert not database.empty_log()
        house.tick()
        bytes_left = stored(database)
        assert any(trace in bytes_left for trace in known if not trace.startswith(SIDS))
    house.tick(DAY + MINUTE)
    house.tick()
    bytes_left = stored(database)
    assert [trace for trace in known if trace in bytes_left] == []
