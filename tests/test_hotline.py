"""The whole hotline as `python app.py` runs it: server, exchange, sound, clock, a terminal telephone."""

from __future__ import annotations

import io
import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import requests
from flask import Flask

from app import Hotline
from hotline.config import EXCHANGE_NUMBER
from hotline.exchange.doors.talk import talk
from hotline.practice import publish
from hotline.sms import budget
from hotline.speech.studio import Studio
from tests.running import running
from tests.telephone import TOKEN, Telephone
from tests.twilio_api.checking import Inspector

pytestmark = pytest.mark.usefixtures("as_twilio_has_it")


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory, sound: Studio, inspector: Inspector) -> Iterator[Flask]:
    """A hotline as it is out of the box, with sound of its own: tests take clips away."""
    folder = tmp_path_factory.mktemp("hotline")
    shutil.copytree(sound.folder, folder / "rendered")
    with running(folder, replace(sound, folder=folder / "rendered"), inspector) as made:
        yield made


@pytest.fixture(scope="module")
def hotline(app: Flask) -> Hotline:
    """The hotline, which commands find as they do beside `make run`."""
    hotline: Hotline = app.extensions["kadam"]
    publish(hotline.exchange, hotline.config, hotline.owner_token)  # type: ignore[arg-type]
    return hotline


def said(hotline: Hotline, script: str, phone: str) -> str:
    """What the terminal telephone shows for a script of commands."""
    output = io.StringIO()
    assert talk(hotline.line.api_url, hotline.owner_token, io.StringIO(script), output, phone) == 0
    return output.getvalue()


def test_healthz_is_well_once_prepared(hotline: Hotline) -> None:
    """200 with JSON when database, content, sound and clock are well."""
    answer = requests.get(f"{hotline.line.api_url}/healthz", timeout=5)
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


@pytest.mark.parametrize(
    ("text", "begins"),
    [("STEP7", "Каттоого"), ("КАДАМ 7", "Каттоого"), ("shag7", "Встаньте"), ("7", "Каттоого")],
)
def test_step_seven_by_text_comes_in_the_right_language(hotline: Hotline, text: str, begins: str) -> None:
    """STEP and bare numbers in Kyrgyz for a newcomer, a Russian word in Russian."""
    shown = said(hotline, f"sms {text}\n", "+996555000101")
    assert begins in shown
    assert ("РУССКИЙ / ENGLISH" in shown) == (text in {"STEP7", "7"})


def test_first_call_reaches_the_police_step_with_three_ones(hotline: Hotline, tmp_path: Path) -> None:
    """1 for Kyrgyz, 1 for the police, 1 for the check: real sound is played, and can be saved."""
    recording = tmp_path / "call.wav"
    shown = said(hotline, f"call\n1\n1\n1\nsave {recording}\nhangup\n", "+996555000102")
    first = hotline.guide.text("ky", "10").paragraphs[0].text
    assert first in shown
    assert recording.stat().st_size > 8000 * 2 * 10  # more than ten seconds of 8 kHz PCM


def test_clips_are_served_to_be_cached_for_ever(hotline: Hotline) -> None:
    """Real WAV, immutable; nothing else of the folder is handed out."""
    url = next(iter(hotline.studio.captions))
    answer = requests.get(f"{hotline.line.api_url}{url}", timeout=5)
    assert answer.headers["Content-Type"] == "audio/wav"
    assert "immutable" in answer.headers["Cache-Control"]
    assert answer.content[:4] == b"RIFF"
    assert requests.get(f"{hotline.line.api_url}/audio/ky/other.wav", timeout=5).status_code == 404
    assert requests.get(f"{hotline.line.api_url}/audio/../k.db", timeout=5).status_code == 404


def test_reminders_arrive_as_the_clock_moves_and_done_stops_one_rule(hotline: Hotline) -> None:
    """ENTRY of today, later 8d: the reminder. DONE 7: no more of registration, the job's go on."""
    today = (hotline.now_utc() + timedelta(hours=2)).date()
    phone = "+996555000103"
    said(hotline, f"sms ENGLISH\nsms ENTRY {today:%d.%m.%Y}\n", phone)
    stored = said(hotline, "sms STATUS\n", phone)
    assert "left to get your migration registration" in stored  # "29 days", from noon to 22 UTC "or so"
    week = said(hotline, "later 8d\n", phone)
    assert "21 days left" in week or "22 days left" in week
    assert "registration" in week
    assert "job" in week
    later = said(hotline, "sms DONE 7\nlater 7d\n", phone)
    after_done = later.split("Reminders about step 7 (registration) are off")[1]
    assert "days left to get a job" in after_done
    assert "to get your migration registration" not in after_done


