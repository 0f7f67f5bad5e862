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
REPLACED_BY = {  # what alone takes the place of an old one: START of everything, another cry for help
    CommandName.STOP: CommandName.START,
    CommandName.SOS: CommandName.SOS,
}
LAST_OF_BMP = "\uffff"  # what lies above takes two UTF-16 units, and is in no word or date of ours


def is_lost(guide: Guide, person: Person, command: Command, since: Iterable[Command], today: Today) -> bool:
    """Whether the text would change something now. Not where it only reads, or was said again since.

    since: what was written after it. A STOP among that takes the place of everything. What nothing but START
    or another cry for help replaces is not missed by who has sent that.
    """
    if command.name in REPLACED_BY:
        return False
    for later in since:
        if later.name is CommandName.STOP or _says_again(later, command):
            return False
    return any(_changes(person, effect) for effect in reply_to(guide, person, command, today).effects)


def is_replaced(command: Command, since: Iterable[Command]) -> bool:
    """Whether an old STOP, or an old cry for help, does not hold any more because of what came after it."""
    return any(later.name is REPLACED_BY[command.name] and not later.steps for later in since)


def lost_reply(guide: Guide, person: Person, command: Command, body: str) -> Reply:
    """That the text, of which the beginning is quoted, was not stored and is to be sent again."""
    words = guide.in_script(person.script).words(language_of(guide, person, command))
    return Reply((words.line("sms-lost", text=_quoted(body)),))


def _says_again(later: Command, command: Command) -> bool:
    """The same wish; a date only where one could be read that may be stored."""
    what = (command.name, command.steps, command.bare_number)
    dated = later.date is None or later.date.problem is None
    return (later.name, later.steps, later.bare_number) == what and dated


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
