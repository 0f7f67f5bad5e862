"""A webhook's answer read as Twilio reads it (pure): content types first, then TwiML."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urljoin

from hotline.exchange.twiml.reading import TwimlError, parse_text, parse_voice
from hotline.exchange.twiml.verbs import Hangup, Message, Play, Say, TextVerb, VoiceVerb

# twilio-facts section 1 (Failures) and section 2 (Play).
TWIML_TYPES = frozenset({"text/xml", "application/xml", "text/html"})
SOUND_TYPES = frozenset(
    f"audio/{kind}"
    for kind in ("mpeg", "wav", "wave", "x-wav", "aiff", "x-aifc", "x-aiff", "x-gsm", "gsm", "ulaw")
)


@dataclass(frozen=True)
class Answer:
    """What came back with a 2xx status: final URL after redirects, bare media type ("" if none), body.

    headers: all of them, names in small letters. A 304 is an Answer too where it was asked for.
    """

    url: str
    status: int
    content_type: str
    body: bytes = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False, compare=False)


@dataclass(frozen=True)
class Failure:
    """A request that brought nothing usable: Twilio's error code and one English sentence."""

    code: int
    detail: str


def read_voice(answer: Answer) -> tuple[VoiceVerb, ...]:
    """The verbs a voice webhook asked for; TwimlError with Twilio's code if it asked for nothing valid.

    Plain text that is not TwiML is read aloud and the call ends; sound is played and the call ends.
    """
    if answer.content_type in TWIML_TYPES:
        return parse_voice(answer.body)
    if answer.content_type in SOUND_TYPES:
        return (Play(answer.url), Hangup())
    if answer.content_type == "text/plain":
        try:
            return parse_voice(answer.body)
        except TwimlError:
            return (Say(answer.body.decode(errors="replace")), Hangup())
    raise _refuse_type(answer)


def read_text(answer: Answer) -> tuple[TextVerb, ...]:
    """The verbs a messaging webhook asked for; TwimlError as above.

    Plain text is the reply itself; 204 asks for nothing.
    """
    if answer.status == 204:
        return ()
    if answer.content_type in TWIML_TYPES:
        return parse_text(answer.body)
    if answer.content_type == "text/plain":
        return (Message(answer.body.decode(errors="replace")),) if answer.body.strip() else ()
    raise _refuse_type(answer)


def resolve(document_url: str | None, url: str | None) -> str:
    """A URL named in a document, absolute; none means the document itself. TwimlError 11100 if impossible."""
    absolute = urljoin(document_url or "", url or "")
    if not absolute.startswith(("http://", "https://")):
        raise TwimlError(11100, "a relative URL in a document that has no URL itself")
    return absolute


def _refuse_type(answer: Answer) -> TwimlError:
    if not answer.content_type:
        # The dictionary page of 11200 names a missing Content-Type among its causes.
        return TwimlError(11200, "the answer has no Content-Type")
    return TwimlError(12300, f"{answer.content_type} is not a content type for TwiML")
