"""One text message while it is being read: its tokens and what numbers, steps and dates they say. Pure."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from hotline.reminders.days import Today
from hotline.sms.understanding.date_forms import DateForm, find_form
from hotline.sms.understanding.folding import Token, prepare, tokens
from hotline.sms.understanding.lexicon import Found, Languages, common_language
from hotline.sms.understanding.typed_dates import DateReading, Sense, settle
from hotline.sms.understanding.typed_numbers import NumberRun, digits_at, number_word_at, read_run
from hotline.sms.understanding.vocabulary import Vocabulary
from hotline.sms.understanding.word_keys import (
    ANSWER_KEY,
    DAYS_AGO,
    GREETING_KEY,
    MONTH_KEYS,
    POLITE_KEY,
    STEP_KEYS,
)

CROSSES = frozenset("❌✖✗✘❎🚫⛔👎")  # with "done" or "yes" they say that it is not
ASIDES = (POLITE_KEY, GREETING_KEY, ANSWER_KEY)
LONGEST_SHORT_WORD = 3  # letters: content notes, part D, rule 8


@dataclass(frozen=True)
class Message:
    """A prepared text, or a part of one, with the words and the day it is read by.

    questioned, crossed: there is a question mark, or a sign for "no", in the text, in this part of it or not.
    """

    prepared: str
    text: tuple[Token, ...]
    words: Vocabulary
    today: Today
    questioned: bool
    crossed: bool

    @classmethod
    def of(cls, prepared: str, words: Vocabulary, today: Today) -> Message:
        """The message of a prepared text."""
        return cls(prepared, tokens(prepared), words, today, "?" in prepared, bool(CROSSES & set(prepared)))

    def before(self, at: int) -> Message:
        """What comes before token `at`."""
        return self._part(self.prepared[: self.text[at].start])

    def after(self, length: int) -> Message:
        """What comes after the first `length` tokens."""
        start = self.text[length - 1].end if length else 0
        return self._part(self.prepared[start:])

    def _part(self, prepared: str) -> Message:
        return replace(self, prepared=prepared, text=tokens(prepared))

    def run(self, at: int = 0) -> NumberRun:
        """The numbers and words for "step" that begin at token `at`."""
        return read_run(self.text, at, self.words.counting)

    def is_short(self, at: int, length: int) -> bool:
        """Whether the word or words at token `at` are too short to be known among others."""
        return sum(len(token.folded) for token in self.text[at : at + length]) <= LONGEST_SHORT_WORD

    def said_anywhere(self, key: str) -> list[Languages]:
        """The languages of each phrase of `key`, one that counts anywhere, as it is listed."""
        found = (self.words.anywhere.phrases_at(self.text, at) for at in range(len(self.text)))
        phrases = (phrase for there in found for phrase in there)
        return [phrase.meanings[key] for phrase in phrases if key in phrase.meanings and not phrase.by_sound]

    def courtesy(self, at: int = 0, keys: Collection[str] = (POLITE_KEY, GREETING_KEY)) -> int:
        """How many tokens of courtesies begin at token `at`."""
        end = at
        while found := self.words.anywhere.phrase_at(self.text, end, keys):
            end += found.length
        return end - at

    def without_greetings(self) -> Message:
        """What is left between the greetings and thanks around it."""
        start, end = self.courtesy(keys=[GREETING_KEY]), len(self.text)
        for at in range(end - 1, start, -1):
            if at + self.courtesy(at, [GREETING_KEY]) == len(self.text):
                end = at
        asked = "?" in self.prepared[self.text[start].start :] if 0 < start < end else self.questioned
        return replace(self.between(start, end), questioned=asked)

    def between(self, start: int, end: int) -> Message:
        """The tokens from `start` until before `end`, with what stands between them."""
        if start >= end:
            return self._part("")
        return self._part(self.prepared[self.text[start].start : self.text[end - 1].end])

    def with_phrase(self, phrase: str, start: int, end: int) -> Message:
        """The message with a phrase of the words in place of the tokens from `start` until before `end`."""
        before, after = self.prepared[: self.text[start].start], self.prepared[self.text[end - 1].end :]
        return self._part(before + prepare(phrase) + after)

    def holds_only(self, key: str) -> bool:
        """Whether nothing but phrases of the command `key` and courtesies is said, and not as a question."""
        at = self.courtesy()
        while found := self.words.commands.phrase_at(self.text, at, [key]):
            at += found.length
            at += self.courtesy(at)
        return at == len(self.text) and not self.questioned

    def form(self) -> DateForm | None:
        """The date that the message says, as typed."""
        return find_form(self.prepared, self.words.dates)

    def reading(self, sense: Sense) -> DateReading:
        """The date that the message says; in a question it is not clear."""
        reading = settle(self.form(), self.today, sense)
        return replace(reading, clear=False) if self.questioned else reading

    def digits(self, at: int) -> tuple[int, int] | None:
        """The number in digits at token `at`, and its length in tokens."""
        return digits_at(self.text, at, self.words.counting)

    def step_word(self, at: int) -> Found | None:
        """The word for "step" at token `at`."""
        return self.words.counting.phrase_at(self.text, at, ["step-word"])

    def topic(self, at: int) -> tuple[int, int] | None:
        """The step whose word stands at token `at`, and the length of that word in tokens."""
        found = self.words.commands.phrase_at(self.text, at, STEP_KEYS)
        if found is None:
            return None
        return next(STEP_KEYS[key] for key in found.meanings if key in STEP_KEYS), found.length

    def topic_alone(self) -> int | None:
        """The step whose word, and no number, is all that the message says, and not as a question."""
        before = self.courtesy()
        topic = self.topic(before)
        is_all = topic is not None and before + topic[1] == len(self.text)
        return topic[0] if topic and is_all and not self.questioned else None

    def steps_named(self) -> tuple[int, ...]:
        """The steps that the message begins with, each once: digits, number words, words of a step."""
        return self._steps_and_length()[0]

    def names_only_steps(self) -> bool:
        """Whether the steps that the message begins with are all it says."""
        return self._steps_and_length()[1] == len(self.text)

    def asks_only_for_steps(self) -> bool:
        """Whether nothing is said but steps, courtesies and to write, answer or speak."""
        at = 0
        while at < len(self.text):
            topic = self.topic(at)
            length = self.run(at).length or (topic[1] if topic else self.courtesy(at, ASIDES))
            if not length:
                return False
            at += length
        return True

    def _steps_and_length(self) -> tuple[tuple[int, ...], int]:
        steps: list[int] = []
        at = 0
        while at < len(self.text):
            run, topic = self.run(at), self.topic(at)
            if run.length:
                steps += run.numbers
                at += run.length
            elif topic:
                steps.append(topic[0])
                at += topic[1]
            else:
                break
        return tuple(dict.fromkeys(steps)), at

    def begins_with_number(self, at: int = 0) -> bool:
        """Whether a number or a word of a date stands at token `at`."""
        if at >= len(self.text):
            return False
        if self.text[at].is_number or number_word_at(self.text, at, self.words.counting):
            return True
        return self.words.dates.phrase_at(self.text, at, {*MONTH_KEYS, *DAYS_AGO}) is not None

    def words_beside_date(self) -> int:
        """How many words there are that no date has."""
        words = (at for at, token in enumerate(self.text) if not token.is_number)
        return sum(1 for at in words if self.words.dates.phrase_at(self.text, at) is None)

    def date_language(self) -> str | None:
        """The language that the words of a date belong to: `сегодня`, `5 марта`."""
        found = (self.words.dates.phrase_at(self.text, at) for at in range(len(self.text)))
        return common_language(phrase.languages for phrase in found if phrase)
