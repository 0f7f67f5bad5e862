"""The guide by SMS: a step's pages, MORE, the menu, the emergency page. Pure."""

from __future__ import annotations

from hotline.guide.language import Language
from hotline.guide.model import EMERGENCY, INTRO, Guide
from hotline.people.model import Reading, SetReading
from hotline.sms.reply import Asking, Reply, joined
from hotline.sms.understanding.command import Hint


def page_text(guide: Guide, words: Language, key: str, index: int) -> str:
    """One page of a step with its footer: the word that brings the next page or step, and "2/5"."""
    pages = guide.text(words.code, key).pages
    if len(pages) == 1:
        return pages[0].text
    count, following = {"page": index + 1, "pages": len(pages)}, next_step(guide, key)
    if index + 1 < len(pages) and pages[index + 1].in_letters:
        footer = words.line("sms-more-letters", **count)
    elif index + 1 < len(pages):
        footer = words.line("sms-more", **count)
    elif following is not None:
        footer = words.line("sms-last-page-next", **count, step=int(following))
    else:
        footer = words.line("sms-last-page", **count)
    return f"{pages[index].text}\n{footer}"


def step_reply(asking: Asking, key: str, index: int = 0) -> Reply:
    """Page `index` of a step; MORE continues behind it, after the last page with the next step."""
    texts = [page_text(asking.guide, asking.words, key, index)]
    if asking.guide.steps[key].review_by < asking.today.here:
        texts.append(asking.line("sms-check-before-you-act"))
    return Reply(joined(*texts), (SetReading(Reading(key, index + 1)),))


def steps_reply(asking: Asking, numbers: tuple[int, ...]) -> Reply:
    """The first pages of the first two steps asked for: a reply has at most two pages."""
    replies = [step_reply(asking, f"{number:02d}") for number in numbers[:2]]
    return Reply(tuple(page for reply in replies for page in reply.pages), replies[-1].effects)


def menu_reply(asking: Asking) -> Reply:
    """The twelve steps by number."""
    return Reply((asking.line("sms-menu"),))


def about_reply(asking: Asking) -> Reply:
    """What this guide is and who made it."""
    return step_reply(asking, INTRO)


def sos_reply(asking: Asking) -> Reply:
    """Whom to call and what to say."""
    return Reply((page_text(asking.guide, asking.words, EMERGENCY, 0),))


def hinted(asking: Asking, reply: Reply) -> Reply:
    """The reply with the lines that the command's hints add to it."""
    hints = asking.command.also
    front = [asking.line("sms-hint-emergency")] if Hint.EMERGENCY in hints else []
    behind = [_hint_line(asking, hint) for hint in hints if hint is not Hint.EMERGENCY]
    if not front and not behind:
        return reply
    return Reply(joined(*front, *reply.pages, *behind), reply.effects)


def _hint_line(asking: Asking, hint: Hint) -> str:
    match hint:
        case Hint.RENT:
            return asking.line("sms-hint-rent")
        case Hint.BAN:
            return asking.line("sms-hint-ban")
        case Hint.JOIN:
            return asking.line("sms-hint-join")
        case Hint.SICK_PAY:
            return asking.line("sms-hint-sick-pay")
        case Hint.MIGRATION_SERVICE:
            return asking.line("sms-1899")
        case Hint.EMERGENCY:
            return asking.line("sms-hint-emergency")


def next_step(guide: Guide, key: str) -> str | None:
    """The step after `key`, by number; None behind the last one and of what has no place among them."""
    following = [step.key for step in guide.steps.values() if step.number and step.key > key]
    return following[0] if key.isdigit() and following else None