@pytest.mark.parametrize("rule", ["POST"])
def test_every_webhook_refuses_an_unsigned_request(app: Flask, rule: str) -> None:
    """Every POST route under /voice, /sms and /receipts answers 403 without the carrier's signature."""
    paths = {
        str(route): str(route).replace("<language>", "ky").replace("<place>", "menu-main")
        for route in app.url_map.iter_rules()
        if rule in (route.methods or ()) and str(route).startswith(("/voice", "/sms", "/receipts"))
    }
    assert {"/voice", "/sms", "/receipts/sms", "/receipts/call", "/voice/fallback"} <= set(paths)
    client = app.test_client()
    for path in paths.values():
        path = path.replace("<misses>", "0").replace("<number>", "1")
        assert client.post(path, data={"CallSid": "CA" + "0" * 32}).status_code == 403, path
        assert Telephone(client).post(path, {"CallSid": "CA" + "0" * 32}, token=TOKEN).status_code == 403, (
            path
        )


def test_no_webhook_route_redirects(app: Flask) -> None:
    """A redirect would lose the keys that a caller pressed: doubled or trailing slashes are 404."""
    client = app.test_client()
    for path in ("/sms/", "//sms", "/voice/", "/voice//ky/menu-main/0/1"):
        assert client.post(path).status_code in {403, 404, 405}, path


