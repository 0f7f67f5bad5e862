"""Which reminders DONE ends and START brings back, of a step with several things to do in turn."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from db.tables import AnchorRow, PersonRow, ReminderRow
from hotline.reminders import outbox
from tests.sms.answers import pages
from tests.sms.conftest import TextHotline

REGISTERED = ("ENGLISH", "ENTRY 02.03.2026", "DONE 7")
ASKED = "Send the end date on your registration notice"


def on(hotline: TextHotline, month: int, day: int, *bodies: str) -> str:
    """The answer to the last of these texts, all of one day."""
    hotline.now_utc = datetime(2026, month, day, 8, tzinfo=UTC)
    phone = hotline.phone()
    return [" ".join(pages(phone.text(body))) for body in bodies][-1]


def told(hotline: TextHotline, *rules: str) -> None:
    """A reminder of these rules has gone out now."""
    with hotline.database.writing() as session:
        outbox.remember_rules(session, session.query(PersonRow).one().id, rules, hotline.now_utc)


def pending(hotline: TextHotline) -> set[str]:
    """The rules of which reminders are to come."""
    with hotline.database.reading() as session:
        return set(session.scalars(select(ReminderRow.rule).where(ReminderRow.state == "pending")))


def known(hotline: TextHotline) -> str:
    return on(hotline, hotline.now_utc.month, hotline.now_utc.day, "STATUS")


def asked_for_the_stamp(hotline: TextHotline) -> None:
    """A job since 9 March, and on the 10th the reminder of the stamp."""
    on(hotline, 3, 9, "ENGLISH", "ENTRY 02.03.2026", "DONE 6")
    on(hotline, 3, 10, "STATUS")
    told(hotline, "d10")


def test_stamp_that_is_done_leaves_the_question_for_the_end(hotline: TextHotline) -> None:
    """The end of the registration is still asked for."""
    on(hotline, 3, 12, *REGISTERED)
    on(hotline, 3, 25, "DONE 6")
    assert "(stamp) are off" in on(hotline, 3, 27, "DONE 7")
    assert "d11-ask" in pending(hotline)
    assert "d10" not in pending(hotline)


def test_stamp_that_is_done_leaves_the_extension(hotline: TextHotline) -> None:
    """Which is ended by the DONE of another day, when it is what is left."""
    on(hotline, 3, 12, *REGISTERED, "UNTIL 7 30.05.2026")
    on(hotline, 4, 25, "DONE 6")
    assert "(stamp) are off" in on(hotline, 4, 27, "DONE 7")
    assert "(registration, stamp) are off" in on(hotline, 4, 27, "DONE 7")
    assert {"d10", "d11"} & pending(hotline) == {"d11"}
    assert "(extension of registration) are off" in on(hotline, 4, 29, "DONE 7")
    assert "d11" not in pending(hotline)


def test_done_where_only_the_question_runs_is_answered_with_it(hotline: TextHotline) -> None:
    """A date is not done: what was ended before stays, and the date is asked for again."""
    on(hotline, 3, 12, *REGISTERED)
    answer = on(hotline, 4, 9, "DONE 7")
    assert "(registration) are off" in answer
    assert answer.count(ASKED) == 1
    assert "d11-ask" in pending(hotline)
    told(hotline, "d11-ask")
    assert ASKED in on(hotline, 4, 10, "DONE")
    assert "d11-ask" in pending(hotline)
    on(hotline, 4, 10, "DONE 6 09.04.2026")
    on(hotline, 4, 12, "STATUS")
    told(hotline, "d11-ask")
    assert ASKED in on(hotline, 4, 12, "DONE")  # not the stamp, of which another text spoke
    assert "d10" in pending(hotline)
    assert ASKED not in on(hotline, 4, 13, "UNTIL 7 30.05.2026", "DONE 7")
    assert "d11-ask" not in pending(hotline)


@pytest.mark.parametrize("body", ["DONE", "DONE 7"])
def test_done_answers_the_last_reminder_of_the_step(hotline: TextHotline, body: str) -> None:
    """The stamp was asked for: of the registration, of which nothing was said, reminders go on."""
    on(hotline, 3, 9, "ENGLISH", "ENTRY 02.03.2026", "DONE 6")
    hotline.now_utc += 23 * timedelta(hours=1)
    told(hotline, "d10")
    assert "(stamp) are off" in on(hotline, 3, 10, body)
    assert "(stamp) are off" in on(hotline, 3, 10, body)
    assert {"d05", "d10"} & pending(hotline) == {"d05"}
    assert "to get your migration registration" in known(hotline)


@pytest.mark.parametrize("body", ["DONE", "DONE 7"])
def test_first_reminder_of_the_stamp_is_answered_within_a_day_of_the_contract(
    hotline: TextHotline, body: str
) -> None:
    """It goes out less than 24 hours after DONE 6; said twice DONE ends no extension, which reminded too."""
    on(hotline, 3, 12, *REGISTERED, "UNTIL 7 20.04.2026")
    on(hotline, 3, 25, "DONE 6")
    hotline.now_utc += 23 * timedelta(hours=1)
    told(hotline, "d10", "d11")
    for _ in range(2):
        answer = " ".join(pages(hotline.phone().text(body)))
        assert "stamp) are off" in answer
    assert {"d10", "d11"} & pending(hotline) == {"d11"}


def test_done_of_a_step_answers_its_reminder_whatever_was_stored_since(
    hotline_on_sqlite: TextHotline,
) -> None:
    """The stamp was asked for, and the end of the contract is sent first."""
    hotline = hotline_on_sqlite
    asked_for_the_stamp(hotline)
    hotline.now_utc += timedelta(hours=1)
    said = [" ".join(pages(hotline.phone().text(body))) for body in ("UNTIL 6 09.09.2026", "DONE 7")]
    assert "(stamp) are off" in said[-1]
    assert {"d05", "d10"} & pending(hotline) == {"d05"}
    again = " ".join(pages(hotline.phone().text("DONE 7")))
    assert "(stamp) are off" in again and "Reminders about registration" in again


@pytest.mark.parametrize("stamped", [False, True], ids=["stamp to do", "stamp done today"])
@pytest.mark.parametrize(
    "said",
    [
        ["REGISTERED"],
        ["REGISTERED 10.03.2026"],
        ["REGISTERED 10.3"],
        ["REGISTERED today", "OK"],  # in the evening, when it is tomorrow already in the east
    ],
)
def test_i_have_registered_is_never_said_of_the_stamp(
    hotline_on_sqlite: TextHotline, said: list[str], stamped: bool
) -> None:
    """Of which the last reminder was, answered or not; its day is stored with the DONE of it."""
    hotline = hotline_on_sqlite
    asked_for_the_stamp(hotline)
    hotline.now_utc += timedelta(hours=5)
    for body in [*(["DONE 7"] if stamped else []), *said]:
        answer = " ".join(pages(hotline.phone().text(body)))
    assert "(registration) are off" in answer
    assert ("d10" in pending(hotline)) is not stamped
    assert "d05" not in pending(hotline)
    assert "10 March" in known(hotline)


@pytest.mark.parametrize("body", ["REGISTERED", "REGISTERED 10.03.2026"])
def test_number_of_who_has_registered_is_not_said_of_the_stamp(
    hotline_on_sqlite: TextHotline, body: str
) -> None:
    """It answers "whose?" for the one whose stamp the last reminder was of."""
    hotline = hotline_on_sqlite
    on(hotline, 3, 9, "ENGLISH", "ENTRY 02.03.2026", "ENTRY 03.03.2026", "2", "DONE 6", "1")
    on(hotline, 3, 10, "STATUS")
    told(hotline, "d10")
    assert "(registration) are off" in on(hotline, 3, 10, body, "1")
    with hotline.database.reading() as session:
        done = session.scalars(select(AnchorRow.done).where(AnchorRow.member == 0)).all()
    assert {"d05", "d10"} & set(" ".join(done).split()) == {"d05"}


def test_registered_before_the_old_end_is_asked_for_the_new_one(hotline_on_sqlite: TextHotline) -> None:
    """The extension was told as a day of registration: it is named too, for its reminders go on."""
    hotline = hotline_on_sqlite
    on(hotline, 3, 12, *REGISTERED, "UNTIL 7 30.05.2026")
    answer = on(hotline, 5, 25, "REGISTERED 25.05.2026", "OK")
    assert ASKED in answer and "extension of registration go on" in answer
    assert "d11" in pending(hotline)


def test_done_leaves_the_next_journey(hotline_on_sqlite: TextHotline) -> None:
    """What is done here is not what is to be done before leaving home again, until nothing else is."""
    hotline, journey = hotline_on_sqlite, {"d12-departure", "pack-07"}
    on(hotline, 3, 5, "ENGLISH", "ENTRY 02.03.2026", "DEPART 20.08.2026")
    on(hotline, 3, 6, "DONE 8")
    on(hotline, 3, 12, "DONE 7")
    assert "d12" not in pending(hotline)
    on(hotline, 3, 20, "DONE 8")  # of the policy nothing has reminded since: its end does from May on
    assert journey <= pending(hotline)
    assert "(policy check) are off" in on(hotline, 5, 26, "DONE 8")
    assert journey <= pending(hotline)
    assert "(policy) are off" in on(hotline, 8, 18, "DONE 8")
    assert journey & pending(hotline) == {"pack-07"}


def test_done_answers_the_reminder_before_a_journey(hotline_on_sqlite: TextHotline) -> None:
    """Though the end of the last policy is to be looked at still."""
    hotline = hotline_on_sqlite
    on(hotline, 3, 5, "ENGLISH", "ENTRY 02.03.2026", "DEPART 20.08.2026")
    on(hotline, 8, 17, "STATUS")
    told(hotline, "d12-departure")
    assert "(policy) are off" in on(hotline, 8, 18, "DONE")
    assert "d12-departure" not in pending(hotline)


def test_done_for_the_extension_is_heard_before_another_journey(hotline: TextHotline) -> None:
    """What has no name in DONE, the border pack of a journey to come, is not what was done."""
    on(hotline, 3, 12, *REGISTERED, "UNTIL 7 30.05.2026", "DEPART 30.06.2026", "OK")
    assert "pack-07" in pending(hotline)
    assert "(extension of registration) are off" in on(hotline, 4, 29, "DONE 7")
    assert "d11" not in pending(hotline)


def test_bare_done_is_no_answer_to_a_reminder_of_an_older_stay(hotline: TextHotline) -> None:
    """The day of entry is another by now: it is asked what is done."""
    on(hotline, 3, 30, "ENGLISH", "ENTRY 02.03.2026")
    told(hotline, "d05")
    answer = on(hotline, 4, 1, "ENTRY 31.03.2026", "1", "DONE")
    assert answer.startswith("What is done?")
    assert "d05" in pending(hotline)
    assert "registered" not in known(hotline)


@pytest.mark.parametrize(("hours", "acts"), [(0, True), (72, True), (73, False)])
def test_bare_done_is_no_answer_to_an_old_reminder(hotline: TextHotline, hours: int, acts: bool) -> None:
    """For three days it is taken for the answer."""
    on(hotline, 3, 9, "ENGLISH", "ENTRY 02.03.2026")
    hotline.now_utc += timedelta(hours=1)
    told(hotline, "d05")
    hotline.now_utc += timedelta(hours=hours)
    answer = " ".join(pages(hotline.phone().text("DONE")))
    assert ("(registration) are off" in answer) is acts
    assert ("d05" not in pending(hotline)) is acts


def test_bare_done_after_another_thing_was_done_is_asked_about(hotline: TextHotline) -> None:
    """The answer that was read last speaks of the job, not of the registration."""
    on(hotline, 3, 9, "ENGLISH", "ENTRY 02.03.2026")
    told(hotline, "d05")
    assert on(hotline, 3, 10, "DONE 6", "DONE").startswith("What is done?")
    assert "d05" in pending(hotline)


def test_start_takes_back_what_was_done_last_alone(hotline: TextHotline) -> None:
    """Whose extension is not done is registered still; START once more within a day hides nothing."""
    on(hotline, 3, 12, *REGISTERED, "UNTIL 7 30.05.2026")
    on(hotline, 4, 26, "DONE 7")
    answer = on(hotline, 4, 26, "START 7")
    assert "Reminders about extension of registration go on." in answer
    again = on(hotline, 4, 26, "START 7")
    assert (
        "extension of registration go on" in again
        and "Off, because you said it is done: registration." in again
    )
    assert "again" not in again
    status = known(hotline)
    assert "registered 12 March" in status
    assert "entry ban" not in status
    assert {"d05", "d11"} & pending(hotline) == {"d11"}
    assert "(extension of registration) are off" in on(hotline, 5, 20, "DONE 7")
    assert "d11" not in pending(hotline)


def test_start_takes_back_the_registration_where_nothing_followed(hotline: TextHotline) -> None:
    """Also where the extension reminds by now: it was the registration that was said to be done last."""
    on(hotline, 3, 12, "ENGLISH", "ENTRY 02.03.2026", "UNTIL 7 20.04.2026", "DONE 7")
    assert "d05" not in pending(hotline)
    on(hotline, 3, 12, "START 7")
    assert {"d05", "d11"} <= pending(hotline)
    assert "registered 12" not in known(hotline)


def test_start_for_one_person_leaves_the_registration_of_another(hotline: TextHotline) -> None:
    """Of two on a telephone one takes back the extension, the other is registered."""
    on(hotline, 3, 12, "ENGLISH", "ENTRY 02.03.2026", "ENTRY 03.03.2026", "2", "DONE 7", "7")
    on(hotline, 3, 13, "UNTIL 7 30.05.2026", "1")
    on(hotline, 4, 26, "DONE 7", "START 7")
    assert "d11" in pending(hotline)
    with hotline.database.reading() as session:
        registered = session.scalars(select(AnchorRow.member).where(AnchorRow.kind == "registered")).all()
    assert sorted(registered) == [0, 1]
