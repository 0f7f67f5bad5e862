"""A word with one slip of the finger, taken for the listed word it is near to. Pure.

A slip is one letter (or space) too many, too few or wrong, or two neighbours changed over: distance 1 of the
optimal string alignment. What may be guessed: `GUESSED_KEYS`, but for the words that keywords.toml excepts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from rapidfuzz import process
from rapidfuzz.distance import OSA

from hotline.sms.understanding.folding import Token, prepare, tokens
from hotline.sms.understanding.lexicon import Entry
from hotline.sms.understanding.word_keys import GUESSED_KEYS, LANGUAGE_PREFIX, SILENT_KEYS, STEP_WORD_KEY

SHORTEST_GUESSED = 4  # letters, of the word typed and of the word listed
LONGEST_GUESSED = 40  # letters: no listed phrase is longer
FIRST_LETTER_COUNTS = 6  # in words up to this long a wrong first letter is another word: ЖЕНЫ and ЦЕНЫ

Guess = tuple[str, str]  # the key that is meant, and its phrase as listed
BESIDE_A_NUMBER = {STEP_WORD_KEY, "menu"}  # КАДАМДАР and ШАГИ are both: the steps, and the list of them


@dataclass(frozen=True)
class Spellings:
    """Every listed phrase as it is spelled, folded, and what may be guessed from a word near it.

    guesses: by spelling, the phrase for each key; no guess for a spelling that must not be guessed.
    by_length: the same spellings, by how many letters and spaces they have.
    known: words that are no slip, be they near to a command or not: as spelled and as they sound.
    """

    guesses: Mapping[str, frozenset[Guess]]
    by_length: Mapping[int, tuple[str, ...]]
    known: frozenset[str]

    def meant(self, words: Sequence[Token], beside_number: bool = False) -> str | None:
        """The listed phrase meant by misspelt `words`; None where nothing, or more than one thing, is near.

        beside_number: the words stand next to the number of a step, so only "step" can be meant.
        """
        typed = _spelling(words)
        if not _may_slip(words) or {typed, _sound(words)} & self.known:
            return None
        near = [*self._near(typed)]
        if not all(self.guesses[spelling] for spelling in near):
            return None
        alike = (self.guesses[spelling] for spelling in near if _begins_alike(typed, spelling))
        phrases = dict(sorted(guess for guesses in alike for guess in guesses))
        if beside_number:
            return phrases.get(STEP_WORD_KEY) if phrases.keys() <= BESIDE_A_NUMBER else None
        keys = phrases.keys() - {STEP_WORD_KEY} or phrases.keys()
        return phrases[next(iter(keys))] if len(keys) == 1 else None

    def _near(self, typed: str) -> Iterator[str]:
        for length in range(len(typed) - 1, len(typed) + 2):
            spellings = self.by_length.get(length, ())
            found = process.extract(typed, spellings, scorer=OSA.distance, score_cutoff=1, limit=None)
            yield from (spelling for spelling, _, _ in found)


def build_spellings(entries: Sequence[Entry]) -> Spellings:
    """The spellings of all phrases of all languages."""
    to_ask = {entry.language: entry.phrase for entry in reversed(entries) if entry.key == "language"}
    guesses: dict[str, set[Guess]] = {}
    known: set[str] = set()
    barred: set[str] = set()
    for entry in entries:
        words = tokens(prepare(entry.phrase))
        known |= {_spelling(words), _sound(words)}
        guess = _guess(entry, words, to_ask)
        if entry.key not in SILENT_KEYS:
            guesses.setdefault(_spelling(words), set()).update([guess] if guess else [])
            barred |= set() if guess else {_spelling(words)}
    kept = {spelling: frozenset(() if spelling in barred else found) for spelling, found in guesses.items()}
    by_length: dict[int, tuple[str, ...]] = {}
    for spelling in kept:
        by_length[len(spelling)] = (*by_length.get(len(spelling), ()), spelling)
    return Spellings(kept, by_length, frozenset(known))


def _guess(entry: Entry, words: Sequence[Token], to_ask: Mapping[str, str]) -> Guess | None:
    """What the phrase of `entry` may be guessed to mean: a name of a language, only that one should ask."""
    if not _may_slip(words):
        return None
    if entry.key.startswith(LANGUAGE_PREFIX):
        return "language", to_ask[entry.language]
    return (entry.key, entry.phrase) if entry.key in GUESSED_KEYS else None


def _spelling(words: Sequence[Token]) -> str:
    return " ".join(word.folded for word in words)


def _sound(words: Sequence[Token]) -> str:
    return " ".join(word.skeleton for word in words)


def _may_slip(words: Sequence[Token]) -> bool:
    letters = sum(len(word.folded) for word in words)
    return SHORTEST_GUESSED <= letters <= LONGEST_GUESSED and not any(word.is_number for word in words)


def _begins_alike(typed: str, listed: str) -> bool:
    return typed[0] == listed[0] or min(len(typed), len(listed)) > FIRST_LETTER_COUNTS
