"""POST /sms from outside: signatures, replays, what is stored, what a broken database answers."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, text, update

from db import Database
from db.tables import AnchorRow, AnswerRow, MessageRow, OptOutRow, PersonRow, ReminderRow
from tests.sms.answers import pages
from tests.sms.conftest import TextHotline
from tests.telephone import HOTLINE, TOKEN, Telephone
from tests.together import at_once
from tests.watching import count, statements


def test_unsigned_text_is_refused_and_stores_nothing(hotline: TextHotline) -> None:
    """No signature, a forged one, one of another URL: 403 and an empty database."""
    phone = hotline.phone()
    params = phone.text_params("ENTRY today")
    answers = [
        phone.client.post("/sms", data=params),
        phone.client.post("/sms", data=params, headers={"X-Twilio-Signature": "forged="}),
        phone.post("/sms", params, token="another token"),
        phone.client.post("/sms?a=1", data=params, headers={"X-Twilio-Signature": "forged="}),
        phone.client.post("/sms", json={"a": 1}, headers={"X-Twilio-Signature": "forged="}),
    ]
    assert [answer.status_code for answer in answers] == [403] * 5
    assert count(hotline.database, PersonRow) == count(hotline.database, AnswerRow) == 0


def test_both_tokens_of_a_rotation_are_accepted(hotline: TextHotline) -> None:
    """The new and the old token pass, a third does not."""
    phone = hotline.phone()
    for token, status in ((TOKEN, 200), ("the-old-token", 200), ("third", 403)):
        assert phone.post("/sms", phone.text_params("7"), token).status_code == status


def test_replayed_text_gets_the_same_bytes_and_has_one_effect(hotline: TextHotline) -> None:
    """The carrier may send a webhook again, even after the person has gone on."""
    phone = hotline.phone()
    first = phone.text("STEP7", sid="SM" + "a" * 32)
    phone.text("MORE")
    again = phone.text("STEP7", sid="SM" + "a" * 32)
    assert again.data == first.data
    assert "3/6" in pages(phone.text("MORE"))[0]
    assert count(hotline.database, PersonRow) == 1


def test_text_replayed_from_eight_threads_has_one_effect(hotline: TextHotline) -> None:
    """100 replays at once: one row, one reply."""
    answers: list[bytes] = []

    def replay() -> None:
        phone = hotline.phone()
        answers.extend(phone.text("ENTRY 10.11.2026", sid="SM" + "b" * 32).data for _ in range(13))

    at_once(*[replay] * 8)
    assert len(answers) == 104
    assert len(set(answers)) == 1
    assert count(hotline.database, AnswerRow) == count(hotline.database, AnchorRow) == 1


@pytest.mark.parametrize(
    "body",
    ["STEP7", "MORE", "ENTRY 10.11.2026", "STATUS", "DONE 7", "START 7", "STOP", "DELETE", "CALL", "?"],
)
def test_text_takes_at_most_six_statements(hotline: TextHotline, body: str) -> None:
    """Of a newcomer and of somebody known; the guide itself is in memory."""
    phone = hotline.phone()
    for _ in range(2):
        with statements(hotline.database) as seen:
            pages(phone.text(body))
        assert 1 <= len(seen) <= 6, seen


def test_correcting_a_date_takes_at_most_six_statements(hotline: TextHotline) -> None:
    """Question, 1, a new plan in place of the old one."""
    phone = hotline.phone()
    phone.text("ENTRY 10.11.2026")
    phone.text("ENTRY 11.11.2026")
    with statements(hotline.database) as seen:
        pages(phone.text("1"))
    assert len(seen) <= 6, seen


@pytest.mark.parametrize("body", ["DONE 7", "DONE 6", "REGISTERED 15.11.2026", "UNTIL 7 01.03.2027"])
def test_what_changes_the_plan_takes_at_most_six_statements(hotline: TextHotline, body: str) -> None:
    """Several dates and rules at once are one change."""
    phone = hotline.phone()
    phone.text("ENTRY 10.11.2026")
    with statements(hotline.database) as seen:
        pages(phone.text(body))
    assert len(seen) <= 6, seen


def test_mistake_put_right_on_a_reminder_day_takes_at_most_eight_statements(hotline: TextHotline) -> None:
    """The day's reminder is looked for, and taken up."""
    phone = hotline.phone()
    hotline.now_utc = datetime(2026, 6, 1, 8, tzinfo=UTC)
    for body in ("ENTRY 02.03.2026", "UNTIL 7 09.06.2026"):
        phone.text(body)
    hotline.now_utc = datetime(2026, 6, 8, 5, tzinfo=UTC)  # the last day, before the window
    for body in ("UNTIL 6 08.06.2026", "UNTIL 6 08.06.2027"):
        phone.text(body)
    with statements(hotline.database) as seen:
        pages(phone.text("OK"))
    today = ReminderRow.rule == "d11", ReminderRow.due_on == date(2026, 6, 8), ReminderRow.state == "pending"
    with hotline.database.reading() as session:
        assert session.scalars(select(ReminderRow).where(*today)).one()
    assert len(seen) <= 8, seen


