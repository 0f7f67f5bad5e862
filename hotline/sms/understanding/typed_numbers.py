"""Numbers of steps as people type them: digits, number words, with and without a word for "step". Pure.

Source: content notes, part D, "Steps: forms with the number". A digit is never guessed: STEP11 is not STEP1.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hotline.sms.understanding.folding import CAPITAL_LOOKALIKE, Token
from hotline.sms.understanding.lexicon import Languages, Lexicon
from hotline.sms.understanding.word_keys import NUMBER_KEYS

TENS = (20, 30)  # ЖЫЙЫРМА and ДВАДЦАТЬ join a unit; ОН БИР and ОДИННАДЦАТЬ are listed whole


@dataclass(frozen=True)
class NumberWord:
    """A number in words, the tokens it took and the languages it belongs to."""

    value: int
    length: int
    languages: Languages


@dataclass(frozen=True)
class NumberRun:
    """Numbers and words for "step" that follow one another: `step 7 and 10`, `7-КАДАМ`, `ЖЕТИНЧИ`, `5 3`.

    length: in tokens. languages: those of each word in the run. opens_with_step: it begins with "step".
    """

    numbers: tuple[int, ...]
    length: int
    languages: tuple[Languages, ...]
    has_step_word: bool
    opens_with_step: bool


def number_word_at(text: Sequence[Token], at: int, words: Lexicon) -> NumberWord | None:
    """The number in words that begins at token `at`: `ОН БИР`, `двадцать пятое`."""
    first = _listed_number_at(text, at, words)
    if first is None or first.value not in TENS:
        return first
    unit = _listed_number_at(text, at + first.length, words)
    if unit is None or unit.value > 9:
        return first
    return NumberWord(first.value + unit.value, first.length + unit.length, first.languages & unit.languages)


def _listed_number_at(text: Sequence[Token], at: int, words: Lexicon) -> NumberWord | None:
    found = words.phrase_at(text, at, NUMBER_KEYS)
    if found is None:
        return None
    value = next(NUMBER_KEYS[key] for key in found.meanings if key in NUMBER_KEYS)
    return NumberWord(value, found.length, found.languages)


def digits_at(text: Sequence[Token], at: int, words: Lexicon) -> tuple[int, int] | None:
    """The number in digits at token `at`, and the tokens it took with its ending (`7чи`, `7-инчи`).

    None where there is none, or where a letter like a digit is stuck to it, so that it may be longer: `1Oxy`.
    """
    if at >= len(text) or not text[at].is_number:
        return None
    ending = words.phrase_at(text, at + 1, ["day-endings"])
    if ending is None and _may_go_on(text, at, words):
        return None
    return int(text[at].folded), 1 + (ending.length if ending else 0)


def _may_go_on(text: Sequence[Token], at: int, words: Lexicon) -> bool:
    after = text[at + 1 : at + 2]
    stuck = bool(after) and after[0].start == text[at].end and after[0].folded[0] in CAPITAL_LOOKALIKE
    return stuck and words.phrase_at(text, at + 1) is None


def read_run(text: Sequence[Token], at: int, words: Lexicon) -> NumberRun:
    """The longest run that begins at token `at`; empty where there is none.

    A single letter for "step" (`S 7`, `К 7`) counts only when nothing but numbers follows to the end.
    """
    run = _Run(text, words, at)
    while run.take():
        pass
    if run.has_letter_for_step and run.at < len(text):
        return NumberRun((), 0, (), False, False)
    return NumberRun(
        tuple(run.numbers), run.at - at, tuple(run.languages), run.step_words > 0, run.opens_with_step
    )


class _Run:
    """A run while it is being read."""

    def __init__(self, text: Sequence[Token], words: Lexicon, at: int) -> None:
        self.text = text
        self.words = words
        self.at = at
        self.numbers: list[int] = []
        self.languages: list[Languages] = []
        self.step_words = 0
        self.opens_with_step = False
        self.has_letter_for_step = False

    def take(self) -> bool:
        """Takes the next part of the run; False at its end."""
        if self.at >= len(self.text):
            return False
        return self._take_digits() or self._take_number_word() or self._take_step_word() or self._take_joint()

    def _take_digits(self) -> bool:
        found = digits_at(self.text, self.at, self.words)
        if found is None:
            return False
        self.numbers.append(found[0])
        self.at += found[1]
        return True

    def _take_number_word(self) -> bool:
        word = number_word_at(self.text, self.at, self.words)
        if word is None:
            return False
        self.numbers.append(word.value)
        self.languages.append(word.languages)
        self.at += word.length
        return True

    def _take_step_word(self) -> bool:
        found = self.words.phrase_at(self.text, self.at, ["step-word"])
        if found is None:
            return False
        letter = len(self.text[self.at].folded) == 1
        if letter and not self._number_follows(found.length):
            return False
        self.opens_with_step = self.opens_with_step or not (self.numbers or self.step_words)
        self.has_letter_for_step = self.has_letter_for_step or letter
        self.step_words += 1
        self.languages.append(found.languages)
        self.at += found.length
        return True

    def _take_joint(self) -> bool:
        """`and` between numbers, `no` between the step word and its number."""
        found = self.words.phrase_at(self.text, self.at, ["and"] if self.numbers else ["number-word"])
        if found is None or not (self._number_follows(found.length) or self._step_follows(found.length)):
            return False
        if not self.numbers and not self.step_words:
            return False
        if self.numbers:
            self.languages.append(found.meanings["and"])
        self.at += found.length
        return True

    def _step_follows(self, length: int) -> bool:
        """`шаг 7 потом шаг 10`: a word for "step" and its number after the joint."""
        found = self.words.phrase_at(self.text, self.at + length, ["step-word"])
        return bool(self.numbers) and found is not None and self._number_follows(length + found.length)

    def _number_follows(self, length: int) -> bool:
        after = self.at + length
        if after >= len(self.text):
            return False
        return self.text[after].is_number or number_word_at(self.text, after, self.words) is not None
