"""An outage of the database loses no text: what got 503 is found at the carrier and answered late, once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from itertools import product

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from db import Database
from db.tables import AnchorRow, AnswerRow, MessageRow, OptOutRow, PersonRow
from hotline.carriers.base import CarrierUnavailableError, ReceivedText
from hotline.guide.language import Script
from hotline.guide.model import Guide
from hotline.people import store
from hotline.people.model import Person
from hotline.sms.backfill import Backfill
from hotline.sms.lost import lost_reply
from hotline.sms.segments import measure
from hotline.sms.understanding.command import Command, CommandName
from hotline.sms.webhook import SmsDesk
from tests.sms.conftest import MORNING, TextHotline
from tests.telephone import HOTLINE

MINUTE = timedelta(minutes=1)
SECOND = "+74950000001"  # another number of ours that can be written to


class Outage:
    """A carrier that keeps what it received, and a database that is away while `down`."""

    def __init__(self, hotline: TextHotline, monkeypatch: pytest.MonkeyPatch) -> None:
        self.hotline = hotline
        self.down = False
        self.carrier_down = False
        self.received: list[ReceivedText] = []
        self.looks: list[datetime] = []
        desk = hotline.app.view_functions["sms.receive"].__self__  # type: ignore[attr-defined]
        assert isinstance(desk, SmsDesk)
        self.backfill = Backfill(hotline.database, self, (HOTLINE, SECOND), desk.answer_late)
        true_writing = hotline.database.writing

        @contextmanager
        def writing() -> Iterator[Session]:
            if self.down:
                raise OperationalError("", None, Exception("server closed the connection"))
            with true_writing() as session:
                yield session

        monkeypatch.setattr(hotline.database, "writing", writing)

    def received_texts(self, number: str, since_utc: datetime) -> list[ReceivedText]:
        if number == HOTLINE:
            self.looks.append(since_utc)
        if self.carrier_down:
            raise CarrierUnavailableError("down")
        return [text for text in self.received if text.to == number and text.at_utc >= since_utc]

    def text(self, number: str, body: str, to: str = HOTLINE) -> int:
        """A text that reaches the carrier, and then the webhook; its status."""
        sid = f"SM{len(self.received):032x}"
        self.received.append(ReceivedText(sid, self.hotline.now_utc, number, to, body))
        return self.hotline.phone(number).text(body, sid=sid, To=to).status_code

    def look(self, after: timedelta = 3 * MINUTE) -> int:
        self.hotline.now_utc += after
        return self.backfill.tick(self.hotline.now_utc)

    def count(self, table: type) -> int:
        with self.hotline.database.reading() as session:
            return session.scalar(select(func.count()).select_from(table)) or 0

    def id_of(self, number: str) -> str:
        with self.hotline.database.reading() as session:
            id = store.find(session, self.hotline.vault, number).id
        assert id is not None
        return id

    def pages(self, number: str) -> list[str]:
        """What waits to be sent to a number."""
        mine = select(MessageRow).where(MessageRow.person_id == self.id_of(number))
        with self.hotline.database.reading() as session:
            in_turn = (MessageRow.created_at_utc, MessageRow.follows.is_not(None))
            rows = session.scalars(mine.order_by(*in_turn)).all()
        return [self.hotline.vault.open(row.body_sealed, "messages.body", row.id) for row in rows]


@pytest.fixture
def outage(hotline: TextHotline, monkeypatch: pytest.MonkeyPatch) -> Outage:
    return Outage(hotline, monkeypatch)


@pytest.fixture
def outage_on_sqlite(hotline_on_sqlite: TextHotline, monkeypatch: pytest.MonkeyPatch) -> Outage:
    return Outage(hotline_on_sqlite, monkeypatch)


def test_outage_during_two_hundred_texts_loses_none(outage: Outage) -> None:
    """All are stored in the end, each once; who got 503 is answered by a text of its own."""
    is_sqlite = outage.hotline.database.engine.dialect.name == "sqlite"
    before, during = (70, 60) if is_sqlite else (15, 10)  # twice `before`: 200 texts, or 40
    statuses = []
    for n in range(2 * before + during):
        outage.down = before <= n < before + during
        outage.hotline.now_utc += timedelta(seconds=1)
        statuses.append(outage.text(f"+9965550{n:05}", "ENTRY 10.11.2026"))
    outage.down = False
    assert statuses == [200] * before + [503] * during + [200] * before
    assert outage.count(AnswerRow) == 2 * before
    assert outage.look() == during
    assert outage.count(AnswerRow) == outage.count(AnchorRow) == len(statuses)
    late = outage.count(MessageRow)
    assert late >= during
    assert outage.look(11 * MINUTE) == 0
    assert outage.count(MessageRow) == late


def test_late_text_is_read_as_of_when_it_was_written(outage: Outage) -> None:
    """ "I entered today", written before midnight and found after it."""
    outage.down = True
    outage.hotline.now_utc = MORNING
    assert outage.text("+996555000001", "ENTRY today") == 503
    outage.down = False
    assert outage.look(timedelta(hours=20)) == 1
    assert "22" in outage.pages("+996555000001")[0]


def test_webhook_that_comes_after_all_sends_no_second_answer(outage: Outage) -> None:
    """The carrier tries once more when the text has been answered late: it gets silence."""
    outage.down = True
    assert outage.text("+996555000001", "STEP7") == 503
    outage.down = False
    assert outage.look() == 1
    pages = outage.pages("+996555000001")
    late = outage.hotline.phone("+996555000001").text("STEP7", sid=outage.received[0].sid)
    assert late.data == b'<?xml version="1.0" encoding="UTF-8"?><Response />'
    assert outage.pages("+996555000001") == pages != []


def test_old_stop_does_not_undo_a_later_start(outage: Outage) -> None:
    """Who has written since has said what counts."""
    outage.down = True
    assert outage.text("+996555000001", "ТОКТОТ") == 503
    outage.down = False
    outage.hotline.now_utc += MINUTE
    assert outage.text("+996555000001", "START") == 200
    assert outage.look() == 1
    assert outage.count(OptOutRow) == 0
    assert outage.pages("+996555000001") == []


def left_late(outage: Outage, late: str, *since: str, before: Sequence[str] = ()) -> list[str]:
    """What waits to be sent once `late` has got 503, `since` was answered, and the late text is found."""
    number = "+996555000001"
    for body in ("ENGLISH", *before):
        assert outage.text(number, body) == 200
    outage.hotline.now_utc += MINUTE
    outage.down = True
    assert outage.text(number, late) == 503
    outage.down = False
    outage.hotline.now_utc += MINUTE
    assert [outage.text(number, body) for body in since] == [200] * len(since)
    stored = outage.count(AnchorRow)
    assert outage.look() == 1
    assert outage.look(10 * MINUTE) == 0
    assert outage.count(AnchorRow) == stored
    return outage.pages(number)


DATED = ("ENTRY 20.11.2026",)


@pytest.mark.parametrize(
    ("late", "before"),
    [
        ("ENTRY 20.11.2026", ()),
        ("ENTRY 20.09.2026", ()),  # it would have been asked about
        ("ENTRY 11 20.11.2026", DATED),
        ("UNTIL 7 20.05.2027", DATED),
        ("DEPART 20.01.2027", ()),
        ("REGISTERED", DATED),
        ("DONE 7", DATED),
        ("START 7", (*DATED, "DONE 7")),
        ("START", ("TOKTOT",)),
        ("DELETE", DATED),
        ("LATIN", ("КЫРГЫЗЧА", "CYRILLIC")),
        ("РУССКИЙ", ()),
    ],
)
def test_late_text_that_is_not_done_any_more_is_said_to_be_lost(
    outage_on_sqlite: Outage, late: str, before: tuple[str, ...]
) -> None:
    """Who has gone on meanwhile is told what was not stored; and nothing is."""
    pages = left_late(outage_on_sqlite, late, "STEP 7", before=before)
    assert len(pages) == 1
    assert late in pages[0]


@pytest.mark.parametrize(
    ("late", "since"),
    [
        ("STEP 5", "STEP 7"),  # it only reads
        ("STATUS", "STEP 7"),
        ("CALL", "STEP 7"),
        ("ENTRY 20.11.2026", "ENTRY 20.11.2026"),
        ("ENTRY 20.11.2026", "ENTRY 19.11.2026"),  # corrected
        ("ENTRY 20.11.2026", "TOKTOT"),
        ("START", "STEP 7"),  # nothing is off
        ("ENGLISH", "STEP 7"),
    ],
)
def test_late_text_that_nobody_misses_is_left_in_silence(
    outage_on_sqlite: Outage, late: str, since: str
) -> None:
    """It would store nothing, or was said again."""
    assert left_late(outage_on_sqlite, late, since) == []


@pytest.mark.parametrize("since", ["STEP 7", "?", "РУССКИЙ"])
@pytest.mark.parametrize("late", ["SOS", "НАПАЛИ", "112"])
def test_late_cry_for_help_is_answered_whatever_was_written_since(
    outage_on_sqlite: Outage, late: str, since: str
) -> None:
    """Who has written anything more is not out of danger."""
    (page, *_) = left_late(outage_on_sqlite, late, since)
    assert "112" in page


def test_late_cry_for_help_is_answered_once(outage_on_sqlite: Outage) -> None:
    """Who has cried again has the answer."""
    assert left_late(outage_on_sqlite, "SOS", "НАПАЛИ") == []


@pytest.mark.parametrize(
    ("late", "since"),
    [
        ("ENTRY 20.11.2026", "ENTRY"),
        ("ENTRY 20.11.2026", "ENTRY 31.02.2026"),
        ("ENTRY 20.11.2026", "ENTRY 25.12.2026"),
        ("DEPART 20.01.2027", "DEPART"),
    ],
)
def test_date_is_not_said_again_by_its_word_alone(outage_on_sqlite: Outage, late: str, since: str) -> None:
    """A later text in which no date could be read stores none."""
    (page,) = left_late(outage_on_sqlite, late, since)
    assert late in page


def test_late_number_is_not_said_again_by_a_step(outage_on_sqlite: Outage) -> None:
    """1 would have answered the question, STEP 1 has not."""
    (page,) = left_late(outage_on_sqlite, "1", "STEP 1", before=(*DATED, "ENTRY 19.11.2026"))
    assert "1" in page


def test_nothing_is_said_of_a_lost_text_over_the_limits(
    open_limited: Callable[[Database], TextHotline], sqlite: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would be one answer more."""
    since = [f"STEP {n % 12 + 1}" for n in range(29)]  # with the first text that is an hour's worth
    assert left_late(Outage(open_limited(sqlite), monkeypatch), "ENTRY 20.11.2026", *since) == []


