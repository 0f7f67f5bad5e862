"""Texts that mean something else than they look like at first: nothing is stored, stopped or switched off."""

from __future__ import annotations

import sys
from datetime import date, timedelta
from types import FrameType

import pytest
from sqlalchemy import select

from db.tables import ReminderRow
from hotline.people.questions import Asked
from hotline.sms.understanding.folding import LONGEST_TEXT
from tests.sms.conftest import TextHotline
from tests.sms.test_done_again import pending, said
from tests.sms.test_same_day import stored
from tests.sms.texts import understood

TERMS = ("d05", "d08", "d09")


@pytest.mark.parametrize("body", ["каттоо бүттү", "KATTOO BUTTU", "жумуш бүттү", "иш болду", "work finished"])
def test_what_has_run_out_is_not_done(hotline: TextHotline, body: str) -> None:
    """The registration, or the job, may be over: the hotline asks, with the word that says it is done."""
    phone = hotline.phone()
    said(phone, "ENGLISH", "ENTRY 15.11.2026")
    rows = pending(hotline, *TERMS)
    answer = said(phone, body)
    assert pending(hotline, *TERMS) == rows > 0
    assert stored(hotline).done == frozenset()
    step = 6 if body in {"жумуш бүттү", "иш болду", "work finished"} else 7
    assert any(f"{word} {step}" in answer for word in ("АТКАРДЫМ", "DONE"))


@pytest.mark.parametrize(
    "body", ["сделал 7 дней назад", "7 күн мурун аткардым", "done 7 tomorrow", "DONE 7 ❌"]
)
def test_day_is_no_step_and_what_is_to_come_is_not_done(hotline: TextHotline, body: str) -> None:
    """The 7 of "7 days ago" is not step 7, and tomorrow nothing is done yet."""
    phone = hotline.phone()
    said(phone, "ENGLISH", "ENTRY 15.11.2026")
    rows = pending(hotline, *TERMS)
    said(phone, body)
    assert pending(hotline, *TERMS) == rows > 0
    assert stored(hotline).done == frozenset()


@pytest.mark.parametrize("body", ["орусча түшүнбөйм", "Орусча жазбаңыз", "русский не понимаю", "english no"])
def test_language_is_not_changed_against_the_will(hotline: TextHotline, body: str) -> None:
    """Who does not understand a language is not answered in it from then on, but asked which."""
    phone = hotline.phone()
    said(phone, "КЫРГЫЗЧА")
    assert "КЫРГЫЗЧА / РУССКИЙ / ENGLISH" in said(phone, body)
    assert stored(hotline).language == "ky"


@pytest.mark.parametrize(
    ("body", "anchor", "day"),
    [
        ("DONE 7 16.11.2026", "registered", date(2026, 11, 16)),
        ("я сделал регистрацию вчера", "registered", date(2026, 11, 21)),
        ("DONE 6 16.11.2026", "job", date(2026, 11, 16)),
    ],
)
def test_day_of_done_is_kept(hotline: TextHotline, body: str, anchor: str, day: date) -> None:
    """Not the day of the text; the answer says it, and what counts from it comes in time."""
    phone = hotline.phone()
    said(phone, "ENGLISH", "ENTRY 12.11.2026")
    answer = said(phone, body)
    assert stored(hotline).dates[anchor] == day
    assert str(day.day) in answer
    assert "START 7" in answer or "START 6" in answer or "СТАРТ 7" in answer
    assert pending(hotline, "d05" if anchor == "registered" else "d09") == 0
    if anchor == "job":
        with hotline.database.reading() as session:
            inn = session.scalars(select(ReminderRow.due_at_utc).where(ReminderRow.rule == "d20")).all()
        assert [at_utc.date() for at_utc in inn] == [date(2026, 11, 23)]


@pytest.mark.parametrize("body", ["DONE 7 05.11.2026", "DONE 6 05.11.2026"])
def test_day_of_done_before_the_entry_is_not_kept(hotline_on_sqlite: TextHotline, body: str) -> None:
    """It is asked for again, and the reminders go on."""
    phone = hotline_on_sqlite.phone()
    said(phone, "ENGLISH", "ENTRY 12.11.2026")
    assert "before your entry" in said(phone, body)
    assert stored(hotline_on_sqlite).done == frozenset()
    assert "OK or NO" not in said(phone, "DONE 6 16.11.2026")
    assert "So far: 16 November" in said(phone, "DONE 6 17.11.2026")
    said(phone, "OK")
    assert stored(hotline_on_sqlite).dates["job"] == date(2026, 11, 17)


@pytest.mark.parametrize("body", ["выехал 20.11", "выехали вчера", "приехал 20.11?", "20.11.2026?"])
def test_departure_and_a_question_store_no_entry(hotline: TextHotline, body: str) -> None:
    """ВЫЕХАЛ sounds like ВЪЕХАЛ, and who asks is not sure: nothing is stored without OK."""
    assert said(hotline.phone(), "РУССКИЙ", body)
    assert not stored(hotline).dates


@pytest.mark.parametrize("body", ["керек эмес", "эми керек эмес", "мага керек эмес", "не нужно"])
def test_no_need_answers_the_open_question_and_stops_nothing(hotline: TextHotline, body: str) -> None:
    """With a question open it is NO; without one the hotline asks whether to stop."""
    phone = hotline.phone()
    said(phone, "ENGLISH", "ENTRY 15.11.2026", "DEPART 01.10.2029", body)
    assert not stored(hotline).opted_out
    assert stored(hotline).question is None
    said(phone, body)
    assert not stored(hotline).opted_out
    assert (question := stored(hotline).question)
    assert question.kind is Asked.OPT_OUT


@pytest.mark.parametrize("body", ["оба", "no 7", "N7"])
def test_other_words_answer_no_open_question(hotline_on_sqlite: TextHotline, body: str) -> None:
    """Both of two is not yes, and the number 7 is not no."""
    phone = hotline_on_sqlite.phone()
    said(phone, "ENGLISH", "DEPART 01.10.2029", body)
    assert not stored(hotline_on_sqlite).dates
    assert stored(hotline_on_sqlite).question


def test_number_of_long_ago_is_asked_about_before_it_stores(hotline: TextHotline) -> None:
    """Hours after the question a 1 may be step 1: the question comes again; the next 1 answers it."""
    phone = hotline.phone()
    asked = said(phone, "ENGLISH", "ENTRY 20.11.2026", "ENTRY 19.11.2026")
    hotline.now_utc += timedelta(hours=20)
    said(phone, "STEP 5")
    assert asked.partition("Reply")[0][-40:] in said(phone, "1")
    assert stored(hotline).dates["entry"] == date(2026, 11, 20)
    said(phone, "1")
    assert stored(hotline).dates["entry"] == date(2026, 11, 19)


def work(text: str) -> int:
    """How many calls it takes to read the text."""
    calls, before = 0, sys.getprofile()

    def count(_frame: FrameType, event: str, _argument: object) -> None:
        nonlocal calls
        calls += event == "call"

    sys.setprofile(count)
    try:
        understood(text)
    finally:
        sys.setprofile(before)
    return calls


@pytest.mark.parametrize("part", ["Oа7 4а бүттү ", "К 7 ", "13 ", "жана 7 ", "каттоо "])
def test_reading_a_text_costs_no_more_than_its_length(part: str) -> None:
    """Ten times the words: not a hundred times the work, for which all others would wait."""
    short, longer, longest = ((part * 800)[:length].rsplit(" ", 1)[0] for length in (160, 320, LONGEST_TEXT))
    assert work(longer) < 5 * work(short)
    assert work(longest) < 12 * work(short)
