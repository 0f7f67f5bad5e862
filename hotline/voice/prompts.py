"""What is heard on arriving at a place, and how the next key is taken there. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from hotline.guide.model import INTRO, ReminderRule
from hotline.people.model import BY_CALL, SaveDate
from hotline.people.questions import Asked, Question
from hotline.speech.clips import TONE, Spoken, paragraph_id
from hotline.voice.keyed_dates import DAY_MONTH, DAY_MONTH_YEAR
from hotline.voice.model import DIGITS_TIMEOUT_S, PARAGRAPH_PAUSE_S, Gather, Heard, Talk, Turn
from hotline.voice.places import (
    DATES,
    DETOURS,
    MAIN,
    PAPERS,
    RULE_SEPARATOR,
    Kind,
    Place,
    Wish,
    after,
    confirm,
    date_asked,
    origin,
)
from hotline.voice.terms import (
    JOB,
    REGISTRATION,
    has_tomorrow,
    question_of,
    reminded_rules,
    term_told,
    told_rules,
)

CHOOSE_LANGUAGE = (  # one for each key that a language can have
    Spoken("voice-language-1"),
    Spoken("voice-language-2"),
    Spoken("voice-language-3"),
    Spoken("voice-language-4"),
    Spoken("voice-language-5"),
)
CONFIRM = {
    Wish.DATE: Spoken("voice-confirm-date"),
    Wish.LEFT: Spoken("voice-confirm-left"),
    Wish.DONE: Spoken("voice-confirm-done"),
    Wish.STOP: Spoken("voice-confirm-stop"),
    Wish.START: Spoken("voice-confirm-start"),
    Wish.FORGET: Spoken("voice-confirm-forget"),
    Wish.CALLS: Spoken("voice-confirm-calls"),
    Wish.TEXTS: Spoken("voice-confirm-texts"),
    Wish.UNDATE: Spoken("voice-confirm-undate"),
}
DONE_YET = {REGISTRATION: Spoken("voice-registered-yet"), JOB: Spoken("voice-employed-yet")}
SWITCHED_OFF = {REGISTRATION: Spoken("voice-registration-off"), JOB: Spoken("voice-job-off")}
BEFORE_A_LANGUAGE = frozenset({Kind.LANGUAGE, *DETOURS})  # reached from the first question
CODE_DIGITS = 2
WHEN, HOW, READ = "when", "how", "read"  # keys of DateKind.spoken


def arrive(talk: Talk, place: Place, *said: Spoken, misses: int = 0) -> Turn:
    """The call is at `place`: what is heard there, after the lines `said`.

    Raises PersonWantedError where the words depend on who calls.
    """
    place = _redirected(talk, place)
    heard = _question_heard(talk, said) if place.kind is Kind.LANGUAGE else _heard(talk, place, said)
    language = talk.call.language if place.kind in BEFORE_A_LANGUAGE else talk.language
    return Turn(heard, place, language, misses, _gather(place))


def _redirected(talk: Talk, place: Place) -> Place:
    """The place that is there for this caller: what has ended, or what there is nothing to say of, is not."""
    match place.kind:
        case Kind.PERSON:
            return _redirected(talk, origin(place, talk.guide))
        case Kind.STEP if place.index >= len(talk.guide.text(talk.language, place.target).paragraphs):
            return after(place.target)
        case Kind.DATE_CONFIRM if _entered(talk, place.target) is None:
            return date_asked(place.target)
        case Kind.DATE_LEFT if not (talk.believed and told_rules(talk.guide.rules, talk.person.dates)):
            return DATES
        case Kind.REMIND if not (talk.call.proven and reminded(talk, place)):
            return MAIN
        case Kind.ASK if open_question(talk) is None:
            return MAIN
        case Kind.CONFIRM if place.target == Wish.STOP and talk.person.opted_out:
            return confirm(Wish.START)
        case Kind.CONFIRM if place.target == Wish.CALLS and talk.person.reminded_by == BY_CALL:
            return confirm(Wish.TEXTS)
    return place


def _gather(place: Place) -> Gather:
    match place.kind:
        case Kind.STEP:
            return Gather(timeout_s=PARAGRAPH_PAUSE_S)
        case Kind.CODE:
            return Gather(CODE_DIGITS, DIGITS_TIMEOUT_S)
        case Kind.DATE_DIGITS:
            digits = DAY_MONTH_YEAR if place.target in PAPERS else DAY_MONTH
            return Gather(digits, DIGITS_TIMEOUT_S)
    return Gather()


def _question_heard(talk: Talk, said: tuple[Spoken, ...]) -> tuple[Heard, ...]:
    """Each language's key in that language; `said` too, as long as nobody knows which one is understood."""
    heard = [] if talk.call.language is None else [Heard(talk.language, line) for line in said]
    for code, choose in zip(talk.guide.languages, CHOOSE_LANGUAGE, strict=False):
        first = said if talk.call.language is None else ()
        heard += [Heard(code, line) for line in (*first, choose)]
    return tuple(heard)


def _heard(talk: Talk, place: Place, said: tuple[Spoken, ...]) -> tuple[Heard, ...]:
    return tuple(Heard(talk.language, line) for line in (*said, *_prompt(talk, place)))


