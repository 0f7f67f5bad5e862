"""A late text that is not done any more, because more was said since; and the text that says so. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from hotline.guide.model import Guide
from hotline.people.model import (
    Ask,
    Effect,
    Forget,
    MarkDone,
    OptIn,
    OptOut,
    Person,
    SaveDate,
    SetLanguage,
    SetScript,
    UndoDone,
)
from hotline.reminders.days import Today
from hotline.sms.replies import language_of, reply_to
from hotline.sms.reply import Reply
from hotline.sms.understanding.command import Command, CommandName

QUOTED_MOST = 24  # characters: enough for a word, a step and a date, and the line stays on one page
LAST_OF_BMP = "\uffff"  # what lies above takes two UTF-16 units, and is in no word or date of ours


def is_lost(guide: Guide, person: Person, command: Command, since: Iterable[Command], today: Today) -> bool:
    """Whether the text would change something now. Not where it only reads, or was said again since.

    since: what was written after it. A STOP among that takes the place of everything. Of an old
    STOP only START does, and who has sent that misses nothing.
    """
    if command.name is CommandName.STOP:
        return False
    for later in since:
        if later.name is CommandName.STOP or (later.name, later.steps) == (command.name, command.steps):
            return False
    return any(_changes(person, effect) for effect in reply_to(guide, person, command, today).effects)


def lost_reply(guide: Guide, person: Person, command: Command, body: str) -> Reply:
    """That the text, of which the beginning is quoted, was not stored and is to be sent again."""
    words = guide.in_script(person.script).words(language_of(guide, person, command))
    return Reply((words.line("sms-lost", text=_quoted(body)),))


def _changes(person: Person, effect: Effect) -> bool:
    match effect:
        case SetLanguage(language):
            return language != person.language
        case SetScript(script):
            return script is not person.reads
        case OptIn():
            return person.opted_out
    return isinstance(effect, (Ask, Forget, MarkDone, OptOut, SaveDate, UndoDone))


def _quoted(body: str) -> str:
    known = "".join(letter if letter.isprintable() and letter <= LAST_OF_BMP else " " for letter in body)
    words = " ".join(known.split())
    return words if len(words) <= QUOTED_MOST else f"{words[: QUOTED_MOST - 3].rstrip()}..."
