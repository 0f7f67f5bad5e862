"""What Kannel brings, from outside: texts and reports; who is believed, what is stored, what is said."""

from __future__ import annotations

import itertools
import threading
from base64 import b64encode
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text
from werkzeug.test import TestResponse

from db import Database
from db.tables import AnswerRow, MessageRow, OptOutRow, PersonRow
from hotline.carriers.gateway import Kannel
from hotline.carriers.signature import SignedRequests
from hotline.config import Config
from hotline.guide.model import Guide
from hotline.people import store
from hotline.people.effects import Effects
from hotline.people.model import Person
from hotline.people.privacy import Vault, new_data_key
from hotline.people.store import Contact
from hotline.reminders import ledger
from hotline.reminders.receipts import signed_attempt
from hotline.reminders.webhook import ReceiptsDesk
from hotline.sms.answering import Answering
from hotline.sms.kannel import KannelDesk
from hotline.sms.understanding.keywords import Vocabulary
from tests.watching import count

PHONE, HOTLINE = "+996555123456", "4040"
NEW, OLD = "n" * 32, "o" * 32
NOW = datetime(2026, 11, 22, 7, 0, tzinfo=UTC)
SETTINGS = Kannel(
    "http://127.0.0.1:13013/cgi-bin/sendsms",
    "kadam",
    "password",
    HOTLINE,
    ("+996", "+7705"),
    (NEW, OLD),
    "http://127.0.0.1:8000",
    frozenset({"127.0.0.1", "::1"}),
)


@dataclass
class Gateway:
    """Kannel's side of the desk."""

    client: FlaskClient
    database: Database
    vault: Vault
    woken: list[bool] = field(default_factory=list)
    ids: Any = field(default_factory=lambda: itertools.count(1))

    def text(
        self,
        words: str | bytes,
        sender: str = PHONE,
        id: str | None = None,
        secret: str = NEW,
        address: str = "127.0.0.1",
        **headers: str,
    ) -> TestResponse:
        """A text comes in, as Kannel 1.4.5 posts it."""
        plain = isinstance(words, str) and words.isascii()
        body = words if isinstance(words, bytes) else words.encode("utf-8" if plain else "utf-16-be")
        return self.client.post(
            f"/kannel/sms?id={id or new_id(next(self.ids))}",
            data=body,
            headers={
                "Authorization": basic(secret),
                "Content-Type": f'text/plain; charset="{"UTF-8" if plain else "UTF-16BE"}"',
                "X-Kannel-From": sender,
                "X-Kannel-To": HOTLINE,
                **{name.replace("_", "-"): value for name, value in headers.items()},
            },
            environ_base={"REMOTE_ADDR": address},
        )

    def report(
        self, attempt: str, status: object, secret: str = NEW, address: str = "127.0.0.1"
    ) -> TestResponse:
        """A delivery report comes in."""
        return self.client.get(
            f"/kannel/receipt?attempt={attempt}&status={status}&smsc_id=5b6e9a4b",
            headers={"Authorization": basic(secret)},
            environ_base={"REMOTE_ADDR": address},
        )

    def sent(self) -> str:
        """The attempt id of a message that the gateway has taken."""
        with self.database.writing() as session:
            id = store.save_person(
                session, self.vault, Contact(PHONE, None, Person()), store.new_id(), {}, NOW
            )
            message = ledger.enqueue(session, self.vault, id, "sms", "Step 7", NOW, NOW + timedelta(hours=1))
            row = session.get_one(MessageRow, message)
            row.state, row.rank, row.attempts = "sent", 1, 1
        return signed_attempt(self.vault, message)

    def messages(self) -> list[MessageRow]:
        with self.database.reading() as session:
            return list(session.scalars(select(MessageRow)))

    def pages(self) -> list[str]:
        """The texts that wait, in the order in which they will go."""
        rows = {row.follows: row for row in self.messages()}
        pages, before = [], None
        while before in rows:
            row = rows.pop(before)
            pages.append(self.vault.open(row.body_sealed, ledger.BODY_COLUMN, row.id))
            before = row.id
        assert not rows
        return pages


