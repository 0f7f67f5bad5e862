"""One language: its short lines (gettext), dates and numbers in words (Babel), keywords and stems. Pure."""

from __future__ import annotations

import gettext
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import lru_cache

from babel.dates import format_date


class Script(StrEnum):
    """The letters that texts are written in."""

    CYRILLIC = "cyrillic"
    LATIN = "latin"


class MissingLineError(LookupError):
    """A line id that the catalog of a language does not have, or has without a translation."""


@dataclass(frozen=True)
class Speech:
    """How numbers and dates are said; each entry is the text of one clip.

    numbers: 100 cardinals, 0..99. days: 31 ordinals, 1..31. months: 12. weekdays: 7, Monday first.
    years: year -> words. date_order: the order in which `weekday`, `year`, `day`, `month` are said.
    months_of_year: 12 more, for a date with its year, where a language has another form there.
    engines: word -> what a speech engine reads instead. readers: beginning of a word -> a hint for a person.
    tokens: written token (`30`, `migranty.org`) -> the spoken forms of which one must occur in a voice text.
    """

    voice: str
    numbers: tuple[str, ...]
    days: tuple[str, ...]
    months: tuple[str, ...]
    weekdays: tuple[str, ...]
    years: Mapping[int, str]
    date_order: tuple[str, ...]
    tokens: Mapping[str, tuple[str, ...]]
    months_of_year: tuple[str, ...] = ()
    engines: Mapping[str, str] = field(default_factory=dict)
    readers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Language:
    """The words of one language beside the steps.

    `date_pattern` is a Babel (LDML) pattern with weekday and month in words, `day_pattern` a shorter one.
    `keywords` maps a command (`step-07`, `menu`, ...) to the phrases people type for it. `stems` maps a fact
    id to word beginnings. `key_names` are the ten words, 0..9, by which a line names a key: "press one".
    `latin` maps letters, and whole words, to what the language spells its own way in Latin letters.
    """

    code: str
    name: str
    date_pattern: str
    day_pattern: str
    key_names: tuple[str, ...]
    catalog: gettext.GNUTranslations = field(repr=False)
    line_ids: frozenset[str] = field(repr=False)
    speech: Speech = field(repr=False)
    keywords: Mapping[str, tuple[str, ...]] = field(repr=False)
    stems: Mapping[str, tuple[str, ...]] = field(repr=False)
    latin: Mapping[str, str] = field(default_factory=dict, repr=False)

    def template(self, id: str) -> str:
        """The translation of a line, placeholders still in it: `{date}`.

        Raises MissingLineError for an id without a translation.
        """
        found = self.catalog.gettext(id)
        if found == id:
            raise MissingLineError(f"{self.code}: no translation of {id}")
        return found

    def plural_template(self, id: str, number: int) -> str:
        """The plural form of a counted line for `number`, placeholders still in it."""
        found = self.catalog.ngettext(id, id, number)
        if found == id:
            raise MissingLineError(f"{self.code}: no translation of {id}")
        return found

    def any_template(self, id: str) -> str:
        """The line, counted or not; of a counted one the form for many. Raises MissingLineError."""
        try:
            return self.plural_template(id, 5)
        except MissingLineError:
            return self.template(id)

    def line(self, id: str, **values: object) -> str:
        """A line with its values filled in; dates are put in words."""
        return self.template(id).format(**{key: self._shown(value) for key, value in values.items()})

    def counted(self, id: str, number: int, **values: object) -> str:
        """A counted line in the right plural form, `{n}` filled in: "осталось 2 дня"."""
        shown = {key: self._shown(value) for key, value in values.items()}
        return self.plural_template(id, number).format(n=number, **shown)

    def day(self, day: date) -> str:
        """A date in few words: day and month."""
        return _formatted(day, self.day_pattern, self.code)

    def date(self, day: date) -> str:
        """A date as read on a screen: weekday, day, month in words (Babel)."""
        return _formatted(day, self.date_pattern, self.code)

    def _shown(self, value: object) -> str:
        return self.date(value) if isinstance(value, date) else str(value)


@lru_cache(maxsize=4_096)
def _formatted(day: date, pattern: str, code: str) -> str:
    """Babel reads locale and pattern anew for each date; most dates are said again and again."""
    return format_date(day, pattern, locale=code)