def _prompt(talk: Talk, place: Place) -> Iterator[Spoken]:
    match place.kind:
        case Kind.MENU:
            yield from _menu(talk, place)
        case Kind.RESUME:
            yield from _menu(talk, MAIN, Spoken("voice-continue"))
        case Kind.STEP:
            yield from _paragraph(talk, place)
        case Kind.AFTER:
            yield from _end_of_step(talk, place)
        case Kind.CODE:
            yield Spoken(TONE)
        case Kind.OFFER:
            yield Spoken("voice-message-offer")
        case Kind.RECORD:
            yield from _before_the_tone(talk)
        case Kind.DATES:
            yield Spoken("voice-dates")
        case Kind.DATE_WHEN:
            yield Spoken(talk.guide.dates[place.target].spoken[WHEN])
        case Kind.DATE_OTHER:
            yield Spoken("voice-date-other")
        case Kind.DATE_PAPER:
            yield Spoken("voice-date-paper")
        case Kind.DATE_DIGITS:
            yield Spoken(talk.guide.dates[place.target].spoken[HOW])
        case Kind.DATE_CONFIRM:
            yield from _read_back(talk, place.target)
        case Kind.DATE_LEFT:
            yield from _terms(talk)
        case Kind.REMIND:
            yield from _reminder(talk, place)
        case Kind.ASK:
            yield from _question(talk)
        case Kind.CONFIRM:
            yield CONFIRM[Wish(place.target)]


def _menu(talk: Talk, place: Place, *offered: Spoken) -> Iterator[Spoken]:
    yield Spoken(talk.guide.menus[place.target].line)
    yield from offered
    if place.target == "main":
        yield Spoken("voice-keys")
        if talk.call.operator:
            yield Spoken("voice-keys-person")


def _paragraph(talk: Talk, place: Place) -> Iterator[Spoken]:
    """The paragraph; in a call that proves who is called, a step with a term begins with their own date.

    Not before the first key: whoever answers the telephone has asked for nothing, and a spoofed ring may have
    made it ring.
    """
    if place.index == 0 and talk.call.proven and talk.call.turns:
        yield from _own_term(talk, place.target)
    yield Spoken(paragraph_id(place.target, place.index))


def _own_term(talk: Talk, key: str) -> Iterator[Spoken]:
    if not any(rule.step == key for rule in talk.guide.rules.values()):
        return
    for rule in told_rules(talk.guide.rules, talk.person.dates, talk.person.done):
        if rule.step == key:
            yield from term_told(rule, talk.person.dates, talk.person.done, talk.today)


def _end_of_step(talk: Talk, place: Place) -> Iterator[Spoken]:
    if talk.guide.steps[place.target].review_by < talk.today.here:
        yield Spoken("voice-check-first")
    yield Spoken("voice-after") if next_step(talk, place.target) else Spoken("voice-after-last")


def next_step(talk: Talk, key: str) -> str | None:
    """The key of the step after `key` by number, or None after the last one; of the introduction, step 1."""
    numbered = [step.key for step in talk.guide.steps.values() if step.number]
    return next((other for other in sorted(numbered) if key == INTRO or other > key), None)


def _before_the_tone(talk: Talk) -> Iterator[Spoken]:
    """How to leave a message; nobody can be called back whose number is neither seen nor said."""
    if not talk.call.has_number:
        yield Spoken("voice-message-hidden")
    yield Spoken("voice-message-speak")


def _read_back(talk: Talk, anchor: str) -> Iterator[Spoken]:
    save = _entered(talk, anchor)
    if save is not None:
        yield from _named(talk, anchor, save.day)


def _named(talk: Talk, anchor: str, day: date) -> Iterator[Spoken]:
    """Which date it is and its day, to be confirmed."""
    yield Spoken(talk.guide.dates[anchor].spoken[READ], {"date_year": day})
    yield Spoken("voice-date-right")


def _entered(talk: Talk, anchor: str) -> SaveDate | None:
    """The date of this anchor that waits for its confirming key. Raises PersonWantedError."""
    entered = talk.caller.entered
    return entered.date if entered and entered.date.anchor == anchor else None


def open_question(talk: Talk) -> Question | None:
    """The question about a date sent by text; for a proven caller alone. Raises PersonWantedError."""
    question = talk.person.question if talk.call.proven else None
    return question if question and question.kind is Asked.SAVE_DATE and question.day else None


def _question(talk: Talk) -> Iterator[Spoken]:
    question = open_question(talk)
    if question is not None and question.day is not None:
        yield Spoken("voice-ask-date")
        yield from _named(talk, question.anchor, question.day)


def reminded(talk: Talk, place: Place) -> list[ReminderRule]:
    """The rules of a reminder that still run for the person. Raises PersonWantedError."""
    person = talk.person
    ids = place.target.split(RULE_SEPARATOR)
    return reminded_rules(talk.guide.rules, person.dates, person.done, ids)


def _reminder(talk: Talk, place: Place) -> Iterator[Spoken]:
    """The first term that runs and what can be answered; the others follow one by one."""
    for rule in reminded(talk, place)[:1]:
        yield from term_told(rule, talk.person.dates, talk.person.done, talk.today)
        yield question_of(rule)
        if has_tomorrow(rule, talk.person.dates, talk.person.done, talk.today):
            yield Spoken("voice-remind-again")


def _terms(talk: Talk) -> Iterator[Spoken]:
    """Every term that runs for the caller, each with the key that ends or resumes its reminders."""
    person = talk.person
    for rule in told_rules(talk.guide.rules, person.dates):
        if rule.id in person.done:
            yield SWITCHED_OFF[rule.id]
        else:
            yield from term_told(rule, person.dates, person.done, talk.today)
            yield DONE_YET[rule.id]
    if talk.tells_opted_out:
        yield Spoken("voice-reminders-off")