def test_check_command_names_a_missing_clip_and_nothing_else(
    app: Flask, hotline: Hotline, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`flask check`: exit 1 with the clip's name when its file is gone; of the rest there is no problem.

    What each reply takes is counted in tests/sms/test_budget.py, once.
    """
    monkeypatch.setattr(budget, "counted", lambda *_: [])
    clip = hotline.studio.folder / next(iter(hotline.studio.captions)).removeprefix("/audio/")
    kept = clip.read_bytes()
    clip.unlink()
    broken = app.test_cli_runner().invoke(args=["check"])
    clip.write_bytes(kept)
    assert broken.exit_code == 1
    problem, total = broken.output.splitlines()
    assert f"{clip.parent.name}/{clip.name.split('.')[0]}" in problem
    assert total.startswith("1 ")


def test_time_command_prints_the_table_and_wants_all_sound(app: Flask, hotline: Hotline) -> None:
    """`flask audio time`: how long callers wait, with `--markdown` the page; without a clip no figure."""
    runner = app.test_cli_runner()
    table = runner.invoke(args=["audio", "time"])
    written = runner.invoke(args=["audio", "time", "--markdown"])
    assert (table.exit_code, table.output.splitlines()[0][:20]) == (0, "| from the answer to")
    assert written.output.startswith("# How long") and written.output.endswith(table.output)
    clip = hotline.studio.folder / next(iter(hotline.studio.captions)).removeprefix("/audio/")
    kept = clip.read_bytes()
    clip.unlink()
    broken = runner.invoke(args=["audio", "time"])
    clip.write_bytes(kept)
    assert (broken.exit_code, "|" in broken.output) == (1, False)


def test_remind_command_is_the_same_tick(app: Flask, hotline: Hotline) -> None:
    """`flask remind --as-of` sends through the running hotline's exchange; its lines hold no number."""
    phone = "+996555000104"
    today = (hotline.now_utc() + timedelta(hours=2)).date()
    said(hotline, f"sms ENGLISH\nsms ENTRY {today:%d.%m.%Y}\n", phone)
    due = datetime.combine(today + timedelta(days=7), time(11), ZoneInfo("Europe/Moscow"))
    runner = app.test_cli_runner()
    rehearsed = runner.invoke(args=["remind", "--as-of", due.isoformat(), "--dry-run"])
    assert "would_send" in rehearsed.output
    sent = runner.invoke(args=["remind", "--as-of", due.isoformat()])
    events = [json.loads(line) for line in sent.output.splitlines()]
    assert any({"d05", "d09"} <= set(event["rules"]) for event in events if event["event"] == "sent")
    assert "996555" not in sent.output
    assert "22 days left" in said(hotline, "inbox\n", phone)
    again = runner.invoke(args=["remind", "--as-of", due.isoformat()])
    assert "sent" not in again.output
    season = ["remind", "--as-of", due.isoformat(), "--until", f"{today + timedelta(days=30)}"]
    refused = runner.invoke(args=[*season, "--number", phone])
    assert (refused.exit_code, "--dry-run" in refused.output) == (2, True)
    played = runner.invoke(args=[*season, "--dry-run", "--number", phone])
    days = [json.loads(line) for line in played.output.splitlines()]
    assert [day["day"] for day in days] == sorted(day["day"] for day in days)
    assert {"d05", "d09", "d08"} <= {rule for day in days for rule in day["rules"]}
    assert not any("text" in day for day in days)
    with_texts = runner.invoke(args=[*season, "--dry-run", "--number", phone, "--texts"])
    assert "days left to get a job" in with_texts.output


@pytest.mark.parametrize(("hour", "closed"), [(9, True), (11, False), (12, True)])
def test_remind_command_says_that_the_window_is_closed(app: Flask, hour: int, closed: bool) -> None:
    """Beside the lines, not among them: otherwise nothing due and nothing shown look alike."""
    at = datetime(2026, 12, 1, hour, tzinfo=ZoneInfo("Europe/Moscow"))
    result = app.test_cli_runner().invoke(args=["remind", "--dry-run", "--as-of", at.isoformat()])
    opens = "2026-12-01T10:00:00+03:00" if hour == 9 else "2026-12-02T10:00:00+03:00"
    assert (opens in result.stderr, opens in result.stdout) == (closed, False)


@pytest.mark.parametrize("as_of", ["tomorrow", "2026-12-01T10:00:00"])
def test_remind_command_refuses_an_instant_without_its_zone(app: Flask, as_of: str) -> None:
    """Which 10 o'clock? It asks instead of guessing."""
    refused = app.test_cli_runner().invoke(args=["remind", "--as-of", as_of])
    assert refused.exit_code != 0
    assert "2026-11-22T10:00:00+03:00" in refused.output


def test_forget_command_erases_a_person(app: Flask, hotline: Hotline) -> None:
    """Everything under the number goes; a second time there is nothing."""
    phone = "+996555000105"
    said(hotline, "sms ENGLISH\nsms ENTRY 01.11.2026\n", phone)
    runner = app.test_cli_runner()
    assert runner.invoke(args=["person", "forget", phone]).output == "erased\n"
    assert runner.invoke(args=["person", "forget", phone]).output == "nothing is stored under this number\n"


def test_carrier_forgets_with_the_hotline(app: Flask, hotline: Hotline) -> None:
    """Its copies of the texts in, and a day later of those with which webhooks were answered, are deleted."""
    phone = "+996555000106"
    said(hotline, "sms ENGLISH\nsms STEP7\n", phone)
    assert {text["direction"] for text in texts_with(hotline, phone)} == {"inbound", "outbound-reply"}
    assert app.test_cli_runner().invoke(args=["person", "forget", phone]).output == "erased\n"
    hotline.rounds.clearing.tick(hotline.now_utc())
    assert [text["direction"] for text in texts_with(hotline, phone)].count("inbound") == 1  # it leads
    hotline.rounds.clearing.tick(hotline.now_utc() + timedelta(days=1, minutes=1))
    assert texts_with(hotline, phone) == []


def texts_with(hotline: Hotline, phone: str) -> list[dict[str, str]]:
    """What the carrier has of texts from and to a number."""
    account = hotline.exchange.account  # type: ignore[union-attr]
    url = f"{hotline.line.api_url}/2010-04-01/Accounts/{account.sid}/Messages.json"
    auth = (account.sid, account.auth_token)
    answers = [requests.get(url, params={end: phone}, auth=auth, timeout=10) for end in ("From", "To")]
    return [text for answer in answers for text in answer.json()["messages"]]


def test_reminders_come_from_the_sender_of_the_prefix(
    tmp_path: Path, sound: Studio, inspector: Inspector
) -> None:
    """On its own exchange too: from KADAM to Russian numbers, through a messaging service to the others."""
    service = "MG" + "7" * 32
    setting = f"+7=KADAM,{service}"
    with running(tmp_path, sound, inspector, TWILIO_SMS_SENDER=setting) as made:
        hotline: Hotline = made.extensions["kadam"]
        today = (hotline.now_utc() + timedelta(hours=2)).date()
        for phone, sender in (("+79161234567", "KADAM"), ("+996555000106", EXCHANGE_NUMBER)):
            shown = said(hotline, f"sms ENGLISH\nsms ENTRY {today:%d.%m.%Y}\n", phone)
            assert f"SMS from {EXCHANGE_NUMBER}" in shown  # answers come from where the question went
            said(hotline, "later 8d\n", "+996555000107")
            reminder = next(each for each in listed(hotline, phone) if "days left to get" in each["body"])
            assert (reminder["from"], reminder["status"]) == (sender, "delivered")
            assert reminder["messaging_service_sid"] == (None if sender == "KADAM" else service)
            assert f"SMS from {sender}" in said(hotline, "inbox\n", phone)


def listed(hotline: Hotline, phone: str) -> list[dict[str, Any]]:
    """The texts to a phone as the exchange's REST API lists them, the newest first."""
    account = hotline.exchange.account  # type: ignore[union-attr]
    url = f"{hotline.line.api_url}/2010-04-01/Accounts/{account.sid}/Messages.json"
    auth = (account.sid, account.auth_token)
    found = requests.get(url, params={"To": phone}, auth=auth, timeout=10).json()["messages"]
    return list(found)
