"""The words of every language in `prompts/`, put together once for reading. Pure.

Month names come from Babel (CLDR), all other words from `prompts/<lang>/keywords.toml`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from babel.dates import get_month_names

from hotline.guide.language import Language
from hotline.sms.understanding.command import CommandName
from hotline.sms.understanding.folding import prepare, tokens
from hotline.sms.understanding.lexicon import Entry, Lexicon, build_lexicon
from hotline.sms.understanding.slips import Spellings, build_spellings
from hotline.sms.understanding.word_keys import (
    ANYWHERE_KEYS,
    ASK_KEYS,
    BEGINNINGS_KEY,
    COUNTING_KEYS,
    DATE_KEYS,
    ENDINGS_KEY,
    GRAMMAR_KEYS,
    HINT_KEYS,
    LANGUAGE_PREFIX,
    MONTH_KEYS,
    STEP_KEYS,
)

WITHOUT_WORDS = {CommandName.STEP, CommandName.STEPS, CommandName.CLARIFY, CommandName.UNKNOWN}
COMMAND_KEYS = {str(name) for name in CommandName if name not in WITHOUT_WORDS}
Width = Literal["wide", "abbreviated"]
Context = Literal["format", "stand-alone"]


class KeywordError(ValueError):
    """Words in `prompts/` that cannot be used: an unknown key, or one word for two commands."""


@dataclass(frozen=True)
class Vocabulary:
    """The words of all languages: of commands, of step numbers, of dates, those that count anywhere, and how
    all of them are spelled.
    """

    commands: Lexicon
    counting: Lexicon
    dates: Lexicon
    anywhere: Lexicon
    spellings: Spellings


def build_vocabulary(languages: Mapping[str, Language]) -> Vocabulary:
    """The vocabulary of the guide's languages.

    Raises KeywordError naming language and key of an unknown key, or the word that two commands claim.
    """
    entries = [entry for language in languages.values() for entry in _entries(language)]
    months = [entry for language in languages.values() for entry in _months(language)]
    commands = [entry for entry in entries if is_command_key(entry.key)]
    _refuse_double_meanings(commands)
    return Vocabulary(
        commands=build_lexicon(commands),
        counting=build_lexicon(entry for entry in entries if entry.key in COUNTING_KEYS),
        dates=build_lexicon([*(entry for entry in entries if entry.key in DATE_KEYS), *months]),
        anywhere=build_lexicon(entry for entry in entries if entry.key in ANYWHERE_KEYS),
        spellings=build_spellings([*entries, *months]),
    )


def is_main_key(key: str) -> bool:
    """Whether a key names a step, a command or a language to switch to."""
    return key in STEP_KEYS or key in COMMAND_KEYS or key.startswith(LANGUAGE_PREFIX)


def is_command_key(key: str) -> bool:
    """Whether words under the key can open a message: main keys, questions and hints."""
    return is_main_key(key) or key in ASK_KEYS or key in HINT_KEYS


def _entries(language: Language) -> Iterator[Entry]:
    for key, phrases in language.keywords.items():
        if not is_command_key(key) and key not in GRAMMAR_KEYS:
            raise KeywordError(f"{language.code}/keywords.toml: no command '{key}'")
        for phrase in phrases:
            yield Entry(phrase, key, language.code)


def _refuse_double_meanings(commands: list[Entry]) -> None:
    claimed: dict[tuple[str, ...], Entry] = {}
    for entry in commands:
        if is_main_key(entry.key):
            words = tuple(word.folded for word in tokens(prepare(entry.phrase)))
            first = claimed.setdefault(words, entry)
            if first.key != entry.key:
                raise KeywordError(
                    f"keywords.toml: '{entry.phrase}' is {first.key} in {first.language}"
                    f" and {entry.key} in {entry.language}"
                )


def _months(language: Language) -> Iterator[Entry]:
    for key, number in MONTH_KEYS.items():
        for name in _month_names(language.code, number):
            for beginning in ("", *language.keywords.get(BEGINNINGS_KEY, ())):
                yield Entry(beginning + name, key, language.code)
        whole = _month_name(language.code, number, "wide", "stand-alone")
        for ending in language.keywords.get(ENDINGS_KEY, ()):
            yield Entry(whole + ending, key, language.code)  # Ь before an ending is silent in the skeleton


def _month_names(code: str, number: int) -> set[str]:
    contexts: tuple[Context, ...] = ("format", "stand-alone")
    widths: tuple[Width, ...] = ("wide", "abbreviated")
    return {_month_name(code, number, width, context) for context in contexts for width in widths}


def _month_name(code: str, number: int, width: Width, context: Context) -> str:
    return str(get_month_names(width, context, locale=code)[number])
