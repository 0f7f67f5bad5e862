"""A turn as TwiML. Pure; of twilio only its TwiML builder.

All speech is <Play> of our own clips: Twilio has no Kyrgyz voice (Twilio documentation, "Text-to-Speech").
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from twilio.twiml.voice_response import Gather as GatherVerb
from twilio.twiml.voice_response import VoiceResponse

from hotline.carriers.base import LONGEST_CALL_S
from hotline.guide.model import Guide
from hotline.speech.clips import Clip, clips_of
from hotline.voice.model import Heard, Turn

NOT_IN_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
MESSAGE_MOST_S = 120  # said so in `voice-message-speak`
MESSAGE_SILENCE_S = 4  # that ends a message: long enough to think, and each second is paid for
DIAL_TIMEOUT_S = 30  # Twilio's default, said so that the operator's telephone rings as long everywhere
SILENCE = str(VoiceResponse())  # to the replay of a turn that is long over

Url = Callable[[Clip], str]


def render(
    guide: Guide, turn: Turn, url: Url, action: str | None, pause_s: int = 0, recorded: str = ""
) -> str:
    """The TwiML of a turn, after `pause_s` seconds of silence.

    `url` gives a clip's address; `action` is where the next key goes (None where the call ends). Silence goes
    there too: `actionOnEmptyResult`, and for carriers that do not know it the <Redirect> behind. `recorded`
    is where the carrier says that a message is ready.
    """
    response = VoiceResponse()
    if turn.rejects:
        response.reject(reason="busy")  # not answered, so nobody pays: Twilio documentation, "<Reject>"
        return str(response)
    if pause_s:
        response.pause(length=pause_s)
    if action is None or turn.place is None:
        play(response, guide, turn.heard, url)
        response.hangup()
    elif turn.dial is not None:
        play(response, guide, turn.heard, url)
        _dial(response, _clean(turn.dial), _clean(action))
    elif turn.records:
        play(response, guide, turn.heard, url)
        _record(response, _clean(action), _clean(recorded))
    else:
        _gather(response, guide, turn, url, _clean(action))
    return str(response)


def render_static(guide: Guide, heard: Iterable[Heard], url: Url) -> str:
    """TwiML that says `heard` and ends the call."""
    response = VoiceResponse()
    play(response, guide, heard, url)
    response.hangup()
    return str(response)


def play(verb: VoiceResponse | GatherVerb, guide: Guide, heard: Iterable[Heard], url: Url) -> None:
    """Adds a <Play> for each clip of what is heard."""
    for each in heard:
        for clip in clips_of(guide, each.language, each.spoken):
            verb.play(_clean(url(clip)))


def _gather(response: VoiceResponse, guide: Guide, turn: Turn, url: Url, action: str) -> None:
    gather = response.gather(
        input="dtmf",
        num_digits=turn.gather.digits,
        finish_on_key="",  # so that # and * arrive as Digits: twilio-facts, Gather
        timeout=turn.gather.timeout_s,
        action=action,
        method="POST",
        action_on_empty_result=True,
    )
    play(gather, guide, turn.heard, url)
    response.redirect(action, method="POST")


def _dial(response: VoiceResponse, number: str, action: str) -> None:
    """The operator's telephone; the hotline pays for that leg."""
    bounds = {"timeout": DIAL_TIMEOUT_S, "time_limit": LONGEST_CALL_S}
    response.dial(number, action=action, method="POST", **bounds)


def _record(response: VoiceResponse, action: str, recorded: str) -> None:
    """The message after the tone; where nothing was said the carrier goes on to the <Redirect>."""
    response.record(
        action=action,
        method="POST",
        max_length=MESSAGE_MOST_S,
        timeout=MESSAGE_SILENCE_S,
        finish_on_key="#",
        play_beep=True,
        trim="trim-silence",
        recording_status_callback=recorded,
        recording_status_callback_method="POST",
    )
    response.redirect(action, method="POST")


def _clean(text: str) -> str:
    """Without the characters that XML cannot hold; the builder escapes markup but passes these."""
    return NOT_IN_XML.sub("", text)
