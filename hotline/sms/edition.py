"""The guide's second edition, in Latin letters: lines, dates and SMS pages. Pure.

Everything that picks words from a Guide (replies, reminders, texts asked for in a call) writes in Latin
letters when it is handed this edition, and packs and counts its pages as they are then. What is spoken, and
what people may type, is the same in both.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date

from hotline.guide.language import Language
from hotline.guide.model import Block, Fact, Guide, StepText
from hotline.sms.latin import Spelling, has_cyrillic
from hotline.sms.segments import PAGE_UNITS_GSM7, measure

SENTENCE_END = re.compile(r"(?<=[.!?]) +(?=\W*[A-Z0-9])")


@dataclass(frozen=True)
class LatinLanguage(Language):
    """A language whose lines and dates come in Latin letters."""

    spelling: Spelling = field(default_factory=lambda: Spelling.of({}), repr=False)

    @classmethod
    def of(cls, plain: Language) -> LatinLanguage:
        """The Latin edition of a language."""
        spelling = Spelling.of(plain.latin)
        values = {each.name: getattr(plain, each.name) for each in fields(plain)}
        return cls(**{**values, "name": spelling.latin(plain.name), "spelling": spelling})

    def line(self, id: str, **values: object) -> str:
        """A line with its values filled in, in Latin letters."""
        return self.spelled(super().line(id, **values))

    def counted(self, id: str, number: int, **values: object) -> str:
        """A counted line in the right plural form, in Latin letters."""
        return self.spelled(super().counted(id, number, **values))

    def day(self, day: date) -> str:
        """A date in few words, in Latin letters."""
        return self.spelled(super().day(day))

    def date(self, day: date) -> str:
        """A date as read on a screen, in Latin letters."""
        return self.spelled(super().date(day))

    def spelled(self, text: str) -> str:
        """Any text of this language in Latin letters."""
        return self.spelling.latin(text)


def with_latin(guide: Guide) -> Guide:
    """The guide with its Latin edition."""
    languages = {code: LatinLanguage.of(words) for code, words in guide.languages.items()}
    steps = {
        key: replace(
            step,
            texts={
                code: _latin_text(text, guide.words(code), languages[code], guide.facts)
                for code, text in step.texts.items()
            },
        )
        for key, step in guide.steps.items()
    }
    return replace(guide, latin=replace(guide, languages=languages, steps=steps, latin=None))


def letters_to_see(block: Block, facts: Mapping[str, Fact]) -> tuple[str, ...]:
    """The tokens of a page that are looked for on paper, or typed, in Cyrillic letters."""
    tokens = (token for id in block.facts if id in facts for token in facts[id].tokens)
    return tuple(token for token in tokens if has_cyrillic(token) and token in block.text)


def _latin_text(text: StepText, plain: Language, words: LatinLanguage, facts: Mapping[str, Fact]) -> StepText:
    pages = tuple(page for block in text.pages for page in _latin_pages(text, block, plain, words, facts))
    return replace(text, title=words.spelled(text.title), pages=pages)


def _latin_pages(
    text: StepText, block: Block, plain: Language, words: LatinLanguage, facts: Mapping[str, Fact]
) -> Iterator[Block]:
    """The page, in several if it does not fit one, and the tokens to see in a Cyrillic page behind it."""
    to_see = letters_to_see(block, facts)
    spelled = words.spelled(block.text)
    if len(text.pages) == 1 and not to_see and measure(spelled).fits_page:
        yield replace(block, text=spelled)
        return
    plain_footer = words.line("sms-more", page=9, pages=9)
    footer = words.line("sms-more-letters", page=9, pages=9) if to_see else plain_footer
    for part in _packed(spelled, PAGE_UNITS_GSM7 - len(f"\n{footer}")):
        yield replace(block, text=part)
    if to_see:
        shown = plain.line("sms-in-letters", tokens=", ".join(to_see))
        yield Block(shown, (), block.source, in_letters=True)


def _packed(text: str, room: int) -> list[str]:
    """The text in pieces of at most `room` letters, cut between sentences alone."""
    pieces: list[str] = []
    for sentence in SENTENCE_END.split(text):
        longer = f"{pieces[-1]} {sentence}" if pieces else sentence
        if pieces and len(longer) <= room:
            pieces[-1] = longer
        else:
            pieces.append(sentence)
    return pieces
