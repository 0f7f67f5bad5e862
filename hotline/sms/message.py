"""One text message while it is being read: its tokens and what numbers, steps and dates they say. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from hotline.reminders.days import Today
from hotline.sms.date_forms import DateForm, find_form
from hotline.sms.folding import Token, tokens
from hotline.sms.lexicon import Found, common_language
from hotline.sms.typed_dates import DateReading, Sense, settle
from hotline.sms.typed_numbers import NumberRun, digits_at, number_word_at, read_run
from hotline.sms.vocabulary import Vocabulary
from hotline.sms.word_keys import DAYS_AGO, MONTH_KEYS, STEP_KEYS


@dataclass(frozen=True)
class Message:
    """A prepared text, or a part of one, with the words and the day it is read by."""

    prepared: str
    text: tuple[Token, ...]
    words: Vocabulary
    today: Today

    @classmethod
    def of(cls, prepared: str, words: Vocabulary, today: Today) -> Message:
        """The message of a prepared text."""
        return cls(prepared, tokens(prepared), words, today)

    def before(self, at: int) -> Message:
        """What comes before token `at`."""
        return Message.of(self.prepared[: self.text[at].start], self.words, self.today)

    def after(self, length: int) -> Message:
        """What comes after the first `length` tokens."""
        start = self.text[length - 1].end if length else 0
        return Message.of(self.prepared[start:], self.words, self.today)

    def run(self, at: int = 0) -> NumberRun:
        """The numbers and words for "step" that begin at token `at`."""
        return read_run(self.text, at, self.words.counting)

    def form(self) -> DateForm | None:
        """The date that the message says, as typed."""
        return find_form(self.prepared, self.words.dates)

    def reading(self, sense: Sense) -> DateReading:
        """The date that the message says."""
        return settle(self.form(), self.today, sense)

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

    def steps_named(self) -> tuple[int, ...]:
        """The steps that the message begins with, each once: digits, number words, words of a step."""
        return self._steps_and_length()[0]

    def names_only_steps(self) -> bool:
        """Whether the steps that the message begins with are all it says."""
        return self._steps_and_length()[1] == len(self.text)

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

    def date_language(self) -> str | None:
        """The language that the words of a date belong to: `сегодня`, `5 марта`."""
        found = (self.words.dates.phrase_at(self.text, at) for at in range(len(self.text)))
        return common_language(phrase.languages for phrase in found if phrase)
