"""A real browser at the page of a running hotline.

Chromium is the machine's own. Where there is none these tests are skipped and the run says so; with
KADAM_BROWSER=required, as in .ci/run, a missing one fails.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, ConsoleMessage, Page, expect, sync_playwright

from app import Hotline
from hotline.config import ROOT
from hotline.people import store
from hotline.people.model import Person
from hotline.people.store import Contact
from hotline.practice import PHONES
from hotline.speech.studio import Studio
from tests.running import running
from tests.twilio_api.checking import Inspector

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MISSING = "NO BROWSER: the page was not tested. Install Chromium (Debian: apt-get install chromium)"
SCREENSHOTS = ROOT / "build" / "screenshots"
# Headless, as root too, and without any request of the browser's own to its maker.
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
)
TIMEOUT_MS = 15_000


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of the machine's Chromium."""
    found = next((path for name in NAMES if (path := shutil.which(name))), None)
    if found is not None:
        return found
    if os.environ.get("KADAM_BROWSER") == "required":
        pytest.fail(MISSING)
    pytest.skip(MISSING)  # aloud: `-ra` prints it at the end of the run


@pytest.fixture(scope="session")
def browser(chromium: str) -> Iterator[Browser]:
    """One browser for all tests."""
    expect.set_options(timeout=TIMEOUT_MS)  # the machine may be busy with other tests
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=list(ARGUMENTS))
        yield started
        started.close()


@pytest.fixture
def app(tmp_path: Path, sound: Studio, inspector: Inspector) -> Iterator[Flask]:
    """A hotline of its own for each test: its clock is moved and its people are new."""
    with running(tmp_path, sound, inspector) as made:
        yield made
    inspector.assert_nothing_amiss()


def _welcome(hotline: Hotline) -> None:
    """What a newcomer reads besides an answer is tested in the room of texts."""
    now_utc = hotline.now_utc()
    with hotline.database.writing() as session:
        for number in PHONES:
            contact = Contact(number, None, Person())
            welcomed = {"welcomed_at_utc": now_utc}
            store.save_person(session, hotline.vault, contact, store.new_id(), welcomed, now_utc)


@pytest.fixture
def hotline(app: Flask) -> Hotline:
    """The hotline, which has welcomed its telephones: a text is answered with one text."""
    hotline: Hotline = app.extensions["kadam"]
    _welcome(hotline)
    return hotline


@pytest.fixture
def open_page(browser: Browser, hotline: Hotline) -> Iterator[Callable[..., Page]]:
    """Opens the page, in a window of the size asked for; whatever the browser complains of fails the test."""
    complaints: list[str] = []
    contexts = []

    def open_it(width: int = 1280, height: int = 960) -> Page:
        context = browser.new_context(viewport={"width": width, "height": height})
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(TIMEOUT_MS)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda line: complaints.append(line.text) if is_fault(line) else None)
        page.goto(f"{hotline.line.api_url}/phone")
        page.wait_for_selector("[data-key='0']")
        return page

    yield open_it
    for context in contexts:
        context.close()
    assert complaints == []


def is_fault(line: ConsoleMessage) -> bool:
    """Whether the browser complains; a refusal, or a request that a test cuts off, is shown to the person."""
    shown = ("the server responded with a status of 4", "net::ERR_FAILED")
    return line.type == "error" and not any(words in line.text for words in shown)


@pytest.fixture(scope="session")
def picture() -> Callable[[Page, str], None]:
    """Keeps a picture of the page for a person to look at."""
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    return lambda page, name: page.screenshot(path=SCREENSHOTS / f"{name}.png", full_page=True)
