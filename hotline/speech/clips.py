"""A spoken line -> the clips that say it: fixed words, numbers, dates. Pure.

A clip is one sentence of a line, or what stands between two placeholders: a choice of a menu is heard, timed
and recorded by itself. Its name is its file name and its recording's name: `voice-menu-main.0` (the first
sentence), `voice-days-left.p1.0` (of its second plural form), `step-07-2` (third paragraph of step 7),
`number-12`, `day-05`, `month-03`, `year-2026`, `weekday-6` (Monday is 0), `tone`.
"""

from __future__ import annotations

import re
import string
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from hotline.guide.language import Language, MissingLineError
from hotline.guide.model import Guide

TONE = "tone"
TONE_CAPTION = "♪"
LINE_PREFIX = "voice-"
COUNT = "n"
WITH_YEAR = "date_year"
SEPARATORS = " \n.,;:!?…–—-"
SENTENCE_END = re.compile(r"(?<=[.!?…]) ")

Value = int | date


@dataclass(frozen=True)
class Spoken:
    """Something to say: a catalog line (`voice-…`), a paragraph (`step-07-2`) or `tone`.

    `values` fills the placeholders: an int of 0..99, or a date, which `{date}` says without its year and
    `{date_year}` with it. `count` chooses the form of a counted line and fills its `{n}`.
    """

    id: str
    values: Mapping[str, Value] = field(default_factory=dict, repr=False)
    count: int | None = None


@dataclass(frozen=True)
class Clip:
    """One sound file: its language, its name there and the words in it."""

    language: str
    name: str
    text: str


def clips_of(guide: Guide, language: str, spoken: Spoken) -> tuple[Clip, ...]:
    """The clips that say `spoken` in `language`, in order.

    Raises MissingLineError for an unknown id, KeyError for a placeholder without a value and ValueError for a
    number outside 0..99: mistakes of the program.
    """
    words = guide.words(language)
    if spoken.id == TONE:
        return (_tone(words),)
    if not spoken.id.startswith(LINE_PREFIX):
        return (_paragraph(guide, words, spoken.id),)
    values = dict(spoken.values) if spoken.count is None else {**spoken.values, COUNT: spoken.count}
    name, template = _form(words, spoken)
    return tuple(_filled(words, name, template, values))


def every_clip(guide: Guide, language: str) -> tuple[Clip, ...]:
    """Everything that can ever be said in `language`, each clip once."""
    words = guide.words(language)
    return (
        *_line_clips(words),
        *(_paragraph(guide, words, id) for id in _paragraph_ids(guide, language)),
        *_pools(words),
        _tone(words),
    )


def paragraph_id(key: str, index: int) -> str:
    """The id of a step's paragraph, counted from 0: `step-07-2`."""
    return f"step-{key}-{index}"


def _form(words: Language, spoken: Spoken) -> tuple[str, str]:
    """Name and template of a line; of a counted line, of the form for its count."""
    if spoken.count is None:
        return spoken.id, words.template(spoken.id)
    template = words.plural_template(spoken.id, spoken.count)
    return _form_name(spoken.id, _forms(words, spoken.id).index(template)), template


def _forms(words: Language, id: str) -> tuple[str, ...]:
    """The different forms of a counted line, as 1, 2, 3 ... bring them up; () if it is not counted.

    Those of 0..99 are all: `{n}` says no other number.
    """
    try:
        return tuple(dict.fromkeys(words.plural_template(id, number) for number in (*range(1, 100), 0)))
    except MissingLineError:
        return ()


def _form_name(id: str, form: int) -> str:
    return f"{id}.p{form}"


def _filled(words: Language, name: str, template: str, values: Mapping[str, Value]) -> Iterator[Clip]:
    fragments = iter(_fragments(words, name, template))
    for literal, placeholder, _, _ in string.Formatter().parse(template):
        for _ in _sentences(literal):
            yield next(fragments)
        if placeholder is not None:
            yield from _value(words, placeholder, values[placeholder])