def basic(secret: str, name: str = "kannel") -> str:
    return f"Basic {b64encode(f'{name}:{secret}'.encode()).decode()}"


def new_id(number: int) -> str:
    return f"7c17f3ab-367e-49cd-a2e8-{number:012x}"


@pytest.fixture
def gateway(sqlite: Database, guide: Guide, vocabulary: Vocabulary) -> Gateway:
    """The desk, where the kind of database does not matter."""
    return opened(sqlite, guide, vocabulary)


@pytest.fixture
def on_each(database: Database, guide: Guide, vocabulary: Vocabulary) -> Gateway:
    """The desk, on each kind of database."""
    return opened(database, guide, vocabulary)


def opened(database: Database, guide: Guide, vocabulary: Vocabulary) -> Gateway:
    """The desk on a database."""
    vault = Vault([new_data_key()])
    app = Flask("kadam-kannel")
    app.config["MAX_CONTENT_LENGTH"] = 64 * 1024
    made = Gateway(app.test_client(), database, vault)
    config = Config.from_env({})
    answering = Answering(
        guide,
        vocabulary,
        database,
        Effects(vault, guide, config.window),
        lambda: NOW,
        lambda: made.woken.append(True),
    )
    receipts = ReceiptsDesk(
        database, vault, config.window, SignedRequests(["never asked"], "http://here"), lambda: NOW
    )
    desk = KannelDesk(SETTINGS, answering, vault, receipts.record)
    app.register_blueprint(desk.blueprint())
    return made


@pytest.mark.parametrize(
    ("taken", "entered"),
    [
        ("2026-11-21 11:00:00", 21),  # 20 hours ago
        ("2026-11-20 11:00:00", 22),  # longer ago than Kannel keeps a text
        ("2026-11-23 11:00:00", 22),  # to come
        ("1970-01-01 00:00:00", 22),
        ("21.11.2026 11:00", 22),
        ("", 22),
    ],
)
def test_text_brought_again_is_read_as_of_when_it_was_taken(
    on_each: Gateway, taken: str, entered: int
) -> None:
    """ "Today" is the day on which Kannel took it; where that cannot be so, the day on which it comes."""
    assert on_each.text("ENTRY today", X_Kannel_Time=taken).status_code == 200
    with on_each.database.reading() as session:
        assert store.find(session, on_each.vault, PHONE).person.dates == {"entry": date(2026, 11, entered)}


@pytest.mark.parametrize(("taken", "answered"), [("06:58:30", True), ("06:50:00", False)])
def test_text_is_late_only_after_minutes(gateway: Gateway, taken: str, answered: bool) -> None:
    """Two that cross on the way are both answered; a late one of who has been answered since is not."""
    gateway.text("STEP7")
    before = len(gateway.messages())
    gateway.text("STEP5", X_Kannel_Time=f"2026-11-22 {taken}")
    assert (len(gateway.messages()) > before) is answered


def test_text_is_answered_by_the_ledger_and_not_in_the_answer(gateway: Gateway) -> None:
    """One page, one message that was asked for; the body is empty and the clock is woken."""
    answer = gateway.text("STEP7")
    assert (answer.status_code, answer.data) == (200, b"")
    page, _ = gateway.pages()  # the second says who this is
    assert "Каттоого" in page
    row, _ = gateway.messages()
    assert (row.state, row.kind, row.channel) == ("pending", "asked", "sms")
    assert gateway.woken == [True]


def test_pages_are_texts_of_their_own_one_after_another(on_each: Gateway, guide: Guide) -> None:
    """Each waits for the one before it."""
    on_each.text("КАДАМ 7 10")
    first, second = on_each.pages()
    steps = guide.steps
    assert steps["07"].texts["ky"].pages[0].text in first
    assert steps["10"].texts["ky"].pages[0].text in second