def test_lost_text_is_quoted_on_one_page(guide: Guide) -> None:
    """Whatever was written, in every language and script."""
    bodies = ("ENTRY 20.11.2026", "МӨӨНӨТҮ БҮТӨТ 11 20.05.2027 " * 9, "\U0001f600" * 40 + " ВЪЕЗД\n20.11")
    for script, language, body in product((None, *Script), guide.languages, bodies):
        reply = lost_reply(guide, Person(language, script=script), Command(CommandName.ENTRY), body)
        assert [measure(page).fits_page for page in reply.pages] == [True]


@pytest.mark.parametrize("since", ["STEP 7", "ENTRY 10.11.2026", "START 7"])
def test_old_stop_holds_whatever_else_was_written_since(outage: Outage, since: str) -> None:
    """Who read on, left a date, or wants the reminders of a step, has not asked to be written to again."""
    number = "+996555000001"
    outage.down = True
    assert outage.text(number, "СТОП") == 503
    outage.down = False
    outage.hotline.now_utc += MINUTE
    assert outage.text(number, since) == 200
    assert outage.look() == 1
    assert outage.count(OptOutRow) == 1
    assert outage.look(10 * MINUTE) == 0


def test_late_text_of_who_was_erased_since_brings_nothing_back(outage: Outage) -> None:
    """DELETE came later: the date written before it is not stored after it."""
    outage.text("+996555000001", "ENTRY 10.11.2026")
    outage.down = True
    outage.hotline.now_utc += MINUTE
    assert outage.text("+996555000001", "ENTRY 11.11.2026") == 503
    outage.down = False
    outage.hotline.now_utc += MINUTE
    assert [outage.text("+996555000001", body) for body in ("DELETE", "OK")] == [200, 200]
    assert outage.look() == 1
    assert outage.count(PersonRow) == outage.count(MessageRow) == 0
    assert outage.look(11 * MINUTE) == 0


