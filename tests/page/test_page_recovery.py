"""The page in the middle of things: reloaded in a call, in two windows, called back, joined with a person."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from app import Hotline
from hotline.speech.studio import Studio
from tests.page.handling import (
    EARS,
    press,
    shown,
    wait_heard,
    wait_played,
    wait_shown,
    wait_text,
    write,
)
from tests.page.test_page_trouble import ask
from tests.running import running
from tests.twilio_api.checking import Inspector

pytestmark = pytest.mark.slow

OPERATOR = "+996700555666"
MOSCOW = "+79161234567"
COUNTING = re.compile(r"^0:0[1-9]$")  # a second may pass between two looks
SCROLLED_TO_ITS_END = """id => {
    const log = document.querySelector(id);
    return log.scrollHeight > log.clientHeight && log.scrollHeight - log.clientHeight - log.scrollTop < 2;
}"""


@pytest.fixture
def app(tmp_path: Path, sound: Studio, inspector: Inspector) -> Iterator[Flask]:
    """A hotline with a person behind key 7."""
    with running(tmp_path, sound, inspector, HOTLINE_OPERATOR_NUMBER=OPERATOR) as made:
        yield made
    inspector.assert_nothing_amiss()


def test_page_reloaded_in_a_call_goes_on(open_page: Callable[..., Page]) -> None:
    """The telephone in the call is in the hand, its time and words are there, the sound plays on."""
    page = open_page()
    page.get_by_role("radio", name="Moscow").click()
    page.click("#call")
    wait_heard(page, "Кыргызча угуу")
    page.reload()
    page.wait_for_selector("[data-key='0']")
    expect(page.get_by_role("radio", name="Moscow")).to_be_checked()
    expect(page.get_by_role("radio", name="Moscow")).to_contain_text("in call")
    assert page.locator("#strip-right").inner_text() != "…"
    wait_heard(page, "Кыргызча угуу")
    assert wait_played(page) > 0
    press(page, "2")
    wait_heard(page, "полиц")
    page.click("#hang-up")
    expect(page.locator("#handset")).to_have_attribute("data-phase", "home")
    assert "Call ended" in shown(page)
    expect(page.get_by_role("radio", name="Moscow")).not_to_contain_text("in call")


def test_page_reloaded_shows_what_happened_before(open_page: Callable[..., Page]) -> None:
    """Wire and Heard are filled again, without a word of it announced, and are at their newest end."""
    page = open_page(height=480)  # so low that Wire does not fit
    page.click("#call")
    wait_heard(page, "Кыргызча угуу")
    page.click("#hang-up")
    expect(page.locator("#captions .ended")).to_contain_text("call completed")
    for _ in range(3):
        write(page, "STEP 7")
        wait_text(page, "1/6")
        page.wait_for_timeout(1200)
    page.reload()
    page.wait_for_selector("[data-key='0']")
    expect(page.locator("#captions .ended")).to_contain_text("call completed")
    expect(page.locator("#captions .said").filter(has_text="Кыргызча угуу")).to_have_count(1)
    expect(page.locator("#announcer p")).to_have_count(0)
    expect(page.locator("#reader p")).to_have_count(0)
    page.click("#tab-wire")
    expect(page.locator("#happenings li").filter(has_text="POST /sms").first).to_be_attached()
    page.wait_for_function(SCROLLED_TO_ITS_END, arg="#happenings")


def test_page_held_before_a_reload_is_held_again(open_page: Callable[..., Page]) -> None:
    """No telephone is in a call: the one held before is in the hand."""
    page = open_page()
    page.get_by_role("radio", name="Moscow").click()
    page.reload()
    page.wait_for_selector("[data-key='0']")
    expect(page.get_by_role("radio", name="Moscow")).to_be_checked()


def test_page_sounds_in_the_window_that_dialled(open_page: Callable[..., Page]) -> None:
    """Another window shows the call and its words, and is silent."""
    page, other = open_page(), open_page()
    page.click("#call")
    wait_played(page)
    expect(other.locator("#handset")).to_have_attribute("data-phase", "talk")
    expect(other.locator("#captions .said").filter(has_text="Кыргызча угуу")).to_be_attached()
    assert other.evaluate(f"{EARS}.every((ear) => ear.paused)")


def test_page_meets_telephones_of_other_windows(open_page: Callable[..., Page]) -> None:
    """A number first held elsewhere is a telephone here as soon as something happens to it."""
    page, other = open_page(), open_page()
    page.get_by_label("Another number").fill("+996700123456")
    page.get_by_role("button", name="Hold it").click()
    page.click("#call")
    expect(other.get_by_role("radio", name="+996700123456")).to_contain_text("in call")


def test_page_keeps_the_buttons_of_its_telephones(open_page: Callable[..., Page]) -> None:
    """News changes what stands on a button, never the button: a click on its way is not lost."""
    page = open_page()
    page.evaluate("document.querySelectorAll('#phones button').forEach((one) => { one.kept = true; })")
    write(page, "STEP 7")
    wait_text(page, "1/6")
    expect(page.get_by_role("radio", name="Bishkek")).to_contain_text("1 new")
    assert page.evaluate("[...document.querySelectorAll('#phones button')].every((one) => one.kept)")


def test_page_called_back_counts_the_time(open_page: Callable[..., Page]) -> None:
    """An answered ring: the words are those of a call, its time runs, its end says how long it was."""
    page = open_page()
    write(page, "CALL")
    wait_shown(page, "Kadam calls")
    page.click("#call")
    expect(page.locator("#strip-right")).to_have_text(COUNTING)
    assert "Calling Kadam" not in shown(page)
    page.click("#hang-up")
    wait_shown(page, "Call ended 0:0")


def test_page_joins_two_telephones(open_page: Callable[..., Page]) -> None:
    """Key 7: both telephones say with whom they are connected, both count, and Heard has a line."""
    page = open_page()
    page.click("#call")
    wait_heard(page, "Кыргызча угуу")
    press(page, "2")
    wait_heard(page, "полиц")
    press(page, "7")
    operator = page.get_by_role("radio", name="Operator")
    expect(operator).to_contain_text("rings", timeout=30_000)
    operator.click()
    page.click("#call")
    wait_shown(page, "Connected with Bishkek")
    expect(page.locator("#strip-right")).to_have_text(COUNTING)
    page.get_by_role("radio", name="Bishkek").click()
    wait_shown(page, "Connected with Operator")
    expect(page.locator("#captions")).to_contain_text("Operator is connected with Bishkek")


def test_page_moves_no_clock_in_a_call(open_page: Callable[..., Page]) -> None:
    """A call's seconds would jump: the buttons wait for its end and say why; it tells its own length."""
    page = open_page()
    page.click("#call")
    wait_heard(page, "Кыргызча угуу")
    expect(page.get_by_role("button", name="+1 hour")).to_be_disabled()
    expect(page.locator("#clock-why")).to_contain_text("not during a call")
    ask(page, "POST", "/clock", body={"seconds": 3})
    page.click("#hang-up")
    expect(page.get_by_role("button", name="+1 hour")).to_be_enabled()
    seconds = int((page.locator("#captions .ended").inner_text()).split(", ")[1].removesuffix(" s"))
    assert f"Call ended {seconds // 60}:{seconds % 60:02}" in shown(page)


