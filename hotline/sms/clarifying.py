"""The question to ask back where a text may mean two things (content notes, part D, collisions). Pure."""

from __future__ import annotations

from hotline.reminders.deadlines import ENTRY
from hotline.sms.pages import page_text
from hotline.sms.reply import Asking, Reply, joined
from hotline.sms.telling import date_word
from hotline.sms.understanding.command import Clarify


def clarify_reply(asking: Asking) -> Reply:
    """One short question that names the words to send."""
    return Reply(_pages(asking))


def _pages(asking: Asking) -> tuple[str, ...]:
    match asking.command.clarify:
        case Clarify.STEP_OR_STOP:
            return (asking.line("sms-clarify-step-or-stop"),)
        case Clarify.POLICE_OR_POLICY:  # the police first: it is the more urgent of the two
            first = page_text(asking.guide, asking.words, "10", 0)
            return joined(first, asking.line("sms-hint-policy"))
        case Clarify.ENTRY_OR_DEPARTURE:
            return (asking.line("sms-clarify-entry-or-departure"),)
        case Clarify.DONE_OR_STOP:
            return (asking.line("sms-clarify-done-or-stop"),)
        case Clarify.DONE_REALLY | Clarify.DONE_OR_OVER:
            return (asking.line("sms-clarify-done-really", step=asking.command.steps[0]),)
        case Clarify.CHILDREN_HOME_OR_HERE:
            return (asking.line("sms-clarify-children"),)
        case Clarify.RIGHTS:
            return (asking.line("sms-clarify-rights"),)
        case Clarify.RECEIPT:
            return (asking.line("sms-clarify-receipt"),)
        case Clarify.NO_SUCH_STEP:
            return (asking.line("sms-no-such-step"),)
        case Clarify.TWO_NUMBERS:
            return (asking.line("sms-clarify-two-numbers"),)
        case Clarify.EMPTY:
            return (asking.line("sms-empty"),)
        case Clarify.PICTURE:
            return (asking.line("sms-picture"),)
        case Clarify.DATE_UNSURE:
            word = date_word(asking, ENTRY)
            return (asking.line("sms-entry-unsure", word=word, example=asking.example),)
        case Clarify.WHICH_NUMBER | Clarify.NO_OR_STOP | None:
            return (asking.line("sms-clarify-which-number"),)