def _fragments(words: Language, name: str, template: str) -> list[Clip]:
    """The fixed words of a template, a clip for each sentence, numbered through."""
    literals = [literal for literal, _, _, _ in string.Formatter().parse(template)]
    spoken = [sentence for literal in literals for sentence in _sentences(literal)]
    return [Clip(words.code, f"{name}.{i}", text) for i, text in enumerate(spoken)]


def _sentences(literal: str) -> list[str]:
    """The sentences of fixed words, without what ended the one before them; of a mere comma none."""
    words = " ".join(literal.lstrip(SEPARATORS).split())
    return SENTENCE_END.split(words) if words else []


def _value(words: Language, placeholder: str, value: Value) -> Iterator[Clip]:
    if isinstance(value, date):
        yield from _date(words, value, with_year=placeholder == WITH_YEAR)
    else:
        yield _number(words, value)


def _number(words: Language, value: int) -> Clip:
    if not 0 <= value < len(words.speech.numbers):
        raise ValueError(f"no clip says the number {value}")
    return Clip(words.code, f"number-{value:02d}", words.speech.numbers[value])


def _date(words: Language, day: date, with_year: bool) -> Iterator[Clip]:
    for part in words.speech.date_order:
        if part == "weekday":
            yield _weekday(words, day.weekday())
        elif part == "day":
            yield _day(words, day.day)
        elif part == "month":
            yield _month_of_year(words, day.month) if with_year else _month(words, day.month)
        elif with_year:
            yield from _year(words, day.year)


def _day(words: Language, number: int) -> Clip:
    return Clip(words.code, f"day-{number:02d}", words.speech.days[number - 1])


def _month(words: Language, number: int) -> Clip:
    return Clip(words.code, f"month-{number:02d}", words.speech.months[number - 1])


def _month_of_year(words: Language, number: int) -> Clip:
    """The month behind a year that is said: in some languages another form."""
    if not words.speech.months_of_year:
        return _month(words, number)
    return Clip(words.code, f"month-of-year-{number:02d}", words.speech.months_of_year[number - 1])


def _weekday(words: Language, number: int) -> Clip:
    return Clip(words.code, f"weekday-{number}", words.speech.weekdays[number])


def _year(words: Language, year: int) -> Iterator[Clip]:
    """The year, in one clip; one that the language has no clip for is said digit by digit."""
    if year in words.speech.years:
        yield Clip(words.code, f"year-{year}", words.speech.years[year])
    else:
        yield from (_number(words, int(digit)) for digit in str(year))


def _tone(words: Language) -> Clip:
    return Clip(words.code, TONE, TONE_CAPTION)


def _paragraph(guide: Guide, words: Language, id: str) -> Clip:
    for key, step in guide.steps.items():
        for index, block in enumerate(step.texts[words.code].paragraphs):
            if id == paragraph_id(key, index):
                return Clip(words.code, id, block.text)
    raise MissingLineError(f"{words.code}: no line or paragraph {id}")


def _paragraph_ids(guide: Guide, language: str) -> Iterator[str]:
    for key in guide.steps:
        for index in range(len(guide.text(language, key).paragraphs)):
            yield paragraph_id(key, index)


def _line_clips(words: Language) -> Iterator[Clip]:
    for id in sorted(words.line_ids):
        if not id.startswith(LINE_PREFIX):
            continue
        forms = _forms(words, id)
        for form, template in enumerate(forms):
            yield from _fragments(words, _form_name(id, form), template)
        if not forms:
            yield from _fragments(words, id, words.template(id))


def _pools(words: Language) -> Iterator[Clip]:
    speech = words.speech
    yield from (_number(words, number) for number in range(len(speech.numbers)))
    yield from (_day(words, number) for number in range(1, len(speech.days) + 1))
    yield from (_month(words, number) for number in range(1, len(speech.months) + 1))
    yield from (_month_of_year(words, number) for number in range(1, len(speech.months_of_year) + 1))
    yield from (_weekday(words, number) for number in range(len(speech.weekdays)))
    for year in sorted(speech.years):
        yield from _year(words, year)
