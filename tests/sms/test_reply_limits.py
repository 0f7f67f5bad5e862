"""The purse: replies to everybody, to a prefix, to countries that are not named; a flood."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest

from db import Database
from db.tables import AnchorRow, AnswerRow, OptOutRow, PersonRow
from hotline.config import Config, ConfigError
from hotline.guide.model import Guide
from hotline.people.purses import Purses
from hotline.people.reply_limits import Empty, ReplyLimits
from hotline.people.text_limits import Counted, TextLimits
from hotline.sms.understanding.vocabulary import Vocabulary
from tests.sms.answers import pages
from tests.sms.conftest import TextHotline, opened
from tests.sms.flooding import flood
from tests.together import at_once
from tests.watching import count, statements

UZBEK, TURKISH, KAZAKH = "+9989012340{:02}", "+9053212345{:02}", "+7705123450{:01}"
Open = Callable[[Database, ReplyLimits], TextHotline]


@pytest.fixture
def open_with(guide: Guide, vocabulary: Vocabulary) -> Open:
    """Opens the SMS room with these limits on all replies."""
    return lambda database, limits: opened(guide, vocabulary, TextLimits(), database, limits)


def silent(hotline: TextHotline, number: str, body: str = "STEP 7") -> bool:
    return pages(hotline.phone(number).text(body)) == []


def test_flood_of_one_number_costs_thirty_two_replies_and_nobody_else_waits(
    open_with: Open, database: Database
) -> None:
    """Within an hour, of everything mixed. `make chaos`, proof `flood`: 10,000."""
    found = flood(open_with(database, ReplyLimits()), texts=100, every=20)
    assert 30 <= found.replies <= 32
    assert found.rows <= 32
    assert found.served == found.asked == 5


def test_all_replies_of_a_day_have_one_limit(open_with: Open, database: Database) -> None:
    """Then nobody gets any and nothing is stored, but for a cry for help and STOP; a day later again."""
    hotline = open_with(database, ReplyLimits(per_day=5))
    numbers = [f"+99655500{n:04}" for n in range(8)]
    assert [silent(hotline, number) for number in numbers] == [False] * 5 + [True] * 3
    people = count(database, PersonRow)
    assert silent(hotline, numbers[6], "ENTRY 10.11.2026")
    assert (count(database, PersonRow), count(database, AnchorRow)) == (people, 0)
    assert "112" in pages(hotline.phone(numbers[7]).text("SOS"))[0]
    assert silent(hotline, numbers[0], "ТОКТОТ")
    assert count(database, OptOutRow) == 1
    hotline.now_utc += timedelta(hours=24, seconds=1)
    assert not silent(hotline, numbers[6])


def test_cry_for_help_is_answered_until_twice_as_many_replies_are_given(
    open_with: Open, sqlite: Database
) -> None:
    """From however many numbers: it has an end too."""
    hotline = open_with(sqlite, ReplyLimits(per_day=3))
    answered = [not silent(hotline, f"+99655500{n:04}", "SOS") for n in range(10)]
    assert answered == [True] * 6 + [False] * 4


def test_other_countries_share_a_small_purse(open_with: Open, database: Database) -> None:
    """A migrant with an Uzbek or Turkish SIM is served; a thousand bought ones are not. Kazakhs are +7."""
    hotline = open_with(database, ReplyLimits(purses=Purses(elsewhere=3)))
    abroad = [silent(hotline, (UZBEK if n % 2 else TURKISH).format(n)) for n in range(6)]
    assert abroad == [False] * 3 + [True] * 3
    assert not silent(hotline, KAZAKH.format(1))
    assert not silent(hotline, "+996555123456")
    assert not silent(hotline, UZBEK.format(9), "SOS")
    hotline.now_utc += timedelta(hours=24, seconds=1)
    assert not silent(hotline, UZBEK.format(8))


def test_country_that_is_closed_hears_nothing_at_all(
    open_with: Open, sqlite: Database, caplog: pytest.LogCaptureFixture
) -> None:
    """0: an empty 200, no row, one line in the log without the number."""
    hotline = open_with(sqlite, ReplyLimits(purses=Purses(elsewhere=0)))
    for body in ("STEP 7", "SOS", "ENTRY 10.11.2026"):
        caplog.clear()
        with caplog.at_level(logging.INFO), statements(sqlite) as seen:
            answer = hotline.phone(UZBEK.format(1)).text(body)
        assert (answer.status_code, pages(answer), len(seen)) == (200, [], 1)
        assert [record.msg["reason"] for record in caplog.records] == [Empty.ELSEWHERE]
        assert "99890" not in str(caplog.records)
    assert count(sqlite, AnswerRow) == count(sqlite, PersonRow) == 0


def test_prefix_has_a_limit_of_its_own(open_with: Open, database: Database) -> None:
    """The longest that fits; others go on."""
    hotline = open_with(database, ReplyLimits(purses=Purses((("+7", 2), ("+7705", 1), ("+998", 1)))))
    assert [silent(hotline, KAZAKH.format(n)) for n in range(2)] == [False, True]
    assert [silent(hotline, f"+7916123450{n}") for n in range(3)] == [False, False, True]
    assert [silent(hotline, UZBEK.format(n)) for n in range(2)] == [False, True]
    assert not silent(hotline, "+996555123456")
    assert not silent(hotline, TURKISH.format(1))


def test_deleting_fills_no_purse(open_with: Open, sqlite: Database) -> None:
    """Whoever is erased has been answered all the same."""
    hotline = open_with(sqlite, ReplyLimits(purses=Purses(elsewhere=4)))
    for body in ("STEP 7", "DELETE", "OK"):
        assert not silent(hotline, UZBEK.format(1), body)
    assert count(sqlite, PersonRow) == 0
    assert [silent(hotline, UZBEK.format(n)) for n in (2, 3)] == [False, True]


def test_replies_are_counted_in_the_statement_that_finds_the_person(
    open_with: Open, database: Database
) -> None:
    """No statement more, whatever limits there are."""
    hotline = open_with(database, ReplyLimits(purses=Purses((("+996", 100),))))
    with statements(database) as seen:
        assert not silent(hotline, "+996555123456")
    assert len([each for each in seen if each.startswith("SELECT")]) == 1
    assert len(seen) <= 6


def test_no_column_tells_a_country(open_with: Open, sqlite: Database) -> None:
    """What shares a purse has the same HMAC; of a country that has none there is nothing."""
    hotline = open_with(sqlite, ReplyLimits())
    for number in (UZBEK.format(1), TURKISH.format(2), "+996555123456", KAZAKH.format(1)):
        hotline.phone(number).text("STEP 7")
    with sqlite.reading() as session:
        found = [row.purse_index for row in session.query(AnswerRow)]
    assert sorted(found, key=repr)[:2] == [None, None]
    assert len({each for each in found if each}) == 1
    assert not any(word in repr(found) for word in ("elsewhere", "998", "+7"))


def test_many_numbers_at_once_stay_within_the_limit(open_with: Open, database: Database) -> None:
    """Eight threads: exact on SQLite; on PostgreSQL each that runs at that instant may be one too many."""
    hotline, answered = open_with(database, ReplyLimits(purses=Purses(elsewhere=6))), []
    gate = threading.Barrier(8)

    def write(part: int) -> None:
        gate.wait()
        for n in range(3):
            answered.append(not silent(hotline, UZBEK.format(part * 10 + n)))

    at_once(*(partial(write, part) for part in range(8)))
    most = 6 if database.engine.dialect.name == "sqlite" else 6 + 8
    assert 6 <= sum(answered) <= most
    assert not silent(hotline, "+996555123456")


@pytest.mark.parametrize(
    ("phone", "counted", "urgent", "empty"),
    [
        ("+996555123456", Counted(everybody=19_999), False, None),
        ("+996555123456", Counted(everybody=20_000), False, Empty.EVERYBODY),
        ("+996555123456", Counted(everybody=39_999), True, None),
        ("+996555123456", Counted(everybody=40_000), True, Empty.EVERYBODY),
        ("+998901234567", Counted(purse=49), False, None),
        ("+998901234567", Counted(purse=50), False, Empty.ELSEWHERE),
        ("+998901234567", Counted(purse=99), True, None),
        ("+998901234567", Counted(purse=100), True, Empty.ELSEWHERE),
        ("+79161234567", Counted(purse=10_000), False, None),
    ],
)
def test_limits_out_of_the_box(phone: str, counted: Counted, urgent: bool, empty: Empty | None) -> None:
    """20,000 in all, 50 elsewhere, twice that for a cry for help."""
    assert ReplyLimits().empty(phone, counted, urgent) is empty


def test_limits_are_read_from_settings() -> None:
    """Each of them."""
    assert Config.from_env({}).reply_limits == ReplyLimits()
    settings = {
        "HOTLINE_REPLIES_PER_DAY": "300",
        "HOTLINE_REPLIES_PER_PREFIX_DAY": "+998=20,+7=100",
        "HOTLINE_REPLY_COUNTRIES": "+996,+7,+375",
        "HOTLINE_REPLIES_ELSEWHERE_DAY": "0",
    }
    expected = ReplyLimits(300, Purses((("+998", 20), ("+7", 100)), ("+996", "+7", "+375"), 0))
    assert Config.from_env(settings).reply_limits == expected


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("HOTLINE_REPLIES_PER_DAY", "many"),
        ("HOTLINE_REPLIES_PER_PREFIX_DAY", "998=5"),
        ("HOTLINE_REPLIES_PER_PREFIX_DAY", "+998"),
        ("HOTLINE_REPLY_COUNTRIES", "KG"),
        ("HOTLINE_REPLIES_ELSEWHERE_DAY", "-1"),
    ],
)
def test_limit_that_is_none_stops_the_start(name: str, value: str) -> None:
    """By name."""
    with pytest.raises(ConfigError, match=name):
        Config.from_env({name: value})
