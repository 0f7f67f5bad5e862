"""Which day an answer speaks of: the one on which it is given, wherever in Russia it is read."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select

from db.tables import ReminderRow
from hotline.people import store
from hotline.people.model import KeepRest, Person
from tests.sms.conftest import TextHotline
from tests.sms.test_backfill import MINUTE, Outage
from tests.sms.test_scripts import answer

NUMBER = "+996555000001"
ENTRY = "ENTRY 10.11.2026"  # the last safe day is Wednesday 9 December
MORNING = datetime(2026, 12, 8, 8, tzinfo=UTC)
EVENING = datetime(2026, 12, 8, 19, 30, tzinfo=UTC)  # 22:30 in Moscow, the 8th
NEXT_MORNING = datetime(2026, 12, 9, 5, tzinfo=UTC)  # 8:00 in Moscow, the last day
LAST_DAY = "Today, Wednesday 9 December, is the last day for your migration registration."


@pytest.fixture
def outage(hotline: TextHotline, monkeypatch: pytest.MonkeyPatch) -> Outage:
    return Outage(hotline, monkeypatch)


def found_late(outage: Outage, *texts: str) -> str:
    """What is answered on the last day to texts of the evening before it, which no webhook could store."""
    outage.hotline.now_utc, outage.down = EVENING, True
    assert {outage.text(NUMBER, text) for text in texts} == {503}
    outage.hotline.now_utc, outage.down = NEXT_MORNING, False
    assert outage.look(timedelta()) == len(texts)
    return "\n".join(outage.pages(NUMBER))


def known(outage: Outage) -> Person:
    with outage.hotline.database.reading() as session:
        return store.find(session, outage.hotline.vault, NUMBER).person


def write(outage: Outage, at_utc: datetime, *texts: str) -> None:
    outage.hotline.now_utc = at_utc
    assert {outage.text(NUMBER, text) for text in texts} == {200}


def test_late_entry_is_answered_with_todays_words(outage: Outage) -> None:
    """No reminder of today follows the answer, so it is the answer that says: today is the last day."""
    write(outage, MORNING, "ENGLISH")
    said = found_late(outage, ENTRY)
    assert LAST_DAY in said
    assert "omorrow" not in said
    with outage.hotline.database.reading() as session:
        assert date(2026, 12, 9) not in session.scalars(select(ReminderRow.due_on)).all()


def test_late_status_is_answered_with_todays_words(outage: Outage) -> None:
    """Not with those of the evening on which it was asked for."""
    write(outage, datetime(2026, 11, 10, 8, tzinfo=UTC), "ENGLISH", ENTRY)
    said = found_late(outage, "STATUS")
    assert LAST_DAY in said
    assert "omorrow" not in said


def test_late_done_is_of_the_day_it_was_written(outage: Outage) -> None:
    """Registered on the evening of the 8th, whenever the text is found."""
    write(outage, datetime(2026, 11, 10, 8, tzinfo=UTC), "ENGLISH", ENTRY)
    found_late(outage, "DONE 7")
    assert known(outage).dates["registered"] == date(2026, 12, 8)


def test_late_today_is_the_day_it_was_written(outage: Outage) -> None:
    """In the evening, when it is tomorrow already in the east, it is asked about."""
    write(outage, MORNING, "ENGLISH")
    found_late(outage, "ENTRY today")
    question = known(outage).question
    assert question is not None
    assert question.day == date(2026, 12, 8)


def test_late_done_ends_what_ran_when_it_was_written(outage: Outage) -> None:
    """The extension reminds from the 9th on: DONE of the evening before is not said of it."""
    first = datetime(2026, 11, 10, 8, tzinfo=UTC)
    write(outage, first, "ENGLISH", ENTRY, "DONE 7")
    write(outage, first + timedelta(days=2), "UNTIL 7 23.01.2027", "OK")  # 45 days before: 9 December
    found_late(outage, "DONE 7")
    assert "d11" not in known(outage).done


def evening_status(hotline: TextHotline, at_utc: datetime) -> str:
    """The first two pages of what is stored of somebody with many dates; the rest waits."""
    phone = hotline.phone(NUMBER)
    hotline.now_utc = datetime(2026, 11, 10, 8, tzinfo=UTC)
    for text in ("ENGLISH", ENTRY, "UNTIL 7 10.12.2026", "OK", "UNTIL 6 09.12.2026", "UNTIL 8 12.12.2026"):
        phone.text(text)
    hotline.now_utc = at_utc
    said = answer(phone, "STATUS")
    assert "The rest: MORE" in said
    return said


@pytest.mark.parametrize(
    ("asked", "more", "told"),
    [
        ((8, 8, 0), (8, 9, 0), "Tomorrow, Wednesday 9 December, is the last day to get a job."),
        ((8, 11, 55), (8, 12, 5), "1 day or so left to get a job"),  # the 9th begins in Kamchatka
        ((8, 20, 30), (8, 21, 30), "1 day or so left to get a job"),  # and in Moscow
        ((8, 21, 55), (8, 22, 5), "Today, Wednesday 9 December, is the last day to get a job."),
    ],
)
def test_more_goes_on_in_the_words_of_its_own_day(
    hotline: TextHotline,
    asked: tuple[int, int, int],
    more: tuple[int, int, int],
    told: str,
) -> None:
    """The rest and nothing else, of what counts days as it is true by now; in any language's word for it."""
    evening_status(hotline, datetime(2026, 12, *asked, tzinfo=UTC))
    hotline.now_utc = datetime(2026, 12, *more, tzinfo=UTC)
    said = answer(hotline.phone(NUMBER), "ДАЛЬШЕ")
    assert told in said
    assert said.endswith("contract until 9 December, policy until 12 December.")
    assert "Extension of registration" not in said  # it was said in the first two pages


