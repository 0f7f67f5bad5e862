"""Steps asked for by several words, or by a word inside a sentence. Pure.

Rules of the service, Words: two wishes in one text need a word; bare `7 10` asks.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace

from hotline.sms.understanding.command import Command, CommandName
from hotline.sms.understanding.lexicon import Found, Languages, common_language
from hotline.sms.understanding.meaning import POLICE, asked_within
from hotline.sms.understanding.message import Message
from hotline.sms.understanding.word_keys import STEP_KEYS

JOINTS = set(",;&+/\n")  # between the words of two wishes; a space alone does not part them
BESIDES: tuple[Collection[str], ...] = (("hint-sick",), ("help",), ("menu",), ("status",))


@dataclass(frozen=True)
class Wish:
    """Steps named in one go, from token `start` until before `end`. in_words: there is a word to them."""

    steps: tuple[int, ...]
    languages: tuple[Languages, ...]
    in_words: bool
    start: int
    end: int


def several(message: Message) -> Command | None:
    """Nothing but steps, two or more, by words or joined by one: `каттоо жана полис`, `шаг 7 и полис`."""
    wishes: list[Wish] = []
    at = 0
    while at < len(message.text):
        joint = _joint(message, at) if wishes else None
        wish = _wish(message, at + joint.length if joint else at)
        if wish is None or (wishes and not joint and not _are_apart(message, wishes[-1], wish)):
            return None
        wishes.append(replace(wish, languages=(*wish.languages, joint.meanings["and"])) if joint else wish)
        at = wish.end
    if not any(wish.in_words for wish in wishes) or _is_doubtful(message, wishes):
        return None
    return _steps(wishes) if len(_numbers(wishes)) > 1 else None


def within(message: Message) -> Command | None:
    """What a sentence asks for by the way, where nothing else was understood: `как продлить регистрацию`.

    The police first, then steps by number, then words of steps, of illness, and for help, menu and status.
    """
    police = asked_within(message, (POLICE,))
    if police:
        return police
    wishes = list(_found(message))
    numbered = [wish for wish in wishes if message.run(wish.start).length]
    if numbered:
        return _steps(numbered)
    if len(_numbers(wishes)) > 1:
        return None if _is_doubtful(message, wishes) else _steps(wishes)
    return asked_within(message, (STEP_KEYS, *BESIDES))


def _found(message: Message) -> Iterator[Wish]:
    """The steps named in words anywhere in the message; short words do not count (rule 8)."""
    at = 0
    while at < len(message.text):
        wish = _wish(message, at)
        if wish and wish.in_words and not message.is_short(wish.start, wish.end - wish.start):
            yield wish
        at = wish.end if wish else at + 1


def _wish(message: Message, at: int) -> Wish | None:
    run = message.run(at)
    if run.numbers and all(number in STEP_KEYS.values() for number in run.numbers):
        return Wish(run.numbers, run.languages, run.has_step_word, at, at + run.length)
    found = message.words.commands.phrase_at(message.text, at, STEP_KEYS)
    if run.length or found is None:
        return None
    steps = tuple(STEP_KEYS[key] for key in found.meanings if key in STEP_KEYS)
    return Wish(steps[:1], (found.languages,), True, at, at + found.length)


def _joint(message: Message, at: int) -> Found | None:
    return message.words.counting.phrase_at(message.text, at, ["and"])


def _are_apart(message: Message, one: Wish, other: Wish) -> bool:
    """Whether a sign joins two wishes, or the word that ends the first: in `шаг 7 и полис` И also ends 7."""
    gap = message.prepared[message.text[one.end - 1].end : message.text[other.start].start]
    return bool(JOINTS & set(gap)) or _joint(message, one.end - 1) is not None


def _is_doubtful(message: Message, wishes: list[Wish]) -> bool:
    """Whether a word of them asks a question of its own: `балдар`."""
    phrases = (
        message.words.commands.phrase_at(message.text, wish.start, ["ask-children"]) for wish in wishes
    )
    return any(phrases)


def _numbers(wishes: list[Wish]) -> tuple[int, ...]:
    return tuple(dict.fromkeys(step for wish in wishes for step in wish.steps))


def _steps(wishes: list[Wish]) -> Command:
    steps = _numbers(wishes)
    language = common_language(languages for wish in wishes for languages in wish.languages)
    return Command(CommandName.STEP if len(steps) == 1 else CommandName.STEPS, language, steps=steps)