def test_late_text_of_a_new_number_is_answered_whoever_else_was_erased_since(outage: Outage) -> None:
    """What belongs to nobody any more is not the answer to somebody of whom nothing is stored."""
    outage.text("+996555000002", "ENTRY 10.11.2026")
    outage.down = True
    outage.hotline.now_utc += MINUTE
    assert outage.text("+996555000001", "ENTRY 11.11.2026") == 503
    outage.down = False
    outage.hotline.now_utc += MINUTE
    assert [outage.text("+996555000002", body) for body in ("DELETE", "OK")] == [200, 200]
    assert outage.look() == 1
    assert outage.pages("+996555000001")


def test_late_pages_go_one_after_another(outage: Outage) -> None:
    """The second waits for the first, as at every carrier that is handed one text after another."""
    outage.down = True
    outage.text("+996555000001", "STEP7")
    outage.down = False
    outage.look()
    with outage.hotline.database.reading() as session:
        rows = session.scalars(select(MessageRow)).all()
    assert len(rows) == 2
    assert {row.follows for row in rows} == {None, next(row.id for row in rows if row.follows is None)}


def test_late_texts_over_the_limits_stay_unanswered(
    open_limited: Callable[[Database], TextHotline], sqlite: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Thirty replies in an hour, whenever they are found; then one text, then nothing."""
    outage = Outage(open_limited(sqlite), monkeypatch)
    outage.down = True
    for n in range(36):
        outage.text("+996555000001", f"STEP{n % 12 + 1}")
    outage.down = False
    assert outage.look() == 36
    assert outage.count(AnswerRow) == 31
    outage.look(11 * MINUTE)
    assert outage.count(AnswerRow) == 31


@pytest.mark.parametrize("sender", ["4040", "KADAM", "", HOTLINE])
def test_late_text_of_a_machine_is_left_alone(outage: Outage, sender: str) -> None:
    """Short codes, names, withheld numbers and our own: as if they had come in time."""
    outage.received.append(ReceivedText(f"SM{0:032x}", outage.hotline.now_utc, sender, HOTLINE, "STEP7"))
    outage.look()
    assert outage.count(AnswerRow) == outage.count(MessageRow) == outage.count(PersonRow) == 0


def test_texts_of_one_person_are_answered_in_their_order(outage: Outage) -> None:
    """Two in the same outage: both are answered, the earlier first."""
    outage.down = True
    outage.text("+996555000001", "ENGLISH")
    outage.hotline.now_utc += timedelta(seconds=5)
    outage.text("+996555000001", "STEP7")
    outage.down = False
    assert outage.look() == 2
    assert any("Get registered early" in page for page in outage.pages("+996555000001"))


def test_text_whose_webhook_may_still_come_is_left_alone(outage: Outage) -> None:
    """For two minutes the carrier itself tries again."""
    outage.down = True
    outage.text("+996555000001", "STEP7")
    outage.down = False
    assert outage.look(MINUTE) == 0
    assert outage.look(11 * MINUTE) == 1


def test_time_without_a_look_is_made_up_for(outage: Outage) -> None:
    """While the carrier or the database is away no time is skipped, however long it takes."""
    assert outage.look() == 0
    outage.down = True
    outage.text("+996555000001", "STEP7")
    with pytest.raises(OperationalError):
        outage.look(5 * 60 * MINUTE)
    outage.down, outage.carrier_down = False, True
    assert outage.look(11 * MINUTE) == 0
    outage.carrier_down = False
    assert outage.look(11 * MINUTE) == 1
    assert len(outage.looks) == 4
    assert outage.look(5 * MINUTE) == 0
    assert len(outage.looks) == 4


def test_text_that_cannot_be_answered_keeps_no_other_waiting(outage: Outage) -> None:
    """Something stored of its sender does not open. It is tried at each look, until it is a day old."""
    damaged, others = "+996555000001", [f"+9965550001{n:02}" for n in range(3)]
    outage.text(damaged, "ENTRY 10.11.2026")
    with outage.hotline.database.writing() as session:
        row = session.scalars(select(AnchorRow)).one()
        id, sealed = row.id, row.date_sealed
        row.date_sealed = bytes(40)
    outage.down = True
    outage.hotline.now_utc += MINUTE
    assert [outage.text(number, "STATUS") for number in (damaged, *others)] == [503] * 4
    outage.down = False
    assert [outage.look(11 * MINUTE) for _ in range(3)] == [3, 0, 0]
    assert all(outage.pages(number) for number in others)
    with outage.hotline.database.writing() as session:
        session.execute(update(AnchorRow).where(AnchorRow.id == id).values(date_sealed=sealed))
    assert [outage.look(11 * MINUTE) for _ in range(2)] == [1, 0]
    assert len(outage.pages(damaged)) == len(outage.pages(others[0]))


def test_text_that_nobody_can_answer_is_left_after_a_day(outage: Outage) -> None:
    """No error in the log for ever."""
    outage.text("+996555000001", "ENTRY 10.11.2026")
    with outage.hotline.database.writing() as session:
        session.execute(update(AnchorRow).values(date_sealed=bytes(40)))
    assert outage.text("+996555000001", "STATUS") == 503
    assert outage.look() == 0
    assert len(outage.backfill._left_over) == 1
    assert [outage.look(timedelta(hours=12)) for _ in range(3)] == [0, 0, 0]
    assert not outage.backfill._left_over


def test_late_stop_holds_for_who_cannot_be_read(outage: Outage) -> None:
    """The number need not be opened for it. What came after it may have been START: then it waits."""
    for number, later in (("+996555000001", None), ("+996555000002", "START")):
        outage.text(number, "ENTRY 10.11.2026")
        outage.down = True
        outage.hotline.now_utc += MINUTE
        assert outage.text(number, "СТОП") == 503
        outage.down = False
        outage.hotline.now_utc += MINUTE
        if later:
            assert outage.text(number, later) == 200
    with outage.hotline.database.writing() as session:
        session.execute(update(AnchorRow).values(date_sealed=bytes(40)))
    assert outage.look() == 1
    with outage.hotline.database.reading() as session:
        vault = outage.hotline.vault
        assert store.is_opted_out(session, vault, "+996555000001")
        assert not store.is_opted_out(session, vault, "+996555000002")


def test_texts_to_every_number_of_ours_are_looked_for(outage: Outage) -> None:
    """An answer may have been written to the sender of that country."""
    outage.down = True
    assert outage.text("+79161234567", "ENTRY 10.11.2026", to=SECOND) == 503
    assert outage.text("+996555000001", "ENTRY 10.11.2026") == 503
    outage.down = False
    assert outage.look() == 2
    assert outage.count(AnchorRow) == 2
