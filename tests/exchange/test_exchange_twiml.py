"""TwiML read strictly: what is accepted, what is refused with which of Twilio's codes."""

import pytest

from hotline.exchange.twiml.documents import Answer, read_text, read_voice
from hotline.exchange.twiml.reading import TwimlError, parse_text, parse_voice
from hotline.exchange.twiml.verbs import (
    Dial,
    Gather,
    Hangup,
    Message,
    Pause,
    Play,
    Record,
    Redirect,
    Reject,
    Say,
)


def test_voice_document_becomes_verbs_with_twilios_defaults() -> None:
    """Every verb is read; what is not given has Twilio's default."""
    document = """<?xml version="1.0" encoding="UTF-8"?><Response><!-- note -->
      <Say language="ru-RU">Салам</Say><Play loop="0">/a.wav</Play><Pause/>
      <Gather><Play>/b.wav</Play><Pause length="2"/></Gather>
      <Gather action="/x" method="GET" timeout="3" finishOnKey="" numDigits="1" actionOnEmptyResult="true"/>
      <Record/><Record action="/x" method="GET" timeout="3" finishOnKey="#*" maxLength="20" playBeep="false"
        trim="do-not-trim" transcribe="false" recordingStatusCallback="/y" recordingStatusCallbackMethod="GET"
        recordingStatusCallbackEvent="absent completed"/>
      <Dial>+996700111111</Dial><Redirect method="GET">/c</Redirect><Hangup/></Response>"""
    assert parse_voice(document) == (
        Say("Салам"),
        Play("/a.wav", 1000),
        Pause(1.0),
        Gather((Play("/b.wav"), Pause(2.0)), None, "POST", 5.0, "#", None, False),
        Gather((), "/x", "GET", 3.0, "", 1, True),
        Record(None, "POST", 5.0, "1234567890*#", 3_600.0, True, True, None, "POST", ("completed",)),
        Record("/x", "GET", 3.0, "#*", 20.0, False, False, "/y", "GET", ("absent", "completed")),
        Dial("+996700111111", None, "POST", 30.0, 14_400.0, None),
        Redirect("/c", "GET"),
        Hangup(),
    )


@pytest.mark.parametrize(
    ("inner", "code"),
    [
        ("<say>x</say>", 12200),
        ("<Enqueue/>", 12200),
        ("<Record>x</Record>", 12200),
        ("<Record transcribe='true'/>", 12200),
        ("<Record transcribeCallback='/x'/>", 12200),
        ("<Record timeout='0'/>", 12200),
        ("<Record maxLength='1'/>", 12200),
        ("<Record maxLength='14401'/>", 12200),
        ("<Record finishOnKey='1A'/>", 12200),
        ("<Record playBeep='no'/>", 12200),
        ("<Record trim='yes'/>", 12200),
        ("<Record recordingStatusCallbackEvent='begun'/>", 12200),
        ("<Record recordingStatusCallbackMethod='PUT'/>", 12200),
        ("<Message>x</Message>", 12200),
        ("<Gather><Hangup/></Gather>", 12200),
        ("<Gather><Gather/></Gather>", 12200),
        ("<Gather><Redirect>/x</Redirect></Gather>", 12200),
        ("<Say><Play>x</Play></Say>", 12200),
        ("<Gather numdigits='1'/>", 12200),
        ("<Gather numDigits='0'/>", 12200),
        ("<Gather timeout='auto'/>", 12200),
        ("<Gather finishOnKey='12'/>", 12200),
        ("<Gather input='speech'/>", 12200),
        ("<Gather method='PUT'/>", 12200),
        ("<Gather actionOnEmptyResult='yes'/>", 12200),
        ("<Play/>", 12200),
        ("<Redirect></Redirect>", 12200),
        ("<Pause/><Reject/>", 12200),
        ("<Reject reason='tired'/>", 12200),
        ("<Dial><Sip>x</Sip></Dial>", 12200),
        ("loose text", 12200),
        ("<Say>" + "a" * 4001 + "</Say>", 12200),
        ("<Say>a & b</Say>", 12100),
        ("<Say>open", 12100),
    ],
)
def test_voice_document_is_refused_with_twilios_code(inner: str, code: int) -> None:
    """Wrong case, nesting, attributes, values and XML are each refused."""
    with pytest.raises(TwimlError) as caught:
        parse_voice(f"<Response>{inner}</Response>")
    assert caught.value.code == code


@pytest.mark.parametrize(
    "document", ["", "\n<?xml version='1.0'?><Response/>", "<response/>", "<!DOCTYPE x><Response/>"]
)
def test_document_itself_is_refused_as_12100(document: str) -> None:
    """Nothing, a blank line first, a wrong element, a document type."""
    with pytest.raises(TwimlError) as caught:
        parse_voice(document)
    assert caught.value.code == 12100


def test_reject_is_allowed_first_only() -> None:
    """As the first verb it is read with its reason."""
    assert parse_voice("<Response><Reject reason='busy'/></Response>") == (Reject("busy"),)


def test_text_document_takes_plain_and_nested_bodies() -> None:
    """Message with text, with Body, with attributes; Redirect."""
    nested = "<Message to='+7' statusCallback='/s'><Body>б</Body></Message>"
    document = f"<Response><Message>a</Message>{nested}<Redirect>/n</Redirect></Response>"
    assert parse_text(document) == (
        Message("a"),
        Message("б", "+7", None, "POST", "/s"),
        Redirect("/n"),
    )


@pytest.mark.parametrize(
    "inner", ["<Say>x</Say>", "<Message><Media>u</Media></Message>", "<Message>a<Body>b</Body></Message>"]
)
def test_text_document_refuses_what_is_not_messaging(inner: str) -> None:
    """Voice verbs, unknown nouns and mixed content are schema errors."""
    with pytest.raises(TwimlError) as caught:
        parse_text(f"<Response>{inner}</Response>")
    assert caught.value.code == 12200


def test_content_types_decide_how_a_voice_answer_is_read() -> None:
    """XML and HTML types are TwiML, plain text is run or read aloud, sound is played, the rest refused."""
    twiml = b"<Response><Pause/></Response>"
    for kind in ("text/xml", "application/xml", "text/html", "text/plain"):
        assert read_voice(Answer("http://c/", 200, kind, twiml)) == (Pause(),)
    assert read_voice(Answer("http://c/", 200, "text/plain", b"hello")) == (Say("hello"), Hangup())
    assert read_voice(Answer("http://c/a", 200, "audio/mpeg", b"")) == (Play("http://c/a"), Hangup())
    for kind, code in (("application/json", 12300), ("", 11200)):
        with pytest.raises(TwimlError) as caught:
            read_voice(Answer("http://c/", 200, kind, twiml))
        assert caught.value.code == code


def test_content_types_decide_how_a_text_answer_is_read() -> None:
    """Plain text is the reply; 204 asks for nothing; another type is refused."""
    assert read_text(Answer("http://c/", 200, "text/plain", "салам".encode())) == (Message("салам"),)
    assert read_text(Answer("http://c/", 204, "", b"")) == ()
    with pytest.raises(TwimlError):
        read_text(Answer("http://c/", 200, "image/png", b""))