def test_replayed_text_has_one_effect_and_the_same_answer(on_each: Gateway) -> None:
    """Kannel asks again until it hears 200, also while another thread answers."""
    answers: list[TestResponse] = []
    threads = [
        threading.Thread(
            target=lambda: answers.append(
                Gateway(on_each.client.application.test_client(), on_each.database, on_each.vault).text(
                    "STEP7", id=new_id(9)
                )
            )
        )
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    answers.append(on_each.text("STEP7", id=new_id(9)))
    assert {(answer.status_code, answer.data) for answer in answers} == {(200, b"")}
    assert (count(on_each.database, MessageRow), count(on_each.database, AnswerRow)) == (2, 1)


def test_the_same_id_at_twilio_is_another_text(gateway: Gateway) -> None:
    """The key of an answer names the gateway."""
    gateway.text("STEP7", id=new_id(9))
    with gateway.database.reading() as session:
        assert session.scalars(select(AnswerRow.key)).all() == [f"kannel:{new_id(9)}"]


def test_stop_is_answered_where_no_carrier_does(gateway: Gateway) -> None:
    """Twilio confirms its own keyword; an operator does not."""
    gateway.text("STOP")
    assert count(gateway.database, OptOutRow) == 1
    assert len(gateway.pages()) == 1


def test_start_in_any_words_is_enough_where_no_carrier_blocks(gateway: Gateway) -> None:
    """Another carrier was told STOP before; texts come by this one."""
    with gateway.database.writing() as session:
        store.opt_out(session, gateway.vault, PHONE, at_carrier=True, now_utc=NOW)
    gateway.text("СТАРТ")
    with gateway.database.reading() as session:
        assert not store.is_opted_out(session, gateway.vault, PHONE)


def test_whoever_is_erased_is_told_so_in_the_answer_again_and_again(on_each: Gateway) -> None:
    """No row is left to send it from; the same bytes come each time."""
    on_each.text("KY")
    on_each.text("ӨЧҮР")
    answers = [on_each.text("ООБА", id=new_id(99)) for _ in range(3)]
    assert answers[0].data.decode()
    assert len({answer.data for answer in answers}) == 1
    assert answers[0].headers["X-Kannel-Coding"] == "2"
    assert answers[0].content_type == "text/plain; charset=utf-8"
    assert count(on_each.database, PersonRow) == count(on_each.database, MessageRow) == 0


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        ("КАДАМ 7".encode("utf-16-be"), 'text/plain; charset="UTF-16BE"'),
        ("КАДАМ 7".encode(), 'text/plain; charset="UTF-8"'),
        ("КАДАМ 7".encode(), "text/plain"),
        ("КАДАМ 7".encode(), 'text/plain; charset="nonsense"'),
        (b"STEP 7", 'text/plain; charset="WINDOWS-1252"'),
        (b"STEP 7", 'text/plain; charset="ISO-8859-1"'),
        (b"STEP 7", 'text/plain; charset="punycode"'),
        (b"STEP 7", 'text/plain; charset="GSM"'),
    ],
)
def test_text_is_read_in_the_charset_that_it_came_in(
    gateway: Gateway, guide: Guide, body: bytes, content_type: str
) -> None:
    """UCS-2 as Kannel has it, UTF-8 where it has recoded it; a name that we do not know counts as UTF-8."""
    gateway.text(body, Content_Type=content_type)
    page, _ = gateway.pages()  # the second says who this is
    assert guide.steps["07"].texts["ky"].pages[0].text in page


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"", 'text/plain; charset="UTF-8"'),
        (b"\x04", 'text/plain; charset="UTF-16BE"'),
        (b"\xd8\x00\xd8\x00", 'text/plain; charset="UTF-16BE"'),
        (b"\xff\xfe\x00", 'text/plain; charset="UTF-8"'),
        (b"\x00" * 140, "text/plain"),
        (b"x" * 64_000, "text/plain"),
    ],
)
def test_text_that_cannot_be_read_is_answered_all_the_same(
    gateway: Gateway, body: bytes, content_type: str
) -> None:
    """Kannel would ask again for whatever is not 200."""
    assert gateway.text(body, Content_Type=content_type).status_code == 200
    assert len(gateway.messages()) >= 1


