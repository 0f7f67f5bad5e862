"""What goes wrong at the page: wrong numbers, a hotline that is away, acts that are refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from app import Hotline
from tests.page.handling import press, shown, type_letters, wait_heard, wait_shown, wait_text, write

pytestmark = pytest.mark.slow

BISHKEK = "+996555123456"


def ask(page: Page, method: str, path: str, phone: str = "", body: Any = None) -> Any:
    """One request to the exchange, as another window makes it."""
    return page.evaluate(
        """async ([method, path, phone, body]) => {
            const token = document.querySelector('meta[name="exchange-token"]').content;
            const headers = {"X-Exchange-Token": token, "X-Exchange-Phone": phone};
            headers["Content-Type"] = "application/json";
            const request = {method, headers, body: body && JSON.stringify(body)};
            const answer = await fetch("/exchange" + path, request);
            return answer.json();
        }""",
        [method, path, phone, body],
    )


def cut_off(page: Page, path: str = "**/exchange/**") -> None:
    """The hotline is away."""
    page.route(path, lambda route: route.abort())


def answer_with(status: int, sentence: str) -> Callable[[Route], None]:
    return lambda route: route.fulfill(status=status, json={"error": sentence})


def test_page_asks_for_a_whole_number(open_page: Callable[..., Page]) -> None:
    """A mistyped number is explained beside its field and holds nothing; one of Kyrgyzstan is completed."""
    page = open_page()
    field = page.get_by_label("Another number")
    for wrong in ("0700 123", "700123456", "+0700123456", "12", "", "+996700abc123"):
        field.fill(wrong)
        page.get_by_role("button", name="Hold it").click()
        expect(page.locator("#another-trouble")).to_have_text("Write it like +996 700 123 456.")
        expect(page.locator("#phones button")).to_have_count(2)
    field.fill("0700 123 456")
    page.get_by_role("button", name="Hold it").click()
    expect(page.get_by_role("radio", name="+996700123456")).to_be_checked()
    expect(page.locator("#another-trouble")).to_have_text("")
    write(page, "STEP 7")
    wait_text(page, "1/6")
    expect(page.locator("#trouble")).to_be_hidden()


def test_page_holds_a_number_once_the_exchange_has_it(open_page: Callable[..., Page]) -> None:
    """A number that the exchange refuses becomes no telephone, and the others go on."""
    page = open_page()
    page.route("**/exchange/phone", answer_with(400, "No such number."))
    page.get_by_label("Another number").fill("+996700123456")
    page.get_by_role("button", name="Hold it").click()
    expect(page.locator("#another-trouble")).to_have_text("No such number.")
    expect(page.locator("#phones button")).to_have_count(2)
    write(page, "STEP 7")
    wait_text(page, "1/6")


def test_page_goes_on_where_one_telephone_fails(open_page: Callable[..., Page]) -> None:
    """The texts of one telephone cannot be read: the others get theirs, and the hotline is not away."""
    page = open_page()

    def refuse_moscow(route: Route) -> None:
        if route.request.headers["x-exchange-phone"].startswith("+7"):
            route.fulfill(status=400, json={"error": "No texts."})
        else:
            route.continue_()

    page.route("**/exchange/phone/thread", refuse_moscow)
    write(page, "STEP 7")
    wait_text(page, "1/6")
    page.wait_for_timeout(1500)
    expect(page.locator("#trouble")).to_be_hidden()


def test_page_says_that_the_hotline_is_away_and_is_back(open_page: Callable[..., Page]) -> None:
    """Away: a sentence across the page, and each act says so on the telephone. Back: both are gone."""
    page = open_page()
    cut_off(page)
    page.click("#call")
    wait_shown(page, "The hotline does not answer.")
    ask_for = page.locator("#trouble-words")
    expect(ask_for).to_contain_text("start it with make run", timeout=30_000)
    page.unroute_all()
    expect(page.locator("#trouble")).to_be_hidden()
    page.click("#call")
    wait_heard(page, "Кыргызча угуу")


def test_page_older_than_the_hotline_says_reload(open_page: Callable[..., Page], hotline: Hotline) -> None:
    """A hotline that was started anew has another token: the page offers to be loaded anew."""
    page = open_page()
    page.route("**/exchange/**", answer_with(403, "The owner's token is missing or wrong."))
    page.click("#call")
    expect(page.locator("#trouble-words")).to_have_text("The hotline was started anew: reload this page.")
    assert "started anew" in shown(page)
    page.unroute_all()
    page.get_by_role("button", name="Reload").click()
    page.wait_for_selector("[data-key='0']")
    expect(page.locator("#trouble")).to_be_hidden()
    write(page, "STEP 7")
    wait_text(page, "1/6")


def test_page_that_cannot_start_says_why(open_page: Callable[..., Page]) -> None:
    """What hinders the start stands across the page, with a button to try again."""
    page = open_page()
    page.route("**/exchange/state", answer_with(400, "The exchange is tired."))
    page.reload()
    expect(page.locator("#trouble-words")).to_have_text(
        "The telephone could not be started: The exchange is tired."
    )
    expect(page.get_by_role("button", name="Reload")).to_be_visible()


@pytest.mark.parametrize("reason", ["away", "refused"])
def test_page_keeps_the_draft_that_was_not_sent(open_page: Callable[..., Page], reason: str) -> None:
    """Nothing went out: the reason is said, and the draft is there to be sent again."""
    page = open_page()
    if reason == "away":
        cut_off(page, "**/exchange/phone/text")
    else:
        page.route("**/exchange/phone/text", answer_with(400, "A text has 1 to 1600 characters."))
    write(page, "STEP 7")
    wait_shown(page, "Not sent.")
    expect(page.locator("#announcer")).to_contain_text("Not sent.")
    assert "Sent " not in shown(page)
    page.unroute_all()
    page.keyboard.press("Backspace")
    assert shown(page) == "STEP _"
    type_letters(page, "1")
    page.wait_for_timeout(1100)
    page.keyboard.press("Enter")
    wait_text(page, "1/")
    expect(page.locator("#thread .outgoing p")).to_have_text(["STEP 1"])


def test_page_says_sending_until_the_text_is_out(open_page: Callable[..., Page]) -> None:
    """While the exchange has not taken the text the telephone says Sending."""
    page = open_page()
    held: list[Route] = []
    page.route("**/exchange/phone/text", lambda route: held.append(route))
    write(page, "STEP 7")
    wait_shown(page, "Sending")
    page.wait_for_timeout(300)
    held[0].continue_()
    wait_shown(page, "Sent")
    wait_text(page, "1/6")


def test_page_explains_on_the_telephone_that_acted(open_page: Callable[..., Page]) -> None:
    """The answer comes when another telephone is in the hand: that one says nothing."""
    page = open_page()
    held: list[Route] = []
    page.route("**/exchange/phone/dial", lambda route: held.append(route))
    page.click("#call")
    page.wait_for_timeout(200)
    page.get_by_role("radio", name="Moscow").click()
    held[0].fulfill(status=409, json={"error": "The line is cut."})
    page.wait_for_timeout(500)
    assert "The line is cut." not in shown(page)
    page.get_by_role("radio", name="Bishkek").click()
    assert "The line is cut." in shown(page)


def test_page_explains_every_button(open_page: Callable[..., Page]) -> None:
    """Clock, condition, faults: a refusal is said on the telephone, and the button can be used again."""
    page = open_page()
    page.route("**/exchange/clock", answer_with(409, "The clock is already being moved."))
    page.route("**/exchange/faults", answer_with(400, "No trouble today."))
    page.route("**/exchange/phone/condition", answer_with(400, "It stays on."))
    page.get_by_role("button", name="+1 day").click()
    wait_shown(page, "already being moved")
    expect(page.get_by_role("button", name="+1 day")).to_be_enabled()
    page.click("#tab-faults")
    for act, words in (
        (lambda: page.get_by_role("button", name="Order it").click(), "No trouble today."),
        (lambda: page.get_by_role("button", name="Clear all").click(), "No trouble today."),
        (lambda: page.get_by_label("switched off").click(), "It stays on."),
    ):
        act()
        wait_shown(page, words)


def test_page_says_what_each_trouble_strikes(open_page: Callable[..., Page]) -> None:
    """Every kind has its sentence; what is waiting is listed, and numbers without sense are refused."""
    page = open_page()
    page.click("#tab-faults")
    words = page.locator("#fault-words")
    kinds = page.locator("#fault option").all_inner_texts()
    said = set()
    for kind in kinds:
        page.get_by_label("What shall go wrong next").select_option(kind)
        said.add(words.inner_text())
    assert len(said) == len(kinds)
    assert "" not in said
    page.get_by_label("What shall go wrong next").select_option("rest-429")
    expect(words).to_contain_text("Answers to texts go another way")
    for wrong in ("0", "1.5", ""):
        page.get_by_label("How often").fill(wrong)
        page.get_by_role("button", name="Order it").click()
        expect(page.locator("#orders li")).to_have_count(0)
    page.get_by_label("How often").fill("2")
    page.get_by_role("button", name="Order it").click()
    expect(page.locator("#orders li")).to_have_text(["rest-429, 2 times, for Bishkek"])


def test_page_says_how_to_get_out_of_a_condition(open_page: Callable[..., Page]) -> None:
    """Switched off: the left key switches it on. Memory full: the screen at rest says so."""
    page = open_page()
    page.click("#tab-faults")
    page.get_by_label("switched off").check()
    wait_shown(page, "Left key: switch on")
    page.click("#soft-left")
    expect(page.locator("#handset")).to_have_attribute("data-phase", "home")
    page.get_by_label("memory full").check()
    wait_shown(page, "Memory full")


def test_page_dials_whole_numbers_alone(open_page: Callable[..., Page]) -> None:
    """An end of the hotline's number reaches nobody."""
    page = open_page()
    for part in ("7", "0777", "#", "2000777", "00312000777"):
        press(page, part)
        page.click("#call")
        assert "Not in service" in shown(page), part
        page.click("#hang-up")
    press(page, "996312000777")
    page.click("#call")
    wait_heard(page, "Кыргызча угуу")
