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


BOTH_END = [*FIRST_STAY[:3], ((4, 21), "UNTIL 7 01.06.2026"), ((4, 21), "UNTIL 6 01.06.2026")]


@pytest.mark.parametrize("day", [(5, 25), (6, 1)], ids=["at once", "on the day"])
def test_registration_that_ends_with_the_contract_is_reminded_of_once_extended(
    hotline: TextHotline, day: tuple[int, int]
) -> None:
    """As it mostly is: given up to the end of the contract. The old contract says nothing any more."""
    answer = played(hotline, *BOTH_END, ((5, 25), "DONE 7"), (day, "UNTIL 7 01.06.2027"), (day, "OK"))
    assert "31 May" in answer
    assert to_come(hotline, "d11")[-1] == date(2027, 5, 31)
    assert to_come(hotline, "d11-again") == []
    assert "go today" not in played(hotline, ((6, 5), "STATUS")).lower()


def test_family_that_ends_with_the_contract_is_reminded_of_once_extended(hotline: TextHotline) -> None:
    """As the owner."""
    said = [((4, 21), "UNTIL 11 01.06.2026"), ((4, 21), "UNTIL 6 01.06.2026"), ((5, 25), "DONE 11")]
    played(hotline, *FIRST_STAY[:3], *said, ((5, 25), "UNTIL 11 01.06.2027"), ((5, 25), "OK"))
    assert (to_come(hotline, "d18")[-1], to_come(hotline, "d18-again")) == (date(2027, 5, 31), [])
    assert to_come(hotline, "d11")[-1] == date(2026, 5, 31)  # the owner's own is still to do


@pytest.mark.parametrize("day", [(5, 26), (6, 15)], ids=["before", "after"])
def test_contract_told_after_the_extension_leaves_it_done(hotline: TextHotline, day: tuple[int, int]) -> None:
    """The registration's own new end is still asked for; meanwhile the contract's is reminded of."""
    said = [((4, 21), "UNTIL 7 10.06.2026"), ((4, 21), "UNTIL 6 01.06.2026"), ((5, 25), "DONE 7")]
    played(hotline, *FIRST_STAY[:3], *said, (day, "UNTIL 6 01.06.2027"), (day, "OK"))
    assert to_come(hotline, "d11")[-1] == date(2027, 5, 31)
    assert to_come(hotline, "d11")[0] > date(2027, 1, 1)
    assert to_come(hotline, "d11-again")
    assert "9 June" not in played(hotline, ((6, 16), "STATUS"))


@pytest.mark.parametrize(
    ("done", "told", "rule"), [("DONE 11", "UNTIL 7", "d18"), ("DONE 7", "UNTIL 11", "d11")]
)
def test_end_of_one_undoes_no_extension_of_another(
    hotline_on_sqlite: TextHotline, done: str, told: str, rule: str
) -> None:
    """The contract ended first, and what was extended is done: whoever tells an end next."""
    hotline, stored = hotline_on_sqlite, {"DONE 11": "UNTIL 11", "DONE 7": "UNTIL 7"}[done]
    said = [((4, 21), f"{stored} 10.06.2026"), ((4, 21), "UNTIL 6 01.06.2026"), ((5, 25), done)]
    played(hotline, *FIRST_STAY[:3], *said, ((5, 26), f"{told} 01.06.2027"), ((5, 26), "OK"))
    assert (to_come(hotline, rule), len(to_come(hotline, f"{rule}-again")) > 1) == ([], True)


def test_family_told_after_the_contract_is_over_counts_by_its_own_end(hotline: TextHotline) -> None:
    """The owner has extended, and tells the family's end first: it is not late."""
    said = [((3, 12), "UNTIL 6 10.09.2026"), ((9, 8), "DONE 7"), ((10, 1), "UNTIL 11 09.03.2027")]
    answer = played(hotline, *FIRST_STAY[:3], *said)
    assert "8 March" in answer and to_come(hotline, "d18")[-1] == date(2027, 3, 8)
    assert to_come(hotline, "d11-again")
    assert "go today" not in played(hotline, ((10, 1), "STATUS")).lower()


def test_owner_is_still_asked_once_the_family_has_told_its_end(hotline: TextHotline) -> None:
    """On the last day of the contract; it stays the owner's."""
    said = [((3, 12), "UNTIL 6 01.06.2026"), ((6, 1), "UNTIL 11 09.03.2027"), ((6, 1), "OK")]
    played(hotline, *FIRST_STAY[:3], *said)
    assert "Extension of registration" in played(hotline, ((6, 1), "STATUS"))
    assert ASKS in played(hotline, ((6, 1), "DONE 7"))
    assert to_come(hotline, "d11-again") and to_come(hotline, "d18")[-1] == date(2027, 3, 8)


