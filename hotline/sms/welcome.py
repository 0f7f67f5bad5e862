"""The first text of a number: besides its answer, who this is and how to stop; once. Pure.

It never delays help: a cry for help has its answer alone, and every other answer comes first. Where there is
no room beside an answer it waits for the next.
"""

from __future__ import annotations

from hotline.people.model import Forget, OptOut, Welcome
from hotline.sms.command import CommandName
from hotline.sms.reply import Asking, Reply, joined

PAGES_MOST = 2  # of an answer with its welcome
ALONE = {CommandName.SOS, CommandName.DELETE}


def welcomed(asking: Asking, reply: Reply, names: tuple[str, ...]) -> Reply:
    """The reply, the welcome if it is owed and there is room, the `names` of the other languages if any."""
    if not reply.pages:
        return reply
    pages = joined(*reply.pages, _welcome(asking), *names)
    if asking.person.welcomed or _stands_alone(asking, reply) or len(pages) > PAGES_MOST:
        return Reply(joined(*reply.pages, *names), reply.effects) if names else reply
    return Reply(pages, (*reply.effects, Welcome()))


def _welcome(asking: Asking) -> str:
    """Who has stopped already is not told how."""
    who, how = asking.line("sms-welcome"), asking.line("sms-how-to-stop")
    return who if asking.person.opted_out else f"{who} {how}"


def _stands_alone(asking: Asking, reply: Reply) -> bool:
    leaves = any(isinstance(effect, Forget | OptOut) for effect in reply.effects)
    return leaves or asking.command.name in ALONE
