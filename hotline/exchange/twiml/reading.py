"""TwiML read strictly into verbs (pure): names, case, nesting and attributes as Twilio's schema has them."""

import xml.etree.ElementTree as ElementTree
from collections.abc import Iterable

from hotline.exchange.calls.keypad import KEYS
from hotline.exchange.twiml.verbs import (
    Dial,
    Gather,
    Hangup,
    Message,
    Pause,
    Play,
    Prompt,
    Record,
    Redirect,
    Reject,
    Say,
    TextVerb,
    VoiceVerb,
)

_GATHER_ATTRIBUTES = frozenset(
    ("input", "action", "method", "timeout", "finishOnKey", "numDigits", "actionOnEmptyResult", "bargeIn")
)
_RECORD_ATTRIBUTES = frozenset(
    ("action", "method", "timeout", "finishOnKey", "maxLength", "playBeep", "trim", "transcribe")
) | {f"recordingStatusCallback{part}" for part in ("", "Method", "Event")}
_RECORD_EVENTS = ("in-progress", "completed", "absent")


class TwimlError(Exception):
    """A document Twilio would refuse: its error code (12100, 12200, ...) and one English sentence."""

    def __init__(self, code: int, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail


def parse_voice(document: str | bytes) -> tuple[VoiceVerb, ...]:
    """The verbs of a voice document in order; TwimlError with Twilio's code where it is not valid.

    Verbs this exchange does not know (Enqueue, Conference, ...) are errors too: nothing passes in silence.
    """
    verbs = tuple(_read_verb(element) for element in _read_root(document))
    if any(isinstance(verb, Reject) for verb in verbs[1:]):
        raise TwimlError(12200, "<Reject> is allowed as the first verb only")
    return verbs


def parse_text(document: str | bytes) -> tuple[TextVerb, ...]:
    """The verbs of a messaging document in order; TwimlError with Twilio's code where it is not valid."""
    return tuple(_read_text_verb(element) for element in _read_root(document))


def _read_root(document: str | bytes) -> Iterable[ElementTree.Element]:
    raw = document.encode() if isinstance(document, str) else document
    if b"<!DOCTYPE" in raw or b"<!ENTITY" in raw:
        raise TwimlError(12100, "a document type declaration is not allowed")
    try:
        root = ElementTree.fromstring(raw)  # nosec B314
    except ElementTree.ParseError as error:
        raise TwimlError(12100, f"not well-formed XML: {error}") from error
    if root.tag != "Response":
        raise TwimlError(12100, f"the document's element is <{root.tag}>, not <Response>")
    _refuse_attributes(root, ())
    _refuse_loose_text(root)
    return root


def _read_verb(element: ElementTree.Element) -> VoiceVerb:
    match element.tag:
        case "Say" | "Play" | "Pause":
            return _read_prompt(element)
        case "Gather":
            return _read_gather(element)
        case "Record":
            return _read_record(element)
        case "Redirect":
            return _read_redirect(element)
        case "Dial":
            return _read_dial(element)
        case "Hangup":
            _refuse_attributes(element, ())
            _refuse_content(element)
            return Hangup()
        case "Reject":
            return _read_reject(element)
    raise TwimlError(12200, f"<{element.tag}> is not a verb here")


def _read_prompt(element: ElementTree.Element) -> Prompt:
    if element.tag == "Pause":
        _refuse_attributes(element, ("length",))
        _refuse_content(element)
        return Pause(_read_number(element, "length", 1, most=3_600))
    if element.tag == "Say":
        _refuse_attributes(element, ("voice", "language", "loop"))
        return Say(_read_said_text(element), _read_loop(element))
    _refuse_attributes(element, ("loop",))
    return Play(_read_url(element), _read_loop(element))


def _read_said_text(element: ElementTree.Element) -> str:
    _refuse_children(element)
    text = (element.text or "").strip()
    # 4,000 characters: twilio-facts section 2 (Say).
    if len(text) > 4_000:
        raise TwimlError(12200, "<Say> holds more than 4,000 characters")
    return text


def _read_gather(element: ElementTree.Element) -> Gather:
    _refuse_attributes(element, _GATHER_ATTRIBUTES)
    _refuse_loose_text(element)
    if element.get("input", "dtmf") != "dtmf":
        raise TwimlError(12200, 'this exchange hears keys only: <Gather input="dtmf">')
    for child in element:
        if child.tag not in ("Say", "Play", "Pause"):
            raise TwimlError(12200, f"<{child.tag}> may not stand inside <Gather>")
    finish_key = element.get("finishOnKey", "#")
    if finish_key and (len(finish_key) > 1 or finish_key not in KEYS):
        raise TwimlError(12200, "finishOnKey is one key or empty")
    digits = element.get("numDigits")
    return Gather(
        prompts=tuple(_read_prompt(child) for child in element),
        action=element.get("action") or None,
        method=_read_method(element),
        timeout_s=_read_number(element, "timeout", 5, most=3_600),
        finish_key=finish_key,
        num_digits=None if digits is None else int(_read_number(element, "numDigits", 1, least=1)),
        action_on_empty=_read_flag(element, "actionOnEmptyResult"),
    )


def _read_record(element: ElementTree.Element) -> Record:
    _refuse_attributes(element, _RECORD_ATTRIBUTES)
    _refuse_content(element)
    if _read_flag(element, "transcribe"):
        raise TwimlError(12200, "this exchange writes no transcriptions: leave transcribe out")
    finish_keys = element.get("finishOnKey", Record.finish_keys)
    trim = element.get("trim", "trim-silence")
    events = element.get("recordingStatusCallbackEvent", "completed").split()
    if not set(finish_keys) <= KEYS:
        raise TwimlError(12200, "finishOnKey of <Record> holds keys only")
    if trim not in ("trim-silence", "do-not-trim"):
        raise TwimlError(12200, "trim is trim-silence or do-not-trim")
    if not set(events) <= set(_RECORD_EVENTS):
        raise TwimlError(12200, f"recordingStatusCallbackEvent is of: {', '.join(_RECORD_EVENTS)}")
    return Record(
        action=element.get("action") or None,
        method=_read_method(element),
        timeout_s=_read_number(element, "timeout", 5, least=1),
        finish_keys=finish_keys,
        # "Greater than 1", at most 4 hours for an account without longer calls: Twilio's page on the verb.
        max_length_s=_read_number(element, "maxLength", 3_600, least=2, most=14_400),
        beep=_read_flag(element, "playBeep", "true"),
        trim=trim == "trim-silence",
        callback_url=element.get("recordingStatusCallback") or None,
        callback_method=_read_method(element, "recordingStatusCallbackMethod"),
        callback_events=tuple(events),
    )


def _read_redirect(element: ElementTree.Element) -> Redirect:
    _refuse_attributes(element, ("method",))
    return Redirect(_read_url(element), _read_method(element))


def _read_reject(element: ElementTree.Element) -> Reject:
    _refuse_attributes(element, ("reason",))
    _refuse_content(element)
    reason = element.get("reason", "rejected")
    if reason not in ("rejected", "busy"):
        raise TwimlError(12200, "reason is rejected or busy")
    return Reject(reason)


def _read_dial(element: ElementTree.Element) -> Dial:
    _refuse_attributes(element, ("action", "method", "timeout", "timeLimit", "callerId", "answerOnBridge"))
    children = list(element)
    if len(children) > 1 or any(child.tag != "Number" for child in children):
        raise TwimlError(12200, "<Dial> holds one <Number> here")
    noun = children[0] if children else element
    if children:
        _refuse_loose_text(element)
        _refuse_attributes(noun, ())
    _read_flag(element, "answerOnBridge")
    return Dial(
        number=_read_url(noun),
        action=element.get("action") or None,
        method=_read_method(element),
        timeout_s=_read_number(element, "timeout", 30, least=1, most=600),
        time_limit_s=_read_number(element, "timeLimit", 14_400, least=1, most=14_400),
        caller_id=element.get("callerId") or None,
    )


def _read_text_verb(element: ElementTree.Element) -> TextVerb:
    if element.tag == "Redirect":
        return _read_redirect(element)
    if element.tag != "Message":
        raise TwimlError(12200, f"<{element.tag}> is not a messaging verb here")
    _refuse_attributes(element, ("to", "from", "action", "method", "statusCallback"))
    return Message(
        body=_read_body(element),
        to=element.get("to"),
        action=element.get("action") or None,
        method=_read_method(element),
        status_callback=element.get("statusCallback") or None,
    )


def _read_body(element: ElementTree.Element) -> str:
    children = list(element)
    if not children:
        return (element.text or "").strip()
    if len(children) > 1 or children[0].tag != "Body":
        raise TwimlError(12200, "<Message> holds a text or one <Body> here")
    _refuse_loose_text(element)
    _refuse_attributes(children[0], ())
    _refuse_children(children[0])
    return (children[0].text or "").strip()


def _read_url(element: ElementTree.Element) -> str:
    _refuse_children(element)
    text = (element.text or "").strip()
    if not text:
        raise TwimlError(12200, f"<{element.tag}> is empty")
    return text


def _read_method(element: ElementTree.Element, name: str = "method") -> str:
    method = element.get(name, "POST")
    if method not in ("GET", "POST"):
        raise TwimlError(12200, f"{name} is GET or POST")
    return method


def _read_loop(element: ElementTree.Element) -> int:
    # loop=0 means 1,000 times: twilio-facts section 2 (Play, Say).
    return int(_read_number(element, "loop", 1, most=1_000)) or 1_000


def _read_flag(element: ElementTree.Element, name: str, default: str = "false") -> bool:
    value = element.get(name, default)
    if value not in ("true", "false"):
        raise TwimlError(12200, f"{name} is true or false")
    return value == "true"


def _read_number(
    element: ElementTree.Element, name: str, default: int, *, least: int = 0, most: int = 100_000
) -> float:
    value = element.get(name, str(default))
    if not (value.isascii() and value.isdigit()) or not least <= int(value) <= most:
        raise TwimlError(12200, f"{name} of <{element.tag}> is a whole number from {least} to {most}")
    return float(value)


def _refuse_attributes(element: ElementTree.Element, allowed: Iterable[str]) -> None:
    for name in element.keys():  # noqa: SIM118 - an Element iterates over its children, not its attributes
        if name not in allowed:
            raise TwimlError(12200, f"<{element.tag}> has no attribute {name} here")


def _refuse_children(element: ElementTree.Element) -> None:
    for child in element:
        raise TwimlError(12200, f"<{child.tag}> may not stand inside <{element.tag}>")


def _refuse_content(element: ElementTree.Element) -> None:
    _refuse_children(element)
    if (element.text or "").strip():
        raise TwimlError(12200, f"<{element.tag}> holds no text")


def _refuse_loose_text(element: ElementTree.Element) -> None:
    pieces = [element.text, *(child.tail for child in element)]
    if any((piece or "").strip() for piece in pieces):
        raise TwimlError(12200, f"<{element.tag}> holds elements, not text")
