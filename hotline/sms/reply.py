"""A reply as a value, and what it is made from. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from hotline.guide.language import Language
from hotline.guide.model import Guide
from hotline.people.model import Effect, Person, Refusal
from hotline.reminders.days import Today
from hotline.sms.segments import measure
from hotline.sms.understanding.command import Command


@dataclass(frozen=True)
class Reply:
    """The texts that go back, each at most one page long, and what the message changes."""

    pages: tuple[str, ...] = field(default=(), repr=False)
    effects: tuple[Effect, ...] = ()


@dataclass(frozen=True)
class Asking:
    """A text message with everything its reply depends on.

    `today`: when it is answered, as the words of the reply have it; `written`: when it was written.
    `refused`: why nobody is called back for it; `number`: the hotline's own, which they may call instead.
    """

    guide: Guide
    person: Person
    command: Command
    today: Today
    written: Today
    words: Language
    refused: Refusal | None = None
    number: str = field(default="", repr=False)

    @property
    def example(self) -> str:
        """A date as people should type it, today's: only for lines that say "for example"."""
        return f"{self.today.earliest:%d.%m.%Y}"

    def line(self, id: str, **values: object) -> str:
        """A line in the language of the reply."""
        return self.words.line(id, **values)


def choosing(asking: Asking, id: str, choices: Sequence[str], **said: object) -> tuple[str, ...]:
    """A question with its numbered choices; each on a line of its own where one page does not hold them."""
    whole = asking.line(id, choices=", ".join(choices), **said)
    if measure(whole).fits_page:
        return (whole,)
    apart = asking.line(id, choices="\n" + "\n".join(choices), **said)
    return joined(*(line.strip() for line in apart.split("\n")))


def joined(*texts: str) -> tuple[str, ...]:
    """The texts in order, as few pages as they fit; a text is never cut."""
    pages: list[str] = []
    for text in texts:
        longer = f"{pages[-1]}\n{text}" if pages else text
        if pages and measure(longer).fits_page:
            pages[-1] = longer
        else:
            pages.append(text)
    return tuple(pages)
