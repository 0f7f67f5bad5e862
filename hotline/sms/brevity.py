"""No reply is longer than two pages: what is more waits for MORE. Pure.

Source: rules of the service, Reminders and Words. No line is cut, and a page of a step keeps its footer.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import reduce

from hotline.people.model import Effect, KeepRest
from hotline.sms.reply import Asking, Reply, joined
from hotline.sms.segments import measure

PAGES_MOST = 2
FOOTER = re.compile(r".*\b[0-9]+/[0-9]+")  # "MORE 2/5": it stays with the text above it

Pages = tuple[str, ...]


def brief(asking: Asking, reply: Reply, *closing: str) -> Reply:
    """The reply and the lines `closing` on two pages at most; a line then names MORE, which brings the rest.

    A line that finds no room where it stands goes to the end of the page that has some. Whatever waited of
    the reply before this one is dropped: MORE goes on with the last reply alone.
    """
    whole = joined(*reply.pages, *closing)
    if len(whole) > PAGES_MOST:
        pages, rest = _begun(list(_lines(reply.pages)), (), closing)
        if rest:
            pages, rest = _begun(list(_lines(reply.pages)), (asking.line("sms-rest"),), closing)
    else:
        pages, rest = whole, ()
    waits = rest or asking.person.rest
    effects: tuple[Effect, ...] = (KeepRest(rest),) if waits else ()
    return replace(reply, pages=pages, effects=(*reply.effects, *effects))


def _lines(pages: Sequence[str]) -> Iterator[str]:
    """The lines of a reply, each with the footer that follows it."""
    above: str | None = None
    for line in (line for page in pages for line in page.split("\n")):
        if above is not None and FOOTER.fullmatch(line):
            above = f"{above}\n{line}"
            continue
        if above is not None:
            yield above
        above = line
    if above is not None:
        yield above


def _begun(lines: Sequence[str], more: Pages, closing: Pages) -> tuple[Pages, Pages]:
    """Two pages of the lines, with `more` and `closing` at their end, and the lines that found no room."""
    first, *others = lines
    pages: Pages = (first,)
    rest: Pages = ()
    for line in others:
        with_it = _placed(pages, line)
        if with_it and reduce(_placed, (*more, *closing), with_it):
            pages = with_it
        else:
            rest = (*rest, line)
    return reduce(_placed, (*more, *closing), pages), rest


def _placed(pages: Pages, line: str) -> Pages:
    """The pages with the line at the end of the last, on a new one, or at the end of another; else none."""
    if not pages:
        return ()
    *before, last = pages
    if measure(f"{last}\n{line}").fits_page:
        return (*before, f"{last}\n{line}")
    if len(pages) < PAGES_MOST:
        return (*pages, line)
    earlier = _placed(tuple(before), line) if before else ()
    return (*earlier, last) if len(earlier) == len(before) else ()
