"""(person, command, today) -> reply: one function a command. Pure.

The reply's language (rules of the service, Language): that of a word which belongs to one language alone,
else the person's, else the first of the hotline with the names of the others at the end.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta

from hotline.guide.language import Language
from hotline.guide.model import Guide
from hotline.people.model import (
    Ask,
    CloseQuestion,
    Forget,
    OptOut,
    Person,
    Refusal,
    RingBack,
    SetLanguage,
    Welcome,
)
from hotline.people.questions import Asked, Question
from hotline.reminders.days import Today
from hotline.reminders.deadlines import ENTRY
from hotline.sms.brevity import brief
from hotline.sms.clarifying import clarify_reply
from hotline.sms.dating import (
    depart_reply,
    done_on_reply,
    entry_reply,
    registered_reply,
    saved_reply,
    until_reply,
    whose_asked_again,
    whose_reply,
)
from hotline.sms.doing import status_reply, who_asked_again, who_is_done_reply
from hotline.sms.more import more_reply
from hotline.sms.pages import about_reply, hinted, menu_reply, sos_reply, step_reply, steps_reply
from hotline.sms.reply import Asking, Reply, joined
from hotline.sms.scripts import cyrillic_reply, latin_reply, script_of
from hotline.sms.telling import date_word
from hotline.sms.understanding.command import Clarify, Command, CommandName
from hotline.sms.undoing import start_reply
from hotline.sms.welcome import welcome

OF_A_DATE = frozenset({Asked.SAVE_DATE, Asked.WHOSE_DATE})  # these stay open whatever else is said
NUMBER_LIFETIME = timedelta(hours=1)  # ours: later a bare number is asked about before it stores anything
CALL_BACK_TO = "menu-main"  # where a call that was asked for by text begins

__all__ = ["Reply", "reply_to"]


def reply_to(
    guide: Guide,
    person: Person,
    command: Command,
    today: Today,
    refused: Refusal | None = None,
    number: str = "",
    written: Today | None = None,
) -> Reply:
    """The reply to one text message; a caller's mistake is a reply too, never an exception.

    `today` is when it is answered, `written` when it was written, if that is another day.
    `refused`: why the person may not be called back; `number`: the hotline's own, to call instead.
    """
    guide = guide.in_script(script_of(person, command))
    words = guide.words(language_of(guide, person, command))
    asking = Asking(guide, person, command, today, written or today, words, refused, number)
    reply = _disarmed(asking, hinted(asking, _ANSWERS[command.name](asking)))
    if not reply.pages:
        return brief(asking, reply)
    others = _other_languages(guide, words)
    names = (others,) if others and _offers_languages(person, command) else ()
    hello = welcome(asking, reply, names)
    if hello is None:
        return brief(asking, reply, *names)
    return brief(asking, replace(reply, effects=(*reply.effects, Welcome())), hello, *names)


def _disarmed(asking: Asking, reply: Reply) -> Reply:
    """Closes a question about erasing or stopping once anything else is said: a later OK is not for it."""
    question = asking.person.question
    answered = asking.command.name in {CommandName.YES, CommandName.NO}
    asked_again = any(isinstance(effect, Ask) for effect in reply.effects)
    if question is None or question.kind in OF_A_DATE or answered or asked_again:
        return reply
    return replace(reply, effects=(*reply.effects, CloseQuestion()))


def language_of(guide: Guide, person: Person, command: Command) -> str:
    """The code of the language that the command is answered in."""
    typed = command.language if command.language in guide.languages else None
    stored = person.language if person.language in guide.languages else None
    return typed or stored or next(iter(guide.languages))


def _offers_languages(person: Person, command: Command) -> bool:
    unnamed = command.language is None and command.name is not CommandName.LANGUAGE
    return person.language is None and unnamed


def _other_languages(guide: Guide, words: Language) -> str:
    others = [other.name.upper() for other in guide.languages.values() if other is not words]
    return " / ".join(others)


def _step(asking: Asking) -> Reply:
    """A step; a bare number answers the numbered question that is open."""
    answer = _numbered(asking) if asking.command.bare_number else None
    if answer is not None:
        return answer
    home_or_here = asking.command.clarify is Clarify.CHILDREN_HOME_OR_HERE
    if home_or_here and ENTRY in asking.person.dates:
        return clarify_reply(asking)
    return step_reply(asking, f"{asking.command.steps[0]:02d}")


def _numbered(asking: Asking) -> Reply | None:
    question, number = asking.person.question, asking.command.steps[0]
    if question is None:
        return None
    match question.kind:
        case Asked.WHOSE_DATE:
            answer, again = whose_reply(asking, number), whose_asked_again
        case Asked.WHO_IS_DONE:
            answer, again = who_is_done_reply(asking, number), who_asked_again
        case _:
            return None
    if answer is None or not _is_long_ago(asking):
        return answer
    asked = again(asking)
    return replace(asked, effects=(*asked.effects, Ask(replace(question, asked_at_utc=None))))


def _is_long_ago(asking: Asking) -> bool:
    """Whether the open question is so old that a number may well be meant as a step."""
    question, now_utc = asking.person.question, asking.person.as_of_utc
    asked_at_utc = question.asked_at_utc if question else None
    return bool(asked_at_utc and now_utc and now_utc - asked_at_utc > NUMBER_LIFETIME)


def _steps(asking: Asking) -> Reply:
    return steps_reply(asking, asking.command.steps)


def _set_language(asking: Asking) -> Reply:
    if asking.command.language is None:
        names = " / ".join(language.name.upper() for language in asking.guide.languages.values())
        return Reply((asking.line("sms-language-ask", names=names),))
    return Reply((asking.line("sms-language-set"),), (SetLanguage(asking.words.code),))


def _stop(asking: Asking) -> Reply:
    """Confirmed once: not again, and not where the carrier has confirmed its own keyword."""
    at_carrier = asking.command.carrier_keyword
    confirmed = at_carrier or asking.person.opted_out
    pages = () if confirmed else (asking.line("sms-stop"),)
    return Reply(pages, (OptOut(at_carrier), CloseQuestion()))


def _delete(asking: Asking) -> Reply:
    return Reply((asking.line("sms-delete-ask"),), (Ask(Question(Asked.DELETE)),))


def _call(asking: Asking) -> Reply:
    if asking.refused is None:
        return Reply((asking.line("sms-call"),), (RingBack(CALL_BACK_TO),))
    if asking.refused is Refusal.ABROAD:
        return Reply((asking.line("sms-no-call-abroad", number=asking.number),))
    return Reply((asking.line("sms-no-call-today", number=asking.number),))


def _yes(asking: Asking) -> Reply:
    question = asking.person.question
    if question is None:
        return _help(asking)
    if question.kind is Asked.SAVE_DATE and question.day is not None:
        return saved_reply(asking, question.anchor, question.day, question.member)
    if question.kind is Asked.WHOSE_DATE:
        return whose_asked_again(asking)
    if question.kind is Asked.WHO_IS_DONE:
        return who_asked_again(asking)
    if question.kind is Asked.DELETE:
        return Reply((asking.line("sms-deleted"),), (Forget(),))
    return Reply((asking.line("sms-stop"),), (OptOut(), CloseQuestion()))


def _no(asking: Asking) -> Reply:
    question = asking.person.question
    if question is not None and question.kind in OF_A_DATE:
        word = date_word(asking, question.anchor)
        return Reply((asking.line("sms-not-saved", word=word),), (CloseQuestion(),))
    if question is not None:
        return Reply((asking.line("sms-nothing-changed"),), (CloseQuestion(),))
    if asking.command.clarify is Clarify.NO_OR_STOP and asking.person.opted_out:
        return Reply((asking.line("sms-status-opted-out"),))
    if asking.command.clarify is Clarify.NO_OR_STOP:
        return Reply((asking.line("sms-stop-ask"),), (Ask(Question(Asked.OPT_OUT)),))
    return _help(asking)


def _help(asking: Asking) -> Reply:
    return Reply(joined(asking.line("sms-help"), asking.line("sms-help-more")))


def _unknown(asking: Asking) -> Reply:
    return Reply((asking.line("sms-unknown"),))


_ANSWERS: Mapping[CommandName, Callable[[Asking], Reply]] = {
    CommandName.STEP: _step,
    CommandName.STEPS: _steps,
    CommandName.MENU: menu_reply,
    CommandName.ABOUT: about_reply,
    CommandName.ENTRY: entry_reply,
    CommandName.DEPART: depart_reply,
    CommandName.REGISTERED: registered_reply,
    CommandName.UNTIL: until_reply,
    CommandName.STATUS: status_reply,
    CommandName.DONE: done_on_reply,
    CommandName.MORE: more_reply,
    CommandName.LANGUAGE: _set_language,
    CommandName.STOP: _stop,
    CommandName.START: start_reply,
    CommandName.DELETE: _delete,
    CommandName.SOS: sos_reply,
    CommandName.CALL: _call,
    CommandName.YES: _yes,
    CommandName.NO: _no,
    CommandName.HELP: _help,
    CommandName.LATIN: latin_reply,
    CommandName.CYRILLIC: cyrillic_reply,
    CommandName.CLARIFY: clarify_reply,
    CommandName.UNKNOWN: _unknown,
}
