"""Which lines and step pages a text is made of, found by what they look like. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from hotline.guide.language import Language, MissingLineError, Script
from hotline.guide.model import Guide
from hotline.sms.edition import LatinLanguage

PLACEHOLDER = re.compile(r"\{\w+\}")
PLURALS = (1, 2, 5)  # one number for each form that a language of the hotline has
OFFER = "sms-latin-offer"
FOOTERS = {"sms-more", "sms-more-letters", "sms-last-page", "sms-last-page-next"}
NAMES_OF_LANGUAGES = "languages"  # "РУССКИЙ / ENGLISH", in no catalog


@dataclass(frozen=True)
class Names:
    """What the texts of one language are called, in the edition `guide`."""

    guide: Guide
    words: Language

    def name_of(self, texts: Sequence[str]) -> str:
        """Lines and pages in their order, without the footers of pages: "step 07 page 1/6 + sms-hint-ban"."""
        names = (self._row_name(row) for text in texts for row in text.split("\n"))
        return " + ".join(name for name in dict.fromkeys(names) if name not in FOOTERS)

    @cached_property
    def _pages(self) -> Mapping[str, str]:
        """Text of a page -> its name."""
        steps = {key: step.texts[self.words.code].pages for key, step in self.guide.steps.items()}
        return {
            page.text: f"step {key} page {number}/{len(pages)}"
            for key, pages in steps.items()
            for number, page in enumerate(pages, start=1)
        }

    @cached_property
    def _shapes(self) -> list[tuple[re.Pattern[str], str]]:
        """What a line looks like with any values, and its id; the lines that say most come first."""
        ids = (id for id in sorted(self.words.line_ids) if id.startswith("sms-"))
        shapes = [(template, id) for id in ids for template in _templates(self.words, id)]
        latin = self.guide.in_script(Script.LATIN).words(self.words.code)
        shapes += [(latin.line(OFFER), OFFER)]  # in Latin letters whatever is around it
        shapes.sort(key=lambda shape: len(PLACEHOLDER.sub("", shape[0])), reverse=True)
        return [(_with_any_values(template), id) for template, id in shapes]

    def _row_name(self, row: str) -> str:
        if row in self._pages:
            return self._pages[row]
        return next((id for shape, id in self._shapes if shape.fullmatch(row)), NAMES_OF_LANGUAGES)


def _templates(words: Language, id: str) -> Iterator[str]:
    spelled = words.spelled if isinstance(words, LatinLanguage) else str
    try:
        yield from {spelled(words.plural_template(id, number)) for number in PLURALS}
    except MissingLineError:
        yield spelled(words.template(id))


def _with_any_values(template: str) -> re.Pattern[str]:
    """The shape of a line; what stands alone between signs, as "2/5", is made of digits."""
    value = ".+" if any(letter.isalpha() for letter in PLACEHOLDER.sub("", template)) else "[0-9]+"
    return re.compile(value.join(map(re.escape, PLACEHOLDER.split(template))))
