"""What is said to a number that has had enough answers for a while. Pure.

Source: rules of the service, Limits on use. Such a text changes nothing, because nobody would be told what it
changed; only STOP takes effect all the same, in silence.
"""

from __future__ import annotations

from hotline.guide.model import Guide
from hotline.people.model import CloseQuestion, OptOut, Person
from hotline.people.text_limits import TOLD_TO_CALL, Said
from hotline.sms.replies import language_of
from hotline.sms.reply import Reply
from hotline.sms.understanding.command import Command, CommandName

ANSWERS = {CommandName.YES, CommandName.NO}


def brings_something_new(person: Person, command: Command) -> bool:
    """Whether the same text sent again has another answer: MORE while reading, OK to an open question."""
    if command.name in ANSWERS:
        return person.question is not None
    return command.name is CommandName.MORE and bool(person.reading or person.rest)


def limited_reply(guide: Guide, person: Person, command: Command, said: Said, number: str) -> Reply:
    """The reply over the limits: once whom to call, at `number`, then nothing."""
    if command.name is CommandName.STOP:
        return Reply((), (OptOut(at_carrier=command.carrier_keyword), CloseQuestion()))
    if said not in TOLD_TO_CALL:
        return Reply()
    words = guide.in_script(person.script).words(language_of(guide, person, command))
    return Reply((words.line("sms-call-us", number=number),))
