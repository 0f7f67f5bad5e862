"""A text with one misspelt word, as it was meant. Pure.

A guess is stricter than a reading: the misspelt word or phrase is the whole text, or stands right before or
after the numbers of steps and nothing else is said. Numbers stay as they were typed. Source: content notes,
part D, rule 9; docs/decisions/013.
"""

from __future__ import annotations

from hotline.sms.understanding.command import Command, CommandName
from hotline.sms.understanding.message import Message
from hotline.sms.understanding.typed_numbers import NumberRun

# What a guess may lead to: something to read, or a question. Nothing that is stored, switched off or erased.
GUESSED = {
    CommandName.STEP,
    CommandName.STEPS,
    CommandName.MENU,
    CommandName.ABOUT,
    CommandName.STATUS,
    CommandName.MORE,
    CommandName.HELP,
    CommandName.SOS,
    CommandName.CLARIFY,
}

SHORTEST_PART = 2  # letters: ҮЧ and ОН are two
LONGEST_WORD = 30  # letters: longer than any two words that can be run together


def may_be_guessed(command: Command) -> bool:
    """Whether a misspelt text may be taken for `command`; of languages only the question which."""
    asks_language = command.name is CommandName.LANGUAGE and command.language is None
    return command.name in GUESSED or asks_language


def mended(message: Message) -> Message | None:
    """`message`, greetings apart, with its misspelt word as it is listed; None where none can be told."""
    plain = message.without_greetings()
    length = len(plain.text)
    phrase = plain.words.spellings.meant(plain.text)
    if phrase:
        return plain.with_phrase(phrase, 0, length)
    if length == 1:
        return _parted(plain)
    if _are_numbers(plain.run(1), length - 1):
        return _with_step_word(plain, 0)
    if _are_numbers(plain.between(0, length - 1).run(), length - 1):
        return _with_step_word(plain, length - 1)
    return None


def _parted(plain: Message) -> Message | None:
    """`ЖЕТИНЧИКАДАМ`: "step" and a number in words, only the space between them missing."""
    word = plain.text[0].folded
    cuts = range(SHORTEST_PART, len(word) - SHORTEST_PART + 1) if len(word) <= LONGEST_WORD else ()
    for parted in (plain.with_phrase(f"{word[:cut]} {word[cut:]}", 0, 1) for cut in cuts):
        run = parted.run()
        if run.numbers and run.has_step_word and run.length == len(parted.text):
            return parted
    return None


def _are_numbers(run: NumberRun, length: int) -> bool:
    return bool(run.numbers) and not run.has_step_word and run.length == length


def _with_step_word(plain: Message, at: int) -> Message | None:
    phrase = plain.words.spellings.meant(plain.text[at : at + 1], beside_number=True)
    return plain.with_phrase(phrase, at, at + 1) if phrase else None
