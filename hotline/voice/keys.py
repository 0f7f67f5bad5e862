"""What the keys do that work everywhere, and what happens on silence and on a wrong key. Pure.

Source: rules of the service, Keys.
"""

from __future__ import annotations

from dataclasses import replace

from hotline.guide.language import Script
from hotline.guide.model import EMERGENCY, Guide
from hotline.people.model import Effect, SendText
from hotline.reminders.days import Today
from hotline.speech.clips import Spoken
from hotline.voice.model import Heard, Talk, Turn
from hotline.voice.places import LANGUAGE, MAIN, Kind, Place, back_of, code, offer, person, resting, step
from hotline.voice.prompts import arrive, next_step

MOST_MISSES = 3  # in a row; then the call ends: rules of the service and issue of the voice menu
SILENCE = Spoken("voice-silence")
WRONG_KEY = Spoken("voice-wrong-key")
NUMBER_HIDDEN = Spoken("voice-number-hidden")
NO_SMS_TODAY = Spoken("voice-no-sms-today")
IN_A_STEP = frozenset({Kind.STEP, Kind.AFTER})


def common_turn(talk: Talk, key: str) -> Turn | None:
    """The turn of a key that means the same everywhere, or None for another key."""
    place = talk.call.place
    match key:
        case "0":
            return _go(talk, MAIN)
        case "*":
            return _go(talk, back_of(place, talk.guide))
        case "9":
            return arrive(talk, step(place.target) if place.kind is Kind.AFTER else place)
        case "#":
            return arrive(talk, code(resting(place, talk.guide)))
        case "8":
            return _by_sms(talk)
        case "7":
            return _to_a_person(talk)
        case "6" if place.kind in IN_A_STEP:
            return _onward(talk)
    return None


def missed(talk: Talk, line: Spoken) -> Turn:
    """A key that was missing or wrong: the place again after `line`; the third in a row ends the call."""
    misses = talk.call.misses + 1
    if misses >= MOST_MISSES:
        return goodbye(talk)
    return arrive(talk, talk.call.place, line, misses=misses)


def missed_key(talk: Talk, key: str) -> Turn:
    """Silence (no key) or a key that means nothing here."""
    return missed(talk, WRONG_KEY if key else SILENCE)


def _go(talk: Talk, place: Place) -> Turn:
    """Nothing but its key leads out of the first question: no menu can be said without a language."""
    return arrive(talk, place if talk.call.language else LANGUAGE)


def _onward(talk: Talk) -> Turn:
    """Key 6: the next paragraph; from the last one and from the end of the step the next step."""
    place = talk.call.place
    last = len(talk.guide.text(talk.language, place.target).paragraphs) - 1
    if place.kind is Kind.STEP and place.index < last:
        return arrive(talk, step(place.target, place.index + 1))
    following = next_step(talk, place.target)
    return arrive(talk, step(following)) if following else arrive(talk, MAIN, Spoken("voice-last-step"))


def _by_sms(talk: Talk) -> Turn:
    """Key 8: the pages of the step, elsewhere a digest; the call goes on where it is."""
    place = talk.call.place
    if not talk.call.has_number:
        return arrive(talk, place, NUMBER_HIDDEN)
    if talk.call.refused is not None:
        return arrive(talk, place, NO_SMS_TODAY)
    effects = _step_texts(talk, place.target) if place.kind in IN_A_STEP else _digest(talk)
    turn = arrive(talk, place, Spoken("voice-sms-coming"))
    return replace(turn, effects=effects, if_unstored=place)


def _step_texts(talk: Talk, key: str) -> tuple[Effect, ...]:
    """Every page of a step, in both scripts: which the caller reads is known where they are sent."""
    return tuple(
        SendText(text, script)
        for script in Script
        for text in step_texts(talk.guide.in_script(script), talk.language, key, talk.today)
    )


def step_texts(guide: Guide, language: str, key: str, today: Today) -> list[str]:
    """Every page of a step as a text of its own; none says how to get the next: the sender may be one-way."""
    words = guide.words(language)
    pages = guide.text(language, key).pages
    texts = [
        f"{page.text}\n{words.line('sms-last-page', page=number, pages=len(pages))}"
        for number, page in enumerate(pages, start=1)
    ]
    if guide.steps[key].review_by < today.here:
        texts.append(words.line("sms-check-before-you-act"))
    return texts


def _digest(talk: Talk) -> tuple[Effect, ...]:
    return tuple(
        SendText(text, script)
        for script in Script
        for text in digest_texts(talk.guide.in_script(script), talk.language, talk.call.number)
    )


def digest_texts(guide: Guide, language: str, number: str) -> list[str]:
    """What helps without the call: whom to call in danger, and what key leads where on the hotline."""
    emergency = guide.text(language, EMERGENCY).pages
    return [*(page.text for page in emergency), guide.words(language).line("sms-digest", number=number)]


def _to_a_person(talk: Talk) -> Turn:
    place = resting(talk.call.place, talk.guide)
    if talk.call.operator is None:
        return arrive(talk, place, Spoken("voice-person-none"))
    if not talk.call.operator_open:
        return arrive(talk, offer(place), Spoken("voice-person-closed"))
    if talk.call.refused is not None:
        return arrive(talk, offer(place), Spoken("voice-no-person-today"))
    heard = (Heard(talk.language, Spoken("voice-person-connecting")),)
    return Turn(heard, person(place), talk.call.language, dial=talk.call.operator)


def goodbye(talk: Talk) -> Turn:
    """The polite end of a call; whom to call in danger is sent by SMS.

    Whoever was rung back and pressed nothing has asked for nothing: no text. Nor has who wants no messages.
    """
    asked_for = talk.call.place.kind not in {Kind.CONFIRM, Kind.REMIND, Kind.ASK}
    if not asked_for:
        return ended(talk, Spoken("voice-remind-bye"))
    if not talk.call.has_number or talk.call.refused is not None or talk.person.opted_out:
        return ended(talk, Spoken("voice-bye"))
    return replace(ended(talk, Spoken("voice-bye-sms")), effects=_digest(talk))


def ended(talk: Talk, *said: Spoken) -> Turn:
    """The call ends after the lines `said`."""
    return Turn(tuple(Heard(talk.language, line) for line in said), None, talk.call.language)
