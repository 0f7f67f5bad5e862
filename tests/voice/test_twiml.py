"""Turns as TwiML: what the carrier is told."""

from __future__ import annotations

from datetime import date
from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st

from hotline.speech.clips import Clip, Spoken
from hotline.voice.model import Gather, Heard, Turn
from hotline.voice.places import MAIN, code, person
from hotline.voice.twiml import render, render_static
from tests.once import real_guide

GUIDE = real_guide()
SILENCE = (Heard("ky", Spoken("voice-silence")),)
ACTION = "/voice/ky/menu-main/0/1"


def url(clip: Clip) -> str:
    return f"/audio/{clip.language}/{clip.name}.wav"


def test_gather_takes_every_key_and_silence() -> None:
    """# and * arrive as digits, silence comes to the same action, and keys interrupt what is played."""
    document = ElementTree.fromstring(render(GUIDE, Turn(SILENCE, MAIN, "ky"), url, ACTION))
    gather, redirect = list(document)
    assert gather.attrib == {
        "input": "dtmf",
        "numDigits": "1",
        "finishOnKey": "",
        "timeout": "7",
        "action": ACTION,
        "method": "POST",
        "actionOnEmptyResult": "true",
    }
    assert [(play.tag, play.text) for play in gather] == [("Play", "/audio/ky/voice-silence.0.wav")]
    assert (redirect.tag, redirect.text, redirect.attrib) == ("Redirect", ACTION, {"method": "POST"})


def test_digits_of_a_step_are_two_after_a_tone() -> None:
    """The tone is played and two digits are taken."""
    turn = Turn((Heard("ky", Spoken("tone")),), code(MAIN), "ky", gather=Gather(2, 5))
    gather = ElementTree.fromstring(render(GUIDE, turn, url, ACTION))[0]
    assert (gather.attrib["numDigits"], gather.attrib["timeout"]) == ("2", "5")
    assert [play.text for play in gather] == ["/audio/ky/tone.wav"]


def test_line_with_a_number_is_several_clips_in_order() -> None:
    """A counted line is its words and the number's clip between them."""
    heard = (Heard("en", Spoken("voice-registration-left", {"date": date(2026, 12, 20)}, count=12)),)
    document = ElementTree.fromstring(render_static(GUIDE, heard, url))
    names = [(play.text or "").rsplit("/", 1)[1] for play in document.iter("Play")]
    assert names[0].startswith("voice-registration-left.")
    assert "number-12.wav" in names and "day-20.wav" in names and "month-12.wav" in names


def test_call_that_ends_hangs_up() -> None:
    """Nothing follows the last words but the end."""
    document = ElementTree.fromstring(render(GUIDE, Turn(SILENCE, None, "ky"), url, None))
    assert [verb.tag for verb in document] == ["Play", "Hangup"]


def test_operator_is_dialled_and_the_call_comes_back() -> None:
    """The operator's number is dialled, for 20 minutes; the end of the talk goes to the place's action."""
    turn = Turn(SILENCE, person(MAIN), "ky", dial="+996312000999")
    play, dial = list(ElementTree.fromstring(render(GUIDE, turn, url, ACTION)))
    assert (play.tag, dial.tag, dial.text, dial.attrib["action"]) == ("Play", "Dial", "+996312000999", ACTION)
    assert (dial.attrib["timeout"], dial.attrib["timeLimit"]) == ("30", "1200")


def test_pause_comes_first() -> None:
    """Whoever is rung has a moment before the first word."""
    document = ElementTree.fromstring(render(GUIDE, Turn(SILENCE, MAIN, "ky"), url, ACTION, pause_s=1))
    assert [verb.tag for verb in document] == ["Pause", "Gather", "Redirect"]


@given(st.text())
def test_document_parses_whatever_stands_in_it(text: str) -> None:
    """Characters that XML cannot hold are left out, markup is escaped: the document always parses."""
    for turn in (Turn(SILENCE, MAIN, "ky"), Turn(SILENCE, MAIN, "ky", dial=text or "1")):
        document = render(GUIDE, turn, lambda clip: f"/audio/{text}", f"/voice/{text}")
        ElementTree.fromstring(document)