def test_page_hangs_up_what_nobody_answered(open_page: Callable[..., Page]) -> None:
    """The hotline is slow to answer: who hangs up before reads that nobody did, late as the news may come."""
    page = open_page()
    ask(page, "POST", "/faults", body={"kind": "webhook-slow", "seconds": 6})
    page.click("#call")
    wait_shown(page, "Calling Kadam")
    page.route("**/exchange/wire*", lambda _held: None)
    page.click("#hang-up")
    expect(page.locator("#handset")).to_have_attribute("data-phase", "home")  # over: that is all one knows
    page.unroute_all()  # lets them go on
    wait_shown(page, "Not answered")
    expect(page.locator("#captions .ended")).to_contain_text("not answered")


def test_page_list_stays_under_the_finger(open_page: Callable[..., Page], hotline: Hotline) -> None:
    """A text arrives while one is chosen: the chosen one stays chosen."""
    page = open_page()
    for step in ("STEP 7", "STEP 1"):
        write(page, step)
        wait_text(page, "1/")
        page.wait_for_timeout(1200)
    expect(page.locator("#thread .incoming")).to_have_count(2)
    page.click("#soft-left")
    press(page, "8")
    chosen = page.locator("#screen > div").filter(has_text=">").inner_text()
    ask(page, "POST", "/phone/text", "+996555123456", {"body": "STEP 2"})
    expect(page.locator("#thread .incoming")).to_have_count(3)
    assert page.locator("#screen > div").filter(has_text=">").inner_text() == chosen


def test_page_wire_tells_the_time_of_the_telephone(open_page: Callable[..., Page], hotline: Hotline) -> None:
    """Each line is told in the zone of the telephone in the hand, under its day."""
    page = open_page()
    write(page, "STEP 7")
    wait_text(page, "1/6")
    page.click("#tab-wire")
    here = page.locator("#happenings time").first.inner_text()
    day = hotline.now_utc().strftime("%B")
    expect(page.locator("#happenings .day").first).to_contain_text(day)
    page.get_by_role("radio", name="Moscow").click()
    there = page.locator("#happenings time").first.inner_text()
    assert (int(here[:2]) - int(there[:2])) % 24 == 3
    assert here[2:8] == there[2:8]
