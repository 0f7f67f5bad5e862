"""All rules at once: what is said first, what waits a day, several people on one telephone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest

from db import Database
from hotline.config import SendWindow
from hotline.guide.model import Guide
from hotline.people.model import BY_CALL, DropDate, MarkDone, RemindBy, SaveDate, UndoDone
from hotline.people.privacy import Vault
from hotline.reminders.deadlines import counted
from hotline.reminders.plan import plan
from hotline.reminders.window import opening
from hotline.reminders.wording import Due, reminder_text
from hotline.sms.reply import joined
from hotline.sms.segments import measure
from tests.reminders.conftest import Hotline

ENTRY = date(2026, 11, 22)
PHONE = "+996555123456"
DAY = timedelta(days=1)
END = date(2027, 3, 19)


@pytest.fixture
def hotline(database: Database, vault: Vault, real_guide: Guide, window: SendWindow) -> Iterator[Hotline]:
    made = Hotline(database, vault, real_guide, window)
    yield made
    made.dispatcher.close()


@pytest.fixture
def sqlite_hotline(
    sqlite: Database, vault: Vault, real_guide: Guide, window: SendWindow
) -> Iterator[Hotline]:
    made = Hotline(sqlite, vault, real_guide, window)
    yield made
    made.dispatcher.close()


def at(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 7, tzinfo=UTC)


def said_by(hotline: Hotline, day: date) -> list[str]:
    """The texts that go out on a day."""
    before = len(hotline.carrier.texts)
    hotline.run_until(at(day) + timedelta(hours=1))
    return [text.body for text in hotline.carrier.texts[before:]]


def states(hotline: Hotline, id: str) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for row in hotline.rows(id):
        found.setdefault(row.rule, set()).add(row.state)
    return found


def test_what_two_pages_do_not_hold_goes_the_next_day(hotline: Hotline) -> None:
    """Entry + 7: registration and job are said, what has no term waits a day; nothing is lost."""
    id = hotline.remember(PHONE, ENTRY, language="ky")
    (first,) = said_by(hotline, ENTRY + 3 * DAY)
    assert "полис" in first
    said_by(hotline, ENTRY + 6 * DAY)
    (week,) = said_by(hotline, ENTRY + 7 * DAY)
    assert "каттоо" in week and "Жумуш" in week
    assert "ижара" not in week
    (rest,) = said_by(hotline, ENTRY + 8 * DAY)
    assert "ижара" in rest and "полиссиз" in rest
    sent = {row.rule for row in hotline.rows(id) if row.state == "sent"}
    assert sent == {"d05", "d09", "d08", "d12", "d13"}


@pytest.mark.slow
def test_season_of_every_date_loses_nothing_and_cuts_nothing(sqlite_hotline: Hotline) -> None:
    """Four people and every date: a text a day, two where the next day would be too late, each page fits."""
    hotline = sqlite_hotline
    hotline.now = datetime(2026, 8, 1, 12, tzinfo=UTC)
    id = hotline.remember(PHONE, language="ky")
    hotline.change(id, SaveDate("departure", ENTRY))
    hotline.run_until(at(ENTRY) + timedelta(hours=1))
    hotline.now = at(ENTRY) + timedelta(hours=5)
    hotline.change(id, SaveDate("entry", ENTRY), SaveDate("family", ENTRY, 1), SaveDate("family", ENTRY, 2))
    hotline.change(id, SaveDate("entry", ENTRY + DAY, 3), SaveDate("registration-until", END))
    hotline.change(id, SaveDate("job-until", END + DAY), SaveDate("family-until", END - DAY))
    hotline.run_until(at(date(2027, 4, 1)))
    assert len(hotline.carrier.texts) > 25
    days = Counter(row.created_at_utc.date() for row in hotline.messages() if row.channel == "sms")
    assert max(days.values()) <= 3
    assert sum(count > 1 for count in days.values()) <= 8  # the last days of several people
    for text in hotline.carrier.texts:
        pages = joined(*text.body.split("\n"))
        assert len(pages) <= 2, text.body
        assert all(measure(page).fits_page for page in pages), text.body
        assert measure(text.body).segments <= 4, text.body
    left = {row.state for row in hotline.rows(id)}
    assert left <= {"sent", "expired", "cancelled"}


def test_border_pack_goes_out_the_day_before_leaving(hotline: Hotline) -> None:
    """Steps 4, 7, 8 and 10 in one text; on the day itself the card alone; nothing after it."""
    hotline.now = datetime(2026, 11, 10, 12, tzinfo=UTC)
    id = hotline.remember(PHONE, language="ky")
    hotline.change(id, SaveDate("departure", ENTRY))
    said_by(hotline, ENTRY - 2 * DAY)
    (pack,) = said_by(hotline, ENTRY - DAY)
    assert all(word in pack for word in ("«работа»", "Медполис", "Каттоо", "Полиция"))
    (card,) = said_by(hotline, ENTRY)
    assert "«работа»" in card and "Полиция" not in card
    assert said_by(hotline, ENTRY + 30 * DAY) == []


def test_entry_ends_what_prepares_the_journey(hotline: Hotline) -> None:
    """Who has entered earlier than planned is told nothing of the border any more."""
    hotline.now = datetime(2026, 11, 10, 12, tzinfo=UTC)
    id = hotline.remember(PHONE)
    hotline.change(id, SaveDate("departure", ENTRY))
    hotline.now += 5 * DAY
    hotline.change(id, SaveDate("entry", date(2026, 11, 14)))
    assert states(hotline, id)["d04"] == {"cancelled"}
    assert states(hotline, id)["d05"] == {"pending"}


def test_earlier_end_takes_the_place_of_the_later_one(hotline: Hotline) -> None:
    """UNTIL 6 before UNTIL 7: the rows of the later end are cancelled; without it they are pending again."""
    id = hotline.remember(PHONE)
    hotline.change(id, SaveDate("registration-until", END))
    first = {row.id for row in hotline.rows(id)}
    hotline.change(id, SaveDate("job-until", END - 10 * DAY))
    now = {row.id: row.state for row in hotline.rows(id)}
    assert {now[id] for id in first} == {"cancelled"}
    assert {state for id, state in now.items() if id not in first} == {"pending"}
    hotline.change(id, DropDate("job-until"))
    assert {row.id for row in hotline.rows(id) if row.state == "pending"} == first


def test_printed_end_of_the_policy_takes_the_place_of_the_guess(hotline: Hotline) -> None:
    """88 days from entry are reminded of until the end on the policy is known; the other rules stay."""
    id = hotline.remember(PHONE, ENTRY)
    guessed = [row.id for row in hotline.rows(id) if row.rule == "d14"]
    hotline.change(id, SaveDate("policy-until", END))
    now = {row.id: row.state for row in hotline.rows(id) if row.rule == "d14"}
    assert {now[id] for id in guessed} == {"cancelled"}
    assert sorted(now.values()).count("pending") == 6
    assert states(hotline, id)["d05"] == {"pending"}


def test_done_ends_one_rule_of_one_person(hotline: Hotline) -> None:
    """Two people on one telephone: the other one is still reminded, by number."""
    id = hotline.remember(PHONE, ENTRY)
    hotline.change(id, SaveDate("entry", ENTRY, 1))
    hotline.change(id, MarkDone("d05", 1), MarkDone("d08", 1))
    (text,) = said_by(hotline, ENTRY + 14 * DAY)[-1:]
    assert "Person 1: 15 days left to get your migration registration" in text
    assert "Person 1, 2: 15 days left to get a job" in text
    assert "Person 2: 15" not in text
    hotline.change(id, UndoDone("d05", 1))
    (text,) = said_by(hotline, ENTRY + 20 * DAY)[-1:]
    assert "Person 1, 2: 9 days left to get your migration registration" in text


def test_done_of_a_term_is_forgotten_with_a_new_date(hotline: Hotline) -> None:
    """The policy was bought; with another end printed on it, that end is reminded of."""
    id = hotline.remember(PHONE, ENTRY)
    hotline.change(id, MarkDone("d14"))
    assert states(hotline, id)["d14"] == {"cancelled"}
    hotline.change(id, SaveDate("policy-until", END))
    assert states(hotline, id)["d14"] == {"cancelled", "pending"}
    said_by(hotline, END - 22 * DAY)
    (text,) = said_by(hotline, END - 21 * DAY)
    assert "19 March" in text


def test_rules_that_follow_done_begin_with_it(hotline: Hotline) -> None:
    """DONE 6 on a day: the stamp the day after, the tax number on the third; START takes them back."""
    id = hotline.remember(PHONE, ENTRY)
    hotline.now = at(ENTRY + 4 * DAY)
    hotline.change(id, MarkDone("d09"), SaveDate("job", ENTRY + 4 * DAY))
    assert {"d10", "d19", "d20"} <= {
        rule for rule, found in states(hotline, id).items() if "pending" in found
    }
    (stamp,) = said_by(hotline, ENTRY + 5 * DAY)
    assert "stamp" in stamp
    hotline.change(id, UndoDone("d09"), DropDate("job"))
    assert states(hotline, id)["d19"] == {"cancelled"}


def test_opted_out_person_gets_none_of_them(hotline: Hotline) -> None:
    """STOP holds for every rule and every person on the telephone."""
    id = hotline.remember(PHONE, ENTRY)
    hotline.change(id, SaveDate("family", ENTRY, 1), SaveDate("policy-until", END))
    hotline.opt_out(PHONE)
    assert said_by(hotline, date(2027, 4, 1)) == []


@pytest.mark.slow
@pytest.mark.parametrize(
    "database", ["sqlite", pytest.param("postgresql", marks=pytest.mark.thorough)], indirect=True
)
def test_last_days_of_six_people_are_all_said(hotline: Hotline) -> None:
    """Six last days on one day do not fit two pages: a second text follows, none is dropped."""
    id = hotline.remember(PHONE, ENTRY, language="ky")
    for number in range(1, 6):
        hotline.change(id, SaveDate("entry", ENTRY + number * DAY, number))
    last = ENTRY + 29 * DAY
    hotline.run_until(at(last) - timedelta(hours=1))
    said = "\n".join(said_by(hotline, last))
    assert "1-адам: Бүгүн" in said
    due = [row for row in hotline.rows(id) if row.due_on == last and row.member == 0]
    assert {row.state for row in due} == {"sent"}
    assert not any(row.state == "expired" for row in hotline.rows(id) if row.urgent)


def test_family_member_is_reminded_by_text_where_calls_were_chosen(hotline: Hotline) -> None:
    """A call speaks to the owner of the telephone; what it does not say follows in a text."""
    id = hotline.remember(PHONE, ENTRY)
    hotline.change(id, SaveDate("family", ENTRY, 1), RemindBy(BY_CALL))
    hotline.run_until(opening(hotline.window, ENTRY + 7 * DAY) - timedelta(minutes=5))
    calls, texts = len(hotline.carrier.calls), len(hotline.carrier.texts)
    hotline.run_until(opening(hotline.window, ENTRY + 8 * DAY) + timedelta(minutes=30))
    assert len(hotline.carrier.calls) == calls + 1
    assert hotline.carrier.calls[-1].url.endswith("/voice/en/remind-d05.d09/0/0")
    text = hotline.carrier.texts[texts]
    assert "Person 2: Family registration" in text.body


@pytest.mark.parametrize("language", ["ky", "ru", "en"])
def test_every_day_of_a_season_fits_two_pages(real_guide: Guide, window: SendWindow, language: str) -> None:
    """Whatever is due together, of one person or of several: the most urgent is said, no sentence is cut."""
    words = real_guide.words(language)
    for shift in range(0, 365, 17):
        entry = ENTRY + shift * DAY
        dates = {"entry": entry, "registration-until": entry + 85 * DAY, "family-until": entry + 84 * DAY}
        for who in ((), (1,), (1, 2, 3)):
            for on, due in due_by_day(real_guide, window, dates, who).items():
                told = reminder_text(words, due, on)
                pages = joined(*told.body.split("\n"))
                assert 1 <= told.said <= len(due)
                assert len(pages) <= 2, told.body
                assert all(measure(page).fits_page for page in pages), told.body
                assert measure(told.body).segments <= 4, told.body


def due_by_day(
    guide: Guide, window: SendWindow, dates: dict[str, date], who: tuple[int, ...]
) -> dict[date, list[Due]]:
    """What is due on each day of a season, the most urgent first."""
    found: dict[date, list[Due]] = {}
    departure = {"departure": dates["entry"] - DAY}
    for stored, today in ((departure, ENTRY - 400 * DAY), (dates, dates["entry"])):
        for row in plan(guide.rules, stored, (), today, window):
            start = counted(guide.rules[row.rule], stored, ())
            assert start is not None
            found.setdefault(row.due_on, []).append(Due(guide.rules[row.rule], start.term, who))
    for due in found.values():
        due.sort(key=lambda each: each.term.last_day if each.term else date.max)
    return found
