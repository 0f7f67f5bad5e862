"""A date that is over silences nothing: another stay, another end, an extension and what follows it."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select

from db.tables import ReminderRow
from tests.sms.answers import pages
from tests.sms.conftest import TextHotline

ASKS = "end date on your registration notice"
FIRST_STAY = [
    ((3, 2), "ENGLISH"),
    ((3, 2), "ENTRY 02.03.2026"),
    ((3, 12), "DONE 7"),
    ((3, 12), "UNTIL 7 30.05.2026"),
]


def played(hotline: TextHotline, *said: tuple[tuple[int, int], str]) -> str:
    """The answer to the last of these texts, each sent on its day of 2026."""
    phone, answer = hotline.phone(), ""
    for (month, day), body in said:
        hotline.now_utc = datetime(2026, month, day, 8, tzinfo=UTC)
        answer = " ".join(pages(phone.text(body)))
    return answer


def to_come(hotline: TextHotline, rule: str) -> list[date]:
    """The days on which a rule reminds from today on."""
    mine = (ReminderRow.rule == rule, ReminderRow.state == "pending")
    with hotline.database.reading() as session:
        days = session.scalars(select(ReminderRow.due_on).where(*mine).order_by(ReminderRow.due_on))
        return [day for day in days if day > hotline.now_utc.date()]


@pytest.mark.parametrize(
    "between",
    [
        [((5, 25), "UNTIL 7 30.11.2026"), ((5, 25), "OK")],
        [((5, 15), "DONE 7"), ((5, 25), "UNTIL 7 30.11.2026"), ((5, 25), "OK")],
        [((5, 15), "DONE 7"), ((5, 15), "UNTIL 7 30.11.2026"), ((5, 15), "OK")],
    ],
    ids=["not done", "done", "done and told at once"],
)
def test_contract_that_is_over_does_not_silence_the_new_end(
    hotline: TextHotline, between: list[tuple[tuple[int, int], str]]
) -> None:
    """The contract ended on 20 May, the registration goes on to 30 November."""
    answer = played(hotline, *FIRST_STAY, ((3, 12), "UNTIL 6 20.05.2026"), *between)
    assert "Extension of registration" in answer and "29 November" in answer
    assert to_come(hotline, "d11")[0] == date(2026, 10, 16)
    assert "20 May" not in played(hotline, ((5, 26), "STATUS"))


def test_family_is_reminded_of_the_new_end_too(hotline_on_sqlite: TextHotline) -> None:
    """Their registration is extended on the worker's contract: the old one is over."""
    hotline = hotline_on_sqlite
    played(hotline, *FIRST_STAY[:2], ((3, 12), "UNTIL 6 20.05.2026"), ((5, 25), "UNTIL 11 30.11.2026"))
    assert to_come(hotline, "d18")[0] == date(2026, 10, 16)


def test_same_end_sent_again_once_the_contract_is_over_is_reminded_of(hotline_on_sqlite: TextHotline) -> None:
    """It was stored beside the contract: sent again, it is what goes on."""
    hotline, until = hotline_on_sqlite, "UNTIL 7 30.11.2026"
    played(hotline, *FIRST_STAY[:3], ((3, 12), until), ((3, 12), "UNTIL 6 20.05.2026"))
    assert to_come(hotline, "d11")[-1] < date(2026, 5, 20)
    assert "29 November" in played(hotline, ((5, 25), until))
    assert to_come(hotline, "d11")[-1] == date(2026, 11, 29)


def test_end_of_the_second_stay_is_asked_for(hotline: TextHotline) -> None:
    """Home in June, back in August: the old end is no end of this registration, and not told as one."""
    second = [((8, 3), "ENTRY 03.08.2026"), ((8, 3), "1"), ((8, 12), "DONE 7")]
    assert ASKS in played(hotline, *FIRST_STAY, ((5, 28), "DONE 7"), *second)
    assert to_come(hotline, "d11-ask")[0] == date(2026, 8, 26)
    status = played(hotline, ((8, 13), "STATUS"))
    assert "12 August" in status and "30 May" not in status and "12 March" not in status


def test_day_of_registration_in_a_second_stay_asks_for_its_end(hotline_on_sqlite: TextHotline) -> None:
    """REGISTERED with its day is the same as DONE 7, twice too."""
    second = [
        ((8, 3), "ENTRY 03.08.2026"),
        ((8, 3), "1"),
        ((8, 12), "REGISTERED 11.08.2026"),
        ((8, 12), "OK"),
    ]
    assert ASKS in played(hotline_on_sqlite, *FIRST_STAY, *second)
    again = [((8, 13), "REGISTERED 12.08.2026"), ((8, 13), "OK")]
    assert ASKS in played(hotline_on_sqlite, *again)