@pytest.mark.parametrize(
    ("kept", "day"),
    [
        (FIRST_STAY[:3], (3, 14)),
        ([*FIRST_STAY, ((5, 28), "DONE 7"), ((5, 28), "UNTIL 8 01.09.2026")], (6, 2)),
    ],
    ids=["registered", "extended"],
)
def test_entry_of_another_corrected_back_leaves_what_was_done(
    hotline: TextHotline, kept: list[tuple[tuple[int, int], str]], day: tuple[int, int]
) -> None:
    """ "1" instead of "2", put right at once: nothing is to do again, and nobody is told to be late."""
    played(hotline, *kept, (day, "STATUS"))
    rules = ("d05", "d11", "d11-again", "d11-ask", "d14")
    before = {rule: to_come(hotline, rule) for rule in rules}
    wrong = f"ENTRY {day[1]:02}.{day[0]:02}.2026"
    played(hotline, (day, wrong), (day, "1"), (day, "ENTRY 02.03.2026"), (day, "1"))
    assert {rule: to_come(hotline, rule) for rule in rules} == before
    assert "Registration" not in played(hotline, (day, "STATUS"))


def test_policy_renewed_in_a_stay_before_is_to_do_in_the_next(hotline_on_sqlite: TextHotline) -> None:
    """DONE 8 was said of an end that was over before the entry."""
    policy = [((3, 2), "UNTIL 8 01.06.2026"), ((5, 26), "DONE 8")]
    played(hotline_on_sqlite, *FIRST_STAY[:2], *policy, ((8, 3), "ENTRY 03.08.2026"), ((8, 3), "1"))
    assert to_come(hotline_on_sqlite, "d14")[-1] == date(2026, 10, 30)


SECOND_STAY = [((8, 3), "ENTRY 03.08.2026"), ((8, 3), "1")]


def test_done_in_a_second_stay_is_of_the_second(hotline: TextHotline) -> None:
    """The policy of the first stay was over before the entry: what is done is that of this one."""
    policy = [((3, 2), "UNTIL 8 01.06.2026"), *SECOND_STAY, ((8, 4), "DONE 8"), ((10, 12), "DONE 8")]
    assert "are off" in played(hotline, *FIRST_STAY[:2], *policy)
    assert to_come(hotline, "d14") == []
    assert "Policy check" not in played(hotline, ((10, 13), "STATUS"))


def test_extension_done_in_a_second_stay_is_asked_for_its_end(hotline: TextHotline) -> None:
    """It was counted from the contract: the end of the first registration says nothing any more."""
    second = [*SECOND_STAY, ((8, 12), "DONE 7"), ((8, 12), "UNTIL 6 10.12.2026"), ((11, 25), "DONE 7")]
    assert ASKS in played(hotline, *FIRST_STAY, *second)
    assert to_come(hotline, "d11") == [] and to_come(hotline, "d11-again")


def test_what_was_done_in_a_stay_before_is_not_told_as_done(hotline_on_sqlite: TextHotline) -> None:
    """Its extension; nor is it named by START."""
    said = [((5, 25), "DONE 7"), *SECOND_STAY]
    assert "you said it is done" not in played(hotline_on_sqlite, *FIRST_STAY, *said, ((8, 3), "STATUS"))
    assert "you said it is done" not in played(hotline_on_sqlite, ((8, 3), "UNTIL 6 10.12.2026"))
    assert "Off:" not in played(hotline_on_sqlite, ((8, 3), "START 7"))


def test_end_far_behind_the_extended_one_is_still_reminded_of(hotline: TextHotline) -> None:
    """DONE was said of the contract's end in June; the registration runs to December, the new contract on."""
    said = [((4, 21), "UNTIL 7 01.12.2026"), ((4, 21), "UNTIL 6 01.06.2026"), ((5, 25), "DONE 7")]
    played(hotline, *FIRST_STAY[:3], *said, ((5, 28), "UNTIL 6 01.06.2027"), ((5, 28), "OK"))
    assert to_come(hotline, "d11")[-1] == date(2026, 11, 30)


def test_extension_of_the_family_leaves_the_owners_contract(hotline: TextHotline) -> None:
    """DONE 11 is not said of it."""
    said = [((4, 21), "UNTIL 6 01.06.2026"), ((4, 21), "UNTIL 11 01.06.2026"), ((5, 25), "DONE 11")]
    played(hotline, *FIRST_STAY[:3], *said)
    before = to_come(hotline, "d11")
    played(hotline, ((5, 26), "UNTIL 7 01.09.2026"), ((5, 26), "OK"))
    assert to_come(hotline, "d11") == before != []


def test_contract_that_gave_way_counts_when_it_is_told_again(hotline_on_sqlite: TextHotline) -> None:
    """DONE was said by mistake, and its question answered."""
    said = [((4, 21), "UNTIL 6 01.06.2026"), ((5, 25), "DONE 7"), ((5, 25), "UNTIL 7 01.09.2026")]
    played(hotline_on_sqlite, *FIRST_STAY[:3], *said, ((5, 25), "OK"), ((5, 26), "UNTIL 6 01.06.2026"))
    assert to_come(hotline_on_sqlite, "d11")[-1] == date(2026, 5, 31)


