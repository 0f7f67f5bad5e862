"""The guide as values: steps, pages, paragraphs, menus and rules, in every language. Pure.

Shapes follow prompts/: guide.toml, facts.toml, reminders.toml, and one folder for each language.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from hotline.guide.language import Language, Script

INTRO = "00"
EMERGENCY = "em"


@dataclass(frozen=True)
class Fact:
    """One fact of the guide: `s07-f02`; `tokens` must stand literally in every SMS that claims it."""

    id: str
    kind: str
    english: str
    must_sms: bool = False
    tokens: tuple[str, ...] = ()
    hold: bool = False
    same_as: str | None = None

    @property
    def step(self) -> str:
        """The key of the step that owns the fact: `07` of `s07-f02`, `em` of `em-f01`."""
        return self.id.split("-")[0].removeprefix("s")


@dataclass(frozen=True)
class Block:
    """One SMS page or one spoken paragraph, with the ids of the facts that it carries.

    in_letters: an SMS page of the Latin edition that only shows in Cyrillic what the page before it spells.
    """

    text: str
    facts: tuple[str, ...]
    source: str = field(default="", compare=False)  # file:line, for whoever has to mend it
    in_letters: bool = False


@dataclass(frozen=True)
class StepText:
    """A step in one language."""

    title: str
    pages: tuple[Block, ...]
    paragraphs: tuple[Block, ...]


@dataclass(frozen=True)
class Step:
    """A step in all languages; `key` is `01`..`12`, `00` (introduction) or `em` (emergency numbers)."""

    key: str
    slug: str
    review_by: date
    facts: tuple[str, ...]
    texts: Mapping[str, StepText]

    @property
    def number(self) -> int | None:
        """1..12, or None for the introduction and the emergency numbers."""
        return int(self.key) if self.key.isdigit() and self.key != INTRO else None


@dataclass(frozen=True)
class Choice:
    """What one key of a menu leads to: `menu`, `step` (perhaps at the paragraph of a fact) or `place`."""

    kind: str
    target: str
    fact: str | None = None


@dataclass(frozen=True)
class Menu:
    """A voice menu: its line and what keys 1 to 5 do, in order."""

    id: str
    line: str
    choices: tuple[Choice, ...]


@dataclass(frozen=True)
class ReminderRule:
    """A rule of time (content/deadlines.yaml). Offsets are days from the anchor; entry day is offset 0.

    `lines` names the catalog line of each occasion that reminders.plan tells apart: occasion -> line id.
    `help` is the fact of the step with which who is reminded by call hears what to do; None where none fits.
    """

    id: str
    step: str
    anchor: str
    remind_on: tuple[int, ...]
    last_safe: int
    late_for_sure: int
    facts: tuple[str, ...]
    lines: Mapping[str, str]
    help: str | None = None


@dataclass(frozen=True)
class Guide:
    """Everything the hotline can say, in memory. `latin`: the same with its texts in Latin letters."""

    steps: Mapping[str, Step]
    menus: Mapping[str, Menu]
    rules: Mapping[str, ReminderRule]
    facts: Mapping[str, Fact]
    languages: Mapping[str, Language]
    latin: Guide | None = field(default=None, repr=False, compare=False)

    def in_script(self, script: Script | None) -> Guide:
        """The guide as a person who chose `script` (None: chose nothing) reads it."""
        return self.latin if script is Script.LATIN and self.latin else self

    def text(self, language: str, key: str) -> StepText:
        """The step `key` in `language`."""
        return self.steps[key].texts[language]

    def words(self, language: str) -> Language:
        """The short lines, dates and keywords of `language`."""
        return self.languages[language]

    def step_of_number(self, number: int) -> Step | None:
        """Step 1..12, or None where there is no such step."""
        return self.steps.get(f"{number:02d}") if 1 <= number <= 12 else None

    def home_menu(self, key: str) -> str:
        """The menu that lists the step; where `*` leads back to."""
        for menu in self.menus.values():
            if any(choice.kind == "step" and choice.target == key for choice in menu.choices):
                return menu.id
        return "main"

    def paragraph_of_fact(self, language: str, key: str, fact: str) -> int:
        """Index of the first spoken paragraph of the step that carries `fact`; 0 where none does."""
        paragraphs = self.text(language, key).paragraphs
        return next((i for i, block in enumerate(paragraphs) if fact in block.facts), 0)