def test_octets_are_nobodys_words(gateway: Gateway) -> None:
    """An 8-bit message is a setting, a picture, a ring tone: it gets no answer and leaves no row."""
    assert gateway.text(b"\x06\x05\x04", Content_Type="application/octet-stream").status_code == 200
    assert count(gateway.database, AnswerRow) == count(gateway.database, PersonRow) == 0


def test_a_body_beyond_64_kib_is_refused_unread(gateway: Gateway) -> None:
    """No text is so long."""
    assert gateway.text(b"x" * (64 * 1024 + 1)).status_code == 413
    assert count(gateway.database, AnswerRow) == 0


@pytest.mark.parametrize("sender", [PHONE, "996555123456", "00996555123456", " +996555123456 "])
def test_numbers_are_known_in_each_way_operators_write_them(gateway: Gateway, sender: str) -> None:
    """One person, however the number is given."""
    gateway.text("KY", sender=sender)
    with gateway.database.reading() as session:
        assert store.find(session, gateway.vault, PHONE).person.language == "ky"


@pytest.mark.parametrize(
    "sender", ["", "4040", "0555123456", "MegaCom", "555123456", "+1", "99655512345678901"]
)
def test_who_is_no_number_gets_no_answer(gateway: Gateway, sender: str) -> None:
    """A short code, a name, a number without its country: nobody could be remembered under it."""
    answer = gateway.text("STEP7", sender=sender)
    assert (answer.status_code, answer.data) == (200, b"")
    assert count(gateway.database, AnswerRow) == count(gateway.database, PersonRow) == 0


def test_missing_headers_store_nothing(gateway: Gateway) -> None:
    """Without the sender nobody; without an id, or with one that is not Kannel's, 400."""
    headers = {"Authorization": basic(NEW)}
    assert gateway.client.post(f"/kannel/sms?id={new_id(1)}", headers=headers).status_code == 200
    for query in ("", "?id=", "?id=%I", "?id=7c17f3ab", f"?id={new_id(1)}x"):
        answer = gateway.client.post(f"/kannel/sms{query}", headers={**headers, "X-Kannel-From": PHONE})
        assert answer.status_code == 400
    assert count(gateway.database, AnswerRow) == 0


@pytest.mark.parametrize(
    "shown",
    [
        {},
        {"Authorization": ""},
        {"Authorization": "Basic"},
        {"Authorization": "Basic !!!!"},
        {"Authorization": f"Bearer {NEW}"},
        {"Authorization": basic("")},
        {"Authorization": basic(NEW[:-1])},
        {"Authorization": basic(f"{NEW}n")},
        {"Authorization": basic("ключ")},
        {"Authorization": basic(NEW, name="kadam")},
    ],
)
def test_who_does_not_show_the_secret_changes_nothing(gateway: Gateway, shown: dict[str, str]) -> None:
    """Neither a text nor a report of theirs is taken."""
    attempt = gateway.sent()
    headers = {"X-Kannel-From": PHONE, "Content-Type": "text/plain", **shown}
    text_in = gateway.client.post(f"/kannel/sms?id={new_id(1)}", data=b"STOP", headers=headers)
    report = gateway.client.get(f"/kannel/receipt?attempt={attempt}&status=1", headers=shown)
    assert (text_in.status_code, report.status_code) == (403, 403)
    assert count(gateway.database, AnswerRow) == count(gateway.database, OptOutRow) == 0
    assert [row.state for row in gateway.messages()] == ["sent"]


