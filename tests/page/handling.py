"""What a person does at the page, and what the telephone shows."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

HEARD_MS = 30_000  # a paragraph takes up to 15 s, and the call runs in real time
LOOK_MS = 50
# The sounds of all telephones; that of the one in the hand is not muted.
EARS = "[...document.querySelectorAll('#ears audio')]"


def press(page: Page, keys: str) -> None:
    """Press keys of the telephone, one after another."""
    for key in keys:
        page.click(f"[data-key='{key}']")


def shown(page: Page) -> str:
    """The five lines of the screen, joined."""
    return " ".join(page.locator("#screen > div").all_inner_texts()).replace("\xa0", "").strip()


def wait_shown(page: Page, words: str) -> None:
    """Wait until words stand on the screen, across its lines."""
    expect(page.locator("#screen")).to_have_attribute("aria-label", re.compile(re.escape(words)))


def wait_heard(page: Page, words: str) -> None:
    """Wait until words are heard (their caption stands in the panel)."""
    page.click("#tab-heard")
    expect(page.locator("#captions .said").filter(has_text=words).last).to_be_visible(timeout=HEARD_MS)


def wait_played(page: Page, at_least_s: float = 0.3) -> float:
    """Wait until the sound really plays: the element's time has moved; its seconds."""
    for _ in range(HEARD_MS // LOOK_MS):
        played_s = float(page.evaluate(f"Math.max(...{EARS}.map((ear) => ear.currentTime))"))
        if played_s > at_least_s:
            return played_s
        page.wait_for_timeout(LOOK_MS)
    raise AssertionError("the sound does not play")


def write(page: Page, text: str) -> None:
    """Write a text with the computer's keyboard and send it."""
    page.click("#soft-right")
    type_letters(page, text)
    page.keyboard.press("Enter")


def type_letters(page: Page, text: str) -> None:
    """Keys of a computer's keyboard in whatever script: the driver's own knows Latin alone."""
    page.evaluate(
        "text => [...text].forEach((key) => document.body.dispatchEvent("
        "new KeyboardEvent('keydown', {key, bubbles: true})))",
        text,
    )


def wait_text(page: Page, words: str) -> None:
    """Wait until a text with these words has arrived."""
    page.click("#tab-texts")
    expect(page.locator("#thread .incoming").filter(has_text=words).last).to_be_visible()


def move_clock(page: Page, label: str, times: int = 1) -> None:
    """Move the clock with one of its buttons and wait until all that fell due has happened."""
    for _ in range(times):
        button = page.get_by_role("button", name=label)
        button.click()
        expect(button).to_be_enabled(timeout=60_000)
