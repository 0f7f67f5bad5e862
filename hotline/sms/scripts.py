"""Whether replies come in Cyrillic or in Latin letters: chosen by a word, offered once. Pure."""

from __future__ import annotations

from dataclasses import replace

from hotline.guide.language import Script
from hotline.guide.model import Guide
from hotline.people.model import Effect, Forget, Person, Reading, ScriptOffered, SetReading, SetScript
from hotline.sms.brevity import PAGES_MOST
from hotline.sms.latin import has_cyrillic
from hotline.sms.reply import Asking, Reply, joined
from hotline.sms.understanding.command import Command, CommandName

CHOICES = {CommandName.LATIN: Script.LATIN, CommandName.CYRILLIC: Script.CYRILLIC}
NO_TIME_TO_OFFER = {CommandName.SOS, CommandName.STOP, CommandName.DELETE, *CHOICES}


def script_of(person: Person, command: Command) -> Script | None:
    """The letters of the reply: those just asked for, else the person's."""
    return CHOICES.get(command.name, person.script)


def latin_reply(asking: Asking) -> Reply:
    """LATIN: from now on in Latin letters, this reply too."""
    return _chosen(asking, Script.LATIN, asking.line("sms-latin-set"))


def cyrillic_reply(asking: Asking) -> Reply:
    """CYRILLIC: as before LATIN."""
    return _chosen(asking, Script.CYRILLIC, asking.line("sms-cyrillic-set"))


def offered(guide: Guide, person: Person, command: Command, body: str, reply: Reply) -> Reply:
    """The reply with the offer of Latin letters to who wrote in them, if that leaves it two pages long.

    `body`: the text that was answered. What is English, or no language's, tells nothing of the letters that a
    person reads best.
    """
    if person.script is not None or person.script_offered or not reply.pages:
        return reply
    words = guide.in_script(Script.LATIN).languages.get(command.language or "")
    if words is None or not has_cyrillic(guide.words(words.code).name) or has_cyrillic(body):
        return reply
    erased = any(isinstance(effect, Forget) for effect in reply.effects)
    pages = joined(*reply.pages, words.line("sms-latin-offer"))
    if erased or command.name in NO_TIME_TO_OFFER or len(pages) > PAGES_MOST:
        return reply
    return replace(reply, pages=pages, effects=(*reply.effects, ScriptOffered()))


def _chosen(asking: Asking, script: Script, confirmed: str) -> Reply:
    """A step that was being read begins anew: its pages are other ones now, and none of them was read so."""
    reading = asking.person.reading
    if reading is None:
        return Reply((confirmed,), (SetScript(script),))
    effects: tuple[Effect, ...] = (SetScript(script), SetReading(Reading(reading.step, 0)))
    return Reply(joined(confirmed, asking.line("sms-read-anew")), effects)
