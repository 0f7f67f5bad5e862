"""START of a step brings back what was ended last, of that person alone, and says nothing that is not so."""

from __future__ import annotations

from datetime import UTC, date, datetime

from sqlalchemy import select, update

from db.tables import AnchorRow, PersonRow, ReminderRow
from hotline.people import store
from hotline.people.members import Member
from hotline.reminders import outbox
from tests.sms.answers import pages
from tests.sms.conftest import TextHotline

NUMBER = "+996555123456"
AGAIN = "remind you about step 7 again"
STAY = ("ENGLISH", "ENTRY 02.03.2026")
LAST_DAYS = [date(2026, 3, 30), date(2026, 3, 31)]


def on(hotline: TextHotline, month: int, day: int, *bodies: str, minute: int = 0) -> str:
    """The answer to the last of these texts, all of one minute."""
    hotline.now_utc = datetime(2026, month, day, 8, minute, tzinfo=UTC)
    phone = hotline.phone()
    return [" ".join(pages(phone.text(body))).replace("\n", " ") for body in bodies][-1]


def told(hotline: TextHotline, month: int, day: int, rule: str) -> None:
    """A reminder of this rule goes out at seven."""
    sent_at_utc = datetime(2026, month, day, 7, tzinfo=UTC)
    with hotline.database.writing() as session:
        outbox.remember_rules(session, session.query(PersonRow).one().id, [rule], sent_at_utc)


def to_come(hotline: TextHotline, rule: str, member: int = 0) -> list[date]:
    """The days after today on which somebody is reminded of a rule."""
    mine = (ReminderRow.rule == rule, ReminderRow.member == member, ReminderRow.state == "pending")
    with hotline.database.reading() as session:
        days = session.scalars(select(ReminderRow.due_on).where(*mine).order_by(ReminderRow.due_on))
        return [day for day in days if day > hotline.now_utc.date()]


def known(hotline: TextHotline, number: int = 0) -> Member:
    with hotline.database.reading() as session:
        return store.find(session, hotline.vault, NUMBER).person.member(number)


def stamped(hotline: TextHotline) -> None:
    """The contract is stamped in the last days; then the registration is said to be done by mistake."""
    on(hotline, 3, 26, *STAY, "DONE 6")
    told(hotline, 3, 27, "d10")
    assert "(stamp) are off" in on(hotline, 3, 27, "DONE 7")
    told(hotline, 3, 29, "d05")
    assert "(registration) are off" in on(hotline, 3, 29, "DONE 7")
    assert to_come(hotline, "d05") == []


def test_registration_comes_back_though_the_stamp_is_done(hotline: TextHotline) -> None:
    """All of its last days and what follows; START again within a day tells what is on and what is off."""
    stamped(hotline)
    answer = on(hotline, 3, 29, "START 7", minute=2)
    assert AGAIN in answer and "Reminders about registration go on." in answer
    assert (to_come(hotline, "d05"), to_come(hotline, "d06")) == (LAST_DAYS, [date(2026, 4, 1)])
    for day, minute in ((29, 4), (30, 1)):
        answer = on(hotline, 3, day, "START 7", minute=minute)
        assert "Reminders about registration go on. Off, because you said it is done: stamp." in answer
        assert AGAIN not in answer
    assert {"d10"} <= known(hotline).done


def test_another_step_does_not_make_what_was_ended_newer(hotline_on_sqlite: TextHotline) -> None:
    """The tax number counts from the contract as the stamp does; the policy from the entry."""
    hotline = hotline_on_sqlite
    stamped(hotline)
    told(hotline, 3, 29, "d19")
    assert "(INN) are off" in on(hotline, 3, 29, "DONE 6", minute=1)
    assert "Reminders about registration go on." in on(hotline, 3, 29, "START 7", minute=2)
    assert to_come(hotline, "d05") == LAST_DAYS


def test_registration_of_one_comes_back_not_the_extension_of_another(hotline_on_sqlite: TextHotline) -> None:
    """His was extended weeks ago; hers was said to be done by mistake two days before its end."""
    hotline = hotline_on_sqlite
    on(hotline, 3, 12, *STAY, "DONE 7", "UNTIL 7 30.05.2026")
    on(hotline, 5, 10, "DONE 7")
    on(hotline, 5, 12, "ENTRY 11.05.2026", "2")
    on(hotline, 6, 7, "DONE 7")
    assert f"Person 2: We will {AGAIN}" in on(hotline, 6, 7, "START 7", minute=1)
    again = on(hotline, 6, 7, "START 7", minute=2)
    assert "Off, because you said it is done: registration, extension of registration." in again
    assert to_come(hotline, "d05", 1) == [date(2026, 6, 8), date(2026, 6, 9)]
    assert {"d05", "d11"} <= known(hotline).done