def test_who_calls_from_elsewhere_changes_nothing_even_with_the_secret(gateway: Gateway) -> None:
    """Only the addresses of the settings."""
    attempt = gateway.sent()
    assert gateway.text("STOP", address="203.0.113.9").status_code == 403
    assert gateway.report(attempt, 1, address="203.0.113.9").status_code == 403
    assert count(gateway.database, OptOutRow) == 0
    assert [row.state for row in gateway.messages()] == ["sent"]


def test_both_secrets_of_a_rotation_are_accepted(gateway: Gateway) -> None:
    """Reports of texts that were sent with the old one still come."""
    attempt = gateway.sent()
    assert [gateway.report(attempt, 8, secret).status_code for secret in (NEW, OLD)] == [200, 200]
    assert gateway.text("7", secret=OLD).status_code == 200


@pytest.mark.parametrize("forged", ["", "x", "{id}", "{id}.", "{id}.AAAAAAAAAAAAAAAAAAAAAA", "0{attempt}"])
def test_a_forged_attempt_changes_nothing(gateway: Gateway, forged: str) -> None:
    """The secret alone does not say what became of a text."""
    attempt = gateway.sent()
    made_up = forged.format(id=attempt.partition(".")[0], attempt=attempt)
    assert gateway.report(made_up, 1).status_code == 403
    assert [row.state for row in gateway.messages()] == ["sent"]


@pytest.mark.parametrize("status", ["0", "3", "32", "-1", "%d", "", "1 ", "٢"])
def test_a_report_that_we_do_not_know_is_taken_and_changes_nothing(gateway: Gateway, status: str) -> None:
    """Kannel would ask again for whatever is not 200."""
    attempt = gateway.sent()
    assert gateway.report(attempt, status).status_code == 200
    assert [row.state for row in gateway.messages()] == ["sent"]


@pytest.mark.parametrize(("status", "state"), [(1, "delivered"), (2, "undelivered"), (16, "undelivered")])
def test_reports_in_any_order_and_number_end_in_the_same_state(
    on_each: Gateway, status: int, state: str
) -> None:
    """4 buffered and 8 taken never undo an end; each report is answered with 200, as Kannel wants."""
    for order in set(itertools.permutations((4, 8, status, status))):
        attempt = on_each.sent()
        assert {on_each.report(attempt, each).status_code for each in order} == {200}
        id = attempt.partition(".")[0]
        (row,) = [row for row in on_each.messages() if row.id == id]
        assert (row.state, row.rank, row.sid) == (state, 9, None)


def test_an_end_is_not_changed_by_another_end(gateway: Gateway) -> None:
    """The parts of one text have reports of their own."""
    attempt = gateway.sent()
    for status in (1, 2, 16, 8):
        gateway.report(attempt, status)
    assert [row.state for row in gateway.messages()] == ["delivered"]


def test_reports_of_many_texts_with_the_same_id_of_the_operator_are_all_kept(on_each: Gateway) -> None:
    """A modem counts to 255 and begins again."""
    for _ in range(2):
        assert on_each.report(on_each.sent(), 1).status_code == 200
    assert [row.state for row in on_each.messages()] == ["delivered"] * 2


def test_what_cannot_be_stored_is_asked_for_again(gateway: Gateway) -> None:
    """503 for a text and for a report: Kannel keeps both and comes again."""
    engine, attempt = gateway.database.engine, gateway.sent()
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE answers RENAME TO away"))
        connection.execute(text("ALTER TABLE messages RENAME TO also_away"))
    assert gateway.text("STEP7").status_code == 503
    assert gateway.report(attempt, 1).status_code == 503
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE away RENAME TO answers"))
        connection.execute(text("ALTER TABLE also_away RENAME TO messages"))
    assert gateway.report(attempt, 1).status_code == 200
    assert [row.state for row in gateway.messages()] == ["delivered"]