def test_entry_date_is_stored_sealed_with_its_reminders(hotline: TextHotline) -> None:
    """A clear date is stored at once; neither number nor date nor text stands in clear in any column."""
    hotline.phone().text("ENTRY 10.11.2026")
    with hotline.database.engine.connect() as connection:
        for table in ("people", "anchors", "answers", "reminders"):
            stored = repr(connection.execute(text(f"SELECT * FROM {table}")).all())
            assert "996555123456" not in stored
            assert "10.11.2026" not in stored
            assert "2026-11-10" not in stored
    with hotline.database.reading() as session:
        rules = {row.rule for row in session.scalars(select(ReminderRow))}
    assert rules == {"d05", "d06", "d09", "d14"}  # entered twelve days ago: what is of the first days is past


def test_second_date_is_stored_only_after_its_number(hotline: TextHotline) -> None:
    """A change asks first: 1 corrects, 2 is another person; NO keeps the old one, OK says neither."""
    phone = hotline.phone()
    phone.text("ENGLISH")
    phone.text("ENTRY 10.11.2026")
    asked = pages(phone.text("ENTRY 11.11.2026"))
    assert "1 to correct" in asked[0]
    assert pages(phone.text("OK")) == asked
    phone.text("NO")
    assert "10 November" in " ".join(pages(phone.text("STATUS")))
    phone.text("ENTRY 11.11.2026")
    phone.text("1")
    assert "11 November" in " ".join(pages(phone.text("STATUS")))
    assert count(hotline.database, AnchorRow) == 1


def test_done_stops_one_rule_and_start_brings_it_back(hotline: TextHotline) -> None:
    """DONE 7 cancels what is pending of registration alone; START 7 revives it."""
    phone = hotline.phone()
    phone.text("ENTRY 10.11.2026")
    before = states(hotline)
    phone.text("DONE 7")
    after = states(hotline)
    assert after.pop("d11-ask") == {"pending"}  # the end of the registration is asked for from now on
    assert after == {"d05": {"cancelled"}, "d06": {"cancelled"}, "d09": {"pending"}, "d14": {"pending"}}
    assert done(hotline) == "d05"
    phone.text("START 7")
    assert states(hotline) == {**before, "d11-ask": {"cancelled"}}
    assert done(hotline) == ""


def test_start_on_a_reminders_day_brings_that_days_reminder_back(hotline: TextHotline) -> None:
    """DONE 7 by mistake and START 7 before ten on the last day: the text of the last day still goes out."""
    phone = hotline.phone()
    phone.text("ENTRY 10.11.2026")
    hotline.now_utc = datetime(2026, 12, 9, 5, tzinfo=UTC)
    for words in ("DONE 7", "START 7"):
        phone.text(words)
    assert today_of(hotline, "d05") == ["pending"]


def test_start_plans_nothing_that_its_date_had_not_planned(hotline: TextHotline) -> None:
    """Entered 14 days ago, said this morning: the answer has spoken of today, START 7 adds nothing."""
    hotline.now_utc = datetime(2026, 11, 24, 5, tzinfo=UTC)
    phone = hotline.phone()
    for words in ("ENTRY 10.11.2026", "DONE 7", "START 7"):
        phone.text(words)
    assert today_of(hotline, "d05") == []


