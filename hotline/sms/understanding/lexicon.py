"""Phrases and what they stand for, found in folded words or by their Latin skeleton. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce

from hotline.sms.understanding.folding import Token, prepare, tokens

Languages = frozenset[str]
Words = tuple[str, ...]
Meanings = Mapping[str, Languages]

SHORTEST_SKELETON = 3  # letters typed; two letters sound like too many things (НО is not NO)


@dataclass(frozen=True)
class Entry:
    """One phrase as it stands in the words of one language, and the key it stands under."""

    phrase: str
    key: str
    language: str


@dataclass(frozen=True)
class Found:
    """A phrase found: the keys it stands under, each with its languages, and how many tokens it took.

    by_sound: not as it is listed, only its Latin skeleton.
    """

    meanings: Meanings
    length: int
    by_sound: bool = False

    @property
    def languages(self) -> Languages:
        """Every language that lists the phrase."""
        return frozenset().union(*self.meanings.values())


@dataclass(frozen=True)
class Lexicon:
    """A set of phrases, by their folded words and by the skeletons of these."""

    folded: Mapping[Words, Meanings]
    skeletons: Mapping[Words, Meanings]
    longest: int

    def phrases_at(self, text: Sequence[Token], at: int) -> Iterator[Found]:
        """The phrases that begin at token `at`: as typed, longest first, then by sound, longest first."""
        ahead = text[at : at + self.longest]
        for meanings, length in _lookups(self.folded, [token.folded for token in ahead]):
            yield Found(meanings, length)
        if ahead and len(ahead[0].folded) >= SHORTEST_SKELETON:
            for meanings, length in _lookups(self.skeletons, [token.skeleton for token in ahead]):
                yield Found(meanings, length, by_sound=True)

    def phrase_at(self, text: Sequence[Token], at: int, keys: Iterable[str] | None = None) -> Found | None:
        """The best of `phrases_at`; with `keys`, the best that stands under one of them."""
        wanted = None if keys is None else set(keys)
        found = self.phrases_at(text, at)
        return next((phrase for phrase in found if wanted is None or wanted & set(phrase.meanings)), None)


def build_lexicon(entries: Iterable[Entry]) -> Lexicon:
    """The lexicon of all entries."""
    folded: dict[Words, dict[str, Languages]] = {}
    skeletons: dict[Words, dict[str, Languages]] = {}
    for entry in entries:
        words = tokens(prepare(entry.phrase))
        _add(folded, tuple(word.folded for word in words), entry)
        _add(skeletons, tuple(word.skeleton for word in words), entry)
    return Lexicon(folded, skeletons, max(map(len, folded), default=0))


def common_language(found: Iterable[Languages]) -> str | None:
    """The one language that all the words found share; None where none or several are left."""
    sets = list(found)
    shared = reduce(frozenset.intersection, sets) if sets else frozenset()
    return next(iter(shared)) if len(shared) == 1 else None


def _add(phrases: dict[Words, dict[str, Languages]], words: Words, entry: Entry) -> None:
    meanings = phrases.setdefault(words, {})
    meanings[entry.key] = meanings.get(entry.key, frozenset()) | {entry.language}


def _lookups(phrases: Mapping[Words, Meanings], words: Sequence[str]) -> Iterator[tuple[Meanings, int]]:
    for length in range(len(words), 0, -1):
        meanings = phrases.get(tuple(words[:length]))
        if meanings:
            yield meanings, length