def test_registration_of_a_family_member_comes_back_not_the_familys_extension(
    hotline_on_sqlite: TextHotline,
) -> None:
    """Another child came later than the family."""
    hotline = hotline_on_sqlite
    on(hotline, 3, 12, *STAY, "ENTRY 11 02.03.2026", "DONE 11", "UNTIL 11 30.05.2026")
    on(hotline, 5, 10, "DONE 11")
    on(hotline, 5, 12, "ENTRY 11 11.05.2026", "2")
    on(hotline, 6, 7, "DONE 11")
    assert "Person 3: " in on(hotline, 6, 7, "START 11", minute=1)
    on(hotline, 6, 7, "START 11", minute=2)
    assert to_come(hotline, "d17", 2) == [date(2026, 6, 8), date(2026, 6, 9)]
    assert "d18" in known(hotline).done


def test_end_that_was_sent_between_is_no_start(hotline_on_sqlite: TextHotline) -> None:
    """The answer to DONE asks for it, so it is sent before the mistake is seen."""
    hotline = hotline_on_sqlite
    on(hotline, 3, 20, *STAY, "OK", "DONE 7")
    on(hotline, 3, 20, "UNTIL 7 31.03.2026", minute=1)
    answer = on(hotline, 3, 20, "START 7", minute=2)
    assert "Reminders about registration, extension of registration go on." in answer
    assert to_come(hotline, "d05")[-2:] == LAST_DAYS
    assert "registered" not in known(hotline).dates


def test_start_for_one_leaves_the_day_of_another(hotline_on_sqlite: TextHotline) -> None:
    """Both were registered, a month apart."""
    hotline = hotline_on_sqlite
    on(hotline, 3, 12, *STAY, "DONE 7")
    on(hotline, 4, 10, "ENTRY 08.04.2026", "2")
    on(hotline, 4, 14, "DONE 7", "START 7")
    assert known(hotline).dates["registered"] == date(2026, 3, 12)
    assert "registered" not in known(hotline, 1).dates
    assert to_come(hotline, "d05", 1)[-1] == date(2026, 5, 7)


def test_one_done_of_two_is_taken_back_of_both(hotline_on_sqlite: TextHotline) -> None:
    """ "7: all"."""
    hotline = hotline_on_sqlite
    on(hotline, 3, 12, *STAY, "ENTRY 03.03.2026", "2", "DONE 7", "7")
    assert to_come(hotline, "d05") == to_come(hotline, "d05", 1) == []
    answer = on(hotline, 3, 12, "START 7", minute=1)
    assert answer.count(AGAIN) == 2 and "Person 2: " in answer
    assert to_come(hotline, "d05") and to_come(hotline, "d05", 1)


def test_registration_of_months_ago_stays_done_once_the_new_end_is_told(
    hotline_on_sqlite: TextHotline,
) -> None:
    """Nothing of it could come, and its day would be erased: it is said what goes on and what is off."""
    hotline = hotline_on_sqlite
    on(hotline, 3, 12, *STAY, "DONE 7", "UNTIL 7 30.05.2026")
    on(hotline, 5, 15, "DONE 7", "UNTIL 7 30.11.2026", "OK")
    answer = on(hotline, 5, 15, "START 7", minute=1)
    assert answer.startswith("Reminders about extension of registration go on.")
    assert AGAIN not in answer
    assert known(hotline).dates["registered"] == date(2026, 3, 12)


def test_start_does_not_promise_what_has_no_day_left(hotline_on_sqlite: TextHotline) -> None:
    """The tax number is told once. On its day the policy is to come yet; weeks later the job alone."""
    hotline = hotline_on_sqlite
    on(hotline, 3, 3, *STAY, "DONE 6")
    told(hotline, 3, 6, "d19")
    on(hotline, 3, 6, "DONE 6")
    answer = on(hotline, 3, 6, "START 6", minute=1)
    assert "Reminders about OMS policy go on." in answer and "INN" not in answer
    on(hotline, 3, 6, "DONE 6", minute=2)
    assert "Reminders about job go on." in on(hotline, 3, 20, "START 6")
    assert to_come(hotline, "d09")[-1] == LAST_DAYS[-1]


def test_start_of_what_is_over_says_that_nothing_comes(hotline_on_sqlite: TextHotline) -> None:
    """The stamp was told for the last time today."""
    hotline = hotline_on_sqlite
    on(hotline, 3, 3, *STAY, "DONE 7", "UNTIL 7 30.11.2026", "DONE 6")
    told(hotline, 3, 10, "d10")
    on(hotline, 3, 10, "DONE 7")
    answer = on(hotline, 3, 10, "START 7", minute=1)
    assert "stamp" not in answer and "extension of registration go on" in answer
    on(hotline, 3, 10, "STOP")
    assert on(hotline, 3, 11, "START 7") == "Reminders are off. To have them again: START."


def test_what_was_ended_before_that_was_kept_comes_back_by_its_date(hotline_on_sqlite: TextHotline) -> None:
    """Of a database of before, only the time of each date's last change is known."""
    hotline = hotline_on_sqlite
    stamped(hotline)
    with hotline.database.writing() as session:
        session.execute(update(AnchorRow).values(said=None))
    assert AGAIN in on(hotline, 3, 29, "START 7", minute=2)
    assert to_come(hotline, "d05") == LAST_DAYS
    assert "d10" in known(hotline).done
