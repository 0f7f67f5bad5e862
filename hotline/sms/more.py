"""MORE: on from what was sent last, be it a page of a step or a reminder. Pure.

What waits of a long reply may say "tomorrow": it is said in the words of the day on which MORE asks for it.

For a day it goes on at once. After that nobody knows what comes, so it says where the person is, and the next
MORE goes on from there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from hotline.guide.model import INTRO
from hotline.people.model import Person, Reading, SetReading
from hotline.sms.pages import menu_reply, next_step, step_reply
from hotline.sms.reply import Asking, Reply, joined
from hotline.sms.telling import told_now

FRESH = timedelta(hours=24)


def more_reply(asking: Asking) -> Reply:
    """The rest of a long reply, else the next page or step; the menu where nothing is left to read."""
    if asking.person.rest and not asking.command.steps:
        return Reply(joined(*_waiting(asking)))
    if asking.command.steps:
        return _more_of(asking, f"{asking.command.steps[0]:02d}")
    last = _sent_last(asking)
    if last is None:
        return Reply(joined(*menu_reply(asking).pages, asking.line("sms-clarify-which-number")))
    place = _ahead(asking, last)
    if place is None:
        return menu_reply(asking)
    if _is_fresh(asking.person, last) or place.step == INTRO:
        return step_reply(asking, place.step, place.page)
    return _where(asking, place)


def _waiting(asking: Asking) -> Sequence[str]:
    """What waits of a long reply, true on the day on which it is read; when it was said is always known."""
    rest, said_at_utc = asking.person.rest, asking.person.rest_at_utc
    return told_now(asking, rest, said_at_utc) if said_at_utc else rest


def _more_of(asking: Asking, key: str) -> Reply:
    """`MORE 7`: on in that step if it is being read, else from its beginning."""
    last = _sent_last(asking)
    if last is None or last.step != key or not _is_fresh(asking.person, last) or _is_read(asking, last):
        return step_reply(asking, key)
    return step_reply(asking, key, last.page)


def _sent_last(asking: Asking) -> Reading | None:
    """Where the person was; a reminder that came later stands before the first page of its step."""
    person, rules = asking.person, asking.guide.rules
    reminded = [
        Reading(rules[id].step, 0, person.last_rules_at_utc) for id in person.last_rules if id in rules
    ]
    if not reminded or person.last_rules_at_utc is None:
        return person.reading
    read_at_utc = person.reading.at_utc if person.reading else None
    later = read_at_utc is None or person.last_rules_at_utc > read_at_utc
    return reminded[0] if later else person.reading


def _ahead(asking: Asking, last: Reading) -> Reading | None:
    """The page to send next; None behind the last page of the last step."""
    if not _is_read(asking, last):
        return last
    following = next_step(asking.guide, last.step)
    return None if following is None else Reading(following, 0)


def _is_read(asking: Asking, place: Reading) -> bool:
    return place.page >= len(asking.guide.text(asking.words.code, place.step).pages)


def _is_fresh(person: Person, place: Reading) -> bool:
    """Whether it was sent within a day; of what was sent before that was noted nobody knows."""
    if person.as_of_utc is None or place.at_utc is None:
        return False
    return person.as_of_utc - place.at_utc <= FRESH


def _where(asking: Asking, place: Reading) -> Reply:
    pages = len(asking.guide.text(asking.words.code, place.step).pages)
    text = asking.line("sms-more-where", step=int(place.step), page=place.page + 1, pages=pages)
    return Reply((text,), (SetReading(replace(place, at_utc=None)),))