def test_new_date_makes_everything_to_do_again(hotline: TextHotline) -> None:
    """Who enters Russia again has to register again, whatever was done the last time."""
    phone = hotline.phone()
    phone.text("ENGLISH")
    phone.text("ENTRY 10.11.2026")
    phone.text("DONE 7")
    phone.text("ENTRY 12.11.2026")
    answer = " ".join(pages(phone.text("1")))
    assert "registration" in answer
    assert "done" not in answer.lower()
    assert done(hotline) == ""
    with hotline.database.reading() as session:
        pending = [row.rule for row in session.scalars(select(ReminderRow)) if row.state == "pending"]
    assert set(pending) == {"d05", "d06", "d09", "d14"}


def test_done_without_a_date_says_that_there_is_nothing_to_remind_of(hotline: TextHotline) -> None:
    """Nothing is stored, so nothing is claimed to be switched off."""
    phone = hotline.phone()
    assert "ENTRY" in " ".join(pages(phone.text("DONE 7")))
    assert count(hotline.database, AnchorRow) == 0


def test_done_of_a_step_without_reminders_of_its_own_ends_nothing(hotline: TextHotline) -> None:
    """Before the journey there is nothing of step 7 to be done; what the border's text says of it stays."""
    phone = hotline.phone()
    phone.text("DEPART 20.12.2026")
    before = states(hotline)
    phone.text("DONE 7")
    assert states(hotline) == before
    assert before["pack-07"] == {"pending"}


def done(hotline: TextHotline) -> str:
    with hotline.database.reading() as session:
        return session.scalars(select(AnchorRow).where(AnchorRow.kind == "entry")).one().done


def states(hotline: TextHotline) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    with hotline.database.reading() as session:
        for row in session.scalars(select(ReminderRow)):
            found.setdefault(row.rule, set()).add(row.state)
    return found


def today_of(hotline: TextHotline, rule: str) -> list[str]:
    """The states of a rule's rows that are due today."""
    today = ReminderRow.due_on == hotline.now_utc.date()
    with hotline.database.reading() as session:
        return [row.state for row in session.scalars(select(ReminderRow).where(today)) if row.rule == rule]


def test_stop_and_start_change_the_opt_out_alone(hotline: TextHotline) -> None:
    """The carrier has answered its own STOP, so we do not; information on request still works."""
    phone = hotline.phone()
    assert pages(phone.text("STOP")) == []
    assert count(hotline.database, OptOutRow) == 1
    assert pages(phone.text("7"))
    assert count(hotline.database, OptOutRow) == 1
    assert pages(phone.text("START"))
    assert count(hotline.database, OptOutRow) == 0


def test_delete_erases_after_ok_and_keeps_the_opt_out(hotline: TextHotline) -> None:
    """Nothing of the person is left but the HMAC of a number that wants no messages."""
    phone = hotline.phone()
    phone.text("ENTRY 10.11.2026")
    phone.text("STOP")
    phone.text("DELETE")
    assert count(hotline.database, AnchorRow) == 1
    replayed = phone.text("OK", sid="SM" + "d" * 32)
    left = {
        table.__tablename__: count(hotline.database, table) for table in (PersonRow, AnchorRow, ReminderRow)
    }
    assert left == {"people": 0, "anchors": 0, "reminders": 0}
    assert count(hotline.database, OptOutRow) == 1
    assert phone.text("OK", sid="SM" + "d" * 32).data == replayed.data


def test_other_command_disarms_delete(hotline: TextHotline) -> None:
    """DELETE, then something else, then a stray OK: nothing is erased."""
    phone = hotline.phone()
    phone.text("ENTRY 10.11.2026")
    phone.text("DELETE")
    phone.text("MENU")
    phone.text("OK")
    assert count(hotline.database, AnchorRow) == 1


def test_entry_of_somebody_opted_out_says_that_no_reminder_comes(hotline: TextHotline) -> None:
    """The date is stored; nobody waits for a reminder that will not come."""
    phone = hotline.phone()
    phone.text("ENGLISH")
    phone.text("UNSUBSCRIBE")
    assert "Reminders are off" in " ".join(pages(phone.text("ENTRY 10.11.2026")))


def test_old_question_is_not_answered_by_a_late_ok(hotline: TextHotline) -> None:
    """An OK a day and a minute after DELETE erases nothing."""
    phone = hotline.phone()
    phone.text("ENTRY 10.11.2026")
    phone.text("DELETE")
    hotline.now_utc = hotline.now_utc.replace(day=23, minute=1)
    phone.text("OK")
    assert count(hotline.database, AnchorRow) == 1


