"""The texts of the tables and how a table writes what is understood."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

from hotline.reminders.days import Today
from hotline.sms.understanding.command import Command
from hotline.sms.understanding.keywords import read
from tests.once import real_guide, real_vocabulary

TABLES = ("keywords", "keypads", "sentences", "wishes", "slips")
TODAY = Today(earliest=date(2025, 3, 20), latest=date(2025, 3, 20), here=date(2025, 3, 20))
LANGUAGES = real_guide().languages
VOCABULARY = real_vocabulary()


def table(*names: str) -> Iterator[tuple[str, str]]:
    """Each text of the tables named, with the command written beside it."""
    for name in names or TABLES:
        lines = (Path(__file__).parent / f"{name}.tsv").read_text(encoding="utf-8").splitlines()
        for line in lines:
            if not line.startswith("//"):
                text, expected = line.split("\t")
                yield text, expected


def written(command: Command) -> str:
    """A command as the tables write it."""
    parts: list[str] = [command.name, command.language or "-"]
    if command.steps:
        parts.append(",".join(str(step) for step in command.steps))
    if command.date and command.date.day:
        parts.append(command.date.day.isoformat() + ("" if command.date.clear else "?"))
    if command.date and command.date.problem:
        parts.append(f"!{command.date.problem}")
    if command.clarify:
        parts.append(f"ask:{command.clarify}")
    parts += [f"+{hint}" for hint in command.also]
    parts += [
        word for word, so in (("bare", command.bare_number), ("carrier", command.carrier_keyword)) if so
    ]
    return " ".join(parts)


def understood(text: str) -> Command:
    """What the hotline understands on the day of the tables."""
    return read(text, VOCABULARY, TODAY)