def test_contract_of_a_stay_before_is_no_end_that_gave_way(hotline_on_sqlite: TextHotline) -> None:
    """It runs on: in the second stay nothing else is known."""
    said = [
        ((3, 12), "UNTIL 6 10.12.2026"),
        ((11, 2), "DONE 7"),
        ((11, 2), "UNTIL 7 10.06.2027"),
        ((11, 2), "OK"),
    ]
    second = [((11, 15), "ENTRY 15.11.2026"), ((11, 15), "1"), ((11, 16), "DONE 7")]
    played(hotline_on_sqlite, *FIRST_STAY[:3], *said, *second)
    assert to_come(hotline_on_sqlite, "d11")[-1] == date(2026, 12, 9)


@pytest.mark.parametrize("said", ["REGISTERED 12.03.2026", "DONE 7 12.03.2026"])
def test_stored_day_of_registration_ends_what_is_to_do_again(hotline: TextHotline, said: str) -> None:
    """Another entry made everything to do again; who says again since when they are registered is heard."""
    played(hotline, *FIRST_STAY[:3], ((3, 13), "ENTRY 03.03.2026"), ((3, 13), "1"))
    assert to_come(hotline, "d05")
    assert "are off" in played(hotline, ((3, 13), said))
    assert to_come(hotline, "d05") == []


def test_new_end_is_not_asked_for_twice_on_one_day(hotline: TextHotline) -> None:
    """The answer to DONE has asked; the question that an earlier DONE had planned is not taken up."""
    played(hotline, *FIRST_STAY, ((5, 1), "DONE 7"), ((5, 1), "START 7"), ((5, 10), "DONE 7"))
    with hotline.database.reading() as session:
        rows = session.scalars(select(ReminderRow).where(ReminderRow.rule == "d11-again")).all()
    assert all(row.due_on > date(2026, 5, 10) for row in rows if row.state == "pending")


def test_quiet_reminder_of_today_is_sent_once_the_entry_is_corrected_back(hotline: TextHotline) -> None:
    """The answer to an entry does not speak of the policy's end, so it takes no reminder's place."""
    phone = hotline.phone()
    played(hotline, *FIRST_STAY[:2], ((5, 28), "ENTRY 28.05.2026"), ((5, 28), "1"))
    hotline.now_utc = datetime(2026, 5, 29, 5, tzinfo=UTC)  # before the window
    for body in ("ENTRY 02.03.2026", "1"):
        phone.text(body)
    mine = ReminderRow.rule == "d14", ReminderRow.due_on == date(2026, 5, 29)
    with hotline.database.reading() as session:
        assert session.scalars(select(ReminderRow.state).where(*mine)).all() == ["pending"]


@pytest.mark.parametrize("told", [(5, 28), (10, 20)], ids=["soon", "late"])
def test_end_far_behind_the_extended_one_counts_whenever_the_contract_is_told(
    hotline_on_sqlite: TextHotline, told: tuple[int, int]
) -> None:
    """It is no end that was extended, only because it is near by then."""
    said = [((4, 21), "UNTIL 7 01.12.2026"), ((4, 21), "UNTIL 6 01.06.2026"), ((5, 25), "DONE 7")]
    answer = played(hotline_on_sqlite, *FIRST_STAY[:3], *said, (told, "UNTIL 6 01.06.2027"), (told, "OK"))
    assert to_come(hotline_on_sqlite, "d11")[-1] == date(2026, 11, 30)
    assert "223 days" not in answer


def test_start_brings_back_an_end_that_gave_way_today(hotline_on_sqlite: TextHotline) -> None:
    """DONE by mistake, and a new contract told: START takes DONE back, and the end counts."""
    hotline = hotline_on_sqlite
    played(hotline, *FIRST_STAY[:3], ((4, 21), "UNTIL 7 10.06.2026"))
    before = to_come(hotline, "d11")
    played(hotline, ((5, 25), "DONE 7"), ((5, 25), "UNTIL 6 01.06.2027"), ((5, 25), "OK"))
    assert to_come(hotline, "d11")[0] > date(2027, 1, 1)
    assert "extension" in played(hotline, ((5, 25), "START 7"))
    assert to_come(hotline, "d11") == [day for day in before if day > date(2026, 5, 25)] != []


def test_question_of_today_is_asked_once_the_entry_is_corrected_back(hotline: TextHotline) -> None:
    """DONE counts again, but is not said now: its answer has not asked."""
    phone = hotline.phone()
    played(hotline, *FIRST_STAY[:3])
    hotline.now_utc = datetime(2026, 3, 26, 5, tzinfo=UTC)  # before the window
    for body in ("ENTRY 26.03.2026", "1", "ENTRY 02.03.2026", "1"):
        phone.text(body)
    mine = ReminderRow.rule == "d11-ask", ReminderRow.due_on == date(2026, 3, 26)
    with hotline.database.reading() as session:
        assert session.scalars(select(ReminderRow.state).where(*mine)).all() == ["pending"]
