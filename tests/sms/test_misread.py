"""Texts that mean something else than they look like at first: nothing is stored, stopped or switched off."""

from __future__ import annotations

import sys
from types import FrameType

import pytest

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
