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
class Start:
    """Another anchor that a rule counts from where its own is not stored, with its own offset.

    last_safe: None where the rule has no term. quiet: the answer that stores the anchor does not speak of the
    rule.
    """

    anchor: str
    last_safe: int | None = None
    quiet: bool = False


@dataclass(frozen=True)
class ReminderRule:
    """A rule of time (content/deadlines.yaml). Offsets are days from the anchor; entry day is offset 0.

    last_safe, late_for_sure: None where the guide gives no term; nobody is then told a last day, or that it
    is late. or_earlier: anchors counted alike where their day comes earlier. else_from: what is counted from
    instead, the first that is stored. remind_before: days before the last safe day. answered: the first and
    the last day from the anchor on which the answer that stores it says the rule at once; None: on no day.
    unless: the rule is silent while one of these dates is stored; it asks for it, and DONE does not end it.
    after: silent until DONE is said of this rule. done_stores: the anchor whose day is the one on which DONE
    is said. stage: DONE of a step ends its rules of the lowest stage that runs.
    `lines` names the catalog line of each occasion that reminders.wording tells apart, `spoken` those of a
    call: occasion -> line id.
    `help` is the fact of the step with which who is reminded by call hears what to do; None where none fits.
    """

    id: str
    step: str
    anchor: str
    facts: tuple[str, ...]
    lines: Mapping[str, str]
    remind_on: tuple[int, ...] = ()
    remind_before: tuple[int, ...] = ()
    last_safe: int | None = None
    late_for_sure: int | None = None
    or_earlier: tuple[str, ...] = ()
    else_from: tuple[Start, ...] = ()
    answered: tuple[int, int] | None = None
    unless: tuple[str, ...] = ()
    done_stores: str | None = None
    stage: int = 1
    after: str | None = None
    help: str | None = None
    spoken: Mapping[str, str] = field(default_factory=dict)

    def says_at_once(self, days: int) -> bool:
        """Whether the answer that stores the anchor says the rule, so many days from the anchor."""
        return self.answered is not None and self.answered[0] <= days <= self.answered[1]


@dataclass(frozen=True)
class DateKind:
    """A date that people leave. `lines`: its `name`, the same in few words (`short`), the `word` to send.

    until: the step whose end it is, of UNTIL 7 and its like. `spoken`, where it can be left in a call: `when`
    asks which day it was, `how` for its digits, `read` reads it back.
    """

    anchor: str
    lines: Mapping[str, str]
    until: int | None = None
    spoken: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Guide:
    """Everything the hotline can say, in memory. `latin`: the same with its texts in Latin letters."""

    steps: Mapping[str, Step]
    menus: Mapping[str, Menu]
    rules: Mapping[str, ReminderRule]
    facts: Mapping[str, Fact]
    languages: Mapping[str, Language]
    dates: Mapping[str, DateKind] = field(default_factory=dict)
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
