"""A message for the operator through the whole hotline and its exchange: spoken, fetched, sealed, heard."""

from __future__ import annotations

import io
import stat
import time
import wave
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from flask import Flask

from app import Hotline
from hotline.exchange.doors.talk import talk
from hotline.people import messages
from hotline.people.messages import Message, State
from hotline.speech.studio import Studio
from tests.running import running
from tests.twilio_api.checking import Inspector

pytestmark = pytest.mark.usefixtures("as_twilio_has_it")

OPERATOR, CALLER = "+996312000999", "+996555000301"
WAIT_S = 20.0  # for a tick that was woken; it takes a fraction of a second
SOUND_HEAD = b"WAVEfmt "


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory, sound: Studio, inspector: Inspector) -> Iterator[Flask]:
    """A hotline with an operator who is always there, or ought to be."""
    folder = tmp_path_factory.mktemp("operator")
    with running(folder, sound, inspector, HOTLINE_OPERATOR_NUMBER=OPERATOR) as made:
        yield made


@pytest.fixture(scope="module")
def hotline(app: Flask) -> Hotline:
    return app.extensions["kadam"]  # type: ignore[no-any-return]


def said(hotline: Hotline, script: str, phone: str = CALLER) -> str:
    """What the terminal telephone shows for a script of commands."""
    output = io.StringIO()
    assert talk(hotline.line.api_url, hotline.owner_token, io.StringIO(script), output, phone) == 0
    return output.getvalue()


def newest(hotline: Hotline) -> Message:
    """The newest message, once it has been fetched and the carrier's copy deleted."""
    ends_s = time.monotonic() + WAIT_S
    while time.monotonic() < ends_s:
        with hotline.database.reading() as session:
            found = messages.listed(session, hotline.vault)
        if found and found[-1].state is State.NEW and recordings(hotline) == []:
            return found[-1]
        time.sleep(0.05)
    raise AssertionError(f"no message has arrived: {found}")


def recordings(hotline: Hotline) -> list[str]:
    """The recordings with a sound that the exchange still has."""
    account = hotline.exchange.account  # type: ignore[union-attr]
    url = f"{hotline.line.api_url}/2010-04-01/Accounts/{account.sid}/Recordings.json"
    answer = requests.get(url, auth=(account.sid, account.auth_token), timeout=10)
    return [found["sid"] for found in answer.json()["recordings"] if found["status"] != "absent"]


def leave(hotline: Hotline, seconds: int) -> str:
    """Calls, asks for a person who does not answer, and speaks; what was heard."""
    return said(
        hotline,
        f"call\n1\n7\nphone {OPERATOR}\nreject\nphone {CALLER}\n1\nspeak {seconds}\n\nhangup\n",
    )


def test_message_goes_from_the_telephone_to_the_operators_ear(
    app: Flask, hotline: Hotline, tmp_path: Path
) -> None:
    """Rejected, spoken for 4 s, sealed here, deleted there, listed without the number, played as a WAV."""
    shown = leave(hotline, 4)
    words = hotline.guide.words("ky")
    heard = [words.line(f"voice-{id}") for id in ("person-busy", "message-offer", "message-taken")]
    assert [line.split(".")[0] in shown for line in heard] == [True] * 3
    message = newest(hotline)
    assert (message.language, message.seconds, message.phone) == ("ky", 4, CALLER)
    database = b"".join(path.read_bytes() for path in hotline.config.private.glob("k.db*"))
    assert len(database) > 4 * 8_000 * 2  # the sound is in there
    assert SOUND_HEAD not in database
    runner = app.test_cli_runner()
    listed = runner.invoke(args=["messages", "list"]).output
    assert "  4 s  ky  new" in listed
    assert CALLER not in listed
    assert CALLER in runner.invoke(args=["messages", "list", "--numbers"]).output
    out = tmp_path / "message.wav"
    played = runner.invoke(args=["messages", "play", str(message.id), "--out", str(out)])
    assert played.exit_code == 0, played.output
    with wave.open(str(out)) as file:
        assert file.getnframes() / file.getframerate() == pytest.approx(4, abs=0.5)
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    assert "  4 s  ky  heard" in runner.invoke(args=["messages", "list"]).output
    again = runner.invoke(args=["messages", "play", str(message.id), "--out", str(out)])
    assert again.exit_code == 1  # never over a file that is there
    assert runner.invoke(args=["messages", "delete", str(message.id)]).output == "erased\n"
    assert runner.invoke(args=["messages", "list"]).output == "no messages\n"
    gone = runner.invoke(args=["messages", "play", str(message.id), "--out", str(tmp_path / "other.wav")])
    assert (gone.exit_code, "there is no message" in gone.output) == (1, True)
    assert runner.invoke(args=["messages", "delete", str(message.id)]).exit_code == 1


def test_silence_after_the_tone_is_told(hotline: Hotline) -> None:
    """Nobody spoke: the carrier has nothing, asks no action, and the call goes on."""
    shown = said(hotline, f"call\n1\n7\nphone {OPERATOR}\nreject\nphone {CALLER}\n1\n\nhangup\n")
    assert hotline.guide.words("ky").line("voice-message-none").rstrip(".") in shown
    with hotline.database.reading() as session:
        assert messages.listed(session, hotline.vault) == []


def test_message_is_erased_with_its_caller(app: Flask, hotline: Hotline) -> None:
    """`flask person forget`: the message goes with the person."""
    leave(hotline, 3)
    assert newest(hotline).seconds == 3
    runner = app.test_cli_runner()
    assert runner.invoke(args=["person", "forget", CALLER]).output == "erased\n"
    assert runner.invoke(args=["messages", "list"]).output == "no messages\n"
