"""No reply is over two pages; what waits for MORE is all there, and waits for the last reply alone."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from db.tables import PersonRow
from hotline.guide.model import Guide
from hotline.people.model import KeepRest, Person
from hotline.reminders.days import Today
from hotline.sms.brevity import brief
from hotline.sms.reply import Asking, Reply
from hotline.sms.understanding.command import Command, CommandName
from tests.sms.conftest import TextHotline
from tests.sms.test_scripts import answer, stored
from tests.sms.test_sms_webhook import pages

TODAY = Today(date(2026, 11, 22), date(2026, 11, 22), date(2026, 11, 22))
ENTRY = "КИРДИМ 22.11.2026"
JOB = "Жумушка орношууга"


def asking(guide: Guide, rest: tuple[str, ...] = ()) -> Asking:
    return Asking(guide, Person(rest=rest), Command(CommandName.STATUS), TODAY, TODAY, guide.words("ky"))


def test_two_pages_stay_as_they_are(guide: Guide) -> None:
    """Nothing is moved and nothing waits."""
    reply = Reply(("я" * 134, "ю" * 134))
    assert brief(asking(guide), reply) == reply


def test_third_page_waits_and_the_reply_says_so(guide: Guide) -> None:
    """In full, in its order."""
    reply = Reply(("я" * 100, "ю" * 100, "э" * 100, "щ" * 100))
    short = brief(asking(guide), reply)
    assert short.pages == ("я" * 100, "ю" * 100 + "\nУландысы: ДАГЫ")
    assert short.effects == (KeepRest(("э" * 100, "щ" * 100)),)


def test_short_line_goes_where_there_is_room(guide: Guide) -> None:
    """Rather than wait for MORE."""
    reply = Reply(("я" * 100, "ю" * 130, "э" * 30))
    assert brief(asking(guide), reply).pages == ("я" * 100 + "\n" + "э" * 30, "ю" * 130)


def test_word_for_more_is_named_on_the_page_with_room(guide: Guide) -> None:
    """Full as the second page is, what it says stays."""
    reply = Reply(("я" * 80, "ю" * 134, "э" * 100))
    assert brief(asking(guide), reply).pages == ("я" * 80 + "\nУландысы: ДАГЫ", "ю" * 134)


def test_footer_stays_with_its_page(guide: Guide) -> None:
    """ "MORE 1/6" under another text would be said of that one."""
    page = "ю" * 111 + "\nДАГЫ 1/6"
    assert brief(asking(guide), Reply(("я" * 20, page, "э" * 130))).pages == (
        "я" * 20 + "\nУландысы: ДАГЫ",
        page,
    )


def test_languages_close_the_reply_and_do_not_wait(guide: Guide) -> None:
    """Who is new learns of them at once."""
    short = brief(asking(guide), Reply(("я" * 100, "ю" * 100, "э" * 100)), "РУССКИЙ")
    assert short.pages == ("я" * 100, "ю" * 100 + "\nУландысы: ДАГЫ\nРУССКИЙ")


def test_what_waited_is_dropped_by_the_next_reply(guide: Guide) -> None:
    """MORE goes on with the last one."""
    assert brief(asking(guide, rest=("old",)), Reply(("я",))).effects == (KeepRest(()),)


@pytest.mark.parametrize("script", ["КЫРГЫЗЧА", "LATIN"])
def test_more_brings_the_rest_of_a_long_answer(hotline: TextHotline, script: str) -> None:
    """The term of the job, once; then MORE goes on with the guide."""
    phone = hotline.phone()
    phone.text(script)
    job = JOB if script == "КЫРГЫЗЧА" else "Jumushka ornoshuuga"
    first = pages(phone.text(ENTRY))
    assert len(first) == 2 and job not in " ".join(first)
    assert job in answer(phone, "ДАГЫ")
    assert job not in answer(phone, "ДАГЫ")


def test_other_text_between_drops_the_rest(hotline: TextHotline) -> None:
    """MORE after a step is of that step."""
    phone = hotline.phone()
    phone.text(ENTRY)
    phone.text("КАДАМ 7")
    assert "2/6" in answer(phone, "ДАГЫ")
    assert stored(hotline).rest == ()


@pytest.mark.parametrize(("hours", "there"), [(2, True), (3, False)])
def test_old_rest_is_not_said(hotline: TextHotline, hours: int, there: bool) -> None:
    """ "29 days left" is not true the day after."""
    phone = hotline.phone()
    phone.text(ENTRY)
    hotline.now_utc += timedelta(hours=hours)
    assert (JOB in answer(phone, "ДАГЫ")) is there


def test_rest_is_sealed_and_erased(hotline: TextHotline) -> None:
    """It tells dates: no clear text in the row, nothing after DELETE."""
    phone = hotline.phone()
    phone.text(ENTRY)
    assert stored(hotline).rest
    with hotline.database.reading() as session:
        sealed = session.scalars(select(PersonRow.rest_sealed)).one()
    assert sealed is not None and JOB.encode() not in sealed
    phone.text("ӨЧҮР")
    phone.text("ООБА")
    assert stored(hotline) == Person()
