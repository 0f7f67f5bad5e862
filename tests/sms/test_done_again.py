"""DONE said twice of one thing, a text doubled or an answer not seen, ends nothing more."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from db.tables import ReminderRow
from tests.sms.answers import pages
from tests.sms.conftest import TextHotline
from tests.telephone import Telephone

DAY = timedelta(days=1)
LEFT = ("ENGLISH", "ENTRY 20.11.2026", "UNTIL 7 20.05.2027")


def pending(hotline: TextHotline, *rules: str, member: int = 0) -> int:
    """How many reminders of these rules are to come."""
    mine = (ReminderRow.rule.in_(rules), ReminderRow.member == member, ReminderRow.state == "pending")
    with hotline.database.reading() as session:
        return session.scalar(select(func.count()).select_from(ReminderRow).where(*mine)) or 0


def said(phone: Telephone, *bodies: str) -> str:
    """The answer to the last of these texts."""
    return [" ".join(pages(phone.text(body))) for body in bodies][-1]


@pytest.mark.parametrize(
    ("body", "ended", "later"),
    [
        ("DONE 7", ("d05",), ("d11",)),
        ("REGISTERED", ("d05",), ("d11",)),
        ("DONE 6", ("d09",), ("d19", "d20")),
    ],
)
def test_done_said_again_is_answered_as_before_and_ends_nothing_more(
    hotline: TextHotline, body: str, ended: tuple[str, ...], later: tuple[str, ...]
) -> None:
    """What follows, the extension or the papers of a job, is still reminded of."""
    phone = hotline.phone()
    first = said(phone, *LEFT, body)
    rows = pending(hotline, *later)
    assert pending(hotline, *ended) == 0
    assert rows > 0
    hotline.now_utc += DAY - timedelta(seconds=1)
    again = said(phone, body)
    assert again.partition(".")[0] == first.partition(".")[0]  # what is off, in the same words
    assert pending(hotline, *later) == rows


@pytest.mark.parametrize("body", ["DONE 7", "REGISTERED", "КАТТООГО ТУРДУМ"])
def test_registered_said_again_on_another_day_leaves_the_extension(hotline: TextHotline, body: str) -> None:
    """Half a year before the end nothing is extended: the reminders of it stay, and the answer says so."""
    phone = hotline.phone()
    said(phone, LEFT[0], LEFT[1], "DONE 7")
    hotline.now_utc += DAY + timedelta(hours=1)
    said(phone, LEFT[2])
    rows = pending(hotline, "d11")
    answer = said(phone, body)
    assert pending(hotline, "d11") == rows > 0
    assert "extension of registration go on" in answer or "келе берет: каттоону узартуу" in answer


@pytest.mark.parametrize(("body", "ends"), [("DONE 7", True), ("REGISTERED", False)])
def test_done_ends_the_extension_once_it_has_reminded(
    hotline_on_sqlite: TextHotline, body: str, ends: bool
) -> None:
    """From the first reminder of it on DONE is said of the extension; "I have registered" never is."""
    hotline, phone = hotline_on_sqlite, hotline_on_sqlite.phone()
    said(phone, *LEFT, "DONE 7")
    rows = pending(hotline, "d11")
    hotline.now_utc = datetime(2027, 4, 5, 8, tzinfo=UTC) - DAY  # the first is 45 days before the end
    said(phone, body)
    assert pending(hotline, "d11") == rows > 0
    hotline.now_utc += DAY
    said(phone, body)
    assert (pending(hotline, "d11") == 0) is ends


def test_done_said_again_does_not_end_the_terms_of_another(hotline_on_sqlite: TextHotline) -> None:
    """Of two people on a telephone one is done; the same text once more is not taken for the other's."""
    phone = hotline_on_sqlite.phone()
    said(phone, "ENGLISH", "ENTRY 20.11.2026", "ENTRY 21.11.2026", "2", "DONE 7", "2")
    assert pending(hotline_on_sqlite, "d05", member=1) == 0
    assert "Who has done step 7?" in said(phone, "DONE 7")
    assert pending(hotline_on_sqlite, "d05") > 0