def test_call_me_queues_a_call_and_wakes_the_clock(hotline: TextHotline) -> None:
    """The call goes out with the next tick, which comes at once."""
    hotline.phone().text("CALL")
    with hotline.database.reading() as session:
        assert [row.channel for row in session.scalars(select(MessageRow))] == ["call"]
    assert hotline.woken == [hotline.now_utc]


def test_eleventh_call_of_a_day_is_refused_in_words(hotline: TextHotline) -> None:
    """Ten are placed; then the text says so, nothing waits, and a day later it rings again."""
    phone = hotline.phone()
    phone.text("ENGLISH")
    for _ in range(10):
        assert pages(phone.text("CALL")) == ["We are calling you now. Please pick up."]
        with hotline.database.writing() as session:
            session.execute(update(MessageRow).values(state="delivered"))
    hotline.woken.clear()
    with statements(hotline.database) as seen:
        refused = phone.text("CALL", sid="SM" + "c" * 32)
    assert pages(refused) == [f"We cannot call you back today. Please call us yourself: {HOTLINE}."]
    assert len(seen) <= 6
    assert (count(hotline.database, MessageRow), hotline.woken) == (10, [])
    hotline.now_utc += timedelta(hours=24)
    assert phone.text("CALL", sid="SM" + "c" * 32).data == refused.data
    assert "calling" in pages(phone.text("CALL"))[0]


def test_number_abroad_is_not_called(hotline: TextHotline) -> None:
    """It is told so in its language, and which number to call itself: texts may come from another."""
    phone = hotline.phone("+4915112345678")
    phone.text("РУССКИЙ")
    told = pages(phone.text("ПЕРЕЗВОНИТЕ"))
    assert told == [f"Мы не можем перезвонить на Ваш номер. Позвоните нам сами: {HOTLINE}."]
    assert (count(hotline.database, MessageRow), hotline.woken) == (0, [])


def test_text_without_a_message_sid_is_refused(hotline: TextHotline) -> None:
    """Signed, but not what the carrier sends: 400, nothing stored."""
    phone = hotline.phone()
    for params in ({"From": phone.number, "Body": "7"}, phone.text_params("7", sid="SM1; DROP TABLE people")):
        assert phone.post("/sms", params).status_code == 400
    assert count(hotline.database, PersonRow) == 0


def test_sid_has_capital_letters_too(hotline: TextHotline) -> None:
    """As Twilio's documentation has it."""
    phone = hotline.phone()
    answer = phone.post("/sms", phone.text_params("7", sid="SM" + "AB" * 16))
    assert pages(answer)


def test_body_over_64_kib_is_refused(hotline: TextHotline) -> None:
    """413, nothing stored."""
    phone = hotline.phone()
    assert phone.text("7" * (64 * 1024)).status_code == 413
    assert count(hotline.database, PersonRow) == 0


@pytest.mark.parametrize(
    "body", ["", " ", "\x00\x0b\ufffe", "😀" * 400, "<Response><Message>x", "a" * 1600, "\r\n7"]
)
def test_any_text_gets_a_well_formed_reply(hotline: TextHotline, body: str) -> None:
    """Empty, odd and hostile texts get a short reply, never an error."""
    assert pages(hotline.phone().text(body))


def test_locked_database_is_answered_with_503(
    open_hotline: Callable[[Database], TextHotline], migrated_sqlite: Path, tmp_path: Path
) -> None:
    """Nothing is acknowledged unstored; once the lock is gone the same text is taken."""
    path = tmp_path / "kadam.sqlite3"
    shutil.copy(migrated_sqlite, path)
    database = Database(f"sqlite:///{path}", busy_timeout_ms=20)
    hotline = open_hotline(database)
    phone = hotline.phone()
    with database.writing() as other:
        other.execute(text("SELECT 1"))
        assert phone.text("ENTRY 10.11.2026", sid="SM" + "e" * 32).status_code == 503
    assert pages(phone.text("ENTRY 10.11.2026", sid="SM" + "e" * 32))
    assert count(database, AnchorRow) == 1
    database.close()


def test_two_people_do_not_see_each_other(hotline: TextHotline) -> None:
    """What one number stores, another does not hear."""
    hotline.phone("+996555000001").text("ENTRY 10.11.2026")
    other: Telephone = hotline.phone("+996555000002")
    other.text("ENGLISH")
    assert "November" not in " ".join(pages(other.text("STATUS")))