def test_day_of_registration_asks_for_its_end_where_the_stored_one_is_over(
    hotline_on_sqlite: TextHotline,
) -> None:
    """The extension is told as a day of registration: that ends nothing, but the end is out of date."""
    answer = played(hotline_on_sqlite, *FIRST_STAY, ((6, 1), "REGISTERED 29.05.2026"), ((6, 1), "OK"))
    assert ASKS in answer


def test_policy_of_a_stay_before_does_not_silence_the_next(hotline_on_sqlite: TextHotline) -> None:
    """It ended in June; from the entry in August three months count."""
    policy, second = ((3, 2), "UNTIL 8 01.06.2026"), [((8, 3), "ENTRY 03.08.2026"), ((8, 3), "1")]
    played(hotline_on_sqlite, *FIRST_STAY[:2], policy, *second)
    assert to_come(hotline_on_sqlite, "d14")[-1] == date(2026, 10, 30)


def test_extension_that_is_done_is_asked_for_its_end(hotline: TextHotline) -> None:
    """At once, and every two weeks; STATUS does not tell the old end once it is past."""
    assert ASKS in played(hotline, *FIRST_STAY, ((5, 28), "DONE 7"))
    asked = [date(2026, 6, 6), date(2026, 6, 20), date(2026, 7, 4), date(2026, 7, 18), date(2026, 8, 1)]
    assert to_come(hotline, "d11-again") == asked
    assert "30 May" in played(hotline, ((5, 29), "STATUS"))
    assert "30 May" not in played(hotline, ((6, 1), "STATUS"))
    played(hotline, ((6, 2), "UNTIL 7 30.11.2026"), ((6, 2), "OK"))
    assert to_come(hotline, "d11-again") == []
    assert to_come(hotline, "d11")[0] == date(2026, 10, 16)


def test_start_brings_the_extension_back(hotline: TextHotline) -> None:
    """Said to be done by mistake: the old end was kept, and is reminded of again."""
    played(hotline, *FIRST_STAY)
    before = to_come(hotline, "d11")
    played(hotline, ((5, 1), "DONE 7"))
    assert (to_come(hotline, "d11"), to_come(hotline, "d11-again")[:1]) == ([], [date(2026, 5, 9)])
    played(hotline, ((5, 1), "START 7"))
    assert to_come(hotline, "d11") == [day for day in before if day > date(2026, 5, 1)] != []
    assert to_come(hotline, "d11-again") == []


def test_extension_of_the_family_is_asked_for_its_end(hotline_on_sqlite: TextHotline) -> None:
    """As one's own."""
    hotline = hotline_on_sqlite
    answer = played(hotline, *FIRST_STAY[:2], ((3, 12), "UNTIL 11 30.05.2026"), ((5, 28), "DONE 11"))
    assert "family registration notice" in answer and "UNTIL 11" in answer
    assert to_come(hotline, "d18-again")[0] == date(2026, 6, 6)


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (["DEPART 09.03.2026"], "guardianship"),
        (["ENTRY 24.02.2026"], "medical policy"),
        (["ENTRY 23.02.2026"], "Rental contract"),
        (["ENTRY 23.02.2026"], "no contract without it"),
        (["ENTRY 20.02.2026", "DONE 6 27.02.2026"], "taxpayer number"),
        (["ENTRY 20.02.2026", "DONE 6 23.02.2026"], "OMS policy"),
    ],
)
def test_date_left_on_a_day_of_a_reminder_is_answered_with_it(
    hotline_on_sqlite: TextHotline, said: list[str], told: str
) -> None:
    """On 2 March, whose row is not planned any more: in the answer, or in what MORE sends."""
    texts = [((3, 2), body) for body in ("ENGLISH", *said)]
    answer = played(hotline_on_sqlite, *texts)
    assert told in answer + played(hotline_on_sqlite, ((3, 2), "MORE"))


def test_departure_soon_after_an_entry_says_that_nothing_comes(hotline_on_sqlite: TextHotline) -> None:
    """It is taken for a journey that was made, so it is not left without a word."""
    answer = played(hotline_on_sqlite, *FIRST_STAY[:2], ((3, 20), "DEPART 30.03.2026"))
    assert "do not remind you before this journey" in answer
    later = played(hotline_on_sqlite, ((3, 20), "DEPART 30.09.2026"), ((3, 20), "OK"))
    assert "do not remind" not in later
