"""The first text of a number: besides its answer, who this is and how to stop; once. Pure.

It never delays help: a cry for help has its answer alone, and every other answer comes first. Where there is
no room beside an answer it waits for the next.
"""

from __future__ import annotations

from hotline.people.model import Forget, OptOut
from hotline.sms.brevity import PAGES_MOST
from hotline.sms.reply import Asking, Reply, joined
from hotline.sms.understanding.command import CommandName

ALONE = {CommandName.SOS, CommandName.DELETE}


def welcome(asking: Asking, reply: Reply, names: tuple[str, ...]) -> str | None:
    """The welcome, if it is owed and has room beside the reply and the `names` of the other languages."""
    if asking.person.welcomed or _stands_alone(asking, reply):
        return None
    hello = _hello(asking)
    return hello if len(joined(*reply.pages, hello, *names)) <= PAGES_MOST else None


def _hello(asking: Asking) -> str:
    """Who has stopped already is not told how."""
    who, how = asking.line("sms-welcome"), asking.line("sms-how-to-stop")
    return who if asking.person.opted_out else f"{who}\n{how}"


def _stands_alone(asking: Asking, reply: Reply) -> bool:
    leaves = any(isinstance(effect, Forget | OptOut) for effect in reply.effects)
    return leaves or asking.command.name in ALONE