def test_what_is_said_once_is_not_lost_at_three_o_clock_in_moscow(hotline: TextHotline) -> None:
    """The job, the papers to carry, the new SIM card: the answer to an entry says them, STATUS does not."""
    phone = hotline.phone(NUMBER)
    hotline.now_utc = datetime(2026, 12, 8, 11, 58, tzinfo=UTC)
    phone.text("ENGLISH")
    assert "The rest: MORE" in answer(phone, "ENTRY 8.12.2026")
    hotline.now_utc += 5 * MINUTE
    said = answer(phone, "MORE")
    assert "29 days or so left" in said
    assert said.endswith("New SIM card? Send ENTRY from it too.")


def test_rest_without_a_date_is_true_on_any_day(hotline: TextHotline) -> None:
    """Of who has left none nothing counts days."""
    phone = hotline.phone(NUMBER)
    hotline.now_utc = datetime(2026, 12, 8, 11, 55, tzinfo=UTC)
    phone.text("ENGLISH")
    with hotline.database.writing() as session:
        contact = store.find(session, hotline.vault, NUMBER)
        hotline.effects.apply(session, contact, [KeepRest(("What waits.",))], hotline.now_utc)
    hotline.now_utc += 10 * MINUTE  # the 9th begins in Kamchatka
    assert "What waits." in answer(phone, "MORE")


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("КЫРГЫЗЧА", ("Эртең, 9-декабрь", "1 күндөй калды", "Бүгүн, 9-декабрь")),
        ("РУССКИЙ", ("Завтра, 9 декабря", "осталось около 1 дня", "Сегодня, 9 декабря")),
        ("ENGLISH", ("Tomorrow, Wednesday 9", "1 day or so left", "Today, Wednesday 9")),
    ],
)
def test_status_never_tells_a_later_day_than_it_is_in_kamchatka(
    hotline: TextHotline, language: str, told: tuple[str, str, str]
) -> None:
    """From its midnight until Kaliningrad's the last day is told by its date alone."""
    phone = hotline.phone(NUMBER)
    hotline.now_utc = datetime(2026, 11, 10, 8, tzinfo=UTC)
    phone.text(language)
    phone.text(ENTRY)
    hours = ((11, 0), (12, 1), (20, 1), (21, 1), (22, 2))  # UTC on 8 December; Moscow's midnight is 21:00
    for hour, place in hours:
        hotline.now_utc = datetime(2026, 12, 8, hour, tzinfo=UTC)
        said = answer(phone, "STATUS")
        assert [words in said for words in told] == [place == n for n in range(3)], (hour, said)
        assert re.search(r"\b9\b.{1,3}декабр|\b9 December", said)
